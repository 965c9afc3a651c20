package shop

import (
	"embed"
	"fmt"
	"time"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
)

//go:embed locale/*.json
var localeFiles embed.FS

var words = text.MustLoad(localeFiles, "locale")

// Words gives the printer for the sentences of quotes, refusals and problems, which every floor
// above shows alike.
func Words(lang text.Lang) text.Printer { return words.In(lang) }

// Sentence says why a method is refused, and what would change it, in the reader's words.
func (r Refusal) Sentence(lang text.Lang) string {
	p := words.In(lang)
	args := []any{}
	for key, value := range r.Params {
		switch key {
		case "country":
			value = place.Name(place.Country(fmt.Sprint(value)), lang)
		case "weight_g", "max_g", "max_weight_g":
			if grams, ok := value.(int); ok {
				value = p.Weight(grams)
			}
		case "value":
			if amount, ok := value.(money.Amount); ok {
				value = p.Money(amount)
			}
		case "from", "until":
			if day, err := time.Parse(time.DateOnly, fmt.Sprint(value)); err == nil {
				value = p.Day(day)
			}
		case "max_thickness_mm", "max_side_mm", "max_sum_mm":
			if mm, ok := value.(int); ok {
				value = centimetres(mm, lang)
			}
		case "family", "class":
			value = p.T(key + "_" + fmt.Sprint(value))
		}
		args = append(args, key, value)
	}
	return p.T("refused_"+r.Code, args...)
}

func centimetres(mm int, lang text.Lang) string {
	if mm%10 == 0 {
		return fmt.Sprintf("%d\u00a0cm", mm/10)
	}
	separator := ","
	if lang == text.EN {
		separator = "."
	}
	return fmt.Sprintf("%d%s%d\u00a0cm", mm/10, separator, mm%10)
}

// Sentence says what an amount of a price is for.
func (r Reason) Sentence(lang text.Lang) string {
	p := words.In(lang)
	args := []any{"amount", p.Money(r.Amount)}
	if r.Code == WhySupplement {
		args = append(args, "name", r.Names.In(lang))
	}
	for key, value := range r.Params {
		switch v := value.(type) {
		case int:
			if key != "pieces" {
				value = p.Weight(v)
			}
		case float64:
			value = int(v)
			if key != "pieces" {
				value = p.Weight(int(v))
			}
		case money.Amount:
			value = p.Money(v)
		case map[string]any:
			if cents, ok := v["amount"].(float64); ok {
				value = p.Money(money.Amount(cents))
			}
		}
		args = append(args, key, value)
		if key == "pieces" {
			args = append(args, "count", value)
		}
	}
	return p.T("why_"+r.Code, args...)
}

// Sentence says what stands between a cart and its order.
func (p Problem) Sentence(lang text.Lang) string {
	printer := words.In(lang)
	args := []any{}
	for key, value := range p.Params {
		if amount, ok := value.(money.Amount); ok {
			value = printer.Money(amount)
		}
		args = append(args, key, value)
		if key == "available" {
			args = append(args, "count", value)
		}
	}
	return printer.T("problem_"+p.Code, args...)
}
