package ledger

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
	"boutique/internal/sheet/sheettest"
	"boutique/internal/text"
)

var hostileTexts = sheettest.Hostile()

// golden is a small set of books of fixed days: France, the one-stop shop, an export, a business, a
// credit note, hostile texts, and documents around the nights in which clocks change and the year
// ends.
func golden(t *testing.T) *pgxpool.Pool {
	t.Helper()
	ctx, url := context.Background(), pgtest.URL(t)
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	for _, table := range []string{"document", "document_vat", "entry", "entry_line"} {
		if _, err := owner.Exec(ctx, `alter table `+table+` disable trigger all`); err != nil {
			t.Fatal(err)
		}
	}
	g := &generator{previous: []byte{}}
	moments := []string{
		"2024-12-31T22:59:59Z", "2024-12-31T23:00:00Z", "2025-01-15T10:00:00Z", "2025-02-01T09:00:00Z", "2025-03-29T22:59:59Z", "2025-03-29T23:00:00Z", "2025-03-30T00:59:59Z", "2025-03-30T01:00:00Z", "2025-03-30T21:59:59Z", "2025-03-30T22:00:00Z",
		"2025-10-25T22:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-10-26T22:59:59Z", "2025-10-26T23:00:00Z", "2025-12-31T22:59:59Z", "2025-12-31T23:00:00Z",
	}
	// What was sold through the one-stop shop in the first quarter and comes back in the second.
	var sold struct {
		New
		Issued
	}
	for i, moment := range moments {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		made, issued := generatedDocument(i+1, at)
		issued.Number = fmt.Sprintf("F%d-%06d", at.In(text.Paris()).Year(), i+1)
		doc := issued.Document
		doc.Number, doc.Buyer.Name, doc.Buyer.Lines = issued.Number, hostileTexts[i%len(hostileTexts)], []string{hostileTexts[(i+1)%len(hostileTexts)]}
		doc.Lines[0].Description = hostileTexts[(i+2)%len(hostileTexts)]
		switch i % 5 {
		case 1:
			made.Country, made.Regime, doc.Buyer.Country = "DE", RegimeOSS, "DE"
		case 2:
			made.Country, made.Regime = "CH", RegimeExport
			doc = withoutVAT(doc)
		case 3:
			doc.Buyer.SIREN, doc.Buyer.Company = "404833048", hostileTexts[(i+3)%len(hostileTexts)]
		}
		issued.Document, issued.Gross = doc, doc.Gross
		g.issue(t, i+1, made, issued)
		g.entry(t, Entry{Journal: JournalStripe, BookedAt: at, Reference: hostileTexts[i%len(hostileTexts)], OrderID: issued.OrderID, Cause: fmt.Sprint("capture:", i), Label: "Paiement " + hostileTexts[(i+4)%len(hostileTexts)],
			Lines: Capture{Amount: money.Amount(doc.Gross)}.lines()}, parisDay(at))
		if i == 14 {
			payout := time.Date(2025, 11, 3, 9, 0, 0, 0, time.UTC)
			g.entry(t, Entry{Journal: "OD", BookedAt: payout, Reference: "po_1", Cause: "payout:1", Label: "Virement po_1", Lines: []EntryLine{{Account: AccountBank, Debit: 5000}, {Account: AccountStripe, Credit: 5000}}}, parisDay(payout))
		}
		switch i {
		case 3:
			g.credit(t, 1, made, issued, at.Add(time.Hour))
		case 9:
			g.credit(t, 2, sold.New, sold.Issued, time.Date(2025, 5, 2, 9, 0, 0, 0, time.UTC))
		case 6:
			sold.New, sold.Issued = made, issued
		}
	}
	if _, err := owner.Exec(ctx, `insert into account (number, label) values ('707DE200', 'Ventes de marchandises Allemagne 20 %'), ('44571DE200', 'TVA collectée Allemagne 20 %'), ('707DE055', 'Ventes de marchandises Allemagne 5,5 %'), ('44571DE055', 'TVA collectée Allemagne 5,5 %')`); err != nil {
		t.Fatal(err)
	}
	g.flush(t, owner)
	if _, err := owner.Exec(ctx, `insert into setting (key, value, set_by) values ('office', '{"shop_name": "La Boutique", "siren": "732829320"}', 'test')`); err != nil {
		t.Fatal(err)
	}
	return pgtest.Open(t, url)
}

