package storefront

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/web"
	"boutique/shop"
)

func (s *Storefront) checkoutPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	c, err := s.openCart(r, p)
	if err != nil {
		return err
	}
	if len(c.Lines) == 0 || c.OrderID != nil {
		http.Redirect(w, r, string(p.To("/cart")), http.StatusSeeOther)
		return nil
	}
	quote, err := s.Shop.QuoteCart(r.Context(), c, shop.Around{})
	if err != nil {
		return err
	}
	return s.showQuoted(w, r, p, c, quote, http.StatusOK, CheckoutForm{Country: string(c.To.Country), PostalCode: c.To.PostalCode}, rand.Text(), nil)
}

// showCheckout reads the cart again, as it stands after what its form changed, and shows the checkout.
func (s *Storefront) showCheckout(w http.ResponseWriter, r *http.Request, p Page, c shop.Cart, status int, form CheckoutForm, key string, cause error) error {
	c, quote, err := s.Shop.ShippingOptions(r.Context(), c.ID, shop.Around{Near: form.Near, Chosen: shop.ParseChoice(form.ShippingOption)})
	if err != nil {
		return err
	}
	return s.showQuoted(w, r, p, c, quote, status, form, key, cause)
}

// showQuoted shows the checkout with what its form holds; with an error, beside its fields.
func (s *Storefront) showQuoted(w http.ResponseWriter, r *http.Request, p Page, c shop.Cart, quote shop.Quote, status int, form CheckoutForm, key string, cause error) error {
	var err error
	v := CheckoutView{Page: p, Cart: c, Pictures: s.pictures(slugsOf(c)), Quote: quote, Form: form, Fields: FieldErrors{}, Key: key,
		Countries: place.Choices(s.settings().conditions.Countries(), p.Lang())}
	v.Title, v.NoIndex, v.Alcohol = p.T("checkout"), true, c.HasAlcohol()
	if f, ok := fault.As(cause); ok {
		if slices.ContainsFunc(f.Fields, func(f fault.Field) bool { return f.Place == "address.line1" && f.Code == "line_too_long" }) {
			if split, ok := form.address().Resplit(); ok {
				v.Split = &split
			}
		}
		v.Fields, v.Summary = sentences(p.P, f.Fields), f.Fields
		switch f.Code {
		case "price_changed":
			total, _ := f.Params["total"].(money.Amount)
			v.Notice = p.T("price_changed", "total", p.P.Money(total))
			v.Key = rand.Text()
		case "amount_too_small":
			v.Notice, v.Key = p.T("problem_amount_too_small_text"), rand.Text()
		case "voucher_used":
			v.Notice, v.Key = p.T("voucher_used"), rand.Text()
		case "idempotency_mismatch":
			v.Notice = p.T("form_used")
		}
	}
	if v.Chosen() == nil && form.ShippingOption == "" {
		// A point or desk is never chosen for the shopper where there are several.
		if at := slices.IndexFunc(quote.Options, func(o shop.Option) bool { return len(o.Stops) < 2 }); at >= 0 {
			v.Form.ShippingOption = quote.Options[at].Method
		}
	}
	if v.Desk, err = s.desk(r.Context(), p, quote); err != nil {
		return err
	}
	if o := v.Chosen(); o != nil {
		if v.VAT, err = s.vatOf(r.Context(), c, *o); err != nil {
			return err
		}
	}
	return s.show(w, r, status, CheckoutPage(v))
}

// desk is the last day on which an order of now could be paid at the desk; empty when it could not.
func (s *Storefront) desk(ctx context.Context, p Page, q shop.Quote) (string, error) {
	if !slices.ContainsFunc(q.Options, func(o shop.Option) bool { return o.Kind == shop.KindCollection }) {
		return "", nil
	}
	last, err := shop.DeskUntil(ctx, s.Shop.Pool, s.Clock.Now())
	if err != nil || last.IsZero() {
		return "", err
	}
	return p.P.Day(last), nil
}

// vatOf is the VAT that an order of the cart would bear.
func (s *Storefront) vatOf(ctx context.Context, c shop.Cart, o shop.Option) ([]VATRow, error) {
	sum, _, err := shop.Taxes(ctx, s.Shop.Pool, c.Lines, o.Price, shop.TaxDestination(c.To.Country, c.To.PostalCode, o.Kind == shop.KindCollection), s.Clock.Now())
	if err != nil {
		return nil, err
	}
	return vatRows(sum.Rates), nil
}

func readCheckout(r *http.Request) CheckoutForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	near := map[string]string{}
	for name := range r.PostForm {
		if method, ok := strings.CutPrefix(name, "near."); ok && len(get(name)) <= 12 {
			near[method] = get(name)
		}
	}
	return CheckoutForm{
		Near:  near,
		Email: get("email"), Name: get("address.name"), Phone: get("phone"), Company: get("address.company"), SIREN: get("siren"), VATNumber: get("vat_number"),
		Line1: get("address.line1"), Line2: get("address.line2"), PostalCode: get("address.postal_code"), City: get("address.city"), Country: get("address.country"),
		ShippingOption: get("shipping_option"), Payment: get("payment"), BirthDate: get("birth_date"), AcceptTerms: get("accept_terms") != "",
	}
}

