package catalog

import (
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
	Map        OutlineMap

	items      []*Item // the newest first
	bySlug     map[string]*Item
	former     map[string]string
	categories map[string]*Category
	makers     map[string]*Maker
	search     map[text.Lang]*index
	meanings   map[text.Lang]meanings
	columns    sideways
}

// Category is a category as shoppers see it.
type Category struct {
	Slug         string
	Position     int
	Names        Labels
	Descriptions Labels
	Photo        *Picture
	Count        int

	at     int32
	items  []int32
	orders map[string][]int32
}

// Maker is a maker as shoppers see it.
type Maker struct {
	Slug    string
	Name    string
	Town    string
	Website string
	Stories Labels
	Count   int
	Address string
	// Latitude and Longitude are in millionths of a degree; nil where the place is not known.
	Latitude, Longitude *int32
	// Local is who the office calls one of the country's own.
	Local bool
	// Photo is the maker's own, else one of its products'; nil when there is none.
	Photo *Picture

	photo string
	own   bool
	at    int32
	items []int32
}

// Item is a published product.
type Item struct {
	ID   int64
	Slug string
	// Family is the one whose law the product is under.
	Family   string
	Category *Category
	Maker    *Maker
	Texts    map[text.Lang]ItemText
	Options  []Option
	Variants []ItemVariant
	Pictures []Picture
	Legal    LegalFacts
	// Origins are the countries that its articles come from.
	Origins     []string
	Classes     []string
	PublishedAt time.Time
	MinPrice    money.Amount
	MaxPrice    money.Amount
	// Reduced tells whether a reduction of one of its variants is announced.
	Reduced bool

	at int32
}

// ItemText is a product's texts. Description is Markdown.
type ItemText struct {
	Name, Short, Description, SEOTitle, SEODescription string
}

// HTML is the description rendered and cleaned. It is made when a page is: most products of a large
// catalogue are not looked at before the next change.
func (t ItemText) HTML() string { return Markdown(t.Description) }

// In gives the texts in the language, in French when there are none.
func (i *Item) In(lang text.Lang) ItemText {
	if t, ok := i.Texts[lang]; ok && t.Name != "" {
		return t
	}
	return i.Texts[text.FR]
}

// Spoken is the language that the texts of In are really in.
func (i *Item) Spoken(lang text.Lang) text.Lang {
	if i.Texts[lang].Name != "" {
		return lang
	}
	return text.FR
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

// LabelLang is the language that Label is really in: French when one of its values has no other.
func (v ItemVariant) LabelLang(lang text.Lang) text.Lang {
	for _, value := range v.Values {
		if _, in := value.Labels.Spoken(lang); in != lang {
			return in
		}
	}
	return lang
}

// Picture is a photograph on a page.
type Picture struct {
	SHA256 string
	Width  int
	Height int
	FocalX int `json:"focal_x"`
	FocalY int `json:"focal_y"`
	Alts   map[text.Lang]string
	// Placeholder is a tiny picture as a data address, shown until the photograph is there.
	Placeholder string
	Renditions  []Rendition
	Credit      string
	// Shows are the variants whose own photograph it is.
	Shows []int64

	store     Renderer
	made      string
	thumbhash []byte
}

// Drawn is the picture with its placeholder and its renditions. They are made when a page is: most
// photographs of a large catalogue are not looked at before the next change.
func (p Picture) Drawn() Picture {
	if p.store != nil {
		p.Placeholder, p.Renditions = p.store.Placeholder(p.thumbhash), p.store.Shown(p.SHA256, p.Width, p.Height, p.made)
		p.store = nil
	}
	return p
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

// PictureOf is the place of a variant's own photograph among the pictures; -1 when it has none.
func (i *Item) PictureOf(variantID int64) int {
	return slices.IndexFunc(i.Pictures, func(p Picture) bool { return slices.Contains(p.Shows, variantID) })
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
	add := func(numbers []int32, fits func(*Item) bool) {
		for _, at := range numbers {
			if len(list) == n {
				return
			}
			if i := s.items[at]; i != of && fits(i) && !slices.Contains(list, i) {
				list = append(list, i)
			}
		}
	}
	every := func(*Item) bool { return true }
	if of.Category != nil && of.Maker != nil {
		add(of.Maker.items, func(i *Item) bool { return i.Category == of.Category })
	}
	if of.Category != nil {
		add(of.Category.items, every)
	}
	if of.Maker != nil {
		add(of.Maker.items, every)
	}
	return list
}

// Of are all products of a maker, the newest first.
func (s *Snapshot) Of(m *Maker) []*Item {
	list := make([]*Item, len(m.items))
	for n, at := range m.items {
		list[n] = s.items[at]
	}
	return list
}
