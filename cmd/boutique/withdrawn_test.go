package main

import "testing"

// withdraw declares the withdrawal from pieces of an article, or, without one, from the whole order.
func (v *village) withdraw(p placedOrder, sku string, pieces int) seenReturn {
	v.t.Helper()
	var body any
	if sku != "" {
		body = map[string]any{"lines": []map[string]any{{"sku": sku, "quantity": pieces}}}
	}
	var r seenReturn
	v.c.patient(201, "POST", "/api/v1/orders/"+p.Number+"/withdrawal?key="+p.Key, body).into(v.t, &r)
	return r
}

// free orders so many mugs with a voucher that leaves nothing to pay.
func (v *village) free(mugs int) placedOrder {
	v.t.Helper()
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": mugs})
	v.c.want(200, "PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": "TOUT"})
	var p placedOrder
	v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "free-"+cart).into(v.t, &p)
	v.c.until(p, confirmed)
	return p
}

// Pieces that a shopper gives up before they left go back on sale and are not sent, whether or not money is due
// for them.
func TestPiecesThatWereGivenUpUnsentGoBackOnSale(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	v.voucher("TOUT", 100)

	part := v.free(3)
	if r := v.withdraw(part, "MUG-BEFFROI", 1); r.Due.Amount != 0 || r.State != "refunded" {
		t.Errorf("one of three that cost nothing gives %+v", r)
	}
	if n := v.sold(part); n != 2 {
		t.Errorf("%d of three are sold when one is given up", n)
	}
	v.is(part, "confirmed", "paid")
	v.withdraw(part, "", 0)
	v.rested()
	v.is(part, "completed", "paid")
	if n := v.sold(part); n != 0 {
		t.Errorf("%d are still sold when all are given up", n)
	}

	// Everything went back as amounts: nothing is due, and nothing is to be sent any more.
	amounts := v.paid()
	if a := v.refund(amounts, amounts.Total.Amount, "all-"+amounts.Number); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	if r := v.withdraw(amounts, "", 0); r.Due.Amount != 0 || r.State != "refunded" {
		t.Errorf("what was given back as an amount gives %+v", r)
	}
	if a := v.staff.call("POST", "/api/v1/staff/orders/"+amounts.Number+"/shipments", map[string]any{}); a.status != 409 {
		t.Errorf("what was given up is sent: %d %s", a.status, a.body)
	}
	v.is(amounts, "completed", "refunded")
	v.h.agree(v.h.calm(false), v.stock)
}

// A declaration is taken whatever went back before it: what is left is due, and no cent more.
func TestAWithdrawalGivesBackWhatIsLeft(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	p := v.c.order(map[string]int{"MUG-BEFFROI": 2}, "collection")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	if a := v.refund(p, p.Total.Amount-500, "gesture-"+p.Number); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	if r := v.withdraw(p, "MUG-BEFFROI", 1); r.Due.Amount != 500 || r.State != "refunded" {
		t.Errorf("with five euros left one mug gives %+v", r)
	}
	if r := v.withdraw(p, "", 0); r.Due.Amount != 0 || r.State != "refunded" {
		t.Errorf("with nothing left the other mug gives %+v", r)
	}
	v.rested()
	v.is(p, "completed", "refunded")
	if n, sum := v.refundsAtStripe(p); n != 2 || sum != p.Total.Amount {
		t.Errorf("%d refunds of %d for %d", n, sum, p.Total.Amount)
	}
	v.h.agree(v.h.calm(false), v.stock)
}

// While a bank takes the payment back a declaration is taken and its money waits; what the bank has taken for
// good is given back by nobody else.
func TestADisputeTakesWhatItTookOnce(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	lost := v.paid()
	v.h.control("dispute/"+v.chargeOf(lost), nil)
	v.until("the dispute", func() bool { return v.h.count(`select count(*) from dispute where order_id = $1`, v.id(lost)) == 1 })
	v.rested()
	if r := v.withdraw(lost, "", 0); r.State != "declared" || r.Due.Amount == 0 {
		t.Errorf("during a dispute a withdrawal gives %+v", r)
	}
	dispute := v.stripe("disputes?limit=1")["data"].([]any)[0].(map[string]any)
	v.h.control("close-dispute/"+dispute["id"].(string), map[string]any{"status": "lost"})
	v.until("the dispute's end", func() bool {
		return v.h.count(`select count(*) from dispute where order_id = $1 and status = 'lost'`, v.id(lost)) == 1
	})
	v.rested()
	if a := v.refund(lost, 0, "lost-"+lost.Number); a.status != 409 || a.code() != "exceeds_refundable" {
		t.Errorf("what the bank has taken is given back again: %d %s", a.status, a.body)
	}
	if a := v.refund(lost, 1, "cent-"+lost.Number); a.status != 409 || a.code() != "exceeds_refundable" {
		t.Errorf("a cent of it is given back: %d %s", a.status, a.body)
	}
	v.staff.want(200, "POST", "/api/v1/staff/orders/"+lost.Number+"/cancel", map[string]string{"reason": "the bank has taken it back"})
	if n, _ := v.refundsAtStripe(lost); n != 0 || v.sold(lost) != 0 {
		t.Errorf("%d refunds were tried, %d mugs are sold", n, v.sold(lost))
	}
	v.h.agree(v.h.calm(false), v.stock)
}

