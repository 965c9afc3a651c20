package catalog_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"unicode/utf8"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

// named is a published article with these names, as rows of the importer.
func named(slug, fr, en, price string, stock int) string {
	return fmt.Sprintf("%s;tableware;table;poterie;standard;%s;%s;Un article de la ville, fait ici.;An article of the town, made here.;%s;%s;%s;%s;380;120;90;100;%d;Poterie;1 rue du Four;a@b.example;;;;;;;;;\n",
		slug, fr, en, text80, text80, slug+"-1", price, stock)
}

func publishAll(t testing.TB, s *catalog.Service) {
	t.Helper()
	if _, err := s.Pool.Exec(context.Background(), "update product set state = 'published', published_at = now() - id * interval '1 minute'; update catalog_version set version = version + 1"); err != nil {
		t.Fatal(err)
	}
}

func shelfOf(t testing.TB, s *catalog.Service) *catalog.Shelf {
	t.Helper()
	publishAll(t, s)
	shelf := newShelf(s.Pool)
	if err := shelf.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	return shelf
}

func slugs(items []*catalog.Item) []string {
	var list []string
	for _, i := range items {
		list = append(list, i.Slug)
	}
	slices.Sort(list)
	return list
}

func TestASearchForgivesAccentsPluralsAndSlips(t *testing.T) {
	t.Parallel()
	s := service(t, pgtest.DB(t))
	seed(t, s, named("theiere", "Théière émaillée", "Enamel teapot", "24,00", 2)+named("cheval", "Cheval de bois", "Wooden horse", "12,00", 2)+
		named("couteau", "Couteau d’office", "Paring knife", "8,00", 2)+named("beffroi", "Puzzle du beffroi", "Belfry jigsaw", "15,00", 0))
	shelf := shelfOf(t, s)
	for _, c := range []struct {
		lang  text.Lang
		query string
		want  []string
	}{
		{text.FR, "théière", []string{"theiere"}}, {text.FR, "THEIERES", []string{"theiere"}}, {text.FR, "the\u0301ie\u0300re", []string{"theiere"}},
		{text.FR, "teière", []string{"theiere"}}, {text.FR, "chevaux", []string{"cheval"}}, {text.FR, "couteaux", []string{"couteau"}},
		{text.FR, "beffori", []string{"beffroi"}}, {text.FR, "befroi puzle", []string{"beffroi"}}, {text.FR, "emaillees", []string{"theiere"}},
		{text.EN, "teapots", []string{"theiere"}}, {text.EN, "knives", []string{"couteau"}}, {text.EN, "horsse", []string{"cheval"}}, {text.EN, "jig", []string{"beffroi"}},
		{text.FR, "zzzz", nil}, {text.FR, "le de la", nil}, {text.FR, "cheval-1", []string{"cheval"}},
	} {
		if got := slugs(shelf.List(catalog.Filter{Lang: c.lang, Query: c.query}).Items); !slices.Equal(got, c.want) {
			t.Errorf("%s %q finds %v, not %v", c.lang, c.query, got, c.want)
		}
	}
}

func TestTheOfficesSynonymsFindEachOther(t *testing.T) {
	t.Parallel()
	ctx, s := context.Background(), service(t, pgtest.DB(t))
	seed(t, s, named("mug", "Mug Beffroi", "Belfry mug", "12,00", 2)+named("bol", "Bol breton", "Breton bowl", "9,00", 2))
	for typed, code := range map[string]string{"mug": "synonyms_count", "mug, Mugs, MUG": "synonyms_count", "le, la": "synonyms_count", "": "synonyms_count", "a\x00b, c": "not_text"} {
		if err := s.AddSynonym(ctx, text.FR, typed, "test"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v, want %s", typed, err, code)
		}
	}
	if err := s.AddSynonym(ctx, text.FR, "mug, chope, grande tasse", "test"); err != nil {
		t.Fatal(err)
	}
	shelf := shelfOf(t, s)
	for query, want := range map[string]int{"chope": 1, "chopes": 1, "grandes tasses": 1, "grande tasse beffroi": 1, "mug": 1, "bol": 1} {
		if got := shelf.List(catalog.Filter{Lang: text.FR, Query: query}); len(got.Items) != want {
			t.Errorf("%q finds %v", query, slugs(got.Items))
		}
	}
	list, err := catalog.Synonyms(ctx, s.Pool)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := s.RemoveSynonym(ctx, list[0].ID, "test"); err != nil {
		t.Fatal(err)
	}
	if err := shelf.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if got := shelf.List(catalog.Filter{Lang: text.FR, Query: "chope"}); got.Total != 0 {
		t.Errorf("what was taken back still finds %v", slugs(got.Items))
	}
}

