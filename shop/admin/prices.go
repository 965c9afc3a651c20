package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/internal/vat"
)

func (a *Admin) mountPrices(r chi.Router) {
	r.Get("/catalogue/{slug}/prices", a.may(staff.ReadCatalog, a.prices))
	r.Post("/catalogue/{slug}/prices", a.may(staff.EditCatalog, a.setPrices))
}

// PriceLine is what an article costs, earns and cost before. Net, Margin and Share say what is left of
// the price without VAT and without its cost; Share is in basis points of the net price.
type PriceLine struct {
	Variant catalog.Variant
	Net     money.Amount
	Margin  *money.Amount
	Share   int
	Lowest  money.Amount
	History []catalog.PriceRow
}

// PriceForm is what the page's forms hold after a refusal.
type PriceForm struct {
	SKU, Price, Percent, From, Starts, Ends string
}

// PricesView is the prices of a product: what holds, what is planned, what was.
type PricesView struct {
	Page
	Product catalog.Product
	Lines   []PriceLine
	Plans   []catalog.PlannedReduction
	Form    PriceForm
	Error   string
}

// SKU names the article of a planned reduction.
func (v PricesView) SKU(id int64) string {
	for _, one := range v.Product.Variants {
		if one.ID == id {
			return one.SKU
		}
	}
	return ""
}

// shownPrices is how many prices of an article its history shows.
const shownPrices = 60

func (a *Admin) prices(w http.ResponseWriter, r *http.Request) error {
	return a.showPrices(w, r, http.StatusOK, PriceForm{}, nil)
}

func (a *Admin) showPrices(w http.ResponseWriter, r *http.Request, status int, form PriceForm, cause error) error {
	p, err := a.page(r, "catalogue", "prices")
	if err != nil {
		return err
	}
	v := PricesView{Page: p, Form: form}
	if v.Product, err = catalog.GetProduct(r.Context(), a.Pool, chi.URLParam(r, "slug")); err != nil {
		return err
	}
	lowest, err := catalog.LowestIfReducedNow(r.Context(), a.Pool, v.Product.ID)
	if err != nil {
		return err
	}
	for _, one := range v.Product.Variants {
		line := PriceLine{Variant: one, Lowest: lowest[one.ID]}
		rate, _, err := vat.RateOf(v.Product.ClassOf(one), place.Mainland, p.Now)
		if err != nil {
			return err
		}
		line.Net, _ = vat.Carve(one.Price, rate)
		if one.Cost != nil {
			margin := line.Net - *one.Cost
			line.Margin = &margin
			if line.Net > 0 {
				line.Share = int(margin * 10000 / line.Net)
			}
		}
		if line.History, err = catalog.PriceHistory(r.Context(), a.Pool, one.ID, shownPrices); err != nil {
			return err
		}
		v.Lines = append(v.Lines, line)
	}
	if v.Plans, err = catalog.PlannedReductions(r.Context(), a.Pool, v.Product.ID); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, PricesPage(v))
}

func (a *Admin) setPrices(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	slug := chi.URLParam(r, "slug")
	product, err := catalog.GetProduct(r.Context(), a.Pool, slug)
	if err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	form := PriceForm{SKU: get("sku"), Price: get("price"), Percent: get("percent"), From: get("from"), Starts: get("starts"), Ends: get("ends")}
	switch get("action") {
	case "reduce":
		err = a.reduce(r, product, form)
	case "end":
		id, _ := strconv.ParseInt(get("id"), 10, 64)
		err = a.Catalog.EndReduction(r.Context(), id, actorOf(r).String())
	case "call_off":
		id, _ := strconv.ParseInt(get("id"), 10, 64)
		err = a.Catalog.CallOffPrice(r.Context(), id, actorOf(r).String())
	case "cost":
		err = a.setCost(r, product, form)
	default:
		err = a.planPrice(r, product, form)
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Stale) {
		return a.showPrices(w, r, f.Kind.Status(), form, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/catalogue/"+slug+"/prices")
}

// readMoment reads a day and an hour in the office's time; nothing is the zero time.
func readMoment(fields *fault.Fields, place, s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(form, s, text.Paris()); err == nil && t.Year() >= 2000 && t.Year() < 2200 {
			return t
		}
	}
	fields.Add(place, "date_invalid", "is no date")
	return time.Time{}
}

// chosen are the articles that a form is about: one, or all that are on offer.
func chosen(p catalog.Product, sku string) []catalog.Variant {
	var list []catalog.Variant
	for _, v := range p.Variants {
		if v.SKU == sku || sku == "" && !v.Retired {
			list = append(list, v)
		}
	}
	return list
}

func (a *Admin) planPrice(r *http.Request, p catalog.Product, form PriceForm) error {
	var fields fault.Fields
	amount, err := money.Parse(form.Price)
	if err != nil {
		fields.Add("price", "amount_invalid", "must be an amount like 12,50")
	}
	from := readMoment(&fields, "from", form.From)
	if err := fields.Err(); err != nil {
		return err
	}
	var prices []catalog.NewPrice
	for _, v := range chosen(p, form.SKU) {
		prices = append(prices, catalog.NewPrice{SKU: v.SKU, Price: int64(amount)})
	}
	return a.Catalog.SetPrices(r.Context(), prices, from, actorOf(r).String())
}

func (a *Admin) reduce(r *http.Request, p catalog.Product, form PriceForm) error {
	var fields fault.Fields
	var amount money.Amount
	var percent int
	var err error
	if form.Percent != "" {
		if percent, err = strconv.Atoi(strings.TrimSuffix(form.Percent, "%")); err != nil || percent < 1 || percent > 99 {
			fields.Add("percent", "percent_invalid", "must be between 1 and 99")
		}
	} else if amount, err = money.Parse(form.Price); err != nil {
		fields.Add("price", "amount_invalid", "must be an amount like 12,50")
	}
	starts, ends := readMoment(&fields, "starts_at", form.Starts), readMoment(&fields, "ends_at", form.Ends)
	if err := fields.Err(); err != nil {
		return err
	}
	var cuts []catalog.NewPrice
	for _, v := range chosen(p, form.SKU) {
		reduced := amount
		if percent > 0 {
			reduced = v.Price - (v.Price*money.Amount(percent)+50)/100
		}
		cuts = append(cuts, catalog.NewPrice{SKU: v.SKU, Price: int64(reduced)})
	}
	return a.Catalog.Reduce(r.Context(), cuts, starts, ends, actorOf(r).String())
}

func (a *Admin) setCost(r *http.Request, p catalog.Product, form PriceForm) error {
	var fields fault.Fields
	var cost *money.Amount
	if form.Price != "" {
		amount, err := money.Parse(form.Price)
		if err != nil || amount < 0 {
			fields.Add("cost", "amount_invalid", "must be an amount like 12,50")
		}
		cost = &amount
	}
	if err := fields.Err(); err != nil {
		return err
	}
	_, err := a.Catalog.UpdateProduct(r.Context(), p.Slug, 0, actorOf(r).String(), func(c *catalog.Content) error {
		for i := range c.Variants {
			if c.Variants[i].SKU == form.SKU {
				c.Variants[i].Cost = cost
			}
		}
		return nil
	})
	return err
}
