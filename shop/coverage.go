package shop

import (
	"math"

	"boutique/internal/money"
	"boutique/internal/place"
)

// coverageWeights are the weights, in grams, at which the picture of what is covered is taken.
var coverageWeights = []int{50, 100, 250, 500, 1000, 2000, 5000, 10000, 15000, 20000, 29000}

// Coverage is the picture of zones × weights: the cheapest method of each cell.
type Coverage struct {
	Weights []int
	Rows    []CoverageRow
}

// CoverageRow is one zone.
type CoverageRow struct {
	Zone  Zone
	To    Destination
	Cells []CoverageCell
}

// CoverageCell is the cheapest way to send so much there. A hole has none. Falls tells a price below
// that of a lighter parcel, Loss one below what it costs the office; CostKnown that the tariff says.
type CoverageCell struct {
	Option    Option
	Hole      bool
	Why       string
	Falls     bool
	Loss      bool
	CostKnown bool
}

// sample is an ordinary article of a weight: flat when light, a cube of a usual density when heavy.
func sample(grams int) Item {
	i := Item{SKU: "SAMPLE", Quantity: 1, UnitPrice: 1500, WeightG: grams, LengthMM: 150, WidthMM: 105, HeightMM: 12}
	if grams > 500 {
		side := int(math.Cbrt(float64(grams) / 0.9 * 1000))
		i.LengthMM, i.WidthMM, i.HeightMM = side, side, side
	}
	return i
}

// destinationOf is a place that lies in the zone and in no narrower one.
func (c Conditions) destinationOf(z Zone) (Destination, bool) {
	for _, a := range z.Areas {
		codes := []string{place.PostalExample(a.Country)}
		for _, p := range a.Include {
			for _, d := range (Conditions{Zones: []Zone{{Areas: []Area{{Country: a.Country, Include: []string{p}}}}}}).corners() {
				codes = append(codes, d.PostalCode)
			}
		}
		for _, code := range codes {
			to := Destination{a.Country, code}
			if found, ok := c.ZoneOf(to); ok && found.Code == z.Code {
				return to, true
			}
		}
	}
	return Destination{}, false
}

// Coverage takes the picture on the given terms; collection and what goes by mail do not count.
func (c Conditions) Coverage(terms Terms) Coverage {
	terms.NoStops = true
	picture := Coverage{Weights: coverageWeights}
	for _, z := range c.Zones {
		row := CoverageRow{Zone: z}
		to, reachable := c.destinationOf(z)
		row.To = to
		before := money.Amount(0)
		for _, grams := range coverageWeights {
			cell := CoverageCell{Hole: true}
			if reachable {
				q := c.QuoteOn([]Item{sample(grams)}, to, terms)
				for _, o := range q.Options {
					if o.Kind != KindCollection && o.Kind != KindDigital && (cell.Hole || o.Price < cell.Option.Price) {
						cell.Option, cell.Hole = o, false
					}
				}
				for _, r := range q.Refused {
					if cell.Hole && r.Code != RefusedZone && r.Code != RefusedNotDigital {
						cell.Why = r.Code
					}
				}
			}
			if !cell.Hole {
				cell.Falls = cell.Option.Price < before
				before = cell.Option.Price
				if cost := cell.Option.Cost; cost != nil {
					cell.CostKnown, cell.Loss = true, cell.Option.Price < *cost
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		picture.Rows = append(picture.Rows, row)
	}
	return picture
}
