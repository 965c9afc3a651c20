package ledger_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"boutique/payments/ledger"
)

func TestTheCheckerAgreesWithBothVerdictsOnEverySample(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/fec/expected.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 23 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows[1:] {
		data, err := os.ReadFile(filepath.Join("testdata/fec", row[0]))
		if err != nil {
			t.Fatal(err)
		}
		report, err := ledger.CheckFEC(row[0], bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		ours := "ok"
		if !report.Accepted() {
			ours = "reject"
		}
		if report.Official() != row[1] || ours != row[2] {
			t.Errorf("%s: official %q, want %q; ours %q, want %q: %+v", row[0], report.Official(), row[1], ours, row[2], report.Findings)
		}
	}
}

func TestTheCheckerRejectsWhatTheOfficialOneLetsPass(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("testdata/fec/123456789FEC20261231_good.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(good), "\r\n"), "\r\n")
	last := lines[len(lines)-1]
	for name, text := range map[string]string{
		"an amount on the negative side":    strings.Replace(string(good), "26,90\t0,00", "0,00\t-26,90", 1),
		"an exercise that is long over":     strings.ReplaceAll(string(good), "20261123", "20201123"),
		"an entry whose lines are parted":   strings.Join(append(lines, lines[1]), "\r\n"),
		"a file that is only a header":      lines[0] + "\r\n",
		"three decimals":                    strings.ReplaceAll(string(good), "26,90", "26,901"),
		"columns in another order":          strings.Replace(string(good), "JournalCode\tJournalLib", "JournalLib\tJournalCode", 1),
		"the last line cut off in its half": strings.TrimSuffix(string(good), last+"\r\n") + last[:20],
	} {
		report, err := ledger.CheckFEC("123456789FEC20261231.txt", strings.NewReader(text))
		if err != nil || report.Accepted() {
			t.Errorf("%s is accepted, %v", name, err)
		}
	}
}

func TestRecordsMayEndInAnyWay(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("testdata/fec/123456789FEC20261231_good.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"\n", "\r", "\r\n"} {
		text := strings.ReplaceAll(string(good), "\r\n", end)
		for _, text := range []string{text, strings.TrimSuffix(text, end)} {
			if report, err := ledger.CheckFEC("123456789FEC20261231.txt", strings.NewReader(text)); err != nil || !report.Accepted() {
				t.Errorf("%q: %v %v", end, report.Findings, err)
			}
		}
	}
}

func FuzzCheckFEC(f *testing.F) {
	good, err := os.ReadFile("testdata/fec/123456789FEC20261231_good.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("JournalCode|JournalLib\r"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := ledger.CheckFEC("123456789FEC20261231.txt", bytes.NewReader(data)); err != nil && !strings.Contains(err.Error(), "reading the file") {
			t.Fatal(err)
		}
	})
}
