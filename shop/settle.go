package shop

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/payments"
	"boutique/payments/ledger"
)

// The reasons for which the shop gives a payment back at once.
const (
	ReturnDuplicate  = "duplicate"
	ReturnOutOfStock = "out_of_stock"
)

var _ payments.Settler = (*Service)(nil)

// Lock locks the order; it is the first lock of every settling transaction.
func (s *Service) Lock(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) error {
	var id uuid.UUID
	return tx.QueryRow(ctx, sqlLockOrder, pgx.NamedArgs{"id": orderID}).Scan(&id)
}

// Processing notes that the bank is still at work: the stock stays held.
func (s *Service) Processing(context.Context, pgx.Tx, payments.Payment) error { return nil }

// Captured settles money that has arrived: the order is confirmed, its stock taken, its invoice
// numbered, the books posted and the mail written, all in the caller's transaction. Money that the
// shop cannot keep is answered with the reason to give it back: a second payment of an order that
// is paid, or a late one whose goods are gone.
func (s *Service) Captured(ctx context.Context, tx pgx.Tx, p payments.Payment) (string, error) {
	o, err := orderByID(ctx, tx, p.OrderID)
	if err != nil {
		return "", err
	}
	if o.PaymentID != nil {
		return ReturnDuplicate, s.bookCapture(ctx, tx, o, p)
	}
	event := EventPay
	if o.Status != AwaitingPayment {
		event = EventRevive
		held, err := holdAgain(ctx, tx, o)
		if err != nil {
			return "", err
		}
		if !held {
			if err := s.bookCapture(ctx, tx, o, p); err != nil {
				return "", err
			}
			return ReturnOutOfStock, s.enqueue(ctx, tx, s.Mails.PaymentReturned, OrderMail{Order: o, Reason: ReturnOutOfStock}, "payment_returned", p.ID)
		}
	}
	if _, err := tx.Exec(ctx, sqlConfirmOrder, pgx.NamedArgs{"id": o.ID, "payment_id": p.ID}); err != nil {
		return "", err
	}
	if err := s.step(ctx, tx, &o, event, "stripe", ""); err != nil {
		return "", err
	}
	if o.CartID != nil {
		if _, err := tx.Exec(ctx, sqlDeleteCartLines, pgx.NamedArgs{"id": *o.CartID}); err != nil {
			return "", err
		}
	}
	if err := catalog.Take(ctx, tx, o.ID, o.Number, "stripe"); err != nil {
		return "", err
	}
	invoice, err := s.issueInvoice(ctx, tx, o, p)
	if err != nil {
		return "", err
	}
	if err := s.enqueue(ctx, tx, s.Mails.OrderConfirmed, OrderMail{Order: o, Invoice: invoice.Number}, "order_confirmed", o.ID); err != nil {
		return "", err
	}
	return "", s.bookCapture(ctx, tx, o, p)
}

func (s *Service) bookCapture(ctx context.Context, tx pgx.Tx, o Order, p payments.Payment) error {
	return ledger.PostCapture(ctx, tx, ledger.Capture{PaymentID: p.ID, OrderID: o.ID, Reference: o.Number, ProviderID: p.ChargeID, Amount: p.Amount, At: s.Clock.Now()})
}

// holdAgain tries to keep back the goods of an order that had given them up; false when some are gone.
func holdAgain(ctx context.Context, tx pgx.Tx, o Order) (bool, error) {
	want := make([]catalog.Quantity, len(o.Lines))
	for i, l := range o.Lines {
		want[i] = catalog.Quantity{VariantID: l.VariantID, Quantity: l.Quantity}
	}
	attempt, err := tx.Begin(ctx)
	if err != nil {
		return false, err
	}
	err = catalog.Hold(ctx, attempt, o.ID, want)
	if fault.Is(err, "out_of_stock") {
		return false, attempt.Rollback(ctx)
	}
	if err != nil {
		return false, err
	}
	return true, attempt.Commit(ctx)
}

// Failed ends an order whose payment failed for good: the stock comes back, the cart is free again.
func (s *Service) Failed(ctx context.Context, tx pgx.Tx, p payments.Payment) error {
	return s.giveUp(ctx, tx, p, "payment failed")
}

