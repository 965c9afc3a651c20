package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// point is an instant at which a copy of the program may die.
type point struct {
	name string
	// at tells whether a moment is the point, and how the copy dies there.
	at func(moment) verdict
}

// says tells whether the transaction has said something like this.
func (m moment) says(part string) bool {
	return slices.ContainsFunc(m.tx, func(s string) bool { return strings.Contains(s, part) })
}

func beforeCommitOf(part string) func(moment) verdict {
	return func(m moment) verdict {
		if m.kind == "commit" && m.says(part) {
			return dieBefore
		}
		return live
	}
}

func afterCommitOf(part string) func(moment) verdict {
	return func(m moment) verdict {
		if m.kind == "committed" && m.says(part) {
			return dieBefore
		}
		return live
	}
}

func when(kind, what string, v verdict) func(moment) verdict {
	return func(m moment) verdict {
		if m.kind == kind && strings.HasPrefix(m.what, what) {
			return v
		}
		return live
	}
}

// second is the second time that another point is reached.
func second(at func(moment) verdict) func(moment) verdict {
	var times atomic.Int64
	return func(m moment) verdict {
		if v := at(m); v != live && times.Add(1) >= 2 {
			return v
		}
		return live
	}
}

// What the transactions of interest say.
const (
	saysOrder    = "insert into orders"
	saysSession  = "update payment\n"
	saysEvent    = "insert into payment_event"
	saysInvoice  = "insert into document"
	saysTried    = "update payment_event"
	saysSent     = "set sent_at"
	saysRefund   = "insert into refund"
	saysRefunded = "update refund"
)

// points are the instants of a payment's life, from the cart to the money that goes back.
func points() []point {
	return []point{
		{"before the order is committed", beforeCommitOf(saysOrder)},
		{"after the order is committed", afterCommitOf(saysOrder)},
		{"the page was asked for, but Stripe never heard it", when("asks stripe", "POST /v1/checkout/sessions", dieBefore)},
		{"the page was asked for, no answer came", when("asks stripe", "POST /v1/checkout/sessions", dieAfter)},
		{"the answer was on its way", when("stripe answers", "POST /v1/checkout/sessions", dieBefore)},
		{"the page was answered, not stored", func(m moment) verdict {
			if m.kind == "commit" && m.says(saysSession) && !m.says(saysOrder) {
				return dieBefore
			}
			return live
		}},
		{"the page is stored, the shopper not sent there", func(m moment) verdict {
			if m.kind == "committed" && m.says(saysSession) && !m.says(saysOrder) {
				return dieBefore
			}
			return live
		}},
		{"a webhook was received", beforeCommitOf(saysEvent)},
		{"a webhook is recorded, not answered", afterCommitOf(saysEvent)},
		{"the payment was being settled", beforeCommitOf(saysInvoice)},
		{"the payment is settled, its event not marked", afterCommitOf(saysInvoice)},
		{"the event was being marked", beforeCommitOf(saysTried)},
		{"the event is marked", afterCommitOf(saysTried)},
		{"a mail was claimed", when("mail offered", "", dieBefore)},
		{"a mail is accepted, the server's yes not heard", when("mail accepted", "", dieBefore)},
		{"a mail is sent, not marked", beforeCommitOf(saysSent)},
		{"a mail is marked", afterCommitOf(saysSent)},
		{"before the refund is committed", beforeCommitOf(saysRefund)},
		{"the refund is committed", afterCommitOf(saysRefund)},
		{"the refund was asked for, but Stripe never heard it", when("asks stripe", "POST /v1/refunds", dieBefore)},
		{"the refund was asked for, no answer came", when("asks stripe", "POST /v1/refunds", dieAfter)},
		{"the refund was answered, not stored", beforeCommitOf(saysRefunded)},
		{"the refund is stored", afterCommitOf(saysRefunded)},
		{"the sweep was closing its second page, but Stripe never heard it", second(when("asks stripe", "POST /v1/checkout/sessions/", dieBefore))},
		{"the sweep has closed its second page, and does not know", second(when("asks stripe", "POST /v1/checkout/sessions/", dieAfter))},
	}
}

// armed lets one point be armed at a time; reached ends the copy and disarms it.
type armed struct {
	at      atomic.Pointer[point]
	reached atomic.Int64
}

func (a *armed) seen(m moment) verdict {
	p := a.at.Load()
	if p == nil {
		return live
	}
	v := p.at(m)
	if v != live && !a.at.CompareAndSwap(p, nil) {
		return live
	}
	if v != live {
		a.reached.Add(1)
	}
	return v
}

// insist repeats a step as people do, starting the program again when it has died, until it succeeds.
func (h *house) insist(what string, step func() error) {
	h.t.Helper()
	var err error
	// Stripe sends a webhook again after seconds, and a busy machine takes its time: who waits gives up late.
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		if len(h.living()) == 0 {
			h.open(0)
		}
		if err = step(); err == nil {
			return
		}
		h.rest(30 * time.Millisecond)
	}
	h.t.Fatalf("%s: %v", what, err)
}

