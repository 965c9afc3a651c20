package catalog_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
	"boutique/internal/text"
)

func TestTextsOfTwoEditorsAreBroughtTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, base, mine, theirs, want string
		ok                             bool
	}{
		{"only mine", "a\nb\n", "a\nB\n", "a\nb\n", "a\nB\n", true},
		{"only theirs", "a\nb\n", "a\nb\n", "A\nb\n", "A\nb\n", true},
		{"both the same", "a\n", "b\n", "b\n", "b\n", true},
		{"other lines", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n", true},
		{"a line more at each end", "b\n", "a\nb\n", "b\nc\n", "a\nb\nc\n", true},
		{"the same line, each in its own way", "a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n", "a\nX\nc\n", false},
		{"taken away and changed", "a\nb\nc\n", "a\nc\n", "a\nB\nc\n", "a\nc\n", false},
		{"from nothing", "", "a", "b", "a", false},
	} {
		if got, ok := catalog.MergeText(c.base, c.mine, c.theirs); got != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v", c.name, got, ok)
		}
	}
}

func FuzzADiffHoldsBothTexts(f *testing.F) {
	f.Add("Un mug blanc.", "Un grand mug, blanc !")
	f.Add("", "é\xff")
	f.Fuzz(func(t *testing.T, before, after string) {
		var a, b strings.Builder
		for _, part := range catalog.Diff(before, after) {
			if !part.Added {
				a.WriteString(part.Text)
			}
			if !part.Removed {
				b.WriteString(part.Text)
			}
		}
		if a.String() != before || b.String() != after {
			t.Errorf("%q and %q became %q and %q", before, after, a.String(), b.String())
		}
		catalog.MergeText(before, after, before+after)
	})
}

func TestEveryRevisionIsKeptComparedAndRestored(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	texts := func(fr, en string) map[text.Lang]catalog.Text {
		return map[text.Lang]catalog.Text{text.FR: {Name: "Mug", Description: fr}, text.EN: {Name: "Mug", Description: en}}
	}
	first, err := s.CreateProduct(ctx, catalog.Content{Slug: "mug", Family: "tableware", VATClass: "standard", Texts: texts("un\ndeux\ntrois", "one"), Variants: []catalog.Variant{{SKU: "MUG", Price: 1290}}}, "camille")
	if err != nil {
		t.Fatal(err)
	}
	edit := func(version int, who string, change func(*catalog.Content) error) (catalog.Product, error) {
		return s.UpdateProduct(ctx, "mug", version, who, change)
	}
	describe := func(fr string) func(*catalog.Content) error {
		return func(c *catalog.Content) error {
			said := c.Texts[text.FR]
			said.Description = fr
			c.Texts[text.FR] = said
			return nil
		}
	}
	second, err := edit(first.Version, "karim", describe("UN\ndeux\ntrois"))
	if err != nil {
		t.Fatal(err)
	}
	if !second.Outdated(text.EN) || second.Outdated(text.FR) || first.Outdated(text.EN) {
		t.Error("a translation is outdated when its source is newer")
	}
	if err := s.ConfirmTranslation(ctx, "mug", text.EN, "karim"); err != nil {
		t.Fatal(err)
	}
	if p, err := catalog.GetProduct(ctx, pool, "mug"); err != nil || p.Outdated(text.EN) {
		t.Errorf("a confirmed translation is outdated, %v", err)
	}
	// The second editor started from the first version: they are told what changed, and lose nothing.
	_, err = edit(first.Version, "léa", describe("un\ndeux\nTROIS"))
	f, _ := fault.As(err)
	if f == nil || f.Kind != fault.Stale || f.Params["by"] != "karim" {
		t.Fatalf("%v", err)
	}
	typed := first.Content
	typed.Texts = texts("un\ndeux\nTROIS", "one")
	m, err := s.MergeEdit(ctx, "mug", first.Version, typed)
	if err != nil || len(m.Conflicts) != 0 || len(m.Theirs) != 1 || m.Theirs[0].Place != "texts.fr.description" || m.Content.Texts[text.FR].Description != "UN\ndeux\nTROIS" {
		t.Fatalf("%+v, %v", m, err)
	}
	typed.Texts = texts("1\ndeux\ntrois", "one")
	if m, err = s.MergeEdit(ctx, "mug", first.Version, typed); err != nil || len(m.Conflicts) != 1 || m.Conflicts[0].After != "UN\ndeux\ntrois" || m.Content.Texts[text.FR].Description != "1\ndeux\ntrois" {
		t.Fatalf("%+v, %v", m, err)
	}
	// What is no text of editors' is no revision.
	if _, err := edit(0, "karim", func(c *catalog.Content) error { c.Variants[0].WeightG = 400; return nil }); err != nil {
		t.Fatal(err)
	}
	list, err := catalog.Revisions(ctx, pool, first.ID, 1<<30, 10)
	if err != nil || len(list) != 2 || list[0].Author != "karim" || list[1].Author != "camille" {
		t.Fatalf("%+v, %v", list, err)
	}
	restored, err := s.RestoreRevision(ctx, "mug", 1, "camille")
	if err != nil || restored.Texts[text.FR].Description != "un\ndeux\ntrois" || restored.Variants[0].WeightG != 400 {
		t.Fatalf("%+v, %v", restored, err)
	}
	if _, err := s.RestoreRevision(ctx, "mug", 77, "camille"); !fault.Is(err, "revision_not_found") {
		t.Error(err)
	}
	// What is typed is kept until it is saved or given up.
	if err := s.SaveDraft(ctx, "mug", restored.Version, typed, "léa"); err != nil {
		t.Fatal(err)
	}
	if d, err := catalog.DraftOf(ctx, pool, first.ID, "léa"); err != nil || d == nil || d.Content.Texts[text.FR].Description != "1\ndeux\ntrois" {
		t.Fatalf("%+v, %v", d, err)
	}
	if err := s.DropDraft(ctx, "mug", "léa"); err != nil {
		t.Fatal(err)
	}
	if d, err := catalog.DraftOf(ctx, pool, first.ID, "léa"); err != nil || d != nil {
		t.Fatalf("%+v, %v", d, err)
	}
	mustHold(t, pool)
}

