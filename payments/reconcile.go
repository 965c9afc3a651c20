package payments

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// byProvider is the actor of a step that the provider's word decides: the person who took the money, else
// the provider itself.
func byProvider(p Payment) string {
	if p.TakenBy != "" {
		return p.TakenBy
	}
	return p.Gateway
}

// Reconcile fetches the attempt's session and settles what it says. It may be called by anybody, at
// any time, any number of times at once: webhook, return page, poll and sweep all end here.
func (s *Service) Reconcile(ctx context.Context, id uuid.UUID) (Payment, error) {
	p, err := ByID(ctx, s.Pool, id)
	if err != nil || s.gatewayOf(p) == nil {
		return p, err
	}
	if p.State == Captured && (p.Fee != nil || p.Gateway == Desk) {
		return p, nil
	}
	if p.State == Creating {
		// The answer was lost, or has not come yet: the same request with the same key finds it.
		if p, err = s.Start(ctx, id); err != nil && p.State != Failed {
			return p, err
		}
	}
	if p.SessionID == "" {
		return p, nil
	}
	session, err := s.gatewayOf(p).Session(ctx, p.SessionID)
	if err != nil {
		return p, unavailable(err)
	}
	return s.settle(ctx, p, session)
}

// ReconcileOrder reconciles the order's newest attempt; NotFound "payment_not_found" when it has none.
func (s *Service) ReconcileOrder(ctx context.Context, orderID uuid.UUID) (Payment, error) {
	newest, err := Newest(ctx, s.Pool, orderID)
	if err != nil {
		return newest, err
	}
	return s.Reconcile(ctx, newest.ID)
}

// Abandon ends the order's live attempt at the provider first, who alone can tell whether it has
// been paid: when it has, it is settled instead. The answer is the attempt as it then is; one that
// is still live (its money is on the way) cannot be abandoned.
func (s *Service) Abandon(ctx context.Context, orderID uuid.UUID) (Payment, error) {
	p, err := Newest(ctx, s.Pool, orderID)
	if err != nil || !p.Live() {
		return p, err
	}
	if p.State == Creating {
		if p, err = s.Start(ctx, p.ID); err != nil && p.State != Failed {
			return p, err
		}
	}
	if !p.Live() {
		return p, nil
	}
	return s.expire(ctx, p)
}

// expire asks the provider to end an open session and settles its answer.
func (s *Service) expire(ctx context.Context, p Payment) (Payment, error) {
	if p.State != Open {
		return s.Reconcile(ctx, p.ID)
	}
	session, err := s.gatewayOf(p).ExpireSession(ctx, p.SessionID)
	if err != nil {
		return p, unavailable(err)
	}
	return s.settle(ctx, p, session)
}

// Newest is an order's newest attempt that is not a gift card's; NotFound "payment_not_found" when it has none.
func Newest(ctx context.Context, q pg.Querier, orderID uuid.UUID) (Payment, error) {
	attempts, err := OfOrder(ctx, q, orderID)
	if err != nil {
		return Payment{}, err
	}
	if len(attempts) == 0 {
		return Payment{}, fault.New(fault.NotFound, "payment_not_found", "nobody has tried to pay this order")
	}
	newest := attempts[0]
	for _, p := range attempts {
		if p.Gateway != ByGiftCard {
			newest = p
		}
	}
	return newest, nil
}

// settle applies a fetched session to the attempt in one transaction, the order's row locked first.
func (s *Service) settle(ctx context.Context, p Payment, session Session) (Payment, error) {
	if d := decide(p, session, s.gatewayOf(p).Livemode()); d.Event == "" && !owesBalance(p, session) {
		return p, nil
	}
	var settled Payment
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if err := s.Settler.Lock(ctx, tx, p.OrderID); err != nil {
			return err
		}
		now, err := lockPayment(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		settled, err = s.apply(ctx, tx, now, session)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("settle payment %s: %w", p.ID, err)
	}
	if settled.State != p.State {
		mended(ctx, "payment "+p.ID.String()+" was "+p.State+", is "+settled.State)
		s.Logger.InfoContext(ctx, "payment settled", "payment", p.ID, "order", p.OrderID, "from", p.State, "to", settled.State)
	}
	if settled.Quarantined != "" && p.Quarantined == "" {
		s.Logger.ErrorContext(ctx, "payment quarantined: compare it with the provider's dashboard and refund it there or by hand",
			"payment", p.ID, "order", p.OrderID, "reason", settled.Quarantined)
	}
	return settled, nil
}

