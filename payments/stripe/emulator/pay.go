package emulator

import (
	"encoding/json"
	"net/http"
)

// attempt is what came of one try to pay a session.
type attempt struct {
	Session session
	// Declined is the refusal that the payer is shown.
	Declined *apiError
	// Ask is set when the holder has to agree elsewhere first.
	Ask bool
	// Completed is the event that the page waits for.
	Completed string
}

// messages are the sentences of the API for what a card's issuer refuses; the page has its own words.
var messages = map[string]string{
	"card_declined":                         "Your card was declined.",
	"expired_card":                          "Your card has expired.",
	"incorrect_cvc":                         "Your card's security code is incorrect.",
	"processing_error":                      "An error occurred while processing your card. Try again in a little bit.",
	"payment_intent_authentication_failure": "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
	"payment_intent_payment_attempt_failed": "The payment failed.",
}

// pay tries an instrument on an open session.
func (t *tx) pay(s session, in instrument, payer billing) attempt {
	if s.AmountTotal == 0 {
		return t.complete(s, payer)
	}
	pm := t.keepMethod(in, payer)
	pi := t.intentOf(&s, pm)
	switch in.Outcome {
	case "declined":
		return attempt{Session: s, Declined: t.decline(pi, pm)}
	case "3ds_required", "redirect":
		pi.Status, pi.LastPaymentError = "requires_action", json.RawMessage("null")
		pi.NextAction = &nextAction{"redirect_to_url", map[string]string{"url": t.base() + "/c/pay/" + s.ID + "/authorize", "return_url": t.base() + "/c/pay/" + s.ID}}
		s.Pending = &pendingPayment{pm.ID, in}
		t.put(pi)
		t.put(s)
		t.emit("payment_intent.requires_action", pi, nil)
		return attempt{Session: s, Ask: true}
	case "processing->succeeded", "processing->failed", "processing->succeeded->dispute_lost_at_once":
		return t.process(s, pi, pm)
	}
	return t.capture(s, pi, pm, false)
}

// answerAsk is the holder's answer to a step that the instrument asked for.
func (t *tx) answerAsk(s session, agreed bool) attempt {
	pm, _ := find[paymentMethod](t, s.Pending.PaymentMethod)
	pi, _ := find[intent](t, or(s.PaymentIntent, ""))
	s.Pending = nil
	t.put(s)
	if agreed {
		return t.capture(s, pi, pm, true)
	}
	code := "payment_intent_authentication_failure"
	if pm.Type != "card" {
		code = "payment_intent_payment_attempt_failed"
	}
	e := &apiError{Status: http.StatusPaymentRequired, Kept: true, Type: invalidRequest, Code: code, Message: messages[code]}
	if pm.Type == "card" {
		e.Type = "card_error"
	}
	t.failIntent(pi, pm, e)
	return attempt{Session: s, Declined: e}
}

func (t *tx) keepMethod(in instrument, payer billing) paymentMethod {
	pm := paymentMethod{ID: t.id("pm_1"), Created: t.now, Type: in.Type, Metadata: metadata{}, Instrument: in, BillingDetails: payer}
	switch in.Type {
	case "card":
		pm.Card = raw(in.cardDetails())
	case "sepa_debit":
		d := in.sepaDetails()
		d["generated_from"] = nil
		pm.SEPADebit = raw(d)
	case "bancontact":
		pm.Bancontact = raw(doc{})
	case "ideal":
		pm.IDEAL = raw(map[string]any{"bank": nil, "bic": nil})
	case "klarna":
		pm.Klarna = raw(map[string]any{"dob": nil})
	case "paypal":
		pm.PayPal = raw(map[string]any{"payer_email": nil, "payer_id": nil})
	}
	t.put(pm)
	return pm
}

