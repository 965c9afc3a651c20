package ledger

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/sheet"
)

// VATRow is what a period's documents come to in one country, at one rate, under one regime.
type VATRow struct {
	Regime        string
	Country       string
	VATRate       int `db:"vat_rate"`
	Exemption     string
	Invoices      int64
	CreditNotes   int64
	GoodsGross    int64
	ShippingGross int64
	Gross         int64
	Net           int64
	VAT           int64 `db:"vat"`
}

// UnprovedExports is the regime under which a VAT return has the exports that no proof came for.
const UnprovedExports = "export_unproved"

var vatColumns = []string{"regime", "country", "vat_rate", "exemption", "invoices", "credit_notes", "goods_gross", "shipping_gross", "gross", "net", "vat", "currency"}

// VATReturn sums a period as a VAT return asks for it, French sales first, and after the documents the
// exports that no proof came for: their regime is UnprovedExports, what leaves the exempt sales is
// negative.
func VATReturn(ctx context.Context, q pg.Querier, p Period) ([]VATRow, error) {
	var list []VATRow
	for _, statement := range []string{sqlVATReturn, sqlExportVATReturn} {
		rows, err := q.Query(ctx, statement, p.args())
		if err != nil {
			return nil, err
		}
		some, err := pgx.CollectRows(rows, pgx.RowToStructByName[VATRow])
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// WriteVAT writes the VAT of a period.
func WriteVAT(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := controlDocuments(ctx, q, p); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "vat", vatColumns)
	if err != nil {
		return err
	}
	list, err := VATReturn(ctx, q, p)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := e.Row(r.Regime, r.Country, sheet.Rate(r.VATRate), r.Exemption, r.Invoices, r.CreditNotes, money.Amount(r.GoodsGross), money.Amount(r.ShippingGross),
			money.Amount(r.Gross), money.Amount(r.Net), money.Amount(r.VAT), money.Currency); err != nil {
			return err
		}
	}
	return e.Close()
}

var ossColumns = []string{
	"record", "quarter", "country_of_consumption", "country_of_dispatch", "supply", "rate_type", "vat_rate", "net", "vat", "currency",
	"date", "document_number", "document_type", "refers_to", "order_number", "description", "quantity", "payment_date", "payment_method", "evidence",
}

// WriteOSS writes the rows of the one-stop shop's return, one per quarter, country and rate, after them
// its corrections of earlier quarters, one per quarter (named by refers_to) and country (Implementing
// Regulation 2020/194 annex III), then the register of sales behind them, which is kept for ten years (Regulation 282/2011 art. 63c).
func WriteOSS(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := controlDocuments(ctx, q, p); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "oss", ossColumns)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlOSSReturn, p.args())
	if err != nil {
		return err
	}
	var quarter, corrected, country string
	var declared *int
	var net, vat money.Amount
	if _, err := pgx.ForEachRow(rows, []any{&quarter, &corrected, &country, &declared, &net, &vat}, func() error {
		if declared == nil {
			return e.Row("correction", quarter, country, "FR", "goods", "", "", net, vat, money.Currency, "", "", "", corrected, "", "", "", "", "", "")
		}
		return e.Row("return", quarter, country, "FR", "goods", rateType(*declared), sheet.Rate(*declared), net, vat, money.Currency, "", "", "", "", "", "", "", "", "", "")
	}); err != nil {
		return err
	}
	if rows, err = q.Query(ctx, sqlOSSRegister, p.args()); err != nil {
		return err
	}
	var rate int
	var at time.Time
	var number, kind, refers, order, description, paid, method, evidence string
	var quantity int64
	if _, err := pgx.ForEachRow(rows, []any{&quarter, &country, &rate, &net, &vat, &at, &number, &kind, &refers, &order, &description, &quantity, &paid, &method, &evidence}, func() error {
		return e.Row("register", quarter, country, "FR", "goods", rateType(rate), sheet.Rate(rate), net, vat, money.Currency, sheet.Day(at), number, kind, refers, order, description, quantity, paid, method, evidence)
	}); err != nil {
		return err
	}
	return e.Close()
}

// rateType is what the return calls a rate: no member state's standard rate is below 15 % (Directive
// 2006/112 art. 97), and no reduced rate that the shop knows reaches it.
func rateType(rate int) string {
	if rate >= 1500 {
		return "standard"
	}
	return "reduced"
}

var reportColumns = []string{"siren", "period_from", "period_to", "date", "category", "vat_rate", "net", "vat", "vat_due_in_france", "currency", "transactions", "invoice_number", "vat_on_debits"}

// WriteReport writes the day totals of e-reporting (CGI ann. II art. 242 nonies M I): private
// customers per day, category and rate, businesses by invoice. Goods only, so the option for VAT on
// debits is never taken.
func WriteReport(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := controlDocuments(ctx, q, p); err != nil {
		return err
	}
	office, err := setting.GetOffice(ctx, q)
	if err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "ereporting", reportColumns)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlReport, p.args())
	if err != nil {
		return err
	}
	var day time.Time
	var category, invoice string
	var rate int
	var net, vat, french money.Amount
	var transactions int64
	if _, err := pgx.ForEachRow(rows, []any{&day, &category, &rate, &net, &vat, &french, &transactions, &invoice}, func() error {
		return e.Row(office.SIREN, p.From.Format(time.DateOnly), p.To.Format(time.DateOnly), day.Format(time.DateOnly), category, sheet.Rate(rate), net, vat, french, money.Currency, transactions, invoice, "no")
	}); err != nil {
		return err
	}
	return e.Close()
}

var receiptColumns = []string{
	"date", "label", "cash", "cheques", "cards", "online", "treasury", "goods", "shipping", "vat", "vouchers", "paid_over", "to_classify", "commissions", "customers", "cash_balance", "online_balance", "currency",
}

// WriteReceipts writes the journal of a régie de recettes: one row per day and journal, and
// one for what the desk paid over, with what came in by each means, what it was for, what was paid over, and what the till and the provider
// hold in the evening (CGCT art. R1617-16).
func WriteReceipts(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := Control(ctx, q, p); err != nil {
		return err
	}
	var cash, online money.Amount
	if err := q.QueryRow(ctx, sqlHeldBefore, p.args()).Scan(&cash, &online); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "receipts", receiptColumns)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlReceipts, p.args())
	if err != nil {
		return err
	}
	var day time.Time
	var label string
	var paidOver bool
	var entries int64
	var a struct{ cash, cheques, cards, online, treasury, goods, shipping, vat, vouchers, over, classify, fees, customers money.Amount }
	if _, err := pgx.ForEachRow(rows, []any{&day, &label, &paidOver, &entries, &a.cash, &a.cheques, &a.cards, &a.online, &a.treasury, &a.goods, &a.shipping, &a.vat, &a.vouchers, &a.over, &a.classify, &a.fees, &a.customers}, func() error {
		if paidOver {
			label += ", versement"
		}
		cash += a.cash
		online += a.online
		return e.Row(day.Format(time.DateOnly), fmt.Sprintf("%s (%d)", label, entries), a.cash, a.cheques, a.cards, a.online, a.treasury, a.goods, a.shipping, a.vat, a.vouchers, a.over, a.classify, a.fees, a.customers, cash, online, money.Currency)
	}); err != nil {
		return err
	}
	return e.Close()
}
