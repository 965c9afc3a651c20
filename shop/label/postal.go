package label

import (
	"strings"
	"unicode"

	"github.com/gosimple/unidecode"
	"golang.org/x/text/unicode/norm"

	"boutique/internal/place"
	"boutique/internal/text"
)

// domestic are the destinations that the French post serves without a line for the country.
var domestic = map[place.Country]bool{"": true, "FR": true, "GP": true, "MQ": true, "GF": true, "RE": true, "YT": true}

// normed are the destinations whose addresses follow the French norm.
func normed(c place.Country) bool { return domestic[c] || c == "MC" }

// cityFirst are the countries that write the town before the postal code, or above it.
var cityFirst = map[place.Country]bool{"GB": true, "IE": true}

// PostalLines are an address as the sorting machines read it (NF Z10-011, January 2013): at most
// six lines, seven abroad; name, then what is inside the building, then number and street, then
// postal code and town; the last ones in capitals without accents, in France without punctuation
// either; no empty line; a foreign country last, in French.
func PostalLines(a place.Address) []string {
	head := []string{a.Company, a.Name}
	tail := []string{}
	complement := capitals(a.Line2)
	switch {
	case !normed(a.Country):
		tail = append(tail, a.Line1, a.Line2)
	case locality(complement):
		tail = append(tail, a.Line1, a.Line2)
	default:
		head = append(head, a.Line2)
		tail = append(tail, a.Line1)
	}
	if cityFirst[a.Country] {
		tail = append(tail, a.City, a.PostalCode)
	} else {
		tail = append(tail, a.PostalCode+" "+a.City)
	}
	var lines []string
	add := func(line string) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	for _, line := range head {
		add(line)
	}
	for _, line := range tail {
		line = capitals(line)
		if normed(a.Country) {
			line = plain(line)
		}
		add(line)
	}
	if !domestic[a.Country] {
		add(capitals(place.Name(a.Country, text.FR)))
	}
	return lines
}

// locality tells whether an address's second line names a place rather than a door: it then stands
// below the street (line 5 of the norm).
func locality(line string) bool {
	for _, word := range []string{"BP ", "CS ", "TSA ", "LIEU DIT ", "LIEU-DIT ", "HAMEAU "} {
		if strings.HasPrefix(line+" ", word) {
			return true
		}
	}
	return false
}

// capitals writes a line in capitals without accents.
func capitals(line string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(line) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == '’' || r == '‘':
			out.WriteRune('\'')
		case r <= unicode.MaxASCII:
			out.WriteRune(r)
		default:
			out.WriteString(unidecode.Unidecode(string(r)))
		}
	}
	return strings.ToUpper(out.String())
}

// plain leaves letters, figures and the stroke of "12/3".
func plain(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '/' {
			return r
		}
		return ' '
	}, line)
}
