package catalog

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"boutique/internal/fault"
)

// The bounds of a table that is pasted.
const (
	mostPastedRows  = 2_000
	mostPastedBytes = 400 << 10
)

// ReadPasted reads what was copied from a spreadsheet: a head that names columns, one of them sku, and
// a row per variant, cells parted by tabs. Columns that are none of the grid's are refused by name.
func ReadPasted(pasted string) ([]CellEdit, error) {
	refuse := func(code, detail string) ([]CellEdit, error) {
		var fields fault.Fields
		fields.Add("pasted", code, detail)
		return nil, fields.Err()
	}
	if strings.TrimSpace(pasted) == "" {
		return nil, nil
	}
	if len(pasted) > mostPastedBytes {
		return refuse("too_long", "is too long")
	}
	r := csv.NewReader(strings.NewReader(pasted))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	head, err := r.Read()
	if err != nil {
		return refuse("pasted_malformed", "is no table")
	}
	key := -1
	for i, name := range head {
		head[i] = strings.ToLower(strings.TrimSpace(name))
		if head[i] == "sku" {
			key = i
		} else if head[i] != "" && !slices.ContainsFunc(GridColumns(), func(c GridColumn) bool { return c.Code == head[i] }) {
			return refuse("pasted_column", "has a column that cannot be edited here: "+clip(head[i]))
		}
	}
	if key < 0 {
		return refuse("pasted_sku", "needs a column sku in its first row")
	}
	var edits []CellEdit
	for n := 0; ; n++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return edits, nil
		}
		if err != nil {
			return refuse("pasted_malformed", "is no table")
		}
		if n >= mostPastedRows {
			return refuse("too_long", "has too many rows")
		}
		if key >= len(cells) || strings.TrimSpace(cells[key]) == "" {
			continue
		}
		for i, value := range cells {
			if i != key && i < len(head) && head[i] != "" {
				edits = append(edits, CellEdit{strings.TrimSpace(cells[key]), head[i], value})
			}
		}
	}
}
