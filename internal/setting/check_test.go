package setting

import (
	"strings"
	"testing"

	"boutique/internal/fault"
)

func TestAnOfficeSaysWhoItIs(t *testing.T) {
	t.Parallel()
	good := Office{ShopName: "La Boutique", Email: "shop@office.example", SIREN: "732829320", VATNumber: "FR44732829320", MediatorURL: "https://mediation.example"}
	for name, c := range map[string]struct {
		change func(*Office)
		field  string
	}{
		"what is right is kept":         {func(*Office) {}, ""},
		"a shop has a name":             {func(o *Office) { o.ShopName = "" }, "shop_name"},
		"an e-mail address is one":      {func(o *Office) { o.Email = "Shop <shop@office.example>" }, "email"},
		"a SIREN has its check digit":   {func(o *Office) { o.SIREN = "732829321" }, "siren"},
		"a VAT number is a French one":  {func(o *Office) { o.VATNumber = "BE0123456789" }, "vat_number"},
		"a mediator's site is one":      {func(o *Office) { o.MediatorURL = "javascript:alert(1)" }, "mediator_url"},
		"a postal code is a French one": {func(o *Office) { o.Address.PostalCode = "5950" }, "address.postal_code"},
		"a sentence is a short one":     {func(o *Office) { o.Hours.FR = strings.Repeat("é", 301) }, "hours.fr"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := good
			c.change(&o)
			if got := wrong(o.Check()); got != c.field {
				t.Errorf("%q is refused, want %q", got, c.field)
			}
		})
	}
}

func TestABrandCanBePrintedAndRead(t *testing.T) {
	t.Parallel()
	const square = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#B5472F"/></svg>`
	for name, c := range map[string]struct {
		brand Brand
		field string
	}{
		"a square and a brick red": {Brand{Logo: square, Accent: "#B5472F"}, ""},
		"a script in the artwork":  {Brand{Mark: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>alert(1)</script></svg>`}, "mark"},
		"text in the artwork":      {Brand{LogoDark: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><text>a</text></svg>`}, "logo_dark"},
		"no artwork at all":        {Brand{Black: "hello"}, "black"},
		"no colour":                {Brand{Accent: "red;}"}, "accent"},
		"a yellow":                 {Brand{Accent: "#D9A441"}, "accent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := wrong(c.brand.Check()); got != c.field {
				t.Errorf("%q is refused, want %q", got, c.field)
			}
		})
	}
}

func wrong(err error) string {
	if f, ok := fault.As(err); ok && len(f.Fields) > 0 {
		return f.Fields[0].Place
	}
	return ""
}
