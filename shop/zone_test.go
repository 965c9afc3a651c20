package shop

import (
	"slices"
	"testing"
)

// Staff are shown what two zones claim alike, and what none holds.
func TestZonesThatClaimTheSamePlaceAndPlacesInNoZoneAreNamed(t *testing.T) {
	t.Parallel()
	c := Conditions{Zones: []Zone{
		{Code: "france", Areas: []Area{{Country: "FR", Exclude: []string{"97", "98"}}, {Country: "MC"}}},
		{Code: "corsica", Areas: []Area{{Country: "FR", Include: []string{"20"}}}},
		{Code: "island", Areas: []Area{{Country: "FR", Include: []string{"20000-20999"}}}},
		{Code: "bonifacio", Areas: []Area{{Country: "FR", Include: []string{"20169"}}}},
	}}
	overlaps := c.Overlaps()
	if len(overlaps) != 1 || overlaps[0].First != "corsica" || overlaps[0].Second != "island" {
		t.Errorf("overlaps: %+v", overlaps)
	}
	for code, want := range map[string]string{"20200": "corsica", "20169": "bonifacio", "59500": "france", "97110": ""} {
		if z, _ := c.ZoneOf(Destination{"FR", code}); z.Code != want {
			t.Errorf("%s lies in %q, want %q", code, z.Code, want)
		}
	}
	unserved := c.Unserved()
	for _, to := range []Destination{{"FR", "97000"}, {"BE", "1000"}} {
		if !slices.Contains(unserved, to) {
			t.Errorf("%v lies in no zone and is not named", to)
		}
	}
	if slices.ContainsFunc(unserved, func(d Destination) bool { return d.Country == "MC" }) {
		t.Error("Monaco is named, and has its zone")
	}
}

// An article without weight or size costs no method its place but those that weigh it: it can be
// fetched, and each refusal says which article it is.
func TestAnArticleWithoutSizeIsOfferedAtTheDesk(t *testing.T) {
	t.Parallel()
	c := freeEverywhere()
	items := []Item{{SKU: "KNOWN", Quantity: 1, UnitPrice: 500, WeightG: 100, LengthMM: 50, WidthMM: 50, HeightMM: 50}, {SKU: "UNKNOWN", Quantity: 1, UnitPrice: 500, WeightG: 100}}
	q := c.QuoteOn(items, Destination{"FR", "59500"}, Terms{At: tuesday, NoStops: true})
	if _, ok := q.Option("collection"); !ok || len(q.Options) != 2 {
		t.Errorf("offered: %+v", q.Options)
	}
	for _, r := range q.Refused {
		if r.Code != RefusedNoSize || r.Params["sku"] != "UNKNOWN" {
			t.Errorf("%s is refused for %s %v", r.Method, r.Code, r.Params)
		}
	}
}
