package emulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/webhook"

	"boutique/payments/stripe/emulator"
	"boutique/payments/stripe/schema"
)

const secret = "whsec_0123456789abcdef0123456789abcdef"

// testClock is a clock that stands still until it is moved.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock { return &testClock{now: time.Now().Truncate(time.Second)} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// shop is one emulator with a client that checks every answer and an endpoint that hears every event.
type shop struct {
	*emulator.Server
	t     *testing.T
	clock *testClock
	url   string
	// key is the account's secret key; one of the emulator's own when it is empty.
	key  string
	api  *client.API
	hook *hook
}

func open(t *testing.T, change func(*emulator.Config)) *shop {
	t.Helper()
	s := &shop{t: t, clock: newClock(), hook: newHook(t)}
	c := emulator.Config{Clock: s.clock.Now, Seed: 7, WebhookURL: s.hook.url, WebhookSecret: secret, Control: true, RedirectWait: 5 * time.Second}
	if change != nil {
		change(&c)
	}
	server, err := emulator.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	s.Server = server
	front := httptest.NewServer(server.Handler())
	t.Cleanup(front.Close)
	s.url = front.URL
	s.api = newClient(t, s.url, "sk_test_1")
	return s
}

// spec is the published description.
func (s *shop) spec() *schema.Spec {
	s.t.Helper()
	spec, err := schema.Load()
	if err != nil {
		s.t.Fatal(err)
	}
	return spec
}

// newClient is stripe-go, as a shop uses it, with every answer checked against the description.
func newClient(t *testing.T, base, key string) *client.API {
	t.Helper()
	spec, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	return clientOver(&checked{t: t, spec: spec}, base, key)
}

func clientOver(transport http.RoundTripper, base, key string) *client.API {
	hc := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	backend := func(kind stripe.SupportedBackend) stripe.Backend {
		return stripe.GetBackendWithConfig(kind, &stripe.BackendConfig{
			URL: stripe.String(base), HTTPClient: hc, EnableTelemetry: stripe.Bool(false), MaxNetworkRetries: stripe.Int64(0),
			LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
		})
	}
	return client.New(key, &stripe.Backends{API: backend(stripe.APIBackend), Connect: backend(stripe.ConnectBackend), Uploads: backend(stripe.UploadsBackend)})
}

// checked holds every answer to the published description. Where it grows, a field that the description does
// not know yet is noted and no failure.
type checked struct {
	t     *testing.T
	spec  *schema.Spec
	grows bool
}

func (c *checked) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if o, ok := c.spec.Match(r.Method, r.URL.Path); ok && resp.Header.Get("Content-Type") == "application/json" {
		for _, problem := range c.spec.Answer(o, resp.StatusCode, body) {
			if c.grows && strings.HasSuffix(problem, ": unknown key") {
				c.t.Logf("%s %s has grown: %s", r.Method, r.URL.Path, problem)
				continue
			}
			c.t.Errorf("%s %s answered %d: %s", r.Method, r.URL.Path, resp.StatusCode, problem)
		}
	}
	return resp, nil
}

// hook is the shop's webhook address.
type hook struct {
	url    string
	mu     sync.Mutex
	status int
	events []stripe.Event
	bodies [][]byte
	bad    []error
	more   chan struct{}
	before func()
}

func newHook(t *testing.T) *hook {
	h := &hook{status: 200, more: make(chan struct{}, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		before := h.before
		h.mu.Unlock()
		if before != nil {
			before()
		}
		event, err := webhook.ConstructEventWithOptions(body, r.Header.Get("Stripe-Signature"), secret, webhook.ConstructEventOptions{Tolerance: time.Hour})
		h.mu.Lock()
		status := h.status
		if err != nil {
			h.bad = append(h.bad, err)
			status = 400
		} else {
			h.events = append(h.events, event)
			h.bodies = append(h.bodies, body)
		}
		h.mu.Unlock()
		w.WriteHeader(status)
		h.more <- struct{}{}
	}))
	t.Cleanup(server.Close)
	h.url = server.URL + "/webhooks/stripe"
	return h
}

func (h *hook) answer(status int) {
	h.mu.Lock()
	h.status = status
	h.mu.Unlock()
}

// types lists what was heard, in the order of arrival.
func (h *hook) types() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []string
	for _, e := range h.events {
		list = append(list, string(e.Type))
	}
	return list
}

// wait returns once so many offers were made.
func (h *hook) wait(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-h.more:
		case <-time.After(10 * time.Second):
			t.Fatalf("no more webhooks after %v", h.types())
		}
	}
}

// order is what a shop asks for: two lines and delivery, 42.50 € in all.
func order() *stripe.CheckoutSessionParams {
	line := func(name string, amount int64) *stripe.CheckoutSessionLineItemParams {
		return &stripe.CheckoutSessionLineItemParams{Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency: stripe.String("eur"), UnitAmount: stripe.Int64(amount), ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(name)},
		}}
	}
	p := &stripe.CheckoutSessionParams{
		Mode: stripe.String("payment"), SuccessURL: stripe.String("http://shop.test/fr/orders/B-1?key=k&session={CHECKOUT_SESSION_ID}"), CancelURL: stripe.String("http://shop.test/fr/orders/B-1?key=k"),
		ClientReferenceID: stripe.String("order-1"), CustomerEmail: stripe.String("ana@example.fr"), Locale: stripe.String("fr"),
		LineItems: []*stripe.CheckoutSessionLineItemParams{line("2 × Mug Gayant", 2400), line("Guide des beffrois", 1200)},
		ShippingOptions: []*stripe.CheckoutSessionShippingOptionParams{{ShippingRateData: &stripe.CheckoutSessionShippingOptionShippingRateDataParams{
			Type: stripe.String("fixed_amount"), DisplayName: stripe.String("Colissimo"),
			FixedAmount: &stripe.CheckoutSessionShippingOptionShippingRateDataFixedAmountParams{Amount: stripe.Int64(650), Currency: stripe.String("eur")},
		}}},
		PaymentMethodTypes: stripe.StringSlice([]string{"card", "bancontact", "ideal"}),
		PaymentIntentData:  &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: map[string]string{"order_id": "order-1"}},
	}
	p.AddMetadata("order_id", "order-1")
	return p
}

// session opens a session as order() describes it.
func (s *shop) session(change func(*stripe.CheckoutSessionParams)) *stripe.CheckoutSession {
	s.t.Helper()
	p := order()
	if change != nil {
		change(p)
	}
	made, err := s.api.CheckoutSessions.New(p)
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// fetch reads a session with everything that a shop looks at.
func (s *shop) fetch(id string) *stripe.CheckoutSession {
	s.t.Helper()
	p := &stripe.CheckoutSessionParams{}
	p.AddExpand("payment_intent.latest_charge.balance_transaction")
	got, err := s.api.CheckoutSessions.Get(id, p)
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// answer is what a browser without scripts sees.
type answer struct {
	status   int
	location string
	body     string
}

func browse(t *testing.T, method, address string, form url.Values) answer {
	t.Helper()
	hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 30 * time.Second}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := hc.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header.Get("Location"), string(body)}
}

func card(number string) url.Values {
	return url.Values{"card_number": {number}, "exp": {"12/34"}, "cvc": {"123"}, "name": {"Ana Martin"}}
}

// control gives the emulator an order.
func (s *shop) control(method, path, body string) map[string]any {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != 200 {
		s.t.Fatalf("%s %s: %d %v %v", method, path, resp.StatusCode, out, err)
	}
	return out
}
