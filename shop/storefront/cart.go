package storefront

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/place"
	"boutique/internal/web"
	"boutique/shop"
)

const (
	cartCookie = "boutique-cart"
	// countCookie holds nothing but a number, for the cart's mark in the header of pages that are
	// the same for everyone.
	countCookie = "boutique-count"
	cartDays    = 30 * 24 * 3600
)

func (s *Storefront) cartID(r *http.Request) (uuid.UUID, bool) {
	c, err := r.Cookie(web.CookieName(cartCookie, s.HTTPS))
	if err != nil {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(c.Value)
	return id, err == nil
}

// openCart reads the visitor's cart; an empty one when there is none yet.
func (s *Storefront) openCart(r *http.Request, p Page) (shop.Cart, error) {
	empty := shop.Cart{Lang: p.Lang(), To: shop.Destination{Country: "FR"}}
	id, ok := s.cartID(r)
	if !ok {
		return empty, nil
	}
	c, err := s.Shop.ShowCart(r.Context(), id, p.Lang())
	if fault.Is(err, "cart_not_found") {
		return empty, nil
	}
	return c, err
}

func (s *Storefront) keepCount(w http.ResponseWriter, count int) {
	c := web.Cookie(countCookie, itoa(count), s.HTTPS, cartDays)
	c.HttpOnly = false
	http.SetCookie(w, c)
}

// pictures finds the photographs of a cart's lines.
func (s *Storefront) pictures(slugs map[string]string) map[string]catalog.Picture {
	out := map[string]catalog.Picture{}
	for sku, slug := range slugs {
		if i, ok := s.Shelf.Current().Product(slug); ok && len(i.Pictures) > 0 {
			out[sku] = i.Pictures[max(0, i.PictureOf(i.Variant(sku).ID))]
		}
	}
	return out
}

func slugsOf(c shop.Cart) map[string]string {
	m := map[string]string{}
	for _, l := range c.Lines {
		m[l.SKU] = l.Slug
	}
	return m
}

func (s *Storefront) cartPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	return s.showCart(w, r, p, http.StatusOK, nil)
}

func (s *Storefront) showCart(w http.ResponseWriter, r *http.Request, p Page, status int, fields FieldErrors) error {
	c, err := s.openCart(r, p)
	if err != nil {
		return err
	}
	v := CartView{Page: p, Cart: c, Pictures: s.pictures(slugsOf(c)), Countries: place.Choices(s.settings().conditions.Countries(), p.Lang()), Fields: fields}
	v.Title, v.NoIndex = p.T("cart"), true
	q := r.URL.Query()
	if name := q.Get("added"); name != "" {
		for _, l := range c.Lines {
			if l.SKU == name {
				v.Notice = p.T("added", "name", l.Name)
			}
		}
	}
	if sku := q.Get("removed"); sku != "" {
		v.Removed = s.removed(sku, q.Get("quantity"), p)
	}
	if len(c.Lines) > 0 && c.OrderID == nil {
		quote, err := s.Shop.QuoteCart(r.Context(), c, shop.Around{})
		if err != nil {
			return err
		}
		v.Quote = &quote
	}
	if c.OrderID != nil {
		if v.OrderURL, err = s.orderURL(r, *c.OrderID, p); err != nil {
			return err
		}
	}
	s.keepCount(w, c.Count())
	return s.show(w, r, status, CartPage(v))
}

func (s *Storefront) orderURL(r *http.Request, id uuid.UUID, p Page) (string, error) {
	o, err := s.Shop.Order(r.Context(), id)
	if err != nil {
		return "", err
	}
	return string(p.To("/orders/" + o.Number + "?key=" + s.Shop.Keys.Of(o.ID))), nil
}

func (s *Storefront) removed(sku, quantity string, p Page) *Removed {
	n, err := strconv.Atoi(quantity)
	if err != nil || n < 1 || n > shop.MaxQuantity {
		return nil
	}
	for _, i := range s.Shelf.Current().Items() {
		for _, v := range i.Variants {
			if v.SKU == sku {
				return &Removed{SKU: sku, Name: i.In(p.Lang()).Name, Quantity: n}
			}
		}
	}
	return nil
}

