package stripe_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"boutique/payments"
	"boutique/payments/stripe/emulator"
)

func TestOneWebhookManyTimesHasOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.pay(p)
	body, header := w.event(p, "checkout.session.completed", time.Now())
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if code := w.post(body, header); code != http.StatusOK {
				t.Errorf("status %d", code)
			}
		})
	}
	wg.Wait()
	for range 3 {
		if err := w.s.ApplyEvent(t.Context(), "evt_shop"); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count(`select count(*) from payment_event where id = 'evt_shop' and done_at is not null and outcome = 'payment captured'`); n != 1 {
		t.Errorf("%d events are done", n)
	}
	if n := w.count(`select count(*) from river_job where kind = 'payments_event'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	w.told("captured", "balance charge 4250 89 4161")
}

func TestBadWebhooksAreRefusedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	now := time.Now()
	body, good := w.event(p, "checkout.session.completed", now)
	_, old := w.event(p, "checkout.session.completed", now.Add(-10*time.Minute))
	_, future := w.event(p, "checkout.session.completed", now.Add(10*time.Minute))
	for _, c := range []struct {
		name, body, header string
		status             int
	}{
		{"no signature", body, "", http.StatusBadRequest},
		{"forged", strings.Replace(body, "evt_shop", "evt_evil", 1), good, http.StatusBadRequest},
		{"old", body, old, http.StatusBadRequest},
		{"from the future", body, future, http.StatusBadRequest},
		{"too big", strings.Repeat("x", 1<<20+1), good, http.StatusRequestEntityTooLarge},
	} {
		if got := w.post(c.body, c.header); got != c.status {
			t.Errorf("%s: status %d, want %d", c.name, got, c.status)
		}
	}
	if n := w.count(`select count(*) from payment_event`); n != 0 {
		t.Errorf("%d events are stored", n)
	}
	w.pool.Close()
	if got := w.post(body, good); got != http.StatusServiceUnavailable {
		t.Errorf("without a database: status %d", got)
	}
}

func TestAnEventThatCannotBeWorkedOnStaysAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.pay(p)
	w.post(w.event(p, "checkout.session.completed", time.Now()))
	w.settler.broken = true
	if err := w.s.ApplyEvent(t.Context(), "evt_shop"); err == nil {
		t.Fatal("no error")
	}
	if n := w.count(`select count(*) from payment_event where done_at is null and tries = 1 and last_error <> ''`); n != 1 {
		t.Error("the event does not wait with its error")
	}
	w.settler.broken = false
	if err := w.s.ApplyEvent(t.Context(), "evt_shop"); err != nil {
		t.Fatal(err)
	}
	w.told("captured", "balance charge 4250 89 4161")
}

func TestEventsOfOthersAreKeptAndIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := payments.Payment{ID: uuid.New(), OrderID: uuid.New(), SessionID: "cs_test_nobodys"}
	if code := w.post(w.event(foreign, "checkout.session.completed", time.Now())); code != http.StatusOK {
		t.Errorf("status %d", code)
	}
	if err := w.s.ApplyEvent(t.Context(), "evt_shop"); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`select count(*) from payment_event where outcome = 'ignored: foreign object' and done_at is not null`); n != 1 {
		t.Error("the event is not shown as ignored")
	}
}

func TestAPaymentIsFoundEvenWhenNoAnswerEverCame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(4250)
	w.loseAnswers("/v1/checkout/sessions")
	if _, err := w.s.Start(t.Context(), p.ID); err == nil {
		t.Fatal("no error")
	}
	w.noFaults()
	p.SessionID = w.newestSession()
	w.pay(p)
	w.post(w.event(p, "checkout.session.completed", time.Now()))
	if err := w.s.ApplyEvent(t.Context(), "evt_shop"); err != nil {
		t.Fatal(err)
	}
	if got := w.read(p); got.State != payments.Captured || got.SessionID != p.SessionID {
		t.Errorf("payment = %+v", got)
	}
	w.told("captured", "balance charge 4250 89 4161")
}

func TestThePollFindsWhatWebhooksLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.pay(p)
	if err := w.s.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.work()
	if p = w.read(p); p.State != payments.Captured {
		t.Errorf("state %s", p.State)
	}
	w.dashboardRefund(p.IntentID, 500)
	if err := w.s.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.work()
	w.told("captured", "balance charge 4250 89 4161", "refunded 500", "balance refund -500 0 -500")
	if h, err := w.s.Health(t.Context()); err != nil || h.Unfinished != 0 || h.LastEvent == nil {
		t.Errorf("health = %+v, %v", h, err)
	}
}

func TestARefundHeardOfBeforeItsPayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.pay(p)
	intent := w.intentOf(p)
	w.dashboardRefund(intent, 500)
	if code := w.post(w.refundEvent(intent)); code != http.StatusOK {
		t.Fatalf("status %d", code)
	}
	if err := w.s.ApplyEvent(t.Context(), "evt_refund"); err != nil {
		t.Fatal(err)
	}
	w.told("captured", "balance charge 4250 89 4161", "refunded 500", "balance refund -500 0 -500")
	if h, err := w.s.Health(t.Context()); err != nil || h.OtherVersion != 1 {
		t.Errorf("an event of another version is not counted: %+v, %v", h, err)
	}
}

func TestALivemodeThatIsNotOursIsKeptAndIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	w.pay(p)
	body, _ := w.event(p, "checkout.session.completed", time.Now())
	body = strings.Replace(body, `"livemode":false`, `"livemode":true`, 1)
	if code := w.post(body, w.sign(body, time.Now())); code != http.StatusOK {
		t.Errorf("status %d", code)
	}
	if n := w.count(`select count(*) from payment_event where outcome = 'ignored: livemode' and done_at is not null`); n != 1 {
		t.Error("the event is not shown as ignored")
	}
	if n := w.count(`select count(*) from river_job`); n != 0 {
		t.Errorf("%d jobs", n)
	}
	w.told()
}

func TestStripesOwnWebhooksArriveInWhateverOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	endpoint := httptest.NewServer(w.hook)
	defer endpoint.Close()
	if err := w.emu.SetEndpoint(endpoint.URL+"/webhooks/stripe", endpointSecret); err != nil {
		t.Fatal(err)
	}
	w.emu.Network(emulator.Delivery{Shuffle: true, Duplicate: 2, Hold: true})
	p := w.start(w.open(4250))
	w.pay(p)
	w.dashboardRefund(w.intentOf(p), 500)
	w.dashboardRefund(w.intentOf(p), 750)
	w.emu.Network(emulator.Delivery{Shuffle: true, Duplicate: 2})
	w.emu.Deliver(t.Context())
	w.work()
	w.told("captured", "balance charge 4250 89 4161", "refunded 500", "balance refund -500 0 -500", "refunded 750", "balance refund -750 0 -750")
	if n := w.count(`select count(*) from payment_event where done_at is null`); n != 0 {
		t.Errorf("%d events are not done", n)
	}
}
