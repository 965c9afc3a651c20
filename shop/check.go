package shop

import (
	"fmt"
	"regexp"
	"time"

	"boutique/internal/fault"
	"boutique/internal/place"
)

var (
	codePattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)
	areaPattern  = regexp.MustCompile(`^[0-9A-Z]{1,8}(-[0-9A-Z]{1,8})?$`)
	trackPattern = regexp.MustCompile(`^https://[^\s"<>]{1,200}$`)
)

// check names everything that is wrong with the conditions, each by its place in the document.
func (c Conditions) check() error {
	var fields fault.Fields
	zones := map[string]bool{}
	for i, z := range c.Zones {
		at := fmt.Sprintf("zones[%d]", i)
		if !codePattern.MatchString(z.Code) || zones[z.Code] {
			fields.Add(at+".code", "zone_code", "must be letters, digits and dashes, used once")
		}
		zones[z.Code] = true
		for j, a := range z.Areas {
			where := fmt.Sprintf("%s.areas[%d]", at, j)
			if !place.Known(a.Country) {
				fields.Add(where+".country", "country_unknown", "is not a country that the shop knows")
			}
			for _, p := range append(append([]string{}, a.Include...), a.Exclude...) {
				if !areaPattern.MatchString(p) {
					fields.Add(where, "area_pattern", "has a pattern that is no prefix like 20 nor range like 20000-20199: "+p)
				}
			}
		}
	}
	desks := map[string]bool{}
	for i, d := range c.Desks {
		at := fmt.Sprintf("desks[%d]", i)
		if !codePattern.MatchString(d.Code) || desks[d.Code] {
			fields.Add(at+".code", "desk_code", "must be letters, digits and dashes, used once")
		}
		desks[d.Code] = true
		checkDays(&fields, at+".closed", d.Closed)
	}
	cartons := map[string]bool{}
	for i, k := range c.Cartons {
		at := fmt.Sprintf("cartons[%d]", i)
		if !codePattern.MatchString(k.Code) || cartons[k.Code] || k.Code == OwnBox {
			fields.Add(at+".code", "carton_code", "must be letters, digits and dashes, used once")
		}
		cartons[k.Code] = true
		if k.LengthMM < 1 || k.WidthMM < 1 || k.HeightMM < 1 || k.LengthMM > 5000 || k.WidthMM > 5000 || k.HeightMM > 5000 || k.WallMM < 0 || k.WallMM > 100 {
			fields.Add(at, "carton_size", "must have an inner length, width and height of 1 to 5000 mm")
		}
		if k.TareG < 0 || k.MaxWeightG < 1 || k.Cost < 0 {
			fields.Add(at, "carton_weight", "must have a tare, a weight that it carries and a cost that is not negative")
		}
	}
	if len(c.Cartons) > 63 {
		fields.Add("cartons", "too_many", "are 63 at most")
	}
	methods := map[string]bool{}
	for i, m := range c.Methods {
		at := fmt.Sprintf("methods[%d]", i)
		if !codePattern.MatchString(m.ID) || methods[m.ID] {
			fields.Add(at+".id", "method_id", "must be letters, digits and dashes, used once")
		}
		methods[m.ID] = true
		m.check(at, zones, desks, &fields)
	}
	if h := c.Handling; h.CutOffHour < 0 || h.CutOffHour > 24 || h.PreparationDays < 0 || h.PreparationDays > 30 {
		fields.Add("handling", "handling_days", "must have a cut-off hour of 0 to 24 and at most 30 days of preparation")
	}
	for _, d := range c.Handling.Workdays {
		if d < 1 || d > 7 {
			fields.Add("handling.workdays", "handling_days", "must be 1 for Monday to 7 for Sunday")
		}
	}
	checkDays(&fields, "handling.closed", c.Handling.Closed)
	if c.PaddingMM < 0 || c.PaddingMM > 200 || c.UnclaimedDays < 0 || c.UnclaimedDays > 365 {
		fields.Add("padding_mm", "out_of_range", "must be at most 200 mm; unclaimed_days at most 365")
	}
	return fields.Err()
}

