package catalog_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
	"boutique/internal/text"
	"boutique/internal/vat"
)

func french(word string) catalog.Labels { return catalog.Labels{text.FR: word} }

func option(name string, values ...string) catalog.Option {
	o := catalog.Option{Labels: french(name)}
	for _, v := range values {
		o.Values = append(o.Values, catalog.OptionValue{Labels: french(v)})
	}
	return o
}

func TestOptionsGetCodesOutOfTheirNames(t *testing.T) {
	t.Parallel()
	unnamed := catalog.Option{Labels: catalog.Labels{text.EN: "Colour"}, Values: []catalog.OptionValue{{Labels: catalog.Labels{text.NL: "rood"}}}}
	list := catalog.NameOptions([]catalog.Option{option("Taille", "M", "Très grand", "", "très-grand"), {}, unnamed})
	if len(list) != 2 || list[0].Code != "taille" || len(list[0].Values) != 3 || list[0].Values[1].Code != "tres-grand" || list[0].Values[2].Code != "tres-grand-2" {
		t.Fatalf("%+v", list)
	}
	if list[1].Code != "colour" || list[1].Labels[text.FR] != "Colour" || list[1].Values[0].Labels[text.FR] != "rood" {
		t.Errorf("without a French word: %+v", list[1])
	}
	kept := option("Teinte", "Crème")
	kept.Code = "couleur"
	if again := catalog.NameOptions([]catalog.Option{kept}); again[0].Code != "couleur" {
		t.Errorf("a new name made a new code: %q", again[0].Code)
	}
}

func TestArticlesKeepTheirPlaceUnderNewOptions(t *testing.T) {
	t.Parallel()
	size := catalog.NameOptions([]catalog.Option{option("Taille", "S", "M")})
	p := catalog.Product{Content: catalog.Content{Options: size, Variants: []catalog.Variant{{SKU: "S", Values: []string{"s"}}, {SKU: "M", Values: []string{"m"}, Retired: true}}}}
	both := append(slices.Clone(size), catalog.NameOptions([]catalog.Option{option("Couleur", "Brique", "Crème")})...)
	list, homeless := p.Matrix(both)
	var keys []string
	for _, c := range list {
		keys = append(keys, c.Key()+"="+c.Variant.SKU)
	}
	if got := strings.Join(keys, " "); got != "s.brique=S s.creme= m.brique=M m.creme=" || len(homeless) != 0 || !list[0].Sold || list[2].Sold {
		t.Errorf("%s, homeless %v", got, homeless)
	}
	if list, homeless = p.Matrix(catalog.NameOptions([]catalog.Option{option("Taille", "L")})); len(list) != 1 || list[0].Sold || len(homeless) != 1 || homeless[0].SKU != "S" {
		t.Errorf("%+v, homeless %+v", list, homeless)
	}
	if list, _ = p.Matrix(nil); len(list) != 1 || list[0].Variant.SKU != "S" {
		t.Errorf("without options: %+v", list)
	}
}

func TestCheckDigitsAreComputedAndCounted(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"376012345678?": "3760123456784", "400638133393?": "4006381333931", " 4006381333931 ": "4006381333931", "9638507?": "96385074", "12?": "12?", "abc?": "abc?", "": ""} {
		if got := catalog.CompleteGTIN(in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"376012345678?": "376012345679?", "376012345699?": "376012345700?", "376": "376"} {
		if got := catalog.NextGTIN(in); got != want {
			t.Errorf("after %q comes %q, not %q", in, got, want)
		}
	}
}

