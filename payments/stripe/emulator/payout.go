package emulator

// makePayout sends the available money of a currency to the bank; nil when there is none to send.
func (t *tx) makePayout(currency string) *payout {
	var sum int64
	var lines []transaction
	for _, b := range all[transaction](t) {
		if b.Currency == currency && b.Payout == "" && b.AvailableOn <= t.now {
			lines = append(lines, b)
			sum += b.Net
		}
	}
	if sum <= 0 {
		return nil
	}
	po := payout{
		ID: t.id("po_1"), Amount: sum, ArrivalDate: t.now + 2*24*60*60, Created: t.now, Currency: currency, Description: some("STRIPE PAYOUT"),
		Metadata: metadata{}, Status: "in_transit", ReconciliationStatus: "in_progress",
	}
	own := t.balanceLine(transaction{Amount: -sum, Currency: currency, Description: po.Description, Source: some(po.ID), Type: "payout", ReportingCategory: "payout"})
	po.BalanceTransaction = some(own.ID)
	for _, b := range append(lines, own) {
		b.Payout = po.ID
		t.put(b)
	}
	t.put(po)
	t.emit("payout.created", po, nil)
	t.later(t.now+t.config.laterSeconds(), "payout", po.ID)
	return &po
}

// payPayout is the money's arrival and then the list of what it consists of.
func (t *tx) payPayout(id string) {
	po, ok := find[payout](t, id)
	if !ok || po.Status != "in_transit" {
		return
	}
	po.Status = "paid"
	t.put(po)
	t.emit("payout.paid", po, nil)
	po.ReconciliationStatus = "completed"
	t.put(po)
	t.emit("payout.reconciliation_completed", po, nil)
}

// failPayout is the bank sending the money back, also after it had arrived.
func (t *tx) failPayout(id string) *apiError {
	po, ok := find[payout](t, id)
	if !ok || po.Status == "failed" {
		return notHere("payout", "payout", id)
	}
	before := t.render(po)
	b := t.balanceLine(transaction{Amount: po.Amount, Currency: po.Currency, Description: some("STRIPE PAYOUT FAILURE"), Source: some(po.ID), Type: "payout_failure", ReportingCategory: "payout_reversal"})
	po.Status, po.FailureCode, po.FailureMessage, po.FailureBalanceTransaction = "failed", some("account_closed"), some("The bank account has been closed."), some(b.ID)
	t.put(po)
	t.emit("payout.failed", po, nil)
	t.emit("payout.updated", po, before)
	return nil
}

func (t *tx) getPayout(c call) (doc, *apiError) {
	po, ok := find[payout](t, c.path("payout"))
	if !ok {
		return nil, notHere("payout", "payout", c.path("payout"))
	}
	return t.render(po), nil
}

func (t *tx) listPayouts(c call) (doc, *apiError) {
	p := c.params
	arrived, e := createdRange(params{"created": p["arrival_date"]})
	if e != nil {
		return nil, e
	}
	return page(t, "/v1/payouts", p, all[payout](t), func(o payout) int64 { return o.Created }, func(o payout) bool {
		return (!p.has("status") || o.Status == p.str("status")) && (!p.has("arrival_date") || arrived(o.ArrivalDate)) && !p.has("destination")
	})
}
