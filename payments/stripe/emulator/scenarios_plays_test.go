package emulator_test

import (
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// play is how a scenario comes about. Begin plays until just after the first outcome, then what leads to
// the later one; time passes after each.
type play struct {
	method string
	begin  func(*scene)
	then   func(*scene)
	// also holds what the row says in words.
	also func(*scene)
}

var plays = map[string]play{
	"card_ok": {begin: func(s *scene) { s.pays("4242424242424242") }},
	"card_3ds_ok": {begin: func(s *scene) {
		s.pays("4000002760003184")
		browse(s.t, "POST", s.url+"/c/pay/"+s.session+"/authorize", map[string][]string{"outcome": {"complete"}})
	}},
	"card_declined_then_ok": {begin: func(s *scene) {
		s.pays("4000000000000002")
		first := s.intent
		half := s.fetch(s.session)
		s.between = []string{string(half.Status), string(half.PaymentStatus)}
		if half.PaymentIntent.LatestCharge.BalanceTransaction != nil {
			s.t.Error("a declined charge has a line in the balance")
		}
		if s.pays("4242424242424242"); s.intent != first {
			s.t.Errorf("the next try has the intent %s, not %s", s.intent, first)
		}
	}},
	"abandoned": {begin: func(s *scene) { s.opens(); s.clock.add(25 * time.Hour) }},
	"expire_api": {begin: func(s *scene) { s.opens(); s.raw(raw{path: sessions + "/" + s.session + "/expire"}) }, also: func(s *scene) {
		paid := &scene{shop: s.shop, method: "card"}
		paid.pays("4242424242424242")
		for _, id := range []string{s.session, paid.session} {
			if a := s.raw(raw{path: sessions + "/" + id + "/expire"}); a.status != 400 {
				s.t.Errorf("expiring what is not open is answered %d", a.status)
			}
		}
	}},
	"free_order": {begin: func(s *scene) {
		s.session = sessionID(s.raw(raw{path: sessions, form: wanted("line_items[0][price_data][unit_amount]=0")}))
		browse(s.t, "POST", s.url+"/c/pay/"+s.session, nil)
	}, also: func(s *scene) {
		if got := s.fetch(s.session); got.AmountTotal != 0 || got.PaymentIntent != nil {
			s.t.Errorf("session = %+v", got)
		}
	}},
	"redirect_ok": {begin: func(s *scene) { s.pays("") }, also: func(s *scene) {
		if r, err := s.refund(s.intent, 0); err != nil || !strings.HasPrefix(s.charge, "py_") || !strings.HasPrefix(r.ID, "pyr_") && !strings.HasPrefix(r.ID, "re_") {
			s.t.Errorf("the charge is %s, its refund %+v, %v", s.charge, r, err)
		}
	}},
	"sepa_ok": {method: "sepa_debit", begin: func(s *scene) { s.pays("FR1420041010050500013M02606") }},
	"sepa_failed": {method: "sepa_debit", begin: func(s *scene) { s.pays("FR8420041010050500013M02607") }, also: func(s *scene) {
		if again := s.payBy(s.session, s.method, "FR1420041010050500013M02606", ""); s.fetch(s.session).PaymentStatus != "unpaid" {
			s.t.Errorf("the session was paid again: %d", again.status)
		}
	}},
	"sepa_disputed":          {method: "sepa_debit", begin: func(s *scene) { s.pays("FR5720041010050500013M02608"); s.disputes() }},
	"refund_card":            {begin: func(s *scene) { s.pays("4242424242424242"); s.begins(); s.refunds("succeeded") }},
	"refund_pending_then_ok": {method: "bancontact", begin: func(s *scene) { s.pays(""); s.begins(); s.refunds("pending") }},
	"refund_fails_later": {begin: func(s *scene) { s.pays("4000000000005126"); s.begins(); s.refunds("succeeded") }, also: func(s *scene) {
		if r := s.shop.refunds(s.intent)[0]; r.FailureReason == "" || r.FailureBalanceTransaction == nil {
			s.t.Errorf("refund = %+v", r)
		}
	}},
	"dispute_lost": {begin: func(s *scene) { s.pays("4000000000000259"); s.begins(); s.disputes() }, then: func(s *scene) {
		if _, err := s.api.Disputes.Close(s.dispute, &stripe.DisputeParams{}); err != nil {
			s.t.Error(err)
		}
	}},
	"dispute_won": {begin: func(s *scene) { s.pays("4000000000000259"); s.begins(); s.disputes() }, then: func(s *scene) { s.closes("won") }},
	"inquiry": {begin: func(s *scene) { s.pays("4000000000001976"); s.begins(); s.disputes() }, then: func(s *scene) {
		if d, err := s.api.Disputes.Get(s.dispute, &stripe.DisputeParams{}); err != nil || len(d.BalanceTransactions) != 0 || !d.IsChargeRefundable {
			s.t.Errorf("dispute = %+v, %v", d, err)
		}
		s.closes("warning_closed")
	}},
	"two_disputes_one_charge": {begin: func(s *scene) {
		s.pays("4242424242424242")
		s.begins()
		for range 2 {
			s.control("POST", "/_emu/dispute/"+s.charge, "")
		}
		s.disputes()
		s.closes("lost")
	}, also: func(s *scene) {
		open := 0
		for it := s.api.Disputes.List(&stripe.DisputeListParams{Charge: &s.charge}); it.Next(); {
			if it.Dispute().Status == "needs_response" {
				open++
			}
		}
		if open != 1 {
			s.t.Errorf("%d disputes are open after one of two was closed", open)
		}
	}},
	"payout": {begin: func(s *scene) { s.pays("4000000000000077"); s.begins(); s.paysOut() }, also: func(s *scene) {
		po, err := s.api.Payouts.Get(s.payout, &stripe.PayoutParams{})
		if err != nil {
			s.t.Fatal(err)
		}
		sum, own := int64(0), 0
		for it := s.api.BalanceTransactions.List(&stripe.BalanceTransactionListParams{Payout: &s.payout}); it.Next(); {
			if it.BalanceTransaction().Type == "payout" {
				own++
				continue
			}
			sum += it.BalanceTransaction().Net
		}
		if sum != po.Amount || own != 1 || !po.Automatic {
			s.t.Errorf("a payout of %d has lines of %d and %d of its own", po.Amount, sum, own)
		}
	}},
	"payout_failed": {begin: func(s *scene) {
		s.pays("4000000000000077")
		s.paysOut()
		s.clock.add(time.Minute)
		s.begins()
		s.control("POST", "/_emu/fail-payout/"+s.payout, "")
	}},
	"early_fraud_warning": {begin: func(s *scene) {
		s.pays("4242424242424242")
		s.begins()
		s.control("POST", "/_emu/fraud-warning/"+s.charge, "")
	}},
}
