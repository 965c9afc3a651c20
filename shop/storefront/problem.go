package storefront

import (
	"context"
	"fmt"
	"net/http"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/text"
)

// problem is the page of an error, in the visitor's language, with a way on.
func (s *Storefront) problem(w http.ResponseWriter, r *http.Request, f *fault.Error, incident string) {
	lang, ok := langOf(r)
	if !ok {
		lang = text.Prefer(r.Header.Get("Accept-Language"))
	}
	p := s.frame(lang, r)
	p.NoIndex, p.Path = true, "/"
	v := ProblemView{Page: p, Status: f.Kind.Status(), Incident: incident}
	id := fmt.Sprintf("problem_%d", v.Status)
	if specific := "problem_" + f.Code; p.P.Has(specific) {
		id = specific
	}
	if !p.P.Has(id) {
		id = "problem_500"
		if v.Status < 500 {
			id = "problem_403"
		}
	}
	v.Heading, v.Sentence, v.Title = p.T(id), p.T(id+"_text"), p.T(id)
	switch f.Code {
	case "out_of_stock":
		v.Back, v.BackText = string(p.To("/cart")), p.T("back_cart")
		if lines, ok := f.Params["lines"].([]catalog.Shortage); ok {
			for _, l := range lines {
				v.Lines = append(v.Lines, p.T("out_line", "count", l.Available, "sku", s.nameOf(l.SKU, lang), "available", l.Available, "wanted", l.Wanted))
			}
		}
	case "payment_unavailable", "cart_ordered", "cart_full":
		v.Back, v.BackText = string(p.To("/cart")), p.T("back_cart")
	}
	// What is wrong with a form that has no page of its own is said here, field by field.
	beside := sentences(p.P, f.Fields)
	for _, field := range f.Fields {
		name := field.Place
		if id := "field_" + fieldID(field.Place); p.P.Has(id) {
			name = p.T(id)
		}
		v.Lines = append(v.Lines, p.T("field_line", "field", name, "problem", beside[field.Place]))
	}
	body, err := render(context.WithoutCancel(r.Context()), ProblemPage(v))
	if err != nil {
		s.Logger.ErrorContext(r.Context(), "the page of an error could not be drawn", "error", err)
		http.Error(w, v.Heading, v.Status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(v.Status)
	_, _ = w.Write(body)
}

func (s *Storefront) nameOf(sku string, lang text.Lang) string {
	for _, i := range s.Shelf.Current().Items() {
		for _, v := range i.Variants {
			if v.SKU == sku {
				return i.In(lang).Name
			}
		}
	}
	return sku
}