// addLine puts an article into the cart, making the cart when there is none.
func (s *Storefront) addLine(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	sku, quantity := strings.TrimSpace(r.PostForm.Get("sku")), 1
	if n := r.PostForm.Get("quantity"); n != "" {
		if quantity, err = strconv.Atoi(n); err != nil || quantity < 1 || quantity > shop.MaxQuantity {
			return quantityFault()
		}
	}
	if sku == "" {
		if from := web.LocalPath(pathOf(r.Referer()), ""); strings.Contains(from, "/products/") {
			http.Redirect(w, r, from+"?choose=1", http.StatusSeeOther)
			return nil
		}
		return fault.New(fault.NotFound, "sku_not_found", "no article was chosen")
	}
	id, ok := s.cartID(r)
	var c shop.Cart
	if ok {
		c, err = s.Shop.AddLine(r.Context(), id, sku, quantity)
		if err != nil && !fault.Is(err, "cart_not_found") {
			return err
		}
	}
	if !ok || err != nil {
		if c, err = s.Shop.NewCart(r.Context(), p.Lang()); err != nil {
			return err
		}
		if c, err = s.Shop.AddLine(r.Context(), c.ID, sku, quantity); err != nil {
			return err
		}
	}
	http.SetCookie(w, web.Cookie(cartCookie, c.ID.String(), s.HTTPS, cartDays))
	s.keepCount(w, c.Count())
	http.Redirect(w, r, withQuery(string(p.To("/cart")), "added", sku), http.StatusSeeOther)
	return nil
}

// pathOf is the path of a whole address, without its query.
func pathOf(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	_, path, _ := strings.Cut(rest, "/")
	path, _, _ = strings.Cut(path, "?")
	return "/" + path
}

func quantityFault() error {
	var fields fault.Fields
	fields.AddWith("quantity", "quantity_out_of_range", "must be between 0 and 99", map[string]any{"max": shop.MaxQuantity})
	return fields.Err()
}

func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.New(fault.TooLarge, "form_too_large", "the form is larger than any of ours").Because(err)
	}
	return fault.New(fault.Invalid, "malformed_form", "the form could not be read").Because(err)
}

func (s *Storefront) setLine(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	id, ok := s.cartID(r)
	if !ok {
		http.Redirect(w, r, string(p.To("/cart")), http.StatusSeeOther)
		return nil
	}
	quantity, err := strconv.Atoi(r.PostForm.Get("quantity"))
	if err != nil || quantity < 0 || quantity > shop.MaxQuantity {
		return quantityFault()
	}
	sku := chi.URLParam(r, "sku")
	before, err := s.Shop.GetCart(r.Context(), id, p.Lang())
	if err != nil {
		return err
	}
	had := 0
	for _, l := range before.Lines {
		if l.SKU == sku {
			had = l.Quantity
		}
	}
	c, err := s.Shop.SetLine(r.Context(), id, sku, quantity)
	if err != nil {
		return err
	}
	s.keepCount(w, c.Count())
	to := string(p.To("/cart"))
	if quantity == 0 && had > 0 {
		to = withQuery(to, "removed", sku, "quantity", itoa(had))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Storefront) setDestination(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if id, ok := s.cartID(r); ok {
		_, err := s.Shop.SetDestination(r.Context(), id, shop.Destination{Country: place.Country(r.PostForm.Get("country")), PostalCode: strings.TrimSpace(r.PostForm.Get("postal_code"))})
		if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
			return s.showCart(w, r, p, http.StatusUnprocessableEntity, sentences(p.P, f.Fields))
		}
		if err != nil {
			return err
		}
	}
	http.Redirect(w, r, string(p.To("/cart")), http.StatusSeeOther)
	return nil
}

// reopen gives a waiting payment up, so that the cart can be changed.
func (s *Storefront) reopen(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	c, err := s.openCart(r, p)
	if err != nil {
		return err
	}
	if c.OrderID != nil {
		o, err := s.Shop.Order(r.Context(), *c.OrderID)
		if err != nil {
			return err
		}
		if o, err = s.Shop.GiveUp(r.Context(), o); err != nil {
			return err
		}
		if o.Status == shop.Confirmed {
			to, err := s.orderURL(r, o.ID, p)
			if err != nil {
				return err
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
			return nil
		}
	}
	http.Redirect(w, r, string(p.To("/cart")), http.StatusSeeOther)
	return nil
}
