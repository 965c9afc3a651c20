package catalog

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"boutique/internal/money"
	"boutique/internal/text"
)

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

// Band is a range of prices to choose from: from From on, and below Below.
type Band struct {
	Code        string
	From, Below money.Amount
}

// Bands are the ranges of prices, the lowest first; the last one has no end.
func Bands() []Band {
	return []Band{{"0-10", 0, 10_00}, {"10-20", 10_00, 20_00}, {"20-50", 20_00, 50_00}, {"50-", 50_00, math.MaxInt64}}
}

// Filter narrows and orders a list. Available tells what is left of a variant; nil asks nothing.
type Filter struct {
	Lang          text.Lang
	Category      string
	Maker         string
	Query         string
	Price         string // the code of a Band
	AvailableOnly bool
	Available     func(variantID int64) int
	Sort          string
	After         string // the slug behind which the list goes on
	Limit         int

	stocked *stocked
}

// stocked tells of every product whether anything of it is left, and of each category how many are.
type stocked struct {
	left       []bool
	categories []int
	all        int
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
	Prices     map[string]int
	Available  int
}

// sideways is what lists ask of every product, side by side: a list is narrowed without touching the
// products themselves.
type sideways struct {
	category, maker []int32 // their places, -1 for none
	band            []int8
	// orders are the numbers of the products in each order but the newest first, which is their own.
	orders map[string][]int32
}

// The filters that a product may fail, as bits.
const (
	failsCategory = 1 << iota
	failsMaker
	failsPrice
	failsStock
)

// finishColumns makes ready what lists need: once all products are there.
func (s *Snapshot) finishColumns() {
	n := len(s.items)
	c := sideways{category: make([]int32, n), maker: make([]int32, n), band: make([]int8, n), orders: map[string][]int32{}}
	bands := Bands()
	for at, i := range s.items {
		c.category[at], c.maker[at] = -1, -1
		if i.Category != nil {
			c.category[at] = i.Category.at
			i.Category.items = append(i.Category.items, int32(at))
		}
		if i.Maker != nil {
			c.maker[at] = i.Maker.at
			i.Maker.items = append(i.Maker.items, int32(at))
		}
		c.band[at] = int8(slices.IndexFunc(bands, func(b Band) bool { return i.MinPrice < b.Below }))
	}
	s.sortAll(&c)
	for _, one := range s.Categories {
		one.orders = map[string][]int32{}
	}
	for name, list := range c.orders {
		for _, one := range s.Categories {
			one.orders[name] = make([]int32, 0, len(one.items))
		}
		for _, at := range list {
			if i := s.items[at]; i.Category != nil {
				i.Category.orders[name] = append(i.Category.orders[name], at)
			}
		}
	}
	s.columns = c
}

// sortAll makes the orders. Slugs settle what is equal, so they are ranked once; and a language that
// nothing is written in has the order of French.
func (s *Snapshot) sortAll(c *sideways) {
	n := len(s.items)
	rank := make([]uint32, n)
	bySlug := numbered(n)
	slices.SortFunc(bySlug, func(a, b int32) int { return strings.Compare(s.items[a].Slug, s.items[b].Slug) })
	for place, at := range bySlug {
		rank[at] = uint32(place)
	}
	// A price and a rank in one number: prices are at most 100,000 euros.
	byPrice := func(key func(money.Amount) uint64) []int32 {
		keys := make([]uint64, n)
		for at, i := range s.items {
			keys[at] = key(i.MinPrice)<<32 | uint64(rank[at])
		}
		slices.Sort(keys)
		list := make([]int32, n)
		for place, k := range keys {
			list[place] = bySlug[uint32(k)]
		}
		return list
	}
	byName := func(lang text.Lang) []int32 {
		names := make([]string, n)
		for at, i := range s.items {
			names[at] = fold(i.In(lang).Name)
		}
		list := numbered(n)
		slices.SortFunc(list, func(a, b int32) int {
			return cmp.Or(strings.Compare(names[a], names[b]), cmp.Compare(rank[a], rank[b]))
		})
		return list
	}
	jobs := map[string]func() []int32{
		SortPriceUp:        func() []int32 { return byPrice(func(p money.Amount) uint64 { return uint64(p) }) },
		SortPriceDown:      func() []int32 { return byPrice(func(p money.Amount) uint64 { return 1<<31 - uint64(p) }) },
		nameOrder(text.FR): func() []int32 { return byName(text.FR) },
	}
	var french []text.Lang
	for _, lang := range text.Offered() {
		if slices.ContainsFunc(s.items, func(i *Item) bool { return i.Spoken(lang) != text.FR }) {
			jobs[nameOrder(lang)] = func() []int32 { return byName(lang) }
		} else {
			french = append(french, lang)
		}
	}
	var working sync.WaitGroup
	var mu sync.Mutex
	for name, job := range jobs {
		working.Go(func() {
			list := job()
			mu.Lock()
			defer mu.Unlock()
			c.orders[name] = list
		})
	}
	working.Wait()
	for _, lang := range french {
		c.orders[nameOrder(lang)] = c.orders[nameOrder(text.FR)]
	}
}

