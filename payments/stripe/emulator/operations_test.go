package emulator_test

import (
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"
)

// example is one call of an operation: what stands for the names in its path, its parameters, and how it is
// answered.
type example struct {
	id, form string
	status   int
}

// examples are one call of each published operation on a busy account.
func examples(s *shop, o objects) map[string]example {
	declined := s.session(nil)
	browse(s.t, "POST", declined.URL, card("4000000000000002"))
	ended := s.fetch(declined.ID).PaymentIntent.ID
	s.raw(raw{path: sessions + "/" + declined.ID + "/expire"})
	made := s.raw(raw{path: "/v1/webhook_endpoints", form: "url=https://shop.test/other&enabled_events[]=*"})
	open := s.disputed("4000000000000259")
	return map[string]example{
		"GET /v1/balance":                                 {status: 200},
		"GET /v1/balance_transactions":                    {form: "limit=3&type=charge", status: 200},
		"GET /v1/balance_transactions/{id}":               {id: o.balance, form: "expand[]=source", status: 200},
		"GET /v1/charges":                                 {form: "payment_intent=" + o.intent, status: 200},
		"GET /v1/charges/{charge}":                        {id: o.charge, form: "expand[]=refunds", status: 200},
		"GET /v1/checkout/sessions":                       {form: "status=complete", status: 200},
		"POST /v1/checkout/sessions":                      {form: wanted(), status: 200},
		"GET /v1/checkout/sessions/{session}":             {id: o.session, form: "expand[]=payment_intent.latest_charge", status: 200},
		"POST /v1/checkout/sessions/{session}/expire":     {id: o.openSession, status: 200},
		"GET /v1/checkout/sessions/{session}/line_items":  {id: o.session, status: 200},
		"GET /v1/disputes":                                {form: "created[gte]=1", status: 200},
		"GET /v1/disputes/{dispute}":                      {id: o.dispute, status: 200},
		"POST /v1/disputes/{dispute}":                     {id: o.dispute, form: "submit=false&evidence[uncategorized_text]=It was delivered.", status: 200},
		"POST /v1/disputes/{dispute}/close":               {id: open, status: 200},
		"GET /v1/events":                                  {form: "types[]=charge.refunded", status: 200},
		"GET /v1/events/{id}":                             {id: o.event, status: 200},
		"GET /v1/payment_intents":                         {form: "limit=100", status: 200},
		"GET /v1/payment_intents/{intent}":                {id: o.intent, form: "expand[]=payment_method", status: 200},
		"POST /v1/payment_intents/{intent}/cancel":        {id: ended, status: 400}, // it ended with its session
		"GET /v1/payouts":                                 {form: "status=in_transit", status: 200},
		"GET /v1/payouts/{payout}":                        {id: o.payout, status: 200},
		"GET /v1/refunds":                                 {form: "charge=" + o.charge, status: 200},
		"POST /v1/refunds":                                {form: "amount=100&charge=" + o.charge, status: 200},
		"GET /v1/refunds/{refund}":                        {id: o.refund, status: 200},
		"POST /v1/refunds/{refund}":                       {id: o.refund, form: "metadata[seen]=yes", status: 200},
		"POST /v1/refunds/{refund}/cancel":                {id: o.refund, status: 400}, // no refund to a card can be cancelled
		"GET /v1/webhook_endpoints":                       {status: 200},
		"POST /v1/webhook_endpoints":                      {form: "url=https://shop.test/hook&enabled_events[]=charge.refunded&api_version=2023-10-16", status: 200},
		"GET /v1/webhook_endpoints/{webhook_endpoint}":    {id: o.endpoint, status: 200},
		"POST /v1/webhook_endpoints/{webhook_endpoint}":   {id: o.endpoint, form: "description=The shop's", status: 200},
		"DELETE /v1/webhook_endpoints/{webhook_endpoint}": {id: sessionID(made), status: 200},
	}
}

// disputed is the dispute of a payment that its bank takes back.
func (s *shop) disputed(number string) string {
	s.t.Helper()
	pi, ch := s.paid(number)
	s.control("POST", "/_emu/hasten/"+ch, "")
	it := s.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: &pi})
	if !it.Next() {
		s.t.Fatal("no dispute", it.Err())
	}
	return it.Dispute().ID
}

// Each of the published operations is called over HTTP. Its answer fits the description; without a key, with
// a parameter that it does not have, and about something that is not there it is refused as documented.
func TestEveryOperationIsAnsweredAsDescribed(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	busy := s.everything()
	spec := s.spec()
	calls := examples(s, busy)
	all := spec.Operations()
	if len(all) != 31 || len(calls) != len(all) {
		t.Errorf("%d operations are described, %d are called", len(all), len(calls))
	}
	for _, o := range all {
		name := o.Method + " " + o.Path
		call, ok := calls[name]
		if !ok {
			t.Errorf("nobody calls %s", name)
			continue
		}
		path := func(id string) string {
			before, after, named := strings.Cut(o.Path, "{")
			if !named {
				return o.Path
			}
			_, rest, _ := strings.Cut(after, "}")
			return before + id + rest
		}
		fits := func(what string, status int, a rawAnswer) {
			t.Helper()
			if a.status != status {
				t.Errorf("%s, %s: answer %d, want %d: %.400s", name, what, a.status, status, a.body)
			}
			for _, problem := range spec.Answer(o, a.status, []byte(a.body)) {
				t.Errorf("%s, %s: %s", name, what, problem)
			}
			if status/100 == 4 && (a.err.Type != "invalid_request_error" || a.err.Message == "") {
				t.Errorf("%s, %s: %s", name, what, a.body)
			}
		}
		fits("without a key", 401, s.raw(raw{method: o.Method, path: path(call.id), form: call.form, key: "none"}))
		odd := s.raw(raw{method: o.Method, path: path(call.id), form: strings.TrimPrefix(call.form+"&colour=red", "&")})
		if fits("with an unknown parameter", 400, odd); odd.err.Code != "parameter_unknown" || odd.err.Param != "colour" {
			t.Errorf("%s: an unknown parameter is answered %s", name, odd.body)
		}
		if call.id != "" {
			lost := s.raw(raw{method: o.Method, path: path(call.id + "x"), form: call.form})
			if fits("about nothing", 404, lost); lost.err.Code != "resource_missing" {
				t.Errorf("%s: what is not there is answered %s", name, lost.body)
			}
		}
		fits("as a shop calls it", call.status, s.raw(raw{method: o.Method, path: path(call.id), form: call.form}))
	}
}
