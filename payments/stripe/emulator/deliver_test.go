package emulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"boutique/payments/stripe/emulator"
	"boutique/payments/stripe/schema"
)

func TestWebhooksAreSignedAndFitTheDescription(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	pi, _ := s.paid("4242424242424242")
	if _, err := s.refund(pi, 1000); err != nil {
		t.Fatal(err)
	}
	s.hook.wait(t, 6)
	s.hook.mu.Lock()
	defer s.hook.mu.Unlock()
	if len(s.hook.bad) > 0 {
		t.Errorf("stripe-go refuses the webhooks: %v", s.hook.bad)
	}
	for i, body := range s.hook.bodies {
		event := s.hook.events[i]
		for _, problem := range spec.Object("event", body) {
			t.Errorf("%s: %s", event.Type, problem)
		}
		object, _ := event.Data.Object["object"].(string)
		for _, problem := range spec.Object(object, event.Data.Raw) {
			t.Errorf("%s: %s", event.Type, problem)
		}
		if event.APIVersion != "2023-10-16" || event.Livemode || !strings.Contains(string(body), "\n  \"id\"") {
			t.Errorf("event = %s", body)
		}
		if expanded, ok := event.Data.Object["payment_intent"].(map[string]any); ok {
			t.Errorf("%s shows %v", event.Type, expanded)
		}
	}
	refunded := s.hook.events[slices.IndexFunc(s.hook.events, func(e stripe.Event) bool { return e.Type == "charge.refunded" })]
	if refunded.Data.PreviousAttributes["amount_refunded"] != float64(0) || refunded.Request == nil || !strings.HasPrefix(refunded.Request.ID, "req_") {
		t.Errorf("previous attributes = %v, request = %v", refunded.Data.PreviousAttributes, refunded.Request)
	}
}

// pending counts the webhooks that still wait.
func (s *shop) pending() int {
	n, _ := s.control("GET", "/_emu/dump", "")["pending_webhooks"].(float64)
	return int(n)
}

func TestAWebhookIsOfferedAgainWithBackOff(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.RedirectWait = time.Millisecond })
	s.Network(emulator.Delivery{Hold: true})
	s.paid("4242424242424242")
	for i, c := range []struct {
		status int
		after  time.Duration
		offers int
	}{
		{500, 0, 4}, {500, 0, 0}, {302, time.Second, 4}, {404, 3 * time.Second, 0}, {404, time.Second, 4}, {200, 15 * time.Second, 0}, {200, time.Second, 4}, {200, time.Hour, 0},
	} {
		s.hook.answer(c.status)
		s.clock.add(c.after)
		if n := s.DeliverDue(t.Context()); n != c.offers {
			t.Errorf("step %d: %d offers, want %d", i, n, c.offers)
		}
	}
	if s.pending() != 0 || len(s.hook.bad) > 0 {
		t.Errorf("%d wait; each try is signed anew: %v", s.pending(), s.hook.bad)
	}
	first := map[string]string{}
	for i, e := range s.hook.events {
		body := strings.Replace(string(s.hook.bodies[i]), `"pending_webhooks": 0`, `"pending_webhooks": 1`, 1)
		if old, again := first[e.ID]; again && old != body {
			t.Errorf("%s changed between two tries", e.ID)
		}
		first[e.ID] = body
	}
}

func TestAWebhookIsGivenUpAfterThreeDays(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.RedirectWait = time.Millisecond })
	s.Network(emulator.Delivery{Hold: true})
	s.hook.answer(500)
	s.paid("4242424242424242")
	s.DeliverDue(t.Context())
	for range 20 {
		s.clock.add(6 * time.Hour)
		s.DeliverDue(t.Context())
	}
	if n := s.Deliver(t.Context()); n != 0 {
		t.Errorf("%d events are offered for ever", n)
	}
	if it := s.api.Events.List(&stripe.EventListParams{DeliverySuccess: stripe.Bool(false)}); !it.Next() {
		t.Errorf("no event counts as not delivered (%v)", it.Err())
	}
}

func TestThePageWaitsForTheWebhookButNotForEver(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.RedirectWait = 200 * time.Millisecond })
	stuck := make(chan struct{})
	s.hook.mu.Lock()
	s.hook.before = func() { <-stuck }
	s.hook.mu.Unlock()
	made := s.session(nil)
	if got := browse(t, "POST", made.URL, card("4242424242424242")); got.status != 303 || len(s.hook.types()) != 0 {
		t.Errorf("answer %d after %v", got.status, s.hook.types())
	}
	close(stuck)
	s.hook.wait(t, 4)
}