func numbered(n int) []int32 {
	list := make([]int32, n)
	for at := range list {
		list[at] = int32(at)
	}
	return list
}

func nameOrder(lang text.Lang) string { return SortName + ":" + string(lang) }

// countStock tells what is left of which product.
func (s *Snapshot) countStock(available func(variantID int64) int) *stocked {
	out := &stocked{left: make([]bool, len(s.items)), categories: make([]int, len(s.Categories))}
	for at, i := range s.items {
		for _, v := range i.Variants {
			if available(v.ID) > 0 {
				out.left[at] = true
				out.all++
				if i.Category != nil {
					out.categories[i.Category.at]++
				}
				break
			}
		}
	}
	return out
}

// narrowing is a filter as numbers.
type narrowing struct {
	columns         *sideways
	category, maker int32 // -1 for any, -2 for one that is not there
	band            int8
	stocked         *stocked
	availableOnly   bool
}

func (s *Snapshot) narrow(f Filter) narrowing {
	n := narrowing{columns: &s.columns, category: -1, maker: -1, band: -1, stocked: f.stocked, availableOnly: f.AvailableOnly}
	if f.Category != "" {
		n.category = -2
		if c, ok := s.categories[f.Category]; ok {
			n.category = c.at
		}
	}
	if f.Maker != "" {
		n.maker = -2
		if m, ok := s.makers[f.Maker]; ok {
			n.maker = m.at
		}
	}
	if f.Price != "" {
		n.band = -2
		if at := slices.IndexFunc(Bands(), func(b Band) bool { return b.Code == f.Price }); at >= 0 {
			n.band = int8(at)
		}
	}
	if n.stocked != nil && len(n.stocked.left) != len(s.items) {
		n.stocked = nil
	}
	if n.stocked == nil && f.Available != nil {
		n.stocked = s.countStock(f.Available)
	}
	return n
}

func (n *narrowing) left(at int32) bool { return n.stocked == nil || n.stocked.left[at] }

// fails tells which of the filters a product fails.
func (n *narrowing) fails(at int32) int {
	fails := 0
	if n.category != -1 && n.columns.category[at] != n.category {
		fails = failsCategory
	}
	if n.maker != -1 && n.columns.maker[at] != n.maker {
		fails |= failsMaker
	}
	if n.band != -1 && n.columns.band[at] != n.band {
		fails |= failsPrice
	}
	if n.availableOnly && !n.left(at) {
		fails |= failsStock
	}
	return fails
}

// counts are the facets as numbers.
type counts struct {
	total, available          int
	categories, makers, bands []int
}

func (c *counts) take(n *narrowing, at int32) {
	fails := n.fails(at)
	if fails == 0 {
		c.total++
	}
	if fails&^failsCategory == 0 && n.columns.category[at] >= 0 {
		c.categories[n.columns.category[at]]++
	}
	if fails&^failsMaker == 0 && n.columns.maker[at] >= 0 {
		c.makers[n.columns.maker[at]]++
	}
	if fails&^failsPrice == 0 && n.columns.band[at] >= 0 {
		c.bands[n.columns.band[at]]++
	}
	if fails&^failsStock == 0 && n.left(at) {
		c.available++
	}
}

