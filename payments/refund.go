package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
)

// The origins of a refund.
const (
	FromShop      = "shop"
	FromDashboard = "dashboard"
)

// Refund is money going back. State is one of Requested, Pending, Succeeded, RefundFailed. Detail is
// whatever the one who asked for it wants to find again (which lines, which shipping).
type Refund struct {
	ID, PaymentID, OrderID uuid.UUID
	State                  string
	Amount                 money.Amount
	Reason, Origin         string
	Detail                 json.RawMessage
	ProviderID, Failure    string
	CreatedAt              time.Time

	key   string
	seq   int
	stale bool
}

// Counts tells whether the refund's amount is taken or about to be taken from what was captured.
func (r Refund) Counts() bool { return r.State != RefundFailed }

// RefundNew is what RequestRefund needs. Key names the request, so that asking twice for the same
// order with one key makes one refund; without a key every request is its own. Actor is who asks.
type RefundNew struct {
	Amount money.Amount
	Reason string
	Detail json.RawMessage
	Key    string
	Actor  string
}

// RequestRefund writes a refund down together with the job that carries it out. The caller holds the
// order's lock. More than what is left of the captured amount: Conflict "exceeds_refundable" with
// the parameter remaining; nothing is left of a payment that is not captured, or is quarantined, or
// that a bank has taken back.
func (s *Service) RequestRefund(ctx context.Context, tx pgx.Tx, p Payment, n RefundNew) (Refund, error) {
	if n.Amount <= 0 {
		return Refund{}, fault.New(fault.Invalid, "invalid_fields", "a refund gives back at least one cent")
	}
	p, err := lockPayment(ctx, tx, p.ID)
	if err != nil {
		return Refund{}, err
	}
	r := Refund{
		ID: uuid.New(), PaymentID: p.ID, OrderID: p.OrderID, State: Requested, Amount: n.Amount,
		Reason: n.Reason, Origin: FromShop, Detail: n.Detail,
	}
	if n.Key != "" {
		r.ID = uuid.NewSHA1(p.ID, []byte(n.Key))
	}
	made, err := refundsOfPayment(ctx, tx, p.ID)
	if err != nil {
		return Refund{}, err
	}
	var left money.Amount
	if p.State == Captured && p.Quarantined == "" {
		left = p.Amount
	}
	for _, m := range made {
		if m.ID == r.ID {
			return m, nil
		}
		if m.Counts() {
			left -= m.Amount
		}
	}
	disputed, err := DisputesOf(ctx, tx, p.OrderID)
	if err != nil {
		return Refund{}, err
	}
	for _, d := range disputed {
		if d.PaymentID == p.ID && d.Took() {
			left -= d.Amount
		}
	}
	if n.Amount > left {
		return Refund{}, fault.New(fault.Conflict, "exceeds_refundable", "this is more than what is left to refund").
			With("remaining", int64(max(left, 0)))
	}
	r.key = "re-" + r.ID.String()
	if r, err = insertRefund(ctx, tx, r, "request", n.Actor); err != nil {
		return r, err
	}
	switch p.Gateway {
	case ByGiftCard:
		return refundToGiftCard(ctx, tx, p, r)
	case Desk:
		// Who asks for it gives it back by hand: there is nobody else to ask.
		return moveRefund(ctx, tx, r, "succeed", n.Actor, "")
	}
	return r, s.Jobs.InsertTx(ctx, tx, RefundArgs{RefundID: r.ID}, nil)
}

func insertRefund(ctx context.Context, tx pgx.Tx, r Refund, event, actor string) (Refund, error) {
	if len(r.Detail) == 0 {
		r.Detail = json.RawMessage(`{}`)
	}
	r.seq = 1
	err := tx.QueryRow(ctx, sqlInsertRefund, pgx.NamedArgs{
		"id": r.ID, "payment_id": r.PaymentID, "order_id": r.OrderID, "state": r.State, "amount": int64(r.Amount),
		"reason": r.Reason, "origin": r.Origin, "detail": string(r.Detail), "idempotency_key": r.key,
		"provider_id": r.ProviderID, "failure": r.Failure,
	}).Scan(&r.CreatedAt)
	if err != nil {
		return r, fmt.Errorf("insert refund: %w", err)
	}
	_, err = tx.Exec(ctx, sqlInsertRefundStep, pgx.NamedArgs{
		"refund_id": r.ID, "seq": 1, "from_state": "", "event": event, "to_state": r.State, "actor": actor, "reason": r.Reason,
	})
	return r, err
}

// RefundsOf lists an order's refunds, oldest first.
func RefundsOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]Refund, error) {
	rows, err := q.Query(ctx, sqlRefundsOfOrder, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRefund)
}

