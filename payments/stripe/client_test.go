package stripe

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"boutique/internal/clock"
	"boutique/internal/money"
	"boutique/payments"
)

var quiet = slog.New(slog.DiscardHandler)

func TestWrongKeysAndSecretsStopTheStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config Config
		says   string
	}{
		{"test keys", Config{SecretKey: "sk_test_1", WebhookSecrets: []string{secret}}, ""},
		{"test keys elsewhere", Config{SecretKey: "sk_test_1", WebhookSecrets: []string{secret}, APIURL: "http://127.0.0.1:1/"}, ""},
		{"live keys", Config{SecretKey: "sk_live_1", WebhookSecrets: []string{secret}}, ""},
		{"no key", Config{WebhookSecrets: []string{secret}}, "sk_test_"},
		{"a publishable key", Config{SecretKey: "pk_test_1", WebhookSecrets: []string{secret}}, "sk_test_"},
		{"no webhook secret", Config{SecretKey: "sk_test_1"}, "webhook secret"},
		{"an empty webhook secret", Config{SecretKey: "sk_test_1", WebhookSecrets: []string{""}}, "whsec_"},
		{"a short webhook secret", Config{SecretKey: "sk_test_1", WebhookSecrets: []string{"whsec_short"}}, "whsec_"},
		{"live keys elsewhere", Config{SecretKey: "sk_live_1", WebhookSecrets: []string{secret}, APIURL: "http://127.0.0.1:1"}, "Stripe's own server"},
		{"no address", Config{SecretKey: "sk_test_1", WebhookSecrets: []string{secret}, APIURL: "localhost"}, "API URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(c.config)
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("error = %v, want one about %q", err, c.says)
			}
		})
	}
}

func order() payments.Payment {
	return payments.Payment{
		ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"), OrderID: uuid.MustParse("22222222-2222-4222-8222-222222222222"),
		Amount: 4250, Request: payments.Request{
			OrderNumber: "B-1", Lang: "fr", Email: " ana@example.fr ", ExpiresAt: time.Unix(1_800_000_000, 0),
			Lines:      []payments.RequestLine{{Name: "2 × Mug Gayant", Amount: 2400}, {Name: "", Amount: 1200}},
			Shipping:   &payments.RequestLine{Name: "Colissimo", Amount: 650},
			SuccessURL: "http://shop/fr/orders/B-1?key=k&session={CHECKOUT_SESSION_ID}", CancelURL: "http://shop/fr/orders/B-1?key=k",
			Methods: []string{"card", "bancontact", "ideal"},
		},
	}
}

func TestASessionIsAskedForWithWhatIsStoredAndNothingElse(t *testing.T) {
	t.Parallel()
	var got url.Values
	var header http.Header
	var path string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, _ = url.ParseQuery(string(body))
		header, path = r.Header, r.Method+" "+r.URL.Path
		_, _ = io.WriteString(w, `{"id":"cs_1","object":"checkout.session","status":"open","payment_status":"unpaid","amount_total":4250,"currency":"eur","url":"http://pay/c#f","mode":"payment","livemode":false,"expires_at":1800000000}`)
	}))
	defer api.Close()
	s, err := testGateway(t, api.URL).CreateSession(t.Context(), "co-1", order())
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != "cs_1" || s.URL != "http://pay/c#f" || s.Amount != 4250 || s.Currency != money.Currency || s.Status != payments.SessionOpen {
		t.Errorf("session = %+v", s)
	}
	want := map[string]string{
		"mode": "payment", "locale": "fr", "expires_at": "1800000000",
		"success_url":                               "http://shop/fr/orders/B-1?key=k&session={CHECKOUT_SESSION_ID}",
		"cancel_url":                                "http://shop/fr/orders/B-1?key=k",
		"client_reference_id":                       "22222222-2222-4222-8222-222222222222",
		"metadata[order_id]":                        "22222222-2222-4222-8222-222222222222",
		"metadata[payment_id]":                      "11111111-1111-4111-8111-111111111111",
		"payment_intent_data[metadata][order_id]":   "22222222-2222-4222-8222-222222222222",
		"payment_intent_data[metadata][payment_id]": "11111111-1111-4111-8111-111111111111",
		"customer_email":                            "ana@example.fr",
		"line_items[0][quantity]":                   "1", "line_items[0][price_data][currency]": "eur", "line_items[0][price_data][unit_amount]": "2400",
		"line_items[0][price_data][product_data][name]": "2 × Mug Gayant",
		"line_items[1][quantity]":                       "1", "line_items[1][price_data][currency]": "eur", "line_items[1][price_data][unit_amount]": "1200",
		"line_items[1][price_data][product_data][name]":                 "B-1",
		"shipping_options[0][shipping_rate_data][type]":                 "fixed_amount",
		"shipping_options[0][shipping_rate_data][display_name]":         "Colissimo",
		"shipping_options[0][shipping_rate_data][fixed_amount][amount]": "650", "shipping_options[0][shipping_rate_data][fixed_amount][currency]": "eur",
		"payment_method_types[0]": "card", "payment_method_types[1]": "bancontact", "payment_method_types[2]": "ideal",
	}
	for k, v := range want {
		if got.Get(k) != v {
			t.Errorf("%s = %q, want %q", k, got.Get(k), v)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("%s = %q is sent and should not be", k, got.Get(k))
		}
	}
	if path != "POST /v1/checkout/sessions" || header.Get("Idempotency-Key") != "co-1" || header.Get("Stripe-Version") != "2023-10-16" {
		t.Errorf("%s with key %q and version %q", path, header.Get("Idempotency-Key"), header.Get("Stripe-Version"))
	}
	if h := header.Get("X-Stripe-Client-User-Agent") + header.Get("X-Stripe-Client-Telemetry"); h != "" {
		t.Errorf("the request describes this machine: %s", h)
	}
}

