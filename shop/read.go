package shop

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments"
	"boutique/payments/desk"
	"boutique/payments/ledger"
)

type orderRow struct {
	ID               uuid.UUID
	Number           string
	KeyHash          []byte
	CartID           *uuid.UUID
	PaymentID        *uuid.UUID
	State            string
	HistorySeq       int
	Lang             string
	Email            string
	Name             string
	Phone            string
	Company          string
	SIREN            string `db:"siren"`
	VATNumber        string `db:"vat_number"`
	Line1            string
	Line2            string
	PostalCode       string
	City             string
	Country          string
	ShippingKind     string
	ShippingMethod   string
	ShippingLabel    string
	Quote            []byte
	PromiseFrom      *time.Time
	PromiseTo        *time.Time
	GoodsTotal       int64
	ShippingTotal    int64
	StandardShipping int64
	VoucherCode      string
	ShippingDiscount int64
	GiftTotal        int64
	Total            int64
	TermsVersion     string
	PaysAt           string
	PlacedAt         time.Time
	ExpiresAt        time.Time
	ConfirmedAt      *time.Time
	PaymentStatus    string
	FulfilmentStatus string
}

func (r orderRow) order() (Order, error) {
	o := Order{
		ID: r.ID, Number: r.Number, Status: r.State, PaymentStatus: r.PaymentStatus, FulfilmentStatus: r.FulfilmentStatus, Lang: text.Lang(r.Lang),
		Email: r.Email, Phone: r.Phone, SIREN: r.SIREN, VATNumber: r.VATNumber,
		Address:      place.Address{Name: r.Name, Company: r.Company, Line1: r.Line1, Line2: r.Line2, PostalCode: r.PostalCode, City: r.City, Country: place.Country(r.Country)},
		ShippingKind: r.ShippingKind, ShippingMethod: r.ShippingMethod, ShippingLabel: r.ShippingLabel,
		Goods: money.Amount(r.GoodsTotal), Shipping: money.Amount(r.ShippingTotal), StandardShipping: money.Amount(r.StandardShipping), VoucherCode: r.VoucherCode, ShippingDiscount: money.Amount(r.ShippingDiscount), GiftTotal: money.Amount(r.GiftTotal), Total: money.Amount(r.Total), TermsVersion: r.TermsVersion, PaysAt: r.PaysAt,
		PlacedAt: r.PlacedAt, ExpiresAt: r.ExpiresAt, ConfirmedAt: r.ConfirmedAt, PaymentID: r.PaymentID, CartID: r.CartID, keyHash: r.KeyHash, seq: r.HistorySeq,
	}
	kept := struct {
		*Option
		Conditions *int    `json:"conditions"`
		Basis      **Basis `json:"basis"`
	}{&o.Quote, &o.Conditions, &o.Basis}
	if err := json.Unmarshal(r.Quote, &kept); err != nil {
		return Order{}, err
	}
	if r.PromiseFrom != nil && r.PromiseTo != nil {
		o.Promise = &Promise{From: noonOf(*r.PromiseFrom), To: noonOf(*r.PromiseTo)}
	}
	return o, nil
}

// noonOf turns a date into a moment of that day in Europe/Paris.
func noonOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, text.Paris())
}

// orderByID reads an order with its lines.
func orderByID(ctx context.Context, q pg.Querier, id uuid.UUID) (Order, error) {
	return readOrder(ctx, q, sqlOrderByID, pgx.NamedArgs{"id": id})
}

// GetOrder reads an order by its number, for staff. An unknown number is NotFound.
func GetOrder(ctx context.Context, q pg.Querier, number string) (Order, error) {
	return readOrder(ctx, q, sqlOrderByNumber, pgx.NamedArgs{"number": strings.ToUpper(number)})
}

// OpenOrder reads an order for the holder of its key. A wrong key and an unknown number are alike.
func (s *Service) OpenOrder(ctx context.Context, number, key string) (Order, error) {
	o, err := GetOrder(ctx, s.Pool, number)
	if err != nil {
		return Order{}, err
	}
	if !o.Opens(key) {
		return Order{}, errNoOrder()
	}
	return o, nil
}