// intentOf is the session's intent; the first attempt makes it.
func (t *tx) intentOf(s *session, pm paymentMethod) intent {
	if pi, ok := find[intent](t, or(s.PaymentIntent, "")); ok {
		pi.PaymentMethod = some(pm.ID)
		return pi
	}
	m := s.Template
	pi := intent{
		ID: t.id("pi_3"), Amount: s.AmountTotal, CaptureMethod: m.CaptureMethod, Created: t.now, Currency: s.Currency, Description: m.Description,
		Metadata: m.Metadata, PaymentMethodTypes: s.PaymentMethodTypes, ReceiptEmail: m.ReceiptEmail, Shipping: m.Shipping, Session: s.ID,
		StatementDescriptor: m.StatementDescriptor, StatementDescriptorSuffix: m.StatementDescriptorSuffix, Status: "requires_payment_method",
	}
	pi.ClientSecret = pi.ID + "_secret_" + t.token(25)
	s.PaymentIntent = some(pi.ID)
	t.put(pi)
	t.put(*s)
	t.emit("payment_intent.created", pi, nil)
	pi.PaymentMethod = some(pm.ID)
	return pi
}

func (t *tx) newCharge(pi intent, pm paymentMethod, authenticated bool) charge {
	prefix := "py_3"
	if pm.Type == "card" {
		prefix = "ch_3"
	}
	in := pm.Instrument
	c := charge{
		ID: t.id(prefix), Amount: pi.Amount, BillingDetails: pm.BillingDetails, Captured: true, Created: t.now, Currency: pi.Currency,
		Description: pi.Description, Metadata: pi.Metadata, PaymentIntent: pi.ID, PaymentMethod: pm.ID,
		PaymentMethodDetails: in.chargeDetails(pi.Amount, authenticated), ReceiptEmail: pi.ReceiptEmail, Shipping: pi.Shipping,
		StatementDescriptorSuffix: pi.StatementDescriptorSuffix, Method: pm.Type, Instrument: in,
		Outcome: map[string]any{"network_status": "approved_by_network", "reason": nil, "risk_level": "normal", "risk_score": 12, "seller_message": "Payment complete.", "type": "authorized"},
	}
	return c
}

// decline makes the failed charge of a refused card; the session stays open.
func (t *tx) decline(pi intent, pm paymentMethod) *apiError {
	in := pm.Instrument
	e := &apiError{Status: http.StatusPaymentRequired, Kept: true, Type: "card_error", Code: in.Code, DeclineCode: in.DeclineCode, Message: messages[in.Code]}
	if e.DeclineCode == "" {
		e.DeclineCode = in.Code
	}
	c := t.newCharge(pi, pm, false)
	c.Captured, c.Status, c.FailureCode, c.FailureMessage = false, "failed", some(e.Code), some(e.Message)
	c.Outcome = map[string]any{"network_status": "declined_by_network", "reason": e.DeclineCode, "risk_level": "normal", "risk_score": 12, "seller_message": "The bank did not return any further details with this decline.", "type": "issuer_declined"}
	t.put(c)
	e.Charge = c.ID
	pi.LatestCharge = some(c.ID)
	t.put(pi)
	t.emit("charge.failed", c, nil)
	t.failIntent(pi, pm, e)
	return e
}

func (t *tx) failIntent(pi intent, pm paymentMethod, e *apiError) {
	pi.Status, pi.NextAction, pi.PaymentMethod = "requires_payment_method", nil, nil
	var shown doc
	_ = json.Unmarshal(raw(e), &shown)
	shown["payment_method"] = raw(t.render(pm))
	pi.LastPaymentError = raw(shown)
	t.put(pi)
	t.emit("payment_intent.payment_failed", pi, nil)
}

// capture takes the money and completes the session.
func (t *tx) capture(s session, pi intent, pm paymentMethod, authenticated bool) attempt {
	c := t.newCharge(pi, pm, authenticated)
	c = t.succeed(c)
	pi.LatestCharge = some(c.ID)
	t.put(c)
	t.receive(pi, c)
	switch c.Instrument.Outcome {
	case "succeeds_then_dispute", "succeeds_then_inquiry":
		t.later(t.now+t.config.laterSeconds(), "dispute", c.ID)
	}
	return t.complete(s, pm.BillingDetails)
}

