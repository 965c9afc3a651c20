package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

func (s *shop) refund(intent string, amount int64) (*stripe.Refund, error) {
	p := &stripe.RefundParams{PaymentIntent: stripe.String(intent)}
	if amount > 0 {
		p.Amount = stripe.Int64(amount)
	}
	p.AddMetadata("refund_id", "r-1")
	p.AddExpand("balance_transaction")
	return s.api.Refunds.New(p)
}

func (s *shop) refunds(intent string) []*stripe.Refund {
	s.t.Helper()
	p := &stripe.RefundListParams{PaymentIntent: stripe.String(intent)}
	p.AddExpand("data.failure_balance_transaction")
	it := s.api.Refunds.List(p)
	var list []*stripe.Refund
	for it.Next() {
		list = append(list, it.Refund())
	}
	if err := it.Err(); err != nil {
		s.t.Fatal(err)
	}
	return list
}

func TestRefundsTakeFromWhatIsLeft(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	pi, ch := s.paid("4242424242424242")
	for _, amount := range []int64{1000, 250, 3000} {
		r, err := s.refund(pi, amount)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != "succeeded" || r.Amount != amount || r.BalanceTransaction.Amount != -amount || r.BalanceTransaction.Fee != 0 || r.BalanceTransaction.Net != -amount || r.Metadata["refund_id"] != "r-1" {
			t.Errorf("refund = %+v of %+v", r, r.BalanceTransaction)
		}
	}
	if s.Captured() != 0 || s.Totals()["eur"].Fees != 89 {
		t.Errorf("totals = %+v", s.Totals())
	}
	p := &stripe.ChargeParams{}
	p.AddExpand("refunds")
	c, err := s.api.Charges.Get(ch, p)
	if err != nil || !c.Refunded || c.AmountRefunded != 4250 || len(c.Refunds.Data) != 3 || c.Refunds.Data[0].Amount != 3000 {
		t.Errorf("charge = %+v, %v", c, err)
	}
}

func TestARefundMayWaitForTheBank(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	pi, _ := s.paid("4000000000007726")
	r, err := s.refund(pi, 0)
	if err != nil || r.Status != "pending" {
		t.Fatalf("refund = %+v, %v", r, err)
	}
	s.clock.add(time.Minute)
	if got := s.refunds(pi); got[0].Status != "succeeded" {
		t.Errorf("refund = %+v", got[0])
	}
}

func TestARefundThatFailsLaterBringsTheMoneyBack(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	pi, _ := s.paid("4000000000005126")
	r, err := s.refund(pi, 1000)
	if err != nil || r.Status != "succeeded" {
		t.Fatalf("refund = %+v, %v", r, err)
	}
	s.clock.add(time.Minute)
	got := s.refunds(pi)[0]
	if got.Status != "failed" || got.FailureReason != "expired_or_canceled_card" || got.FailureBalanceTransaction.Amount != 1000 || s.Captured() != 4250 {
		t.Errorf("refund = %+v, captured %d", got, s.Captured())
	}
}

func TestADebitIsKnownLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		iban, event, status string
		captured            int64
	}{
		{"FR14 2004 1010 0505 0001 3M02 606", "checkout.session.async_payment_succeeded", "paid", 4250},
		{"FR8420041010050500013M02607", "checkout.session.async_payment_failed", "unpaid", 0},
	} {
		t.Run(c.status, func(t *testing.T) {
			t.Parallel()
			s := open(t, nil)
			made := s.session(func(p *stripe.CheckoutSessionParams) {
				p.PaymentMethodTypes = stripe.StringSlice([]string{"card", "sepa_debit"})
			})
			form := map[string][]string{"payment_method": {"sepa_debit"}, "iban": {c.iban}, "name": {"Ana Martin"}}
			if got := browse(t, "POST", made.URL, form); got.status != 303 {
				t.Fatalf("answer %d %s", got.status, got.body)
			}
			if got := s.fetch(made.ID); got.Status != "complete" || got.PaymentStatus != "unpaid" || got.PaymentIntent.Status != "processing" || s.Captured() != 0 {
				t.Errorf("session = %+v", got)
			}
			s.clock.add(time.Minute)
			if got := s.fetch(made.ID); string(got.PaymentStatus) != c.status || s.Captured() != c.captured {
				t.Errorf("session = %+v, captured %d", got, s.Captured())
			}
			if n := s.events(c.event); n != 1 {
				t.Errorf("%d events of type %s", n, c.event)
			}
		})
	}
}

