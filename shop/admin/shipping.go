package admin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/shop"
	"github.com/go-chi/chi/v5"
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
	version := versionOf(r.PostForm.Get("version"))
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
			for day := range d.Hours {
				d.Hours[day] = row.get("hours_" + strconv.Itoa(day+1))
			}
			desks = append(desks, d)
		}
		c.Desks = desks
		return fields.Err()
	})
}

// addMethod begins a method: from nothing, or with the limits and tariffs of another one.
func (a *Admin) addMethod(w http.ResponseWriter, r *http.Request) error {
	row := formRow{r, "method."}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	id := row.get("id")
	if id == "" {
		id = catalog.SlugOf(row.get("name_fr"))
	}
	return a.editConditions(w, r, "method", "/admin/shipping/methods/"+id, func(c *shop.Conditions) error {
		m, ok := c.Method(row.get("like"))
		if !ok {
			m = shop.Method{MinDays: 1, MaxDays: 3, Tariffs: map[string]shop.Tariff{}}
		}
		m.ID, m.Kind, m.Names = id, shop.MethodKind(row.get("kind")), row.names(nil)
		if carrier := row.get("carrier"); carrier != "" || !ok {
			m.Carrier = carrier
		}
		c.Methods = append(slices.Clone(c.Methods), m)
		return nil
	})
}

// lineSentence says what is wrong with a line of a file.
func lineSentence(p Page, e shop.LineError) string {
	return p.T("line_"+e.Code, "line", e.Line, "column", e.Column, "value", e.Value)
}
