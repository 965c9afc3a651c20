package catalog_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/catalog"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
	"boutique/internal/sheet/sheettest"
	"boutique/internal/text"
)

// goldenShelf is a small shop of fixed facts: a mug in two colours, a book, a draft without a photograph,
// what came and went in the spring, and texts that would break a file.
func goldenShelf(t *testing.T) *pgxpool.Pool {
	t.Helper()
	ctx, url := context.Background(), pgtest.URL(t)
	pool := pgtest.Open(t, url)
	s := service(t, pool)
	blue := strings.Replace(mug("mug", "MUG-BLEU", "13,90", 3), "a@b.example;;;;;;", "a@b.example;Couleur;Colour;Bleu;Blue;#1d4ed8;", 1)
	red := strings.Replace(mug("mug", "MUG-ROUGE", "12,90", 7), "a@b.example;;;;;;", "a@b.example;Couleur;Colour;Rouge;Red;#b91c1c;", 1)
	book := withoutPhoto(strings.Replace(strings.Replace(mug("livre", "LIVRE", "18,50", 12), ";tableware;", ";book;", 1), ";standard;", ";books;", 1))
	if r := seed(t, s, blue+red+book+withoutPhoto(mug("sans-photo", "SANS-PHOTO", "4,00", 0))); len(r.Issues) > 0 {
		t.Fatal(r.Issues)
	}
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	for i, hostile := range sheettest.Hostile() {
		slug := fmt.Sprintf("hostile-%d", i)
		r, err := s.Import(ctx, strings.NewReader(heads+withoutPhoto(mug(slug, strings.ToUpper(slug), "1,00", 1))), catalog.ImportOptions{Actor: "test", Photos: photos})
		if err != nil || len(r.Issues) > 0 {
			t.Fatal(r.Issues, err)
		}
		if _, err := owner.Exec(ctx, `update product_text x set name = $2, short = $2 from product p where p.id = x.product_id and p.slug = $1 and x.lang = 'fr'`, slug, hostile); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{
		`alter table stock_movement disable trigger user`,
		`update stock_movement set at = '2025-01-10T09:00:00Z'`,
		`alter table stock_movement enable trigger user`,
		`update variant set cost = 512 where sku = 'MUG-BLEU'`,
		`update variant set cost = 0 where sku = 'LIVRE'`,
		// Midnight in Paris ends the day: what is sold a second before it counts for March.
		`insert into stock_movement (variant_id, location, delta, reason, actor, at) select id, 'web', -1, 'sold', 'test', '2025-03-31T21:59:59Z' from variant where sku = 'MUG-BLEU'`,
		`insert into stock_movement (variant_id, location, delta, reason, actor, at) select id, 'web', -4, 'sold', 'test', '2025-03-31T22:00:00Z' from variant where sku = 'LIVRE'`,
		`update stock s set on_hand = on_hand - 1 from variant v where v.id = s.variant_id and v.sku = 'MUG-BLEU' and s.location = 'web'`,
		`update stock s set on_hand = on_hand - 4 from variant v where v.id = s.variant_id and v.sku = 'LIVRE' and s.location = 'web'`,
	} {
		if _, err := owner.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return pool
}

// The catalogue and the value of the stock at the end of a day are what their golden files say.
func TestEveryExportIsItsGoldenFile(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), goldenShelf(t)
	sheettest.MustBeGoldenExport(t, "products", func(w io.Writer, f sheet.Format) error { return catalog.WriteProducts(ctx, pool, w, f) })
	until := time.Date(2025, 4, 1, 0, 0, 0, 0, text.Paris())
	sheettest.MustBeGoldenExport(t, "stock-value", func(w io.Writer, f sheet.Format) error { return catalog.WriteStockValue(ctx, pool, w, f, until) })
	mustHold(t, pool)
}