func refundsOfPayment(ctx context.Context, q pg.Querier, paymentID uuid.UUID) ([]Refund, error) {
	rows, err := q.Query(ctx, sqlRefundsOfPayment, pgx.NamedArgs{"payment_id": paymentID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRefund)
}

// RefundByID reads one refund; NotFound "refund_not_found" when there is none.
func RefundByID(ctx context.Context, q pg.Querier, id uuid.UUID) (Refund, error) {
	rows, err := q.Query(ctx, sqlRefund, pgx.NamedArgs{"id": id})
	if err != nil {
		return Refund{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRefund)
	if errors.Is(err, pgx.ErrNoRows) {
		return Refund{}, fault.New(fault.NotFound, "refund_not_found", "there is no such refund")
	}
	return r, err
}

func scanRefund(row pgx.CollectableRow) (Refund, error) {
	var r Refund
	var amount int64
	err := row.Scan(&r.ID, &r.PaymentID, &r.OrderID, &r.State, &amount, &r.Reason, &r.Origin, &r.Detail,
		&r.ProviderID, &r.Failure, &r.CreatedAt, &r.key, &r.seq, &r.stale)
	r.Amount = money.Amount(amount)
	return r, err
}

// ExecuteRefund carries a requested refund out at the provider and records the answer. It may be
// repeated: the stored key makes one refund of many calls, and a key that the provider has forgotten
// or burnt is replaced only after its list of refunds has shown that there is none of ours.
func (s *Service) ExecuteRefund(ctx context.Context, id uuid.UUID) error {
	r, err := RefundByID(ctx, s.Pool, id)
	if err != nil || r.State != Requested {
		return err
	}
	p, err := ByID(ctx, s.Pool, r.PaymentID)
	if err != nil {
		return err
	}
	if p.Gateway != Stripe {
		return fmt.Errorf("refund %s: the gateway %s gives nothing back by itself", r.ID, p.Gateway)
	}
	if r.stale {
		if r, err = s.findOrRekey(ctx, p, r); err != nil || r.State != Requested {
			return err
		}
	}
	made, err := s.Gateway.CreateRefund(ctx, r.key, p.IntentID, r)
	refusal, refused := asRefusal(err)
	switch {
	case err == nil:
		return s.settleRefunds(ctx, p, []ProviderRefund{made})
	case refused:
		return s.refundRefused(ctx, p, r, refusal)
	case outcomeStored(err):
		_, listErr := s.findOrRekey(ctx, p, r)
		return errors.Join(err, listErr)
	}
	return err
}

// findOrRekey looks for the refund at the provider: found, it is settled; not found, it gets a new
// key. The answer is the refund as it then is.
func (s *Service) findOrRekey(ctx context.Context, p Payment, r Refund) (Refund, error) {
	found, err := s.findRefund(ctx, p, r)
	if err != nil {
		return r, err
	}
	if !found {
		err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, sqlRekeyRefund, pgx.NamedArgs{"id": r.ID, "was": r.key, "key": nextKey(r.ID, r.key)})
			return err
		})
		if err != nil {
			return r, err
		}
	}
	return RefundByID(ctx, s.Pool, r.ID)
}

// nextKey counts up: re-<id>, re-<id>-2, re-<id>-3…
func nextKey(id uuid.UUID, key string) string {
	first := "re-" + id.String()
	n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(key, first), "-"))
	if err != nil {
		n = 1
	}
	return first + "-" + strconv.Itoa(n+1)
}

// findRefund settles every refund of the intent and tells whether ours is among them.
func (s *Service) findRefund(ctx context.Context, p Payment, r Refund) (bool, error) {
	list, err := s.Gateway.Refunds(ctx, p.IntentID)
	if err != nil {
		return false, err
	}
	for _, l := range list {
		if l.RefundID == r.ID.String() {
			return true, s.settleRefunds(ctx, p, list)
		}
	}
	return false, nil
}

// refundRefused fails a refund that the provider will not make, after making sure that it has not
// made it before. Its amount is free again.
func (s *Service) refundRefused(ctx context.Context, p Payment, r Refund, refusal *Refusal) error {
	if found, err := s.findRefund(ctx, p, r); err != nil || found {
		return err
	}
	s.Logger.ErrorContext(ctx, "refund refused: give the money back by another way", "refund", r.ID, "order", r.OrderID, "error", refusal)
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if err := s.Settler.Lock(ctx, tx, p.OrderID); err != nil {
			return err
		}
		if _, err := lockPayment(ctx, tx, p.ID); err != nil {
			return err
		}
		now, err := RefundByID(ctx, tx, r.ID)
		if err != nil || now.State != Requested {
			return err
		}
		now.Failure = refusal.Error()
		_, err = moveRefund(ctx, tx, now, "fail", byProvider(p), now.Failure)
		return err
	})
}
