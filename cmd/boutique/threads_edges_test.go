package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"boutique/payments/stripe/emulator"
)

func (v *village) disputeOfACancelled() {
	p := v.paid()
	v.staff.want(200, "POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "asked for"})
	v.rested()
	before := v.c.see(p)
	v.h.control("dispute/"+v.chargeOf(p), nil)
	v.until("the dispute", func() bool { return v.h.count(`select count(*) from dispute where order_id = $1`, v.id(p)) == 1 })
	v.rested()
	if after := v.c.see(p); after.Status != before.Status || after.PaymentStatus != before.PaymentStatus || v.sold(p) != 0 {
		v.t.Errorf("%s %s became %s %s, %d sold", before.Status, before.PaymentStatus, after.Status, after.PaymentStatus, v.sold(p))
	}
}

func (v *village) disputeCloses() {
	p := v.order()
	v.h.bank.Network(emulator.Delivery{Hold: true})
	v.c.pay(p, "4000 0000 0000 0259")
	v.h.pass(5 * time.Second)
	// What is heard of first is not what happened first.
	v.h.bank.Network(emulator.Delivery{Shuffle: true, Duplicate: 1})
	v.h.bank.Deliver(context.WithoutCancel(v.t.Context()))
	v.c.until(p, confirmed)
	v.rested()
	ship := map[string]any{"carrier": "colissimo", "tracking_number": "6A12345678901"}
	if a := v.staff.call("POST", "/api/v1/staff/orders/"+p.Number+"/shipments", ship); a.code() != "order_disputed" {
		v.t.Errorf("shipping a disputed order is answered %d %s", a.status, a.body)
	}
	mails := v.h.count(`select count(*) from mail where recipient = 'zoe@example.org' and subject_ref in (select id::text from orders where number = $1)`, p.Number)
	list := v.stripe("disputes?payment_intent=" + v.intentOf(p))["data"].([]any)
	for _, d := range list {
		v.h.control("close-dispute/"+d.(map[string]any)["id"].(string), map[string]any{"status": "won"})
	}
	if len(list) != 1 {
		v.t.Errorf("%d disputes", len(list))
	}
	v.h.bank.Deliver(context.WithoutCancel(v.t.Context()))
	v.rested()
	if after := v.h.count(`select count(*) from mail where recipient = 'zoe@example.org' and subject_ref in (select id::text from orders where number = $1)`, p.Number); after != mails {
		v.t.Errorf("%d mails to the shopper about a dispute", after-mails)
	}
	v.staff.want(201, "POST", "/api/v1/staff/orders/"+p.Number+"/shipments", ship)
}

func (v *village) totals() {
	chance := seeded(29)
	skus := []string{"MUG-BEFFROI", "LIVRE-GEANTS", "CARAMELS-250", "MIEL-500"}
	v.voucher("TIERS", 33)
	for i := range 8 {
		lines := map[string]int{}
		for range 1 + chance.IntN(3) {
			lines[skus[chance.IntN(len(skus))]] = 1 + chance.IntN(3)
		}
		cart := v.c.fill(lines)
		if i%2 == 0 {
			v.c.want(200, "PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": "TIERS"})
		}
		var p placedOrder
		v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "total-"+cart).into(v.t, &p)
		if at := int64(v.stripe("checkout/sessions/" + v.sessionOf(p))["amount_total"].(float64)); at != p.Total.Amount {
			v.t.Errorf("%v: Stripe asks %d, the order is %d", lines, at, p.Total.Amount)
		}
	}
}

// voucher makes a voucher of so many percent.
func (v *village) voucher(code string, percent int) {
	v.h.exec(`insert into voucher (id, code, kind, value, created_by) values (gen_random_uuid(), $1, 'percent', $2, 'desk')`, code, percent)
}

func (v *village) currency() {
	p := v.paid()
	s := v.stripe("checkout/sessions/" + v.sessionOf(p))
	if s["currency"] != "eur" || int64(s["amount_total"].(float64)) != p.Total.Amount || p.Total.Currency != "EUR" {
		v.t.Errorf("the page asks %v %v for %+v", s["amount_total"], s["currency"], p.Total)
	}
}

func (v *village) smallTotals() {
	v.staff.want(200, "PUT", "/api/v1/staff/variants/MIEL-500/price", map[string]any{"price": amount{49, "EUR"}})
	cart := v.c.fill(map[string]int{"MIEL-500": 1})
	a := v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "small-"+cart)
	if a.status != 422 || a.code() != "amount_too_small" {
		v.t.Errorf("49 cents are answered %d %s", a.status, a.body)
	}
	v.staff.want(200, "PUT", "/api/v1/staff/variants/MIEL-500/price", map[string]any{"price": amount{950, "EUR"}})
	v.voucher("TOUT", 100)
	before := len(v.h.bankBooks().Objects.Sessions)
	cart = v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	v.c.want(200, "PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": "TOUT"})
	var free placedOrder
	v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "free-"+cart).into(v.t, &free)
	v.is(free, "confirmed", "paid")
	if after := len(v.h.bankBooks().Objects.Sessions); free.PaymentURL != "" || after != before {
		v.t.Errorf("nothing to pay has the page %q", free.PaymentURL)
	}
}

func (v *village) otherVersion() {
	v.h.bank.Network(emulator.Delivery{APIVersion: "2025-03-31.basil"})
	p := v.paid()
	v.is(p, "confirmed", "paid")
	if n := v.h.count(`select count(*) from payment_event where api_version = '2025-03-31.basil'`); n == 0 {
		v.t.Error("no event of another version was counted")
	}
}

