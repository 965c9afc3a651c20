package catalog_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"boutique/catalog"
	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
	"boutique/internal/vat"
)

func TestTheListHasWordsInEveryLanguageForEveryCheck(t *testing.T) {
	t.Parallel()
	list := catalog.Checks()
	if len(list) < 25 {
		t.Errorf("only %d checks", len(list))
	}
	seen := map[string]bool{}
	for _, check := range list {
		if seen[check.Code] {
			t.Errorf("%s stands in the list twice", check.Code)
		}
		seen[check.Code] = true
		rule := catalog.Rule{Code: check.Code, Check: check.Code, Level: catalog.Blocking, Scope: catalog.EveryFamily, Params: catalog.Params{Numbers: map[string]int{}}}
		for _, n := range check.Numbers {
			rule.Params.Numbers[n.Name] = n.Default
			if n.Default < n.Least || n.Default > n.Most {
				t.Errorf("%s: the default of %s lies outside of its own bounds", check.Code, n.Name)
			}
		}
		for _, c := range judge(rule).Judge(context.Background(), catalog.Product{Content: catalog.Content{Family: "gift_card"}}) {
			for _, lang := range text.Offered() {
				for _, said := range []string{c.Name(lang), c.ToDo(lang)} {
					if strings.HasPrefix(said, "[") || strings.Contains(said, "no value") {
						t.Errorf("%s is said in %s: %s", c.Code, lang, said)
					}
				}
			}
		}
	}
}

func judge(rules ...catalog.Rule) *catalog.Judge {
	return &catalog.Judge{Rules: rules, World: catalog.World{Offered: text.Offered(), Spoken: text.Offered(), Families: map[string]catalog.Family{"tableware": {Code: "tableware", Follows: "tableware", Required: []string{"author", "warnings"}, Shots: []catalog.Shot{{Code: "front", Labels: catalog.Labels{text.FR: "De face"}}}}}, Today: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), Deliverable: func(catalog.Product, catalog.Variant) bool { return true }}}
}

// good is a product that meets every check.
func good() catalog.Product {
	cost := money.Amount(500)
	texts, alts, said := map[text.Lang]catalog.Text{}, map[text.Lang]string{}, map[text.Lang]string{}
	labels := catalog.Labels{}
	for _, lang := range text.Offered() {
		texts[lang] = catalog.Text{Name: "Mug " + string(lang), Short: "Un mug de la ville, en céramique " + string(lang), Description: text80 + string(lang), SEOTitle: "Mug", SEODescription: "Un mug."}
		alts[lang], said[lang], labels[lang] = "Un mug", "100 % coton", "Taille"
	}
	p := catalog.Product{Content: catalog.Content{
		Slug: "mug", Family: "tableware", Category: "table", Maker: "poterie", VATClass: vat.Standard, OriginCountry: "FR", CustomsCode: "69120025", Texts: texts,
		Options:  []catalog.Option{{Code: "taille", Labels: labels, Values: []catalog.OptionValue{{Code: "s", Labels: labels}}}},
		Variants: []catalog.Variant{{SKU: "MUG", GTIN: "4006381333931", Price: 1290, Cost: &cost, WeightG: 380, LengthMM: 120, WidthMM: 90, HeightMM: 100, Stock: 5, Values: []string{"s"}}},
		Legal: catalog.LegalFacts{Manufacturer: catalog.Manufacturer{Name: "Poterie", Address: "1 rue du Four", Contact: "a@b.example"}, Warnings: said, Ingredients: said, Composition: said,
			NetQuantity: 100, NetUnit: "g", AlcoholTenths: 65, Author: "A", Publisher: "B", ISBN: "9782070360024", BookCondition: "new"},
	}, Photos: []catalog.Photo{{SHA256: "a", Width: 1600, Height: 1600, Alts: alts, View: "front", Quality: &catalog.Quality{Sharpness: 60, Bright: 220, Dark: 40}}}}
	p.Signatures = map[string]catalog.Signature{
		catalog.SignedVAT:    {What: catalog.SignedVAT, Value: string(vat.Standard), Actor: "a"},
		catalog.SignedReview: {What: catalog.SignedReview, Value: catalog.Approved, Fingerprint: p.Fingerprint(), Actor: "b"},
	}
	return p
}

