package emulator_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

func sessionID(a rawAnswer) string {
	var s struct{ ID string }
	_ = json.Unmarshal([]byte(a.body), &s)
	return s.ID
}

func TestARepeatedKeyIsAnsweredAsTheFirstTime(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	first := s.raw(raw{path: sessions, form: wanted("expires_at=" + in(s, 31*time.Minute)), idem: "k"})
	s.clock.add(5 * time.Minute) // the same expires_at would be refused by now
	again := s.raw(raw{path: sessions, form: wanted("expires_at=" + in(s, 26*time.Minute)), idem: "k"})
	if first.status != 200 || again.status != 200 || again.body != first.body {
		t.Errorf("first %d, then %d %s", first.status, again.status, again.body)
	}
	if again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" || again.header.Get("Original-Request") != first.header.Get("Request-Id") || again.header.Get("Idempotency-Key") != "k" {
		t.Errorf("headers = %v", again.header)
	}
	s.clock.add(25 * time.Hour)
	if later := s.raw(raw{path: sessions, form: wanted(), idem: "k"}); later.status != 200 || sessionID(later) == sessionID(first) {
		t.Errorf("a day later the key is answered %d %s", later.status, later.body)
	}
}

func in(s *shop, d time.Duration) string {
	b, _ := json.Marshal(s.clock.Now().Add(d).Unix())
	return string(b)
}

func TestOnlyWhatBeganIsKeptUnderAKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, fault   string
		first, second int
		replayed      bool
		made          float64
	}{
		{"a broken call that did everything", "500_after", 500, 500, true, 1},
		{"a broken call that did nothing", "500_rolled_back", 500, 500, true, 0},
		{"a break before the call", "500_before", 500, 200, false, 1},
		{"too many calls", "429", 429, 200, false, 1},
		{"a locked object", "lock_timeout", 429, 200, false, 1},
		{"a gateway's page", "html_502", 502, 200, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, nil)
			s.fault(c.fault)
			first := s.raw(raw{path: sessions, form: wanted(), idem: "k"})
			second := s.raw(raw{path: sessions, form: wanted(), idem: "k"})
			if first.status != c.first || second.status != c.second || (second.header.Get("Idempotent-Replayed") == "true") != c.replayed {
				t.Errorf("first %d, then %d (replayed: %s)", first.status, second.status, second.header.Get("Idempotent-Replayed"))
			}
			var made struct{ Data []any }
			if err := json.Unmarshal([]byte(s.raw(raw{method: "GET", path: sessions}).body), &made); err != nil || float64(len(made.Data)) != c.made {
				t.Errorf("%d sessions, want %v (%v)", len(made.Data), c.made, err)
			}
		})
	}
}

func TestARefusalBeforeTheCallBeganIsNotKept(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	bad := wanted("customer_email=ana@")
	for range 2 {
		if a := s.raw(raw{path: sessions, form: bad, idem: "k"}); a.status != 400 || a.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("answer %d, replayed %q", a.status, a.header.Get("Idempotent-Replayed"))
		}
	}
	if a := s.raw(raw{path: sessions, form: wanted(), idem: "k"}); a.status != 200 {
		t.Errorf("the key of a refused call is answered %d %s", a.status, a.body)
	}
	pi, _ := s.paid("4242424242424242")
	for i := range 2 {
		a := s.raw(raw{path: "/v1/refunds", form: "amount=9999&payment_intent=" + pi, idem: "refund"})
		if a.status != 400 || (a.header.Get("Idempotent-Replayed") == "true") != (i == 1) {
			t.Errorf("try %d: answer %d, replayed %q", i, a.status, a.header.Get("Idempotent-Replayed"))
		}
	}
}

func TestALostAnswerIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.control("POST", "/_emu/fault", `{"kind":"cut_after","path":"/v1/checkout","times":2}`)
	if _, err := s.api.CheckoutSessions.New(withKey(order(), "co-1")); err == nil {
		t.Fatal("the answer was not lost")
	}
	got, err := s.api.CheckoutSessions.New(withKey(order(), "co-1"))
	if err != nil {
		got, err = s.api.CheckoutSessions.New(withKey(order(), "co-1"))
	}
	if err != nil || got.ID == "" {
		t.Fatal(err)
	}
	var made struct{ Data []any }
	if err := json.Unmarshal([]byte(s.raw(raw{method: "GET", path: sessions}).body), &made); err != nil || len(made.Data) != 1 {
		t.Errorf("%d sessions (%v)", len(made.Data), err)
	}
}

func withKey(p *stripe.CheckoutSessionParams, key string) *stripe.CheckoutSessionParams {
	p.SetIdempotencyKey(key)
	return p
}

func TestAKeyInUseIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.control("POST", "/_emu/fault", `{"kind":"hang","path":"/v1/checkout","seconds":1,"times":1}`)
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 5 {
		wg.Go(func() {
			a := s.raw(raw{path: sessions, form: wanted(), idem: "k"})
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
			if a.status == 409 && a.err.Code != "idempotency_key_in_use" {
				t.Errorf("conflict = %s", a.body)
			}
		})
	}
	wg.Wait()
	if statuses[200] < 1 || statuses[409] < 1 || statuses[200]+statuses[409] != 5 {
		t.Errorf("answers = %v", statuses)
	}
}

func TestManyCallsWithOneKeyMakeOneSession(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for range 50 {
		wg.Go(func() {
			if a := s.raw(raw{path: sessions, form: wanted(), idem: "k"}); a.status == 200 {
				mu.Lock()
				ids[sessionID(a)] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 {
		t.Errorf("sessions = %v", ids)
	}
}
