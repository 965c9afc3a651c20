package shop

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
)

// Conditions are the office's conditions of dispatch: where it sends, how, for how much. They are
// data that staff edit; each edit is a new version and orders keep the one they were quoted on.
type Conditions struct {
	Version  int      `json:"version"`
	Zones    []Zone   `json:"zones"`
	Methods  []Method `json:"methods"`
	Cartons  []Carton `json:"cartons"`
	Handling Handling `json:"handling"`
	// Desks are where orders are collected. Without any, the office itself is the one desk.
	Desks []Desk `json:"desks,omitempty"`
	// PaddingMM is what fragile articles get on each side.
	PaddingMM int `json:"padding_mm,omitempty"`
	// AlcoholSigned asks for a method with a signature when a basket holds alcohol (CSP art. L3342-1).
	AlcoholSigned bool `json:"alcohol_signed,omitempty"`
	// UnclaimedDays is how long a collection waits before it counts as unclaimed; a reminder goes out
	// at half that time. Zero is 14.
	UnclaimedDays int `json:"unclaimed_days,omitempty"`
}

// KeptDays is how many days a collection waits before it counts as unclaimed.
func (c Conditions) KeptDays() int {
	if c.UnclaimedDays == 0 {
		return 14
	}
	return c.UnclaimedDays
}

// Names is a name per language; French is always there.
type Names map[text.Lang]string

// In gives the name in the language, in French when it has none.
func (n Names) In(lang text.Lang) string {
	if s := n[lang]; s != "" {
		return s
	}
	return n[text.FR]
}

// Reworded says what an order calls its delivery, which begins with one of these names and may go on
// with a desk or point, in another language.
func (n Names) Reworded(label string, lang text.Lang) string {
	longest := ""
	for _, name := range n {
		if len(name) > len(longest) && strings.HasPrefix(label, name) {
			longest = name
		}
	}
	if longest == "" {
		return label
	}
	return n.In(lang) + label[len(longest):]
}

// MethodKind says how goods reach the shopper.
type MethodKind string

// The kinds of methods.
const (
	KindLetter     MethodKind = "letter"
	KindParcel     MethodKind = "parcel"
	KindPickup     MethodKind = "pickup"
	KindCollection MethodKind = "collection"
	KindDigital    MethodKind = "digital"
)

// order is how options are listed: what comes to the shopper first, then what they go and fetch.
func (k MethodKind) order() int {
	switch k {
	case KindPickup:
		return 1
	case KindCollection:
		return 2
	}
	return 0
}

// MethodKinds lists the kinds as staff choose from them.
func MethodKinds() []MethodKind {
	return []MethodKind{KindLetter, KindParcel, KindPickup, KindCollection, KindDigital}
}

// Method is one way to reach the shopper, with its limits on the packed parcel, tare included.
// A limit of zero is no limit. Tariffs has one tariff per zone that it serves; Dated ones take
// their places from a day on.
type Method struct {
	ID             string        `json:"id"`
	Kind           MethodKind    `json:"kind"`
	Carrier        string        `json:"carrier"`
	Names          Names         `json:"names"`
	MaxWeightG     int           `json:"max_weight_g,omitempty"`
	MaxThicknessMM int           `json:"max_thickness_mm,omitempty"`
	MaxSideMM      int           `json:"max_side_mm,omitempty"`
	MaxSumMM       int           `json:"max_sum_mm,omitempty"`
	MaxParcels     int           `json:"max_parcels,omitempty"`
	MinValue       *money.Amount `json:"min_value,omitempty"`
	MaxValue       *money.Amount `json:"max_value,omitempty"`
	// Classes of shipping: none of RefusedClasses may be in the basket; with OnlyClasses every article
	// must have one of them; with AnyClasses one article at least.
	RefusedClasses []string `json:"refused_classes,omitempty"`
	OnlyClasses    []string `json:"only_classes,omitempty"`
	AnyClasses     []string `json:"any_classes,omitempty"`
	// From and Until are the days (2006-01-02), both included, on which the method is offered.
	From        string            `json:"from,omitempty"`
	Until       string            `json:"until,omitempty"`
	Signature   bool              `json:"signature,omitempty"`
	Desks       []string          `json:"desks,omitempty"`
	MinDays     int               `json:"min_days"`
	MaxDays     int               `json:"max_days"`
	TrackingURL string            `json:"tracking_url,omitempty"`
	Tariffs     map[string]Tariff `json:"tariffs"`
	Dated       []DatedTariff     `json:"dated,omitempty"`

	Supplements []Supplement `json:"supplements,omitempty"`
	Insurance   *Insurance   `json:"insurance,omitempty"`
	HandlingFee money.Amount `json:"handling_fee,omitzero"`
}

