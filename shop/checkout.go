package shop

import (
	"context"
	"encoding/json"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments"
)

// Checkout is what a shopper sends to order a cart. IdempotencyKey and RequestHash make a repeat
// recognisable: the same key with the same hash answers the same order.
type Checkout struct {
	CartID         uuid.UUID
	IdempotencyKey string
	RequestHash    []byte
	Lang           text.Lang
	Email          string
	Phone          string
	SIREN          string
	VATNumber      string
	Address        place.Address
	// ShippingOption is a method, or a whole Choice; PickupPoint the point or desk that the method needs.
	ShippingOption string
	PickupPoint    string
	AcceptTerms    bool
	BirthDate      string
	// ExpectedTotal is the total that the shopper was shown; nil: the last one that the cart answered.
	ExpectedTotal *money.Amount
	// Pays is where the order is paid: PaysOnline (also when empty) or PaysAtDesk.
	Pays string
}

// Placed is an order and where it is paid.
type Placed struct {
	Order   Order
	Key     string
	Payment payments.Payment
}

// PlaceOrder turns a cart into an order that waits for its payment: one transaction locks the cart,
// prices and quotes it again, stores order and payment, and holds the stock; then the payment page
// is asked for, outside of it.
//
// It answers fault codes invalid_fields, out_of_stock (with the lines), price_changed (with the new
// total), idempotency_mismatch, cart_ordered, amount_too_small, payment_unavailable.
func (s *Service) PlaceOrder(ctx context.Context, c Checkout) (Placed, error) {
	c = c.clean()
	if err := c.check(); err != nil {
		return Placed{}, err
	}
	var id uuid.UUID
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		earlier, err := claimKey(ctx, tx, "checkout", c.IdempotencyKey, c.RequestHash)
		if err != nil {
			return err
		}
		if earlier != "" {
			if id, err = uuid.Parse(earlier); err != nil {
				return err
			}
			attempts, err := payments.OfOrder(ctx, tx, id)
			if err != nil || !refused(attempts) {
				return err
			}
			// What the key had ordered was let go before anybody saw a payment page: it orders anew.
		}
		id, err = s.place(ctx, tx, c)
		if err != nil {
			return err
		}
		return settleKey(ctx, tx, "checkout", c.IdempotencyKey, id.String())
	})
	if err != nil {
		return Placed{}, err
	}
	return s.startPayment(ctx, id)
}

// startPayment asks for the payment page of a placed order. Asked twice, it answers the same page.
func (s *Service) startPayment(ctx context.Context, id uuid.UUID) (Placed, error) {
	order, err := orderByID(ctx, s.Pool, id)
	if err != nil {
		return Placed{}, err
	}
	attempts, err := payments.OfOrder(ctx, s.Pool, id)
	if err != nil {
		return Placed{}, err
	}
	placed := Placed{Order: order, Key: s.Keys.Of(id)}
	if len(attempts) == 0 {
		return placed, nil
	}
	placed.Payment = attempts[len(attempts)-1]
	if refused(attempts) {
		return placed, payments.ErrUnavailable()
	}
	if order.Status != AwaitingPayment || placed.Payment.SessionURL != "" {
		return placed, nil
	}
	placed.Payment, err = s.Payments.Start(ctx, placed.Payment.ID)
	return placed, err
}

// refused tells that the provider wanted none of an order's attempts, so that nothing holds of it.
func refused(attempts []payments.Payment) bool {
	for _, p := range attempts {
		if p.State != payments.Failed || p.SessionID != "" {
			return false
		}
	}
	return len(attempts) > 0
}

// vatNumberBlanks are what people write between the digits of a VAT number.
var vatNumberBlanks = strings.NewReplacer(".", "", "-", "", "/", "")

