package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/staff"
)

func (a *Admin) mountStock(r chi.Router) {
	r.Get("/stock", a.may(staff.ReadCatalog, a.stock))
	r.Post("/stock", a.may(staff.EditStock, a.openPlace))
	r.Get("/stock/{sku}", a.may(staff.ReadCatalog, a.movements))
	r.Post("/stock/{sku}", a.may(staff.EditStock, a.changeStock))
	r.Get("/counts", a.may(staff.ReadCatalog, a.counts))
	r.Post("/counts", a.may(staff.EditStock, a.startCount))
	r.Get("/counts/{id}", a.may(staff.ReadCatalog, a.count))
	r.Get("/counts/{id}/sheet", a.may(staff.ReadCatalog, a.countSheet))
	r.Post("/counts/{id}", a.may(staff.EditStock, a.typeCount))
}

// StockView is what lies where.
type StockView struct {
	Page
	Location, Q, Next string
	Low               bool
	Locations         []catalog.Location
	Lines             []catalog.StockLine
	Error             string
}

// MovementForm is what the forms of an article's stock hold after a refusal.
type MovementForm struct {
	Delta, Quantity, Reason, Location, From, To string
}

// MovementsView is a variant's stock everywhere, and how it came to be.
type MovementsView struct {
	Page
	SKU       string
	Levels    []catalog.PlaceLevel
	Movements []catalog.Movement
	Form      MovementForm
	Error     string
}

// CountsView is the counts of stock.
type CountsView struct {
	Page
	Locations []catalog.Location
	Counts    []catalog.Count
	Error     string
}

// CountView is a count's sheet, to print or to type in.
type CountView struct {
	Page
	Count catalog.Count
	Lines []catalog.CountLine
	Typed map[string]string
	Error string
}

// shownStock is how many articles a page of stock shows.
const shownStock = 100

func (a *Admin) stock(w http.ResponseWriter, r *http.Request) error {
	return a.showStock(w, r, http.StatusOK, nil)
}

func (a *Admin) showStock(w http.ResponseWriter, r *http.Request, status int, cause error) error {
	p, err := a.page(r, "stock", "stock")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := StockView{Page: p, Location: q.Get("location"), Q: strings.TrimSpace(q.Get("q")), Low: q.Get("low") != ""}
	if v.Location == "" {
		v.Location = catalog.Web
	}
	if v.Locations, err = catalog.Locations(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Lines, v.Next, err = catalog.StockList(r.Context(), a.Pool, catalog.StockFilter{Location: v.Location, Q: v.Q, Low: v.Low, After: q.Get("after"), Limit: shownStock}); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, StockPage(v))
}

func (a *Admin) openPlace(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	code, name := strings.TrimSpace(r.PostForm.Get("code")), strings.TrimSpace(r.PostForm.Get("name"))
	if code == "" {
		code = catalog.SlugOf(name)
		code = code[:min(len(code), 40)]
	}
	err := a.Catalog.CreateLocation(r.Context(), code, name, actorOf(r).String())
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.showStock(w, r, f.Kind.Status(), err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/stock?location="+code)
}

// shownMovements is how many movements an article's page shows.
const shownMovements = 200

func (a *Admin) movements(w http.ResponseWriter, r *http.Request) error {
	return a.showMovements(w, r, http.StatusOK, MovementForm{}, nil)
}

func (a *Admin) showMovements(w http.ResponseWriter, r *http.Request, status int, form MovementForm, cause error) error {
	p, err := a.page(r, "stock", "movements")
	if err != nil {
		return err
	}
	v := MovementsView{Page: p, SKU: chi.URLParam(r, "sku"), Form: form}
	if v.Levels, err = catalog.LevelsOf(r.Context(), a.Pool, v.SKU); err != nil {
		return err
	}
	if v.Movements, err = catalog.Movements(r.Context(), a.Pool, v.SKU, shownMovements); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, MovementsPage(v))
}

