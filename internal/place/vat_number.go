package place

import "regexp"

var vatNumberForm = regexp.MustCompile(`^[A-Z]{2}[0-9A-Z+*]{2,15}$`)

// VATNumberOf tells which country's VAT number this looks like: its two letters come first (EN 16931,
// BR-CO-09), EL for Greece, XI for Northern Ireland. Whether it is in force only its own state knows.
func VATNumberOf(number string) (Country, bool) {
	if !vatNumberForm.MatchString(number) {
		return "", false
	}
	switch c := Country(number[:2]); {
	case c == "EL":
		return "GR", true
	case c == "XI":
		return "GB", true
	case Known(c):
		return c, true
	}
	return "", false
}