// Expired ends an order that was not paid in time; the shopper is not bothered with a mail.
func (s *Service) Expired(ctx context.Context, tx pgx.Tx, p payments.Payment) error {
	return s.giveUp(ctx, tx, p, "payment page expired")
}

func (s *Service) giveUp(ctx context.Context, tx pgx.Tx, p payments.Payment, reason string) error {
	o, err := orderByID(ctx, tx, p.OrderID)
	if err != nil || o.Status != AwaitingPayment {
		return err
	}
	if err := s.step(ctx, tx, &o, EventExpire, "system", reason); err != nil {
		return err
	}
	return catalog.Release(ctx, tx, o.ID)
}

// Refunded issues the credit note of a refund that the provider has accepted and books the money
// that leaves. Money that was never invoiced (a duplicate payment) has no credit note.
func (s *Service) Refunded(ctx context.Context, tx pgx.Tx, p payments.Payment, r payments.Refund) error {
	o, err := orderByID(ctx, tx, p.OrderID)
	if err != nil {
		return err
	}
	detail, err := parseRefundDetail(r.Detail)
	if err != nil {
		return err
	}
	if o.PaymentID != nil && *o.PaymentID == p.ID && detail.Replaces == nil {
		note, err := s.issueCreditNote(ctx, tx, o, p, r)
		if err != nil {
			return err
		}
		if err := s.enqueue(ctx, tx, s.Mails.OrderRefunded, OrderMail{Order: o, Refund: &r, Invoice: note.Number}, "order_refunded", r.ID); err != nil {
			return err
		}
	}
	if err := ledger.PostRefund(ctx, tx, ledger.Repayment{RefundID: r.ID, OrderID: o.ID, Reference: o.Number, ProviderID: r.ProviderID, Amount: r.Amount, At: s.Clock.Now()}); err != nil {
		return err
	}
	return s.completeIfDone(ctx, tx, &o, "system")
}

// RefundFailed books the money back that a failed refund had sent out. The credit note stays: the
// next refund for it makes no second one.
func (s *Service) RefundFailed(ctx context.Context, tx pgx.Tx, p payments.Payment, r payments.Refund) error {
	o, err := orderByID(ctx, tx, p.OrderID)
	if err != nil {
		return err
	}
	return ledger.PostRefundReversal(ctx, tx, ledger.Repayment{RefundID: r.ID, OrderID: o.ID, Reference: o.Number, ProviderID: r.ProviderID, Amount: r.Amount, At: s.Clock.Now()})
}

// BalanceChanged books the provider's fee of a balance transaction. The amounts themselves are
// booked with the payment and the refund that they belong to.
func (s *Service) BalanceChanged(ctx context.Context, tx pgx.Tx, p payments.Payment, b payments.BalanceChange) error {
	if b.Fee == 0 {
		return nil
	}
	o, err := orderByID(ctx, tx, p.OrderID)
	if err != nil {
		return err
	}
	return ledger.PostFee(ctx, tx, ledger.Fee{TxnID: b.TxnID, OrderID: o.ID, Reference: o.Number, Amount: b.Fee, At: b.At})
}

// step is the only writer of an order's state.
func (s *Service) step(ctx context.Context, tx pgx.Tx, o *Order, event, actor, reason string) error {
	to, err := OrderMachine.Next(o.Status, event)
	if err != nil {
		return err
	}
	if err := insertOrderHistory(ctx, tx, o.ID, o.seq+1, o.Status, event, to, actor, reason); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, sqlMoveOrder, pgx.NamedArgs{"id": o.ID, "state": to, "seq": o.seq + 1})
	if err != nil {
		return err
	}
	if tag.RowsAffected() != 1 {
		return fault.New(fault.Conflict, "order_moved", "somebody else changed this order at the same moment: look at it again")
	}
	o.Status, o.seq = to, o.seq+1
	return nil
}

func insertOrderHistory(ctx context.Context, tx pgx.Tx, id uuid.UUID, seq int, from, event, to, actor, reason string) error {
	_, err := tx.Exec(ctx, sqlInsertOrderHistory, pgx.NamedArgs{"order_id": id, "seq": seq, "from": from, "event": event, "to": to, "actor": actor, "reason": reason})
	return err
}
