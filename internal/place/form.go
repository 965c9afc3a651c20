package place

// Part is a field of an address.
type Part string

// The parts.
const (
	Street Part = "line1"
	More   Part = "line2"
	Code   Part = "postal_code"
	Town   Part = "city"
)

// Form is how a country's people write their addresses: the fields in their order, and what each is
// called there.
type Form struct {
	Parts []Part
	// Labels name the variant of a part's label where the country has its own: "after" for a number that
	// stands after the street, "box" for boxes, "province", "postcode", "eircode", "cap", "zip".
	Labels map[Part]string
	// Example is a postal code, Digits tells that it has nothing but figures.
	Example string
	Digits  bool
	// Phone tells that carriers ask for a telephone number: customs call before they send back.
	Phone bool
}

var (
	codeFirst = []Part{Street, More, Code, Town}
	townFirst = []Part{Street, More, Town, Code}
	// Hungarians begin with the town.
	hungarian = []Part{Town, Street, More, Code}
)

// forms are the countries that do not write as France does, after the Universal Postal Union's sheets of
// addressing systems (upu.int, "S42").
var forms = map[Country]Form{
	"GB": {Parts: townFirst, Labels: map[Part]string{Code: "postcode"}},
	"IE": {Parts: townFirst, Labels: map[Part]string{Code: "eircode"}},
	"MT": {Parts: townFirst, Labels: map[Part]string{Code: "postcode"}},
	"LV": {Parts: townFirst, Labels: map[Part]string{Street: "after"}},
	"HU": {Parts: hungarian, Labels: map[Part]string{Street: "after"}},
	"BE": {Parts: codeFirst, Labels: map[Part]string{Street: "after", More: "box"}},
	"IT": {Parts: codeFirst, Labels: map[Part]string{Street: "after", Code: "cap", Town: "province"}},
	"ES": {Parts: codeFirst, Labels: map[Part]string{Street: "after", Town: "province"}},
	"LU": {Parts: codeFirst},
	"FR": {Parts: codeFirst}, "MC": {Parts: codeFirst}, "GP": {Parts: codeFirst}, "MQ": {Parts: codeFirst}, "GF": {Parts: codeFirst}, "RE": {Parts: codeFirst}, "YT": {Parts: codeFirst},
}

// FormOf is the form of a country's addresses. On the Continent the number mostly stands after the
// street, and the postal code before the town.
func FormOf(c Country) Form {
	f, ok := forms[c]
	if !ok {
		f = Form{Parts: codeFirst, Labels: map[Part]string{Street: "after"}}
	}
	f.Example, f.Digits = PostalExample(c), digits(PostalExample(c))
	f.Phone = Known(c) && TerritoryOf(c, "") == Export
	return f
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// Resplit gives the two lines that hold a street which is too long for one, what stood in the second line
// after it; ok is false when they cannot.
func (a Address) Resplit() (Address, bool) {
	first, second, ok := Split(a.Line1)
	if !ok {
		return a, false
	}
	if a.Line2 != "" {
		second += ", " + a.Line2
	}
	if len([]rune(second)) > LineLength {
		return a, false
	}
	a.Line1, a.Line2 = first, second
	return a, true
}
