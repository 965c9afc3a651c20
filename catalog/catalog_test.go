package catalog_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/invariant"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

// anywhere delivers everything; the conditions of dispatch are the shop's.
type anywhere struct{}

func (anywhere) Deliverable(int, int, int, int, []string) bool { return true }

func service(t testing.TB, pool *pgxpool.Pool) *catalog.Service {
	t.Helper()
	store, err := photo.OpenStore("file://"+t.TempDir(), photo.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	return &catalog.Service{
		Pool: pool, Clock: clock.System{}, Photos: photo.NewLibrary(store),
		Deliver:       func(context.Context) (catalog.Deliverability, error) { return anywhere{}, nil },
		EnqueueRender: func(context.Context, pgx.Tx, string) error { return nil },
		Logger:        slog.New(slog.DiscardHandler),
	}
}

const heads = "slug;family;category;maker;vat_class;name_fr;name_en;short_fr;short_en;description_fr;description_en;sku;price;weight_g;length_mm;width_mm;height_mm;stock;" +
	"manufacturer_name;manufacturer_address;manufacturer_contact;option1_name_fr;option1_name_en;option1_value_fr;option1_value_en;option1_swatch;photos;photo_alts_fr;photo_alts_en;publish\n"

const text80 = "Un texte assez long pour être une description, avec ce qu’il faut de mots pour que l’on sache ce que l’on achète."

func mug(slug, sku, price string, stock int) string {
	return fmt.Sprintf("%s;tableware;table;poterie;standard;Mug Beffroi;Belfry mug;Un mug de la ville, en céramique.;A mug of the town, ceramic.;%s;%s;%s;%s;380;120;90;100;%d;Poterie;1 rue du Four;a@b.example;;;;;;magnet.jpg;Un mug;A mug;yes\n", slug, text80, text80, sku, price, stock)
}

func withoutPhoto(row string) string {
	return strings.Replace(row, "magnet.jpg;Un mug;A mug", ";;", 1)
}

var photos fs.FS = os.DirFS("photo/testdata")

func seed(t testing.TB, s *catalog.Service, csv string) catalog.Report {
	t.Helper()
	ctx := context.Background()
	for _, places := range []func() (catalog.Report, error){
		func() (catalog.Report, error) {
			return s.ImportCategories(ctx, strings.NewReader("slug;position;name_fr;name_en\ntable;1;Art de la table;Tableware\n"))
		},
		func() (catalog.Report, error) {
			return s.ImportMakers(ctx, strings.NewReader("slug;name;town;story_fr\npoterie;Poterie des Terrils;Beffroy;Une histoire.\n"))
		},
	} {
		if r, err := places(); err != nil || len(r.Issues) > 0 {
			t.Fatal(err, r.Issues)
		}
	}
	r, err := s.Import(ctx, strings.NewReader(heads+csv), catalog.ImportOptions{Actor: "test", Photos: photos})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustHold(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	results, err := invariant.Check(context.Background(), pool, catalog.Invariants())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if !r.Holds() {
			t.Errorf("%s: %v", r.Name, r.Broken)
		}
	}
}

func TestImportingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	csv := mug("mug", "MUG", "12,90", 7) + withoutPhoto(mug("mug-bleu", "MUG-BLEU", "13,90", 3))
	first := seed(t, s, csv)
	if first.Created != 2 || first.Published != 1 || len(first.Issues) != 0 || len(first.Warnings) != 1 {
		t.Fatalf("%+v", first)
	}
	var before, after int64
	if err := pool.QueryRow(ctx, "select version from catalog_version").Scan(&before); err != nil {
		t.Fatal(err)
	}
	second, err := s.Import(ctx, strings.NewReader(heads+csv), catalog.ImportOptions{Actor: "test", Photos: photos})
	if err != nil || second.Unchanged != 2 {
		t.Fatalf("%+v, %v", second, err)
	}
	if err := pool.QueryRow(ctx, "select version from catalog_version").Scan(&after); err != nil || before != after {
		t.Errorf("the version went from %d to %d, %v", before, after, err)
	}
	mustHold(t, pool)
}

