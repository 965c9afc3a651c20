package ledger

import (
	"context"
	"encoding/binary"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/sheet"
	"boutique/internal/text"
)

// SalesRow is one document and one VAT rate. Credit notes are negative.
type SalesRow struct {
	IssuedAt       time.Time
	DocumentNumber string
	DocumentType   string
	OrderNumber    string
	Country        string
	VATRate        int `db:"vat_rate"`
	GoodsGross     int64
	ShippingGross  int64
	Gross          int64
	Net            int64
	VAT            int64 `db:"vat"`
	PaymentMethod  string
}

// salesColumns are the names that accountants' programs rely on.
var salesColumns = []string{"date", "document_number", "document_type", "order_number", "country", "vat_rate", "goods_gross", "shipping_gross", "gross", "net", "vat", "payment_method", "currency"}

// Period is a span of days in Europe/Paris, both ends included.
type Period struct {
	From, To time.Time
}

// ParsePeriod reads two dates (2026-11-01). A missing, malformed or reversed one is Invalid.
func ParsePeriod(from, to string) (Period, error) {
	var fields fault.Fields
	read := func(place, value string) time.Time {
		if value == "" {
			fields.Add(place, "required", "is missing: give a date like 2026-11-01")
			return time.Time{}
		}
		d, err := time.ParseInLocation(time.DateOnly, value, text.Paris())
		if err != nil || d.Year() < 1900 || d.Year() > 9998 {
			fields.Add(place, "date_invalid", "is not a date like 2026-11-01")
		}
		return d
	}
	p := Period{From: read("from", from), To: read("to", to)}
	if len(fields) == 0 && p.To.Before(p.From) {
		fields.Add("to", "period_reversed", "lies before the first day")
	}
	return p, fields.Err()
}

// Until is the first moment after the period.
func (p Period) Until() time.Time { return p.To.AddDate(0, 0, 1) }

// WriteSales streams the sales of a period, after the control of its documents. q must be one read-only
// REPEATABLE READ transaction, so that rows and totals are of one moment.
func WriteSales(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := controlDocuments(ctx, q, p); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "sales", salesColumns)
	if err != nil {
		return err
	}
	// The row is the same one each time: its cells are given by their place.
	var r salesCells
	currency := money.Currency
	if err := sales(ctx, q, p, &r, func() error {
		return e.Row(&r.day, &r.number, &r.kind, &r.order, &r.country, &r.rate, &r.goods, &r.shipping, &r.gross, &r.net, &r.vat, &r.method, &currency)
	}); err != nil {
		return err
	}
	return e.Close()
}

// salesCells are a row as a table's cells.
type salesCells struct {
	day                                  sheet.Day
	number, kind, order, country, method string
	rate                                 sheet.Rate
	goods, shipping, gross, net, vat     money.Amount
}

// Sales yields the rows of a period in the order of issue, the highest rate of a document first.
func Sales(ctx context.Context, q pg.Querier, p Period, yield func(SalesRow) error) error {
	var r salesCells
	return sales(ctx, q, p, &r, func() error {
		return yield(SalesRow{IssuedAt: time.Time(r.day), DocumentNumber: r.number, DocumentType: r.kind, OrderNumber: r.order, Country: r.country, VATRate: int(r.rate),
			GoodsGross: int64(r.goods), ShippingGross: int64(r.shipping), Gross: int64(r.gross), Net: int64(r.net), VAT: int64(r.vat), PaymentMethod: r.method})
	})
}

// sales reads one row after the other into r, from the bytes that the database sends.
func sales(ctx context.Context, q pg.Querier, p Period, r *salesCells, yield func() error) error {
	rows, err := q.Query(ctx, sqlSales, pgx.QueryResultFormats{pgx.BinaryFormatCode}, pgx.NamedArgs{"from": p.From, "until": p.Until()})
	if err != nil {
		return err
	}
	defer rows.Close()
	said := texts{}
	for rows.Next() {
		c := rows.RawValues()
		r.day = sheet.Day(moment(whole(c[0])))
		if r.number != string(c[1]) {
			r.number = string(c[1])
		}
		if r.order != string(c[3]) {
			r.order = string(c[3])
		}
		r.kind, r.country, r.method = said.of(c[2]), said.of(c[4]), said.of(c[5])
		r.rate = sheet.Rate(int32(binary.BigEndian.Uint32(c[6])))
		for i, amount := range []*money.Amount{&r.goods, &r.shipping, &r.gross, &r.net, &r.vat} {
			*amount = money.Amount(whole(c[7+i]))
		}
		if err := yield(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// SalesTotal is what a period's documents come to at one rate.
type SalesTotal struct {
	VATRate       int `db:"vat_rate"`
	Documents     int64
	GoodsGross    int64
	ShippingGross int64
	Gross         int64
	Net           int64
	VAT           int64 `db:"vat"`
}

// SalesTotals sums a period per VAT rate, the highest first.
func SalesTotals(ctx context.Context, q pg.Querier, p Period) ([]SalesTotal, error) {
	rows, err := q.Query(ctx, sqlSalesTotals, pgx.NamedArgs{"from": p.From, "until": p.Until()})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[SalesTotal])
}

// SalesByDay is the gross of one day.
type SalesByDay struct {
	Day   time.Time
	Gross int64
}

// SalesPerDay sums each day of a period that has documents.
func SalesPerDay(ctx context.Context, q pg.Querier, p Period) ([]SalesByDay, error) {
	rows, err := q.Query(ctx, sqlSalesPerDay, pgx.NamedArgs{"from": p.From, "until": p.Until()})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[SalesByDay])
}
