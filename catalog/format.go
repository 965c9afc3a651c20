package catalog

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gosimple/slug"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"boutique/internal/money"
)

// Format is how a file describes products: the shop's own columns, or another shop's export.
type Format string

// The formats that an import reads. Auto recognises the others by their heads.
const (
	FormatAuto        Format = "auto"
	FormatBoutique    Format = "boutique"
	FormatShopify     Format = "shopify"
	FormatWooCommerce Format = "woocommerce"
	FormatPrestaShop  Format = "prestashop"
)

// recognise tells a format by columns that only it has; the shop's own when none fits.
func recognise(columns []string) Format {
	has := func(names ...string) bool {
		for _, n := range names {
			if !slices.Contains(columns, n) {
				return false
			}
		}
		return true
	}
	switch {
	case has("handle", "variant price"), has("url handle", "price", "title"):
		return FormatShopify
	case has("type", "sku", "name", "regular price"):
		return FormatWooCommerce
	case has("active (0/1)", "name*"), has("active (0/1)", "name *"), has("active (0/1)", "reference #"):
		return FormatPrestaShop
	}
	return FormatBoutique
}

// foreign gathers the rows that say one product of another shop's export.
type foreign struct {
	first    row
	product  map[string]string
	names    map[string]string // the file's own name of each of our columns
	variants []foreignVariant
	photos   []foreignPhoto
}

type foreignVariant struct {
	row   row
	cells map[string]string
}

type foreignPhoto struct {
	position  int
	name, alt string
}

// set fills one of the shop's columns from the first of the file's columns that is not empty.
func (f *foreign) set(cells map[string]string, r row, ours string, theirs ...string) string {
	for _, name := range theirs {
		if s := r.get(name); s != "" {
			cells[ours], f.names[ours] = s, name
			return s
		}
	}
	if len(theirs) > 0 && f.names[ours] == "" {
		f.names[ours] = theirs[0]
	}
	return ""
}

// rows are the product's rows in the shop's own columns: its facts on the first, a variant on each.
func (f *foreign) rows() []row {
	slices.SortStableFunc(f.photos, func(a, b foreignPhoto) int { return a.position - b.position })
	var names, alts []string
	for _, p := range f.photos {
		if p.name != "" && !slices.Contains(names, p.name) {
			if p.alt == "" {
				p.alt = f.product["name_fr"]
			}
			names, alts = append(names, p.name), append(alts, strings.ReplaceAll(p.alt, "|", "/"))
		}
	}
	f.product["photos"], f.product["photo_alts_fr"] = strings.Join(names, " | "), strings.Join(alts, " | ")
	if f.product["family"] == "" {
		f.product["family"] = "accessory"
	}
	if f.product["vat_class"] == "" {
		f.product["vat_class"] = "standard"
	}
	var rows []row
	for n, v := range f.variants {
		cells := v.cells
		cells["slug"] = f.product["slug"]
		if n == 0 {
			for name, s := range f.product {
				cells[name] = s
			}
		}
		rows = append(rows, row{line: v.row.line, cells: cells, names: f.names})
	}
	return rows
}

func newForeign(r row) *foreign {
	return &foreign{first: r, product: map[string]string{}, names: map[string]string{}}
}

// describe fills name, texts, places and address, which every shop has under its own names.
func (f *foreign) describe(name, handle, category string) {
	f.product["name_fr"] = name
	if f.product["slug"] = SlugOf(handle); handle == "" {
		f.product["slug"] = SlugOf(name)
	}
	f.product["description_fr"] = markdownOf(f.product["description_fr"])
	f.product["short_fr"] = strings.Join(strings.Fields(markdownOf(f.product["short_fr"])), " ")
	f.product["category"], f.product["maker"] = slug.Make(category), slug.Make(f.product["maker"])
}

// translated brings the rows of one product of another shop's export into the shop's own columns.
func translated(format Format, rows []row) ([]row, []Issue) {
	var p *foreign
	var issues []Issue
	switch format {
	case FormatShopify:
		p, issues = fromShopify(rows)
	case FormatWooCommerce:
		p, issues = fromWooCommerce(rows)
	case FormatPrestaShop:
		p, issues = fromPrestaShop(rows)
	default:
		return rows, nil
	}
	return p.rows(), issues
}

// options fills at most two options; what a third one says joins the second.
func (f *foreign) options(cells map[string]string, names, values []string) {
	for len(names) > 2 {
		last := len(names) - 1
		names = append(names[:last-1:last-1], names[last-1]+" / "+names[last])
		values = append(values[:last-1:last-1], values[last-1]+" / "+values[last])
	}
	for n := range names {
		if len(f.variants) == 0 {
			f.product[fmt.Sprintf("option%d_name_fr", n+1)] = names[n]
		}
		cells[fmt.Sprintf("option%d_value_fr", n+1)] = values[n]
	}
}

