package shop

import (
	"sort"

	"boutique/internal/money"
)

// Tariff is a price list for one zone. By says what its bands measure: the parcel's weight in grams
// with tare (empty: that one), the goods' value in cents, or the number of pieces; a flat price has
// one band without an end. Bands are half-open, above the last one's end, up to and with its own,
// as carriers print them: a weight is in one band only. Above the last band the tariff refuses
// unless Above prices it. FreeFrom makes it free from that value of goods on; nil is never.
type Tariff struct {
	By       Measure       `json:"by,omitempty"`
	Bands    []Band        `json:"bands"`
	Above    *Above        `json:"above,omitempty"`
	FreeFrom *money.Amount `json:"free_from,omitempty"`
	// Name and ValidFrom (2006-01-02) say which printed tariff this is.
	Name      string `json:"name,omitempty"`
	ValidFrom string `json:"valid_from,omitempty"`
}

// Measure is what a tariff's bands go by.
type Measure string

// The measures.
const (
	ByWeight Measure = ""
	ByValue  Measure = "value"
	ByPieces Measure = "pieces"
	Flat     Measure = "flat"
)

// Band is a price for what measures up to its end: UpToG grams, or UpTo cents or pieces. Without a
// price the band refuses: a blank is never free. Cost is what the carrier asks of the office.
type Band struct {
	UpToG int           `json:"up_to_g,omitempty"`
	UpTo  int           `json:"up_to,omitempty"`
	Price *money.Amount `json:"price"`
	Cost  *money.Amount `json:"cost,omitempty"`
}

func (b Band) end() int { return max(b.UpToG, b.UpTo) }

// Above prices what lies above the last band: the last band's price and Price for each further
// Each, begun ones counted.
type Above struct {
	Each  int          `json:"each"`
	Price money.Amount `json:"price"`
}

// DatedTariff is a tariff that takes the place of a zone's ordinary one from its ValidFrom day on.
type DatedTariff struct {
	Zone string `json:"zone"`
	Tariff
}

// tariffOn is the tariff in force for a zone on a day (2006-01-02).
func (m Method) tariffOn(zone, day string) (Tariff, bool) {
	found, ok := m.Tariffs[zone]
	best := ""
	for _, d := range m.Dated {
		if d.Zone == zone && d.ValidFrom <= day && d.ValidFrom >= best {
			found, ok, best = d.Tariff, true, d.ValidFrom
		}
	}
	return found, ok
}

// rated is what a tariff asks for one measure.
type rated struct {
	price, cost money.Amount
	hasCost     bool
	end         int
	above       bool
}

// rate prices a measure; refused is true in a band without a price, above in none of them.
func (t Tariff) rate(measure int) (r rated, refused, above bool) {
	if t.By == Flat {
		if len(t.Bands) == 0 || t.Bands[0].Price == nil {
			return r, true, false
		}
		return priced(t.Bands[0]), false, false
	}
	i := sort.Search(len(t.Bands), func(i int) bool { return measure <= t.Bands[i].end() })
	if i < len(t.Bands) {
		if t.Bands[i].Price == nil {
			return r, true, false
		}
		return priced(t.Bands[i]), false, false
	}
	if t.Above == nil || t.Above.Each <= 0 || len(t.Bands) == 0 || t.Bands[len(t.Bands)-1].Price == nil {
		return r, false, true
	}
	r = priced(t.Bands[len(t.Bands)-1])
	more := (measure - r.end + t.Above.Each - 1) / t.Above.Each
	r.price += t.Above.Price.Times(more)
	r.above, r.hasCost = true, false
	return r, false, false
}

func priced(b Band) rated {
	r := rated{price: *b.Price, end: b.end()}
	if b.Cost != nil {
		r.cost, r.hasCost = *b.Cost, true
	}
	return r
}

func (t Tariff) last() int {
	if len(t.Bands) == 0 {
		return 0
	}
	return t.Bands[len(t.Bands)-1].end()
}

// Supplement is an amount that comes on top of a tariff. It applies when every condition that it
// names is met: a class or family in the basket, a zone, a parcel longer or bigger than so much.
// PerParcel counts it for each parcel that meets the size, else once an order.
type Supplement struct {
	Code      string       `json:"code"`
	Names     Names        `json:"names"`
	Class     string       `json:"class,omitempty"`
	Family    string       `json:"family,omitempty"`
	Zone      string       `json:"zone,omitempty"`
	OverSide  int          `json:"over_side_mm,omitempty"`
	OverSum   int          `json:"over_sum_mm,omitempty"`
	Price     money.Amount `json:"price"`
	PerParcel bool         `json:"per_parcel,omitempty"`
}

// times is how often the supplement counts.
func (s Supplement) times(zone string, items []Item, parcels []Parcel) int {
	if s.Zone != "" && s.Zone != zone {
		return 0
	}
	if s.Class != "" || s.Family != "" {
		met := false
		for _, i := range items {
			met = met || (s.Class == "" || i.has(s.Class)) && (s.Family == "" || i.Family == s.Family)
		}
		if !met {
			return 0
		}
	}
	n := 0
	for _, p := range parcels {
		if p.LengthMM > s.OverSide && p.LengthMM+p.WidthMM+p.HeightMM > s.OverSum {
			n++
		}
	}
	if !s.PerParcel && n > 0 {
		return 1
	}
	return n
}

// Insurance is what the carrier asks to answer for goods of more than Above: Price for each further
// Each of value, begun ones counted.
type Insurance struct {
	Above money.Amount `json:"above"`
	Each  money.Amount `json:"each"`
	Price money.Amount `json:"price"`
}

func (i Insurance) of(goods money.Amount) money.Amount {
	if goods <= i.Above || i.Each <= 0 {
		return 0
	}
	return i.Price.Times(int((goods - i.Above + i.Each - 1) / i.Each))
}
