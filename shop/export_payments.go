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

var paymentColumns = []string{"date", "type", "order_number", "gateway", "payment_method", "provider_id", "state", "amount", "fee", "net", "currency"}

// WritePayments streams the payments that arrived and the refunds that left from one moment until
// another, with the fee that the provider kept of each. Refunds are negative.
func WritePayments(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, from, until time.Time) error {
	e, err := sheet.NewEncoder(w, format, "payments", paymentColumns)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlExportPayments, pgx.NamedArgs{"from": from, "until": until})
	if err != nil {
		return err
	}
	var at time.Time
	var kind, number, gateway, method, provider, state string
	var amount, fee money.Amount
	if _, err := pgx.ForEachRow(rows, []any{&at, &kind, &number, &gateway, &method, &provider, &state, &amount, &fee}, func() error {
		return e.Row(at, kind, number, gateway, method, provider, state, amount, fee, amount-fee, money.Currency)
	}); err != nil {
		return err
	}
	return e.Close()
}
