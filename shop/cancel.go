package shop

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/payments"
)

// CancelOrder ends an order that nothing was sent of. One that waits for its payment loses its
// payment page first (when the provider says that it is paid, the order is paid and the answer is a
// Conflict with code order_paid); a paid one is refunded whole, its goods come back on sale.
func (s *Service) CancelOrder(ctx context.Context, number, reason, actor string) error {
	o, err := GetOrder(ctx, s.Pool, number)
	if err != nil {
		return err
	}
	if o.Status == AwaitingPayment {
		p, err := s.Payments.Abandon(ctx, o.ID)
		if err != nil {
			return err
		}
		if p.State == payments.Captured || p.State == payments.Processing {
			return fault.New(fault.Conflict, "order_paid", "the order was paid at this very moment: look at it again")
		}
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		o, err := s.lockByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		switch o.Status {
		case Cancelled:
			return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "order.cancel", Subject: "order:" + o.Number, Detail: map[string]any{"reason": reason, "was": o.Status}})
		case Confirmed:
			for _, l := range o.Lines {
				if l.Sent > 0 {
					return fault.New(fault.Conflict, "already_sent", "part of this order was sent: refund what comes back instead")
				}
			}
			_, left, _, err := refundable(ctx, tx, o)
			if err != nil {
				return err
			}
			if left > 0 {
				_, err = s.refund(ctx, tx, o, RefundRequest{Reason: reason, Key: "cancel-" + o.ID.String(), Actor: actor, cancels: true})
			} else {
				err = s.keepBack(ctx, tx, o, o.unsent(), actor, "cancelled before it was sent")
			}
			if err != nil {
				return err
			}
		}
		holds := o.Status == AwaitingPayment
		if err := s.step(ctx, tx, &o, EventCancel, actor, reason); err != nil {
			return err
		}
		if holds {
			if err := letGo(ctx, tx, o.ID); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "order.cancel", Subject: "order:" + o.Number, Detail: map[string]any{"reason": reason}})
	})
}

// GiveUp lets a shopper change a cart that has become an order: the payment page is closed at the
// provider first. When the provider says that it is paid, the order is paid and stays.
func (s *Service) GiveUp(ctx context.Context, o Order) (Order, error) {
	if o.Status == AwaitingPayment {
		if _, err := s.Payments.Abandon(ctx, o.ID); err != nil {
			return o, err
		}
	}
	return orderByID(ctx, s.Pool, o.ID)
}

// CheckPayment asks the provider where an order's payment stands and settles what it answers. It
// never fails because the provider is slow: the order is then answered as it is known.
func (s *Service) CheckPayment(ctx context.Context, o Order) (Order, error) {
	if o.Status == AwaitingPayment {
		if _, err := s.Payments.ReconcileOrder(ctx, o.ID); err != nil {
			s.Logger.WarnContext(ctx, "payment not checked", "order", o.Number, "error", err)
		}
	}
	return orderByID(context.WithoutCancel(ctx), s.Pool, o.ID)
}

// PaymentPage answers where an order that waits for its payment is paid; empty when nothing waits.
func (s *Service) PaymentPage(ctx context.Context, o Order) (string, error) {
	if o.Status != AwaitingPayment {
		return "", nil
	}
	placed, err := s.startPayment(ctx, o.ID)
	if err != nil || placed.Payment.State != payments.Open {
		return "", err
	}
	return placed.Payment.SessionURL, nil
}
