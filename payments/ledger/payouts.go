package ledger

import (
	"context"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/sheet"
)

var payoutColumns = []string{"date", "payout", "amount", "entry", "provider_balance", "currency"}

// WritePayouts writes what the provider paid into the bank as the books have it: each payout with
// its entry, and what stayed in the provider's balance after it.
func WritePayouts(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := controlDocuments(ctx, q, p); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "payouts", payoutColumns)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlPayouts, p.args())
	if err != nil {
		return err
	}
	var day time.Time
	var reference string
	var amount, left money.Amount
	var seq int64
	if _, err := pgx.ForEachRow(rows, []any{&day, &reference, &amount, &seq, &left}, func() error {
		return e.Row(day.Format(time.DateOnly), reference, amount, seq, left, money.Currency)
	}); err != nil {
		return err
	}
	return e.Close()
}
