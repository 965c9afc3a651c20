package emulator_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

func TestASessionExpiresByTheClock(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(func(p *stripe.CheckoutSessionParams) {
		p.ExpiresAt = stripe.Int64(s.clock.Now().Add(35 * time.Minute).Unix())
	})
	browse(t, "POST", made.URL, card("4000000000000002"))
	s.clock.add(34 * time.Minute)
	if got := s.fetch(made.ID); got.Status != "open" {
		t.Errorf("session %s before its time", got.Status)
	}
	s.clock.add(time.Hour)
	got := s.fetch(made.ID)
	if got.Status != "expired" || got.URL != "" || got.PaymentIntent.Status != "canceled" {
		t.Errorf("session = %+v, intent = %+v", got, got.PaymentIntent)
	}
	it := s.api.Events.List(&stripe.EventListParams{Type: stripe.String("checkout.session.expired")})
	if !it.Next() || it.Event().Created != made.ExpiresAt {
		t.Errorf("the event does not bear the moment of expiry (%v)", it.Err())
	}
}

func TestAPaidSessionCannotExpire(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(nil)
	browse(t, "POST", made.URL, card("4242424242424242"))
	_, err := s.api.CheckoutSessions.Expire(made.ID, &stripe.CheckoutSessionExpireParams{})
	var e *stripe.Error
	if !errors.As(err, &e) || e.HTTPStatusCode != 400 || !strings.Contains(e.Msg, "`complete`") {
		t.Errorf("error = %v", err)
	}
	s.clock.add(48 * time.Hour)
	if got := s.fetch(made.ID); got.Status != "complete" || s.events("checkout.session.expired") != 0 {
		t.Errorf("session = %+v", got)
	}
}

func TestSessionsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	var ids []string
	for range 5 {
		ids = append([]string{s.session(nil).ID}, ids...)
		s.clock.add(time.Second)
	}
	list := func(change func(*stripe.CheckoutSessionListParams)) (got []string) {
		p := &stripe.CheckoutSessionListParams{}
		change(p)
		it := s.api.CheckoutSessions.List(p)
		for it.Next() {
			got = append(got, it.CheckoutSession().ID)
		}
		if it.Err() != nil {
			t.Fatal(it.Err())
		}
		return got
	}
	for _, c := range []struct {
		name   string
		change func(*stripe.CheckoutSessionListParams)
		want   []string
	}{
		{"all, two at a time", func(p *stripe.CheckoutSessionListParams) { p.Limit = stripe.Int64(2) }, ids},
		{"after one", func(p *stripe.CheckoutSessionListParams) { p.StartingAfter = &ids[2] }, ids[3:]},
		{"expired", func(p *stripe.CheckoutSessionListParams) { p.Status = stripe.String("expired") }, nil},
	} {
		got := list(c.change)
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if a := s.raw(raw{method: "GET", path: sessions, form: "limit=2&ending_before=" + ids[3]}); strings.Index(a.body, ids[1]) < 0 || strings.Index(a.body, ids[2]) < strings.Index(a.body, ids[1]) || strings.Contains(a.body, ids[0]) || !strings.Contains(a.body, `"has_more": true`) {
		t.Errorf("the page before %s is %s", ids[3], a.body)
	}
	it := s.api.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: &ids[0]})
	var names []string
	for it.Next() {
		names = append(names, it.LineItem().Description)
	}
	if strings.Join(names, ", ") != "2 × Mug Gayant, Guide des beffrois" {
		t.Errorf("lines = %v", names)
	}
	if a := s.raw(raw{method: "GET", path: sessions, form: "starting_after=cs_test_1"}); a.status != 400 || a.err.Code != "resource_missing" {
		t.Errorf("an unknown cursor is answered %d %s", a.status, a.body)
	}
}

func TestObjectsAreExpandedOnDemand(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	pi, _ := s.paid("4242424242424242")
	for _, c := range []struct{ path, expand, holds string }{
		{"/v1/payment_intents/" + pi, "latest_charge.balance_transaction", `"object": "balance_transaction"`},
		{"/v1/payment_intents/" + pi, "payment_method", `"object": "payment_method"`},
		{"/v1/checkout/sessions", "data.payment_intent.latest_charge.balance_transaction", `"object": "balance_transaction"`},
		{"/v1/checkout/sessions", "data.line_items", `"object": "item"`},
		{"/v1/balance_transactions", "data.source.payment_intent", `"object": "payment_intent"`},
		{"/v1/charges", "data.refunds", `"/refunds"`},
	} {
		a := s.raw(raw{method: "GET", path: c.path, form: "expand[]=" + c.expand})
		if a.status != 200 || !strings.Contains(a.body, strings.TrimSuffix(strings.TrimPrefix(c.holds, `"/`), `"`)) {
			t.Errorf("%s with %s is answered %d %s", c.path, c.expand, a.status, a.body)
		}
	}
	for _, wrong := range []string{"amount", "colour", "latest_charge.amount", "latest_charge.colour"} {
		if a := s.raw(raw{method: "GET", path: "/v1/payment_intents/" + pi, form: "expand[]=" + wrong}); a.status != 400 || !strings.Contains(a.err.Message, "cannot be expanded") {
			t.Errorf("expand %s is answered %d %s", wrong, a.status, a.body)
		}
	}
	if got := s.raw(raw{method: "GET", path: "/v1/payment_intents/" + pi}); strings.Contains(got.body, `"object": "charge"`) {
		t.Error("an object is expanded that nobody asked for")
	}
}

func TestAnIntentOfASessionIsCancelledThroughTheSession(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(nil)
	browse(t, "POST", made.URL, card("4000000000000002"))
	pi := s.fetch(made.ID).PaymentIntent.ID
	if _, err := s.api.PaymentIntents.Cancel(pi, &stripe.PaymentIntentCancelParams{}); err == nil {
		t.Error("the intent of an open session was cancelled")
	}
	paid, _ := s.paid("4242424242424242")
	_, err := s.api.PaymentIntents.Cancel(paid, &stripe.PaymentIntentCancelParams{})
	var e *stripe.Error
	if !errors.As(err, &e) || e.Code != "payment_intent_unexpected_state" {
		t.Errorf("error = %v", err)
	}
}

func TestAnOrderOfNothingIsCompleteWithoutMoney(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	a := s.raw(raw{path: sessions, form: wanted("line_items[0][price_data][unit_amount]=0")})
	got := browse(t, "POST", s.url+"/c/pay/"+sessionID(a), url.Values{})
	end := s.fetch(sessionID(a))
	if got.status != 303 || end.Status != "complete" || end.PaymentStatus != "no_payment_required" || end.PaymentIntent != nil || s.Captured() != 0 {
		t.Errorf("answer %d, session = %+v", got.status, end)
	}
}
