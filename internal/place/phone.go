package place

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone brings a telephone number into its international form ("+33 6 12 34 56 78"). What is no
// number of the country comes back as it was typed.
func Phone(c Country, s string) string {
	s = Line(s)
	n, err := phonenumbers.Parse(s, strings.ToUpper(string(c)))
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return s
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// PhoneKnown tells whether a text is a telephone number that can be called, as the country or the
// world writes it.
func PhoneKnown(c Country, s string) bool {
	if len(s) > 40 {
		return false
	}
	n, err := phonenumbers.Parse(s, strings.ToUpper(string(c)))
	return err == nil && phonenumbers.IsPossibleNumber(n)
}

// Split offers two lines for one that is too long for a French address (NF Z10-011), broken where
// words end, the house number kept with its street; ok is false when no two lines hold it.
func Split(line string) (first, second string, ok bool) {
	if len(line) > 8*LineLength {
		return "", "", false
	}
	words := strings.Fields(line)
	for n := len(words) - 1; n > 0; n-- {
		head, tail := strings.Join(words[:n], " "), strings.Join(words[n:], " ")
		if len([]rune(head)) <= LineLength && len([]rune(tail)) <= LineLength && strings.Trim(head, "0123456789,bistergBISTER ") != "" {
			return strings.TrimSuffix(head, ","), tail, true
		}
	}
	return "", "", false
}
