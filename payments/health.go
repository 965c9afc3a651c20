package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// Health is how the dealings with the provider stand, for staff and operators. OtherVersion counts
// events of the last 30 days that were written for another API version than ours: they are worked on
// all the same, but the endpoint wants a look. Quarantined counts captured payments that wait for a
// person, StuckRefunds those that were asked for more than an hour ago or have failed in 30 days.
type Health struct {
	LastEvent, OldestUnfinished *time.Time
	Unfinished, OtherVersion    int
	Quarantined, StuckRefunds   int
}

// Health reads the figures.
func (s *Service) Health(ctx context.Context) (Health, error) {
	rows, err := s.Pool.Query(ctx, sqlHealth, pgx.NamedArgs{"version": s.Gateway.APIVersion()})
	if err != nil {
		return Health{}, err
	}
	return pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (h Health, err error) {
		err = row.Scan(&h.LastEvent, &h.OldestUnfinished, &h.Unfinished, &h.OtherVersion, &h.Quarantined, &h.StuckRefunds)
		return h, err
	})
}

// Quarantined lists the captured payments that wait for a person, newest first, at most 100.
func Quarantined(ctx context.Context, q pg.Querier) ([]Payment, error) {
	rows, err := q.Query(ctx, sqlQuarantinedPayments)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPayment)
}

// CheckMode refuses test keys on a database that has taken live payments, and live keys on one that
// has taken test payments: play money and real money never share books.
func CheckMode(ctx context.Context, q pg.Querier, livemode bool) error {
	var live, test bool
	if err := q.QueryRow(ctx, sqlModesSeen).Scan(&live, &test); err != nil {
		return err
	}
	switch {
	case livemode && test:
		return fmt.Errorf("STRIPE_SECRET_KEY is a live key, and this database holds test payments: use a database of its own")
	case !livemode && live:
		return fmt.Errorf("STRIPE_SECRET_KEY is a test key, and this database holds live payments: use a database of its own")
	}
	return nil
}
