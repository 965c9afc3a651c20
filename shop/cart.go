package shop

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/payments"
)

// MaxQuantity is how many pieces of one article a cart takes; MaxLines how many articles.
const (
	MaxQuantity = 99
	MaxLines    = 50
)

// Cart is what a shopper chose, priced as the catalogue stands now.
type Cart struct {
	ID       uuid.UUID
	Lang     text.Lang
	To       Destination
	Lines    []CartLine
	Goods    money.Amount
	Problems []Problem
	// OrderID names the order that this cart has become and that waits for its payment.
	OrderID *uuid.UUID
	// VoucherCode and Discount are the voucher's; the lines bear their shares of the discount already.
	VoucherCode string
	Discount    money.Amount
	Gifts       []CartGift

	voucher *Voucher
	shown   map[string]money.Amount
}

// CartLine is one article of a cart.
type CartLine struct {
	SKU      string
	Quantity int
	Total    money.Amount
	Discount money.Amount
	Shown    money.Amount
	catalog.Sellable
}

// Problem is something that stands between a cart and its order.
type Problem struct {
	Code   string
	SKU    string
	Params map[string]any
}

// The problems of a cart.
const (
	ProblemPrice    = "price_changed"
	ProblemGone     = "no_longer_available"
	ProblemShortage = "not_enough_stock"
	ProblemOrdered  = "order_waits_for_payment"

	ProblemVoucherGone    = "voucher_gone"
	ProblemVoucherMinimum = "voucher_minimum"
	ProblemVoucherIdle    = "voucher_idle"
	ProblemGiftGone       = "gift_card_gone"
)

// Blocks tells whether the problem keeps the cart from being ordered; a changed price and a code that
// gives nothing are only said.
func (p Problem) Blocks() bool {
	return p.Code == ProblemGone || p.Code == ProblemShortage || p.Code == ProblemOrdered
}

// has tells whether the cart has a problem.
func (c Cart) has(code string) bool {
	return slices.ContainsFunc(c.Problems, func(p Problem) bool { return p.Code == code })
}

// Count is how many pieces the cart holds.
func (c Cart) Count() int {
	n := 0
	for _, l := range c.Lines {
		n += l.Quantity
	}
	return n
}

// Items are the cart's lines as shipping sees them.
func (c Cart) Items() []Item {
	items := make([]Item, 0, len(c.Lines))
	for _, l := range c.Lines {
		if l.Family == giftCardFamily {
			continue
		}
		item := ItemOf(l.Sellable, l.Quantity)
		item.Discount = l.Discount
		items = append(items, item)
	}
	return items
}

// ItemOf is so many of an article, as shipping sees it.
func ItemOf(s catalog.Sellable, quantity int) Item {
	return Item{SKU: s.SKU, Quantity: quantity, UnitPrice: s.Price, WeightG: s.WeightG, LengthMM: s.LengthMM, WidthMM: s.WidthMM, HeightMM: s.HeightMM,
		Family: s.Family, Classes: s.ShippingClasses, NewBook: s.NewBook}
}

// HasAlcohol tells whether an article needs its buyer to be of age (CSP art. L3342-1).
func (c Cart) HasAlcohol() bool {
	return slices.ContainsFunc(c.Lines, func(l CartLine) bool { return l.Family == "alcohol" })
}

func errNoCart() error {
	return fault.New(fault.NotFound, "cart_not_found", "there is no such cart: make a new one")
}

// NewCart makes an empty cart. Its id is unguessable and is all that opens it.
func (s *Service) NewCart(ctx context.Context, lang text.Lang) (Cart, error) {
	id := uuid.New()
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlInsertCart, pgx.NamedArgs{"id": id, "lang": string(lang)})
		return err
	})
	return Cart{ID: id, Lang: lang, To: Destination{Country: "FR"}}, err
}

type cartRow struct {
	ID            uuid.UUID
	Lang          string
	Country       string
	PostalCode    string
	ShownShipping []byte
	VoucherCode   string
	GiftCodes     []string
	OrderID       *uuid.UUID
}

type cartLineRow struct {
	SKU        string
	Quantity   int
	ShownPrice int64
}

// GetCart reads a cart with today's prices and what is wrong with it. lang chooses the language of
// names; empty keeps the cart's own.
func (s *Service) GetCart(ctx context.Context, id uuid.UUID, lang text.Lang) (Cart, error) {
	return readCart(ctx, s.Pool, id, lang, sqlCart)
}