// A matrix makes, changes and retires articles; each has its own VAT class, customs code, origin,
// analytic code and photograph; exported and imported again nothing changes.
func TestAMatrixMakesArticlesThatTheExportBringsBack(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 7))
	p, err := catalog.GetProduct(ctx, pool, "mug")
	if err != nil {
		t.Fatal(err)
	}
	options := catalog.NameOptions([]catalog.Option{option("Couleur", "Brique", "Crème", "Ardoise"), option("Taille", "Petit", "Grand")})
	list, _ := p.Matrix(options)
	mark := p.MatrixMark()
	for i := range list {
		one := &list[i]
		one.Sold = i != 3
		if v := &one.Variant; v.SKU == "" {
			v.SKU = "MUG-" + strings.ToUpper(one.Key())
			v.Price, v.WeightG, v.LengthMM, v.WidthMM, v.HeightMM = 1490, 400, 120, 90, 100
		}
	}
	list[1].Variant.VATClass, list[1].Variant.CustomsCode, list[1].Variant.OriginCountry, list[1].Variant.AnalyticCode = vat.Food, "6912 00 29", "BE", "GRAND-1"
	list[1].Photo = p.Photos[0].ID
	after, err := s.Arrange(ctx, "mug", mark, "rose", options, list)
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Variants) != 5 || after.Variants[0].SKU != "MUG" || after.Variants[0].Stock != 7 || after.Variants[0].Values[1] != "petit" || !slices.Contains(after.Photos[0].Shows, after.Variants[1].ID) {
		t.Fatalf("%+v", after.Variants)
	}
	declared, err := catalog.DeclaredOf(ctx, pool, []string{"MUG", list[1].Variant.SKU})
	if err != nil || declared[list[1].Variant.SKU].Origin != "BE" || declared[list[1].Variant.SKU].Code != "6912 00 29" || declared["MUG"].Origin != p.OriginCountry {
		t.Errorf("declared %+v, %v", declared, err)
	}
	sellable, err := catalog.Sellables(ctx, pool, text.FR, []string{"MUG", list[1].Variant.SKU})
	if err != nil || sellable[list[1].Variant.SKU].VATClass != vat.Food || sellable[list[1].Variant.SKU].AnalyticCode != "GRAND-1" || sellable["MUG"].VATClass != vat.Standard {
		t.Errorf("sold as %+v, %v", sellable, err)
	}
	if _, err := s.Arrange(ctx, "mug", mark, "camille", options, list); fault.KindOf(err) != fault.Stale {
		t.Errorf("an old matrix was saved: %v", err)
	}
	// Another one retires the Ardoise: the articles stay, unsold.
	if list, _ = after.Matrix(options); len(list) != 6 {
		t.Fatal(list)
	}
	for i := range list {
		list[i].Sold = list[i].Sold && list[i].Values[0] != "ardoise"
	}
	if after, err = s.Arrange(ctx, "mug", after.MatrixMark(), "rose", options, list); err != nil || len(after.Variants) != 5 || !after.Variants[4].Retired {
		t.Fatalf("%+v, %v", after.Variants, err)
	}
	var file bytes.Buffer
	if err := catalog.WriteProducts(ctx, pool, &file, sheet.CSV); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"variant_vat_class", "6912 00 29", "GRAND-1"} {
		if !strings.Contains(file.String(), want) {
			t.Errorf("the export lacks %q", want)
		}
	}
	again, err := s.Import(ctx, bytes.NewReader(file.Bytes()), catalog.ImportOptions{Actor: "test"})
	if err != nil || again.Unchanged != 1 || len(again.Issues) > 0 {
		t.Fatalf("%+v, %v", again, err)
	}
	// What the file says of an article is taken.
	moved, err := s.Import(ctx, strings.NewReader(strings.Replace(file.String(), "GRAND-1", "GRAND-2", 1)), catalog.ImportOptions{Actor: "test"})
	if err != nil || moved.Changed != 1 {
		t.Fatalf("%+v, %v", moved, err)
	}
	if p, err = catalog.GetProduct(ctx, pool, "mug"); err != nil || p.Variants[1].AnalyticCode != "GRAND-2" || !p.Variants[4].Retired || len(p.Options[0].Values) != 3 {
		t.Errorf("%+v, %v", p.Content, err)
	}
	mustHold(t, pool)
}

func TestAMatrixIsRefusedByName(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 7))
	for name, c := range map[string]struct {
		change func([]catalog.Combination)
		code   string
	}{
		"nothing is sold":   {func(list []catalog.Combination) { list[0].Sold = false }, "nothing_sold"},
		"a wrong digit":     {func(list []catalog.Combination) { list[0].Variant.GTIN = "4006381333932" }, "gtin_invalid"},
		"an unknown class":  {func(list []catalog.Combination) { list[0].Variant.VATClass = "luxury" }, "vat_class_unknown"},
		"a country's name":  {func(list []catalog.Combination) { list[0].Variant.OriginCountry = "France" }, "country_unknown"},
		"a worded code":     {func(list []catalog.Combination) { list[0].Variant.CustomsCode = "céramique" }, "customs_code_invalid"},
		"a spaced analytic": {func(list []catalog.Combination) { list[0].Variant.AnalyticCode = "A B" }, "analytic_code_invalid"},
	} {
		p, err := catalog.GetProduct(ctx, pool, "mug")
		if err != nil {
			t.Fatal(err)
		}
		list, _ := p.Matrix(nil)
		c.change(list)
		_, err = s.Arrange(ctx, "mug", "", "rose", nil, list)
		f, ok := fault.As(err)
		if !ok || len(f.Fields) != 1 || f.Fields[0].Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
