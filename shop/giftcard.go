package shop

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
	"boutique/internal/vat"
	"boutique/payments"
	"boutique/payments/ledger"
)

// maxGiftCards is how many cards pay one order.
const maxGiftCards = 5

// giftCardLife is how long a card can be used.
const giftCardLife = 2

// CartGift is a gift card on a cart and what it would pay.
type CartGift struct {
	Code, Hint string
	Balance    money.Amount
	cardID     uuid.UUID
}

// GiftMail is one card in a mail: its code is written nowhere else.
type GiftMail struct {
	Code      string
	Amount    money.Amount
	ExpiresAt time.Time
}

// SetGiftCards puts gift cards on a cart; none takes them off. A code without money behind it is
// Invalid and named by its place.
func (s *Service) SetGiftCards(ctx context.Context, id uuid.UUID, codes []string) (Cart, error) {
	if codes == nil {
		codes = []string{}
	}
	return s.setCodes(ctx, id, sqlSetCartGiftCodes, pgx.NamedArgs{"id": id, "codes": codes}, func(tx pgx.Tx) error {
		var fields fault.Fields
		if len(codes) > maxGiftCards {
			fields.AddWith("codes", "gift_cards_too_many", "at most five cards pay one order", map[string]any{"max": maxGiftCards})
			return fields.Err()
		}
		seen := map[uuid.UUID]bool{}
		for i, code := range codes {
			card, err := payments.FindGiftCard(ctx, tx, code)
			if err != nil && fault.KindOf(err) != fault.Invalid {
				return err
			}
			if err != nil || seen[card.ID] {
				fields.Add(fmt.Sprintf("codes[%d]", i), "gift_card_invalid", "no gift card with money on it has this code")
			}
			seen[card.ID] = true
		}
		return fields.Err()
	})
}

// takes shares an amount over the cart's cards. What is left for an online payment is nothing or at
// least the smallest amount that the provider takes; a card pays a little less rather than leave less.
func (c Cart) takes(total money.Amount) (takes []payments.GiftTake, sum money.Amount) {
	for _, g := range c.Gifts {
		if n := min(g.Balance, total-sum); n > 0 {
			takes = append(takes, payments.GiftTake{CardID: g.cardID, Amount: n})
			sum += n
		}
	}
	if rest := total - sum; rest > 0 && rest < payments.Minimum && len(takes) > 0 {
		last := &takes[len(takes)-1]
		if less := payments.Minimum - rest; last.Amount > less {
			last.Amount -= less
			sum -= less
		}
	}
	return takes, sum
}

// GiftPays is what the cart's gift cards would pay of a total.
func (c Cart) GiftPays(total money.Amount) money.Amount {
	_, sum := c.takes(total)
	return sum
}

// CarrierMail carries gift cards: their code goes by mail.
const CarrierMail = "e-mail"

// sellGiftCards issues the cards that a paid order has bought, books them and mails their codes. They
// are delivered with the mail.
func (s *Service) sellGiftCards(ctx context.Context, tx pgx.Tx, o *Order) error {
	var cards []GiftMail
	var sold []LineQuantity
	local := s.Clock.Now().In(text.Paris())
	expires := time.Date(local.Year()+giftCardLife, local.Month(), local.Day()+1, 0, 0, 0, 0, text.Paris())
	for _, l := range o.Lines {
		if !l.GiftCard {
			continue
		}
		sold = append(sold, LineQuantity{l.SKU, l.Quantity})
		for n := range l.Quantity {
			id := uuid.NewSHA1(o.ID, fmt.Appendf(nil, "gift-card:%s:%d", l.SKU, n))
			code := payments.GiftCode(s.Keys.secret, id)
			if err := payments.IssueGiftCard(ctx, tx, id, code, l.UnitPrice, o.ID, expires); err != nil {
				return err
			}
			if err := ledger.PostGiftCardIssued(ctx, tx, ledger.GiftCardMove{Cause: "issue:" + id.String(), OrderID: o.ID, Reference: o.Number, Amount: l.UnitPrice, At: s.Clock.Now()}); err != nil {
				return err
			}
			cards = append(cards, GiftMail{Code: code, Amount: l.UnitPrice, ExpiresAt: expires})
		}
	}
	if len(cards) == 0 {
		return nil
	}
	shipment, err := s.prepare(ctx, tx, *o, deliveryKind, sold, ShipRequest{Carrier: CarrierMail, Actor: "system"})
	if err != nil {
		return err
	}
	for _, event := range []string{EventShip, EventDeliver} {
		if err := moveShipment(ctx, tx, &shipment, event, "system"); err != nil {
			return err
		}
	}
	return s.enqueue(ctx, tx, s.Mails.GiftCardSold, OrderMail{Order: *o, Cards: cards, Print: s.GiftCardsLink(*o)}, "gift_card_sold", o.ID)
}

