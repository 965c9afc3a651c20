package place_test

import (
	"testing"

	"boutique/internal/place"
)

func TestAVATNumberNamesItsCountry(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]place.Country{
		"FR44732829320": "FR", "BE0417497106": "BE", "EL123456789": "GR", "XI123456789": "GB", "NL123456789B01": "NL", "IE1234567WA": "IE", "CHE123456789MWST": "CH",
		"0417497106": "", "BE": "", "ZZ123456789": "", "be0417497106": "", "BE 0417": "", "=cmd": "",
	} {
		if got, ok := place.VATNumberOf(number); got != want || ok != (want != "") {
			t.Errorf("%q is of %q, %v; want %q", number, got, ok, want)
		}
	}
}