// address is the form's, as orders keep it.
func (f CheckoutForm) address() place.Address {
	return place.Address{Name: f.Name, Company: f.Company, Line1: f.Line1, Line2: f.Line2, PostalCode: f.PostalCode, City: f.City, Country: place.Country(f.Country)}.Clean()
}

// checkout orders the cart and leads to the payment page, or shows the form again.
func (s *Storefront) checkout(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	form, key := readCheckout(r), r.PostForm.Get("key")
	if len(key) < 16 || len(key) > 100 {
		key = rand.Text()
	}
	c, err := s.openCart(r, p)
	if err != nil {
		return err
	}
	if r.PostForm.Get("action") == "split" {
		if split, ok := form.address().Resplit(); ok {
			form.Line1, form.Line2 = split.Line1, split.Line2
		}
	}
	address, again := form.address(), slices.Contains([]string{"update", "split"}, r.PostForm.Get("action"))
	if again || (len(c.Lines) > 0 && c.OrderID == nil) {
		// The quote is for the address that the form holds now.
		to := shop.Destination{Country: address.Country, PostalCode: address.PostalCode}
		if _, ok := place.PostalCode(to.Country, to.PostalCode); !ok {
			to.PostalCode = ""
		}
		if _, err := s.Shop.SetDestination(r.Context(), c.ID, to); err != nil && fault.KindOf(err) != fault.Invalid && !fault.Is(err, "cart_not_found") {
			return err
		}
	}
	if len(c.Lines) == 0 && c.OrderID == nil {
		http.Redirect(w, r, string(p.To("/cart")), http.StatusSeeOther)
		return nil
	}
	if again {
		return s.showCheckout(w, r, p, c, http.StatusOK, form, key, nil)
	}
	request := shop.Checkout{CartID: c.ID, IdempotencyKey: "form-" + key, RequestHash: formHash(r), Lang: p.Lang(), Email: form.Email, Phone: form.Phone, SIREN: form.SIREN,
		VATNumber: form.VATNumber, Address: address, ShippingOption: form.ShippingOption, AcceptTerms: form.AcceptTerms, BirthDate: form.BirthDate, Pays: form.Payment}
	if cents, err := strconv.ParseInt(r.PostForm.Get("expected."+shop.ParseChoice(form.ShippingOption).Method), 10, 64); err == nil {
		expected := money.Amount(cents)
		request.ExpectedTotal = &expected
	}
	placed, err := s.Shop.PlaceOrder(r.Context(), request)
	if err != nil {
		return s.checkoutFailed(w, r, p, c, form, key, placed, err)
	}
	s.keepCount(w, 0)
	if placed.Order.AtDesk() {
		// The cart is an order for days: whoever wants more begins another.
		next, err := s.Shop.NewCart(r.Context(), p.Lang())
		if err != nil {
			return err
		}
		http.SetCookie(w, web.Cookie(cartCookie, next.ID.String(), s.HTTPS, cartDays))
	}
	to := placed.Payment.SessionURL
	if to == "" {
		to = string(p.To("/orders/" + placed.Order.Number + "?key=" + placed.Key))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// formHash tells one sending of the form from another; the button is no part of it.
func formHash(r *http.Request) []byte {
	h := sha256.New()
	for _, name := range []string{"email", "phone", "address.name", "address.company", "address.line1", "address.line2", "address.postal_code", "address.city", "address.country", "siren", "vat_number", "shipping_option", "birth_date", "payment"} {
		h.Write([]byte(name + "\x00" + r.PostForm.Get(name) + "\x00"))
	}
	return h.Sum(nil)
}

func (s *Storefront) checkoutFailed(w http.ResponseWriter, r *http.Request, p Page, c shop.Cart, form CheckoutForm, key string, placed shop.Placed, cause error) error {
	f, ok := fault.As(cause)
	if !ok {
		return cause
	}
	switch f.Code {
	case "invalid_fields":
		return s.showCheckout(w, r, p, c, http.StatusUnprocessableEntity, form, key, cause)
	case "price_changed", "amount_too_small", "voucher_used":
		return s.showCheckout(w, r, p, c, http.StatusConflict, form, key, cause)
	case "idempotency_mismatch":
		return s.showCheckout(w, r, p, c, http.StatusConflict, form, rand.Text(), cause)
	case "cart_ordered", "cart_empty", "no_longer_available", "cart_not_found", "gift_card_spent", "voucher_gone":
		http.Redirect(w, r, string(p.To("/cart")), http.StatusSeeOther)
		return nil
	case "payment_unknown":
		if placed.Order.Number != "" {
			http.Redirect(w, r, string(p.To("/orders/"+placed.Order.Number+"?key="+placed.Key)), http.StatusSeeOther)
			return nil
		}
	}
	return cause
}
