package admin

import (
	"context"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/shop"
)

func (a *Admin) mountPacking(r chi.Router) {
	a.mountBatch(r)
	r.Get("/packing", a.may(staff.ReadOrders, a.packingTable))
	r.Get("/packing/list", a.may(staff.ReadOrders, a.pickingList))
	r.Post("/packing/shelf", a.may(staff.EditOrders, a.setShelf))
	r.Get("/packing/{number}", a.may(staff.EditOrders, a.packingScreen))
	r.Post("/packing/{number}", a.may(staff.EditOrders, a.pack))
}

// PackingView is what is to prepare, by promised day.
type PackingView struct {
	Page
	Orders    []shop.OrderSummary
	Unclaimed []shop.Unclaimed
	Error     string
}

func (a *Admin) packingTable(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "packing", "packing")
	if err != nil {
		return err
	}
	v := PackingView{Page: p}
	if code := strings.TrimSpace(r.URL.Query().Get("code")); code != "" {
		number, err := shop.OrderOfCode(r.Context(), a.Pool, code)
		if fault.Is(err, "code_not_found") {
			if _, err = shop.GetOrder(r.Context(), a.Pool, code); err == nil {
				number = strings.ToUpper(code)
			}
		}
		switch {
		case err == nil:
			http.Redirect(w, r, "/admin/packing/"+number, http.StatusSeeOther)
			return nil
		case fault.KindOf(err) == fault.NotFound:
			v.Error = p.T("code_unknown", "code", code)
		default:
			return err
		}
	}
	if v.Orders, err = shop.ToPack(r.Context(), a.Pool, 200); err != nil {
		return err
	}
	if v.Unclaimed, err = shop.ListUnclaimed(r.Context(), a.Pool); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, PackingPage(v))
}

// PickingView is what to fetch from the stock room for a batch of orders.
type PickingView struct {
	Page
	Numbers  []string
	Lines    []shop.PickLine
	Articles Articles
}

func (a *Admin) pickingList(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "packing", "picking_list")
	if err != nil {
		return err
	}
	v := PickingView{Page: p, Numbers: batchNumbers(r)}
	if v.Lines, v.Articles, err = a.toPick(r.Context(), p.Lang(), v.Numbers); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, PickingPage(v))
}

// toPick is what is to be fetched for some orders, and the articles as the desk calls them.
func (a *Admin) toPick(ctx context.Context, lang text.Lang, numbers []string) ([]shop.PickLine, Articles, error) {
	lines, err := shop.PickingList(ctx, a.Pool, numbers)
	if err != nil {
		return nil, Articles{}, err
	}
	skus := make([]string, len(lines))
	for n, l := range lines {
		skus[n] = l.SKU
	}
	articles, err := a.articles(ctx, lang, skus)
	return lines, articles, err
}

func (a *Admin) setShelf(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if err := a.Shop.SetShelf(r.Context(), r.PostForm.Get("sku"), r.PostForm.Get("place")); err != nil {
		return err
	}
	to := "/admin/packing/list"
	for n, number := range r.PostForm["o"] {
		to += map[bool]string{true: "?", false: "&"}[n == 0] + "o=" + number
	}
	return a.done(w, r, "notice_shelf", to)
}

// ParcelForm is one parcel of the packing screen.
type ParcelForm struct {
	Carton, Weight, Tracking string
	Expected                 int
	Pieces                   map[string]int
}

// PackView is the packing screen: what lies on the table, and the parcels that it goes into.
type PackView struct {
	Page
	Order    shop.Dossier
	Articles Articles
	Table    map[string]int
	Parcels  []ParcelForm
	Cartons  []shop.Carton
	Said     string
	Bad      bool
	Error    string
}

// Knows tells whether the office still has a carton.
func (v PackView) Knows(carton string) bool {
	return slices.ContainsFunc(v.Cartons, func(c shop.Carton) bool { return c.Code == carton })
}

// Missing is how many pieces of a line are still to be scanned.
func (v PackView) Missing(l shop.OrderLine) int { return l.Left() - v.Table[l.SKU] }

func (v PackView) toPack(sku string) int {
	for _, l := range v.Order.Lines {
		if l.SKU == sku {
			return l.Left()
		}
	}
	return 0
}

// OnTable is how many pieces were scanned.
func (v PackView) OnTable() int {
	n := 0
	for _, k := range v.Table {
		n += k
	}
	return n
}

// Complete tells whether everything that is left was scanned.
func (v PackView) Complete() bool {
	for _, l := range v.Order.Lines {
		if v.Missing(l) > 0 {
			return false
		}
	}
	return true
}

func (a *Admin) packingScreen(w http.ResponseWriter, r *http.Request) error {
	return a.showPacking(w, r, http.StatusOK, map[string]int{}, nil, nil)
}