func TestABadFileIsRefusedWholeAndEveryRowNamed(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	good := mug("mug", "MUG", "12,90", 7)
	r := seed(t, s, good+
		mug("Mug Bleu!", "BLEU", "12,90", 1)+
		mug("mug-2", "MUG", "12,90", 1)+
		mug("mug-3", "MUG3", "12,999", 1)+
		strings.Replace(mug("mug-4", "MUG4", "1,00", 1), "380", "lourd", 1)+
		strings.Replace(mug("mug-5", "MUG5", "1,00", 1), "magnet.jpg", "../secret.jpg", 1)+
		strings.Replace(mug("mug-6", "MUG6", "1,00", 1), ";table;", ";nulle-part;", 1)+
		"only;three;cells\n")
	got := []string{}
	for _, i := range r.Issues {
		got = append(got, i.String())
	}
	for _, want := range []string{"line 3, slug", "line 4, sku", "line 5, price", "line 6, weight_g", "line 7, photos", "line 9: has 3 fields"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("no issue begins %q among %q", want, got)
		}
	}
	var products int
	if err := pool.QueryRow(ctx, "select count(*) from product").Scan(&products); err != nil || products != 0 {
		t.Errorf("%d products are there, %v", products, err)
	}
}

func TestRubbishIsNoCatalogue(t *testing.T) {
	t.Parallel()
	s := service(t, pgtest.DB(t))
	for name, file := range map[string]string{
		"nothing": "", "a text": "hello", "latin 1": "slug;sku;price\ncaf\xe9;A;1\n", "an unknown column": "slug;sku;price;colour of the sky\n", "an open quote": heads + "\"a;b\n",
		"a NUL": heads + strings.Replace(mug("mug", "MUG", "1", 1), "Mug Beffroi", "Mug\x00", 1),
	} {
		r, err := s.Import(context.Background(), strings.NewReader(file), catalog.ImportOptions{Actor: "test", Photos: photos})
		if err != nil || len(r.Issues) == 0 {
			t.Errorf("%s: %v, %v", name, r.Issues, err)
		}
	}
}

func TestADryRunKeepsNothing(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, "")
	r, err := s.Import(ctx, strings.NewReader(heads+mug("mug", "MUG", "12,90", 7)), catalog.ImportOptions{DryRun: true, Actor: "test", Photos: photos})
	if err != nil || r.Created != 1 || len(r.Issues) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := catalog.GetProduct(ctx, pool, "mug"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the product: %v", err)
	}
}

func TestTheLastPiecesAreSoldOnce(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 50)+withoutPhoto(mug("mug-2", "MUG2", "12,90", 1000)))
	sellables, err := catalog.Sellables(ctx, pool, text.FR, []string{"MUG", "MUG2"})
	if err != nil {
		t.Fatal(err)
	}
	var held atomic.Int64
	var wg sync.WaitGroup
	for n := range 200 {
		wg.Go(func() {
			want := []catalog.Quantity{{VariantID: sellables["MUG"].VariantID, Quantity: 1}, {VariantID: sellables["MUG2"].VariantID, Quantity: 2}}
			if n%2 == 0 {
				slices.Reverse(want)
			}
			err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return catalog.Hold(ctx, tx, uuid.New(), want) })
			switch {
			case err == nil:
				held.Add(1)
			case !fault.Is(err, "out_of_stock"):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if held.Load() != 50 {
		t.Errorf("%d of 50 pieces were held", held.Load())
	}
	mustHold(t, pool)
}

func TestHeldStockIsTakenOrComesBack(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 5))
	sellables, err := catalog.Sellables(ctx, pool, text.EN, []string{"MUG", "NOTHING"})
	if err != nil || len(sellables) != 1 || sellables["MUG"].Name != "Belfry mug" || sellables["MUG"].Price != 1290 {
		t.Fatalf("%+v, %v", sellables, err)
	}
	want := []catalog.Quantity{{VariantID: sellables["MUG"].VariantID, Quantity: 2}}
	sold, given := uuid.New(), uuid.New()
	for _, step := range []func(tx pgx.Tx) error{
		func(tx pgx.Tx) error { return catalog.Hold(ctx, tx, sold, want) },
		func(tx pgx.Tx) error { return catalog.Hold(ctx, tx, given, want) },
		func(tx pgx.Tx) error { return catalog.Take(ctx, tx, sold, "B26-1", "stripe") },
		func(tx pgx.Tx) error { return catalog.Release(ctx, tx, given) },
		func(tx pgx.Tx) error { return catalog.Release(ctx, tx, given) },
	} {
		if err := pg.InTx(ctx, pool, step); err != nil {
			t.Fatal(err)
		}
	}
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return catalog.Take(ctx, tx, given, "B26-2", "stripe") }); !fault.Is(err, "not_held") {
		t.Errorf("taking what was released: %v", err)
	}
	level, err := catalog.StockOf(ctx, pool, "MUG", catalog.Web)
	if err != nil || level.OnHand != 3 || level.Reserved != 0 {
		t.Errorf("%+v, %v", level, err)
	}
	mustHold(t, pool)
}

