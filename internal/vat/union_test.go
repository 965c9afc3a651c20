package vat_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/vat"
)

func TestDestinationRatesAreThoseOfTheShoppersCountry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sale      vat.Sale
		class     vat.Class
		on        string
		rate      vat.Rate
		exemption vat.Exemption
	}{
		{vat.Sale{Territory: place.Union, Country: "DE", Destination: true}, vat.Standard, "2026-11-24", 1900, vat.Taxed},
		{vat.Sale{Territory: place.Union, Country: "DE", Destination: true}, vat.Books, "2026-11-24", 700, vat.Taxed},
		{vat.Sale{Territory: place.Union, Country: "FI", Destination: true}, vat.Standard, "2026-11-24", 2550, vat.Taxed},
		{vat.Sale{Territory: place.Union, Country: "ES", Destination: true}, vat.Books, "2026-11-24", 2100, vat.Taxed},
		{vat.Sale{Territory: place.Union, Country: "IE", Destination: true}, vat.Books, "2026-11-24", 0, vat.Taxed},
		{vat.Sale{Territory: place.Union, Country: "BE", Destination: true}, vat.Food, "2026-11-24", 2100, vat.Taxed},
		{vat.Sale{Territory: place.Union, Country: "DE"}, vat.Standard, "2026-11-24", 2000, vat.Taxed},
		{vat.Sale{Territory: place.Export, Country: "CH", Destination: true}, vat.Standard, "2026-11-24", 0, vat.ExportExempt},
		{vat.Sale{Territory: place.Mainland, Country: "FR", Destination: true}, vat.Standard, "2026-11-24", 2000, vat.Taxed},
		{vat.Sale{Territory: place.Mainland, Country: "MC"}, vat.Standard, "2026-11-24", 2000, vat.Taxed},
		{vat.Sale{Territory: place.Mainland, Franchise: true}, vat.Standard, "2026-11-24", 0, vat.FranchiseExempt},
		{vat.Sale{Territory: place.Mainland, Franchise: true}, vat.VoucherMulti, "2026-11-24", 0, vat.OutsideScope},
	} {
		on, _ := time.Parse(time.DateOnly, c.on)
		rate, exemption, err := c.sale.RateOf(c.class, on.Add(12*time.Hour))
		if err != nil || rate != c.rate || exemption != c.exemption {
			t.Errorf("%s %+v: %d %q %v, want %d %q", c.class, c.sale, rate, exemption, err, c.rate, c.exemption)
		}
	}
	if !vat.NeedsReview("ES", vat.Books, day) || vat.NeedsReview("DE", vat.Books, day) {
		t.Error("a book in Spain needs a look, one in Germany does not")
	}
	if _, _, err := (vat.Sale{Territory: place.Union, Country: "EE", Destination: true}).RateOf(vat.Standard, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("a rate was found for a day before the first one known")
	}
}

// baskets is how many the property is held against.
const baskets = 1_000_000

// Whatever is in a basket: the parts make the whole, per rate and over all; VAT per rate is that of
// the rate's sum rounded once; giving everything back leaves nothing.
func TestAMillionBasketsAddUp(t *testing.T) {
	t.Parallel()
	n := baskets
	if testing.Short() {
		n /= 100
	}
	random := rand.New(rand.NewPCG(2026, 11))
	countries := []place.Country{"DE", "BE", "NL", "IT", "ES", "LU", "FI", "HU"}
	classes := vat.Classes()
	lines := make([]vat.Line, 0, 12)
	for i := range n {
		lines = lines[:0]
		for range 1 + random.IntN(6) {
			lines = append(lines, vat.Line{Class: classes[random.IntN(len(classes))], Gross: money.Amount(1 + random.IntN(40_000))})
		}
		sale := vat.Sale{Territory: []place.Territory{place.Mainland, place.Corsica, place.Union, place.Export}[random.IntN(4)], Franchise: random.IntN(20) == 0}
		if sale.Territory == place.Union {
			sale.Country, sale.Destination = countries[random.IntN(len(countries))], random.IntN(2) == 0
		}
		shipping := money.Amount(random.IntN(3) * random.IntN(2_000))
		sum, err := vat.ComputeSale(lines, shipping, sale, day)
		if err != nil {
			t.Fatal(err)
		}
		if broken := adds(lines, shipping, sum); broken != "" {
			t.Fatalf("basket %d, %+v, %+v + %d: %s: %+v", i, sale, lines, shipping, broken, sum)
		}
	}
}

func adds(lines []vat.Line, shipping money.Amount, sum vat.Sum) string {
	var goods, carried, net, tax, gross money.Amount
	for i, l := range lines {
		p := sum.Lines[i]
		if p.Gross != l.Gross || p.Net+p.VAT != p.Gross {
			return "a line"
		}
		goods += p.Gross
		net += p.Net
		tax += p.VAT
	}
	for _, p := range sum.Shipping {
		if p.Net+p.VAT != p.Gross {
			return "a share of shipping"
		}
		carried += p.Gross
		net += p.Net
		tax += p.VAT
	}
	taxable := false
	for _, r := range sum.Rates {
		wantNet, wantVAT := vat.Carve(r.Gross, r.Rate)
		if r.Net != wantNet || r.VAT != wantVAT || r.GoodsGross+r.ShippingGross != r.Gross || r.Net+r.VAT != r.Gross {
			return "a rate"
		}
		gross += r.Gross
		taxable = taxable || r.Exemption != vat.OutsideScope
	}
	switch {
	case taxable && carried != shipping:
		return "shipping"
	case gross != sum.Gross || net != sum.Net || tax != sum.VAT || sum.Net+sum.VAT != sum.Gross:
		return "the sums"
	case taxable && goods+shipping != sum.Gross:
		return "the total"
	}
	return ""
}
