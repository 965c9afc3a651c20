package catalog

import (
	"embed"
	"strings"
	"unicode/utf8"

	"boutique/internal/text"
)

//go:embed locale/*.json
var localeFiles embed.FS

var words = text.MustLoad(localeFiles, "locale")

// Criterion is one thing that a product must (or should) have to be put online, and whether it has
// it. Field is the place on the product's page where it is mended.
type Criterion struct {
	Code     string
	Met      bool
	Blocking bool
	Field    string
	Params   map[string]any
}

// Name says the criterion in the reader's words.
func (c Criterion) Name(lang text.Lang) string { return words.In(lang).T("criterion_" + c.Code) }

// ToDo says what to do about it.
func (c Criterion) ToDo(lang text.Lang) string {
	args := []any{}
	for key, value := range c.Params {
		args = append(args, key, value)
	}
	return words.In(lang).T("todo_"+c.Code, args...)
}

// The least lengths of texts, in characters.
const (
	leastShort       = 20
	leastDescription = 80
)

// Criteria judges a product: pure, in a fixed order. offered are the languages in which the shop
// speaks; deliverable tells whether a variant can be sent to the home zone.
func Criteria(p Product, offered []text.Lang, deliverable func(Variant) bool) []Criterion {
	var list []Criterion
	add := func(code, field string, blocking, met bool, params map[string]any) {
		list = append(list, Criterion{Code: code, Met: met, Blocking: blocking, Field: field, Params: params})
	}
	variants := p.selling()
	every := func(test func(Variant) bool) bool {
		for _, v := range variants {
			if !test(v) {
				return false
			}
		}
		return len(variants) > 0
	}
	everyLang := func(test func(text.Lang) bool) (bool, map[string]any) {
		var missing []string
		for _, lang := range offered {
			if !test(lang) {
				missing = append(missing, string(lang))
			}
		}
		return missing == nil, map[string]any{"languages": strings.Join(missing, ", ")}
	}
	said := func(m map[text.Lang]string) (bool, map[string]any) {
		return everyLang(func(l text.Lang) bool { return strings.TrimSpace(m[l]) != "" })
	}

	add("photo", "photos", true, len(p.Photos) > 0, nil)
	met, params := everyLang(func(l text.Lang) bool {
		for _, ph := range p.Photos {
			if strings.TrimSpace(ph.Alts[l]) == "" {
				return false
			}
		}
		return true
	})
	add("alt_text", "photos", true, met, params)
	met, params = everyLang(func(l text.Lang) bool { return strings.TrimSpace(p.Texts[l].Name) != "" })
	add("name", "texts", true, met, params)
	met, params = everyLang(func(l text.Lang) bool {
		return utf8.RuneCountInString(strings.TrimSpace(p.Texts[l].Short)) >= leastShort
	})
	add("short", "texts", true, met, params)
	met, params = everyLang(func(l text.Lang) bool {
		return utf8.RuneCountInString(strings.TrimSpace(p.Texts[l].Description)) >= leastDescription
	})
	add("description", "texts", true, met, params)
	add("category", "category", true, p.Category != "", nil)
	add("maker", "maker", false, p.Maker != "", nil)
	add("price", "variants", true, every(func(v Variant) bool { return v.Price > 0 }), nil)
	add("price_above_cost", "variants", false, every(func(v Variant) bool { return v.Cost == nil || v.Price > *v.Cost }), nil)
	add("dimensions", "variants", true, every(func(v Variant) bool { return v.WeightG > 0 && v.LengthMM > 0 && v.WidthMM > 0 && v.HeightMM > 0 }), nil)
	add("deliverable", "variants", true, every(deliverable), nil)
	add("gift_card", "family", true, p.Family != "gift_card", nil)
	switch p.Family {
	case "food", "alcohol":
		met, params = said(p.Legal.Ingredients)
		add("ingredients", "legal", true, met, params)
		add("net_quantity", "legal", true, p.Legal.NetQuantity > 0 && p.Legal.NetUnit != "", nil)
		add("origin", "legal", true, p.OriginCountry != "", nil)
		add("operator", "legal", true, p.Legal.Manufacturer.Name != "" && p.Legal.Manufacturer.Address != "", nil)
		if p.Family == "alcohol" {
			add("alcohol", "legal", true, p.Legal.AlcoholTenths > 12, nil)
		}
	case "book":
		add("book", "legal", true, p.Legal.Author != "" && p.Legal.Publisher != "", nil)
		add("isbn", "legal", true, ValidGTIN(p.Legal.ISBN), nil)
	default:
		m := p.Legal.Manufacturer
		add("manufacturer", "legal", true, m.Name != "" && m.Address != "" && m.Contact != "", nil)
		if p.Family == "textile" {
			met, params = said(p.Legal.Composition)
			add("composition", "legal", true, met, params)
		}
		if p.Family == "toy" {
			met, params = said(p.Legal.Warnings)
			add("warnings", "legal", true, met, params)
		}
	}
	add("stock", "variants", false, p.inStock(), nil)
	return list
}

// selling are the variants that are on offer.
func (p Product) selling() []Variant {
	var list []Variant
	for _, v := range p.Variants {
		if !v.Retired {
			list = append(list, v)
		}
	}
	return list
}

func (p Product) inStock() bool {
	for _, v := range p.selling() {
		if v.Stock > v.Reserved {
			return true
		}
	}
	return false
}

// Failing lists the blocking criteria that are not met.
func Failing(list []Criterion) []Criterion {
	var failing []Criterion
	for _, c := range list {
		if c.Blocking && !c.Met {
			failing = append(failing, c)
		}
	}
	return failing
}