func TestAStaleEditIsRefused(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 5))
	p, err := catalog.GetProduct(ctx, pool, "mug")
	if err != nil {
		t.Fatal(err)
	}
	rename := func(name string) func(*catalog.Content) error {
		return func(c *catalog.Content) error {
			t := c.Texts[text.FR]
			t.Name = name
			c.Texts[text.FR] = t
			return nil
		}
	}
	if _, err := s.UpdateProduct(ctx, "mug", p.Version, "a", rename("Grand mug")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateProduct(ctx, "mug", p.Version, "b", rename("Petit mug")); fault.KindOf(err) != fault.Stale {
		t.Errorf("the second edit: %v", err)
	}
	after, err := s.UpdateProduct(ctx, "mug", 0, "b", func(c *catalog.Content) error { c.Slug = "grand-mug"; return nil })
	if err != nil || after.Texts[text.FR].Name != "Grand mug" {
		t.Errorf("%+v, %v", after.Texts, err)
	}
	shelf := catalog.NewShelf(pool, photo.Renderer{}, clock.System{}, slog.New(slog.DiscardHandler))
	if err := shelf.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if to, moved := shelf.Current().Moved("mug"); !moved || to != "grand-mug" {
		t.Errorf("the old address leads to %q", to)
	}
}

func TestPublishingWaitsForTheCriteria(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, strings.Replace(withoutPhoto(mug("mug", "MUG", "12,90", 5)), ";380;", ";0;", 1))
	_, err := s.Publish(ctx, "mug", "a")
	f, ok := fault.As(err)
	if !ok || f.Code != "criteria_not_met" {
		t.Fatal(err)
	}
	said := fmt.Sprint(f.Params["criteria"])
	for _, code := range []string{"photo", "dimensions"} {
		if !strings.Contains(said, "code:"+code) {
			t.Errorf("%s is not among %s", code, said)
		}
	}
	file, err := photos.Open("magnet.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AttachPhoto(ctx, "mug", "magnet.jpg", file.(io.Reader), map[text.Lang]string{text.FR: "Un mug", text.EN: "A mug"}, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateProduct(ctx, "mug", 0, "a", func(c *catalog.Content) error { c.Variants[0].WeightG = 380; return nil }); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Publish(ctx, "mug", "a"); err != nil || p.State != catalog.Published {
		t.Errorf("%v", err)
	}
	mustHold(t, pool)
}

