package setting

import (
	"strings"
	"testing"
)

func TestBooksAreKeptByKnownRules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Books)
		field  string
	}{
		"the default is right":                     {func(*Books) {}, ""},
		"a public office under M4":                 {func(b *Books) { b.Form, b.Chart, b.Regie = FormEPIC, ChartM4, "R-12" }, ""},
		"a form is one of five":                    {func(b *Books) { b.Form = "sarl" }, "form"},
		"a chart is one of three":                  {func(b *Books) { b.Chart = "m14" }, "chart"},
		"a regime is one of three":                 {func(b *Books) { b.Regime = "" }, "regime"},
		"a mail address is one":                    {func(b *Books) { b.Accountant = "Odile <odile@office.example>" }, "accountant"},
		"a choice follows a registration":          {func(b *Books) { b.OSSFrom = "2026-10-01" }, "oss_from"},
		"a choice is not before its registration":  {func(b *Books) { b.OSSRegistered, b.OSSFrom = "2027-01-01", "2026-10-01" }, "oss_from"},
		"a registration with its choice":           {func(b *Books) { b.OSSRegistered, b.OSSFrom = "2026-10-01", "2026-10-01" }, ""},
		"a threshold is at most the Union's":       {func(b *Books) { b.ThresholdCents++ }, "threshold"},
		"a series is capitals":                     {func(b *Books) { b.InvoiceSeries = "F2026-" }, "invoice_series"},
		"invoices and credit notes count for each": {func(b *Books) { b.CreditSeries = "F" }, "credit_series"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := DefaultBooks()
			c.change(&b)
			if got := wrong(b.Check()); got != c.field {
				t.Errorf("%q is refused, want %q", got, c.field)
			}
		})
	}
}

func TestAPointIsOpenUntilSomebodySaysHowItWasSettled(t *testing.T) {
	t.Parallel()
	o := Opening{"chart": {Outcome: "M4", Reference: "2026-14", On: "2026-10-02"}}
	if err := o.Check(); err != nil {
		t.Error(err)
	}
	if public, private := o.Open(FormEPIC), o.Open(FormAssociation); len(public) != len(Points(FormEPIC))-1 || len(private) >= len(public) {
		t.Errorf("%d and %d are open", len(public), len(private))
	}
	for place, bad := range map[string]Opening{
		"nothing": {"nothing": {Outcome: "yes", On: "2026-10-02"}}, "on": {"chart": {Outcome: "M4"}}, "outcome": {"chart": {Reference: "2026-14"}},
	} {
		if got := wrong(bad.Check()); got != place {
			t.Errorf("%q is refused, want %q", got, place)
		}
	}
}

func TestAMentionStandsOnOneLine(t *testing.T) {
	t.Parallel()
	m := DefaultMentions()
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "a\nb", strings.Repeat("é", 301)} {
		m.Export = bad
		if got := wrong(m.Check()); got != "export" {
			t.Errorf("%q: %q is refused", bad, got)
		}
	}
}
