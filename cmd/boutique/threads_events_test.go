package main

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"boutique/payments/stripe/emulator"
)

func (v *village) allAtOnce() {
	v.h.bank.Network(emulator.Delivery{Duplicate: 5, AtOnce: 6})
	p := v.order()
	v.c.pay(p, goodCard)
	var all sync.WaitGroup
	for i := range 48 {
		all.Go(func() {
			switch i % 3 {
			case 0:
				body := fmt.Sprintf(`{"id":"evt_all%d","object":"event","type":"checkout.session.completed","api_version":"2023-10-16","created":1,"livemode":false,"data":{"object":{"id":%q,"object":"checkout.session"}}}`, i, v.sessionOf(p))
				if a, err := v.c.try("POST", "/webhooks/stripe", body, "Stripe-Signature", signature(body, houseSecret, v.now())); err != nil || a.status != 200 {
					v.t.Errorf("webhook: %d %v", a.status, err)
				}
			case 1:
				if a, err := v.c.try("GET", "/fr/orders/"+p.Number+"?key="+p.Key+"&paid="+v.sessionOf(p), nil); err != nil || a.status != 200 {
					v.t.Errorf("return page: %d %v", a.status, err)
				}
			default:
				if err := v.app().payments.Poll(context.WithoutCancel(v.t.Context())); err != nil {
					v.t.Errorf("poll: %v", err)
				}
			}
		})
	}
	all.Wait()
	v.c.until(p, confirmed)
	v.is(p, "confirmed", "paid")
	v.rested()
	if n := v.h.count(`select count(*) from document where order_number = $1`, p.Number); n != 1 {
		v.t.Errorf("%d invoices", n)
	}
}

func (v *village) onceEach() {
	v.h.bank.Network(emulator.Delivery{Duplicate: 3})
	p := v.paid()
	for range 3 {
		v.deliver(v.event("checkout.session.completed", v.about(p)))
	}
	v.rested()
	if v.sold(p) != 1 || v.mails(p, "order_confirmed") != 1 {
		v.t.Errorf("%d sold, %d mails", v.sold(p), v.mails(p, "order_confirmed"))
	}
}

func (v *village) oneEventFiveTimes() {
	second := v.h.bankCaller()
	form := url.Values{"url": {v.h.front.URL + "/webhooks/stripe"}, "enabled_events[]": {"*"}, "api_version": {"2023-10-16"}}
	made := second.want(200, "POST", "/v1/webhook_endpoints", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	p := v.paid()
	body := v.event("checkout.session.completed", v.about(p))
	for range 5 {
		if code := v.deliver(body); code != 200 {
			v.t.Errorf("answered %d", code)
		}
	}
	var endpoint struct {
		ID string `json:"id"`
	}
	made.into(v.t, &endpoint)
	second.want(200, "DELETE", "/v1/webhook_endpoints/"+endpoint.ID, nil)
	v.rested()
	if n := v.h.count(`select count(*) from payment_event where id = $1`, fmt.Sprintf("evt_village%d", v.n)); n != 1 || v.sold(p) != 1 {
		v.t.Errorf("%d events, %d sold", n, v.sold(p))
	}
}

// failsOnce makes the database refuse one row in the middle of settling.
func (v *village) failsOnce() {
	v.h.exec(`create function refuse_once() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$`)
	v.h.exec(`create trigger refuse_once before insert on document for each row execute function refuse_once()`)
	p := v.order()
	v.c.pay(p, goodCard)
	v.until("the failure", func() bool {
		return v.h.count(`select count(*) from payment_event where done_at is null and tries > 0 and last_error <> ''`) > 0
	})
	v.is(p, "awaiting_payment", "unpaid")
	v.h.exec(`drop trigger refuse_once on document`)
	v.h.exec(`drop function refuse_once`)
	v.rested()
	v.is(p, "confirmed", "paid")
}

// oldAnswer holds Stripe's answer "open" back until the payment is settled.
func (v *village) oldAnswer() {
	p := v.order()
	held, release := make(chan struct{}), make(chan struct{})
	var taken atomic.Bool
	hold := func(m moment) {
		if m.kind == "stripe answers" && m.what == "GET /v1/checkout/sessions/"+v.sessionOf(p) && !taken.Swap(true) {
			close(held)
			<-release
		}
	}
	v.between.Store(&hold)
	var old sync.WaitGroup
	old.Go(func() {
		if _, err := v.app().payments.ReconcileOrder(context.WithoutCancel(v.t.Context()), v.id(p)); err != nil {
			v.t.Error(err)
		}
	})
	<-held
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	close(release)
	old.Wait()
	v.is(p, "confirmed", "paid")
}

func (v *village) id(p placedOrder) (id uuid.UUID) {
	v.t.Helper()
	if err := v.h.owner.QueryRow(v.t.Context(), `select id from orders where number = $1`, p.Number).Scan(&id); err != nil {
		v.t.Fatal(err)
	}
	return id
}

func (v *village) intermediateEvents() {
	p := v.order()
	v.c.pay(p, "4000 0000 0000 9995")
	for _, kind := range []string{"payment_intent.created", "payment_intent.requires_action", "payment_intent.payment_failed", "charge.failed"} {
		if code := v.deliver(v.event(kind, map[string]any{"id": "pi_x", "object": "payment_intent"})); code != 200 {
			v.t.Errorf("%s is answered %d", kind, code)
		}
	}
	v.rested()
	v.is(p, "awaiting_payment", "unpaid")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	v.h.numbersHaveNoGap()
}

func (v *village) lateFailure() {
	p := v.paid()
	intent := v.intentOf(p)
	for _, kind := range []string{"checkout.session.async_payment_failed", "checkout.session.expired"} {
		v.deliver(v.event(kind, v.about(p)))
	}
	v.deliver(v.event("payment_intent.payment_failed", map[string]any{"id": intent, "object": "payment_intent"}))
	v.deliver(v.event("charge.failed", map[string]any{"id": "ch_late", "object": "charge", "payment_intent": intent}))
	v.rested()
	v.is(p, "confirmed", "paid")
}

func (v *village) failureThenSuccess() {
	p := v.order()
	v.c.pay(p, "4000 0000 0000 0002")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	v.is(p, "confirmed", "paid")
}

func (v *village) latePaid() {
	p := v.paid()
	if a := v.refund(p, 0, "late-"+p.Number); a.status != 201 {
		v.t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	v.deliver(v.event("checkout.session.completed", v.about(p)))
	v.rested()
	if o := v.c.see(p); o.PaymentStatus != "refunded" || v.sold(p) != 0 || v.mails(p, "order_confirmed") != 1 {
		v.t.Errorf("%s, %d sold, %d mails", o.PaymentStatus, v.sold(p), v.mails(p, "order_confirmed"))
	}
}

func (v *village) holdEnds() {
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	p := v.order()
	v.c.pay(p, goodCard)
	v.overdue(p)
	v.sweep()
	v.is(p, "confirmed", "paid")
}