// Desk is a counter of the office at which orders are collected. Hours has the opening hours of
// Monday to Sunday in words; an empty one is a closed day. Closed are its days off (2006-01-02).
type Desk struct {
	Code       string        `json:"code"`
	Names      Names         `json:"names"`
	Address    place.Address `json:"address"`
	Hours      [7]string     `json:"hours"`
	Closed     []string      `json:"closed,omitempty"`
	SellsBooks bool          `json:"sells_books,omitempty"`
}

// open tells whether the desk is open on a day. A desk that names no hours at all is always open.
func (d Desk) open(day time.Time) bool {
	if slices.Contains(d.Closed, day.Format(time.DateOnly)) {
		return false
	}
	return d.Hours == [7]string{} || d.Hours[(int(day.Weekday())+6)%7] != ""
}

// Item is one line of a basket, as shipping sees it. Discount is what a voucher takes off the whole
// line. Its classes say how it travels: besides those that methods refuse, "upright" (this way up),
// "own_box" (ships in its own box), "foldable", "rollable" and "digital".
type Item struct {
	SKU       string       `json:"sku"`
	Quantity  int          `json:"quantity"`
	UnitPrice money.Amount `json:"unit_price"`
	Discount  money.Amount `json:"discount,omitzero"`
	WeightG   int          `json:"weight_g"`
	LengthMM  int          `json:"length_mm"`
	WidthMM   int          `json:"width_mm"`
	HeightMM  int          `json:"height_mm"`
	Family    string       `json:"family"`
	Classes   []string     `json:"classes,omitempty"`
	NewBook   bool         `json:"new_book,omitempty"`
}

// The classes that say how an article is packed.
const (
	ClassFragile  = "fragile"
	ClassUpright  = "upright"
	ClassOwnBox   = "own_box"
	ClassFoldable = "foldable"
	ClassRollable = "rollable"
	ClassDigital  = "digital"
)

func (i Item) has(class string) bool { return slices.Contains(i.Classes, class) }

// digital tells what is sent by mail: an article of that class, a guide or a card without a weight.
func (i Item) digital() bool {
	return i.has(ClassDigital) || i.WeightG == 0 && (i.Family == "digital_guide" || i.Family == "gift_card")
}

// total is what the shopper pays for the line.
func (i Item) total() money.Amount { return max(0, i.UnitPrice.Times(i.Quantity)-i.Discount) }

// Method finds a method by its id.
func (c Conditions) Method(id string) (Method, bool) {
	for _, m := range c.Methods {
		if m.ID == id {
			return m, true
		}
	}
	return Method{}, false
}

// Tracking fills a tracking number into the method's address at the carrier; empty when it has none.
func (m Method) Tracking(number string) string {
	if m.TrackingURL == "" || !trackingNumber.MatchString(number) {
		return ""
	}
	return strings.ReplaceAll(m.TrackingURL, "{number}", number)
}

var trackingNumber = regexp.MustCompile(`^[A-Za-z0-9 -]{1,40}$`)

// Stop is where a parcel or a collection waits for its shopper: a carrier's pickup point or a desk.
// It is a copy, so that an order keeps it when the carrier's list changes.
type Stop struct {
	Code    string        `json:"code"`
	Carrier string        `json:"carrier,omitempty"`
	Name    string        `json:"name"`
	Address place.Address `json:"address"`
	Hours   string        `json:"hours,omitempty"`
	// ready is when a desk has the order for its shopper.
	ready *Promise
}

// ReadyOn is the day on which a desk has the order at the latest; ok is false for a carrier's point.
func (s Stop) ReadyOn() (day time.Time, ok bool) {
	if s.ready == nil {
		return time.Time{}, false
	}
	return s.ready.To, true
}

// Line is the stop in one line.
func (s Stop) Line() string {
	return strings.Join([]string{s.Name, s.Address.Line1, strings.TrimSpace(s.Address.PostalCode + " " + s.Address.City)}, ", ")
}

// Promise is the range of days in which the goods arrive (or are ready), both included.
type Promise struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// hours are the desk's opening hours in one line, days with the same hours together.
func (d Desk) hours(lang text.Lang) string {
	var parts []string
	p := words.In(lang)
	for i := 0; i < 7; {
		j := i
		for j+1 < 7 && d.Hours[j+1] == d.Hours[i] {
			j++
		}
		if d.Hours[i] != "" {
			days := p.T(weekdayKeys[i])
			if j > i {
				days += "–" + p.T(weekdayKeys[j])
			}
			parts = append(parts, days+" "+d.Hours[i])
		}
		i = j + 1
	}
	return strings.Join(parts, " · ")
}

var weekdayKeys = [7]string{"weekday_1", "weekday_2", "weekday_3", "weekday_4", "weekday_5", "weekday_6", "weekday_7"}
