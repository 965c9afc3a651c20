package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/internal/vat"
)

func (a *Admin) mountBoard(r chi.Router) {
	r.Get("/selection", a.may(staff.ReadCatalog, a.board))
	r.Post("/selection", a.may(staff.EditCatalog, a.addCandidate))
	r.Get("/selection/{id}", a.may(staff.ReadCatalog, a.candidate))
	r.Post("/selection/{id}", a.may(staff.EditCatalog, a.editCandidate))
	r.Post("/selection/{id}/move", a.may(staff.EditCatalog, a.moveCandidate))
	r.Post("/selection/{id}/product", a.may(staff.EditCatalog, a.becomeProduct))
}

// BoardView is the selection board.
type BoardView struct {
	Page
	Columns []BoardColumn
	Name    string
	Error   string
}

// BoardColumn is one stage of the board.
type BoardColumn struct {
	Stage      string
	Candidates []catalog.Candidate
}

// CandidateView is one candidate's page.
type CandidateView struct {
	Page
	Candidate catalog.Candidate
	Form      catalog.CandidateContent
	Moves     []catalog.Move
	Families  []string
	Classes   []vat.Class
	Error     string
}

func (a *Admin) board(w http.ResponseWriter, r *http.Request) error {
	return a.showBoard(w, r, http.StatusOK, "", nil)
}

func (a *Admin) showBoard(w http.ResponseWriter, r *http.Request, status int, name string, cause error) error {
	p, err := a.page(r, "selection", "selection")
	if err != nil {
		return err
	}
	list, err := catalog.ListCandidates(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	v := BoardView{Page: p, Name: name}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	for _, stage := range catalog.Stages() {
		column := BoardColumn{Stage: stage}
		for _, c := range list {
			if c.Stage == stage {
				column.Candidates = append(column.Candidates, c)
			}
		}
		v.Columns = append(v.Columns, column)
	}
	return a.show(w, r, status, BoardPage(v))
}

// candidateForm reads what is written about a candidate.
func candidateForm(r *http.Request) (catalog.CandidateContent, error) {
	f := r.PostForm
	c := catalog.CandidateContent{Name: f.Get("name"), Owner: f.Get("owner"), Supplier: f.Get("supplier"), Notes: strings.ReplaceAll(f.Get("notes"), "\r\n", "\n"), Product: f.Get("product")}
	if typed := strings.TrimSpace(f.Get("cost")); typed != "" {
		cost, err := money.Parse(typed)
		if err != nil {
			var fields fault.Fields
			fields.Add("cost", "amount_invalid", "must be an amount like 12,50")
			return c, fields.Err()
		}
		c.Cost = &cost
	}
	return c, nil
}

// sayable tells whether an error is one to say on the form that it came from.
func sayable(err error) bool {
	f, ok := fault.As(err)
	return ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Stale)
}

func (a *Admin) addCandidate(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	c, err := candidateForm(r)
	if err == nil {
		c.Owner = actorOf(r).Name
		_, err = a.Catalog.AddCandidate(r.Context(), c, actorOf(r).String())
	}
	if sayable(err) {
		f, _ := fault.As(err)
		return a.showBoard(w, r, f.Kind.Status(), c.Name, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/selection")
}

func candidateID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil || id < 1 {
		return 0, fault.New(fault.NotFound, "candidate_not_found", "the board has no such candidate")
	}
	return id, nil
}

func (a *Admin) candidate(w http.ResponseWriter, r *http.Request) error {
	id, err := candidateID(r)
	if err != nil {
		return err
	}
	return a.showCandidate(w, r, http.StatusOK, id, nil, nil)
}

// showCandidate shows a candidate; typed is what its form holds after a refusal.
func (a *Admin) showCandidate(w http.ResponseWriter, r *http.Request, status int, id int64, typed *catalog.CandidateContent, cause error) error {
	c, err := catalog.GetCandidate(r.Context(), a.Pool, id)
	if err != nil {
		return err
	}
	p, err := a.page(r, "selection", "selection")
	if err != nil {
		return err
	}
	p.Title = c.Name
	v := CandidateView{Page: p, Candidate: c, Families: catalog.Families(), Classes: vat.Classes(), Form: catalog.CandidateContent{Name: c.Name, Owner: c.Owner, Supplier: c.Supplier, Notes: c.Notes, Product: c.Product}}
	if c.Cost != nil {
		cost := money.Amount(*c.Cost)
		v.Form.Cost = &cost
	}
	if typed != nil {
		v.Form = *typed
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	if v.Moves, err = catalog.MovesOf(r.Context(), a.Pool, id); err != nil {
		return err
	}
	return a.show(w, r, status, CandidatePage(v))
}

func (a *Admin) editCandidate(w http.ResponseWriter, r *http.Request) error {
	id, err := candidateID(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	version := versionOf(r.PostForm.Get("version"))
	c, err := candidateForm(r)
	if err == nil {
		err = a.Catalog.EditCandidate(r.Context(), id, version, c, actorOf(r).String())
	}
	if sayable(err) {
		f, _ := fault.As(err)
		return a.showCandidate(w, r, f.Kind.Status(), id, &c, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/selection/"+i64(id))
}

// moveCandidate moves a card; it leads back to where it was moved from, with the card in focus.
func (a *Admin) moveCandidate(w http.ResponseWriter, r *http.Request) error {
	id, err := candidateID(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	err = a.Catalog.MoveCandidate(r.Context(), id, r.PostForm.Get("to"), r.PostForm.Get("reason"), actorOf(r).String())
	fromBoard := r.PostForm.Get("from") == "board"
	if sayable(err) {
		f, _ := fault.As(err)
		if fromBoard {
			return a.showBoard(w, r, f.Kind.Status(), "", err)
		}
		return a.showCandidate(w, r, f.Kind.Status(), id, nil, err)
	}
	if err != nil {
		return err
	}
	if fromBoard {
		return a.done(w, r, "", "/admin/selection#card-"+i64(id))
	}
	return a.done(w, r, "notice_saved", "/admin/selection/"+i64(id))
}

func (a *Admin) becomeProduct(w http.ResponseWriter, r *http.Request) error {
	id, err := candidateID(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	slug, err := a.Catalog.BecomeProduct(r.Context(), id, strings.TrimSpace(r.PostForm.Get("sku")), r.PostForm.Get("family"), vat.Class(r.PostForm.Get("vat_class")), actorOf(r).String())
	if sayable(err) {
		f, _ := fault.As(err)
		return a.showCandidate(w, r, f.Kind.Status(), id, nil, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_created", "/admin/catalogue/"+slug)
}

func candidateCost(c *money.Amount) string {
	if c == nil {
		return ""
	}
	return c.Decimal()
}
