package shop

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"boutique/internal/money"
	"boutique/internal/place"
)

// LineError is what is wrong with one line of a file that staff brought: the line as a text editor
// counts, the column by its name, and a code that locale files put in words.
type LineError struct {
	Line   int
	Column string
	Code   string
	Value  string
}

// mostFile is the size of the largest file of tariffs or points that is read.
const mostFile = 4 << 20

// cells are the rows of a CSV file with a head, each by the names of its columns.
type cells struct {
	line int
	row  map[string]string
}

// readCells reads CSV in UTF-8, with or without a byte order mark, columns apart by ; , or tabs.
func readCells(data []byte, required ...string) ([]cells, []LineError) {
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	if len(data) > mostFile {
		return nil, []LineError{{Line: 1, Code: "file_too_big"}}
	}
	var problems []LineError
	if !utf8.Valid(data) {
		for n, line := range strings.Split(string(data), "\n") {
			if !utf8.ValidString(line) {
				problems = append(problems, LineError{Line: n + 1, Code: "encoding"})
				if len(problems) == 20 {
					break
				}
			}
		}
		return nil, problems
	}
	head, _, _ := strings.Cut(string(data), "\n")
	r := csv.NewReader(strings.NewReader(string(data)))
	r.Comma = ';'
	for _, comma := range []rune{'\t', ','} {
		if strings.Count(head, string(comma)) > strings.Count(head, string(r.Comma)) {
			r.Comma = comma
		}
	}
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	names, err := r.Read()
	if err != nil {
		return nil, []LineError{{Line: 1, Code: "empty"}}
	}
	for i := range names {
		names[i] = strings.ToLower(strings.TrimSpace(names[i]))
	}
	for _, want := range required {
		found := false
		for _, n := range names {
			found = found || n == want
		}
		if !found {
			problems = append(problems, LineError{Line: 1, Column: want, Code: "column_missing"})
		}
	}
	if problems != nil {
		return nil, problems
	}
	var list []cells
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			return nil, append(problems, LineError{Line: syntax.Line, Code: "syntax"})
		}
		if err != nil || len(record) == 0 {
			return nil, append(problems, LineError{Line: 1, Code: "syntax"})
		}
		line, _ := r.FieldPos(0)
		row, filled := map[string]string{}, false
		for i, value := range record {
			value = strings.TrimSpace(value)
			filled = filled || value != ""
			if i < len(names) {
				row[names[i]] = value
			} else if value != "" {
				problems = append(problems, LineError{Line: line, Code: "too_many_cells", Value: value})
			}
		}
		if filled {
			list = append(list, cells{line, row})
		}
	}
	if len(list) == 0 && problems == nil {
		problems = append(problems, LineError{Line: 1, Code: "empty"})
	}
	return list, problems
}

// ReadTariffs reads a method's tariff from CSV: zone; from; up_to; price; cost. A zone's rows are its
// bands: from (which may be left out) must be where the band before ends, so that gaps and overlaps
// are named. A blank price refuses. Each zone has one row whose up_to is "above", which declares
// what happens above the last band: a blank price refuses, "above/1000" with a price counts for each
// further kilogram. A row "free" gives the amount of goods from which delivery is free. Nothing is
// taken when a line is wrong.
func ReadTariffs(data []byte, c Conditions, by Measure) (map[string]Tariff, []LineError) {
	list, problems := readCells(data, "zone", "up_to", "price")
	if problems != nil {
		return nil, problems
	}
	known := map[string]bool{}
	for _, z := range c.Zones {
		known[z.Code] = true
	}
	type entry struct {
		cells
		from, end int
		band      Band
	}
	zones := map[string][]entry{}
	tariffs := map[string]Tariff{}
	declared := map[string]bool{}
	first := map[string]int{}
	fail := func(row cells, column, code, value string) {
		problems = append(problems, LineError{row.line, column, code, value})
	}
	amount := func(row cells, column string) *money.Amount {
		if row.row[column] == "" {
			return nil
		}
		a, err := money.Parse(row.row[column])
		switch {
		case err != nil:
			fail(row, column, "amount", row.row[column])
		case a < 0:
			fail(row, column, "negative", row.row[column])
		}
		return &a
	}
	for _, row := range list {
		zone := row.row["zone"]
		if !known[zone] {
			fail(row, "zone", "zone_unknown", zone)
			continue
		}
		if first[zone] == 0 {
			first[zone] = row.line
		}
		t := tariffs[zone]
		t.By = by
		price, cost := amount(row, "price"), amount(row, "cost")
		kind, each, _ := strings.Cut(strings.ToLower(row.row["up_to"]), "/")
		switch kind {
		case "above":
			if declared[zone] {
				fail(row, "up_to", "above_twice", zone)
			}
			declared[zone] = true
			if n, err := strconv.Atoi(each); price != nil && (err != nil || n <= 0) {
				fail(row, "up_to", "above_each", row.row["up_to"])
			} else if price != nil {
				t.Above = &Above{Each: n, Price: *price}
			}
		case "free":
			t.FreeFrom = price
		default:
			end, err := measureOf(row.row["up_to"], by)
			if err != nil {
				fail(row, "up_to", "number", row.row["up_to"])
				continue
			}
			e := entry{cells: row, from: -1, end: end, band: Band{Price: price, Cost: cost}}
			if by == ByWeight {
				e.band.UpToG = end
			} else {
				e.band.UpTo = end
			}
			if row.row["from"] != "" {
				if e.from, err = measureOf(row.row["from"], by); err != nil && row.row["from"] != "0" {
					fail(row, "from", "number", row.row["from"])
					continue
				}
			}
			zones[zone] = append(zones[zone], e)
		}
		tariffs[zone] = t
	}
	for zone, entries := range zones {
		sort.SliceStable(entries, func(i, j int) bool { return entries[i].end < entries[j].end })
		t, before := tariffs[zone], 0
		for _, e := range entries {
			switch {
			case e.end == before:
				fail(e.cells, "up_to", "band_twice", e.row["up_to"])
			case e.from >= 0 && e.from < before:
				fail(e.cells, "from", "band_overlap", e.row["from"])
			case e.from > before:
				fail(e.cells, "from", "band_gap", e.row["from"])
			}
			before = e.end
			t.Bands = append(t.Bands, e.band)
		}
		tariffs[zone] = t
	}
	for zone, line := range first {
		if !declared[zone] {
			problems = append(problems, LineError{Line: line, Column: "up_to", Code: "above_undeclared", Value: zone})
		}
		if len(zones[zone]) == 0 {
			problems = append(problems, LineError{Line: line, Column: "up_to", Code: "no_band", Value: zone})
		}
	}
	if problems != nil {
		sort.SliceStable(problems, func(i, j int) bool { return problems[i].Line < problems[j].Line })
		return nil, problems
	}
	return tariffs, nil
}

