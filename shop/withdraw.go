package shop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/payments"
)

// Withdrawal is a shopper's declaration: no lines are all that can be given back. Key makes a repeat
// recognisable; empty: every declaration is its own.
type Withdrawal struct {
	Lines  []LineQuantity
	Name   string
	Reason string
	Key    string
}

// Withdrawable is a line of an order and how many of its pieces can still be given back; Excluded says
// why the law lets none (C. conso. art. L221-28).
type Withdrawable struct {
	OrderLine
	Left     int
	Excluded string
}

// Offer is what an order's withdrawal function offers: the period, the lines, and the standard delivery
// that goes back with the last of them.
type Offer struct {
	Window
	Lines []Withdrawable
}

// Any tells whether a piece can be given back now.
func (o Offer) Any() bool {
	for _, l := range o.Lines {
		if l.Left > 0 && l.Excluded == "" {
			return o.Open
		}
	}
	return false
}

// OrderForGuest finds an order by its number and the address that it was placed with. An unknown
// number and another address are alike: nobody learns here which orders there are.
func (s *Service) OrderForGuest(ctx context.Context, number, email string) (Order, error) {
	o, err := GetOrder(ctx, s.Pool, strings.TrimSpace(number))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Order{}, err
	}
	given := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	kept := sha256.Sum256([]byte(strings.ToLower(o.Email)))
	if err != nil || subtle.ConstantTimeCompare(given[:], kept[:]) != 1 {
		return Order{}, fault.New(fault.NotFound, "order_not_matched", "no order has this number and this address")
	}
	return o, nil
}

// Offer says what of an order can be given back.
func (s *Service) Offer(ctx context.Context, o Order) (Offer, error) { return s.offer(ctx, s.Pool, o) }

func (s *Service) offer(ctx context.Context, q pg.Querier, o Order) (Offer, error) {
	shipments, err := shipmentsOf(ctx, q, o)
	if err != nil {
		return Offer{}, err
	}
	returns, err := ReturnsOf(ctx, q, o.ID)
	if err != nil {
		return Offer{}, err
	}
	refunds, err := payments.RefundsOf(ctx, q, o.ID)
	if err != nil {
		return Offer{}, err
	}
	offer := Offer{Window: windowOf(o, shipments, s.Clock.Now())}
	declared, err := notCounted(returns, refunds)
	if err != nil {
		return Offer{}, err
	}
	whole, err := wholeCards(ctx, q, o)
	if err != nil {
		return Offer{}, err
	}
	for _, l := range o.Lines {
		left := l.Quantity - l.Refunded
		if l.GiftCard {
			left = min(left, whole[l.UnitPrice])
		}
		offer.Lines = append(offer.Lines, Withdrawable{OrderLine: l, Left: max(0, left-declared[l.SKU]), Excluded: l.NoWithdrawal})
	}
	return offer, nil
}

// notCounted counts the pieces of returns that no refund counts as refunded: their money has not been sent yet,
// went back as an amount, or came back from the bank. A piece is given back once all the same.
func notCounted(returns []Return, refunds []payments.Refund) (map[string]int, error) {
	counted := map[uuid.UUID]map[string]int{}
	for _, r := range refunds {
		detail, err := parseRefundDetail(r.Detail)
		if err != nil {
			return nil, err
		}
		if r.Counts() {
			counted[r.ID] = detail.Lines
		}
	}
	n := map[string]int{}
	for _, r := range returns {
		if r.State == ReturnClosed {
			continue
		}
		for _, l := range r.Lines {
			n[l.SKU] += l.Quantity
			if r.RefundID != nil {
				n[l.SKU] -= min(l.Quantity, counted[*r.RefundID][l.SKU])
			}
		}
	}
	return n, nil
}

// Withdraw takes a shopper's declaration: it is recorded with its date and time, acknowledged by mail
// at once (C. conso. art. L221-21), and what is due is computed. Pieces that never left the office are
// given back in the same transaction. After the period: Conflict withdrawal_closed; nothing that could
// be given back: nothing_to_withdraw, or withdrawal_excluded when the law excludes it.
func (s *Service) Withdraw(ctx context.Context, number string, w Withdrawal) (Return, error) {
	w.Name, w.Reason = place.Line(w.Name), strings.TrimSpace(w.Reason)
	if err := w.check(); err != nil {
		return Return{}, err
	}
	var made Return
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		o, err := s.lockByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		if w.Key != "" {
			earlier, err := claimKey(ctx, tx, "withdrawal:"+o.Number, w.Key, w.hash())
			if err != nil {
				return err
			}
			if earlier != "" {
				made, err = GetReturn(ctx, tx, earlier)
				return err
			}
		}
		if made, err = s.withdraw(ctx, tx, o, w); err != nil || w.Key == "" {
			return err
		}
		return settleKey(ctx, tx, "withdrawal:"+o.Number, w.Key, made.Number)
	})
	return made, err
}