func (v *village) hungServers() {
	// A page that Stripe takes six seconds for is a page.
	v.h.control("fault", map[string]any{"kind": "hang", "path": "/v1/checkout/sessions", "method": "POST", "times": 1, "seconds": 6})
	p := v.order()
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	v.c.pay(p, goodCard)
	release := make(chan struct{})
	hang := func(m moment) {
		if strings.HasPrefix(m.kind, "mail") || m.kind == "asks stripe" {
			<-release
		}
	}
	v.between.Store(&hang)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			body := fmt.Sprintf(`{"id":"evt_hung%d","object":"event","type":"checkout.session.completed","api_version":"2023-10-16","created":1,"livemode":false,"data":{"object":{"id":%q,"object":"checkout.session"}}}`, i, v.sessionOf(p))
			if a, err := v.c.try("POST", "/webhooks/stripe", body, "Stripe-Signature", signature(body, houseSecret, v.now())); err != nil || a.status != 200 {
				v.t.Errorf("answered %d, %v", a.status, err)
			}
		})
	}
	// Every one is answered while both servers still hang.
	all.Wait()
	v.between.Store(nil)
	close(release)
	v.c.until(p, confirmed)
	v.rested()
}

func (v *village) storms() {
	for _, kind := range []string{"429", "409", "lock_timeout"} {
		v.fault("/v1/", kind, 4)
		cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
		var p placedOrder
		v.until("a page in the storm", func() bool {
			a := v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", kind+cart)
			if a.status == 201 {
				a.into(v.t, &p)
				return true
			}
			if a.code() != "payment_unavailable" {
				v.t.Errorf("in a storm of %s: %d %s", kind, a.status, a.body)
			}
			return false
		})
		v.c.pay(p, goodCard)
		v.c.until(p, confirmed)
		v.fault("/v1/refunds", kind, 4)
		if a := v.refund(p, 200, kind+p.Number); a.status != 201 {
			v.t.Errorf("%d %s", a.status, a.body)
		}
		v.rested()
		if n, sum := v.refundsAtStripe(p); n != 1 || sum != 200 {
			v.t.Errorf("%s: %d refunds of %d: %+v", kind, n, sum, v.c.see(p))
		}
	}
}

func (v *village) fees() {
	p := v.paid()
	v.rested()
	if a := v.refund(p, 0, "fees-"+p.Number); a.status != 201 {
		v.t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	want := (p.Total.Amount*150+5000)/10000 + 25
	if got := v.h.count(`select coalesce(sum(l.debit - l.credit), 0) from entry_line l join entry e on e.seq = l.entry_seq where e.reference = $1 and l.standard like '627%'`, p.Number); got != want {
		v.t.Errorf("the books have fees of %d, want %d", got, want)
	}
}

func (v *village) nonePendingForEver() {
	cancelled := v.order()
	v.staff.want(200, "POST", "/api/v1/staff/orders/"+cancelled.Number+"/cancel", map[string]string{"reason": "asked for"})
	failed := v.order()
	v.c.pay(failed, "4000 0000 0000 0002")
	v.overdue(failed)
	v.sweep()
	for p, want := range map[placedOrder]string{cancelled: "cancelled", failed: "expired"} {
		if o := v.c.see(p); o.Status != want || o.PaymentStatus == "processing" {
			v.t.Errorf("%s is %s and %s, want %s", p.Number, o.Status, o.PaymentStatus, want)
		}
	}
	v.paid()
}

func (v *village) businessError() {
	for _, object := range []map[string]any{{"id": "cs_test_unknown", "object": "checkout.session"}, {"id": "ch_unknown", "object": "charge", "payment_intent": "pi_unknown"}, {}} {
		kind := "checkout.session.completed"
		if object["object"] == "charge" {
			kind = "charge.refunded"
		}
		if code := v.deliver(v.event(kind, object)); code != 200 {
			v.t.Errorf("%v is answered %d", object, code)
		}
	}
	v.rested()
}

func (v *village) voucherLimit() {
	v.voucher("CINQ", 10)
	v.h.exec(`update voucher set usage_limit = 5 where code = 'CINQ'`)
	var took, told atomic.Int64
	var all sync.WaitGroup
	numbers := make(chan placedOrder, 40)
	carts := make([]string, 24)
	for i := range carts {
		// Of different articles, so that they meet at the voucher and not at the shelf.
		carts[i] = v.c.fill(map[string]int{[]string{"MUG-BEFFROI", "CARAMELS-250", "MIEL-500"}[i%3]: 1})
		v.c.want(200, "PUT", "/api/v1/carts/"+carts[i]+"/voucher", map[string]string{"code": "CINQ"})
	}
	for _, cart := range carts {
		all.Go(func() {
			for range 60 {
				a, err := v.c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "cinq-"+cart)
				switch {
				case err != nil:
					v.t.Error(err)
				case a.status == 201:
					took.Add(1)
					var p placedOrder
					a.into(v.t, &p)
					numbers <- p
				case a.status == http.StatusConflict:
					told.Add(1)
				case a.status == http.StatusServiceUnavailable:
					continue
				default:
					v.t.Errorf("%d %s", a.status, a.body)
				}
				return
			}
		})
	}
	all.Wait()
	if used := v.h.count(`select used from voucher where code = 'CINQ'`); took.Load() != 5 || used != 5 {
		v.t.Errorf("%d of 24 took the voucher, %d were told, it counts %d", took.Load(), told.Load(), used)
	}
	for range took.Load() {
		v.overdue(<-numbers)
	}
	v.sweep()
	if used := v.h.count(`select used from voucher where code = 'CINQ'`); used != 0 {
		v.t.Errorf("nobody paid, and the voucher counts %d", used)
	}
}
