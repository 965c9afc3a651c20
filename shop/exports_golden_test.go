package shop_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
	"boutique/internal/sheet/sheettest"
	"boutique/internal/text"
	"boutique/shop"
)

// goldenOrder is an order of fixed days with what became of its money: captured by a gateway, given
// back in part, in whole, or not at all.
type goldenOrder struct {
	placed, state, shipment  string
	gateway, method, payment string
	refunds                  []goldenRefund
}

type goldenRefund struct {
	at, state string
	amount    money.Amount
}

var goldenOrders = []goldenOrder{
	{placed: "2024-12-31T22:59:59Z", state: "confirmed", gateway: "stripe", method: "card", payment: "captured"},
	{placed: "2024-12-31T23:00:00Z", state: "confirmed", gateway: "stripe", method: "card", payment: "captured", shipment: "shipped"},
	{placed: "2025-01-15T10:00:00Z", state: "completed", gateway: "stripe", method: "bancontact", payment: "captured", shipment: "delivered", refunds: []goldenRefund{{"2025-01-20T08:00:00Z", "succeeded", 500}, {"2025-02-01T08:00:00Z", "pending", 250}}},
	{placed: "2025-03-30T00:59:59Z", state: "cancelled", gateway: "stripe", method: "card", payment: "captured", refunds: []goldenRefund{{"2025-03-30T01:00:00Z", "succeeded", 3190}}},
	{placed: "2025-03-30T21:59:59Z", state: "confirmed", gateway: "desk", method: "cash", payment: "captured"},
	{placed: "2025-06-01T12:00:00Z", state: "awaiting_payment", gateway: "stripe", payment: "processing"},
	{placed: "2025-06-02T12:00:00Z", state: "expired", gateway: "stripe", payment: "failed"},
	{placed: "2025-10-26T00:30:00Z", state: "confirmed", gateway: "gift_card", method: "gift_card", payment: "captured"},
	{placed: "2025-10-26T01:30:00Z", state: "confirmed", gateway: "stripe", method: "ideal", payment: "captured", refunds: []goldenRefund{{"2025-10-27T09:00:00Z", "failed", 3190}}},
	{placed: "2025-12-31T22:59:59Z", state: "confirmed", gateway: "none", payment: "captured"},
	{placed: "2025-12-31T23:00:00Z", state: "confirmed", gateway: "stripe", method: "card", payment: "captured"},
}

// goldenSales is a year of such orders, by hostile names, in a database whose histories are left out.
func goldenSales(t *testing.T) *pgxpool.Pool {
	t.Helper()
	ctx, url := context.Background(), pgtest.URL(t)
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := owner.Exec(ctx, statement, args...); err != nil {
			t.Fatalf("%v: %s", err, statement)
		}
	}
	for _, table := range []string{"orders", "order_line", "payment", "refund", "payment_balance", "shipment", "shipment_line"} {
		exec(`alter table ` + table + ` disable trigger all`)
	}
	hostile := sheettest.Hostile()
	for i, o := range goldenOrders {
		number := fmt.Sprintf("B25-%08d", i+1)
		order := uuid.NewSHA1(uuid.NameSpaceOID, []byte(number))
		paid, captured := uuid.NewSHA1(order, []byte("payment")), o.payment == "captured"
		var stands *uuid.UUID
		var since *string
		if captured {
			stands, since = &paid, &o.placed
		}
		exec(`insert into orders (id, number, key_hash, payment_id, state, lang, email, name, line1, postal_code, city, country, shipping_kind, shipping_method, shipping_label, quote, goods_total, shipping_total, total, terms_version, placed_at, expires_at, confirmed_at)
			values ($1, $2, '', $3, $4, 'fr', $5, $6, $7, '59500', 'Douai', $8, 'delivery', 'parcel', $9, '{}', 2690, 500, 3190, '1', $10, $10, $11)`,
			order, number, stands, o.state, hostile[(i+3)%len(hostile)], hostile[i%len(hostile)], hostile[(i+1)%len(hostile)], []string{"FR", "DE", "CH"}[i%3], hostile[(i+2)%len(hostile)], o.placed, since)
		exec(`insert into order_line (order_id, position, variant_id, sku, name, quantity, unit_price, total, vat_class, vat_rate, net, vat) values
			($1, 1, 1, 'MUG', 'Mug', 2, 745, 1490, 'standard', 2000, 1242, 248), ($1, 2, 2, 'LIVRE', 'Livre', 1, 1200, 1200, 'books', 550, 1137, 63)`, order)
		exec(`insert into payment (id, order_id, n, gateway, state, amount, idempotency_key, request, intent_id, method, expires_at, captured_at) values ($1, $2, 1, $3, $4, 3190, $5, '{}', $6, $7, $8, $9)`,
			paid, order, o.gateway, o.payment, number, "pi_"+number, o.method, o.placed, since)
		if o.gateway == "stripe" && captured {
			exec(`insert into payment_balance (id, payment_id, kind, amount, fee, net, at) values ($1, $2, 'charge', 3190, 73, 3117, $3)`, "txn_"+number, paid, o.placed)
		}
		for n, r := range o.refunds {
			refund := uuid.NewSHA1(order, fmt.Append(nil, "refund", n))
			exec(`insert into refund (id, payment_id, order_id, state, amount, origin, idempotency_key, provider_id, created_at) values ($1, $2, $3, $4, $5, 'shop', $6, $7, $8)`, refund, paid, order, r.state, int64(r.amount), refund.String(), fmt.Sprintf("re_%s_%d", number, n), r.at)
			exec(`insert into payment_balance (id, payment_id, refund_id, kind, amount, fee, net, at) values ($1, $2, $3, 'refund', $4, 0, $4, $5)`, fmt.Sprintf("txn_%s_%d", number, n), paid, refund, -int64(r.amount), r.at)
		}
		if o.shipment != "" {
			shipment := uuid.NewSHA1(order, []byte("shipment"))
			exec(`insert into shipment (id, order_id, n, kind, state) values ($1, $2, 1, 'delivery', $3)`, shipment, order, o.shipment)
			exec(`insert into shipment_line (shipment_id, sku, quantity) values ($1, 'MUG', 2)`, shipment)
			if o.shipment == "delivered" {
				exec(`insert into shipment_line (shipment_id, sku, quantity) values ($1, 'LIVRE', 1)`, shipment)
			}
		}
	}
	return pgtest.Open(t, url)
}

// The orders and the movements of money of a year are what their golden files say: what was placed a
// second before the year began or after it ended is in neither.
func TestOrdersAndPaymentsAreTheirGoldenFiles(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), goldenSales(t)
	from, until := time.Date(2025, 1, 1, 0, 0, 0, 0, text.Paris()), time.Date(2026, 1, 1, 0, 0, 0, 0, text.Paris())
	sheettest.MustBeGoldenExport(t, "orders", func(w io.Writer, f sheet.Format) error { return shop.WriteOrders(ctx, pool, w, f, from, until) })
	sheettest.MustBeGoldenExport(t, "payments", func(w io.Writer, f sheet.Format) error { return shop.WritePayments(ctx, pool, w, f, from, until) })
}
