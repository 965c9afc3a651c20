package ledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// DistanceTotal is what was sold to shoppers of other member states, without VAT.
type DistanceTotal struct {
	ThisYear, LastYear money.Amount
}

// DistanceSales sums the distance sales within the union of the calendar year up to the day of a moment,
// and of the year before, credit notes taken off.
func DistanceSales(ctx context.Context, q pg.Querier, at time.Time) (DistanceTotal, error) {
	at = at.In(text.Paris())
	first := time.Date(at.Year(), 1, 1, 0, 0, 0, 0, text.Paris())
	next := time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, text.Paris())
	var t DistanceTotal
	err := q.QueryRow(ctx, sqlDistanceSales, pgx.NamedArgs{"first": first, "before": first.AddDate(-1, 0, 0), "until": next}).Scan(&t.ThisYear, &t.LastYear)
	return t, err
}

// Crosses tells whether a sale of this much crosses the threshold, or finds it crossed.
func (t DistanceTotal) Crosses(net, threshold money.Amount) bool {
	return t.LastYear > threshold || t.ThisYear+net > threshold
}

// Near tells that four fifths of the threshold are used.
func (t DistanceTotal) Near(threshold money.Amount) bool { return t.ThisYear*5 >= threshold*4 }
