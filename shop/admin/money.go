package admin

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/payments"
	"boutique/payments/desk"
	"boutique/shop"
)

func (a *Admin) mountMoney(r chi.Router) {
	r.Get("/orders/{number}/money", a.may(staff.ReadOrders, a.orderMoney))
	r.Get("/stripe", a.may(staff.ReadOrders, a.stripeHealth))
	r.Post("/warnings/{id}/seen", a.may(staff.EditOrders, a.warningSeen))
	r.Get("/payouts", a.may(staff.ReadBooks, a.payouts))
	r.Get("/payouts/{id}", a.may(staff.ReadBooks, a.payout))
}

// MoneyLine is one thing that happened to an order's money, in the reader's words.
type MoneyLine struct {
	At          time.Time
	What, Aside string
	Ref, Link   string
	Amount, Fee *money.Amount
}

// MoneyView is all that happened to an order's money.
type MoneyView struct {
	Page
	Order    shop.Order
	Lines    []MoneyLine
	Disputes []payments.Dispute
	Warnings []payments.FraudWarning
	// Captured, Returned and Fees are what the provider and the desk moved in all.
	Captured, Returned, Fees money.Amount
}

func (a *Admin) orderMoney(w http.ResponseWriter, r *http.Request) error {
	o, err := shop.GetOrder(r.Context(), a.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	p, err := a.page(r, "orders", "money_page")
	if err != nil {
		return err
	}
	v := MoneyView{Page: p, Order: o}
	story, err := payments.StoryOf(r.Context(), a.Pool, o.ID)
	if err != nil {
		return err
	}
	for _, h := range story {
		v.Lines = append(v.Lines, moneyLine(p, h))
		switch {
		case h.Kind == "payment" && h.What == "capture" && h.Amount != nil:
			v.Captured += *h.Amount
		case h.Kind == "refund" && h.State == payments.Succeeded && h.Amount != nil:
			v.Returned -= *h.Amount
		case h.Kind == "balance" && h.Fee != nil:
			v.Fees += *h.Fee
		}
	}
	receipts, err := desk.ReceiptsOf(r.Context(), a.Pool, o.ID)
	if err != nil {
		return err
	}
	for _, t := range receipts {
		amount := t.Signed()
		v.Lines = append(v.Lines, MoneyLine{At: t.At, What: p.T("till_kind_"+t.Kind) + ", " + methodName(p, t.Means), Aside: actorName(p, t.Actor), Ref: t.Number, Link: "/admin/till?day=" + t.At.Format(time.DateOnly), Amount: &amount})
	}
	slices.SortStableFunc(v.Lines, func(a, b MoneyLine) int { return a.At.Compare(b.At) })
	if v.Disputes, err = payments.DisputesOf(r.Context(), a.Pool, o.ID); err != nil {
		return err
	}
	if v.Warnings, err = payments.WarningsOf(r.Context(), a.Pool, o.ID); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, MoneyPage(v))
}

// moneyLine puts a happening in the reader's words; what there is no word for is shown as the provider says it.
func moneyLine(p Page, h payments.Happening) MoneyLine {
	l := MoneyLine{At: h.At, Ref: h.Ref, Amount: h.Amount, Fee: h.Fee}
	said := func(id, otherwise string) string {
		if p.P.Has(id) {
			return p.T(id)
		}
		return otherwise
	}
	switch h.Kind {
	case "payment":
		l.What = p.T("attempt", "n", h.Attempt) + p.P.Colon() + " " + said("paystep_"+h.What, h.What)
		if h.What != "capture" {
			l.Amount = nil
		}
		l.Aside = actorName(p, h.Actor) + " " + methodName(p, h.Means) + " " + h.Reason
	case "refund":
		l.What = p.T("refund") + p.P.Colon() + " " + said("money_"+h.State, h.State)
		if h.State != payments.Succeeded && h.State != payments.RefundFailed {
			l.Amount = nil
		}
		l.Aside = actorName(p, h.Actor) + " " + h.Reason
	case "event":
		l.What, l.Aside = p.T("money_event", "type", h.What), said(outcomeWord(h.State), h.State)+" "+h.Reason
	case "balance":
		l.What, l.Aside = p.T("money_balance")+p.P.Colon()+" "+said("balance_"+h.What, h.What), h.Reason
	case "dispute":
		l.What = p.T("dispute") + p.P.Colon() + " " + said("dispute_"+h.What, h.What)
		l.Amount = nil
	case "warning":
		l.What, l.Aside = p.T("warning")+p.P.Colon()+" "+said("warning_"+h.What, h.What), actorName(p, h.Actor)
	case "payout":
		l.What, l.Link = p.T("payout")+p.P.Colon()+" "+said("payout_"+h.What, h.What), "/admin/payouts/"+h.Ref
		if !p.May("read_books") {
			l.Link = ""
		}
	}
	return l
}

// outcomeWord is the word for what became of an event: "ignored: type" is said by outcome_ignored_type.
func outcomeWord(outcome string) string {
	return "outcome_" + strings.NewReplacer(": ", "_", " ", "_").Replace(outcome)
}

// Task is an open dispute or an early warning, with its order's number.
type Task struct {
	Number  string
	Dispute *payments.Dispute
	Warning *payments.FraudWarning
}

