package catalog_test

import (
	"context"
	"testing"
	"time"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

type pricedOn struct {
	daysAgo float64
	amount  int64
}

type reducedOn struct {
	from, to float64 // days ago; negative ones are to come
	amount   int64
}

// The lowest price of the 30 days before a reduction began is computed from what was practised, and
// counted from the beginning of the reduction (C. conso. art. L112-1-1).
func TestAReductionNamesTheLowestPriceOfThe30DaysBeforeItBegan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		onSale  float64
		prices  []pricedOn
		reduced []reducedOn
		want    money.Amount
	}{
		{"one price ever", 90, []pricedOn{{90, 1290}}, []reducedOn{{5, -5, 990}}, 1290},
		{"a lower price within the 30 days", 90, []pricedOn{{90, 1290}, {20, 1190}, {10, 1290}}, []reducedOn{{5, -5, 990}}, 1190},
		{"a lower price that ended before the 30 days", 90, []pricedOn{{90, 990}, {40, 1290}}, []reducedOn{{5, -5, 890}}, 1290},
		{"a lower price that reached into the 30 days", 90, []pricedOn{{90, 1090}, {30, 1290}}, []reducedOn{{5, -5, 890}}, 1090},
		{"anchored at the beginning, not today", 90, []pricedOn{{90, 1090}, {40, 1290}}, []reducedOn{{20, -5, 890}}, 1090},
		{"an earlier reduction counts", 90, []pricedOn{{90, 1290}}, []reducedOn{{25, 20, 890}, {5, -5, 990}}, 890},
		{"reduced further without a pause: the price before the first", 90, []pricedOn{{90, 1290}}, []reducedOn{{15, 5, 1090}, {5, -5, 890}}, 1290},
		{"reduced less without a pause: the first one counts", 90, []pricedOn{{90, 1290}}, []reducedOn{{15, 5, 890}, {5, -5, 990}}, 890},
		{"on sale for less than 30 days: since then", 10, []pricedOn{{60, 990}, {15, 1290}}, []reducedOn{{5, -5, 890}}, 1290},
		{"not on sale before: nothing to name", 3, []pricedOn{{60, 1290}}, []reducedOn{{5, -5, 890}}, 0},
		{"a price replaced before it came counts for nothing", 90, []pricedOn{{90, 1290}, {20, 100}, {20, 1290}}, []reducedOn{{5, -5, 990}}, 1290},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			pool := pgtest.DB(t)
			s := service(t, pool)
			p, err := s.CreateProduct(ctx, catalog.Content{Slug: "mug", Family: "tableware", VATClass: "standard", Texts: map[text.Lang]catalog.Text{text.FR: {Name: "Mug"}}, Variants: []catalog.Variant{{SKU: "MUG"}}}, "camille")
			if err != nil {
				t.Fatal(err)
			}
			exec := func(sql string, args ...any) int64 {
				t.Helper()
				var id int64
				if err := pool.QueryRow(ctx, sql, args...).Scan(&id); err != nil {
					t.Fatal(err)
				}
				return id
			}
			variant := p.Variants[0].ID
			exec(`update product set state = 'published', published_at = now() - $1 * interval '1 day' where id = $2 returning id`, c.onSale, p.ID)
			for _, one := range c.prices {
				exec(`insert into price (variant_id, amount, valid_from, set_by) values ($1, $2, date_trunc('hour', now()) - $3 * interval '1 day', 'camille') returning id`, variant, one.amount, one.daysAgo)
			}
			for _, r := range c.reduced {
				id := exec(`insert into reduction (variant_id, amount, starts_at, ends_at, set_by) values ($1, $2, date_trunc('hour', now()) - $3 * interval '1 day', date_trunc('hour', now()) - $4 * interval '1 day', 'camille') returning id`, variant, r.amount, r.from, r.to)
				exec(`insert into price (variant_id, amount, valid_from, set_by, reduction_id) values ($1, $2, date_trunc('hour', now()) - $3 * interval '1 day', 'camille', $4) returning id`, variant, r.amount, r.from, id)
				if r.to >= 0 && r.to != c.reduced[len(c.reduced)-1].from {
					exec(`insert into price (variant_id, amount, valid_from, set_by, reduction_id) values ($1, 1290, date_trunc('hour', now()) - $2 * interval '1 day', 'camille', $3) returning id`, variant, r.to, id)
				}
			}
			if p, err = catalog.GetProduct(ctx, pool, "mug"); err != nil {
				t.Fatal(err)
			}
			got := p.Variants[0].Reduction
			if got == nil || got.Was != c.want {
				t.Fatalf("reduction %+v, want %d", got, c.want)
			}
			if got.Announced() != (c.want > 0 && c.want > got.Amount) {
				t.Errorf("announced: %v for %+v", got.Announced(), got)
			}
		})
	}
}

