package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"boutique/internal/money"
	"boutique/internal/text"
)

// rowsOf is the XML of a workbook's first sheet.
func rowsOf(t *testing.T, book []byte) []string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(sheets + "sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(string(all), "</row>")
}

// Every row is written as the library would, whatever its cells are made of.
func TestAWorkbookIsWhatTheLibraryWrites(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(5, 6))
	alphabet := []string{"a", "B", "7", " ", ";", "<", "&", ">", "\"", "\r", "\n", "\t", "=", "'", "_", "_x", " _x0041_ ", " _x005F_ ", "é", "\u00a0", "\u202e", "😀", "\xff", "\x00", "\ufffe", "\u2028"}
	columns := []string{"text", "amount", "rate", "day", "moment", "n"}
	var ours, theirs bytes.Buffer
	e, err := newXLSX(&ours, "sales", columns)
	if err != nil {
		t.Fatal(err)
	}
	made := e.(*xlsxEncoder)
	f := excelize.NewFile()
	amounts := "#,##0.00"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &amounts})
	if err != nil || style != made.money {
		t.Fatalf("style %d, %v", style, err)
	}
	stream, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	row := 1
	for range 20_000 {
		var s string
		for range chance.IntN(6) {
			s += alphabet[chance.IntN(len(alphabet))]
		}
		if row == 5 {
			s = strings.Repeat("é😀", excelize.TotalCellChars/2)
		}
		amount, rate, at, n := money.Amount(chance.IntN(2_000_000)-1_000_000), Rate(chance.IntN(3000)), time.Unix(int64(chance.IntN(2e9)), 0), chance.IntN(1e9)-5e8
		if err := e.Row(s, amount, rate, Day(at), at, n); err != nil {
			t.Fatal(err)
		}
		row++
		cell, err := excelize.CoordinatesToCellName(1, row)
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.SetRow(cell, []any{Harmless(s), excelize.Cell{StyleID: style, Value: float64(amount) / 100}, float64(rate) / 100, day(Day(at)), at.In(text.Paris()).Format(time.RFC3339), n}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := stream.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&theirs); err != nil {
		t.Fatal(err)
	}
	got, want := rowsOf(t, ours.Bytes())[1:], rowsOf(t, theirs.Bytes())
	// The library's first row follows the beginning of its sheet.
	want[0] = want[0][strings.Index(want[0], "<row"):]
	for i := range row - 1 {
		if got[i] != want[i] {
			t.Fatalf("row %d is %q, the library writes %q", i+2, got[i], want[i])
		}
	}
}

// A text that looks like a coded character is read as it is.
func TestATextThatLooksCodedIsReadAsItIs(t *testing.T) {
	t.Parallel()
	texts := []string{"_x0041_", "_x0041_x0041_", "_x005F_x0041_", "a_x_x0041", "__x0041__", "_xZZZZ_"}
	var b bytes.Buffer
	e, err := newXLSX(&b, "sales", []string{"text"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range texts {
		if err := e.Row(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("sales")
	if err != nil || len(rows) != len(texts)+1 {
		t.Fatalf("%v %v", rows, err)
	}
	for i, want := range texts {
		if got := rows[i+1][0]; got != want {
			t.Errorf("%q is read as %q", want, got)
		}
	}
}
