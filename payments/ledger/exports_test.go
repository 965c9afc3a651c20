package ledger_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/setting"
	"boutique/internal/sheet"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

type writer func(context.Context, pg.Querier, io.Writer, sheet.Format, ledger.Period) error

func year(t testing.TB) ledger.Period {
	t.Helper()
	y := time.Now().In(text.Paris()).Format("2006")
	p, err := ledger.ParsePeriod(y+"-01-01", y+"-12-31")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func inRead(t testing.TB, pool *pgxpool.Pool, write func(tx pgx.Tx, w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pg.InReadTx(context.Background(), pool, func(tx pgx.Tx) error { b.Reset(); return write(tx, &b) }); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hostile is an order reference that would break a file of any format.
const hostile = "=cmd|' /C calc'!A0\t\r\n;\"\u202e😀"

func furnished(t *testing.T) *pgxpool.Pool {
	t.Helper()
	ctx, pool := context.Background(), pgtest.DB(t)
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		return setting.Set(ctx, tx, setting.KeyOffice, setting.Office{LegalName: "Office", SIREN: "732829320"}, time.Time{}, "test")
	}); err != nil {
		t.Fatal(err)
	}
	order := uuid.New()
	sale := issue(t, pool, invoice(order))
	abroad := invoice(uuid.New())
	abroad.Country, abroad.Regime = "DE", ledger.RegimeOSS
	issue(t, pool, abroad)
	business := invoice(uuid.New())
	business.Document.Buyer.SIREN = "404833048"
	issue(t, pool, business)
	issue(t, pool, creditNote(order, sale))
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		if err := ledger.PostCapture(ctx, tx, ledger.Capture{PaymentID: uuid.New(), OrderID: order, Reference: hostile, Amount: 2690, At: time.Now()}); err != nil {
			return err
		}
		return ledger.PostFee(ctx, tx, ledger.Fee{TxnID: "txn_1", OrderID: order, Reference: "B26-1", Amount: 65, At: time.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	return pool
}

func TestEveryExportHasTheSameBytesTwiceInEachFormat(t *testing.T) {
	t.Parallel()
	pool := furnished(t)
	for name, write := range map[string]writer{
		"sales": ledger.WriteSales, "vat": ledger.WriteVAT, "oss": ledger.WriteOSS, "entries": ledger.WriteEntries, "ereporting": ledger.WriteReport,
		"receipts": ledger.WriteReceipts, "invoices": ledger.WriteInvoices,
	} {
		for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX, sheet.JSON} {
			once := inRead(t, pool, func(tx pgx.Tx, w io.Writer) error { return write(context.Background(), tx, w, format, year(t)) })
			again := inRead(t, pool, func(tx pgx.Tx, w io.Writer) error { return write(context.Background(), tx, w, format, year(t)) })
			if !bytes.Equal(once, again) {
				t.Errorf("%s as %s is written in two ways", name, format)
			}
			if format == sheet.JSON {
				var rows []map[string]any
				if err := json.Unmarshal(once, &rows); err != nil || len(rows) == 0 {
					t.Errorf("%s: %d rows, %v", name, len(rows), err)
				}
			}
			if format == sheet.CSV && bytes.Contains(once, []byte("\n=")) {
				t.Errorf("%s holds a formula", name)
			}
		}
	}
}

func TestOurOwnFileIsAcceptedByTheChecker(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), furnished(t)
	p := year(t)
	name, err := ledger.FECName(ctx, pool, p)
	if err != nil || name != "732829320FEC"+p.To.Format("20060102")+".txt" {
		t.Fatalf("%s %v", name, err)
	}
	file := inRead(t, pool, func(tx pgx.Tx, w io.Writer) error { return ledger.WriteFEC(ctx, tx, w, p) })
	report, err := ledger.CheckFEC(name, bytes.NewReader(file))
	if err != nil || !report.Accepted() || report.Entries != 6 {
		t.Fatalf("%+v %v\n%s", report, err, file)
	}
	if bytes.ContainsAny(file, "|") || !bytes.Contains(file, []byte("44571DE200")) || !bytes.Contains(file, []byte("TVA collectée Allemagne 20 %")) {
		t.Errorf("the file:\n%s", file)
	}
}

func TestBalancesAreCarriedForwardIntoTheNextExercise(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), furnished(t)
	y := time.Now().In(text.Paris()).Year() + 1
	p, err := ledger.ParsePeriod(time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), time.Date(y, 12, 31, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	if err != nil {
		t.Fatal(err)
	}
	file := inRead(t, pool, func(tx pgx.Tx, w io.Writer) error { return ledger.WriteFEC(ctx, tx, w, p) })
	report, err := ledger.CheckFEC("732829320FEC"+p.To.Format("20060102")+".txt", bytes.NewReader(file))
	if err != nil || !report.Accepted() || report.Entries != 1 || !strings.Contains(string(file), "Report à nouveau") || strings.Contains(string(file), "\t707") {
		t.Errorf("%+v %v\n%s", report, err, file)
	}
}

func TestAPeriodThatDisagreesIsNotExportedAndNamesItsDocuments(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), pgtest.URL(t)
	app := pgtest.Open(t, url)
	issue(t, app, invoice(uuid.New()))
	wrong := issue(t, app, invoice(uuid.New()))
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	for _, statement := range []string{
		`alter table document_vat disable trigger all`, `update document_vat set net = net + 1, vat = vat - 1 where rate = 2000 and document_id = '` + wrong.ID.String() + `'`,
	} {
		if _, err := owner.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	for name, write := range map[string]writer{"sales": ledger.WriteSales, "vat": ledger.WriteVAT, "entries": ledger.WriteEntries, "ereporting": ledger.WriteReport, "invoices": ledger.WriteInvoices} {
		var b bytes.Buffer
		err := pg.InReadTx(ctx, app, func(tx pgx.Tx) error { return write(ctx, tx, &b, sheet.CSV, year(t)) })
		if err == nil || !strings.Contains(err.Error(), wrong.Number) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, b.Len())
		}
	}
}

