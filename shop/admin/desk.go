package admin

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/mail"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments"
	"boutique/payments/ledger"
	"boutique/shop"
)

func (a *Admin) mountDesk(r chi.Router) {
	r.Get("/", a.errors.Handle(a.today))
	r.Post("/sign-out", a.errors.Handle(a.signOut))
	r.Get("/orders", a.may(staff.ReadOrders, a.orders))
	r.Get("/orders/{number}", a.may(staff.ReadOrders, a.order))
	r.Get("/orders/{number}/{paper}.pdf", a.may(staff.ReadOrders, a.paper))
	r.Post("/orders/{number}/ship", a.may(staff.EditOrders, a.ship))
	r.Post("/orders/{number}/ready", a.may(staff.EditOrders, a.ready))
	r.Post("/orders/{number}/collected", a.may(staff.EditOrders, a.collected))
	r.Post("/orders/{number}/delivered", a.may(staff.EditOrders, a.delivered))
	r.Post("/orders/{number}/refund", a.may(staff.EditOrders, a.refund))
	r.Post("/orders/{number}/cancel", a.may(staff.EditOrders, a.cancel))
}

// lowStock is how few pieces are few, for the list of what to order.
const lowStock = 5

// today shows what needs doing now.
func (a *Admin) today(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "today", "today")
	if err != nil {
		return err
	}
	v := TodayView{Page: p}
	ctx, role := r.Context(), p.Actor.Role
	if role.May(staff.ReadOrders) {
		if v.Orders, err = shop.ToPack(ctx, a.Pool, 50); err != nil {
			return err
		}
		if v.Parcels, v.Collections, err = shop.CountToPack(ctx, a.Pool); err != nil {
			return err
		}
		if v.Health, err = a.Payments.Health(ctx); err != nil {
			return err
		}
		if v.Returns, err = shop.CountOpenReturns(ctx, a.Pool); err != nil {
			return err
		}
		if v.Tasks, err = a.moneyTasks(r); err != nil {
			return err
		}
		if v.Unproved, _, err = ledger.ProofsMissing(ctx, a.Pool, p.Now); err != nil {
			return err
		}
		if v.ToTake, err = shop.CountAtDesk(ctx, a.Pool); err != nil {
			return err
		}
		if v.Unsent, err = mail.CountUnsent(ctx, a.Pool); err != nil {
			return err
		}
	}
	if role.May(staff.Manage) && !p.TestMode {
		last, err := audit.Last(ctx, a.Pool, BackupMade)
		if err != nil {
			return err
		}
		v.NoBackup = p.Now.Sub(last) > BackupAge
	}
	if role.May(staff.Manage) {
		v.Full = a.fullDisks()
		if v.First, err = a.firstSteps(r, p); err != nil {
			return err
		}
	}
	if err := a.quality(r, &v); err != nil {
		return err
	}
	if v.Unsendable, err = catalog.ListUnsendable(ctx, a.Pool, 12); err != nil {
		return err
	}
	if v.Low, err = catalog.ListLowStock(ctx, a.Pool, lowStock, 12); err != nil {
		return err
	}
	if v.Drafts, _, err = catalog.ListProducts(ctx, a.Pool, catalog.ProductFilter{State: catalog.Draft, Limit: 12}); err != nil {
		return err
	}
	if role.May(staff.ReadBooks) || role.May(staff.ReadOrders) {
		end := a.Shop.Clock.Now().In(text.Paris())
		day := time.Date(end.Year(), end.Month(), end.Day(), 0, 0, 0, 0, text.Paris())
		if v.Week, err = a.salesOf(r, ledger.Period{From: day.AddDate(0, 0, -6), To: day}); err != nil {
			return err
		}
	}
	return a.show(w, r, http.StatusOK, TodayPage(v))
}

// BackupMade is the action that a finished backup leaves in the journal; BackupAge is how old the newest may
// be before staff hear of it.
const (
	BackupMade = "backup.made"
	BackupAge  = 7 * 24 * time.Hour
)

