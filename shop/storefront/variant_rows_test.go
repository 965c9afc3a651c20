package storefront

import (
	"strings"
	"testing"

	"boutique/catalog"
)

func TestVariantsStandInLinesOfTheFirstOfSeveralOptions(t *testing.T) {
	t.Parallel()
	variants := func(list ...string) []catalog.ItemVariant {
		var all []catalog.ItemVariant
		for _, one := range list {
			v := catalog.ItemVariant{SKU: one}
			for code := range strings.SplitSeq(one, "/") {
				v.Values = append(v.Values, catalog.OptionValue{Code: code})
			}
			all = append(all, v)
		}
		return all
	}
	for name, c := range map[string]struct {
		variants []catalog.ItemVariant
		want     string
	}{
		"sizes of a colour stand together": {variants("cream/S", "slate/S", "cream/M", "slate/M"), "cream: S M | slate: S M"},
		"one option is one line":           {variants("S", "M"), ": S M"},
		"nothing to gather":                {variants("cream/S", "slate/M"), ": cream/S slate/M"},
		"three options":                    {variants("cream/S/long", "cream/S/short"), "cream: S/long S/short"},
		"none":                             {nil, ":"},
	} {
		var lines []string
		for _, row := range variantRows(c.variants) {
			line := row.first.Code + ":"
			for _, v := range row.variants {
				var codes []string
				for _, value := range row.shown(v).Values {
					codes = append(codes, value.Code)
				}
				line += " " + strings.Join(codes, "/")
			}
			lines = append(lines, line)
		}
		if got := strings.Join(lines, " | "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
