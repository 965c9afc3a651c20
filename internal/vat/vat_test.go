package vat_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/vat"
)

var day = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestRatesByClassAndTerritory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		class     vat.Class
		where     place.Territory
		rate      vat.Rate
		exemption vat.Exemption
	}{
		{vat.Standard, place.Mainland, 2000, vat.Taxed},
		{vat.Books, place.Mainland, 550, vat.Taxed},
		{vat.Food, place.Corsica, 210, vat.Taxed},
		{vat.Alcohol, place.Corsica, 2000, vat.Taxed},
		{vat.Books, place.Union, 550, vat.Taxed},
		{vat.Standard, place.Export, 0, vat.ExportExempt},
		{vat.VoucherMulti, place.Mainland, 0, vat.OutsideScope},
	} {
		rate, exemption, err := vat.RateOf(c.class, c.where, day)
		if err != nil || rate != c.rate || exemption != c.exemption {
			t.Errorf("%s in %s: %d %q %v", c.class, c.where, rate, exemption, err)
		}
	}
	if _, _, err := vat.RateOf(vat.Standard, place.Mainland, time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("a rate was found for a day before the first one")
	}
}

// The figures are those of a mixed invoice: a mug at 20 %, a book at 5.5 %, shipping over both.
func TestShippingFollowsTheRatesOfTheGoods(t *testing.T) {
	t.Parallel()
	sum, err := vat.Compute([]vat.Line{{Class: vat.Standard, Gross: 990}, {Class: vat.Books, Gross: 1200}}, 500, place.Mainland, day)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Gross != 2690 || len(sum.Rates) != 2 {
		t.Fatalf("%+v", sum)
	}
	if r := sum.Rates[0]; r.Rate != 2000 || r.ShippingGross != 226 || r.Net != 1013 || r.VAT != 203 {
		t.Errorf("20 %%: %+v", r)
	}
	if r := sum.Rates[1]; r.Rate != 550 || r.ShippingGross != 274 || r.Net != 1397 || r.VAT != 77 {
		t.Errorf("5.5 %%: %+v", r)
	}
}

func TestPartsAlwaysSumToTheWhole(t *testing.T) {
	t.Parallel()
	classes := vat.Classes()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "lines")
		lines := make([]vat.Line, n)
		var goods money.Amount
		for i := range lines {
			lines[i] = vat.Line{Class: rapid.SampledFrom(classes).Draw(t, "class"), Gross: money.Amount(rapid.Int64Range(1, 500_00).Draw(t, "gross"))}
			goods += lines[i].Gross
		}
		shipping := money.Amount(rapid.Int64Range(0, 40_00).Draw(t, "shipping"))
		where := rapid.SampledFrom([]place.Territory{place.Mainland, place.Corsica, place.Union, place.Export}).Draw(t, "where")
		sum, err := vat.Compute(lines, shipping, where, day)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Gross != goods+shipping || sum.Net+sum.VAT != sum.Gross {
			t.Fatalf("gross %d net %d VAT %d of %d + %d", sum.Gross, sum.Net, sum.VAT, goods, shipping)
		}
		for i, r := range sum.Rates {
			net, tax := sum.Shipping[i].Net, sum.Shipping[i].VAT
			for _, p := range sum.Lines {
				if p.Net+p.VAT != p.Gross || p.Net < 0 || p.VAT < 0 {
					t.Fatalf("part %+v", p)
				}
				if p.Rate == r.Rate && p.Exemption == r.Exemption {
					net, tax = net+p.Net, tax+p.VAT
				}
			}
			if net != r.Net || tax != r.VAT || r.Net+r.VAT != r.Gross || r.GoodsGross+r.ShippingGross != r.Gross {
				t.Fatalf("rate %+v: parts have net %d, VAT %d", r, net, tax)
			}
		}
	})
}

func TestACreditNoteMirrorsItsInvoice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gross := money.Amount(rapid.Int64Range(0, 1_000_000).Draw(t, "gross"))
		rate := rapid.SampledFrom([]vat.Rate{0, 210, 550, 1000, 2000}).Draw(t, "rate")
		net, tax := vat.Carve(gross, rate)
		backNet, backTax := vat.Carve(-gross, rate)
		if backNet != -net || backTax != -tax {
			t.Fatalf("%d at %d: %d/%d and back %d/%d", gross, rate, net, tax, backNet, backTax)
		}
	})
}
