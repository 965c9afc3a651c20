package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
)

// ProviderDispute is a dispute at the provider, as fetched: a bank takes a payment back in its customer's
// name, or asks before it does. Status is needs_response, under_review, won or lost, or one of those with
// warning_ before it, for which no money moves.
type ProviderDispute struct {
	ID, IntentID   string
	Status, Reason string
	Amount         money.Amount
	Currency       string
	OpenedAt       time.Time
	DueBy          *time.Time
	// Lines are the movements of the provider's balance that it has caused so far.
	Lines []BalanceLine
}

// How a dispute ends.
const (
	DisputeWon  = "won"
	DisputeLost = "lost"
)

var openDispute = []string{"needs_response", "under_review", "warning_needs_response", "warning_under_review"}

// Dispute is a dispute as the shop keeps it. DueBy is until when the shop may answer.
type Dispute struct {
	ID                 string
	PaymentID, OrderID uuid.UUID
	Amount             money.Amount
	Reason, Status     string
	Open               bool
	DueBy              *time.Time
	OpenedAt           time.Time
	ClosedAt           *time.Time
}

// Answerable tells whether the bank waits for the shop's answer.
func (d Dispute) Answerable() bool {
	return d.Status == "needs_response" || d.Status == "warning_needs_response"
}

// Took tells whether the bank has taken the disputed amount for good: it is not given back a second time.
func (d Dispute) Took() bool { return d.Status == DisputeLost }

// ReconcileDispute fetches a dispute and settles what it says, in one transaction, the order's row locked
// first. ErrNotThere: it is about no payment of ours.
func (s *Service) ReconcileDispute(ctx context.Context, id string) error {
	fetched, err := s.Gateway.Dispute(ctx, id)
	if err != nil {
		return err
	}
	p, err := s.paymentOfIntent(ctx, fetched.IntentID)
	if err != nil {
		return err
	}
	if p, err = s.Reconcile(ctx, p.ID); err != nil {
		return err
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if err := s.Settler.Lock(ctx, tx, p.OrderID); err != nil {
			return err
		}
		return s.settleDispute(ctx, tx, p, fetched)
	})
	if err != nil {
		return fmt.Errorf("settle dispute %s: %w", id, err)
	}
	for _, l := range fetched.Lines {
		if err := s.storeLine(ctx, l); err != nil {
			return fmt.Errorf("balance transaction %s: %w", l.ID, err)
		}
	}
	return nil
}

// settleDispute is the step for one fetched dispute.
func (s *Service) settleDispute(ctx context.Context, tx pgx.Tx, p Payment, fetched ProviderDispute) error {
	known, err := disputes(ctx, tx, sqlDispute, pgx.NamedArgs{"id": fetched.ID})
	if err != nil {
		return err
	}
	if len(known) == 1 && (known[0].Status == fetched.Status || !known[0].Open && slices.Contains(openDispute, fetched.Status)) {
		return nil
	}
	d := Dispute{
		ID: fetched.ID, PaymentID: p.ID, OrderID: p.OrderID, Amount: fetched.Amount, Reason: fetched.Reason, Status: fetched.Status,
		Open: slices.Contains(openDispute, fetched.Status), DueBy: fetched.DueBy, OpenedAt: fetched.OpenedAt,
	}
	if _, err := tx.Exec(ctx, sqlKeepDispute, pgx.NamedArgs{
		"id": d.ID, "payment_id": d.PaymentID, "order_id": d.OrderID, "amount": int64(d.Amount), "reason": d.Reason, "status": d.Status, "open": d.Open, "due_by": d.DueBy, "opened_at": d.OpenedAt,
	}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlDisputeStep, pgx.NamedArgs{"id": d.ID, "status": d.Status}); err != nil {
		return err
	}
	mended(ctx, "dispute "+d.ID+" is "+d.Status)
	if len(known) == 0 {
		s.Logger.ErrorContext(ctx, "a payment is disputed: nothing of its order leaves until that is over", "dispute", d.ID, "order", d.OrderID)
		if err := s.Settler.DisputeOpened(ctx, tx, p, d); err != nil {
			return err
		}
	}
	if d.Open {
		return nil
	}
	return s.Settler.DisputeClosed(ctx, tx, p, d)
}

