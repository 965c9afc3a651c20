package admin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/shop"
)

// methodInWords says a method's rules as one would tell them to a colleague.
func methodInWords(p Page, c shop.Conditions, m shop.Method) []string {
	var said []string
	say := func(id string, args ...any) { said = append(said, p.T("rule_"+id, args...)) }
	switch m.Kind {
	case shop.KindCollection:
		say("collection", "desks", desksOf(p, c, m))
	case shop.KindDigital:
		say("digital")
	default:
		said = append(said, pricesInWords(p, c, m)...)
	}
	if limits := limitsInWords(p, m); limits != "" {
		say("limits", "limits", limits)
	}
	if len(m.RefusedClasses) > 0 {
		say("refused", "classes", classesInWords(p, m.RefusedClasses))
	}
	if len(m.OnlyClasses) > 0 {
		say("only", "classes", classesInWords(p, m.OnlyClasses))
	}
	if len(m.AnyClasses) > 0 {
		say("any", "classes", classesInWords(p, m.AnyClasses))
	}
	if m.Signature {
		say("signature")
	}
	for _, s := range m.Supplements {
		say("supplement", "name", s.Names.In(p.Lang()), "price", p.P.Money(s.Price))
	}
	if m.From != "" || m.Until != "" {
		say("dates", "from", m.From, "until", m.Until)
	}
	if m.Kind != shop.KindDigital {
		say("days", "min", m.MinDays, "max", m.MaxDays)
	}
	return said
}

// pricesInWords are the cheapest and the dearest price, and from when a zone is free.
func pricesInWords(p Page, c shop.Conditions, m shop.Method) []string {
	var zones, free []string
	var least, most money.Amount
	priced := false
	for _, z := range c.Zones {
		t, ok := m.Tariffs[z.Code]
		if !ok {
			continue
		}
		zones = append(zones, z.Names.In(p.Lang()))
		for _, b := range t.Bands {
			if b.Price == nil {
				continue
			}
			if !priced || *b.Price < least {
				least = *b.Price
			}
			most, priced = max(most, *b.Price), true
		}
		if t.FreeFrom != nil {
			free = append(free, p.T("rule_free", "zone", z.Names.In(p.Lang()), "from", p.P.Money(*t.FreeFrom)))
		}
	}
	if !priced {
		return []string{p.T("rule_nowhere")}
	}
	return append([]string{p.T("rule_prices", "zones", strings.Join(zones, ", "), "least", p.P.Money(least), "most", p.P.Money(most))}, free...)
}

func limitsInWords(p Page, m shop.Method) string {
	var parts []string
	if m.MaxWeightG > 0 {
		parts = append(parts, p.P.Weight(m.MaxWeightG))
	}
	for _, l := range []struct {
		id string
		mm int
	}{{"thick", m.MaxThicknessMM}, {"long", m.MaxSideMM}, {"sum", m.MaxSumMM}} {
		if l.mm > 0 {
			parts = append(parts, p.T("limit_"+l.id, "cm", centimetres(l.mm)))
		}
	}
	if m.MaxParcels > 0 {
		parts = append(parts, p.T("limit_parcels", "count", m.MaxParcels))
	}
	if m.MinValue != nil {
		parts = append(parts, p.T("limit_from", "value", p.P.Money(*m.MinValue)))
	}
	if m.MaxValue != nil {
		parts = append(parts, p.T("limit_until", "value", p.P.Money(*m.MaxValue)))
	}
	return strings.Join(parts, ", ")
}

func centimetres(mm int) string { return strconv.FormatFloat(float64(mm)/10, 'f', -1, 64) }

func classesInWords(p Page, classes []string) string {
	var list []string
	for _, c := range classes {
		if word := shop.Words(p.Lang()); word.Has("class_" + c) {
			c = word.T("class_" + c)
		}
		list = append(list, c)
	}
	return strings.Join(list, ", ")
}

func desksOf(p Page, c shop.Conditions, m shop.Method) string {
	var list []string
	for _, d := range c.Desks {
		if len(m.Desks) == 0 || slices.Contains(m.Desks, d.Code) {
			list = append(list, d.Names.In(p.Lang()))
		}
	}
	if len(list) == 0 {
		return p.T("the_office")
	}
	return strings.Join(list, ", ")
}

func carriersOf(c shop.Conditions) []string {
	var list []string
	for _, m := range c.Methods {
		if m.Carrier != "" && !slices.Contains(list, m.Carrier) {
			list = append(list, m.Carrier)
		}
	}
	return list
}

// zoneInWords says what a zone takes and leaves out.
func zoneInWords(p Page, z shop.Zone) string {
	var parts []string
	for _, a := range z.Areas {
		name := place.Name(a.Country, p.Lang())
		switch {
		case len(a.Include) > 0 && len(a.Exclude) > 0:
			name = p.T("area_both", "country", name, "in", strings.Join(a.Include, ", "), "out", strings.Join(a.Exclude, ", "))
		case len(a.Include) > 0:
			name = p.T("area_in", "country", name, "in", strings.Join(a.Include, ", "))
		case len(a.Exclude) > 0:
			name = p.T("area_out", "country", name, "out", strings.Join(a.Exclude, ", "))
		}
		parts = append(parts, name)
	}
	said := strings.Join(parts, " · ")
	if len(z.ClosedFamilies) > 0 {
		said += " – " + p.T("area_closed", "families", strings.Join(familyWords(p, z.ClosedFamilies), ", "))
	}
	return said
}

func familyWords(p Page, families []string) []string {
	var list []string
	for _, f := range families {
		if p.P.Has("family_" + f) {
			f = strings.ToLower(p.T("family_" + f))
		}
		list = append(list, f)
	}
	return list
}

// Cartons are drawn at one scale: the longest is so many pixels.
const longestCarton = 84.0

func cartonScale(c shop.Conditions) float64 {
	longest := 1
	for _, k := range c.Cartons {
		longest = max(longest, k.LengthMM+k.WidthMM/2)
	}
	return longestCarton / float64(longest)
}

func cartonPixels(c shop.Conditions, mm int) int { return max(3, int(float64(mm)*cartonScale(c))) }

func cartonBox(_ shop.Conditions, k shop.Carton) string {
	return fmt.Sprintf("-6 -6 %d %d", k.LengthMM+k.WidthMM/2+12, k.HeightMM+k.WidthMM/2+12)
}

// cartonFaces are the front, the top and the side of a box seen from its corner.
func cartonFaces(k shop.Carton) []string {
	l, h, d := k.LengthMM, k.HeightMM, k.WidthMM/2
	return []string{
		fmt.Sprintf("M0 %dh%dv%dh-%dz", d, l, h, l),
		fmt.Sprintf("M0 %dl%d -%dh%dl-%d %dz", d, d, d, l, d, d),
		fmt.Sprintf("M%d %dl%d -%dv%dl-%d %dz", l, d, d, d, h, d, d),
	}
}

func litres(k shop.Carton) string {
	return strconv.FormatFloat(float64(k.LengthMM*k.WidthMM*k.HeightMM)/1e6, 'f', 1, 64) + "\u00a0l"
}