// What lies ready at the office is handed over only as long as all of it is its buyer's: pieces that were given
// back, cancelled or withdrawn from are on sale again.
func TestWhatWasGivenBackIsNotHandedOver(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	ready := func() placedOrder {
		t.Helper()
		p := v.c.order(map[string]int{"MUG-BEFFROI": 2}, "collection")
		v.c.pay(p, goodCard)
		v.c.until(p, confirmed)
		if err := v.app().shop.MarkReady(t.Context(), p.Number, houseClerk); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, back := range map[string]func(placedOrder){
		"refunded": func(p placedOrder) {
			v.staff.patient(201, "POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{}, "Idempotency-Key", p.Number)
		},
		"cancelled": func(p placedOrder) {
			v.staff.patient(200, "POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "asked for"})
		},
		"withdrawn": func(p placedOrder) { v.withdraw(p, "", 0) },
	} {
		p := ready()
		back(p)
		v.rested()
		if err := v.app().shop.MarkCollected(t.Context(), p.Number, "Zoé", houseClerk); err == nil {
			t.Errorf("what was %s is handed over", name)
		}
		if o := v.c.see(p); o.FulfilmentStatus != "unfulfilled" || o.PaymentStatus != "refunded" || v.sold(p) != 0 {
			t.Errorf("%s it is %+v, and %d are sold", name, o, v.sold(p))
		}
	}
	// One of two is given back: the other one is handed over.
	p := ready()
	v.back(p, "MUG-BEFFROI", "one")
	v.rested()
	if err := v.app().shop.MarkCollected(t.Context(), p.Number, "Zoé", houseClerk); err != nil {
		t.Error(err)
	}
	v.is(p, "completed", "partially_refunded")
	if n := v.h.count(`select sum(l.quantity) from shipment s join shipment_line l on l.shipment_id = s.id where s.order_id = $1 and s.state = 'collected'`, v.id(p)); n != 1 || v.sold(p) != 1 {
		t.Errorf("%d were handed over and %d sold of two, one given back", n, v.sold(p))
	}
	// A bank takes the payment of what lies ready back.
	disputed := ready()
	v.h.control("dispute/"+v.chargeOf(disputed), nil)
	v.until("the dispute", func() bool { return v.h.count(`select count(*) from dispute where order_id = $1`, v.id(disputed)) == 1 })
	if err := v.app().shop.MarkCollected(t.Context(), disputed.Number, "Zoé", houseClerk); err == nil {
		t.Error("what a bank takes back is handed over")
	}
	v.h.agree(v.h.calm(false), v.stock)
}

// Nothing leaves of an order whose money has all gone back, by amounts too; and an empty list is not everything.
func TestNothingLeavesOfAnOrderThatWasPaidBack(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	p := v.c.order(map[string]int{"MUG-BEFFROI": 2}, "parcel")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	if a := v.staff.call("POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{"lines": []any{}}, "Idempotency-Key", "none-"+p.Number); a.status != 422 {
		t.Errorf("a refund of no lines is answered %d %s", a.status, a.body)
	}
	if a := v.refund(p, p.Total.Amount, "all-"+p.Number); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	if a := v.staff.call("POST", "/api/v1/staff/orders/"+p.Number+"/shipments", map[string]any{}); a.code() != "order_refunded" {
		t.Errorf("sending what was paid back is answered %d %s", a.status, a.body)
	}
	v.h.agree(v.h.calm(false), v.stock)
}

// What was spent of a gift card cannot be given back with it.
func TestAUsedGiftCardIsNotWithdrawn(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c, v.staff = v.h.shopper(), v.h.staff()
	bought := v.c.order(map[string]int{"CARTE-CADEAU-20": 2}, "email")
	v.c.pay(bought, goodCard)
	v.c.until(bought, func(o seenOrder) bool { return o.PaymentStatus == "paid" })
	v.rested()
	codes := (&simulation{t: t, h: v.h}).codes()
	if len(codes) == 0 {
		t.Fatal("the cards never came by mail")
	}
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	v.c.want(200, "PUT", "/api/v1/carts/"+cart+"/gift-cards", map[string]any{"codes": codes[:1]})
	var p placedOrder
	v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "used-"+cart).into(t, &p)
	v.c.until(p, confirmed)
	path := "/api/v1/orders/" + bought.Number + "/withdrawal?key=" + bought.Key
	if a := v.c.call("POST", path, map[string]any{"lines": []map[string]any{{"sku": "CARTE-CADEAU-20", "quantity": 2}}}); a.code() != "nothing_to_withdraw" {
		t.Errorf("two cards, one of them used, are given back: %d %s", a.status, a.body)
	}
	if r := v.withdraw(bought, "", 0); r.Due.Amount != 2000 || r.Lines[0].Quantity != 1 {
		t.Errorf("the card that nothing was spent of gives %+v", r)
	}
	if a := v.c.call("POST", path, nil); a.code() != "nothing_to_withdraw" {
		t.Errorf("the used card is given back: %d %s", a.status, a.body)
	}
	v.h.agree(v.h.calm(false), v.stock)
}
