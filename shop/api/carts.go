package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/shop"
)

// CartPath is the place of a cart. It is exported so that huma can fill it in where it is embedded.
type CartPath struct {
	ID   string `path:"id" doc:"the cart's id"`
	Lang string `query:"lang" doc:"the language of names and sentences"`
}

func (p CartPath) id() (uuid.UUID, error) {
	id, err := uuid.Parse(p.ID)
	if err != nil {
		return id, fault.New(fault.NotFound, "cart_not_found", "there is no such cart: make a new one")
	}
	return id, nil
}

type cartLine struct {
	SKU       string       `json:"sku"`
	Slug      string       `json:"slug"`
	Name      string       `json:"name"`
	Options   string       `json:"options"`
	Quantity  int          `json:"quantity"`
	UnitPrice money.Amount `json:"unit_price"`
	Discount  money.Amount `json:"discount"`
	Total     money.Amount `json:"total"`
	Available bool         `json:"available"`
}

type cartProblem struct {
	Code    string         `json:"code"`
	SKU     string         `json:"sku,omitempty"`
	Message string         `json:"message"`
	Params  map[string]any `json:"params,omitempty"`
}

type cartTotals struct {
	Goods     money.Amount  `json:"goods" doc:"after the voucher's discount"`
	Discount  money.Amount  `json:"discount"`
	GiftCards money.Amount  `json:"gift_cards" doc:"what the gift cards would pay of the total"`
	Shipping  *money.Amount `json:"shipping" doc:"null until a shipping option is chosen at checkout"`
	Total     money.Amount  `json:"total" doc:"what the goods cost; shipping is added at checkout"`
}

type destination struct {
	Country    string `json:"country" example:"FR"`
	PostalCode string `json:"postal_code" example:"59500"`
}

type cart struct {
	ID          string        `json:"id"`
	Lines       []cartLine    `json:"lines" nullable:"false"`
	Totals      cartTotals    `json:"totals"`
	Problems    []cartProblem `json:"problems" nullable:"false"`
	Destination destination   `json:"destination"`
	Voucher     *cartVoucher  `json:"voucher"`
	GiftCards   []cartGift    `json:"gift_cards" nullable:"false"`
}

type cartAnswer struct {
	Body cart
}

func cartOf(c shop.Cart) *cartAnswer {
	out := &cartAnswer{Body: cart{ID: c.ID.String(), Lines: []cartLine{}, Problems: []cartProblem{}, GiftCards: []cartGift{}, Voucher: voucherOf(c), Totals: cartTotals{Goods: c.Goods, Discount: c.Discount, GiftCards: c.GiftPays(c.Goods), Total: c.Goods},
		Destination: destination{string(c.To.Country), c.To.PostalCode}}}
	for _, l := range c.Lines {
		out.Body.Lines = append(out.Body.Lines, cartLine{SKU: l.SKU, Slug: l.Slug, Name: l.Name, Options: l.Options, Quantity: l.Quantity, UnitPrice: l.Price, Discount: l.Discount, Total: l.Total, Available: l.Published && l.Available >= l.Quantity})
	}
	for _, g := range c.Gifts {
		out.Body.GiftCards = append(out.Body.GiftCards, cartGift{g.Hint, g.Balance})
	}
	for _, p := range c.Problems {
		out.Body.Problems = append(out.Body.Problems, cartProblem{Code: p.Code, SKU: p.SKU, Message: p.Sentence(c.Lang), Params: p.Params})
	}
	return out
}