func (w Withdrawal) check() error {
	var fields fault.Fields
	if len(w.Name) > 200 {
		fields.Add("name", "too_long", "has at most 200 characters")
	}
	if len(w.Reason) > 1000 {
		fields.Add("reason", "too_long", "has at most 1000 characters")
	}
	if len(w.Key) > 255 {
		fields.Add("idempotency_key", "idempotency_key", "has at most 255 characters")
	}
	for i, l := range w.Lines {
		if l.Quantity < 1 {
			fields.Add(fmt.Sprintf("lines[%d].quantity", i), "quantity_out_of_range", "must be at least 1")
		}
	}
	return fields.Err()
}

func (w Withdrawal) hash() []byte {
	data, _ := json.Marshal(w.Lines)
	h := sha256.Sum256(data)
	return h[:]
}

// withdraw does the work of Withdraw on a locked order.
func (s *Service) withdraw(ctx context.Context, tx pgx.Tx, o Order, w Withdrawal) (Return, error) {
	offer, err := s.offer(ctx, tx, o)
	if err != nil {
		return Return{}, err
	}
	lines, err := w.choose(o, offer)
	if err != nil {
		return Return{}, err
	}
	now := s.Clock.Now()
	r := Return{
		ID: uuid.New(), Number: newReturnNumber(now), OrderID: o.ID, OrderNumber: o.Number, State: ReturnDeclared, Name: w.Name, Email: o.Email, Reason: w.Reason,
		DeclaredAt: now, RefundBy: lastDay(now, repaymentDays), Lines: lines,
	}
	if r.Name == "" {
		r.Name = o.Address.Name
	}
	if r.Due, r.DueShipping, err = due(ctx, tx, o, offer, lines); err != nil {
		return Return{}, err
	}
	if _, err := tx.Exec(ctx, sqlInsertReturn, pgx.NamedArgs{
		"id": r.ID, "number": r.Number, "order_id": o.ID, "name": r.Name, "email": r.Email, "reason": r.Reason, "declared_at": r.DeclaredAt,
		"refund_by": r.RefundBy.Format(time.DateOnly), "due": int64(r.Due), "due_shipping": int64(r.DueShipping),
	}); err != nil {
		return Return{}, err
	}
	unsent := map[string]int{}
	for _, l := range lines {
		unsent[l.SKU] = l.Unsent
		if _, err := tx.Exec(ctx, sqlInsertReturnLine, pgx.NamedArgs{"return_id": r.ID, "sku": l.SKU, "quantity": l.Quantity, "unsent": l.Unsent}); err != nil {
			return Return{}, err
		}
	}
	if err := unpack(ctx, tx, o, unsent, "shopper"); err != nil {
		return Return{}, err
	}
	r.seq = 1
	if _, err := tx.Exec(ctx, sqlInsertReturnHistory, pgx.NamedArgs{"return_id": r.ID, "seq": 1, "from": "", "event": EventDeclare, "to": ReturnDeclared, "actor": "shopper", "reason": ""}); err != nil {
		return Return{}, err
	}
	if err := audit.Record(ctx, tx, audit.Entry{Actor: "shopper", Action: "order.withdraw", Subject: "order:" + o.Number, Detail: map[string]any{"return": r.Number, "due": r.Due}}); err != nil {
		return Return{}, err
	}
	if err := s.enqueue(ctx, tx, s.Mails.WithdrawalReceived, OrderMail{Order: o, Return: &r}, "withdrawal_received", r.ID); err != nil {
		return Return{}, err
	}
	if r.Expected() > 0 {
		return r, nil
	}
	return s.payBackNow(ctx, tx, o, r)
}

// payBackNow pays a return back whose pieces never left. What keeps the money from going back now (a dispute, a
// card that was spent) does not undo the declaration: it waits for staff then.
func (s *Service) payBackNow(ctx context.Context, tx pgx.Tx, o Order, declared Return) (Return, error) {
	attempt, err := tx.Begin(ctx)
	if err != nil {
		return declared, err
	}
	paid := declared
	err = s.payBack(ctx, attempt, o, &paid, nil, "shopper")
	if err != nil && fault.KindOf(err) == fault.Conflict {
		return declared, attempt.Rollback(ctx)
	}
	if err != nil {
		return declared, err
	}
	return paid, attempt.Commit(ctx)
}

// newReturnNumber draws a return's number: R, the year in Europe/Paris, eight random characters.
func newReturnNumber(now time.Time) string {
	var b [8]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = orderAlphabet[int(b[i])%len(orderAlphabet)]
	}
	return "R" + now.In(text.Paris()).Format("06") + "-" + string(b[:4]) + "-" + string(b[4:])
}