// GiftCardsOf lists the cards that an order bought, with their codes: they are derived again, never stored.
// Cards whose price went back are left out; NotFound "document_not_found" when there are none.
func (s *Service) GiftCardsOf(ctx context.Context, o Order) ([]GiftMail, error) {
	cards, err := payments.GiftCardsOf(ctx, s.Pool, o.ID)
	if err != nil {
		return nil, err
	}
	var list []GiftMail
	for _, c := range cards {
		if c.VoidedAt == nil {
			list = append(list, GiftMail{Code: payments.GiftCode(s.Keys.secret, c.ID), Amount: c.Initial, ExpiresAt: c.ExpiresAt})
		}
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "document_not_found", "this order bought no gift card")
	}
	return list, nil
}

// wholeCards counts, by their price, the cards of an order that can be given back: nothing was spent of them, or
// they have ended and their price is owed again. What was spent of a card cannot be taken back.
func wholeCards(ctx context.Context, q pg.Querier, o Order) (map[money.Amount]int, error) {
	if !slices.ContainsFunc(o.Lines, func(l OrderLine) bool { return l.GiftCard }) {
		return nil, nil
	}
	whole, err := endedCards(ctx, q, o)
	if err != nil {
		return nil, err
	}
	cards, err := payments.GiftCardsOf(ctx, q, o.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range cards {
		if c.VoidedAt == nil && c.Balance == c.Initial {
			whole[c.Initial]++
		}
	}
	return whole, nil
}

// Physical tells whether something of the order is to be packed: anything but gift cards, which go by mail.
func (o Order) Physical() bool {
	for _, l := range o.Lines {
		if !l.GiftCard {
			return true
		}
	}
	return false
}

// taxClass is how VAT sees the article: a gift card is a multi-purpose voucher, whatever was chosen
// (CGI art. 256 ter).
func (l CartLine) taxClass() vat.Class {
	if l.Family == giftCardFamily {
		return vat.VoucherMulti
	}
	return l.VATClass
}

// byMail is the one way to send a basket that is gift cards alone.
func byMail(q Quote, now time.Time) Quote {
	q.Refused = nil
	q.Options = []Option{{Method: "email", Kind: KindDigital, Carrier: CarrierMail, Names: Names{text.FR: "Par courriel", text.EN: "By e-mail", text.NL: "Per e-mail", text.DE: "Per E-Mail"},
		Promise: Promise{From: now, To: now}, Why: []Reason{{Code: WhyDigital}}}}
	return q
}

// quote is what it costs to reach the cart's buyer: gift cards go by mail.
func (c Cart) quote(conditions Conditions, to Destination, terms Terms) Quote {
	items := c.Items()
	q := conditions.QuoteOn(items, to, terms)
	if len(items) == 0 && len(c.Lines) > 0 {
		return byMail(q, terms.At)
	}
	return q
}

// freeBy is the code of the cart's voucher when it makes delivery free.
func (c Cart) freeBy() string {
	if c.voucher != nil && c.voucher.Kind == VoucherFreeShipping {
		return c.voucher.Code
	}
	return ""
}

// discount is what a voucher took off the option's price: nothing, or less than nothing.
func (o Option) discount() money.Amount {
	for _, w := range o.Why {
		if w.Code == WhyVoucher {
			return w.Amount
		}
	}
	return 0
}
