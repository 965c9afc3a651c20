package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/internal/vat"
)

// Check is one check of the shop's list, from which the office makes its rules.
type Check struct {
	Code string
	// Group gathers checks of one subject: photos, texts, sorting, trade, parcel, law, trust.
	Group string
	// Field is where it is mended, when the product's page has one place for it.
	Field   string
	Numbers []Number
	// Words are the default of a check that takes words.
	Words []string
	judge func(*subject) verdict
}

// Number is a number that a rule may set: its name, what it is without, and its bounds.
type Number struct {
	Name                 string
	Default, Least, Most int
}

// Checks lists the checks in their order.
func Checks() []Check { return slices.Clone(checkList) }

// CheckOf finds a check.
func CheckOf(code string) (Check, bool) {
	c, ok := checks[code]
	return c, ok
}

// subject is a product under a check.
type subject struct {
	*Product
	rule  Rule
	rules []Rule
	world World
}

// n is a number of the rule, its default when the rule does not set it.
func (s *subject) n(name string) int {
	if n, ok := s.rule.Params.Numbers[name]; ok {
		return n
	}
	for _, number := range checks[s.rule.Check].Numbers {
		if number.Name == name {
			return number.Default
		}
	}
	return 0
}

// verdict is what a check finds. params complete its sentence; field overrides where it is mended.
type verdict struct {
	met    bool
	params map[string]any
	field  string
}

func is(met bool) verdict { return verdict{met: met} }

// every holds when there is a variant on offer and each passes.
func (s *subject) every(test func(Variant) bool) verdict {
	var missing []string
	variants := s.selling()
	for _, v := range variants {
		if !test(v) {
			missing = append(missing, v.SKU)
		}
	}
	return verdict{met: len(variants) > 0 && missing == nil, params: map[string]any{"skus": shortList(missing)}}
}

// shortList names a few and counts the rest.
func shortList(list []string) string {
	if len(list) > 4 {
		return strings.Join(list[:4], ", ") + "…"
	}
	return strings.Join(list, ", ")
}

// everyLang holds when each language of the shop passes. With a prefix the field of the first
// language that does not is where it is mended.
func (s *subject) everyLang(prefix string, test func(text.Lang) bool) verdict {
	var missing []string
	v := verdict{}
	for _, lang := range s.world.Offered {
		if !test(lang) {
			missing = append(missing, string(lang))
			if prefix != "" && v.field == "" {
				v.field = prefix + string(lang)
			}
		}
	}
	v.met, v.params = missing == nil, map[string]any{"languages": strings.Join(missing, ", ")}
	return v
}

// said holds when a text stands in each language of the shop.
func (s *subject) said(prefix string, m map[text.Lang]string) verdict {
	return s.everyLang(prefix, func(l text.Lang) bool { return strings.TrimSpace(m[l]) != "" })
}

func length(s string) int { return utf8.RuneCountInString(strings.TrimSpace(s)) }

func (s *subject) within(text string) bool {
	n := length(text)
	return n >= s.n("least") && (s.n("most") == 0 || n <= s.n("most"))
}

