// Package desk is the payments.Gateway of the office's own desk: cash, cheques and the card terminal.
// Its provider is the office, so that its sessions, its receipts and what it gives back are rows of the
// shop's own database, and what staff write down is the truth about them.
package desk

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/payments"
)

// The means by which the desk takes money; Transfer is one by which it gives money back only.
const (
	Cash         = "cash"
	Cheque       = "cheque"
	CardTerminal = "card_terminal"
	Transfer     = "transfer"
)

// Means lists what the desk takes, as staff choose from it.
func Means() []string { return []string{Cash, Cheque, CardTerminal} }

// WaysBack lists how the desk gives money back.
func WaysBack() []string { return []string{Cash, CardTerminal, Transfer} }

// Gateway is the desk as a payment provider.
type Gateway struct{ Pool *pgxpool.Pool }

var _ payments.Gateway = (*Gateway)(nil)

// Livemode is always true: money that is handed over is real.
func (g *Gateway) Livemode() bool { return true }

// APIVersion is empty: nobody is called.
func (g *Gateway) APIVersion() string { return "" }

// Methods are the means that the desk takes.
func (g *Gateway) Methods() []string { return Means() }

// CreateSession opens the desk for a payment. Asked again, it answers the session as it is.
func (g *Gateway) CreateSession(ctx context.Context, _ string, p payments.Payment) (payments.Session, error) {
	err := pg.InTx(ctx, g.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlInsertSession, pgx.NamedArgs{
			"payment_id": p.ID, "order_id": p.OrderID, "number": p.Request.OrderNumber, "amount": int64(p.Amount), "expires_at": p.ExpiresAt,
		})
		return err
	})
	if err != nil {
		return payments.Session{}, err
	}
	return g.Session(ctx, sessionID(p.ID))
}

// Session reads a session.
func (g *Gateway) Session(ctx context.Context, id string) (payments.Session, error) {
	payment, err := paymentOf(id)
	if err != nil {
		return payments.Session{}, err
	}
	return session(ctx, g.Pool, sqlSession, pgx.NamedArgs{"payment_id": payment})
}

// ExpireSession ends an open session. The row decides: one whose money was taken stays complete.
func (g *Gateway) ExpireSession(ctx context.Context, id string) (payments.Session, error) {
	payment, err := paymentOf(id)
	if err != nil {
		return payments.Session{}, err
	}
	err = pg.InTx(ctx, g.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlExpireSession, pgx.NamedArgs{"payment_id": payment})
		return err
	})
	if err != nil {
		return payments.Session{}, err
	}
	return g.Session(ctx, id)
}

// CreateRefund is refused: what the desk gives back is written down by who gives it back.
func (g *Gateway) CreateRefund(context.Context, string, string, payments.Refund) (payments.ProviderRefund, error) {
	return payments.ProviderRefund{}, &payments.Refusal{Code: "by_hand", Message: "the desk gives money back by hand"}
}

// Refunds lists what the desk gave back of a payment.
func (g *Gateway) Refunds(ctx context.Context, intentID string) ([]payments.ProviderRefund, error) {
	payment, err := paymentOf(intentID)
	if err != nil {
		return nil, err
	}
	rows, err := g.Pool.Query(ctx, sqlGivenBack, pgx.NamedArgs{"payment_id": payment})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (payments.ProviderRefund, error) {
		r := payments.ProviderRefund{IntentID: intentID, Status: payments.Succeeded, Currency: money.Currency}
		err := row.Scan(&r.ID, &r.RefundID, &r.Amount, &r.CreatedAt)
		return r, err
	})
}

// Intent is what a session says of the money that was taken.
func (g *Gateway) Intent(ctx context.Context, id string) (payments.Intent, error) {
	s, err := g.Session(ctx, id)
	if err != nil {
		return payments.Intent{}, err
	}
	if s.Intent == nil {
		return payments.Intent{}, payments.ErrNotThere
	}
	return *s.Intent, nil
}

// Dispute, balance and payouts are none: what lies in the till is the office's own.
func (g *Gateway) Dispute(context.Context, string) (payments.ProviderDispute, error) {
	return payments.ProviderDispute{}, payments.ErrNotThere
}

// BalanceLines are none.
func (g *Gateway) BalanceLines(context.Context, time.Time) ([]payments.BalanceLine, error) {
	return nil, nil
}

