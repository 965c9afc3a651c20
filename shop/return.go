package shop

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/machine"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// The states of a return.
const (
	ReturnDeclared = "declared"
	ReturnReceived = "received"
	ReturnRefunded = "refunded"
	ReturnClosed   = "closed"
)

// The events of a return's story.
const (
	EventDeclare = "declare"
	EventReceive = "receive"
	EventRefund  = "refund"
	EventClose   = "close"
)

// ReturnMachine is a return's story. Money may go back before the goods have come (a proof of dispatch
// is enough, C. conso. art. L221-24), and goods may come back after the money. What never comes back
// is closed with a reason.
var ReturnMachine = machine.Machine{Name: "a return", Steps: []machine.Step{
	{From: "", Event: EventDeclare, To: ReturnDeclared},
	{From: ReturnDeclared, Event: EventReceive, To: ReturnReceived},
	{From: ReturnDeclared, Event: EventRefund, To: ReturnRefunded},
	{From: ReturnDeclared, Event: EventClose, To: ReturnClosed},
	{From: ReturnReceived, Event: EventRefund, To: ReturnRefunded},
	{From: ReturnReceived, Event: EventClose, To: ReturnClosed},
	{From: ReturnRefunded, Event: EventReceive, To: ReturnRefunded},
}}

// Return is a shopper's withdrawal from an order or from some pieces of it. Due is what goes back:
// the pieces, and the standard delivery when nothing of the order is kept.
type Return struct {
	ID          uuid.UUID
	Number      string
	OrderID     uuid.UUID
	OrderNumber string
	State       string
	Name        string
	Email       string
	Reason      string
	DeclaredAt  time.Time
	// RefundBy is the last day to give the money back (C. conso. art. L221-24).
	RefundBy    time.Time
	Due         money.Amount
	DueShipping money.Amount
	RefundID    *uuid.UUID
	Lines       []ReturnLine
	History     []Step
	seq         int
}

// ReturnLine is pieces of an article in a return. Unsent pieces had not left the office and need not
// come back. Back tells that what came back was looked at.
type ReturnLine struct {
	SKU                   string
	Quantity, Unsent      int
	Restocked, WrittenOff int
	Back                  bool
}

// Expected is how many pieces have to come back.
func (l ReturnLine) Expected() int { return l.Quantity - l.Unsent }

// Expected is how many pieces of the return have to come back.
func (r Return) Expected() int {
	n := 0
	for _, l := range r.Lines {
		n += l.Expected()
	}
	return n
}

// Back tells whether what came back was looked at.
func (r Return) Back() bool {
	for _, l := range r.Lines {
		if l.Back {
			return true
		}
	}
	return false
}

// Can tells whether an event may happen to the return now.
func (r Return) Can(event string) bool {
	return ReturnMachine.Can(r.State, event) && !(event == EventReceive && (r.Back() || r.Expected() == 0))
}

type returnRow struct {
	ID          uuid.UUID
	Number      string
	OrderID     uuid.UUID
	OrderNumber string
	State       string
	Name        string
	Email       string
	Reason      string
	DeclaredAt  time.Time
	RefundBy    time.Time
	Due         int64
	DueShipping int64
	RefundID    *uuid.UUID
	HistorySeq  int
}

func readReturns(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]Return, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[returnRow])
	if err != nil {
		return nil, err
	}
	list := make([]Return, len(found))
	for i, r := range found {
		list[i] = Return{ID: r.ID, Number: r.Number, OrderID: r.OrderID, OrderNumber: r.OrderNumber, State: r.State, Name: r.Name, Email: r.Email, Reason: r.Reason,
			DeclaredAt: r.DeclaredAt, RefundBy: noonOf(r.RefundBy), Due: money.Amount(r.Due), DueShipping: money.Amount(r.DueShipping), RefundID: r.RefundID, seq: r.HistorySeq}
		if err := list[i].readParts(ctx, q); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (r *Return) readParts(ctx context.Context, q pg.Querier) error {
	rows, err := q.Query(ctx, sqlReturnLines, pgx.NamedArgs{"return_id": r.ID})
	if err != nil {
		return err
	}
	r.Lines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (ReturnLine, error) {
		var l ReturnLine
		err := row.Scan(&l.SKU, &l.Quantity, &l.Unsent, &l.Restocked, &l.WrittenOff, &l.Back)
		return l, err
	})
	if err != nil {
		return err
	}
	rows, err = q.Query(ctx, sqlReturnHistory, pgx.NamedArgs{"return_id": r.ID})
	if err != nil {
		return err
	}
	r.History, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Step, error) {
		var h Step
		err := row.Scan(&h.Seq, &h.From, &h.Event, &h.To, &h.Actor, &h.Reason, &h.At)
		return h, err
	})
	return err
}

