package stripe_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"boutique/internal/fault"
	"boutique/payments"
)

func TestAStripeThatIsAwayGivesTheStockBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(4250)
	w.down()
	p, err := w.s.Start(t.Context(), p.ID)
	if !fault.Is(err, "payment_unavailable") || p.State != payments.Failed {
		t.Errorf("state %s, error %v", p.State, err)
	}
	w.told("failed")
}

func TestALostAnswerKeepsTheHoldAndFindsTheSamePageLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(4250)
	w.loseAnswers("/v1/checkout/sessions")
	got, err := w.s.Start(t.Context(), p.ID)
	if !fault.Is(err, "payment_unknown") || got.State != payments.Creating {
		t.Fatalf("state %s, error %v", got.State, err)
	}
	w.told()
	w.noFaults()
	if p = w.reconcile(p); p.State != payments.Open {
		t.Errorf("state %s", p.State)
	}
	if n := w.sessions(); n != 1 {
		t.Errorf("%d sessions at Stripe", n)
	}
}

func TestAStormAfterALostAnswerKeepsTheHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(4250)
	w.loseAnswers("/v1/checkout/sessions")
	if _, err := w.s.Start(t.Context(), p.ID); err == nil {
		t.Fatal("no error")
	}
	w.noFaults()
	w.fault("/v1/checkout/sessions", "429", 1)
	got, err := w.s.Start(t.Context(), p.ID)
	if !fault.Is(err, "payment_unknown") || got.State != payments.Creating {
		t.Errorf("state %s, error %v", got.State, err)
	}
	w.told()
	if p = w.reconcile(p); p.State != payments.Open || w.sessions() != 1 {
		t.Errorf("state %s, %d sessions at Stripe", p.State, w.sessions())
	}
}

func TestAHangingStripeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(4250)
	w.fault("/v1/checkout/sessions", "hang", 1)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	got, err := w.s.Start(ctx, p.ID)
	if !fault.Is(err, "payment_unknown") || got.State != payments.Creating {
		t.Errorf("state %s, error %v", got.State, err)
	}
	w.told()
}

// The answer was lost and its key answers an error for good: an event about the page tells where it is.
func TestAnEventNamesThePageWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	for ended, want := range map[bool]string{false: payments.Open, true: payments.Expired} {
		w := newWorld(t)
		p := w.open(4250)
		w.fault("/v1/checkout/sessions", "500_after", 1)
		if _, err := w.s.Start(t.Context(), p.ID); !fault.Is(err, "payment_unknown") {
			t.Fatalf("error = %v", err)
		}
		p.SessionID = w.newestSession()
		if ended {
			w.call(http.MethodPost, "/v1/checkout/sessions/"+p.SessionID+"/expire", nil)
		}
		if code := w.post(w.event(p, "checkout.session.expired", time.Now())); code != http.StatusOK {
			t.Fatalf("status %d", code)
		}
		if err := w.s.ApplyEvent(t.Context(), "evt_shop"); err != nil {
			t.Fatal(err)
		}
		got := w.read(p)
		if got.State != want || got.SessionID != p.SessionID || (got.SessionURL == "") != ended || w.sessions() != 1 {
			t.Errorf("ended %v: state %s, page %q, %d sessions at Stripe", ended, got.State, got.SessionURL, w.sessions())
		}
	}
}

func TestAKeptErrorEndsWithThePagesTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(4250)
	w.fault("/v1/checkout/sessions", "500_after", 1)
	if _, err := w.s.Start(t.Context(), p.ID); !fault.Is(err, "payment_unknown") {
		t.Fatalf("error = %v", err)
	}
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatalf("nothing is due yet: %v", err)
	}
	w.later(p, "38 minutes")
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p = w.read(p); p.State != payments.Failed {
		t.Errorf("state %s", p.State)
	}
	w.told("failed")
}

func TestAnAttemptOlderThanItsKeyIsGivenUpWithoutACall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(4250)
	w.later(p, "24 hours")
	if got := w.reconcile(p); got.State != payments.Failed {
		t.Errorf("state %s", got.State)
	}
	if n := w.sessions(); n != 0 {
		t.Errorf("%d sessions at Stripe", n)
	}
	w.told("failed")
}

func TestWhatAnAccountRefusesIsLeftOutAsANewAttempt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		refuses  func(url.Values) string
		attempts int
		methods  string
		email    string
	}{
		{"a method that is not active", func(f url.Values) string {
			if f.Has("payment_method_types[1]") {
				return "payment_method_types"
			}
			return ""
		}, 2, "card", "ana@example.fr"},
		{"an address", func(f url.Values) string {
			if f.Has("customer_email") {
				return "customer_email"
			}
			return ""
		}, 2, "card bancontact ideal", ""},
		{"both", func(f url.Values) string {
			if f.Has("customer_email") {
				return "customer_email"
			}
			if f.Has("payment_method_types[1]") {
				return "payment_method_types"
			}
			return ""
		}, 3, "card", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldBehind(t, refusing(c.refuses))
			first := w.open(4250)
			p := w.start(first)
			if p.ID == first.ID || p.State != payments.Open || p.N != c.attempts {
				t.Errorf("attempt %d is %s", p.N, p.State)
			}
			if got := strings.Join(p.Request.Methods, " "); got != c.methods || p.Request.Email != c.email {
				t.Errorf("asked for %q, %q", got, p.Request.Email)
			}
			if first = w.read(first); first.State != payments.Failed {
				t.Errorf("the first attempt is %s", first.State)
			}
			w.pay(p)
			w.reconcile(p)
			w.told("captured", "balance charge 4250 89 4161")
		})
	}
}

func TestARefusalWithoutARemedyGivesTheStockBack(t *testing.T) {
	t.Parallel()
	w := newWorldBehind(t, refusing(func(url.Values) string { return "success_url" }))
	p, err := w.s.Start(t.Context(), w.open(4250).ID)
	if !fault.Is(err, "payment_unavailable") || p.State != payments.Failed {
		t.Errorf("state %s, error %v", p.State, err)
	}
	w.told("failed")
}

// refusing is an account that refuses sessions: the answer names the wrong parameter.
func refusing(refuses func(url.Values) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.URL.Path == "/v1/checkout/sessions" {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				form, _ := url.ParseQuery(string(body))
				if param := refuses(form); param != "" {
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprintf(w, `{"error":{"type":"invalid_request_error","param":%q,"message":"no"}}`, param)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

func TestAPageOfAnotherAmountIsEnded(t *testing.T) {
	t.Parallel()
	w := newWorldBehind(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.URL.Path == "/v1/checkout/sessions" {
				body, _ := io.ReadAll(r.Body)
				less := strings.Replace(string(body), "=425", "=325", 1)
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(less)), int64(len(less))
			}
			next.ServeHTTP(w, r)
		})
	})
	p, err := w.s.Start(t.Context(), w.open(4250).ID)
	if !fault.Is(err, "payment_unavailable") || p.State != payments.Failed {
		t.Errorf("state %s, error %v", p.State, err)
	}
	if status, _ := w.page(payments.Payment{SessionID: w.newestSession()}); status != "expired" {
		t.Errorf("the page is %s", status)
	}
	w.told("failed")
}