func (c Checkout) clean() Checkout {
	c.Email = strings.TrimSpace(c.Email)
	c.Phone = place.Phone(c.Address.Country, c.Phone)
	c.SIREN = strings.Join(strings.Fields(c.SIREN), "")
	c.VATNumber = strings.ToUpper(vatNumberBlanks.Replace(strings.Join(strings.Fields(c.VATNumber), "")))
	c.Address = c.Address.Clean()
	c.BirthDate = strings.TrimSpace(c.BirthDate)
	return c
}

func (c Checkout) check() error {
	var fields fault.Fields
	if c.IdempotencyKey == "" || len(c.IdempotencyKey) > 255 {
		fields.Add("idempotency_key", "idempotency_key", "must be there, with at most 255 characters")
	}
	if _, ok := text.ParseLang(string(c.Lang)); !ok {
		fields.Add("lang", "lang_unknown", "is not a language of the shop")
	}
	checkEmail(c.Email, &fields)
	if c.Phone != "" && !place.PhoneKnown(c.Address.Country, c.Phone) {
		fields.Add("phone", "phone_invalid", "is not a telephone number")
	}
	if c.SIREN != "" && !place.ValidSIREN(c.SIREN) {
		fields.Add("siren", "siren_invalid", "is not a SIREN: nine digits with their check digit")
	}
	if _, ok := place.VATNumberOf(c.VATNumber); c.VATNumber != "" && !ok {
		fields.Add("vat_number", "vat_number_invalid", "is not a VAT number: the country's two letters come first, as in BE0417497106")
	}
	c.Address.Check("address.", &fields)
	if c.ShippingOption == "" || len(c.ShippingOption) > 160 || len(c.PickupPoint) > 100 {
		fields.Add("shipping_option", "required", "is missing")
	}
	if c.Pays != "" && c.Pays != PaysOnline && c.Pays != PaysAtDesk {
		fields.Add("payment", "payment_not_offered", "must be online or desk")
	}
	if !c.AcceptTerms {
		fields.Add("accept_terms", "terms_not_accepted", "must be accepted to order")
	}
	return fields.Err()
}

func checkEmail(email string, fields *fault.Fields) {
	parsed, err := mail.ParseAddress(email)
	_, domain, _ := strings.Cut(email, "@")
	switch {
	case email == "":
		fields.Add("email", "required", "is missing")
	case err != nil, parsed.Address != email, len(email) > 254, !strings.Contains(domain, "."), strings.ContainsFunc(email, unseen):
		fields.Add("email", "email_invalid", "is not an e-mail address")
	}
}

// unseen tells a character that is not seen where it stands: it makes an address look like another one.
func unseen(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }

// MajorityAge is the age from which alcohol may be sold to a person (CSP art. L3342-1).
const MajorityAge = 18

func checkAge(birthDate string, now time.Time, fields *fault.Fields) *time.Time {
	born, err := time.Parse(time.DateOnly, birthDate)
	local := now.In(text.Paris())
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	switch {
	case birthDate == "":
		fields.Add("birth_date", "birth_date_required", "is needed to sell alcohol")
	case err != nil || born.Year() < 1900 || born.After(today):
		fields.Add("birth_date", "birth_date_invalid", "is not a date of birth, like 1990-12-31")
	case born.AddDate(MajorityAge, 0, 0).After(today):
		fields.AddWith("birth_date", "under_age", "alcohol is not sold to minors", map[string]any{"age": MajorityAge})
	default:
		return &born
	}
	return nil
}

