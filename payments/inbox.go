package payments

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

const (
	// storedTogether is how many events one transaction stores at most.
	storedTogether = 100
	// storeBudget is how long one such transaction may take.
	storeBudget = 10 * time.Second
)

// inbox gathers the events that come in while others are being stored: they go into one transaction
// next, so that a burst costs few commits. Nobody's event waits for company.
type inbox struct {
	mu      sync.Mutex
	waiting []delivery
	storing bool
}

// delivery is an event whose sender waits for the commit.
type delivery struct {
	event  Event
	stored chan error
}

// take stores an event together with those that come in at the same time; nil after the commit.
func (s *Service) take(ctx context.Context, e Event) error {
	d := delivery{e, make(chan error, 1)}
	s.inbox.mu.Lock()
	s.inbox.waiting = append(s.inbox.waiting, d)
	first := !s.inbox.storing
	s.inbox.storing = true
	s.inbox.mu.Unlock()
	if first {
		// Others' events come along: they do not end with the connection of the first.
		go s.emptyInbox(context.WithoutCancel(ctx))
	}
	select {
	case err := <-d.stored:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// emptyInbox stores what waits until nothing waits.
func (s *Service) emptyInbox(ctx context.Context) {
	for {
		s.inbox.mu.Lock()
		n := min(len(s.inbox.waiting), storedTogether)
		now := s.inbox.waiting[:n:n]
		s.inbox.waiting = s.inbox.waiting[n:]
		s.inbox.storing = n > 0
		s.inbox.mu.Unlock()
		if n == 0 {
			return
		}
		s.storeDeliveries(ctx, now)
	}
}

// storeDeliveries stores events in one transaction. When PostgreSQL refuses one of them, each is stored by
// itself, so that nobody's event is refused for another's sake.
func (s *Service) storeDeliveries(ctx context.Context, ds []delivery) {
	ctx, cancel := context.WithTimeout(ctx, storeBudget)
	defer cancel()
	events := make([]Event, len(ds))
	for i, d := range ds {
		events[i] = d.event
	}
	err := s.store(ctx, events)
	for _, d := range ds {
		if err != nil && len(ds) > 1 && fault.KindOf(err) != fault.Unavailable {
			d.stored <- s.store(ctx, []Event{d.event})
			continue
		}
		d.stored <- err
	}
}

// store puts events into the inbox, from webhooks or from the poll, each with the job that works on it.
func (s *Service) store(ctx context.Context, events []Event) error {
	// Copies that store the same events wait for one another in one order.
	events = slices.SortedFunc(slices.Values(events), func(a, b Event) int { return strings.Compare(a.ID, b.ID) })
	var ids, types, versions, objects, outcomes []string
	var livemodes []bool
	var payloads [][]byte
	for _, e := range events {
		ids, types, versions = append(ids, e.ID), append(types, e.Type), append(versions, e.APIVersion)
		objects, outcomes = append(objects, e.ObjectID), append(outcomes, s.ignored(e))
		livemodes, payloads = append(livemodes, e.Livemode), append(payloads, e.Payload)
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlStoreEvents, pgx.NamedArgs{
			"ids": ids, "types": types, "api_versions": versions, "livemodes": livemodes, "object_ids": objects,
			"payloads": payloads, "outcomes": outcomes,
		})
		if err != nil {
			return err
		}
		unfinished, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		work := make([]river.JobArgs, len(unfinished))
		for i, id := range unfinished {
			work[i] = EventArgs{EventID: id}
		}
		return s.Jobs.InsertManyTx(ctx, tx, work)
	})
}

// ignored says why an event needs no work; "" when it does.
func (s *Service) ignored(e Event) string {
	switch {
	case e.Livemode != s.Gateway.Livemode():
		return "ignored: livemode"
	case e.Subject == AboutOther:
		return "ignored: type"
	}
	return ""
}
