package admin

import (
	"net/http"
	"strconv"
	"strings"

	"boutique/catalog"
	"boutique/internal/place"
	"boutique/shop"
)

// CoverageView is the picture of zones × weights.
type CoverageView struct {
	Page
	Picture shop.Coverage
}

func (a *Admin) coverage(w http.ResponseWriter, r *http.Request) error {
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	p, err := a.page(r, "dispatch", "coverage")
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, CoveragePage(CoverageView{p, c.Coverage(shop.Terms{At: a.Shop.Clock.Now()})}))
}

// SimulateView is the simulator: a basket, a place, and what it would cost.
type SimulateView struct {
	Page
	Basket, Country, PostalCode string
	Countries                   []place.Choice
	Quote                       *shop.Quote
	Items                       []shop.Item
	Articles                    Articles
	Error                       string
}

func (a *Admin) simulate(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "dispatch", "simulate")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := SimulateView{Page: p, Basket: strings.TrimSpace(q.Get("basket")), Country: strings.ToUpper(q.Get("country")), PostalCode: strings.TrimSpace(q.Get("postal_code"))}
	if v.Country == "" {
		v.Country = "FR"
	}
	v.Countries = place.Choices(place.Countries(), p.Lang())
	if v.Basket == "" {
		return a.show(w, r, http.StatusOK, SimulatePage(v))
	}
	conditions, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	to := shop.Destination{Country: place.Country(v.Country), PostalCode: v.PostalCode}
	code, ok := place.PostalCode(to.Country, v.PostalCode)
	if !ok && v.PostalCode != "" {
		v.Error = p.T("error_postal_code_invalid")
		return a.show(w, r, http.StatusUnprocessableEntity, SimulatePage(v))
	}
	to.PostalCode = code
	var skus []string
	quantity := map[string]int{}
	for _, line := range strings.FieldsFunc(v.Basket, func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		parts := strings.Fields(line)
		if len(parts) == 0 {
			continue
		}
		n := 1
		if len(parts) > 1 {
			if n, err = strconv.Atoi(parts[1]); err != nil || n < 1 || n > 999 {
				v.Error = p.T("simulate_line", "line", line)
				return a.show(w, r, http.StatusUnprocessableEntity, SimulatePage(v))
			}
		}
		skus = append(skus, parts[0])
		quantity[parts[0]] = n
	}
	sellables, err := catalog.Sellables(r.Context(), a.Pool, p.Lang(), skus)
	if err != nil {
		return err
	}
	for _, sku := range skus {
		s, known := sellables[sku]
		if !known {
			v.Error = p.T("simulate_unknown", "sku", sku)
			return a.show(w, r, http.StatusUnprocessableEntity, SimulatePage(v))
		}
		v.Items = append(v.Items, shop.ItemOf(s, quantity[sku]))
	}
	v.Articles = Articles{sold: sellables, renderer: a.Renderer}
	quote, err := a.Shop.QuoteFor(r.Context(), conditions, v.Items, to, p.Lang())
	if err != nil {
		return err
	}
	v.Quote = &quote
	return a.show(w, r, http.StatusOK, SimulatePage(v))
}
