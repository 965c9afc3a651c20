package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments"
	"boutique/shop"
)

func (a *Admin) mountVouchers(r chi.Router) {
	r.Get("/vouchers", a.may(staff.Manage, a.vouchers))
	r.Post("/vouchers", a.may(staff.Manage, a.addVoucher))
	r.Post("/vouchers/{code}/end", a.may(staff.Manage, a.endVoucher))
}

// VoucherForm is what the form of a new voucher holds.
type VoucherForm struct {
	Code, Kind, Value, Products, Minimum, From, To, Limit string
	Once                                                  bool
}

// VouchersView is the page of vouchers and gift cards.
type VouchersView struct {
	Page
	Vouchers []shop.Voucher
	Cards    []payments.GiftCard
	Form     VoucherForm
	Error    string
}

func (a *Admin) vouchers(w http.ResponseWriter, r *http.Request) error {
	return a.showVouchers(w, r, http.StatusOK, VoucherForm{Kind: shop.VoucherPercent}, nil)
}

func (a *Admin) showVouchers(w http.ResponseWriter, r *http.Request, status int, form VoucherForm, cause error) error {
	p, err := a.page(r, "vouchers", "vouchers")
	if err != nil {
		return err
	}
	v := VouchersView{Page: p, Form: form}
	if v.Vouchers, err = shop.ListVouchers(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Cards, err = payments.ListGiftCards(r.Context(), a.Pool); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, VouchersPage(v))
}

func (a *Admin) addVoucher(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	form := VoucherForm{Code: get("code"), Kind: get("kind"), Value: get("value"), Products: get("products"), Minimum: get("minimum"), From: get("from"), To: get("to"), Limit: get("limit"), Once: get("once") != ""}
	v, err := form.voucher()
	if err == nil {
		_, err = a.Shop.AddVoucher(r.Context(), v, actorOf(r).String())
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.showVouchers(w, r, f.Kind.Status(), form, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_voucher_added", "/admin/vouchers")
}

// voucher reads the form; both days are days in Europe/Paris, the last one whole.
func (f VoucherForm) voucher() (shop.Voucher, error) {
	v := shop.Voucher{Code: f.Code, Kind: f.Kind, Products: strings.Fields(f.Products), OncePerCustomer: f.Once}
	var fields fault.Fields
	switch f.Kind {
	case shop.VoucherAmount:
		amount, err := money.Parse(f.Value)
		if err != nil {
			fields.Add("value", "voucher_value_invalid", "must be an amount like 5,00")
		}
		v.Value = int64(amount)
	case shop.VoucherPercent:
		n, err := strconv.Atoi(f.Value)
		if err != nil {
			fields.Add("value", "voucher_value_invalid", "must be 1 to 100")
		}
		v.Value = int64(n)
	}
	if f.Minimum != "" {
		amount, err := money.Parse(f.Minimum)
		if err != nil || amount < 0 {
			fields.Add("minimum", "voucher_value_invalid", "must be an amount like 20,00")
		}
		v.MinimumGoods = amount
	}
	if f.Limit != "" {
		n, err := strconv.Atoi(f.Limit)
		if err != nil || n < 1 {
			fields.Add("limit", "voucher_value_invalid", "must be at least 1")
		}
		v.UsageLimit = n
	}
	day := func(place, value string, plus int) *time.Time {
		if value == "" {
			return nil
		}
		d, err := time.ParseInLocation(time.DateOnly, value, text.Paris())
		if err != nil {
			fields.Add(place, "voucher_date", "must be a date like 2026-12-24")
			return nil
		}
		d = d.AddDate(0, 0, plus)
		return &d
	}
	v.StartsAt, v.EndsAt = day("from", f.From, 0), day("to", f.To, 1)
	return v, fields.Err()
}

func (a *Admin) endVoucher(w http.ResponseWriter, r *http.Request) error {
	if err := a.Shop.DisableVoucher(r.Context(), chi.URLParam(r, "code"), actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_voucher_ended", "/admin/vouchers")
}

// voucherValue says what a voucher gives.
func voucherValue(p Page, v shop.Voucher) string {
	switch v.Kind {
	case shop.VoucherAmount:
		return p.P.Money(money.Amount(v.Value))
	case shop.VoucherPercent:
		return p.P.Percent(int(v.Value) * 100)
	}
	return p.T("voucher_kind_free_shipping")
}

func voucherLimit(v shop.Voucher) string {
	if v.UsageLimit == 0 {
		return itoa(v.Used)
	}
	return itoa(v.Used) + " / " + itoa(v.UsageLimit)
}
