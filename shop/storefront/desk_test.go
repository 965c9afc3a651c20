package storefront

import (
	"net/http"
	"strings"
	"testing"

	"boutique/payments"
	"boutique/payments/desk"
)

// reserves orders a mug to be paid at the desk, and answers the order's page.
func (v *shopper) reserves(t *testing.T) string {
	t.Helper()
	v.puts("MUG", "2")
	form := []string{"key", strings.Repeat("k", 20), "email", "zoe@example.org", "address.name", "Zoé Martin", "address.line1", "12 rue de la Cloche", "address.postal_code", "59500",
		"address.city", "Douai", "address.country", "FR", "shipping_option", "collection", "accept_terms", "1", "payment", "desk", "action", "pay"}
	p := v.post("/fr/checkout", form...)
	if p.status != http.StatusSeeOther || !strings.Contains(p.location, "/fr/orders/") {
		t.Fatalf("ordering answers %d %s %s", p.status, p.location, p.body)
	}
	return p.location
}

// An order that nobody comes to pay gives its goods back and tells its shopper; the cart is free at once.
func TestAnOrderThatNobodyFetchesEnds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.shop.Payments.Desk = &desk.Gateway{Pool: s.shop.Pool}
	v := s.shopper()
	at := v.reserves(t)
	page := v.get(at)
	if !strings.Contains(page.body, "Votre commande vous attend") || strings.Contains(page.body, "/pay?key=") {
		t.Errorf("the order's page does not say where it is paid:\n%s", page.body)
	}
	if cart := v.get("/fr/cart"); !strings.Contains(cart.body, "vide") {
		t.Error("whoever has ordered cannot begin another cart")
	}
	if err := s.shop.Payments.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page := v.get(at); !strings.Contains(page.body, "Votre commande vous attend") {
		t.Error("the sweep ended what may still be paid")
	}
	s.exec(`update payment set expires_at = now() - interval '3 minutes'`)
	s.exec(`update desk_session set expires_at = now() - interval '3 minutes'`)
	if err := s.shop.Payments.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page := v.get(at); !strings.Contains(page.body, "n’a pas été payée au comptoir à temps") {
		t.Errorf("past its day the page says:\n%s", page.body)
	}
	if held := s.count(`select coalesce(sum(reserved), 0) from stock`); held != 0 {
		t.Errorf("%d pieces are still kept", held)
	}
	if told := s.count(`select count(*) from mail where kind in ('desk_reserved', 'desk_ended')`); told != 2 {
		t.Errorf("%d mails were written", told)
	}
	var state string
	if err := s.shop.Pool.QueryRow(t.Context(), `select state from payment`).Scan(&state); err != nil || state != payments.Expired {
		t.Errorf("the payment is %s, %v", state, err)
	}
}

func (s *testShop) exec(statement string) {
	s.t.Helper()
	if _, err := s.shop.Pool.Exec(s.t.Context(), statement); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testShop) count(statement string) (n int) {
	s.t.Helper()
	if err := s.shop.Pool.QueryRow(s.t.Context(), statement).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}