func (a *API) mountCarts() {
	register(a, huma.Operation{OperationID: "create-cart", Method: http.MethodPost, Path: "/api/v1/carts", Summary: "A new cart", DefaultStatus: http.StatusCreated},
		func(ctx context.Context, in *struct {
			Lang string `query:"lang"`
		}) (*cartAnswer, error) {
			lang, err := langOf(in.Lang)
			if err != nil {
				return nil, err
			}
			c, err := a.Shop.NewCart(ctx, lang)
			return cartOf(c), err
		})
	register(a, huma.Operation{OperationID: "get-cart", Method: http.MethodGet, Path: "/api/v1/carts/{id}", Summary: "Lines, totals and problems of a cart"},
		func(ctx context.Context, in *CartPath) (*cartAnswer, error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			lang := text.Lang("")
			if in.Lang != "" {
				if lang, err = langOf(in.Lang); err != nil {
					return nil, err
				}
			}
			c, err := a.Shop.ShowCart(ctx, id, lang)
			return cartOf(c), err
		})
	register(a, huma.Operation{OperationID: "set-cart-line", Method: http.MethodPut, Path: "/api/v1/carts/{id}/lines/{sku}", Summary: "Sets the quantity of an article; 0 removes it"},
		func(ctx context.Context, in *struct {
			CartPath
			SKU  string `path:"sku"`
			Body struct {
				Quantity int `json:"quantity" required:"true" minimum:"0" maximum:"99"`
			}
		}) (*cartAnswer, error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			c, err := a.Shop.SetLine(ctx, id, in.SKU, in.Body.Quantity)
			return cartOf(c), err
		})
	a.mountCodes()
	register(a, huma.Operation{OperationID: "set-cart-destination", Method: http.MethodPut, Path: "/api/v1/carts/{id}/destination", Summary: "Where the cart goes, for its shipping options"},
		func(ctx context.Context, in *struct {
			CartPath
			Body destination
		}) (*cartAnswer, error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			c, err := a.Shop.SetDestination(ctx, id, shop.Destination{Country: place.Country(in.Body.Country), PostalCode: in.Body.PostalCode})
			return cartOf(c), err
		})
	register(a, huma.Operation{OperationID: "list-shipping-options", Method: http.MethodGet, Path: "/api/v1/carts/{id}/shipping-options", Summary: "Each way to reach the destination, what it costs and why; each excluded way with its reason"},
		func(ctx context.Context, in *struct {
			CartPath
			Near string `query:"near" maxLength:"12" doc:"A postal code of the destination's country: the pickup points near it"`
		}) (*shippingAnswer, error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			c, quote, err := a.Shop.ShippingOptions(ctx, id, shop.Around{Near: map[string]string{"": in.Near}})
			if err != nil {
				return nil, err
			}
			lang := c.Lang
			if in.Lang != "" {
				if lang, err = langOf(in.Lang); err != nil {
					return nil, err
				}
			}
			return shippingOf(quote, lang), nil
		})
	register(a, huma.Operation{OperationID: "checkout", Method: http.MethodPost, Path: "/api/v1/carts/{id}/checkout", Summary: "Reserves the stock, makes the order and its payment page", DefaultStatus: http.StatusCreated}, a.checkout)
}

type shippingWhy struct {
	Code    string       `json:"code"`
	Amount  money.Amount `json:"amount"`
	Message string       `json:"message"`
}

type shippingOption struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Kind     string        `json:"kind"`
	Carrier  string        `json:"carrier"`
	Price    money.Amount  `json:"price"`
	Earliest string        `json:"earliest" format:"date"`
	Latest   string        `json:"latest" format:"date"`
	Why      []shippingWhy `json:"why" nullable:"false"`
	// PickupPoints are the points or desks to choose from: one of their codes is the checkout's pickup_point.
	PickupPoints []pickupPoint `json:"pickup_points" nullable:"false"`
}

type pickupPoint struct {
	Code       string `json:"code"`
	Name       string `json:"name"`
	Line1      string `json:"line1"`
	Line2      string `json:"line2"`
	PostalCode string `json:"postal_code"`
	City       string `json:"city"`
	Country    string `json:"country"`
	Hours      string `json:"hours"`
}

func pickupPointOf(s shop.Stop) pickupPoint {
	return pickupPoint{s.Code, s.Name, s.Address.Line1, s.Address.Line2, s.Address.PostalCode, s.Address.City, string(s.Address.Country), s.Hours}
}

type shippingExcluded struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	Kind   string         `json:"kind"`
	Code   string         `json:"code"`
	Reason string         `json:"reason"`
	Params map[string]any `json:"params,omitempty"`
}

type shippingAnswer struct {
	Body struct {
		Items      []shippingOption   `json:"items" nullable:"false"`
		Excluded   []shippingExcluded `json:"excluded" nullable:"false"`
		NextCursor *string            `json:"next_cursor"`
	}
}

func shippingOf(q shop.Quote, lang text.Lang) *shippingAnswer {
	out := &shippingAnswer{}
	out.Body.Items, out.Body.Excluded = []shippingOption{}, []shippingExcluded{}
	for _, o := range q.Options {
		option := shippingOption{ID: o.Method, Name: o.Names.In(lang), Kind: string(o.Kind), Carrier: o.Carrier, Price: o.Price,
			Earliest: o.Promise.From.Format(time.DateOnly), Latest: o.Promise.To.Format(time.DateOnly), Why: []shippingWhy{}, PickupPoints: []pickupPoint{}}
		for _, stop := range o.Stops {
			option.PickupPoints = append(option.PickupPoints, pickupPointOf(stop))
		}
		for _, w := range o.Why {
			option.Why = append(option.Why, shippingWhy{w.Code, w.Amount, w.Sentence(lang)})
		}
		out.Body.Items = append(out.Body.Items, option)
	}
	for _, r := range q.Refused {
		out.Body.Excluded = append(out.Body.Excluded, shippingExcluded{ID: r.Method, Name: r.Names.In(lang), Kind: string(r.Kind), Code: r.Code, Reason: r.Sentence(lang), Params: r.Params})
	}
	return out
}