// moneyTasks are the disputes that are open and the warnings that nobody has looked at.
func (a *Admin) moneyTasks(r *http.Request) ([]Task, error) {
	disputes, err := payments.OpenDisputes(r.Context(), a.Pool)
	if err != nil {
		return nil, err
	}
	warnings, err := payments.OpenWarnings(r.Context(), a.Pool)
	if err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, d := range disputes {
		ids = append(ids, d.OrderID)
	}
	for _, w := range warnings {
		ids = append(ids, w.OrderID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	numbers, err := shop.NumbersOf(r.Context(), a.Pool, ids)
	if err != nil {
		return nil, err
	}
	var tasks []Task
	for i, d := range disputes {
		tasks = append(tasks, Task{Number: numbers[d.OrderID], Dispute: &disputes[i]})
	}
	for i, w := range warnings {
		tasks = append(tasks, Task{Number: numbers[w.OrderID], Warning: &warnings[i]})
	}
	return tasks, nil
}

func (a *Admin) warningSeen(w http.ResponseWriter, r *http.Request) error {
	if err := a.Shop.WarningDone(r.Context(), chi.URLParam(r, "id"), actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_warning_seen", "/admin")
}

// StripeView is how the dealings with Stripe stand.
type StripeView struct {
	Page
	Health      payments.Health
	Version     string
	Unfinished  []payments.InboxEvent
	Other       []payments.InboxEvent
	Quarantined []payments.Payment
	Strange     []payments.BalanceLine
	Comparisons []payments.Comparison
	Numbers     map[uuid.UUID]string
	Tasks       []Task
}

func (a *Admin) stripeHealth(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "stripe", "stripe")
	if err != nil {
		return err
	}
	ctx, v := r.Context(), StripeView{Page: p, Version: a.Payments.Gateway.APIVersion()}
	if v.Health, err = a.Payments.Health(ctx); err != nil {
		return err
	}
	if v.Unfinished, err = payments.UnfinishedEvents(ctx, a.Pool); err != nil {
		return err
	}
	if v.Other, err = payments.OtherVersions(ctx, a.Pool, v.Version); err != nil {
		return err
	}
	if v.Quarantined, err = payments.Quarantined(ctx, a.Pool); err != nil {
		return err
	}
	if v.Strange, err = payments.StrangeLines(ctx, a.Pool); err != nil {
		return err
	}
	if v.Comparisons, err = payments.Comparisons(ctx, a.Pool, 10); err != nil {
		return err
	}
	if v.Tasks, err = a.moneyTasks(r); err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, q := range v.Quarantined {
		ids = append(ids, q.OrderID)
	}
	if v.Numbers, err = shop.NumbersOf(ctx, a.Pool, ids); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, StripePage(v))
}

// PayoutsView is what Stripe paid into the bank.
type PayoutsView struct {
	Page
	Payouts []payments.Payout
}

func (a *Admin) payouts(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "payouts", "payouts")
	if err != nil {
		return err
	}
	v := PayoutsView{Page: p}
	if v.Payouts, err = payments.Payouts(r.Context(), a.Pool, 100); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, PayoutsPage(v))
}

// PayoutView is one payout, line by line.
type PayoutView struct {
	Page
	Payout  payments.Payout
	Lines   []payments.BalanceLine
	Numbers map[uuid.UUID]string
}

// Number is the number of the order that a line belongs to; empty for none.
func (v PayoutView) Number(l payments.BalanceLine) string {
	if l.OrderID == nil {
		return ""
	}
	return v.Numbers[*l.OrderID]
}

// Sums are what the lines come to by their kind, in the order in which the kinds appear.
func (v PayoutView) Sums() []payments.BalanceLine {
	var sums []payments.BalanceLine
	for _, l := range v.Lines {
		at := slices.IndexFunc(sums, func(s payments.BalanceLine) bool { return s.Kind == l.Kind })
		if at < 0 {
			sums, at = append(sums, payments.BalanceLine{Kind: l.Kind}), len(sums)
		}
		sums[at].Amount += l.Amount
		sums[at].Fee += l.Fee
		sums[at].Net += l.Net
	}
	return sums
}

func (a *Admin) payout(w http.ResponseWriter, r *http.Request) error {
	one, err := payments.GetPayout(r.Context(), a.Pool, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	p, err := a.page(r, "payouts", "payout")
	if err != nil {
		return err
	}
	p.Title = one.ID
	v := PayoutView{Page: p, Payout: one}
	if v.Lines, err = payments.LinesOfPayout(r.Context(), a.Pool, one.ID); err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, l := range v.Lines {
		if l.OrderID != nil {
			ids = append(ids, *l.OrderID)
		}
	}
	if v.Numbers, err = shop.NumbersOf(r.Context(), a.Pool, ids); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, PayoutPage(v))
}

// disputed tells whether a dispute about the order is open: nothing leaves then.
func disputed(v OrderView) bool {
	return slices.ContainsFunc(v.Disputes, func(d payments.Dispute) bool { return d.Open })
}

// wordOr is a message, or what it would say when there is none.
func wordOr(p Page, prefix, word string) string {
	if p.P.Has(prefix + word) {
		return p.T(prefix + word)
	}
	return word
}
