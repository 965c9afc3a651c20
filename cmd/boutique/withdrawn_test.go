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
