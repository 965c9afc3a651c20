package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"boutique/internal/money"
	"boutique/internal/text"
	"boutique/internal/vat"
)

// The columns of facts and texts that stand behind the others in the shop's own format. A file
// without them, or with nothing in them, leaves what is there.
var (
	factColumns = []string{"responsible_name", "responsible_address", "responsible_contact", "identifier", "age_months", "nutrition", "withdrawal", "analytic_code"}
	// variantColumns are what an article has of its own, beside its product.
	variantColumns      = []string{"variant_vat_class", "variant_customs_code", "variant_origin_country", "variant_analytic_code", "variant_photo"}
	factLanguageColumns = []string{"storage", "use", "care", "seo_title", "seo_description"}
)

// allExportColumns are all columns of the shop's own format, in the order in which they are written.
func allExportColumns() []string {
	columns := slices.Concat(exportColumns, factColumns, variantColumns)
	for _, column := range factLanguageColumns {
		for _, lang := range allLanguages {
			columns = append(columns, column+"_"+string(lang))
		}
	}
	return columns
}

// facts reads the columns of facts of a product's first row.
func (r *Report) facts(row row, c *Content) {
	l := &c.Legal
	l.Responsible = Manufacturer{row.get("responsible_name"), row.get("responsible_address"), row.get("responsible_contact")}
	c.AnalyticCode = row.get("analytic_code")
	l.Identifier, l.Withdrawal, l.AgeMonths = row.get("identifier"), row.get("withdrawal"), r.number(row, "age_months")
	l.Storage, l.Use, l.Care = perLanguage(row, "storage"), perLanguage(row, "use"), perLanguage(row, "care")
	for _, lang := range allLanguages {
		title, description := row.get("seo_title_"+string(lang)), row.get("seo_description_"+string(lang))
		if title != "" || description != "" {
			t := c.Texts[lang]
			t.SEOTitle, t.SEODescription = title, description
			c.Texts[lang] = t
		}
	}
	if cell := row.get("nutrition"); cell != "" {
		n, ok := parseNutrition(cell)
		if !ok {
			r.issue(row, "nutrition", "nutrition", "cell", clip(cell))
		}
		l.Nutrition = n
	}
}

// parseNutrition reads a nutrition declaration in one cell: energy in kJ and kcal, then grams.
func parseNutrition(cell string) (Nutrition, bool) {
	var n Nutrition
	parts := strings.Split(cell, "|")
	grams := n.Nutrients()
	if len(parts) != 2+len(grams) {
		return n, false
	}
	var err error
	for i, to := range []*int{&n.EnergyKJ, &n.EnergyKcal} {
		if *to, err = strconv.Atoi(strings.TrimSpace(parts[i])); err != nil {
			return n, false
		}
	}
	for i, one := range grams {
		hundredths, err := money.Parse(strings.TrimSpace(parts[2+i]))
		if err != nil || hundredths < 0 || hundredths > 100_00 {
			return n, false
		}
		*one.Hundredths = int(hundredths)
	}
	return n, true
}

func (n Nutrition) cell() string {
	if n.EnergyKJ == 0 {
		return ""
	}
	parts := []string{strconv.Itoa(n.EnergyKJ), strconv.Itoa(n.EnergyKcal)}
	for _, one := range n.Nutrients() {
		parts = append(parts, money.Amount(*one.Hundredths).Decimal())
	}
	return strings.Join(parts, "|")
}

// exportFacts writes the columns of facts.
func (p Product) exportFacts(cells map[string]any) {
	l := p.Legal
	cells["responsible_name"], cells["responsible_address"], cells["responsible_contact"] = l.Responsible.Name, l.Responsible.Address, l.Responsible.Contact
	cells["analytic_code"] = p.AnalyticCode
	cells["identifier"], cells["withdrawal"], cells["nutrition"] = l.Identifier, l.Withdrawal, l.Nutrition.cell()
	if l.AgeMonths > 0 {
		cells["age_months"] = l.AgeMonths
	}
	for column, m := range map[string]map[text.Lang]string{"storage": l.Storage, "use": l.Use, "care": l.Care} {
		for lang, said := range m {
			cells[column+"_"+string(lang)] = said
		}
	}
	for lang, t := range p.Texts {
		cells["seo_title_"+string(lang)], cells["seo_description_"+string(lang)] = t.SEOTitle, t.SEODescription
	}
}

// over keeps, of the facts that are there already, those that a file says nothing of.
func (l LegalFacts) over(before LegalFacts) LegalFacts {
	if l.Responsible == (Manufacturer{}) {
		l.Responsible = before.Responsible
	}
	if l.Nutrition == (Nutrition{}) {
		l.Nutrition = before.Nutrition
	}
	if l.AgeMonths == 0 {
		l.AgeMonths = before.AgeMonths
	}
	for _, one := range []struct{ now, before *string }{{&l.Identifier, &before.Identifier}, {&l.Withdrawal, &before.Withdrawal}} {
		if *one.now == "" {
			*one.now = *one.before
		}
	}
	for _, one := range []struct{ now, before *map[text.Lang]string }{{&l.Storage, &before.Storage}, {&l.Use, &before.Use}, {&l.Care, &before.Care}} {
		if len(*one.now) == 0 {
			*one.now = *one.before
		}
	}
	return l
}

// own reads what an article has of its own.
func (v *Variant) own(row row) {
	v.VATClass, v.CustomsCode = vat.Class(row.get("variant_vat_class")), row.get("variant_customs_code")
	v.OriginCountry, v.AnalyticCode = strings.ToUpper(row.get("variant_origin_country")), row.get("variant_analytic_code")
}

// exportOwn writes what an article has of its own.
func (p Product) exportOwn(v Variant, cells map[string]any) {
	cells["variant_vat_class"], cells["variant_customs_code"], cells["variant_origin_country"], cells["variant_analytic_code"] = string(v.VATClass), v.CustomsCode, v.OriginCountry, v.AnalyticCode
	for _, ph := range p.Photos {
		if slices.Contains(ph.Shows, v.ID) {
			cells["variant_photo"] = ph.fileName()
		}
	}
}

// over keeps, of an article that is there already, what a file says nothing of.
func (v Variant) over(before Variant) Variant {
	v.VATClass = cmp.Or(v.VATClass, before.VATClass)
	v.CustomsCode, v.OriginCountry, v.AnalyticCode = cmp.Or(v.CustomsCode, before.CustomsCode), cmp.Or(v.OriginCountry, before.OriginCountry), cmp.Or(v.AnalyticCode, before.AnalyticCode)
	return v
}

// over keeps, of texts that are there already, what a file says nothing of.
func (t Text) over(before Text) Text {
	if t.SEOTitle == "" {
		t.SEOTitle = before.SEOTitle
	}
	if t.SEODescription == "" {
		t.SEODescription = before.SEODescription
	}
	return t
}