// fromShopify reads a product of Shopify's export: a row with a price is a variant, one with an image a
// photograph.
func fromShopify(rows []row) (*foreign, []Issue) {
	first := rows[0]
	handle := first.either("handle", "url handle")
	p := newForeign(first)
	p.set(p.product, first, "description_fr", "body (html)", "description")
	p.set(p.product, first, "short_fr", "seo description")
	p.set(p.product, first, "maker", "vendor")
	p.describe(first.get("title"), handle, first.either("type", "product category"))
	p.names["slug"], p.names["name_fr"] = "handle", "title"
	if strings.EqualFold(first.get("gift card"), "true") {
		p.product["family"], p.product["vat_class"] = "gift_card", "voucher_multi"
	}
	var optionNames []string
	for n := 1; n <= 3; n++ {
		if name := first.get(fmt.Sprintf("option%d name", n)); name != "" && name != "Title" {
			optionNames = append(optionNames, name)
		}
	}
	for _, r := range rows {
		if src := r.either("image src", "product image url"); src != "" {
			position, _ := strconv.Atoi(r.get("image position"))
			p.photos = append(p.photos, foreignPhoto{position, fileOf(src), r.get("image alt text")})
		}
		if r.either("variant price", "price") == "" {
			continue
		}
		cells := map[string]string{}
		p.set(cells, r, "price", "variant price", "price")
		p.set(cells, r, "gtin", "variant barcode", "barcode")
		p.set(cells, r, "cost", "cost per item")
		p.set(cells, r, "weight_g", "variant grams", "weight value (grams)")
		if g, err := strconv.ParseFloat(cells["weight_g"], 64); err == nil && g >= 0 && g < 1e9 {
			cells["weight_g"] = strconv.Itoa(int(g + 0.5))
		}
		p.set(cells, r, "stock", "variant inventory qty", "inventory quantity")
		if strings.HasPrefix(cells["stock"], "-") {
			cells["stock"] = "0" // sold beyond the stock there
		}
		var values []string
		for n := range optionNames {
			values = append(values, r.get(fmt.Sprintf("option%d value", n+1)))
		}
		p.options(cells, slices.Clone(optionNames), values)
		if p.set(cells, r, "sku", "variant sku", "sku"); cells["sku"] == "" {
			cells["sku"] = madeSKU(append([]string{handle}, values...))
		}
		cells["gtin"] = strings.TrimPrefix(cells["gtin"], "'")
		p.variants = append(p.variants, foreignVariant{r, cells})
	}
	if len(p.variants) == 0 {
		return p, []Issue{issue(first.line, "variant price", "no_variant")}
	}
	return p, nil
}

// madeSKU makes a SKU for an article that has none there, out of its product and its values.
func madeSKU(words []string) string { return strings.ToUpper(slug.Make(strings.Join(words, " "))) }

// fromWooCommerce reads a product of WooCommerce's export, and its variations behind it.
func fromWooCommerce(rows []row) (*foreign, []Issue) {
	first := rows[0]
	p := newForeign(first)
	p.set(p.product, first, "description_fr", "description")
	p.set(p.product, first, "short_fr", "short description")
	p.set(p.product, first, "maker", "brands")
	category, _, _ := strings.Cut(first.get("categories"), ",")
	parts := strings.Split(category, ">")
	p.describe(first.get("name"), "", strings.TrimSpace(parts[len(parts)-1]))
	p.names["slug"], p.names["name_fr"], p.names["photos"] = "name", "name", "images"
	var issues []Issue
	for _, r := range rows {
		kind := wooKind(r)
		for _, src := range strings.Split(r.get("images"), ",") {
			p.photos = append(p.photos, foreignPhoto{len(p.photos), fileOf(strings.TrimSpace(src)), ""})
		}
		if kind == "variable" {
			continue
		}
		cells := map[string]string{}
		p.set(cells, r, "price", "regular price")
		p.set(cells, r, "sku", "sku")
		p.set(cells, r, "gtin", "gtin, upc, ean, or isbn")
		p.set(cells, r, "stock", "stock")
		if strings.HasPrefix(cells["stock"], "-") {
			cells["stock"] = "0"
		}
		issues = append(issues, p.measure(cells, r, "weight (kg)", "length (cm)", "width (cm)", "height (cm)")...)
		var names, values []string
		for n := 1; kind == "variation" && n <= 9; n++ {
			if name := r.get(fmt.Sprintf("attribute %d name", n)); name != "" {
				names, values = append(names, name), append(values, r.get(fmt.Sprintf("attribute %d value(s)", n)))
			}
		}
		p.options(cells, names, values)
		if cells["sku"] == "" {
			cells["sku"] = madeSKU(append([]string{p.product["slug"]}, values...))
		}
		p.variants = append(p.variants, foreignVariant{r, cells})
	}
	if len(p.variants) == 0 {
		issues = append(issues, issue(first.line, "type", "variable_alone"))
	}
	return p, issues
}

