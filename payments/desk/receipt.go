package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
	"boutique/payments"
)

// Receipt is one line of the desk's journal: money that was taken, or given back. Amount is never
// negative; Kind says which way it went.
type Receipt struct {
	Number      string
	Kind        string
	PaymentID   uuid.UUID
	RefundID    *uuid.UUID
	OrderID     uuid.UUID
	OrderNumber string
	Means       string
	Amount      money.Amount
	Reference   string
	Actor       string
	At          time.Time
	// Deposited tells that the money lies in the bank by now.
	Deposited bool
}

// The kinds of a line.
const (
	KindReceipt = "receipt"
	KindRefund  = "refund"
)

// Signed is the amount as the till feels it: less than nothing for what was given back.
func (r Receipt) Signed() money.Amount {
	if r.Kind == KindRefund {
		return -r.Amount
	}
	return r.Amount
}

// Received numbers the receipt of a payment that was taken at the desk. Call it before any document is
// numbered: the counter's row is locked before theirs.
func Received(ctx context.Context, tx pgx.Tx, p payments.Payment, at time.Time) (Receipt, error) {
	r := Receipt{Kind: KindReceipt, PaymentID: p.ID, OrderID: p.OrderID, OrderNumber: p.Request.OrderNumber, Means: p.Method, Amount: p.Amount, At: at}
	if err := tx.QueryRow(ctx, sqlTakenOf, pgx.NamedArgs{"payment_id": p.ID}).Scan(&r.Reference, &r.Actor); err != nil {
		return r, err
	}
	return write(ctx, tx, r)
}

// GivenBack numbers what is given back of a payment, in the way of Received.
func GivenBack(ctx context.Context, tx pgx.Tx, p payments.Payment, r payments.Refund, means, actor string, at time.Time) (Receipt, error) {
	id := r.ID
	return write(ctx, tx, Receipt{Kind: KindRefund, PaymentID: p.ID, RefundID: &id, OrderID: p.OrderID, OrderNumber: p.Request.OrderNumber, Means: means, Amount: r.Amount, Actor: actor, At: at})
}

// LockNumbers takes the desk's counter for a transaction that numbers a line later.
func LockNumbers(ctx context.Context, tx pgx.Tx, at time.Time) error {
	_, err := tx.Exec(ctx, sqlLockNumbers, pgx.NamedArgs{"year": at.In(text.Paris()).Year()})
	return err
}

func write(ctx context.Context, tx pgx.Tx, r Receipt) (Receipt, error) {
	year := r.At.In(text.Paris()).Year()
	var n int
	if err := tx.QueryRow(ctx, sqlNextNumber, pgx.NamedArgs{"year": year}).Scan(&n); err != nil {
		return r, err
	}
	r.Number = fmt.Sprintf("G%d-%05d", year, n)
	_, err := tx.Exec(ctx, sqlInsertReceipt, pgx.NamedArgs{
		"number": r.Number, "year": year, "n": n, "kind": r.Kind, "payment_id": r.PaymentID, "refund_id": r.RefundID, "order_id": r.OrderID, "order_number": r.OrderNumber,
		"means": r.Means, "amount": int64(r.Amount), "reference": r.Reference, "actor": r.Actor, "at": r.At,
	})
	return r, err
}

// Journal lists the lines of the desk's journal from one moment until another, in the order of their numbers.
func Journal(ctx context.Context, q pg.Querier, from, until time.Time) ([]Receipt, error) {
	return receipts(ctx, q, sqlJournal, pgx.NamedArgs{"from": from, "until": until})
}

// ReceiptsOf lists what the desk took and gave back for an order.
func ReceiptsOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]Receipt, error) {
	return receipts(ctx, q, sqlReceiptsOfOrder, pgx.NamedArgs{"order_id": orderID})
}

// InHand lists what lies at the desk: the lines that no deposit has taken to the bank.
func InHand(ctx context.Context, q pg.Querier) ([]Receipt, error) {
	return receipts(ctx, q, sqlInHand, nil)
}

func receipts(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]Receipt, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Receipt, error) {
		var r Receipt
		err := row.Scan(&r.Number, &r.Kind, &r.PaymentID, &r.RefundID, &r.OrderID, &r.OrderNumber, &r.Means, &r.Amount, &r.Reference, &r.Actor, &r.At, &r.Deposited)
		return r, err
	})
}

// Deposit is money of the desk that was taken to the bank or the treasury, with its list of receipts.
type Deposit struct {
	ID        uuid.UUID
	Means     string
	Amount    money.Amount
	Reference string
	Actor     string
	At        time.Time
	Receipts  int
	// Numbers are the receipts that are carried; none: all that lie at the desk of the means.
	Numbers []string
}

// Deposited writes down that what lies at the desk of one means was taken to the bank: all of it, or the receipts
// that are named. When that is nothing, it is a Conflict with code nothing_to_deposit; when all of it is not the
// amount that was counted, or a receipt that is named does not lie there any more, till_moved.
func Deposited(ctx context.Context, tx pgx.Tx, d Deposit) (Deposit, error) {
	if _, err := tx.Exec(ctx, sqlLockDeposits); err != nil {
		return d, err
	}
	lines, err := InHand(ctx, tx)
	if err != nil {
		return d, err
	}
	var sum money.Amount
	var numbers []string
	for _, r := range lines {
		if r.Means == d.Means && (d.Numbers == nil || slices.Contains(d.Numbers, r.Number)) {
			sum += r.Signed()
			numbers = append(numbers, r.Number)
		}
	}
	moved := fault.New(fault.Conflict, "till_moved", "the till has changed since it was counted: count it again").With("amount", sum)
	if d.Numbers != nil && len(numbers) != len(d.Numbers) {
		return d, moved
	}
	if sum <= 0 {
		return d, fault.New(fault.Conflict, "nothing_to_deposit", "there is nothing of this to take to the bank")
	}
	if d.Numbers == nil && sum != d.Amount {
		return d, moved
	}
	d.Amount = sum
	d.ID, d.Receipts = uuid.New(), len(numbers)
	if _, err := tx.Exec(ctx, sqlInsertDeposit, pgx.NamedArgs{"id": d.ID, "means": d.Means, "amount": int64(d.Amount), "reference": d.Reference, "actor": d.Actor, "at": d.At}); err != nil {
		return d, err
	}
	_, err = tx.Exec(ctx, sqlInsertDepositLines, pgx.NamedArgs{"id": d.ID, "numbers": numbers})
	return d, err
}

// Deposits lists the newest deposits.
func Deposits(ctx context.Context, q pg.Querier, limit int) ([]Deposit, error) {
	rows, err := q.Query(ctx, sqlDeposits, pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Deposit, error) {
		var d Deposit
		err := row.Scan(&d.ID, &d.Means, &d.Amount, &d.Reference, &d.Actor, &d.At, &d.Receipts)
		return d, err
	})
}
