package label_test

import (
	"strings"
	"testing"
	"unicode"

	"boutique/internal/fault"
	"boutique/internal/place"
	"boutique/shop/label"
)

// Whatever is typed into an address: cleaning is done once for all, an address that is accepted keeps its
// lines' lengths, and what is printed is at most six lines (seven abroad) that sorting machines read.
func FuzzAddress(f *testing.F) {
	f.Add("Léa d’Hœdt", "", "25 bis, rue de l’Église", "Bât. B", "59500", "Douai", "FR")
	f.Add("Jürgen Groß", "GmbH & Co", "Schloßstraße 5\r\n", "", "10115", "Berlin", "de")
	f.Add("A\u202eB", "\x00", strings.Repeat("12 rue ", 20), "BP 4", "SW1A 1AA", "北京", "GB")
	f.Fuzz(func(t *testing.T, name, company, line1, line2, code, city, country string) {
		a := place.Address{Name: name, Company: company, Line1: line1, Line2: line2, PostalCode: code, City: city, Country: place.Country(country)}.Clean()
		if again := a.Clean(); again != a {
			t.Fatalf("cleaned twice, %+v is %+v", a, again)
		}
		var fields fault.Fields
		a.Check("address.", &fields)
		if b, ok := a.Resplit(); ok && (len([]rune(b.Line1)) > place.LineLength || len([]rune(b.Line2)) > place.LineLength) {
			t.Fatalf("split into %q and %q", b.Line1, b.Line2)
		}
		if len(fields) > 0 {
			return
		}
		for _, line := range []string{a.Name, a.Company, a.Line1, a.Line2, a.City, a.PostalCode} {
			if len([]rune(line)) > 60 || a.Country == "FR" && len([]rune(line)) > place.LineLength || strings.ContainsFunc(line, unicode.IsControl) {
				t.Fatalf("the line %q was accepted", line)
			}
		}
		lines := label.PostalLines(a)
		if len(lines) > 7 || a.Country == "FR" && len(lines) > 6 || len(lines) == 0 {
			t.Fatalf("%d lines are printed: %q", len(lines), lines)
		}
		for i, line := range lines {
			if line == "" || line != strings.TrimSpace(line) {
				t.Fatalf("line %d is %q", i, line)
			}
		}
		if a.Country == "FR" {
			last := lines[len(lines)-1]
			if last != strings.ToUpper(last) || strings.ContainsFunc(last, func(r rune) bool { return r > unicode.MaxASCII }) {
				t.Fatalf("the town is printed %q", last)
			}
		}
	})
}
