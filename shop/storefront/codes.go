package storefront

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/web"
	"boutique/shop"
)

func (s *Storefront) mountCodes(r chi.Router) {
	// Codes are long; who tries them is slowed down all the same.
	slow := r.With(web.Limit(s.errors, 30, 10*time.Minute))
	slow.Post("/cart/voucher", s.errors.Handle(s.setVoucher))
	slow.Post("/cart/gift-cards", s.errors.Handle(s.setGiftCards))
}

func (s *Storefront) setVoucher(w http.ResponseWriter, r *http.Request) error {
	return s.setCode(w, r, "voucher", func(c shop.Cart) error {
		_, err := s.Shop.SetVoucher(r.Context(), c.ID, r.PostForm.Get("voucher"))
		return err
	})
}

// setGiftCards adds a card, or takes the one named off.
func (s *Storefront) setGiftCards(w http.ResponseWriter, r *http.Request) error {
	return s.setCode(w, r, "gift_card", func(c shop.Cart) error {
		var codes []string
		for _, g := range c.Gifts {
			if g.Hint != r.PostForm.Get("remove") {
				codes = append(codes, g.Code)
			}
		}
		if code := strings.TrimSpace(r.PostForm.Get("gift_card")); code != "" && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
		_, err := s.Shop.SetGiftCards(r.Context(), c.ID, codes)
		return err
	})
}

func (s *Storefront) setCode(w http.ResponseWriter, r *http.Request, place string, set func(shop.Cart) error) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	c, err := s.openCart(r, p)
	if err != nil {
		return err
	}
	if len(c.Lines) > 0 {
		err = set(c)
	}
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid && len(f.Fields) > 0 {
		field := f.Fields[len(f.Fields)-1]
		field.Place = place
		return s.showCart(w, r, p, http.StatusUnprocessableEntity, sentences(p.P, []fault.Field{field}))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, string(p.To("/cart")), http.StatusSeeOther)
	return nil
}
