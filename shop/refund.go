package shop

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/payments"
	"boutique/payments/desk"
	"boutique/payments/ledger"
)

// RefundRequest says what to give back: an amount, or lines and perhaps the shipping; neither is
// all that is left. Restock puts refunded pieces that were never sent back on sale.
type RefundRequest struct {
	Amount   *money.Amount
	Lines    []LineQuantity
	Shipping bool
	Reason   string
	Key      string
	Actor    string
	// Means is how the desk gives money back that it took; empty: as it came.
	Means string

	// carriage is how much of the shipping goes back; nil: as Shipping says.
	carriage *money.Amount
	// cancels tells that nothing of the order is sent any more.
	cancels bool
	// withdrawn are the pieces that the shopper gave up before they left the office, whatever goes back for
	// them; nil: the refund is not a return's, which gives back what its pieces are worth, or all that is left.
	withdrawn map[string]int
}

// LineQuantity names pieces of an order's line.
type LineQuantity struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

// refundDetail is what a refund keeps of what it was for. Replaces names a failed refund whose
// credit note stands for this one too.
// Unsent are the pieces of Lines that had not left the office.
type refundDetail struct {
	Lines    map[string]int `json:"lines,omitempty"`
	Unsent   map[string]int `json:"unsent,omitempty"`
	Shipping money.Amount   `json:"shipping"`
	Replaces *uuid.UUID     `json:"replaces,omitempty"`
	// Worth is what was paid for the pieces of Lines; Cards is the part of it that bought gift cards,
	// which no invoice holds.
	Worth map[string]money.Amount `json:"worth,omitempty"`
	Cards money.Amount            `json:"cards,omitempty"`
	// Total is the whole of a refund that goes back by several ways; the others name the first in PartOf.
	Total  money.Amount `json:"total,omitempty"`
	PartOf *uuid.UUID   `json:"part_of,omitempty"`
	// Means and By are how the desk gives it back, and who does.
	Means string `json:"means,omitempty"`
	By    string `json:"by,omitempty"`
}

// whole is what goes back by all ways; credited is what of it a credit note is for.
func (d refundDetail) whole(amount money.Amount) money.Amount { return max(amount, d.Total) }

func (d refundDetail) credited(amount money.Amount) money.Amount { return d.whole(amount) - d.Cards }

// standsOn tells whether the payment is one that the order is paid by.
func standsOn(o Order, p payments.Payment) bool {
	return o.PaymentID != nil && (*o.PaymentID == p.ID || p.Gateway == payments.ByGiftCard)
}

func parseRefundDetail(data json.RawMessage) (refundDetail, error) {
	d := refundDetail{}
	if len(data) == 0 || string(data) == "{}" {
		return d, nil
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("what a refund was for: %w", err)
	}
	return d, nil
}

// RefundOrder gives money back: it checks and records the refund; a job sends it to the provider.
// The same key answers the same refund. More than is left is a Conflict with code
// exceeds_refundable; an order that was never paid, order_not_paid.
func (s *Service) RefundOrder(ctx context.Context, number string, r RefundRequest) (payments.Refund, error) {
	if err := r.check(); err != nil {
		return payments.Refund{}, err
	}
	var refund payments.Refund
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		o, err := s.lockByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		earlier, err := claimKey(ctx, tx, "refund:"+o.Number, r.Key, r.hash())
		if err != nil {
			return err
		}
		if earlier != "" {
			refund, err = refundByID(ctx, tx, o.ID, earlier)
			return err
		}
		if refund, err = s.refund(ctx, tx, o, r); err != nil {
			return err
		}
		return settleKey(ctx, tx, "refund:"+o.Number, r.Key, refund.ID.String())
	})
	return refund, err
}

func (r RefundRequest) check() error {
	var fields fault.Fields
	if r.Key == "" || len(r.Key) > 255 {
		fields.Add("idempotency_key", "idempotency_key", "must be there, with at most 255 characters")
	}
	if len(r.Reason) > 500 {
		fields.Add("reason", "too_long", "has at most 500 characters")
	}
	if r.Amount != nil && *r.Amount <= 0 {
		fields.Add("amount", "amount_not_positive", "must be at least one cent")
	}
	if r.Amount != nil && (len(r.Lines) > 0 || r.Shipping) {
		fields.Add("amount", "amount_or_lines", "give either an amount or lines and shipping")
	}
	if r.Means != "" && !slices.Contains(desk.WaysBack(), r.Means) {
		fields.Add("means", "means_unknown", "must be cash, card_terminal or transfer")
	}
	for i, l := range r.Lines {
		if l.Quantity < 1 {
			fields.Add(fmt.Sprintf("lines[%d].quantity", i), "quantity_out_of_range", "must be at least 1")
		}
	}
	return fields.Err()
}