// salesOf reads the sales of each day of a period, days without any included.
func (a *Admin) salesOf(r *http.Request, p ledger.Period) ([]Bar, error) {
	found, err := ledger.SalesPerDay(r.Context(), a.Pool, p)
	if err != nil {
		return nil, err
	}
	sums := map[string]int64{}
	for _, d := range found {
		sums[d.Day.Format(time.DateOnly)] = d.Gross
	}
	var bars []Bar
	for day := p.From; !day.After(p.To) && len(bars) < 400; day = day.AddDate(0, 0, 1) {
		bars = append(bars, Bar{Day: day, Gross: money.Amount(sums[day.Format(time.DateOnly)])})
	}
	return bars, nil
}

func (a *Admin) orders(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "orders", "orders")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := OrdersView{Page: p, Tab: q.Get("tab"), Q: strings.TrimSpace(q.Get("q"))}
	f := shop.OrderFilter{Q: v.Q, Cursor: q.Get("cursor"), Limit: 50}
	switch v.Tab {
	case "waiting":
		f.Status = shop.AwaitingPayment
	case "desk":
		f.Status, f.PaysAt = shop.AwaitingPayment, shop.PaysAtDesk
	case "completed":
		f.Status = shop.Completed
	case "gone":
		f.Status = shop.Expired
	case "all":
	default:
		v.Tab = "confirmed"
		if v.Q == "" {
			f.Status = shop.Confirmed
		} else {
			v.Tab = "all"
		}
	}
	if v.Orders, v.Next, err = shop.ListOrders(r.Context(), a.Pool, f); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, OrdersPage(v))
}

func (a *Admin) dossier(r *http.Request) (shop.Dossier, error) {
	o, err := shop.GetOrder(r.Context(), a.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return shop.Dossier{}, err
	}
	return a.Shop.Dossier(r.Context(), o)
}

func (a *Admin) order(w http.ResponseWriter, r *http.Request) error {
	return a.showOrder(w, r, http.StatusOK, OrderForm{Key: rand.Text()}, nil)
}

// showOrder shows an order, and a refused form filled in with its error.
func (a *Admin) showOrder(w http.ResponseWriter, r *http.Request, status int, form OrderForm, cause error) error {
	d, err := a.dossier(r)
	if err != nil {
		return err
	}
	p, err := a.page(r, "orders", "order")
	if err != nil {
		return err
	}
	p.Title = d.Number
	v := OrderView{Page: p, Order: d, Form: form}
	if v.Articles, err = a.articles(r.Context(), p.Lang(), skusOf(d.Lines)); err != nil {
		return err
	}
	if v.Disputes, err = payments.DisputesOf(r.Context(), a.Pool, d.ID); err != nil {
		return err
	}
	if v.Warnings, err = payments.WarningsOf(r.Context(), a.Pool, d.ID); err != nil {
		return err
	}
	if v.Export, err = ledger.ExportOfOrder(r.Context(), a.Pool, d.ID); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, OrderPage(v))
}

// sentence puts an error in the reader's words.
func sentence(p Page, err error) string {
	f, ok := fault.As(err)
	if !ok {
		return p.T("error_other", "detail", "")
	}
	if len(f.Fields) > 0 {
		var list []string
		for _, field := range f.Fields {
			list = append(list, fieldSentence(p, field))
		}
		return strings.Join(list, " · ")
	}
	if id := "error_" + f.Code; p.P.Has(id) {
		return p.T(id)
	}
	return p.T("error_other", "detail", f.Detail)
}

// fieldSentence says what is wrong with a field.
func fieldSentence(p Page, field fault.Field) string {
	name, said := field.Place, field.Message
	if id := "error_" + field.Code; p.P.Has(id) {
		said = p.T(id)
	}
	if id := "field_" + strings.ReplaceAll(field.Place, ".", "_"); p.P.Has(id) {
		name = p.T(id)
	}
	return name + p.P.Colon() + " " + said
}

// act runs a use case on an order; a refusal shows the order again with its reason.
func (a *Admin) act(w http.ResponseWriter, r *http.Request, notice string, form OrderForm, work func() error) error {
	err := work()
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		if form.Key == "" {
			form.Key = rand.Text()
		}
		return a.showOrder(w, r, f.Kind.Status(), form, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, notice, "/admin/orders/"+chi.URLParam(r, "number"))
}