func (a *Admin) showPacking(w http.ResponseWriter, r *http.Request, status int, table map[string]int, typed []ParcelForm, say func(v *PackView) error) error {
	d, err := a.dossier(r)
	if err != nil {
		return err
	}
	p, err := a.page(r, "packing", "packing")
	if err != nil {
		return err
	}
	p.Title = p.T("packing_of", "number", d.Number)
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	v := PackView{Page: p, Order: d, Table: table, Cartons: c.Cartons}
	if v.Articles, err = a.articles(r.Context(), p.Lang(), skusOf(d.Lines)); err != nil {
		return err
	}
	pieces := table
	if v.OnTable() == 0 {
		pieces = map[string]int{}
		for _, l := range d.Lines {
			pieces[l.SKU] = l.Left()
		}
	}
	for n, parcel := range d.Propose(c, pieces) {
		form := ParcelForm{Carton: parcel.Carton, Expected: parcel.WeightG, Pieces: parcel.Pieces}
		if n < len(typed) {
			form.Weight, form.Tracking = typed[n].Weight, typed[n].Tracking
			if typed[n].Carton != "" {
				form.Carton = typed[n].Carton
			}
		}
		v.Parcels = append(v.Parcels, form)
	}
	if len(v.Parcels) == 0 {
		form := ParcelForm{Pieces: pieces}
		if len(typed) > 0 {
			form.Carton, form.Weight, form.Tracking = typed[0].Carton, typed[0].Weight, typed[0].Tracking
		}
		v.Parcels = []ParcelForm{form}
	}
	if say != nil {
		if err := say(&v); err != nil {
			return err
		}
	}
	return a.show(w, r, status, PackPage(v))
}

// pack takes a scanned barcode, or ships what lies on the table.
func (a *Admin) pack(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	d, err := a.dossier(r)
	if err != nil {
		return err
	}
	table := map[string]int{}
	for _, l := range d.Lines {
		if n, err := strconv.Atoi(r.PostForm.Get("table." + l.SKU)); err == nil && n > 0 && n <= l.Left() {
			table[l.SKU] = n
		}
	}
	var typed []ParcelForm
	for n := 0; n < 50 && r.PostForm.Has("parcel."+strconv.Itoa(n)+".weight"); n++ {
		row := formRow{r, "parcel." + strconv.Itoa(n) + "."}
		typed = append(typed, ParcelForm{Carton: row.get("carton"), Weight: row.get("weight"), Tracking: row.get("tracking")})
	}
	switch code := strings.TrimSpace(r.PostForm.Get("code")); {
	case code != "" || r.PostForm.Get("action") == "scan":
		found, err := a.Shop.Scanned(r.Context(), d.Order, code, table)
		if err != nil {
			return err
		}
		if found.Problem == "" {
			table[found.SKU]++
		}
		return a.showPacking(w, r, http.StatusOK, table, typed, func(v *PackView) error {
			scanned, err := a.articles(r.Context(), v.Lang(), []string{found.SKU})
			v.Bad = found.Problem != ""
			v.Said = v.T("scan_"+map[bool]string{true: found.Problem, false: "good"}[v.Bad], "code", found.Code, "article", scanned.Name(found.SKU, found.SKU), "counted", table[found.SKU], "of", v.toPack(found.SKU))
			return err
		})
	case r.PostForm.Get("action") == "all":
		for _, l := range d.Lines {
			table[l.SKU] = l.Left()
		}
		return a.showPacking(w, r, http.StatusOK, table, typed, nil)
	}
	if d.Collected() {
		if r.PostForm.Get("action") == "hand_over" {
			err = a.Shop.MarkCollected(r.Context(), d.Number, r.PostForm.Get("handed_to"), actorOf(r).String())
			return a.packed(w, r, err, table, typed, "notice_collected", "/admin/packing")
		}
		return a.packed(w, r, a.Shop.MarkReady(r.Context(), d.Number, actorOf(r).String()), table, typed, "notice_ready", "/admin/packing/"+d.Number)
	}
	return a.packed(w, r, a.shipTable(r, d, table, typed), table, typed, "notice_shipped", "/admin/packing/"+d.Number)
}

func (a *Admin) packed(w http.ResponseWriter, r *http.Request, err error, table map[string]int, typed []ParcelForm, notice, to string) error {
	f, ok := fault.As(err)
	if ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.showPacking(w, r, f.Kind.Status(), table, typed, func(v *PackView) error { v.Error = sentence(v.Page, err); return nil })
	}
	if err != nil {
		return err
	}
	return a.done(w, r, notice, to)
}

// shipTable ships what was scanned, in the parcels that were proposed, with the weights typed.
func (a *Admin) shipTable(r *http.Request, d shop.Dossier, table map[string]int, typed []ParcelForm) error {
	var lines []shop.LineQuantity
	for _, sku := range sortedKeys(table) {
		if table[sku] > 0 {
			lines = append(lines, shop.LineQuantity{SKU: sku, Quantity: table[sku]})
		}
	}
	if len(lines) == 0 {
		return fault.New(fault.Conflict, "nothing_scanned", "scan what goes into the parcel")
	}
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	var parcels []shop.PackedParcel
	for _, p := range d.Propose(c, table) {
		parcels = append(parcels, shop.PackedParcel{Carton: p.Carton, Pieces: p.Pieces})
	}
	if len(parcels) == 0 {
		parcels = []shop.PackedParcel{{Pieces: table}}
	}
	tracking := ""
	for n := range parcels {
		if n >= len(typed) {
			break
		}
		parcels[n].WeightG, _ = strconv.Atoi(typed[n].Weight)
		parcels[n].TrackingNumber = typed[n].Tracking
		if typed[n].Carton != "" {
			parcels[n].Carton = typed[n].Carton
		}
		if tracking == "" {
			tracking = typed[n].Tracking
		}
	}
	_, err = a.Shop.Ship(r.Context(), d.Number, shop.ShipRequest{Lines: lines, Parcels: parcels, Carrier: d.Quote.Carrier, TrackingNumber: tracking, Actor: actorOf(r).String()})
	return err
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
