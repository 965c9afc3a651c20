package shop

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/payments"
	"boutique/payments/desk"
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
	if err := s.step(ctx, tx, &o, event, actorOf(p), ""); err != nil {
		return "", err
	}
	if o.CartID != nil {
		if _, err := tx.Exec(ctx, sqlDeleteCartLines, pgx.NamedArgs{"id": *o.CartID}); err != nil {
			return "", err
		}
	}
	if err := catalog.Take(ctx, tx, o.ID, o.Number, actorOf(p)); err != nil {
		return "", err
	}
	spent, err := payments.SpendGiftCards(ctx, tx, o.ID, p.Request)
	if err != nil {
		return "", err
	}
	receipt, err := s.numberReceipt(ctx, tx, p)
	if err != nil {
		return "", err
	}
	var invoice ledger.Issued
	if o.Physical() {
		if invoice, err = s.issueInvoice(ctx, tx, o, p); err != nil {
			return "", err
		}
	}
	if err := s.enqueue(ctx, tx, s.Mails.OrderConfirmed, OrderMail{Order: o, Invoice: invoice.Number}, "order_confirmed", o.ID); err != nil {
		return "", err
	}
	if err := s.bookGiftCards(ctx, tx, o, spent); err != nil {
		return "", err
	}
	if err := s.bookTaken(ctx, tx, o, p, receipt); err != nil {
		return "", err
	}
	if err := s.sellGiftCards(ctx, tx, &o); err != nil {
		return "", err
	}
	if o, err = orderByID(ctx, tx, o.ID); err != nil {
		return "", err
	}
	return "", s.completeIfDone(ctx, tx, &o, "system")
}

// actorOf names who made a payment known.
func actorOf(p payments.Payment) string {
	switch {
	case p.TakenBy != "":
		return p.TakenBy
	case p.Gateway == payments.None:
		return "system"
	}
	return p.Gateway
}

// bookGiftCards books what gift cards have paid of the order.
func (s *Service) bookGiftCards(ctx context.Context, tx pgx.Tx, o Order, spent []payments.Payment) error {
	for _, g := range spent {
		if err := ledger.PostGiftCardUsed(ctx, tx, ledger.GiftCardMove{Cause: "use:" + g.ID.String(), OrderID: o.ID, Reference: o.Number, Amount: g.Amount, At: s.Clock.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// bookTaken books the money of the payment that an order stands on: in the desk's journal what was taken
// there, else in the provider's.
func (s *Service) bookTaken(ctx context.Context, tx pgx.Tx, o Order, p payments.Payment, receipt desk.Receipt) error {
	if receipt.Number == "" {
		return s.bookCapture(ctx, tx, o, p)
	}
	return ledger.PostDeskReceipt(ctx, tx, ledger.DeskMove{Cause: p.ID.String(), OrderID: o.ID, Reference: o.Number, Number: receipt.Number, Account: tillAccounts[receipt.Means], Amount: p.Amount, At: receipt.At})
}

func (s *Service) bookCapture(ctx context.Context, tx pgx.Tx, o Order, p payments.Payment) error {
	if p.Amount == 0 {
		return nil
	}
	return ledger.PostCapture(ctx, tx, ledger.Capture{PaymentID: p.ID, OrderID: o.ID, Reference: o.Number, ProviderID: p.ChargeID, Method: p.Method, Amount: p.Amount, At: s.Clock.Now()})
}

// holdAgain tries to keep back the goods, the voucher and the gift cards of an order that had given
// them up; false when some are gone.
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
	if err == nil {
		err = reuseVoucher(ctx, attempt, o.ID)
	}
	if err == nil && o.GiftTotal > 0 {
		var takes []payments.GiftTake
		if takes, err = payments.GiftTakes(ctx, attempt, o.ID); err == nil {
			err = payments.HoldGiftCards(ctx, attempt, o.ID, takes)
		}
	}
	if fault.KindOf(err) == fault.Conflict && err != nil {
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

// Expired ends an order that was not paid in time. Who left a payment page is not bothered with a mail; who
// meant to come to the desk is told that their goods are on sale again.
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
	if err := letGo(ctx, tx, o.ID); err != nil || !o.AtDesk() {
		return err
	}
	return s.enqueue(ctx, tx, s.Mails.DeskEnded, OrderMail{Order: o}, "desk_ended", o.ID)
}

// letGo gives back what an order without payment holds: stock, then voucher, then gift cards.
func letGo(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) error {
	if err := catalog.Release(ctx, tx, orderID); err != nil {
		return err
	}
	if err := releaseVoucher(ctx, tx, orderID); err != nil {
		return err
	}
	return payments.ReleaseGiftCards(ctx, tx, orderID)
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
	receipt, err := s.givenBackAtDesk(ctx, tx, p, r, detail)
	if err != nil {
		return err
	}
	if standsOn(o, p) && detail.Replaces == nil && detail.PartOf == nil {
		var note ledger.Issued
		if detail.credited(r.Amount) > 0 {
			if note, err = s.issueCreditNote(ctx, tx, o, p, r); err != nil {
				return err
			}
		}
		shown := r
		shown.Amount = detail.whole(r.Amount)
		if err := s.enqueue(ctx, tx, s.Mails.OrderRefunded, OrderMail{Order: o, Refund: &shown, Invoice: note.Number}, "order_refunded", r.ID); err != nil {
			return err
		}
	}
	switch p.Gateway {
	case payments.Desk:
		err = ledger.PostDeskRefund(ctx, tx, ledger.DeskMove{Cause: r.ID.String(), OrderID: o.ID, Reference: o.Number, Number: receipt.Number, Account: tillAccounts[receipt.Means], Amount: r.Amount, At: receipt.At})
	case payments.ByGiftCard:
		err = ledger.PostGiftCardIssued(ctx, tx, ledger.GiftCardMove{Cause: "refund:" + r.ID.String(), OrderID: o.ID, Reference: o.Number, Amount: r.Amount, At: s.Clock.Now()})
	default:
		err = ledger.PostRefund(ctx, tx, ledger.Repayment{RefundID: r.ID, OrderID: o.ID, Reference: o.Number, ProviderID: r.ProviderID, Amount: r.Amount, At: s.Clock.Now()})
	}
	if err != nil {
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
