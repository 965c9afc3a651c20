package catalog_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"boutique/catalog"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
	"boutique/internal/text"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/import/" + name + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOtherShopsExportsAreRecognised(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, "")
	for _, c := range []struct {
		format                     catalog.Format
		products, variants, photos int
		slug                       string
		check                      func(catalog.Product) error
	}{
		{catalog.FormatShopify, 2, 4, 1, "t-shirt-geants", func(p catalog.Product) error {
			v := p.Variants[2]
			if len(p.Options) != 2 || v.SKU != "TS-GEANTS-M-B" || v.Price != 2690 || v.WeightG != 190 || v.Stock != 0 || p.Maker != "poterie" || p.Category != "table" || p.Variants[0].GTIN != "4006381333931" {
				return fmt.Errorf("%+v", p.Content)
			}
			if d := p.Texts[text.FR].Description; d != "Un t-shirt en coton biologique.\n\n- Sérigraphié à Lille\n- Coupe droite" {
				return fmt.Errorf("described %q", d)
			}
			return nil
		}},
		{catalog.FormatWooCommerce, 2, 3, 1, "sac-en-toile", func(p catalog.Product) error {
			if v := p.Variants[1]; v.SKU != "SAC-BLEU" || v.Price != 1400 || v.LengthMM != 400 || v.WeightG != 180 || p.Options[0].Labels[text.FR] != "Couleur" || p.Category != "table" {
				return fmt.Errorf("%+v", p.Content)
			}
			return nil
		}},
		{catalog.FormatPrestaShop, 2, 3, 1, "bougie-du-carillon", func(p catalog.Product) error {
			if v := p.Variants[1]; v.SKU != "BOUGIE-MIEL" || v.Price != 1290 || v.LengthMM != 80 || v.HeightMM != 90 || v.WeightG != 420 || p.Photos[0].Alts[text.FR] != "La bougie allumée" {
				return fmt.Errorf("%+v", p)
			}
			return nil
		}},
	} {
		file := sample(t, string(c.format))
		r, err := s.Import(ctx, bytes.NewReader(file), catalog.ImportOptions{Actor: "test", Photos: photos})
		if err != nil || len(r.Issues) > 0 || r.Format != c.format || r.Products != c.products || r.Variants != c.variants || r.Photos != c.photos || r.Created != c.products {
			t.Fatalf("%s: %+v, %v", c.format, r, err)
		}
		p, err := catalog.GetProduct(ctx, pool, c.slug)
		if err == nil {
			err = c.check(p)
		}
		if err != nil || p.State != catalog.Draft {
			t.Errorf("%s: %s, %v", c.format, p.State, err)
		}
		again, err := s.Import(ctx, bytes.NewReader(file), catalog.ImportOptions{Actor: "test", Photos: photos})
		if err != nil || again.Unchanged != c.products {
			t.Errorf("%s again: %+v, %v", c.format, again, err)
		}
	}
	mustHold(t, pool)
}

func TestAForeignFilesFaultsAreNamedInItsOwnWords(t *testing.T) {
	t.Parallel()
	s := service(t, pgtest.DB(t))
	seed(t, s, "")
	for format, c := range map[catalog.Format]struct{ from, to, want string }{
		catalog.FormatShopify:     {",24.90,", ",cheap,", "line 2, variant price"},
		catalog.FormatWooCommerce: {"id:44", "id:99", "line 5, parent"},
		catalog.FormatPrestaShop:  {"0,42;14", "lourd;14", "line 2, weight"},
	} {
		file := strings.Replace(string(sample(t, string(format))), c.from, c.to, 1)
		r, err := s.Import(context.Background(), strings.NewReader(file), catalog.ImportOptions{Actor: "test"})
		if err != nil || !slices.ContainsFunc(r.Issues, func(i catalog.Issue) bool { return strings.HasPrefix(i.String(), c.want) }) {
			t.Errorf("%s: %v, %v", format, r.Issues, err)
		}
	}
	r, err := s.Import(context.Background(), bytes.NewReader(sample(t, "shopify")), catalog.ImportOptions{Format: catalog.FormatPrestaShop, Actor: "test"})
	if err != nil || len(r.Issues) == 0 {
		t.Errorf("a Shopify file passes for PrestaShop's: %+v, %v", r, err)
	}
}

func TestExportedAndImportedAgainNothingChanges(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 7)+mug("mug-bleu", "MUG-BLEU", "13,90", 3))
	if _, err := s.Import(ctx, bytes.NewReader(sample(t, "shopify")), catalog.ImportOptions{Actor: "test", Photos: photos}); err != nil {
		t.Fatal(err)
	}
	export := func() string {
		var b bytes.Buffer
		if err := catalog.WriteProducts(ctx, pool, &b, sheet.CSV); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := export()
	r, err := s.Import(ctx, strings.NewReader(first), catalog.ImportOptions{Actor: "test"})
	if err != nil || len(r.Issues) > 0 || r.Format != catalog.FormatBoutique || r.Unchanged != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	if again := export(); again != first {
		t.Errorf("the second export differs:\n%s\n%s", first, again)
	}
}

func TestAnInterruptedImportLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, "")
	ctx, stop := context.WithCancel(context.Background())
	var file strings.Builder
	file.WriteString(heads)
	for n := range 20 {
		file.WriteString(mug(fmt.Sprintf("mug-%d", n), fmt.Sprintf("MUG-%d", n), "12,90", 1))
	}
	_, err := s.Import(ctx, strings.NewReader(file.String()), catalog.ImportOptions{Actor: "test", Photos: photos, Progress: func(done, of int) {
		if done == of/2 {
			stop()
		}
	}})
	var products int
	if scanErr := pool.QueryRow(context.Background(), "select count(*) from product").Scan(&products); scanErr != nil || err == nil || products != 0 {
		t.Errorf("%d products stay after an import that was broken off (%v, %v)", products, err, scanErr)
	}
	mustHold(t, pool)
}

// rows is how many rows the benchmark's file has, a product each.
const rows = 100_000

// products is a file of so many products, written as it is read.
func products(tb testing.TB, n int) *os.File {
	tb.Helper()
	file, err := os.Create(filepath.Join(tb.TempDir(), "products.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { file.Close() })
	w := bufio.NewWriter(file)
	w.WriteString(heads)
	for i := range n {
		w.WriteString(strings.Replace(withoutPhoto(mug(fmt.Sprintf("mug-%d", i), fmt.Sprintf("MUG-%d", i), "12,90", 1)), ";yes\n", ";no\n", 1))
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return file
}

// BenchmarkImport brings a file of products in, and says how many rows a second that took, and how much
// memory this program had at most since it began to read.
func BenchmarkImport(b *testing.B) {
	file := products(b, rows)
	for b.Loop() {
		b.StopTimer()
		s := service(b, pgtest.DB(b))
		seed(b, s, "")
		runtime.GC()
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
			b.Log("the peak is that of the whole program:", err)
		}
		b.StartTimer()
		started := time.Now()
		r, err := s.Import(context.Background(), file, catalog.ImportOptions{Actor: "bench"})
		if err != nil || r.Created != rows {
			b.Fatalf("%d came in: %v %v", r.Created, err, r.Issues)
		}
		b.ReportMetric(rows/time.Since(started).Seconds(), "rows/s")
		if status, err := os.ReadFile("/proc/self/status"); err == nil {
			if _, after, ok := strings.Cut(string(status), "VmHWM:"); ok {
				var kilobytes float64
				if _, err := fmt.Sscan(after, &kilobytes); err == nil {
					b.ReportMetric(kilobytes/1024, "peak-MB")
				}
			}
		}
	}
}

func TestAZipOfPhotographsIsHeldToItsLimits(t *testing.T) {
	t.Parallel()
	picture, err := os.ReadFile("photo/testdata/magnet.jpg")
	if err != nil {
		t.Fatal(err)
	}
	pack := func(build func(*zip.Writer)) (fs.FS, error) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		build(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return catalog.ZipPhotos(bytes.NewReader(b.Bytes()), int64(b.Len()))
	}
	put := func(w *zip.Writer, name string, mode fs.FileMode) {
		head := &zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Unix(0, 0)}
		head.SetMode(mode)
		f, err := w.CreateHeader(head)
		if err == nil {
			_, err = f.Write(picture)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, build := range map[string]func(*zip.Writer){
		"a path that climbs out": func(w *zip.Writer) { put(w, "../magnet.jpg", 0o600) },
		"an absolute path":       func(w *zip.Writer) { put(w, "/etc/magnet.jpg", 0o600) },
		"a path of Windows":      func(w *zip.Writer) { put(w, `..\magnet.jpg`, 0o600) },
		"a link":                 func(w *zip.Writer) { put(w, "magnet.jpg", fs.ModeSymlink|0o600) },
		"two files of one name":  func(w *zip.Writer) { put(w, "a/magnet.jpg", 0o600); put(w, "b/magnet.jpg", 0o600) },
	} {
		if _, err := pack(build); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := catalog.ZipPhotos(strings.NewReader("no zip"), 6); err == nil {
		t.Error("what is no zip is taken")
	}
	folder, err := pack(func(w *zip.Writer) { put(w, "photos/magnet.jpg", 0o600) })
	if err != nil {
		t.Fatal(err)
	}
	pool := pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, "")
	r, err := s.Import(context.Background(), strings.NewReader(heads+mug("mug", "MUG", "12,90", 7)), catalog.ImportOptions{Actor: "test", Photos: folder})
	if err != nil || len(r.Issues) > 0 || r.Photos != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}
