package shop

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/invariant"
	"boutique/internal/pg"
)

// Basis is what an order was quoted from, kept with it, so that its quote can be computed again on
// the conditions that were in force, years later.
type Basis struct {
	Items  []Item      `json:"items"`
	To     Destination `json:"to"`
	At     time.Time   `json:"at"`
	FreeBy string      `json:"free_by,omitempty"`
}

// Replay quotes the order's method again on the given conditions, for the goods, the place and the
// moment of the order. ok is false when those conditions refuse it, with the reason.
func (b Basis) Replay(c Conditions, method string) (Option, Refusal, bool) {
	q := c.QuoteOn(b.Items, b.To, Terms{At: b.At, FreeBy: b.FreeBy, NoStops: true})
	if len(b.Items) == 0 {
		q = byMail(q, b.At)
	}
	if o, ok := q.Option(method); ok {
		return o, Refusal{}, true
	}
	for _, r := range q.Refused {
		if r.Method == method {
			return Option{}, r, false
		}
	}
	return Option{}, Refusal{Method: method, Code: RefusedZone}, false
}

// Today quotes the order as if it were placed at the moment, on the given conditions.
func (b Basis) Today(c Conditions, method string, now time.Time) (Option, Refusal, bool) {
	b.At = now
	return b.Replay(c, method)
}

// VerifyQuotes computes the quotes of the latest orders again and holds each against what was
// charged.
func VerifyQuotes(ctx context.Context, q pg.Querier) ([]invariant.Result, error) {
	r := invariant.Result{Name: "quotes replay", Sentence: "the delivery of each of the last 500 orders, computed again on its conditions, costs what was charged"}
	rows, err := q.Query(ctx, sqlLatestNumbers)
	if err != nil {
		return nil, err
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	known := map[int]Conditions{}
	for _, number := range numbers {
		o, err := GetOrder(ctx, q, number)
		if err != nil {
			return nil, err
		}
		if o.Basis == nil {
			continue
		}
		c, ok := known[o.Conditions]
		if !ok {
			if c, err = ConditionsAt(ctx, q, o.Conditions); err != nil {
				return nil, err
			}
			known[o.Conditions] = c
		}
		r.Figure++
		again, refused, ok := o.Basis.Replay(c, o.ShippingMethod)
		switch {
		case !ok:
			r.Broken = append(r.Broken, fmt.Sprintf("%s: refused now (%s)", o.Number, refused.Code))
		case again.Price != o.Shipping:
			r.Broken = append(r.Broken, fmt.Sprintf("%s: %s charged, %s computed", o.Number, o.Shipping.Decimal(), again.Price.Decimal()))
		}
	}
	return []invariant.Result{r}, nil
}
