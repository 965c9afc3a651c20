package stripe_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"boutique/payments"
)

func TestTheQueueDoesWhatWebhooksAndRefundsAskFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	workers := river.NewWorkers()
	payments.AddWorkers(workers, w.s)
	queue, err := river.NewClient(riverpgxv5.New(w.pool), &river.Config{
		Workers: workers, PeriodicJobs: payments.PeriodicJobs(), Logger: slog.New(slog.DiscardHandler),
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
	})
	if err != nil {
		t.Fatal(err)
	}
	done, cancel := queue.Subscribe(river.EventKindJobCompleted)
	defer cancel()
	if err := queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := queue.StopAndCancel(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	finished := map[string]int{}
	until := func(kind string, n int) {
		t.Helper()
		limit := time.After(30 * time.Second)
		for finished[kind] < n {
			select {
			case e := <-done:
				finished[e.Job.Kind]++
			case <-limit:
				t.Fatalf("%s did not run %d times: %v", kind, n, finished)
			}
		}
	}
	until("payments_sweep", 1)
	until("payments_poll", 1)

	p := w.start(w.open(4250))
	w.pay(p)
	if code := w.post(w.event(p, "checkout.session.completed", time.Now())); code != http.StatusOK {
		t.Fatalf("status %d", code)
	}
	until("payments_event", 1)
	if p = w.read(p); p.State != payments.Captured {
		t.Fatalf("state %s", p.State)
	}
	if _, err := w.refund(p, 4250, "all"); err != nil {
		t.Fatal(err)
	}
	until("payments_refund", 1)
	if r := w.refunds(p)[0]; r.State != payments.Succeeded {
		t.Errorf("refund = %+v", r)
	}
	w.told("captured", "balance charge 4250 89 4161", "refunded 4250", "balance refund -4250 0 -4250")
}
