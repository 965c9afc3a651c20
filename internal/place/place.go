// Package place knows countries, their postal codes, the addresses of the shop's parcels and the
// VAT territory that each lies in.
package place

import (
	"regexp"
	"sort"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"boutique/internal/text"
)

// Country is an ISO 3166-1 alpha-2 code, in capitals.
type Country string

// Territory is where goods are delivered, as VAT sees it.
type Territory string

// The territories. Monaco is treated as France for VAT; the overseas departments are export
// territories for goods sent from the mainland (CGI art. 294-2), as are the areas of member states
// outside the VAT union (Canaries, Livigno, Helgoland…).
const (
	Mainland Territory = "FR"
	Corsica  Territory = "FR-COR"
	Union    Territory = "EU"
	Export   Territory = "EXPORT"
)

// rule is what is known of one country's addresses.
type rule struct {
	postal  *regexp.Regexp
	example string
	union   bool
}

func postal(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

var rules = map[Country]rule{
	"FR": {postal(`\d{5}`), "59500", true},
	"MC": {postal(`980\d{2}`), "98000", true},
	"BE": {postal(`[1-9]\d{3}`), "1000", true},
	"NL": {postal(`[1-9]\d{3} ?[A-Za-z]{2}`), "1012 AB", true},
	"LU": {postal(`(?:L-)?\d{4}`), "1111", true},
	"DE": {postal(`\d{5}`), "10115", true},
	"AT": {postal(`\d{4}`), "1010", true},
	"IT": {postal(`\d{5}`), "00184", true},
	"ES": {postal(`\d{5}`), "28001", true},
	"PT": {postal(`\d{4}-\d{3}`), "1000-001", true},
	"IE": {postal(`[A-Za-z]\d[\dWw] ?[A-Za-z\d]{4}`), "D02 AF30", true},
	"DK": {postal(`\d{4}`), "1050", true},
	"SE": {postal(`\d{3} ?\d{2}`), "111 22", true},
	"FI": {postal(`\d{5}`), "00100", true},
	"PL": {postal(`\d{2}-\d{3}`), "00-001", true},
	"CZ": {postal(`\d{3} ?\d{2}`), "110 00", true},
	"SK": {postal(`\d{3} ?\d{2}`), "811 01", true},
	"HU": {postal(`\d{4}`), "1011", true},
	"SI": {postal(`\d{4}`), "1000", true},
	"HR": {postal(`\d{5}`), "10000", true},
	"RO": {postal(`\d{6}`), "010011", true},
	"BG": {postal(`\d{4}`), "1000", true},
	"GR": {postal(`\d{3} ?\d{2}`), "104 31", true},
	"EE": {postal(`\d{5}`), "10111", true},
	"LV": {postal(`(?:LV-)?\d{4}`), "LV-1010", true},
	"LT": {postal(`(?:LT-)?\d{5}`), "LT-01100", true},
	"CY": {postal(`\d{4}`), "1010", true},
	"MT": {postal(`[A-Za-z]{3} ?\d{4}`), "VLT 1010", true},
	"CH": {postal(`\d{4}`), "8001", false},
	"GB": {postal(`[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}`), "SW1A 1AA", false},
	"GP": {postal(`971\d{2}`), "97100", false},
	"MQ": {postal(`972\d{2}`), "97200", false},
	"GF": {postal(`973\d{2}`), "97300", false},
	"RE": {postal(`974\d{2}`), "97400", false},
	"YT": {postal(`976\d{2}`), "97600", false},
}

// outside lists the postal codes of member states that lie outside the union's VAT area
// (Directive 2006/112 art. 6; the carriers' lists of customs formalities).
var outside = map[Country]*regexp.Regexp{
	"DE": postal(`27498|78266`),
	"ES": postal(`35\d{3}|38\d{3}|5100[1-5]|5107[01]|51081|5200[0-6]|5207[01]|52081`),
	"IT": postal(`22061|23041`),
	"GR": postal(`630 ?86`),
	"FI": postal(`22\d{3}`),
	"FR": postal(`97\d{3}|98[4678]\d{2}`),
}

// Known tells whether the country's addresses are understood.
func Known(c Country) bool {
	_, ok := rules[c]
	return ok
}

// PostalCode brings a postal code into its written form and tells whether it is one of the country.
func PostalCode(c Country, code string) (string, bool) {
	code = strings.ToUpper(strings.Join(strings.Fields(code), " "))
	r, ok := rules[c]
	if !ok || len(code) > 12 {
		return code, false
	}
	return code, r.postal.MatchString(code)
}

// PostalExample is a postal code as that country writes it, for hints beside the field.
func PostalExample(c Country) string { return rules[c].example }

// TerritoryOf tells which VAT territory a destination lies in. An overseas department may be given
// by its own country code or as France with its postal code.
func TerritoryOf(c Country, postalCode string) Territory {
	r, known := rules[c]
	if !known || !r.union {
		return Export
	}
	code, _ := PostalCode(c, postalCode)
	if areas, ok := outside[c]; ok && areas.MatchString(code) {
		return Export
	}
	switch {
	case c == "FR" && strings.HasPrefix(code, "20"):
		return Corsica
	case c == "FR", c == "MC":
		return Mainland
	}
	return Union
}

var namers = map[text.Lang]display.Namer{
	text.FR: display.Regions(language.French),
	text.EN: display.Regions(language.BritishEnglish),
	text.NL: display.Regions(language.Dutch),
	text.DE: display.Regions(language.German),
}

// Name is the country's name in the language: "Belgique", "Belgium".
func Name(c Country, lang text.Lang) string {
	region, err := language.ParseRegion(string(c))
	if err != nil {
		return string(c)
	}
	namer, ok := namers[lang]
	if !ok {
		namer = namers[text.FR]
	}
	if name := namer.Name(region); name != "" {
		return name
	}
	return string(c)
}

// Choice is one country of a list to choose from.
type Choice struct {
	Code Country
	Name string
}

// Choices names the countries in the language, France first, the others as the language sorts them.
func Choices(countries []Country, lang text.Lang) []Choice {
	list := make([]Choice, 0, len(countries))
	for _, c := range countries {
		list = append(list, Choice{c, Name(c, lang)})
	}
	order := collate.New(language.Make(string(lang)))
	sort.SliceStable(list, func(i, j int) bool {
		if (list[i].Code == "FR") != (list[j].Code == "FR") {
			return list[i].Code == "FR"
		}
		return order.CompareString(list[i].Name, list[j].Name) < 0
	})
	return list
}

// Countries lists the countries whose addresses are understood, in the order of their codes.
func Countries() []Country {
	list := make([]Country, 0, len(rules))
	for c := range rules {
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}
