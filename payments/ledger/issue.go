// Package ledger is how money is remembered: numbered documents, double entry in a chain of
// hashes, and what accountants take out of them.
package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/text"
)

// New is a document to be issued. Document's number and date are filled in when it is.
type New struct {
	Kind          DocumentKind
	OrderID       uuid.UUID
	OrderNumber   string
	RefundID      *uuid.UUID
	RefersTo      *uuid.UUID
	Country       string
	PaymentMethod string
	// Regime is how VAT sees the sale; empty is told from the country and the exemptions.
	Regime   Regime
	Document Document
}

// Issued is an issued document: it never changes; a correction is another document.
type Issued struct {
	ID          uuid.UUID
	Kind        DocumentKind
	Number      string
	OrderID     uuid.UUID
	OrderNumber string
	RefundID    *uuid.UUID
	IssuedAt    time.Time
	Gross       money.Amount
	Document    Document
}

// Issue gives a document the next number of its series and year, without a gap: the counter is a
// row, locked until the caller's transaction ends, and the date is read while it is locked, so that
// numbers and dates rise together (CGI ann. II art. 242 nonies A I 7°). It stores the canonical
// data, one row per VAT rate (negative for a credit note), and posts the sale.
func Issue(ctx context.Context, tx pgx.Tx, n New) (Issued, error) {
	if err := n.Document.Check(); err != nil {
		return Issued{}, fmt.Errorf("document for order %s: %w", n.OrderNumber, err)
	}
	issued := Issued{ID: uuid.New(), Kind: n.Kind, OrderID: n.OrderID, OrderNumber: n.OrderNumber, RefundID: n.RefundID, Gross: n.Document.Gross}
	series, err := seriesOf(ctx, tx, n.Kind)
	if err != nil {
		return Issued{}, err
	}
	number, year, at, err := nextNumber(ctx, tx, series)
	if err != nil {
		return Issued{}, err
	}
	issued.Number = fmt.Sprintf("%s%d-%06d", series, year, number)
	issued.IssuedAt = at
	doc := n.Document
	doc.Kind, doc.Number, doc.IssuedAt = n.Kind, issued.Number, at
	if doc.SupplyDate.IsZero() {
		doc.SupplyDate = at
	}
	issued.Document = doc
	data, err := json.Marshal(doc)
	if err != nil {
		return Issued{}, err
	}
	sign := money.Amount(1)
	if n.Kind == KindCreditNote {
		sign = -1
	}
	if _, err := tx.Exec(ctx, sqlInsertDocument, pgx.NamedArgs{
		"id": issued.ID, "kind": string(n.Kind), "series": series, "year": year, "n": number, "number": issued.Number, "order_id": n.OrderID,
		"order_number": n.OrderNumber, "refund_id": n.RefundID, "refers_to": n.RefersTo, "country": n.Country, "payment_method": n.PaymentMethod,
		"issued_at": at, "gross": int64(sign * doc.Gross), "data": string(data), "regime": string(n.regime()), "buyer_siren": doc.Buyer.business(),
	}); err != nil {
		return Issued{}, err
	}
	for _, v := range doc.VAT {
		if _, err := tx.Exec(ctx, sqlInsertDocumentVAT, pgx.NamedArgs{
			"document_id": issued.ID, "rate": v.Rate, "goods_gross": int64(sign * v.GoodsGross), "shipping_gross": int64(sign * v.ShippingGross),
			"gross": int64(sign * v.Gross), "net": int64(sign * v.Net), "vat": int64(sign * v.VAT), "exemption": v.Exemption,
		}); err != nil {
			return Issued{}, err
		}
	}
	return issued, postDocument(ctx, tx, issued, n, data)
}

// business is the number by which a business is known: its SIREN or, abroad, its VAT number. What it buys is
// told by its invoice, not among the day's private sales (CGI ann. II art. 242 nonies M I 10°).
func (p Party) business() string { return cmp.Or(p.SIREN, p.VATNumber) }

// seriesOf is the series in force for a kind of document.
func seriesOf(ctx context.Context, tx pgx.Tx, kind DocumentKind) (string, error) {
	var now time.Time
	if err := tx.QueryRow(ctx, sqlClock).Scan(&now); err != nil {
		return "", err
	}
	books, err := setting.GetBooks(ctx, tx, now)
	if kind == KindCreditNote {
		return books.CreditSeries, err
	}
	return books.InvoiceSeries, err
}

// CheckSeries refuses a series that counts other documents already: two kinds never share one.
func CheckSeries(ctx context.Context, q pg.Querier, books setting.Books) error {
	var fields fault.Fields
	for _, s := range []struct {
		place, series string
		kind          DocumentKind
	}{{"invoice_series", books.InvoiceSeries, KindInvoice}, {"credit_series", books.CreditSeries, KindCreditNote}} {
		var taken bool
		if err := q.QueryRow(ctx, sqlSeriesTaken, pgx.NamedArgs{"series": s.series, "kind": string(s.kind)}).Scan(&taken); err != nil {
			return err
		}
		if taken {
			fields.Add(s.place, "series_taken", "counts other documents already: choose another")
		}
	}
	return fields.Err()
}

// nextNumber locks the series, reads the clock, then counts. The lock is on the series and not on
// its year's row, because the year is known only from the clock: two documents issued around
// midnight of 31 December (Europe/Paris) keep their order too.
func nextNumber(ctx context.Context, tx pgx.Tx, series string) (number, year int, at time.Time, err error) {
	if _, err = tx.Exec(ctx, sqlLockSeries, pgx.NamedArgs{"series": series}); err != nil {
		return 0, 0, at, err
	}
	if err = tx.QueryRow(ctx, sqlClock).Scan(&at); err != nil {
		return 0, 0, at, err
	}
	at = at.Truncate(time.Microsecond)
	year = at.In(text.Paris()).Year()
	err = tx.QueryRow(ctx, sqlNextNumber, pgx.NamedArgs{"series": series, "year": year}).Scan(&number)
	return number, year, at, err
}

type issuedRow struct {
	ID          uuid.UUID
	Kind        string
	Number      string
	OrderID     uuid.UUID
	OrderNumber string
	RefundID    *uuid.UUID
	IssuedAt    time.Time
	Gross       int64
	Data        string
}

func (r issuedRow) issued() (Issued, error) {
	i := Issued{ID: r.ID, Kind: DocumentKind(r.Kind), Number: r.Number, OrderID: r.OrderID, OrderNumber: r.OrderNumber, RefundID: r.RefundID, IssuedAt: r.IssuedAt}
	if err := json.Unmarshal([]byte(r.Data), &i.Document); err != nil {
		return i, fmt.Errorf("document %s: %w", r.Number, err)
	}
	i.Gross = i.Document.Gross
	return i, nil
}

// DocumentsOf lists an order's invoice and credit notes in the order of their issue.
func DocumentsOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]Issued, error) {
	rows, err := q.Query(ctx, sqlDocumentsOfOrder, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[issuedRow])
	if err != nil {
		return nil, err
	}
	list := make([]Issued, len(found))
	for i, r := range found {
		if list[i], err = r.issued(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
