package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"boutique/internal/money"
	"boutique/payments/ledger"
	"boutique/shop"
)

type orderLine struct {
	SKU       string       `json:"sku"`
	Name      string       `json:"name"`
	Options   string       `json:"options"`
	Quantity  int          `json:"quantity"`
	Shipped   int          `json:"shipped"`
	Refunded  int          `json:"refunded"`
	UnitPrice money.Amount `json:"unit_price"`
	Total     money.Amount `json:"total"`
	VATRate   float64      `json:"vat_rate" doc:"percent"`
}

type orderVAT struct {
	Rate  float64      `json:"rate" doc:"percent"`
	Gross money.Amount `json:"gross"`
	Net   money.Amount `json:"net" doc:"without VAT"`
	VAT   money.Amount `json:"vat"`
}

type orderTotals struct {
	Discount  money.Amount `json:"discount"`
	GiftCards money.Amount `json:"gift_cards"`
	Goods     money.Amount `json:"goods"`
	Shipping  money.Amount `json:"shipping"`
	Total     money.Amount `json:"total"`
	VAT       []orderVAT   `json:"vat" nullable:"false"`
}

type orderShipment struct {
	N              int            `json:"n"`
	Kind           string         `json:"kind"`
	State          string         `json:"state"`
	Carrier        string         `json:"carrier"`
	TrackingNumber string         `json:"tracking_number"`
	TrackingURL    string         `json:"tracking_url"`
	Lines          []shipmentLine `json:"lines" nullable:"false"`
}

type shipmentLine struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

type orderDocument struct {
	Number   string       `json:"number"`
	IssuedAt time.Time    `json:"issued_at"`
	Total    money.Amount `json:"total"`
	URL      string       `json:"url"`
}

type orderRefund struct {
	ID        string       `json:"id"`
	State     string       `json:"state"`
	Amount    money.Amount `json:"amount"`
	Reason    string       `json:"reason"`
	CreatedAt time.Time    `json:"created_at"`
}

type orderShipping struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Earliest string `json:"earliest"`
	Latest   string `json:"latest"`
	// PickupPoint is the point or desk where it waits; null for what comes to the door.
	PickupPoint *pickupPoint `json:"pickup_point"`
}

type order struct {
	Number           string          `json:"number"`
	Status           string          `json:"status"`
	PaymentStatus    string          `json:"payment_status"`
	FulfilmentStatus string          `json:"fulfilment_status"`
	Lang             string          `json:"lang"`
	PlacedAt         time.Time       `json:"placed_at"`
	ExpiresAt        time.Time       `json:"expires_at"`
	Lines            []orderLine     `json:"lines" nullable:"false"`
	Totals           orderTotals     `json:"totals"`
	Shipping         orderShipping   `json:"shipping"`
	Shipments        []orderShipment `json:"shipments" nullable:"false"`
	Refunds          []orderRefund   `json:"refunds" nullable:"false"`
	Returns          []orderReturn   `json:"returns" nullable:"false"`
	Withdrawal       withdrawalOpen  `json:"withdrawal"`
	Invoice          *orderDocument  `json:"invoice"`
	CreditNotes      []orderDocument `json:"credit_notes" nullable:"false"`
	// Customer and Refundable are for staff.
	Customer   *customer     `json:"customer,omitempty"`
	Refundable *money.Amount `json:"refundable,omitempty"`
	Events     []string      `json:"events,omitempty" doc:"what staff may do with the order now"`
}

type customer struct {
	Email      string `json:"email"`
	Name       string `json:"name"`
	Phone      string `json:"phone"`
	Company    string `json:"company"`
	Line1      string `json:"line1"`
	Line2      string `json:"line2"`
	PostalCode string `json:"postal_code"`
	City       string `json:"city"`
	Country    string `json:"country"`
}

type orderAnswer struct {
	CacheControl string `header:"Cache-Control"`
	Body         order
}

func percent(basisPoints int) float64 { return float64(basisPoints) / 100 }

// discountOf is what a voucher took off the lines and the shipping.
func discountOf(o shop.Order) money.Amount {
	off := o.ShippingDiscount
	for _, l := range o.Lines {
		off += l.Discount
	}
	return off
}