func readOrder(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) (Order, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return Order{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[orderRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Order{}, errNoOrder()
	}
	if err != nil {
		return Order{}, err
	}
	o, err := row.order()
	if err != nil {
		return Order{}, err
	}
	if o.Lines, err = orderLines(ctx, q, o.ID); err != nil {
		return Order{}, err
	}
	if o.VAT, err = orderVAT(ctx, q, o.ID); err != nil {
		return Order{}, err
	}
	refunds, err := payments.RefundsOf(ctx, q, o.ID)
	if err != nil {
		return Order{}, err
	}
	for _, r := range refunds {
		detail, err := parseRefundDetail(r.Detail)
		if err != nil {
			return Order{}, err
		}
		for i := range o.Lines {
			// A refund that failed is owed again, but the pieces that it put back on sale stay there.
			o.Lines[i].Dropped += detail.Unsent[o.Lines[i].SKU]
			if r.State != payments.RefundFailed {
				o.Lines[i].Refunded += detail.Lines[o.Lines[i].SKU]
			}
		}
	}
	return o, nil
}

type orderLineRow struct {
	VariantID   int64
	SKU         string
	Name        string
	Options     string
	Quantity    int
	UnitPrice   int64
	Total       int64
	VATClass    string `db:"vat_class"`
	VATRate     int    `db:"vat_rate"`
	Net         int64
	VAT         int64  `db:"vat"`
	WeightG     int    `db:"weight_g"`
	PhotoSHA256 string `db:"photo_sha256"`
	Slug        string

	NoWithdrawal string
	Discount     int64
	GiftCard     bool
	AnalyticCode string

	Sent int
	// Dropped are the pieces that the shopper withdrew from before they left, for which no money was due.
	Dropped int
}

func orderLines(ctx context.Context, q pg.Querier, id uuid.UUID) ([]OrderLine, error) {
	rows, err := q.Query(ctx, sqlOrderLines, pgx.NamedArgs{"order_id": id})
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[orderLineRow])
	if err != nil {
		return nil, err
	}
	lines := make([]OrderLine, len(found))
	for i, r := range found {
		lines[i] = OrderLine{
			VariantID: r.VariantID, SKU: r.SKU, Name: r.Name, Options: r.Options, Quantity: r.Quantity, UnitPrice: money.Amount(r.UnitPrice),
			Total: money.Amount(r.Total), VATClass: vat.Class(r.VATClass), VATRate: vat.Rate(r.VATRate), Net: money.Amount(r.Net), VAT: money.Amount(r.VAT),
			WeightG: r.WeightG, PhotoSHA256: r.PhotoSHA256, Slug: r.Slug, Sent: r.Sent, Dropped: r.Dropped, NoWithdrawal: r.NoWithdrawal, Discount: money.Amount(r.Discount), GiftCard: r.GiftCard, AnalyticCode: r.AnalyticCode,
		}
	}
	return lines, nil
}

func orderVAT(ctx context.Context, q pg.Querier, id uuid.UUID) ([]vat.RateSum, error) {
	rows, err := q.Query(ctx, sqlOrderVAT, pgx.NamedArgs{"order_id": id})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (vat.RateSum, error) {
		var r vat.RateSum
		err := row.Scan(&r.Rate, &r.GoodsGross, &r.ShippingGross, &r.Gross, &r.Net, &r.VAT, &r.Exemption)
		return r, err
	})
}

// Step is one step of a story, for staff and for the shopper's timeline.
type Step struct {
	Seq    int
	From   string
	Event  string
	To     string
	Actor  string
	Reason string
	At     time.Time
}

// Dossier is all that is known of an order.
type Dossier struct {
	Order
	Key       string
	History   []Step
	Shipments []Shipment
	Payments  []payments.Payment
	Refunds   []payments.Refund
	Documents []ledger.Issued
	Returns   []Return
	Disputes  []payments.Dispute
	// Receipts are what the desk took and gave back.
	Receipts []desk.Receipt
	// Withdrawal is when the shopper may withdraw.
	Withdrawal Window
	// Events are what staff may do with the order now: the open rows of its machine.
	Events []string
}

// Refundable is what was captured and neither given back nor taken back by a bank, gift cards included.
func (d Dossier) Refundable() money.Amount {
	var left money.Amount
	counts := map[uuid.UUID]bool{}
	for _, p := range d.Payments {
		if d.PaymentID != nil && (p.ID == *d.PaymentID || p.Gateway == payments.ByGiftCard) && p.State == payments.Captured {
			counts[p.ID] = true
			left += p.Amount
		}
	}
	for _, r := range d.Refunds {
		if counts[r.PaymentID] && r.Counts() {
			left -= r.Amount
		}
	}
	for _, lost := range d.Disputes {
		if counts[lost.PaymentID] && lost.Took() {
			left -= lost.Amount
		}
	}
	return max(0, left)
}

