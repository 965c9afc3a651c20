package admin

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/shop"
)

func (a *Admin) mountShipping(r chi.Router) {
	r.Get("/shipping", a.may(staff.Simulate, a.shipping))
	r.Get("/shipping/coverage", a.may(staff.Simulate, a.coverage))
	r.Get("/shipping/simulate", a.may(staff.Simulate, a.simulate))
	r.Get("/shipping/methods/{id}", a.may(staff.Simulate, a.method))
	r.Get("/shipping/methods/{id}/tariff.csv", a.may(staff.Simulate, a.tariffFile))
	r.Post("/shipping/zones", a.may(staff.Manage, a.saveZones))
	r.Post("/shipping/cartons", a.may(staff.Manage, a.saveCartons))
	r.Post("/shipping/office", a.may(staff.Manage, a.saveHandling))
	r.Post("/shipping/desks", a.may(staff.Manage, a.saveDesks))
	r.Post("/shipping/methods", a.may(staff.Manage, a.addMethod))
	r.Post("/shipping/methods/{id}", a.may(staff.Manage, a.saveMethod))
}

// mountShippingFiles takes files, which are bigger than forms.
func (a *Admin) mountShippingFiles(r chi.Router) {
	r.Post("/shipping/methods/{id}/tariff", a.may(staff.Manage, a.importTariff))
	r.Post("/shipping/points", a.may(staff.Manage, a.importPoints))
}

// ShippingView is the conditions of dispatch, as staff see and edit them.
type ShippingView struct {
	Page
	Conditions shop.Conditions
	Overlaps   []shop.Overlap
	Unserved   []shop.Destination
	Points     map[string]int
	History    []shop.ConditionsVersion
	Error      string
	Lines      []string
}

func (a *Admin) shipping(w http.ResponseWriter, r *http.Request) error {
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	return a.showShipping(w, r, http.StatusOK, c, nil, nil)
}

