package emulator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"boutique/payments/stripe/emulator"
)

// instrumentFile is instruments.json.
type instrumentFile struct {
	Cards []struct {
		Number, PM, Outcome, Code, Reason, Status, Balance string
		DeclineCode                                        string `json:"decline_code"`
		Country                                            string `json:"card_country"`
		OnRefund                                           string `json:"on_refund"`
		Then                                               []string
	}
	IBANs []struct {
		IBAN, Outcome string
		Delay         int64  `json:"delay_s"`
		FailureCode   string `json:"failure_code"`
	} `json:"sepa_debit_ibans"`
	Redirects map[string]json.RawMessage   `json:"redirect_methods"`
	Evidence  map[string]map[string]string `json:"dispute_evidence"`
}

func readInstruments(t *testing.T) instrumentFile {
	t.Helper()
	b, err := os.ReadFile("instruments.json")
	if err != nil {
		t.Fatal(err)
	}
	var file instrumentFile
	if err := json.Unmarshal(b, &file); err != nil || len(file.Cards) < 14 || len(file.IBANs) < 6 {
		t.Fatalf("%d cards, %d accounts: %v", len(file.Cards), len(file.IBANs), err)
	}
	return file
}

func quiet(c *emulator.Config) { c.WebhookURL = "" }

// Each card of instruments.json does what its row says, typed on the page by its number, and named without a
// page as Stripe's own command line names it.
func TestEveryCardDoesWhatItsRowSays(t *testing.T) {
	t.Parallel()
	for _, row := range readInstruments(t).Cards {
		for _, way := range []string{row.Number, row.PM, "tok_" + strings.TrimPrefix(row.PM, "pm_card_")} {
			t.Run(row.PM+" by "+way, func(t *testing.T) {
				t.Parallel()
				s := open(t, quiet)
				made := s.session(nil)
				status, code, reason := s.payWith(made, way)
				after := s.fetch(made.ID)
				pi := after.PaymentIntent
				switch row.Outcome {
				case "succeeds", "succeeds_then_dispute", "succeeds_then_inquiry":
					if status/100 == 4 || after.PaymentStatus != "paid" || pi.LatestCharge.Status != "succeeded" {
						t.Fatalf("answer %d, session = %+v", status, after)
					}
				case "declined":
					if status != 402 || after.Status != "open" || string(pi.LastPaymentError.Code) != row.Code || row.DeclineCode != "" && string(pi.LastPaymentError.DeclineCode) != row.DeclineCode {
						t.Errorf("answer %d, session %s, error %+v", status, after.Status, pi.LastPaymentError)
					}
					if code != "" && (code != row.Code || row.DeclineCode != "" && reason != row.DeclineCode) {
						t.Errorf("the refusal says %s, %s", code, reason)
					}
					return
				case "3ds_required":
					s.asks(row.Then, made.ID)
					return
				default:
					t.Fatalf("nobody knows the outcome %s", row.Outcome)
				}
				if got := pi.LatestCharge.PaymentMethodDetails.Card.Country; row.Country != "" && got != row.Country {
					t.Errorf("the card is of %s, want %s", got, row.Country)
				}
				if available := pi.LatestCharge.BalanceTransaction.Status == "available"; available != (row.Balance == "available at once") {
					t.Errorf("the money is %s, want %q", pi.LatestCharge.BalanceTransaction.Status, row.Balance)
				}
				if row.OnRefund != "" {
					s.refundsAs(row.OnRefund, pi.ID)
				}
				s.disputesAs(row.Outcome, row.Reason, row.Status, pi.ID)
			})
		}
	}
}

// payWith pays by a number on the page, or by a name without one.
func (s *shop) payWith(made *stripe.CheckoutSession, way string) (status int, code, reason string) {
	s.t.Helper()
	if !strings.Contains(way, "_") {
		return browse(s.t, "POST", made.URL, card(way)).status, "", ""
	}
	if strings.HasPrefix(way, "tok_") {
		way = sessionID(s.raw(raw{path: "/v1/payment_methods", form: "type=card&card[token]=" + way + "&billing_details[name]=Ana"}))
	}
	a := s.raw(raw{path: "/v1/payment_pages/" + made.ID + "/confirm", form: fmt.Sprintf("payment_method=%s&expected_amount=%d", way, made.AmountTotal)})
	return a.status, a.err.Code, a.err.DeclineCode
}

