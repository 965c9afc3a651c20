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
	"runtime/debug"
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

// What belongs together in another shop's export may stand far apart in the file.
func TestRowsOfAProductMayStandAnywhere(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for format, places := range map[catalog.Format]int{catalog.FormatWooCommerce: 1, catalog.FormatPrestaShop: 1} {
		s := service(t, pgtest.DB(t))
		seed(t, s, "")
		lines := strings.SplitAfter(strings.TrimSuffix(string(sample(t, string(format))), "\n")+"\n", "\n")
		lines = lines[:len(lines)-1]
		// The last row goes right behind the first product, the others follow.
		last := lines[len(lines)-1]
		moved := slices.Insert(slices.Clone(lines[:len(lines)-1]), 1+places, last)
		straight, err := s.Import(ctx, strings.NewReader(strings.Join(lines, "")), catalog.ImportOptions{Actor: "test", Photos: photos})
		if err != nil || straight.Created != 2 {
			t.Fatalf("%s: %+v, %v", format, straight, err)
		}
		apart, err := s.Import(ctx, strings.NewReader("\ufeff"+strings.Join(moved, "\r\n")), catalog.ImportOptions{Actor: "test", Photos: photos})
		if err != nil || apart.Products != straight.Products || apart.Variants != straight.Variants || len(apart.Issues) > 0 || apart.Created > 0 {
			t.Errorf("%s: %+v, %v", format, apart, err)
		}
	}
}

// An issue is a reason of the import's own or of a use case, with what it speaks of; all are in the order
// of the lines.
func TestIssuesNameTheirReasonByACode(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := service(t, pgtest.DB(t))
	seed(t, s, "")
	own := heads + withoutPhoto(mug("Mug", "MUG", "12,90", 1)) + withoutPhoto(mug("mug-cher", "MUG-CHER", "cher", 1)) + strings.Replace(mug("mug-photo", "MUG-PHOTO", "9,00", 1), "magnet.jpg", "nowhere.jpg", 1) + "too;few\n"
	r, err := s.Import(ctx, strings.NewReader(own), catalog.ImportOptions{Actor: "test", Photos: photos})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		line   int
		column string
		code   string
		said   string
	}{
		{2, "slug", "slug_invalid", "line 2, slug: must have small letters, digits and hyphens, at most 80"},
		{3, "price", "amount", "line 3, price: must be an amount like 12,50, not “cher”"},
		{4, "photos", "photo_not_there", "line 4, photos: nowhere.jpg: is not in the folder of photographs"},
		{5, "", "row_length", "line 5: has 2 fields, the head has 30"},
	}
	for n, w := range want {
		if n >= len(r.Issues) || r.Issues[n].Line != w.line || r.Issues[n].Column != w.column || r.Issues[n].Code != w.code || r.Issues[n].String() != w.said {
			t.Fatalf("issue %d is not %v: %+v", n, w, r.Issues)
		}
	}
	if r.Issues[1].Params["cell"] != "cher" || len(r.Issues) != len(want) {
		t.Errorf("%+v", r.Issues)
	}
	draft, err := s.Import(ctx, strings.NewReader(heads+withoutPhoto(mug("mug", "MUG", "12,90", 1))), catalog.ImportOptions{Actor: "test"})
	if err != nil || len(draft.Warnings) != 1 || draft.Warnings[0].Code != "stays_draft" {
		t.Fatalf("%+v, %v", draft, err)
	}
	if todo, ok := draft.Warnings[0].Params["todo"].(catalog.Labels); !ok || todo[text.FR] == "" || todo[text.EN] == "" || todo[text.FR] == todo[text.EN] {
		t.Errorf("%+v", draft.Warnings[0])
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
		forgetPeak(b)
		b.StartTimer()
		started := time.Now()
		r, err := s.Import(context.Background(), file, catalog.ImportOptions{Actor: "bench"})
		if err != nil || r.Created != rows {
			b.Fatalf("%d came in: %v %v", r.Created, err, r.Issues)
		}
		b.ReportMetric(rows/time.Since(started).Seconds(), "rows/s")
		reportPeak(b)
	}
}