func TestTheNetworkCanMisbehave(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		network emulator.Delivery
		offers  int
		check   func(t *testing.T, s *shop)
	}{
		{"duplicates", emulator.Delivery{Duplicate: 2}, 12, func(t *testing.T, s *shop) {
			if n := len(s.hook.types()); n != 12 {
				t.Errorf("%d offers", n)
			}
		}},
		{"drops one type", emulator.Delivery{Drop: []string{"checkout.session.completed"}}, 3, func(t *testing.T, s *shop) {
			if slices.Contains(s.hook.types(), "checkout.session.completed") || s.events("checkout.session.completed") != 1 {
				t.Errorf("heard %v", s.hook.types())
			}
		}},
		{"drops everything", emulator.Delivery{Drop: []string{"*"}}, 0, func(t *testing.T, s *shop) {
			if len(s.hook.types()) != 0 {
				t.Errorf("heard %v", s.hook.types())
			}
		}},
		{"signs with a wrong secret", emulator.Delivery{WrongSecret: true}, 4, func(t *testing.T, s *shop) {
			if len(s.hook.bad) != 4 {
				t.Errorf("accepted %v", s.hook.types())
			}
		}},
		{"signs with an old time", emulator.Delivery{OldTimestamp: true}, 4, func(t *testing.T, s *shop) {
			if len(s.hook.bad) != 4 {
				t.Errorf("accepted %v", s.hook.types())
			}
		}},
		{"speaks another version", emulator.Delivery{APIVersion: "2022-11-15"}, 4, func(t *testing.T, s *shop) {
			if len(s.hook.bad) != 4 || !strings.Contains(s.hook.bad[0].Error(), "2022-11-15") {
				t.Errorf("accepted %v, refused %v", s.hook.types(), s.hook.bad)
			}
		}},
		{"one after the other, in order", emulator.Delivery{AtOnce: 1}, 4, func(t *testing.T, s *shop) {
			if got := strings.Join(s.hook.types(), " "); got != "payment_intent.created charge.succeeded payment_intent.succeeded checkout.session.completed" {
				t.Errorf("heard %s", got)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, nil)
			s.Network(c.network)
			s.paid("4242424242424242")
			s.hook.wait(t, c.offers)
			c.check(t, s)
		})
	}
}

func TestADelayHoldsWebhooksBack(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.RedirectWait = time.Millisecond })
	s.Network(emulator.Delivery{DelaySeconds: 600})
	s.paid("4242424242424242")
	if s.pending() != 4 || len(s.hook.types()) != 0 {
		t.Errorf("%d wait, heard %v", s.pending(), s.hook.types())
	}
	s.clock.add(11 * time.Minute)
	s.hook.wait(t, 4)
}

func TestEndpointsAreRegisteredThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.WebhookURL = "" })
	made, err := s.api.WebhookEndpoints.New(&stripe.WebhookEndpointParams{
		URL: &s.hook.url, EnabledEvents: stripe.StringSlice([]string{"checkout.session.completed"}), APIVersion: stripe.String("2023-10-16"),
	})
	if err != nil || !strings.HasPrefix(made.Secret, "whsec_") {
		t.Fatalf("endpoint = %+v, %v", made, err)
	}
	got, err := s.api.WebhookEndpoints.Get(made.ID, &stripe.WebhookEndpointParams{})
	if err != nil || got.Secret != "" || got.Status != "enabled" {
		t.Errorf("endpoint = %+v, %v", got, err)
	}
	s.paid("4242424242424242")
	s.hook.wait(t, 1) // one type, and its secret is not the one that this hook knows
	if len(s.hook.bad) != 1 {
		t.Errorf("heard %v, refused %v", s.hook.types(), s.hook.bad)
	}
	if _, err := s.api.WebhookEndpoints.Update(made.ID, &stripe.WebhookEndpointParams{Disabled: stripe.Bool(true)}); err != nil {
		t.Error(err)
	}
	if _, err := s.api.WebhookEndpoints.Del(made.ID, &stripe.WebhookEndpointParams{}); err != nil {
		t.Error(err)
	}
	if _, err := s.api.WebhookEndpoints.Get(made.ID, &stripe.WebhookEndpointParams{}); err == nil || s.pending() != 0 {
		t.Errorf("a deleted endpoint is there; %d webhooks wait", s.pending())
	}
	if a := s.raw(raw{path: "/v1/webhook_endpoints", form: "url=https://x.test/&enabled_events[]=refund.failed"}); a.status != 400 {
		t.Errorf("refund.failed is answered %d: this version does not know it", a.status)
	}
}

func TestEventsAreListedAndForgottenAfterAMonth(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.paid("4242424242424242")
	since := s.clock.Now().Unix()
	p := &stripe.EventListParams{Types: stripe.StringSlice([]string{"checkout.session.completed", "charge.refunded"}), CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since}}
	p.Limit = stripe.Int64(100)
	it := s.api.Events.List(p)
	if !it.Next() || it.Event().Type != "checkout.session.completed" || it.Next() {
		t.Errorf("events = %v (%v)", it.EventList(), it.Err())
	}
	id := it.EventList().Data[0].ID
	if e, err := s.api.Events.Get(id, &stripe.EventParams{}); err != nil || e.ID != id {
		t.Errorf("event = %+v, %v", e, err)
	}
	s.clock.add(31 * 24 * time.Hour)
	if it := s.api.Events.List(&stripe.EventListParams{}); it.Next() {
		t.Errorf("an event of last month is listed: %s", it.Event().Type)
	}
	if _, err := s.api.Events.Get(id, &stripe.EventParams{}); err == nil {
		t.Error("an event of last month is found")
	}
}

func TestIdentifiersAndShufflesRepeatWithTheSeed(t *testing.T) {
	t.Parallel()
	var first []byte
	for range 2 {
		s := open(t, func(c *emulator.Config) { c.WebhookURL, c.Seed = "", 42 })
		s.paid("4242424242424242")
		list, err := json.Marshal(s.fetch(s.session(nil).ID).ID)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && string(first) != string(list) {
			t.Errorf("%s, then %s", first, list)
		}
		first = list
	}
}
