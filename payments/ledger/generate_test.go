package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/money"
	"boutique/internal/text"
)

// The generated year: orders of two and three lines, to France and to three other countries, each
// invoiced and paid, in the order of time.
var (
	generatedFrom = time.Date(2025, 1, 1, 0, 0, 0, 0, text.Paris())
	generatedYear = Period{From: generatedFrom, To: time.Date(2025, 12, 31, 0, 0, 0, 0, text.Paris())}
)

// generatedDocument is the nth order's invoice: mugs at 20 %, and every other time a book at 5.5 %.
func generatedDocument(n int, at time.Time) (New, Issued) {
	country, regime := "FR", RegimeDomestic
	if n%10 == 3 {
		country, regime = []string{"DE", "BE", "NL"}[n/10%3], RegimeDistance
	}
	doc := Document{Kind: KindInvoice, Number: fmt.Sprintf("F2025-%06d", n), IssuedAt: at, SupplyDate: at, OrderNumber: fmt.Sprintf("B25-%08d", n), OrderDate: at, PaidAt: at, PaymentMethod: "card", Lang: text.FR,
		Seller: Party{Name: "Office de tourisme", Country: "FR", SIREN: "732829320"}, Buyer: Party{Name: "Jeanne Martin", Country: country},
		Lines: []DocumentLine{
			{Description: "Mug Beffroi", SKU: "MUG", Quantity: 1, UnitGross: 990, Gross: 990, Net: 825, VAT: 165, Rate: 2000, Family: "tableware"},
			{Description: "Mug Beffroi – bleu", SKU: "MUG-B", Quantity: 1, UnitGross: 990, Gross: 990, Net: 825, VAT: 165, Rate: 2000, Family: "tableware"},
		},
		Shipping: 500, ShippingLabel: "Colis", VAT: []VATLine{{Rate: 2000, GoodsGross: 1980, ShippingGross: 500, Gross: 2480, Net: 2067, VAT: 413}}, Gross: 2480, Net: 2067, TotalVAT: 413}
	if n%2 == 0 {
		doc.Lines = append(doc.Lines, DocumentLine{Description: "Livre des géants", SKU: "LIVRE", Quantity: 1, UnitGross: 1200, Gross: 1200, Net: 1137, VAT: 63, Rate: 550, Family: "book"})
		doc.VAT = append(doc.VAT, VATLine{Rate: 550, GoodsGross: 1200, Gross: 1200, Net: 1137, VAT: 63})
		doc.Gross, doc.Net, doc.TotalVAT = 3680, 3204, 476
	}
	order := uuid.NewSHA1(uuid.NameSpaceOID, []byte(doc.OrderNumber))
	return New{Kind: KindInvoice, OrderID: order, OrderNumber: doc.OrderNumber, Country: country, Regime: regime, PaymentMethod: "card", Document: doc},
		Issued{ID: uuid.NewSHA1(order, []byte("invoice")), Kind: KindInvoice, Number: doc.Number, OrderID: order, OrderNumber: doc.OrderNumber, IssuedAt: at, Gross: doc.Gross, Document: doc}
}

// generator fills the books by bulk, as the functions that issue and post would have.
type generator struct {
	seq                             int64
	previous                        []byte
	documents, rates, entries, line [][]any
	sales                           [][]any
}

func (g *generator) entry(t testing.TB, e Entry, day time.Time) {
	lines := e.Lines[:0:0]
	for _, l := range e.Lines {
		if l.Debit != 0 || l.Credit != 0 {
			l.Dimensions = Dimensions{}
			lines = append(lines, l)
		}
	}
	e.Lines = lines
	e.BookedAt = e.BookedAt.UTC()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	g.seq++
	hash := chain(g.previous, g.seq, data)
	g.entries = append(g.entries, []any{g.seq, e.Journal, e.BookedAt, day, e.Reference, e.Label, e.OrderID, e.Cause, string(data), g.previous, hash, day})
	var gross, net, vat money.Amount
	for i, l := range e.Lines {
		switch {
		case l.Account == AccountCustomers:
			gross += l.Debit - l.Credit
		case strings.HasPrefix(l.Account, "70"):
			net += l.Credit - l.Debit
		case strings.HasPrefix(l.Account, "4457"):
			vat += l.Credit - l.Debit
		}
		g.line = append(g.line, []any{g.seq, i + 1, l.Account, int64(l.Debit), int64(l.Credit), l.Account, ""})
	}
	if e.Journal == JournalSales {
		g.sales = append(g.sales, []any{g.seq, e.Reference, day, int64(gross), int64(net), int64(vat)})
	}
	g.previous = hash
}

