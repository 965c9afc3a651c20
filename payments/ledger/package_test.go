package ledger_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/invariant"
	"boutique/internal/mail"
	"boutique/internal/money"
	"boutique/internal/pdf/pdftest"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/setting"
	"boutique/internal/sheet"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

// noJobs takes jobs and leaves them undone: what is tested is the row of the mail.
type noJobs struct{}

func (noJobs) InsertTx(context.Context, pgx.Tx, river.JobArgs, *river.InsertOpts) error { return nil }

// past books a fee on an earlier day, as a fact that the provider told late.
func past(t *testing.T, pool *pgxpool.Pool, at time.Time, id string) {
	t.Helper()
	ctx := context.Background()
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		return ledger.PostFee(ctx, tx, ledger.Fee{TxnID: id, OrderID: uuid.New(), Reference: "B26-1", Amount: 65, At: at})
	}); err != nil {
		t.Fatal(err)
	}
}

func closerOf(pool *pgxpool.Pool) *ledger.Closer {
	return &ledger.Closer{Pool: pool, Clock: clock.System{}, Key: sealKey, Outbox: &mail.Outbox{From: "shop@office.example", Jobs: noJobs{}, Clock: clock.System{}}}
}

func setBooks(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	ctx := context.Background()
	books := setting.DefaultBooks()
	books.Accountant = "odile@office.example"
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		if err := setting.Set(ctx, tx, setting.KeyOffice, setting.Office{ShopName: "La Boutique", SIREN: "732829320"}, time.Time{}, "test"); err != nil {
			return err
		}
		return setting.Set(ctx, tx, setting.KeyBooks, books, time.Time{}, "test")
	}); err != nil {
		t.Fatal(err)
	}
}

// Days on which no server ran are sealed later, each once and in their order, and the accountant is
// told of those that have entries.
func TestMissedDaysAreMadeUp(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	setBooks(t, pool)
	now := time.Now().In(text.Paris())
	noon := time.Date(now.Year(), now.Month(), now.Day()-6, 12, 0, 0, 0, text.Paris())
	past(t, pool, noon, "one")
	past(t, pool, noon.AddDate(0, 0, 2), "two")
	for range 2 {
		if err := closerOf(pool).MakeUp(ctx); err != nil {
			t.Fatal(err)
		}
	}
	list, err := ledger.Closings(ctx, pool, 20)
	if err != nil {
		t.Fatal(err)
	}
	days := 0
	for _, c := range list {
		if c.Kind == ledger.ClosingDay {
			days++
		}
	}
	if want := 6; days != want && days != want-1 {
		t.Errorf("%d days are sealed, want %d (or one less in the first hour of a day)", days, want)
	}
	var mails int
	if err := pool.QueryRow(ctx, `select count(*) from mail where kind = 'seal' and recipient = 'odile@office.example'`).Scan(&mails); err != nil || mails != 2 {
		t.Errorf("%d seals were mailed, %v", mails, err)
	}
	seals, err := ledger.VerifySeals(ctx, pool, sealKey.Public().(ed25519.PublicKey))
	if err != nil || !seals.Holds() {
		t.Errorf("%v %v", seals.Broken, err)
	}
}

func TestMonthsAreClosedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	ctx, pool, p := context.Background(), pgtest.DB(t), lastMonth(t)
	setBooks(t, pool)
	past(t, pool, p.From.AddDate(0, 0, -3).Add(12*time.Hour), "two months ago")
	past(t, pool, p.From.Add(12*time.Hour), "last month")
	if _, err := closerOf(pool).CloseMonth(ctx, p, "odile"); !fault.Is(err, "month_before_open") {
		t.Errorf("the later month was closed first: %v", err)
	}
	for range 2 {
		next, ok, err := ledger.MonthToClose(ctx, pool, time.Now())
		if err != nil || !ok {
			t.Fatalf("nothing to close: %v", err)
		}
		if _, err := closerOf(pool).CloseMonth(ctx, next, "odile"); err != nil {
			t.Fatal(err)
		}
	}
	if next, ok, err := ledger.MonthToClose(ctx, pool, time.Now()); ok || err != nil {
		t.Errorf("%v is still to be closed, %v", next, err)
	}
}

func TestTheChecklistSaysWhatIsOpen(t *testing.T) {
	t.Parallel()
	ctx, pool, p := context.Background(), pgtest.DB(t), lastMonth(t)
	past(t, pool, p.From.AddDate(0, 0, -3).Add(12*time.Hour), "two months ago")
	issue(t, pool, invoice(uuid.New()))
	now := time.Now().In(text.Paris())
	today, err := ledger.ParsePeriod(now.Format("2006-01")+"-01", now.Format(time.DateOnly))
	if err != nil {
		t.Fatal(err)
	}
	list, err := ledger.Checklist(ctx, pool, today)
	if err != nil {
		t.Fatal(err)
	}
	open := map[string]int64{}
	for _, c := range list {
		if !c.Holds() {
			open[c.Name] = c.Count
		}
	}
	if open["month_before"] != 1 || open["undrawn"] != 1 || open["siren"] != 1 || open["days_unsealed"] == 0 || open["control"] != 0 || open["threshold"] != 0 {
		t.Errorf("open: %v", open)
	}
}

