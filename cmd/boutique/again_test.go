package main

import (
	"net/http"
	"sync"
	"testing"
)

// Whoever is told to try again tries again by the same key. After a definite no, nothing holds and the key
// orders anew; while an answer is outstanding it stands for the order that was made, and for no second one.
func TestTheSameKeyIsTriedAgain(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c = v.h.shopper()
	const all = 12
	again := func(cart string) []answer {
		answers := make([]answer, all)
		var together sync.WaitGroup
		for i := range answers {
			together.Go(func() {
				answers[i], _ = v.c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "again-"+cart)
			})
		}
		together.Wait()
		return answers
	}
	held := func() int64 {
		return v.h.count(`select coalesce(sum(s.reserved), 0) from stock s join variant x on x.id = s.variant_id where x.sku = 'MUG-BEFFROI'`)
	}
	for kind, keeps := range map[string]int64{"429": 0, "500_after": 1} {
		before := held()
		v.fault("/v1/checkout/sessions", kind, 1)
		cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
		a := v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "again-"+cart)
		if a.status != http.StatusServiceUnavailable || a.code() != "payment_unavailable" || a.header.Get("Retry-After") == "" {
			t.Errorf("%s is answered %d %s", kind, a.status, a.body)
		}
		if n := held() - before; n != keeps {
			t.Errorf("after %s %d pieces are held", kind, n)
		}
		orders := map[string]bool{}
		for _, a := range again(cart) {
			var p placedOrder
			switch {
			case keeps == 1 && a.status == http.StatusServiceUnavailable && a.code() == "payment_unavailable":
			case a.status == http.StatusCreated:
				a.into(t, &p)
				orders[p.Number] = true
				if p.PaymentURL == "" {
					t.Errorf("after %s the key answers an order without a page: %s", kind, a.body)
				}
			case a.status != http.StatusServiceUnavailable:
				t.Errorf("after %s the key is answered %d %s", kind, a.status, a.body)
			}
		}
		if keeps == 0 && len(orders) != 1 {
			t.Errorf("after %s the key stands for the orders %v", kind, orders)
		}
		if n := v.h.count(`select count(*) from orders where cart_id = $1 and state = 'awaiting_payment'`, cart); n != 1 {
			t.Errorf("after %s %d orders of the cart wait for their payment", kind, n)
		}
	}
}
