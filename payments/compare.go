package payments

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// Comparison is what a comparison with the provider found: how many movements of its balance were looked at,
// what was mended, and what is different still.
type Comparison struct {
	At, Since         time.Time
	Movements         int
	Mended, Different []string
	Failure           string
}

// maxMended is how much of what was mended is kept and printed.
const maxMended = 200

// report gathers what a comparison mends, from whatever settles it.
type report struct {
	mu    sync.Mutex
	lines []string
}

type reportKey struct{}

// mended notes a thing that a comparison put right; outside of one it is what webhooks do all day.
func mended(ctx context.Context, what string) {
	r, ok := ctx.Value(reportKey{}).(*report)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) < maxMended {
		r.lines = append(r.lines, what)
	}
}

// Compare holds everything since a moment against the provider and mends what differs: lost events, overdue
// attempts, every attempt with its refunds, every open dispute, every movement of the balance, every payout.
// Then the books are held against the balance, movement by movement. What was found is kept; the error, if
// any, is in it too.
func (s *Service) Compare(ctx context.Context, since time.Time) (Comparison, error) {
	r := &report{}
	ctx = context.WithValue(ctx, reportKey{}, r)
	c := Comparison{Since: since}
	err := s.ReconcileSince(ctx, since)
	moved, lineErr := s.compareBalance(ctx, since)
	c.Movements = moved
	err = errors.Join(err, s.compareDisputes(ctx), lineErr, s.comparePayouts(ctx, since))
	c.Mended = r.lines
	different, differErr := s.Settler.Differences(ctx, since)
	c.Different = different
	if err = errors.Join(err, differErr); err != nil {
		c.Failure = clip(err.Error(), 1000)
	}
	kept := pg.InTx(context.WithoutCancel(ctx), s.Pool, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, sqlKeepComparison, pgx.NamedArgs{"since": since, "movements": c.Movements, "mended": list(c.Mended), "different": list(c.Different), "failure": c.Failure}).Scan(&c.At)
	})
	return c, errors.Join(err, kept)
}

func list(of []string) []string {
	if of == nil {
		return []string{}
	}
	return of
}

func (s *Service) compareBalance(ctx context.Context, since time.Time) (int, error) {
	moved, err := s.Gateway.BalanceLines(ctx, since)
	if err != nil {
		return 0, unavailable(err)
	}
	var failures []error
	for _, l := range moved {
		if err := s.keepLine(ctx, l); err != nil {
			failures = append(failures, fmt.Errorf("balance transaction %s: %w", l.ID, err))
		}
		if len(failures) == breaker || ctx.Err() != nil {
			break
		}
	}
	return len(moved), errors.Join(failures...)
}

func (s *Service) compareDisputes(ctx context.Context) error {
	rows, err := s.Pool.Query(ctx, sqlOpenDisputeIDs)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	var failures []error
	for _, id := range ids {
		if err := s.ReconcileDispute(ctx, id); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

func (s *Service) comparePayouts(ctx context.Context, since time.Time) error {
	made, err := s.Gateway.Payouts(ctx, since)
	if err != nil {
		return unavailable(err)
	}
	var failures []error
	for _, p := range made {
		if err := s.keepPayout(ctx, p); err != nil {
			failures = append(failures, fmt.Errorf("payout %s: %w", p.ID, err))
		}
	}
	return errors.Join(failures...)
}

// Comparisons lists the newest comparisons.
func Comparisons(ctx context.Context, q pg.Querier, limit int) ([]Comparison, error) {
	rows, err := q.Query(ctx, sqlComparisons, pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Comparison, error) {
		var c Comparison
		err := row.Scan(&c.At, &c.Since, &c.Movements, &c.Mended, &c.Different, &c.Failure)
		return c, err
	})
}

// CompareDaily is the nightly run: the last three days, so that a night without the provider is made good by
// the next one.
func (s *Service) CompareDaily(ctx context.Context) error {
	var since time.Time
	if err := s.Pool.QueryRow(ctx, sqlCompareSince).Scan(&since); err != nil {
		return err
	}
	_, err := s.Compare(ctx, since)
	return err
}
