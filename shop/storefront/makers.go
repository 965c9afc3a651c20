package storefront

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
)

// Dot is a maker on the outline map, in the map's own measure.
type Dot struct {
	X, Y int
	Name string
}

// MakersView is the list of makers.
type MakersView struct {
	Page
	Makers     []*catalog.Maker
	Local, All int
	Share      string
	Map        catalog.OutlineMap
	MapURL     string
	Dots       []Dot
}

// MakerView is a maker's page.
type MakerView struct {
	Page
	Maker  *catalog.Maker
	Cards  []Card
	Map    catalog.OutlineMap
	MapURL string
	Dots   []Dot
}

func (s *Storefront) mountMakers(r chi.Router) {
	handle := s.errors.Handle
	r.Get("/makers", handle(s.browse(s.makersPage)))
	r.Get("/makers/{slug}", handle(s.browse(s.makerPage)))
}

func (s *Storefront) makersPage(p Page, _ *http.Request) (browsed, error) {
	snapshot := s.Shelf.Current()
	v := MakersView{Page: p, Map: snapshot.Map, MapURL: mapURL(snapshot.Map)}
	v.Title, v.Description = p.T("makers"), p.T("makers_intro")
	for _, m := range snapshot.Makers {
		if m.Count > 0 {
			v.Makers = append(v.Makers, m)
			v.Dots = append(v.Dots, dots(snapshot.Map, m)...)
		}
	}
	v.Local, v.All = snapshot.LocalShare()
	if v.All > 0 {
		v.Share = p.P.Percent(v.Local * 100 / v.All * 100)
	}
	return browsed{page: MakersPage(v)}, nil
}

func dots(m catalog.OutlineMap, maker *catalog.Maker) []Dot {
	if !maker.Placed() {
		return nil
	}
	x, y, ok := m.Place(*maker.Latitude, *maker.Longitude)
	if !ok {
		return nil
	}
	return []Dot{{x, y, maker.Name}}
}

// makerCards is how many products a maker's page shows; the list of its products has them all.
const makerCards = 48

func (s *Storefront) makerPage(p Page, r *http.Request) (browsed, error) {
	snapshot := s.Shelf.Current()
	m, ok := snapshot.Maker(chi.URLParam(r, "slug"))
	if !ok || m.Count == 0 {
		return browsed{}, fault.New(fault.NotFound, "maker_not_found", "there is no such maker")
	}
	items := snapshot.Of(m)
	v := MakerView{Page: p, Maker: m, Cards: s.cards(items[:min(makerCards, len(items))]), Map: snapshot.Map, MapURL: mapURL(snapshot.Map), Dots: dots(snapshot.Map, m)}
	v.Title = m.Name
	if story := paragraphs(m.Stories.In(p.Lang())); len(story) > 0 {
		v.Description = story[0]
	}
	v.Alcohol = slices.ContainsFunc(items, func(i *catalog.Item) bool { return i.Family == "alcohol" })
	return browsed{page: MakerPage(v)}, nil
}

// paragraphs are the paragraphs of a plain text.
func paragraphs(s string) []string {
	var list []string
	for _, p := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

func makerLine(p Page, m *catalog.Maker) string {
	line := p.T("articles", "count", m.Count)
	if m.Town != "" {
		line = m.Town + " · " + line
	}
	return line
}

func viewBox(width, height int) string {
	return fmt.Sprintf("0 0 %d %d", max(1, width), max(1, height))
}

// geoURL is a place for the reader's own maps. It is made of numbers alone.
func geoURL(m *catalog.Maker) templ.SafeURL { return templ.SafeURL(m.Geo()) }

func templURL(address string) templ.SafeURL { return templ.URL(address) }

func mapURL(m catalog.OutlineMap) string {
	if m.SVG == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(m.SVG))
	return "/maps/makers-" + hex.EncodeToString(sum[:6]) + ".svg"
}

// makersMap serves the outline map, as a picture only: its own policy forbids the rest.
func (s *Storefront) makersMap(w http.ResponseWriter, r *http.Request) error {
	m := s.Shelf.Current().Map
	if m.SVG == "" || "/maps/"+chi.URLParam(r, "name") != mapURL(m) {
		return fault.New(fault.NotFound, "page_not_found", "there is no such map")
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err := w.Write([]byte(m.SVG))
	return err
}
