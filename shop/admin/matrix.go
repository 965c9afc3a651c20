package admin

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/internal/vat"
)

func (a *Admin) mountMatrix(r chi.Router) {
	r.Get("/catalogue/{slug}/matrix", a.may(staff.EditCatalog, a.matrix))
	r.Post("/catalogue/{slug}/matrix", a.may(staff.EditCatalog, a.saveMatrix))
}

// matrixColumns are the cells of a combination, in their order. The VAT class and the photograph are
// chosen from lists.
var matrixColumns = []string{"sku", "gtin", "price", "cost", "weight_g", "length_mm", "width_mm", "height_mm", "customs_code", "origin_country", "analytic_code", "vat_class", "photo"}

// blankValues is how many empty lines each option offers.
const blankValues = 3

// MatrixView is a product's articles, made of its options.
type MatrixView struct {
	Page
	Product catalog.Product
	// Options have empty lines for more; Rows are the combinations of those that are filled in.
	Options  []catalog.Option
	Rows     []MatrixRow
	Homeless []catalog.Variant
	// Fill is what goes into the cells of many rows at once: into the empty ones, or with Every into all.
	Fill    map[string]string
	Every   bool
	Mark    string
	Error   string
	Wrong   []string
	Stale   bool
	Classes []vat.Class
}

// MatrixRow is a combination. Known tells one that is an article already, whose SKU stays; Now is what
// the article's cells hold in the catalogue; Wrong says what is wrong with which cell.
type MatrixRow struct {
	Key, Name   string
	Values      []string
	Sold, Known bool
	Cells, Now  map[string]string
	Wrong       map[string]string
}

func matrixHead(p Page, code string) string {
	if code == "sku" {
		return "SKU"
	}
	if id := "matrix_" + code; p.P.Has(id) {
		return p.T(id)
	}
	return p.T("grid_" + code)
}

func figureCell(code string) bool {
	return slices.Contains([]string{"price", "cost", "weight_g", "length_mm", "width_mm", "height_mm"}, code)
}

// cellsOf are a combination's cells as they stand in the catalogue.
func cellsOf(c catalog.Combination) map[string]string {
	v := c.Variant
	cells := map[string]string{"sku": v.SKU, "gtin": v.GTIN, "weight_g": number(v.WeightG), "length_mm": number(v.LengthMM), "width_mm": number(v.WidthMM), "height_mm": number(v.HeightMM),
		"vat_class": string(v.VATClass), "customs_code": v.CustomsCode, "origin_country": v.OriginCountry, "analytic_code": v.AnalyticCode}
	if v.Price > 0 {
		cells["price"] = v.Price.Decimal()
	}
	if v.Cost != nil {
		cells["cost"] = v.Cost.Decimal()
	}
	if c.Photo > 0 {
		cells["photo"] = i64(c.Photo)
	}
	return cells
}