// Each check is met by what it asks for, and not by what lacks it.
func TestEachCheckFindsWhatItLooksFor(t *testing.T) {
	t.Parallel()
	for code, lacking := range map[string]func(*catalog.Product){
		"photo":            func(p *catalog.Product) { p.Photos = nil },
		"photo_resolution": func(p *catalog.Product) { p.Photos[0].Height = 900 },
		"photo_shape":      func(p *catalog.Product) { p.Photos[0].Height = 1000 },
		"shot_list":        func(p *catalog.Product) { p.Photos[0].View = "back" },
		"photo_sharpness":  func(p *catalog.Product) { p.Photos[0].Quality.Sharpness = 20 },
		"photo_light":      func(p *catalog.Product) { p.Photos[0].Quality.Bright = 90 },
		"photo_ground":     func(p *catalog.Product) { p.Photos[0].Quality.GroundDetail = 40 },
		"photo_licence": func(p *catalog.Product) {
			ended := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
			p.Photos[0].LicenceUntil = &ended
		},
		"alt_text": func(p *catalog.Product) { p.Photos[0].Alts = map[text.Lang]string{text.FR: "Un mug"} },
		"name":     func(p *catalog.Product) { delete(p.Texts, text.EN) },
		"short": func(p *catalog.Product) {
			p.Texts[text.FR] = catalog.Text{Name: "Mug", Short: "Un mug.", Description: text80}
		},
		"description":      func(p *catalog.Product) { p.Texts[text.FR] = catalog.Text{Name: "Mug"} },
		"all_languages":    func(p *catalog.Product) { delete(p.Texts, text.NL) },
		"translated":       func(p *catalog.Product) { p.Texts[text.EN] = p.Texts[text.FR] },
		"seo":              func(p *catalog.Product) { p.Texts[text.EN] = catalog.Text{SEOTitle: "Mug"} },
		"forbidden_words":  func(p *catalog.Product) { p.Texts[text.EN] = catalog.Text{Short: "Lorem Ipsum dolor"} },
		"category":         func(p *catalog.Product) { p.Category = "" },
		"maker":            func(p *catalog.Product) { p.Maker = "" },
		"option_labels":    func(p *catalog.Product) { p.Options[0].Values[0].Labels = catalog.Labels{text.FR: "S"} },
		"gtin":             func(p *catalog.Product) { p.Variants[0].GTIN = "" },
		"price":            func(p *catalog.Product) { p.Variants[0].Price = 0 },
		"price_range":      func(p *catalog.Product) { p.Variants[0].Price = 129_000 },
		"price_above_cost": func(p *catalog.Product) { p.Variants[0].Price = 600 },
		"vat_class":        func(p *catalog.Product) { p.VATClass = vat.Food },
		"stock":            func(p *catalog.Product) { p.Variants[0].Reserved = 5 },
		"dimensions":       func(p *catalog.Product) { p.Variants[0].WidthMM = 0 },
		"deliverable":      func(p *catalog.Product) { p.Variants[0].Retired = true },
		"customs_code":     func(p *catalog.Product) { p.CustomsCode = "6912" },
		"gift_card":        func(p *catalog.Product) { p.Family = "gift_card" },
		"ingredients":      func(p *catalog.Product) { p.Legal.Ingredients = nil },
		"net_quantity":     func(p *catalog.Product) { p.Legal.NetUnit = "" },
		"origin":           func(p *catalog.Product) { p.OriginCountry = "" },
		"operator":         func(p *catalog.Product) { p.Legal.Manufacturer.Address = "" },
		"alcohol":          func(p *catalog.Product) { p.Legal.AlcoholTenths = 0 },
		"alcohol_words":    func(p *catalog.Product) { p.Texts[text.FR] = catalog.Text{Short: "Une bière aux mille bienfaits."} },
		"book":             func(p *catalog.Product) { p.Legal.Author = "" },
		"isbn":             func(p *catalog.Product) { p.Legal.ISBN = "9782070360025" },
		"book_price": func(p *catalog.Product) {
			p.Variants = append(p.Variants, catalog.Variant{SKU: "M2", Price: 1390})
		},
		"manufacturer": func(p *catalog.Product) { p.Legal.Manufacturer.Contact = "" },
		"composition":  func(p *catalog.Product) { p.Legal.Composition = nil },
		"warnings":     func(p *catalog.Product) { delete(p.Legal.Warnings, text.EN) },
		"legal_facts":  func(p *catalog.Product) { p.Legal.Author = "" },
		"review":       func(p *catalog.Product) { p.Texts[text.FR] = catalog.Text{Name: "Autre mug"} },
	} {
		j := judge(catalog.Rule{Code: code, Check: code, Level: catalog.Blocking, Scope: catalog.EveryFamily})
		if list := j.Judge(context.Background(), good()); len(list) != 1 || !list[0].Met || catalog.Score(list) != 100 {
			t.Errorf("%s is not met by a good product: %+v", code, list)
		}
		p := good()
		lacking(&p)
		if list := j.Judge(context.Background(), p); len(list) != 1 || list[0].Met || catalog.Score(list) != 0 {
			t.Errorf("%s is met by a product that lacks it", code)
		}
	}
	for _, c := range catalog.Checks() {
		j := judge(catalog.Rule{Code: c.Code, Check: c.Code, Level: catalog.Advisory, Scope: catalog.OnlyFamilies, Families: []string{"toy"}})
		if list := j.Judge(context.Background(), good()); len(list) != 0 {
			t.Errorf("%s for toys asks something of a mug", c.Code)
		}
	}
}

