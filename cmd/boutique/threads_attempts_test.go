package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/payments"
	"boutique/payments/stripe/emulator"
)

// orphan is a page that Stripe made and whose answer never came: the shop gives the order up, the shopper
// has the page.
func (v *village) orphan(sku string) (p placedOrder, page string) {
	v.t.Helper()
	v.fault("/v1/checkout/sessions", "500_after", 1)
	cart := v.c.fill(map[string]int{sku: 1})
	key := "orphan-" + cart
	if a := v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", key); a.status != http.StatusServiceUnavailable {
		v.t.Fatalf("a lost answer is %d %s", a.status, a.body)
	}
	v.h.control("fault", map[string]any{"kind": "none"})
	if err := v.h.owner.QueryRow(v.t.Context(), `select number from orders where cart_id = $1`, cart).Scan(&p.Number); err != nil {
		v.t.Fatal(err)
	}
	id := v.id(p)
	p.Key = v.app().shop.Keys.Of(id)
	v.overdue(p)
	v.sweep()
	v.is(p, "expired", "failed")
	for _, s := range v.h.bankBooks().Objects.Sessions {
		if s.Reference == id.String() {
			p.PaymentURL = v.h.bank.URL() + "/c/pay/" + s.ID
		}
	}
	return p, p.PaymentURL
}

func (v *village) paidAfterwards() {
	p, _ := v.orphan("BOULE-NEIGE")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	if v.sold(p) != 1 {
		v.t.Errorf("%d sold", v.sold(p))
	}
	// The last one is sold to somebody else meanwhile.
	late, _ := v.orphan("BOULE-NEIGE")
	other := v.c.order(map[string]int{"BOULE-NEIGE": 1}, "collection")
	v.c.pay(other, goodCard)
	v.c.until(other, confirmed)
	v.c.pay(late, goodCard)
	v.rested()
	if n, sum := v.refundsAtStripe(late); n != 1 || sum == 0 || v.sold(late) != 0 {
		v.t.Errorf("%d refunds of %d, %d sold", n, sum, v.sold(late))
	}
	if n := v.h.count(`select count(*) from mail where kind = 'payment_returned'`); n != 1 {
		v.t.Errorf("%d mails tell of it", n)
	}
}