func TestAddressesThatStripeWouldRefuseAreLeftOut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ana@example.fr": "ana@example.fr", " ana@example.fr\n": "ana@example.fr", "ana@localhost": "", "ana": "", "": "",
		"Ana <ana@example.fr>": "", "ana@example.fr, bob@example.fr": "", strings.Repeat("a", 250) + "@example.fr": "",
	} {
		if got, _ := address(in); want == "" && sendable(in) || want != "" && got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}

func sendable(s string) bool { _, ok := address(s); return ok }

func TestWhatAFailedCallHasDone(t *testing.T) {
	t.Parallel()
	refused := func(err error) bool { var r *payments.Refusal; return errors.As(err, &r) }
	// What was not made for a reason that is not the request's is no refusal: it is asked for again.
	notMade := func(err error) bool { var n *payments.NotMade; return errors.As(err, &n) && !refused(err) }
	unknown := func(err error) bool { var u *payments.UnknownOutcome; return errors.As(err, &u) && !u.Stored }
	stored := func(err error) bool { var u *payments.UnknownOutcome; return errors.As(err, &u) && u.Stored }
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Request-Id", "req_1")
			w.Header().Set("Stripe-Should-Retry", "false")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	cut := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		is     func(error) bool
	}{
		{"a wrong parameter", answer(400, `{"error":{"type":"invalid_request_error","param":"customer_email","code":"email_invalid","message":"Invalid email address: ana@example.fr"}}`), refused},
		{"a key used for something else", answer(400, `{"error":{"type":"idempotency_error","message":"Keys for…"}}`), unknown},
		{"a wrong key", answer(401, `{"error":{"type":"invalid_request_error","message":"Invalid API Key"}}`), notMade},
		{"too many calls, by its other name", answer(429, `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"slow down"}}`), notMade},
		{"too many calls", answer(429, `{"error":{"type":"rate_limit_error","code":"rate_limit","message":"slow down"}}`), notMade},
		{"the first call still runs", answer(409, `{"error":{"type":"invalid_request_error","code":"idempotency_key_in_use","message":"…"}}`), unknown},
		{"an error that is kept", answer(500, `{"error":{"type":"api_error","message":"…"}}`), stored},
		{"a gateway's page", answer(502, `<html>ana@example.fr</html>`), unknown},
		{"an answer that is none", answer(200, `<html>ana@example.fr</html>`), unknown},
		{"a lost answer", cut, unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api := httptest.NewServer(c.answer)
			defer api.Close()
			var log lockedBuffer
			g, err := New(Config{
				SecretKey: "sk_test_1", WebhookSecrets: []string{secret}, APIURL: api.URL, Clock: clock.System{},
				Logger: slog.New(slog.NewTextHandler(&log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.CreateSession(t.Context(), "co-1", order())
			if !c.is(err) {
				t.Errorf("error = %T %v", err, err)
			}
			if s := log.String() + err.Error(); strings.Contains(s, "ana@") || strings.Contains(s, "<html>") {
				t.Errorf("personal data or a body is told: %s", s)
			}
		})
	}
}

func TestAStripeThatIsAwayHasMadeNothing(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	_, err = testGateway(t, "http://"+l.Addr().String()).CreateSession(t.Context(), "co-1", order())
	if n := (*payments.NotMade)(nil); !errors.As(err, &n) {
		t.Errorf("error = %T %v, want NotMade", err, err)
	}
}

func TestASessionThatIsNotOpenAnyMoreIsAnAnswer(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"error":{"type":"invalid_request_error","message":"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `+"`complete`"+`."}}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"cs_1","object":"checkout.session","status":"complete","payment_status":"paid","amount_total":4250,"currency":"eur","mode":"payment",
			"payment_intent":{"id":"pi_1","object":"payment_intent","status":"succeeded","amount_received":4250,"currency":"eur","latest_charge":{"id":"ch_1","object":"charge","payment_method_details":{"type":"card"},
			"balance_transaction":{"id":"txn_1","object":"balance_transaction","amount":4250,"fee":89,"net":4161,"currency":"eur","created":1800000000,"reporting_category":"charge"}}}}`)
	}))
	defer api.Close()
	s, err := testGateway(t, api.URL).ExpireSession(t.Context(), "cs_1")
	if err != nil {
		t.Fatal(err)
	}
	if s.Status != payments.SessionComplete || s.Intent.ChargeID != "ch_1" || s.Intent.Method != "card" || s.Intent.Balance.Fee != 89 || s.Intent.Balance.Net != 4161 {
		t.Errorf("session = %+v, intent = %+v", s, s.Intent)
	}
}

func TestCallsAreLimited(t *testing.T) {
	t.Parallel()
	var now, most, total atomic.Int64
	release := make(chan struct{})
	tr := newTransport(roundTrip(func(*http.Request) (*http.Response, error) {
		total.Add(1)
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-release
		now.Add(-1)
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(""))}, nil
	}))
	var wg sync.WaitGroup
	start := time.Now()
	for range 3 * inFlight {
		wg.Go(func() {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://stripe", nil)
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		})
	}
	close(release)
	wg.Wait()
	if most.Load() > inFlight || total.Load() != 3*inFlight {
		t.Errorf("%d calls, %d of them at once", total.Load(), most.Load())
	}
	if took := time.Since(start); took < time.Second {
		t.Errorf("%d calls took %s: more than %d in a second", total.Load(), took, perSecond)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