// Dossier gathers all that is known of an order.
func (s *Service) Dossier(ctx context.Context, o Order) (Dossier, error) {
	d := Dossier{Order: o, Key: s.Keys.Of(o.ID), Events: OrderMachine.Open(o.Status)}
	rows, err := s.Pool.Query(ctx, sqlOrderHistory, pgx.NamedArgs{"order_id": o.ID})
	if err != nil {
		return d, err
	}
	d.History, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Step, error) {
		var h Step
		err := row.Scan(&h.Seq, &h.From, &h.Event, &h.To, &h.Actor, &h.Reason, &h.At)
		return h, err
	})
	if err != nil {
		return d, err
	}
	if d.Shipments, err = shipmentsOf(ctx, s.Pool, o); err != nil {
		return d, err
	}
	if d.Payments, err = payments.OfOrder(ctx, s.Pool, o.ID); err != nil {
		return d, err
	}
	if d.Refunds, err = payments.RefundsOf(ctx, s.Pool, o.ID); err != nil {
		return d, err
	}
	if d.Returns, err = ReturnsOf(ctx, s.Pool, o.ID); err != nil {
		return d, err
	}
	if d.Disputes, err = payments.DisputesOf(ctx, s.Pool, o.ID); err != nil {
		return d, err
	}
	if d.Receipts, err = desk.ReceiptsOf(ctx, s.Pool, o.ID); err != nil {
		return d, err
	}
	d.Withdrawal = windowOf(o, d.Shipments, s.Clock.Now())
	d.Documents, err = ledger.DocumentsOf(ctx, s.Pool, o.ID)
	return d, err
}

// OrderFilter narrows the list of orders; empty fields narrow nothing.
type OrderFilter struct {
	Status     string
	Payment    string
	Fulfilment string
	PaysAt     string
	Q          string
	Cursor     string
	Limit      int
}

// OrderSummary is an order in a list.
type OrderSummary struct {
	ID               uuid.UUID
	Number           string
	Status           string `db:"state"`
	Name             string
	Email            string
	Country          string
	ShippingKind     string
	ShippingLabel    string
	ShippingNames    Names
	PromiseTo        *time.Time
	Total            int64
	PlacedAt         time.Time
	PaymentStatus    string
	FulfilmentStatus string
	Pieces           int
}

// ListOrders lists orders, the newest first. The cursor it returns leads to the next ones; empty at
// the end. A cursor that it did not make is Invalid.
func ListOrders(ctx context.Context, q pg.Querier, f OrderFilter) ([]OrderSummary, string, error) {
	limit := f.Limit
	if limit < 1 || limit > 200 {
		limit = 50
	}
	after, err := parseCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	query := strings.TrimSpace(f.Q)
	if len(query) > 200 {
		query = query[:200]
	}
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToValidUTF8(query, ""))
	rows, err := q.Query(ctx, sqlListOrders, pgx.NamedArgs{
		"state": f.Status, "payment": f.Payment, "fulfilment": f.Fulfilment, "pays_at": f.PaysAt, "q": query, "pattern": "%" + escaped + "%",
		"after": !after.At.IsZero(), "after_at": after.At, "after_id": after.ID, "limit": limit + 1,
	})
	if err != nil {
		return nil, "", err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[OrderSummary])
	if err != nil {
		return nil, "", err
	}
	if len(list) <= limit {
		return list, "", nil
	}
	last := list[limit-1]
	return list[:limit], cursor{last.PlacedAt, last.ID}.String(), nil
}

// ToPack lists confirmed orders that still have something to send, the earliest promise first.
func ToPack(ctx context.Context, q pg.Querier, limit int) ([]OrderSummary, error) {
	rows, err := q.Query(ctx, sqlToPack, pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[OrderSummary])
}

// CountToPack counts the confirmed orders to send and to make ready for collection.
func CountToPack(ctx context.Context, q pg.Querier) (parcels, collections int, err error) {
	err = q.QueryRow(ctx, sqlCountToPack).Scan(&parcels, &collections)
	return parcels, collections, err
}

// CountAtDesk counts the orders that wait to be paid at the desk.
func CountAtDesk(ctx context.Context, q pg.Querier) (n int, err error) {
	err = q.QueryRow(ctx, sqlCountAtDesk).Scan(&n)
	return n, err
}

type cursor struct {
	At time.Time
	ID uuid.UUID
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.At.UTC().Format(time.RFC3339Nano) + "|" + c.ID.String()))
}

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	var fields fault.Fields
	fields.Add("cursor", "cursor_invalid", "is no cursor of this list")
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(s) > 200 {
		return cursor{}, fields.Err()
	}
	at, id, _ := strings.Cut(string(b), "|")
	c := cursor{}
	if c.At, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return cursor{}, fields.Err()
	}
	if c.ID, err = uuid.Parse(id); err != nil {
		return cursor{}, fields.Err()
	}
	return c, nil
}

// Order reads an order by its id.
func (s *Service) Order(ctx context.Context, id uuid.UUID) (Order, error) {
	return orderByID(ctx, s.Pool, id)
}