// events counts the events of a type that the account remembers.
func (s *shop) events(kind string) int {
	s.t.Helper()
	p := &stripe.EventListParams{Type: stripe.String(kind)}
	it := s.api.Events.List(p)
	n := 0
	for it.Next() {
		n++
	}
	if err := it.Err(); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func TestADisputeTakesTheMoneyAndAWonOneReturnsIt(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	pi, ch := s.paid("4000000000002685")
	s.clock.add(time.Minute)
	it := s.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: stripe.String(pi)})
	if !it.Next() {
		t.Fatal("no dispute", it.Err())
	}
	d := it.Dispute()
	if d.Status != "needs_response" || d.Reason != "product_not_received" || d.BalanceTransactions[0].Amount != -4250 || d.BalanceTransactions[0].Fee != 2000 || d.Charge.ID != ch {
		t.Errorf("dispute = %+v", d)
	}
	won, err := s.api.Disputes.Update(d.ID, &stripe.DisputeParams{Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: stripe.String("winning_evidence")}})
	if err != nil || won.Status != "won" || won.BalanceTransactions[1].ReportingCategory != "dispute_reversal" {
		t.Errorf("dispute = %+v, %v", won, err)
	}
	if _, err := s.api.Disputes.Close(d.ID, &stripe.DisputeParams{}); err == nil {
		t.Error("a closed dispute was closed again")
	}
}

func TestAPayoutConsistsOfItsLines(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	pi, _ := s.paid("4242424242424242")
	s.paid("4000000000000077")
	if _, err := s.refund(pi, 1000); err != nil {
		t.Fatal(err)
	}
	b, err := s.api.Balance.Get(&stripe.BalanceParams{})
	if err != nil || b.Pending[0].Amount != 4161 || b.Available[0].Amount != 4161-1000 {
		t.Errorf("balance = %+v %+v, %v", b.Pending[0], b.Available[0], err)
	}
	s.clock.add(4 * 24 * time.Hour)
	made := s.control("POST", "/_emu/payout", "")
	id, _ := made["id"].(string)
	s.clock.add(time.Minute)
	po, err := s.api.Payouts.Get(id, &stripe.PayoutParams{})
	if err != nil || po.Status != "paid" || po.ReconciliationStatus != "completed" || po.Amount != 2*4161-1000 {
		t.Fatalf("payout = %+v, %v", po, err)
	}
	it := s.api.BalanceTransactions.List(&stripe.BalanceTransactionListParams{Payout: stripe.String(id)})
	sum := int64(0)
	for it.Next() {
		if line := it.BalanceTransaction(); line.Type != "payout" {
			sum += line.Net
		}
		if line := it.BalanceTransaction(); line.Net != line.Amount-line.Fee {
			t.Errorf("line = %+v", line)
		}
	}
	if it.Err() != nil || sum != po.Amount {
		t.Errorf("lines sum to %d, payout %d (%v)", sum, po.Amount, it.Err())
	}
	s.control("POST", "/_emu/fail-payout/"+id, "")
	if po, err = s.api.Payouts.Get(id, &stripe.PayoutParams{}); err != nil || po.Status != "failed" {
		t.Errorf("payout = %+v, %v", po, err)
	}
}

func TestASessionIsPaidWithoutABrowser(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(nil)
	confirm := "/v1/payment_pages/" + made.ID + "/confirm"
	if a := s.raw(raw{path: confirm, form: "payment_method=pm_card_visa&expected_amount=1"}); a.status != 400 {
		t.Errorf("another amount is answered %d", a.status)
	}
	if a := s.raw(raw{path: confirm, form: "payment_method=pm_card_visa&expected_amount=4250"}); a.status != 200 || !strings.Contains(a.body, `"payment_status": "paid"`) {
		t.Errorf("answer %d %s", a.status, a.body)
	}
	debit := s.session(func(p *stripe.CheckoutSessionParams) {
		p.PaymentMethodTypes = stripe.StringSlice([]string{"sepa_debit"})
	})
	pm := s.raw(raw{path: "/v1/payment_methods", form: "type=sepa_debit&sepa_debit[iban]=FR1420041010050500013M02606&billing_details[name]=Ana"})
	if a := s.raw(raw{path: "/v1/payment_pages/" + debit.ID + "/confirm", form: "expected_amount=4250&payment_method=" + sessionID(pm)}); a.status != 200 || !strings.Contains(a.body, `"status": "complete"`) {
		t.Errorf("answer %d %s", a.status, a.body)
	}
}
