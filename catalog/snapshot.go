package catalog

import (
	"cmp"
	"slices"
	"time"

	"boutique/internal/money"
	"boutique/internal/text"
)

// Snapshot is the published catalogue at one moment, immutable and whole: pages are served from it
// without a statement.
type Snapshot struct {
	Version int64
	BuiltAt time.Time
	// NextChange is when a planned price begins; nil when none is planned.
	NextChange *time.Time
	Categories []*Category
	Makers     []*Maker

	items      []*Item // the newest first
	bySlug     map[string]*Item
	former     map[string]string
	categories map[string]*Category
	makers     map[string]*Maker
	search     map[text.Lang]*index
}

// Category is a category as shoppers see it.
type Category struct {
	Slug         string
	Position     int
	Names        Labels
	Descriptions Labels
	Photo        *Picture
	Count        int
}

// Maker is a maker as shoppers see it.
type Maker struct {
	Slug    string
	Name    string
	Town    string
	Website string
	Stories Labels
	Count   int
}

// Item is a published product.
type Item struct {
	ID   int64
	Slug string
	// Family is the one whose law the product is under.
	Family      string
	Category    *Category
	Maker       *Maker
	Texts       map[text.Lang]ItemText
	Options     []Option
	Variants    []ItemVariant
	Pictures    []Picture
	Legal       LegalFacts
	Origin      string
	Classes     []string
	PublishedAt time.Time
	MinPrice    money.Amount
	MaxPrice    money.Amount
	// Reduced tells whether a reduction of one of its variants is announced.
	Reduced bool
}

// ItemText is a product's texts, the description rendered and cleaned.
type ItemText struct {
	Name, Short, HTML, Plain, SEOTitle, SEODescription string
}

// In gives the texts in the language, in French when there are none.
func (i *Item) In(lang text.Lang) ItemText {
	if t, ok := i.Texts[lang]; ok && t.Name != "" {
		return t
	}
	return i.Texts[text.FR]
}

// ItemVariant is an article on sale.
type ItemVariant struct {
	ID     int64
	SKU    string
	GTIN   string
	Values []OptionValue
	Price  money.Amount
	// Reduction is the one in force; nil for none.
	Reduction *Reduction
	WeightG   int
	LengthMM  int
	WidthMM   int
	HeightMM  int
	// UnitPrice is the price per kilogram or litre (C. conso. art. L112-1), in cents; nil when the
	// article has no net quantity.
	UnitPrice *money.Amount
	Unit      string
}

// Label names the variant by its values: "Crème, M"; empty for the only one.
func (v ItemVariant) Label(lang text.Lang) string {
	label := ""
	for i, value := range v.Values {
		if i > 0 {
			label += ", "
		}
		label += value.Labels.In(lang)
	}
	return label
}

// Picture is a photograph on a page.
type Picture struct {
	SHA256         string
	Width, Height  int
	FocalX, FocalY int
	Alts           map[text.Lang]string
	// Placeholder is a tiny picture as a data address, shown until the photograph is there.
	Placeholder string
	Renditions  []Rendition
}

// Alt is the alternative text in the language, in French when it has none.
func (p Picture) Alt(lang text.Lang) string { return Labels(p.Alts).In(lang) }

// Rendition is one width and format of a photograph, under its final address.
type Rendition struct {
	Width, Height int
	Ext           string
	URL           string
}

// Variant finds an article by its SKU; the first one when there is none such.
func (i *Item) Variant(sku string) ItemVariant {
	for _, v := range i.Variants {
		if v.SKU == sku {
			return v
		}
	}
	return i.Variants[0]
}

// Items are all published products, the newest first. The slice must not be changed.
func (s *Snapshot) Items() []*Item { return s.items }

// Product finds a published product by its slug.
func (s *Snapshot) Product(slug string) (*Item, bool) {
	i, ok := s.bySlug[slug]
	return i, ok
}

// Moved tells where a product that used to have this slug is now.
func (s *Snapshot) Moved(slug string) (string, bool) {
	to, ok := s.former[slug]
	return to, ok
}

// Category finds a category by its slug.
func (s *Snapshot) Category(slug string) (*Category, bool) {
	c, ok := s.categories[slug]
	return c, ok
}

// Maker finds a maker by its slug.
func (s *Snapshot) Maker(slug string) (*Maker, bool) {
	m, ok := s.makers[slug]
	return m, ok
}

// Newest are the n products that were put online last.
func (s *Snapshot) Newest(n int) []*Item { return s.items[:min(n, len(s.items))] }