func (r RefundRequest) hash() []byte {
	data, _ := json.Marshal(struct {
		Amount   *money.Amount
		Lines    []LineQuantity
		Shipping bool
	}{r.Amount, r.Lines, r.Shipping})
	h := sha256.Sum256(data)
	return h[:]
}

func refundByID(ctx context.Context, tx pgx.Tx, orderID uuid.UUID, id string) (payments.Refund, error) {
	refunds, err := payments.RefundsOf(ctx, tx, orderID)
	if err != nil {
		return payments.Refund{}, err
	}
	for _, r := range refunds {
		if r.ID.String() == id {
			return r, nil
		}
	}
	return payments.Refund{}, fmt.Errorf("refund %s of order %s is gone", id, orderID)
}

// refund does the work of RefundOrder inside its transaction, on a locked order.
func (s *Service) refund(ctx context.Context, tx pgx.Tx, o Order, r RefundRequest) (payments.Refund, error) {
	if err := mustNotBeDisputed(ctx, tx, o.ID); err != nil {
		return payments.Refund{}, err
	}
	sources, left, shippingLeft, err := refundable(ctx, tx, o)
	if err != nil {
		return payments.Refund{}, err
	}
	amount, detail, err := r.resolve(o, left, shippingLeft)
	if err != nil {
		return payments.Refund{}, err
	}
	if amount > left || amount <= 0 {
		return payments.Refund{}, fault.New(fault.Conflict, "exceeds_refundable", "that is more than is left to give back").With("left", left).With("asked", amount)
	}
	detail.Means, detail.By = r.Means, r.Actor
	if detail.credited(amount) > 0 {
		if detail.Replaces, err = replacedRefund(ctx, tx, o, amount); err != nil {
			return payments.Refund{}, err
		}
	}
	if detail.Replaces == nil {
		notable, err := creditable(ctx, tx, o)
		if err != nil {
			return payments.Refund{}, err
		}
		if credited := detail.credited(amount); credited > notable {
			return payments.Refund{}, fault.New(fault.Conflict, "exceeds_refundable", "that is more than is left of the invoice: a gift card is given back as the line that it is").With("left", notable).With("asked", amount)
		}
	}
	detail.Unsent = map[string]int{}
	for _, l := range o.Lines {
		n := min(max(detail.Lines[l.SKU], r.withdrawn[l.SKU]), l.Left())
		if r.cancels {
			// Whatever was given back as an amount before, none of the goods go out any more.
			n = l.Left()
		}
		if n > 0 && o.Status != Cancelled {
			detail.Unsent[l.SKU] = n
		}
	}
	// Stock rows are locked before gift cards, as everywhere.
	if err := s.keepBack(ctx, tx, o, detail.Unsent, r.Actor, "refunded before it was sent"); err != nil {
		return payments.Refund{}, err
	}
	ended, err := endCards(ctx, tx, o, detail)
	if err != nil {
		return payments.Refund{}, err
	}
	refund, err := s.giveBack(ctx, tx, sources, amount, detail, r)
	if err != nil {
		return payments.Refund{}, err
	}
	// The cards have ended now, whatever becomes of the refund: what they held is owed to the customer.
	if err := ledger.PostGiftCardUsed(ctx, tx, ledger.GiftCardMove{Cause: "void:" + refund.ID.String(), OrderID: o.ID, Reference: o.Number, Amount: ended, At: s.Clock.Now()}); err != nil {
		return payments.Refund{}, err
	}
	return refund, audit.Record(ctx, tx, audit.Entry{Actor: r.Actor, Action: "order.refund", Subject: "order:" + o.Number, Detail: map[string]any{"amount": amount, "refund": refund.ID, "reason": r.Reason}})
}

// price notes what was paid for the pieces, and what of that bought gift cards.
func (d *refundDetail) price(o Order) {
	d.Worth = map[string]money.Amount{}
	for _, l := range o.Lines {
		if n := d.Lines[l.SKU]; n > 0 {
			d.Worth[l.SKU] = l.worth(n)
			if l.GiftCard {
				d.Cards += d.Worth[l.SKU]
			}
		}
	}
}

// source is a payment of an order and what is left of it.
type source struct {
	payments.Payment
	left money.Amount
}

