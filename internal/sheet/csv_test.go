package sheet

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"testing"
)

// Every cell is written as encoding/csv would, whatever it is made of.
func TestCSVIsWhatTheStandardLibraryWrites(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "B", "7", " ", ";", ",", "\"", "\r", "\n", "\t", "=", "+", "-", "@", "'", "\\", ".", "é", "\u00a0", "\u3000", "\u202e", "😀", "\xff", "\x00"}
	var ours, theirs bytes.Buffer
	columns := []string{"one", "tw;o", ""}
	e, err := newCSV(&ours, columns)
	if err != nil {
		t.Fatal(err)
	}
	theirs.WriteString("\ufeff")
	w := csv.NewWriter(&theirs)
	w.Comma, w.UseCRLF = ';', true
	if err := w.Write(columns); err != nil {
		t.Fatal(err)
	}
	for range 20_000 {
		cells, record := make([]any, len(columns)), make([]string, len(columns))
		for i := range cells {
			var s string
			for range chance.IntN(6) {
				s += alphabet[chance.IntN(len(alphabet))]
			}
			cells[i], record[i] = s, Harmless(s)
		}
		if err := e.Row(cells...); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	got, want := bytes.Split(ours.Bytes(), []byte("\n")), bytes.Split(theirs.Bytes(), []byte("\n"))
	for i := range min(len(got), len(want)) {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("line %d is %q, the standard library writes %q", i+1, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d lines, the standard library writes %d", len(got), len(want))
	}
}