func (a *Admin) showShipping(w http.ResponseWriter, r *http.Request, status int, c shop.Conditions, cause error, lines []shop.LineError) error {
	p, err := a.page(r, "dispatch", "dispatch")
	if err != nil {
		return err
	}
	v := ShippingView{Page: p, Conditions: c, Overlaps: c.Overlaps(), Unserved: c.Unserved()}
	if v.Points, err = shop.PointsOf(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.History, err = shop.ListConditions(r.Context(), a.Pool); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	for _, l := range lines {
		v.Lines = append(v.Lines, lineSentence(p, l))
	}
	return a.show(w, r, status, ShippingPage(v))
}

// editConditions changes the conditions and leads on; a refusal shows them as the form holds them.
func (a *Admin) editConditions(w http.ResponseWriter, r *http.Request, what, to string, edit func(c *shop.Conditions) error) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	version, _ := strconv.Atoi(r.PostForm.Get("version"))
	var tried shop.Conditions
	_, err := a.Shop.EditConditions(r.Context(), version, what, actorOf(r).String(), func(c *shop.Conditions) error {
		err := edit(c)
		tried = *c
		return err
	})
	f, ok := fault.As(err)
	if ok && (f.Kind == fault.Invalid || f.Kind == fault.Stale) {
		if f.Kind == fault.Stale || tried.Version == 0 {
			if tried, err = shop.CurrentConditions(r.Context(), a.Pool); err != nil {
				return err
			}
		}
		return a.showShipping(w, r, f.Kind.Status(), tried, f, nil)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_shipping_saved", to)
}

// fields reads the numbered rows of a form: prefix.0.name, prefix.1.name…
type formRow struct {
	r      *http.Request
	prefix string
}

func formRows(r *http.Request, prefix string, key string) []formRow {
	var rows []formRow
	for n := 0; n < 200; n++ {
		row := formRow{r, prefix + "." + strconv.Itoa(n) + "."}
		if !r.PostForm.Has(row.prefix + key) {
			break
		}
		if row.get(key) != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

func (f formRow) get(name string) string { return strings.TrimSpace(f.r.PostForm.Get(f.prefix + name)) }
func (f formRow) on(name string) bool    { return f.r.PostForm.Get(f.prefix+name) != "" }

func (f formRow) int(name string, fields *fault.Fields) int {
	s := f.get(name)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 10_000_000 {
		fields.Add(f.prefix+name, "number_invalid", "must be a whole number")
	}
	return n
}

func (f formRow) money(name string, fields *fault.Fields) *money.Amount {
	s := f.get(name)
	if s == "" {
		return nil
	}
	amount, err := money.Parse(s)
	if err != nil || amount < 0 {
		fields.Add(f.prefix+name, "amount_invalid", "must be an amount like 12,50")
		return nil
	}
	return &amount
}

func (f formRow) words(name string) []string {
	return strings.FieldsFunc(f.get(name), func(r rune) bool { return r == ',' || r == ' ' || r == ';' || r == '\n' || r == '\r' })
}

// names keeps the other languages' names and sets those that the form has.
func (f formRow) names(before shop.Names) shop.Names {
	next := shop.Names{}
	for lang, name := range before {
		next[lang] = name
	}
	for _, lang := range []text.Lang{text.FR, text.EN} {
		if name := f.get("name_" + string(lang)); name != "" {
			next[lang] = name
		} else {
			delete(next, lang)
		}
	}
	return next
}

func (a *Admin) saveZones(w http.ResponseWriter, r *http.Request) error {
	return a.editConditions(w, r, "zones", "/admin/shipping", func(c *shop.Conditions) error {
		var fields fault.Fields
		var zones []shop.Zone
		for _, row := range formRows(r, "zone", "code") {
			z := shop.Zone{Code: row.get("code"), ClosedFamilies: row.words("closed")}
			for _, old := range c.Zones {
				if old.Code == z.Code {
					z.Names = old.Names
				}
			}
			z.Names = row.names(z.Names)
			z.Areas = parseAreas(row.get("areas"))
			if len(z.Areas) == 0 {
				fields.Add(row.prefix+"areas", "required", "is missing")
			}
			zones = append(zones, z)
		}
		c.Zones = zones
		return fields.Err()
	})
}

// parseAreas reads "FR:-97,-98,-20 MC DE:10,20000-29999": countries, each with the patterns that it
// takes and, after a minus, those that it leaves out.
func parseAreas(s string) []shop.Area {
	var areas []shop.Area
	for _, part := range strings.Fields(s) {
		country, patterns, _ := strings.Cut(part, ":")
		area := shop.Area{Country: place.Country(strings.ToUpper(country))}
		for _, p := range strings.Split(patterns, ",") {
			if out, ok := strings.CutPrefix(p, "-"); ok {
				area.Exclude = append(area.Exclude, strings.ToUpper(out))
			} else if p != "" {
				area.Include = append(area.Include, strings.ToUpper(p))
			}
		}
		areas = append(areas, area)
	}
	return areas
}

func writeAreas(areas []shop.Area) string {
	var parts []string
	for _, a := range areas {
		var patterns []string
		patterns = append(patterns, a.Include...)
		for _, p := range a.Exclude {
			patterns = append(patterns, "-"+p)
		}
		part := string(a.Country)
		if len(patterns) > 0 {
			part += ":" + strings.Join(patterns, ",")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func (a *Admin) saveCartons(w http.ResponseWriter, r *http.Request) error {
	return a.editConditions(w, r, "cartons", "/admin/shipping#cartons", func(c *shop.Conditions) error {
		var fields fault.Fields
		var cartons []shop.Carton
		for _, row := range formRows(r, "carton", "code") {
			k := shop.Carton{Code: row.get("code"), LengthMM: row.int("length", &fields), WidthMM: row.int("width", &fields), HeightMM: row.int("height", &fields),
				TareG: row.int("tare", &fields), MaxWeightG: row.int("most", &fields), Soft: row.on("soft")}
			for _, old := range c.Cartons {
				if old.Code == k.Code {
					k.Names, k.WallMM = old.Names, old.WallMM
				}
			}
			if cost := row.money("cost", &fields); cost != nil {
				k.Cost = *cost
			}
			cartons = append(cartons, k)
		}
		c.Cartons = cartons
		return fields.Err()
	})
}

func (a *Admin) saveHandling(w http.ResponseWriter, r *http.Request) error {
	return a.editConditions(w, r, "handling", "/admin/shipping#office", func(c *shop.Conditions) error {
		var fields fault.Fields
		row := formRow{r, "office."}
		h := shop.Handling{CutOffHour: row.int("cut_off", &fields), PreparationDays: row.int("preparation", &fields), Closed: row.words("closed"), AlsaceMoselle: row.on("alsace_moselle")}
		for day := 1; day <= 7; day++ {
			if row.on("workday_" + strconv.Itoa(day)) {
				h.Workdays = append(h.Workdays, day)
			}
		}
		c.Handling, c.PaddingMM, c.UnclaimedDays, c.AlcoholSigned = h, row.int("padding", &fields), row.int("unclaimed", &fields), row.on("alcohol_signed")
		return fields.Err()
	})
}

func (a *Admin) saveDesks(w http.ResponseWriter, r *http.Request) error {
	return a.editConditions(w, r, "desks", "/admin/shipping#desks", func(c *shop.Conditions) error {
		var fields fault.Fields
		var desks []shop.Desk
		for _, row := range formRows(r, "desk", "code") {
			d := shop.Desk{Code: row.get("code"), Closed: row.words("closed"), SellsBooks: row.on("books")}
			for _, old := range c.Desks {
				if old.Code == d.Code {
					d.Names = old.Names
				}
			}
			d.Names = row.names(d.Names)
			d.Address = place.Address{Name: d.Names.In(text.FR), Line1: row.get("line1"), PostalCode: row.get("postal_code"), City: row.get("city"), Country: "FR"}.Clean()
			d.Address.Check(row.prefix, &fields)
			for i, hours := range strings.Split(row.get("hours"), "|") {
				if i < 7 {
					d.Hours[i] = strings.TrimSpace(hours)
				}
			}
			desks = append(desks, d)
		}
		c.Desks = desks
		return fields.Err()
	})
}

func (a *Admin) addMethod(w http.ResponseWriter, r *http.Request) error {
	return a.editConditions(w, r, "method", "/admin/shipping/methods/"+strings.TrimSpace(r.PostFormValue("method.id")), func(c *shop.Conditions) error {
		row := formRow{r, "method."}
		c.Methods = append(slices.Clone(c.Methods), shop.Method{ID: row.get("id"), Kind: shop.MethodKind(row.get("kind")), Carrier: row.get("carrier"), Names: row.names(nil), MinDays: 1, MaxDays: 3, Tariffs: map[string]shop.Tariff{}})
		return nil
	})
}

// MethodView is one method of dispatch with its tariffs.
type MethodView struct {
	Page
	Conditions shop.Conditions
	Method     shop.Method
	Error      string
	Lines      []string
	// Preview is a tariff file that is right and waits to be put in force.
	Preview  *TariffPreview
	Repriced []shop.Repriced
}

// TariffPreview is a tariff that staff brought, before it counts.
type TariffPreview struct {
	Name, From, By, CSV string
	Tariffs             map[string]shop.Tariff
}

func (a *Admin) showMethod(w http.ResponseWriter, r *http.Request, status int, change func(v *MethodView)) error {
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	m, ok := c.Method(chi.URLParam(r, "id"))
	if !ok {
		return fault.New(fault.NotFound, "method_not_found", "there is no such method of dispatch")
	}
	p, err := a.page(r, "dispatch", "dispatch")
	if err != nil {
		return err
	}
	p.Title = m.Names.In(p.Lang())
	v := MethodView{Page: p, Conditions: c, Method: m}
	if change != nil {
		change(&v)
	}
	return a.show(w, r, status, MethodPage(v))
}

func (a *Admin) method(w http.ResponseWriter, r *http.Request) error {
	return a.showMethod(w, r, http.StatusOK, nil)
}

func (a *Admin) saveMethod(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	return a.editConditions(w, r, "method", "/admin/shipping", func(c *shop.Conditions) error {
		at := slices.IndexFunc(c.Methods, func(m shop.Method) bool { return m.ID == id })
		if at < 0 {
			return fault.New(fault.NotFound, "method_not_found", "there is no such method of dispatch")
		}
		c.Methods = slices.Clone(c.Methods)
		if r.PostForm.Get("action") == "remove" {
			c.Methods = slices.Delete(c.Methods, at, at+1)
			return nil
		}
		var fields fault.Fields
		m, row := c.Methods[at], formRow{r, "method."}
		m.Kind, m.Carrier, m.Names = shop.MethodKind(row.get("kind")), row.get("carrier"), row.names(m.Names)
		m.MaxWeightG, m.MaxThicknessMM, m.MaxSideMM, m.MaxSumMM, m.MaxParcels = row.int("weight", &fields), row.int("thickness", &fields), row.int("side", &fields), row.int("sum", &fields), row.int("parcels", &fields)
		m.MinValue, m.MaxValue = row.money("min_value", &fields), row.money("max_value", &fields)
		m.RefusedClasses, m.OnlyClasses, m.AnyClasses, m.Desks = row.words("refused"), row.words("only"), row.words("any"), row.words("desks")
		m.From, m.Until, m.Signature = row.get("from"), row.get("until"), row.on("signature")
		m.MinDays, m.MaxDays, m.TrackingURL = row.int("min_days", &fields), row.int("max_days", &fields), row.get("tracking")
		m.HandlingFee = 0
		if fee := row.money("handling", &fields); fee != nil {
			m.HandlingFee = *fee
		}
		m.Insurance = nil
		if price := row.money("insurance_price", &fields); price != nil {
			m.Insurance = &shop.Insurance{Price: *price}
			if above := row.money("insurance_above", &fields); above != nil {
				m.Insurance.Above = *above
			}
			if each := row.money("insurance_each", &fields); each != nil {
				m.Insurance.Each = *each
			}
		}
		var supplements []shop.Supplement
		for _, line := range formRows(r, "supplement", "code") {
			s := shop.Supplement{Code: line.get("code"), Class: line.get("class"), Zone: line.get("zone"), OverSide: line.int("side", &fields), OverSum: line.int("sum", &fields), PerParcel: line.on("per_parcel")}
			if slices.Contains(catalog.Families(), s.Class) {
				s.Class, s.Family = "", s.Class
			}
			for _, old := range m.Supplements {
				if old.Code == s.Code {
					s.Names = old.Names
				}
			}
			s.Names = line.names(s.Names)
			if price := line.money("price", &fields); price != nil {
				s.Price = *price
			}
			supplements = append(supplements, s)
		}
		m.Supplements = supplements
		c.Methods[at] = m
		return fields.Err()
	})
}

func (a *Admin) tariffFile(w http.ResponseWriter, r *http.Request) error {
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	m, ok := c.Method(chi.URLParam(r, "id"))
	if !ok {
		return fault.New(fault.NotFound, "method_not_found", "there is no such method of dispatch")
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="tariff-`+m.ID+`.csv"`)
	_, err = io.WriteString(w, m.TariffFile(c, a.Shop.Clock.Now().In(text.Paris()).Format(time.DateOnly)))
	return err
}

// maxTable is the size of the largest file of tariffs or points.
const maxTable = 4 << 20

// tableOf reads the file of a form, or what was pasted into its field.
func tableOf(r *http.Request) ([]byte, error) {
	if err := r.ParseMultipartForm(maxTable); err != nil {
		return nil, badForm(err)
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return []byte(r.PostFormValue("csv")), nil
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxTable+1))
	if err != nil {
		return nil, badForm(err)
	}
	if len(data) == 0 {
		return []byte(r.PostFormValue("csv")), nil
	}
	return data, nil
}

// importTariff reads a tariff file, shows what it would have made of last month's orders, and puts it
// in force when that is confirmed.
func (a *Admin) importTariff(w http.ResponseWriter, r *http.Request) error {
	data, err := tableOf(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	preview := TariffPreview{Name: strings.TrimSpace(r.PostForm.Get("name")), From: strings.TrimSpace(r.PostForm.Get("from")), By: r.PostForm.Get("by"), CSV: string(data)}
	tariffs, lines := shop.ReadTariffs(data, c, shop.Measure(preview.By))
	if lines != nil {
		return a.showMethod(w, r, http.StatusUnprocessableEntity, func(v *MethodView) {
			v.Error = v.T("file_refused")
			for _, l := range lines {
				v.Lines = append(v.Lines, lineSentence(v.Page, l))
			}
		})
	}
	preview.Tariffs = tariffs
	if r.PostForm.Get("action") != "accept" {
		next := c
		if err := next.SetTariffs(id, preview.Name, preview.From, tariffs); err != nil {
			return err
		}
		repriced, err := a.Shop.Reprice(r.Context(), next, id, preview.From)
		if err != nil {
			return err
		}
		return a.showMethod(w, r, http.StatusOK, func(v *MethodView) { v.Preview, v.Repriced = &preview, repriced })
	}
	return a.editConditions(w, r, "tariff", "/admin/shipping/methods/"+id, func(c *shop.Conditions) error {
		return c.SetTariffs(id, preview.Name, preview.From, tariffs)
	})
}

func (a *Admin) importPoints(w http.ResponseWriter, r *http.Request) error {
	data, err := tableOf(r)
	if err != nil {
		return err
	}
	points, lines := shop.ReadPoints(data)
	if lines != nil {
		c, err := shop.CurrentConditions(r.Context(), a.Pool)
		if err != nil {
			return err
		}
		return a.showShipping(w, r, http.StatusUnprocessableEntity, c, nil, lines)
	}
	if err := a.Shop.ReplacePoints(r.Context(), strings.TrimSpace(r.PostForm.Get("carrier")), points, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_points_saved", "/admin/shipping#points")
}

// CoverageView is the picture of zones × weights.
type CoverageView struct {
	Page
	Picture shop.Coverage
}

func (a *Admin) coverage(w http.ResponseWriter, r *http.Request) error {
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	p, err := a.page(r, "dispatch", "coverage")
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, CoveragePage(CoverageView{p, c.Coverage(shop.Terms{At: a.Shop.Clock.Now()})}))
}

// SimulateView is the simulator: a basket, a place, and what it would cost.
type SimulateView struct {
	Page
	Basket, Country, PostalCode string
	Countries                   []place.Choice
	Quote                       *shop.Quote
	Items                       []shop.Item
	Error                       string
}

func (a *Admin) simulate(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "dispatch", "simulate")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := SimulateView{Page: p, Basket: strings.TrimSpace(q.Get("basket")), Country: strings.ToUpper(q.Get("country")), PostalCode: strings.TrimSpace(q.Get("postal_code"))}
	if v.Country == "" {
		v.Country = "FR"
	}
	v.Countries = place.Choices(place.Countries(), p.Lang())
	if v.Basket == "" {
		return a.show(w, r, http.StatusOK, SimulatePage(v))
	}
	conditions, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	to := shop.Destination{Country: place.Country(v.Country), PostalCode: v.PostalCode}
	code, ok := place.PostalCode(to.Country, v.PostalCode)
	if !ok && v.PostalCode != "" {
		v.Error = p.T("error_postal_code_invalid")
		return a.show(w, r, http.StatusUnprocessableEntity, SimulatePage(v))
	}
	to.PostalCode = code
	var skus []string
	quantity := map[string]int{}
	for _, line := range strings.FieldsFunc(v.Basket, func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		parts := strings.Fields(line)
		if len(parts) == 0 {
			continue
		}
		n := 1
		if len(parts) > 1 {
			if n, err = strconv.Atoi(parts[1]); err != nil || n < 1 || n > 999 {
				v.Error = p.T("simulate_line", "line", line)
				return a.show(w, r, http.StatusUnprocessableEntity, SimulatePage(v))
			}
		}
		skus = append(skus, parts[0])
		quantity[parts[0]] = n
	}
	sellables, err := catalog.Sellables(r.Context(), a.Pool, p.Lang(), skus)
	if err != nil {
		return err
	}
	for _, sku := range skus {
		s, known := sellables[sku]
		if !known {
			v.Error = p.T("simulate_unknown", "sku", sku)
			return a.show(w, r, http.StatusUnprocessableEntity, SimulatePage(v))
		}
		v.Items = append(v.Items, shop.ItemOf(s, quantity[sku]))
	}
	quote, err := a.Shop.QuoteFor(r.Context(), conditions, v.Items, to, p.Lang())
	if err != nil {
		return err
	}
	v.Quote = &quote
	return a.show(w, r, http.StatusOK, SimulatePage(v))
}

// lineSentence says what is wrong with a line of a file.
func lineSentence(p Page, e shop.LineError) string {
	return p.T("line_"+e.Code, "line", e.Line, "column", e.Column, "value", e.Value)
}