// paymentOfIntent finds the attempt that an intent belongs to; ErrNotThere when it is none of ours.
func (s *Service) paymentOfIntent(ctx context.Context, intentID string) (Payment, error) {
	id, err := s.paymentOf(ctx, Event{Subject: AboutDispute, IntentID: intentID})
	if err != nil {
		return Payment{}, err
	}
	return ByID(ctx, s.Pool, id)
}

// DisputesOf lists an order's disputes, oldest first.
func DisputesOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]Dispute, error) {
	return disputes(ctx, q, sqlDisputesOfOrder, pgx.NamedArgs{"order_id": orderID})
}

// OpenDisputes lists the disputes that are not over, those that must be answered first first.
func OpenDisputes(ctx context.Context, q pg.Querier) ([]Dispute, error) {
	return disputes(ctx, q, sqlOpenDisputes, nil)
}

func disputes(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]Dispute, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Dispute, error) {
		var d Dispute
		err := row.Scan(&d.ID, &d.PaymentID, &d.OrderID, &d.Amount, &d.Reason, &d.Status, &d.Open, &d.DueBy, &d.OpenedAt, &d.ClosedAt)
		return d, err
	})
}

// FraudWarning is a card network's early warning that a payment may be fraud.
type FraudWarning struct {
	ID                 string
	PaymentID, OrderID uuid.UUID
	Kind               string
	WarnedAt           time.Time
	DoneAt             *time.Time
	DoneBy             string
}

// warn keeps an early warning. Nothing more is told about it than its event: it says who is meant, and a
// person decides.
func (s *Service) warn(ctx context.Context, e Event) error {
	var said struct {
		Data struct {
			Object struct {
				Kind string `json:"fraud_type"`
			} `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(e.Payload, &said); err != nil {
		return fmt.Errorf("early warning %s: %w", e.ID, err)
	}
	p, err := s.paymentOfIntent(ctx, e.IntentID)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlKeepWarning, pgx.NamedArgs{"id": e.ObjectID, "payment_id": p.ID, "order_id": p.OrderID, "kind": clip(said.Data.Object.Kind, 60), "warned_at": e.CreatedAt})
		return err
	})
}

// OpenWarnings lists the warnings that nobody has looked at, oldest first.
func OpenWarnings(ctx context.Context, q pg.Querier) ([]FraudWarning, error) {
	return warnings(ctx, q, sqlOpenWarnings, nil)
}

// WarningsOf lists an order's warnings, oldest first.
func WarningsOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]FraudWarning, error) {
	return warnings(ctx, q, sqlWarningsOfOrder, pgx.NamedArgs{"order_id": orderID})
}

func warnings(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]FraudWarning, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (FraudWarning, error) {
		var w FraudWarning
		err := row.Scan(&w.ID, &w.PaymentID, &w.OrderID, &w.Kind, &w.WarnedAt, &w.DoneAt, &w.DoneBy)
		return w, err
	})
}

// WarningDone says that somebody has looked at a warning; NotFound "warning_not_found" when there is none
// that waits.
func WarningDone(ctx context.Context, tx pgx.Tx, id, actor string) (FraudWarning, error) {
	list, err := warnings(ctx, tx, sqlWarningDone, pgx.NamedArgs{"id": id, "actor": actor})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "warning_not_found", "there is no such warning, or somebody has looked at it already")
	}
	if err != nil {
		return FraudWarning{}, err
	}
	return list[0], nil
}

// foreign tells whether an error only says that something is none of ours.
func foreign(err error) bool { return errors.Is(err, ErrNotThere) }
