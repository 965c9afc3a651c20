package catalog

import (
	"context"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/sheet"
)

var stockValueColumns = []string{"location", "sku", "product", "quantity", "unit_cost", "value", "cost_known", "currency"}

// WriteStockValue writes what lay in stock at the end of a day: the pieces on hand now less all that
// moved since, at the purchase cost without VAT. Articles without a known cost are named, at zero.
func WriteStockValue(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, until time.Time) error {
	e, err := sheet.NewEncoder(w, format, "stock-value", stockValueColumns)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlStockValue, pgx.NamedArgs{"until": until})
	if err != nil {
		return err
	}
	var location, sku, slug string
	var quantity int64
	var cost *int64
	if _, err := pgx.ForEachRow(rows, []any{&location, &sku, &slug, &quantity, &cost}, func() error {
		unit, known := money.Amount(0), "no"
		if cost != nil {
			unit, known = money.Amount(*cost), "yes"
		}
		return e.Row(location, sku, slug, quantity, unit, unit.Times(int(quantity)), known, money.Currency)
	}); err != nil {
		return err
	}
	return e.Close()
}
