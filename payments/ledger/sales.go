package ledger

import (
	"context"
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
	if err := Control(ctx, q, p); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "sales", salesColumns)
	if err != nil {
		return err
	}
	if err := Sales(ctx, q, p, func(r SalesRow) error {
		return e.Row(sheet.Day(r.IssuedAt), r.DocumentNumber, r.DocumentType, r.OrderNumber, r.Country, sheet.Rate(r.VATRate),
			money.Amount(r.GoodsGross), money.Amount(r.ShippingGross), money.Amount(r.Gross), money.Amount(r.Net), money.Amount(r.VAT), r.PaymentMethod, money.Currency)
	}); err != nil {
		return err
	}
	return e.Close()
}

// Sales yields the rows of a period in the order of issue, the highest rate of a document first.
func Sales(ctx context.Context, q pg.Querier, p Period, yield func(SalesRow) error) error {
	rows, err := q.Query(ctx, sqlSales, pgx.NamedArgs{"from": p.From, "until": p.Until()})
	if err != nil {
		return err
	}
	defer rows.Close()
	var r SalesRow
	for rows.Next() {
		if err := rows.Scan(&r.IssuedAt, &r.DocumentNumber, &r.DocumentType, &r.OrderNumber, &r.Country, &r.VATRate, &r.GoodsGross, &r.ShippingGross, &r.Gross, &r.Net, &r.VAT, &r.PaymentMethod); err != nil {
			return err
		}
		if err := yield(r); err != nil {
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
