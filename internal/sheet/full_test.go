package sheet

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

// overfull is a workbook whose sheets have room for four rows each.
func overfull(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	made, err := newXLSX(&b, "sales", []string{"n"})
	if err != nil {
		t.Fatal(err)
	}
	e := made.(*xlsxEncoder)
	e.limit = 4
	for n := range 7 {
		if err := e.Row(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookOfSeveralSheetsHasTheSameBytesAgain(t *testing.T) {
	t.Parallel()
	first := overfull(t)
	for range 20 {
		if !bytes.Equal(overfull(t), first) {
			t.Fatal("the same rows are other bytes")
		}
	}
}

// A workbook goes on in another sheet when one is full, under the same head.
func TestAFullSheetIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(overfull(t)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"sales": 4, "sales 2": 4, "sales 3": 2}
	for name, rows := range want {
		if got, err := f.GetRows(name); err != nil || len(got) != rows || got[0][0] != "n" {
			t.Errorf("%s: %v %v, want %d rows", name, got, err, rows)
		}
	}
	if len(f.GetSheetList()) != len(want) {
		t.Errorf("sheets: %v", f.GetSheetList())
	}
}
