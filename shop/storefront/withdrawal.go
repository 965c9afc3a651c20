package storefront

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/web"
	"boutique/shop"
)

// The steps of the withdrawal function: who, what, and the second button that confirms
// (C. conso. art. L221-21, D221-5).
const (
	stepFind    = "find"
	stepChoose  = "choose"
	stepConfirm = "confirm"
	stepDone    = "done"
)

// WithdrawalView is the withdrawal function, at one of its steps. Action is where its form is sent.
type WithdrawalView struct {
	Page
	Step    string
	Action  string
	Order   shop.Order
	Offer   shop.Offer
	Number  string
	Email   string
	Name    string
	Reason  string
	Wanted  map[string]int
	Key     string
	Guest   bool
	Problem string
}

// Chosen are the lines of which pieces were chosen.
func (v WithdrawalView) Chosen() []shop.Withdrawable {
	var list []shop.Withdrawable
	for _, l := range v.Offer.Lines {
		if v.Wanted[l.SKU] > 0 {
			list = append(list, l)
		}
	}
	return list
}

func (s *Storefront) mountWithdrawal(r chi.Router) {
	handle := s.errors.Handle
	r.Get("/withdrawal", handle(s.withdrawalPage))
	r.Get("/withdrawal/done", handle(s.withdrawalDone))
	// Who guesses numbers and addresses is slowed down; who withdraws never needs as many tries.
	r.With(web.Limit(s.errors, 20, 10*time.Minute)).Post("/withdrawal", handle(s.guestWithdrawal))
	r.Get("/orders/{number}/withdrawal", handle(s.orderWithdrawal))
	r.Post("/orders/{number}/withdrawal", handle(s.orderWithdrawal))
}

func (s *Storefront) withdrawalView(r *http.Request) (WithdrawalView, error) {
	p, err := s.page(r)
	v := WithdrawalView{Page: p, Step: stepFind, Action: string(p.To("/withdrawal")), Guest: true}
	v.Title = p.T("withdraw")
	return v, err
}

func (s *Storefront) withdrawalPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.withdrawalView(r)
	if err != nil {
		return err
	}
	v.Number = strings.TrimSpace(r.URL.Query().Get("order"))
	if len(v.Number) > 40 {
		v.Number = ""
	}
	return s.show(w, r, http.StatusOK, WithdrawalPage(v))
}

func (s *Storefront) withdrawalDone(w http.ResponseWriter, r *http.Request) error {
	v, err := s.withdrawalView(r)
	if err != nil {
		return err
	}
	v.Step, v.NoIndex = stepDone, true
	return s.show(w, r, http.StatusOK, WithdrawalPage(v))
}

// guestWithdrawal is the function for those who have only the order's number and their address. Each
// step proves both again: nothing is kept in between, and no key is told.
func (s *Storefront) guestWithdrawal(w http.ResponseWriter, r *http.Request) error {
	v, err := s.withdrawalView(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v.Number, v.Email = strings.TrimSpace(r.PostForm.Get("order")), strings.TrimSpace(r.PostForm.Get("email"))
	v.NoIndex = true
	o, err := s.Shop.OrderForGuest(r.Context(), v.Number, v.Email)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		v.Problem = v.T("withdraw_not_found")
		return s.show(w, r, http.StatusUnprocessableEntity, WithdrawalPage(v))
	}
	if err != nil {
		return err
	}
	return s.withdraw(w, r, v, o, string(v.To("/withdrawal/done")))
}

// orderWithdrawal is the function on the page of an order, for the holder of its key.
func (s *Storefront) orderWithdrawal(w http.ResponseWriter, r *http.Request) error {
	v, err := s.withdrawalView(r)
	if err != nil {
		return err
	}
	o, key, err := s.openOrder(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v.Guest, v.NoIndex, v.Number, v.Email = false, true, o.Number, o.Email
	v.Action = string(v.To("/orders/" + o.Number + "/withdrawal?key=" + key))
	v.Path = "/orders/" + o.Number + "/withdrawal?key=" + key
	w.Header().Set("Referrer-Policy", "no-referrer")
	return s.withdraw(w, r, v, o, string(v.To("/orders/"+o.Number+"?key="+key+"#returns")))
}

// withdraw leads through the steps: choose, confirm, done.
func (s *Storefront) withdraw(w http.ResponseWriter, r *http.Request, v WithdrawalView, o shop.Order, done string) error {
	offer, err := s.Shop.Offer(r.Context(), o)
	if err != nil {
		return err
	}
	v.Order, v.Offer, v.Step, v.Wanted = o, offer, stepChoose, map[string]int{}
	v.Name, v.Reason, v.Key = strings.TrimSpace(r.PostForm.Get("name")), strings.TrimSpace(r.PostForm.Get("reason")), r.PostForm.Get("key")
	if v.Name == "" {
		v.Name = o.Address.Name
	}
	if len(v.Key) < 16 || len(v.Key) > 100 {
		v.Key = rand.Text()
	}
	var lines []shop.LineQuantity
	for _, l := range offer.Lines {
		n, err := strconv.Atoi(r.PostForm.Get("line." + l.SKU))
		if err != nil || n < 0 {
			n = 0
		}
		if n > 0 {
			v.Wanted[l.SKU] = n
			lines = append(lines, shop.LineQuantity{SKU: l.SKU, Quantity: n})
		}
	}
	status := http.StatusOK
	action := r.PostForm.Get("action")
	switch {
	case action != stepConfirm && action != stepDone:
		return s.show(w, r, status, WithdrawalPage(v))
	case len(lines) == 0:
		v.Problem, status = v.T("withdraw_nothing"), http.StatusUnprocessableEntity
		return s.show(w, r, status, WithdrawalPage(v))
	case action == stepConfirm && slices.ContainsFunc(offer.Lines, func(l shop.Withdrawable) bool { return v.Wanted[l.SKU] > l.Left }):
		v.Problem, status = v.T("withdraw_too_many"), http.StatusUnprocessableEntity
		return s.show(w, r, status, WithdrawalPage(v))
	case action == stepConfirm:
		v.Step = stepConfirm
		return s.show(w, r, status, WithdrawalPage(v))
	}
	_, err = s.Shop.Withdraw(r.Context(), o.Number, shop.Withdrawal{Lines: lines, Name: v.Name, Reason: v.Reason, Key: "form-" + v.Key})
	if f, ok := fault.As(err); ok && (f.Kind == fault.Conflict || f.Kind == fault.Invalid) {
		v.Problem = v.T("withdraw_closed")
		switch f.Code {
		case "nothing_to_withdraw":
			v.Problem = v.T("withdraw_too_many")
		case "withdrawal_excluded":
			v.Problem = v.T("withdraw_excluded")
		case "invalid_fields":
			v.Problem = v.T("error_too_long")
		}
		return s.show(w, r, f.Kind.Status(), WithdrawalPage(v))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, done, http.StatusSeeOther)
	return nil
}

// excludedWords says why the law lets an article not be given back.
func excludedWords(p Page, reason string) string {
	if id := "excluded_" + reason; p.P.Has(id) {
		return p.T(id)
	}
	return p.T("excluded_other")
}

func windowWords(p Page, w shop.Window) string {
	if w.Until.IsZero() {
		return p.T("withdraw_from_receipt")
	}
	return p.T("withdraw_until", "day", p.P.Day(w.Until))
}