// asks holds a 3-D Secure step to each "answer->what comes of it".
func (s *shop) asks(then []string, session string) {
	s.t.Helper()
	step := s.url + "/c/pay/" + session
	if len(then) != 2 {
		s.t.Errorf("the step has the answers %v", then)
	}
	// A refusal leaves the session open, so that it comes first.
	slices.Sort(then)
	slices.Reverse(then)
	for _, row := range then {
		answer, outcome, _ := strings.Cut(row, "->")
		if pi := s.fetch(session).PaymentIntent; pi.Status != "requires_action" || pi.NextAction == nil {
			s.t.Errorf("before the answer the intent is %+v", pi)
		}
		browse(s.t, "POST", step+"/authorize", map[string][]string{"outcome": {answer}})
		got := s.fetch(session)
		if code, _, open := strings.Cut(outcome, ", session stays open"); open {
			if got.Status != "open" || string(got.PaymentIntent.LastPaymentError.Code) != code {
				s.t.Errorf("answered %s the session is %s, its intent %+v", answer, got.Status, got.PaymentIntent)
			}
			browse(s.t, "POST", step, card("4000002760003184"))
			continue
		}
		if outcome != "succeeds" || got.PaymentStatus != "paid" {
			s.t.Errorf("answered %s the session is %s, want %s", answer, got.PaymentStatus, outcome)
		}
	}
}

// refundsAs holds a refund to "create returns STATUS, later STATUS (REASON), EVENT".
func (s *shop) refundsAs(want, intent string) {
	s.t.Helper()
	parts := strings.Split(want, ", ")
	at, later := strings.TrimPrefix(parts[0], "create returns "), strings.TrimPrefix(parts[1], "later ")
	later, reason, _ := strings.Cut(strings.TrimSuffix(later, ")"), " (")
	if r, err := s.refund(intent, 0); err != nil || string(r.Status) != at {
		s.t.Errorf("the refund is made as %+v, %v: %s", r, err, want)
	}
	before := s.events(parts[2])
	s.clock.add(time.Minute)
	if r := s.refunds(intent)[0]; string(r.Status) != later || string(r.FailureReason) != reason {
		s.t.Errorf("the refund is %+v later: %s", r, want)
	}
	if n := s.events(parts[2]) - before; n != 1 {
		s.t.Errorf("%d events of type %s came later", n, parts[2])
	}
}

// disputesAs holds what the bank does some time after the payment.
func (s *shop) disputesAs(outcome, reason, status, intent string) {
	s.t.Helper()
	s.clock.add(time.Minute)
	it := s.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: &intent})
	disputed := it.Next()
	if want := outcome != "succeeds"; disputed != want {
		s.t.Fatalf("a payment that %s is disputed: %v (%v)", outcome, disputed, it.Err())
	}
	if !disputed {
		return
	}
	d := it.Dispute()
	if status == "" {
		status = "needs_response"
	}
	if string(d.Status) != status || reason != "" && string(d.Reason) != reason {
		s.t.Errorf("dispute = %+v, want %s, %s", d, status, reason)
	}
}

