package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosimple/slug"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/text"
	"boutique/internal/vat"
)

// grouping turns rows into products, each taken once its last row is read, and notes everything that
// is wrong with them.
type grouping struct {
	report *Report
	slugs  map[string]bool
	skus   map[string]int
	now    *imported
	take   func(imported) error
}

func (g *grouping) row(row row) error {
	name := row.get("slug")
	if name == "" {
		g.report.issue(row, "slug", "cell_missing")
		return nil
	}
	if g.now == nil || g.now.content.Slug != name {
		if err := g.end(); err != nil {
			return err
		}
		if g.slugs[name] {
			g.report.issue(row, "slug", "slug_apart")
			return nil
		}
		g.slugs[name] = true
		p := g.report.product(row)
		g.now = &p
	}
	v := g.report.variant(row, g.now)
	v.own(row)
	g.report.ownPhoto(row, g.now, v.SKU)
	if before, twice := g.skus[v.SKU]; twice && v.SKU != "" {
		g.report.issue(row, "sku", "sku_of_line", "line", before)
	}
	g.skus[v.SKU] = row.line
	g.now.content.Variants = append(g.now.content.Variants, v)
	return nil
}

// end takes the product whose rows have ended.
func (g *grouping) end() error {
	p := g.now
	if p == nil {
		return nil
	}
	g.now = nil
	if err := p.content.Check(); err != nil {
		f, _ := fault.As(err)
		for _, i := range issuesOf(p.line, f) {
			if !strings.Contains(i.Column, ".values") {
				g.report.note(i)
			}
		}
	}
	return g.take(*p)
}

// perLanguage reads a column that stands once per language, where it is not empty.
func perLanguage(row row, column string) map[text.Lang]string {
	m := map[text.Lang]string{}
	for _, l := range allLanguages {
		if s := row.get(column + "_" + string(l)); s != "" {
			m[l] = s
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

func list(cell, separator string) []string {
	var out []string
	for _, s := range strings.Split(cell, separator) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (r *Report) number(row row, column string) int {
	cell := row.get(column)
	if cell == "" {
		return 0
	}
	n, err := strconv.Atoi(cell)
	if err != nil || n < 0 {
		r.issue(row, column, "whole_number", "cell", clip(cell))
	}
	return n
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

func (r *Report) product(row row) imported {
	p := imported{line: row.line}
	c := &p.content
	c.Slug, c.Family, c.Category, c.Maker = row.get("slug"), row.get("family"), row.get("category"), row.get("maker")
	c.VATClass = vat.Class(row.get("vat_class"))
	c.Texts = map[text.Lang]Text{}
	for _, l := range allLanguages {
		t := Text{Name: row.get("name_" + string(l)), Short: row.get("short_" + string(l)), Description: row.get("description_" + string(l))}
		if t != (Text{}) {
			c.Texts[l] = t
		}
	}
	c.OriginCountry, c.CustomsCode = strings.ToUpper(row.get("origin_country")), row.get("customs_code")
	c.ShippingClasses = list(row.get("shipping_classes"), ",")
	c.Legal = LegalFacts{
		Manufacturer: Manufacturer{row.get("manufacturer_name"), row.get("manufacturer_address"), row.get("manufacturer_contact")},
		Warnings:     perLanguage(row, "warnings"), NetQuantity: r.number(row, "net_quantity"), NetUnit: row.get("net_unit"),
		Ingredients: perLanguage(row, "ingredients"), Allergens: list(row.get("allergens"), ","), Composition: perLanguage(row, "composition"),
		Author: row.get("author"), Publisher: row.get("publisher"), ISBN: row.get("isbn"), BookCondition: row.get("book_condition"),
	}
	if cell := row.get("alcohol_by_volume"); cell != "" {
		tenths, err := money.Parse(cell)
		if err != nil || tenths < 0 || tenths > 100_00 || tenths%10 != 0 {
			r.issue(row, "alcohol_by_volume", "alcohol", "cell", clip(cell))
		}
		c.Legal.AlcoholTenths = int(tenths / 10)
	}
	r.facts(row, c)
	if !slices.Contains(netUnits, c.Legal.NetUnit) {
		r.issue(row, "net_unit", "net_unit")
	}
	for n := 1; n <= 2; n++ {
		if labels := perLanguage(row, fmt.Sprintf("option%d_name", n)); labels != nil {
			c.Options = append(c.Options, Option{Code: slug.Make(Labels(labels).In(text.FR)), Labels: labels})
		}
	}
	names := list(row.get("photos"), "|")
	for _, name := range names {
		p.photos = append(p.photos, importedPhoto{name: name, alts: map[text.Lang]string{}})
	}
	for _, l := range allLanguages {
		column := "photo_alts_" + string(l)
		if row.get(column) == "" {
			continue
		}
		alts := strings.Split(row.get(column), "|")
		if len(alts) > len(names) {
			r.issue(row, column, "alts_many", "texts", len(alts), "photos", len(names))
			continue
		}
		for i, alt := range alts {
			if alt = strings.TrimSpace(alt); alt != "" {
				p.photos[i].alts[l] = alt
			}
		}
	}
	switch strings.ToLower(row.get("publish")) {
	case "yes", "oui", "1", "true":
		p.publish = true
	case "no", "non", "0", "false", "":
	default:
		r.issue(row, "publish", "yes_or_no")
	}
	return p
}

func (r *Report) variant(row row, p *imported) Variant {
	v := Variant{SKU: row.get("sku"), GTIN: row.get("gtin"), WeightG: r.number(row, "weight_g"), LengthMM: r.number(row, "length_mm"),
		WidthMM: r.number(row, "width_mm"), HeightMM: r.number(row, "height_mm"), Stock: r.number(row, "stock")}
	if v.SKU == "" {
		r.issue(row, "sku", "cell_missing")
	}
	price, err := money.Parse(row.get("price"))
	if err != nil || price <= 0 {
		r.issue(row, "price", "amount", "like", "12,50", "cell", clip(row.get("price")))
	} else {
		v.Price = price
	}
	if cell := row.get("cost"); cell != "" {
		cost, err := money.Parse(cell)
		if err != nil || cost < 0 {
			r.issue(row, "cost", "amount", "like", "6,20", "cell", clip(cell))
		}
		v.Cost = &cost
	}
	for n := range p.content.Options {
		column := fmt.Sprintf("option%d_value", n+1)
		labels := perLanguage(row, column)
		if labels == nil {
			r.issue(row, column+"_fr", "option_missing")
			v.Values = append(v.Values, "")
			continue
		}
		value := OptionValue{Code: slug.Make(Labels(labels).In(text.FR)), Labels: labels, Swatch: row.get(fmt.Sprintf("option%d_swatch", n+1))}
		option := &p.content.Options[n]
		if !slices.ContainsFunc(option.Values, func(o OptionValue) bool { return o.Code == value.Code }) {
			option.Values = append(option.Values, value)
		}
		v.Values = append(v.Values, value.Code)
	}
	return v
}
