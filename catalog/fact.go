package catalog

import (
	"slices"
	"strings"

	"boutique/internal/fault"
	"boutique/internal/text"
)

// Fact is a kind of thing that the law may want said of an article. Spoken ones are said in every
// language of the shop.
type Fact struct {
	Code   string
	Spoken bool
	has    func(c *Content, lang text.Lang) bool
}

// Facts are the facts that a family may have, in the order in which a page says them.
func Facts() []Fact {
	spoken := func(code string, of func(*LegalFacts) map[text.Lang]string) Fact {
		return Fact{code, true, func(c *Content, lang text.Lang) bool { return strings.TrimSpace(of(&c.Legal)[lang]) != "" }}
	}
	plain := func(code string, has func(*LegalFacts) bool) Fact {
		return Fact{code, false, func(c *Content, _ text.Lang) bool { return has(&c.Legal) }}
	}
	return []Fact{
		spoken("ingredients", func(l *LegalFacts) map[text.Lang]string { return l.Ingredients }),
		plain("allergens", func(l *LegalFacts) bool { return len(l.Allergens) > 0 }),
		plain("alcohol", func(l *LegalFacts) bool { return l.AlcoholTenths > 12 }),
		plain("net_quantity", func(l *LegalFacts) bool { return l.NetQuantity > 0 && l.NetUnit != "" }),
		spoken("storage", func(l *LegalFacts) map[text.Lang]string { return l.Storage }),
		plain("nutrition", func(l *LegalFacts) bool { return l.Nutrition.EnergyKJ > 0 }),
		{"origin", false, func(c *Content, _ text.Lang) bool { return !slices.Contains(c.Origins(), "") }},
		spoken("composition", func(l *LegalFacts) map[text.Lang]string { return l.Composition }),
		spoken("care", func(l *LegalFacts) map[text.Lang]string { return l.Care }),
		spoken("use", func(l *LegalFacts) map[text.Lang]string { return l.Use }),
		plain("age", func(l *LegalFacts) bool { return l.AgeMonths > 0 }),
		plain("author", func(l *LegalFacts) bool { return l.Author != "" }),
		plain("publisher", func(l *LegalFacts) bool { return l.Publisher != "" }),
		plain("isbn", func(l *LegalFacts) bool { return ValidGTIN(l.ISBN) }),
		plain("book_condition", func(l *LegalFacts) bool { return l.BookCondition != "" }),
		plain("manufacturer", func(l *LegalFacts) bool { return l.Manufacturer.Name != "" && l.Manufacturer.Address != "" }),
		plain("responsible", func(l *LegalFacts) bool {
			return l.Responsible.Name != "" && l.Responsible.Address != "" && l.Responsible.Contact != ""
		}),
		plain("identifier", func(l *LegalFacts) bool { return l.Identifier != "" }),
		spoken("warnings", func(l *LegalFacts) map[text.Lang]string { return l.Warnings }),
	}
}

// MissingFact is a fact that a family requires and an article does not say; Languages are those in
// which it is not said, empty for a fact without language.
type MissingFact struct {
	Code      string
	Languages []text.Lang
}

// MissingFacts lists what the family requires and the article does not say in the languages of the
// shop. Of what Regulation (EU) 2023/988 covers, the manufacturer must have an electronic address too.
func (f Family) MissingFacts(c Content, offered []text.Lang) []MissingFact {
	var missing []MissingFact
	for _, fact := range Facts() {
		if !slices.Contains(f.Required, fact.Code) {
			continue
		}
		one := MissingFact{Code: fact.Code}
		if fact.Code == "manufacturer" && c.Legal.Manufacturer.Contact == "" && f.Follows != "food" && f.Follows != "alcohol" && f.Follows != "book" {
			missing = append(missing, one)
			continue
		}
		if fact.Spoken {
			for _, lang := range offered {
				if !fact.has(&c, lang) {
					one.Languages = append(one.Languages, lang)
				}
			}
		}
		if len(one.Languages) > 0 || !fact.Spoken && !fact.has(&c, text.FR) {
			missing = append(missing, one)
		}
	}
	return missing
}

// spoken are the facts that are said in each language.
func (l *LegalFacts) spoken() []*map[text.Lang]string {
	return []*map[text.Lang]string{&l.Warnings, &l.Ingredients, &l.Storage, &l.Use, &l.Care, &l.Composition}
}

// The units of a net quantity.
var netUnits = []string{"", "g", "kg", "ml", "l", "m", "piece"}

// check names what cannot be kept.
func (l *LegalFacts) check(fields *fault.Fields) {
	if l.Withdrawal != "" && !slices.Contains(WithdrawalExceptions(), l.Withdrawal) {
		fields.Add("legal.withdrawal", "withdrawal_unknown", "must be one of "+strings.Join(WithdrawalExceptions(), ", "))
	}
	if !slices.Contains([]string{"", "new", "used"}, l.BookCondition) {
		fields.Add("legal.book_condition", "book_condition_unknown", "must be new or used")
	}
	if !slices.Contains(netUnits, l.NetUnit) {
		fields.Add("legal.net_unit", "net_unit_unknown", "must be g, kg, ml, l, m or piece")
	}
	if l.NetQuantity < 0 || l.NetQuantity > 10_000_000 {
		fields.Add("legal.net_quantity", "number_out_of_range", "must be a quantity that an article can have")
	}
	if l.AlcoholTenths < 0 || l.AlcoholTenths > 1000 {
		fields.Add("legal.alcohol_tenths", "number_out_of_range", "must be between 0 and 100 percent")
	}
	if l.AgeMonths < 0 || l.AgeMonths > 18*12 {
		fields.Add("legal.age_months", "number_out_of_range", "must be between 0 and 216 months")
	}
	n := l.Nutrition
	if n.EnergyKJ < 0 || n.EnergyKJ > 4000 || n.EnergyKcal < 0 || n.EnergyKcal > 1000 {
		fields.Add("legal.nutrition", "number_out_of_range", "must be the energy of 100 g")
	}
	for _, one := range n.Nutrients() {
		if *one.Hundredths < 0 || *one.Hundredths > 100_00 {
			fields.Add("legal.nutrition."+one.Code, "number_out_of_range", "must be between 0 and 100 g")
		}
	}
	for _, m := range l.spoken() {
		for lang, s := range *m {
			if len(s) > 4000 {
				fields.Add("legal."+string(lang), "too_long", "has at most 4,000 characters")
			}
		}
	}
}
