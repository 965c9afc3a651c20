package emulator

// pageRequests are the parameters of the calls by which a session is paid without a browser; the
// published description of the API does not have them.
var pageRequests = map[string]*schema{
	"GET /v1/payment_pages/{session}": object("expand", list(text())),
	"POST /v1/payment_methods": required(object("type", text(), "card", object("token", text()), "sepa_debit", object("iban", text()), "expand", list(text()),
		"bancontact", object(), "ideal", object(), "klarna", object(), "paypal", object(),
		"billing_details", object("name", text(), "email", text(), "phone", text(), "address",
			object("city", text(), "country", text(), "line1", text(), "line2", text(), "postal_code", text(), "state", text()))), "type"),
	"POST /v1/payment_pages/{session}/confirm": required(object("payment_method", text(), "expected_amount", &schema{Type: "integer"}, "expand", list(text())), "payment_method", "expected_amount"),
}

func text() *schema { return &schema{Type: "string", MaxLength: 5000} }

func list(of *schema) *schema { return &schema{Type: "array", Items: of} }

func object(pairs ...any) *schema {
	s := &schema{Type: "object", Properties: map[string]*schema{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		s.Properties[name], _ = pairs[i+1].(*schema)
	}
	return s
}

func required(s *schema, names ...string) *schema {
	s.Required = names
	return s
}

func (t *tx) getPaymentPage(c call) (doc, *apiError) { return t.getSession(c) }

// instrumentFor finds the instrument that a name, a token or an IBAN stands for.
func (t *tx) instrumentFor(p params) (instrument, *apiError) {
	switch kind := p.str("type"); kind {
	case "card":
		token := p.obj("card").str("token")
		if in, ok := t.instruments.byToken(token); ok {
			return in, nil
		}
		return instrument{}, unnamed("token", "card[token]", token)
	case "sepa_debit":
		if in, ok := t.instruments.iban(p.obj("sepa_debit").str("iban")); ok {
			return in, nil
		}
		return instrument{}, invalid("invalid_bank_account_iban", "sepa_debit[iban]", "The IBAN you provided is invalid.")
	default:
		if in, ok := t.instruments.redirect(kind); ok {
			return in, nil
		}
		return instrument{}, invalid("", "type", "Invalid type: %s", kind)
	}
}

func (t *tx) createMethod(c call) (doc, *apiError) {
	in, e := t.instrumentFor(c.params)
	if e != nil {
		return nil, e
	}
	b := c.params.obj("billing_details")
	a := b.obj("address")
	return t.render(t.keepMethod(in, billing{
		Email: maybe(b.str("email")), Name: maybe(b.str("name")), Phone: maybe(b.str("phone")),
		Address: address{maybe(a.str("city")), maybe(a.str("country")), maybe(a.str("line1")), maybe(a.str("line2")), maybe(a.str("postal_code")), maybe(a.str("state"))},
	})), nil
}

// confirmPage is the hosted page's button without the page.
func (t *tx) confirmPage(c call) (doc, *apiError) {
	s, ok := find[session](t, c.path("session"))
	if !ok {
		return nil, notHere("payment_page", "session", c.path("session"))
	}
	if s.Status != "open" {
		return nil, refused("", "", "This Checkout Session has a status of `%s` and cannot be paid.", s.Status)
	}
	if c.params.num("expected_amount") != s.AmountTotal {
		return nil, refused("checkout_amount_mismatch", "expected_amount", "The amount has changed: it is %d.", s.AmountTotal)
	}
	name := c.params.str("payment_method")
	var payer billing
	in, ok := t.instruments.byToken(name)
	if pm, known := find[paymentMethod](t, name); known {
		in, payer, ok = pm.Instrument, pm.BillingDetails, true
	}
	if !ok {
		return nil, unnamed("PaymentMethod", "payment_method", name)
	}
	if !s.allows(in.Type) {
		return nil, refused("", "payment_method", "The payment method type %s is not allowed on this Checkout Session.", in.Type)
	}
	a := t.pay(s, in, payer)
	if a.Declined != nil {
		return nil, a.Declined
	}
	return t.render(a.Session), nil
}
