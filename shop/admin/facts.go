package admin

import (
	"net/http"
	"strconv"
	"strings"

	"boutique/catalog"
	"boutique/internal/money"
	"boutique/internal/text"
)

// spokenFacts are the facts with a field per language, by the name of their fields.
func spokenFacts(l *catalog.LegalFacts) map[string]*map[text.Lang]string {
	return map[string]*map[text.Lang]string{"warnings": &l.Warnings, "ingredients": &l.Ingredients, "composition": &l.Composition, "storage": &l.Storage, "use": &l.Use, "care": &l.Care}
}

// applyFacts reads the legal facts of a product's form.
func applyFacts(r *http.Request, c *catalog.Content) {
	get := func(name string) string {
		return strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n"))
	}
	l := &c.Legal
	for column, m := range spokenFacts(l) {
		next := map[text.Lang]string{}
		for lang, said := range *m {
			next[lang] = said
		}
		for _, lang := range catalog.Spoken() {
			if name := column + "_" + string(lang); r.PostForm.Has(name) {
				if next[lang] = get(name); next[lang] == "" {
					delete(next, lang)
				}
			}
		}
		*m = next
	}
	l.Manufacturer = catalog.Manufacturer{Name: get("manufacturer_name"), Address: get("manufacturer_address"), Contact: get("manufacturer_contact")}
	number := func(name string, to *int) {
		if r.PostForm.Has(name) {
			*to, _ = strconv.Atoi(get(name))
		}
	}
	word := func(name string, to *string) {
		if r.PostForm.Has(name) {
			*to = get(name)
		}
	}
	word("responsible_name", &l.Responsible.Name)
	word("responsible_address", &l.Responsible.Address)
	word("responsible_contact", &l.Responsible.Contact)
	word("identifier", &l.Identifier)
	word("author", &l.Author)
	word("publisher", &l.Publisher)
	word("isbn", &l.ISBN)
	word("book_condition", &l.BookCondition)
	word("withdrawal", &l.Withdrawal)
	word("net_unit", &l.NetUnit)
	number("net_quantity", &l.NetQuantity)
	number("age_months", &l.AgeMonths)
	number("energy_kj", &l.Nutrition.EnergyKJ)
	number("energy_kcal", &l.Nutrition.EnergyKcal)
	for _, n := range l.Nutrition.Nutrients() {
		if name := "nutrition_" + n.Code; r.PostForm.Has(name) {
			hundredths, err := money.Parse(get(name))
			if err != nil {
				hundredths = 0
			}
			*n.Hundredths = int(hundredths)
		}
	}
	if tenths, err := money.Parse(get("alcohol")); err == nil {
		l.AlcoholTenths = int(tenths / 10)
	} else if r.PostForm.Has("alcohol") && get("alcohol") == "" {
		l.AlcoholTenths = 0
	}
	if r.PostForm.Has("allergens") {
		l.Allergens = nil
		for _, one := range strings.Split(get("allergens"), ",") {
			if one = strings.TrimSpace(one); one != "" {
				l.Allergens = append(l.Allergens, one)
			}
		}
	}
}

// nutrientField is a field of the nutrition declaration.
type nutrientField struct{ Code, Grams string }

func nutrientFields(n catalog.Nutrition) []nutrientField {
	var list []nutrientField
	for _, one := range n.Nutrients() {
		grams := ""
		if n.EnergyKJ > 0 {
			grams = money.Amount(*one.Hundredths).Decimal()
		}
		list = append(list, nutrientField{one.Code, grams})
	}
	return list
}
