package storefront

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/payments"
	"boutique/payments/desk"
	"boutique/shop"
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
	if !strings.Contains(page.body, "Votre commande vous attend") || !strings.Contains(page.body, "maintenant, en ligne") {
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

// Whatever ends a payment that never came, the voucher and the gift cards of its order are as before: the
// shopper gives it up, the page expires, the bank says no after days, or cannot be asked at all.
func TestAPaymentThatFailsGivesBackWhatItTook(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	code := s.giftCard(t, 1000)
	if _, err := s.shop.AddVoucher(t.Context(), shop.Voucher{Code: "DIX", Kind: shop.VoucherPercent, Value: 10, UsageLimit: 1}, "test"); err != nil {
		t.Fatal(err)
	}
	for _, how := range []struct {
		name string
		ends func(v *shopper, at string)
	}{
		{"given up", func(v *shopper, at string) {
			v.post(strings.Replace(at, "?key=", "/give-up?key=", 1))
		}},
		{"expired", func(*shopper, string) {
			s.exec(`update payment set expires_at = now() - interval '3 minutes' where state = 'open'`)
			if err := s.shop.Payments.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}},
		{"failed", func(*shopper, string) {
			err := pg.InTx(t.Context(), s.shop.Pool, func(tx pgx.Tx) error {
				var p payments.Payment
				if err := tx.QueryRow(t.Context(), `select id, order_id from payment where state = 'open'`).Scan(&p.ID, &p.OrderID); err != nil {
					return err
				}
				if err := s.shop.Lock(t.Context(), tx, p.OrderID); err != nil {
					return err
				}
				return s.shop.Failed(t.Context(), tx, p)
			})
			if err != nil {
				t.Fatal(err)
			}
		}},
	} {
		v := s.shopper()
		at := v.ordersWithCodes(t, code, "DIX")
		if balance, used := s.count(`select balance from gift_card`), s.count(`select used from voucher`); balance != 0 || used != 1 {
			t.Fatalf("%s: while it waits the card has %d, the voucher was used %d times", how.name, balance, used)
		}
		how.ends(v, at)
		if balance, used := s.count(`select balance from gift_card`), s.count(`select used from voucher`); balance != 1000 || used != 0 {
			t.Errorf("%s: the card has %d, the voucher was used %d times", how.name, balance, used)
		}
		if held := s.count(`select coalesce(sum(reserved), 0) from stock`); held != 0 {
			t.Errorf("%s: %d pieces are still kept", how.name, held)
		}
	}
}

// giftCard issues a card and answers its code.
func (s *testShop) giftCard(t *testing.T, amount money.Amount) string {
	t.Helper()
	id := uuid.New()
	code := payments.GiftCode([]byte("secret"), id)
	err := pg.InTx(t.Context(), s.shop.Pool, func(tx pgx.Tx) error {
		return payments.IssueGiftCard(t.Context(), tx, id, code, amount, uuid.New(), time.Now().AddDate(1, 0, 0))
	})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// ordersWithCodes orders two mugs by parcel with a gift card and a voucher, and answers the order's page.
func (v *shopper) ordersWithCodes(t *testing.T, card, voucher string) string {
	t.Helper()
	v.puts("MUG", "2")
	v.post("/fr/cart/voucher", "voucher", voucher)
	v.post("/fr/cart/gift-cards", "gift_card", card)
	p := v.post("/fr/checkout", "key", rand.Text(), "email", "zoe@example.org", "address.name", "Zoé Martin", "address.line1", "12 rue de la Cloche", "address.postal_code", "59500",
		"address.city", "Douai", "address.country", "FR", "shipping_option", "parcel", "accept_terms", "1", "action", "pay")
	if p.status != http.StatusSeeOther || !strings.Contains(p.location, "/c/pay/") {
		t.Fatalf("ordering answers %d %s", p.status, p.location)
	}
	var number string
	var id uuid.UUID
	if err := v.shop.Pool.QueryRow(t.Context(), `select id, number from orders order by placed_at desc limit 1`).Scan(&id, &number); err != nil {
		t.Fatal(err)
	}
	return "/fr/orders/" + number + "?key=" + v.shop.Keys.Of(id)
}
