package shop

import (
	"regexp"
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

// Zone is a set of destinations that cost the same to reach. ClosedFamilies are families of goods
// that are not sent there (food and alcohol abroad, until a person opens a country).
type Zone struct {
	Code           string   `json:"code"`
	Names          Names    `json:"names"`
	Areas          []Area   `json:"areas"`
	ClosedFamilies []string `json:"closed_families,omitempty"`
}

// Area is a country, all of it or the postal codes that match one of Include and none of Exclude.
// A pattern is a prefix ("971", "20").
type Area struct {
	Country place.Country `json:"country"`
	Include []string      `json:"include,omitempty"`
	Exclude []string      `json:"exclude,omitempty"`
}

// specificity is how narrowly the area holds the destination: 0 not at all, 1 by its country, more
// by the length of the prefix.
func (a Area) specificity(to Destination) int {
	if a.Country != to.Country {
		return 0
	}
	code := strings.ReplaceAll(to.PostalCode, " ", "")
	for _, p := range a.Exclude {
		if strings.HasPrefix(code, p) {
			return 0
		}
	}
	if len(a.Include) == 0 {
		return 1
	}
	best := 0
	for _, p := range a.Include {
		if strings.HasPrefix(code, p) && len(p)+1 > best {
			best = len(p) + 1
		}
	}
	return best
}

// MethodKind says how goods reach the shopper.
type MethodKind string

// The kinds of methods.
const (
	KindLetter     MethodKind = "letter"
	KindParcel     MethodKind = "parcel"
	KindCollection MethodKind = "collection"
)

// Method is one way to reach the shopper, with its limits on the packed parcel, tare included.
// A limit of zero is no limit. Tariffs has one tariff per zone that it serves.
type Method struct {
	ID             string            `json:"id"`
	Kind           MethodKind        `json:"kind"`
	Carrier        string            `json:"carrier"`
	Names          Names             `json:"names"`
	MaxWeightG     int               `json:"max_weight_g,omitempty"`
	MaxThicknessMM int               `json:"max_thickness_mm,omitempty"`
	MaxSideMM      int               `json:"max_side_mm,omitempty"`
	MaxSumMM       int               `json:"max_sum_mm,omitempty"`
	RefusedClasses []string          `json:"refused_classes,omitempty"`
	MinDays        int               `json:"min_days"`
	MaxDays        int               `json:"max_days"`
	TrackingURL    string            `json:"tracking_url,omitempty"`
	Tariffs        map[string]Tariff `json:"tariffs"`
}

// Tariff is a price by weight band. Bands are half-open (above the last one's UpToG, up to and with
// its own), as carriers print them: a weight is in one band only. Above the last band the method is
// refused. FreeFrom makes it free from that value of goods on; nil is never.
type Tariff struct {
	Bands    []Band        `json:"bands"`
	FreeFrom *money.Amount `json:"free_from,omitempty"`
}

// Band is a price for parcels of up to UpToG grams.
type Band struct {
	UpToG int          `json:"up_to_g"`
	Price money.Amount `json:"price"`
}

// Carton is a box or envelope of the office: inner size, its own weight, what it may carry.
// Flat ones go by letter.
type Carton struct {
	Code       string `json:"code"`
	LengthMM   int    `json:"length_mm"`
	WidthMM    int    `json:"width_mm"`
	HeightMM   int    `json:"height_mm"`
	TareG      int    `json:"tare_g"`
	MaxWeightG int    `json:"max_weight_g"`
}

// Handling is how long the office needs: orders after the cut-off hour (Europe/Paris) count from
// the next working day; PreparationDays are working days; Closed are days off (2006-01-02).
type Handling struct {
	CutOffHour      int      `json:"cut_off_hour"`
	PreparationDays int      `json:"preparation_days"`
	Closed          []string `json:"closed,omitempty"`
}

// Destination is what a quote needs to know of an address.
type Destination struct {
	Country    place.Country `json:"country"`
	PostalCode string        `json:"postal_code"`
}

// Item is one line of a basket, as shipping sees it.
type Item struct {
	SKU       string       `json:"sku"`
	Quantity  int          `json:"quantity"`
	UnitPrice money.Amount `json:"unit_price"`
	WeightG   int          `json:"weight_g"`
	LengthMM  int          `json:"length_mm"`
	WidthMM   int          `json:"width_mm"`
	HeightMM  int          `json:"height_mm"`
	Family    string       `json:"family"`
	Classes   []string     `json:"classes,omitempty"`
	NewBook   bool         `json:"new_book,omitempty"`
}

// ZoneOf finds the zone of a destination: the most specific one; ok is false when the office sends
// nothing there.
func (c Conditions) ZoneOf(to Destination) (Zone, bool) {
	var found Zone
	best := 0
	for _, z := range c.Zones {
		for _, a := range z.Areas {
			if s := a.specificity(to); s > best {
				found, best = z, s
			}
		}
	}
	return found, best > 0
}

// Method finds a method by its id.
func (c Conditions) Method(id string) (Method, bool) {
	for _, m := range c.Methods {
		if m.ID == id {
			return m, true
		}
	}
	return Method{}, false
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

// Tracking fills a tracking number into the method's address at the carrier; empty when it has none.
func (m Method) Tracking(number string) string {
	if m.TrackingURL == "" || !trackingNumber.MatchString(number) {
		return ""
	}
	return strings.ReplaceAll(m.TrackingURL, "{number}", number)
}

var trackingNumber = regexp.MustCompile(`^[A-Za-z0-9 -]{4,40}$`)

// Promise is the range of days in which the goods arrive (or are ready), both included.
type Promise struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}