// refundable lists the payments that an order stands on, gift cards first, with what is left of each
// and of all, and how much of that is shipping. What a bank has taken back is the customer's already.
func refundable(ctx context.Context, q pg.Querier, o Order) (sources []source, left, shipping money.Amount, err error) {
	attempts, err := payments.OfOrder(ctx, q, o.ID)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, p := range attempts {
		switch {
		case o.PaymentID == nil || p.State != payments.Captured:
		case p.Gateway == payments.ByGiftCard:
			sources = append([]source{{p, p.Amount}}, sources...)
		case p.ID == *o.PaymentID:
			sources = append(sources, source{p, p.Amount})
		}
	}
	if len(sources) == 0 {
		return nil, 0, 0, fault.New(fault.Conflict, "order_not_paid", "this order was not paid: there is nothing to give back")
	}
	refunds, err := payments.RefundsOf(ctx, q, o.ID)
	if err != nil {
		return nil, 0, 0, err
	}
	shipping = o.Shipping
	for _, r := range refunds {
		for i := range sources {
			if r.PaymentID != sources[i].ID || !r.Counts() {
				continue
			}
			detail, err := parseRefundDetail(r.Detail)
			if err != nil {
				return nil, 0, 0, err
			}
			sources[i].left -= r.Amount
			shipping -= detail.Shipping
		}
	}
	disputes, err := payments.DisputesOf(ctx, q, o.ID)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, d := range disputes {
		for i := range sources {
			if d.PaymentID == sources[i].ID && d.Took() {
				sources[i].left = max(0, sources[i].left-d.Amount)
			}
		}
	}
	for _, s := range sources {
		left += s.left
	}
	return sources, left, max(0, shipping), nil
}

// giveBack requests the refunds that make an amount: to the balance of gift cards first, the rest the
// way that it came. The first one stands for all: it holds what they are for, and has the credit note.
func (s *Service) giveBack(ctx context.Context, tx pgx.Tx, sources []source, amount money.Amount, detail refundDetail, r RefundRequest) (payments.Refund, error) {
	var first payments.Refund
	rest := amount
	for _, from := range sources {
		if from.Gateway == payments.Desk {
			// The desk's counter is locked before any document's, whichever way goes first.
			if err := desk.LockNumbers(ctx, tx, s.Clock.Now()); err != nil {
				return first, err
			}
		}
	}
	for _, from := range sources {
		part := min(rest, from.left)
		if part <= 0 {
			continue
		}
		rest -= part
		mine := detail
		if first.ID != uuid.Nil {
			id := first.ID
			mine = refundDetail{PartOf: &id, Means: r.Means, By: r.Actor}
		} else if part < amount {
			mine.Total = amount
		}
		data, err := json.Marshal(mine)
		if err != nil {
			return first, err
		}
		made, err := s.Payments.RequestRefund(ctx, tx, from.Payment, payments.RefundNew{Amount: part, Reason: r.Reason, Detail: data, Key: r.Key, Actor: r.Actor})
		if err != nil {
			return first, err
		}
		if first.ID == uuid.Nil {
			first = made
		}
		if made.State == payments.Succeeded {
			if err := s.Refunded(ctx, tx, from.Payment, made); err != nil {
				return first, err
			}
		}
	}
	return first, nil
}

// endCards ends the gift cards whose price goes back, and tells what they held. Cards that ended with an
// earlier refund, whose money came back, are given back again without another one ending for them.
func endCards(ctx context.Context, tx pgx.Tx, o Order, detail refundDetail) (money.Amount, error) {
	var held money.Amount
	owed, err := endedCards(ctx, tx, o)
	if err != nil {
		return 0, err
	}
	for _, l := range o.Lines {
		n := detail.Lines[l.SKU]
		if !l.GiftCard || n == 0 {
			continue
		}
		again := min(n, owed[l.UnitPrice])
		owed[l.UnitPrice] -= again
		if err := payments.VoidGiftCards(ctx, tx, o.ID, l.UnitPrice, n-again); err != nil {
			return 0, err
		}
		held += l.UnitPrice * money.Amount(n-again)
	}
	return held, nil
}

