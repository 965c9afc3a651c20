package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/ledger"
	"boutique/shop"
)

// Papers draws the papers of an order as PDF: packing-slip, label, invoice, credit-note. What does
// not exist (the credit note of an order that has none) is NotFound.
type Papers interface {
	Paper(ctx context.Context, d shop.Dossier, kind string, lang text.Lang) ([]byte, error)
}

type orderSummary struct {
	Number           string       `json:"number"`
	Status           string       `json:"status"`
	PaymentStatus    string       `json:"payment_status"`
	FulfilmentStatus string       `json:"fulfilment_status"`
	Name             string       `json:"name"`
	Country          string       `json:"country"`
	Shipping         string       `json:"shipping"`
	Pieces           int          `json:"pieces"`
	Total            money.Amount `json:"total"`
	PlacedAt         time.Time    `json:"placed_at"`
}

// OrderPath is the place of an order.
type OrderPath struct {
	Number string `path:"number" maxLength:"40"`
}

func (a *API) staffOrder(ctx context.Context, number string) (*orderAnswer, error) {
	d, err := a.dossier(ctx, number)
	if err != nil {
		return nil, err
	}
	credit := 0
	out := orderOf(d, func(doc ledger.Issued) string {
		paper := "invoice.pdf"
		if doc.Kind == ledger.KindCreditNote {
			credit++
			paper = fmt.Sprintf("credit-note.pdf?n=%d", credit)
		}
		return a.PublicURL + "/api/v1/staff/orders/" + d.Number + "/documents/" + paper
	})
	left := d.Refundable()
	out.Body.Refundable, out.Body.Events = &left, d.Events
	out.Body.Customer = &customer{Email: d.Email, Name: d.Address.Name, Phone: d.Phone, Company: d.Address.Company, Line1: d.Address.Line1, Line2: d.Address.Line2,
		PostalCode: d.Address.PostalCode, City: d.Address.City, Country: string(d.Address.Country)}
	return out, nil
}

func (a *API) dossier(ctx context.Context, number string) (shop.Dossier, error) {
	o, err := shop.GetOrder(ctx, a.Shop.Pool, number)
	if err != nil {
		return shop.Dossier{}, err
	}
	return a.Shop.Dossier(ctx, o)
}