type checkoutBody struct {
	Email   string `json:"email" maxLength:"254"`
	Name    string `json:"name" maxLength:"200"`
	Phone   string `json:"phone" maxLength:"60"`
	Address struct {
		Line1      string `json:"line1" maxLength:"200"`
		Line2      string `json:"line2" maxLength:"200"`
		PostalCode string `json:"postal_code" maxLength:"20"`
		City       string `json:"city" maxLength:"200"`
		Country    string `json:"country" maxLength:"2"`
	} `json:"address"`
	ShippingOption string        `json:"shipping_option" maxLength:"60"`
	PickupPoint    string        `json:"pickup_point,omitempty" maxLength:"100"`
	AcceptTerms    bool          `json:"accept_terms"`
	Lang           string        `json:"lang" maxLength:"2"`
	Company        string        `json:"company,omitempty" maxLength:"200"`
	SIREN          string        `json:"siren,omitempty" maxLength:"20"`
	VATNumber      string        `json:"vat_number,omitempty" maxLength:"30"`
	BirthDate      string        `json:"birth_date,omitempty" maxLength:"10"`
	DigitalConsent bool          `json:"digital_consent,omitempty"`
	Payment        string        `json:"payment,omitempty" maxLength:"20" doc:"online, or desk for an order that is fetched: it is paid when it is fetched"`
	ExpectedTotal  *money.Amount `json:"expected_total,omitempty"`
}

type checkoutAnswer struct {
	Body struct {
		OrderNumber string       `json:"order_number"`
		OrderKey    string       `json:"order_key"`
		PaymentURL  *string      `json:"payment_url"`
		Total       money.Amount `json:"total"`
		ExpiresAt   time.Time    `json:"expires_at"`
	}
}

func (a *API) checkout(ctx context.Context, in *struct {
	CartPath
	IdempotencyKey string `header:"Idempotency-Key"`
	Body           checkoutBody
}) (*checkoutAnswer, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	b := in.Body
	lang, err := langOf(b.Lang)
	if err != nil {
		return nil, err
	}
	hash, err := bodyHash(id, b)
	if err != nil {
		return nil, err
	}
	placed, err := a.Shop.PlaceOrder(ctx, shop.Checkout{
		CartID: id, IdempotencyKey: in.IdempotencyKey, RequestHash: hash, Lang: lang, Email: b.Email, Phone: b.Phone, SIREN: b.SIREN, VATNumber: b.VATNumber,
		Address:        place.Address{Name: b.Name, Company: b.Company, Line1: b.Address.Line1, Line2: b.Address.Line2, PostalCode: b.Address.PostalCode, City: b.Address.City, Country: place.Country(b.Address.Country)},
		ShippingOption: b.ShippingOption, PickupPoint: b.PickupPoint, AcceptTerms: b.AcceptTerms, BirthDate: b.BirthDate, ExpectedTotal: b.ExpectedTotal, Pays: b.Payment,
	})
	if fault.Is(err, "payment_unknown") {
		return nil, fault.New(fault.Unavailable, "payment_unavailable", "the payment page has not answered: the order and its goods are kept until it has, ask again with the same Idempotency-Key").Because(err)
	}
	if err != nil {
		return nil, placedAsSent(err)
	}
	out := &checkoutAnswer{}
	out.Body.OrderNumber, out.Body.OrderKey, out.Body.Total, out.Body.ExpiresAt = placed.Order.Number, placed.Key, placed.Order.Total, placed.Order.ExpiresAt
	if placed.Payment.SessionURL != "" {
		out.Body.PaymentURL = &placed.Payment.SessionURL
	}
	return out, nil
}

// bodyHash tells one request from another under the same Idempotency-Key.
func bodyHash(id uuid.UUID, body any) ([]byte, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write(id[:])
	h.Write(data)
	return h.Sum(nil), nil
}

// placedAsSent names wrong fields by where this call takes them: name and company beside the address, not in it.
func placedAsSent(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	for i := range f.Fields {
		switch f.Fields[i].Place {
		case "address.name", "address.company":
			f.Fields[i].Place = strings.TrimPrefix(f.Fields[i].Place, "address.")
		}
	}
	return err
}
