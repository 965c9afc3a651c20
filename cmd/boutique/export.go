package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/sheet"
	"boutique/internal/staff"
	"boutique/payments/ledger"
	"boutique/shop"
)

// exportKind is one kind of export: what it takes to have it, and how it is written.
type exportKind struct {
	permission staff.Permission
	// undated exports are of now and take no period.
	undated bool
	// formats are those beside csv, xlsx and json; only names a kind's one format.
	zip, only string
	write     func(a *app, ctx context.Context, tx pgx.Tx, w io.Writer, f sheet.Format, p ledger.Period) error
}

// plain is an export that the ledger writes by itself.
func plain(write func(context.Context, pg.Querier, io.Writer, sheet.Format, ledger.Period) error) exportKind {
	return exportKind{permission: staff.ReadBooks, write: func(_ *app, ctx context.Context, tx pgx.Tx, w io.Writer, f sheet.Format, p ledger.Period) error {
		return write(ctx, tx, w, f, p)
	}}
}

// spanned is an export of what happened from one moment until another.
func spanned(permission staff.Permission, write func(context.Context, pg.Querier, io.Writer, sheet.Format, time.Time, time.Time) error) exportKind {
	return exportKind{permission: permission, write: func(_ *app, ctx context.Context, tx pgx.Tx, w io.Writer, f sheet.Format, p ledger.Period) error {
		return write(ctx, tx, w, f, p.From, p.Until())
	}}
}

const formatZIP sheet.Format = "zip"

// exports are the kinds of export.
var exports = map[string]exportKind{
	"products": {permission: staff.ReadCatalog, undated: true, write: func(_ *app, ctx context.Context, tx pgx.Tx, w io.Writer, f sheet.Format, _ ledger.Period) error {
		return catalog.WriteProducts(ctx, tx, w, f)
	}},
	"orders":        spanned(staff.ReadOrders, shop.WriteOrders),
	"payments":      spanned(staff.ReadBooks, shop.WritePayments),
	"sales":         plain(ledger.WriteSales),
	"vat":           plain(ledger.WriteVAT),
	"oss":           plain(ledger.WriteOSS),
	"entries":       plain(ledger.WriteEntries),
	"ereporting":    plain(ledger.WriteReport),
	"receipts":      plain(ledger.WriteReceipts),
	"payouts":       plain(ledger.WritePayouts),
	"export-proofs": plain(ledger.WriteExportProofs),
	"invoices": {permission: staff.ReadBooks, zip: "zip", write: func(a *app, ctx context.Context, tx pgx.Tx, w io.Writer, f sheet.Format, p ledger.Period) error {
		if f == formatZIP {
			return a.files.WriteArchive(ctx, tx, w, p)
		}
		return ledger.WriteInvoices(ctx, tx, w, f, p)
	}},
	"stock-value": {permission: staff.ReadBooks, write: func(_ *app, ctx context.Context, tx pgx.Tx, w io.Writer, f sheet.Format, p ledger.Period) error {
		return catalog.WriteStockValue(ctx, tx, w, f, p.Until())
	}},
	"chain": {permission: staff.ReadBooks, undated: true, only: "txt", write: func(_ *app, ctx context.Context, tx pgx.Tx, w io.Writer, _ sheet.Format, _ ledger.Period) error {
		whole, err := ledger.WholeChain(ctx, tx)
		if err != nil {
			return err
		}
		return ledger.WriteChain(ctx, tx, w, whole)
	}},
	"seals": {permission: staff.ReadBooks, undated: true, only: "json", write: func(_ *app, ctx context.Context, tx pgx.Tx, w io.Writer, _ sheet.Format, _ ledger.Period) error {
		return ledger.WriteSeals(ctx, tx, w)
	}},
	"fec": {permission: staff.ReadBooks, only: "txt", write: func(_ *app, ctx context.Context, tx pgx.Tx, w io.Writer, _ sheet.Format, p ledger.Period) error {
		return ledger.WriteFEC(ctx, tx, w, p)
	}},
}

// monthPackage is the export of a closed month, which holds all the others.
const monthPackage = "package"

// exportOf finds a kind of export.
func exportOf(kind string) (exportKind, bool) {
	if kind == monthPackage {
		return exportKind{permission: staff.ReadBooks, only: "zip", zip: "zip", write: func(a *app, ctx context.Context, tx pgx.Tx, w io.Writer, _ sheet.Format, p ledger.Period) error {
			return a.writePackage(ctx, tx, w, p)
		}}, true
	}
	k, known := exports[kind]
	return k, known
}

