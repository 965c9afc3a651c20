package storefront

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/shop"
	"boutique/shop/ui"
)

// browsed is a page that is the same for everyone, or an address to go to instead.
type browsed struct {
	page     templ.Component
	redirect string
}

// browse serves pages from the snapshot: made once for each state of catalogue and stock, then kept
// as they go over the wire.
func (s *Storefront) browse(make func(Page, *http.Request) (browsed, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		snapshot, stamp := s.Shelf.Current(), s.Shelf.Stamp()
		key := r.URL.Path + "?" + r.URL.RawQuery
		page := s.cache.get(snapshot, stamp, key)
		if page == nil {
			p, err := s.page(r)
			if err != nil {
				return err
			}
			b, err := make(p, r)
			if err != nil {
				return err
			}
			if b.redirect != "" {
				http.Redirect(w, r, b.redirect, http.StatusMovedPermanently)
				return nil
			}
			body, err := render(r.Context(), b.page)
			if err != nil {
				return err
			}
			if page, err = keep(body); err != nil {
				return err
			}
			if len(key) < 300 {
				s.cache.put(snapshot, stamp, key, page)
			}
		}
		page.serve(w, r)
		return nil
	}
}

func keep(body []byte) (*kept, error) {
	sum := sha256.Sum256(body)
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return &kept{etag: `"` + hex.EncodeToString(sum[:12]) + `"`, body: body, gz: b.Bytes()}, nil
}

