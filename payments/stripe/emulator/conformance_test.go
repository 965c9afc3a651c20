package emulator_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"boutique/payments/stripe/emulator"
	"boutique/payments/stripe/mocktest"
	"boutique/payments/stripe/schema"
)

// objects are identifiers to ask for; the mock takes any, the emulator its own.
type objects struct{ session, openSession, intent, charge, refund, balance, event, dispute, payout, endpoint string }

// calls are what a shop asks of Stripe, and a little more.
func calls(api *client.API, o objects) map[string]func() error {
	one := func(_ any, err error) error { return err }
	expanded := func(p *stripe.Params, fields ...string) {
		for _, f := range fields {
			p.AddExpand(f)
		}
	}
	return map[string]func() error{
		"create a session": func() error { return one(api.CheckoutSessions.New(order())) },
		"read a session": func() error {
			p := &stripe.CheckoutSessionParams{}
			expanded(&p.Params, "payment_intent.latest_charge.balance_transaction", "line_items")
			return one(api.CheckoutSessions.Get(o.session, p))
		},
		"list sessions": func() error {
			p := &stripe.CheckoutSessionListParams{PaymentIntent: stripe.String(o.intent)}
			p.Limit, p.Single = stripe.Int64(3), true
			it := api.CheckoutSessions.List(p)
			it.Next()
			return it.Err()
		},
		"list lines": func() error {
			it := api.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: stripe.String(o.session), ListParams: stripe.ListParams{Single: true}})
			it.Next()
			return it.Err()
		},
		"expire a session": func() error {
			return one(api.CheckoutSessions.Expire(o.openSession, &stripe.CheckoutSessionExpireParams{}))
		},
		"read an intent": func() error {
			p := &stripe.PaymentIntentParams{}
			expanded(&p.Params, "latest_charge.balance_transaction", "payment_method")
			return one(api.PaymentIntents.Get(o.intent, p))
		},
		"list intents": func() error {
			it := api.PaymentIntents.List(&stripe.PaymentIntentListParams{ListParams: stripe.ListParams{Single: true}, CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: 1}})
			it.Next()
			return it.Err()
		},
		"read a charge": func() error {
			p := &stripe.ChargeParams{}
			expanded(&p.Params, "refunds", "balance_transaction")
			return one(api.Charges.Get(o.charge, p))
		},
		"list charges": func() error {
			it := api.Charges.List(&stripe.ChargeListParams{PaymentIntent: stripe.String(o.intent), ListParams: stripe.ListParams{Single: true}})
			it.Next()
			return it.Err()
		},
		"refund": func() error {
			p := &stripe.RefundParams{PaymentIntent: stripe.String(o.intent), Amount: stripe.Int64(100), Reason: stripe.String("duplicate")}
			p.AddMetadata("refund_id", "r")
			expanded(&p.Params, "balance_transaction")
			return one(api.Refunds.New(p))
		},
		"read a refund": func() error { return one(api.Refunds.Get(o.refund, &stripe.RefundParams{})) },
		"list refunds": func() error {
			p := &stripe.RefundListParams{PaymentIntent: stripe.String(o.intent)}
			p.Single = true
			p.AddExpand("data.balance_transaction")
			it := api.Refunds.List(p)
			it.Next()
			return it.Err()
		},
		"change a refund": func() error {
			p := &stripe.RefundParams{}
			p.AddMetadata("seen", "yes")
			return one(api.Refunds.Update(o.refund, p))
		},
		"read the balance": func() error { return one(api.Balance.Get(&stripe.BalanceParams{})) },
		"read a balance transaction": func() error {
			p := &stripe.BalanceTransactionParams{}
			expanded(&p.Params, "source")
			return one(api.BalanceTransactions.Get(o.balance, p))
		},
		"list balance transactions": func() error {
			it := api.BalanceTransactions.List(&stripe.BalanceTransactionListParams{ListParams: stripe.ListParams{Single: true}, Payout: stripe.String(o.payout)})
			it.Next()
			return it.Err()
		},
		"list events": func() error {
			it := api.Events.List(&stripe.EventListParams{ListParams: stripe.ListParams{Single: true}, CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: 1}, Types: stripe.StringSlice([]string{"checkout.session.completed", "charge.refunded"})})
			it.Next()
			return it.Err()
		},
		"read an event": func() error { return one(api.Events.Get(o.event, &stripe.EventParams{})) },
		"list disputes": func() error {
			it := api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: stripe.String(o.intent), ListParams: stripe.ListParams{Single: true}})
			it.Next()
			return it.Err()
		},
		"read a dispute": func() error { return one(api.Disputes.Get(o.dispute, &stripe.DisputeParams{})) },
		"answer a dispute": func() error {
			return one(api.Disputes.Update(o.dispute, &stripe.DisputeParams{Submit: stripe.Bool(false), Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: stripe.String("It was delivered.")}}))
		},
		"list payouts": func() error {
			it := api.Payouts.List(&stripe.PayoutListParams{ListParams: stripe.ListParams{Single: true}, Status: stripe.String("in_transit")})
			it.Next()
			return it.Err()
		},
		"read a payout": func() error { return one(api.Payouts.Get(o.payout, &stripe.PayoutParams{})) },
		"register an endpoint": func() error {
			return one(api.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String("https://shop.test/hook"), APIVersion: stripe.String("2023-10-16"), EnabledEvents: stripe.StringSlice([]string{"checkout.session.completed", "charge.refund.updated"})}))
		},
		"list endpoints": func() error {
			it := api.WebhookEndpoints.List(&stripe.WebhookEndpointListParams{ListParams: stripe.ListParams{Single: true}})
			it.Next()
			return it.Err()
		},
		"change an endpoint": func() error {
			return one(api.WebhookEndpoints.Update(o.endpoint, &stripe.WebhookEndpointParams{Disabled: stripe.Bool(true)}))
		},
	}
}

