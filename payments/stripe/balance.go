package stripe

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"boutique/internal/money"
	"boutique/payments"
)

// Dispute fetches a dispute.
func (g *Gateway) Dispute(ctx context.Context, id string) (payments.ProviderDispute, error) {
	ctx, _, done := call(ctx)
	defer done()
	params := &stripe.DisputeParams{}
	params.Context = ctx
	d, err := g.api.Disputes.Get(id, params)
	if err != nil {
		return payments.ProviderDispute{}, reading(err)
	}
	out := payments.ProviderDispute{
		ID: d.ID, Status: string(d.Status), Reason: string(d.Reason), Amount: money.Amount(d.Amount), Currency: strings.ToUpper(string(d.Currency)), OpenedAt: time.Unix(d.Created, 0).UTC(),
	}
	if d.PaymentIntent != nil {
		out.IntentID = d.PaymentIntent.ID
	}
	if d.EvidenceDetails != nil && d.EvidenceDetails.DueBy > 0 {
		due := time.Unix(d.EvidenceDetails.DueBy, 0).UTC()
		out.DueBy = &due
	}
	for _, b := range d.BalanceTransactions {
		if b.Created != 0 {
			out.Lines = append(out.Lines, balanceLine(b))
		}
	}
	return out, nil
}

// BalanceLines lists every movement of the balance since a moment, oldest first, paged to the end.
func (g *Gateway) BalanceLines(ctx context.Context, since time.Time) ([]payments.BalanceLine, error) {
	return g.balanceLines(ctx, &stripe.BalanceTransactionListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}})
}

// PayoutLines lists the movements that a payout consists of, its own left out.
func (g *Gateway) PayoutLines(ctx context.Context, payout string) ([]payments.BalanceLine, error) {
	lines, err := g.balanceLines(ctx, &stripe.BalanceTransactionListParams{Payout: stripe.String(payout)})
	return slices.DeleteFunc(lines, func(l payments.BalanceLine) bool { return l.Source == payout }), err
}

// PayoutMoves lists the movements of the balance that a payout itself is: out, and back when it failed.
func (g *Gateway) PayoutMoves(ctx context.Context, payout string) ([]payments.BalanceLine, error) {
	return g.balanceLines(ctx, &stripe.BalanceTransactionListParams{Source: stripe.String(payout)})
}

func (g *Gateway) balanceLines(ctx context.Context, params *stripe.BalanceTransactionListParams) ([]payments.BalanceLine, error) {
	params.Context = ctx
	params.Limit = stripe.Int64(100)
	var lines []payments.BalanceLine
	it := g.api.BalanceTransactions.List(params)
	for it.Next() {
		lines = append(lines, balanceLine(it.BalanceTransaction()))
	}
	slices.Reverse(lines)
	return lines, reading(it.Err())
}

func balanceLine(b *stripe.BalanceTransaction) payments.BalanceLine {
	l := payments.BalanceLine{
		ID: b.ID, Kind: string(b.ReportingCategory), Description: b.Description, Currency: strings.ToUpper(string(b.Currency)),
		Amount: money.Amount(b.Amount), Fee: money.Amount(b.Fee), Net: money.Amount(b.Net), At: time.Unix(b.Created, 0).UTC(),
	}
	if b.Source != nil {
		l.Source = b.Source.ID
	}
	return l
}

// Payout fetches a payout.
func (g *Gateway) Payout(ctx context.Context, id string) (payments.Payout, error) {
	ctx, _, done := call(ctx)
	defer done()
	params := &stripe.PayoutParams{}
	params.Context = ctx
	p, err := g.api.Payouts.Get(id, params)
	if err != nil {
		return payments.Payout{}, reading(err)
	}
	return payout(p), nil
}

// Payouts lists the payouts that were made since a moment, oldest first.
func (g *Gateway) Payouts(ctx context.Context, since time.Time) ([]payments.Payout, error) {
	params := &stripe.PayoutListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	params.Context = ctx
	params.Limit = stripe.Int64(100)
	var list []payments.Payout
	it := g.api.Payouts.List(params)
	for it.Next() {
		list = append(list, payout(it.Payout()))
	}
	slices.Reverse(list)
	return list, reading(it.Err())
}

func payout(p *stripe.Payout) payments.Payout {
	return payments.Payout{
		ID: p.ID, Amount: money.Amount(p.Amount), Currency: strings.ToUpper(string(p.Currency)), Status: string(p.Status), Automatic: p.Automatic, Failure: string(p.FailureCode),
		CreatedAt: time.Unix(p.Created, 0).UTC(), ArrivesOn: time.Unix(p.ArrivalDate, 0).UTC(), Listed: p.ReconciliationStatus == stripe.PayoutReconciliationStatusCompleted,
	}
}
