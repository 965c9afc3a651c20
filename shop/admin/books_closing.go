package admin

import (
	"encoding/hex"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

func (a *Admin) mountClosing(r chi.Router) {
	r.Post("/books/close", a.may(staff.EditBooks, a.closeMonth))
}

// exportKinds are the exports of a period, in the order in which accountants ask for them.
var exportKinds = []string{"sales", "vat", "oss", "payments", "payouts", "invoices", "entries", "ereporting", "receipts", "stock-value", "orders", "fec"}

// PeriodView is what an accountant looks at before a month is closed: its VAT, the year's distance
// sales, and what was sealed.
type PeriodView struct {
	VAT       []ledger.VATRow
	Distance  ledger.DistanceTotal
	Threshold money.Amount
	Closings  []ledger.Closing
	// Month is the newest month that is over and not closed, as 2026-11; empty when there is none.
	Month    string
	MayClose bool
	Control  string
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
		if v.VAT, err = ledger.VATReturn(ctx, tx, period); err != nil {
			return err
		}
		if v.Distance, err = ledger.DistanceSales(ctx, tx, now); err != nil {
			return err
		}
		if v.Closings, err = ledger.Closings(ctx, tx, 12); err != nil {
			return err
		}
		err = ledger.Control(ctx, tx, period)
		if f, ok := fault.As(err); ok && f.Kind == fault.Conflict {
			v.Control = f.Detail
			return nil
		}
		return err
	})
	v.Month = monthToClose(now, v.Closings)
	return v, err
}

// monthToClose is the month before, unless it is closed.
func monthToClose(now time.Time, closings []ledger.Closing) string {
	first := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, text.Paris())
	for _, c := range closings {
		if c.Kind == ledger.ClosingMonth && c.First >= first.Format(time.DateOnly) {
			return ""
		}
	}
	return first.Format("2006-01")
}

// closeMonth seals a month: from then on it takes no entry.
func (a *Admin) closeMonth(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	first, err := time.ParseInLocation("2006-01", r.PostForm.Get("month"), text.Paris())
	if err != nil {
		return fault.New(fault.Invalid, "date_invalid", "the month must be given like 2026-11")
	}
	period := ledger.Period{From: first, To: first.AddDate(0, 1, -1)}
	ctx := r.Context()
	if err := pg.InTx(ctx, a.Pool, func(tx pgx.Tx) error {
		c, err := ledger.Close(ctx, tx, ledger.ClosingMonth, period, a.SealKey, actorOf(r).String())
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actorOf(r).String(), Action: "close_month", Subject: "period:" + c.First, Detail: map[string]any{"closing": c.N, "entries": c.Entries}})
	}); err != nil {
		return err
	}
	return a.done(w, r, "notice_month_closed", "/admin/books?from="+period.From.Format(time.DateOnly)+"&to="+period.To.Format(time.DateOnly)+"#closings")
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