// rest gives the program's background a moment.
func (h *house) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.t.Context().Done():
	}
}

// expect makes a call that must be answered so; anything else is worth another try.
func (c caller) expect(status int, method, path string, body, into any, headers ...string) error {
	a, err := c.try(method, path, body, headers...)
	if err != nil {
		return err
	}
	if a.status != status {
		return fmt.Errorf("%s %s: %d %s", method, path, a.status, tail(string(a.body), 300))
	}
	if into != nil {
		a.into(c.t, into)
	}
	return nil
}

// The program dies at every instant of a payment's life. Started again, and asked again by a shopper and
// by staff who know nothing of it, it has one order, one payment, one refund, and every mail.
func TestKilledAtEveryPoint(t *testing.T) {
	t.Parallel()
	all := points()
	const houses = 3
	for n := range houses {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			a := &armed{}
			h := newHouse(t, houseOptions{seed: int64(n + 1), seen: a.seen})
			begin := h.onShelf()
			for i := n; i < len(all); i += houses {
				dies := all[i]
				before := a.reached.Load()
				a.at.Store(&dies)
				h.life(i)
				if a.at.Swap(nil); a.reached.Load() == before {
					t.Errorf("%s: the copy did not come there", dies.name)
				}
			}
			h.agree(h.calm(false), begin)
			for _, o := range h.keptOrders() {
				if o.state == "awaiting_payment" || o.confirmed && o.payment != "partially_refunded" {
					t.Errorf("order %s is %s and %s", o.number, o.state, o.payment)
				}
			}
		})
	}
}

// life is one paid order that is refunded in part, and two that nobody pays, whose time runs out.
func (h *house) life(i int) {
	h.t.Helper()
	c, staff := h.shopper(), h.staff()
	cart := func() (id string) {
		h.insist("a cart", func() (err error) {
			var made struct {
				ID string `json:"id"`
			}
			if err = c.expect(201, "POST", "/api/v1/carts", nil, &made); err == nil {
				id = made.ID
				err = c.expect(200, "PUT", "/api/v1/carts/"+id+"/lines/MUG-BEFFROI", map[string]int{"quantity": 1}, nil)
			}
			if err == nil {
				err = c.expect(200, "PUT", "/api/v1/carts/"+id+"/destination", map[string]string{"country": "FR", "postal_code": "59500"}, nil)
			}
			return err
		})
		return id
	}
	order := func(key string) (p placedOrder) {
		id := cart()
		h.insist("an order", func() error {
			return c.expect(201, "POST", "/api/v1/carts/"+id+"/checkout", checkoutBody("parcel"), &p, "Idempotency-Key", key)
		})
		return p
	}
	paid := order(fmt.Sprintf("paid-%d", i))
	if answer := c.pay(paid, goodCard); answer.StatusCode != http.StatusSeeOther {
		h.t.Fatalf("paying is answered %d", answer.StatusCode)
	}
	h.insist("the payment", func() error {
		var o seenOrder
		if err := c.expect(200, "GET", "/api/v1/orders/"+paid.Number+"?key="+paid.Key, nil, &o); err != nil {
			return err
		}
		if !confirmed(o) || h.count(`select count(*) from mail where sent_at is null`) > 0 || h.count(`select count(*) from payment_event where done_at is null`) > 0 {
			h.wake()
			return fmt.Errorf("the order is %s, %s", o.Status, h.unrest())
		}
		return nil
	})
	h.insist("a refund", func() error {
		return staff.expect(201, "POST", "/api/v1/staff/orders/"+paid.Number+"/refunds", map[string]any{"amount": amount{500, "EUR"}, "reason": "kindness"}, nil, "Idempotency-Key", fmt.Sprintf("refund-%d", i))
	})
	h.insist("the refund", func() error {
		if n := h.count(`select count(*) from refund where state = 'requested'`); n > 0 {
			h.wake()
			return fmt.Errorf("%d refunds wait", n)
		}
		return nil
	})
	order(fmt.Sprintf("left-%d", i))
	order(fmt.Sprintf("forgotten-%d", i))
	h.exec(`update payment set created_at = created_at - interval '45 minutes', expires_at = expires_at - interval '45 minutes' where state in ('creating', 'open')`)
	h.insist("the sweep", func() error {
		c := h.pick()
		if c == nil {
			return fmt.Errorf("no copy lives")
		}
		if err := c.a.payments.Sweep(h.t.Context()); err != nil {
			return err
		}
		if n := h.count(`select count(*) from payment where state in ('creating', 'open')`); n > 0 {
			return fmt.Errorf("%d payments are open", n)
		}
		return nil
	})
}

// wake lets the queue's waiting times be over: jobs that failed are due, and those of a copy that died
// are taken back, as the queue does after a minute and a half.
func (h *house) wake() {
	h.hurry()
	h.exec(`update river_job set state = 'available' where state = 'running' and attempted_at < now() - interval '3 seconds'`)
}
