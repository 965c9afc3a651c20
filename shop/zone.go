package shop

import (
	"sort"
	"strings"

	"boutique/internal/place"
)

// Zone is a set of destinations that cost the same to reach. ClosedFamilies are families of goods
// that are not sent there (food and alcohol abroad, until a person opens a country).
type Zone struct {
	Code           string   `json:"code"`
	Names          Names    `json:"names"`
	Areas          []Area   `json:"areas"`
	ClosedFamilies []string `json:"closed_families,omitempty"`
}

// Area is a country, all of it or the postal codes that match one of Include and none of Exclude.
// A pattern is a prefix ("971", "20") or a range of codes of one length ("20000-20199").
type Area struct {
	Country place.Country `json:"country"`
	Include []string      `json:"include,omitempty"`
	Exclude []string      `json:"exclude,omitempty"`
}

// Destination is what a quote needs to know of an address.
type Destination struct {
	Country    place.Country `json:"country"`
	PostalCode string        `json:"postal_code"`
}

// compact is a postal code without its spaces, as patterns are written.
func (d Destination) compact() string {
	return strings.ToUpper(strings.ReplaceAll(d.PostalCode, " ", ""))
}

// matched is how narrowly a pattern holds a code: 0 not at all, else the length of what it fixes.
func matched(pattern, code string) int {
	from, to, isRange := strings.Cut(pattern, "-")
	if !isRange || len(from) != len(to) || len(code) < len(from) {
		if strings.HasPrefix(code, pattern) {
			return len(pattern)
		}
		return 0
	}
	if head := code[:len(from)]; head < from || head > to {
		return 0
	}
	n := 0
	for n < len(from) && from[n] == to[n] {
		n++
	}
	return max(n, 1)
}

// specificity is how narrowly the area holds the destination: 0 not at all, 1 by its country, more
// by what its pattern fixes.
func (a Area) specificity(country place.Country, code string) int {
	if a.Country != country {
		return 0
	}
	for _, p := range a.Exclude {
		if matched(p, code) > 0 {
			return 0
		}
	}
	if len(a.Include) == 0 {
		return 1
	}
	best := 0
	for _, p := range a.Include {
		if n := matched(p, code); n > 0 {
			best = max(best, n+1)
		}
	}
	return best
}

// ZoneOf finds the zone of a destination: the most specific one; ok is false when the office sends
// nothing there.
func (c Conditions) ZoneOf(to Destination) (Zone, bool) {
	var found Zone
	best, code := 0, to.compact()
	for _, z := range c.Zones {
		for _, a := range z.Areas {
			if s := a.specificity(to.Country, code); s > best {
				found, best = z, s
			}
		}
	}
	return found, best > 0
}

// Countries lists every country that some zone holds, for the forms.
func (c Conditions) Countries() []place.Country {
	seen := map[place.Country]bool{}
	var list []place.Country
	for _, z := range c.Zones {
		for _, a := range z.Areas {
			if !seen[a.Country] {
				seen[a.Country] = true
				list = append(list, a.Country)
			}
		}
	}
	return list
}

// Overlap is a destination that two zones hold equally narrowly: the first one in the list wins,
// and staff are shown it.
type Overlap struct {
	First, Second string
	To            Destination
}

// Overlaps finds the destinations that two zones claim alike.
func (c Conditions) Overlaps() []Overlap {
	var list []Overlap
	seen := map[[2]string]bool{}
	for _, to := range c.corners() {
		code := to.compact()
		best, holders := 0, []string(nil)
		for _, z := range c.Zones {
			s := 0
			for _, a := range z.Areas {
				s = max(s, a.specificity(to.Country, code))
			}
			switch {
			case s > best:
				best, holders = s, []string{z.Code}
			case s == best && s > 0:
				holders = append(holders, z.Code)
			}
		}
		if len(holders) > 1 && !seen[[2]string{holders[0], holders[1]}] {
			seen[[2]string{holders[0], holders[1]}] = true
			list = append(list, Overlap{holders[0], holders[1], to})
		}
	}
	return list
}

// Unserved lists what no zone holds: countries that the shop knows, and areas that a zone leaves
// out and no other takes up.
func (c Conditions) Unserved() []Destination {
	var list []Destination
	for _, to := range c.corners() {
		if _, ok := c.ZoneOf(to); !ok {
			list = append(list, to)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Country != list[j].Country {
			return list[i].Country < list[j].Country
		}
		return list[i].PostalCode < list[j].PostalCode
	})
	return list
}

// corners are destinations at which a zone may begin or end: each known country with an ordinary
// postal code, and one code for each pattern that some zone names.
func (c Conditions) corners() []Destination {
	var list []Destination
	seen := map[Destination]bool{}
	add := func(d Destination) {
		if !seen[d] {
			seen[d] = true
			list = append(list, d)
		}
	}
	for _, country := range place.Countries() {
		add(Destination{country, place.PostalExample(country)})
	}
	for _, z := range c.Zones {
		for _, a := range z.Areas {
			for _, p := range append(append([]string{}, a.Include...), a.Exclude...) {
				from, _, _ := strings.Cut(p, "-")
				example := strings.ReplaceAll(place.PostalExample(a.Country), " ", "")
				if len(from) < len(example) {
					from += strings.Repeat("0", len(example)-len(from))
				}
				add(Destination{a.Country, from})
			}
		}
	}
	return list
}
