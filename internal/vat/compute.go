package vat

import (
	"sort"
	"time"

	"boutique/internal/money"
	"boutique/internal/place"
)

// Line is an amount of goods of one class, VAT included.
type Line struct {
	Class Class
	Gross money.Amount
}

// Part is a line with its VAT carved out. Net and VAT always sum to Gross.
type Part struct {
	Rate            Rate
	Exemption       Exemption
	Gross, Net, VAT money.Amount
}

// RateSum is what one rate bears: goods and their share of shipping.
type RateSum struct {
	Rate                      Rate
	Exemption                 Exemption
	GoodsGross, ShippingGross money.Amount
	Gross, Net, VAT           money.Amount
}

// Sum is a basket's VAT. Lines keeps the order of the lines given; Shipping has one part per rate
// of Rates; Rates goes from the highest rate to the lowest.
type Sum struct {
	Lines           []Part
	Shipping        []Part
	Rates           []RateSum
	Gross, Net, VAT money.Amount
}

// Carve takes the VAT out of an amount that includes it, rounded half up to the cent (away from
// zero for a negative amount, so that a credit note mirrors its invoice).
func Carve(gross money.Amount, rate Rate) (net, vat money.Amount) {
	sign, g := money.Amount(1), gross
	if g < 0 {
		sign, g = -1, -g
	}
	divisor := money.Amount(10000 + rate)
	vat = sign * ((2*g*money.Amount(rate) + divisor) / (2 * divisor))
	return gross - vat, vat
}

// Compute is the shop's one VAT function: cart, order, invoice, ledger and exports show its cents.
//
// Per rate T = goods + share of shipping, VAT = round half up(T·r/(100+r)), net = T − VAT; the net
// of lines is shared by largest remainder so that they add up to the rate's net exactly. Shipping
// is part of the price of the goods (CGI art. 267 I-2) and is spread over their rates by value.
func Compute(lines []Line, shipping money.Amount, where place.Territory, day time.Time) (Sum, error) {
	return ComputeSale(lines, shipping, Sale{Territory: where}, day)
}

// ComputeSale is Compute for a sale that is not simply French: destination VAT, or an office that
// bears none.
func ComputeSale(lines []Line, shipping money.Amount, sale Sale, day time.Time) (Sum, error) {
	sum := Sum{Lines: make([]Part, len(lines))}
	type key struct {
		rate      Rate
		exemption Exemption
	}
	goods := map[key]money.Amount{}
	for i, l := range lines {
		rate, exemption, err := sale.RateOf(l.Class, day)
		if err != nil {
			return Sum{}, err
		}
		sum.Lines[i] = Part{Rate: rate, Exemption: exemption, Gross: l.Gross}
		goods[key{rate, exemption}] += l.Gross
	}
	keys := make([]key, 0, len(goods))
	for k := range goods {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if keys[i].rate != keys[j].rate {
			return keys[i].rate > keys[j].rate
		}
		return keys[i].exemption < keys[j].exemption
	})
	weights := make([]int64, len(keys))
	for i, k := range keys {
		if k.exemption != OutsideScope {
			weights[i] = int64(goods[k])
		}
	}
	shares := money.Share(shipping, weights)
	for i, k := range keys {
		r := RateSum{Rate: k.rate, Exemption: k.exemption, GoodsGross: goods[k], ShippingGross: shares[i]}
		r.Gross = r.GoodsGross + r.ShippingGross
		r.Net, r.VAT = Carve(r.Gross, r.Rate)
		parts := []*Part{}
		for j := range sum.Lines {
			if sum.Lines[j].Rate == k.rate && sum.Lines[j].Exemption == k.exemption {
				parts = append(parts, &sum.Lines[j])
			}
		}
		carriage := Part{Rate: k.rate, Exemption: k.exemption, Gross: r.ShippingGross}
		parts = append(parts, &carriage)
		shareNet(r.Net, parts)
		sum.Shipping = append(sum.Shipping, carriage)
		sum.Rates = append(sum.Rates, r)
		sum.Gross, sum.Net, sum.VAT = sum.Gross+r.Gross, sum.Net+r.Net, sum.VAT+r.VAT
	}
	return sum, nil
}

// shareNet gives each part its share of the rate's net by largest remainder over the parts' gross.
func shareNet(net money.Amount, parts []*Part) {
	weights := make([]int64, len(parts))
	for i, p := range parts {
		weights[i] = int64(p.Gross)
	}
	for i, share := range money.Share(net, weights) {
		parts[i].Net = share
		parts[i].VAT = parts[i].Gross - share
	}
}