// ReturnsOf lists an order's returns, the oldest first.
func ReturnsOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]Return, error) {
	return readReturns(ctx, q, sqlReturnsOfOrder, pgx.NamedArgs{"order_id": orderID})
}

// ListReturns lists returns, those that wait for staff first, the nearest day first; open: only those.
func ListReturns(ctx context.Context, q pg.Querier, open bool) ([]Return, error) {
	return readReturns(ctx, q, sqlListReturns, pgx.NamedArgs{"open": open})
}

// CountOpenReturns counts the returns that wait for staff.
func CountOpenReturns(ctx context.Context, q pg.Querier) (n int, err error) {
	err = q.QueryRow(ctx, sqlCountOpenReturns).Scan(&n)
	return n, err
}

// GetReturn reads a return by its number; an unknown one is NotFound.
func GetReturn(ctx context.Context, q pg.Querier, number string) (Return, error) {
	list, err := readReturns(ctx, q, sqlReturnByNumber, pgx.NamedArgs{"number": strings.ToUpper(number)})
	if err != nil {
		return Return{}, err
	}
	if len(list) == 0 {
		return Return{}, fault.New(fault.NotFound, "return_not_found", "there is no such return")
	}
	return list[0], nil
}

// moveReturn is the only writer of a return's state.
func moveReturn(ctx context.Context, tx pgx.Tx, r *Return, event, actor, reason string) error {
	to, err := ReturnMachine.Next(r.State, event)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlInsertReturnHistory, pgx.NamedArgs{"return_id": r.ID, "seq": r.seq + 1, "from": r.State, "event": event, "to": to, "actor": actor, "reason": reason}); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, sqlMoveReturn, pgx.NamedArgs{"id": r.ID, "state": to, "seq": r.seq + 1, "refund_id": r.RefundID})
	if err != nil {
		return err
	}
	if tag.RowsAffected() != 1 {
		return fault.New(fault.Conflict, "return_moved", "somebody else changed this return at the same moment: look at it again")
	}
	r.State, r.seq = to, r.seq+1
	return nil
}

// The periods of a withdrawal (C. conso. art. L221-18 and L221-24): the shopper's, the office's, and
// the days that are added while nobody has said that a parcel arrived.
const (
	withdrawalDays = 14
	repaymentDays  = 14
	unknownArrival = 10
)

// Window is when an order may be withdrawn from. Until is the last day; the zero time while the period
// has not begun, because something is still to be sent.
type Window struct {
	Open  bool
	Until time.Time
}

// windowOf computes the period in Europe/Paris: fourteen days from the day after the last piece was
// received; a last day that is a Saturday, Sunday or holiday moves to the next working day (Regulation
// 1182/71 art. 3). While nobody has said that a parcel arrived, it counts as received ten days after
// the last day promised, or ten days after it left when that is later.
func windowOf(o Order, shipments []Shipment, now time.Time) Window {
	if o.ConfirmedAt == nil || o.Status == Cancelled {
		return Window{}
	}
	var last time.Time
	for _, sh := range shipments {
		received := time.Time{}
		for _, h := range sh.History {
			switch h.Event {
			case EventDeliver, EventCollect:
				received = h.At
			case EventShip:
				left := h.At
				if o.Promise != nil && o.Promise.To.After(left) {
					left = o.Promise.To
				}
				received = left.In(text.Paris()).AddDate(0, 0, unknownArrival)
			}
		}
		if received.After(last) {
			last = received
		}
	}
	for _, l := range o.Lines {
		if l.Left() > 0 {
			return Window{Open: true}
		}
	}
	if last.IsZero() {
		return Window{}
	}
	until := lastDay(last, withdrawalDays)
	return Window{Open: !now.After(endOfDay(until)), Until: until}
}

// lastDay is the last day of a period of days that begins the day after the moment, in Europe/Paris.
func lastDay(from time.Time, days int) time.Time {
	local := from.In(text.Paris())
	day := time.Date(local.Year(), local.Month(), local.Day()+days, 12, 0, 0, 0, text.Paris())
	if calendar := workingDays(); !calendar.IsWorkday(day) {
		return next(day, calendar.IsWorkday)
	}
	return day
}

func endOfDay(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, text.Paris()).Add(-time.Nanosecond)
}
