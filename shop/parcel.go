package shop

import (
	"slices"
	"sort"
)

// Parcel is a packed carton: outer measures and weight with tare.
type Parcel struct {
	Carton   string         `json:"carton"`
	WeightG  int            `json:"weight_g"`
	TareG    int            `json:"tare_g"`
	LengthMM int            `json:"length_mm"`
	WidthMM  int            `json:"width_mm"`
	HeightMM int            `json:"height_mm"`
	Pieces   map[string]int `json:"pieces"`
}

// wall is what a carton's walls add to each inner measure.
const wall = 4

// fill is how much of a carton's volume goods may take, in percent: the rest is padding.
const fill = 85

type piece struct {
	sku    string
	sides  [3]int
	weight int
}

func (p piece) volume() int { return p.sides[0] * p.sides[1] * p.sides[2] }

func (c Carton) sides() [3]int { return ordered(c.LengthMM, c.WidthMM, c.HeightMM) }

func (c Carton) volume() int { return c.LengthMM * c.WidthMM * c.HeightMM }

func ordered(a, b, c int) [3]int {
	s := []int{a, b, c}
	slices.Sort(s)
	return [3]int{s[2], s[1], s[0]}
}

func (c Carton) holds(p piece) bool {
	inner := c.sides()
	return p.sides[0] <= inner[0] && p.sides[1] <= inner[1] && p.sides[2] <= inner[2] && p.weight <= c.MaxWeightG
}

// pack puts the basket into the smallest carton that holds all of it and that the method carries;
// when none does, into several, the biggest pieces first. It answers the one reason when it can't.
func (c Conditions) pack(m Method, items []Item) (parcels []Parcel, code string, params map[string]any) {
	var pieces []piece
	for _, i := range items {
		if i.WeightG <= 0 || i.LengthMM <= 0 || i.WidthMM <= 0 || i.HeightMM <= 0 {
			return nil, RefusedNoSize, map[string]any{"sku": i.SKU}
		}
		for range i.Quantity {
			pieces = append(pieces, piece{i.SKU, ordered(i.LengthMM, i.WidthMM, i.HeightMM), i.WeightG})
		}
	}
	sort.SliceStable(pieces, func(i, j int) bool { return pieces[i].volume() > pieces[j].volume() })
	cartons := slices.Clone(c.Cartons)
	sort.SliceStable(cartons, func(i, j int) bool { return cartons[i].volume() < cartons[j].volume() })
	carried, why, details := m.carries(cartons)
	if len(carried) == 0 {
		return nil, why, details
	}
	for len(pieces) > 0 {
		carton, rest, ok := fillOne(carried, pieces, m.MaxWeightG)
		if !ok {
			return nil, reasonFor(m, cartons, pieces[0]), map[string]any{"sku": pieces[0].sku, "max_weight_g": m.MaxWeightG, "max_thickness_mm": m.MaxThicknessMM}
		}
		parcels = append(parcels, carton)
		pieces = rest
		if m.Kind == KindLetter && len(pieces) > 0 {
			return nil, RefusedThickness, map[string]any{"max_thickness_mm": m.MaxThicknessMM}
		}
	}
	return parcels, "", nil
}

// carries keeps the cartons whose outer measures are within the method's limits.
func (m Method) carries(cartons []Carton) (kept []Carton, code string, params map[string]any) {
	code = RefusedNoCarton
	for _, c := range cartons {
		s := c.sides()
		long, thick := s[0]+wall, s[2]+wall
		sum := s[0] + s[1] + s[2] + 3*wall
		switch {
		case m.MaxThicknessMM > 0 && thick > m.MaxThicknessMM+wall:
			code, params = RefusedThickness, map[string]any{"max_thickness_mm": m.MaxThicknessMM}
		case m.MaxSideMM > 0 && long > m.MaxSideMM:
			code, params = RefusedSide, map[string]any{"max_side_mm": m.MaxSideMM}
		case m.MaxSumMM > 0 && sum > m.MaxSumMM:
			code, params = RefusedSum, map[string]any{"max_sum_mm": m.MaxSumMM}
		default:
			kept = append(kept, c)
		}
	}
	return kept, code, params
}

// fillOne takes the smallest carton that holds every piece; failing that, the biggest, filled with
// what it takes.
func fillOne(cartons []Carton, pieces []piece, maxWeight int) (Parcel, []piece, bool) {
	var packed Parcel
	var rest []piece
	for i, c := range cartons {
		inside, left := c.take(pieces, maxWeight)
		if len(left) == 0 || i == len(cartons)-1 {
			if len(inside) == 0 {
				return Parcel{}, nil, false
			}
			s := c.sides()
			packed = Parcel{Carton: c.Code, TareG: c.TareG, WeightG: c.TareG, LengthMM: s[0] + wall, WidthMM: s[1] + wall, HeightMM: s[2] + wall, Pieces: map[string]int{}}
			for _, p := range inside {
				packed.WeightG += p.weight
				packed.Pieces[p.sku]++
			}
			rest = left
			break
		}
	}
	return packed, rest, true
}

// take puts pieces into the carton until volume, thickness or weight is used up.
func (c Carton) take(pieces []piece, maxWeight int) (inside, left []piece) {
	volume, weight, thick := 0, c.TareG, 0
	inner := c.sides()
	for _, p := range pieces {
		limit := c.MaxWeightG + c.TareG
		if maxWeight > 0 && maxWeight < limit {
			limit = maxWeight
		}
		alone := len(inside) == 0
		fits := c.holds(p) && weight+p.weight <= limit
		if fits && !alone {
			fits = (volume+p.volume())*100 <= c.volume()*fill || thick+p.sides[2] <= inner[2]
		}
		if fits {
			inside = append(inside, p)
			volume += p.volume()
			weight += p.weight
			thick += p.sides[2]
			continue
		}
		left = append(left, p)
	}
	return inside, left
}

func reasonFor(m Method, cartons []Carton, p piece) string {
	switch {
	case m.MaxWeightG > 0 && p.weight > m.MaxWeightG:
		return RefusedWeight
	case m.MaxThicknessMM > 0 && p.sides[2] > m.MaxThicknessMM:
		return RefusedThickness
	}
	return RefusedNoCarton
}