// Each account of instruments.json settles as its row says, after the time that it says.
func TestEveryAccountSettlesAsItsRowSays(t *testing.T) {
	t.Parallel()
	for _, row := range readInstruments(t).IBANs {
		t.Run(row.IBAN, func(t *testing.T) {
			t.Parallel()
			s := open(t, quiet)
			made := s.session(func(p *stripe.CheckoutSessionParams) {
				p.PaymentMethodTypes = stripe.StringSlice([]string{"sepa_debit"})
			})
			s.payBy(made.ID, "sepa_debit", row.IBAN, "")
			steps := strings.Split(row.Outcome, "->")
			if row.Delay > 0 {
				s.clock.add(time.Duration(row.Delay-1) * time.Second)
			}
			if got := s.fetch(made.ID); got.PaymentIntent.Status != "processing" || steps[0] != "processing" || got.PaymentStatus != "unpaid" {
				t.Errorf("before its time the session is %s, its intent %s", got.PaymentStatus, got.PaymentIntent.Status)
			}
			s.clock.add(10 * time.Second)
			got := s.fetch(made.ID)
			paid := steps[1] == "succeeded"
			if (got.PaymentStatus == "paid") != paid || (got.PaymentIntent.Status == "succeeded") != paid {
				t.Errorf("then the session is %s, its intent %s, want %s", got.PaymentStatus, got.PaymentIntent.Status, row.Outcome)
			}
			if row.FailureCode != "" && got.PaymentIntent.LatestCharge.FailureCode != row.FailureCode {
				t.Errorf("the charge failed for %s, want %s", got.PaymentIntent.LatestCharge.FailureCode, row.FailureCode)
			}
			it := s.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: &got.PaymentIntent.ID})
			disputed := it.Next()
			if want := len(steps) > 2; disputed != want || want && (steps[2] != "dispute_lost_at_once" || it.Dispute().Status != "lost") {
				t.Errorf("disputed: %v, want %s", disputed, row.Outcome)
			}
		})
	}
}

// Each method that asks its holder elsewhere is known at the redirect back, agreed to or refused; what is
// given back by it waits for a bank first.
func TestEveryRedirectIsKnownWhenItComesBack(t *testing.T) {
	t.Parallel()
	for method, answers := range readInstruments(t).Redirects {
		if method == "note" {
			continue
		}
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var list []string
			if err := json.Unmarshal(answers, &list); err != nil || len(list) != 2 {
				t.Fatalf("answers %v: %v", list, err)
			}
			s := open(t, quiet)
			made := s.session(func(p *stripe.CheckoutSessionParams) {
				p.PaymentMethodTypes = stripe.StringSlice([]string{"card", method})
			})
			if refused := s.payBy(made.ID, method, "", list[1]); refused.status != 402 || s.fetch(made.ID).Status != "open" {
				t.Errorf("%s answers %d", list[1], refused.status)
			}
			if paid := s.payBy(made.ID, method, "", list[0]); paid.status != 303 || !strings.Contains(paid.location, made.ID) {
				t.Errorf("%s answers %d to %s", list[0], paid.status, paid.location)
			}
			got := s.fetch(made.ID)
			if c := got.PaymentIntent.LatestCharge; got.PaymentStatus != "paid" || string(c.PaymentMethodDetails.Type) != method || c.BalanceTransaction.Type != "payment" {
				t.Errorf("session %s, charge %+v", got.PaymentStatus, c)
			}
			if r, err := s.refund(got.PaymentIntent.ID, 0); err != nil || r.Status != "pending" {
				t.Errorf("refund = %+v, %v", r, err)
			}
			s.clock.add(time.Minute)
			if r := s.refunds(got.PaymentIntent.ID)[0]; r.Status != "succeeded" {
				t.Errorf("refund = %+v", r)
			}
		})
	}
}

// The evidence that decides a dispute of test mode decides it here.
func TestEvidenceDecidesADispute(t *testing.T) {
	t.Parallel()
	for field, rows := range readInstruments(t).Evidence {
		for _, text := range slices.Sorted(maps.Keys(rows)) {
			t.Run(text, func(t *testing.T) {
				t.Parallel()
				s := open(t, quiet)
				pi, _ := s.paid("4000000000000259")
				s.clock.add(time.Minute)
				it := s.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: &pi})
				if !it.Next() {
					t.Fatal("no dispute", it.Err())
				}
				a := s.raw(raw{path: "/v1/disputes/" + it.Dispute().ID, form: field + "=" + text})
				if d, err := s.api.Disputes.Get(it.Dispute().ID, &stripe.DisputeParams{}); err != nil || a.status != 200 || string(d.Status) != rows[text] {
					t.Errorf("answer %d, dispute %+v, %v", a.status, d, err)
				}
			})
		}
	}
}
