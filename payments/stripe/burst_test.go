package stripe_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"boutique/internal/pg"
	"boutique/payments"
)

// about is a signed webhook of its own about the attempt's session.
func (w *world) about(p payments.Payment, id string) (body, header string) {
	body, _ = w.event(p, "checkout.session.completed", time.Now())
	body = strings.Replace(body, "evt_shop", id, 1)
	return body, w.sign(body, time.Now())
}

func TestABurstIsStoredWholeAndOneBadEventRefusesNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(4250))
	owner, err := pg.OpenOwner(t.Context(), w.pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if _, err := owner.Exec(t.Context(), `alter table payment_event add constraint "nothing is lost" check (id not like 'evt_lost%')`); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 150 {
		all.Go(func() {
			if code := w.post(w.about(p, fmt.Sprintf("evt_%03d", i%75))); code != http.StatusOK {
				t.Errorf("event %d: status %d", i, code)
			}
		})
		if i%30 == 0 {
			all.Go(func() {
				if code := w.post(w.about(p, fmt.Sprintf("evt_lost%d", i))); code != http.StatusServiceUnavailable {
					t.Errorf("an event that cannot be kept: status %d", code)
				}
			})
		}
	}
	all.Wait()
	if n := w.count(`select count(*) from payment_event where done_at is null`); n != 75 {
		t.Errorf("%d events are stored, want 75", n)
	}
	if n := w.count(`select count(distinct args->>'event_id') from river_job where kind = 'payments_event'`); n != 75 {
		t.Errorf("%d events have a job, want 75", n)
	}
	if n := w.count(`select count(*) from river_job`); n != 75 {
		t.Errorf("%d jobs, want 75", n)
	}
}

func TestOneFetchFinishesAllThatWaitedAboutOneObject(t *testing.T) {
	t.Parallel()
	var fetches atomic.Int64
	w := newWorldBehind(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/checkout/sessions/") {
				fetches.Add(1)
			}
			next.ServeHTTP(rw, r)
		})
	})
	p := w.start(w.open(4250))
	for i := range 10 {
		w.post(w.about(p, fmt.Sprintf("evt_%d", i)))
	}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if err := w.s.ApplyEvent(t.Context(), fmt.Sprintf("evt_%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := fetches.Load(); n != 1 {
		t.Errorf("Stripe was asked %d times", n)
	}
	if n := w.count(`select count(*) from payment_event where done_at is not null and outcome = 'payment open' and tries = 1`); n != 10 {
		t.Errorf("%d events are done", n)
	}
}

func TestAnEventThatComesDuringTheFetchIsNotFinishedByIt(t *testing.T) {
	t.Parallel()
	var w *world
	var p payments.Payment
	var late sync.Once
	w = newWorldBehind(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(rw, r)
			if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/checkout/sessions/") {
				// The answer was made while the page was open; the shopper pays before it arrives.
				late.Do(func() {
					w.pay(p)
					w.post(w.about(p, "evt_late"))
				})
			}
		})
	})
	p = w.start(w.open(4250))
	w.post(w.about(p, "evt_early"))
	if err := w.s.ApplyEvent(t.Context(), "evt_early"); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`select count(*) from payment_event where id = 'evt_late' and done_at is null`); n != 1 {
		t.Fatal("the event that came later does not wait any more")
	}
	if err := w.s.ApplyEvent(t.Context(), "evt_late"); err != nil {
		t.Fatal(err)
	}
	w.told("captured", "balance charge 4250 89 4161")
}
