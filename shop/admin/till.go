package admin

import (
	"crypto/rand"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/desk"
	"boutique/shop"
)

func (a *Admin) mountTill(r chi.Router) {
	r.Get("/till", a.may(staff.ReadOrders, a.till))
	r.Post("/till/deposit", a.may(staff.EditOrders, a.deposit))
	r.Post("/orders/{number}/received", a.may(staff.EditOrders, a.received))
	r.Post("/settings/payment", a.may(staff.Manage, a.setPayment))
}

// TillView is what the desk took and gave back on a day, and what lies there.
type TillView struct {
	Page
	Day      time.Time
	Journal  []desk.Receipt
	Tills    []shop.Till
	Deposits []desk.Deposit
	Error    string
}

// Sum is what the day's lines come to.
func (v TillView) Sum() money.Amount {
	var sum money.Amount
	for _, r := range v.Journal {
		sum += r.Signed()
	}
	return sum
}

func (a *Admin) till(w http.ResponseWriter, r *http.Request) error {
	return a.showTill(w, r, http.StatusOK, nil)
}

func (a *Admin) showTill(w http.ResponseWriter, r *http.Request, status int, cause error) error {
	p, err := a.page(r, "till", "till")
	if err != nil {
		return err
	}
	now := p.Now.In(text.Paris())
	v := TillView{Page: p, Day: time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, text.Paris())}
	if day, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("day"), text.Paris()); err == nil && day.Year() > 1999 && day.Year() < 2200 {
		v.Day = day
	}
	if v.Journal, err = desk.Journal(r.Context(), a.Pool, v.Day, v.Day.AddDate(0, 0, 1)); err != nil {
		return err
	}
	if v.Tills, err = shop.Tills(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Deposits, err = desk.Deposits(r.Context(), a.Pool, 20); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, TillPage(v))
}

func (a *Admin) deposit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	counted, err := money.Parse(r.PostForm.Get("amount"))
	if err != nil {
		return badForm(err)
	}
	_, err = a.Shop.DepositTill(r.Context(), shop.Carried{Means: r.PostForm.Get("means"), Reference: r.PostForm.Get("reference"), Counted: counted, Receipts: r.PostForm["receipt"], Actor: actorOf(r).String()})
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.showTill(w, r, f.Kind.Status(), err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_deposited", "/admin/till")
}

// received takes the money of an order that is paid at the desk.
func (a *Admin) received(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	key := r.PostForm.Get("key")
	if key == "" {
		key = rand.Text()
	}
	return a.act(w, r, "notice_desk_received", OrderForm{Key: key}, func() error {
		return a.Shop.ReceiveAtDesk(r.Context(), chi.URLParam(r, "number"), shop.Receipt{
			Means: r.PostForm.Get("means"), Reference: r.PostForm.Get("reference"), Key: key, HandOver: r.PostForm.Get("hand_over") != "", Actor: actorOf(r).String(),
		})
	})
}

// awaitsDesk tells whether the order waits to be paid at the desk.
func awaitsDesk(v OrderView) bool {
	return v.Order.Status == shop.AwaitingPayment && v.Order.AtDesk()
}

// takenAtDesk tells whether the order stands on money that the desk took.
func takenAtDesk(v OrderView) bool { return v.Order.AtDesk() && v.Order.ConfirmedAt != nil }

func (a *Admin) setPayment(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	before, err := setting.GetPayment(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	days, _ := strconv.Atoi(r.PostForm.Get("desk_days"))
	said := setting.Payment{Desk: r.PostForm.Get("desk") != "", DeskDays: days}
	for _, m := range setting.PaymentMethods() {
		if r.PostForm.Get("method_"+m) != "" {
			said.Methods = append(said.Methods, m)
		}
	}
	return a.keepSetting(w, r, setting.KeyPayment, before, said, func(v *SettingsView) { v.Payment = said })
}
