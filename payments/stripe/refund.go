package stripe

import (
	"context"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"boutique/internal/money"
	"boutique/payments"
)

// CreateRefund gives money back. The refund's id travels in the metadata, by which it is found again
// when the answer is lost.
func (g *Gateway) CreateRefund(ctx context.Context, key, intentID string, r payments.Refund) (payments.ProviderRefund, error) {
	ctx, w, done := call(ctx)
	defer done()
	params := &stripe.RefundParams{PaymentIntent: stripe.String(intentID), Amount: stripe.Int64(int64(r.Amount))}
	params.Context = ctx
	params.SetIdempotencyKey(key)
	params.AddMetadata("refund_id", r.ID.String())
	params.AddMetadata("order_id", r.OrderID.String())
	params.AddExpand("balance_transaction")
	if r.Reason == string(stripe.RefundReasonDuplicate) {
		params.Reason = stripe.String(r.Reason)
	}
	made, err := g.api.Refunds.New(params)
	if err != nil {
		return payments.ProviderRefund{}, outcome(err, w)
	}
	return refund(made), nil
}

// Refunds lists every refund of an intent, oldest first.
func (g *Gateway) Refunds(ctx context.Context, intentID string) ([]payments.ProviderRefund, error) {
	ctx, _, done := call(ctx)
	defer done()
	params := &stripe.RefundListParams{PaymentIntent: stripe.String(intentID)}
	params.Context = ctx
	params.Limit = stripe.Int64(100)
	params.AddExpand("data.balance_transaction")
	params.AddExpand("data.failure_balance_transaction")
	var list []payments.ProviderRefund
	it := g.api.Refunds.List(params)
	for it.Next() {
		list = append([]payments.ProviderRefund{refund(it.Refund())}, list...)
	}
	return list, reading(it.Err())
}

func refund(r *stripe.Refund) payments.ProviderRefund {
	out := payments.ProviderRefund{
		ID: r.ID, RefundID: r.Metadata["refund_id"], Status: string(r.Status), Failure: string(r.FailureReason),
		Amount: money.Amount(r.Amount), Currency: strings.ToUpper(string(r.Currency)), CreatedAt: time.Unix(r.Created, 0).UTC(),
		Balance: balance(r.BalanceTransaction), FailureBalance: balance(r.FailureBalanceTransaction),
	}
	if r.PaymentIntent != nil {
		out.IntentID = r.PaymentIntent.ID
	}
	return out
}
