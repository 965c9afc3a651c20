package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/shop"
)

func (a *Admin) mountReturns(r chi.Router) {
	r.Get("/returns", a.may(staff.ReadOrders, a.returns))
	r.Get("/returns/{number}", a.may(staff.ReadOrders, a.returnPage))
	r.Post("/returns/{number}/receive", a.may(staff.EditOrders, a.receiveReturn))
	r.Post("/returns/{number}/refund", a.may(staff.EditOrders, a.refundReturn))
	r.Post("/returns/{number}/close", a.may(staff.EditOrders, a.closeReturn))
}

// ReturnsView is the list of returns.
type ReturnsView struct {
	Page
	All     bool
	Returns []shop.Return
}

// ReturnView is one return. Amount and Reason are what its forms hold.
type ReturnView struct {
	Page
	Return         shop.Return
	Order          shop.Order
	Amount, Reason string
	Error          string
}

// Name is the name of an article of the order.
func (v ReturnView) Name(sku string) string {
	for _, l := range v.Order.Lines {
		if l.SKU == sku {
			return strings.TrimSpace(l.Name + " " + l.Options)
		}
	}
	return sku
}

func (a *Admin) returns(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "returns", "returns")
	if err != nil {
		return err
	}
	v := ReturnsView{Page: p, All: r.URL.Query().Get("tab") == "all"}
	if v.Returns, err = shop.ListReturns(r.Context(), a.Pool, !v.All); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, ReturnsPage(v))
}

func (a *Admin) returnPage(w http.ResponseWriter, r *http.Request) error {
	return a.showReturn(w, r, http.StatusOK, ReturnView{}, nil)
}

func (a *Admin) showReturn(w http.ResponseWriter, r *http.Request, status int, v ReturnView, cause error) error {
	var err error
	if v.Return, err = shop.GetReturn(r.Context(), a.Pool, chi.URLParam(r, "number")); err != nil {
		return err
	}
	if v.Order, err = shop.GetOrder(r.Context(), a.Pool, v.Return.OrderNumber); err != nil {
		return err
	}
	if v.Page, err = a.page(r, "returns", "returns"); err != nil {
		return err
	}
	v.Title = v.Return.Number
	if v.Amount == "" {
		v.Amount = v.Return.Due.Decimal()
	}
	if cause != nil {
		v.Error = sentence(v.Page, cause)
	}
	return a.show(w, r, status, ReturnPage(v))
}

// onReturn runs a use case on a return; a refusal shows the return again with its reason.
func (a *Admin) onReturn(w http.ResponseWriter, r *http.Request, notice string, v ReturnView, work func(number, actor string) error) error {
	err := work(chi.URLParam(r, "number"), actorOf(r).String())
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.showReturn(w, r, f.Kind.Status(), v, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, notice, "/admin/returns/"+chi.URLParam(r, "number"))
}

func (a *Admin) receiveReturn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	return a.onReturn(w, r, "notice_return_received", ReturnView{}, func(number, actor string) error {
		found, err := shop.GetReturn(r.Context(), a.Pool, number)
		if err != nil {
			return err
		}
		var outcomes []shop.Outcome
		for _, l := range found.Lines {
			outcomes = append(outcomes, shop.Outcome{SKU: l.SKU, Restocked: pieces(r, "restock."+l.SKU), WrittenOff: pieces(r, "write-off."+l.SKU)})
		}
		_, err = a.Shop.ReceiveReturn(r.Context(), number, outcomes, actor)
		return err
	})
}

// pieces reads a number of pieces; what is no number is too many, so that the form comes back.
func pieces(r *http.Request, name string) int {
	value := strings.TrimSpace(r.PostForm.Get(name))
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n > 9999 {
		return 10000
	}
	return n
}

func (a *Admin) refundReturn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v := ReturnView{Amount: strings.TrimSpace(r.PostForm.Get("amount"))}
	return a.onReturn(w, r, "notice_return_refunded", v, func(number, actor string) error {
		var amount *money.Amount
		if v.Amount != "" {
			parsed, err := money.Parse(v.Amount)
			if err != nil {
				var fields fault.Fields
				fields.Add("amount", "amount_invalid", "must be an amount like 12,50")
				return fields.Err()
			}
			amount = &parsed
		}
		_, err := a.Shop.RefundReturn(r.Context(), number, amount, actor)
		return err
	})
}

func (a *Admin) closeReturn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v := ReturnView{Reason: r.PostForm.Get("reason")}
	return a.onReturn(w, r, "notice_return_closed", v, func(number, actor string) error {
		_, err := a.Shop.CloseReturn(r.Context(), number, v.Reason, actor)
		return err
	})
}
