package stripe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stripe/stripe-go/v76/webhook"

	"boutique/internal/clock"
	"boutique/internal/invariant"
	"boutique/internal/jobs"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/payments"
	"boutique/payments/stripe"
	"boutique/payments/stripe/emulator"
	"boutique/payments/stripe/mocktest"
)

// mock is the official mock, one process for all tests of this package.
var mock *mocktest.Mock

func TestMain(m *testing.M) {
	all := &allTests{}
	mock = mocktest.Start(all)
	code := m.Run()
	for _, cleanup := range slices.Backward(all.cleanups) {
		cleanup()
	}
	os.Exit(code)
}

// allTests lets the mock live as long as all tests together.
type allTests struct {
	testing.TB
	cleanups []func()
}

func (a *allTests) Helper() {}

func (a *allTests) Cleanup(f func()) { a.cleanups = append(a.cleanups, f) }

func (a *allTests) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func (a *allTests) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

const endpointSecret = "whsec_0123456789abcdef0123"

// world is payments with a real database, a whole Stripe over HTTP, and a settler that remembers.
type world struct {
	t       *testing.T
	pool    *pgxpool.Pool
	emu     *emulator.Server
	s       *payments.Service
	settler *settler
	hook    http.Handler
	front   *httptest.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldBehind(t, straight)
}

func straight(next http.Handler) http.Handler { return next }

