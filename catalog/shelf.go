package catalog

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/clock"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Shelf holds the newest snapshot and follows every change: each copy of the program has one.
type Shelf struct {
	pool     *pgxpool.Pool
	renderer Renderer
	clock    clock.Clock
	logger   *slog.Logger

	current   atomic.Pointer[Snapshot]
	stamp     atomic.Uint64
	available atomic.Pointer[map[int64]int]
	building  sync.Mutex

	// since is the moment from which on stock may have moved unseen, wholeAt when all of it was read last.
	since, wholeAt time.Time

	// shown is the newest snapshot with what of its products is left.
	shown atomic.Pointer[shown]
	desk  desk

	missing sync.Mutex
	misses  map[miss]int
}

type shown struct {
	snapshot *Snapshot
	stocked  *stocked
}

type miss struct {
	lang  text.Lang
	query string
}

// NewShelf makes a shelf that holds nothing until Refresh.
func NewShelf(pool *pgxpool.Pool, renderer Renderer, clock clock.Clock, logger *slog.Logger) *Shelf {
	s := &Shelf{pool: pool, renderer: renderer, clock: clock, logger: logger, misses: map[miss]int{}}
	s.current.Store(&Snapshot{})
	s.available.Store(&map[int64]int{})
	s.shown.Store(&shown{snapshot: s.Current()})
	return s
}

// List narrows, orders and cuts the newest catalogue, with what is left now.
func (s *Shelf) List(f Filter) Page {
	now := s.shown.Load()
	f.stocked = now.stocked
	return now.snapshot.List(f)
}

// count notes which products of the newest snapshot have anything left.
func (s *Shelf) count() {
	now := s.Current()
	s.shown.Store(&shown{now, now.countStock(s.Available)})
}

// Current is the newest snapshot.
func (s *Shelf) Current() *Snapshot { return s.current.Load() }

// Available is how many pieces of a variant can be bought, as of a second ago at most.
func (s *Shelf) Available(variantID int64) int { return (*s.available.Load())[variantID] }

// Stamp changes when a page that says how much is left would read otherwise: pages made under one
// stamp and one snapshot stay right.
func (s *Shelf) Stamp() uint64 { return s.stamp.Load() }

// sayable is how exactly availability is said: the last few pieces are counted, more are "in stock".
const sayable = 4

// Refresh builds the snapshot anew when the catalogue's version has moved or a planned change has
// come, and reads what is available.
func (s *Shelf) Refresh(ctx context.Context) error {
	s.building.Lock()
	defer s.building.Unlock()
	var version int64
	var at time.Time
	if err := s.pool.QueryRow(ctx, sqlVersion).Scan(&version, &at); err != nil {
		return err
	}
	now := s.Current()
	changed, err := s.readAvailability(ctx, at, version != now.Version)
	if err != nil {
		return err
	}
	if changed {
		s.count()
	}
	due := now.NextChange != nil && !s.clock.Now().Before(*now.NextChange)
	if now.Version == version && !due {
		return nil
	}
	return pg.InReadTx(ctx, s.pool, func(tx pgx.Tx) error {
		built, err := build(ctx, tx, s.renderer)
		if err != nil {
			return err
		}
		s.current.Store(built)
		s.count()
		return nil
	})
}

// What moves stock takes seconds; what takes longer, like a file of products, moves the version too, and
// all of it is read then. It is read once in a while in any case.
const (
	longestMove = 15 * time.Second
	wholeEach   = time.Minute
)

// readAvailability reads what is left of what has moved since it was read last, or of everything, and
// tells whether shoppers would be told otherwise.
func (s *Shelf) readAvailability(ctx context.Context, at time.Time, whole bool) (changed bool, err error) {
	whole = whole || s.wholeAt.IsZero() || at.Sub(s.wholeAt) >= wholeEach
	statement, args := sqlMovedAvailability, pgx.NamedArgs{"since": s.since}
	if whole {
		statement, args = sqlAvailability, pgx.NamedArgs{}
	}
	rows, err := s.pool.Query(ctx, statement, args)
	if err != nil {
		return false, err
	}
	before := *s.available.Load()
	var id int64
	var n int
	moved := make(map[int64]int)
	if _, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error {
		if was, known := before[id]; !known || was != n {
			moved[id] = n
			changed = changed || min(was, sayable) != min(n, sayable) || !known
		}
		return nil
	}); err != nil {
		return false, err
	}
	s.since = at.Add(-longestMove)
	if whole {
		s.wholeAt = at
	}
	if len(moved) == 0 {
		return false, nil
	}
	levels := maps.Clone(before)
	maps.Copy(levels, moved)
	s.available.Store(&levels)
	if changed {
		s.stamp.Add(1)
	}
	return changed, nil
}

// Run follows the catalogue until the context ends: at once when it is told of a change, and each
// second for what is available.
func (s *Shelf) Run(ctx context.Context) {
	told := make(chan struct{}, 1)
	go s.listen(ctx, told)
	if _, _, err := s.deskNow(ctx); err != nil && ctx.Err() == nil {
		s.logger.WarnContext(ctx, "the staff's search could not be made ready", "error", err)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	flush := time.NewTicker(time.Minute)
	defer flush.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-told:
		case <-tick.C:
		case <-flush.C:
			s.flushMisses(ctx)
			continue
		}
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.logger.WarnContext(ctx, "the catalogue could not be read again", "error", err)
		}
	}
}

// listen waits for the word that the catalogue has changed; a lost connection is made again.
func (s *Shelf) listen(ctx context.Context, told chan<- struct{}) {
	for ctx.Err() == nil {
		err := s.listenOnce(ctx, told)
		if ctx.Err() != nil {
			return
		}
		s.logger.WarnContext(ctx, "no longer told of changes in the catalogue", "error", err)
		wait := time.NewTimer(2 * time.Second)
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
	}
}

func (s *Shelf) listenOnce(ctx context.Context, told chan<- struct{}) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer func() {
		// A connection that listened is not given back: it would go on to be told.
		_ = conn.Conn().Close(context.WithoutCancel(ctx))
		conn.Release()
	}()
	if _, err := conn.Exec(ctx, sqlListen); err != nil {
		return err
	}
	for {
		if _, err := conn.Conn().WaitForNotification(ctx); err != nil {
			return err
		}
		select {
		case told <- struct{}{}:
		default:
		}
	}
}

// maxMisses is how many different queries without result are remembered until they are written down.
const maxMisses = 1000

// CountMiss remembers a search that found nothing, for staff to see.
func (s *Shelf) CountMiss(lang text.Lang, query string) {
	query = fold(query)
	if query == "" || len(query) > 80 {
		return
	}
	s.missing.Lock()
	defer s.missing.Unlock()
	key := miss{lang, query}
	if _, known := s.misses[key]; known || len(s.misses) < maxMisses {
		s.misses[key]++
	}
}

func (s *Shelf) flushMisses(ctx context.Context) {
	s.missing.Lock()
	misses := s.misses
	s.misses = map[miss]int{}
	s.missing.Unlock()
	if len(misses) == 0 {
		return
	}
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		for m, times := range misses {
			if _, err := tx.Exec(ctx, sqlCountMiss, pgx.NamedArgs{"lang": string(m.lang), "query": m.query, "times": times}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		s.logger.WarnContext(ctx, "searches without result were not written down", "error", err)
	}
}
