package place_test

import (
	"strings"
	"testing"

	"boutique/internal/place"
)

func TestPhonesAreThoseOfTheirCountry(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"03 27 00 00 00": "+33 3 27 00 00 00", "0612345678": "+33 6 12 34 56 78", "+32 2 555 12 12": "+32 2 555 12 12", "123": "123", "appelez-moi": "appelez-moi"} {
		got := place.Phone("FR", typed)
		if got != want || place.PhoneKnown("FR", got) != strings.HasPrefix(want, "+") {
			t.Errorf("%q is written %q (known: %t), want %q", typed, got, place.PhoneKnown("FR", got), want)
		}
	}
	if place.PhoneKnown("FR", strings.Repeat("1", 60)) {
		t.Error("sixty figures are a telephone number")
	}
}

func TestALongLineIsOfferedInTwo(t *testing.T) {
	t.Parallel()
	first, second, ok := place.Split("12 bis avenue du Général de Gaulle, résidence des Grands Géants")
	if !ok || len([]rune(first)) > place.LineLength || len([]rune(second)) > place.LineLength || !strings.HasPrefix(first, "12 bis avenue") {
		t.Errorf("%q and %q", first, second)
	}
	if _, _, ok := place.Split(strings.Repeat("W", 60)); ok {
		t.Error("one word was split")
	}
}
