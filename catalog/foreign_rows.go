package catalog

import (
	"bufio"
	"encoding/csv"
	"io"
	"strings"
)

// rowPlace is where a row stands in a file: what is kept of it until its product is read.
type rowPlace struct {
	offset int64
	line   int
}

// foreignRows gathers where the rows of each product of another shop's export stand, which may be
// anywhere in it: no row is held.
type foreignRows struct {
	format   Format
	products [][]rowPlace
	byKey    map[string]int
	last     string
}

// gather reads the file once, and finds each product's rows.
func gather(t *table, format Format) ([][]rowPlace, []Issue, error) {
	f := foreignRows{format: format, byKey: map[string]int{}}
	var issues []Issue
	for {
		at := t.offset()
		r, wrong, ok, err := t.next()
		if err != nil || !ok {
			return f.products, issues, err
		}
		issues = append(issues, wrong...)
		if r.cells != nil {
			issues = append(issues, f.add(r, rowPlace{at, r.line})...)
		}
		if len(issues) > mostIssues {
			return f.products, issues, nil
		}
	}
}

// begin begins a product, which rows find by its keys.
func (f *foreignRows) begin(at rowPlace, keys ...string) {
	for _, key := range keys {
		if key != "" {
			f.byKey[key] = len(f.products)
		}
	}
	f.products = append(f.products, []rowPlace{at})
}

// add finds the product of a row. Shopify's rows of one handle follow each other; a variation of
// WooCommerce names its product by SKU or as id:123; PrestaShop's rows repeat their product's id.
func (f *foreignRows) add(r row, at rowPlace) []Issue {
	switch f.format {
	case FormatShopify:
		handle := r.either("handle", "url handle")
		if handle == "" {
			return []Issue{issue(r.line, "handle", "cell_missing")}
		}
		if len(f.products) == 0 || handle != f.last {
			f.last = handle
			f.begin(at)
			return nil
		}
		f.products[len(f.products)-1] = append(f.products[len(f.products)-1], at)
	case FormatWooCommerce:
		switch wooKind(r) {
		case "simple", "variable":
			f.begin(at, "id:"+r.get("id"), r.get("sku"))
		case "variation":
			n, known := f.byKey[r.get("parent")]
			if !known {
				return []Issue{issue(r.line, "parent", "parent_unknown")}
			}
			f.products[n] = append(f.products[n], at)
		default:
			return []Issue{issue(r.line, "type", "type_unknown", "cell", clip(r.get("type")))}
		}
	case FormatPrestaShop:
		id := r.either("product id", "id")
		if n, known := f.byKey[id]; known {
			f.products[n] = append(f.products[n], at)
			return nil
		}
		f.begin(at, id)
	}
	return nil
}

// wooKind is what a row of WooCommerce's export is, without what else is said of it: "simple, virtual".
func wooKind(r row) string {
	kind, _, _ := strings.Cut(strings.ToLower(r.get("type")), ",")
	return strings.TrimSpace(kind)
}

// rereading reads rows of a file again, by where they stand. Rows that follow each other cost no more
// than reading on.
type rereading struct {
	file   io.ReadSeeker
	table  *table
	reader *csv.Reader
	from   int64
}

func (r *rereading) row(at rowPlace) (row, error) {
	if r.reader == nil || r.from+r.reader.InputOffset() != at.offset {
		if _, err := r.file.Seek(at.offset, io.SeekStart); err != nil {
			return row{}, err
		}
		r.reader, r.from = newCSV(bufio.NewReader(r.file), r.table.reader.Comma), at.offset
	}
	record, err := r.reader.Read()
	if err != nil {
		return row{}, err
	}
	out, _ := r.table.cells(record, at.line)
	return out, nil
}