// monthPackage is the package of last month, which holds a fee, two exports and one document of now.
func monthPackage(t *testing.T, pool *pgxpool.Pool) []byte {
	t.Helper()
	p := lastMonth(t)
	closing, err := ledger.MonthClosed(context.Background(), pool, p)
	if err != nil {
		t.Fatal(err)
	}
	return inRead(t, pool, func(tx pgx.Tx, w io.Writer) error {
		ctx := context.Background()
		part := func(name string, format sheet.Format, write func(context.Context, pg.Querier, io.Writer, sheet.Format, ledger.Period) error) ledger.Part {
			return ledger.Part{Name: name, Write: func(w io.Writer) error { return write(ctx, tx, w, format, p) }}
		}
		return ledger.WritePackage(ctx, tx, w, ledger.Package{Shop: "La Boutique", Closing: closing, Key: sealKey,
			Parts: []ledger.Part{part("exports/sales.csv", sheet.CSV, ledger.WriteSales), part("exports/entries.xlsx", sheet.XLSX, ledger.WriteEntries)},
			Documents: func(yield func(string, time.Time, []byte) error) error {
				return (&ledger.Files{Pool: pool}).EachPDF(ctx, tx, year(t), func(d ledger.Issued, pdf []byte) error { return yield(d.Number+".pdf", d.IssuedAt, pdf) })
			}})
	})
}