// newWorldBehind lets the test stand between the shop and Stripe.
func newWorldBehind(t *testing.T, between func(http.Handler) http.Handler, methods ...string) *world {
	t.Helper()
	emu, err := emulator.New(emulator.Config{Control: true, RedirectWait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := emu.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err := emu.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, pool: pgtest.DB(t), emu: emu, settler: &settler{}}
	// Every request of the shop goes past the official mock, which judges its shape, and every answer
	// of the emulator past the published description.
	behind, err := url.Parse(mock.Tee(t, w.emu.URL()))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	w.front = httptest.NewServer(between(proxy))
	t.Cleanup(w.front.Close)
	g, err := stripe.New(stripe.Config{
		SecretKey: "sk_test_shop", WebhookSecrets: []string{endpointSecret}, APIURL: w.front.URL, Methods: methods,
		Clock: clock.System{}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.New(w.pool, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.s = &payments.Service{Pool: w.pool, Jobs: queue, Gateway: g, Settler: w.settler, Logger: slog.New(slog.DiscardHandler)}
	w.hook = payments.WebhookHandler(w.s)
	return w
}

func (w *world) tryOpen(order uuid.UUID, amount money.Amount) (p payments.Payment, err error) {
	err = pg.InTx(w.t.Context(), w.pool, func(tx pgx.Tx) error {
		if err := w.settler.Lock(w.t.Context(), tx, order); err != nil {
			return err
		}
		p, err = payments.OpenPayment(w.t.Context(), tx, payments.New{OrderID: order, Amount: amount, Request: payments.Request{
			OrderNumber: "B-1", Lang: "fr", Email: "ana@example.fr",
			Lines:      []payments.RequestLine{{Name: "2 × Mug Gayant", Amount: amount - amount/10}},
			Shipping:   &payments.RequestLine{Name: "Colissimo", Amount: amount / 10},
			SuccessURL: "http://127.0.0.1:1/fr/orders/B-1?key=k&session={CHECKOUT_SESSION_ID}", CancelURL: "http://127.0.0.1:1/fr/orders/B-1?key=k",
		}})
		return err
	})
	return p, err
}

func (w *world) open(amount money.Amount) payments.Payment {
	w.t.Helper()
	return w.must(w.tryOpen(uuid.New(), amount))
}

func (w *world) start(p payments.Payment) payments.Payment {
	w.t.Helper()
	return w.must(w.s.Start(w.t.Context(), p.ID))
}

func (w *world) reconcile(p payments.Payment) payments.Payment {
	w.t.Helper()
	return w.must(w.s.Reconcile(w.t.Context(), p.ID))
}

func (w *world) read(p payments.Payment) payments.Payment {
	w.t.Helper()
	return w.must(payments.ByID(w.t.Context(), w.pool, p.ID))
}

func (w *world) captured(amount money.Amount) payments.Payment {
	w.t.Helper()
	p := w.start(w.open(amount))
	w.pay(p)
	return w.reconcile(p)
}

func (w *world) must(p payments.Payment, err error) payments.Payment {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) refund(p payments.Payment, amount money.Amount, key string) (r payments.Refund, err error) {
	err = pg.InTx(w.t.Context(), w.pool, func(tx pgx.Tx) error {
		if err := w.settler.Lock(w.t.Context(), tx, p.OrderID); err != nil {
			return err
		}
		r, err = w.s.RequestRefund(w.t.Context(), tx, p, payments.RefundNew{Amount: amount, Reason: "return", Key: key, Actor: "staff:eve@office.example"})
		return err
	})
	return r, err
}

func (w *world) refunds(p payments.Payment) []payments.Refund {
	w.t.Helper()
	list, err := payments.RefundsOf(w.t.Context(), w.pool, p.OrderID)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// later lets time pass for one attempt, by the database's clock.
func (w *world) later(p payments.Payment, interval string) {
	w.t.Helper()
	w.exec(`update payment set created_at = created_at - $2::text::interval, expires_at = expires_at - $2::text::interval where id = $1`, p.ID, interval)
}

func (w *world) exec(statement string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), statement, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) count(statement string) (n int) {
	w.t.Helper()
	if err := w.pool.QueryRow(w.t.Context(), statement).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// work does every waiting job once, as the queue would.
func (w *world) work() {
	w.t.Helper()
	rows, err := w.pool.Query(w.t.Context(), `select args->>'event_id' from river_job where kind = 'payments_event' order by id`)
	if err != nil {
		w.t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.t.Fatal(err)
	}
	for _, id := range ids {
		if err := w.s.ApplyEvent(w.t.Context(), id); err != nil {
			w.t.Error(err)
		}
	}
}

// event is a signed webhook about the attempt's session.
func (w *world) event(p payments.Payment, kind string, at time.Time) (body, header string) {
	body = fmt.Sprintf(`{"id":"evt_shop","object":"event","type":%q,"api_version":"2023-10-16","created":%d,"livemode":false,"data":{"object":{"id":%q,"object":"checkout.session"}}}`,
		kind, at.Unix(), p.SessionID)
	return body, w.sign(body, at)
}

// refundEvent is a signed webhook about a refund of the intent.
func (w *world) refundEvent(intent string) (body, header string) {
	now := time.Now()
	body = fmt.Sprintf(`{"id":"evt_refund","object":"event","type":"charge.refunded","api_version":"2019-01-01","created":%d,"livemode":false,"data":{"object":{"id":"ch_1","object":"charge","payment_intent":%q}}}`,
		now.Unix(), intent)
	return body, w.sign(body, now)
}

func (w *world) sign(body string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: endpointSecret, Timestamp: at}).Header
}

func (w *world) post(body, header string) int {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/stripe", strings.NewReader(body))
	r.Header.Set("Stripe-Signature", header)
	rec := httptest.NewRecorder()
	w.hook.ServeHTTP(rec, r)
	return rec.Code
}

// told checks what the settler has been told, in order, and what must always be true.
func (w *world) told(want ...string) {
	w.t.Helper()
	results, err := invariant.Check(w.t.Context(), w.pool, payments.Invariants())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range results {
		// Tests turn time back, so that attempts are overdue before anybody could know.
		if !r.Holds() && r.Name != "payments_overdue" {
			w.t.Errorf("%s: %q", r.Sentence, r.Broken)
		}
	}
	w.settler.mu.Lock()
	defer w.settler.mu.Unlock()
	if !slices.Equal(w.settler.calls, want) {
		w.t.Errorf("the settler was told %q, want %q", w.settler.calls, want)
	}
}

// settler is a shop reduced to an order's lock and a memory.
type settler struct {
	unwanted string
	broken   bool
	mu       sync.Mutex
	calls    []string
}

func (s *settler) Lock(ctx context.Context, tx pgx.Tx, order uuid.UUID) error {
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext($1::text))`, order.String())
	return err
}

func (s *settler) hear(format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return errors.New("the shop is broken")
	}
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
	return nil
}

func (s *settler) Processing(context.Context, pgx.Tx, payments.Payment) error {
	return s.hear("processing")
}

func (s *settler) Captured(context.Context, pgx.Tx, payments.Payment) (string, error) {
	return s.unwanted, s.hear("captured")
}

func (s *settler) Failed(context.Context, pgx.Tx, payments.Payment) error { return s.hear("failed") }

func (s *settler) Expired(context.Context, pgx.Tx, payments.Payment) error { return s.hear("expired") }

func (s *settler) Refunded(_ context.Context, _ pgx.Tx, _ payments.Payment, r payments.Refund) error {
	return s.hear("refunded %d", r.Amount)
}

func (s *settler) RefundFailed(_ context.Context, _ pgx.Tx, _ payments.Payment, r payments.Refund) error {
	return s.hear("refund failed %d", r.Amount)
}

func (s *settler) BalanceChanged(_ context.Context, _ pgx.Tx, _ payments.Payment, b payments.BalanceChange) error {
	return s.hear("balance %s %d %d %d", b.Kind, b.Amount, b.Fee, b.Net)
}

// What follows drives the Stripe of the test.

func (w *world) call(method, path string, form url.Values) map[string]any {
	w.t.Helper()
	return w.send(method, path, "application/x-www-form-urlencoded", form.Encode())
}

func (w *world) send(method, path, kind, body string) map[string]any {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.emu.URL()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer sk_test_shop")
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 400 {
		w.t.Fatalf("%s %s: status %d, %v: %s", method, path, resp.StatusCode, err, answer)
	}
	var out map[string]any
	_ = json.Unmarshal(answer, &out)
	return out
}

func (w *world) pay(p payments.Payment) {
	w.t.Helper()
	w.call(http.MethodPost, "/c/pay/"+p.SessionID, url.Values{
		"card_number": {"4242 4242 4242 4242"}, "exp": {"12 / 34"}, "cvc": {"123"}, "name": {"Ana"},
	})
}

// debit pays by a bank debit, which settles days later.
func (w *world) debit(p payments.Payment) {
	w.t.Helper()
	method := w.call(http.MethodPost, "/v1/payment_methods", url.Values{
		"type": {"sepa_debit"}, "sepa_debit[iban]": {"FR3020041010050500013M02609"},
		"billing_details[name]": {"Ana"}, "billing_details[email]": {"ana@example.fr"},
	})
	w.call(http.MethodPost, "/v1/payment_pages/"+p.SessionID+"/confirm", url.Values{
		"payment_method": {method["id"].(string)}, "expected_amount": {fmt.Sprint(int64(p.Amount))},
	})
}

func (w *world) page(p payments.Payment) (status, paymentStatus string) {
	w.t.Helper()
	s := w.call(http.MethodGet, "/v1/checkout/sessions/"+p.SessionID, nil)
	return s["status"].(string), s["payment_status"].(string)
}

// intentOf is the intent of a paid session.
func (w *world) intentOf(p payments.Payment) string {
	w.t.Helper()
	switch in := w.call(http.MethodGet, "/v1/checkout/sessions/"+p.SessionID, nil)["payment_intent"].(type) {
	case string:
		return in
	case map[string]any:
		return in["id"].(string)
	}
	w.t.Fatal("the session has no intent")
	return ""
}

func (w *world) list(path string) []any {
	w.t.Helper()
	return w.call(http.MethodGet, path, nil)["data"].([]any)
}

func (w *world) sessions() int { return len(w.list("/v1/checkout/sessions")) }

func (w *world) newestSession() string {
	w.t.Helper()
	return w.list("/v1/checkout/sessions")[0].(map[string]any)["id"].(string)
}

func (w *world) atStripe(p payments.Payment) []any {
	w.t.Helper()
	return w.list("/v1/refunds?payment_intent=" + p.IntentID)
}

// down takes Stripe off the network.
func (w *world) down() {
	w.front.CloseClientConnections()
	w.front.Close()
}

// fault plans a trouble for the next n calls that post to the path.
func (w *world) fault(path, kind string, n int) {
	w.t.Helper()
	w.control("/_emu/fault", map[string]any{"kind": kind, "path": path, "method": http.MethodPost, "times": n})
}

// loseAnswers lets the next call do its work and cuts it and every repetition off before the answer.
func (w *world) loseAnswers(path string) {
	w.t.Helper()
	w.fault(path, "cut_after", 1)
	w.fault(path, "cut_before", 20)
}

func (w *world) noFaults() { w.control("/_emu/fault", map[string]any{"kind": "none"}) }

// dashboardRefund gives an intent's money back without the shop.
func (w *world) dashboardRefund(intent string, amount money.Amount) {
	w.t.Helper()
	charge := w.call(http.MethodGet, "/v1/payment_intents/"+intent, nil)["latest_charge"].(string)
	w.control("/_emu/refund/"+charge, map[string]any{"amount": int64(amount)})
}

func (w *world) failRefund(r payments.Refund) {
	w.t.Helper()
	w.control("/_emu/fail-refund/"+r.ProviderID, nil)
}

func (w *world) control(path string, in map[string]any) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	w.send(http.MethodPost, path, "application/json", string(body))
}