// changeStock moves an article's stock: by a difference, to another place, or the mark below which it
// is low.
func (a *Admin) changeStock(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	sku, form := chi.URLParam(r, "sku"), MovementForm{get("delta"), get("quantity"), get("reason"), get("location"), get("from"), get("to")}
	var fields fault.Fields
	whole := func(place, s string) int {
		n, err := strconv.Atoi(strings.TrimPrefix(s, "+"))
		if err != nil {
			fields.Add(place, "quantity_out_of_range", "must be a number of pieces")
		}
		return n
	}
	var err error
	switch get("action") {
	case "transfer":
		n := whole("quantity", form.Quantity)
		if form.To == "" || form.To == form.From {
			fields.Add("to", "same_place", "must be another place")
		}
		if err = fields.Err(); err == nil {
			_, err = a.Catalog.MoveStock(r.Context(), sku, form.From, form.To, n, form.Reason, actorOf(r).String())
		}
	case "threshold":
		var low *int
		if get("low_at") != "" {
			n := whole("low_at", get("low_at"))
			low = &n
		}
		if err = fields.Err(); err == nil {
			err = a.Catalog.SetThreshold(r.Context(), sku, form.Location, low, actorOf(r).String())
		}
	default:
		n := whole("delta", form.Delta)
		if err = fields.Err(); err == nil {
			_, err = a.Catalog.MoveStock(r.Context(), sku, form.Location, "", n, form.Reason, actorOf(r).String())
		}
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.showMovements(w, r, f.Kind.Status(), form, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/stock/"+sku)
}

func (a *Admin) counts(w http.ResponseWriter, r *http.Request) error {
	return a.showCounts(w, r, http.StatusOK, nil)
}

func (a *Admin) showCounts(w http.ResponseWriter, r *http.Request, status int, cause error) error {
	p, err := a.page(r, "counts", "counts")
	if err != nil {
		return err
	}
	v := CountsView{Page: p}
	if v.Locations, err = catalog.Locations(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Counts, err = catalog.Counts(r.Context(), a.Pool); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, CountsPage(v))
}

func (a *Admin) startCount(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	id, err := a.Catalog.StartCount(r.Context(), r.PostForm.Get("location"), actorOf(r).String())
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.showCounts(w, r, f.Kind.Status(), err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "", "/admin/counts/"+i64(id))
}

func (a *Admin) readCount(r *http.Request, title string) (CountView, error) {
	p, err := a.page(r, "counts", title)
	if err != nil {
		return CountView{}, err
	}
	v := CountView{Page: p, Typed: map[string]string{}}
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		id = 0
	}
	if v.Count, v.Lines, err = catalog.GetCount(r.Context(), a.Pool, id); err != nil {
		return v, err
	}
	for _, l := range v.Lines {
		if l.Counted != nil {
			v.Typed[l.SKU] = itoa(*l.Counted)
		}
	}
	return v, nil
}

func (a *Admin) count(w http.ResponseWriter, r *http.Request) error {
	v, err := a.readCount(r, "count")
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, CountPage(v))
}

func (a *Admin) countSheet(w http.ResponseWriter, r *http.Request) error {
	v, err := a.readCount(r, "inventory_sheet")
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, CountSheet(v))
}

// typeCount keeps what was typed into the sheet, and closes the count when that was asked.
func (a *Admin) typeCount(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v, err := a.readCount(r, "count")
	if err != nil {
		return err
	}
	var fields fault.Fields
	counted := map[string]*int{}
	for _, l := range v.Lines {
		typed := strings.TrimSpace(r.PostForm.Get("counted_" + l.SKU))
		v.Typed[l.SKU] = typed
		if typed == "" {
			counted[l.SKU] = nil
			continue
		}
		n, err := strconv.Atoi(typed)
		if err != nil {
			fields.Add(l.SKU, "quantity_out_of_range", "must be a number of pieces")
		}
		counted[l.SKU] = &n
	}
	closing := r.PostForm.Get("action") == "close"
	if err = fields.Err(); err == nil {
		err = a.Catalog.TypeCount(r.Context(), v.Count.ID, counted, closing, actorOf(r).String())
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		v.Error = sentence(v.Page, err)
		if sku, named := f.Params["sku"].(string); named {
			v.Error += " (" + sku + ")"
		}
		return a.show(w, r, f.Kind.Status(), CountPage(v))
	}
	if err != nil {
		return err
	}
	notice := "notice_saved"
	if closing {
		notice = "notice_counted"
	}
	return a.done(w, r, notice, "/admin/counts/"+i64(v.Count.ID))
}

// reasonName names the reason of a movement that the shop itself gave.
func reasonName(p Page, reason string) string {
	if id := "movement_" + reason; p.P.Has(id) {
		return p.T(id)
	}
	return reason
}
