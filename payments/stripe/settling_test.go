package stripe_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"boutique/internal/fault"
	"boutique/payments"
)

func TestAPaidPageBecomesACapturedPayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	if p.State != payments.Open || !strings.Contains(p.SessionURL, "/c/pay/"+p.SessionID) || !strings.Contains(p.SessionURL, "#") {
		t.Fatalf("state %s, page %s", p.State, p.SessionURL)
	}
	if again := w.start(p); again.SessionID != p.SessionID {
		t.Errorf("started twice: sessions %s and %s", p.SessionID, again.SessionID)
	}
	w.pay(p)
	p = w.reconcile(p)
	if p.State != payments.Captured || p.CapturedAt == nil || p.Method != "card" || p.Fee == nil || *p.Fee != 89 {
		t.Fatalf("payment = %+v", p)
	}
	w.reconcile(p)
	w.told("captured", "balance charge 4250 89 4161")
}

func TestAnOpenPageSettlesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.reconcile(w.start(w.open(4250)))
	if p.State != payments.Open {
		t.Errorf("state %s", p.State)
	}
	w.told()
}

func TestFiftyReconcilesAtOnceCaptureOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.pay(p)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := w.s.Reconcile(t.Context(), p.ID); err != nil || got.State != payments.Captured {
				t.Errorf("state %s, error %v", got.State, err)
			}
		})
	}
	wg.Wait()
	w.told("captured", "balance charge 4250 89 4161")
}

func TestOneLiveAttemptForAnOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(4250)
	if _, err := w.tryOpen(p.OrderID, 4250); !fault.Is(err, "payment_in_progress") {
		t.Errorf("error = %v", err)
	}
	w.start(p)
	if _, err := w.s.Abandon(t.Context(), p.OrderID); err != nil {
		t.Fatal(err)
	}
	next, err := w.tryOpen(p.OrderID, 4250)
	if err != nil || next.N != 2 {
		t.Errorf("attempt %d, error %v", next.N, err)
	}
	w.told("expired")
}

func TestAmountsThatCannotBePaidOnline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.tryOpen(uuid.New(), 49); !fault.Is(err, "amount_too_small") {
		t.Errorf("49 cents: %v", err)
	}
	free, err := w.tryOpen(uuid.New(), 0)
	if err != nil || free.State != payments.Captured || free.Gateway != payments.None {
		t.Errorf("nothing to pay: %+v, %v", free, err)
	}
	if p := w.reconcile(free); p.State != payments.Captured {
		t.Errorf("nothing to pay, reconciled: %s", p.State)
	}
}

func TestAbandoningAsksStripeFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.pay(p)
	got, err := w.s.Abandon(t.Context(), p.OrderID)
	if err != nil || got.State != payments.Captured {
		t.Errorf("a paid page abandoned: %s, %v", got.State, err)
	}
	w.told("captured", "balance charge 4250 89 4161")
}

func TestMoneyThatDiffersIsQuarantined(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.exec(`update payment set amount = 4300 where id = $1`, p.ID)
	w.pay(p)
	p = w.reconcile(p)
	if p.State != payments.Captured || !strings.Contains(p.Quarantined, "amount") {
		t.Fatalf("state %s, quarantined %q", p.State, p.Quarantined)
	}
	w.told("balance charge 4250 89 4161")
	if _, err := w.refund(p, 100, ""); !fault.Is(err, "exceeds_refundable") {
		t.Errorf("a refund of quarantined money: %v", err)
	}
	list, err := payments.Quarantined(t.Context(), w.pool)
	if err != nil || len(list) != 1 {
		t.Errorf("%d quarantined payments are shown, error %v", len(list), err)
	}
}

func TestTheSweepEndsAPageBeforeItReleases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.later(p, "38 minutes")
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p = w.read(p); p.State != payments.Expired {
		t.Errorf("state %s", p.State)
	}
	if status, _ := w.page(p); status != "expired" {
		t.Errorf("the page is %s at Stripe", status)
	}
	w.told("expired")
}

func TestTheSweepFindsAPaymentWhoseWebhookWasLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.pay(p)
	w.later(p, "38 minutes")
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.told("captured", "balance charge 4250 89 4161")
}

func TestTheSweepKeepsEverythingWhileStripeIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.later(p, "38 minutes")
	w.down()
	if err := w.s.Sweep(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("error = %v", err)
	}
	if p = w.read(p); p.State != payments.Open {
		t.Errorf("state %s", p.State)
	}
	w.told()
}

func TestADebitIsPendingUntilTheBankSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fail  bool
		state string
		told  []string
	}{
		{"it settles", false, payments.Captured, []string{"processing", "captured", "balance charge 4250 35 4215"}},
		{"it bounces", true, payments.Failed, []string{"processing", "failed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldBehind(t, straight, "card", "sepa_debit")
			p := w.start(w.open(4250))
			w.debit(p)
			if p = w.reconcile(p); p.State != payments.Processing || p.IntentID == "" {
				t.Fatalf("payment = %+v", p)
			}
			if got, err := w.s.Abandon(t.Context(), p.OrderID); err != nil || got.State != payments.Processing {
				t.Errorf("money on its way abandoned: %s, %v", got.State, err)
			}
			w.control("/_emu/settle/"+p.IntentID, map[string]any{"fail": c.fail})
			if err := w.s.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			if p = w.reconcile(p); p.State != c.state {
				t.Errorf("state %s", p.State)
			}
			w.told(c.told...)
		})
	}
}
