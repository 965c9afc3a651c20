package main

import (
	"net/http"
	"testing"

	"boutique/payments/stripe/emulator"
)

// back asks for money back: for pieces of an article, or, without one, for all that is left.
func (v *village) back(p placedOrder, sku, key string) answer {
	v.t.Helper()
	body := map[string]any{}
	if sku != "" {
		body["lines"] = []map[string]any{{"sku": sku, "quantity": 1}}
	}
	return v.staff.patient(http.StatusCreated, "POST", "/api/v1/staff/orders/"+p.Number+"/refunds", body, "Idempotency-Key", key+p.Number)
}

// settled waits until no refund of an order is under way, and so many have failed.
func (v *village) settled(p placedOrder, failed int) {
	v.t.Helper()
	v.until("the refunds", func() bool {
		n := 0
		for _, r := range v.c.see(p).Refunds {
			switch r.State {
			case "requested", "pending":
				return false
			case "failed":
				n++
			}
		}
		return n == failed
	})
}

// comesBack lets the bank send the newest refund's money back: so many have failed then.
func (v *village) comesBack(p placedOrder, failed int) {
	v.t.Helper()
	v.settled(p, failed-1)
	newest := v.stripe("refunds?limit=1&payment_intent=" + v.intentOf(p))["data"].([]any)[0].(map[string]any)
	v.h.control("fail-refund/"+newest["id"].(string), nil)
	v.settled(p, failed)
	v.rested()
}

// A gift card ends when its price is asked back. Whether Stripe refuses that refund or the bank sends it back
// later, the same piece is given back again, no second card ends for it, and the books owe it once.
func TestARefundOfAGiftCardThatFailedIsMadeAgainByItsLine(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	const card = "CARTE-CADEAU-20"
	ended := func(p placedOrder) int64 {
		return v.h.count(`select count(*) from gift_card c join orders o on o.id = c.order_id where o.number = $1 and c.voided_at is not null`, p.Number)
	}
	sell := func(lines map[string]int, option string) placedOrder {
		p := v.c.order(lines, option)
		v.c.pay(p, goodCard)
		v.c.until(p, func(o seenOrder) bool { return o.PaymentStatus == "paid" })
		v.rested()
		return p
	}

	// Sent back by the bank, once and again; the other card of the order goes on living until it is asked for.
	p := sell(map[string]int{card: 2}, "email")
	v.back(p, card, "a")
	v.comesBack(p, 1)
	v.back(p, card, "b")
	v.comesBack(p, 2)
	v.back(p, card, "c")
	v.rested()
	if n := ended(p); n != 1 {
		t.Errorf("%d cards ended for one that was given back at the third time", n)
	}
	v.back(p, card, "d")
	v.rested()
	if o := v.c.see(p); ended(p) != 2 || o.PaymentStatus != "refunded" || len(o.CreditNotes) != 0 {
		t.Errorf("%d of two cards ended, the order is %+v", ended(p), o)
	}

	// Refused: Stripe knows of a dispute, the shop does not yet.
	refused := sell(map[string]int{card: 1, "MUG-BEFFROI": 1}, "collection")
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	v.h.control("dispute/"+v.chargeOf(refused), nil)
	v.back(refused, card, "a")
	v.settled(refused, 1)
	dispute := v.stripe("disputes?limit=1")["data"].([]any)[0].(map[string]any)
	v.h.control("close-dispute/"+dispute["id"].(string), map[string]any{"status": "won"})
	v.h.bank.Network(emulator.Delivery{})
	v.back(refused, card, "b")
	v.rested()
	if o := v.c.see(refused); ended(refused) != 1 || o.PaymentStatus != "partially_refunded" || len(o.CreditNotes) != 0 {
		t.Errorf("%d cards ended, the order is %+v", ended(refused), o)
	}
	v.h.agree(v.h.calm(false), v.stock)
}

// An order that a gift card paid in part is given back by both ways. When the bank sends its part back, that
// part alone is given back again, on the credit note that stands.
func TestThePartOfARefundThatFailedIsMadeAgain(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	bought := v.c.order(map[string]int{"CARTE-CADEAU-20": 1}, "email")
	v.c.pay(bought, goodCard)
	v.rested()
	codes := (&simulation{t: t, h: v.h}).codes()
	if len(codes) == 0 {
		t.Fatal("the card never came by mail")
	}
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": 3})
	v.c.want(200, "PUT", "/api/v1/carts/"+cart+"/gift-cards", map[string]any{"codes": codes[:1]})
	var p placedOrder
	v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "part-"+cart).into(t, &p)
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	v.back(p, "", "a")
	v.comesBack(p, 1)
	v.back(p, "", "b")
	v.rested()
	if o := v.c.see(p); o.PaymentStatus != "refunded" || len(o.CreditNotes) != 1 || o.CreditNotes[0].Total != p.Total {
		t.Errorf("given back at the second time it is %+v", o)
	}
	v.h.agree(v.h.calm(false), v.stock)
}
