package ledger_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/invariant"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
	"boutique/payments/ledger"
)

// Whatever somebody changed past the triggers, no file goes out that it would be wrong in, the document is
// named, and verify says which of the two sides was changed.
func TestWhatAReportIsMadeOfIsHeldAgainstWhereItComesFrom(t *testing.T) {
	t.Parallel()
	documents := map[string]writer{"sales": ledger.WriteSales, "vat": ledger.WriteVAT, "oss": ledger.WriteOSS, "ereporting": ledger.WriteReport, "invoices": ledger.WriteInvoices}
	lines := map[string]writer{"entries": ledger.WriteEntries, "receipts": ledger.WriteReceipts}
	every := maps.Clone(documents)
	maps.Copy(every, lines)
	const rows, sales = "VAT rows bear their documents", "sales are added up"
	for name, c := range map[string]struct {
		statement string
		stopped   map[string]writer
		broken    string
	}{
		"a VAT row's country":     {`update document_vat set country = 'DE' where number = @number`, every, rows},
		"a VAT row's regime":      {`update document_vat set regime = 'export' where number = @number`, every, rows},
		"a VAT row's kind":        {`update document_vat set kind = 'credit_note' where number = @number`, every, rows},
		"a VAT row's number":      {`update document_vat set number = 'F2000-000001' where number = @number`, every, rows},
		"a VAT row's moment":      {`update document_vat set issued_at = issued_at - interval '3 years' where number = @number`, every, rows},
		"what was added up":       {`update booked_sale set net = net + 1, vat = vat - 1 where reference = @number`, every, sales},
		"a sale's day":            {`update booked_sale set booked_on = booked_on - 1000 where reference = @number`, every, sales},
		"a sale not added up":     {`delete from booked_sale where reference = @number`, every, sales},
		"a line of the journal":   {`update entry_line set credit = credit + 1 where standard = '7085' and entry_seq = (select seq from entry where reference = @number)`, lines, sales},
		"a line on other account": {`update entry_line set standard = '471' where standard like '4457%' and entry_seq = (select seq from entry where reference = @number)`, lines, sales},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, url := context.Background(), pgtest.URL(t)
			app := pgtest.Open(t, url)
			issue(t, app, invoice(uuid.New()))
			wrong := issue(t, app, invoice(uuid.New()))
			forced(t, url, strings.ReplaceAll(c.statement, "@number", "'"+wrong.Number+"'"))
			for _, kind := range slices.Sorted(maps.Keys(c.stopped)) {
				var b bytes.Buffer
				err := pg.InReadTx(ctx, app, func(tx pgx.Tx) error { return c.stopped[kind](ctx, tx, &b, sheet.CSV, year(t)) })
				if err == nil || !strings.Contains(err.Error(), wrong.Number) || b.Len() > 0 {
					t.Errorf("%s: %v, %d bytes", kind, err, b.Len())
				}
			}
			results, err := invariant.Check(ctx, app, ledger.Invariants())
			if err != nil {
				t.Fatal(err)
			}
			var broken []string
			for _, r := range results {
				if !r.Holds() {
					broken = append(broken, r.Name)
				}
			}
			if !slices.Contains(broken, c.broken) {
				t.Errorf("broken are %q, want %q among them", broken, c.broken)
			}
		})
	}
}

// What an entry of the sales journal comes to is the database's own word: the program cannot write it,
// and no line comes to a sale after the others.
func TestASaleIsAddedUpByTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	d := issue(t, pool, invoice(uuid.New()))
	for _, statement := range []string{
		`insert into booked_sale (entry_seq, reference, booked_on, gross, net, vat) select seq, reference, booked_on, 1, 1, 0 from entry`,
		`update booked_sale set gross = 1`, `delete from booked_sale`, `truncate booked_sale`,
		`insert into entry_line (entry_seq, n, account, debit, credit, standard) select seq, 90 + n, '411', 100 * (2 - n), 100 * (n - 1), '411' from entry, generate_series(1, 2) as n`,
	} {
		if _, err := pool.Exec(ctx, statement); err == nil {
			t.Errorf("the program could %q", statement)
		}
	}
	// A VAT row bears its document whatever it was given.
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into document_vat (document_id, rate, goods_gross, shipping_gross, gross, net, vat, exemption, issued_at, number, kind, order_number, country, regime, payment_method)
			values ($1, 0, 0, 0, 0, 0, 0, 'voucher', now() - interval '9 years', 'X', 'credit_note', 'X', 'DE', 'export', 'x')`, d.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	mustHold(t, pool)
}
