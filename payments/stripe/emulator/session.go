package emulator

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a session, in seconds and in the smallest unit of its currency.
const (
	sessionShortest = 30 * 60
	sessionLongest  = 24 * 60 * 60
	minimumAmount   = 50
	maximumAmount   = 99_999_999
	maximumLines    = 100
	maximumShipping = 5
)

// emulated are the parameters of a session that have an effect here; any other is refused.
var emulated = []string{
	"cancel_url", "client_reference_id", "currency", "customer_email", "expand", "expires_at", "line_items", "locale", "metadata", "mode",
	"payment_intent_data", "payment_method_types", "shipping_options", "submit_type", "success_url", "ui_mode",
}

var currencyCode = regexp.MustCompile(`^[A-Za-z]{3}$`)

func (t *tx) createSession(c call) (doc, *apiError) {
	p := c.params
	if e := within(p, emulated, ""); e != nil {
		return nil, e
	}
	for _, name := range []string{"mode", "success_url", "line_items"} {
		if !p.has(name) {
			return nil, missing(name)
		}
	}
	if p.str("mode") != "payment" {
		return nil, beyond("mode")
	}
	if p.has("ui_mode") && p.str("ui_mode") != "hosted" {
		return nil, beyond("ui_mode")
	}
	s := session{
		ID: "cs_test_a1" + t.token(56), Created: t.now, Status: "open", PaymentStatus: "unpaid",
		CancelURL: maybe(p.str("cancel_url")), ClientReferenceID: maybe(p.str("client_reference_id")), CustomerEmail: maybe(p.str("customer_email")),
		Locale: maybe(p.str("locale")), SubmitType: maybe(p.str("submit_type")), SuccessURL: p.str("success_url"),
		ShippingOptions: []shippingOption{}, PaymentMethodTypes: p.strs("payment_method_types"),
	}
	if n := len(s.SuccessURL); n > 5000 {
		return nil, invalid("", "success_url", "Invalid URL: URL must be 5000 characters or less; this one has %d.", n)
	}
	for name, address := range map[string]string{"success_url": s.SuccessURL, "cancel_url": p.str("cancel_url")} {
		if u, err := url.Parse(address); p.has(name) && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return nil, invalid("url_invalid", name, "Not a valid URL")
		}
	}
	if s.CustomerEmail != nil {
		if !validEmail(*s.CustomerEmail) {
			return nil, invalid("email_invalid", "customer_email", "Invalid email address: %s", *s.CustomerEmail)
		}
		s.CustomerDetails = &customerDetails{Email: s.CustomerEmail, TaxExempt: "none"}
	}
	if e := t.expiry(&s, p); e != nil {
		return nil, e
	}
	if e := t.methods(&s); e != nil {
		return nil, e
	}
	var e *apiError
	if s.Metadata, e = metadataOf(p, "metadata", "metadata", nil); e != nil {
		return nil, e
	}
	if s.Template, e = readIntentData(p.obj("payment_intent_data")); e != nil {
		return nil, e
	}
	if e := t.lines(&s, p); e != nil {
		return nil, e
	}
	if e := t.shipping(&s, p); e != nil {
		return nil, e
	}
	s.AmountTotal = s.AmountSubtotal + s.TotalDetails.AmountShipping
	if s.AmountTotal > 0 && s.AmountTotal < minimumAmount {
		return nil, invalid("amount_too_small", "", "The Checkout Session's total amount due must add up to at least %s", amountText(minimumAmount, s.Currency))
	}
	if s.AmountTotal > maximumAmount {
		return nil, invalid("amount_too_large", "", "The Checkout Session's total amount due must be no more than %s", amountText(maximumAmount, s.Currency))
	}
	if s.AmountTotal == 0 {
		s.PaymentStatus = "no_payment_required"
	}
	t.put(s)
	t.later(s.ExpiresAt, "expire", s.ID)
	return t.render(s), nil
}

// within refuses parameters that exist at Stripe and have no effect here.
func within(p params, known []string, parent string) *apiError {
	for name := range p {
		if !slices.Contains(known, name) && p[name] != false {
			return beyond(inside(parent, name))
		}
	}
	return nil
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	dot := strings.LastIndex(domain, ".")
	return dot > 0 && len(domain)-dot > 2 && len(s) <= 254
}