func (v *village) twoTabs() {
	p := v.order()
	first := v.c.want(303, "POST", "/fr/orders/"+p.Number+"/pay?key="+p.Key, nil)
	second := v.c.want(303, "POST", "/fr/orders/"+p.Number+"/pay?key="+p.Key, nil)
	if first.header.Get("Location") != second.header.Get("Location") || first.header.Get("Location") != p.PaymentURL {
		v.t.Errorf("two tabs lead to %s and %s", first.header.Get("Location"), second.header.Get("Location"))
	}
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	// A second payment of the same order, as of a page that no shop should have made.
	a := v.app()
	ctx := context.WithoutCancel(v.t.Context())
	id := v.id(p)
	var twice payments.Payment
	err := pg.InTx(ctx, a.database.pool, func(tx pgx.Tx) (err error) {
		if err := a.shop.Lock(ctx, tx, id); err != nil {
			return err
		}
		paid, err := payments.OfOrder(ctx, tx, id)
		if err != nil {
			return err
		}
		twice, err = payments.OpenPayment(ctx, tx, payments.New{OrderID: id, Amount: paid[0].Amount, Request: paid[0].Request})
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	if twice, err = a.payments.Start(ctx, twice.ID); err != nil {
		v.t.Fatal(err)
	}
	again := placedOrder{Number: p.Number, Key: p.Key, PaymentURL: twice.SessionURL}
	v.c.pay(again, goodCard)
	v.rested()
	v.is(p, "confirmed", "paid")
	if n, sum := v.refundsAtStripe(again); n != 1 || sum != p.Total.Amount || v.sold(p) != 1 {
		v.t.Errorf("%d refunds of %d, %d sold", n, sum, v.sold(p))
	}
	if o := v.c.see(p); len(o.Refunds) != 1 || len(o.CreditNotes) != 0 {
		v.t.Errorf("the second payment is shown as %+v", o)
	}
}

func (v *village) editedCart() {
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	var p placedOrder
	v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "edit-"+cart).into(v.t, &p)
	if a := v.c.call("PUT", "/api/v1/carts/"+cart+"/lines/MUG-BEFFROI", map[string]int{"quantity": 9}); a.status != http.StatusConflict {
		v.t.Errorf("an ordered cart is edited: %d %s", a.status, a.body)
	}
	// The session of a cheap order says that it is paid; the dear one hears of it.
	dear := v.c.order(map[string]int{"MUG-BEFFROI": 5}, "parcel")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	v.c.want(200, "GET", "/fr/orders/"+dear.Number+"?key="+dear.Key+"&paid="+v.sessionOf(p), nil)
	v.deliver(v.event("checkout.session.completed", map[string]any{"id": v.sessionOf(p), "object": "checkout.session", "client_reference_id": v.id(dear).String(), "metadata": map[string]string{"order_id": v.id(dear).String()}}))
	v.rested()
	v.is(dear, "awaiting_payment", "unpaid")
}

func (v *village) lastItem() {
	v.staff.want(200, "PUT", "/api/v1/staff/variants/TOTE-BEFFROI/stock", map[string]any{"on_hand": 1, "reason": "count"})
	v.stock["TOTE-BEFFROI"] = 1
	before := len(v.h.bankBooks().Objects.Sessions)
	var sold, told atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		cart := v.c.fill(map[string]int{"TOTE-BEFFROI": 1})
		all.Go(func() {
			for range 50 {
				a, err := v.c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", fmt.Sprintf("tote-%d", i))
				switch {
				case err != nil:
					v.t.Error(err)
				case a.status == 201:
					sold.Add(1)
				case a.code() == "out_of_stock":
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
	if after := len(v.h.bankBooks().Objects.Sessions); sold.Load() != 1 || told.Load() != 19 || after != before+1 {
		v.t.Errorf("%d sold, %d told, %d payment pages", sold.Load(), told.Load(), after-before)
	}
}

// headless pays a session as Stripe's own command line does, with any instrument.
func (v *village) headless(p placedOrder, method url.Values) {
	v.t.Helper()
	form := func(path string, values url.Values) map[string]any {
		var out map[string]any
		v.h.bankCaller().want(200, "POST", path, values.Encode(), "Content-Type", "application/x-www-form-urlencoded").into(v.t, &out)
		return out
	}
	made := form("/v1/payment_methods", method)
	form("/v1/payment_pages/"+v.sessionOf(p)+"/confirm", url.Values{"payment_method": {made["id"].(string)}, "expected_amount": {fmt.Sprint(p.Total.Amount)}})
}

func (v *village) debit() {
	for _, bounces := range []bool{false, true} {
		p := v.debitOrder()
		v.headless(p, url.Values{"type": {"sepa_debit"}, "sepa_debit[iban]": {"FR3020041010050500013M02609"}, "billing_details[name]": {"Zoé"}, "billing_details[email]": {"zoe@example.org"}})
		v.until("processing", func() bool { return v.c.see(p).PaymentStatus == "processing" })
		v.is(p, "awaiting_payment", "processing")
		v.overdue(p)
		v.sweep()
		v.is(p, "awaiting_payment", "processing")
		v.h.control("settle/"+v.intentOf(p), map[string]any{"fail": bounces})
		if bounces {
			v.until("the bank's no", func() bool { return v.c.see(p).Status == "expired" })
			v.is(p, "expired", "failed")
			continue
		}
		v.c.until(p, confirmed)
		v.is(p, "confirmed", "paid")
	}
}

// debitOrder is an order whose page offers debits too.
func (v *village) debitOrder() placedOrder {
	v.t.Helper()
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	a := v.app()
	ctx := context.WithoutCancel(v.t.Context())
	v.fault("/v1/checkout/sessions", "cut_before", 50)
	v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "debit-"+cart)
	v.h.control("fault", map[string]any{"kind": "none"})
	var p placedOrder
	if err := v.h.owner.QueryRow(ctx, `select number, total from orders where cart_id = $1`, cart).Scan(&p.Number, &p.Total.Amount); err != nil {
		v.t.Fatal(err)
	}
	v.h.exec(`update payment set request = jsonb_set(request, '{methods}', '["card", "sepa_debit"]') where order_id = $1 and state = 'creating'`, v.id(p))
	paid, err := a.payments.ReconcileOrder(ctx, v.id(p))
	if err != nil {
		v.t.Fatal(err)
	}
	p.Key, p.PaymentURL = a.shop.Keys.Of(v.id(p)), paid.SessionURL
	return p
}

func (v *village) abandoned() {
	p := v.order()
	before := v.h.count(`select count(*) from mail`)
	v.overdue(p)
	v.sweep()
	v.is(p, "expired", "failed")
	if after := v.h.count(`select count(*) from mail`); after != before {
		v.t.Errorf("%d mails about a page that was left", after-before)
	}
}

func (v *village) expireOfAPaidOne() {
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	p := v.order()
	v.c.pay(p, goodCard)
	if a := v.staff.call("POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "error"}); a.status != http.StatusConflict || a.code() != "order_paid" {
		v.t.Errorf("cancelling what was paid is answered %d %s", a.status, a.body)
	}
	v.is(p, "confirmed", "paid")
}

func (v *village) backButton() {
	p := v.order()
	v.c.want(200, "GET", "/fr/orders/"+p.Number+"?key="+p.Key+"&cancelled=1", nil)
	v.is(p, "awaiting_payment", "unpaid")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	left := v.order()
	v.c.want(303, "POST", "/fr/orders/"+left.Number+"/give-up?key="+left.Key, nil)
	if answer := v.c.pay(left, goodCard); answer.StatusCode == http.StatusSeeOther {
		v.t.Error("a page that was given up takes money")
	}
	v.is(left, "expired", "failed")
}
