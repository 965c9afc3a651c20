// Package payments is how money moves: attempts to pay an order, refunds, and the inbox of what the
// payment provider says about them. It knows orders by their id only; what a movement of money does
// to orders, stock and books is decided behind Settler.
//
// The truth about a payment is the object fetched from the provider, never an event's body and never
// a return address. One idempotent function, Reconcile, serves the webhook, the return page, the
// poll and the sweep.
package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/fault"
	"boutique/internal/jobs"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

const (
	// SessionLife is how long a shopper has to pay, and how long stock is held for it.
	SessionLife = 35 * time.Minute
	// KeyLife is how long an idempotency key is trusted: the provider forgets it after 24 hours.
	KeyLife = 23 * time.Hour
	// Minimum is the smallest amount that the provider takes, in cents.
	Minimum money.Amount = 50
	// maxLines is how many lines the provider takes for one session.
	maxLines = 100
)

// The gateways by which a payment is made. None is for an order whose total is zero.
const (
	Stripe = "stripe"
	Desk   = "desk"
	None   = "none"
)

// Service holds the use cases of payments. Gateway is the provider of online payments, Desk the office's
// own desk; both and Settler are wired by the program.
type Service struct {
	Pool    *pgxpool.Pool
	Jobs    *jobs.Client
	Gateway Gateway
	Desk    Gateway
	// Methods chooses the methods of the online payment page; nil leaves it to the Gateway.
	Methods func(context.Context) ([]string, error)
	Settler Settler
	Logger  *slog.Logger

	turns turns
	inbox inbox
}

// Payment is one attempt to pay an order. State is one of Creating, Open, Processing, Captured,
// Failed, Expired. Quarantined says why captured money may not be used for its order; it is empty
// for every other payment. Fee is nil until the provider's balance transaction has been seen.
type Payment struct {
	ID, OrderID           uuid.UUID
	N                     int
	Gateway               string
	State                 string
	Amount                money.Amount
	Request               Request
	SessionID, SessionURL string
	IntentID, ChargeID    string
	Method                string
	Fee                   *money.Amount
	Quarantined           string
	ExpiresAt, CreatedAt  time.Time
	CapturedAt            *time.Time
	// TakenBy is who took the money by hand, in the transaction that captures it.
	TakenBy string

	key string
	seq int
	// stale tells, by the database's clock, that the provider may have forgotten the key; overdue,
	// that the session has ended for certain.
	stale, overdue bool
}

// Live tells whether the attempt can still be paid.
func (p Payment) Live() bool {
	return p.State == Creating || p.State == Open || p.State == Processing
}

// Request is what the provider is asked for. It is stored with the attempt before anything is sent
// and sent word for word on every retry. SuccessURL may hold {CHECKOUT_SESSION_ID}, which the
// provider replaces. ExpiresAt is set by OpenPayment; Methods by Start, from the configuration.
type Request struct {
	OrderNumber string        `json:"order_number"`
	Lang        text.Lang     `json:"lang"`
	Email       string        `json:"email,omitempty"`
	Lines       []RequestLine `json:"lines"`
	Shipping    *RequestLine  `json:"shipping,omitempty"`
	SuccessURL  string        `json:"success_url"`
	CancelURL   string        `json:"cancel_url"`
	ExpiresAt   time.Time     `json:"expires_at"`
	Methods     []string      `json:"methods,omitempty"`
}

// RequestLine is one line of the payment page: its final total, for any quantity.
type RequestLine struct {
	Name   string       `json:"name"`
	Amount money.Amount `json:"amount"`
}

func (r Request) total() money.Amount {
	var total money.Amount
	for _, l := range r.Lines {
		total += l.Amount
	}
	if r.Shipping != nil {
		total += r.Shipping.Amount
	}
	return total
}

// New is what OpenPayment needs. At the Desk a payment may be as small as one cent, and waits for Life.
type New struct {
	OrderID uuid.UUID
	Amount  money.Amount
	Request Request
	Gateway string
	Life    time.Duration
}

// gatewayOf is the provider of an attempt; nil when it has none.
func (s *Service) gatewayOf(p Payment) Gateway {
	switch p.Gateway {
	case Stripe:
		return s.Gateway
	case Desk:
		return s.Desk
	}
	return nil
}

