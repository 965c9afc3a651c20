package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/invariant"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

// exported is invoice sent to Switzerland, without VAT.
func exported(order uuid.UUID) ledger.New {
	n := invoice(order)
	n.Country, n.Regime = "CH", ledger.RegimeExport
	d := &n.Document
	for i, l := range d.Lines {
		d.Lines[i].Net, d.Lines[i].VAT, d.Lines[i].Rate = l.Gross, 0, 0
	}
	d.VAT = []ledger.VATLine{{Rate: 0, GoodsGross: 2190, ShippingGross: 500, Gross: 2690, Net: 2690, Exemption: "export"}}
	d.Net, d.TotalVAT = 2690, 0
	return n
}

// frenchRates are what the sale bears in France.
var frenchRates = []ledger.ExportRate{
	{Rate: 2000, GoodsNet: 825, GoodsVAT: 165, ShippingNet: 188, ShippingVAT: 38},
	{Rate: 550, GoodsNet: 1137, GoodsVAT: 63, ShippingNet: 260, ShippingVAT: 14},
}

// exportShop has one export whose time is over (by a day more than it takes: an hour of the clock may lie between), one that is young, one that was given back whole.
func exportShop(t *testing.T) (pool *pgxpool.Pool, old, young, back ledger.Issued) {
	t.Helper()
	ctx, url := context.Background(), pgtest.URL(t)
	pool = pgtest.Open(t, url)
	old = issue(t, pool, exported(uuid.New()))
	young = issue(t, pool, exported(uuid.New()))
	order := uuid.New()
	back = issue(t, pool, exported(order))
	note := exported(order)
	refund := uuid.New()
	note.Kind, note.RefundID, note.RefersTo = ledger.KindCreditNote, &refund, &back.ID
	note.Document.Kind, note.Document.RefersTo = ledger.KindCreditNote, back.Number
	issue(t, pool, note)
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	for _, s := range []string{`alter table document disable trigger user`, `update document set issued_at = issued_at - interval '92 days' where number = '` + old.Number + `'`, `alter table document enable trigger user`,
		`alter table document_vat disable trigger user`, `update document_vat set issued_at = issued_at - interval '92 days' where number = '` + old.Number + `'`, `alter table document_vat enable trigger user`} {
		if _, err := owner.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	return pool, old, young, back
}

// An export waits for its proof for ninety days, is missing afterwards, bears VAT when the accountant says
// so, and gives it back when the proof comes after all: the accounts end as if nothing had been.
func TestAnExportIsProvedOrBearsVAT(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, old, young, back := exportShop(t)
	closer := &ledger.Closer{Pool: pool, Clock: clock.System{}, Key: sealKey}
	state := func(number string) ledger.ProofState {
		t.Helper()
		s, _, err := ledger.GetExportSale(ctx, pool, number)
		if err != nil {
			t.Fatal(err)
		}
		return s.State
	}
	for number, want := range map[string]ledger.ProofState{old.Number: ledger.ProofMissing, young.Number: ledger.ProofWaiting, back.Number: ledger.ProofCredited} {
		if got := state(number); got != want {
			t.Errorf("%s is %s, want %s", number, got, want)
		}
	}
	if n, named, err := ledger.ProofsMissing(ctx, pool, time.Now()); err != nil || n != 1 || strings.Join(named, "") != old.Number {
		t.Errorf("missing: %d %v %v", n, named, err)
	}
	if _, _, err := ledger.GetExportSale(ctx, pool, "F2026-999999"); !fault.Is(err, "export_not_found") {
		t.Errorf("an unknown export: %v", err)
	}
	tax := func(number string) error {
		return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			return ledger.TaxExport(ctx, tx, number, frenchRates, time.Now(), "staff:odile")
		})
	}
	for _, number := range []string{young.Number, back.Number} {
		if err := tax(number); !fault.Is(err, "proof_not_missing") {
			t.Errorf("%s is taxed before its time: %v", number, err)
		}
	}
	balances := func() map[string]int64 {
		rows, err := pool.Query(ctx, `select account, sum(debit - credit)::bigint from entry_line group by account having sum(debit - credit) <> 0`)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]int64{}
		var account string
		var sum int64
		if _, err := pgx.ForEachRow(rows, []any{&account, &sum}, func() error { all[account] = sum; return nil }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := balances()
	if err := tax(old.Number); err != nil {
		t.Fatal(err)
	}
	if err := tax(old.Number); !fault.Is(err, "proof_not_missing") {
		t.Errorf("taxed twice: %v", err)
	}
	taxed := balances()
	for account, moved := range map[string]int64{"707000": 2190, "7085": 52, "707200": -825, "707055": -1137, "44571200": -203, "44571055": -77, "411": 0} {
		if taxed[account]-before[account] != moved {
			t.Errorf("account %s moved by %d, want %d", account, taxed[account]-before[account], moved)
		}
	}
	now := time.Now().In(text.Paris())
	today := ledger.Period{From: now, To: now}
	if vat, err := ledger.ExportVATBooked(ctx, pool, today); err != nil || vat != 280 {
		t.Errorf("VAT booked: %d %v", vat, err)
	}
	mustHold(t, pool)

	proof := ledger.Proof{Kind: "exit_certificate", Reference: "26FR00750000123456", On: now}
	for name, wrong := range map[string]ledger.Proof{
		"kind":      {Kind: "a word", Reference: "1", On: now},
		"reference": {Kind: "other", On: now},
		"on":        {Kind: "other", Reference: "1", On: now.AddDate(0, 0, 2)},
	} {
		f, ok := fault.As(closer.HoldProof(ctx, young.Number, wrong, "odile"))
		if !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Place != name {
			t.Errorf("a wrong %s: %+v", name, f)
		}
	}
	for _, number := range []string{old.Number, young.Number} {
		if err := closer.HoldProof(ctx, number, proof, "odile"); err != nil {
			t.Fatal(err)
		}
		if got := state(number); got != ledger.ProofHeld {
			t.Errorf("%s is %s", number, got)
		}
	}
	if err := closer.HoldProof(ctx, old.Number, proof, "odile"); !fault.Is(err, "proof_held") {
		t.Errorf("held twice: %v", err)
	}
	for account, sum := range balances() {
		if sum != before[account] {
			t.Errorf("account %s ends at %d, began at %d", account, sum, before[account])
		}
	}
	if err := closer.WithdrawProof(ctx, old.Number, "", "odile"); err == nil {
		t.Error("a proof is withdrawn without a reason")
	}
	if err := closer.WithdrawProof(ctx, old.Number, "another parcel's", "odile"); err != nil {
		t.Fatal(err)
	}
	if err := tax(old.Number); err != nil {
		t.Errorf("taxed again: %v", err)
	}
	_, steps, err := ledger.GetExportSale(ctx, pool, old.Number)
	var told []string
	for _, s := range steps {
		told = append(told, s.Event)
	}
	if err != nil || strings.Join(told, " ") != "taxed held withdrawn taxed" {
		t.Errorf("the story is %v, %v", told, err)
	}
	var logged int
	if err := pool.QueryRow(ctx, `select count(*) from audit_log where subject = $1`, "document:"+old.Number).Scan(&logged); err != nil || logged != 4 {
		t.Errorf("%d lines in the audit log, %v", logged, err)
	}
	mustHold(t, pool)
}

