package emulator_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"boutique/payments/stripe/emulator"
)

// keyVariable names the secret key of test mode with which the conformance suite runs at Stripe itself.
const keyVariable = "STRIPE_TEST_SECRET_KEY"

// stripeItself is Stripe's own address.
const stripeItself = "https://api.stripe.com"

// The emulator and Stripe itself are asked the same. At the emulator that is part of every run, so that the
// suite is known to work before somebody has a key.
func TestTheSuiteForStripeItselfPassesAtTheEmulator(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.WebhookURL = "" })
	s.key = "sk_test_a_key_of_many_parts"
	s.api = newClient(t, s.url, s.key)
	s.conforms()
}

// With a key of test mode the same suite runs at Stripe itself: the emulator may be changed only towards what is
// answered there. It leaves the account as tidy as test mode lets it: its pages are closed, its endpoint is
// deleted.
func TestTheSuitePassesAtStripeItself(t *testing.T) {
	key := os.Getenv(keyVariable)
	if key == "" {
		t.Skipf("the emulator is not compared with Stripe itself: set %s to a secret key of test mode (sk_test_…) to make the same calls there", keyVariable)
	}
	if !strings.HasPrefix(key, "sk_test_") {
		t.Fatalf("%s must be a secret key of test mode: it starts with sk_test_", keyVariable)
	}
	s := &shop{t: t, url: stripeItself, key: key}
	s.api = clientOver(&checked{t: t, spec: s.spec(), grows: true}, stripeItself, key)
	s.conforms()
}

// conforms makes every call of the shop, and pays by each published card, on whatever account this is.
func (s *shop) conforms() {
	t := s.t
	o, found := s.ownObjects()
	for name, call := range calls(s.api, o) {
		t.Run(name, func(t *testing.T) {
			if !found(name) {
				t.Skip("the account has nothing yet of which this could be asked")
			}
			if err := call(); err != nil {
				t.Error(err)
			}
		})
	}
	for _, row := range readInstruments(t).Cards {
		t.Run(row.PM, func(t *testing.T) {
			here := &shop{t: t, url: s.url, key: s.key, api: s.api, clock: s.clock}
			made := here.cardSession()
			status, code, reason := here.payWith(made, row.PM)
			after := here.fetch(made.ID)
			switch row.Outcome {
			case "declined":
				if status != http.StatusPaymentRequired || after.Status != "open" || code != row.Code || row.DeclineCode != "" && reason != row.DeclineCode {
					t.Errorf("answer %d %s %s, session %s: want %+v", status, code, reason, after.Status, row)
				}
			case "3ds_required":
				if after.Status != "open" || after.PaymentIntent == nil || after.PaymentIntent.Status != "requires_action" {
					t.Errorf("answer %d, session %s, intent %+v", status, after.Status, after.PaymentIntent)
				}
			default:
				if status != http.StatusOK || after.Status != "complete" || after.PaymentStatus != "paid" || after.PaymentIntent.LatestCharge == nil {
					t.Errorf("answer %d, session %s and %s", status, after.Status, after.PaymentStatus)
				}
			}
			if after.Status == "open" {
				if _, err := here.api.CheckoutSessions.Expire(made.ID, &stripe.CheckoutSessionExpireParams{}); err != nil {
					t.Error(err)
				}
				_, err := here.api.CheckoutSessions.Expire(made.ID, &stripe.CheckoutSessionExpireParams{})
				var e *stripe.Error
				if !errors.As(err, &e) || e.HTTPStatusCode != http.StatusBadRequest {
					t.Errorf("expiring a page twice is answered %v", err)
				}
			}
		})
	}
}

// cardSession is a page that takes cards: a method that the account has not activated would be refused.
func (s *shop) cardSession() *stripe.CheckoutSession {
	s.t.Helper()
	return s.session(func(p *stripe.CheckoutSessionParams) { p.PaymentMethodTypes = stripe.StringSlice([]string{"card"}) })
}

// ownObjects makes what an account can be made to have, and finds what only time brings; found tells for which
// calls there is something to ask of.
func (s *shop) ownObjects() (o objects, found func(call string) bool) {
	s.t.Helper()
	made := s.cardSession()
	if status, code, _ := s.payWith(made, "pm_card_bypassPending"); status != http.StatusOK {
		s.t.Fatalf("paying without a page is answered %d %s", status, code)
	}
	got := s.fetch(made.ID)
	o = objects{session: made.ID, openSession: s.cardSession().ID, intent: got.PaymentIntent.ID, charge: got.PaymentIntent.LatestCharge.ID}
	o.balance = got.PaymentIntent.LatestCharge.BalanceTransaction.ID
	r, err := s.refund(o.intent, 500)
	if err != nil {
		s.t.Fatal(err)
	}
	o.refund = r.ID
	if it := s.api.Events.List(&stripe.EventListParams{}); it.Next() {
		o.event = it.Event().ID
	}
	if it := s.api.Disputes.List(&stripe.DisputeListParams{}); it.Next() {
		o.dispute = it.Dispute().ID
	}
	if it := s.api.Payouts.List(&stripe.PayoutListParams{}); it.Next() {
		o.payout = it.Payout().ID
	}
	endpoint, err := s.api.WebhookEndpoints.New(&stripe.WebhookEndpointParams{
		URL: stripe.String("https://shop.example/conformance"), APIVersion: stripe.String("2023-10-16"), EnabledEvents: stripe.StringSlice([]string{"checkout.session.completed"}),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	o.endpoint = endpoint.ID
	s.t.Cleanup(s.tidy)
	return o, func(call string) bool {
		switch call {
		case "read an event":
			return o.event != ""
		case "read a dispute", "answer a dispute":
			return o.dispute != ""
		case "read a payout", "list balance transactions":
			return o.payout != ""
		}
		return true
	}
}

// tidy deletes the endpoints that the suite has made.
func (s *shop) tidy() {
	it := s.api.WebhookEndpoints.List(&stripe.WebhookEndpointListParams{})
	for it.Next() {
		if w := it.WebhookEndpoint(); w.URL == "https://shop.example/conformance" || w.URL == "https://shop.test/hook" {
			if _, err := s.api.WebhookEndpoints.Del(w.ID, &stripe.WebhookEndpointParams{}); err != nil {
				s.t.Error(err)
			}
		}
	}
	if err := it.Err(); err != nil {
		s.t.Error(err)
	}
}
