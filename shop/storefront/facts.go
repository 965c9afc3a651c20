package storefront

import (
	"strings"
	"time"

	"boutique/catalog"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
)

// lastDay is the last day of a reduction: one that ends at midnight ends the day before.
func lastDay(p Page, r *catalog.Reduction) string {
	return p.P.Day(r.Ends.Add(-time.Second))
}

// reductionOf is the reduction of the price that a card shows; nil for none.
func reductionOf(i *catalog.Item) *catalog.Reduction {
	for _, v := range i.Variants {
		if v.Price == i.MinPrice && v.Reduction.Announced() {
			return v.Reduction
		}
	}
	return nil
}

// originsOf names where an article's variants come from; empty when none says.
func originsOf(countries []string, lang text.Lang) string {
	var names []string
	for _, c := range countries {
		if c != "" {
			names = append(names, place.Name(place.Country(c), lang))
		}
	}
	return strings.Join(names, ", ")
}

// words between two pairs of asterisks are strong.
type emphasis struct {
	Text   string
	Strong bool
}

func emphasised(s string) []emphasis {
	var list []emphasis
	for n, part := range strings.Split(s, "**") {
		if part != "" {
			list = append(list, emphasis{part, n%2 == 1})
		}
	}
	return list
}

func makerWord(v ProductView) string {
	if v.Item.Family == "food" || v.Item.Family == "alcohol" {
		return v.T("fact_operator")
	}
	return v.T("fact_manufacturer")
}

// age is the least age of who plays with a toy, in years where they are whole.
func age(v ProductView) string {
	months := v.Item.Legal.AgeMonths
	switch {
	case months == 0:
		return ""
	case months%12 == 0:
		return v.T("age_years", "count", months/12)
	}
	return v.T("age_months", "count", months)
}

type nutrientRow struct{ Name, Grams string }

func nutrients(v ProductView) []nutrientRow {
	var rows []nutrientRow
	declared := v.Item.Legal.Nutrition
	for _, n := range declared.Nutrients() {
		grams := strings.TrimSuffix(strings.TrimRight(money.Amount(*n.Hundredths).Point(), "0"), ".")
		if v.Lang() != text.EN {
			grams = strings.Replace(grams, ".", ",", 1)
		}
		rows = append(rows, nutrientRow{v.T("nutrition_" + n.Code), grams + "\u00a0g"})
	}
	return rows
}
