package storefront

import (
	"strings"

	"boutique/shop"
)

// readyWithin is within how many working days an order that is fetched lies ready: a day for one that came
// after the cut-off, the preparation, and what its way to the desk takes. It is 0 when nothing can be fetched.
func readyWithin(c shop.Conditions) int {
	for _, m := range c.Methods {
		if m.Kind == shop.KindCollection {
			return 1 + c.Handling.PreparationDays + m.MaxDays
		}
	}
	return 0
}

// DeliveryRow is an item of the delivery page: a method that sends, as the conditions have it.
type DeliveryRow struct{ Name, To, Time, How string }

// deliveryRows are the methods that send goods. One that reaches no zone is not offered to anybody.
func deliveryRows(p Page, c shop.Conditions) []DeliveryRow {
	var list []DeliveryRow
	for _, m := range c.Methods {
		if m.Kind != shop.KindLetter && m.Kind != shop.KindParcel && m.Kind != shop.KindPickup {
			continue
		}
		var reached []string
		for _, z := range c.Zones {
			if _, ok := m.Tariffs[z.Code]; ok {
				reached = append(reached, z.Names.In(p.Lang()))
			}
		}
		if len(reached) == 0 {
			continue
		}
		list = append(list, DeliveryRow{m.Names.In(p.Lang()), strings.Join(reached, ", "), deliveryTime(p, m), deliveryHow(p, m)})
	}
	return list
}

func deliveryTime(p Page, m shop.Method) string {
	if m.MinDays == m.MaxDays {
		return p.T("delivery_days", "count", m.MaxDays)
	}
	return p.T("delivery_days_between", "min", m.MinDays, "max", m.MaxDays)
}

func deliveryHow(p Page, m shop.Method) string {
	how := p.T("delivery_how_" + string(m.Kind))
	if m.Signature {
		how = p.T("delivery_how_signed")
	}
	said := []string{how}
	if m.MaxThicknessMM > 0 {
		said = append(said, p.T("delivery_how_thin", "mm", m.MaxThicknessMM))
	}
	if m.TrackingURL != "" {
		said = append(said, p.T("delivery_how_tracked"))
	}
	return strings.Join(said, ", ")
}