// Payout is none.
func (g *Gateway) Payout(context.Context, string) (payments.Payout, error) {
	return payments.Payout{}, payments.ErrNotThere
}

// Payouts are none.
func (g *Gateway) Payouts(context.Context, time.Time) ([]payments.Payout, error) { return nil, nil }

// PayoutLines are none.
func (g *Gateway) PayoutLines(context.Context, string) ([]payments.BalanceLine, error) {
	return nil, nil
}

// PayoutMoves are none: nobody pays out what lies in the till.
func (g *Gateway) PayoutMoves(context.Context, string) ([]payments.BalanceLine, error) {
	return nil, nil
}

// Events are none: what happens at the desk is settled as it happens.
func (g *Gateway) Events(context.Context, time.Time) ([]payments.Event, error) { return nil, nil }

// VerifyWebhook refuses everything: nobody writes on behalf of the desk.
func (g *Gateway) VerifyWebhook([]byte, string) (payments.Event, error) {
	return payments.Event{}, payments.ErrSignature
}

// ReadEvent refuses everything: the desk has no events.
func (g *Gateway) ReadEvent([]byte) (payments.Event, error) {
	return payments.Event{}, payments.ErrNotThere
}

const prefix = "desk_"

func sessionID(payment uuid.UUID) string { return prefix + payment.String() }

func paymentOf(id string) (uuid.UUID, error) {
	if len(id) <= len(prefix) || id[:len(prefix)] != prefix {
		return uuid.UUID{}, payments.ErrNotThere
	}
	payment, err := uuid.Parse(id[len(prefix):])
	if err != nil {
		return uuid.UUID{}, payments.ErrNotThere
	}
	return payment, nil
}

// session reads one session by a statement, in the words of a provider.
func session(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) (payments.Session, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return payments.Session{}, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanSession)
	if errors.Is(err, pgx.ErrNoRows) {
		return payments.Session{}, payments.ErrNotThere
	}
	return s, err
}

func scanSession(row pgx.CollectableRow) (payments.Session, error) {
	var payment, order uuid.UUID
	var state, means, by string
	var amount money.Amount
	var expires time.Time
	if err := row.Scan(&payment, &order, &amount, &state, &means, &by, &expires); err != nil {
		return payments.Session{}, err
	}
	s := payments.Session{
		ID: sessionID(payment), Status: state, PaymentStatus: payments.SessionUnpaid, Mode: "payment", Amount: amount, Currency: money.Currency, Livemode: true,
		OrderID: order.String(), PaymentID: payment.String(), Reference: order.String(), ExpiresAt: expires,
	}
	if state == payments.SessionComplete {
		s.PaymentStatus, s.By = payments.SessionPaid, by
		s.Intent = &payments.Intent{
			ID: s.ID, Status: payments.IntentSucceeded, OrderID: s.OrderID, PaymentID: s.PaymentID, Received: amount, Currency: money.Currency, Livemode: true, Method: means,
		}
	}
	return s, nil
}

// Close ends an open session in the caller's transaction: the shopper pays elsewhere. A session that is not open
// any more is a Conflict with code desk_closed.
func Close(ctx context.Context, tx pgx.Tx, payment uuid.UUID) error {
	tag, err := tx.Exec(ctx, sqlExpireSession, pgx.NamedArgs{"payment_id": payment})
	if err == nil && tag.RowsAffected() != 1 {
		err = fault.New(fault.Conflict, "desk_closed", "this order is no longer waiting to be paid at the desk: look at it again")
	}
	return err
}

// Taken is money that staff took from a shopper. Reference is the cheque's number or the terminal's ticket.
type Taken struct {
	PaymentID                uuid.UUID
	Means, Reference, Person string
}

// Take completes an open session: the money is in the till. The caller settles the session that it answers
// in the same transaction. A session that is not open any more is a Conflict with code desk_closed.
func Take(ctx context.Context, tx pgx.Tx, t Taken) (payments.Session, error) {
	s, err := session(ctx, tx, sqlTake, pgx.NamedArgs{"payment_id": t.PaymentID, "means": t.Means, "reference": t.Reference, "taken_by": t.Person})
	if errors.Is(err, payments.ErrNotThere) {
		return s, fault.New(fault.Conflict, "desk_closed", "this order is no longer waiting to be paid at the desk: look at it again")
	}
	return s, err
}
