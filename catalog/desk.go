package catalog

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/internal/text"
)

// desk is the index in which staff find every product, drafts included: whole since a moment, and
// beside it what has changed since. A change costs the reading of what changed.
type desk struct {
	mu      sync.Mutex
	version int64
	since   time.Time
	whole   *deskIndex
	changed *deskIndex
}

// deskIndex is an index of products by their names in every language, slugs, SKUs and GTINs.
type deskIndex struct {
	*index
	ids []int64
	at  map[int64]bool
}

const (
	// maxChanged is how many products may have changed before all are read again.
	maxChanged = 2000
	// overlap covers changes that were written before the whole was read and committed after.
	overlap = time.Minute
	// maxFound is how many of the best products a search goes on with.
	maxFound = 2000
)

// refresh reads what has changed; all, when that is much.
func (d *desk) refresh(ctx context.Context, q pg.Querier) error {
	var version int64
	var now time.Time
	if err := q.QueryRow(ctx, sqlDeskHead).Scan(&version, &now); err != nil {
		return err
	}
	if d.whole != nil && d.version == version {
		return nil
	}
	if d.whole != nil {
		changed, err := readDesk(ctx, q, d.since)
		if err != nil {
			return err
		}
		if len(changed.ids) <= maxChanged {
			d.changed, d.version = changed, version
			return nil
		}
	}
	whole, err := readDesk(ctx, q, time.Time{})
	if err != nil {
		return err
	}
	d.whole, d.changed, d.version, d.since = whole, nil, version, now.Add(-overlap)
	return nil
}

func readDesk(ctx context.Context, q pg.Querier, since time.Time) (*deskIndex, error) {
	rows, err := q.Query(ctx, sqlDeskProducts, pgx.QueryExecModeCacheDescribe, pgx.NamedArgs{"since": since})
	if err != nil {
		return nil, err
	}
	out := &deskIndex{at: map[int64]bool{}}
	x, words := newIndexer(text.FR), newLexicon()
	var read []uint32
	add := func(s string, place uint32) {
		read = words.read(read[:0], s)
		x.add(words.words, read, place)
	}
	var id int64
	var slug string
	var names, codes string
	if _, err := pgx.ForEachRow(rows, []any{&id, &slug, &names, &codes}, func() error {
		out.ids, out.at[id] = append(out.ids, id), true
		x.next()
		add(names, inName)
		add(codes, inOptions)
		add(slug, inShort)
		return nil
	}); err != nil {
		return nil, err
	}
	out.index = x.index()
	return out, nil
}

// find lists the products that answer to a query, the best first.
func (d *deskIndex) find(ideas []idea, fits func(id int64) bool) []int64 {
	t := d.search(ideas)
	defer d.giveBack(t)
	var list []int64
	for _, n := range t.best(maxFound, -1, func(n int32) bool { return fits(d.ids[n]) }) {
		list = append(list, d.ids[n])
	}
	return list
}

// FindProducts lists the ids of the products that answer to a query of staff, the best first: at
// once after a change, forgiving like the shoppers' search.
func (s *Shelf) FindProducts(ctx context.Context, query string) ([]int64, error) {
	ideas := s.Current().meanings[text.FR].ideas(text.FR, query)
	if len(ideas) == 0 {
		return nil, nil
	}
	whole, changed, err := s.deskNow(ctx)
	if err != nil {
		return nil, err
	}
	if changed == nil {
		return whole.find(ideas, func(int64) bool { return true }), nil
	}
	list := changed.find(ideas, func(int64) bool { return true })
	return append(list, whole.find(ideas, func(id int64) bool { return !changed.at[id] })...), nil
}

func (s *Shelf) deskNow(ctx context.Context) (whole, changed *deskIndex, err error) {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	err = s.desk.refresh(ctx, s.pool)
	return s.desk.whole, s.desk.changed, err
}

// ListProducts lists products for staff: those that answer to the filter's query, the best first,
// else all in the order of their slugs.
func (s *Shelf) ListProducts(ctx context.Context, f ProductFilter) (list []ProductSummary, next string, err error) {
	if f.Q != "" {
		if f.IDs, err = s.FindProducts(ctx, f.Q); err != nil {
			return nil, "", err
		}
		if len(f.IDs) == 0 {
			return nil, "", nil
		}
	}
	return ListProducts(ctx, s.pool, f)
}
