package sheet_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"boutique/internal/money"
	"boutique/internal/sheet"
)

var columns = []string{"date", "name", "rate", "gross"}

func write(t *testing.T, format sheet.Format, rows ...[]any) []byte {
	t.Helper()
	var b bytes.Buffer
	e, err := sheet.NewEncoder(&b, format, "sales", columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := e.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Half past midnight in Paris is the day before in UTC.
var at = sheet.Day(time.Date(2026, 7, 31, 22, 30, 0, 0, time.UTC))

func TestCSVIsWhatAFrenchSpreadsheetReads(t *testing.T) {
	t.Parallel()
	got := string(write(t, sheet.CSV, []any{at, "=1+1", sheet.Rate(550), money.Amount(-123450)}, []any{at, "a;\"b\"\nc", sheet.Rate(2000), money.Amount(5)}))
	want := "\ufeffdate;name;rate;gross\r\n2026-08-01;'=1+1;5,5;-1234,50\r\n2026-08-01;\"a;\"\"b\"\"\r\nc\";20;0,05\r\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	t.Parallel()
	var rows []map[string]any
	if err := json.Unmarshal(write(t, sheet.JSON, []any{at, "mug", sheet.Rate(550), money.Amount(1250)}), &rows); err != nil {
		t.Fatal(err)
	}
	gross := rows[0]["gross"].(map[string]any)
	if rows[0]["rate"] != 5.5 || gross["amount"] != 1250.0 || gross["currency"] != "EUR" || rows[0]["date"] != "2026-08-01" {
		t.Errorf("%v", rows)
	}
	if got := strings.Join(strings.Fields(string(write(t, sheet.JSON))), ""); got != "[]" {
		t.Errorf("an empty table is %s", got)
	}
}

func TestXLSXKeepsNumbersAsNumbers(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(write(t, sheet.XLSX, []any{at, "@cmd", sheet.Rate(2000), money.Amount(1999)})))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"A1": "date", "B2": "'@cmd", "C2": "20", "D2": "19.99"} {
		if got, err := f.GetCellValue("sales", cell); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", cell, got, err, want)
		}
	}
}

// A cell that is given by its address is written as the cell itself, in each format.
func TestACellIsTheSameByItsAddress(t *testing.T) {
	t.Parallel()
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX, sheet.JSON} {
		var itself, address [][]any
		for i, s := range []string{"plain", "=1+1", "a;\"b\"", ""} {
			day, rate, gross := sheet.Day(time.Time(at).Add(time.Duration(i-2)*30*time.Minute)), sheet.Rate(550*i), money.Amount(-99*i)
			itself, address = append(itself, []any{day, s, rate, gross}), append(address, []any{&day, &s, &rate, &gross})
		}
		if a, b := write(t, format, itself...), write(t, format, address...); !bytes.Equal(a, b) {
			t.Errorf("%s: %q, by address %q", format, a, b)
		}
	}
}