func (k *kept) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", k.etag)
	if match := r.Header.Get("If-None-Match"); match != "" && strings.Contains(match, k.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := k.body
	if ui.AcceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = k.gz
	}
	h.Set("Content-Length", itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

func (s *Storefront) left(i *catalog.Item) int {
	left := 0
	for _, v := range i.Variants {
		left += max(0, s.Shelf.Available(v.ID))
	}
	return left
}

func (s *Storefront) cards(items []*catalog.Item) []Card {
	list := make([]Card, len(items))
	for n, i := range items {
		list[n] = Card{i, s.left(i)}
	}
	return list
}

// cheapest is the lowest price of a delivery in France, and from where on it is free.
func (s *Storefront) cheapest() (from, free *money.Amount) {
	for _, m := range s.settings().conditions.Methods {
		tariff, ok := m.Tariffs["france"]
		if !ok || len(tariff.Bands) == 0 {
			continue
		}
		if price := tariff.Bands[0].Price; price != nil && (from == nil || *price < *from) {
			from = price
		}
		if tariff.FreeFrom != nil && (free == nil || *tariff.FreeFrom < *free) {
			free = tariff.FreeFrom
		}
	}
	return from, free
}

func sellsAlcohol(s *catalog.Snapshot) bool {
	for _, i := range s.Items() {
		if i.Family == "alcohol" {
			return true
		}
	}
	return false
}

func (s *Storefront) homePage(p Page, _ *http.Request) (browsed, error) {
	snapshot := s.Shelf.Current()
	v := HomeView{Page: p, Newest: s.cards(snapshot.Newest(8))}
	v.Title, v.Description, v.Alcohol = p.Office.ShopName, tagline(p), sellsAlcohol(snapshot)
	v.From, v.Free = s.cheapest()
	v.Ready = readyWithin(s.settings().conditions)
	if i, ok := snapshot.Product(s.settings().home.Product); ok {
		v.Hero = &Card{i, s.left(i)}
	} else if len(snapshot.Items()) > 0 {
		i := snapshot.Items()[0]
		v.Hero = &Card{i, s.left(i)}
	}
	v.Maker, _ = snapshot.Maker(s.settings().home.Maker)
	if v.Maker == nil {
		for _, m := range snapshot.Makers {
			if m.Stories.In(p.Lang()) != "" && m.Count > 1 {
				v.Maker = m
				break
			}
		}
	}
	if v.Maker != nil {
		for _, i := range snapshot.Items() {
			if i.Maker == v.Maker && len(i.Pictures) > 0 {
				v.MakerOf = i
				break
			}
		}
	}
	return browsed{page: HomePage(v)}, nil
}

// perPage is how many products a list shows at once.
const perPage = 24

func (s *Storefront) listPage(p Page, r *http.Request) (browsed, error) {
	snapshot, q := s.Shelf.Current(), r.URL.Query()
	clip := func(name string, n int) string {
		value := strings.ToValidUTF8(strings.TrimSpace(q.Get(name)), "")
		if utf8.RuneCountInString(value) > n {
			value = string([]rune(value)[:n])
		}
		return value
	}
	f := catalog.Filter{Lang: p.Lang(), Category: chi.URLParam(r, "slug"), Maker: clip("maker", 80), Price: clip("price", 10), AvailableOnly: q.Get("available") == "1", Available: s.Shelf.Available,
		Sort: clip("sort", 20), After: clip("after", 80), Limit: perPage}
	v := ListView{Page: p, Filter: f, Base: "/products", Heading: p.T("list_all"), Intro: p.T("list_all_intro"), Makers: snapshot.Makers}
	switch {
	case f.Category != "":
		c, ok := snapshot.Category(f.Category)
		if !ok {
			return browsed{}, fault.New(fault.NotFound, "category_not_found", "there is no such category")
		}
		v.Category, v.Base, v.Heading, v.Intro = c.Slug, "/categories/"+c.Slug, c.Names.In(p.Lang()), c.Descriptions.In(p.Lang())
	case strings.HasSuffix(r.URL.Path, "/search"):
		v.Search, v.Base, v.Intro, v.NoIndex = true, "/search", "", true
		v.Query = clip("q", 200)
		f.Query, v.Heading = v.Query, p.T("list_search", "query", v.Query)
		if v.Query == "" {
			v.Heading = p.T("list_search_empty")
		}
	case f.Maker != "":
		if m, ok := snapshot.Maker(f.Maker); ok {
			v.Heading, v.Intro = p.T("list_maker", "maker", m.Name), m.Stories.In(p.Lang())
		}
	}
	if f.Category == "" {
		f.Category = clip("category", 80)
	}
	v.Filter = f
	found := s.Shelf.List(f)
	if v.Search && v.Query == "" {
		found = catalog.Page{}
	}
	v.Cards, v.Total, v.Facets = s.cards(found.Items), found.Total, found.Facets
	var makers []*catalog.Maker
	for _, m := range v.Makers {
		if found.Facets.Makers[m.Slug] > 0 {
			makers = append(makers, m)
		}
	}
	v.Makers = makers
	if v.Total == 0 {
		if v.Search && v.Query != "" {
			s.Shelf.CountMiss(p.Lang(), v.Query)
		}
		v.Hints = s.cards(snapshot.Newest(4))
	}
	available := ""
	if f.AvailableOnly {
		available = "1"
	}
	chosen := f.Category
	if v.Category != "" {
		chosen = ""
	}
	if found.Next != "" {
		v.More = withQuery(v.Base, "q", v.Query, "category", chosen, "maker", f.Maker, "price", f.Price, "sort", f.Sort, "available", available, "after", found.Next)
	}
	v.Title, v.Description = v.Heading, v.Intro
	v.Path = withQuery(v.Base, "q", v.Query, "category", chosen, "maker", f.Maker, "price", f.Price, "sort", f.Sort, "available", available, "after", f.After)
	return browsed{page: ListPage(v)}, nil
}

func (s *Storefront) productPage(p Page, r *http.Request) (browsed, error) {
	snapshot := s.Shelf.Current()
	item, ok := snapshot.Product(chi.URLParam(r, "slug"))
	if !ok {
		if to, moved := snapshot.Moved(chi.URLParam(r, "slug")); moved {
			return browsed{redirect: string(p.To("/products/" + to))}, nil
		}
		return browsed{}, fault.New(fault.NotFound, "product_not_found", "there is no such product")
	}
	v := s.productView(p, item, r.URL.Query().Get("variant"))
	if r.URL.Query().Get("choose") != "" {
		v.Error = p.T("choose_variant")
	}
	if asked := r.URL.Query().Get("asked"); asked == "yes" || asked == "again" {
		v.Asked, v.NoIndex = asked, true
	}
	return browsed{page: ProductPage(v)}, nil
}

func (s *Storefront) productView(p Page, item *catalog.Item, sku string) ProductView {
	t := item.In(p.Lang())
	v := ProductView{Page: p, Item: item, Text: t, Chosen: item.Variant(sku), LeftOf: map[int64]int{}, Related: s.cards(s.Shelf.Current().Related(item, 4))}
	v.Picked = len(item.Variants) == 1 || (sku != "" && v.Chosen.SKU == sku)
	for _, one := range item.Variants {
		left := max(0, s.Shelf.Available(one.ID))
		v.LeftOf[one.ID] = left
		v.Left += left
	}
	if v.Picked {
		v.Left = v.LeftOf[v.Chosen.ID]
	}
	v.Title, v.Description = t.Name, t.Short
	if t.SEOTitle != "" {
		v.Title = t.SEOTitle
	}
	if t.SEODescription != "" {
		v.Description = t.SEODescription
	}
	v.Ready = readyWithin(s.settings().conditions)
	quote := s.settings().conditions.Quote([]shop.Item{{SKU: v.Chosen.SKU, Quantity: 1, UnitPrice: v.Chosen.Price, WeightG: v.Chosen.WeightG, LengthMM: v.Chosen.LengthMM,
		WidthMM: v.Chosen.WidthMM, HeightMM: v.Chosen.HeightMM, Family: item.Family, Classes: item.Classes,
		NewBook: item.Family == "book" && item.Legal.BookCondition != "used"}}, shop.Destination{Country: "FR", PostalCode: "59500"}, s.Clock.Now())
	for _, o := range quote.Options {
		if o.Kind != shop.KindCollection && (v.From == nil || o.Price < *v.From) {
			price, promise := o.Price, o.Promise
			v.From, v.Promise = &price, &promise
		}
	}
	return v
}

// theme serves the catalogue's colours and focal points.
func (s *Storefront) theme(w http.ResponseWriter, r *http.Request) error {
	snapshot, accent := s.Shelf.Current(), s.settings().brand.Accent
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	if chi.URLParam(r, "version") == themeVersion(snapshot, accent) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	_, err := w.Write([]byte(ui.ThemeCSS(snapshot.Items(), snapshot.Makers, accent)))
	return err
}

// themeVersion changes with whatever the theme's style sheet is made of.
func themeVersion(snapshot *catalog.Snapshot, accent string) string {
	return strconv.FormatInt(snapshot.Version, 10) + strings.Replace(accent, "#", "-", 1)
}

func brandURL(name, svg string) string {
	sum := sha256.Sum256([]byte(svg))
	return "/brand/" + name + "-" + hex.EncodeToString(sum[:6]) + ".svg"
}

// brand serves the office's artwork. It is shown as a picture only: its own policy forbids the rest.
func (s *Storefront) brand(w http.ResponseWriter, r *http.Request) error {
	b := s.settings().brand
	for name, svg := range map[string]string{"logo": b.Logo, "logo-dark": b.LogoDark, "mark": b.Mark} {
		if svg != "" && "/brand/"+chi.URLParam(r, "name") == brandURL(name, svg) {
			h := w.Header()
			h.Set("Content-Type", "image/svg+xml")
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
			_, err := w.Write([]byte(svg))
			return err
		}
	}
	return fault.New(fault.NotFound, "page_not_found", "there is no such artwork")
}
