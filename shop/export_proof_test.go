package shop

import (
	"testing"
	"time"

	"boutique/internal/money"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments/ledger"
)

// What an export would bear in France is what its credit notes leave of it, at the rates of its goods, with
// the VAT within the price.
func TestExportVAT(t *testing.T) {
	t.Parallel()
	issued := time.Date(2026, 3, 2, 10, 0, 0, 0, text.Paris())
	o := Order{Lines: []OrderLine{{SKU: "MUG", Total: 1200, VATClass: vat.Standard}, {SKU: "LIVRE", Total: 2110, VATClass: vat.Books}, {SKU: "CARTE", Total: 2000, VATClass: vat.VoucherMulti, GiftCard: true}}}
	invoice := ledger.Issued{Kind: ledger.KindInvoice, IssuedAt: issued, Document: ledger.Document{
		Lines: []ledger.DocumentLine{{SKU: "MUG", Gross: 1200}, {SKU: "LIVRE", Gross: 2110}},
		VAT:   []ledger.VATLine{{Rate: 0, Exemption: "export", GoodsGross: 3310, ShippingGross: 331, Gross: 3641, Net: 3641}},
	}}
	note := func(goods, shipping money.Amount, lines ...ledger.DocumentLine) ledger.Issued {
		return ledger.Issued{Kind: ledger.KindCreditNote, Document: ledger.Document{Lines: lines, VAT: []ledger.VATLine{{Exemption: "export", GoodsGross: goods, ShippingGross: shipping, Gross: goods + shipping, Net: goods + shipping}}}}
	}
	for name, c := range map[string]struct {
		notes []ledger.Issued
		want  map[int][2]money.Amount
	}{
		"whole":                   {nil, map[int][2]money.Amount{2000: {1200, 120}, 550: {2110, 211}}},
		"the mug came back":       {[]ledger.Issued{note(1200, 0, ledger.DocumentLine{SKU: "MUG", Gross: 1200})}, map[int][2]money.Amount{2000: {0, 0}, 550: {2110, 331}}},
		"the shipping went back":  {[]ledger.Issued{note(0, 331)}, map[int][2]money.Amount{2000: {1200, 0}, 550: {2110, 0}}},
		"a tenth of it went back": {[]ledger.Issued{note(331, 0, ledger.DocumentLine{Gross: 331})}, map[int][2]money.Amount{2000: {1080, 120}, 550: {1899, 211}}},
	} {
		t.Run(name, func(t *testing.T) {
			rates, err := exportRates(o, append([]ledger.Issued{invoice}, c.notes...))
			if err != nil || len(rates) != 2 {
				t.Fatalf("%+v %v", rates, err)
			}
			for _, r := range rates {
				want := c.want[r.Rate]
				_, due := vat.Carve(want[0]+want[1], vat.Rate(r.Rate))
				if r.GoodsNet+r.GoodsVAT != want[0] || r.ShippingNet+r.ShippingVAT != want[1] || r.GoodsVAT+r.ShippingVAT != due {
					t.Errorf("at %d: %+v, want %v with %d of VAT", r.Rate, r, want, due)
				}
			}
		})
	}
}