func (g *generator) order(t testing.TB, n int, at time.Time) {
	made, issued := generatedDocument(n, at)
	g.issue(t, n, made, issued)
	g.entry(t, Entry{Journal: JournalStripe, BookedAt: at, Reference: issued.OrderNumber, OrderID: issued.OrderID, Cause: "capture:" + issued.OrderID.String(), Label: "Paiement " + issued.OrderNumber,
		Lines: Capture{Method: "card", Amount: money.Amount(issued.Gross)}.lines()}, parisDay(at))
}

// parisDay is the day of a moment in Europe/Paris, as a date.
func parisDay(at time.Time) time.Time {
	local := at.In(text.Paris())
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
}

// issue adds a document and its entry. A credit note names its invoice by RefersTo.
func (g *generator) issue(t testing.TB, n int, made New, issued Issued) {
	at, sign, series := issued.IssuedAt, int64(1), "F"
	if made.Kind == KindCreditNote {
		sign, series = -1, "A"
	}
	data, err := json.Marshal(issued.Document)
	if err != nil {
		t.Fatal(err)
	}
	g.documents = append(g.documents, []any{issued.ID, string(made.Kind), series, at.In(text.Paris()).Year(), n, issued.Number, issued.OrderID, issued.OrderNumber, made.RefundID, made.RefersTo, made.Country, made.PaymentMethod, at, sign * int64(issued.Gross), string(data), string(made.Regime), issued.Document.Buyer.SIREN})
	for _, v := range issued.Document.VAT {
		g.rates = append(g.rates, []any{issued.ID, v.Rate, sign * int64(v.GoodsGross), sign * int64(v.ShippingGross), sign * int64(v.Gross), sign * int64(v.Net), sign * int64(v.VAT), v.Exemption,
			at, issued.Number, string(made.Kind), issued.OrderNumber, made.Country, string(made.Regime), made.PaymentMethod})
	}
	sale := documentEntry(issued, made)
	sum := sha256.Sum256(data)
	sale.Proof = hex.EncodeToString(sum[:])
	g.entry(t, sale, parisDay(at))
}

// flush copies what was generated into the tables.
func (g *generator) flush(t testing.TB, owner *pgxpool.Pool) {
	t.Helper()
	ctx := context.Background()
	for _, table := range []struct {
		name    string
		columns []string
		rows    *[][]any
	}{
		{"document", []string{"id", "kind", "series", "year", "n", "number", "order_id", "order_number", "refund_id", "refers_to", "country", "payment_method", "issued_at", "gross", "data", "regime", "buyer_siren"}, &g.documents},
		{"document_vat", []string{"document_id", "rate", "goods_gross", "shipping_gross", "gross", "net", "vat", "exemption", "issued_at", "number", "kind", "order_number", "country", "regime", "payment_method"}, &g.rates},
		{"entry", []string{"seq", "journal", "booked_at", "booked_on", "reference", "label", "order_id", "cause", "data", "prev_hash", "hash", "validated_on"}, &g.entries},
		{"entry_line", []string{"entry_seq", "n", "account", "debit", "credit", "standard", "analytic"}, &g.line},
		{"booked_sale", []string{"entry_seq", "reference", "booked_on", "gross", "net", "vat"}, &g.sales},
	} {
		if _, err := owner.CopyFrom(ctx, pgx.Identifier{table.name}, table.columns, pgx.CopyFromRows(*table.rows)); err != nil {
			t.Fatalf("%s: %v", table.name, err)
		}
		*table.rows = (*table.rows)[:0]
	}
}

// generate fills an empty database with a year of orders.
func generate(t testing.TB, owner *pgxpool.Pool, orders int) {
	t.Helper()
	ctx := context.Background()
	for _, s := range []string{`alter table document disable trigger all`, `alter table document_vat disable trigger all`, `alter table entry disable trigger all`, `alter table entry_line disable trigger all`} {
		if _, err := owner.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	g := &generator{previous: []byte{}}
	year := generatedYear.Until().Sub(generatedFrom)
	for n := 1; n <= orders; n++ {
		g.order(t, n, generatedFrom.Add(time.Duration(float64(year)*float64(n-1)/float64(orders))).Truncate(time.Microsecond))
		if n%5000 == 0 || n == orders {
			g.flush(t, owner)
		}
	}
	for _, s := range []string{
		fmt.Sprintf(`insert into document_counter (series, year, last) values ('F', 2025, %d)`, orders),
		fmt.Sprintf(`update journal_head set seq = %d, hash = '\x%x'`, g.seq, g.previous),
		`insert into setting (key, value, set_by) values ('office', '{"shop_name": "La Boutique", "siren": "732829320"}', 'test')`,
		`vacuum analyze`,
	} {
		if _, err := owner.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
}