// fromPrestaShop reads a product of PrestaShop's file, as its import and its exports write it. Rows with
// an attribute are its combinations.
func fromPrestaShop(rows []row) (*foreign, []Issue) {
	first := rows[0]
	p := newForeign(first)
	p.set(p.product, first, "description_fr", "description")
	p.set(p.product, first, "short_fr", "short description", "summary")
	p.set(p.product, first, "maker", "manufacturer", "brand")
	category, _, _ := strings.Cut(first.either("categories (x,y,z...)", "categories"), ",")
	p.describe(first.either("name*", "name *", "name"), first.either("url rewritten", "rewritten url"), category)
	p.names["slug"], p.names["name_fr"], p.names["photos"] = "url rewritten", "name *", "image urls (x,y,z...)"
	alts := strings.Split(first.get("image alt texts (x,y,z...)"), ",")
	for n, src := range strings.Split(first.either("image urls (x,y,z...)", "image urls"), ",") {
		one := foreignPhoto{position: n, name: fileOf(strings.TrimSpace(src))}
		if n < len(alts) {
			one.alt = strings.TrimSpace(alts[n])
		}
		p.photos = append(p.photos, one)
	}
	var issues []Issue
	for _, r := range rows {
		cells := map[string]string{}
		p.set(cells, r, "sku", "reference #", "reference")
		p.set(cells, r, "gtin", "ean13", "ean-13")
		p.set(cells, r, "cost", "wholesale price", "cost price")
		p.set(cells, r, "stock", "quantity")
		if p.set(cells, r, "price", "price tax included", "price (tax incl.)"); cells["price"] == "" {
			if net, err := strconv.ParseFloat(strings.Replace(p.set(cells, r, "price", "price tax excluded", "price (tax excl.)"), ",", ".", 1), 64); err == nil && net > 0 && net < 1e6 {
				cells["price"] = money.Amount(net*120 + 0.5).Decimal() // at the standard rate, which a person then confirms
			}
		}
		issues = append(issues, p.measure(cells, r, "weight", "depth", "width", "height")...)
		values := splitColon(r.get("value (value:position)*"), r.get("value (value:position)"))
		names := splitColon(r.get("attribute (name:type:position)*"), r.get("attribute (name:type:position)"))
		if len(names) != len(values) {
			issues = append(issues, issue(r.line, "value (value:position)", "values_of_attribute", "values", len(values), "attributes", len(names)))
			continue
		}
		p.options(cells, names, values)
		if cells["sku"] == "" {
			cells["sku"] = madeSKU(append([]string{p.product["slug"]}, values...))
		}
		p.variants = append(p.variants, foreignVariant{r, cells})
	}
	return p, issues
}

// splitColon reads "Taille:select:0, Couleur:color:1" as Taille and Couleur.
func splitColon(cells ...string) []string {
	var out []string
	for _, cell := range cells {
		for _, one := range list(cell, ",") {
			name, _, _ := strings.Cut(one, ":")
			out = append(out, strings.TrimSpace(name))
		}
	}
	return out
}

// measure reads kilograms and centimetres, in which both shops measure by default.
func (f *foreign) measure(cells map[string]string, r row, weight, length, width, height string) []Issue {
	var issues []Issue
	for _, m := range []struct {
		ours, theirs string
		times        float64
	}{{"weight_g", weight, 1000}, {"length_mm", length, 10}, {"width_mm", width, 10}, {"height_mm", height, 10}} {
		cell := r.get(m.theirs)
		f.names[m.ours] = m.theirs
		if cell == "" {
			continue
		}
		n, err := strconv.ParseFloat(strings.Replace(cell, ",", ".", 1), 64)
		if err != nil || !(n >= 0 && n < 1e5) {
			issues = append(issues, issue(r.line, m.theirs, "number", "cell", clip(cell)))
			continue
		}
		cells[m.ours] = strconv.Itoa(int(n*m.times + 0.5))
	}
	return issues
}

// fileOf is the name of the file that a picture's address ends in.
func fileOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Path != "" {
		address = u.Path
	}
	if name := path.Base(strings.ReplaceAll(address, `\`, "/")); name != "." && name != "/" {
		return strings.ReplaceAll(name, "|", "_")
	}
	return ""
}

// markdownOf brings a description in HTML into Markdown: paragraphs, lists, headings, what is strong
// or emphasised. Everything else keeps its words only.
func markdownOf(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return strings.TrimSpace(s)
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	silent := 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		t := z.Token()
		switch {
		case t.DataAtom == atom.Script || t.DataAtom == atom.Style:
			if kind == html.StartTagToken {
				silent++
			} else if silent > 0 {
				silent--
			}
		case silent > 0:
		case kind == html.TextToken:
			b.WriteString(strings.NewReplacer("\n", " ", "\r", " ").Replace(t.Data))
		case t.DataAtom == atom.Li && kind == html.StartTagToken:
			b.WriteString("\n- ")
		case t.DataAtom == atom.P, t.DataAtom == atom.Div, t.DataAtom == atom.Ul, t.DataAtom == atom.Ol, t.DataAtom == atom.Br:
			b.WriteString("\n\n")
		case t.DataAtom == atom.H1 || t.DataAtom == atom.H2 || t.DataAtom == atom.H3 || t.DataAtom == atom.H4:
			b.WriteString("\n\n")
			if kind == html.StartTagToken {
				b.WriteString("## ")
			}
		}
	}
	var lines []string
	for _, line := range strings.Split(b.String(), "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" || (len(lines) > 0 && lines[len(lines)-1] != "") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