// measureOf reads the end of a band: grams, pieces, or an amount of money.
func measureOf(s string, by Measure) (int, error) {
	if by == ByValue {
		a, err := money.Parse(s)
		if err == nil && a <= 0 {
			err = money.ErrSyntax
		}
		return int(a), err
	}
	n, err := strconv.Atoi(strings.ReplaceAll(s, "\u00a0", ""))
	if err == nil && (n <= 0 || n > 10_000_000) {
		err = strconv.ErrRange
	}
	return n, err
}

// TariffFile writes a method's tariffs as ReadTariffs reads them.
func (m Method) TariffFile(c Conditions, day string) string {
	var b strings.Builder
	b.WriteString("\ufeffzone;from;up_to;price;cost\r\n")
	for _, z := range c.Zones {
		t, ok := m.tariffOn(z.Code, day)
		if !ok {
			continue
		}
		write := func(end int) string {
			if t.By == ByValue {
				return money.Amount(end).Decimal()
			}
			return strconv.Itoa(end)
		}
		before := 0
		for _, band := range t.Bands {
			price, cost := "", ""
			if band.Price != nil {
				price = band.Price.Decimal()
			}
			if band.Cost != nil {
				cost = band.Cost.Decimal()
			}
			fmt.Fprintf(&b, "%s;%s;%s;%s;%s\r\n", z.Code, write(before), write(band.end()), price, cost)
			before = band.end()
		}
		if t.Above != nil {
			fmt.Fprintf(&b, "%s;;above/%d;%s;\r\n", z.Code, t.Above.Each, t.Above.Price.Decimal())
		} else {
			fmt.Fprintf(&b, "%s;;above;;\r\n", z.Code)
		}
		if t.FreeFrom != nil {
			fmt.Fprintf(&b, "%s;;free;%s;\r\n", z.Code, t.FreeFrom.Decimal())
		}
	}
	return b.String()
}

// ReadPoints reads a carrier's pickup points from CSV: code; name; line1; line2; postal_code; city;
// country; hours.
func ReadPoints(data []byte) ([]Stop, []LineError) {
	list, problems := readCells(data, "code", "name", "line1", "postal_code", "city")
	if problems != nil {
		return nil, problems
	}
	var points []Stop
	seen := map[string]bool{}
	for _, row := range list {
		country := place.Country(strings.ToUpper(row.row["country"]))
		if country == "" {
			country = "FR"
		}
		s := Stop{Code: place.Line(row.row["code"]), Name: place.Line(row.row["name"]), Hours: place.Line(row.row["hours"]),
			Address: place.Address{Name: row.row["name"], Line1: place.Line(row.row["line1"]), Line2: place.Line(row.row["line2"]), City: place.Line(row.row["city"]), Country: country}}
		fail := func(column, code, value string) {
			problems = append(problems, LineError{row.line, column, code, value})
		}
		switch {
		case s.Code == "" || len(s.Code) > 60 || strings.ContainsAny(s.Code, "@ "):
			fail("code", "point_code", s.Code)
		case seen[s.Code]:
			fail("code", "point_twice", s.Code)
		}
		seen[s.Code] = true
		for column, value := range map[string]string{"name": s.Name, "line1": s.Address.Line1, "city": s.Address.City} {
			if value == "" || utf8.RuneCountInString(value) > 100 {
				fail(column, "missing", value)
			}
		}
		if !place.Known(country) {
			fail("country", "country", string(country))
			continue
		}
		code, ok := place.PostalCode(country, row.row["postal_code"])
		if !ok {
			fail("postal_code", "postal_code", row.row["postal_code"])
		}
		s.Address.PostalCode = strings.ReplaceAll(code, " ", "")
		points = append(points, s)
	}
	if problems != nil {
		return nil, problems
	}
	return points, nil
}