func (a *API) mountStaffOrders() {
	register(a, a.staffCall(staff.ReadOrders, huma.Operation{OperationID: "staff-list-orders", Method: http.MethodGet, Path: "/api/v1/staff/orders", Summary: "Orders, the newest first"}),
		func(ctx context.Context, in *struct {
			Status string `query:"status" enum:"awaiting_payment,confirmed,completed,expired,cancelled"`
			Q      string `query:"q" maxLength:"200"`
			Cursor string `query:"cursor" maxLength:"200"`
			Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (*list[orderSummary], error) {
			found, next, err := shop.ListOrders(ctx, a.Shop.Pool, shop.OrderFilter{Status: in.Status, Q: in.Q, Cursor: in.Cursor, Limit: in.Limit})
			if err != nil {
				return nil, err
			}
			items := make([]orderSummary, len(found))
			for i, o := range found {
				items[i] = orderSummary{o.Number, o.Status, o.PaymentStatus, o.FulfilmentStatus, o.Name, o.Country, o.ShippingLabel, o.Pieces, money.Amount(o.Total), o.PlacedAt.UTC()}
			}
			return listOf(items, next), nil
		})
	register(a, a.staffCall(staff.ReadOrders, huma.Operation{OperationID: "staff-get-order", Method: http.MethodGet, Path: "/api/v1/staff/orders/{number}", Summary: "All that is known of an order"}),
		func(ctx context.Context, in *OrderPath) (*orderAnswer, error) { return a.staffOrder(ctx, in.Number) })
	register(a, a.staffCall(staff.EditOrders, huma.Operation{OperationID: "staff-ship", Method: http.MethodPost, Path: "/api/v1/staff/orders/{number}/shipments", Summary: "Pieces leave the office: the lines named, or all that is left", DefaultStatus: http.StatusCreated}), a.ship)
	register(a, a.staffCall(staff.EditOrders, huma.Operation{OperationID: "staff-refund", Method: http.MethodPost, Path: "/api/v1/staff/orders/{number}/refunds", Summary: "Gives money back: an amount, or lines and shipping; neither is all that is left", DefaultStatus: http.StatusCreated}), a.refund)
	register(a, a.staffCall(staff.EditOrders, huma.Operation{OperationID: "staff-cancel", Method: http.MethodPost, Path: "/api/v1/staff/orders/{number}/cancel", Summary: "Ends an order that nothing was sent of; a paid one is refunded whole"}),
		func(ctx context.Context, in *struct {
			OrderPath
			Body struct {
				Reason string `json:"reason" maxLength:"500"`
			}
		}) (*orderAnswer, error) {
			if err := a.Shop.CancelOrder(ctx, in.Number, in.Body.Reason, actorOf(ctx).String()); err != nil {
				return nil, err
			}
			return a.staffOrder(ctx, in.Number)
		})
	register(a, a.staffCall(staff.ReadOrders, huma.Operation{OperationID: "staff-paper", Method: http.MethodGet, Path: "/api/v1/staff/orders/{number}/documents/{paper}", Summary: "A paper of the order as PDF: packing-slip.pdf, label.pdf, invoice.pdf, credit-note.pdf"}), a.paper)
	register(a, a.staffCall(staff.Simulate, huma.Operation{OperationID: "staff-simulate-shipping", Method: http.MethodPost, Path: "/api/v1/staff/shipping/simulate", Summary: "A quote with its whole explanation, for any basket and destination"}), a.simulate)
}

type lineInput struct {
	SKU      string `json:"sku" maxLength:"64"`
	Quantity int    `json:"quantity" minimum:"1" maximum:"9999"`
}

func quantities(lines []lineInput) []shop.LineQuantity {
	list := make([]shop.LineQuantity, len(lines))
	for i, l := range lines {
		list[i] = shop.LineQuantity{SKU: l.SKU, Quantity: l.Quantity}
	}
	return list
}

func (a *API) ship(ctx context.Context, in *struct {
	OrderPath
	Body struct {
		Lines          []lineInput `json:"lines,omitempty" maxItems:"100"`
		Carrier        string      `json:"carrier" maxLength:"60"`
		TrackingNumber string      `json:"tracking_number" maxLength:"40"`
	}
}) (*struct{ Body orderShipment }, error) {
	sh, err := a.Shop.Ship(ctx, in.Number, shop.ShipRequest{Lines: quantities(in.Body.Lines), Carrier: in.Body.Carrier, TrackingNumber: in.Body.TrackingNumber, Actor: actorOf(ctx).String()})
	if err != nil {
		return nil, err
	}
	return &struct{ Body orderShipment }{shipmentOf(sh)}, nil
}

func (a *API) refund(ctx context.Context, in *struct {
	OrderPath
	IdempotencyKey string `header:"Idempotency-Key"`
	Body           struct {
		Amount   *money.Amount `json:"amount,omitempty"`
		Lines    []lineInput   `json:"lines,omitempty" maxItems:"100"`
		Shipping bool          `json:"shipping,omitempty"`
		Reason   string        `json:"reason" maxLength:"500"`
	}
}) (*struct{ Body orderRefund }, error) {
	// A client whose list came out empty did not ask for everything.
	if in.Body.Lines != nil && len(in.Body.Lines) == 0 && in.Body.Amount == nil && !in.Body.Shipping {
		var fields fault.Fields
		fields.Add("lines", "required", "names no article: leave it out to give back all that is left")
		return nil, fields.Err()
	}
	r, err := a.Shop.RefundOrder(ctx, in.Number, shop.RefundRequest{Amount: in.Body.Amount, Lines: quantities(in.Body.Lines), Shipping: in.Body.Shipping,
		Reason: in.Body.Reason, Key: in.IdempotencyKey, Actor: actorOf(ctx).String()})
	if err != nil {
		return nil, err
	}
	return &struct{ Body orderRefund }{orderRefund{r.ID.String(), r.State, r.Amount, r.Reason, r.CreatedAt.UTC()}}, nil
}

type pdfAnswer struct {
	ContentType  string `header:"Content-Type"`
	Disposition  string `header:"Content-Disposition"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (a *API) paper(ctx context.Context, in *struct {
	OrderPath
	Paper string `path:"paper" enum:"packing-slip.pdf,label.pdf,invoice.pdf,credit-note.pdf"`
	N     int    `query:"n" minimum:"1" maximum:"999" default:"1" doc:"which credit note, from 1"`
	Lang  string `query:"lang" maxLength:"5" doc:"the language of a packing slip"`
}) (*pdfAnswer, error) {
	d, err := a.dossier(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	lang, err := langOf(in.Lang)
	if err != nil {
		return nil, err
	}
	kind := in.Paper[:len(in.Paper)-len(".pdf")]
	if kind == "credit-note" {
		kind = fmt.Sprintf("credit-note:%d", in.N)
	}
	pdf, err := a.Papers.Paper(ctx, d, kind, lang)
	if err != nil {
		return nil, err
	}
	return &pdfAnswer{ContentType: "application/pdf", Disposition: `inline; filename="` + d.Number + "-" + in.Paper + `"`, CacheControl: "no-store", Body: pdf}, nil
}

func (a *API) simulate(ctx context.Context, in *struct {
	Body struct {
		Lines      []lineInput `json:"lines" maxItems:"100"`
		Country    string      `json:"country" maxLength:"2"`
		PostalCode string      `json:"postal_code" maxLength:"20"`
		Lang       string      `json:"lang,omitempty" maxLength:"2"`
		// Destination may be given as one object, as for carts.
		Destination *destination `json:"destination,omitempty"`
	}
}) (*simulation, error) {
	lang, err := langOf(in.Body.Lang)
	if err != nil {
		return nil, err
	}
	if d := in.Body.Destination; d != nil {
		in.Body.Country, in.Body.PostalCode = d.Country, d.PostalCode
	}
	var fields fault.Fields
	to := shop.Destination{Country: place.Country(in.Body.Country), PostalCode: in.Body.PostalCode}
	if !place.Known(to.Country) {
		fields.Add("country", "country_unknown", "is not a country that the shop knows")
	} else if code, ok := place.PostalCode(to.Country, to.PostalCode); !ok && to.PostalCode != "" {
		fields.Add("postal_code", "postal_code_invalid", "is not a postal code of this country")
	} else {
		to.PostalCode = code
	}
	if len(in.Body.Lines) == 0 {
		fields.Add("lines", "required", "is missing")
	}
	skus := make([]string, len(in.Body.Lines))
	for i, l := range in.Body.Lines {
		skus[i] = l.SKU
	}
	sellables, err := catalog.Sellables(ctx, a.Shop.Pool, lang, skus)
	if err != nil {
		return nil, err
	}
	var items []shop.Item
	for i, l := range in.Body.Lines {
		s, known := sellables[l.SKU]
		if !known {
			fields.Add(fmt.Sprintf("lines[%d].sku", i), "sku_not_found", "is no article of the catalogue")
			continue
		}
		items = append(items, shop.Item{SKU: l.SKU, Quantity: l.Quantity, UnitPrice: s.Price, WeightG: s.WeightG, LengthMM: s.LengthMM, WidthMM: s.WidthMM, HeightMM: s.HeightMM, Family: s.Family, Classes: s.ShippingClasses, NewBook: s.NewBook})
	}
	if err := fields.Err(); err != nil {
		return nil, err
	}
	conditions, err := shop.CurrentConditions(ctx, a.Shop.Pool)
	if err != nil {
		return nil, err
	}
	quote, err := a.Shop.QuoteFor(ctx, conditions, items, to, lang)
	if err != nil {
		return nil, err
	}
	out := &simulation{}
	out.Body.Conditions, out.Body.Zone, out.Body.Goods = quote.Conditions, quote.Zone, quote.Goods
	short := shippingOf(quote, lang)
	out.Body.Excluded = short.Body.Excluded
	for i, o := range quote.Options {
		parcels := o.Parcels
		if parcels == nil {
			parcels = []shop.Parcel{}
		}
		out.Body.Items = append(out.Body.Items, simulatedOption{short.Body.Items[i], parcels, o.Zone, o.Tariff, o.TariffFrom, o.Cost})
	}
	return out, nil
}

type simulatedOption struct {
	shippingOption
	Parcels    []shop.Parcel `json:"parcels" nullable:"false"`
	Zone       string        `json:"zone"`
	Tariff     string        `json:"tariff" doc:"the printed tariff it was priced by"`
	TariffFrom string        `json:"tariff_from"`
	Cost       *money.Amount `json:"cost" doc:"what the office pays for it; null when the tariff does not say"`
}

type simulation struct {
	Body struct {
		Conditions int                `json:"conditions" doc:"the version of the conditions of dispatch"`
		Zone       string             `json:"zone"`
		Goods      money.Amount       `json:"goods"`
		Items      []simulatedOption  `json:"items" nullable:"false"`
		Excluded   []shippingExcluded `json:"excluded" nullable:"false"`
	}
}
