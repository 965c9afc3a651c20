package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

// A series that is changed begins at 1 from its day on; one that counts other documents is refused.
func TestASeriesIsTheOneInForce(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	issue(t, pool, invoice(uuid.New()))
	books := setting.DefaultBooks()
	books.InvoiceSeries = "BTQ"
	later := books
	later.InvoiceSeries = "NEXT"
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		if err := setting.Set(ctx, tx, setting.KeyBooks, later, time.Now().AddDate(0, 1, 0), "test"); err != nil {
			return err
		}
		return setting.Set(ctx, tx, setting.KeyBooks, books, time.Time{}, "test")
	}); err != nil {
		t.Fatal(err)
	}
	order := uuid.New()
	got := issue(t, pool, invoice(order))
	if want := fmt.Sprintf("BTQ%d-000001", time.Now().In(text.Paris()).Year()); got.Number != want {
		t.Errorf("the number is %s, want %s", got.Number, want)
	}
	issue(t, pool, creditNote(order, got))
	mustHold(t, pool)
	books.CreditSeries = "F"
	if f, ok := fault.As(ledger.CheckSeries(ctx, pool, books)); !ok || f.Fields[0].Place != "credit_series" {
		t.Errorf("a series of invoices may count credit notes: %v", f)
	}
	books.CreditSeries = "A"
	if err := ledger.CheckSeries(ctx, pool, books); err != nil {
		t.Error(err)
	}
}
