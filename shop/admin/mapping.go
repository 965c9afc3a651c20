package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

func (a *Admin) mountMapping(r chi.Router) {
	r.Get("/books/mapping", a.may(staff.ReadBooks, a.mapping))
	r.Post("/books/mapping", a.may(staff.EditBooks, a.addMapping))
}

// MappingView is on which accounts the office books, from which day on. Form is what the form of a
// new row holds, Trial what the form of a test entry holds; Lines is what the trial came to.
type MappingView struct {
	Page
	Chart     string
	Rows      []MappingRow
	Standards []ledger.Account
	Families  []catalog.Family
	Form      url.Values
	Trial     url.Values
	Lines     []ledger.TrialLine
	Wrong     map[string]string
	MayChange bool
}

// MappingRow is a row of the mapping and whether it is still to come.
type MappingRow struct {
	ledger.Mapping
	Planned bool
}

// trialMethods are the means of payment that a mapping may look at.
var trialMethods = []string{"card", "bancontact", "ideal", "sepa_debit", "gift_card", "cash", "cheque", "card_terminal"}

// trialRegimes are the regimes of a test entry.
var trialRegimes = []ledger.Regime{ledger.RegimeDomestic, ledger.RegimeDistance, ledger.RegimeOSS, ledger.RegimeExport, ledger.RegimeFranchise}

func (a *Admin) readMapping(r *http.Request) (MappingView, error) {
	v := MappingView{Wrong: map[string]string{}, Form: url.Values{}, Trial: r.URL.Query()}
	ctx, now := r.Context(), a.Shop.Clock.Now()
	var err error
	if v.Page, err = a.page(r, "books", "mapping"); err != nil {
		return v, err
	}
	list, err := ledger.Mappings(ctx, a.Pool)
	if err != nil {
		return v, err
	}
	today := now.In(text.Paris()).Format(time.DateOnly)
	for _, m := range list {
		v.Rows = append(v.Rows, MappingRow{Mapping: m, Planned: m.ValidFrom.Format(time.DateOnly) > today})
	}
	chart, err := ledger.ChartOn(ctx, a.Pool, now)
	if err != nil {
		return v, err
	}
	v.Chart = chart.Name
	if v.Standards, err = ledger.Standards(ctx, a.Pool); err != nil {
		return v, err
	}
	v.Families, err = catalog.ListFamilies(ctx, a.Pool)
	v.MayChange = v.Actor.Role.May(staff.EditBooks)
	return v, err
}

// mapping shows the mapping, and what a sale would be booked on when one is described.
func (a *Admin) mapping(w http.ResponseWriter, r *http.Request) error {
	v, err := a.readMapping(r)
	if err != nil {
		return err
	}
	if !v.Trial.Has("gross") {
		v.Trial = url.Values{"gross": {"24,00"}, "shipping": {"4,90"}, "rate": {"20"}, "country": {"FR"}, "method": {"card"}, "on": {a.Shop.Clock.Now().In(text.Paris()).Format(time.DateOnly)}}
		return a.show(w, r, http.StatusOK, MappingPage(v))
	}
	sale, err := readTrial(v.Trial)
	if err == nil {
		v.Lines, err = ledger.Try(r.Context(), a.Pool, sale)
	}
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		for _, field := range f.Fields {
			v.Wrong["trial."+field.Place] = sentenceOf(v.Page, field)
		}
		return a.show(w, r, f.Kind.Status(), MappingPage(v))
	}
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, MappingPage(v))
}

// readRate reads a rate in percent (5,5) as basis points.
func readRate(s string) (int, bool) {
	f, err := strconv.ParseFloat(strings.TrimSuffix(strings.ReplaceAll(strings.TrimSpace(s), ",", "."), "%"), 64)
	if err != nil || f < 0 || f > 100 {
		return 0, false
	}
	return int(f*100 + .5), true
}

func readTrial(form url.Values) (ledger.TrialSale, error) {
	var fields fault.Fields
	s := ledger.TrialSale{Family: form.Get("family"), Country: strings.ToUpper(strings.TrimSpace(form.Get("country"))), Method: form.Get("method"), Regime: ledger.Regime(form.Get("regime"))}
	var ok bool
	var err error
	if s.Rate, ok = readRate(form.Get("rate")); !ok {
		fields.Add("rate", "rate_invalid", "must be a rate from 0 to 100 %")
	}
	if s.Gross, err = money.Parse(form.Get("gross")); err != nil {
		fields.Add("gross", "amount_invalid", "is not an amount like 24,00")
	}
	if form.Get("shipping") != "" {
		if s.Shipping, err = money.Parse(form.Get("shipping")); err != nil {
			fields.Add("shipping", "amount_invalid", "is not an amount like 4,90")
		}
	}
	if !place.Known(place.Country(s.Country)) {
		fields.Add("country", "country_unknown", "must be a country's two letters")
	}
	if s.On, err = time.ParseInLocation(time.DateOnly, form.Get("on"), text.Paris()); err != nil {
		fields.Add("on", "date_invalid", "is not a date like 2026-11-01")
	}
	return s, fields.Err()
}

// addMapping records a row from a day on. Rows for days that are over are refused: what is booked
// stays where it is.
func (a *Admin) addMapping(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	form, now, ctx := r.PostForm, a.Shop.Clock.Now(), r.Context()
	m := ledger.Mapping{Standard: strings.TrimSpace(form.Get("standard")), Family: form.Get("family"), Country: strings.ToUpper(strings.TrimSpace(form.Get("country"))), Method: form.Get("method"),
		Account: strings.ToUpper(strings.TrimSpace(form.Get("account"))), Label: place.Line(form.Get("label")), Analytic: place.Line(form.Get("analytic"))}
	var wrongRate fault.Fields
	if form.Get("rate") != "" {
		rate, ok := readRate(form.Get("rate"))
		if !ok {
			wrongRate.Add("rate", "rate_invalid", "must be a rate from 0 to 100 %")
		}
		m.Rate = &rate
	}
	from, err := validFrom(form.Get("valid_from"), now)
	if from.IsZero() {
		from = now.In(text.Paris())
	}
	m.ValidFrom = from
	err = mergeFaults(wrongRate.Err(), err)
	if err == nil {
		err = pg.InTx(ctx, a.Pool, func(tx pgx.Tx) error {
			if err := ledger.AddMapping(ctx, tx, m, actorOf(r).String()); err != nil {
				return err
			}
			return audit.Record(ctx, tx, audit.Entry{Actor: actorOf(r).String(), Action: "books.map", Subject: "account:" + m.Standard,
				Detail: map[string]any{"account": m.Account, "valid_from": m.ValidFrom.Format(time.DateOnly)}})
		})
	}
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		v, err := a.readMapping(r)
		if err != nil {
			return err
		}
		v.Form = form
		for _, field := range f.Fields {
			v.Wrong[field.Place] = sentenceOf(v.Page, field)
		}
		return a.show(w, r, f.Kind.Status(), MappingPage(v))
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_mapping", "/admin/books/mapping")
}
