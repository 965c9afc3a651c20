package shop

import (
	"boutique/internal/money"
	"boutique/internal/place"
)

// NeedsCustoms tells whether an order's parcels need a customs declaration: all that leave the
// union's VAT area, overseas France included.
func NeedsCustoms(o Order) bool {
	return !o.Collected() && place.TerritoryOf(o.Address.Country, o.Address.PostalCode) == place.Export
}

// CustomsParcel is what is declared of one parcel. Postage is its share of what delivery cost.
type CustomsParcel struct {
	WeightG int
	Postage money.Amount
	Lines   []CustomsLine
}

// CustomsLine is an article within a parcel: its value is without VAT, for all its pieces there.
type CustomsLine struct {
	SKU, Name         string
	Quantity, WeightG int
	Value             money.Amount
}

// CustomsContents says what each parcel holds, for its declaration: as it was packed, else as it was
// quoted. The values of a line's pieces sum to the line's, the postages to the order's, to the cent. An
// order whose parcels are not known is declared as one.
func (d Dossier) CustomsContents() []CustomsParcel {
	parcels := d.packedParcels()
	if len(parcels) == 0 {
		one := PackedParcel{N: 1, Pieces: map[string]int{}}
		for _, l := range d.Lines {
			one.Pieces[l.SKU] += l.Quantity
			one.WeightG += l.WeightG * l.Quantity
		}
		parcels = []PackedParcel{one}
	}
	list := make([]CustomsParcel, len(parcels))
	weights := make([]int64, len(parcels))
	for n, p := range parcels {
		list[n].WeightG, weights[n] = p.WeightG, int64(p.WeightG)
	}
	for n, share := range money.Share(d.Order.Shipping, weights) {
		list[n].Postage = share
	}
	for _, l := range d.Lines {
		// What no parcel holds was refunded or still waits: it takes its share of the value all the same.
		pieces, rest := make([]int64, len(parcels)+1), l.Quantity
		for n, p := range parcels {
			pieces[n] = int64(p.Pieces[l.SKU])
			rest -= p.Pieces[l.SKU]
		}
		pieces[len(parcels)] = int64(max(0, rest))
		values := money.Share(l.Net, pieces)
		for n, p := range parcels {
			if k := p.Pieces[l.SKU]; k > 0 {
				list[n].Lines = append(list[n].Lines, CustomsLine{SKU: l.SKU, Name: l.Name, Quantity: k, WeightG: l.WeightG * k, Value: values[n]})
			}
		}
	}
	return list
}
