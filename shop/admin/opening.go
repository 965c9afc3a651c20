package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

func (a *Admin) mountOpening(r chi.Router) {
	r.Get("/books/opening", a.may(staff.ReadBooks, a.opening))
	r.Post("/books/opening/books", a.may(staff.EditBooks, a.setBooks))
	r.Post("/books/opening/mentions", a.may(staff.EditBooks, a.setMentions))
	r.Post("/books/opening/decision", a.may(staff.EditBooks, a.decide))
}

// OpeningView is how the office keeps its books, from when on, and what somebody has still to
// decide. Wrong says what is wrong with a field of a form that was sent, by the form's name and the
// field's.
type OpeningView struct {
	Page
	Books     setting.Books
	Mentions  setting.Mentions
	Opening   setting.Opening
	Points    []setting.Point
	Open      int
	Missing   []string
	Distance  ledger.DistanceTotal
	From      map[string]string
	History   []BooksVersion
	Said      []setting.Version
	Wrong     map[string]string
	MayChange bool
	// Sent is the decision that was refused, under the name of its point.
	Sent map[string]setting.Decision
}

// BooksVersion is how the books were kept, or will be, from a day on.
type BooksVersion struct {
	setting.Version
	Books   setting.Books
	Planned bool
}

func (a *Admin) readOpening(r *http.Request) (OpeningView, error) {
	v := OpeningView{Wrong: map[string]string{}, From: map[string]string{}, Sent: map[string]setting.Decision{}}
	ctx, now := r.Context(), a.Shop.Clock.Now()
	var err error
	if v.Page, err = a.page(r, "books", "opening"); err != nil {
		return v, err
	}
	if v.Books, err = setting.GetBooks(ctx, a.Pool, now); err != nil {
		return v, err
	}
	if v.Mentions, err = setting.GetMentions(ctx, a.Pool); err != nil {
		return v, err
	}
	if v.Opening, err = setting.GetOpening(ctx, a.Pool); err != nil {
		return v, err
	}
	if v.Distance, err = ledger.DistanceSales(ctx, a.Pool, now); err != nil {
		return v, err
	}
	versions, err := setting.Versions(ctx, a.Pool, setting.KeyBooks, 20)
	if err != nil {
		return v, err
	}
	for _, one := range versions {
		kept := BooksVersion{Version: one, Books: setting.DefaultBooks(), Planned: one.ValidFrom.After(now)}
		if err := json.Unmarshal(one.Value, &kept.Books); err != nil {
			return v, fmt.Errorf("setting %s: %w", setting.KeyBooks, err)
		}
		v.History = append(v.History, kept)
	}
	if v.Said, err = setting.Versions(ctx, a.Pool, setting.KeyMentions, 10); err != nil {
		return v, err
	}
	v.Points, v.Open = setting.Points(v.Books.Form), len(v.Opening.Open(v.Books.Form))
	if v.Books.Form == "" {
		v.Missing = append(v.Missing, "opening_form")
	}
	if v.Office.SIREN == "" {
		v.Missing = append(v.Missing, "office_siren")
	}
	if v.Office.VATNumber == "" && v.Books.Regime != setting.RegimeFranchise {
		v.Missing = append(v.Missing, "office_vat_number")
	}
	if v.Books.Accountant == "" {
		v.Missing = append(v.Missing, "opening_accountant")
	}
	if v.Books.OSSRegistered == "" && v.Distance.Near(money.Amount(v.Books.ThresholdCents)) {
		v.Missing = append(v.Missing, "opening_oss_registered")
	}
	v.MayChange = v.Actor.Role.May(staff.EditBooks)
	return v, nil
}

func (a *Admin) opening(w http.ResponseWriter, r *http.Request) error {
	v, err := a.readOpening(r)
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, OpeningPage(v))
}

// validFrom reads from which day a change holds; zero means now. Nothing is changed for days that
// are over: what was issued then stays as it was.
func validFrom(value string, now time.Time) (time.Time, error) {
	today := now.In(text.Paris()).Format(time.DateOnly)
	if value == "" || value == today {
		return time.Time{}, nil
	}
	var fields fault.Fields
	day, err := time.ParseInLocation(time.DateOnly, value, text.Paris())
	switch {
	case err != nil || day.After(now.AddDate(10, 0, 0)):
		fields.Add("valid_from", "date_invalid", "is not a date like 2026-11-01")
	case value < today:
		fields.Add("valid_from", "date_past", "lies in the past: what was issued stays as it was")
	}
	return day, fields.Err()
}

