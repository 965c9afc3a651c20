package place_test

import (
	"slices"
	"testing"

	"boutique/internal/fault"
	"boutique/internal/place"
)

// Each country that the shop knows has a form with every part that an address needs, once, and a postal
// code that its own check accepts.
func TestEachCountryHasItsForm(t *testing.T) {
	t.Parallel()
	for _, c := range place.Countries() {
		f := place.FormOf(c)
		sorted := slices.Sorted(slices.Values(f.Parts))
		if !slices.Equal(sorted, []place.Part{place.Town, place.Street, place.More, place.Code}) {
			t.Errorf("%s asks for %v", c, f.Parts)
		}
		if _, ok := place.PostalCode(c, f.Example); !ok {
			t.Errorf("%s: its own example %q is refused", c, f.Example)
		}
	}
	for c, want := range map[place.Country]place.Form{
		"FR": {Parts: []place.Part{place.Street, place.More, place.Code, place.Town}, Digits: true},
		"GB": {Parts: []place.Part{place.Street, place.More, place.Town, place.Code}, Phone: true},
		"HU": {Parts: []place.Part{place.Town, place.Street, place.More, place.Code}, Digits: true},
		"CH": {Parts: []place.Part{place.Street, place.More, place.Code, place.Town}, Digits: true, Phone: true},
		"RE": {Parts: []place.Part{place.Street, place.More, place.Code, place.Town}, Digits: true, Phone: true},
	} {
		if f := place.FormOf(c); !slices.Equal(f.Parts, want.Parts) || f.Digits != want.Digits || f.Phone != want.Phone {
			t.Errorf("%s: %+v", c, f)
		}
	}
}

func TestALongStreetMovesIntoTheSecondLineWithWhatStoodThere(t *testing.T) {
	t.Parallel()
	long := "12 bis avenue du Général de Gaulle, résidence des Géants"
	a, ok := place.Address{Name: "Zoé Martin", Line1: long, Line2: "Bât. B", PostalCode: "59500", City: "Douai", Country: "FR"}.Resplit()
	if !ok || a.Line1 != "12 bis avenue du Général de Gaulle" || a.Line2 != "résidence des Géants, Bât. B" {
		t.Errorf("%q and %q", a.Line1, a.Line2)
	}
	var fields fault.Fields
	if a.Check("", &fields); len(fields) > 0 {
		t.Errorf("the split address is refused: %v", fields)
	}
	if _, ok := (place.Address{Line1: long, Line2: "appartement numéro trois cent douze"}).Resplit(); ok {
		t.Error("more than two lines hold was split into two")
	}
}