func TestAReductionBeginsAndEndsByItself(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := pgtest.DB(t)
	s := service(t, pool)
	content := catalog.Content{Slug: "mug", Family: "tableware", VATClass: "standard", Texts: map[text.Lang]catalog.Text{text.FR: {Name: "Mug"}}, Variants: []catalog.Variant{{SKU: "MUG", Price: 1290}}}
	p, err := s.CreateProduct(ctx, content, "camille")
	if err != nil {
		t.Fatal(err)
	}
	base := s.Clock.Now()
	day := func(n int) time.Time { return base.Add(time.Duration(n) * 24 * time.Hour) }
	priceAt := func(at time.Time) int64 {
		t.Helper()
		var amount int64
		if err := pool.QueryRow(ctx, `select amount from price where variant_id = $1 and valid_from <= $2 order by valid_from desc, id desc limit 1`, p.Variants[0].ID, at).Scan(&amount); err != nil {
			t.Fatal(err)
		}
		return amount
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(err error, code string) {
		t.Helper()
		if !fault.Is(err, code) {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	must(s.Reduce(ctx, cut(990), day(5), day(10), "camille"))
	must(s.Reduce(ctx, cut(890), day(10), day(12), "camille"))
	must(s.Reduce(ctx, cut(1090), day(3), day(5), "camille"))
	refused(s.Reduce(ctx, cut(800), day(11), day(13), "camille"), "reduction_overlaps")
	refused(s.Reduce(ctx, cut(1290), day(20), day(21), "camille"), "no_reduction")
	refused(s.Reduce(ctx, cut(800), day(21), day(20), "camille"), "invalid_fields")
	refused(s.SetPrice(ctx, "MUG", 1500, day(6), "camille"), "price_reduced")
	must(s.SetPrice(ctx, "MUG", 1390, time.Time{}, "camille"))
	for n, want := range map[int]int64{1: 1390, 4: 1090, 7: 990, 11: 890, 13: 1390} {
		if got := priceAt(day(n)); got != want {
			t.Errorf("in %d days: %d, want %d", n, got, want)
		}
	}
	// One that is called off leaves nothing behind, and its end doesn't cut a later one short.
	plans, err := catalog.PlannedReductions(ctx, pool, p.ID)
	must(err)
	for _, r := range plans {
		must(s.EndReduction(ctx, r.ID, "camille"))
		refused(s.EndReduction(ctx, r.ID, "camille"), "reduction_not_found")
	}
	must(s.Reduce(ctx, cut(700), day(4), day(30), "camille"))
	must(s.SetPrice(ctx, "MUG", 1590, day(2), "camille"))
	for n, want := range map[int]int64{1: 1390, 3: 1590, 4: 1590, 6: 700, 11: 700, 13: 700, 31: 1590} {
		if got := priceAt(day(n).Add(-time.Hour)); got != want {
			t.Errorf("in %d days: %d, want %d", n, got, want)
		}
	}
	history, err := catalog.PriceHistory(ctx, pool, p.Variants[0].ID, 50)
	must(err)
	for _, row := range history {
		if row.Planned && !row.OfReduction && row.Counts {
			must(s.CallOffPrice(ctx, row.ID, "camille"))
		}
	}
	if got := priceAt(day(31)); got != 1390 {
		t.Errorf("after the planned price was called off: %d", got)
	}
	// What runs can be ended, and a book keeps its price.
	must(s.Reduce(ctx, cut(600), time.Time{}, day(1), "camille"))
	if p, err = catalog.GetProduct(ctx, pool, "mug"); err != nil || p.Variants[0].Price != 600 || p.Variants[0].Reduction == nil {
		t.Fatalf("reduced now: %+v, %v", p.Variants[0], err)
	}
	_, err = s.UpdateProduct(ctx, "mug", 0, "camille", func(c *catalog.Content) error { c.Family = "book"; return nil })
	refused(err, "book_price_fixed")
	mustHold(t, pool)
	plans, err = catalog.PlannedReductions(ctx, pool, p.ID)
	must(err)
	for _, r := range plans {
		must(s.EndReduction(ctx, r.ID, "camille"))
	}
	if got := priceAt(s.Clock.Now()); got != 1390 {
		t.Errorf("after the reduction was ended: %d", got)
	}
	_, err = s.UpdateProduct(ctx, "mug", 0, "camille", func(c *catalog.Content) error { c.Family = "book"; return nil })
	must(err)
	refused(s.Reduce(ctx, cut(500), time.Time{}, day(1), "camille"), "book_price_fixed")
	mustHold(t, pool)
}

func TestAnOfficeAddsFamiliesOfItsOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := pgtest.DB(t)
	s := service(t, pool)
	f, err := s.SaveFamily(ctx, catalog.Family{Code: "honey", Follows: "food", Labels: catalog.Labels{text.FR: "Miel"}, Facts: []string{"use"}, Shots: []catalog.Shot{{Code: "jar", Labels: catalog.Labels{text.FR: "Le pot"}}}}, 0, "camille")
	if err != nil {
		t.Fatal(err)
	}
	if !f.Requires("ingredients") || !f.Says("use") || f.Version != 1 {
		t.Errorf("the law of food doesn't hold: %+v", f)
	}
	content := catalog.Content{Slug: "miel", Family: "honey", VATClass: "food", Texts: map[text.Lang]catalog.Text{}, Variants: []catalog.Variant{{SKU: "MIEL", Price: 900}}}
	p, err := s.CreateProduct(ctx, content, "camille")
	if err != nil || p.Law != "food" {
		t.Fatalf("law %q, %v", p.Law, err)
	}
	if missing := f.MissingFacts(p.Content, []text.Lang{text.FR}); len(missing) != 4 {
		t.Errorf("missing %+v", missing)
	}
	for _, c := range []struct {
		name string
		do   func() error
		code string
	}{
		{"a family that products are of stays", func() error { return s.DeleteFamily(ctx, "honey", "camille") }, "family_in_use"},
		{"one of the shop's own stays", func() error { return s.DeleteFamily(ctx, "toy", "camille") }, "family_in_use"},
		{"a code is used once", func() error {
			_, err := s.SaveFamily(ctx, catalog.Family{Code: "toy", Labels: catalog.Labels{text.FR: "Jouet"}}, 0, "camille")
			return err
		}, "family_taken"},
		{"nothing follows gift cards", func() error {
			_, err := s.SaveFamily(ctx, catalog.Family{Code: "x", Follows: "gift_card", Labels: catalog.Labels{text.FR: "X"}}, 0, "camille")
			return err
		}, "invalid_fields"},
		{"a stale edit", func() error { _, err := s.SaveFamily(ctx, f, 7, "camille"); return err }, "family_changed"},
		{"an unknown family", func() error {
			c := content
			c.Slug, c.Family, c.Variants = "y", "nothing", nil
			_, err := s.CreateProduct(ctx, c, "camille")
			return err
		}, "invalid_fields"},
	} {
		if err := c.do(); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func cut(price int64) []catalog.NewPrice { return []catalog.NewPrice{{SKU: "MUG", Price: price}} }
