package place

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"boutique/internal/fault"
	"boutique/internal/text"
)

// LineLength is how many characters a line of a French address may have (NF Z10-011).
const LineLength = 38

// Address is where a parcel goes.
type Address struct {
	Name       string  `json:"name"`
	Company    string  `json:"company,omitempty"`
	Line1      string  `json:"line1"`
	Line2      string  `json:"line2,omitempty"`
	PostalCode string  `json:"postal_code"`
	City       string  `json:"city"`
	Country    Country `json:"country"`
}

// Clean trims every field, folds white space, and drops characters that no address has.
func (a Address) Clean() Address {
	a.Name, a.Company, a.Line1, a.Line2 = Line(a.Name), Line(a.Company), Line(a.Line1), Line(a.Line2)
	a.City = Line(a.City)
	a.Country = Country(strings.ToUpper(strings.TrimSpace(string(a.Country))))
	a.PostalCode, _ = PostalCode(a.Country, a.PostalCode)
	return a
}

// Line trims one line of text and folds its white space; control and direction marks are dropped.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Check names everything that is wrong with the address, each field under prefix ("address.").
// Lines of a French address have at most 38 characters (NF Z10-011), others 60.
func (a Address) Check(prefix string, fields *fault.Fields) {
	longest := 60
	if a.Country == "FR" || a.Country == "MC" {
		longest = LineLength
	}
	line := func(place, value string, required bool) {
		switch {
		case value == "" && required:
			fields.Add(prefix+place, "required", "is missing")
		case utf8.RuneCountInString(value) > longest:
			params := map[string]any{"max": longest}
			if first, second, ok := Split(value); ok {
				params["first"], params["second"] = first, second
			}
			fields.AddWith(prefix+place, "line_too_long", "is too long for an address line: split it", params)
		}
	}
	line("name", a.Name, true)
	line("company", a.Company, false)
	line("line1", a.Line1, true)
	line("line2", a.Line2, false)
	line("city", a.City, true)
	known := Known(a.Country)
	if !known {
		fields.Add(prefix+"country", "country_unknown", "is not a country that the shop knows")
	}
	if a.PostalCode == "" {
		fields.Add(prefix+"postal_code", "required", "is missing")
	} else if !known {
		return
	} else if _, ok := PostalCode(a.Country, a.PostalCode); !ok {
		fields.AddWith(prefix+"postal_code", "postal_code_invalid", "is not a postal code of this country, like "+PostalExample(a.Country), map[string]any{"example": PostalExample(a.Country)})
	}
}

// Lines are the address as one writes it on a page, the country last when it is not France.
func (a Address) Lines(lang text.Lang) []string {
	var lines []string
	for _, l := range []string{a.Name, a.Company, a.Line1, a.Line2, strings.TrimSpace(a.PostalCode + " " + a.City)} {
		if l != "" {
			lines = append(lines, l)
		}
	}
	if a.Country != "" && a.Country != "FR" {
		lines = append(lines, Name(a.Country, lang))
	}
	return lines
}