// credit takes the whole of a document back.
func (g *generator) credit(t testing.TB, n int, made New, issued Issued, at time.Time) {
	refund, invoice := uuid.NewSHA1(issued.ID, []byte("refund")), issued.ID
	made.Kind, made.RefundID, made.RefersTo = KindCreditNote, &refund, &invoice
	note := issued
	note.ID, note.Kind, note.Number, note.IssuedAt = uuid.NewSHA1(issued.ID, []byte("note")), KindCreditNote, fmt.Sprintf("A2025-%06d", n), at
	note.Document.Kind, note.Document.Number, note.Document.RefersTo, note.Document.IssuedAt = KindCreditNote, note.Number, issued.Number, at
	g.issue(t, n, made, note)
}

// withoutVAT is the document of an export.
func withoutVAT(d Document) Document {
	gross := d.Gross
	d.VAT = []VATLine{{Rate: 0, GoodsGross: gross - d.Shipping, ShippingGross: d.Shipping, Gross: gross, Net: gross, Exemption: "export"}}
	d.Net, d.TotalVAT = gross, 0
	lines := make([]DocumentLine, len(d.Lines))
	for i, l := range d.Lines {
		l.Net, l.VAT, l.Rate = l.Gross, 0, 0
		lines[i] = l
	}
	d.Lines = lines
	return d
}

var goldenExports = map[string]func(context.Context, pg.Querier, io.Writer, sheet.Format, Period) error{
	"sales": WriteSales, "vat": WriteVAT, "oss": WriteOSS, "ereporting": WriteReport, "entries": WriteEntries, "receipts": WriteReceipts, "payouts": WritePayouts, "export-proofs": WriteExportProofs, "invoices": WriteInvoices,
}

func written(t *testing.T, pool *pgxpool.Pool, write func(tx pgx.Tx, w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pg.InReadTx(context.Background(), pool, func(tx pgx.Tx) error { b.Reset(); return write(tx, &b) }); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every export is what its golden file says, in each format; a text with separators, line ends,
// formulas, marks of direction, 300 characters or pictures leaves the file whole and its cell
// harmless.
func TestEveryExportIsItsGoldenFile(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), golden(t)
	for name, write := range goldenExports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sheettest.MustBeGoldenExport(t, name, func(w io.Writer, f sheet.Format) error {
				return pg.InReadTx(ctx, pool, func(tx pgx.Tx) error { return write(ctx, tx, w, f, generatedYear) })
			})
		})
	}
	fec := written(t, pool, func(tx pgx.Tx, w io.Writer) error { return WriteFEC(ctx, tx, w, generatedYear) })
	sheettest.MustBeGolden(t, "732829320FEC20251231.txt", fec)
	if report, err := CheckFEC("732829320FEC20251231.txt", bytes.NewReader(fec)); err != nil || !report.Accepted() {
		t.Errorf("our own checker: %+v %v", report, err)
	}
	whole, err := WholeChain(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	whole.Through = 1 << 40
	sheettest.MustBeGolden(t, "chain.txt", written(t, pool, func(tx pgx.Tx, w io.Writer) error { return WriteChain(ctx, tx, w, whole) }))
}

// A day is one of Europe/Paris: also the short one of March and the long one of October, and the last
// of the year.
func TestPeriodsAreExactOnTheNightsOfTheClock(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), golden(t)
	for name, c := range map[string]struct {
		from, to string
		want     int
	}{
		"the last day of 2024":   {"2024-12-31", "2024-12-31", 1},
		"the first day of 2025":  {"2025-01-01", "2025-01-01", 1},
		"the day before March's": {"2025-03-29", "2025-03-29", 1},
		"the day of 23 hours":    {"2025-03-30", "2025-03-30", 4},
		"the day after it":       {"2025-03-31", "2025-03-31", 1},
		"the day of 25 hours":    {"2025-10-26", "2025-10-26", 4},
		"the day after that":     {"2025-10-27", "2025-10-27", 1},
		"the last day of 2025":   {"2025-12-31", "2025-12-31", 1},
		"over the year's end":    {"2025-12-31", "2026-01-01", 2},
		"the future":             {"2090-01-01", "2090-12-31", 0},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParsePeriod(c.from, c.to)
			if err != nil {
				t.Fatal(err)
			}
			numbers := map[string]bool{}
			if err := Sales(ctx, pool, p, func(r SalesRow) error { numbers[r.DocumentNumber] = true; return nil }); err != nil {
				t.Fatal(err)
			}
			if len(numbers) != c.want {
				t.Errorf("%d documents, want %d: %v", len(numbers), c.want, numbers)
			}
			for export, write := range goldenExports {
				written(t, pool, func(tx pgx.Tx, w io.Writer) error {
					if err := write(ctx, tx, w, sheet.CSV, p); err != nil {
						return fmt.Errorf("%s: %w", export, err)
					}
					return nil
				})
			}
		})
	}
}
