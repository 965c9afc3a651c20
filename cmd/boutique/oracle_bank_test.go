package main

// bankSession and the like are Stripe's own account of what happened.
type bankSession struct {
	ID            string `json:"id"`
	Status        string `json:"status"`
	PaymentStatus string `json:"payment_status"`
	Amount        int64  `json:"amount_total"`
	Reference     string `json:"client_reference_id"`
	Intent        string `json:"payment_intent"`
}

type bankRefund struct {
	ID     string `json:"id"`
	Intent string `json:"payment_intent"`
	Status string `json:"status"`
	Amount int64  `json:"amount"`
}

type bankLine struct {
	ID       string `json:"id"`
	Category string `json:"reporting_category"`
	Amount   int64  `json:"amount"`
	Net      int64  `json:"net"`
}

type bankDispute struct {
	Intent string `json:"payment_intent"`
	Amount int64  `json:"amount"`
	Status string `json:"status"`
}

type bankBooks struct {
	Objects struct {
		Sessions []bankSession `json:"checkout.session"`
		Refunds  []bankRefund  `json:"refund"`
		Disputes []bankDispute `json:"dispute"`
		Lines    []bankLine    `json:"balance_transaction"`
	} `json:"objects"`
}

func (h *house) bankBooks() bankBooks {
	h.t.Helper()
	var b bankBooks
	h.bankCaller().want(200, "GET", "/_emu/dump", nil).into(h.t, &b)
	return b
}