// OpenPayment writes down an attempt, with its parameters and its idempotency key, before anything
// is sent. The caller holds the order's lock. An amount of zero is captured at once without a
// provider, and the caller treats it as paid; 1 to 49 cents are refused: Invalid
// "amount_too_small". An order with a live attempt: Conflict "payment_in_progress".
func OpenPayment(ctx context.Context, tx pgx.Tx, n New) (Payment, error) {
	if got := n.Request.total(); got != n.Amount {
		return Payment{}, fmt.Errorf("payment of order %s: the lines make %d, the order %d", n.OrderID, got, n.Amount)
	}
	if n.Gateway == "" {
		n.Gateway, n.Life = Stripe, SessionLife
	}
	if n.Amount < 0 || n.Amount > 0 && n.Amount < Minimum && n.Gateway == Stripe {
		return Payment{}, fault.New(fault.Invalid, "amount_too_small", "an online payment starts at 50 cents: add an article").
			With("minimum", int64(Minimum))
	}
	attempts, err := OfOrder(ctx, tx, n.OrderID)
	if err != nil {
		return Payment{}, err
	}
	for _, a := range attempts {
		if a.Live() {
			return Payment{}, fault.New(fault.Conflict, "payment_in_progress", "this order is being paid: resume or abandon that payment first").
				With("payment", a.ID.String())
		}
	}
	p := Payment{
		ID: uuid.New(), OrderID: n.OrderID, N: len(attempts) + 1, Gateway: n.Gateway, State: Creating,
		Amount: n.Amount, Request: n.Request,
	}
	p.key = "co-" + p.ID.String()
	p.Request.Lines = fewer(p.Request.Lines)
	if n.Amount == 0 {
		p.Gateway = None
	}
	if p, err = insertPayment(ctx, tx, p, n.Life, "shopper"); err != nil || p.Gateway != None {
		return p, err
	}
	return movePayment(ctx, tx, p, "capture", "system", "nothing to pay")
}

// fewer folds the lines that the provider has no room for into the last one.
func fewer(lines []RequestLine) []RequestLine {
	if len(lines) <= maxLines {
		return lines
	}
	kept := append([]RequestLine(nil), lines[:maxLines-1]...)
	rest := RequestLine{Name: fmt.Sprintf("… (+%d)", len(lines)-len(kept))}
	for _, l := range lines[len(kept):] {
		rest.Amount += l.Amount
	}
	return append(kept, rest)
}

// insertPayment writes the row and the first step of its story. The end of the session is computed
// once, by the database's clock, and stored: another value on a retry would be another request.
func insertPayment(ctx context.Context, tx pgx.Tx, p Payment, life time.Duration, actor string) (Payment, error) {
	var now time.Time
	if err := tx.QueryRow(ctx, sqlNow).Scan(&now); err != nil {
		return p, err
	}
	p.ExpiresAt = now.Add(life).Truncate(time.Second)
	p.CreatedAt = now
	p.Request.ExpiresAt = p.ExpiresAt
	request, err := json.Marshal(p.Request)
	if err != nil {
		return p, err
	}
	p.seq = 1
	_, err = tx.Exec(ctx, sqlInsertPayment, pgx.NamedArgs{
		"id": p.ID, "order_id": p.OrderID, "n": p.N, "gateway": p.Gateway, "state": p.State,
		"amount": int64(p.Amount), "idempotency_key": p.key, "request": string(request), "expires_at": p.ExpiresAt,
	})
	if err != nil {
		return p, fmt.Errorf("insert payment: %w", err)
	}
	_, err = tx.Exec(ctx, sqlInsertPaymentStep, pgx.NamedArgs{
		"payment_id": p.ID, "seq": 1, "from_state": "", "event": "open", "to_state": p.State, "actor": actor, "reason": "",
	})
	return p, err
}

// ByID reads one attempt; NotFound "payment_not_found" when there is none.
func ByID(ctx context.Context, q pg.Querier, id uuid.UUID) (Payment, error) {
	return onePayment(ctx, q, sqlPayment, id)
}

// OfOrder lists an order's attempts, oldest first.
func OfOrder(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]Payment, error) {
	rows, err := q.Query(ctx, sqlPaymentsOfOrder, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPayment)
}

func lockPayment(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Payment, error) {
	return onePayment(ctx, tx, sqlLockPayment, id)
}

func onePayment(ctx context.Context, q pg.Querier, statement string, id uuid.UUID) (Payment, error) {
	rows, err := q.Query(ctx, statement, pgx.NamedArgs{"id": id})
	if err != nil {
		return Payment{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPayment)
	if errors.Is(err, pgx.ErrNoRows) {
		return Payment{}, fault.New(fault.NotFound, "payment_not_found", "there is no such payment")
	}
	return p, err
}

// paymentID finds one id by a statement; ok is false when there is none.
func paymentID(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) (id uuid.UUID, ok bool, err error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return id, false, err
	}
	id, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[uuid.UUID])
	if errors.Is(err, pgx.ErrNoRows) {
		return id, false, nil
	}
	return id, err == nil, err
}

func scanPayment(row pgx.CollectableRow) (Payment, error) {
	var p Payment
	var amount int64
	var fee *int64
	var request []byte
	err := row.Scan(&p.ID, &p.OrderID, &p.N, &p.Gateway, &p.State, &amount, &request, &p.SessionID, &p.SessionURL,
		&p.IntentID, &p.ChargeID, &p.Method, &fee, &p.Quarantined, &p.ExpiresAt, &p.CreatedAt, &p.CapturedAt,
		&p.key, &p.seq, &p.stale, &p.overdue)
	if err != nil {
		return p, err
	}
	p.Amount = money.Amount(amount)
	if fee != nil {
		f := money.Amount(*fee)
		p.Fee = &f
	}
	return p, json.Unmarshal(request, &p.Request)
}