func readCart(ctx context.Context, q pg.Querier, id uuid.UUID, lang text.Lang, statement string) (Cart, error) {
	rows, err := q.Query(ctx, statement, pgx.NamedArgs{"id": id})
	if err != nil {
		return Cart{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[cartRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Cart{}, errNoCart()
	}
	if err != nil {
		return Cart{}, err
	}
	cart := Cart{ID: row.ID, Lang: lang, To: Destination{Country: place.Country(row.Country), PostalCode: row.PostalCode}, OrderID: row.OrderID, VoucherCode: row.VoucherCode}
	if cart.Lang == "" {
		cart.Lang = text.Lang(row.Lang)
	}
	if err := json.Unmarshal(row.ShownShipping, &cart.shown); err != nil {
		return Cart{}, err
	}
	rows, err = q.Query(ctx, sqlCartLines, pgx.NamedArgs{"id": id})
	if err != nil {
		return Cart{}, err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[cartLineRow])
	if err != nil {
		return Cart{}, err
	}
	skus := make([]string, len(lines))
	for i, l := range lines {
		skus[i] = l.SKU
	}
	sellables, err := catalog.Sellables(ctx, q, cart.Lang, skus)
	if err != nil {
		return Cart{}, err
	}
	if cart.OrderID != nil {
		cart.Problems = append(cart.Problems, Problem{Code: ProblemOrdered})
	}
	for _, l := range lines {
		sellable, known := sellables[l.SKU]
		if !known {
			cart.Problems = append(cart.Problems, Problem{Code: ProblemGone, SKU: l.SKU})
			continue
		}
		line := CartLine{SKU: l.SKU, Quantity: l.Quantity, Shown: money.Amount(l.ShownPrice), Sellable: sellable, Total: sellable.Price.Times(l.Quantity)}
		cart.Lines = append(cart.Lines, line)
		cart.Goods += line.Total
		cart.judge(line)
	}
	if cart.VoucherCode != "" {
		v, found, err := findVoucher(ctx, q, cart.VoucherCode)
		if err != nil {
			return Cart{}, err
		}
		cart.applyVoucher(v, found)
	}
	for _, code := range row.GiftCodes {
		card, err := payments.FindGiftCard(ctx, q, code)
		switch {
		case fault.Is(err, "gift_card_invalid"):
			cart.Problems = append(cart.Problems, Problem{Code: ProblemGiftGone})
		case err != nil:
			return Cart{}, err
		default:
			cart.Gifts = append(cart.Gifts, CartGift{Code: code, Hint: card.Hint, Balance: card.Balance, cardID: card.ID})
		}
	}
	return cart, nil
}

func (c *Cart) judge(l CartLine) {
	switch {
	case !l.Published:
		c.Problems = append(c.Problems, Problem{Code: ProblemGone, SKU: l.SKU, Params: map[string]any{"name": l.Name}})
	case c.OrderID == nil && l.Available < l.Quantity:
		c.Problems = append(c.Problems, Problem{Code: ProblemShortage, SKU: l.SKU, Params: map[string]any{"name": l.Name, "available": l.Available, "wanted": l.Quantity}})
	}
	if l.Shown != l.Price {
		c.Problems = append(c.Problems, Problem{Code: ProblemPrice, SKU: l.SKU, Params: map[string]any{"name": l.Name, "before": l.Shown, "now": l.Price}})
	}
}

// ShowCart is GetCart for a reader who will act on what is shown: the prices become the last ones
// shown, which is what checkout holds the shop to.
func (s *Service) ShowCart(ctx context.Context, id uuid.UUID, lang text.Lang) (Cart, error) {
	cart, err := s.GetCart(ctx, id, lang)
	if err != nil {
		return Cart{}, err
	}
	if !slices.ContainsFunc(cart.Lines, func(l CartLine) bool { return l.Shown != l.Price }) {
		return cart, nil
	}
	return cart, pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		for _, l := range cart.Lines {
			if _, err := tx.Exec(ctx, sqlShowPrice, pgx.NamedArgs{"id": id, "sku": l.SKU, "price": int64(l.Price)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetLine puts a quantity of an article into the cart; 0 takes it out. An article that is not sold
// is NotFound with code sku_not_found; a quantity outside 0 to 99 is Invalid.
func (s *Service) SetLine(ctx context.Context, id uuid.UUID, sku string, quantity int) (Cart, error) {
	return s.changeLine(ctx, id, sku, func(int) int { return quantity })
}

// AddLine adds to what the cart has of an article, up to 99 pieces.
func (s *Service) AddLine(ctx context.Context, id uuid.UUID, sku string, quantity int) (Cart, error) {
	return s.changeLine(ctx, id, sku, func(had int) int {
		if quantity < 1 || quantity > MaxQuantity {
			return quantity
		}
		return min(had+quantity, MaxQuantity)
	})
}

func (s *Service) changeLine(ctx context.Context, id uuid.UUID, sku string, change func(had int) int) (Cart, error) {
	if len(sku) == 0 || len(sku) > 64 {
		return Cart{}, fault.New(fault.NotFound, "sku_not_found", "no article has this SKU")
	}
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		cart, err := readCart(ctx, tx, id, "", sqlLockCart)
		if err != nil {
			return err
		}
		if err := cart.mustBeFree(); err != nil {
			return err
		}
		had := 0
		for _, l := range cart.Lines {
			if l.SKU == sku {
				had = l.Quantity
			}
		}
		quantity := change(had)
		if quantity < 0 || quantity > MaxQuantity {
			var fields fault.Fields
			fields.AddWith("quantity", "quantity_out_of_range", "must be between 0 and 99", map[string]any{"max": MaxQuantity})
			return fields.Err()
		}
		if _, err := tx.Exec(ctx, sqlTouchCart, pgx.NamedArgs{"id": id}); err != nil {
			return err
		}
		if quantity == 0 {
			_, err := tx.Exec(ctx, sqlDeleteCartLine, pgx.NamedArgs{"id": id, "sku": sku})
			return err
		}
		sellables, err := catalog.Sellables(ctx, tx, cart.Lang, []string{sku})
		if err != nil {
			return err
		}
		sellable, known := sellables[sku]
		if !known || !sellable.Published {
			return fault.New(fault.NotFound, "sku_not_found", "no article on sale has this SKU")
		}
		if had == 0 && len(cart.Lines) >= MaxLines {
			return fault.Newf(fault.Conflict, "cart_full", "a cart takes at most %d different articles", MaxLines)
		}
		_, err = tx.Exec(ctx, sqlPutCartLine, pgx.NamedArgs{"id": id, "sku": sku, "quantity": quantity, "price": int64(sellable.Price)})
		return err
	})
	if err != nil {
		return Cart{}, err
	}
	return s.GetCart(ctx, id, "")
}

func (c Cart) mustBeFree() error {
	if c.OrderID != nil {
		return fault.New(fault.Conflict, "cart_ordered", "this cart is an order that waits for its payment: pay it, or give it up to change the cart")
	}
	return nil
}

// SetDestination says where the cart goes, for quotes. A country that no zone holds and a postal
// code that is none of the country are Invalid; an empty postal code is a rough estimate.
func (s *Service) SetDestination(ctx context.Context, id uuid.UUID, to Destination) (Cart, error) {
	var fields fault.Fields
	if !place.Known(to.Country) {
		fields.Add("country", "country_unknown", "is not a country that the shop knows")
	} else if to.PostalCode != "" {
		code, ok := place.PostalCode(to.Country, to.PostalCode)
		if !ok {
			fields.AddWith("postal_code", "postal_code_invalid", "is not a postal code of this country", map[string]any{"example": place.PostalExample(to.Country)})
		}
		to.PostalCode = code
	}
	if err := fields.Err(); err != nil {
		return Cart{}, err
	}
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlSetDestination, pgx.NamedArgs{"id": id, "country": string(to.Country), "postal_code": to.PostalCode})
		if err == nil && tag.RowsAffected() == 0 {
			return errNoCart()
		}
		return err
	})
	if err != nil {
		return Cart{}, err
	}
	return s.GetCart(ctx, id, "")
}

// ShippingOptions quotes the cart for its destination, with the pickup points around it, and keeps the prices as the last ones shown.
func (s *Service) ShippingOptions(ctx context.Context, id uuid.UUID, around Around) (Cart, Quote, error) {
	cart, err := s.ShowCart(ctx, id, "")
	if err != nil {
		return Cart{}, Quote{}, err
	}
	quote, err := s.QuoteCart(ctx, cart, around)
	return cart, quote, err
}

// QuoteCart is ShippingOptions for a cart that ShowCart has just read.
func (s *Service) QuoteCart(ctx context.Context, cart Cart, around Around) (Quote, error) {
	conditions, err := s.currentConditions(ctx)
	if err != nil {
		return Quote{}, err
	}
	terms, err := termsFor(ctx, s.Pool, conditions, cart.To, around, Terms{At: s.Clock.Now(), FreeBy: cart.freeBy(), Lang: cart.Lang})
	if err != nil {
		return Quote{}, err
	}
	quote := cart.quote(conditions, cart.To, terms)
	shown := map[string]money.Amount{}
	for _, o := range quote.Options {
		shown[o.Method] = o.Price
	}
	if !equalPrices(shown, cart.shown) {
		data, err := json.Marshal(shown)
		if err != nil {
			return Quote{}, err
		}
		err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, sqlShowShipping, pgx.NamedArgs{"id": cart.ID, "shown": data})
			return err
		})
		if err != nil {
			return Quote{}, err
		}
	}
	return quote, nil
}

func equalPrices(a, b map[string]money.Amount) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// CartAge is how long an untouched cart is kept.
const CartAge = 30 * 24 * time.Hour

// SweepCarts deletes carts that nobody touched for thirty days and that no order waits on.
func (s *Service) SweepCarts(ctx context.Context) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlDeleteOldCarts, pgx.NamedArgs{"age": CartAge})
		return err
	})
}
