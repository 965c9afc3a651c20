package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
)

// BalanceLine is one movement of the provider's balance, whatever it is about. Kind is the provider's
// reporting category: charge, refund, refund_failure, dispute, dispute_reversal, fee, payout,
// payout_reversal… Source is what it is of: a charge, a refund, a dispute, a payout. PaymentID, RefundID and
// DisputeID are what it belongs to here.
type BalanceLine struct {
	ID, Kind, Source, Description string
	Amount, Fee, Net              money.Amount
	Currency                      string
	At                            time.Time
	PaymentID, RefundID           *uuid.UUID
	DisputeID                     *string
	OrderID                       *uuid.UUID
}

// Known tells whether the line belongs to something of the shop's, or is one that needs nothing to.
func (l BalanceLine) Known() bool {
	return l.PaymentID != nil || l.RefundID != nil || l.DisputeID != nil || l.Kind == KindFee || l.Kind == KindPayout || l.Kind == KindPayoutReversal
}

// The kinds of movement that belong to no payment.
const (
	KindFee            = "fee"
	KindPayout         = "payout"
	KindPayoutReversal = "payout_reversal"
)

// Payout is money that the provider sends to the bank. Only an automatic one says what it consists of;
// Listed tells that the provider has finished that list.
type Payout struct {
	ID                   string
	Amount               money.Amount
	Currency, Status     string
	Automatic, Listed    bool
	Failure              string
	CreatedAt, ArrivesOn time.Time
	// Sum is what its lines come to, Unknown how many of them belong to nothing here.
	Sum            money.Amount
	Lines, Unknown int
}

// Difference is what the payout is more than its lines.
func (p Payout) Difference() money.Amount { return p.Amount - p.Sum }

// keepLine keeps a movement that has not been seen before, with what it belongs to, and hands it to the
// Settler when it is neither a payment nor a refund, which are booked as they are settled.
func (s *Service) keepLine(ctx context.Context, l BalanceLine) error {
	var seen bool
	if err := s.Pool.QueryRow(ctx, sqlLineSeen, pgx.NamedArgs{"id": l.ID}).Scan(&seen); err != nil || seen {
		return err
	}
	if err := s.settleSource(ctx, l); err != nil && !foreign(err) {
		return err
	}
	return s.storeLine(ctx, l)
}

func (s *Service) storeLine(ctx context.Context, l BalanceLine) error {
	if err := s.Pool.QueryRow(ctx, sqlWhoseLine, pgx.NamedArgs{"source": l.Source}).Scan(&l.PaymentID, &l.RefundID, &l.DisputeID, &l.OrderID); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if l.OrderID != nil {
			if err := s.Settler.Lock(ctx, tx, *l.OrderID); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, sqlKeepLine, pgx.NamedArgs{
			"id": l.ID, "kind": l.Kind, "source": l.Source, "description": clip(l.Description, 200), "amount": int64(l.Amount), "fee": int64(l.Fee), "net": int64(l.Net), "currency": l.Currency,
			"at": l.At, "payment_id": l.PaymentID, "refund_id": l.RefundID, "dispute_id": l.DisputeID,
		})
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if l.DisputeID == nil && (l.PaymentID != nil || l.RefundID != nil) || l.Currency != money.Currency {
			return nil
		}
		mended(ctx, "balance transaction "+l.ID+" ("+l.Kind+", "+l.Net.Point()+") is booked")
		return s.Settler.BalanceMoved(ctx, tx, l)
	})
}

// settleSource settles what a movement is of, when the shop has not heard of that yet: lost webhooks are
// found by the money that they were about.
func (s *Service) settleSource(ctx context.Context, l BalanceLine) error {
	if len(l.Source) < 3 {
		return nil
	}
	switch l.Source[:3] {
	case "dp_", "du_":
		return s.ReconcileDispute(ctx, l.Source)
	case "re_", "pyr":
		id, ok, err := paymentID(ctx, s.Pool, sqlPaymentByRefund, pgx.NamedArgs{"provider_id": l.Source})
		if err != nil || !ok {
			return err
		}
		return s.ReconcileRefunds(ctx, id)
	case "ch_", "py_":
		id, ok, err := paymentID(ctx, s.Pool, sqlPaymentByCharge, pgx.NamedArgs{"charge_id": l.Source})
		if err != nil || !ok {
			return err
		}
		_, err = s.Reconcile(ctx, id)
		return err
	}
	return nil
}

