package admin

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/sheet"
	"boutique/internal/staff"
	"boutique/internal/text"
)

func (a *Admin) mountMarket(r chi.Router) {
	r.Get("/market", a.may(staff.ReadCatalog, a.market))
	r.Get("/market.csv", a.may(staff.ReadCatalog, a.marketSheet))
	r.Get("/market/{id}/photo", a.may(staff.ReadCatalog, a.offerPhoto))
	r.Post("/market/{id}/match", a.may(staff.EditCatalog, a.matchOffer))
	r.Post("/market/{id}/remove", a.may(staff.EditCatalog, a.removeOffer))
}

// maxOffer is the largest form of the notebook, its photograph included.
const maxOffer = 5 << 20

// MarketView is the market notebook: all of it, or what is beside one of our products.
type MarketView struct {
	Page
	Product string
	Name    string
	Offers  []catalog.Offer
	Plot    *strip
	Gaps    []catalog.Gap
	Form    map[string]string
	Error   string
}

// Unmatched lists the offers that nothing of ours is like.
func (v MarketView) Unmatched() []catalog.Offer {
	return slices.DeleteFunc(slices.Clone(v.Offers), func(o catalog.Offer) bool { return o.Product != "" })
}

func (a *Admin) market(w http.ResponseWriter, r *http.Request) error {
	return a.showMarket(w, r, http.StatusOK, r.URL.Query().Get("product"), map[string]string{"product": r.URL.Query().Get("product"), "seen_on": a.Shop.Clock.Now().In(text.Paris()).Format(time.DateOnly)}, nil)
}

func (a *Admin) showMarket(w http.ResponseWriter, r *http.Request, status int, product string, form map[string]string, cause error) error {
	p, err := a.page(r, "market", "market")
	if err != nil {
		return err
	}
	v := MarketView{Page: p, Product: product, Form: form}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	if v.Offers, err = catalog.Offers(r.Context(), a.Pool, product); err != nil {
		return err
	}
	if product != "" && len(v.Offers) > 0 {
		v.Name = v.Offers[0].Name
		v.Plot = stripOf(p, v.Offers)
	}
	if product == "" {
		if v.Gaps, err = catalog.Gaps(r.Context(), a.Pool, 100); err != nil {
			return err
		}
	}
	return a.show(w, r, status, MarketPage(v))
}

