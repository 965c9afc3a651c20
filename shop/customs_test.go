package shop

import (
	"testing"

	"boutique/internal/money"
)

// Each parcel declares what lies in it; values and postage sum to the order's, to the cent.
func TestEachParcelDeclaresItsOwnContentAndTheSumsAreTheOrders(t *testing.T) {
	t.Parallel()
	d := Dossier{Order: Order{Shipping: 2500, Lines: []OrderLine{
		{SKU: "MUG", Name: "Mug", Quantity: 3, WeightG: 400, Net: 3250}, {SKU: "LIVRE", Name: "Livre", Quantity: 1, WeightG: 600, Net: 2085}}}}
	d.Shipments = []Shipment{{Parcels: []PackedParcel{{N: 1, WeightG: 1000, Pieces: map[string]int{"MUG": 2}}, {N: 2, WeightG: 1200, Pieces: map[string]int{"MUG": 1, "LIVRE": 1}}}}}
	list := d.CustomsContents()
	if len(list) != 2 || len(list[0].Lines) != 1 || len(list[1].Lines) != 2 {
		t.Fatalf("%+v", list)
	}
	var value, postage money.Amount
	for _, p := range list {
		postage += p.Postage
		for _, l := range p.Lines {
			value += l.Value
		}
	}
	if value != 3250+2085 || postage != 2500 {
		t.Errorf("the parcels declare %d of value and %d of postage", value, postage)
	}
	if l := list[0].Lines[0]; l.Quantity != 2 || l.WeightG != 800 || l.Value != 2167 {
		t.Errorf("two of three mugs are declared as %+v", l)
	}

	d.Shipments = nil
	d.Quote.Parcels = []Parcel{{WeightG: 900, Pieces: map[string]int{"MUG": 3}}, {WeightG: 700, Pieces: map[string]int{"LIVRE": 1}}}
	if list := d.CustomsContents(); len(list) != 2 || list[1].Lines[0].SKU != "LIVRE" {
		t.Errorf("before packing, the quoted parcels are declared: %+v", list)
	}
	d.Quote.Parcels = nil
	if list := d.CustomsContents(); len(list) != 1 || list[0].WeightG != 1800 || list[0].Postage != 2500 {
		t.Errorf("an order without parcels is declared as %+v", list)
	}
}
