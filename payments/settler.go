package payments

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
)

// Settler decides what a movement of money does to an order, its stock and the books. The shop
// implements it. Each call works inside the transaction that records the movement, after Lock.
type Settler interface {
	// Lock takes the order's row lock. It comes before any lock on a payment.
	Lock(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) error
	// Processing: the shopper has paid by a method that settles later. Nothing is shipped.
	Processing(ctx context.Context, tx pgx.Tx, p Payment) error
	// Captured: the money is there. A refund reason other than "" says that the shop cannot keep it
	// (duplicate, out_of_stock…): a full refund with that reason is requested in the same
	// transaction. Not called for quarantined payments.
	Captured(ctx context.Context, tx pgx.Tx, p Payment) (refund string, err error)
	// Failed: this attempt cannot be paid any more, and nothing was paid.
	Failed(ctx context.Context, tx pgx.Tx, p Payment) error
	// Expired: the provider itself says that the session has ended unpaid.
	Expired(ctx context.Context, tx pgx.Tx, p Payment) error
	// Refunded is called once for each refund, when it is first seen pending or succeeded; not for
	// refunds of quarantined payments.
	Refunded(ctx context.Context, tx pgx.Tx, p Payment, r Refund) error
	// RefundFailed is called when a refund for which Refunded was called fails afterwards.
	RefundFailed(ctx context.Context, tx pgx.Tx, p Payment, r Refund) error
	// BalanceChanged is called once for each balance transaction, quarantined payments included.
	BalanceChanged(ctx context.Context, tx pgx.Tx, p Payment, b BalanceChange) error
	// DisputeOpened is called once for each dispute, when it is first seen, DisputeClosed once when it is
	// over: d.Status says how.
	DisputeOpened(ctx context.Context, tx pgx.Tx, p Payment, d Dispute) error
	DisputeClosed(ctx context.Context, tx pgx.Tx, p Payment, d Dispute) error
	// BalanceMoved is called once for each movement of the provider's balance that is no payment and no
	// refund: money that a dispute takes or brings back, the provider's own fees, payouts, and whatever the
	// shop does not know.
	BalanceMoved(ctx context.Context, tx pgx.Tx, l BalanceLine) error
	// Differences holds the books against the provider's balance since a moment, movement by movement, and
	// names each that differs.
	Differences(ctx context.Context, since time.Time) ([]string, error)
}

// BalanceChange is one movement of the provider's balance. Kind is the provider's reporting
// category: charge, refund, refund_failure, fee… Amount, Fee and Net are signed as the provider
// signs them: a refund's amount is negative; Net is Amount less Fee.
type BalanceChange struct {
	TxnID            string
	Kind             string
	Amount, Fee, Net money.Amount
	At               time.Time
	RefundID         *uuid.UUID
}
