package admin

import (
	"net/http"

	"boutique/catalog"
)

// firstSteps tells how far a new office has come; nil when nothing of it is left.
func (a *Admin) firstSteps(r *http.Request, p Page) (*FirstSteps, error) {
	f := FirstSteps{Missing: len(p.Office.Missing()), Online: len(a.Shelf.Current().Items())}
	if f.Missing == 0 && f.Online > 0 {
		return nil, nil
	}
	categories, err := catalog.CategoryChoices(r.Context(), a.Pool)
	if err != nil {
		return nil, err
	}
	products, _, err := catalog.ListProducts(r.Context(), a.Pool, catalog.ProductFilter{Limit: 1})
	if err != nil {
		return nil, err
	}
	f.Categories, f.Products = len(categories), len(products)
	return &f, nil
}
