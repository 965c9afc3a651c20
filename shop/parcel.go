package shop

import (
	"slices"
	"sort"

	"boutique/internal/money"
)

// Carton is a box or envelope of the office: inner size, its own weight, what it may carry, what it
// costs. WallMM is what its walls add to each inner measure; zero is four. A soft one is as thick
// as what is in it.
type Carton struct {
	Code       string       `json:"code"`
	Names      Names        `json:"names,omitempty"`
	LengthMM   int          `json:"length_mm"`
	WidthMM    int          `json:"width_mm"`
	HeightMM   int          `json:"height_mm"`
	TareG      int          `json:"tare_g"`
	MaxWeightG int          `json:"max_weight_g"`
	WallMM     int          `json:"wall_mm,omitempty"`
	Soft       bool         `json:"soft,omitempty"`
	Cost       money.Amount `json:"cost,omitzero"`
}

// OwnBox is the carton of an article that ships in its own box.
const OwnBox = "OWN-BOX"

// Parcel is a packed carton: outer measures and weight with tare.
type Parcel struct {
	Carton   string         `json:"carton"`
	WeightG  int            `json:"weight_g"`
	TareG    int            `json:"tare_g"`
	LengthMM int            `json:"length_mm"`
	WidthMM  int            `json:"width_mm"`
	HeightMM int            `json:"height_mm"`
	Pieces   map[string]int `json:"pieces"`
	// Layout says where each piece lies; it is shown at packing and not kept with the order.
	Layout []Placement `json:"-"`
	cost   money.Amount
}

// Placement is a piece within its carton, padding included, in millimetres from the corner.
type Placement struct {
	SKU                       string
	X, Y, Z                   int
	LengthMM, WidthMM, HighMM int
}

// wall is what a carton's walls add to each inner measure.
const wall = 4

func (c Carton) wall() int {
	if c.WallMM > 0 {
		return c.WallMM
	}
	return wall
}

// inner is the inside: articles that must stay upright stand along its height.
func (c Carton) inner() cuboid { return cuboid{c.LengthMM, c.WidthMM, c.HeightMM} }

func (c Carton) volume() int { return c.inner().volume() }

// outer are the outer measures when the content is so high.
func (c Carton) outer(high int) (long, middle, thin int) {
	if !c.Soft {
		high = c.HeightMM
	}
	return sorted3(c.LengthMM+c.wall(), c.WidthMM+c.wall(), high+c.wall())
}

// mostPieces is how many pieces one order may have to be quoted: more are asked for by mail.
const mostPieces = 400

// load is a basket ready to be packed: its pieces, and what was packed already for other methods.
type load struct {
	pieces  []*piece
	weight  int
	cartons []Carton
	plans   map[plan][]Parcel
	whole   map[int][]placed
	tried   map[int]bool
}

// plan is what makes one way of packing differ from another: which cartons, how heavy, how many.
type plan struct {
	cartons   uint64
	maxWeight int
	parcels   int
}

// loadOf lays the basket out. It answers the SKU of an article without weight or size, and whether
// pieces are too many.
func (c Conditions) loadOf(items []Item) (l *load, unknown string, tooMany bool) {
	l = &load{plans: map[plan][]Parcel{}, whole: map[int][]placed{}, tried: map[int]bool{}}
	for kind, i := range items {
		if i.digital() {
			continue
		}
		if i.WeightG <= 0 || i.LengthMM <= 0 || i.WidthMM <= 0 || i.HeightMM <= 0 {
			return nil, i.SKU, false
		}
		padding := 0
		if i.has(ClassFragile) {
			padding = c.PaddingMM
		}
		ways := waysOf(i, padding)
		smallest := ways[0].volume()
		for _, w := range ways {
			smallest = min(smallest, w.volume())
		}
		p := piece{sku: i.SKU, weight: i.WeightG, volume: smallest, ways: ways, alone: i.has(ClassOwnBox), kind: kind}
		if len(l.pieces)+i.Quantity > mostPieces {
			return nil, "", true
		}
		for range i.Quantity {
			l.pieces = append(l.pieces, &p)
			l.weight += p.weight
		}
	}
	sort.SliceStable(l.pieces, func(i, j int) bool { return l.pieces[i].volume > l.pieces[j].volume })
	l.cartons = slices.Clone(c.Cartons)
	sort.SliceStable(l.cartons, func(i, j int) bool {
		a, b := l.cartons[i], l.cartons[j]
		if a.volume() != b.volume() {
			return a.volume() < b.volume()
		}
		return a.Cost < b.Cost
	})
	return l, "", false
}

// ownBox is the parcel of an article that ships in its own box.
func ownBox(p *piece) Parcel {
	long, middle, thin := sorted3(p.ways[0][0], p.ways[0][1], p.ways[0][2])
	return Parcel{Carton: OwnBox, WeightG: p.weight, LengthMM: long, WidthMM: middle, HeightMM: thin, Pieces: map[string]int{p.sku: 1}, Layout: []Placement{{p.sku, 0, 0, 0, long, middle, thin}}}
}

