package storefront

import (
	"testing"
	"time"

	"boutique/shop"
)

func TestATimelineSaysWhatReachedTheShopper(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tuesday := monday.AddDate(0, 0, 1)
	mugs, card := shop.OrderLine{SKU: "MUG", Quantity: 2}, shop.OrderLine{SKU: "CARD", Quantity: 1, GiftCard: true}
	sent := func(sku string, n int, at time.Time) shop.Shipment {
		return shop.Shipment{Lines: []shop.LineQuantity{{SKU: sku, Quantity: n}}, History: []shop.Step{{Event: shop.EventPrepare, At: at}, {Event: shop.EventShip, At: at}}}
	}
	dropped := mugs
	dropped.Dropped = 1
	for name, c := range map[string]struct {
		lines       []shop.OrderLine
		shipments   []shop.Shipment
		part, whole bool
		last        time.Time
	}{
		"nothing left":                             {lines: []shop.OrderLine{mugs}},
		"one of two mugs left":                     {lines: []shop.OrderLine{mugs}, shipments: []shop.Shipment{sent("MUG", 1, monday)}, part: true, last: monday},
		"both left, in two parcels":                {lines: []shop.OrderLine{mugs}, shipments: []shop.Shipment{sent("MUG", 1, tuesday), sent("MUG", 1, monday)}, part: true, whole: true, last: tuesday},
		"one was paid back before it left":         {lines: []shop.OrderLine{dropped}, shipments: []shop.Shipment{sent("MUG", 1, monday)}, part: true, whole: true, last: monday},
		"the mail of a gift card is not the mugs":  {lines: []shop.OrderLine{mugs, card}, shipments: []shop.Shipment{sent("CARD", 1, monday)}},
		"mugs are whole without their gift card":   {lines: []shop.OrderLine{mugs, card}, shipments: []shop.Shipment{sent("MUG", 2, monday)}, part: true, whole: true, last: monday},
		"an order of gift cards is sent by a mail": {lines: []shop.OrderLine{card}, shipments: []shop.Shipment{sent("CARD", 1, monday)}, part: true, whole: true, last: monday},
	} {
		part, whole, last := reached(shop.Order{Lines: c.lines}, c.shipments, shop.EventShip)
		if part != c.part || whole != c.whole || !last.Equal(c.last) {
			t.Errorf("%s: part %v, whole %v, last %v; want %v, %v, %v", name, part, whole, last, c.part, c.whole, c.last)
		}
	}
}