var checkList = []Check{
	{Code: "photo", Group: "photos", Field: "photos", Numbers: []Number{{"least", 1, 1, maxPhotos}}, judge: func(s *subject) verdict { return is(len(s.Photos) >= s.n("least")) }},
	{Code: "photo_resolution", Group: "photos", Field: "photos", Numbers: []Number{{"pixels", 1200, 100, 6000}}, judge: func(s *subject) verdict {
		return s.everyPhoto(func(p Photo) bool { return min(p.Width, p.Height) >= s.n("pixels") })
	}},
	{Code: "photo_shape", Group: "photos", Field: "photos", Numbers: []Number{{"percent", 40, 0, 300}}, judge: func(s *subject) verdict {
		return s.everyPhoto(func(p Photo) bool { return max(p.Width, p.Height)*100 <= min(p.Width, p.Height)*(100+s.n("percent")) })
	}},
	{Code: "alt_text", Group: "photos", Field: "photos", Numbers: []Number{{"least", 1, 1, 200}}, judge: func(s *subject) verdict {
		return s.everyLang("", func(l text.Lang) bool {
			return !slices.ContainsFunc(s.Photos, func(p Photo) bool { return length(p.Alts[l]) < s.n("least") })
		})
	}},
	{Code: "shot_list", Group: "photos", Field: "photos", judge: func(s *subject) verdict {
		missing := s.MissingViews(s.world.Families[s.Family].Shots)
		return verdict{met: len(missing) == 0, params: map[string]any{"shots": missing}}
	}},
	// What is not measured yet is not judged: it is once the picture's renditions are made.
	{Code: "photo_sharpness", Group: "photos", Field: "photos", Numbers: []Number{{"least", leastSharpness, 1, 100}}, judge: func(s *subject) verdict {
		return s.everyPhoto(func(p Photo) bool { return p.Quality == nil || p.Quality.Sharpness >= s.n("least") })
	}},
	{Code: "photo_light", Group: "photos", Field: "photos", Numbers: []Number{{"bright", leastBright, 1, 255}, {"dark", mostDark, 1, 255}}, judge: func(s *subject) verdict {
		return s.everyPhoto(func(p Photo) bool {
			return p.Quality == nil || p.Quality.Bright >= s.n("bright") && p.Quality.Dark <= s.n("dark")
		})
	}},
	{Code: "photo_ground", Group: "photos", Field: "photos", Numbers: []Number{{"spread", mostSpread, 1, 255}, {"detail", mostDetail, 1, 255}}, judge: func(s *subject) verdict {
		return s.everyPhoto(func(p Photo) bool {
			return p.Quality == nil || p.Quality.GroundSpread <= s.n("spread") && p.Quality.GroundDetail <= s.n("detail")
		})
	}},
	{Code: "photo_licence", Group: "photos", Field: "photos", judge: func(s *subject) verdict {
		v := s.everyPhoto(func(p Photo) bool { return p.LicenceUntil == nil || p.LicenceUntil.After(s.world.Today) })
		return verdict{met: v.met || len(s.Photos) == 0, params: v.params}
	}},
	{Code: "name", Group: "texts", Field: "texts", Numbers: []Number{{"least", 1, 1, 100}, {"most", 120, 0, 200}}, judge: func(s *subject) verdict {
		return s.everyLang("name_", func(l text.Lang) bool { return s.within(s.Texts[l].Name) })
	}},
	{Code: "short", Group: "texts", Field: "texts", Numbers: []Number{{"least", 20, 1, 400}, {"most", 0, 0, 600}}, judge: func(s *subject) verdict {
		return s.everyLang("short_", func(l text.Lang) bool { return s.within(s.Texts[l].Short) })
	}},
	{Code: "description", Group: "texts", Field: "texts", Numbers: []Number{{"least", 80, 1, 5000}, {"most", 0, 0, 20000}}, judge: func(s *subject) verdict {
		return s.everyLang("description_", func(l text.Lang) bool { return s.within(s.Texts[l].Description) })
	}},
	{Code: "all_languages", Group: "texts", Field: "texts", judge: func(s *subject) verdict {
		s.world.Offered = s.world.Spoken
		return s.everyLang("name_", func(l text.Lang) bool {
			t := s.Texts[l]
			return length(t.Name) > 0 && length(t.Short) > 0 && length(t.Description) > 0 && !slices.ContainsFunc(s.Photos, func(p Photo) bool { return length(p.Alts[l]) == 0 })
		})
	}},
	{Code: "translated", Group: "texts", Field: "texts", judge: func(s *subject) verdict {
		source := s.Texts[text.FR]
		return s.everyLang("description_", func(l text.Lang) bool {
			t := s.Texts[l]
			return l == text.FR || t.Description == "" || t.Description != source.Description && (t.Short == "" || t.Short != source.Short)
		})
	}},
	{Code: "seo", Group: "texts", Field: "texts", Numbers: []Number{{"title", 70, 20, 200}, {"description", 160, 50, 400}}, judge: func(s *subject) verdict {
		return s.everyLang("", func(l text.Lang) bool {
			t := s.Texts[l]
			return t.SEOTitle != "" && length(t.SEOTitle) <= s.n("title") && t.SEODescription != "" && length(t.SEODescription) <= s.n("description")
		})
	}},
	{Code: "forbidden_words", Group: "texts", Field: "texts", Words: []string{"lorem ipsum", "à compléter", "à traduire"}, judge: noneOf},
	{Code: "category", Group: "sorting", Field: "category-choice", judge: func(s *subject) verdict { return is(s.Category != "") }},
	{Code: "maker", Group: "sorting", Field: "maker-choice", judge: func(s *subject) verdict { return is(s.Maker != "") }},
	{Code: "option_labels", Group: "sorting", Field: "variants", judge: func(s *subject) verdict {
		return s.everyLang("", func(l text.Lang) bool {
			return !slices.ContainsFunc(s.Options, func(o Option) bool {
				return o.Labels[l] == "" || slices.ContainsFunc(o.Values, func(v OptionValue) bool { return v.Labels[l] == "" })
			})
		})
	}},
	{Code: "gtin", Group: "sorting", Field: "variants", judge: func(s *subject) verdict {
		return s.every(func(v Variant) bool { return ValidGTIN(v.GTIN) })
	}},
	{Code: "price", Group: "trade", Field: "variants", judge: func(s *subject) verdict {
		return s.every(func(v Variant) bool { return v.Price > 0 })
	}},
	{Code: "price_range", Group: "trade", Field: "variants", Numbers: []Number{{"least", 50, 1, 10_000_00}, {"most", 500_00, 1, 100_000_00}}, judge: func(s *subject) verdict {
		v := s.every(func(v Variant) bool { return int(v.Price) >= s.n("least") && int(v.Price) <= s.n("most") })
		v.params["from"], v.params["to"] = money.Amount(s.n("least")).Decimal(), money.Amount(s.n("most")).Decimal()
		return v
	}},
	{Code: "price_above_cost", Group: "trade", Field: "variants", Numbers: []Number{{"percent", 0, 0, 500}}, judge: func(s *subject) verdict {
		return s.every(func(v Variant) bool {
			rate, _, err := vat.RateOf(s.ClassOf(v), place.Mainland, s.world.Today)
			if err != nil {
				rate = 0
			}
			net, _ := vat.Carve(v.Price, rate)
			return v.Cost == nil || int64(net)*100 > int64(*v.Cost)*int64(100+s.n("percent"))
		})
	}},
	{Code: "vat_class", Group: "trade", Field: "vat_class", judge: func(s *subject) verdict {
		_, known := vat.ParseClass(string(s.VATClass))
		signed, ok := s.Signatures[SignedVAT]
		return is(known && ok && signed.Value == string(s.VATClass))
	}},
	{Code: "stock", Group: "trade", Field: "variants", Numbers: []Number{{"least", 1, 1, 1000}}, judge: func(s *subject) verdict {
		sum := 0
		for _, v := range s.selling() {
			sum += v.Stock - v.Reserved
		}
		return is(sum >= s.n("least"))
	}},
	{Code: "dimensions", Group: "parcel", Field: "variants", judge: func(s *subject) verdict {
		return s.every(func(v Variant) bool { return v.WeightG > 0 && v.LengthMM > 0 && v.WidthMM > 0 && v.HeightMM > 0 })
	}},
	{Code: "deliverable", Group: "parcel", Field: "variants", judge: func(s *subject) verdict {
		return s.every(func(v Variant) bool { return s.world.Deliverable(*s.Product, v) })
	}},
	{Code: "customs_code", Group: "parcel", Field: "customs_code", Numbers: []Number{{"digits", 6, 4, 10}}, judge: func(s *subject) verdict {
		return s.every(func(v Variant) bool {
			digits := 0
			for _, r := range cmp.Or(v.CustomsCode, s.CustomsCode) {
				if r >= '0' && r <= '9' {
					digits++
				}
			}
			return digits >= s.n("digits")
		})
	}},
	{Code: "gift_card", Group: "trade", Field: "family-choice", judge: func(s *subject) verdict { return is(s.Family != "gift_card" || s.VATClass == vat.VoucherMulti) }},
	{Code: "legal_facts", Group: "law", Field: "legal", judge: func(s *subject) verdict {
		missing := slices.DeleteFunc(s.world.Families[s.Family].MissingFacts(s.Content, s.world.Offered), func(m MissingFact) bool { return s.asked(checksOfFacts[m.Code]) })
		return verdict{met: len(missing) == 0, params: map[string]any{"missing": missing}}
	}},
	{Code: "ingredients", Group: "law", Field: "legal", judge: func(s *subject) verdict { return s.said("ingredients_", s.Legal.Ingredients) }},
	{Code: "net_quantity", Group: "law", Field: "net_quantity", judge: func(s *subject) verdict { return is(s.Legal.NetQuantity > 0 && s.Legal.NetUnit != "") }},
	{Code: "origin", Group: "law", Field: "origin_country", judge: func(s *subject) verdict { return is(!slices.Contains(s.Origins(), "")) }},
	{Code: "operator", Group: "law", Field: "manufacturer_name", judge: func(s *subject) verdict {
		return is(s.Legal.Manufacturer.Name != "" && s.Legal.Manufacturer.Address != "")
	}},
	{Code: "alcohol", Group: "law", Field: "alcohol", judge: func(s *subject) verdict { return is(s.Legal.AlcoholTenths > 12) }},
	// What may be said of alcohol is listed by CSP art. L3323-4; these words are outside of it.
	{Code: "alcohol_words", Group: "law", Field: "texts", Words: []string{"bienfait", "bienfaits", "bon pour la santé", "thérapeutique", "énergisant", "dynamisant", "euphorisant", "ivresse", "virilité", "séduction", "réussite sociale",
		"healthy", "good for your health", "therapeutic", "energising", "euphoric", "drunkenness", "manly", "sexy"}, judge: noneOf},
	{Code: "book", Group: "law", Field: "author", judge: func(s *subject) verdict { return is(s.Legal.Author != "" && s.Legal.Publisher != "") }},
	{Code: "isbn", Group: "law", Field: "isbn", judge: func(s *subject) verdict { return is(ValidGTIN(s.Legal.ISBN)) }},
	// A book has one price, that of its publisher, for all who sell it (loi 81-766 art. 1).
	{Code: "book_price", Group: "law", Field: "variants", judge: func(s *subject) verdict {
		variants := s.selling()
		for _, v := range variants {
			if v.Price <= 0 || v.Price != variants[0].Price {
				return is(false)
			}
		}
		return is(len(variants) > 0 && (s.Legal.BookCondition == "new" || s.Legal.BookCondition == "used"))
	}},
	{Code: "manufacturer", Group: "law", Field: "manufacturer_name", judge: func(s *subject) verdict {
		m := s.Legal.Manufacturer
		return is(m.Name != "" && m.Address != "" && m.Contact != "")
	}},
	{Code: "composition", Group: "law", Field: "legal", judge: func(s *subject) verdict { return s.said("composition_", s.Legal.Composition) }},
	{Code: "warnings", Group: "law", Field: "legal", judge: func(s *subject) verdict { return s.said("warnings_", s.Legal.Warnings) }},
	{Code: "review", Group: "trust", Field: "signatures", judge: func(s *subject) verdict {
		signed, ok := s.Signatures[SignedReview]
		return is(ok && signed.Value == Approved && signed.Fingerprint == s.Fingerprint())
	}},
}

