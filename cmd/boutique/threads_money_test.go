package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"boutique/payments"
	"boutique/payments/stripe/emulator"
)

func (v *village) dashboardRefund() {
	v.h.bank.Network(emulator.Delivery{Duplicate: 2})
	p := v.paid()
	v.h.control("refund/"+v.chargeOf(p), map[string]any{"amount": 300})
	if a := v.refund(p, 400, "ours-"+p.Number); a.status != 201 {
		v.t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	v.until("both refunds", func() bool { return len(v.c.see(p).Refunds) >= 2 })
	v.deliver(v.event("charge.refunded", map[string]any{"id": v.chargeOf(p), "object": "charge", "payment_intent": v.intentOf(p)}))
	v.rested()
	if o := v.c.see(p); len(o.Refunds) != 2 || len(o.CreditNotes) != 2 {
		v.t.Errorf("%d refunds, %d credit notes", len(o.Refunds), len(o.CreditNotes))
	}
}

func (v *village) partialDashboardRefund() {
	p := v.paid()
	v.h.control("refund/"+v.chargeOf(p), map[string]any{"amount": 100})
	v.until("the refund", func() bool { return v.c.see(p).PaymentStatus == "partially_refunded" })
	v.is(p, "confirmed", "partially_refunded")
	if v.sold(p) != 1 {
		v.t.Errorf("%d sold", v.sold(p))
	}
	// Cancelled afterwards, its goods come back all the same.
	v.staff.want(200, "POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "asked for"})
	v.rested()
	v.is(p, "cancelled", "refunded")
	if v.sold(p) != 0 {
		v.t.Errorf("%d sold of a cancelled order", v.sold(p))
	}
}

func (v *village) threePartials() {
	p := v.paid()
	for i, cents := range []int64{300, 400, 500} {
		if a := v.refund(p, cents, fmt.Sprintf("part-%d-%s", i, p.Number)); a.status != 201 {
			v.t.Fatalf("%d %s", a.status, a.body)
		}
	}
	v.rested()
	before, _ := v.refundsAtStripe(p)
	if a := v.refund(p, p.Total.Amount-1200+1, "over-"+p.Number); a.status != http.StatusConflict || a.code() != "exceeds_refundable" {
		v.t.Errorf("a cent too much is answered %d %s", a.status, a.body)
	}
	if after, sum := v.refundsAtStripe(p); after != before || sum != 1200 {
		v.t.Errorf("%d refunds of %d at Stripe", after, sum)
	}
	if a := v.refund(p, p.Total.Amount-1200, "rest-"+p.Number); a.status != 201 {
		v.t.Errorf("the rest is answered %d %s", a.status, a.body)
	}
	v.rested()
	if o := v.c.see(p); o.PaymentStatus != "refunded" {
		v.t.Errorf("all parts are back: %s", o.PaymentStatus)
	}
}

func (v *village) oneRefund() {
	p := v.paid()
	v.fault("/v1/refunds", "cut_after", 1)
	v.fault("/v1/refunds", "cut_before", 8)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			a, err := v.staff.try("POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{"amount": amount{700, "EUR"}, "reason": "return"}, "Idempotency-Key", "click-"+p.Number)
			if err != nil || a.status != 201 && a.status != http.StatusConflict && a.status != http.StatusServiceUnavailable {
				v.t.Errorf("a click is answered %d %s, %v", a.status, a.body, err)
			}
		})
	}
	all.Wait()
	// The copy that carries it out dies; the other one goes on.
	dying := v.h.anyCopy()
	v.h.control("fault", map[string]any{"kind": "none"})
	dying.die()
	v.h.open(0)
	v.h.exec(`update river_job set state = 'available' where state = 'running' and kind = 'payments_refund'`)
	v.rested()
	if n, sum := v.refundsAtStripe(p); n != 1 || sum != 700 {
		v.t.Errorf("%d refunds of %d at Stripe", n, sum)
	}
}