// pack puts the basket into the smallest carton that holds all of it and that the method carries;
// when none does, into several. It answers the one reason when it can't.
func (l *load) pack(m Method) (parcels []Parcel, code string, params map[string]any) {
	most := m.MaxParcels
	if most == 0 && m.Kind == KindLetter {
		most = 1
	}
	var together []*piece
	for _, p := range l.pieces {
		if !p.alone {
			together = append(together, p)
			continue
		}
		parcel := ownBox(p)
		if code, params := m.exceeds(parcel); code != "" {
			params["sku"] = p.sku
			return nil, code, params
		}
		parcels = append(parcels, parcel)
	}
	var carried []int
	var mask uint64
	code, params = RefusedNoCarton, map[string]any{}
	for i, c := range l.cartons {
		if why, details := m.carries(c); why != "" {
			code, params = why, details
			continue
		}
		carried = append(carried, i)
		mask |= 1 << min(i, 63)
	}
	if len(together) > 0 {
		if len(carried) == 0 {
			return nil, code, params
		}
		if p := l.misfit(m, carried, together); p != nil {
			code, params := l.reasonFor(m, carried, p)
			return nil, code, params
		}
		key := plan{mask, m.MaxWeightG, most - len(parcels)}
		packed, known := l.plans[key]
		if !known {
			packed = l.split(m, carried, together, most-len(parcels))
			l.plans[key] = packed
		}
		if packed == nil {
			code, params := l.tooMuch(m)
			return nil, code, params
		}
		parcels = append(parcels, packed...)
	}
	if most > 0 && len(parcels) > most {
		code, params := l.tooMuch(m)
		return nil, code, params
	}
	for _, p := range parcels {
		if code, params := m.exceeds(p); code != "" {
			return nil, code, params
		}
	}
	return parcels, "", nil
}

// tooMuch is why a basket does not go into as many parcels as the method takes.
func (l *load) tooMuch(m Method) (string, map[string]any) {
	switch {
	case m.MaxWeightG > 0 && l.weight > m.MaxWeightG:
		return RefusedWeight, map[string]any{"max_weight_g": m.MaxWeightG}
	case m.MaxThicknessMM > 0:
		return RefusedThickness, map[string]any{"max_thickness_mm": m.MaxThicknessMM}
	}
	return RefusedParcels, map[string]any{"max": max(1, m.MaxParcels)}
}

// carries tells why the method does not take the empty carton. A letter's thickness is that of its
// inside: an envelope's paper is not counted.
func (m Method) carries(c Carton) (code string, params map[string]any) {
	long, middle, thin := c.outer(1)
	switch {
	case m.MaxThicknessMM > 0 && thin-c.wall() > m.MaxThicknessMM:
		return RefusedThickness, map[string]any{"max_thickness_mm": m.MaxThicknessMM}
	case m.MaxSideMM > 0 && long > m.MaxSideMM:
		return RefusedSide, map[string]any{"max_side_mm": m.MaxSideMM}
	case m.MaxSumMM > 0 && long+middle+thin > m.MaxSumMM:
		return RefusedSum, map[string]any{"max_sum_mm": m.MaxSumMM}
	case m.MaxWeightG > 0 && c.TareG >= m.MaxWeightG:
		return RefusedWeight, map[string]any{"max_weight_g": m.MaxWeightG}
	}
	return "", nil
}

// exceeds tells which limit of the method a packed parcel breaks.
func (m Method) exceeds(p Parcel) (code string, params map[string]any) {
	switch {
	case m.MaxWeightG > 0 && p.WeightG > m.MaxWeightG:
		return RefusedWeight, map[string]any{"max_weight_g": m.MaxWeightG}
	case m.MaxThicknessMM > 0 && p.HeightMM > m.MaxThicknessMM+wall:
		return RefusedThickness, map[string]any{"max_thickness_mm": m.MaxThicknessMM}
	case m.MaxSideMM > 0 && p.LengthMM > m.MaxSideMM:
		return RefusedSide, map[string]any{"max_side_mm": m.MaxSideMM}
	case m.MaxSumMM > 0 && p.LengthMM+p.WidthMM+p.HeightMM > m.MaxSumMM:
		return RefusedSum, map[string]any{"max_sum_mm": m.MaxSumMM}
	}
	return "", nil
}

// room is the inside of a carton under the method: a soft one is no thicker than the method allows.
func (m Method) room(c Carton) cuboid {
	inner := c.inner()
	if c.Soft && m.MaxThicknessMM > 0 {
		inner[2] = min(inner[2], m.MaxThicknessMM)
	}
	return inner
}

// limit is the most that a carton may weigh with its content under the method.
func (m Method) limit(c Carton) int {
	most := c.MaxWeightG + c.TareG
	if m.MaxWeightG > 0 {
		most = min(most, m.MaxWeightG)
	}
	return most
}

