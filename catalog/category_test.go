package catalog_test

import (
	"context"
	"testing"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

func TestACategoryIsMadeSaidAndRemoved(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	slug, err := s.AddCategory(ctx, "Art de la table", "camille")
	if err != nil || slug != "art-de-la-table" {
		t.Fatalf("%q %v", slug, err)
	}
	if again, err := s.AddCategory(ctx, " Art de la table ", "camille"); err != nil || again != slug {
		t.Errorf("made twice it is %q, %v", again, err)
	}
	second, err := s.AddCategory(ctx, "Livres & plans", "camille")
	if err != nil {
		t.Fatal(err)
	}
	c, _, _, err := catalog.GetCategory(ctx, s.Pool, slug)
	if err != nil {
		t.Fatal(err)
	}
	c.Names[text.NL], c.Descriptions = "Servies", catalog.Labels{text.NL: "Mokken en borden."}
	c.Position = 500
	if err := s.SaveCategory(ctx, c, "camille"); err != nil {
		t.Fatal(err)
	}
	list, err := catalog.ListCategories(ctx, s.Pool)
	if err != nil || len(list) != 2 || list[0].Slug != second || list[1].Labels[text.NL] != "Servies" {
		t.Errorf("the list is %+v, %v", list, err)
	}
	c.Names[text.NL] = " "
	if err := s.SaveCategory(ctx, c, "camille"); err != nil {
		t.Fatal(err)
	}
	if now, _, _, _ := catalog.GetCategory(ctx, s.Pool, slug); now.Names.In(text.NL) != "Art de la table" {
		t.Errorf("a language without a name says %q", now.Names.In(text.NL))
	}
	for _, refused := range []catalog.CategoryContent{
		{Slug: "sans-nom"}, {Slug: "Grand", Names: catalog.Labels{text.FR: "Grand"}}, {Slug: "loin", Position: 10000, Names: catalog.Labels{text.FR: "Loin"}},
		{Slug: "photo", Names: catalog.Labels{text.FR: "Photo"}, PhotoSHA256: "../../etc"},
	} {
		if err := s.SaveCategory(ctx, refused, "camille"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v is answered %v", refused, err)
		}
	}
	if _, err := s.CreateProduct(ctx, catalog.Content{Slug: "mug", Family: "tableware", VATClass: "standard", Category: second, Texts: map[text.Lang]catalog.Text{text.FR: {Name: "Mug"}}, Variants: []catalog.Variant{{SKU: "MUG"}}}, "camille"); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveCategory(ctx, second, "camille"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("removing what a product has is answered %v", err)
	}
	if err := s.RemoveCategory(ctx, slug, "camille"); err != nil {
		t.Error(err)
	}
	if err := s.RemoveCategory(ctx, slug, "camille"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("removing what is gone is answered %v", err)
	}
}