func TestAFactIsAskedForOnceAndByName(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	facts := catalog.Rule{Code: "legal_facts", Check: "legal_facts", Level: catalog.Blocking, Scope: catalog.EveryFamily}
	warnings := catalog.Rule{Code: "warnings", Check: "warnings", Level: catalog.Blocking, Scope: catalog.OnlyFamilies, Families: []string{"toy"}}
	p := good()
	delete(p.Legal.Warnings, text.EN)
	if list := judge(facts, warnings).Judge(ctx, p); len(list) != 1 || list[0].Met || !strings.Contains(list[0].ToDo(text.EN), "warnings (en)") {
		t.Errorf("%+v", list)
	}
	p.Law = "toy"
	if list := judge(facts, warnings).Judge(ctx, p); len(list) != 2 || !list[0].Met || list[1].Met {
		t.Errorf("%+v", list)
	}
}

func ruleOf(t *testing.T, s *catalog.Service, code string) catalog.Rule {
	t.Helper()
	list, _, err := catalog.Rules(context.Background(), s.Pool)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(list, func(r catalog.Rule) bool { return r.Code == code })
	if at < 0 {
		t.Fatalf("there is no rule %s", code)
	}
	return list[at]
}

func failing(t *testing.T, s *catalog.Service, slug string) []string {
	t.Helper()
	p, err := catalog.GetProduct(context.Background(), s.Pool, slug)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Criteria(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, c := range catalog.Failing(list) {
		codes = append(codes, c.Code)
	}
	return codes
}

func TestARuleIsChangedWithItsEffectInSight(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := service(t, pgtest.DB(t))
	seed(t, s, mug("mug", "MUG", "12,90", 5)+withoutPhoto(mug("mug-2", "MUG2", "12,90", 5)))
	if got := failing(t, s, "mug"); got != nil {
		t.Fatalf("the mug lacks %v", got)
	}
	rule := ruleOf(t, s, "photo")
	rule.Params.Numbers["least"] = 2
	effect, err := s.Effect(ctx, rule)
	if err != nil || effect.Judged != 2 || effect.Fails != 1 || effect.Online != 1 || effect.Mends != 0 || effect.Failing[0].Slug != "mug" || !strings.Contains(effect.Failing[0].ToDo[text.FR], "2") {
		t.Fatalf("%+v, %v", effect, err)
	}
	if got := failing(t, s, "mug"); got != nil {
		t.Errorf("looking at a rule's effect changes it: %v", got)
	}
	saved, err := s.SaveRule(ctx, rule, "a")
	if err != nil || saved.Version != 2 || saved.UpdatedBy != "a" {
		t.Fatalf("%+v, %v", saved, err)
	}
	if got := failing(t, s, "mug"); !slices.Equal(got, []string{"photo"}) {
		t.Errorf("the mug with one photograph lacks %v", got)
	}
	if _, err := s.SaveRule(ctx, rule, "b"); !fault.Is(err, "criterion_changed") {
		t.Errorf("a stale change: %v", err)
	}
	saved.Scope, saved.Families = catalog.OnlyFamilies, []string{"toy"}
	if effect, err := s.Effect(ctx, saved); err != nil || effect.Mends != 2 || effect.Fails != 0 {
		t.Errorf("%+v, %v", effect, err)
	}
	another := catalog.Rule{Check: "photo", Level: catalog.Advisory, Scope: catalog.OnlyFamilies, Families: []string{"book"}, Params: catalog.Params{Numbers: map[string]int{"least": 3}}}
	if r, err := s.SaveRule(ctx, another, "a"); err != nil || r.Code != "photo-book-only" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := s.SaveRule(ctx, another, "a"); !fault.Is(err, "criterion_taken") {
		t.Errorf("the same rule twice: %v", err)
	}
	another.Params.Numbers["least"] = 900
	if _, err := s.SaveRule(ctx, another, "a"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("900 photographs: %v", err)
	}
	mustHold(t, s.Pool)
}

func own(expression string) catalog.Rule {
	r := catalog.Rule{Check: catalog.OwnExpression, Expression: expression, Level: catalog.Blocking, Scope: catalog.EveryFamily, Sentences: map[text.Lang]catalog.Sentence{}}
	for _, lang := range text.Offered() {
		r.Sentences[lang] = catalog.Sentence{Name: "Assez lourd " + string(lang), ToDo: "Prenez plus lourd."}
	}
	return r
}

func TestAnOfficeWritesItsOwnRule(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := service(t, pgtest.DB(t))
	seed(t, s, mug("mug", "MUG", "12,90", 5)+mug("mug-2", "MUG2", "12,90", 5))
	_, err := s.SaveRule(ctx, own("product.variants.all(v, v.weigth_g > 400)"), "a")
	f, ok := fault.As(err)
	if !ok || len(f.Fields) != 1 || f.Fields[0].Place != "expression" || f.Fields[0].Params["column"] != 26 {
		t.Fatalf("%v", err)
	}
	silent := own("true")
	silent.Sentences[text.EN] = catalog.Sentence{}
	if _, err := s.SaveRule(ctx, silent, "a"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a rule without its words: %v", err)
	}
	saved, err := s.SaveRule(ctx, own("product.variants.all(v, v.weight_g > 400)"), "a")
	if err != nil || saved.Code != "own-assez-lourd-fr" {
		t.Fatalf("%+v, %v", saved, err)
	}
	if got := failing(t, s, "mug"); !slices.Equal(got, []string{saved.Code}) {
		t.Errorf("a light mug lacks %v", got)
	}
	saved.Expression = `product.short["nl"].size() > 3`
	if saved, err = s.SaveRule(ctx, saved, "a"); err != nil {
		t.Fatal(err)
	}
	p, err := catalog.GetProduct(ctx, s.Pool, "mug")
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Criteria(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	last := list[len(list)-1]
	if last.Met || last.Unjudged == "" || !strings.Contains(last.ToDo(text.EN), "could not be judged") {
		t.Errorf("what cannot be judged is %+v", last)
	}
}

func TestNobodySignsTheirOwnWork(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := service(t, pgtest.DB(t))
	seed(t, s, mug("mug", "MUG", "12,90", 5))
	review := ruleOf(t, s, "review")
	review.Level = catalog.Blocking
	if _, err := s.SaveRule(ctx, review, "a"); err != nil {
		t.Fatal(err)
	}
	version := func() int {
		p, err := catalog.GetProduct(ctx, s.Pool, "mug")
		if err != nil {
			t.Fatal(err)
		}
		return p.Version
	}
	rename := func(name, actor string) {
		t.Helper()
		if _, err := s.UpdateProduct(ctx, "mug", 0, actor, func(c *catalog.Content) error {
			said := c.Texts[text.FR]
			said.Name = name
			c.Texts[text.FR] = said
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	rename("Grand mug", "zoe")
	if err := s.Review(ctx, "mug", version(), catalog.Approved, "", "zoe"); !fault.Is(err, "own_work") {
		t.Errorf("the author signs: %v", err)
	}
	if err := s.Review(ctx, "mug", version()-1, catalog.Approved, "", "karim"); !fault.Is(err, "product_changed") {
		t.Errorf("a stale review: %v", err)
	}
	if err := s.Review(ctx, "mug", version(), catalog.Returned, "", "karim"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("returned without a word: %v", err)
	}
	if err := s.Review(ctx, "mug", version(), catalog.Approved, "Bien.", "karim"); err != nil {
		t.Fatal(err)
	}
	if got := failing(t, s, "mug"); got != nil {
		t.Errorf("the signed mug lacks %v", got)
	}
	if err := s.SetPrice(ctx, "MUG", 1390, time.Time{}, "zoe"); err != nil {
		t.Fatal(err)
	}
	if got := failing(t, s, "mug"); got != nil {
		t.Errorf("a price takes the signature away: %v", got)
	}
	rename("Petit mug", "lea")
	if got := failing(t, s, "mug"); !slices.Equal(got, []string{"review"}) {
		t.Errorf("the changed mug lacks %v", got)
	}
	if err := s.Review(ctx, "mug", version(), catalog.Returned, "Le nom d’avant était bon.", "zoe"); err != nil {
		t.Errorf("whose work was approved since may review the next: %v", err)
	}
	p, err := catalog.GetProduct(ctx, s.Pool, "mug")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := catalog.Signatures(ctx, s.Pool, p.ID)
	if err != nil || len(signed) != 4 || signed[0].Value != catalog.Returned || signed[0].Actor != "zoe" || signed[3].What != catalog.SignedVAT {
		t.Errorf("%+v, %v", signed, err)
	}
}

func TestWhatIsOnlineAndStopsMeetingARuleIsFlaggedNotTakenDown(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := service(t, pgtest.DB(t))
	seed(t, s, mug("mug", "MUG", "12,90", 5)+withoutPhoto(mug("mug-2", "MUG2", "12,90", 5)))
	flagged := func() []catalog.Flagged {
		t.Helper()
		if _, err := s.Rejudge(ctx); err != nil {
			t.Fatal(err)
		}
		list, count, err := catalog.ListFlagged(ctx, s.Pool, 10)
		if err != nil || count != len(list) {
			t.Fatal(count, err)
		}
		return list
	}
	if list := flagged(); list != nil {
		t.Errorf("%+v", list)
	}
	if n, err := s.Rejudge(ctx); n != 0 || err != nil {
		t.Errorf("%d products are judged again for nothing, %v", n, err)
	}
	if _, err := s.UpdateProduct(ctx, "mug", 0, "a", func(c *catalog.Content) error { c.Category = ""; return nil }); err != nil {
		t.Fatal(err)
	}
	list := flagged()
	if len(list) != 1 || list[0].Slug != "mug" || !slices.Equal(list[0].Failing, []string{"category"}) || list[0].Score >= 100 {
		t.Fatalf("%+v", list)
	}
	if p, err := catalog.GetProduct(ctx, s.Pool, "mug"); err != nil || p.State != catalog.Published {
		t.Errorf("the mug is %s, %v", p.State, err)
	}
	since := list[0].Since
	rule := ruleOf(t, s, "maker")
	rule.Level = catalog.Blocking
	if _, err := s.SaveRule(ctx, rule, "a"); err != nil {
		t.Fatal(err)
	}
	if list := flagged(); len(list) != 1 || !list[0].Since.Equal(since) {
		t.Errorf("%+v", list)
	}
	if _, err := s.UpdateProduct(ctx, "mug", 0, "a", func(c *catalog.Content) error { c.Category = "table"; return nil }); err != nil {
		t.Fatal(err)
	}
	if list := flagged(); list != nil {
		t.Errorf("%+v", list)
	}
	mustHold(t, s.Pool)
}

func TestAPlannedPublicationIsCheckedAgainAtItsHour(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := service(t, pgtest.DB(t))
	seed(t, s, strings.ReplaceAll(mug("mug", "MUG", "12,90", 5)+mug("mug-2", "MUG2", "12,90", 5), ";yes\n", ";no\n"))
	// Deadlines compare with the database's clock; that of the service stands far back, so that a
	// plan's hour may have come already.
	s.Clock = clock.At(time.Now().Add(-48 * time.Hour))
	hour := time.Now().Add(-time.Hour)
	for _, slug := range []string{"mug", "mug-2"} {
		if err := s.PlanPublication(ctx, slug, hour.Add(-time.Hour), "zoe"); err != nil {
			t.Fatal(err)
		}
		if err := s.PlanPublication(ctx, slug, hour, "zoe"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.UpdateProduct(ctx, "mug-2", 0, "a", func(c *catalog.Content) error { c.Variants[0].WeightG = 0; return nil }); err != nil {
		t.Fatal(err)
	}
	if n, err := s.PublishDue(ctx); n != 2 || err != nil {
		t.Fatalf("%d plans are due, %v", n, err)
	}
	for slug, want := range map[string]string{"mug": catalog.Published, "mug-2": catalog.Draft} {
		if p, err := catalog.GetProduct(ctx, s.Pool, slug); err != nil || p.State != want {
			t.Errorf("%s is %s, %v", slug, p.State, err)
		}
	}
	plans, err := catalog.ListPlans(ctx, s.Pool, 10)
	if err != nil || len(plans) != 1 || plans[0].Slug != "mug-2" || plans[0].State != catalog.PlanRefused || !slices.Equal(plans[0].Failing, []string{"dimensions"}) {
		t.Errorf("%+v, %v", plans, err)
	}
	if n, err := s.PublishDue(ctx); n != 0 || err != nil {
		t.Errorf("%d plans are answered twice, %v", n, err)
	}
	if err := s.PlanPublication(ctx, "mug-2", hour.Add(-100*24*time.Hour), "zoe"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a plan for yesterday: %v", err)
	}
	if err := s.PlanPublication(ctx, "mug", hour, "zoe"); !fault.Is(err, "already_published") {
		t.Errorf("a plan for what is online: %v", err)
	}
	mustHold(t, s.Pool)
}

func BenchmarkChecklist(b *testing.B) {
	p := good()
	var rules []catalog.Rule
	for _, c := range catalog.Checks() {
		rules = append(rules, catalog.Rule{Code: c.Code, Check: c.Code, Level: catalog.Blocking, Scope: catalog.EveryFamily})
	}
	j := judge(rules...)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		j.Judge(ctx, p)
	}
}

// BenchmarkRejudge judges ten thousand products anew after a rule has changed: read, judged, kept.
func BenchmarkRejudge(b *testing.B) {
	ctx := context.Background()
	s := service(b, pgtest.DB(b))
	var csv strings.Builder
	const products = 10_000
	for n := range products {
		csv.WriteString(withoutPhoto(mug(fmt.Sprintf("mug-%d", n), fmt.Sprintf("MUG-%d", n), "12,90", 5)))
	}
	seed(b, s, strings.ReplaceAll(csv.String(), ";yes\n", ";no\n"))
	if _, err := s.SaveRule(ctx, own("product.variants.all(v, v.weight_g > 400) || size(product.photos) > 2"), "a"); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		rules, _, err := catalog.Rules(ctx, s.Pool)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.SaveRule(ctx, rules[0], "a"); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if n, err := s.Rejudge(ctx); n != products || err != nil {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/10000")
}