func (v *village) signatures() {
	for _, secret := range []string{"", "whsec_short", "secret"} {
		c := readConfig(append(houseConfig(v.h.database, v.h.front.URL, v.h.bank.URL(), v.h.mails.URL()), "STRIPE_WEBHOOK_SECRET="+secret))
		if wrong := strings.Join(c.check(), "\n"); !strings.HasPrefix(wrong, "STRIPE_WEBHOOK_SECRET must be") {
			v.t.Errorf("the secret %q starts: %q", secret, wrong)
		}
	}
	p := v.order()
	body := v.event("checkout.session.completed", v.about(p))
	good := signature(body, houseSecret, v.now())
	for _, c := range []struct {
		name, body, signed string
		status             int
	}{
		{"none", body, "", 400},
		{"forged", strings.Replace(body, "evt_", "evt_x", 1), good, 400},
		{"ten minutes old", body, signature(body, houseSecret, v.now().Add(-10*time.Minute)), 400},
		{"two days from now", body, signature(body, houseSecret, v.now().Add(48*time.Hour)), 400},
		{"of another secret", body, signature(body, "whsec_ffffffffffffffffffffffff", v.now()), 400},
		{"of an empty secret", body, signature(body, "", v.now()), 400},
	} {
		if got := v.post(c.body, c.signed); got != c.status {
			v.t.Errorf("a signature %s is answered %d", c.name, got)
		}
	}
	if n := v.h.count(`select count(*) from payment_event where id like 'evt\_%village' || $1::text`, strconv.Itoa(v.n)); n != 0 {
		v.t.Errorf("%d events are stored", n)
	}
}

func (v *village) bytes() {
	p := v.order()
	object := v.about(p)
	object["padding"] = strings.Repeat("é\u00a0 ", 75_000)
	body := v.event("checkout.session.completed", object)
	if len(body) < 300_000 {
		v.t.Fatalf("only %d bytes", len(body))
	}
	a := v.c.call("POST", "/webhooks/stripe", body, "Stripe-Signature", signature(body, houseSecret, v.now()), "Accept-Encoding", "gzip, br")
	if a.status != 200 {
		v.t.Errorf("%d bytes are answered %d", len(body), a.status)
	}
	spaced := strings.Replace(v.event("checkout.session.completed", v.about(p)), ":", " : ", 1)
	if code := v.deliver(spaced); code != 200 {
		v.t.Errorf("bytes in another form are answered %d", code)
	}
	huge := strings.Repeat("x", 5<<20)
	if a, err := v.c.try("POST", "/webhooks/stripe", huge, "Stripe-Signature", signature(huge, houseSecret, v.now())); err == nil && a.status != http.StatusRequestEntityTooLarge && a.status != http.StatusBadGateway {
		v.t.Errorf("five megabytes are answered %d", a.status)
	}
	v.rested()
}

func (v *village) livemode() {
	p := v.order()
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	v.c.pay(p, goodCard)
	body := strings.Replace(v.event("checkout.session.completed", v.about(p)), `"livemode":false`, `"livemode":true`, 1)
	if code := v.deliver(body); code != 200 {
		v.t.Errorf("answered %d", code)
	}
	if n := v.h.count(`select count(*) from payment_event where outcome = 'ignored: livemode'`); n != 1 {
		v.t.Errorf("%d events are counted as of another mode", n)
	}
	for name, env := range map[string][]string{
		"a live key and another server":      {"STRIPE_SECRET_KEY=sk_live_0000000000000000"},
		"a live key and an address in clear": {"STRIPE_SECRET_KEY=sk_live_0000000000000000", "STRIPE_API_URL="},
		"a publishable key":                  {"STRIPE_SECRET_KEY=pk_test_0000000000000000"},
	} {
		if wrong := readConfig(append(houseConfig(v.h.database, v.h.front.URL, v.h.bank.URL(), v.h.mails.URL()), env...)).check(); len(wrong) == 0 {
			v.t.Errorf("%s starts", name)
		}
	}
	if err := payments.CheckMode(v.t.Context(), v.app().database.pool, true); err == nil {
		v.t.Error("live keys are taken on a database of test payments")
	}
}

func (v *village) successAddress() {
	paid := v.paid()
	p := v.order()
	page := v.c.want(200, "GET", "/fr/orders/"+p.Number+"?key="+p.Key+"&paid="+v.sessionOf(p), nil)
	v.is(p, "awaiting_payment", "unpaid")
	if strings.Contains(string(page.body), paid.Number) {
		v.t.Error("the page shows another order")
	}
	for _, address := range []string{"?paid=" + v.sessionOf(paid), "?key=&paid=" + v.sessionOf(p), "?key=" + p.Key + "x", "?key=" + v.id(paid).String(), "?key=" + paid.Number} {
		if a := v.c.call("GET", "/fr/orders/"+paid.Number+address, nil); a.status != 404 || strings.Contains(string(a.body), "zoe@") {
			v.t.Errorf("%s is answered %d", address, a.status)
		}
	}
}
