package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/sheet"
	"boutique/internal/staff"
	"boutique/payments/ledger"
	"boutique/shop"
)

// exports are the kinds of export, and what it takes to have each.
var exports = map[string]staff.Permission{"products": staff.ReadCatalog, "orders": staff.ReadOrders, "sales": staff.ReadBooks}

type exportCommand struct {
	Kind   string `arg:"" enum:"products,orders,sales" help:"products, orders or sales."`
	From   string `help:"The first day, like 2026-11-01 (not for products)."`
	To     string `help:"The last day, like 2026-11-30 (not for products)."`
	Format string `enum:"csv,xlsx,json" default:"csv" help:"csv, xlsx or json."`
	Output string `short:"o" help:"The file to write; standard output when left out."`
}

// Run writes an export.
func (c exportCommand) Run(p *program) error {
	if c.Kind != "products" && (c.From == "" || c.To == "") {
		return usageError{fmt.Errorf("--from and --to must be given, like 2026-11-01")}
	}
	return p.withApp(func(a *app) error {
		out := p.out
		var file *os.File
		if c.Output != "" {
			var err error
			if file, err = os.Create(c.Output); err != nil {
				return err
			}
			out = file
		}
		err := a.export(p.ctx, c.Kind, c.From, c.To, c.Format, func(string, string) io.Writer { return out })
		if file != nil {
			if closing := file.Close(); err == nil {
				err = closing
			}
			if err != nil {
				os.Remove(c.Output)
			}
		}
		return err
	})
}

// export writes an export of a kind; begin is asked for the writer when nothing can be wrong any
// more with the request. All that it writes is of one moment.
func (a *app) export(ctx context.Context, kind, from, to, format string, begin func(contentType, filename string) io.Writer) error {
	f, err := sheet.ParseFormat(format)
	if err != nil {
		return err
	}
	name := "boutique-" + kind
	var period ledger.Period
	if kind != "products" {
		if period, err = ledger.ParsePeriod(from, to); err != nil {
			return err
		}
		name += "-" + from + "-" + to
	}
	name += "." + string(f)
	return pg.InReadTx(ctx, a.database.pool, func(tx pgx.Tx) error {
		lazy := &lazyWriter{begin: func() io.Writer { return begin(f.ContentType(), name) }}
		switch kind {
		case "products":
			return catalog.WriteProducts(ctx, tx, lazy, f)
		case "orders":
			return shop.WriteOrders(ctx, tx, lazy, f, period.From, period.To.AddDate(0, 0, 1))
		case "sales":
			return ledger.WriteSales(ctx, tx, lazy, f, period)
		}
		return fault.New(fault.NotFound, "export_unknown", "there is no such export")
	})
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
	permission, ok := exports[kind]
	return permission, ok
}
