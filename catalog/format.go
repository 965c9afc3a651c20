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

// translated brings the rows of another shop's export into the shop's own columns.
func translated(format Format, rows []row) ([]row, []Issue) {
	switch format {
	case FormatShopify:
		return fromShopify(rows)
	case FormatWooCommerce:
		return fromWooCommerce(rows)
	case FormatPrestaShop:
		return fromPrestaShop(rows)
	}
	return rows, nil
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

// fromShopify reads Shopify's product export: the rows of one handle follow each other; a row with a
// price is a variant, one with an image a photograph.
func fromShopify(rows []row) ([]row, []Issue) {
	var out []row
	var issues []Issue
	var now *foreign
	end := func() {
		if now == nil {
			return
		}
		if len(now.variants) == 0 {
			issues = append(issues, Issue{now.first.line, "variant price", "is missing: the product has no variant"})
		}
		out = append(out, now.rows()...)
	}
	var optionNames []string
	for _, r := range rows {
		handle := r.either("handle", "url handle")
		if handle == "" {
			issues = append(issues, Issue{r.line, "handle", "is missing"})
			continue
		}
		if now == nil || now.product["handle"] != handle {
			end()
			now, optionNames = newForeign(r), nil
			now.set(now.product, r, "description_fr", "body (html)", "description")
			now.set(now.product, r, "short_fr", "seo description")
			now.set(now.product, r, "maker", "vendor")
			now.describe(r.get("title"), handle, r.either("type", "product category"))
			now.product["handle"], now.names["slug"], now.names["name_fr"] = handle, "handle", "title"
			if strings.EqualFold(r.get("gift card"), "true") {
				now.product["family"], now.product["vat_class"] = "gift_card", "voucher_multi"
			}
			for n := 1; n <= 3; n++ {
				if name := r.get(fmt.Sprintf("option%d name", n)); name != "" && name != "Title" {
					optionNames = append(optionNames, name)
				}
			}
		}
		if src := r.either("image src", "product image url"); src != "" {
			position, _ := strconv.Atoi(r.get("image position"))
			now.photos = append(now.photos, foreignPhoto{position, fileOf(src), r.get("image alt text")})
		}
		if r.either("variant price", "price") == "" {
			continue
		}
		cells := map[string]string{}
		now.set(cells, r, "price", "variant price", "price")
		now.set(cells, r, "gtin", "variant barcode", "barcode")
		now.set(cells, r, "cost", "cost per item")
		now.set(cells, r, "weight_g", "variant grams", "weight value (grams)")
		if g, err := strconv.ParseFloat(cells["weight_g"], 64); err == nil && g >= 0 && g < 1e9 {
			cells["weight_g"] = strconv.Itoa(int(g + 0.5))
		}
		now.set(cells, r, "stock", "variant inventory qty", "inventory quantity")
		if strings.HasPrefix(cells["stock"], "-") {
			cells["stock"] = "0" // sold beyond the stock there
		}
		var values []string
		for n := range optionNames {
			values = append(values, r.get(fmt.Sprintf("option%d value", n+1)))
		}
		now.options(cells, slices.Clone(optionNames), values)
		if now.set(cells, r, "sku", "variant sku", "sku"); cells["sku"] == "" {
			cells["sku"] = strings.ToUpper(slug.Make(strings.Join(append([]string{handle}, values...), " ")))
		}
		cells["gtin"] = strings.TrimPrefix(cells["gtin"], "'")
		now.variants = append(now.variants, foreignVariant{r, cells})
	}
	end()
	for _, r := range out {
		delete(r.cells, "handle")
	}
	return out, issues
}

// fromWooCommerce reads WooCommerce's product export: a variation names its product, by SKU or as
// id:123, and may stand anywhere behind it.
func fromWooCommerce(rows []row) ([]row, []Issue) {
	var products []*foreign
	var issues []Issue
	byKey := map[string]*foreign{}
	for _, r := range rows {
		kind := strings.TrimSpace(strings.Split(strings.ToLower(r.get("type")), ",")[0])
		now := byKey[r.get("parent")]
		switch kind {
		case "simple", "variable":
			now = newForeign(r)
			now.set(now.product, r, "description_fr", "description")
			now.set(now.product, r, "short_fr", "short description")
			now.set(now.product, r, "maker", "brands")
			category, _, _ := strings.Cut(r.get("categories"), ",")
			parts := strings.Split(category, ">")
			now.describe(r.get("name"), "", strings.TrimSpace(parts[len(parts)-1]))
			now.names["slug"], now.names["name_fr"], now.names["photos"] = "name", "name", "images"
			products = append(products, now)
			byKey["id:"+r.get("id")] = now
			if sku := r.get("sku"); sku != "" {
				byKey[sku] = now
			}
		case "variation":
			if now == nil || r.get("parent") == "" {
				issues = append(issues, Issue{r.line, "parent", "names no product of this file"})
				continue
			}
		default:
			issues = append(issues, Issue{r.line, "type", fmt.Sprintf("must be simple, variable or variation, not %q", clip(r.get("type")))})
			continue
		}
		for _, src := range strings.Split(r.get("images"), ",") {
			now.photos = append(now.photos, foreignPhoto{len(now.photos), fileOf(strings.TrimSpace(src)), ""})
		}
		if kind == "variable" {
			continue
		}
		cells := map[string]string{}
		now.set(cells, r, "price", "regular price")
		now.set(cells, r, "sku", "sku")
		now.set(cells, r, "gtin", "gtin, upc, ean, or isbn")
		now.set(cells, r, "stock", "stock")
		if strings.HasPrefix(cells["stock"], "-") {
			cells["stock"] = "0"
		}
		issues = append(issues, now.measure(cells, r, "weight (kg)", "length (cm)", "width (cm)", "height (cm)")...)
		var names, values []string
		for n := 1; kind == "variation" && n <= 9; n++ {
			if name := r.get(fmt.Sprintf("attribute %d name", n)); name != "" {
				names, values = append(names, name), append(values, r.get(fmt.Sprintf("attribute %d value(s)", n)))
			}
		}
		now.options(cells, names, values)
		if cells["sku"] == "" {
			cells["sku"] = strings.ToUpper(slug.Make(strings.Join(append([]string{now.product["slug"]}, values...), " ")))
		}
		now.variants = append(now.variants, foreignVariant{r, cells})
	}
	var out []row
	for _, p := range products {
		if len(p.variants) == 0 {
			issues = append(issues, Issue{p.first.line, "type", "is variable, and no variation follows"})
		}
		out = append(out, p.rows()...)
	}
	return out, issues
}

// fromPrestaShop reads PrestaShop's product file, as its import and its exports write it. Rows that
// repeat a product's id with an attribute are its combinations.
func fromPrestaShop(rows []row) ([]row, []Issue) {
	var products []*foreign
	var issues []Issue
	byID := map[string]*foreign{}
	for _, r := range rows {
		id := r.either("product id", "id")
		now := byID[id]
		if now == nil || id == "" {
			now = newForeign(r)
			now.set(now.product, r, "description_fr", "description")
			now.set(now.product, r, "short_fr", "short description", "summary")
			now.set(now.product, r, "maker", "manufacturer", "brand")
			category, _, _ := strings.Cut(r.either("categories (x,y,z...)", "categories"), ",")
			now.describe(r.either("name*", "name *", "name"), r.either("url rewritten", "rewritten url"), category)
			now.names["slug"], now.names["name_fr"], now.names["photos"] = "url rewritten", "name *", "image urls (x,y,z...)"
			alts := strings.Split(r.get("image alt texts (x,y,z...)"), ",")
			for n, src := range strings.Split(r.either("image urls (x,y,z...)", "image urls"), ",") {
				p := foreignPhoto{position: n, name: fileOf(strings.TrimSpace(src))}
				if n < len(alts) {
					p.alt = strings.TrimSpace(alts[n])
				}
				now.photos = append(now.photos, p)
			}
			products, byID[id] = append(products, now), now
		}
		cells := map[string]string{}
		now.set(cells, r, "sku", "reference #", "reference")
		now.set(cells, r, "gtin", "ean13", "ean-13")
		now.set(cells, r, "cost", "wholesale price", "cost price")
		now.set(cells, r, "stock", "quantity")
		if now.set(cells, r, "price", "price tax included", "price (tax incl.)"); cells["price"] == "" {
			if net, err := strconv.ParseFloat(strings.Replace(now.set(cells, r, "price", "price tax excluded", "price (tax excl.)"), ",", ".", 1), 64); err == nil && net > 0 && net < 1e6 {
				cells["price"] = money.Amount(net*120 + 0.5).Decimal() // at the standard rate, which a person then confirms
			}
		}
		issues = append(issues, now.measure(cells, r, "weight", "depth", "width", "height")...)
		var names, values []string
		values = splitColon(r.get("value (value:position)*"), r.get("value (value:position)"))
		for _, name := range splitColon(r.get("attribute (name:type:position)*"), r.get("attribute (name:type:position)")) {
			names = append(names, name)
		}
		if len(names) != len(values) {
			issues = append(issues, Issue{r.line, "value (value:position)", fmt.Sprintf("has %d values for %d attributes", len(values), len(names))})
			continue
		}
		now.options(cells, names, values)
		if cells["sku"] == "" {
			cells["sku"] = strings.ToUpper(slug.Make(strings.Join(append([]string{now.product["slug"]}, values...), " ")))
		}
		now.variants = append(now.variants, foreignVariant{r, cells})
	}
	var out []row
	for _, p := range products {
		out = append(out, p.rows()...)
	}
	return out, issues
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
			issues = append(issues, Issue{r.line, m.theirs, fmt.Sprintf("must be a number, not %q", clip(cell))})
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