// place does the work of PlaceOrder inside its transaction and returns the order's id. Stock is
// held last, so that a sought-after article is locked for as short as possible.
func (s *Service) place(ctx context.Context, tx pgx.Tx, c Checkout) (uuid.UUID, error) {
	cart, err := readCart(ctx, tx, c.CartID, c.Lang, sqlLockCart)
	if err != nil {
		return uuid.Nil, err
	}
	if err := cart.mustBeFree(); err != nil {
		return uuid.Nil, err
	}
	if len(cart.Lines) == 0 {
		return uuid.Nil, fault.New(fault.Conflict, "cart_empty", "the cart is empty")
	}
	now := s.Clock.Now()
	var birth *time.Time
	if cart.HasAlcohol() {
		var fields fault.Fields
		birth = checkAge(c.BirthDate, now, &fields)
		if err := fields.Err(); err != nil {
			return uuid.Nil, err
		}
	}
	if err := cart.mustBeSold(); err != nil {
		return uuid.Nil, err
	}
	conditions, err := CurrentConditions(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	to := Destination{Country: c.Address.Country, PostalCode: c.Address.PostalCode}
	terms, err := termsFor(ctx, tx, conditions, to, Around{Chosen: c.choice()}, Terms{At: now, FreeBy: cart.freeBy(), Lang: c.Lang})
	if err != nil {
		return uuid.Nil, err
	}
	quote := cart.quote(conditions, to, terms)
	option, err := quote.Choose(c.choice())
	if err != nil {
		return uuid.Nil, err
	}
	if c.Phone == "" && option.travels() && place.FormOf(to.Country).Phone {
		var fields fault.Fields
		fields.Add("phone", "phone_required", "is missing: customs call before they send a parcel back")
		return uuid.Nil, fields.Err()
	}
	pays, gateway, life, err := attemptOf(ctx, tx, c.Pays, option, now)
	if err != nil {
		return uuid.Nil, err
	}
	total := cart.Goods + option.Price
	if err := cart.mustCostAsShown(option, total, c.ExpectedTotal); err != nil {
		return uuid.Nil, err
	}
	order := Order{
		ID: uuid.New(), Number: newOrderNumber(now), Lang: c.Lang, Email: c.Email, Phone: c.Phone, SIREN: c.SIREN, VATNumber: c.VATNumber,
		Address: c.Address, ShippingKind: deliveryKind, ShippingMethod: option.Method, ShippingLabel: option.Names.In(c.Lang),
		Quote: option, Conditions: conditions.Version, Promise: &option.Promise, Goods: cart.Goods, Shipping: option.Price, Total: total,
		TermsVersion: s.TermsVersion, Basis: &Basis{Items: cart.Items(), To: to, At: now, FreeBy: terms.FreeBy},
	}
	if option.Stop != nil {
		order.ShippingLabel += " – " + option.Stop.Name
	}
	if cart.has(ProblemGiftGone) {
		return uuid.Nil, fault.New(fault.Conflict, "gift_card_spent", "a gift card of this cart has no money left: look at the total again")
	}
	takes, gifts := cart.takes(total)
	order.GiftTotal = gifts
	if total > gifts {
		order.PaysAt = pays
	} else {
		order.PaysAt = PaysOnline
	}
	if cart.voucher != nil {
		order.VoucherCode = cart.voucher.Code
		if cart.voucher.Kind == VoucherFreeShipping {
			order.ShippingDiscount = -option.discount()
		}
	}
	if option.Kind == KindCollection {
		order.ShippingKind = collectionKind
	}
	order.StandardShipping = quote.standard(option.Price)
	if err := order.addTaxedLines(ctx, tx, cart, now); err != nil {
		return uuid.Nil, err
	}
	request := s.paymentRequest(order)
	if err := s.insertOrder(ctx, tx, order, c.CartID, birth, life); err != nil {
		return uuid.Nil, err
	}
	if err := insertTax(ctx, tx, order); err != nil {
		return uuid.Nil, err
	}
	payment, err := payments.OpenPayment(ctx, tx, payments.New{OrderID: order.ID, Amount: total - gifts, Request: request, Gateway: gateway, Life: life})
	if err != nil {
		return uuid.Nil, err
	}
	want := make([]catalog.Quantity, len(order.Lines))
	for i, l := range order.Lines {
		want[i] = catalog.Quantity{VariantID: l.VariantID, Quantity: l.Quantity}
	}
	if err := catalog.Hold(ctx, tx, order.ID, want); err != nil {
		return uuid.Nil, err
	}
	if v := cart.voucher; v != nil {
		if err := useVoucher(ctx, tx, order.ID, v.ID, order.Email, v.OncePerCustomer); err != nil {
			return uuid.Nil, err
		}
	}
	if err := payments.HoldGiftCards(ctx, tx, order.ID, takes); err != nil {
		return uuid.Nil, err
	}
	if payment.State != payments.Captured {
		if order.AtDesk() {
			return order.ID, s.placedAtDesk(ctx, tx, order.ID)
		}
		return order.ID, nil
	}
	// Nothing is left to pay: the order is paid now, without a provider.
	_, err = s.Captured(ctx, tx, payment)
	return order.ID, err
}

func (c Cart) mustBeSold() error {
	var gone []map[string]any
	for _, p := range c.Problems {
		if p.Code == ProblemGone {
			gone = append(gone, map[string]any{"sku": p.SKU})
		}
	}
	if gone != nil {
		return fault.New(fault.Conflict, ProblemGone, "an article of the cart is no longer on sale: take it out").With("lines", gone)
	}
	return nil
}

// choice is the one value that method and point make.
func (c Checkout) choice() Choice {
	choice := ParseChoice(c.ShippingOption)
	if c.PickupPoint != "" {
		choice.Stop = c.PickupPoint
	}
	return choice
}

func notOffered(q Quote, method string) error {
	var fields fault.Fields
	for _, r := range q.Refused {
		if r.Method == method {
			fields.AddWith("shipping_option", "shipping_refused", "cannot be used for this basket and address", map[string]any{"reason": r.Code})
			return fields.Err()
		}
	}
	fields.Add("shipping_option", "shipping_unknown", "is none of the cart's shipping options")
	return fields.Err()
}

// mustCostAsShown refuses to charge anything but what the shopper was shown last.
func (c Cart) mustCostAsShown(option Option, total money.Amount, expected *money.Amount) error {
	changed := fault.New(fault.Conflict, "price_changed", "the total is not the one shown last: look at it again and confirm").With("total", total).With("goods", c.Goods).With("shipping", option.Price)
	if expected != nil {
		if *expected != total {
			return changed
		}
		return nil
	}
	for _, l := range c.Lines {
		if l.Shown != l.Price {
			return changed
		}
	}
	if shown, was := c.shown[option.Method]; was && shown != option.Price || c.has(ProblemVoucherGone) {
		return changed
	}
	return nil
}

func (o *Order) addLines(cart Cart, sum vat.Sum) {
	for i, l := range cart.Lines {
		o.Lines = append(o.Lines, OrderLine{
			VariantID: l.VariantID, SKU: l.SKU, Name: l.Name, Options: l.Options, Quantity: l.Quantity, UnitPrice: l.Price, Discount: l.Discount, Total: l.Total, GiftCard: l.Family == giftCardFamily,
			VATClass: l.taxClass(), VATRate: sum.Lines[i].Rate, Net: sum.Lines[i].Net, VAT: sum.Lines[i].VAT, WeightG: l.WeightG, PhotoSHA256: l.PhotoSHA256, Slug: l.Slug, NoWithdrawal: l.NoWithdrawal, AnalyticCode: l.AnalyticCode,
		})
	}
	o.VAT = sum.Rates
}

// paymentRequest is what the payment page shall show. Each line goes as one piece with the line's
// final total, so that nothing is ever divided there.
func (s *Service) paymentRequest(o Order) payments.Request {
	r := payments.Request{OrderNumber: o.Number, Lang: o.Lang, Email: o.Email}
	page := s.OrderLink(o)
	r.SuccessURL = page + "&paid={CHECKOUT_SESSION_ID}"
	r.CancelURL = page + "&cancelled=1"
	if o.GiftTotal > 0 {
		// The page has no line for what a gift card has paid: it shows what is left.
		r.Lines = []payments.RequestLine{{Name: Words(o.Lang).T("rest_after_gift_card", "number", o.Number), Amount: o.Total - o.GiftTotal}}
		return r
	}
	for _, l := range o.Lines {
		name := l.Name
		if l.Options != "" {
			name += " – " + l.Options
		}
		if l.Quantity > 1 {
			name = strconv.Itoa(l.Quantity) + " × " + name
		}
		r.Lines = append(r.Lines, payments.RequestLine{Name: name, Amount: l.Total})
	}
	r.Shipping = &payments.RequestLine{Name: o.ShippingLabel, Amount: o.Shipping}
	return r
}

func (s *Service) insertOrder(ctx context.Context, tx pgx.Tx, o Order, cartID uuid.UUID, birth *time.Time, life time.Duration) error {
	quote, err := json.Marshal(struct {
		Option
		Conditions int    `json:"conditions"`
		Basis      *Basis `json:"basis,omitempty"`
	}{o.Quote, o.Conditions, o.Basis})
	if err != nil {
		return err
	}
	a := o.Address
	_, err = tx.Exec(ctx, sqlInsertOrder, pgx.NamedArgs{
		"id": o.ID, "number": o.Number, "key_hash": hashKey(s.Keys.Of(o.ID)), "cart_id": cartID, "lang": string(o.Lang), "email": o.Email, "phone": o.Phone,
		"name": a.Name, "company": a.Company, "siren": o.SIREN, "vat_number": o.VATNumber, "line1": a.Line1, "line2": a.Line2,
		"postal_code": a.PostalCode, "city": a.City, "country": string(a.Country), "shipping_kind": o.ShippingKind,
		"shipping_method": o.ShippingMethod, "shipping_label": o.ShippingLabel, "quote": quote,
		"promise_from": o.Promise.From.Format(time.DateOnly), "promise_to": o.Promise.To.Format(time.DateOnly),
		"goods_total": int64(o.Goods), "shipping_total": int64(o.Shipping), "standard_shipping": int64(o.StandardShipping), "total": int64(o.Total), "terms_version": o.TermsVersion, "voucher_code": o.VoucherCode, "shipping_discount": int64(o.ShippingDiscount), "gift_total": int64(o.GiftTotal),
		"birth_date": birth, "hold": life, "pays_at": o.PaysAt,
	})
	if pg.IsUnique(err, "a cart becomes one order") {
		return fault.New(fault.Conflict, "cart_ordered", "this cart is an order already")
	}
	if err != nil {
		return err
	}
	for i, l := range o.Lines {
		if _, err := tx.Exec(ctx, sqlInsertOrderLine, pgx.NamedArgs{
			"order_id": o.ID, "position": i + 1, "variant_id": l.VariantID, "sku": l.SKU, "name": l.Name, "options": l.Options,
			"quantity": l.Quantity, "unit_price": int64(l.UnitPrice), "total": int64(l.Total), "vat_class": string(l.VATClass),
			"vat_rate": int(l.VATRate), "net": int64(l.Net), "vat": int64(l.VAT), "weight_g": l.WeightG, "photo_sha256": l.PhotoSHA256, "slug": l.Slug, "no_withdrawal": l.NoWithdrawal, "discount": int64(l.Discount), "gift_card": l.GiftCard, "analytic_code": l.AnalyticCode,
		}); err != nil {
			return err
		}
	}
	for _, r := range o.VAT {
		if _, err := tx.Exec(ctx, sqlInsertOrderVAT, pgx.NamedArgs{
			"order_id": o.ID, "rate": int(r.Rate), "goods_gross": int64(r.GoodsGross), "shipping_gross": int64(r.ShippingGross),
			"gross": int64(r.Gross), "net": int64(r.Net), "vat": int64(r.VAT), "exemption": string(r.Exemption),
		}); err != nil {
			return err
		}
	}
	return insertOrderHistory(ctx, tx, o.ID, 1, "", EventPlace, AwaitingPayment, "shopper", "")
}