func (s *Snapshot) facets(c counts) Facets {
	f := Facets{Categories: map[string]int{}, Makers: map[string]int{}, Prices: map[string]int{}, Available: c.available}
	for at, n := range c.categories {
		if n > 0 {
			f.Categories[s.Categories[at].Slug] = n
		}
	}
	for at, n := range c.makers {
		if n > 0 {
			f.Makers[s.Makers[at].Slug] = n
		}
	}
	for at, n := range c.bands {
		if n > 0 {
			f.Prices[Bands()[at].Code] = n
		}
	}
	return f
}

// List narrows, orders and cuts the catalogue.
func (s *Snapshot) List(f Filter) Page {
	if len(s.items) == 0 {
		return Page{Facets: s.facets(counts{})}
	}
	limit := f.Limit
	if limit < 1 {
		limit = 24
	}
	n := s.narrow(f)
	c := counts{categories: make([]int, len(s.Categories)), makers: make([]int, len(s.Makers)), bands: make([]int, len(Bands()))}
	after := int32(-1)
	if i, ok := s.bySlug[f.After]; ok {
		after = i.at
	}
	var chosen []int32
	if f.Query != "" {
		x, t, ok := s.find(f.Lang, f.Query)
		if !ok {
			return Page{Facets: s.facets(c)}
		}
		defer x.giveBack(t)
		for _, at := range t.found {
			c.take(&n, at)
		}
		if f.Sort == "" || f.Sort == SortRelevance {
			chosen = t.best(limit+1, after, func(at int32) bool { return n.fails(at) == 0 })
		} else {
			chosen = s.walk(s.ordered(f), after, limit+1, func(at int32) bool { return t.count[at] > 0 && n.fails(at) == 0 })
		}
	} else {
		s.count(&n, &c)
		chosen = s.walk(s.ordered(f), after, limit+1, func(at int32) bool { return n.fails(at) == 0 })
	}
	page := Page{Total: c.total, Facets: s.facets(c)}
	for _, at := range chosen[:min(limit, len(chosen))] {
		page.Items = append(page.Items, s.items[at])
	}
	if len(chosen) > limit {
		page.Next = page.Items[limit-1].Slug
	}
	return page
}

// count counts what a list without a query holds. One that is narrowed by nothing but its category, as
// most are, counts that category's products alone: what the others hold is known.
func (s *Snapshot) count(n *narrowing, c *counts) {
	if n.category < 0 || n.maker != -1 || n.band != -1 {
		for at := range s.items {
			c.take(n, int32(at))
		}
		return
	}
	for _, at := range s.Categories[n.category].items {
		c.take(n, at)
	}
	for at, one := range s.Categories {
		c.categories[at] = len(one.items)
		if n.availableOnly && n.stocked != nil {
			c.categories[at] = n.stocked.categories[at]
		}
	}
}

// ordered lists the numbers of all products, or of the filter's category, in the filter's order; nil
// is the order of the numbers themselves.
func (s *Snapshot) ordered(f Filter) []int32 {
	name := f.Sort
	if name == SortName {
		name = nameOrder(f.Lang)
	}
	if c, ok := s.categories[f.Category]; ok {
		if list, ok := c.orders[name]; ok {
			return list
		}
		return c.items
	}
	return s.columns.orders[name]
}

// walk takes the first products that fit, behind one (-1: from the first).
func (s *Snapshot) walk(order []int32, after int32, limit int, fits func(int32) bool) []int32 {
	var chosen []int32
	if order == nil {
		for at := after + 1; int(at) < len(s.items) && len(chosen) < limit; at++ {
			if fits(at) {
				chosen = append(chosen, at)
			}
		}
		return chosen
	}
	start := 0
	if after >= 0 {
		start = slices.Index(order, after) + 1
	}
	for _, at := range order[start:] {
		if len(chosen) == limit {
			break
		}
		if fits(at) {
			chosen = append(chosen, at)
		}
	}
	return chosen
}
