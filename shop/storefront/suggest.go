package storefront

import (
	"encoding/json"
	"net/http"
	"strings"

	"boutique/catalog"
)

// suggestion is one line under the search field while a shopper types.
type suggestion struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Price string `json:"price,omitempty"`
	URL   string `json:"url"`
}

// suggest answers what a shopper who is still typing may mean: a comfort of the search field, which
// works without.
func (s *Storefront) suggest(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	list := []suggestion{}
	if q := strings.TrimSpace(r.URL.Query().Get("q")); len(q) > 1 {
		found := s.Shelf.Current().Suggest(p.Lang(), q)
		for _, c := range found.Categories {
			list = append(list, suggestion{p.T("facet_category"), c.Names.In(p.Lang()), "", string(p.To("/categories/" + c.Slug))})
		}
		for _, m := range found.Makers {
			list = append(list, suggestion{p.T("maker"), m.Name, "", string(p.To("/makers/" + m.Slug))})
		}
		for _, i := range found.Items {
			list = append(list, suggestion{"", i.In(p.Lang()).Name, priceOf(p, i), string(p.To("/products/" + i.Slug))})
		}
	}
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=60")
	_, err = w.Write(body)
	return err
}

// bandWords says a range of prices.
func bandWords(p Page, b catalog.Band) string {
	switch {
	case b.From == 0:
		return p.T("facet_price_below", "price", p.P.Money(b.Below))
	case b.Below > 1_000_000_00:
		return p.T("facet_price_from", "price", p.P.Money(b.From))
	}
	return p.T("facet_price_between", "from", p.P.Money(b.From), "below", p.P.Money(b.Below))
}

// narrowed tells whether a list shows less than there is.
func narrowed(v ListView) bool {
	return v.Filter.Maker != "" || v.Filter.Price != "" || v.Filter.AvailableOnly || (v.Filter.Category != "" && v.Category == "")
}
