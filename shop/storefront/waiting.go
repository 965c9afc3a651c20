package storefront

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/mail"
	"boutique/internal/setting"
	"boutique/internal/text"
)

func (s *Storefront) mountWaiting(r chi.Router) {
	r.Post("/products/{slug}/notify", s.errors.Handle(s.notify))
	r.Get("/back-in-stock/{id}", s.errors.Handle(s.stopPage))
	r.Post("/back-in-stock/{id}", s.errors.Handle(s.stop))
}

// StopView is the page on which a shopper says that they want no such mail any more.
type StopView struct {
	Page
	Name    string
	Stopped bool
}

// soldOut are the articles of the page's product that cannot be bought now.
func soldOut(v ProductView) []catalog.ItemVariant {
	var list []catalog.ItemVariant
	for _, one := range v.Item.Variants {
		if v.LeftOf[one.ID] <= 0 {
			list = append(list, one)
		}
	}
	return list
}

// notify notes that a shopper wants to be told when an article is back.
func (s *Storefront) notify(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "malformed_form", "the form could not be read").Because(err)
	}
	p, err := s.page(r)
	if err != nil {
		return err
	}
	item, ok := s.Shelf.Current().Product(chi.URLParam(r, "slug"))
	if !ok {
		return fault.New(fault.NotFound, "product_not_found", "there is no such product")
	}
	sku, asked := item.Variant(r.PostForm.Get("sku")).SKU, "yes"
	err = s.Waitlist.Ask(r.Context(), sku, r.PostForm.Get("email"), p.Lang())
	if fault.KindOf(err) == fault.Invalid {
		asked = "again"
	} else if err != nil {
		return err
	}
	http.Redirect(w, r, withQuery(string(p.To("/products/"+item.Slug)), "asked", asked, "variant", sku)+"#waiting", http.StatusSeeOther)
	return nil
}

func (s *Storefront) stopPage(w http.ResponseWriter, r *http.Request) error {
	waiter, err := s.Waitlist.Waiter(r.Context(), chi.URLParam(r, "id"))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return s.showStop(w, r, waiter.Name, err != nil)
}

func (s *Storefront) stop(w http.ResponseWriter, r *http.Request) error {
	err := s.Waitlist.Stop(r.Context(), chi.URLParam(r, "id"))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return s.showStop(w, r, "", true)
}

func (s *Storefront) showStop(w http.ResponseWriter, r *http.Request, name string, stopped bool) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	p.NoIndex, p.Title = true, p.T("stop_heading")
	body, err := render(r.Context(), StopPage(StopView{Page: p, Name: name, Stopped: stopped}))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	_, err = w.Write(body)
	return err
}

// WaitingMail is what a mail says of an article that is back.
type WaitingMail struct {
	P       text.Printer
	Office  setting.Office
	Subject string
	Name    string
	Link    string
	Stop    string
}

// Lang is the mail's language; French when it was given none.
func (v WaitingMail) Lang() text.Lang { return spoken(v.P).Lang() }

// T writes a message.
func (v WaitingMail) T(id string, args ...any) string { return spoken(v.P).T(id, args...) }

var _ catalog.WaitingMails = Mails{}

// BackInStock tells a shopper who asked that an article is back.
func (m Mails) BackInStock(w catalog.Waiter, link, stop string) (mail.Message, error) {
	p := words.In(text.Lang(w.Lang))
	v := WaitingMail{P: p, Office: m.Office(), Subject: p.T("mail_back_subject", "name", w.Name), Name: w.Name, Link: link, Stop: stop}
	html, err := render(context.Background(), waitingMail(v))
	if err != nil {
		return mail.Message{}, err
	}
	plain := v.T("mail_back", "name", w.Name) + "\n\n" + v.T("mail_back_button") + v.P.Colon() + "\n" + link + "\n\n" + v.T("mail_back_stop") + v.P.Colon() + "\n" + stop +
		"\n\n-- \n" + v.Office.ShopName + "\n" + v.Office.LegalName + "\n" + v.Office.AddressLine() + "\n" + v.Office.Phone + " · " + v.Office.Email + "\n"
	return mail.Message{Subject: v.Subject, Text: plain, HTML: string(html)}, nil
}
