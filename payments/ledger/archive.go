package ledger

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/sheet"
	"boutique/internal/text"
)

var invoiceColumns = []string{
	"date", "document_number", "document_type", "refers_to", "order_number", "customer", "company", "siren", "vat_number", "country", "regime", "gross", "net", "vat", "payment_method", "currency", "pdf_sha256",
}

// WriteInvoices lists the documents of a period, first number to last of each series.
func WriteInvoices(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := controlDocuments(ctx, q, p); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "invoices", invoiceColumns)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlInvoices, p.args())
	if err != nil {
		return err
	}
	var at time.Time
	var number, kind, refers, order, name, company, siren, vatNumber, country, regime, method, sha string
	var gross, net, vat money.Amount
	if _, err := pgx.ForEachRow(rows, []any{&at, &number, &kind, &refers, &order, &name, &company, &siren, &vatNumber, &country, &regime, &gross, &net, &vat, &method, &sha}, func() error {
		return e.Row(sheet.Day(at), number, kind, refers, order, name, company, siren, vatNumber, country, regime, gross, net, vat, method, money.Currency, sha)
	}); err != nil {
		return err
	}
	return e.Close()
}

// WriteArchive streams the documents of a period as one zip: their list, then each PDF as it is
// kept. One that has not been drawn yet is drawn now, into the same bytes that will be kept.
func (f *Files) WriteArchive(ctx context.Context, q pg.Querier, w io.Writer, p Period) error {
	var list bytes.Buffer
	if err := WriteInvoices(ctx, q, &list, sheet.CSV, p); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	if err := addFile(z, "invoices.csv", p.To, list.Bytes()); err != nil {
		return err
	}
	if err := f.EachPDF(ctx, q, p, func(d Issued, pdf []byte) error { return addFile(z, d.Number+".pdf", d.IssuedAt, pdf) }); err != nil {
		return err
	}
	return z.Close()
}

// EachPDF yields the PDFs of a period's documents as they are kept. One that has not been drawn yet
// is drawn now, into the same bytes that will be kept.
func (f *Files) EachPDF(ctx context.Context, q pg.Querier, p Period, yield func(Issued, []byte) error) error {
	rows, err := q.Query(ctx, sqlInvoiceFiles, p.args())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r issuedRow
		var pdf []byte
		var sum string
		if err := rows.Scan(&r.ID, &r.Kind, &r.Number, &r.OrderID, &r.OrderNumber, &r.RefundID, &r.IssuedAt, &r.Gross, &r.Data, &pdf, &sum); err != nil {
			return err
		}
		issued, err := r.issued()
		if err != nil {
			return err
		}
		if pdf == nil {
			if pdf, err = DrawDocument(issued.Document, f.Logo); err != nil {
				return fmt.Errorf("document %s: %w", r.Number, err)
			}
		} else if got := sha256.Sum256(pdf); hex.EncodeToString(got[:]) != sum {
			return fmt.Errorf("the PDF of document %s is not the one that was kept", r.Number)
		}
		if err := yield(issued, pdf); err != nil {
			return err
		}
	}
	return rows.Err()
}

// addFile puts a file into an archive under a date of its own, so that the same files make the same
// archive.
func addFile(z *zip.Writer, name string, at time.Time, data []byte) error {
	w, err := z.CreateHeader(zipHeader(name, at))
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

func zipHeader(name string, at time.Time) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at.In(text.Paris()).Truncate(2 * time.Second)}
}
