package mocktest_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"boutique/internal/clock"
	"boutique/payments"
	"boutique/payments/stripe"
	"boutique/payments/stripe/emulator"
	"boutique/payments/stripe/mocktest"
)

const secret = "whsec_0123456789abcdef0123456789abcdef"

// TestEveryRequestOfTheShopPassesTheOfficialMock lets the shop's own gateway live through an order's
// life at the emulator while the mock and the published description look on.
func TestEveryRequestOfTheShopPassesTheOfficialMock(t *testing.T) {
	t.Parallel()
	var received atomic.Int64
	var gateway *stripe.Gateway
	ready := make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-ready
		body, _ := io.ReadAll(r.Body)
		if _, err := gateway.VerifyWebhook(body, r.Header.Get("Stripe-Signature")); err != nil {
			t.Errorf("a webhook is refused: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		received.Add(1)
	}))
	t.Cleanup(hook.Close)
	account, err := emulator.New(emulator.Config{WebhookURL: hook.URL, WebhookSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = account.Close(t.Context()) })
	if err := account.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var judged atomic.Int64
	gateway, err = stripe.New(stripe.Config{
		SecretKey: "sk_test_demo", WebhookSecrets: []string{secret}, Clock: clock.System{}, Logger: slog.New(slog.DiscardHandler),
		APIURL: mocktest.Start(t).TeeCounted(t, account.URL(), &judged),
	})
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	order := payments.Payment{ID: uuid.New(), OrderID: uuid.New(), Amount: 4250, Request: payments.Request{
		OrderNumber: "B-1", Lang: "fr", Email: "ana@example.fr", ExpiresAt: time.Now().Add(35 * time.Minute), Methods: []string{"card", "bancontact", "ideal"},
		Lines: []payments.RequestLine{{Name: "2 × Mug Gayant", Amount: 3600}}, Shipping: &payments.RequestLine{Name: "Colissimo", Amount: 650},
		SuccessURL: "http://shop.test/fr/orders/B-1?key=k&session={CHECKOUT_SESSION_ID}", CancelURL: "http://shop.test/fr/orders/B-1?key=k",
	}}
	if err := gateway.Check(t.Context()); err != nil {
		t.Errorf("the account cannot be reached: %v", err)
	}
	made, err := gateway.CreateSession(t.Context(), "co-1", order)
	if err != nil {
		t.Fatal(err)
	}
	again, err := gateway.CreateSession(t.Context(), "co-1", order)
	if err != nil || again.ID != made.ID || made.Amount != order.Amount {
		t.Fatalf("session = %+v, then %+v, %v", made, again, err)
	}
	form := url.Values{"card_number": {"4242 4242 4242 4242"}, "exp": {"12/34"}, "cvc": {"123"}, "name": {"Ana Martin"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, made.URL, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if want := "http://shop.test/fr/orders/B-1?key=k&session=" + made.ID; resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != want || received.Load() == 0 {
		t.Errorf("the page answers %d to %s after %d webhooks", resp.StatusCode, resp.Header.Get("Location"), received.Load())
	}
	paid, err := gateway.Session(t.Context(), made.ID)
	if err != nil || paid.Status != payments.SessionComplete || paid.Intent == nil || paid.Intent.Received != order.Amount || paid.Intent.Balance == nil || paid.OrderID != order.OrderID.String() {
		t.Fatalf("session = %+v, %v", paid, err)
	}
	if late, err := gateway.ExpireSession(t.Context(), made.ID); err != nil || late.Status != payments.SessionComplete {
		t.Errorf("expiring a paid session: %+v, %v", late, err)
	}
	wanted := payments.Refund{ID: uuid.New(), OrderID: order.OrderID, Amount: 1000}
	if r, err := gateway.CreateRefund(t.Context(), "re-1", paid.Intent.ID, wanted); err != nil || r.Amount != 1000 || r.Balance == nil {
		t.Errorf("refund = %+v, %v", r, err)
	}
	if list, err := gateway.Refunds(t.Context(), paid.Intent.ID); err != nil || len(list) != 1 || list[0].RefundID != wanted.ID.String() {
		t.Errorf("refunds = %+v, %v", list, err)
	}
	if events, err := gateway.Events(t.Context(), time.Now().Add(-time.Hour)); err != nil || len(events) != 2 {
		t.Errorf("%d events, %v", len(events), err)
	}
	other, err := gateway.CreateSession(t.Context(), "co-2", order)
	if err != nil {
		t.Fatal(err)
	}
	if closed, err := gateway.ExpireSession(t.Context(), other.ID); err != nil || closed.Status != payments.SessionExpired {
		t.Errorf("session = %+v, %v", closed, err)
	}
	if account.Captured() != 3250 || judged.Load() < 9 {
		t.Errorf("captured %d, %d requests were judged", account.Captured(), judged.Load())
	}
}