// rewritten is the package with one file changed, removed or added.
func rewritten(t *testing.T, data []byte, change func(name string, content []byte) []byte, added string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	put := func(name string, content []byte) {
		w, err := out.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if content = change(f.Name, content); content != nil {
			put(f.Name, content)
		}
	}
	if added != "" {
		put(added, []byte("x"))
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPackageIsTheSameAgainAndNamesWhatWasDoneToIt(t *testing.T) {
	t.Parallel()
	ctx, pool, p := context.Background(), pgtest.DB(t), lastMonth(t)
	setBooks(t, pool)
	past(t, pool, p.From.Add(12*time.Hour), "fee")
	issue(t, pool, invoice(uuid.New()))
	if _, err := closerOf(pool).CloseMonth(ctx, p, "odile"); err != nil {
		t.Fatal(err)
	}
	data := monthPackage(t, pool)
	if !bytes.Equal(data, monthPackage(t, pool)) {
		t.Error("the package is other bytes when it is written again")
	}
	same := func(_ string, content []byte) []byte { return content }
	key := sealKey.Public().(ed25519.PublicKey)
	for name, c := range map[string]struct {
		data []byte
		key  ed25519.PublicKey
		want string
	}{
		"as it left the shop": {data, key, ""},
		"without the key":     {data, nil, ""},
		"another shop's key":  {data, make([]byte, 32), "manifest.json is not signed by the shop's key"},
		"an export changed": {rewritten(t, data, func(name string, content []byte) []byte {
			if name == "exports/sales.csv" {
				return append(content, "x"...)
			}
			return content
		}, ""), key, "exports/sales.csv was changed"},
		"entries changed": {rewritten(t, data, func(name string, content []byte) []byte {
			if name == "chain.txt" {
				return bytes.Replace(content, []byte("65"), []byte("66"), 1)
			}
			return content
		}, ""), key, "chain.txt was changed"},
		"a file removed": {rewritten(t, data, func(name string, content []byte) []byte {
			if strings.HasPrefix(name, "documents/") {
				return nil
			}
			return content
		}, ""), key, "was removed"},
		"a file added": {rewritten(t, data, same, "documents/F2026-999999.pdf"), key, "documents/F2026-999999.pdf was added"},
		"the list changed": {rewritten(t, data, func(name string, content []byte) []byte {
			if name == "manifest.json" {
				return bytes.Replace(content, []byte("La Boutique"), []byte("Le Boutique"), 1)
			}
			return content
		}, ""), key, "manifest.json is not signed by the shop's key"},
	} {
		t.Run(name, func(t *testing.T) {
			results, err := ledger.VerifyPackage(bytes.NewReader(c.data), int64(len(c.data)), c.key)
			if err != nil {
				t.Fatal(err)
			}
			if got := brokenOf(results); got != c.want && !(strings.HasSuffix(got, c.want) && c.want != "") {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func brokenOf(results []invariant.Result) string {
	var list []string
	for _, r := range results {
		list = append(list, r.Broken...)
	}
	return strings.Join(list, " ")
}

// The summary draws what the statements read, in every language, and the same again: each plot has its
// figures beside it, and the VAT return its rows, those of exports without proof among them.
func TestASummaryIsDrawnFromThePeriodsOwnFigures(t *testing.T) {
	t.Parallel()
	pool := furnished(t)
	var summary ledger.Summary
	inRead(t, pool, func(tx pgx.Tx, _ io.Writer) (err error) {
		summary, err = ledger.ReadSummary(context.Background(), tx, year(t))
		return err
	})
	gross, net, vat := summary.Gross()
	var countries, methods int64
	for _, c := range summary.Countries {
		countries += int64(c.Gross)
	}
	for _, m := range summary.Methods {
		methods += int64(m.Gross)
	}
	if gross == 0 || net+vat != gross || countries != int64(gross) || methods != int64(gross) {
		t.Errorf("%d = %d + %d, countries %d, methods %d", gross, net, vat, countries, methods)
	}
	summary.Returns = append(summary.Returns, ledger.VATRow{Regime: ledger.UnprovedExports, Country: "CH", VATRate: 2000, Gross: 123456, Net: 102880, VAT: 20576})
	for _, lang := range text.Offered() {
		first, err := ledger.DrawSummary(summary, ledger.SummaryHead{Shop: "La Boutique", Families: map[string]string{"": "Autres"}}, lang)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ledger.DrawSummary(summary, ledger.SummaryHead{Shop: "La Boutique", Families: map[string]string{"": "Autres"}}, lang)
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("%s: drawn twice, it differs (%v)", lang, err)
		}
		if said := pdftest.Text(t, first); !strings.Contains(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(said), fmt.Sprintf("%d,", int64(gross)/100)) && lang == text.FR {
			t.Errorf("%s: the total %d is not said in\n%s", lang, gross, said)
		}
		if lang == text.FR {
			told := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(pdftest.Text(t, first))
			wanted := []string{"Exportation sans preuve, Suisse, 20 %", "1 028,80 €", "205,76 €", "1 234,56 €", "TVA due en plus"}
			for _, d := range summary.Days {
				wanted = append(wanted, text.Money(lang, money.Amount(d.Gross)))
			}
			for _, want := range wanted {
				if want = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(want); !strings.Contains(told, want) {
					t.Errorf("%q is not said in\n%s", want, told)
				}
			}
		}
	}
}

func TestASealFileReadsAsItWasMailed(t *testing.T) {
	t.Parallel()
	pool := pgtest.DB(t)
	c, err := closePeriod(pool, ledger.ClosingMonth, lastMonth(t))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(c.File())
	if err != nil {
		t.Fatal(err)
	}
	var f ledger.SealFile
	if err := json.Unmarshal(data, &f); err != nil || f.Data != c.Data || !bytes.Equal(f.Hash, c.Hash) {
		t.Errorf("%+v %v", f, err)
	}
}

// counting counts the controls that are run in a transaction.
type counting struct {
	pgx.Tx
	controls int
}

// QueryRow counts, and passes on.
func (c *counting) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if strings.Contains(sql, "hashtext") {
		c.controls++
	}
	return c.Tx.QueryRow(ctx, sql, args...)
}

// A month's package writes a score of files from one moment: its books are added up once for the month,
// and what was found different stays so.
func TestASnapshotIsControlledOnceForEachPeriod(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), pgtest.URL(t)
	pool := pgtest.Open(t, url)
	d := issue(t, pool, invoice(uuid.New()))
	now := time.Now().In(text.Paris())
	today, year := ledger.Period{From: now, To: now}, ledger.Period{From: now.AddDate(0, -1, 0), To: now}
	today.From = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, text.Paris())
	today.To, year.To = today.From, today.From
	year.From = today.From.AddDate(0, -1, 0)
	write := func() (controls int, err error) {
		err = pg.InReadTx(ctx, pool, func(tx pgx.Tx) error {
			counted := &counting{Tx: tx}
			snapshot := ledger.NewSnapshot(counted)
			for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX, sheet.JSON} {
				for _, p := range []ledger.Period{today, year} {
					if err = ledger.WriteSales(ctx, snapshot, io.Discard, f, p); err == nil {
						err = ledger.WriteVAT(ctx, snapshot, io.Discard, f, p)
					}
				}
			}
			controls = counted.controls
			return err
		})
		return controls, err
	}
	if n, err := write(); err != nil || n != 2 {
		t.Errorf("%d controls of two periods, %v", n, err)
	}
	forced(t, url, `update document_vat set vat = vat + 1, net = net - 1 where document_id = '`+d.ID.String()+`' and rate = 2000`)
	if _, err := write(); !fault.Is(err, "sales_differ_from_journal") {
		t.Errorf("a difference is written: %v", err)
	}
}