// checksOfFacts are the checks that ask for one fact alone: where one of them is on, it speaks of its
// fact, and the check of all facts does not say it twice.
var checksOfFacts = map[string][]string{
	"ingredients": {"ingredients"}, "net_quantity": {"net_quantity"}, "origin": {"origin"}, "alcohol": {"alcohol"}, "author": {"book"}, "publisher": {"book"},
	"isbn": {"isbn"}, "manufacturer": {"manufacturer", "operator"}, "composition": {"composition"}, "warnings": {"warnings"},
}

// asked tells whether one of the checks is asked of the product by a rule of its own.
func (s *subject) asked(codes []string) bool {
	return slices.ContainsFunc(s.rules, func(r Rule) bool { return slices.Contains(codes, r.Check) && r.Applies(s.Family, s.Law) })
}

var checks = map[string]Check{}

func init() {
	for _, c := range checkList {
		checks[c.Code] = c
	}
}

// everyPhoto holds when there is a photograph and each passes; those that do not are named by their
// place.
func (s *subject) everyPhoto(test func(Photo) bool) verdict {
	var missing []string
	for i, p := range s.Photos {
		if !test(p) {
			missing = append(missing, strconv.Itoa(i+1))
		}
	}
	return verdict{met: len(s.Photos) > 0 && missing == nil, params: map[string]any{"places": shortList(missing)}}
}

// noneOf holds when no text says one of the rule's words.
func noneOf(s *subject) verdict {
	forbidden := s.rule.Params.Words
	if forbidden == nil {
		forbidden = checks[s.rule.Check].Words
	}
	found := map[string]bool{}
	v := verdict{}
	for _, lang := range slices.Sorted(maps.Keys(s.Texts)) {
		t := s.Texts[lang]
		said := strings.ToLower(strings.Join([]string{t.Name, t.Short, t.Description, t.SEOTitle, t.SEODescription}, "\n"))
		for _, word := range forbidden {
			if !saysWord(said, strings.ToLower(strings.TrimSpace(word))) {
				continue
			}
			found[word] = true
			if v.field == "" {
				v.field = "description_" + string(lang)
			}
		}
	}
	v.met, v.params = len(found) == 0, map[string]any{"words": shortList(slices.Sorted(maps.Keys(found)))}
	return v
}

// saysWord tells whether a text has a word as a whole; both are in small letters.
func saysWord(text, word string) bool {
	if word == "" {
		return false
	}
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(word):])
		if !unicode.IsLetter(before) && !unicode.IsLetter(after) {
			return true
		}
		from = at + len(word)
	}
}
