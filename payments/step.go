package payments

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// movePayment is the only writer of a payment's state: it takes one legal step, writes it into the
// history with who and why, and stores the facts that p holds about the provider's side. It gives
// the payment as it then is.
func movePayment(ctx context.Context, tx pgx.Tx, p Payment, event, actor, reason string) (Payment, error) {
	to, err := PaymentMachine.Next(p.State, event)
	if err != nil {
		return p, err
	}
	from := p.State
	p.State, p.seq = to, p.seq+1
	_, err = tx.Exec(ctx, sqlInsertPaymentStep, pgx.NamedArgs{
		"payment_id": p.ID, "seq": p.seq, "from_state": from, "event": event, "to_state": to, "actor": actor, "reason": reason,
	})
	if err != nil {
		return p, err
	}
	err = tx.QueryRow(ctx, sqlUpdatePayment, pgx.NamedArgs{
		"id": p.ID, "state": p.State, "seq": p.seq, "session_id": p.SessionID, "session_url": p.SessionURL,
		"intent_id": p.IntentID, "charge_id": p.ChargeID, "method": p.Method, "quarantined": p.Quarantined,
	}).Scan(&p.CapturedAt)
	return p, err
}

// moveRefund is the only writer of a refund's state, in the way of movePayment.
func moveRefund(ctx context.Context, tx pgx.Tx, r Refund, event, actor, reason string) (Refund, error) {
	to, err := RefundMachine.Next(r.State, event)
	if err != nil {
		return r, err
	}
	from := r.State
	r.State, r.seq = to, r.seq+1
	_, err = tx.Exec(ctx, sqlInsertRefundStep, pgx.NamedArgs{
		"refund_id": r.ID, "seq": r.seq, "from_state": from, "event": event, "to_state": to, "actor": actor, "reason": reason,
	})
	if err != nil {
		return r, err
	}
	_, err = tx.Exec(ctx, sqlUpdateRefund, pgx.NamedArgs{
		"id": r.ID, "state": r.State, "seq": r.seq, "provider_id": r.ProviderID, "failure": r.Failure,
	})
	return r, err
}
