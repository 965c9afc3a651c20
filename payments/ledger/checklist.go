package ledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/setting"
)

// Check is one thing to look at before a period is closed. Count is how many cases there are, Named
// the first of them. One that blocks refuses the closing; the others are the accountant's to judge.
type Check struct {
	Name   string
	Count  int64
	Named  []string
	Blocks bool
}

// Holds tells that there is nothing to look at.
func (c Check) Holds() bool { return c.Count == 0 }

// Checklist is what the books themselves know before a month is closed: its control, the months
// before it, documents whose PDF is not drawn, exports whose proof is missing, the yearly threshold
// of distance sales, and days that have no seal yet, which the closing makes up.
func Checklist(ctx context.Context, q pg.Querier, p Period) ([]Check, error) {
	control := Check{Name: "control", Blocks: true}
	err := Control(ctx, q, p)
	if f, ok := fault.As(err); ok && f.Kind == fault.Conflict {
		control.Count = 1
		if named, ok := f.Params["documents"].([]string); ok {
			control.Count, control.Named = int64(len(named)), named
		}
	} else if err != nil {
		return nil, err
	}
	before := Check{Name: "month_before", Blocks: true}
	var open string
	if err := q.QueryRow(ctx, sqlOpenMonthBefore, p.args()).Scan(&open); err != nil {
		return nil, err
	}
	if open != "" {
		before.Count, before.Named = 1, []string{open}
	}
	list := []Check{control, before}
	for _, c := range []struct{ name, statement string }{{"undrawn", sqlUndrawn}, {"days_unsealed", sqlDaysUnsealed}} {
		check := Check{Name: c.name}
		if check.Count, check.Named, err = countNamed(ctx, q, c.statement, p.args()); err != nil {
			return nil, err
		}
		list = append(list, check)
	}
	threshold, err := thresholdCheck(ctx, q, p)
	if err != nil {
		return nil, err
	}
	proofs := Check{Name: "proofs"}
	if proofs.Count, proofs.Named, err = ProofsMissing(ctx, q, p.Until()); err != nil {
		return nil, err
	}
	siren := Check{Name: "siren"}
	if _, err := FECName(ctx, q, p); fault.Is(err, "siren_missing") {
		siren.Count = 1
	} else if err != nil {
		return nil, err
	}
	return append(list, threshold, proofs, siren), nil
}

// countNamed reads rows of one name: how many there are, and the first twenty.
func countNamed(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) (int64, []string, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return 0, nil, err
	}
	var total int64
	var name string
	var named []string
	_, err = pgx.ForEachRow(rows, []any{&name, &total}, func() error {
		named = append(named, name)
		return nil
	})
	return total, named, err
}

// thresholdCheck warns at four fifths of the threshold, and as long as an office that has crossed it
// is not registered with the one-stop shop.
func thresholdCheck(ctx context.Context, q pg.Querier, p Period) (Check, error) {
	check := Check{Name: "threshold"}
	at := p.Until().Add(-time.Second)
	books, err := setting.GetBooks(ctx, q, at)
	if err != nil {
		return check, err
	}
	sold, err := DistanceSales(ctx, q, at)
	if err != nil {
		return check, err
	}
	threshold := money.Amount(books.ThresholdCents)
	if threshold > 0 && (sold.Near(threshold) || sold.Crosses(0, threshold)) && (books.OSSRegistered == "" || books.OSSRegistered > p.To.Format(time.DateOnly)) {
		check.Count = 1
	}
	return check, nil
}