func quantitiesOf(r *http.Request, prefix string) ([]shop.LineQuantity, error) {
	var list []shop.LineQuantity
	var fields fault.Fields
	for name, values := range r.PostForm {
		sku, ok := strings.CutPrefix(name, prefix)
		if !ok || values[0] == "" || values[0] == "0" {
			continue
		}
		n, err := strconv.Atoi(values[0])
		if err != nil || n < 0 || n > 9999 {
			fields.Add(sku, "quantity_out_of_range", "must be a number of pieces")
			continue
		}
		list = append(list, shop.LineQuantity{SKU: sku, Quantity: n})
	}
	return list, fields.Err()
}

func (a *Admin) ship(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	form := OrderForm{Carrier: r.PostForm.Get("carrier"), TrackingNumber: r.PostForm.Get("tracking_number")}
	return a.act(w, r, "notice_shipped", form, func() error {
		lines, err := quantitiesOf(r, "ship.")
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return fault.New(fault.Conflict, "nothing_to_ship", "choose what leaves")
		}
		_, err = a.Shop.Ship(r.Context(), chi.URLParam(r, "number"), shop.ShipRequest{Lines: lines, Carrier: form.Carrier, TrackingNumber: form.TrackingNumber, Actor: actorOf(r).String()})
		return err
	})
}

func (a *Admin) ready(w http.ResponseWriter, r *http.Request) error {
	return a.act(w, r, "notice_ready", OrderForm{}, func() error {
		return a.Shop.MarkReady(r.Context(), chi.URLParam(r, "number"), actorOf(r).String())
	})
}

func (a *Admin) collected(w http.ResponseWriter, r *http.Request) error {
	return a.act(w, r, "notice_collected", OrderForm{}, func() error {
		return a.Shop.MarkCollected(r.Context(), chi.URLParam(r, "number"), r.PostFormValue("handed_to"), actorOf(r).String())
	})
}

func (a *Admin) delivered(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	n, _ := strconv.Atoi(r.PostForm.Get("n"))
	return a.act(w, r, "notice_delivered", OrderForm{}, func() error {
		return a.Shop.MarkDelivered(r.Context(), chi.URLParam(r, "number"), n, actorOf(r).String())
	})
}

func (a *Admin) refund(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	form := OrderForm{Key: r.PostForm.Get("key"), Amount: strings.TrimSpace(r.PostForm.Get("amount")), Reason: r.PostForm.Get("reason"), Shipping: r.PostForm.Get("shipping") != ""}
	return a.act(w, r, "notice_refunded", form, func() error {
		request := shop.RefundRequest{Reason: form.Reason, Key: form.Key, Means: r.PostForm.Get("means"), Actor: actorOf(r).String()}
		switch r.PostForm.Get("what") {
		case "amount":
			amount, err := money.Parse(form.Amount)
			if err != nil {
				var fields fault.Fields
				fields.Add("amount", "amount_invalid", "must be an amount like 12,50")
				return fields.Err()
			}
			request.Amount = &amount
		case "lines":
			lines, err := quantitiesOf(r, "refund.")
			if err != nil {
				return err
			}
			if len(lines) == 0 && !form.Shipping {
				return fault.New(fault.Conflict, "nothing_to_refund", "choose what to give back")
			}
			request.Lines, request.Shipping = lines, form.Shipping
		case "all":
		default:
			return fault.New(fault.Conflict, "nothing_to_refund", "choose what to give back")
		}
		_, err := a.Shop.RefundOrder(r.Context(), chi.URLParam(r, "number"), request)
		return err
	})
}

func (a *Admin) cancel(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	return a.act(w, r, "notice_cancelled", OrderForm{}, func() error {
		return a.Shop.CancelOrder(r.Context(), chi.URLParam(r, "number"), r.PostForm.Get("reason"), actorOf(r).String())
	})
}

func (a *Admin) paper(w http.ResponseWriter, r *http.Request) error {
	d, err := a.dossier(r)
	if err != nil {
		return err
	}
	kind := chi.URLParam(r, "paper")
	if n, ok := strings.CutPrefix(kind, "credit-note-"); ok {
		kind = "credit-note:" + n
	}
	if n, ok := strings.CutPrefix(kind, "receipt-"); ok {
		kind = "receipt:" + n
	}
	pdf, err := a.Papers.Paper(r.Context(), d, kind, langOf(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", d.Number+"-"+chi.URLParam(r, "paper")+".pdf"))
	_, err = w.Write(pdf)
	return err
}