// What the shop's own file says of facts and texts comes back as it left, and a file that says nothing
// of them leaves them alone.
func TestFactsGoOutAndComeBackUnchanged(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	csv := mug("mug", "MUG", "12,90", 7)
	seed(t, s, csv)
	said := func(fr string) map[text.Lang]string { return map[text.Lang]string{text.FR: fr, text.NL: fr} }
	before, err := s.UpdateProduct(ctx, "mug", 0, "camille", func(c *catalog.Content) error {
		c.Legal.Responsible = catalog.Manufacturer{Name: "R", Address: "A", Contact: "r@example.org"}
		c.Legal.Identifier, c.Legal.Withdrawal, c.Legal.AgeMonths = "Lot 7", "hygiene", 36
		c.Legal.Storage, c.Legal.Use, c.Legal.Care = said("Au sec."), said("Boire."), said("À la main.")
		c.Legal.Nutrition = catalog.Nutrition{EnergyKJ: 1850, EnergyKcal: 442, Fat: 2200, Saturates: 910, Carbohydrate: 5530, Sugars: 3020, Protein: 560, Salt: 25}
		fr := c.Texts[text.FR]
		fr.SEOTitle, fr.SEODescription = "Mug du beffroi", "Fait à Beffroy"
		c.Texts[text.FR] = fr
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	if err := catalog.WriteProducts(ctx, pool, &file, sheet.CSV); err != nil {
		t.Fatal(err)
	}
	// The photographs are named by their SHA-256, which the folder does not know.
	exported := strings.NewReplacer(before.Photos[0].SHA256+".jpg", "magnet.jpg").Replace(file.String())
	for name, again := range map[string]string{"exported": exported, "without the columns": heads + csv} {
		r, err := s.Import(ctx, strings.NewReader(again), catalog.ImportOptions{Actor: "test", Photos: photos})
		if err != nil || r.Unchanged != 1 || len(r.Issues) > 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if _, err := s.UpdateProduct(ctx, "mug", 0, "camille", func(c *catalog.Content) error { c.Legal = catalog.LegalFacts{}; return nil }); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Import(ctx, strings.NewReader(exported), catalog.ImportOptions{Actor: "test", Photos: photos}); err != nil || r.Changed != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	after, err := catalog.GetProduct(ctx, pool, "mug")
	if err != nil || !reflect.DeepEqual(after.Legal, before.Legal) {
		t.Errorf("%+v became %+v, %v", before.Legal, after.Legal, err)
	}
	bad := strings.Replace(exported, "1850|442|", "1850|", 1)
	if r, err := s.Import(ctx, strings.NewReader(bad), catalog.ImportOptions{Actor: "test", Photos: photos}); err != nil || len(r.Issues) != 1 || r.Issues[0].Column != "nutrition" {
		t.Errorf("%+v, %v", r, err)
	}
}