// refusedOpening shows the page again with what is wrong beside the fields of one form.
func (a *Admin) refusedOpening(w http.ResponseWriter, r *http.Request, form string, err error, again func(*OpeningView)) error {
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Invalid {
		return err
	}
	v, err := a.readOpening(r)
	if err != nil {
		return err
	}
	again(&v)
	v.From[form] = r.PostForm.Get("valid_from")
	for _, field := range f.Fields {
		v.Wrong[form+"."+field.Place] = sentenceOf(v.Page, field)
	}
	return a.show(w, r, f.Kind.Status(), OpeningPage(v))
}

func (a *Admin) setBooks(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	ctx, form := r.Context(), r.PostForm
	from, wrongDay := validFrom(form.Get("valid_from"), a.Shop.Clock.Now())
	at := from
	if at.IsZero() {
		at = a.Shop.Clock.Now()
	}
	books, err := setting.GetBooks(ctx, a.Pool, at)
	if err != nil {
		return err
	}
	before := books
	books.Form, books.Chart, books.Regime = form.Get("form"), form.Get("chart"), form.Get("regime")
	books.Regie, books.Accountant = place.Line(form.Get("regie")), strings.TrimSpace(form.Get("accountant"))
	books.OSSRegistered, books.OSSFrom = form.Get("oss_registered"), form.Get("oss_from")
	books.InvoiceSeries, books.CreditSeries = strings.ToUpper(strings.TrimSpace(form.Get("invoice_series"))), strings.ToUpper(strings.TrimSpace(form.Get("credit_series")))
	books.ThresholdCents = -1
	if amount, err := money.Parse(form.Get("threshold")); err == nil {
		books.ThresholdCents = int64(amount)
	}
	books.ExportProofDays, _ = strconv.Atoi(strings.TrimSpace(form.Get("export_proof_days")))
	err = errors.Join(wrongDay, books.Check())
	if err == nil {
		err = ledger.CheckSeries(ctx, a.Pool, books)
	}
	if err == nil && books != before {
		err = setting.ChangeFrom(ctx, a.Pool, setting.KeyBooks, books, from, actorOf(r).String())
	}
	if err != nil {
		return a.refusedOpening(w, r, "books", mergeFaults(wrongDay, err), func(v *OpeningView) { v.Books = books })
	}
	return a.done(w, r, "notice_opening", "/admin/books/opening#books")
}

// mergeFaults is one fault with the fields of two.
func mergeFaults(first, second error) error {
	one, ok := fault.As(first)
	if !ok {
		return second
	}
	if two, ok := fault.As(second); ok && two != one && two.Kind == one.Kind {
		both := *two
		both.Fields = append(append(fault.Fields{}, one.Fields...), two.Fields...)
		return &both
	}
	return first
}

func (a *Admin) setMentions(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	mentions, err := setting.GetMentions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	before := mentions
	for _, l := range mentions.Lines() {
		*l.Value = place.Line(r.PostForm.Get(l.Name))
	}
	from, err := validFrom(r.PostForm.Get("valid_from"), a.Shop.Clock.Now())
	if err == nil && mentions != before {
		err = setting.ChangeFrom(r.Context(), a.Pool, setting.KeyMentions, mentions, from, actorOf(r).String())
	}
	if err != nil {
		return a.refusedOpening(w, r, "mentions", err, func(v *OpeningView) { v.Mentions = mentions })
	}
	return a.done(w, r, "notice_opening", "/admin/books/opening#mentions")
}

// decide notes how a point was settled, or opens it again when nothing is said.
func (a *Admin) decide(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	name := r.PostForm.Get("point")
	opening, err := setting.GetOpening(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	d := setting.Decision{Outcome: place.Line(r.PostForm.Get("outcome")), Reference: place.Line(r.PostForm.Get("reference")), On: r.PostForm.Get("on")}
	if d == (setting.Decision{}) {
		delete(opening, name)
	} else {
		opening[name] = d
	}
	if err := setting.Change(r.Context(), a.Pool, setting.KeyOpening, opening, actorOf(r).String()); err != nil {
		return a.refusedOpening(w, r, "decision."+name, err, func(v *OpeningView) { v.Sent[name] = d })
	}
	return a.done(w, r, "notice_opening", "/admin/books/opening#point-"+name)
}

// decision is what the form of a point holds.
func (v OpeningView) decision(name string) setting.Decision {
	if d, ok := v.Sent[name]; ok {
		return d
	}
	return v.Opening[name]
}
