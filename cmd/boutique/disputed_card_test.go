package main

import (
	"net/http"
	"slices"
	"testing"
)

// While a bank takes back what a gift card was bought with, nothing comes off the card. Won, it pays again;
// lost, what is left on it is gone, and the loss is what was spent.
func TestAGiftCardWhosePriceIsDisputedPaysNothing(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	var seen []string
	sell := func() (placedOrder, string) {
		p := v.c.order(map[string]int{"CARTE-CADEAU-20": 1}, "email")
		v.c.pay(p, goodCard)
		v.c.until(p, func(o seenOrder) bool { return o.PaymentStatus == "paid" })
		v.rested()
		all := (&simulation{t: t, h: v.h}).codes()
		i := slices.IndexFunc(all, func(c string) bool { return !slices.Contains(seen, c) })
		if i < 0 {
			t.Fatal("the card never came by mail")
		}
		seen = append(seen, all[i])
		return p, all[i]
	}
	use := func(code string, status int) answer {
		cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
		return v.c.want(status, "PUT", "/api/v1/carts/"+cart+"/gift-cards", map[string]any{"codes": []string{code}})
	}
	dispute := func(p placedOrder) string {
		v.h.control("dispute/"+v.chargeOf(p), nil)
		v.until("the dispute", func() bool {
			return v.h.count(`select count(*) from dispute d join orders o on o.id = d.order_id where o.number = $1 and d.open`, p.Number) == 1
		})
		return v.stripe("disputes?limit=1")["data"].([]any)[0].(map[string]any)["id"].(string)
	}
	end := func(id, how string) {
		v.h.control("close-dispute/"+id, map[string]any{"status": how})
		v.until("the dispute's end", func() bool { return v.h.count(`select count(*) from dispute where id = $1 and not open`, id) == 1 })
		v.rested()
	}

	won, code := sell()
	// A cart that holds the card already cannot be paid with it either.
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	v.c.want(http.StatusOK, "PUT", "/api/v1/carts/"+cart+"/gift-cards", map[string]any{"codes": []string{code}})
	id := dispute(won)
	use(code, http.StatusUnprocessableEntity)
	if a, err := v.c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "disputed-"+cart); err != nil || a.status/100 != 2 && a.status/100 != 4 {
		t.Errorf("a checkout with a disputed card is answered %d %s, %v", a.status, a.body, err)
	}
	if n := v.h.count(`select count(*) from gift_card_use`); n != 0 {
		t.Errorf("%d orders took from a card whose price is disputed", n)
	}
	end(id, "won")
	use(code, http.StatusOK)

	lost, code := sell()
	end(dispute(lost), "lost")
	use(code, http.StatusUnprocessableEntity)
	if n := v.h.count(`select balance from gift_card c join orders o on o.id = c.order_id where o.number = $1`, lost.Number); n != 0 {
		t.Errorf("%d cents are left on the card that a lost dispute had paid for", n)
	}
	if n := v.h.count(`select coalesce(sum(debit - credit), 0)::bigint from entry_line where account = '654'`); n != 0 {
		t.Errorf("a card that bought nothing was lost for %d cents", n)
	}
	v.h.agree(v.h.calm(false), v.stock)
}
