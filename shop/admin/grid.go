package admin

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/staff"
)

func (a *Admin) mountGrid(r chi.Router) {
	r.Get("/grid", a.may(staff.EditCatalog, a.grid))
	r.Post("/grid/summary", a.may(staff.EditCatalog, a.gridSummary))
	r.Post("/grid/apply", a.may(staff.EditCatalog, a.applyGrid))
	r.Post("/grid/undo/{id}", a.may(staff.EditCatalog, a.undoGrid))
}

// gridPage is how many products a bulk edit shows at once: a form of a few thousand fields.
const gridPage = 60

// GridView is the bulk edit.
type GridView struct {
	Page
	Columns            []catalog.GridColumn
	Rows               []catalog.GridRow
	State, Category, Q string
	Next               string
	Categories         []catalog.CategoryChoice
	Edits              []catalog.BulkEdit
	Error              string
	Pasted             string
}

// More is where the grid goes on.
func (v GridView) More() string {
	return "/admin/grid?" + url.Values{"state": {v.State}, "category": {v.Category}, "q": {v.Q}, "after": {v.Next}}.Encode()
}

// SummaryView is what a bulk edit would change, before it does.
type SummaryView struct {
	Page
	Changes  []catalog.ProductChange
	Problems []catalog.CellProblem
	Cells    int
	Plan     string
}

// gridHead names a column in the reader's words.
func gridHead(p Page, code string) string { return p.T("grid_" + code) }

// seenCells are a row's cells as the page shows them, so that what was typed is told from what
// somebody else changed meanwhile.
func seenCells(row catalog.GridRow) string {
	data, err := json.Marshal(row.Cells)
	if err != nil {
		return "{}"
	}
	return string(data)
}

func (a *Admin) grid(w http.ResponseWriter, r *http.Request) error {
	return a.showGrid(w, r, http.StatusOK, "", nil)
}

func (a *Admin) showGrid(w http.ResponseWriter, r *http.Request, status int, pasted string, cause error) error {
	p, err := a.page(r, "catalogue", "bulk_edit")
	if err != nil {
		return err
	}
	q, ctx := r.URL.Query(), r.Context()
	v := GridView{Page: p, Columns: catalog.GridColumns(), State: q.Get("state"), Category: q.Get("category"), Q: strings.TrimSpace(q.Get("q")), Pasted: pasted}
	if v.Rows, v.Next, err = catalog.Grid(ctx, a.Pool, catalog.ProductFilter{State: v.State, Category: v.Category, Q: v.Q, After: q.Get("after"), Limit: gridPage}); err != nil {
		return err
	}
	if v.Categories, err = catalog.CategoryChoices(ctx, a.Pool); err != nil {
		return err
	}
	if v.Edits, err = catalog.ListBulkEdits(ctx, a.Pool, 5); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, GridPage(v))
}

// typedEdits reads the cells of the grid's form that differ from what it showed.
func typedEdits(form url.Values) []catalog.CellEdit {
	var edits []catalog.CellEdit
	for _, sku := range form["sku"] {
		seen := map[string]string{}
		if json.Unmarshal([]byte(form.Get("seen."+sku)), &seen) != nil {
			continue
		}
		for _, c := range catalog.GridColumns() {
			was, shown := seen[c.Code]
			if name := c.Code + "." + sku; shown && form.Has(name) && strings.TrimSpace(form.Get(name)) != was {
				edits = append(edits, catalog.CellEdit{SKU: sku, Column: c.Code, Value: form.Get(name)})
			}
		}
	}
	return edits
}

// gridSummary shows what would change, before it does.
func (a *Admin) gridSummary(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	pasted, err := catalog.ReadPasted(r.PostForm.Get("pasted"))
	if err != nil {
		return a.showGrid(w, r, fault.KindOf(err).Status(), r.PostForm.Get("pasted"), err)
	}
	p, err := a.page(r, "catalogue", "bulk_summary")
	if err != nil {
		return err
	}
	v := SummaryView{Page: p}
	if v.Changes, v.Problems, err = a.Catalog.PlanEdit(r.Context(), append(typedEdits(r.PostForm), pasted...)); err != nil {
		return err
	}
	for _, c := range v.Changes {
		v.Cells += len(c.Cells)
	}
	plan, err := json.Marshal(v.Changes)
	if err != nil {
		return err
	}
	v.Plan = string(plan)
	status := http.StatusOK
	if len(v.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return a.show(w, r, status, SummaryPage(v))
}

func (a *Admin) applyGrid(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	var changes []catalog.ProductChange
	if err := json.Unmarshal([]byte(r.PostForm.Get("plan")), &changes); err != nil {
		return badForm(err)
	}
	_, err := a.Catalog.ApplyEdit(r.Context(), changes, actorOf(r).String())
	return a.afterGrid(w, r, err, "notice_bulk")
}

func (a *Admin) undoGrid(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "bulk_edit_not_found", "there is no such bulk edit")
	}
	return a.afterGrid(w, r, a.Catalog.UndoEdit(r.Context(), id, actorOf(r).String()), "notice_undone")
}

// afterGrid leads back to the grid; a refusal shows it as it is now, with the reason and the product.
func (a *Admin) afterGrid(w http.ResponseWriter, r *http.Request, err error, notice string) error {
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Stale) {
		if slug, named := f.Params["slug"].(string); named && f.Code == "product_changed" {
			p, read := a.page(r, "catalogue", "bulk_edit")
			if read != nil {
				return read
			}
			return a.show(w, r, f.Kind.Status(), RefusedEditPage(RefusedEditView{Page: p, Slug: slug}))
		}
		return a.showGrid(w, r, f.Kind.Status(), "", err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, notice, "/admin/grid")
}

// RefusedEditView is a bulk edit that met somebody else's.
type RefusedEditView struct {
	Page
	Slug string
}

// columnName names a column, or the field of a product that a check found wrong.
func columnName(p Page, code string) string {
	if id := "grid_" + code; p.P.Has(id) {
		return p.T(id)
	}
	return code
}

// codeSentence says what is wrong with a cell.
func codeSentence(p Page, code string) string {
	if id := "error_" + code; p.P.Has(id) {
		return p.T(id)
	}
	return p.T("error_other", "detail", code)
}