// endedCards counts, by their price, the cards of an order that have ended and whose price no refund gives back.
func endedCards(ctx context.Context, q pg.Querier, o Order) (map[money.Amount]int, error) {
	owed := map[money.Amount]int{}
	cards, err := payments.GiftCardsOf(ctx, q, o.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range cards {
		if c.VoidedAt != nil {
			owed[c.Initial]++
		}
	}
	for _, l := range o.Lines {
		if l.GiftCard {
			owed[l.UnitPrice] = max(0, owed[l.UnitPrice]-l.Refunded)
		}
	}
	return owed, nil
}

// resolve turns a request into an amount and what it is for.
func (r RefundRequest) resolve(o Order, left, shippingLeft money.Amount) (money.Amount, refundDetail, error) {
	if r.Amount != nil {
		return *r.Amount, refundDetail{}, nil
	}
	if len(r.Lines) == 0 && !r.Shipping && r.carriage == nil {
		detail := refundDetail{Lines: map[string]int{}, Shipping: shippingLeft}
		whole := shippingLeft
		for _, l := range o.Lines {
			if n := l.Quantity - l.Refunded; n > 0 {
				detail.Lines[l.SKU] = n
				whole += l.worth(n)
			}
		}
		detail.price(o)
		if whole != left {
			// Amounts were given back before.
			return left, detail.asAmount(o), nil
		}
		return left, detail, nil
	}
	detail := refundDetail{Lines: map[string]int{}}
	var amount money.Amount
	var fields fault.Fields
	for i, want := range r.Lines {
		found := false
		for _, l := range o.Lines {
			if l.SKU != want.SKU {
				continue
			}
			found = true
			detail.Lines[l.SKU] += want.Quantity
			if detail.Lines[l.SKU] > l.Quantity-l.Refunded {
				return 0, detail, fault.New(fault.Conflict, "exceeds_refundable", "more pieces than are left to give back").With("sku", l.SKU).With("left", l.Quantity-l.Refunded)
			}
		}
		if !found {
			fields.Add(fmt.Sprintf("lines[%d].sku", i), "sku_not_found", "is not an article of this order")
		}
	}
	if err := fields.Err(); err != nil {
		return 0, detail, err
	}
	detail.price(o)
	for _, worth := range detail.Worth {
		amount += worth
	}
	switch {
	case r.carriage != nil:
		detail.Shipping = min(*r.carriage, shippingLeft)
	case r.Shipping:
		detail.Shipping = shippingLeft
	}
	amount += detail.Shipping
	if r.withdrawn != nil && amount > left {
		return left, detail.asAmount(o), nil
	}
	return amount, detail, nil
}

// asAmount is the refund when less is left than its parts are worth: what goes back for the goods is an amount,
// the gift cards stay the lines that they are.
func (d refundDetail) asAmount(o Order) refundDetail {
	cards := refundDetail{Lines: map[string]int{}}
	for _, l := range o.Lines {
		if n := d.Lines[l.SKU]; n > 0 && l.GiftCard {
			cards.Lines[l.SKU] = n
		}
	}
	cards.price(o)
	return cards
}

// replacedRefund finds a failed refund of the same amount whose credit note no other refund stands
// on yet. A part of a refund that went back by several ways stands on what its first part did, which
// was carried out: a gift card refuses nothing.
func replacedRefund(ctx context.Context, tx pgx.Tx, o Order, amount money.Amount) (*uuid.UUID, error) {
	refunds, err := payments.RefundsOf(ctx, tx, o.ID)
	if err != nil {
		return nil, err
	}
	taken := map[uuid.UUID]bool{}
	for _, r := range refunds {
		detail, err := parseRefundDetail(r.Detail)
		if err != nil {
			return nil, err
		}
		if detail.Replaces != nil && r.State != payments.RefundFailed {
			taken[*detail.Replaces] = true
		}
	}
	documents, err := ledger.DocumentsOf(ctx, tx, o.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range refunds {
		if r.State != payments.RefundFailed || r.Amount != amount || taken[r.ID] {
			continue
		}
		id := r.ID
		detail, err := parseRefundDetail(r.Detail)
		if err != nil {
			return nil, err
		}
		if detail.PartOf != nil {
			return &id, nil
		}
		for _, d := range documents {
			if d.RefundID != nil && *d.RefundID == r.ID {
				return &id, nil
			}
		}
	}
	return nil, nil
}

// keepBack puts pieces of an order that have not left the office, and will not, back on sale.
func (s *Service) keepBack(ctx context.Context, tx pgx.Tx, o Order, pieces map[string]int, actor, reason string) error {
	if err := unpack(ctx, tx, o, pieces, actor); err != nil {
		return err
	}
	return s.putBack(ctx, tx, o, pieces, actor, reason)
}

// putBack puts pieces of an order back on sale.
func (s *Service) putBack(ctx context.Context, tx pgx.Tx, o Order, pieces map[string]int, actor, reason string) error {
	var back []catalog.Quantity
	for _, l := range o.Lines {
		if n := pieces[l.SKU]; n > 0 {
			back = append(back, catalog.Quantity{VariantID: l.VariantID, Quantity: n})
		}
	}
	if len(back) == 0 {
		return nil
	}
	return catalog.PutBack(ctx, tx, back, o.Number, actor, reason)
}

func (s *Service) lockByNumber(ctx context.Context, tx pgx.Tx, number string) (Order, error) {
	o, err := GetOrder(ctx, tx, number)
	if err != nil {
		return Order{}, err
	}
	if err := s.Lock(ctx, tx, o.ID); err != nil {
		return Order{}, err
	}
	return orderByID(ctx, tx, o.ID)
}
