package admin

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/ledger"
	"boutique/shop"
)

func (a *Admin) mountProofs(r chi.Router) {
	r.Get("/books/proofs", a.may(staff.ReadBooks, a.proofs))
	r.Get("/books/proofs/{number}", a.may(staff.ReadBooks, a.proof))
	r.Post("/books/proofs/{number}/hold", a.may(staff.EditBooks, a.holdProof))
	r.Post("/books/proofs/{number}/withdraw", a.may(staff.EditBooks, a.withdrawProof))
	r.Post("/books/proofs/{number}/tax", a.may(staff.EditBooks, a.taxExport))
}

// ProofsView are the exports of a period and what proves that they left. Missing counts those whose
// proof is past its time, whatever the period.
type ProofsView struct {
	Page
	From, To, State string
	Error           string
	Sales           []ledger.ExportSale
	Missing         int64
	Taxed           money.Amount
	Counts          map[ledger.ProofState]int
}

// ProofView is one export. Rates are what it would bear as a French sale; Form is what a refused form
// holds.
type ProofView struct {
	Page
	Sale      ledger.ExportSale
	Steps     []ledger.ProofStep
	Rates     []ledger.ExportRate
	Form      url.Values
	Wrong     map[string]string
	Error     string
	MayChange bool
}

// VAT is what the export would bear in France.
func (v ProofView) VAT() (sum money.Amount) {
	for _, r := range v.Rates {
		sum += r.GoodsVAT + r.ShippingVAT
	}
	return sum
}

// proofStates are the states in the order in which they need somebody.
var proofStates = []ledger.ProofState{ledger.ProofMissing, ledger.ProofWaiting, ledger.ProofHeld, ledger.ProofTaxed, ledger.ProofCredited}

// proofs lists the exports of a period; without one it is the last twelve months, and for what is
// missing as long as books are kept.
func (a *Admin) proofs(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "books", "proofs")
	if err != nil {
		return err
	}
	q, now := r.URL.Query(), a.Shop.Clock.Now().In(text.Paris())
	if q.Get("from") == "" && q.Get("to") == "" {
		years := 1
		if q.Get("state") == string(ledger.ProofMissing) {
			years = 10
		}
		q.Set("from", now.AddDate(-years, 0, 0).Format(time.DateOnly))
		q.Set("to", now.Format(time.DateOnly))
	}
	v := ProofsView{Page: p, State: q.Get("state"), Counts: map[ledger.ProofState]int{}}
	var period ledger.Period
	if v.From, v.To, period, err = a.spanOf(q); err != nil {
		v.Error = sentence(p, err)
		return a.show(w, r, http.StatusUnprocessableEntity, ProofsPage(v))
	}
	var all []ledger.ExportSale
	if err := pg.InReadTx(r.Context(), a.Pool, func(tx pgx.Tx) (err error) {
		if all, err = ledger.ExportSales(r.Context(), tx, period); err != nil {
			return err
		}
		if v.Missing, _, err = ledger.ProofsMissing(r.Context(), tx, now); err != nil {
			return err
		}
		v.Taxed, err = ledger.ExportVATBooked(r.Context(), tx, period)
		return err
	}); err != nil {
		return err
	}
	for _, s := range all {
		v.Counts[s.State]++
		if v.State == "" || string(s.State) == v.State {
			v.Sales = append(v.Sales, s)
		}
	}
	return a.show(w, r, http.StatusOK, ProofsPage(v))
}

func (a *Admin) proof(w http.ResponseWriter, r *http.Request) error {
	return a.showProof(w, r, http.StatusOK, url.Values{}, nil)
}

// showProof shows an export, and a refused form filled in with what is wrong.
func (a *Admin) showProof(w http.ResponseWriter, r *http.Request, status int, form url.Values, cause error) error {
	p, err := a.page(r, "books", "proofs")
	if err != nil {
		return err
	}
	v := ProofView{Page: p, Form: form, Wrong: map[string]string{}, MayChange: p.Actor.Role.May(staff.EditBooks)}
	if err := pg.InReadTx(r.Context(), a.Pool, func(tx pgx.Tx) (err error) {
		if v.Sale, v.Steps, err = ledger.GetExportSale(r.Context(), tx, chi.URLParam(r, "number")); err != nil || v.Sale.State == ledger.ProofCredited {
			return err
		}
		v.Rates, err = shop.ExportVAT(r.Context(), tx, v.Sale.OrderNumber)
		return err
	}); err != nil {
		return err
	}
	if f, ok := fault.As(cause); ok {
		for _, field := range f.Fields {
			v.Wrong[field.Place] = sentenceOf(p, field)
		}
		if len(f.Fields) == 0 {
			v.Error = sentence(p, cause)
		}
	}
	return a.show(w, r, status, ProofPage(v))
}

// noted answers a form about a proof.
func (a *Admin) noted(w http.ResponseWriter, r *http.Request, notice string, err error) error {
	if sayable(err) {
		f, _ := fault.As(err)
		return a.showProof(w, r, f.Kind.Status(), r.PostForm, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, notice, "/admin/books/proofs/"+url.PathEscape(chi.URLParam(r, "number")))
}

// holdProof notes a proof that has come.
func (a *Admin) holdProof(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	f := r.PostForm
	// A day that is none is said beside its field, with what else is wrong.
	on, _ := time.ParseInLocation(time.DateOnly, f.Get("on"), text.Paris())
	err := a.Closer.HoldProof(r.Context(), chi.URLParam(r, "number"), ledger.Proof{Kind: f.Get("kind"), Reference: place.Line(f.Get("reference")), On: on}, actorOf(r).String())
	return a.noted(w, r, "notice_proof_held", err)
}

// withdrawProof takes back a proof that turned out to be none.
func (a *Admin) withdrawProof(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	err := a.Closer.WithdrawProof(r.Context(), chi.URLParam(r, "number"), strings.TrimSpace(r.PostForm.Get("reason")), actorOf(r).String())
	return a.noted(w, r, "notice_proof_withdrawn", err)
}

// taxExport books the VAT of an export that nothing proves; who does it says that they mean it.
func (a *Admin) taxExport(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	var err error
	if r.PostForm.Get("sure") == "" {
		var fields fault.Fields
		fields.Add("sure", "proof_unsure", "must be ticked: the entry stays in the books")
		err = fields.Err()
	} else {
		err = a.Shop.TaxExport(r.Context(), chi.URLParam(r, "number"), actorOf(r).String())
	}
	return a.noted(w, r, "notice_export_taxed", err)
}

// dayOf writes a day that may be missing.
func dayOf(p Page, day *time.Time) string {
	if day == nil {
		return ""
	}
	return p.P.Date(*day)
}

// regimeAddress leads from a row of the VAT return to what makes it: documents, or the exports without
// proof.
func regimeAddress(from, to string, r ledger.VATRow) templ.SafeURL {
	if r.Regime == ledger.UnprovedExports {
		return taxedExportsAddress(from, to)
	}
	return documentsAddress(from, to, itoa(r.VATRate), r.Country, r.Regime)
}

// taxedExportsAddress leads to the exports whose VAT was booked in a period. That comes months after
// their invoice: those of the year before are shown too.
func taxedExportsAddress(from, to string) templ.SafeURL {
	if day, err := time.Parse(time.DateOnly, from); err == nil {
		from = day.AddDate(-1, 0, 0).Format(time.DateOnly)
	}
	return templ.SafeURL("/admin/books/proofs?from=" + url.QueryEscape(from) + "&to=" + url.QueryEscape(to))
}