// orderOf describes an order; documentURL makes the address of a document.
func orderOf(d shop.Dossier, documentURL func(ledger.Issued) string) *orderAnswer {
	o := order{
		Number: d.Number, Status: d.Status, PaymentStatus: d.PaymentStatus, FulfilmentStatus: d.FulfilmentStatus, Lang: string(d.Lang),
		PlacedAt: d.PlacedAt.UTC(), ExpiresAt: d.ExpiresAt.UTC(), Lines: []orderLine{}, Shipments: []orderShipment{}, Refunds: []orderRefund{}, Returns: []orderReturn{}, Withdrawal: windowOf(d.Withdrawal), CreditNotes: []orderDocument{},
		Totals:   orderTotals{Goods: d.Goods, Shipping: d.Order.Shipping, Total: d.Total, Discount: discountOf(d.Order), GiftCards: d.GiftTotal, VAT: []orderVAT{}},
		Shipping: orderShipping{ID: d.ShippingMethod, Name: d.ShippingLabel, Kind: d.ShippingKind},
	}
	if d.Quote.Stop != nil {
		stop := pickupPointOf(*d.Quote.Stop)
		o.Shipping.PickupPoint = &stop
	}
	if d.Promise != nil {
		o.Shipping.Earliest, o.Shipping.Latest = d.Promise.From.Format(time.DateOnly), d.Promise.To.Format(time.DateOnly)
	}
	for _, l := range d.Lines {
		o.Lines = append(o.Lines, orderLine{SKU: l.SKU, Name: l.Name, Options: l.Options, Quantity: l.Quantity, Shipped: l.Sent, Refunded: l.Refunded, UnitPrice: l.UnitPrice, Total: l.Total, VATRate: percent(int(l.VATRate))})
	}
	for _, v := range d.VAT {
		o.Totals.VAT = append(o.Totals.VAT, orderVAT{percent(int(v.Rate)), v.Gross, v.Net, v.VAT})
	}
	for _, sh := range d.Shipments {
		o.Shipments = append(o.Shipments, shipmentOf(sh))
	}
	for _, r := range d.Refunds {
		o.Refunds = append(o.Refunds, orderRefund{r.ID.String(), r.State, r.Amount, r.Reason, r.CreatedAt.UTC()})
	}
	for _, r := range d.Returns {
		o.Returns = append(o.Returns, returnOf(r))
	}
	for _, doc := range d.Documents {
		described := orderDocument{doc.Number, doc.IssuedAt.UTC(), doc.Gross, documentURL(doc)}
		if doc.Kind == ledger.KindInvoice {
			o.Invoice = &described
		} else {
			o.CreditNotes = append(o.CreditNotes, described)
		}
	}
	return &orderAnswer{CacheControl: "no-store", Body: o}
}

func shipmentOf(sh shop.Shipment) orderShipment {
	s := orderShipment{N: sh.N, Kind: sh.Kind, State: sh.State, Carrier: sh.Carrier, TrackingNumber: sh.TrackingNumber, TrackingURL: sh.TrackingURL, Lines: []shipmentLine{}}
	for _, l := range sh.Lines {
		s.Lines = append(s.Lines, shipmentLine{l.SKU, l.Quantity})
	}
	return s
}

func (a *API) mountOrders() {
	a.mountWithdrawal()
	register(a, huma.Operation{OperationID: "get-order", Method: http.MethodGet, Path: "/api/v1/orders/{number}", Summary: "An order, for the holder of its key"},
		func(ctx context.Context, in *struct {
			Number string `path:"number" maxLength:"40"`
			Key    string `query:"key" maxLength:"100"`
		}) (*orderAnswer, error) {
			o, err := a.Shop.OpenOrder(ctx, in.Number, in.Key)
			if err != nil {
				return nil, err
			}
			d, err := a.Shop.Dossier(ctx, o)
			if err != nil {
				return nil, err
			}
			return orderOf(d, func(doc ledger.Issued) string {
				return a.PublicURL + "/" + string(o.Lang) + "/orders/" + o.Number + "/documents/" + doc.Number + ".pdf?key=" + in.Key
			}), nil
		})
}
