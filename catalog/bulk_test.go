package catalog_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

func TestABulkEditIsSeenMadeAndTakenBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := service(t, pgtest.DB(t))
	seed(t, s, mug("mug", "MUG", "12,90", 5)+mug("mug-2", "MUG2", "13,90", 5))
	edits, err := catalog.ReadPasted("sku\tprice\tname_en\tweight_g\r\nMUG\t14,50\t\"A \"\"big\"\" mug\"\t380\r\nMUG2\t13.90\tBelfry mug\t400\r\n\t\t\t\r\n")
	if err != nil || len(edits) != 6 {
		t.Fatal(edits, err)
	}
	changes, problems, err := s.PlanEdit(ctx, edits)
	if err != nil || len(problems) != 0 {
		t.Fatal(problems, err)
	}
	if said := fmt.Sprint(changes); said != `[{mug Mug Beffroi 2 0 [{MUG price 12,90 14,50} {MUG name_en Belfry mug A "big" mug}]} {mug-2 Mug Beffroi 2 0 [{MUG2 weight_g 380 400}]}]` {
		t.Errorf("what would change is %s", said)
	}
	read := func(slug string) catalog.Product {
		t.Helper()
		p, err := catalog.GetProduct(ctx, s.Pool, slug)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := read("mug"); p.Version != 2 || p.Variants[0].Price != 1290 {
		t.Errorf("looking changes it: %+v", p)
	}
	id, err := s.ApplyEdit(ctx, changes, "zoe")
	if err != nil {
		t.Fatal(err)
	}
	if p := read("mug"); p.Variants[0].Price != 1450 || p.Texts[text.EN].Name != `A "big" mug` {
		t.Errorf("%+v", p)
	}
	if _, err := s.ApplyEdit(ctx, changes, "zoe"); !fault.Is(err, "product_changed") {
		t.Errorf("the same plan twice: %v", err)
	}
	if err := s.UndoEdit(ctx, id, "zoe"); err != nil {
		t.Fatal(err)
	}
	if p := read("mug"); p.Variants[0].Price != 1290 || p.Texts[text.EN].Name != "Belfry mug" {
		t.Errorf("%+v", p)
	}
	if p := read("mug-2"); p.Variants[0].WeightG != 380 {
		t.Errorf("%+v", p)
	}
	if err := s.UndoEdit(ctx, id, "zoe"); !fault.Is(err, "undone_already") {
		t.Errorf("undone twice: %v", err)
	}
	list, err := catalog.ListBulkEdits(ctx, s.Pool, 5)
	if err != nil || len(list) != 2 || list[0].Undoes == nil || list[1].UndoneBy == nil || list[1].Cells() != 3 {
		t.Errorf("%+v, %v", list, err)
	}
	mustHold(t, s.Pool)
}

func TestABulkEditIsAllOrNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := service(t, pgtest.DB(t))
	seed(t, s, mug("mug", "MUG", "12,90", 5)+mug("mug-2", "MUG2", "13,90", 5))
	plan := func(edits ...catalog.CellEdit) ([]catalog.ProductChange, []catalog.CellProblem) {
		t.Helper()
		changes, problems, err := s.PlanEdit(ctx, edits)
		if err != nil {
			t.Fatal(err)
		}
		return changes, problems
	}
	changes, problems := plan(catalog.CellEdit{SKU: "MUG", Column: "weight_g", Value: "390"}, catalog.CellEdit{SKU: "MUG2", Column: "weight_g", Value: "390"})
	if len(changes) != 2 || problems != nil {
		t.Fatal(changes, problems)
	}
	if _, err := s.UpdateProduct(ctx, "mug-2", 0, "lea", func(c *catalog.Content) error { c.Variants[0].WeightG = 410; return nil }); err != nil {
		t.Fatal(err)
	}
	_, err := s.ApplyEdit(ctx, changes, "zoe")
	if f, ok := fault.As(err); !ok || f.Code != "product_changed" || f.Params["slug"] != "mug-2" {
		t.Errorf("over somebody else's edit: %v", err)
	}
	for slug, want := range map[string]int{"mug": 380, "mug-2": 410} {
		if p, err := catalog.GetProduct(ctx, s.Pool, slug); err != nil || p.Variants[0].WeightG != want {
			t.Errorf("%s weighs %d, %v", slug, p.Variants[0].WeightG, err)
		}
	}
	_, problems = plan(catalog.CellEdit{SKU: "MUG", Column: "price", Value: "cher"}, catalog.CellEdit{SKU: "MUG", Column: "weight_g", Value: "-4"}, catalog.CellEdit{SKU: "GONE", Column: "price", Value: "1"},
		catalog.CellEdit{SKU: "MUG", Column: "gtin", Value: "123"}, catalog.CellEdit{SKU: "MUG", Column: "stock", Value: "1"}, catalog.CellEdit{SKU: "MUG", Column: "vat_class", Value: "none"}, catalog.CellEdit{SKU: "MUG", Column: "maker", Value: "nobody"})
	said := fmt.Sprint(problems)
	for _, code := range []string{"amount_invalid", "dimensions_out_of_range", "sku_not_found", "gtin_invalid", "column_unknown", "vat_class_unknown", "maker_unknown"} {
		if !strings.Contains(said, code) {
			t.Errorf("%s is not among %s", code, said)
		}
	}
	if _, err := s.ApplyEdit(ctx, nil, "zoe"); !fault.Is(err, "nothing_to_change") {
		t.Errorf("nothing: %v", err)
	}
	mustHold(t, s.Pool)
}

func TestATableWithoutItsHeadIsRefusedByName(t *testing.T) {
	t.Parallel()
	for pasted, want := range map[string]string{
		"price\n12": "pasted_sku", "sku\tcolour\nMUG\tred": "pasted_column", "sku\tprice\n" + strings.Repeat("M\t1\n", 2001): "too_long", strings.Repeat("x", 500_000): "too_long",
	} {
		_, err := catalog.ReadPasted(pasted)
		if f, ok := fault.As(err); !ok || f.Fields[0].Code != want {
			t.Errorf("%.40q: %v", pasted, err)
		}
	}
}

func FuzzPasted(f *testing.F) {
	f.Add("sku\tprice\nMUG\t12,90\n")
	f.Add("sku\tname_fr\nMUG\t\"un\nmug\"\"\"\n\"")
	f.Fuzz(func(t *testing.T, pasted string) {
		edits, err := catalog.ReadPasted(pasted)
		if err != nil && edits != nil {
			t.Fatal("refused and read")
		}
		for _, e := range edits {
			if e.SKU == "" || e.Column == "" || e.Column == "sku" {
				t.Errorf("%+v", e)
			}
		}
	})
}

// BenchmarkGrid reads the first rows of a bulk edit and plans a change of each.
func BenchmarkGrid(b *testing.B) {
	ctx := context.Background()
	s := service(b, pgtest.DB(b))
	var csv strings.Builder
	for n := range 300 {
		csv.WriteString(withoutPhoto(mug(fmt.Sprintf("mug-%d", n), fmt.Sprintf("MUG-%d", n), "12,90", 5)))
	}
	seed(b, s, csv.String())
	for b.Loop() {
		rows, _, err := catalog.Grid(ctx, s.Pool, catalog.ProductFilter{Limit: 60})
		if err != nil {
			b.Fatal(err)
		}
		var edits []catalog.CellEdit
		for _, r := range rows {
			edits = append(edits, catalog.CellEdit{SKU: r.SKU, Column: "price", Value: "13,90"})
		}
		if changes, _, err := s.PlanEdit(ctx, edits); err != nil || len(changes) != 60 {
			b.Fatal(len(changes), err)
		}
	}
}
