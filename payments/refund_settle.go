package payments

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
)

// ReconcileRefunds fetches every refund of the payment's intent and settles each: ours are moved,
// those made in the provider's dashboard are adopted. Nothing is derived from a sum that the
// provider keeps.
func (s *Service) ReconcileRefunds(ctx context.Context, id uuid.UUID) error {
	p, err := s.Reconcile(ctx, id)
	if err != nil || p.IntentID == "" {
		return err
	}
	list, err := s.Gateway.Refunds(ctx, p.IntentID)
	if err != nil {
		return unavailable(err)
	}
	return s.settleRefunds(ctx, p, list)
}

// settleRefunds applies fetched refunds in one transaction, the order's row locked first.
func (s *Service) settleRefunds(ctx context.Context, p Payment, list []ProviderRefund) error {
	if len(list) == 0 {
		return nil
	}
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if err := s.Settler.Lock(ctx, tx, p.OrderID); err != nil {
			return err
		}
		p, err := lockPayment(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		ours, err := refundsOfPayment(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		for _, fetched := range list {
			if err := s.settleRefund(ctx, tx, p, ours, fetched); err != nil {
				return fmt.Errorf("refund %s: %w", fetched.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("settle refunds of payment %s: %w", p.ID, err)
	}
	return nil
}

// settleRefund is the step for one fetched refund.
func (s *Service) settleRefund(ctx context.Context, tx pgx.Tx, p Payment, ours []Refund, fetched ProviderRefund) error {
	r, known := match(ours, fetched)
	if fetched.Currency != money.Currency || known && r.Amount != fetched.Amount {
		s.Logger.ErrorContext(ctx, "a refund at the provider is not the one that was asked for: settle it by hand",
			"refund", fetched.ID, "payment", p.ID, "got", int64(fetched.Amount), "currency", fetched.Currency)
		return nil
	}
	event := refundEvent(r, known, fetched)
	told := known && (r.State == Pending || r.State == Succeeded)
	if event != "" {
		var err error
		r.ProviderID, r.Failure = fetched.ID, fetched.Failure
		if known {
			r, err = moveRefund(ctx, tx, r, event, byProvider(p), fetched.Failure)
		} else {
			r, err = s.adopt(ctx, tx, p, fetched, event)
		}
		if err != nil {
			return err
		}
		mended(ctx, "refund "+r.ID.String()+" of "+r.Amount.Point()+" is "+r.State)
		if err := s.tellRefund(ctx, tx, p, r, told); err != nil {
			return err
		}
	}
	for _, b := range []*Balance{fetched.Balance, fetched.FailureBalance} {
		if b == nil || r.ID == uuid.Nil {
			continue
		}
		if err := s.balanceChanged(ctx, tx, p, *b, &r.ID); err != nil {
			return err
		}
	}
	return nil
}

// match finds our row for a fetched refund: by the id we wrote into its metadata, else by its own.
func match(ours []Refund, fetched ProviderRefund) (Refund, bool) {
	for _, r := range ours {
		if r.ProviderID == fetched.ID || r.ProviderID == "" && r.ID.String() == fetched.RefundID {
			return r, true
		}
	}
	return Refund{}, false
}

// refundEvent is the whole table of settling refunds: the step that leads from the stored state to
// the fetched one, "" when there is none. A fetch that is older than what is stored leads nowhere.
func refundEvent(r Refund, known bool, fetched ProviderRefund) string {
	var event string
	switch fetched.Status {
	case Pending, RefundRequiresAction:
		event = "accept"
	case Succeeded:
		event = "succeed"
	case RefundFailed, RefundCanceled:
		event = "fail"
	default:
		return ""
	}
	if !known {
		return map[string]string{"accept": "adopt_pending", "succeed": "adopt_succeeded", "fail": "adopt_failed"}[event]
	}
	if !RefundMachine.Can(r.State, event) {
		return ""
	}
	return event
}

// adopt writes down a refund that was made in the provider's dashboard.
func (s *Service) adopt(ctx context.Context, tx pgx.Tx, p Payment, fetched ProviderRefund, event string) (Refund, error) {
	state, err := RefundMachine.Next("", event)
	if err != nil {
		return Refund{}, err
	}
	return insertRefund(ctx, tx, Refund{
		ID: uuid.New(), PaymentID: p.ID, OrderID: p.OrderID, State: state, Amount: fetched.Amount,
		Origin: FromDashboard, ProviderID: fetched.ID, Failure: fetched.Failure, key: "dashboard-" + fetched.ID,
	}, event, byProvider(p))
}

// tellRefund hands the step to the Settler: told says that it has heard of this refund before.
func (s *Service) tellRefund(ctx context.Context, tx pgx.Tx, p Payment, r Refund, told bool) error {
	if r.State == RefundFailed {
		s.Logger.ErrorContext(ctx, "refund failed: give the money back by another way", "refund", r.ID, "order", r.OrderID, "reason", r.Failure)
	}
	switch {
	case p.Quarantined != "":
		return nil
	case r.State == RefundFailed && told:
		return s.Settler.RefundFailed(ctx, tx, p, r)
	case r.State != RefundFailed && !told:
		return s.Settler.Refunded(ctx, tx, p, r)
	}
	return nil
}