// choose turns a declaration into the lines of a return. Pieces that have not left the office are given
// back first.
func (w Withdrawal) choose(o Order, offer Offer) ([]ReturnLine, error) {
	if !offer.Open {
		return nil, fault.New(fault.Conflict, "withdrawal_closed", "this order cannot be withdrawn from: it is not paid, or the period has ended").With("until", offer.Until)
	}
	want := map[string]int{}
	for _, l := range w.Lines {
		want[l.SKU] += l.Quantity
	}
	var lines []ReturnLine
	excluded := map[string]string{}
	for _, l := range offer.Lines {
		n, named := want[l.SKU]
		delete(want, l.SKU)
		switch {
		case len(w.Lines) == 0:
			n = l.Left
		case !named:
			continue
		}
		if l.Excluded != "" {
			if l.Left > 0 {
				excluded[l.SKU] = l.Excluded
			}
			continue
		}
		if n > l.Left {
			return nil, fault.New(fault.Conflict, "nothing_to_withdraw", "more pieces than can still be given back").With("sku", l.SKU).With("left", l.Left)
		}
		if n > 0 {
			lines = append(lines, ReturnLine{SKU: l.SKU, Quantity: n, Unsent: min(n, l.OrderLine.Left())})
		}
	}
	for sku := range want {
		var fields fault.Fields
		fields.Add("lines", "sku_not_found", sku+" is not an article of this order")
		return nil, fields.Err()
	}
	if len(excluded) > 0 && (len(w.Lines) > 0 || len(lines) == 0) {
		return nil, fault.New(fault.Conflict, "withdrawal_excluded", "the law excludes these articles from withdrawal").With("lines", excluded)
	}
	if len(lines) == 0 {
		return nil, fault.New(fault.Conflict, "nothing_to_withdraw", "everything of this order was given back already")
	}
	return lines, nil
}

// due is what goes back for the lines of a return, and how much of it is delivery: what was paid for the
// pieces, and with the last piece of the order the delivery, but no more than the cheapest that was offered (C.
// conso. art. L221-24); while a piece is kept, no delivery. A gift card came by mail and was delivered for
// nothing: keeping it keeps no delivery. It is never more than what was not given back yet,
// less what other returns are due.
func due(ctx context.Context, q pg.Querier, o Order, offer Offer, lines []ReturnLine) (all, delivery money.Amount, err error) {
	_, left, shipping, err := refundable(ctx, q, o)
	if err != nil {
		return 0, 0, err
	}
	returns, err := ReturnsOf(ctx, q, o.ID)
	if err != nil {
		return 0, 0, err
	}
	for _, r := range returns {
		if r.State == ReturnDeclared || r.State == ReturnReceived {
			left -= r.Due
		}
	}
	given := map[string]int{}
	for _, l := range lines {
		given[l.SKU] = l.Quantity
		all += o.line(l.SKU).worth(l.Quantity)
	}
	delivery = max(0, min(o.StandardShipping-(o.Shipping-shipping), shipping))
	for _, l := range offer.Lines {
		if l.Left > given[l.SKU] && !l.GiftCard {
			delivery = 0
		}
	}
	all = max(0, min(all+delivery, left))
	return all, min(delivery, all), nil
}

// line is the order's line of an article; the zero line when there is none.
func (o Order) line(sku string) OrderLine {
	for _, l := range o.Lines {
		if l.SKU == sku {
			return l
		}
	}
	return OrderLine{}
}

// Outcome is what became of the pieces of an article that came back.
type Outcome struct {
	SKU                   string
	Restocked, WrittenOff int
}

// ReceiveReturn records that the goods of a return have come back: each piece goes on sale again or is
// written off. Fewer pieces than were declared may come; more is Invalid.
func (s *Service) ReceiveReturn(ctx context.Context, number string, outcomes []Outcome, actor string) (Return, error) {
	return s.onReturn(ctx, number, func(tx pgx.Tx, o Order, r *Return) error {
		if !r.Can(EventReceive) {
			return fault.New(fault.Conflict, "return_not_expected", "nothing more of this return is expected")
		}
		var fields fault.Fields
		restock := map[string]int{}
		for _, out := range outcomes {
			var line ReturnLine
			for _, l := range r.Lines {
				if l.SKU == out.SKU {
					line = l
				}
			}
			if out.Restocked < 0 || out.WrittenOff < 0 || out.Restocked+out.WrittenOff > line.Expected() {
				fields.AddWith(out.SKU, "quantity_out_of_range", "more pieces than were declared", map[string]any{"max": line.Expected()})
				continue
			}
			restock[out.SKU] += out.Restocked
			if _, err := tx.Exec(ctx, sqlInsertOutcome, pgx.NamedArgs{"return_id": r.ID, "sku": out.SKU, "restocked": out.Restocked, "written_off": out.WrittenOff}); err != nil {
				return err
			}
		}
		if err := fields.Err(); err != nil {
			return err
		}
		if err := moveReturn(ctx, tx, r, EventReceive, actor, ""); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "return.receive", Subject: "return:" + r.Number, Detail: map[string]any{"outcomes": outcomes}}); err != nil {
			return err
		}
		return s.putBack(ctx, tx, o, restock, actor, "return")
	})
}