// SettleTaken settles a session of the desk whose money staff have just taken, in the transaction that
// took it. The caller holds the order's lock.
func (s *Service) SettleTaken(ctx context.Context, tx pgx.Tx, id uuid.UUID, session Session) (Payment, error) {
	p, err := lockPayment(ctx, tx, id)
	if err != nil {
		return p, err
	}
	return s.apply(ctx, tx, p, session)
}

// owesBalance tells whether the session brings the balance transaction that the payment still lacks.
func owesBalance(p Payment, s Session) bool {
	return p.State == Captured && p.Fee == nil && s.Intent != nil && s.Intent.Balance != nil
}

// apply is the step of settling, under the locks of order and payment.
func (s *Service) apply(ctx context.Context, tx pgx.Tx, p Payment, session Session) (Payment, error) {
	d := decide(p, session, s.gatewayOf(p).Livemode())
	if d.Event != "" {
		if p.SessionID == "" {
			p.SessionID, p.SessionURL = session.ID, session.URL
		}
		if in := session.Intent; in != nil {
			p.IntentID, p.ChargeID, p.Method = in.ID, in.ChargeID, in.Method
		}
		p.TakenBy = session.By
		p.Quarantined = d.Quarantine
		reason := d.Reason
		if d.Quarantine != "" {
			reason = "quarantined: " + d.Quarantine
		}
		var err error
		if p, err = movePayment(ctx, tx, p, d.Event, byProvider(p), reason); err != nil {
			return p, err
		}
		if err := s.tell(ctx, tx, p, d); err != nil {
			return p, err
		}
	}
	if owesBalance(p, session) {
		return s.book(ctx, tx, p, *session.Intent)
	}
	return p, nil
}

// tell hands the step to the Settler.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, p Payment, d decision) error {
	switch d.Event {
	case "process":
		return s.Settler.Processing(ctx, tx, p)
	case "fail", "refuse":
		return s.Settler.Failed(ctx, tx, p)
	case "expire":
		return s.Settler.Expired(ctx, tx, p)
	case "capture":
		if p.Quarantined != "" {
			return nil
		}
		reason, err := s.Settler.Captured(ctx, tx, p)
		if err != nil || reason == "" {
			return err
		}
		_, err = s.RequestRefund(ctx, tx, p, RefundNew{
			Amount: p.Amount, Reason: reason, Key: "unwanted:" + p.ID.String(), Actor: "system",
		})
		return err
	}
	return errors.New("payments: no such settling event: " + d.Event)
}

// book records the charge's balance transaction: the fee on the payment, the movement once.
func (s *Service) book(ctx context.Context, tx pgx.Tx, p Payment, in Intent) (Payment, error) {
	fee := in.Balance.Fee
	p.Fee, p.ChargeID, p.Method = &fee, in.ChargeID, in.Method
	_, err := tx.Exec(ctx, sqlStoreFee, pgx.NamedArgs{"id": p.ID, "fee": int64(fee), "charge_id": p.ChargeID, "method": p.Method})
	if err != nil {
		return p, err
	}
	return p, s.balanceChanged(ctx, tx, p, *in.Balance, nil)
}

// balanceChanged tells the Settler of a balance transaction that has not been seen before.
func (s *Service) balanceChanged(ctx context.Context, tx pgx.Tx, p Payment, b Balance, refund *uuid.UUID) error {
	tag, err := tx.Exec(ctx, sqlInsertBalance, pgx.NamedArgs{
		"id": b.ID, "payment_id": p.ID, "refund_id": refund, "kind": b.Kind,
		"amount": int64(b.Amount), "fee": int64(b.Fee), "net": int64(b.Net), "at": b.At,
	})
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return s.Settler.BalanceChanged(ctx, tx, p, BalanceChange{
		TxnID: b.ID, Kind: b.Kind, Amount: b.Amount, Fee: b.Fee, Net: b.Net, At: b.At, RefundID: refund,
	})
}

// unavailable says that the provider could not be asked, which is nobody's answer about the money.
func unavailable(err error) error {
	return fault.New(fault.Unavailable, "payment_unknown", "the payment provider could not be reached: ask again in a moment").Because(err)
}
