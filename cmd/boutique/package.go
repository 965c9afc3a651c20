package main

import (
	"context"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/setting"
	"boutique/internal/sheet"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

// packageKinds are the exports of a month's package, in the order in which an accountant reads them.
var packageKinds = []string{"sales", "vat", "oss", "payments", "payouts", "invoices", "entries", "ereporting", "receipts", "export-proofs", "stock-value", "orders", "products"}

// writePackage streams a closed month as one zip: a summary with plots, every export as CSV and as a
// workbook, the entries of the year so far as a FEC, the documents, the chain of entries and its
// seal.
func (a *app) writePackage(ctx context.Context, moment pgx.Tx, w io.Writer, p ledger.Period) error {
	tx := ledger.NewSnapshot(moment)
	closing, err := ledger.MonthClosed(ctx, tx, p)
	if err != nil {
		return err
	}
	office, err := setting.GetOffice(ctx, tx)
	if err != nil {
		return err
	}
	year := ledger.Period{From: time.Date(p.From.Year(), 1, 1, 0, 0, 0, 0, text.Paris()), To: p.To}
	fec, err := ledger.FECName(ctx, tx, year)
	if err != nil {
		return err
	}
	if err := ledger.Control(ctx, tx, year); err != nil {
		return err
	}
	parts := []ledger.Part{{Name: "resume.pdf", Write: func(w io.Writer) error { return a.writeSummary(ctx, tx, w, p, closing) }}}
	for _, kind := range packageKinds {
		for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			parts = append(parts, ledger.Part{Name: "exports/" + kind + "." + string(f), Write: func(w io.Writer) error { return exports[kind].write(a, ctx, tx, w, f, p) }})
		}
	}
	parts = append(parts, ledger.Part{Name: fec, Write: func(w io.Writer) error { return ledger.WriteFEC(ctx, tx, w, year) }})
	return ledger.WritePackage(ctx, tx, w, ledger.Package{Shop: office.ShopName, Closing: closing, Key: a.sealKey, Parts: parts,
		Documents: func(yield func(string, time.Time, []byte) error) error {
			return a.files.EachPDF(ctx, tx, p, func(d ledger.Issued, pdf []byte) error { return yield(d.Number+".pdf", d.IssuedAt, pdf) })
		}})
}

func (a *app) writeSummary(ctx context.Context, tx pgx.Tx, w io.Writer, p ledger.Period, closing ledger.Closing) error {
	summary, err := ledger.ReadSummary(ctx, tx, p)
	if err != nil {
		return err
	}
	office, err := setting.GetOffice(ctx, tx)
	if err != nil {
		return err
	}
	families, err := catalog.ListFamilies(ctx, tx)
	if err != nil {
		return err
	}
	head := ledger.SummaryHead{Shop: office.ShopName, Families: map[string]string{}, Closing: &closing}
	for _, f := range families {
		head.Families[f.Code] = f.Labels.In(text.FR)
	}
	pdf, err := ledger.DrawSummary(summary, head, text.FR)
	if err != nil {
		return err
	}
	_, err = w.Write(pdf)
	return err
}
