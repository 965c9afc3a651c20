package payments

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
)

// Replace ends an attempt that waits at the desk and opens the order's next one, online and for the same money,
// in the caller's transaction. The caller holds the order's lock and has closed the desk's session, so that
// nobody takes money for it any more. The order goes on: nothing is told to the Settler. An attempt that does
// not wait at the desk any more is a Conflict with code desk_closed.
func Replace(ctx context.Context, tx pgx.Tx, p Payment) (Payment, error) {
	now, err := lockPayment(ctx, tx, p.ID)
	if err != nil {
		return p, err
	}
	if now.Gateway != Desk || now.State != Open {
		return now, fault.New(fault.Conflict, "desk_closed", "this order is no longer waiting to be paid at the desk: look at it again")
	}
	if now, err = movePayment(ctx, tx, now, "expire", "shopper", "paid online instead"); err != nil {
		return now, err
	}
	request := now.Request
	request.Methods = nil
	return OpenPayment(ctx, tx, New{OrderID: now.OrderID, Amount: now.Amount, Request: request})
}
