package emulator

func (t *tx) getIntent(c call) (doc, *apiError) {
	pi, ok := find[intent](t, c.path("intent"))
	if !ok {
		return nil, notHere("payment_intent", "intent", c.path("intent"))
	}
	return t.render(pi), nil
}

func (t *tx) listIntents(c call) (doc, *apiError) {
	p := c.params
	return page(t, "/v1/payment_intents", p, all[intent](t), func(i intent) int64 { return i.Created }, func(intent) bool { return !p.has("customer") })
}

func (t *tx) cancelIntentCall(c call) (doc, *apiError) {
	pi, ok := find[intent](t, c.path("intent"))
	if !ok {
		return nil, notHere("payment_intent", "intent", c.path("intent"))
	}
	if s, ok := find[session](t, pi.Session); ok && s.Status == "open" {
		return nil, refused("", "", "You cannot cancel the PaymentIntent for a Checkout Session. Expire the Checkout Session instead.")
	}
	switch pi.Status {
	case "succeeded", "canceled", "processing":
		return nil, refused("payment_intent_unexpected_state", "", "You cannot cancel this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action.", pi.Status)
	}
	reason := c.params.str("cancellation_reason")
	return t.render(t.cancelIntent(pi, reason)), nil
}

func (t *tx) cancelIntent(pi intent, reason string) intent {
	pi.Status, pi.NextAction, pi.CanceledAt, pi.CancellationReason = "canceled", nil, some(t.now), maybe(reason)
	t.put(pi)
	t.emit("payment_intent.canceled", pi, nil)
	return pi
}

func (t *tx) getCharge(c call) (doc, *apiError) {
	ch, ok := find[charge](t, c.path("charge"))
	if !ok {
		return nil, notHere("charge", "charge", c.path("charge"))
	}
	return t.render(ch), nil
}

func (t *tx) listCharges(c call) (doc, *apiError) {
	p := c.params
	if id := p.str("payment_intent"); id != "" {
		if _, ok := find[intent](t, id); !ok {
			return nil, unnamed("payment_intent", "payment_intent", id)
		}
	}
	return page(t, "/v1/charges", p, all[charge](t), func(c charge) int64 { return c.Created }, func(c charge) bool {
		return (!p.has("payment_intent") || c.PaymentIntent == p.str("payment_intent")) && !p.has("customer") && !p.has("transfer_group")
	})
}
