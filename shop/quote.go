package shop

import (
	"slices"
	"sort"
	"time"

	"boutique/internal/money"
	"boutique/internal/text"
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
	Zone     string        `json:"zone,omitempty"`
	// Tariff says by which printed tariff it was priced, and from when that one is valid.
	Tariff     string `json:"tariff,omitempty"`
	TariffFrom string `json:"tariff_from,omitempty"`
	// Cost is what the office pays for it, cartons and carrier; nil when the tariff doesn't say.
	Cost *money.Amount `json:"cost,omitempty"`
	// Stops are the points or desks to choose from, Stop the chosen one.
	Stops []Stop `json:"-"`
	Stop  *Stop  `json:"stop,omitempty"`
}

// Reason is one amount of a price, by a code that locale files put in words. Names are the office's
// own words for a supplement.
type Reason struct {
	Code   string         `json:"code"`
	Amount money.Amount   `json:"amount"`
	Params map[string]any `json:"params,omitempty"`
	Names  Names          `json:"names,omitempty"`
}

// The reasons that make a price.
const (
	WhyBand       = "band"            // the tariff's price for the parcel's weight
	WhyAbove      = "band_above"      // the last band's price and what each further kilogram costs
	WhyFlat       = "flat"            // one price
	WhyValue      = "band_value"      // the tariff's price for the goods' value
	WhyPieces     = "band_pieces"     // the tariff's price for so many pieces
	WhySupplement = "supplement"      // a supplement, in the office's words
	WhyInsurance  = "insurance"       // insurance by value
	WhyHandling   = "handling"        // packing
	WhyFree       = "free_from"       // free above an amount of goods
	WhyVoucher    = "free_voucher"    // free by a voucher
	WhyBook       = "book_minimum"    // loi 81-766 art. 1 al. 4: the legal minimum for new books
	WhyCollection = "collection_free" // collected at the office
	WhyDigital    = "digital_free"    // sent by mail
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
	RefusedOnlyClass  = "class_missing"
	RefusedNoSize     = "size_unknown"
	RefusedNoCarton   = "no_carton_fits"
	RefusedWeight     = "too_heavy"
	RefusedThickness  = "too_thick"
	RefusedSide       = "too_long"
	RefusedSum        = "too_big"
	RefusedAboveBands = "above_last_band"
	RefusedBlank      = "band_closed"
	RefusedParcels    = "too_many_parcels"
	RefusedPieces     = "too_many_pieces"
	RefusedMinValue   = "value_too_low"
	RefusedMaxValue   = "value_too_high"
	RefusedDates      = "not_now"
	RefusedSignature  = "signature_needed"
	RefusedNoPoint    = "no_pickup_point"
	RefusedNoDesk     = "no_desk"
	RefusedNotDigital = "not_digital"
	RefusedDigital    = "only_digital"
)

// The French rule for new books (loi 81-766 du 10 août 1981 art. 1 al. 4; arrêté du 4 avril 2023):
// less than 35 euros of new books in the order cost at least 3 euros to deliver, from 35 euros on
// more than nothing; free only when collected in a shop that sells books.
const (
	bookThreshold   money.Amount = 3500
	bookMinimum     money.Amount = 300
	bookMoreThanNil money.Amount = 1
)

// Terms are what a quote depends on besides basket and destination: the moment, for the promise and
// dated tariffs; a voucher that makes delivery free; the pickup points near the destination, by
// method; the language in which stops are named.
type Terms struct {
	At      time.Time
	FreeBy  string
	Points  map[string][]Stop
	Lang    text.Lang
	NoStops bool
}

// Quote prices every method for a basket and a destination, at a moment (for the promise). The
// basket's price is what the shopper pays for the goods.
func (c Conditions) Quote(items []Item, to Destination, at time.Time) Quote {
	return c.QuoteOn(items, to, Terms{At: at})
}

// basket is what all methods of one quote share.
type basket struct {
	items            []Item
	goods, books     money.Amount
	hasBook, alcohol bool
	pieces           int
	digital          int
	load             *load
	unknown          string
	tooMany          bool
}

func (c Conditions) basketOf(items []Item) basket {
	b := basket{items: items}
	for _, i := range items {
		b.goods += i.total()
		b.pieces += i.Quantity
		if i.digital() {
			b.digital += i.Quantity
			continue
		}
		if i.NewBook {
			b.hasBook = true
			b.books += i.total()
		}
		b.alcohol = b.alcohol || i.Family == "alcohol"
	}
	b.load, b.unknown, b.tooMany = c.loadOf(items)
	return b
}

