package admin

import (
	"encoding/hex"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/payments/ledger"
)

// exportKinds are the exports of a period, in the order in which accountants ask for them.
var exportKinds = []string{"sales", "vat", "oss", "payments", "payouts", "invoices", "entries", "ereporting", "receipts", "export-proofs", "stock-value", "orders", "fec"}

// PeriodView is what an accountant looks at before a month is closed: its VAT, the year's distance
// sales, and what was sealed.
type PeriodView struct {
	Summary   ledger.Summary
	Families  map[string]string
	VAT       []ledger.VATRow
	Distance  ledger.DistanceTotal
	Threshold money.Amount
	Closings  []ledger.Closing
	// Month is the newest month that is over and not closed, as 2026-11; empty when there is none.
	Month string
	// Named is the month as one says it.
	Named    string
	MayClose bool
	Control  string
	// ExportVAT is what was booked for exports that nothing proves.
	ExportVAT money.Amount
}

// readPeriod reads the accountant's part of the page.
func (a *Admin) readPeriod(r *http.Request, p Page, period ledger.Period, now time.Time) (PeriodView, error) {
	var v PeriodView
	ctx := r.Context()
	books, err := setting.GetBooks(ctx, a.Pool, now)
	if err != nil {
		return v, err
	}
	v.Threshold, v.MayClose = money.Amount(books.ThresholdCents), p.Actor.Role.May(staff.EditBooks)
	err = pg.InReadTx(ctx, a.Pool, func(tx pgx.Tx) (err error) {
		if v.Summary, err = ledger.ReadSummary(ctx, tx, period); err != nil {
			return err
		}
		v.VAT = v.Summary.Returns
		families, err := catalog.ListFamilies(ctx, tx)
		if err != nil {
			return err
		}
		v.Families = map[string]string{}
		for _, f := range families {
			v.Families[f.Code] = f.Labels.In(p.Lang())
		}
		if v.Distance, err = ledger.DistanceSales(ctx, tx, now); err != nil {
			return err
		}
		if v.Closings, err = ledger.ClosingsShown(ctx, tx); err != nil {
			return err
		}
		if v.ExportVAT, err = ledger.ExportVATBooked(ctx, tx, period); err != nil {
			return err
		}
		err = ledger.Control(ctx, tx, period)
		if f, ok := fault.As(err); ok && f.Kind == fault.Conflict {
			v.Control = f.Detail
			return nil
		}
		return err
	})
	if err != nil {
		return v, err
	}
	month, over, err := ledger.MonthToClose(ctx, a.Pool, now)
	if over {
		v.Month, v.Named = month.From.Format("2006-01"), p.P.Month(month.From)
	}
	return v, err
}

// exportAddress is where an export of a period is. The file of entries is that of an exercise: of the
// whole year that the period ends in, whose first entries are the balances carried forward.
func exportAddress(kind, from, to, format string) templ.SafeURL {
	if kind == "fec" && len(to) == len(time.DateOnly) {
		from, to = to[:4]+"-01-01", to[:4]+"-12-31"
	}
	return templ.URL("/admin/exports/" + kind + "?from=" + from + "&to=" + to + "&format=" + format)
}

// totalOf is what the rates of a period come to.
func totalOf(rates []ledger.SalesTotal) (sum ledger.SalesTotal) {
	for _, t := range rates {
		sum.GoodsGross += t.GoodsGross
		sum.ShippingGross += t.ShippingGross
		sum.Gross += t.Gross
		sum.Net += t.Net
		sum.VAT += t.VAT
	}
	return sum
}

// returnOf is what the rows of a VAT return come to.
func returnOf(rows []ledger.VATRow) (sum ledger.VATRow) {
	for _, r := range rows {
		sum.Gross += r.Gross
		sum.Net += r.Net
		sum.VAT += r.VAT
	}
	return sum
}

// formatsOf are the formats of an export.
func formatsOf(kind string) []string {
	switch kind {
	case "fec":
		return []string{"txt"}
	case "invoices":
		return []string{"csv", "xlsx", "json", "zip"}
	}
	return []string{"csv", "xlsx", "json"}
}

// hexOf is the beginning of a hash, enough to compare it by eye.
func hexOf(hash []byte) string { return hex.EncodeToString(hash[:min(8, len(hash))]) }