// addOffer takes the notebook's form, a photograph with it or none.
func (a *Admin) addOffer(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(maxOffer); err != nil {
		return badForm(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	form := map[string]string{}
	for _, name := range []string{"item", "shop", "price", "delivery", "seen_on", "source", "notes", "product"} {
		form[name] = strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n"))
	}
	c := catalog.OfferContent{Item: form["item"], Shop: form["shop"], Source: form["source"], Notes: form["notes"], Product: form["product"]}
	var fields fault.Fields
	var err error
	if c.Price, err = money.Parse(form["price"]); err != nil {
		c.Price = 0
	}
	if form["delivery"] != "" {
		delivery, err := money.Parse(form["delivery"])
		if err != nil {
			fields.Add("delivery", "amount_invalid", "must be an amount like 12,50")
		}
		c.Delivery = &delivery
	}
	if c.SeenOn, err = time.ParseInLocation(time.DateOnly, form["seen_on"], text.Paris()); err != nil {
		c.SeenOn = time.Time{}
	}
	if file, _, err := r.FormFile("photo"); err == nil {
		c.Photo, err = io.ReadAll(file)
		file.Close()
		if err != nil {
			return badForm(err)
		}
	}
	if err = fields.Err(); err == nil {
		err = a.Catalog.AddOffer(r.Context(), c, actorOf(r).String())
	}
	if sayable(err) {
		return a.showMarket(w, r, http.StatusUnprocessableEntity, "", form, err)
	}
	if err != nil {
		return err
	}
	to := "/admin/market"
	if c.Product != "" {
		to += "?product=" + c.Product
	}
	return a.done(w, r, "notice_saved", to)
}

func offerID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil || id < 1 {
		return 0, fault.New(fault.NotFound, "offer_not_found", "the notebook has no such entry")
	}
	return id, nil
}

func (a *Admin) matchOffer(w http.ResponseWriter, r *http.Request) error {
	id, err := offerID(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	product := strings.TrimSpace(r.PostForm.Get("product"))
	err = a.Catalog.MatchOffer(r.Context(), id, product, actorOf(r).String())
	if sayable(err) {
		return a.showMarket(w, r, http.StatusUnprocessableEntity, "", map[string]string{}, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/market")
}

func (a *Admin) removeOffer(w http.ResponseWriter, r *http.Request) error {
	id, err := offerID(r)
	if err != nil {
		return err
	}
	if err := a.Catalog.RemoveOffer(r.Context(), id, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/market")
}

func (a *Admin) offerPhoto(w http.ResponseWriter, r *http.Request) error {
	id, err := offerID(r)
	if err != nil {
		return err
	}
	kind, data, err := catalog.OfferPhoto(r.Context(), a.Pool, id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, err = w.Write(data)
	return err
}

// marketSheet is the notebook as CSV; no cell of it can become a formula.
func (a *Admin) marketSheet(w http.ResponseWriter, r *http.Request) error {
	offers, err := catalog.Offers(r.Context(), a.Pool, r.URL.Query().Get("product"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", sheet.CSV.ContentType())
	w.Header().Set("Content-Disposition", `attachment; filename="market.csv"`)
	out, err := sheet.NewEncoder(w, sheet.CSV, "market", []string{"seen_on", "item", "shop", "price", "delivery", "delivered", "source", "product", "our_price", "notes"})
	if err != nil {
		return err
	}
	for _, o := range offers {
		var delivery, ours any = "", ""
		if o.Delivery != nil {
			delivery = money.Amount(*o.Delivery)
		}
		if o.Ours > 0 {
			ours = money.Amount(o.Ours)
		}
		if err := out.Row(o.SeenOn.Format(time.DateOnly), o.Item, o.Shop, money.Amount(o.Price), delivery, o.Delivered(), o.Source, o.Product, ours, o.Notes); err != nil {
			return err
		}
	}
	return out.Close()
}

// strip is the drawing of our price among those of others, on one line.
type strip struct {
	dots      []stripDot
	ours      stripDot
	low, high string
	label     string
}

type stripDot struct {
	x       int
	y       int
	label   string
	diamond string
}

// The measure of the strip.
const (
	stripWidth  = 640
	stripMargin = 24
	stripLine   = 64
)

func stripOf(p Page, offers []catalog.Offer) *strip {
	ours := offers[0].Ours
	if ours == 0 {
		return nil
	}
	low, high := ours, ours
	for _, o := range offers {
		low, high = min(low, o.Price), max(high, o.Price)
	}
	at := func(price int64) int {
		if high == low {
			return stripWidth / 2
		}
		return stripMargin + int((price-low)*(stripWidth-2*stripMargin)/(high-low))
	}
	s := &strip{low: p.P.Money(money.Amount(low)), high: p.P.Money(money.Amount(high))}
	cheaper := 0
	taken := map[int]int{}
	for _, o := range offers {
		if o.Price < ours {
			cheaper++
		}
		x := at(o.Price)
		// Offers of about the same price stand one above the other.
		level := taken[x/12]
		taken[x/12]++
		s.dots = append(s.dots, stripDot{x: x, y: stripLine - 12*min(level, 4), label: o.Shop + p.P.Colon() + " " + p.P.Money(money.Amount(o.Price))})
	}
	x := at(ours)
	s.ours = stripDot{x: x, y: stripLine, label: p.T("market_ours") + p.P.Colon() + " " + p.P.Money(money.Amount(ours)), diamond: fmt.Sprintf("M%d %dl8 8l-8 8l-8 -8z", x, stripLine+6)}
	s.label = p.T("market_plot", "ours", p.P.Money(money.Amount(ours)), "cheaper", cheaper, "all", len(offers))
	return s
}