func TestTheSnapshotFollowsAndIsSearched(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	beer := strings.NewReplacer("Mug Beffroi", "Bière artisanale", "Belfry mug", "Craft beer", "mug de la ville, en céramique", "bière blonde de garde").Replace(mug("biere", "BIERE", "5,90", 3))
	r := seed(t, s, mug("mug", "MUG", "12,90", 5)+beer)
	if len(r.Issues) > 0 || r.Published != 2 {
		t.Fatalf("%+v", r)
	}
	shelf := catalog.NewShelf(pool, photo.Renderer{}, clock.System{}, slog.New(slog.DiscardHandler))
	if err := shelf.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	snapshot := shelf.Current()
	for query, want := range map[string]string{"biere": "biere", "Bières artisanales": "biere", "artisnale": "biere", "mugs": "mug", "MUG beffr": "mug", "poterie": "mug", "rien du tout": "", "'; drop": ""} {
		found := snapshot.List(catalog.Filter{Lang: text.FR, Query: query})
		got := ""
		if len(found.Items) > 0 {
			got = found.Items[0].Slug
		}
		if query == "poterie" && len(found.Items) == 2 {
			continue
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	up := snapshot.List(catalog.Filter{Lang: text.FR, Sort: catalog.SortPriceUp, Limit: 1})
	if up.Total != 2 || up.Items[0].Slug != "biere" || up.Next != "biere" {
		t.Errorf("%+v", up)
	}
	rest := snapshot.List(catalog.Filter{Lang: text.FR, Sort: catalog.SortPriceUp, Limit: 1, After: up.Next})
	if len(rest.Items) != 1 || rest.Items[0].Slug != "mug" || rest.Next != "" {
		t.Errorf("%+v", rest)
	}
	if item, _ := snapshot.Product("mug"); len(item.Pictures) != 1 || len(item.Pictures[0].Drawn().Renditions) == 0 || shelf.Available(item.Variants[0].ID) != 5 {
		t.Errorf("%+v", item)
	}
	if _, err := s.Unpublish(ctx, "mug", "a"); err != nil {
		t.Fatal(err)
	}
	if err := shelf.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if _, still := shelf.Current().Product("mug"); still {
		t.Error("the mug is still on the shelf")
	}
}

func TestMarkdownIsHarmless(t *testing.T) {
	t.Parallel()
	for source, bad := range map[string]string{
		"<script>alert(1)</script>":             "<script",
		"[x](javascript:alert(1))":              "javascript:",
		"<img src=x onerror=alert(1)>":          "onerror",
		"[x](data:text/html,<script>)":          "data:",
		"<a href='https://x' onclick='y'>z</a>": "onclick",
		strings.Repeat(">", 5000) + " deep":     strings.Repeat("<blockquote>", 60),
	} {
		if html := catalog.Markdown(source); strings.Contains(strings.ToLower(strings.ReplaceAll(html, "\n", "")), bad) {
			t.Errorf("%.40q becomes %.200q", source, html)
		}
	}
	if html := catalog.Markdown("# Un titre\n\n- un\n- deux\n\n[lien](https://x.example)"); !strings.Contains(html, "<h2>") || !strings.Contains(html, "<li>un</li>") || !strings.Contains(html, `rel="nofollow"`) {
		t.Errorf("%q", html)
	}
}

func TestGTINsHaveACheckDigit(t *testing.T) {
	t.Parallel()
	for code, ok := range map[string]bool{"4006381333931": true, "4006381333932": false, "96385074": true, "": false, "400638133393X": false, "036000291452": true} {
		if catalog.ValidGTIN(code) != ok {
			t.Errorf("%q: %t", code, !ok)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(heads + mug("mug", "MUG", "12,90", 7)))
	f.Add([]byte("slug,sku,price\na,b,1\n"))
	f.Add([]byte("\xef\xbb\xbfslug\tsku\tprice\n\"a\tb"))
	for _, name := range []string{"shopify", "woocommerce", "prestashop"} {
		f.Add(sample(f, name))
	}
	s := &catalog.Service{}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		// Without a folder of photographs nothing reaches the database: only the reader is judged.
		data = append(data, []byte("\nx;y\n")...)
		_, _ = s.Import(context.Background(), bytes.NewReader(data), catalog.ImportOptions{Photos: fstest.MapFS{}})
	})
}