// QuoteOn is Quote under all its terms.
func (c Conditions) QuoteOn(items []Item, to Destination, terms Terms) Quote {
	b := c.basketOf(items)
	q := Quote{Conditions: c.Version, To: to, Goods: b.goods}
	zone, served := c.ZoneOf(to)
	q.Zone = zone.Code
	days := c.Handling.days(terms.At)
	for _, m := range c.Methods {
		o := Option{Method: m.ID, Kind: m.Kind, Carrier: m.Carrier, Names: m.Names}
		code, params := c.price(&o, m, b, zone, served, to, terms, days)
		if code != "" {
			q.Refused = append(q.Refused, Refusal{Method: m.ID, Kind: m.Kind, Names: m.Names, Code: code, Params: params})
			continue
		}
		q.Options = append(q.Options, o)
	}
	sort.SliceStable(q.Options, func(i, j int) bool {
		a, b := q.Options[i], q.Options[j]
		if a.Kind.order() != b.Kind.order() {
			return a.Kind.order() < b.Kind.order()
		}
		return a.Price < b.Price
	})
	return q
}

// price fills the option, or answers the one reason why the method is refused.
func (c Conditions) price(o *Option, m Method, b basket, zone Zone, served bool, to Destination, terms Terms, days *days) (string, map[string]any) {
	if m.From != "" && days.today < m.From || m.Until != "" && days.today > m.Until {
		return RefusedDates, map[string]any{"from": m.From, "until": m.Until}
	}
	switch {
	case m.Kind == KindDigital && (b.digital < b.pieces || b.pieces == 0):
		return RefusedNotDigital, nil
	case m.Kind == KindDigital:
		o.Promise, o.Why = days.now(), []Reason{{Code: WhyDigital}}
		return "", nil
	case b.pieces > 0 && b.digital == b.pieces && m.Kind != KindCollection:
		return RefusedDigital, nil
	case m.Kind == KindCollection:
		return c.collect(o, m, b, terms, days)
	}
	tariff, ok := m.tariffOn(zone.Code, days.today)
	if !served || !ok {
		return RefusedZone, map[string]any{"country": string(to.Country)}
	}
	if code, params := closedTo(zone, m, b, c.AlcoholSigned); code != "" {
		return code, params
	}
	if m.Kind == KindPickup && !terms.NoStops {
		if o.Stops = terms.Points[m.ID]; len(o.Stops) == 0 {
			return RefusedNoPoint, nil
		}
	}
	if b.tooMany {
		return RefusedPieces, map[string]any{"max": mostPieces}
	}
	if b.unknown != "" {
		return RefusedNoSize, map[string]any{"sku": b.unknown}
	}
	parcels, code, params := b.load.pack(m)
	if code != "" {
		return code, params
	}
	o.Parcels, o.Zone, o.Tariff, o.TariffFrom = parcels, zone.Code, tariff.Name, tariff.ValidFrom
	if code, params := o.rate(tariff, b, zone.Code); code != "" {
		return code, params
	}
	o.extras(m, b, zone.Code)
	o.free(tariff, b, terms)
	if least := bookFee(b.hasBook, b.books); o.Price < least {
		o.add(Reason{Code: WhyBook, Amount: least - o.Price, Params: map[string]any{"books": b.books, "minimum": least}})
	}
	o.Promise = days.promise(m.MinDays, m.MaxDays)
	return "", nil
}

func (o *Option) add(r Reason) {
	o.Price += r.Amount
	o.Why = append(o.Why, r)
}

// rate prices each parcel by weight, or the basket by its value or pieces.
func (o *Option) rate(t Tariff, b basket, zone string) (string, map[string]any) {
	var cost money.Amount
	known := true
	one := func(measure int) (rated, string, map[string]any) {
		r, refused, above := t.rate(measure)
		switch {
		case refused:
			return r, RefusedBlank, map[string]any{"zone": zone}
		case above && t.By == ByWeight:
			return r, RefusedAboveBands, map[string]any{"weight_g": measure, "max_g": t.last()}
		case above && t.By == ByValue:
			return r, RefusedMaxValue, map[string]any{"value": money.Amount(t.last())}
		case above:
			return r, RefusedPieces, map[string]any{"max": t.last()}
		}
		cost += r.cost
		known = known && r.hasCost
		return r, "", nil
	}
	if t.By == ByWeight {
		for _, p := range o.Parcels {
			r, code, params := one(p.WeightG)
			if code != "" {
				return code, params
			}
			why := Reason{Code: WhyBand, Amount: r.price, Params: map[string]any{"weight_g": p.WeightG, "up_to_g": r.end, "carton": p.Carton, "zone": zone}}
			if r.above {
				why.Code = WhyAbove
			}
			o.add(why)
			cost += p.cost
		}
	} else {
		measure, why := b.pieces-b.digital, Reason{Code: WhyPieces, Params: map[string]any{"pieces": b.pieces - b.digital, "zone": zone}}
		switch t.By {
		case ByValue:
			measure, why = int(b.goods), Reason{Code: WhyValue, Params: map[string]any{"value": b.goods, "zone": zone}}
		case Flat:
			why = Reason{Code: WhyFlat, Params: map[string]any{"zone": zone}}
		}
		r, code, params := one(measure)
		if code != "" {
			return code, params
		}
		why.Amount = r.price
		o.add(why)
		for _, p := range o.Parcels {
			cost += p.cost
		}
	}
	if known {
		o.Cost = &cost
	}
	return "", nil
}