type exportCommand struct {
	Kind   string `arg:"" help:"products, orders, sales, vat, oss, payments, payouts, invoices, entries, ereporting, receipts, stock-value, export-proofs, fec, chain, seals or package."`
	From   string `help:"The first day, like 2026-11-01 (not for products, chain and seals)."`
	To     string `help:"The last day, like 2026-11-30 (not for products, chain and seals)."`
	Format string `enum:"csv,xlsx,json,zip" default:"csv" help:"csv, xlsx or json; invoices also zip; fec, chain, seals and package have their own."`
	Output string `short:"o" help:"The file to write; standard output when left out. A folder takes the export's own name."`
}

// Run writes an export.
func (c exportCommand) Run(p *program) error {
	kind, known := exportOf(c.Kind)
	if !known {
		return usageError{fmt.Errorf("there is no export %q: %s", c.Kind, strings.Join(append(slices.Sorted(maps.Keys(exports)), monthPackage), ", "))}
	}
	if !kind.undated && (c.From == "" || c.To == "") {
		return usageError{fmt.Errorf("--from and --to must be given, like 2026-11-01")}
	}
	if !kind.undated {
		if _, err := ledger.ParsePeriod(c.From, c.To); err != nil {
			return usageError{err}
		}
	}
	if c.Format == string(formatZIP) && kind.zip == "" {
		return usageError{fmt.Errorf("--format zip is for invoices and the package")}
	}
	return p.withApp(func(a *app) error {
		var file *os.File
		var failed error
		err := a.export(p.ctx, c.Kind, c.From, c.To, c.Format, func(_, name string) io.Writer {
			if c.Output == "" {
				return p.out
			}
			to := c.Output
			if info, err := os.Stat(to); err == nil && info.IsDir() {
				to = filepath.Join(to, name)
			}
			if file, failed = os.Create(to); failed != nil {
				return brokenWriter{failed}
			}
			return file
		})
		if file != nil {
			if closing := file.Close(); err == nil {
				err = closing
			}
			if err != nil {
				os.Remove(file.Name())
			}
		}
		return err
	})
}

// brokenWriter is a file that could not be opened.
type brokenWriter struct{ err error }

// Write fails with what was wrong.
func (b brokenWriter) Write([]byte) (int, error) { return 0, b.err }

// export writes an export of a kind; begin is asked for the writer when nothing can be wrong any
// more with the request. All that it writes is of one moment.
func (a *app) export(ctx context.Context, kind, from, to, format string, begin func(contentType, filename string) io.Writer) error {
	k, known := exportOf(kind)
	if !known {
		return fault.New(fault.NotFound, "export_unknown", "there is no such export")
	}
	var f sheet.Format
	var err error
	switch {
	case k.only != "":
		f = sheet.Format(k.only)
	case format == string(formatZIP) && k.zip != "":
		f = formatZIP
	default:
		if f, err = sheet.ParseFormat(format); err != nil {
			return err
		}
	}
	name := "boutique-" + kind
	var period ledger.Period
	if !k.undated {
		if period, err = ledger.ParsePeriod(from, to); err != nil {
			return err
		}
		name += "-" + from + "-" + to
	}
	name += "." + string(f)
	return pg.InReadTx(ctx, a.database.pool, func(tx pgx.Tx) error {
		if kind == "fec" {
			if name, err = ledger.FECName(ctx, tx, period); err != nil {
				return err
			}
		}
		return k.write(a, ctx, tx, &lazyWriter{begin: func() io.Writer { return begin(contentTypeOf(f), name) }}, f, period)
	})
}

func contentTypeOf(f sheet.Format) string {
	switch f {
	case formatZIP:
		return "application/zip"
	case "txt":
		return "text/plain; charset=utf-8"
	}
	return f.ContentType()
}

// lazyWriter asks for its writer with the first byte, so that what is wrong before it can still be
// said.
type lazyWriter struct {
	begin func() io.Writer
	to    io.Writer
}

// Write writes to the writer, asking for it first.
func (l *lazyWriter) Write(p []byte) (int, error) {
	if l.to == nil {
		l.to = l.begin()
	}
	return l.to.Write(p)
}

// webExporter gives exports to pages and programs.
type webExporter struct{ app *app }

// Export streams an export as an answer.
func (e webExporter) Export(ctx context.Context, kind, from, to, format string, begin func(contentType, filename string) http.ResponseWriter) error {
	return e.app.export(ctx, kind, from, to, format, func(contentType, filename string) io.Writer { return begin(contentType, filename) })
}

// Permission tells what it takes to have an export.
func (e webExporter) Permission(kind string) (staff.Permission, bool) {
	k, ok := exportOf(kind)
	return k.permission, ok
}