func (a *Admin) matrix(w http.ResponseWriter, r *http.Request) error {
	product, err := catalog.GetProduct(r.Context(), a.Pool, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	v := MatrixView{Product: product, Options: product.Options, Mark: product.MatrixMark()}
	v.combine(url.Values{})
	return a.drawMatrix(w, r, http.StatusOK, v)
}

func (a *Admin) drawMatrix(w http.ResponseWriter, r *http.Request, status int, v MatrixView) error {
	p, err := a.page(r, "catalogue", "matrix")
	if err != nil {
		return err
	}
	v.Page, v.Classes = p, vat.Classes()
	v.Options = slices.Clone(v.Options)
	for len(v.Options) < catalog.MostOptions {
		v.Options = append(v.Options, catalog.Option{})
	}
	for i := range v.Options {
		v.Options[i].Values = append(slices.Clone(v.Options[i].Values), make([]catalog.OptionValue, blankValues)...)
	}
	return a.show(w, r, status, MatrixPage(v))
}

// combine makes the rows of the options: what was typed, else what is there. A combination that the
// form did not have yet is offered for sale like the first article.
func (v *MatrixView) combine(form url.Values) {
	list, homeless := v.Product.Matrix(v.Options)
	v.Homeless = homeless
	shown := form["key"]
	for _, c := range list {
		row := MatrixRow{Key: c.Key(), Values: c.Values, Known: c.Variant.SKU != "", Sold: c.Sold, Now: cellsOf(c), Wrong: map[string]string{}}
		row.Cells = cellsOf(c)
		row.Name = valueNames(v.Options, c.Values)
		switch {
		case slices.Contains(shown, row.Key):
			row.Sold = form.Has("sold." + row.Key)
			for _, code := range matrixColumns {
				if name := code + "." + row.Key; form.Has(name) && !(row.Known && code == "sku") {
					row.Cells[code] = strings.TrimSpace(form.Get(name))
				}
			}
		case !row.Known && len(shown) > 0:
			row.Sold = true
			row.Cells = v.like(c.Values)
		}
		v.Rows = append(v.Rows, row)
	}
}

// like are the cells of a new combination: a SKU made of the product's, and the measures and prices of
// the first article.
func (v *MatrixView) like(values []string) map[string]string {
	cells := map[string]string{}
	base := strings.ToUpper(v.Product.Slug)
	if len(v.Product.Variants) > 0 {
		first := catalog.Combination{Variant: v.Product.Variants[0]}
		cells = cellsOf(first)
		delete(cells, "gtin")
		if len(first.Variant.Values) == 0 {
			base = first.Variant.SKU
		}
	}
	cells["sku"] = skuOf(base, values)
	return cells
}

func skuOf(base string, values []string) string {
	sku := strings.ToUpper(strings.Join(append([]string{base}, values...), "-"))
	return sku[:min(len(sku), 64)]
}

func valueNames(options []catalog.Option, values []string) string {
	var names []string
	for i, code := range values {
		for _, value := range options[i].Values {
			if value.Code == code {
				names = append(names, cmp.Or(value.Labels[text.FR], code))
			}
		}
	}
	return strings.Join(names, ", ")
}

// typedOptions reads the options of the form.
func typedOptions(form url.Values) []catalog.Option {
	labels := func(at string) catalog.Labels {
		l := catalog.Labels{}
		for _, lang := range catalog.Spoken() {
			if s := strings.TrimSpace(form.Get(at + "." + string(lang))); s != "" && len(s) <= 60 {
				l[lang] = s
			}
		}
		return l
	}
	var list []catalog.Option
	for n := range catalog.MostOptions {
		at := "option." + strconv.Itoa(n)
		o := catalog.Option{Code: form.Get(at + ".code"), Labels: labels(at)}
		for m := 0; form.Has(at + "." + strconv.Itoa(m) + ".fr"); m++ {
			value := at + "." + strconv.Itoa(m)
			o.Values = append(o.Values, catalog.OptionValue{Code: form.Get(value + ".code"), Labels: labels(value), Swatch: strings.TrimSpace(form.Get(value + ".swatch"))})
		}
		list = append(list, o)
	}
	return catalog.NameOptions(list)
}

func (a *Admin) saveMatrix(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	ctx, slug := r.Context(), chi.URLParam(r, "slug")
	product, err := catalog.GetProduct(ctx, a.Pool, slug)
	if err != nil {
		return err
	}
	v := MatrixView{Product: product, Options: typedOptions(r.PostForm), Mark: r.PostForm.Get("mark"), Every: r.PostForm.Get("every") != "", Fill: map[string]string{}}
	combined := 1
	for _, o := range v.Options {
		combined *= len(o.Values)
	}
	if combined > catalog.MostCombinations {
		v.Error = words.In(langOf(r)).T("error_too_many_combinations")
		return a.drawMatrix(w, r, http.StatusUnprocessableEntity, v)
	}
	v.combine(r.PostForm)
	for _, code := range matrixColumns {
		v.Fill[code] = strings.TrimSpace(r.PostForm.Get("fill." + code))
	}
	switch r.PostForm.Get("action") {
	case "grid":
		return a.drawMatrix(w, r, http.StatusOK, v)
	case "fill":
		v.fillDown()
		return a.drawMatrix(w, r, http.StatusOK, v)
	}
	list := v.read()
	if wrong := v.wrongs(); len(wrong) > 0 {
		v.Wrong = wrong
		v.sayWrong(words.In(langOf(r)))
		return a.drawMatrix(w, r, http.StatusUnprocessableEntity, v)
	}
	_, err = a.Catalog.Arrange(ctx, slug, v.Mark, actorOf(r).String(), v.Options, list)
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Stale) {
		v.Stale = f.Kind == fault.Stale
		v.Mark = product.MatrixMark()
		v.refused(Page{P: words.In(langOf(r))}, f)
		return a.drawMatrix(w, r, f.Kind.Status(), v)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/catalogue/"+slug+"/matrix")
}

// fillDown writes what is to be filled in into the rows that are sold. A SKU is a beginning that each
// combination ends in its own way, a GTIN that waits for its check digit the first of a series.
func (v *MatrixView) fillDown() {
	gtin := v.Fill["gtin"]
	for i := range v.Rows {
		row := &v.Rows[i]
		if !row.Sold {
			continue
		}
		for _, code := range matrixColumns {
			value := v.Fill[code]
			if value == "" || row.Cells[code] != "" && !v.Every || row.Known && code == "sku" {
				continue
			}
			switch code {
			case "sku":
				value = skuOf(value, row.Values)
			case "gtin":
				value, gtin = catalog.CompleteGTIN(gtin), catalog.NextGTIN(gtin)
			}
			row.Cells[code] = value
		}
	}
	v.Fill = map[string]string{}
}

// read turns the rows into combinations, and notes what cannot be read.
func (v *MatrixView) read() []catalog.Combination {
	var list []catalog.Combination
	for i := range v.Rows {
		row := &v.Rows[i]
		cell := func(code string) string { return row.Cells[code] }
		c := catalog.Combination{Values: row.Values, Sold: row.Sold, Variant: catalog.Variant{SKU: cell("sku"), GTIN: catalog.CompleteGTIN(cell("gtin")),
			VATClass: vat.Class(cell("vat_class")), CustomsCode: cell("customs_code"), OriginCountry: strings.ToUpper(cell("origin_country")), AnalyticCode: cell("analytic_code")}}
		amount := func(code string) money.Amount {
			if cell(code) == "" {
				return 0
			}
			n, err := money.Parse(cell(code))
			if err != nil || n < 0 {
				row.Wrong[code] = "amount_invalid"
			}
			return n
		}
		c.Variant.Price = amount("price")
		if cell("cost") != "" {
			cost := amount("cost")
			c.Variant.Cost = &cost
		}
		for code, to := range measures(&c.Variant) {
			if cell(code) == "" {
				continue
			}
			n, err := strconv.Atoi(cell(code))
			if err != nil {
				row.Wrong[code] = "dimensions_out_of_range"
			}
			*to = n
		}
		if id := cell("photo"); id != "" {
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				row.Wrong["photo"] = "photo_not_found"
			}
			c.Photo = n
		}
		if row.Sold && c.Variant.SKU == "" {
			row.Wrong["sku"] = "required"
		}
		list = append(list, c)
	}
	return list
}

