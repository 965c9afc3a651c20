package shop

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments/ledger"
)

// Order is a placed order: a snapshot that no later change of a product, price, tariff or VAT rate
// touches. Status, PaymentStatus and FulfilmentStatus are the three words of the public interface.
type Order struct {
	ID               uuid.UUID
	Number           string
	Status           string
	PaymentStatus    string
	FulfilmentStatus string
	Lang             text.Lang
	Email            string
	Phone            string
	SIREN            string
	VATNumber        string
	Address          place.Address
	ShippingKind     string
	ShippingMethod   string
	ShippingLabel    string
	Quote            Option
	Conditions       int
	Basis            *Basis
	Promise          *Promise
	Goods            money.Amount
	Shipping         money.Amount
	Total            money.Amount
	// GiftTotal is what gift cards pay of the total.
	GiftTotal        money.Amount
	VoucherCode      string
	ShippingDiscount money.Amount
	// StandardShipping is what the cheapest delivery that was offered would have cost.
	StandardShipping money.Amount
	TermsVersion     string
	// PaysAt is where it is paid: PaysOnline or PaysAtDesk.
	PaysAt      string
	PlacedAt    time.Time
	ExpiresAt   time.Time
	ConfirmedAt *time.Time
	PaymentID   *uuid.UUID
	CartID      *uuid.UUID
	Lines       []OrderLine
	VAT         []vat.RateSum
	// Regime is how VAT sees the sale; it is decided when the order is placed.
	Regime  ledger.Regime
	keyHash []byte
	seq     int
}

// OrderLine is one article of an order. Sent is how many pieces left the office, Refunded how many
// were paid back, Dropped how many were paid back, or withdrawn from, before they left. NoWithdrawal says why it cannot be
// given back (C. conso. art. L221-28); empty when it can.
type OrderLine struct {
	VariantID   int64
	SKU         string
	Name        string
	Options     string
	Quantity    int
	UnitPrice   money.Amount
	Discount    money.Amount
	Total       money.Amount
	VATClass    vat.Class
	VATRate     vat.Rate
	Net         money.Amount
	VAT         money.Amount
	WeightG     int
	PhotoSHA256 string
	Slug        string
	// AnalyticCode is the accountant's word for what was sold, as it was that day.
	AnalyticCode string
	Sent         int
	Refunded     int
	Dropped      int

	NoWithdrawal string
	// GiftCard tells a card of the shop's: money that was paid before, not goods.
	GiftCard bool
}

// Left is how many pieces of the line are still to be sent.
func (l OrderLine) Left() int { return max(0, l.Quantity-l.Sent-l.Dropped) }

// unsent are the pieces that are still to be sent, by article.
func (o Order) unsent() map[string]int {
	pieces := map[string]int{}
	for _, l := range o.Lines {
		if n := l.Left(); n > 0 {
			pieces[l.SKU] = n
		}
	}
	return pieces
}

// worth is what the next pieces of the line that are given back are worth: what was paid for the line,
// shared out piece by piece, so that giving back all of them gives back exactly the line.
func (l OrderLine) worth(pieces int) money.Amount {
	if l.Quantity == 0 {
		return 0
	}
	upTo := func(n int) money.Amount { return l.Total * money.Amount(n) / money.Amount(l.Quantity) }
	return upTo(l.Refunded+pieces) - upTo(l.Refunded)
}

// Collected tells whether the shopper fetches the order at the office.
func (o Order) Collected() bool { return o.ShippingKind == "collection" }

// Pieces is how many pieces the order has.
func (o Order) Pieces() int {
	n := 0
	for _, l := range o.Lines {
		n += l.Quantity
	}
	return n
}

// The kinds of a method, as an order keeps them.
const (
	deliveryKind   = "delivery"
	collectionKind = "collection"
)

// ErrNoOrder is what an unknown number answers, and a wrong key: the two can't be told apart.
func errNoOrder() error {
	return fault.New(fault.NotFound, "order_not_found", "there is no such order, or the link to it is not complete")
}

// orderAlphabet has no letter that is read as another (Crockford's base 32).
const orderAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newOrderNumber draws an order's number: B, the year in Europe/Paris, eight random characters.
// Numbers in public tell nothing of how much is sold.
func newOrderNumber(now time.Time) string {
	var b [8]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = orderAlphabet[int(b[i])%len(orderAlphabet)]
	}
	return "B" + now.In(text.Paris()).Format("06") + "-" + string(b[:4]) + "-" + string(b[4:])
}

// Keys makes and checks the keys of orders' pages: 192 bits derived from the shop's own secret, so
// that mails sent later can carry the link without the key being stored anywhere.
type Keys struct{ secret []byte }

// NewKeys takes the shop's secret, at least 32 random bytes.
func NewKeys(secret []byte) (Keys, error) {
	if len(secret) < 32 {
		return Keys{}, fault.New(fault.Internal, "order_secret_short", "the secret for orders' keys must have at least 32 bytes")
	}
	return Keys{secret: secret}, nil
}

// Of gives the key of an order.
func (k Keys) Of(id uuid.UUID) string {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte("order-key\x00"))
	mac.Write(id[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:24])
}

func hashKey(key string) []byte {
	h := sha256.Sum256([]byte(key))
	return h[:]
}

// Opens tells, in constant time, whether the key opens the order.
func (o Order) Opens(key string) bool {
	return len(o.keyHash) > 0 && hmac.Equal(o.keyHash, hashKey(key))
}

// OrderPhotos lists the originals of the photographs that orders keep of what was bought.
func OrderPhotos(ctx context.Context, q pg.Querier) ([]string, error) {
	rows, err := q.Query(ctx, sqlOrderPhotos)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
