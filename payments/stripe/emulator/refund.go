package emulator

import (
	"slices"
	"strings"
)

// counts tells whether the refund takes from what is left of its charge.
func (r refund) counts() bool { return r.Status != "failed" && r.Status != "canceled" }

func (t *tx) createRefund(c call) (doc, *apiError) {
	p := c.params
	if e := within(p, []string{"amount", "charge", "payment_intent", "reason", "metadata", "expand"}, ""); e != nil {
		return nil, e
	}
	ch, e := t.refundable(p)
	if e != nil {
		return nil, e
	}
	meta, e := metadataOf(p, "metadata", "metadata", nil)
	if e != nil {
		return nil, e
	}
	left := t.left(ch)
	if left == 0 {
		return nil, refused("charge_already_refunded", "", "Charge %s has already been refunded.", ch.ID)
	}
	amount := left
	if p.has("amount") {
		amount = p.num("amount")
	}
	if amount < 1 {
		return nil, invalid("parameter_invalid_integer", "amount", "Invalid positive integer")
	}
	if amount > left {
		return nil, refused("", "amount", "Refund amount (%s) is greater than unrefunded amount on charge (%s)", amountText(amount, ch.Currency), amountText(left, ch.Currency))
	}
	return t.render(t.refund(ch, amount, p.str("reason"), meta)), nil
}

// refundable finds the paid charge that the parameters name.
func (t *tx) refundable(p params) (charge, *apiError) {
	id := p.str("charge")
	if p.has("payment_intent") {
		pi, ok := find[intent](t, p.str("payment_intent"))
		if !ok {
			return charge{}, unnamed("payment_intent", "payment_intent", p.str("payment_intent"))
		}
		if id != "" && id != or(pi.LatestCharge, "") {
			return charge{}, invalid("", "charge", "The charge %s does not belong to the payment intent %s.", id, pi.ID)
		}
		if pi.Status != "succeeded" {
			return charge{}, refused("", "payment_intent", "This PaymentIntent (%s) does not have a successful charge to refund.", pi.ID)
		}
		id = or(pi.LatestCharge, "")
	}
	if id == "" {
		return charge{}, invalid("parameter_missing", "", "One of the following params should be provided for this request: payment_intent or charge.")
	}
	ch, ok := find[charge](t, id)
	if !ok {
		return ch, unnamed("charge", "charge", id)
	}
	if !ch.Paid {
		return ch, refused("", "charge", "Charge %s was not paid and cannot be refunded.", id)
	}
	for _, d := range all[dispute](t) {
		if d.Charge == id && !d.IsChargeRefundable {
			return ch, refused("charge_disputed", "", "Charge %s has been charged back; cannot issue a refund.", id)
		}
	}
	return ch, nil
}

// left is what has not been given back, nor is on its way.
func (t *tx) left(c charge) int64 {
	left := c.AmountCaptured
	for _, r := range all[refund](t) {
		if r.Charge == c.ID && r.counts() {
			left -= r.Amount
		}
	}
	return left
}

// refund gives money back: at once for cards, after the bank's word for other methods.
func (t *tx) refund(c charge, amount int64, reason string, meta metadata) refund {
	prefix, kind, status := "re_3", "refund", "succeeded"
	if c.Method != "card" {
		prefix, kind, status = "pyr_1", "payment_refund", "pending"
	}
	if strings.HasPrefix(c.Instrument.OnRefund, "create returns pending") {
		status = "pending"
	}
	r := refund{
		ID: t.id(prefix), Amount: amount, Charge: c.ID, Created: t.now, Currency: c.Currency, Metadata: meta, PaymentIntent: c.PaymentIntent,
		Reason: maybe(reason), Status: status, DestinationDetails: destination(c.Method, ""),
	}
	b := t.balanceLine(transaction{Amount: -amount, Currency: c.Currency, Description: some("REFUND FOR CHARGE"), Source: some(r.ID), Type: kind, ReportingCategory: "refund"})
	r.BalanceTransaction = some(b.ID)
	t.put(r)
	before := t.render(c)
	c = t.countRefunds(c)
	t.emit("charge.refunded", c, before)
	t.emit("refund.created", r, nil)
	t.later(t.now+t.config.laterSeconds(), "refund", r.ID)
	return r
}

// countRefunds brings the charge's sums up to date.
func (t *tx) countRefunds(c charge) charge {
	c.AmountRefunded = c.AmountCaptured - t.left(c)
	c.Refunded = c.AmountRefunded == c.AmountCaptured
	t.put(c)
	return c
}