func TestTheSameCallsAreUnderstoodByTheOfficialMockAndByTheEmulator(t *testing.T) {
	t.Parallel()
	mock := mocktest.Start(t)
	for name, call := range calls(newClient(t, mock.URL, "sk_test_123"), objects{"cs_test_1", "cs_test_2", "pi_1", "ch_1", "re_1", "txn_1", "evt_1", "dp_1", "po_1", "we_1"}) {
		if err := call(); err != nil {
			t.Errorf("the mock, %s: %v", name, err)
		}
	}
	s := open(t, nil)
	var judged atomic.Int64
	o := s.everything()
	for name, call := range calls(newClient(t, mock.TeeCounted(t, s.url, &judged), "sk_test_1"), o) {
		if err := call(); err != nil {
			t.Errorf("the emulator, %s: %v", name, err)
		}
	}
	if judged.Load() != int64(len(calls(s.api, o))) {
		t.Errorf("%d calls were judged", judged.Load())
	}
}

// everything makes one object of each kind.
func (s *shop) everything() objects {
	s.t.Helper()
	made := s.session(nil)
	browse(s.t, "POST", made.URL, card("4000000000000077"))
	got := s.fetch(made.ID)
	c := got.PaymentIntent.LatestCharge
	r, err := s.refund(got.PaymentIntent.ID, 500)
	if err != nil {
		s.t.Fatal(err)
	}
	po, _ := s.control("POST", "/_emu/payout", "")["id"].(string)
	s.control("POST", "/_emu/stripe-fee", `{"amount":350}`)
	s.paid("4000000000000259")
	s.clock.add(4 * time.Second)
	disputed, _ := s.paid("4000000000001976")
	s.clock.add(10 * time.Second)
	it := s.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: stripe.String(disputed)})
	if !it.Next() {
		s.t.Fatal("no dispute", it.Err())
	}
	dp := it.Dispute().ID
	events := s.api.Events.List(&stripe.EventListParams{})
	if !events.Next() {
		s.t.Fatal("no event", events.Err())
	}
	endpoints := s.api.WebhookEndpoints.List(&stripe.WebhookEndpointListParams{})
	if !endpoints.Next() {
		s.t.Fatal("no endpoint", endpoints.Err())
	}
	return objects{
		session: made.ID, openSession: s.session(nil).ID, intent: got.PaymentIntent.ID, charge: c.ID, refund: r.ID, balance: c.BalanceTransaction.ID,
		event: events.Event().ID, dispute: dp, payout: po, endpoint: endpoints.WebhookEndpoint().ID,
	}
}

func TestEveryObjectOfABusyAccountFitsTheDescription(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.everything()
	spec, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	dump, _ := s.control("GET", "/_emu/dump", "")["objects"].(map[string]any)
	for kind, list := range dump {
		rows, _ := list.([]any)
		if len(rows) == 0 {
			t.Errorf("no %s was made", kind)
		}
		for _, row := range rows {
			b, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range spec.Object(kind, b) {
				t.Errorf("%s: %s", kind, problem)
			}
		}
	}
}

func TestTheEmulatorKnowsEveryCallAndParameterOfTheDescription(t *testing.T) {
	t.Parallel()
	spec, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	requests := emulator.Requests()
	for _, o := range spec.Operations() {
		var known any
		if err := json.Unmarshal(requests[o.Method+" "+o.Path], &known); err != nil {
			t.Errorf("%s %s is unknown: %v", o.Method, o.Path, err)
			continue
		}
		want := spec.Parameters(o)
		delete(want, "additionalProperties")
		if len(want) == 0 {
			want = map[string]any{"type": "object", "properties": map[string]any{}}
		}
		got, _ := known.(map[string]any)
		if got["properties"] == nil {
			got["properties"] = map[string]any{}
		}
		if want["properties"] == nil {
			want["properties"] = map[string]any{}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s %s has other parameters than the description", o.Method, o.Path)
		}
	}
	s := open(t, nil)
	for _, o := range spec.Operations() {
		path := strings.NewReplacer("{", "", "}", "").Replace(o.Path)
		if a := s.raw(raw{method: o.Method, path: path}); a.status == http.StatusNotFound && a.err.Code != "resource_missing" {
			t.Errorf("%s %s is answered %s", o.Method, o.Path, a.body)
		}
	}
}