func (p *piece) fits(inner cuboid) bool {
	return slices.ContainsFunc(p.ways, func(w cuboid) bool { return w[0] <= inner[0] && w[1] <= inner[1] && w[2] <= inner[2] })
}

// misfit finds a piece that fits no carton of the method even alone.
func (l *load) misfit(m Method, carried []int, pieces []*piece) *piece {
	last := -1
	for _, p := range pieces {
		if p.kind == last {
			continue
		}
		last = p.kind
		if !slices.ContainsFunc(carried, func(i int) bool {
			c := l.cartons[i]
			return p.fits(m.room(c)) && p.weight+c.TareG <= m.limit(c)
		}) {
			return p
		}
	}
	return nil
}

func (l *load) reasonFor(m Method, carried []int, p *piece) (string, map[string]any) {
	fits := slices.ContainsFunc(carried, func(i int) bool { return p.fits(m.room(l.cartons[i])) })
	thinnest := p.ways[0][2]
	switch {
	case fits && m.MaxWeightG > 0:
		return RefusedWeight, map[string]any{"sku": p.sku, "max_weight_g": m.MaxWeightG}
	case !fits && m.MaxThicknessMM > 0 && thinnest > m.MaxThicknessMM:
		return RefusedThickness, map[string]any{"sku": p.sku, "max_thickness_mm": m.MaxThicknessMM}
	}
	return RefusedNoCarton, map[string]any{"sku": p.sku}
}

// split fills parcels until nothing is left, at most so many (zero: as many as it takes). Each
// parcel's carton is the smallest that holds what the fullest one took.
func (l *load) split(m Method, carried []int, pieces []*piece, most int) []Parcel {
	var parcels []Parcel
	whole := len(pieces) == len(l.pieces)
	for len(pieces) > 0 {
		if most > 0 && len(parcels) == most {
			return nil
		}
		if parcel, ok := l.smallest(m, carried, pieces, whole); ok {
			return append(parcels, parcel)
		}
		whole = false
		inside, left := l.fullest(m, carried, pieces)
		if len(inside) == 0 {
			return nil
		}
		parcel, ok := l.smallest(m, carried, inside, false)
		if !ok {
			return nil
		}
		parcels = append(parcels, parcel)
		pieces = left
	}
	return parcels
}

// smallest takes the smallest carton that holds all the pieces.
func (l *load) smallest(m Method, carried []int, pieces []*piece, whole bool) (Parcel, bool) {
	weight := 0
	for _, p := range pieces {
		weight += p.weight
	}
	for _, i := range carried {
		c := l.cartons[i]
		if weight+c.TareG > m.limit(c) {
			continue
		}
		room := m.room(c)
		// What holds the whole basket is asked once for all methods.
		shared := whole && room == c.inner()
		where, ok := []placed(nil), false
		if shared && l.tried[i] {
			where, ok = l.whole[i], l.whole[i] != nil
		} else {
			where, ok = holdsAll(room, pieces)
			if shared {
				l.tried[i] = true
				if ok {
					l.whole[i] = where
				}
			}
		}
		if ok {
			return parcelOf(c, pieces, where), true
		}
	}
	return Parcel{}, false
}

// mostPlaced bounds one parcel while a big order is split.
const mostPlaced = 120

// fullest fills each carton with the biggest pieces first and takes the content that is the most.
func (l *load) fullest(m Method, carried []int, pieces []*piece) (inside, left []*piece) {
	best := -1
	for n := len(carried) - 1; n >= 0 && n >= len(carried)-3; n-- {
		c := l.cartons[carried[n]]
		s, weight, volume := newSpace(m.room(c)), c.TareG, 0
		var in, out []*piece
		failed := -1
		for _, p := range pieces {
			if p.kind == failed || len(in) >= mostPlaced || weight+p.weight > m.limit(c) {
				out = append(out, p)
				continue
			}
			if _, ok := s.put(p); !ok {
				failed = p.kind
				out = append(out, p)
				continue
			}
			in = append(in, p)
			weight += p.weight
			volume += p.volume
		}
		if volume > best && len(in) > 0 {
			best, inside, left = volume, in, out
		}
	}
	if best >= 0 {
		return inside, left
	}
	// The biggest cartons take none of these: each piece fits some carton alone, so take the first.
	return pieces[:1], pieces[1:]
}

func parcelOf(c Carton, pieces []*piece, where []placed) Parcel {
	p := Parcel{Carton: c.Code, TareG: c.TareG, WeightG: c.TareG, Pieces: map[string]int{}, cost: c.Cost, Layout: make([]Placement, len(pieces))}
	high := 0
	for i, one := range pieces {
		p.WeightG += one.weight
		p.Pieces[one.sku]++
		w := where[i]
		high = max(high, w.at[2]+w.size[2])
		p.Layout[i] = Placement{one.sku, w.at[0], w.at[1], w.at[2], w.size[0], w.size[1], w.size[2]}
	}
	p.LengthMM, p.WidthMM, p.HeightMM = c.outer(high)
	return p
}
