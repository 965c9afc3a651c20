package stripe_test

import (
	"fmt"
	"testing"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/payments"
)

func TestASecondPaymentIsRecordedAndRefunded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settler.unwanted = "duplicate"
	p := w.start(w.open(4250))
	w.pay(p)
	w.reconcile(p)
	r := w.refunds(p)[0]
	if r.State != payments.Requested || r.Amount != 4250 || r.Reason != "duplicate" {
		t.Fatalf("refund = %+v", r)
	}
	for range 2 {
		if err := w.s.ExecuteRefund(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.told("captured", "balance charge 4250 89 4161", "refunded 4250", "balance refund -4250 0 -4250")
}

func TestThreePartialRefundsLeaveTheRightRemainder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.captured(4250)
	for i, amount := range []money.Amount{1000, 2000, 1000} {
		r, err := w.refund(p, amount, fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.s.ExecuteRefund(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.refund(p, 251, "")
	f, _ := fault.As(err)
	if f == nil || f.Code != "exceeds_refundable" || f.Params["remaining"] != int64(250) {
		t.Errorf("251 of 250 left: %v", err)
	}
	again, err := w.refund(p, 1000, "0")
	if err != nil || len(w.refunds(p)) != 3 || again.State != payments.Succeeded {
		t.Errorf("the same request again: %+v, %v", again, err)
	}
	w.told("captured", "balance charge 4250 89 4161",
		"refunded 1000", "balance refund -1000 0 -1000", "refunded 2000", "balance refund -2000 0 -2000", "refunded 1000", "balance refund -1000 0 -1000")
}

func TestARefundWithALostAnswerIsMadeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.captured(4250)
	r, err := w.refund(p, 1000, "")
	if err != nil {
		t.Fatal(err)
	}
	w.loseAnswers("/v1/refunds")
	if err := w.s.ExecuteRefund(t.Context(), r.ID); err == nil {
		t.Fatal("a lost answer is no success")
	}
	w.noFaults()
	if err := w.s.ExecuteRefund(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	if n := len(w.atStripe(p)); n != 1 {
		t.Errorf("%d refunds at Stripe", n)
	}
	w.told("captured", "balance charge 4250 89 4161", "refunded 1000", "balance refund -1000 0 -1000")
}

func TestARefundWhoseErrorIsKeptIsFoundOrAskedForWithANewKey(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"500_before", "500_rolled_back", "500_after"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.captured(4250)
			r, err := w.refund(p, 1000, "")
			if err != nil {
				t.Fatal(err)
			}
			w.fault("/v1/refunds", kind, 1)
			_ = w.s.ExecuteRefund(t.Context(), r.ID)
			if err := w.s.ExecuteRefund(t.Context(), r.ID); err != nil {
				t.Fatal(err)
			}
			if n := len(w.atStripe(p)); n != 1 {
				t.Errorf("%d refunds at Stripe", n)
			}
			w.told("captured", "balance charge 4250 89 4161", "refunded 1000", "balance refund -1000 0 -1000")
		})
	}
}

func TestARefundThatStripeWillNotMakeFreesItsAmount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.captured(4250)
	r, err := w.refund(p, 3000, "")
	if err != nil {
		t.Fatal(err)
	}
	w.dashboardRefund(p.IntentID, 2000)
	if err := w.s.ExecuteRefund(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.s.ReconcileRefunds(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	list := w.refunds(p)
	if len(list) != 2 || list[0].State != payments.RefundFailed || list[0].Failure == "" || list[1].Origin != payments.FromDashboard {
		t.Errorf("refunds = %+v", list)
	}
	w.told("captured", "balance charge 4250 89 4161", "refunded 2000", "balance refund -2000 0 -2000")
	if _, err := w.refund(p, 2250, ""); err != nil {
		t.Errorf("the rest cannot be refunded: %v", err)
	}
}

func TestARefundThatFailsLaterIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.captured(4250)
	r, err := w.refund(p, 1000, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.ExecuteRefund(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	w.failRefund(w.refunds(p)[0])
	for range 2 {
		if err := w.s.ReconcileRefunds(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.told("captured", "balance charge 4250 89 4161", "refunded 1000", "balance refund -1000 0 -1000",
		"refund failed 1000", "balance refund_failure 1000 0 1000")
}