// extras adds supplements, insurance and handling.
func (o *Option) extras(m Method, b basket, zone string) {
	for _, s := range m.Supplements {
		if n := s.times(zone, b.items, o.Parcels); n > 0 {
			o.add(Reason{Code: WhySupplement, Amount: s.Price.Times(n), Params: map[string]any{"code": s.Code}, Names: s.Names})
		}
	}
	if m.Insurance != nil {
		if fee := m.Insurance.of(b.goods); fee != 0 {
			o.add(Reason{Code: WhyInsurance, Amount: fee, Params: map[string]any{"value": b.goods}})
		}
	}
	if m.HandlingFee != 0 {
		o.add(Reason{Code: WhyHandling, Amount: m.HandlingFee})
	}
}

// free takes everything off above the tariff's amount of goods, or by a voucher.
func (o *Option) free(t Tariff, b basket, terms Terms) {
	if t.FreeFrom != nil {
		o.FreeFrom = t.FreeFrom
		if b.goods >= *t.FreeFrom {
			o.add(Reason{Code: WhyFree, Amount: -o.Price, Params: map[string]any{"from": *t.FreeFrom}})
			return
		}
		missing := *t.FreeFrom - b.goods
		o.Missing = &missing
	}
	if terms.FreeBy != "" && o.Price > 0 {
		o.add(Reason{Code: WhyVoucher, Amount: -o.Price, Params: map[string]any{"voucher": terms.FreeBy}})
	}
}

// collect offers collection at the desks of the method. New books are collected for nothing only
// where books are sold, so that other desks are left out when the basket holds one.
func (c Conditions) collect(o *Option, m Method, b basket, terms Terms, days *days) (string, map[string]any) {
	o.Why = []Reason{{Code: WhyCollection}}
	if len(c.Desks) == 0 {
		o.Promise = days.promise(m.MinDays, m.MaxDays)
		return "", nil
	}
	var first, last time.Time
	for _, d := range c.Desks {
		if len(m.Desks) > 0 && !slices.Contains(m.Desks, d.Code) || b.hasBook && !d.SellsBooks {
			continue
		}
		p := days.promise(m.MinDays, m.MaxDays)
		p.From, p.To = days.untilOpen(d, p.From), days.untilOpen(d, p.To)
		if first.IsZero() || p.From.Before(first) {
			first = p.From
		}
		if p.To.After(last) {
			last = p.To
		}
		o.Stops = append(o.Stops, Stop{Code: d.Code, Name: d.Names.In(terms.Lang), Address: d.Address, Hours: d.hours(terms.Lang), ready: &p})
	}
	if len(o.Stops) == 0 {
		return RefusedNoDesk, nil
	}
	o.Promise = Promise{first, last}
	return "", nil
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

// Option finds an offered method by its id.
func (q Quote) Option(id string) (Option, bool) {
	for _, o := range q.Options {
		if o.Method == id {
			return o, true
		}
	}
	return Option{}, false
}

func closedTo(zone Zone, m Method, b basket, alcoholSigned bool) (string, map[string]any) {
	anyOf := len(m.AnyClasses) == 0
	for _, i := range b.items {
		if slices.Contains(zone.ClosedFamilies, i.Family) {
			return RefusedFamily, map[string]any{"family": i.Family, "zone": zone.Code, "sku": i.SKU}
		}
		only := len(m.OnlyClasses) == 0
		for _, class := range i.Classes {
			if slices.Contains(m.RefusedClasses, class) {
				return RefusedClass, map[string]any{"class": class, "sku": i.SKU}
			}
			only = only || slices.Contains(m.OnlyClasses, class)
			anyOf = anyOf || slices.Contains(m.AnyClasses, class)
		}
		if !only {
			return RefusedOnlyClass, map[string]any{"class": m.OnlyClasses[0], "sku": i.SKU}
		}
	}
	switch {
	case !anyOf:
		return RefusedOnlyClass, map[string]any{"class": m.AnyClasses[0]}
	case alcoholSigned && b.alcohol && !m.Signature:
		return RefusedSignature, nil
	case m.MinValue != nil && b.goods < *m.MinValue:
		return RefusedMinValue, map[string]any{"value": *m.MinValue}
	case m.MaxValue != nil && b.goods > *m.MaxValue:
		return RefusedMaxValue, map[string]any{"value": *m.MaxValue}
	}
	return "", nil
}