// Two accountants who book the same export's VAT book it once.
func TestAnExportIsTaxedOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, old, _, _ := exportShop(t)
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			errs <- pg.InTx(ctx, pool, func(tx pgx.Tx) error {
				return ledger.TaxExport(ctx, tx, old.Number, frenchRates, time.Now(), "staff:odile")
			})
		}()
	}
	done := 0
	for range 2 {
		if err := <-errs; err == nil {
			done++
		} else if f, ok := fault.As(err); !ok || f.Kind != fault.Conflict {
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("booked %d times", done)
	}
	mustHold(t, pool)
}

// A credit note after VAT was booked takes the VAT of what it gave back out of the books and the return:
// the mug first, then the rest, and nothing is left.
func TestACreditNoteLowersTheVATOfAnUnprovedExport(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, old, _, _ := exportShop(t)
	now := time.Now().In(text.Paris())
	today := ledger.Period{From: now, To: now}
	sum := func(account string) (balance int64) {
		t.Helper()
		if err := pool.QueryRow(ctx, `select coalesce(sum(debit - credit), 0)::bigint from entry_line where account = $1`, account).Scan(&balance); err != nil {
			t.Fatal(err)
		}
		return balance
	}
	// returned is what the export adds to the VAT return at a rate: net and VAT.
	returned := func(rate int) (figures [2]int64) {
		t.Helper()
		list, err := ledger.VATReturn(ctx, pool, today)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.Regime == ledger.UnprovedExports && r.VATRate == rate {
				figures = [2]int64{r.Net, r.VAT}
			}
		}
		return figures
	}
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		return ledger.TaxExport(ctx, tx, old.Number, frenchRates, now, "staff:odile")
	}); err != nil {
		t.Fatal(err)
	}
	for rate, want := range map[int][2]int64{2000: {1013, 203}, 550: {1397, 77}, 0: {-2690, 0}} {
		if got := returned(rate); got != want {
			t.Errorf("the return has %v at %d, want %v", got, rate, want)
		}
	}
	credit := func(goods, shipping money.Amount, left []ledger.ExportRate) ledger.Issued {
		t.Helper()
		note := exported(old.OrderID)
		refund := uuid.New()
		note.Kind, note.RefundID, note.RefersTo = ledger.KindCreditNote, &refund, &old.ID
		d := &note.Document
		d.Kind, d.RefersTo = ledger.KindCreditNote, old.Number
		d.Lines = []ledger.DocumentLine{{Description: "Retour", Quantity: 1, UnitGross: goods, Gross: goods, Net: goods}}
		d.Shipping = shipping
		d.VAT = []ledger.VATLine{{GoodsGross: goods, ShippingGross: shipping, Gross: goods + shipping, Net: goods + shipping, Exemption: "export"}}
		d.Gross, d.Net = goods+shipping, goods+shipping
		var issued ledger.Issued
		if err := pg.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
			if issued, err = ledger.Issue(ctx, tx, note); err != nil {
				return err
			}
			return ledger.CreditExport(ctx, tx, old.Number, left, issued)
		}); err != nil {
			t.Fatal(err)
		}
		return issued
	}
	mug := credit(990, 0, []ledger.ExportRate{{Rate: 550, GoodsNet: 1137, GoodsVAT: 63, ShippingNet: 474, ShippingVAT: 26}})
	sale, steps, err := ledger.GetExportSale(ctx, pool, old.Number)
	if err != nil || sale.State != ledger.ProofTaxed || sale.VAT != 89 || steps[len(steps)-1].Reason != mug.Number {
		t.Errorf("%+v %+v %v", sale, steps, err)
	}
	if got := sum("44571200"); got != 0 {
		t.Errorf("VAT at 20 %% is %d", got)
	}
	if got := sum("44571055"); got != -89 {
		t.Errorf("VAT at 5.5 %% is %d", got)
	}
	if booked, err := ledger.ExportVATBooked(ctx, pool, today); err != nil || booked != 89 {
		t.Errorf("booked %d %v", booked, err)
	}
	for rate, want := range map[int][2]int64{2000: {0, 0}, 550: {1611, 89}, 0: {-1700, 0}} {
		if got := returned(rate); got != want {
			t.Errorf("after the mug the return has %v at %d, want %v", got, rate, want)
		}
	}
	mustHold(t, pool)
	credit(1200, 500, nil)
	sale, _, err = ledger.GetExportSale(ctx, pool, old.Number)
	if err != nil || sale.State != ledger.ProofCredited || sale.VAT != 0 {
		t.Errorf("given back whole: %+v %v", sale, err)
	}
	for _, account := range []string{"44571200", "44571055", "707200", "707055"} {
		if got := sum(account); got != 0 {
			t.Errorf("account %s ends at %d", account, got)
		}
	}
	mustHold(t, pool)
}

// A credit note that left the booked VAT as it was is named.
func TestVATThatACreditNoteLeftIsNamed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, old, _, _ := exportShop(t)
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		return ledger.TaxExport(ctx, tx, old.Number, frenchRates, time.Now(), "staff:odile")
	}); err != nil {
		t.Fatal(err)
	}
	note := exported(old.OrderID)
	refund := uuid.New()
	note.Kind, note.RefundID, note.RefersTo = ledger.KindCreditNote, &refund, &old.ID
	note.Document.Kind, note.Document.RefersTo = ledger.KindCreditNote, old.Number
	issue(t, pool, note)
	results, err := invariant.Check(ctx, pool, ledger.Invariants())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Name == "VAT of unproved exports" && strings.Join(r.Broken, " ") != old.Number {
			t.Errorf("%v, want %s", r.Broken, old.Number)
		}
	}
}
