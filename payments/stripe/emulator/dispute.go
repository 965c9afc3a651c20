package emulator

import (
	"maps"
	"slices"
)

// disputeDays is how long the evidence may take.
const disputeDays = 7

// openDispute is the holder of a card going to the bank. An inquiry moves no money.
func (t *tx) openDispute(chargeID string) *apiError {
	c, ok := find[charge](t, chargeID)
	if !ok || !c.Paid {
		return notHere("charge", "charge", chargeID)
	}
	reason := c.Instrument.Reason
	if reason == "" {
		reason = "fraudulent"
	}
	inquiry := c.Instrument.Outcome == "succeeds_then_inquiry"
	d := dispute{
		ID: t.id("dp_1"), Amount: c.Amount, Charge: c.ID, Created: t.now, Currency: c.Currency, Metadata: metadata{}, PaymentIntent: c.PaymentIntent,
		Reason: reason, Status: "needs_response", Evidence: metadata{}, Transactions: []string{}, IsChargeRefundable: inquiry,
		EvidenceDetails: evidenceDetails{DueBy: t.now + disputeDays*24*60*60},
	}
	if c.Method == "card" {
		d.PaymentMethodDetails = map[string]any{"type": "card", "card": map[string]any{"brand": c.Instrument.brand(), "network_reason_code": "83"}}
	}
	before := t.render(c)
	c.Disputed = true
	t.put(c)
	if inquiry {
		d.Status = "warning_needs_response"
		t.put(d)
		t.emit("charge.dispute.created", d, nil)
		return nil
	}
	b := t.balanceLine(transaction{Amount: -d.Amount, Fee: disputeFee, Currency: d.Currency, Description: some("Chargeback withdrawal for " + c.ID), Source: some(d.ID), Type: "adjustment", ReportingCategory: "dispute"})
	d.Transactions = []string{b.ID}
	t.put(d)
	t.emit("charge.dispute.created", d, nil)
	t.emit("charge.dispute.funds_withdrawn", d, nil)
	t.emit("charge.updated", c, before)
	if c.Method == "sepa_debit" {
		t.endDispute(d, "lost")
	}
	return nil
}

// endDispute closes a dispute as won, lost or warning_closed; a won one brings the money back.
func (t *tx) endDispute(d dispute, status string) dispute {
	before := t.render(d)
	d.Status = status
	if status == "won" {
		b := t.balanceLine(transaction{Amount: d.Amount, Currency: d.Currency, Description: some("Chargeback reversal for " + d.Charge), Source: some(d.ID), Type: "adjustment", ReportingCategory: "dispute_reversal"})
		d.Transactions = append(slices.Clone(d.Transactions), b.ID)
		d.IsChargeRefundable = true
		t.put(d)
		t.emit("charge.dispute.updated", d, before)
		t.emit("charge.dispute.closed", d, nil)
		t.emit("charge.dispute.funds_reinstated", d, nil)
		return d
	}
	t.put(d)
	t.emit("charge.dispute.closed", d, nil)
	return d
}

func (t *tx) getDispute(c call) (doc, *apiError) {
	d, ok := find[dispute](t, c.path("dispute"))
	if !ok {
		return nil, notHere("dispute", "dispute", c.path("dispute"))
	}
	return t.render(d), nil
}

func (t *tx) listDisputes(c call) (doc, *apiError) {
	p := c.params
	return page(t, "/v1/disputes", p, all[dispute](t), func(d dispute) int64 { return d.Created }, func(d dispute) bool {
		return (!p.has("charge") || d.Charge == p.str("charge")) && (!p.has("payment_intent") || d.PaymentIntent == p.str("payment_intent"))
	})
}

// open tells whether the dispute still waits for its end.
func (d dispute) open() bool {
	return slices.Contains([]string{"needs_response", "under_review", "warning_needs_response", "warning_under_review"}, d.Status)
}

func (t *tx) updateDispute(c call) (doc, *apiError) {
	d, ok := find[dispute](t, c.path("dispute"))
	if !ok {
		return nil, notHere("dispute", "dispute", c.path("dispute"))
	}
	if !d.open() {
		return nil, refused("", "", "This dispute is already closed.")
	}
	meta, e := metadataOf(c.params, "metadata", "metadata", d.Metadata)
	if e != nil {
		return nil, e
	}
	before := t.render(d)
	d.Metadata, d.Evidence = meta, maps.Clone(d.Evidence)
	for k := range c.params.obj("evidence") {
		d.Evidence[k] = c.params.obj("evidence").str(k)
	}
	d.EvidenceDetails.HasEvidence = len(d.Evidence) > 0
	if c.params.has("submit") && !c.params.yes("submit") || !d.EvidenceDetails.HasEvidence {
		t.put(d)
		t.emit("charge.dispute.updated", d, before)
		return t.render(d), nil
	}
	d.EvidenceDetails.SubmissionCount++
	switch d.Evidence["uncategorized_text"] {
	case "winning_evidence":
		return t.render(t.endDispute(d, "won")), nil
	case "losing_evidence":
		return t.render(t.endDispute(d, "lost")), nil
	}
	if d.Status == "needs_response" {
		d.Status = "under_review"
	} else {
		d.Status = "warning_under_review"
	}
	t.put(d)
	t.emit("charge.dispute.updated", d, before)
	return t.render(d), nil
}

func (t *tx) closeDispute(c call) (doc, *apiError) {
	d, ok := find[dispute](t, c.path("dispute"))
	if !ok {
		return nil, notHere("dispute", "dispute", c.path("dispute"))
	}
	if !d.open() {
		return nil, refused("", "", "This dispute is already closed.")
	}
	return t.render(t.endDispute(d, "lost")), nil
}

// warnOfFraud tells of a payment that its card's issuer believes to be fraudulent. The warning lives
// in its event only.
func (t *tx) warnOfFraud(chargeID string) {
	c, _ := find[charge](t, chargeID)
	t.emit("radar.early_fraud_warning.created", fraudWarning{
		ID: t.id("issfr_1"), Object: "radar.early_fraud_warning", Actionable: !c.Refunded, Charge: c.ID, Created: t.now, FraudType: "made_with_stolen_card", PaymentIntent: c.PaymentIntent,
	}, nil)
}

type fraudWarning struct {
	ID            string `json:"id"`
	Object        string `json:"object"`
	Actionable    bool   `json:"actionable"`
	Charge        string `json:"charge"`
	Created       int64  `json:"created"`
	FraudType     string `json:"fraud_type"`
	Livemode      bool   `json:"livemode"`
	PaymentIntent string `json:"payment_intent"`
}

func (fraudWarning) kind() string  { return "radar.early_fraud_warning" }
func (r fraudWarning) key() string { return r.ID }
