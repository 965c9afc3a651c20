package admin

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments"
	"boutique/payments/ledger"
	"boutique/shop"
)

func (a *Admin) mountClosing(r chi.Router) {
	r.Get("/books/close", a.may(staff.ReadBooks, a.checkClosing))
	r.Post("/books/close", a.may(staff.EditBooks, a.closeMonth))
}

// ClosingView is what to look at before a month is closed. Month is like 2026-11, empty when no month
// is to be closed.
type ClosingView struct {
	Page
	Month string
	// Named is the month as one says it.
	Named    string
	From, To string
	Checks   []ledger.Check
	Blocked  bool
	Open     int
	MayClose bool
	Error    string
}

// caseAddress is the page of one case that a check names; empty when it has none of its own.
func caseAddress(check, name string) string {
	switch at := url.QueryEscape(name); check {
	case "review":
		return "/admin/orders/" + url.PathEscape(name)
	case "payouts":
		return "/admin/payouts/" + url.PathEscape(name)
	case "control", "undrawn":
		return "/admin/books/ledger?about=" + at
	case "month_before":
		return "/admin/books/close?month=" + at
	case "disputes":
		return "/admin/stripe"
	case "proofs":
		return "/admin/books/proofs/" + url.PathEscape(name)
	}
	return ""
}

// comma stands after each case of a list but its last.
func comma(i int, list []string) string {
	if i == len(list)-1 {
		return ""
	}
	return ","
}

// checkedMonth is the month that a request names, else the first that can be closed.
func (a *Admin) checkedMonth(r *http.Request, named string) (ledger.Period, bool, error) {
	if named == "" {
		return ledger.MonthToClose(r.Context(), a.Pool, a.Shop.Clock.Now())
	}
	first, err := time.ParseInLocation("2006-01", named, text.Paris())
	if err != nil || first.Year() < 1900 || first.Year() > 9998 {
		return ledger.Period{}, false, fault.New(fault.Invalid, "date_invalid", "the month must be given like 2026-11")
	}
	return ledger.Period{From: first, To: first.AddDate(0, 1, -1)}, true, nil
}

// closingChecks puts together what each part of the shop knows about a month.
func (a *Admin) closingChecks(r *http.Request, p ledger.Period) ([]ledger.Check, error) {
	ctx := r.Context()
	var list []ledger.Check
	var review, disputes, payouts []string
	if err := pg.InReadTx(ctx, a.Pool, func(tx pgx.Tx) (err error) {
		if list, err = ledger.Checklist(ctx, tx, p); err != nil {
			return err
		}
		if review, err = shop.TaxReview(ctx, tx, p.From, p.Until()); err != nil {
			return err
		}
		if disputes, err = disputesOpen(ctx, tx, p); err != nil {
			return err
		}
		payouts, err = payoutsUnmatched(ctx, tx, p)
		return err
	}); err != nil {
		return nil, err
	}
	health, err := a.Payments.Health(ctx)
	if err != nil {
		return nil, err
	}
	return append(list,
		ledger.Check{Name: "review", Count: int64(len(review)), Named: review[:min(20, len(review))]},
		ledger.Check{Name: "disputes", Count: int64(len(disputes)), Named: disputes[:min(20, len(disputes))]},
		ledger.Check{Name: "payouts", Count: int64(len(payouts)), Named: payouts[:min(20, len(payouts))]},
		ledger.Check{Name: "events", Count: int64(health.Unfinished)},
		ledger.Check{Name: "quarantined", Count: int64(health.Quarantined)},
		ledger.Check{Name: "refunds", Count: int64(health.StuckRefunds)},
	), nil
}

// disputesOpen lists the disputes that were opened before a period's end and are not decided.
func disputesOpen(ctx context.Context, q pg.Querier, p ledger.Period) ([]string, error) {
	list, err := payments.OpenDisputes(ctx, q)
	var open []string
	for _, d := range list {
		if d.OpenedAt.Before(p.Until()) {
			open = append(open, d.ID)
		}
	}
	return open, err
}

// payoutsOfAMonth is more than any month has.
const payoutsOfAMonth = 500

// payoutsUnmatched lists the payouts of a period that are not what their lines come to, or have lines
// that belong to nothing here or are not listed yet.
func payoutsUnmatched(ctx context.Context, q pg.Querier, p ledger.Period) ([]string, error) {
	list, err := payments.Payouts(ctx, q, payoutsOfAMonth)
	var odd []string
	for _, one := range list {
		if !one.CreatedAt.Before(p.From) && one.CreatedAt.Before(p.Until()) && (one.Unknown > 0 || one.Listed && one.Difference() != 0 || one.Automatic && !one.Listed) {
			odd = append(odd, one.ID)
		}
	}
	return odd, err
}

func (a *Admin) readClosing(r *http.Request, named string) (ClosingView, ledger.Period, error) {
	var v ClosingView
	var err error
	if v.Page, err = a.page(r, "books", "closing"); err != nil {
		return v, ledger.Period{}, err
	}
	v.MayClose = v.Actor.Role.May(staff.EditBooks)
	p, found, err := a.checkedMonth(r, named)
	if err != nil || !found {
		return v, p, err
	}
	v.Month, v.Named, v.From, v.To = p.From.Format("2006-01"), v.P.Month(p.From), p.From.Format(time.DateOnly), p.To.Format(time.DateOnly)
	if v.Checks, err = a.closingChecks(r, p); err != nil {
		return v, p, err
	}
	for _, c := range v.Checks {
		if !c.Holds() {
			v.Open++
			v.Blocked = v.Blocked || c.Blocks
		}
	}
	return v, p, nil
}

// checkClosing shows what to look at before the month is closed.
func (a *Admin) checkClosing(w http.ResponseWriter, r *http.Request) error {
	v, _, err := a.readClosing(r, r.URL.Query().Get("month"))
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, ClosingPage(v))
}

// closeMonth seals a month: from then on it takes no entry. Who closes with open points says that
// they were seen.
func (a *Admin) closeMonth(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	named := r.PostForm.Get("month")
	if named == "" {
		return fault.New(fault.Invalid, "date_invalid", "the month must be given like 2026-11")
	}
	v, p, err := a.readClosing(r, named)
	if err != nil {
		return err
	}
	if v.Open > 0 && r.PostForm.Get("seen") == "" {
		v.Error = v.T("closing_unseen")
		return a.show(w, r, http.StatusUnprocessableEntity, ClosingPage(v))
	}
	if _, err := a.Closer.CloseMonth(r.Context(), p, actorOf(r).String()); err != nil {
		if f, ok := fault.As(err); ok && f.Kind == fault.Conflict {
			v.Error = sentence(v.Page, err)
			return a.show(w, r, f.Kind.Status(), ClosingPage(v))
		}
		return err
	}
	return a.done(w, r, "notice_month_closed", "/admin/books?from="+v.From+"&to="+v.To+"#closings")
}
