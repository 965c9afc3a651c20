package stripe

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"boutique/internal/money"
	"boutique/internal/text"
	"boutique/payments"
)

// maxName is how many characters of a line's name are sent.
const maxName = 250

// CreateSession asks for a payment page with what is stored in the attempt and nothing else: the same
// attempt gives the same request for ever.
func (g *Gateway) CreateSession(ctx context.Context, key string, p payments.Payment) (payments.Session, error) {
	ctx, w, done := call(ctx)
	defer done()
	params := sessionParams(p)
	params.Context = ctx
	params.SetIdempotencyKey(key)
	s, err := g.api.CheckoutSessions.New(params)
	if err != nil {
		return payments.Session{}, outcome(err, w)
	}
	return session(s), nil
}

func sessionParams(p payments.Payment) *stripe.CheckoutSessionParams {
	r := p.Request
	params := &stripe.CheckoutSessionParams{
		Mode:               stripe.String(string(stripe.CheckoutSessionModePayment)),
		Locale:             stripe.String(locale(r.Lang)),
		SuccessURL:         stripe.String(r.SuccessURL),
		CancelURL:          stripe.String(r.CancelURL),
		ClientReferenceID:  stripe.String(p.OrderID.String()),
		ExpiresAt:          stripe.Int64(r.ExpiresAt.Unix()),
		PaymentMethodTypes: stripe.StringSlice(r.Methods),
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: map[string]string{
			"order_id": p.OrderID.String(), "payment_id": p.ID.String(),
		}},
	}
	// Refunds and disputes see only the intent's metadata, so both carry the ids, and only ids.
	params.AddMetadata("order_id", p.OrderID.String())
	params.AddMetadata("payment_id", p.ID.String())
	if email, ok := address(r.Email); ok {
		params.CustomerEmail = stripe.String(email)
	}
	// Quantity 1 with the line's final total: a discount never needs a division.
	for _, l := range r.Lines {
		params.LineItems = append(params.LineItems, &stripe.CheckoutSessionLineItemParams{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
				Currency:    stripe.String(string(stripe.CurrencyEUR)),
				UnitAmount:  stripe.Int64(int64(l.Amount)),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(name(l.Name, r.OrderNumber))},
			},
		})
	}
	if r.Shipping != nil {
		params.ShippingOptions = []*stripe.CheckoutSessionShippingOptionParams{{
			ShippingRateData: &stripe.CheckoutSessionShippingOptionShippingRateDataParams{
				Type:        stripe.String("fixed_amount"),
				DisplayName: stripe.String(short(name(r.Shipping.Name, r.OrderNumber), 100)),
				FixedAmount: &stripe.CheckoutSessionShippingOptionShippingRateDataFixedAmountParams{
					Amount: stripe.Int64(int64(r.Shipping.Amount)), Currency: stripe.String(string(stripe.CurrencyEUR)),
				},
			},
		}}
	}
	return params
}

func locale(lang text.Lang) string {
	switch lang {
	case text.FR, text.EN, text.NL, text.DE:
		return string(lang)
	}
	return "auto"
}

// address is the e-mail address as Stripe may take it; one that it would refuse is left out, since
// the page asks for it then.
func address(s string) (string, bool) {
	s = strings.TrimSpace(s)
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s || len(s) > 254 {
		return "", false
	}
	_, domain, _ := strings.Cut(s, "@")
	return s, strings.Contains(strings.Trim(domain, "."), ".")
}

// name is never empty, which Stripe would refuse.
func name(s, otherwise string) string {
	if s = strings.TrimSpace(s); s == "" {
		s = otherwise
	}
	return short(s, maxName)
}

func short(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}

// Session fetches a session with its intent, charge and balance transaction in one call.
func (g *Gateway) Session(ctx context.Context, id string) (payments.Session, error) {
	ctx, _, done := call(ctx)
	defer done()
	params := &stripe.CheckoutSessionParams{}
	params.Context = ctx
	params.AddExpand("payment_intent.latest_charge.balance_transaction")
	s, err := g.api.CheckoutSessions.Get(id, params)
	if err != nil {
		return payments.Session{}, reading(err)
	}
	return session(s), nil
}

// ExpireSession ends an open session. That a session is not open any more is an answer, not an
// error: the session is fetched and given as it is.
func (g *Gateway) ExpireSession(ctx context.Context, id string) (payments.Session, error) {
	calling, w, done := call(ctx)
	defer done()
	params := &stripe.CheckoutSessionExpireParams{}
	params.Context = calling
	params.SetIdempotencyKey("ex-" + id)
	s, err := g.api.CheckoutSessions.Expire(id, params)
	if err == nil && s.Status == stripe.CheckoutSessionStatusExpired && s.PaymentStatus == stripe.CheckoutSessionPaymentStatusUnpaid {
		return session(s), nil
	}
	failed := outcome(err, w)
	if refused := (*payments.Refusal)(nil); failed != nil && !errors.As(failed, &refused) {
		return payments.Session{}, failed
	}
	return g.Session(ctx, id)
}

// Intent fetches an intent.
func (g *Gateway) Intent(ctx context.Context, id string) (payments.Intent, error) {
	ctx, _, done := call(ctx)
	defer done()
	params := &stripe.PaymentIntentParams{}
	params.Context = ctx
	params.AddExpand("latest_charge.balance_transaction")
	in, err := g.api.PaymentIntents.Get(id, params)
	if err != nil {
		return payments.Intent{}, reading(err)
	}
	return *intent(in), nil
}

func session(s *stripe.CheckoutSession) payments.Session {
	return payments.Session{
		ID: s.ID, URL: s.URL, Status: string(s.Status), PaymentStatus: string(s.PaymentStatus), Mode: string(s.Mode),
		Amount: money.Amount(s.AmountTotal), Currency: strings.ToUpper(string(s.Currency)), Livemode: s.Livemode,
		OrderID: s.Metadata["order_id"], PaymentID: s.Metadata["payment_id"], Reference: s.ClientReferenceID,
		ExpiresAt: time.Unix(s.ExpiresAt, 0).UTC(), Intent: intent(s.PaymentIntent),
	}
}

func intent(in *stripe.PaymentIntent) *payments.Intent {
	if in == nil {
		return nil
	}
	out := &payments.Intent{
		ID: in.ID, Status: string(in.Status), OrderID: in.Metadata["order_id"], PaymentID: in.Metadata["payment_id"],
		Received: money.Amount(in.AmountReceived), Currency: strings.ToUpper(string(in.Currency)), Livemode: in.Livemode,
	}
	if c := in.LatestCharge; c != nil {
		out.ChargeID = c.ID
		if c.PaymentMethodDetails != nil {
			out.Method = string(c.PaymentMethodDetails.Type)
		}
		out.Balance = balance(c.BalanceTransaction)
	}
	return out
}

// balance is nil for a balance transaction that is not there yet, or not expanded.
func balance(b *stripe.BalanceTransaction) *payments.Balance {
	if b == nil || b.Created == 0 {
		return nil
	}
	return &payments.Balance{
		ID: b.ID, Kind: string(b.ReportingCategory), Currency: strings.ToUpper(string(b.Currency)),
		Amount: money.Amount(b.Amount), Fee: money.Amount(b.Fee), Net: money.Amount(b.Net), At: time.Unix(b.Created, 0).UTC(),
	}
}