// Related are up to n products that go with one: of its maker, then of its category.
func (s *Snapshot) Related(of *Item, n int) []*Item {
	var list []*Item
	for _, same := range []func(*Item) bool{
		func(i *Item) bool {
			return of.Category != nil && i.Category == of.Category && of.Maker != nil && i.Maker == of.Maker
		},
		func(i *Item) bool { return of.Category != nil && i.Category == of.Category },
		func(i *Item) bool { return of.Maker != nil && i.Maker == of.Maker },
	} {
		for _, i := range s.items {
			if len(list) == n {
				return list
			}
			if i != of && same(i) && !slices.Contains(list, i) {
				list = append(list, i)
			}
		}
	}
	return list
}

// The orders of a list.
const (
	SortNewest    = "newest"
	SortPriceUp   = "price"
	SortPriceDown = "price_desc"
	SortName      = "name"
	SortRelevance = "relevance"
)

// Sorts lists the orders that a list offers; relevance is for searches only.
func Sorts() []string { return []string{SortNewest, SortPriceUp, SortPriceDown, SortName} }

// Filter narrows and orders a list. Available tells what is left of a variant; nil asks nothing.
type Filter struct {
	Lang          text.Lang
	Category      string
	Maker         string
	Query         string
	MaxPrice      money.Amount
	AvailableOnly bool
	Available     func(variantID int64) int
	Sort          string
	After         string // the slug behind which the list goes on
	Limit         int
}

// Page is a part of a list. Total counts all of it; Next is where it goes on, empty at its end.
type Page struct {
	Items  []*Item
	Total  int
	Next   string
	Facets Facets
}

// Facets count what the list holds, without the filter that each is for.
type Facets struct {
	Categories map[string]int
	Makers     map[string]int
	Available  int
}

// List narrows, orders and cuts the catalogue.
func (s *Snapshot) List(f Filter) Page {
	candidates := s.items
	if f.Query != "" {
		candidates = s.find(f.Lang, f.Query)
	}
	inStock := func(i *Item) bool {
		return f.Available == nil || slices.ContainsFunc(i.Variants, func(v ItemVariant) bool { return f.Available(v.ID) > 0 })
	}
	facets := Facets{Categories: map[string]int{}, Makers: map[string]int{}}
	var list []*Item
	for _, i := range candidates {
		category := f.Category == "" || (i.Category != nil && i.Category.Slug == f.Category)
		maker := f.Maker == "" || (i.Maker != nil && i.Maker.Slug == f.Maker)
		price := f.MaxPrice == 0 || i.MinPrice <= f.MaxPrice
		stocked := inStock(i)
		available := !f.AvailableOnly || stocked
		if maker && price && available && i.Category != nil {
			facets.Categories[i.Category.Slug]++
		}
		if category && price && available && i.Maker != nil {
			facets.Makers[i.Maker.Slug]++
		}
		if category && maker && price && stocked {
			facets.Available++
		}
		if category && maker && price && available {
			list = append(list, i)
		}
	}
	order(list, f)
	page := Page{Total: len(list), Facets: facets}
	start := 0
	if f.After != "" {
		if at := slices.IndexFunc(list, func(i *Item) bool { return i.Slug == f.After }); at >= 0 {
			start = at + 1
		}
	}
	limit := f.Limit
	if limit < 1 {
		limit = 24
	}
	end := min(start+limit, len(list))
	page.Items = list[start:end]
	if end < len(list) && end > 0 {
		page.Next = list[end-1].Slug
	}
	return page
}

// order sorts a list; equal products keep the order of their slugs, so that a cursor finds its place.
func order(list []*Item, f Filter) {
	by := f.Sort
	if by == "" {
		by = SortNewest
		if f.Query != "" {
			by = SortRelevance
		}
	}
	switch by {
	case SortPriceUp:
		slices.SortStableFunc(list, func(a, b *Item) int { return cmp.Or(cmp.Compare(a.MinPrice, b.MinPrice), cmp.Compare(a.Slug, b.Slug)) })
	case SortPriceDown:
		slices.SortStableFunc(list, func(a, b *Item) int { return cmp.Or(cmp.Compare(b.MinPrice, a.MinPrice), cmp.Compare(a.Slug, b.Slug)) })
	case SortName:
		slices.SortStableFunc(list, func(a, b *Item) int {
			return cmp.Or(cmp.Compare(fold(a.In(f.Lang).Name), fold(b.In(f.Lang).Name)), cmp.Compare(a.Slug, b.Slug))
		})
	case SortRelevance:
	default:
		slices.SortStableFunc(list, func(a, b *Item) int {
			return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(a.Slug, b.Slug))
		})
	}
}