// forgetPeak begins to measure anew how much memory this program has at most.
func forgetPeak(b *testing.B) {
	b.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Log("the peak is that of the whole program:", err)
	}
}

func reportPeak(b *testing.B) {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	if _, after, ok := strings.Cut(string(status), "VmHWM:"); ok {
		var kilobytes float64
		if _, err := fmt.Sscan(after, &kilobytes); err == nil {
			b.ReportMetric(kilobytes/1024, "peak-MB")
		}
	}
}

// BenchmarkJudgeOtherShops judges a file of 64 MB of each of the other shops, whose last row is wrong, so that
// nothing is brought in: what is measured is the reading, and the memory that it takes.
func BenchmarkJudgeOtherShops(b *testing.B) {
	for _, format := range []catalog.Format{catalog.FormatShopify, catalog.FormatWooCommerce, catalog.FormatPrestaShop} {
		b.Run(string(format), func(b *testing.B) {
			s := service(b, pgtest.DB(b))
			seed(b, s, "")
			file, size := foreignFile(b, format, 64<<20)
			for b.Loop() {
				b.StopTimer()
				forgetPeak(b)
				b.StartTimer()
				r, err := s.Import(context.Background(), file, catalog.ImportOptions{Actor: "bench", DryRun: true})
				if err != nil || len(r.Issues) != 1 || r.Format != format {
					b.Fatalf("%d issues, the first %v, %v", len(r.Issues), r.Issues[:min(1, len(r.Issues))], err)
				}
				b.ReportMetric(float64(r.Products), "products")
				b.ReportMetric(float64(r.Variants), "rows")
				reportPeak(b)
			}
			b.SetBytes(size)
		})
	}
}

// foreignFile is an export of another shop of about a size: three variants to a product, and a last product
// whose price is none. Shopify's rows of a product follow each other; the others' stand far apart, the
// variants of fifty products behind the fifty.
func foreignFile(tb testing.TB, format catalog.Format, size int64) (*os.File, int64) {
	tb.Helper()
	file, err := os.Create(filepath.Join(tb.TempDir(), "export.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { file.Close() })
	story := strings.Repeat("<p>Un article fait ici.</p>", 20)
	// A row of the product p: its v-th variant, and before the first one what is said once.
	rows := map[catalog.Format]func(p, v int, price string) string{
		catalog.FormatShopify: func(p, v int, price string) string {
			return fmt.Sprintf("article-%d,Article %d,%s,Taille,T%d,A-%d-%d,%s\n", p, p, story, v, p, v, price)
		},
		catalog.FormatWooCommerce: func(p, v int, price string) string {
			row := fmt.Sprintf("%d,variation,A-%d-%d,Article %d,,id:%d,%s,Taille,T%d\n", 4*p+v+1, p, v, p, 4*p, price, v)
			if v == 0 {
				row = fmt.Sprintf("%d,variable,W-%d,Article %d,%s,,,,\n", 4*p, p, p, story) + row
			}
			return row
		},
		catalog.FormatPrestaShop: func(p, v int, price string) string {
			return fmt.Sprintf("%d,1,Article %d,%s,A-%d-%d,%s,Taille:select:0,T%d:0\n", p+1, p, story, p, v, price, v)
		},
	}[format]
	w := bufio.NewWriter(file)
	written := int64(0)
	write := func(row string) {
		n, _ := w.WriteString(row) // an error is said by Flush
		written += int64(n)
	}
	write(map[catalog.Format]string{
		catalog.FormatShopify:     "Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price\n",
		catalog.FormatWooCommerce: "ID,Type,SKU,Name,Description,Parent,Regular price,Attribute 1 name,Attribute 1 value(s)\n",
		catalog.FormatPrestaShop:  "Product ID,Active (0/1),Name *,Description,Reference #,Price tax included,Attribute (Name:Type:Position)*,Value (Value:Position)*\n",
	}[format])
	const variants, turn = 3, 50
	p := 0
	for ; written < size; p += turn {
		for i := range variants * turn {
			if format == catalog.FormatShopify {
				write(rows(p+i/variants, i%variants, "12.50"))
			} else {
				write(rows(p+i%turn, i/turn, "12.50"))
			}
		}
	}
	write(rows(p, 0, "cheap"))
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return file, written
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