// wrongs names the rows that something is wrong with.
func (v *MatrixView) wrongs() []string {
	var list []string
	for _, row := range v.Rows {
		for _, code := range matrixColumns {
			if row.Wrong[code] != "" {
				list = append(list, row.Key)
			}
		}
	}
	return list
}

// sayWrong puts what is wrong into words: in the cells' own names, row by row.
func (v *MatrixView) sayWrong(p text.Printer) {
	page := Page{P: p}
	v.Wrong = nil
	for i := range v.Rows {
		for _, code := range matrixColumns {
			if wrong := v.Rows[i].Wrong[code]; wrong != "" {
				v.Wrong = append(v.Wrong, strings.TrimPrefix(v.Rows[i].Name+" · "+matrixHead(page, code)+page.P.Colon()+" "+codeSentence(page, wrong), " · "))
			}
		}
	}
}

// refused notes in the cells what the catalogue said of them.
func (v *MatrixView) refused(p Page, f *fault.Error) {
	var others fault.Fields
	for _, field := range f.Fields {
		place, of := strings.CutPrefix(field.Place, "variants.")
		dot := strings.LastIndexByte(place, '.')
		at := -1
		if of && dot > 0 {
			at = slices.IndexFunc(v.Rows, func(row MatrixRow) bool { return row.Cells["sku"] == place[:dot] })
		}
		if at < 0 {
			others.AddWith(field.Place, field.Code, field.Message, field.Params)
			continue
		}
		code := place[dot+1:]
		if code == "dimensions" {
			code = "weight_g"
		}
		v.Rows[at].Wrong[code] = field.Code
	}
	v.sayWrong(p.P)
	if err := others.Err(); err != nil {
		v.Error = sentence(p, err)
	} else if len(f.Fields) == 0 {
		v.Error = sentence(p, f)
	}
	if v.Stale {
		v.Error = p.T("matrix_stale")
	}
}

func matrixTitle(v MatrixView) string {
	return cmp.Or(v.Product.Texts[v.Lang()].Name, v.Product.Texts[text.FR].Name, v.Product.Slug)
}
