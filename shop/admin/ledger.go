package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

func (a *Admin) mountLedger(r chi.Router) {
	r.Get("/books/ledger", a.may(staff.ReadBooks, a.ledger))
	r.Get("/books/entries/{seq}", a.may(staff.ReadBooks, a.entry))
	r.Get("/books/documents", a.may(staff.ReadBooks, a.documents))
}

// linesOfAPage is how many lines of the journal, or documents, a page shows.
const linesOfAPage = 100

// LedgerView is the journal: the balance of every account in a period, or the lines of one account,
// order or document.
type LedgerView struct {
	Page
	From, To, Account, About string
	Error                    string
	Balances                 []ledger.AccountBalance
	Lines                    []ledger.BookedLine
	Label                    string
	Before                   money.Amount
	Debit, Credit            money.Amount
	Count                    int64
	Next                     string
}

// EntryView is one entry of the journal.
type EntryView struct {
	Page
	Entry ledger.StoredEntry
}

// DocumentsView are the documents behind a total.
type DocumentsView struct {
	Page
	From, To, Country, Regime, Rate string
	Error                           string
	Documents                       []ledger.ListedDocument
	Gross, Net, VAT                 money.Amount
	Count                           int64
	Next                            string
}

// spanOf reads the period of an address; without one it is the year so far.
func (a *Admin) spanOf(q url.Values) (from, to string, p ledger.Period, err error) {
	now := a.Shop.Clock.Now().In(text.Paris())
	from, to = q.Get("from"), q.Get("to")
	if from == "" && to == "" {
		from, to = now.Format("2006")+"-01-01", now.Format(time.DateOnly)
	}
	p, err = ledger.ParsePeriod(from, to)
	return from, to, p, err
}

// ledger shows the balances of the accounts, or lines.
func (a *Admin) ledger(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "books", "ledger")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := LedgerView{Page: p, Account: strings.TrimSpace(q.Get("account")), About: strings.TrimSpace(q.Get("about"))}
	var period ledger.Period
	if v.From, v.To, period, err = a.spanOf(q); err != nil {
		v.Error = sentence(p, err)
		return a.show(w, r, http.StatusUnprocessableEntity, LedgerPage(v))
	}
	b := ledger.Browse{Period: period, Account: v.Account, About: v.About, Limit: linesOfAPage + 1}
	seq, n, _ := strings.Cut(q.Get("after"), "-")
	b.After.Seq, _ = strconv.ParseInt(seq, 10, 64)
	b.After.N, _ = strconv.Atoi(n)
	if err := pg.InReadTx(r.Context(), a.Pool, func(tx pgx.Tx) (err error) {
		if v.Balances, err = ledger.TrialBalance(r.Context(), tx, period); err != nil || v.Account == "" && v.About == "" {
			return err
		}
		if v.Debit, v.Credit, v.Count, err = ledger.BookedSum(r.Context(), tx, b); err != nil {
			return err
		}
		v.Lines, err = ledger.BookedLines(r.Context(), tx, b)
		return err
	}); err != nil {
		return err
	}
	for _, one := range v.Balances {
		if one.Account == v.Account {
			v.Label, v.Before = one.Label, one.Before
		}
	}
	if len(v.Lines) > linesOfAPage {
		v.Lines = v.Lines[:linesOfAPage]
		last := v.Lines[linesOfAPage-1]
		q.Set("after", strconv.FormatInt(last.Seq, 10)+"-"+strconv.Itoa(last.N))
		v.Next = "/admin/books/ledger?" + q.Encode()
	}
	return a.show(w, r, http.StatusOK, LedgerPage(v))
}

func (a *Admin) entry(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "books", "ledger")
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(chi.URLParam(r, "seq"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "entry_not_found", "no entry has this number")
	}
	v := EntryView{Page: p}
	if v.Entry, err = ledger.FindEntry(r.Context(), a.Pool, seq); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, EntryPage(v))
}

// documents shows what a total is made of.
func (a *Admin) documents(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "books", "documents")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := DocumentsView{Page: p, Country: q.Get("country"), Regime: q.Get("regime"), Rate: q.Get("rate")}
	f := ledger.DocumentFilter{Country: v.Country, Regime: v.Regime, After: q.Get("after"), Limit: linesOfAPage + 1}
	if v.From, v.To, f.Period, err = a.spanOf(q); err != nil {
		v.Error = sentence(p, err)
		return a.show(w, r, http.StatusUnprocessableEntity, DocumentsPage(v))
	}
	if rate, err := strconv.Atoi(v.Rate); err == nil && rate >= 0 && rate <= 10000 {
		f.Rate = &rate
	} else {
		v.Rate = ""
	}
	if err := pg.InReadTx(r.Context(), a.Pool, func(tx pgx.Tx) (err error) {
		if v.Documents, err = ledger.ListDocuments(r.Context(), tx, f); err != nil {
			return err
		}
		v.Gross, v.Net, v.VAT, v.Count, err = ledger.SumDocuments(r.Context(), tx, f)
		return err
	}); err != nil {
		return err
	}
	if len(v.Documents) > linesOfAPage {
		v.Documents = v.Documents[:linesOfAPage]
		q.Set("after", v.Documents[linesOfAPage-1].Number)
		v.Next = "/admin/books/documents?" + q.Encode()
	}
	return a.show(w, r, http.StatusOK, DocumentsPage(v))
}