func (t *tx) expiry(s *session, p params) *apiError {
	s.ExpiresAt = t.now + sessionLongest
	if !p.has("expires_at") {
		return nil
	}
	s.ExpiresAt = p.num("expires_at")
	if s.ExpiresAt < t.now+sessionShortest {
		return invalid("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
	}
	if s.ExpiresAt > t.now+sessionLongest {
		return invalid("", "expires_at", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
	}
	return nil
}

func (t *tx) methods(s *session) *apiError {
	if len(s.PaymentMethodTypes) == 0 {
		s.PaymentMethodTypes = slices.Clone(t.config.Methods)
	}
	for i, m := range s.PaymentMethodTypes {
		if !slices.Contains(t.config.Methods, m) {
			return invalid("", "payment_method_types", "The payment method type provided: %s is invalid. Please ensure the provided type is activated in your dashboard (https://dashboard.stripe.com/account/payments/settings) and your account is enabled for any preview features that you are trying to use.", m)
		}
		if slices.Contains(s.PaymentMethodTypes[:i], m) {
			return invalid("", "payment_method_types", "Duplicate payment method types: %s", m)
		}
	}
	return nil
}

func readIntentData(p params) (intentTemplate, *apiError) {
	out := intentTemplate{Metadata: metadata{}, Shipping: p.json("shipping"), CaptureMethod: "automatic"}
	known := []string{"capture_method", "description", "metadata", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix"}
	if e := within(p, known, "payment_intent_data"); e != nil {
		return out, e
	}
	if p.str("capture_method") == "manual" {
		return out, beyond("payment_intent_data[capture_method]")
	}
	if m := p.str("capture_method"); m != "" {
		out.CaptureMethod = m
	}
	if email := p.str("receipt_email"); email != "" && !validEmail(email) {
		return out, invalid("email_invalid", "payment_intent_data[receipt_email]", "Invalid email address: %s", email)
	}
	out.Description, out.ReceiptEmail = maybe(p.str("description")), maybe(p.str("receipt_email"))
	out.StatementDescriptor, out.StatementDescriptorSuffix = maybe(p.str("statement_descriptor")), maybe(p.str("statement_descriptor_suffix"))
	var e *apiError
	out.Metadata, e = metadataOf(p, "metadata", "payment_intent_data[metadata]", nil)
	return out, e
}

func (t *tx) lines(s *session, p params) *apiError {
	list := p.list("line_items")
	if len(list) == 0 || len(list) > maximumLines {
		return invalid("", "line_items", "You must pass between 1 and %d line items.", maximumLines)
	}
	if c := p.str("currency"); c != "" {
		s.Currency = strings.ToLower(c)
	}
	for i, v := range list {
		at := fmt.Sprintf("line_items[%d]", i)
		l, _ := v.(params)
		if e := within(l, []string{"price_data", "quantity"}, at); e != nil {
			return e
		}
		if !l.has("price_data") {
			return missing(at + "[price]")
		}
		if !l.has("quantity") {
			return missing(at + "[quantity]")
		}
		if q := l.num("quantity"); q < 1 || q > 999_999 {
			return invalid("parameter_invalid_integer", at+"[quantity]", "This value must be greater than or equal to 1.")
		}
		if e := t.line(s, l.obj("price_data"), l.num("quantity"), at+"[price_data]"); e != nil {
			return e
		}
	}
	return nil
}

func (t *tx) line(s *session, d params, quantity int64, at string) *apiError {
	if e := within(d, []string{"currency", "product_data", "unit_amount", "tax_behavior"}, at); e != nil {
		return e
	}
	if !d.has("product_data") {
		return missing(at + "[product_data]")
	}
	if !d.has("unit_amount") {
		return missing(at + "[unit_amount]")
	}
	if e := s.speaks(d.str("currency"), at+"[currency]"); e != nil {
		return e
	}
	amount := d.num("unit_amount")
	if amount < 0 {
		return invalid("parameter_invalid_integer", at+"[unit_amount]", "Invalid non-negative integer")
	}
	if amount > maximumAmount {
		return invalid("amount_too_large", at+"[unit_amount]", "Amount must be no more than %s", amountText(maximumAmount, s.Currency))
	}
	pd := d.obj("product_data")
	if strings.TrimSpace(pd.str("name")) == "" {
		return invalid("parameter_invalid_empty", at+"[product_data][name]", "A product needs a name.")
	}
	meta, e := metadataOf(pd, "metadata", at+"[product_data][metadata]", nil)
	if e != nil {
		return e
	}
	images := pd.strs("images")
	if images == nil {
		images = []string{}
	}
	pr := product{ID: t.id("prod_")[:19], Created: t.now, Description: maybe(pd.str("description")), Images: images, Metadata: meta, Name: pd.str("name"), Updated: t.now}
	t.put(pr)
	total := amount * quantity
	t.put(item{
		ID: t.id("li_1"), Session: s.ID, AmountSubtotal: total, AmountTotal: total, Currency: s.Currency, Description: pr.Name, Quantity: quantity,
		Price: price{ID: t.id("price_1"), Created: t.now, Currency: s.Currency, Product: pr.ID, UnitAmount: amount, UnitAmountDecimal: strconv.FormatInt(amount, 10)},
	})
	s.AmountSubtotal += total
	return nil
}

// speaks holds the session to one currency.
func (s *session) speaks(currency, param string) *apiError {
	if !currencyCode.MatchString(currency) {
		return invalid("", param, "Invalid currency: %s. Stripe uses three-letter ISO codes.", currency)
	}
	currency = strings.ToLower(currency)
	if s.Currency == "" {
		s.Currency = currency
	}
	if s.Currency != currency {
		return invalid("", param, "All prices on a Checkout Session must be in one currency: %s, not %s.", s.Currency, currency)
	}
	return nil
}

// shipping chooses the first option, as a page does before the shopper changes it.
func (t *tx) shipping(s *session, p params) *apiError {
	list := p.list("shipping_options")
	if len(list) > maximumShipping {
		return invalid("", "shipping_options", "You can pass at most %d shipping options.", maximumShipping)
	}
	for i, v := range list {
		at := fmt.Sprintf("shipping_options[%d]", i)
		o, _ := v.(params)
		if o.has("shipping_rate") {
			return beyond(at + "[shipping_rate]")
		}
		d := o.obj("shipping_rate_data")
		at += "[shipping_rate_data]"
		if e := within(d, []string{"delivery_estimate", "display_name", "fixed_amount", "metadata", "tax_behavior", "type"}, at); e != nil {
			return e
		}
		if !d.has("fixed_amount") {
			return missing(at + "[fixed_amount]")
		}
		amount := d.obj("fixed_amount").num("amount")
		if amount < 0 || amount > maximumAmount {
			return invalid("parameter_invalid_integer", at+"[fixed_amount][amount]", "Invalid non-negative integer")
		}
		if e := s.speaks(d.obj("fixed_amount").str("currency"), at+"[fixed_amount][currency]"); e != nil {
			return e
		}
		meta, e := metadataOf(d, "metadata", at+"[metadata]", nil)
		if e != nil {
			return e
		}
		r := shippingRate{
			ID: t.id("shr_1"), Created: t.now, DisplayName: d.str("display_name"), Metadata: meta,
			FixedAmount: money{amount, s.Currency}, DeliveryEstimate: estimate(d),
		}
		t.put(r)
		s.ShippingOptions = append(s.ShippingOptions, shippingOption{amount, r.ID})
		if i == 0 {
			s.ShippingCost = &shippingCost{AmountSubtotal: amount, AmountTotal: amount, ShippingRate: r.ID}
			s.TotalDetails.AmountShipping = amount
		}
	}
	return nil
}

func estimate(d params) []byte {
	if !d.has("delivery_estimate") {
		return []byte("null")
	}
	e := d.obj("delivery_estimate")
	return raw(doc{"minimum": e.json("minimum"), "maximum": e.json("maximum")})
}

func (t *tx) getSession(c call) (doc, *apiError) {
	s, ok := find[session](t, c.path("session"))
	if !ok {
		return nil, notHere("checkout.session", "session", c.path("session"))
	}
	return t.render(s), nil
}

func (t *tx) listSessions(c call) (doc, *apiError) {
	p := c.params
	return page(t, "/v1/checkout/sessions", p, all[session](t), func(s session) int64 { return s.Created }, func(s session) bool {
		return (!p.has("payment_intent") || or(s.PaymentIntent, "") == p.str("payment_intent")) &&
			(!p.has("status") || s.Status == p.str("status")) &&
			(!p.has("customer_details") || s.CustomerDetails != nil && or(s.CustomerDetails.Email, "") == p.obj("customer_details").str("email")) &&
			!p.has("customer") && !p.has("payment_link") && !p.has("subscription")
	})
}

func (t *tx) listLineItems(c call) (doc, *apiError) {
	id := c.path("session")
	if _, ok := find[session](t, id); !ok {
		return nil, notHere("checkout.session", "session", id)
	}
	rows := all[item](t)
	slices.Reverse(rows) // lines are listed in the order of the order
	return page(t, "/v1/checkout/sessions/"+id+"/line_items", c.params, rows, nil, func(i item) bool { return i.Session == id })
}

func (t *tx) lineItems(id string) doc {
	list := []doc{}
	for _, i := range all[item](t) {
		if i.Session == id {
			list = append(list, t.render(i))
		}
	}
	more := len(list) > 10
	return listDoc("/v1/checkout/sessions/"+id+"/line_items", list[:min(len(list), 10)], more)
}

func (t *tx) expireSession(c call) (doc, *apiError) {
	s, ok := find[session](t, c.path("session"))
	if !ok {
		return nil, notHere("checkout.session", "session", c.path("session"))
	}
	if s.Status != "open" {
		return nil, refused("", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `%s`.", s.Status)
	}
	return t.render(t.expire(s)), nil
}

// expire closes an open session; an attempt that waits for its holder is given up.
func (t *tx) expire(s session) session {
	s.Status, s.Pending = "expired", nil
	t.put(s)
	if pi, ok := find[intent](t, or(s.PaymentIntent, "")); ok && pi.Status != "succeeded" {
		t.cancelIntent(pi, "automatic")
	}
	t.emit("checkout.session.expired", s, nil)
	return s
}
