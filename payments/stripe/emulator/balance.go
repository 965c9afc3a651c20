package emulator

import (
	"maps"
	"slices"
)

// Fee is what a method costs: a rate in basis points of the amount, rounded half up, and a fixed
// part in the currency's smallest unit.
type Fee struct {
	BasisPoints int64
	Fixed       int64
}

// settlingDays is how long the money of a payment stays pending.
const settlingDays = 3

// disputeFee is what a formal dispute costs, in the currency's smallest unit.
const disputeFee = 2000

func (c Config) fee(method string, amount int64) int64 {
	f, ok := c.Fees[method]
	if !ok {
		f = Fee{BasisPoints: 150, Fixed: 25}
	}
	return (amount*f.BasisPoints+5000)/10000 + f.Fixed
}

// balanceLine adds a line to the balance: net is amount less fee, always.
func (t *tx) balanceLine(b transaction) transaction {
	b.ID, b.Created, b.Net = t.id("txn_3"), t.now, b.Amount-b.Fee
	b.FeeDetails = []feeDetail{}
	if b.Fee != 0 {
		b.FeeDetails = []feeDetail{{Amount: b.Fee, Currency: b.Currency, Description: "Stripe processing fees", Type: "stripe_fee"}}
	}
	b.AvailableOn = t.now
	if b.Amount > 0 && b.Type != "payout_failure" {
		b.AvailableOn = t.now + settlingDays*24*60*60
	}
	t.put(b)
	return b
}

func (t *tx) getBalance(call) (doc, *apiError) {
	pending, available := map[string]int64{"eur": 0}, map[string]int64{"eur": 0}
	for _, b := range all[transaction](t) {
		if b.AvailableOn <= t.now {
			available[b.Currency] += b.Net
		} else {
			pending[b.Currency] += b.Net
		}
	}
	sums := func(m map[string]int64) []any {
		out := []any{}
		for _, currency := range slices.Sorted(maps.Keys(m)) {
			out = append(out, map[string]any{"amount": m[currency], "currency": currency, "source_types": map[string]int64{"card": m[currency]}})
		}
		return out
	}
	return doc{"object": raw("balance"), "livemode": raw(false), "available": raw(sums(available)), "pending": raw(sums(pending))}, nil
}

func (t *tx) getTransaction(c call) (doc, *apiError) {
	b, ok := find[transaction](t, c.path("id"))
	if !ok {
		return nil, notHere("balance transaction", "id", c.path("id"))
	}
	return t.render(b), nil
}

func (t *tx) listTransactions(c call) (doc, *apiError) {
	p := c.params
	if id := p.str("payout"); id != "" {
		if _, ok := find[payout](t, id); !ok {
			return nil, unnamed("payout", "payout", id)
		}
	}
	return page(t, "/v1/balance_transactions", p, all[transaction](t), func(b transaction) int64 { return b.Created }, func(b transaction) bool {
		return (!p.has("payout") || b.Payout == p.str("payout")) && (!p.has("source") || or(b.Source, "") == p.str("source")) &&
			(!p.has("type") || b.Type == p.str("type")) && (!p.has("currency") || b.Currency == p.str("currency"))
	})
}

// Total is what a currency has seen, in its smallest unit.
type Total struct {
	// Captured is the sum of all captured charges, Refunded that of the refunds that were neither
	// refused nor failed, Fees that of the fees.
	Captured, Refunded, Fees int64
}

// Net is what the shop's accounts must show as sold.
func (t Total) Net() int64 { return t.Captured - t.Refunded }

func (t *tx) totals() map[string]Total {
	out := map[string]Total{}
	for _, c := range all[charge](t) {
		sum := out[c.Currency]
		sum.Captured += c.AmountCaptured
		out[c.Currency] = sum
	}
	for _, r := range all[refund](t) {
		if r.counts() {
			sum := out[r.Currency]
			sum.Refunded += r.Amount
			out[r.Currency] = sum
		}
	}
	for _, b := range all[transaction](t) {
		sum := out[b.Currency]
		sum.Fees += b.Fee
		out[b.Currency] = sum
	}
	return out
}