func checkDays(fields *fault.Fields, at string, list []string) {
	for _, d := range list {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			fields.Add(at, "day_invalid", "must be days like 2026-12-24: "+d)
		}
	}
}

func (m Method) check(at string, zones, desks map[string]bool, fields *fault.Fields) {
	known := false
	for _, k := range MethodKinds() {
		known = known || m.Kind == k
	}
	if !known {
		fields.Add(at+".kind", "method_kind", "must be letter, parcel, pickup, collection or digital")
	}
	if m.MinDays < 0 || m.MaxDays < m.MinDays || m.MaxDays > 30 {
		fields.Add(at+".max_days", "method_days", "must be between the least number of days and 30 (C. conso. art. L216-1)")
	}
	if m.Kind == KindPickup && m.Carrier == "" {
		fields.Add(at+".carrier", "required", "is missing: pickup points belong to a carrier")
	}
	if m.TrackingURL != "" && !trackPattern.MatchString(m.TrackingURL) {
		fields.Add(at+".tracking_url", "tracking_url", "must begin with https:// and hold {number}")
	}
	if min(m.MaxWeightG, m.MaxThicknessMM, m.MaxSideMM, m.MaxSumMM, m.MaxParcels) < 0 || m.HandlingFee < 0 {
		fields.Add(at, "method_limits", "has a negative limit or fee")
	}
	for _, day := range []string{m.From, m.Until} {
		if day != "" {
			checkDays(fields, at+".from", []string{day})
		}
	}
	for _, d := range m.Desks {
		if !desks[d] {
			fields.Add(at+".desks", "desk_unknown", "names a desk that does not exist: "+d)
		}
	}
	for i, s := range m.Supplements {
		if s.Price < 0 || s.Zone != "" && !zones[s.Zone] {
			fields.Add(fmt.Sprintf("%s.supplements[%d]", at, i), "supplement_invalid", "must have a price that is not negative, for a zone that exists")
		}
	}
	if m.Insurance != nil && (m.Insurance.Each <= 0 || m.Insurance.Price < 0 || m.Insurance.Above < 0) {
		fields.Add(at+".insurance", "insurance_invalid", "must have a price for each so many euros of value")
	}
	for zone, t := range m.Tariffs {
		if !zones[zone] {
			fields.Add(at+".tariffs."+zone, "zone_unknown", "names a zone that does not exist")
		}
		t.check(at+".tariffs."+zone, fields)
	}
	for i, d := range m.Dated {
		where := fmt.Sprintf("%s.dated[%d]", at, i)
		if !zones[d.Zone] {
			fields.Add(where, "zone_unknown", "names a zone that does not exist")
		}
		checkDays(fields, where+".valid_from", []string{d.ValidFrom})
		d.Tariff.check(where, fields)
	}
}

func (t Tariff) check(at string, fields *fault.Fields) {
	switch t.By {
	case ByWeight, ByValue, ByPieces:
	case Flat:
		if len(t.Bands) != 1 {
			fields.Add(at, "flat_bands", "is flat: it has one price")
		}
		return
	default:
		fields.Add(at+".by", "tariff_measure", "must be empty (weight), value, pieces or flat")
	}
	last := 0
	for j, b := range t.Bands {
		if b.end() <= last || b.Price != nil && *b.Price < 0 || b.Cost != nil && *b.Cost < 0 {
			fields.Add(fmt.Sprintf("%s.bands[%d]", at, j), "band_order", "must be heavier than the band before, with a price that is not negative")
		}
		last = b.end()
	}
	if t.Above != nil && (t.Above.Each <= 0 || t.Above.Price < 0) {
		fields.Add(at+".above", "above_invalid", "must be a price for each so many grams above the last band")
	}
	if t.FreeFrom != nil && *t.FreeFrom < 0 {
		fields.Add(at+".free_from", "free_from_invalid", "must not be negative")
	}
}
