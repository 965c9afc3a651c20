package storefront

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/web"
	"boutique/shop"
)

func (s *Storefront) openOrder(r *http.Request) (shop.Order, string, error) {
	key := r.URL.Query().Get("key")
	o, err := s.Shop.OpenOrder(r.Context(), chi.URLParam(r, "number"), key)
	return o, key, err
}

// checking is how long the page waits for the provider before it shows what is known.
const checking = 3 * time.Second

// orderPage shows an order to the holder of its key. Coming back from the payment page it asks the
// provider first; the address alone changes nothing.
func (s *Storefront) orderPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	o, key, err := s.openOrder(r)
	if err != nil {
		return err
	}
	back := r.URL.Query().Get("paid") != ""
	if o.Status == shop.AwaitingPayment && back {
		ctx, cancel := context.WithTimeout(r.Context(), checking)
		defer cancel()
		if o, err = s.Shop.CheckPayment(ctx, o); err != nil {
			return err
		}
	}
	d, err := s.Shop.Dossier(r.Context(), o)
	if err != nil {
		return err
	}
	slugs := map[string]string{}
	for _, l := range o.Lines {
		slugs[l.SKU] = l.Slug
	}
	v := OrderView{Page: p, Order: d, Key: key, Pictures: s.pictures(slugs), Just: back}
	v.Path = "/orders/" + o.Number + "?key=" + key
	v.Title, v.NoIndex = p.T("order_number", "number", o.Number), true
	v.Pending = o.Status == shop.AwaitingPayment && (back || o.PaymentStatus == shop.PaymentProcessing)
	v.Pay = o.Status == shop.AwaitingPayment && !v.Pending
	if v.Pending {
		v.Refresh = 5
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	return s.show(w, r, http.StatusOK, OrderPage(v))
}

// pay leads back to the payment page of an order that waits.
func (s *Storefront) pay(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	o, key, err := s.openOrder(r)
	if err != nil {
		return err
	}
	pay := s.Shop.PaymentPage
	if o.AtDesk() {
		pay = s.Shop.PayOnline
	}
	to, err := pay(r.Context(), o)
	if err != nil && !fault.Is(err, "desk_closed") {
		return err
	}
	if to == "" {
		to = string(p.To("/orders/" + o.Number + "?key=" + key))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Storefront) giveUp(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	o, key, err := s.openOrder(r)
	if err != nil {
		return err
	}
	after, err := s.Shop.GiveUp(r.Context(), o)
	if err != nil {
		return err
	}
	to := string(p.To("/orders/" + o.Number + "?key=" + key))
	if id, ok := s.cartID(r); ok && after.Status == shop.Expired && o.CartID != nil && *o.CartID == id {
		to = string(p.To("/cart"))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// giftCards serves the cards that the order bought, to print and to give.
func (s *Storefront) giftCards(w http.ResponseWriter, r *http.Request) error {
	o, _, err := s.openOrder(r)
	if err != nil {
		return err
	}
	pdf, err := s.GiftCards(r.Context(), o)
	if err != nil {
		return err
	}
	web.Private(w)
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", o.Number+"-gift.pdf"))
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, err = w.Write(pdf)
	return err
}

// receipt serves what the desk took or gave back for the order.
func (s *Storefront) receipt(w http.ResponseWriter, r *http.Request) error {
	o, _, err := s.openOrder(r)
	if err != nil {
		return err
	}
	d, err := s.Shop.Dossier(r.Context(), o)
	if err != nil {
		return err
	}
	number := strings.ToUpper(chi.URLParam(r, "receipt"))
	pdf, err := s.Paper(r.Context(), d, "receipt:"+number, o.Lang)
	if err != nil {
		return err
	}
	web.Private(w)
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", number+".pdf"))
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, err = w.Write(pdf)
	return err
}

// document serves an invoice or credit note of the order.
func (s *Storefront) document(w http.ResponseWriter, r *http.Request) error {
	o, _, err := s.openOrder(r)
	if err != nil {
		return err
	}
	d, err := s.Shop.Dossier(r.Context(), o)
	if err != nil {
		return err
	}
	for _, doc := range d.Documents {
		if doc.Number != strings.ToUpper(chi.URLParam(r, "document")) {
			continue
		}
		pdf, err := s.Files.PDF(r.Context(), doc.ID)
		if err != nil {
			return err
		}
		web.Private(w)
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", doc.Number+".pdf"))
		w.Header().Set("Referrer-Policy", "no-referrer")
		_, err = w.Write(pdf)
		return err
	}
	return fault.New(fault.NotFound, "document_not_found", "this order has no such document")
}