// ReconcilePayout fetches a payout with the movements that it consists of, and books its own: the money
// leaves the provider's account when the provider says so, not in the night after.
func (s *Service) ReconcilePayout(ctx context.Context, id string) error {
	p, err := s.Gateway.Payout(ctx, id)
	if err != nil {
		return err
	}
	moves, err := s.Gateway.PayoutMoves(ctx, id)
	if err != nil {
		return unavailable(err)
	}
	for _, l := range moves {
		if err := s.keepLine(ctx, l); err != nil {
			return fmt.Errorf("balance transaction %s: %w", l.ID, err)
		}
	}
	return s.keepPayout(ctx, p)
}

func (s *Service) keepPayout(ctx context.Context, p Payout) error {
	var lines []BalanceLine
	var err error
	if p.Automatic || p.Listed {
		if lines, err = s.Gateway.PayoutLines(ctx, p.ID); err != nil {
			return unavailable(err)
		}
	}
	for _, l := range lines {
		if err := s.keepLine(ctx, l); err != nil {
			return fmt.Errorf("balance transaction %s: %w", l.ID, err)
		}
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlKeepPayout, pgx.NamedArgs{
			"id": p.ID, "amount": int64(p.Amount), "currency": p.Currency, "status": p.Status, "automatic": p.Automatic, "failure": p.Failure, "created_at": p.CreatedAt,
			"arrives_on": p.ArrivesOn.Format(time.DateOnly), "listed": p.Listed,
		})
		if err != nil {
			return err
		}
		if tag.RowsAffected() > 0 {
			mended(ctx, "payout "+p.ID+" of "+p.Amount.Point()+" is "+p.Status)
		}
		for _, l := range lines {
			if _, err := tx.Exec(ctx, sqlKeepPayoutLine, pgx.NamedArgs{"payout_id": p.ID, "line_id": l.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Payouts lists the newest payouts, each with what its lines come to.
func Payouts(ctx context.Context, q pg.Querier, limit int) ([]Payout, error) {
	return payouts(ctx, q, sqlPayouts, pgx.NamedArgs{"limit": limit})
}

// GetPayout reads one payout; NotFound "payout_not_found" when there is none.
func GetPayout(ctx context.Context, q pg.Querier, id string) (Payout, error) {
	list, err := payouts(ctx, q, sqlPayoutByID, pgx.NamedArgs{"id": id})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "payout_not_found", "there is no such payout")
	}
	if err != nil {
		return Payout{}, err
	}
	return list[0], nil
}

func payouts(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]Payout, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Payout, error) {
		var p Payout
		err := row.Scan(&p.ID, &p.Amount, &p.Currency, &p.Status, &p.Automatic, &p.Listed, &p.Failure, &p.CreatedAt, &p.ArrivesOn, &p.Sum, &p.Lines, &p.Unknown)
		return p, err
	})
}

// LinesOfPayout lists what a payout consists of, in the order of time.
func LinesOfPayout(ctx context.Context, q pg.Querier, id string) ([]BalanceLine, error) {
	return lines(ctx, q, sqlLinesOfPayout, pgx.NamedArgs{"id": id})
}

// LinesOfOrder lists the movements of the provider's balance that an order caused, in the order of time.
func LinesOfOrder(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]BalanceLine, error) {
	return lines(ctx, q, sqlLinesOfOrder, pgx.NamedArgs{"order_id": orderID})
}

// StrangeLines lists the newest movements that belong to nothing of the shop's.
func StrangeLines(ctx context.Context, q pg.Querier) ([]BalanceLine, error) {
	return lines(ctx, q, sqlStrangeLines, nil)
}

func lines(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]BalanceLine, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (BalanceLine, error) {
		var l BalanceLine
		err := row.Scan(&l.ID, &l.Kind, &l.Source, &l.Description, &l.Amount, &l.Fee, &l.Net, &l.Currency, &l.At, &l.PaymentID, &l.RefundID, &l.DisputeID, &l.OrderID)
		return l, err
	})
}

// PayoutOfLine names the payout by which a movement reached the bank; empty while it has not.
func PayoutOfLine(ctx context.Context, q pg.Querier, id string) (string, error) {
	var payout string
	err := q.QueryRow(ctx, sqlPayoutOfLine, pgx.NamedArgs{"id": id}).Scan(&payout)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return payout, err
}
