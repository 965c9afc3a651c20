package shop

import (
	"slices"
	"sort"
	"time"

	"boutique/internal/money"
)

// Quote is what it costs to reach a destination with a basket, and why: every method is either
// offered with the amounts that make its price, or refused with its one reason.
type Quote struct {
	Conditions int          `json:"conditions"`
	To         Destination  `json:"to"`
	Zone       string       `json:"zone"`
	Goods      money.Amount `json:"goods"`
	Options    []Option     `json:"options"`
	Refused    []Refusal    `json:"refused"`
}

// Option is an offered method. The amounts of Why sum to Price.
type Option struct {
	Method  string       `json:"method"`
	Kind    MethodKind   `json:"kind"`
	Carrier string       `json:"carrier"`
	Names   Names        `json:"names"`
	Price   money.Amount `json:"price"`
	Parcels []Parcel     `json:"parcels,omitempty"`
	Promise Promise      `json:"promise"`
	Why     []Reason     `json:"why"`
	// FreeFrom and Missing say how much more of goods would make it free; nil when it never is.
	FreeFrom *money.Amount `json:"free_from,omitempty"`
	Missing  *money.Amount `json:"missing,omitempty"`
}

// Reason is one amount of a price, by a code that locale files put in words.
type Reason struct {
	Code   string         `json:"code"`
	Amount money.Amount   `json:"amount"`
	Params map[string]any `json:"params,omitempty"`
}

// The reasons that make a price.
const (
	WhyBand       = "band"            // the tariff's price for the parcel's weight
	WhyFree       = "free_from"       // free above an amount of goods
	WhyBook       = "book_minimum"    // loi 81-766 art. 1 al. 4: the legal minimum for new books
	WhyCollection = "collection_free" // collected at the office
)

// Refusal is a refused method and its one reason.
type Refusal struct {
	Method string         `json:"method"`
	Kind   MethodKind     `json:"kind"`
	Names  Names          `json:"names"`
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
}

// The reasons to refuse a method.
const (
	RefusedZone       = "zone_not_served"
	RefusedFamily     = "family_closed"
	RefusedClass      = "class_refused"
	RefusedNoSize     = "size_unknown"
	RefusedNoCarton   = "no_carton_fits"
	RefusedWeight     = "too_heavy"
	RefusedThickness  = "too_thick"
	RefusedSide       = "too_long"
	RefusedSum        = "too_big"
	RefusedAboveBands = "above_last_band"
)

// The French rule for new books (loi 81-766 du 10 août 1981 art. 1 al. 4; arrêté du 4 avril 2023):
// less than 35 euros of new books in the order cost at least 3 euros to deliver, from 35 euros on
// more than nothing; free only when collected in a shop that sells books.
const (
	bookThreshold   money.Amount = 3500
	bookMinimum     money.Amount = 300
	bookMoreThanNil money.Amount = 1
)

// Quote prices every method for a basket and a destination, at a moment (for the promise). The
// basket's price is what the shopper pays for the goods.
func (c Conditions) Quote(items []Item, to Destination, at time.Time) Quote {
	q := Quote{Conditions: c.Version, To: to}
	var books money.Amount
	hasBook := false
	for _, i := range items {
		total := i.UnitPrice.Times(i.Quantity)
		q.Goods += total
		if i.NewBook {
			hasBook = true
			books += total
		}
	}
	zone, served := c.ZoneOf(to)
	q.Zone = zone.Code
	for _, m := range c.Methods {
		if m.Kind == KindCollection {
			q.Options = append(q.Options, Option{
				Method: m.ID, Kind: m.Kind, Carrier: m.Carrier, Names: m.Names,
				Promise: c.Handling.promise(at, m.MinDays, m.MaxDays), Why: []Reason{{Code: WhyCollection}},
			})
			continue
		}
		tariff, ok := m.Tariffs[zone.Code]
		if !served || !ok {
			q.refuse(m, RefusedZone, map[string]any{"country": string(to.Country)})
			continue
		}
		if code, params := closedTo(zone, m, items); code != "" {
			q.refuse(m, code, params)
			continue
		}
		parcels, code, params := c.pack(m, items)
		if code != "" {
			q.refuse(m, code, params)
			continue
		}
		price, why := money.Amount(0), []Reason(nil)
		above := 0
		for _, p := range parcels {
			band, ok := tariff.band(p.WeightG)
			if !ok {
				above = p.WeightG
				break
			}
			price += band.Price
			why = append(why, Reason{WhyBand, band.Price, map[string]any{"weight_g": p.WeightG, "up_to_g": band.UpToG, "carton": p.Carton, "zone": zone.Code}})
		}
		if above > 0 {
			q.refuse(m, RefusedAboveBands, map[string]any{"weight_g": above, "max_g": tariff.last()})
			continue
		}
		o := Option{Method: m.ID, Kind: m.Kind, Carrier: m.Carrier, Names: m.Names, Parcels: parcels,
			Promise: c.Handling.promise(at, m.MinDays, m.MaxDays)}
		if tariff.FreeFrom != nil {
			o.FreeFrom = tariff.FreeFrom
			if q.Goods >= *tariff.FreeFrom {
				why = append(why, Reason{WhyFree, -price, map[string]any{"from": *tariff.FreeFrom}})
				price = 0
			} else {
				missing := *tariff.FreeFrom - q.Goods
				o.Missing = &missing
			}
		}
		if least := bookFee(hasBook, books); price < least {
			why = append(why, Reason{WhyBook, least - price, map[string]any{"books": books, "minimum": least}})
			price = least
		}
		o.Price, o.Why = price, why
		q.Options = append(q.Options, o)
	}
	sort.SliceStable(q.Options, func(i, j int) bool {
		a, b := q.Options[i], q.Options[j]
		if (a.Kind == KindCollection) != (b.Kind == KindCollection) {
			return b.Kind == KindCollection
		}
		return a.Price < b.Price
	})
	return q
}

func bookFee(hasBook bool, books money.Amount) money.Amount {
	switch {
	case !hasBook:
		return 0
	case books < bookThreshold:
		return bookMinimum
	}
	return bookMoreThanNil
}

func (q *Quote) refuse(m Method, code string, params map[string]any) {
	q.Refused = append(q.Refused, Refusal{Method: m.ID, Kind: m.Kind, Names: m.Names, Code: code, Params: params})
}

// Option finds an offered method by its id.
func (q Quote) Option(id string) (Option, bool) {
	for _, o := range q.Options {
		if o.Method == id {
			return o, true
		}
	}
	return Option{}, false
}

func closedTo(zone Zone, m Method, items []Item) (string, map[string]any) {
	for _, i := range items {
		if slices.Contains(zone.ClosedFamilies, i.Family) {
			return RefusedFamily, map[string]any{"family": i.Family, "zone": zone.Code, "sku": i.SKU}
		}
		for _, class := range i.Classes {
			if slices.Contains(m.RefusedClasses, class) {
				return RefusedClass, map[string]any{"class": class, "sku": i.SKU}
			}
		}
	}
	return "", nil
}

func (t Tariff) band(weightG int) (Band, bool) {
	for _, b := range t.Bands {
		if weightG <= b.UpToG {
			return b, true
		}
	}
	return Band{}, false
}

func (t Tariff) last() int {
	if len(t.Bands) == 0 {
		return 0
	}
	return t.Bands[len(t.Bands)-1].UpToG
}
