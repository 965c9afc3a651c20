package shop

import (
	"math/rand/v2"
	"testing"

	"boutique/internal/money"
	"boutique/internal/vat"
)

// An invoice is credited in any order of lines, shipping and amounts: no note takes more than is left of any
// rate's goods, shipping, net or VAT, each is exactly its amount, and together they leave nothing.
func TestCreditNotesNeverExceedTheirInvoice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 7))
		o := Order{}
		goods := map[vat.Rate]money.Amount{}
		for i := range 1 + r.IntN(4) {
			n := 1 + r.IntN(3)
			l := OrderLine{SKU: string(rune('A' + i)), Quantity: n, UnitPrice: money.Amount(1 + r.IntN(4000)), VATRate: []vat.Rate{0, 210, 550, 1000, 2000}[r.IntN(5)]}
			l.Discount = money.Amount(r.IntN(int(l.UnitPrice)))
			l.Total = l.UnitPrice.Times(n) - l.Discount
			o.Lines = append(o.Lines, l)
			goods[l.VATRate] += l.Total
		}
		o.Shipping = money.Amount(r.IntN(900))
		var rates []vat.RateSum
		var weights []int64
		for _, rate := range []vat.Rate{2000, 1000, 550, 210, 0} {
			if goods[rate] > 0 {
				rates = append(rates, vat.RateSum{Rate: rate, GoodsGross: goods[rate]})
				weights = append(weights, int64(goods[rate]))
			}
		}
		for i, part := range money.Share(o.Shipping, weights) {
			rates[i].ShippingGross = part
			rates[i].Gross = rates[i].GoodsGross + part
			rates[i].Net, rates[i].VAT = vat.Carve(rates[i].Gross, rates[i].Rate)
		}
		shipping := o.Shipping
		for grossOf(rates) > 0 {
			detail, amount := refundDetail{Lines: map[string]int{}}, money.Amount(0)
			switch r.IntN(4) {
			case 0:
				l := &o.Lines[r.IntN(len(o.Lines))]
				if l.Refunded == l.Quantity {
					continue
				}
				n := 1 + r.IntN(l.Quantity-l.Refunded)
				detail.Lines[l.SKU] = n
				detail.price(o)
				amount = detail.Worth[l.SKU]
				if amount <= grossOf(rates) {
					l.Refunded += n
				}
			case 1:
				detail.Shipping, amount = shipping, shipping
				if amount <= grossOf(rates) {
					shipping = 0
				}
			case 2:
				amount = money.Amount(1 + r.IntN(int(grossOf(rates))))
			default:
				if amount = grossOf(rates); r.IntN(3) > 0 {
					continue
				}
			}
			if amount <= 0 || amount > grossOf(rates) {
				// What the shop refuses before a refund is asked for.
				continue
			}
			credited, lines, carried := creditRates(o, rates, detail, amount)
			var sum, shown, net, lineVAT, carriedBy money.Amount
			for _, c := range credited {
				sum += c.Gross
				carriedBy += c.ShippingGross
				net += c.Net
				for i := range rates {
					if rates[i].Rate == c.Rate {
						rates[i].GoodsGross -= c.GoodsGross
						rates[i].ShippingGross -= c.ShippingGross
						rates[i].Gross -= c.Gross
						rates[i].Net -= c.Net
						rates[i].VAT -= c.VAT
						if l := rates[i]; min(l.GoodsGross, l.ShippingGross, l.Gross, l.Net, l.VAT) < 0 || c.Net+c.VAT != c.Gross || min(c.Net, c.VAT) < 0 {
							t.Fatalf("seed %d: %+v leaves %+v", seed, c, l)
						}
					}
				}
			}
			for _, l := range lines {
				shown += l.Gross
				lineVAT += l.VAT
				if l.Gross <= 0 || l.Net+l.VAT != l.Gross {
					t.Fatalf("seed %d: the line %+v", seed, l)
				}
			}
			if sum != amount || shown+carried != amount || carried != carriedBy {
				t.Fatalf("seed %d: a refund of %d is credited by %d, its lines make %d and %d of shipping", seed, amount, sum, shown, carried)
			}
		}
		for _, l := range rates {
			if l != (vat.RateSum{Rate: l.Rate}) {
				t.Fatalf("seed %d: everything given back leaves %+v", seed, l)
			}
		}
	}
}

// All that is left of an order with gift cards is the cards as lines and the rest as an amount, whatever was
// given back before; what credit notes are asked for is exactly what the invoice has left.
func TestAllThatIsLeftIsWhatTheInvoiceLeavesAndTheCards(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 11))
		o := Order{Shipping: money.Amount(r.IntN(900))}
		goods, cards := o.Shipping, money.Amount(0)
		for i := range 1 + r.IntN(4) {
			l := OrderLine{SKU: string(rune('A' + i)), Quantity: 1 + r.IntN(3), UnitPrice: money.Amount(1 + r.IntN(4000)), GiftCard: r.IntN(2) == 0}
			l.Total = l.UnitPrice.Times(l.Quantity)
			if l.GiftCard {
				cards += l.Total
			} else {
				goods += l.Total
			}
			o.Lines = append(o.Lines, l)
		}
		taken := money.Amount(0)
		if goods > 0 {
			taken = money.Amount(r.IntN(int(goods)))
		}
		amount, detail, err := RefundRequest{}.resolve(o, goods+cards-taken, o.Shipping)
		if err != nil {
			t.Fatal(err)
		}
		if amount != goods+cards-taken || detail.Cards != cards || detail.credited(amount) != goods-taken {
			t.Fatalf("seed %d: of %d goods and %d cards less %d, %d go back, %d of it cards", seed, goods, cards, taken, amount, detail.Cards)
		}
	}
}