// destination says where the money went; the bank's reference arrives later.
func destination(method, reference string) []byte {
	switch method {
	case "card":
		d := map[string]any{"type": "refund"}
		if reference != "" {
			d["reference"], d["reference_status"], d["reference_type"] = reference, "available", "acquirer_reference_number"
		} else {
			d["reference_status"], d["reference_type"] = "pending", "acquirer_reference_number"
		}
		return raw(map[string]any{"type": "card", "card": d})
	case "klarna", "paypal":
		return raw(map[string]any{"type": method, method: map[string]any{}})
	}
	return raw(map[string]any{"type": "eu_bank_transfer", "eu_bank_transfer": map[string]any{"reference": maybe(reference), "reference_status": nil}})
}

// followRefund is what happens to a refund some time after its creation.
func (t *tx) followRefund(id string) {
	r, ok := find[refund](t, id)
	if !ok {
		return
	}
	c, _ := find[charge](t, r.Charge)
	if strings.HasPrefix(c.Instrument.OnRefund, "create returns succeeded, later failed") {
		t.failRefund(id, "expired_or_canceled_card")
		return
	}
	if !r.counts() {
		return
	}
	before := t.render(r)
	r.Status = "succeeded"
	r.DestinationDetails = destination(c.Method, t.token(24))
	t.put(r)
	t.emit("charge.refund.updated", r, before)
	t.emit("refund.updated", r, before)
}

// failRefund brings the money of a refund back into the balance.
func (t *tx) failRefund(id, reason string) *apiError {
	r, ok := find[refund](t, id)
	if !ok {
		return notHere("refund", "refund", id)
	}
	if !r.counts() {
		return refused("", "", "The refund %s has already ended as %s.", id, r.Status)
	}
	before := t.render(r)
	b := t.balanceLine(transaction{Amount: r.Amount, Currency: r.Currency, Description: some("REFUND FAILURE"), Source: some(r.ID), Type: "refund_failure", ReportingCategory: "refund_failure"})
	r.Status, r.FailureReason, r.FailureBalanceTransaction = "failed", some(reason), some(b.ID)
	t.put(r)
	c, _ := find[charge](t, r.Charge)
	t.countRefunds(c)
	t.emit("charge.refund.updated", r, before)
	t.emit("refund.updated", r, before)
	return nil
}

func (t *tx) getRefund(c call) (doc, *apiError) {
	r, ok := find[refund](t, c.path("refund"))
	if !ok {
		return nil, notHere("refund", "refund", c.path("refund"))
	}
	return t.render(r), nil
}

func (t *tx) listRefunds(c call) (doc, *apiError) {
	p := c.params
	if id := p.str("payment_intent"); id != "" {
		if _, ok := find[intent](t, id); !ok {
			return nil, unnamed("payment_intent", "payment_intent", id)
		}
	}
	if id := p.str("charge"); id != "" {
		if _, ok := find[charge](t, id); !ok {
			return nil, unnamed("charge", "charge", id)
		}
	}
	return page(t, "/v1/refunds", p, all[refund](t), func(r refund) int64 { return r.Created }, func(r refund) bool {
		return (!p.has("payment_intent") || r.PaymentIntent == p.str("payment_intent")) && (!p.has("charge") || r.Charge == p.str("charge"))
	})
}

func (t *tx) updateRefund(c call) (doc, *apiError) {
	r, ok := find[refund](t, c.path("refund"))
	if !ok {
		return nil, notHere("refund", "refund", c.path("refund"))
	}
	meta, e := metadataOf(c.params, "metadata", "metadata", r.Metadata)
	if e != nil {
		return nil, e
	}
	before := t.render(r)
	r.Metadata = meta
	t.put(r)
	t.emit("charge.refund.updated", r, before)
	t.emit("refund.updated", r, before)
	return t.render(r), nil
}

func (t *tx) cancelRefund(c call) (doc, *apiError) {
	r, ok := find[refund](t, c.path("refund"))
	if !ok {
		return nil, notHere("refund", "refund", c.path("refund"))
	}
	return nil, refused("", "", "You can only cancel a refund with a status of `requires_action`; this one has a status of `%s`.", r.Status)
}

// refundsOf is the list that a charge shows when asked to.
func (t *tx) refundsOf(chargeID string) doc {
	list := []doc{}
	for _, r := range all[refund](t) {
		if r.Charge == chargeID {
			list = append(list, t.render(r))
		}
	}
	slices.Reverse(list)
	more := len(list) > 10
	return listDoc("/v1/charges/"+chargeID+"/refunds", list[:min(len(list), 10)], more)
}