// succeed marks a charge paid and writes its line of the balance.
func (t *tx) succeed(c charge) charge {
	c.Status, c.Paid, c.Captured, c.AmountCaptured = "succeeded", true, true, c.Amount
	c.ReceiptURL = some(t.base() + "/c/receipts/" + c.ID)
	kind := "payment"
	if c.Method == "card" {
		kind = "charge"
	}
	fee := t.config.fee(c.Method, c.Amount)
	b := t.balanceLine(transaction{Amount: c.Amount, Fee: fee, Currency: c.Currency, Description: c.Description, Source: some(c.ID), Type: kind, ReportingCategory: "charge"})
	if c.Instrument.Balance == "available at once" {
		b.AvailableOn = t.now
		t.put(b)
	}
	c.BalanceTransaction = some(b.ID)
	return c
}

// receive tells that the money of an intent is there.
func (t *tx) receive(pi intent, c charge) {
	pi.Status, pi.AmountReceived, pi.NextAction, pi.LastPaymentError = "succeeded", pi.Amount, nil, json.RawMessage("null")
	t.put(pi)
	t.emit("charge.succeeded", c, nil)
	t.emit("payment_intent.succeeded", pi, nil)
}

func (t *tx) complete(s session, payer billing) attempt {
	s.Status, s.Pending = "complete", nil
	if s.PaymentStatus != "no_payment_required" {
		s.PaymentStatus = "paid"
	}
	t.addPayer(&s, payer)
	t.put(s)
	return attempt{Session: s, Completed: t.emit("checkout.session.completed", s, nil)}
}

func (t *tx) addPayer(s *session, payer billing) {
	d := customerDetails{Address: &payer.Address, Email: payer.Email, Name: payer.Name, Phone: payer.Phone, TaxExempt: "none", TaxIDs: []string{}}
	if s.CustomerEmail != nil {
		d.Email = s.CustomerEmail
	}
	s.CustomerDetails = &d
}

// process starts a debit whose result is known later: the session is complete and unpaid.
func (t *tx) process(s session, pi intent, pm paymentMethod) attempt {
	c := t.newCharge(pi, pm, false)
	c.Status, c.Captured = "pending", true
	c.Outcome = map[string]any{"network_status": "approved_by_network", "reason": nil, "risk_level": "not_assessed", "seller_message": "Payment complete.", "type": "authorized"}
	t.put(c)
	pi.Status, pi.LatestCharge, pi.LastPaymentError = "processing", some(c.ID), json.RawMessage("null")
	t.put(pi)
	t.emit("payment_intent.processing", pi, nil)
	t.emit("charge.pending", c, nil)
	s.Status, s.Pending = "complete", nil
	t.addPayer(&s, pm.BillingDetails)
	t.put(s)
	delay := pm.Instrument.DelayS
	if delay == 0 {
		delay = t.config.laterSeconds()
	}
	t.later(t.now+delay, "settle", pi.ID)
	return attempt{Session: s, Completed: t.emit("checkout.session.completed", s, nil)}
}

// settle ends a debit as its account is known to end.
func (t *tx) settle(intentID string) {
	pi, ok := find[intent](t, intentID)
	if !ok || pi.Status != "processing" {
		return
	}
	c, _ := find[charge](t, or(pi.LatestCharge, ""))
	t.settleAs(pi, c, c.Instrument.Outcome != "processing->failed")
}

func (t *tx) settleAs(pi intent, c charge, paid bool) {
	s, _ := find[session](t, pi.Session)
	if paid {
		c = t.succeed(c)
		t.put(c)
		t.receive(pi, c)
		s.PaymentStatus = "paid"
		t.put(s)
		t.emit("checkout.session.async_payment_succeeded", s, nil)
		if c.Instrument.Outcome == "processing->succeeded->dispute_lost_at_once" {
			t.openDispute(c.ID)
		}
		return
	}
	code := c.Instrument.FailureCode
	if code == "" {
		code = "generic_decline"
	}
	c.Status, c.Paid, c.Captured, c.FailureCode, c.FailureMessage = "failed", false, false, some(code), some("The bank refused the debit.")
	t.put(c)
	t.emit("charge.failed", c, nil)
	pm, _ := find[paymentMethod](t, c.PaymentMethod)
	t.failIntent(pi, pm, &apiError{Type: invalidRequest, Code: code, Message: "The bank refused the debit.", Charge: c.ID})
	t.emit("checkout.session.async_payment_failed", s, nil)
}
