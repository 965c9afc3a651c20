package shop

import (
	"context"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/sheet"
)

var orderColumns = []string{"placed_at", "order_number", "status", "payment_status", "fulfilment_status", "name", "email", "country", "postal_code", "shipping", "pieces", "goods", "shipping_price", "total", "currency"}

// WriteOrders streams the orders placed from one moment until another, in the order of placing. q
// must be one read-only transaction.
func WriteOrders(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, from, until time.Time) error {
	e, err := sheet.NewEncoder(w, format, "orders", orderColumns)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlExportOrders, pgx.NamedArgs{"from": from, "until": until})
	if err != nil {
		return err
	}
	var at time.Time
	var number, status, payment, fulfilment, name, email, country, postal, shipping string
	var pieces int
	var goods, price, total money.Amount
	if _, err := pgx.ForEachRow(rows, []any{&at, &number, &status, &payment, &fulfilment, &name, &email, &country, &postal, &shipping, &pieces, &goods, &price, &total}, func() error {
		return e.Row(at, number, status, payment, fulfilment, name, email, country, postal, shipping, pieces, goods, price, total, money.Currency)
	}); err != nil {
		return err
	}
	return e.Close()
}
