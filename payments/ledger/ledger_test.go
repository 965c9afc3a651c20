package ledger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/invariant"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

// invoice is a mug at 20 % and a book at 5.5 %, with shipping over both.
func invoice(order uuid.UUID) ledger.New {
	now := time.Now()
	return ledger.New{Kind: ledger.KindInvoice, OrderID: order, OrderNumber: "B26-" + order.String()[:8], Country: "FR", PaymentMethod: "card", Document: ledger.Document{
		Kind: ledger.KindInvoice, OrderNumber: "B26-" + order.String()[:8], OrderDate: now, PaidAt: now, PaymentMethod: "card", Lang: text.FR,
		Seller: ledger.Party{Name: "Office de tourisme", Country: "FR"}, Buyer: ledger.Party{Name: "Jeanne Martin", Country: "FR"},
		Lines: []ledger.DocumentLine{
			{Description: "Mug Beffroi", SKU: "MUG", Quantity: 1, UnitGross: 990, Gross: 990, Net: 825, VAT: 165, Rate: 2000},
			{Description: "Livre", SKU: "LIVRE", Quantity: 1, UnitGross: 1200, Gross: 1200, Net: 1137, VAT: 63, Rate: 550},
		},
		Shipping: 500, ShippingLabel: "Colis",
		VAT: []ledger.VATLine{
			{Rate: 2000, GoodsGross: 990, ShippingGross: 226, Gross: 1216, Net: 1013, VAT: 203},
			{Rate: 550, GoodsGross: 1200, ShippingGross: 274, Gross: 1474, Net: 1397, VAT: 77},
		},
		Gross: 2690, Net: 2410, TotalVAT: 280,
	}}
}

func issue(t *testing.T, pool *pgxpool.Pool, n ledger.New) ledger.Issued {
	t.Helper()
	var issued ledger.Issued
	if err := pg.InTx(context.Background(), pool, func(tx pgx.Tx) (err error) {
		issued, err = ledger.Issue(context.Background(), tx, n)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return issued
}

func creditNote(order uuid.UUID, of ledger.Issued) ledger.New {
	n := invoice(order)
	refund := uuid.New()
	n.Kind, n.RefundID, n.RefersTo = ledger.KindCreditNote, &refund, &of.ID
	n.Document.Kind, n.Document.RefersTo = ledger.KindCreditNote, of.Number
	return n
}

// verifyChain walks the journal at one moment.
func verifyChain(pool *pgxpool.Pool) (result invariant.Result, err error) {
	err = pg.InReadTx(context.Background(), pool, func(tx pgx.Tx) (err error) {
		result, err = ledger.VerifyChain(context.Background(), pool, tx)
		return err
	})
	return result, err
}

func mustHold(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	results, err := invariant.Check(context.Background(), pool, ledger.Invariants())
	if err != nil {
		t.Fatal(err)
	}
	chain, err := verifyChain(pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(results, chain) {
		if !r.Holds() {
			t.Errorf("%s: %v", r.Name, r.Broken)
		}
	}
}

func TestConcurrentIssuesCountWithoutAGap(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	const invoices = 40
	var wg sync.WaitGroup
	for i := range invoices {
		wg.Go(func() {
			err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
				if _, err := ledger.Issue(ctx, tx, invoice(uuid.New())); err != nil {
					return err
				}
				if i%4 == 0 {
					return fmt.Errorf("rolled back")
				}
				return nil
			})
			if err != nil && i%4 != 0 {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	last := issue(t, pool, invoice(uuid.New()))
	if want := fmt.Sprintf("F%d-%06d", time.Now().In(text.Paris()).Year(), invoices*3/4+1); last.Number != want {
		t.Errorf("the next number is %s, want %s", last.Number, want)
	}
	mustHold(t, pool)
}

func TestASaleAndItsCreditNoteCancelOut(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	order := uuid.New()
	sale := issue(t, pool, invoice(order))
	note := issue(t, pool, creditNote(order, sale))
	if !strings.HasPrefix(note.Number, "A") || note.Document.RefersTo != sale.Number {
		t.Errorf("the credit note is %s for %s", note.Number, note.Document.RefersTo)
	}
	rows, err := pool.Query(ctx, `select account, sum(debit - credit)::bigint from entry_line group by account`)
	if err != nil {
		t.Fatal(err)
	}
	var account string
	var balance int64
	if _, err := pgx.ForEachRow(rows, []any{&account, &balance}, func() error {
		if balance != 0 {
			t.Errorf("account %s ends at %d", account, balance)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	mustHold(t, pool)
}

func TestAFactIsBookedOnce(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	capture := ledger.Capture{PaymentID: uuid.New(), OrderID: uuid.New(), Reference: "B26-1", Amount: 2690, At: time.Now()}
	for range 3 {
		if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return ledger.PostCapture(ctx, tx, capture) }); err != nil {
			t.Fatal(err)
		}
	}
	var entries int
	if err := pool.QueryRow(ctx, `select count(*) from entry`).Scan(&entries); err != nil || entries != 1 {
		t.Errorf("%d entries, %v", entries, err)
	}
}

func TestIssuedThingsCannotBeChangedByAnyone(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	app := pgtest.Open(t, url)
	issue(t, app, invoice(uuid.New()))
	owner, err := pg.OpenOwner(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	for _, statement := range []string{
		`update document set gross = 1`, `delete from document_vat`, `truncate entry_line`, `update entry set label = ''`, `delete from entry`,
	} {
		for role, pool := range map[string]*pgxpool.Pool{"the program": app, "the owner": owner} {
			if _, err := pool.Exec(context.Background(), statement); err == nil {
				t.Errorf("%s could %q", role, statement)
			}
		}
	}
}

func TestTheSalesExportEqualsTheJournal(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	order := uuid.New()
	sale := issue(t, pool, invoice(order))
	issue(t, pool, invoice(uuid.New()))
	issue(t, pool, creditNote(order, sale))
	today := time.Now().In(text.Paris()).Format(time.DateOnly)
	period, err := ledger.ParsePeriod(today, today)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := pg.InReadTx(ctx, pool, func(tx pgx.Tx) error { return ledger.WriteSales(ctx, tx, &b, sheet.JSON, period) }); err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		DocumentNumber string       `json:"document_number"`
		DocumentType   string       `json:"document_type"`
		Rate           float64      `json:"vat_rate"`
		Gross          money.Amount `json:"gross"`
		Net            money.Amount `json:"net"`
		VAT            money.Amount `json:"vat"`
	}
	if err := json.Unmarshal(b.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	var gross money.Amount
	for _, r := range rows {
		gross += r.Gross
		if r.Net+r.VAT != r.Gross || (r.DocumentType == "credit_note") != (r.Gross < 0) {
			t.Errorf("row %+v", r)
		}
	}
	if len(rows) != 6 || gross != 2690 {
		t.Errorf("%d rows come to %d", len(rows), gross)
	}
}

func TestPeriodsAreDaysInParis(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, field string }{
		{"2026-11-01", "2026-11-30", ""}, {"2026-11-30", "2026-11-01", "to"}, {"", "2026-11-30", "from"}, {"2026-02-30", "2026-11-30", "from"}, {"2026-11-01", "soon", "to"},
	} {
		_, err := ledger.ParsePeriod(c.from, c.to)
		if (err == nil) != (c.field == "") || (err != nil && !strings.Contains(err.Error(), c.field)) {
			t.Errorf("%s to %s: %v", c.from, c.to, err)
		}
	}
}
