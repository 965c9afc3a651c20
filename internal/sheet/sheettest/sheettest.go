// Package sheettest holds exports against golden files, in every format, and their cells against what
// a spreadsheet would make of them.
package sheettest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"boutique/internal/money"
	"boutique/internal/sheet"
)

var update = flag.Bool("sheet.update", false, "write the golden files of the exports anew")

// Hostile are texts that would break a file or become a formula, each in its own way.
func Hostile() []string {
	return []string{
		"=HYPERLINK(\"http://x\";\"y\")", "+33 6 12; \"cité\"\t|\tsuite", "-2+3\r\ndeux lignes", "@SUM(A1:A9)", "\u202egro.live\u202c à l’envers", strings.Repeat("Géants de Douai ", 19), "😀 Beffroi 👩‍🎨 é\u0301", "a\u2028b\u2029c\x07d", "<b>gras</b> & 'quotes' `",
	}
}

// MustBeGolden holds bytes against their golden file in testdata/exports.
func MustBeGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "exports", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from its golden file; run with -sheet.update and look at what changed:\n%s", name, got)
	}
}

// MustBeGoldenExport writes an export in each format: CSV and JSON are their golden files, the
// workbook has the same rows, and no cell may become a formula.
func MustBeGoldenExport(t *testing.T, name string, write func(w io.Writer, f sheet.Format) error) {
	t.Helper()
	in := func(f sheet.Format) []byte {
		var b bytes.Buffer
		if err := write(&b, f); err != nil {
			t.Fatalf("%s as %s: %v", name, f, err)
		}
		return b.Bytes()
	}
	comma, object, book := in(sheet.CSV), in(sheet.JSON), in(sheet.XLSX)
	MustBeGolden(t, name+".csv", comma)
	MustBeGolden(t, name+".json", object)
	rows := Harmless(t, comma)
	var list []map[string]any
	if err := json.Unmarshal(object, &list); err != nil || len(list) != len(rows)-1 {
		t.Errorf("%s: JSON has %d rows, CSV %d: %v", name, len(list), len(rows)-1, err)
	}
	MustBeGolden(t, name+".xlsx.txt", cells(t, book, len(rows)))
	for f, first := range map[sheet.Format][]byte{sheet.CSV: comma, sheet.JSON: object, sheet.XLSX: book} {
		if !bytes.Equal(in(f), first) {
			t.Errorf("%s as %s: written again it has other bytes", name, f)
		}
	}
}

// cells reads a workbook as a spreadsheet does: one line per row, each cell with its type, the value that
// is stored and, for a number, what a reader sees of it. No cell may hold a formula.
func cells(t *testing.T, book []byte, rows int) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	for _, name := range f.GetSheetList() {
		fmt.Fprintf(&b, "sheet %q\n", name)
		stored, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(stored) != rows {
			t.Errorf("the sheet %s has %d rows, CSV %d", name, len(stored), rows)
		}
		for r, row := range stored {
			for c, value := range row {
				at, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := f.GetCellFormula(name, at); err != nil || formula != "" {
					t.Errorf("%s holds the formula %q: %v", at, formula, err)
				}
				kind, err := f.GetCellType(name, at)
				if err != nil {
					t.Fatal(err)
				}
				seen, err := f.GetCellValue(name, at)
				if err != nil {
					t.Fatal(err)
				}
				if c > 0 {
					b.WriteByte('\t')
				}
				switch kind {
				case excelize.CellTypeInlineString, excelize.CellTypeSharedString:
					fmt.Fprintf(&b, "text %q", value)
				case excelize.CellTypeNumber, excelize.CellTypeUnset:
					if value == "" {
						b.WriteString("empty")
					} else {
						fmt.Fprintf(&b, "number %s seen %q", value, seen)
					}
				default:
					t.Errorf("%s is of the type %d", at, kind)
				}
			}
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// Harmless reads a CSV file as a spreadsheet does: every row has as many cells as the head, and none
// begins like a formula but a number.
func Harmless(t *testing.T, data []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for i, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+@-\t\r") {
				if _, err := money.Parse(strings.TrimPrefix(cell, "-")); err != nil {
					t.Errorf("column %s may become a formula: %q", rows[0][i], cell)
				}
			}
		}
	}
	return rows
}