func TestTheArchiveHoldsTheListAndEveryDocument(t *testing.T) {
	t.Parallel()
	pool := furnished(t)
	files := &ledger.Files{Pool: pool}
	write := func(tx pgx.Tx, w io.Writer) error { return files.WriteArchive(context.Background(), tx, w, year(t)) }
	before := inRead(t, pool, write)
	z, err := zip.NewReader(bytes.NewReader(before), int64(len(before)))
	if err != nil || len(z.File) != 5 || z.File[0].Name != "invoices.csv" {
		t.Fatalf("%v %v", z, err)
	}
	// Drawn and kept since, the documents have the same bytes.
	for _, f := range z.File[1:] {
		d, err := ledger.FindDocument(context.Background(), pool, strings.TrimSuffix(f.Name, ".pdf"))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := files.PDF(context.Background(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(r); !bytes.Equal(got, kept) {
			t.Errorf("%s differs from what is kept", f.Name)
		}
	}
}

func TestAMappingMovesALineToTheOfficesOwnAccount(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	rate := 550
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		for _, m := range []ledger.Mapping{
			{ValidFrom: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Standard: "707", Account: "7071", Label: "Ventes de la boutique", Analytic: "BOUT"},
			{ValidFrom: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Standard: "707", Rate: &rate, Account: "7072", Label: "Ventes de livres", Analytic: "LIVR"},
			{ValidFrom: time.Now().AddDate(0, 1, 0), Standard: "707", Rate: &rate, Account: "7079", Label: "Plus tard"},
		} {
			if err := ledger.AddMapping(ctx, tx, m, "test"); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	issue(t, pool, invoice(uuid.New()))
	// An article's own code goes before the mapping's, which still says the account.
	own := invoice(uuid.New())
	own.Document.Lines[0].Analytic = "EXPO-2026"
	issue(t, pool, own)
	mustHold(t, pool)
	file := string(inRead(t, pool, func(tx pgx.Tx, w io.Writer) error { return ledger.WriteEntries(ctx, tx, w, sheet.CSV, year(t)) }))
	for _, want := range []string{";EXPO-2026", ";7071;Ventes de la boutique;", ";BOUT", ";7072;Ventes de livres;", ";LIVR"} {
		if !strings.Contains(file, want) {
			t.Errorf("%q is missing in\n%s", want, file)
		}
	}
}

// A till that is emptied in the evening has taken its money all the same.
func TestWhatTheDeskTookStandsBesideWhatItPaidOverOnTheSameDay(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	now := time.Now()
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		took := ledger.DeskMove{Cause: "1", OrderID: uuid.New(), Reference: "B26-1", Number: "G2026-00001", Account: ledger.AccountCash, Amount: 3780, At: now}
		if err := ledger.PostDeskReceipt(ctx, tx, took); err != nil {
			return err
		}
		return ledger.PostDeskDeposit(ctx, tx, ledger.DeskMove{Cause: "2", Reference: "V1", Account: ledger.AccountCash, Amount: 3780, At: now})
	}); err != nil {
		t.Fatal(err)
	}
	file := string(inRead(t, pool, func(tx pgx.Tx, w io.Writer) error { return ledger.WriteReceipts(ctx, tx, w, sheet.CSV, year(t)) }))
	day := now.In(text.Paris()).Format(time.DateOnly)
	for _, want := range []string{
		day + ";Caisse et guichet (1);37,80;0,00;0,00;0,00;0,00;0,00;0,00;0,00;0,00;0,00;0,00;0,00;-37,80;37,80;0,00;EUR",
		day + ";Caisse et guichet, versement (1);-37,80;0,00;0,00;0,00;37,80;0,00;0,00;0,00;0,00;37,80;0,00;0,00;0,00;0,00;0,00;EUR",
	} {
		if !strings.Contains(file, want) {
			t.Errorf("the journal lacks %s:\n%s", want, file)
		}
	}
}

// A business is reported by its invoice: at home by its SIREN, abroad by its VAT number.
func TestABusinessIsReportedByItsInvoice(t *testing.T) {
	t.Parallel()
	pool := pgtest.DB(t)
	private, home, abroad := invoice(uuid.New()), invoice(uuid.New()), invoice(uuid.New())
	home.Document.Buyer.SIREN = "404833048"
	abroad.Document.Buyer.VATNumber = "BE0417497106"
	var numbers []string
	for _, n := range []ledger.New{private, home, abroad} {
		numbers = append(numbers, issue(t, pool, n).Number)
	}
	file := string(inRead(t, pool, func(tx pgx.Tx, w io.Writer) error {
		return ledger.WriteReport(context.Background(), tx, w, sheet.CSV, year(t))
	}))
	if strings.Contains(file, numbers[0]) || !strings.Contains(file, ";1;"+numbers[1]+";") || !strings.Contains(file, ";1;"+numbers[2]+";") {
		t.Errorf("%v are reported as\n%s", numbers, file)
	}
	list := string(inRead(t, pool, func(tx pgx.Tx, w io.Writer) error {
		return ledger.WriteInvoices(context.Background(), tx, w, sheet.CSV, year(t))
	}))
	if !strings.Contains(list, ";404833048;;") || !strings.Contains(list, ";;BE0417497106;") {
		t.Errorf("the list of invoices is\n%s", list)
	}
}
