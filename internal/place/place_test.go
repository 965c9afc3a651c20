package place_test

import (
	"testing"

	"boutique/internal/fault"
	"boutique/internal/place"
	"boutique/internal/text"
)

func TestTerritoriesAsVATSeesThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		country place.Country
		code    string
		want    place.Territory
	}{
		{"FR", "59500", place.Mainland}, {"FR", "20200", place.Corsica}, {"FR", "97110", place.Export},
		{"MC", "98000", place.Mainland}, {"RE", "97400", place.Export}, {"BE", "1000", place.Union},
		{"ES", "35001", place.Export}, {"ES", "28001", place.Union}, {"DE", "27498", place.Export},
		{"IT", "23041", place.Export}, {"CH", "8001", place.Export}, {"XX", "1", place.Export},
	} {
		if got := place.TerritoryOf(c.country, c.code); got != c.want {
			t.Errorf("%s %s lies in %s, want %s", c.country, c.code, got, c.want)
		}
	}
}

func TestAnAddressNamesEachWrongField(t *testing.T) {
	t.Parallel()
	var fields fault.Fields
	place.Address{Name: "Zoé", Line1: "12 rue du Beffroi, deuxième étage, porte du fond", PostalCode: "ABC", Country: "FR"}.Clean().Check("address.", &fields)
	want := map[string]string{"address.line1": "line_too_long", "address.city": "required", "address.postal_code": "postal_code_invalid"}
	if len(fields) != len(want) {
		t.Fatalf("got %v", fields)
	}
	for _, f := range fields {
		if want[f.Place] != f.Code {
			t.Errorf("%s is %s, want %s", f.Place, f.Code, want[f.Place])
		}
	}
}

func TestLinesDropWhatNoAddressHas(t *testing.T) {
	t.Parallel()
	if got := place.Line(" 1\true\u202e de \u0000 la\r\nCloche "); got != "1 rue de la Cloche" {
		t.Errorf("%q", got)
	}
}

func TestFranceComesFirstInAList(t *testing.T) {
	t.Parallel()
	got := place.Choices([]place.Country{"NL", "BE", "FR", "DE"}, text.FR)
	for i, want := range []string{"France", "Allemagne", "Belgique", "Pays-Bas"} {
		if got[i].Name != want {
			t.Errorf("place %d is %s, want %s", i, got[i].Name, want)
		}
	}
}