// RefundReturn gives back what a return is due, or the amount named when goods have lost value by more
// than trying them (C. conso. art. L221-23).
func (s *Service) RefundReturn(ctx context.Context, number string, amount *money.Amount, actor string) (Return, error) {
	return s.onReturn(ctx, number, func(tx pgx.Tx, o Order, r *Return) error {
		if amount != nil && (*amount <= 0 || *amount > r.Due) {
			var fields fault.Fields
			fields.Add("amount", "amount_not_due", "must be at least a cent and no more than what is due")
			return fields.Err()
		}
		return s.payBack(ctx, tx, o, r, amount, actor)
	})
}

// CloseReturn ends a return whose goods never came, with the reason.
func (s *Service) CloseReturn(ctx context.Context, number, reason, actor string) (Return, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > 500 {
		var fields fault.Fields
		fields.Add("reason", "required", "is missing, or longer than 500 characters")
		return Return{}, fields.Err()
	}
	return s.onReturn(ctx, number, func(tx pgx.Tx, _ Order, r *Return) error {
		if err := moveReturn(ctx, tx, r, EventClose, actor, reason); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "return.close", Subject: "return:" + r.Number, Detail: map[string]any{"reason": reason}})
	})
}

// onReturn works on a return under the lock of its order.
func (s *Service) onReturn(ctx context.Context, number string, work func(pgx.Tx, Order, *Return) error) (Return, error) {
	var r Return
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		found, err := GetReturn(ctx, tx, number)
		if err != nil {
			return err
		}
		o, err := s.lockByNumber(ctx, tx, found.OrderNumber)
		if err != nil {
			return err
		}
		if r, err = GetReturn(ctx, tx, number); err != nil {
			return err
		}
		return work(tx, o, &r)
	})
	if err != nil {
		return r, err
	}
	return GetReturn(ctx, s.Pool, number)
}

// payBack requests the refund of a return on a locked order. What was given back by another way in the
// meantime is not given back twice: when that is all, it is a Conflict with code return_paid_back. Pieces that
// never left go back on sale, also when no money is due for them.
func (s *Service) payBack(ctx context.Context, tx pgx.Tx, o Order, r *Return, amount *money.Amount, actor string) error {
	request := RefundRequest{Reason: r.Number, Key: "return-" + r.ID.String(), Actor: actor, withdrawn: map[string]int{}}
	for _, l := range r.Lines {
		request.withdrawn[l.SKU] = min(l.Unsent, o.line(l.SKU).Left())
	}
	if amount != nil && *amount != r.Due {
		request.Amount = amount
	} else {
		carriage := r.DueShipping
		request.carriage = &carriage
		for _, l := range r.Lines {
			if n := min(l.Quantity, o.line(l.SKU).Quantity-o.line(l.SKU).Refunded); n > 0 {
				request.Lines = append(request.Lines, LineQuantity{l.SKU, n})
			}
		}
	}
	if r.Due > 0 {
		_, left, _, err := refundable(ctx, tx, o)
		if err != nil {
			return err
		}
		if left == 0 || len(request.Lines) == 0 && request.Amount == nil && r.DueShipping == 0 {
			return fault.New(fault.Conflict, "return_paid_back", "what this return is due went back by another refund already: close it, and say so")
		}
		refund, err := s.refund(ctx, tx, o, request)
		if err != nil {
			return err
		}
		r.RefundID = &refund.ID
	} else if err := s.keepBack(ctx, tx, o, request.withdrawn, actor, "withdrawn before it was sent"); err != nil {
		return err
	}
	if err := moveReturn(ctx, tx, r, EventRefund, actor, ""); err != nil {
		return err
	}
	if r.RefundID == nil {
		now, err := orderByID(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		if err := s.completeIfDone(ctx, tx, &now, actor); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "return.refund", Subject: "return:" + r.Number, Detail: map[string]any{"due": r.Due}})
}

// standard is the cheapest delivery that a quote offers, at most the price that is paid.
func (q Quote) standard(paid money.Amount) money.Amount {
	least := paid
	for _, o := range q.Options {
		if o.Kind != KindCollection {
			least = min(least, o.Price)
		}
	}
	return least
}