func TestFacetsCountWhatEachChoiceWouldShow(t *testing.T) {
	t.Parallel()
	s := service(t, pgtest.DB(t))
	seed(t, s, named("a", "Mug un", "Mug one", "5,00", 2)+named("b", "Mug deux", "Mug two", "15,00", 0)+named("c", "Mug trois", "Mug three", "15,00", 4)+named("d", "Bol", "Bowl", "60,00", 4))
	shelf := shelfOf(t, s)
	got := shelf.List(catalog.Filter{Lang: text.FR, Query: "mug", Price: "10-20", AvailableOnly: true})
	if got.Total != 1 || got.Items[0].Slug != "c" || got.Facets.Prices["0-10"] != 1 || got.Facets.Prices["10-20"] != 1 || got.Facets.Prices["50-"] != 0 ||
		got.Facets.Available != 1 || got.Facets.Categories["table"] != 1 || got.Facets.Makers["poterie"] != 1 {
		t.Errorf("%+v", got)
	}
	if got := shelf.List(catalog.Filter{Lang: text.FR, Category: "nowhere"}); got.Total != 0 || got.Facets.Categories["table"] != 4 {
		t.Errorf("%+v", got)
	}
	// A list is the same, whether it is read at once or a page at a time.
	for _, sort := range append(catalog.Sorts(), catalog.SortRelevance) {
		query := ""
		if sort == catalog.SortRelevance {
			query = "mug"
		}
		whole, paged, after := shelf.List(catalog.Filter{Lang: text.FR, Sort: sort, Query: query}), []*catalog.Item(nil), ""
		for range 10 {
			page := shelf.List(catalog.Filter{Lang: text.FR, Sort: sort, Query: query, Limit: 1, After: after})
			if paged, after = append(paged, page.Items...), page.Next; after == "" {
				break
			}
		}
		if !slices.Equal(whole.Items, paged) {
			t.Errorf("%s: %v, by pages %v", sort, slugs(whole.Items), slugs(paged))
		}
	}
}

func TestSuggestionsComeWhileOneTypes(t *testing.T) {
	t.Parallel()
	s := service(t, pgtest.DB(t))
	seed(t, s, named("mug", "Mug Beffroi", "Belfry mug", "12,00", 2)+named("bol", "Bol breton", "Breton bowl", "9,00", 2))
	snapshot := shelfOf(t, s).Current()
	if got := snapshot.Suggest(text.FR, "mug bef"); !slices.Equal(slugs(got.Items), []string{"mug"}) {
		t.Errorf("%v", slugs(got.Items))
	}
	if got := snapshot.Suggest(text.FR, "pot"); len(got.Makers) != 1 {
		t.Errorf("%+v", got)
	}
	if got := snapshot.Suggest(text.FR, "tabl"); len(got.Categories) != 1 {
		t.Errorf("%+v", got)
	}
	if got := snapshot.Suggest(text.FR, " "); len(got.Items)+len(got.Makers)+len(got.Categories) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestStaffFindWhatWasChangedAMomentAgo(t *testing.T) {
	t.Parallel()
	ctx, s := context.Background(), service(t, pgtest.DB(t))
	seed(t, s, named("mug", "Mug Beffroi", "Belfry mug", "12,00", 2)+named("bol", "Bol breton", "Breton bowl", "9,00", 2))
	shelf := newShelf(s.Pool)
	find := func(q string) []string {
		list, _, err := shelf.ListProducts(ctx, catalog.ProductFilter{Q: q})
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, p := range list {
			found = append(found, p.Slug)
		}
		return found
	}
	if got := find("mugs"); !slices.Equal(got, []string{"mug"}) {
		t.Errorf("%v", got)
	}
	before, err := catalog.GetProduct(ctx, s.Pool, "mug")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateProduct(ctx, "mug", before.Version, "test", func(c *catalog.Content) error {
		c.Texts[text.FR] = catalog.Text{Name: "Gobelet rayé"}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := find("goblet"); !slices.Equal(got, []string{"mug"}) {
		t.Errorf("the new name finds %v", got)
	}
	if got := find("beffroi"); got != nil {
		t.Errorf("the old name finds %v", got)
	}
	if got := find("bol-1"); !slices.Equal(got, []string{"bol"}) {
		t.Errorf("a SKU finds %v", got)
	}
}

// Whatever is searched for, the search answers, and with products of the shop.
func FuzzSearch(f *testing.F) {
	s := service(f, pgtest.DB(f))
	seed(f, s, named("mug", "Mug Beffroi", "Belfry mug", "12,00", 2)+named("bol", "Bol breton", "Breton bowl", "9,00", 2))
	if err := s.AddSynonym(context.Background(), text.FR, "mug, chope, grande tasse", "test"); err != nil {
		f.Fatal(err)
	}
	shelf := shelfOf(f, s)
	for _, q := range []string{"", "mug", "grande tasse", "MUGS émaillés", "'; drop table", "\x00\xff", "œuf ’ ß", "ａｂｃ", "a b c d e f g h i j k", "beffori", "%_\\"} {
		f.Add(q, "price", "mug")
	}
	f.Fuzz(func(t *testing.T, query, sort, after string) {
		for _, lang := range text.Offered() {
			page := shelf.List(catalog.Filter{Lang: lang, Query: query, Sort: sort, After: after, Limit: 1})
			if len(page.Items) > 1 || page.Total > 2 || (page.Total == 0 && len(page.Items) > 0) {
				t.Errorf("%q: %+v", query, page)
			}
			again := shelf.List(catalog.Filter{Lang: lang, Query: query, Sort: sort, After: after, Limit: 1})
			if len(again.Items) != len(page.Items) || again.Total != page.Total {
				t.Errorf("%q is answered in two ways", query)
			}
			if utf8.ValidString(query) {
				shelf.Current().Suggest(lang, query)
			}
		}
	})
}
