package catalog

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/pg/pgtest"
)

func importer(pool *pgxpool.Pool, enqueued *[]int64) *Service {
	return &Service{Pool: pool, Clock: clock.System{}, Logger: slog.New(slog.DiscardHandler),
		Deliver:       func(context.Context) (Deliverability, error) { return nil, nil },
		EnqueueImport: func(_ context.Context, _ pgx.Tx, id int64) error { *enqueued = append(*enqueued, id); return nil }}
}

func bookmarks(n int) string {
	var b strings.Builder
	b.WriteString("slug;family;vat_class;name_fr;sku;price;weight_g;length_mm;width_mm;height_mm;stock\n")
	for i := range n {
		fmt.Fprintf(&b, "marque-page-%d;paper;standard;Marque-page %d;MP-%d;2,50;5;180;50;1;10\n", i, i, i)
	}
	return b.String()
}

// A file is judged before anything changes, then brought in as a whole; a job that is done again after
// it ended does nothing.
func TestAFileIsJudgedThenBroughtIn(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	var enqueued []int64
	s := importer(pool, &enqueued)
	count := func() (n int) {
		if err := pool.QueryRow(ctx, "select count(*) from product").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	id, err := s.BringFile(ctx, `C:\Documents\marque-pages.csv`, strings.NewReader(bookmarks(40)), "rose")
	if err != nil || len(enqueued) != 1 {
		t.Fatal(err, enqueued)
	}
	if err := s.StartImport(ctx, id, "rose"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a file that was not judged is brought in: %v", err)
	}
	if err := s.workImport(ctx, id); err != nil {
		t.Fatal(err)
	}
	f, err := GetImport(ctx, pool, id)
	if err != nil || f.Name != "marque-pages.csv" || f.State != ImportJudged || f.Report.Created != 40 || f.Done != 40 || len(f.Report.Details) != 40 || !f.Report.Details[0].New || count() != 0 {
		t.Fatalf("%+v, %v, %d products", f, err, count())
	}
	if err := s.StartImport(ctx, id, "camille"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.workImport(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if f, err = GetImport(ctx, pool, id); err != nil || f.State != ImportDone || f.Report.Created != 40 || count() != 40 {
		t.Fatalf("%+v, %v", f, err)
	}
	var parts int
	if err := pool.QueryRow(ctx, "select count(*) from product_import_part").Scan(&parts); err != nil || parts != 0 {
		t.Errorf("%d pieces of the file stay, %v", parts, err)
	}
	// The same file with another price, and a bad one.
	id, err = s.BringFile(ctx, "again.csv", strings.NewReader(strings.Replace(bookmarks(40), "MP-7;2,50", "MP-7;2,80", 1)), "rose")
	if err == nil {
		err = s.workImport(ctx, id)
	}
	if f, _ = GetImport(ctx, pool, id); err != nil || f.Report.Changed != 1 || f.Report.Unchanged != 39 || len(f.Report.Details) != 1 || fmt.Sprint(f.Report.Details[0].Changes) != "[{MP-7.price 2,50 2,80}]" {
		t.Errorf("%+v, %v", f.Report, err)
	}
	id, err = s.BringFile(ctx, "bad.csv", strings.NewReader(strings.Replace(bookmarks(3), "MP-1;2,50", "MP-1;cher", 1)), "rose")
	if err == nil {
		err = s.workImport(ctx, id)
	}
	if f, _ = GetImport(ctx, pool, id); err != nil || f.State != ImportRefused || len(f.Report.Issues) != 1 || f.Report.Issues[0].Line != 3 || f.Report.Issues[0].Column != "price" {
		t.Errorf("%+v, %v", f, err)
	}
}

// A program that is killed in the middle leaves nothing; the job is done again and brings everything.
func TestAnImportThatWasBrokenOffIsDoneAgainAsAWhole(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	var enqueued []int64
	s := importer(pool, &enqueued)
	id, err := s.BringFile(ctx, "marque-pages.csv", strings.NewReader(bookmarks(300)), "rose")
	for _, step := range []func() error{func() error { return s.workImport(ctx, id) }, func() error { return s.StartImport(ctx, id, "rose") }} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	killed, kill := context.WithCancel(ctx)
	f, err := GetImport(ctx, pool, id)
	if err != nil {
		t.Fatal(err)
	}
	file, _, err := s.openImport(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Import(killed, file, ImportOptions{Actor: "rose", Progress: func(done, of int) {
		if done == of/2 {
			kill()
		}
	}})
	var products int
	if scan := pool.QueryRow(ctx, "select count(*) from product").Scan(&products); scan != nil || err == nil || products != 0 {
		t.Fatalf("%d products stay (%v, %v)", products, err, scan)
	}
	if err := s.workImport(ctx, id); err != nil {
		t.Fatal(err)
	}
	if f, err = GetImport(ctx, pool, id); err != nil || f.State != ImportDone || f.Report.Created != 300 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestWhatIsNoFileOfProductsIsRefusedByName(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	var enqueued []int64
	s := importer(pool, &enqueued)
	pack := func(names ...string) string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range names {
			f, err := w.Create(name)
			if err == nil {
				_, err = io.WriteString(f, bookmarks(2))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if _, err := s.BringFile(ctx, "empty.csv", strings.NewReader(""), "rose"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an empty file: %v", err)
	}
	for name, c := range map[string]struct{ data, want string }{
		"no table":        {pack("readme.md"), "no CSV"},
		"two tables":      {pack("a.csv", "b.csv"), "several CSV"},
		"climbing":        {pack("../a.csv"), "climbs out"},
		"broken off":      {pack("a.csv")[:200], "no zip that can be read"},
		"another columns": {"a;b\n1;2\n", ""},
		"latin one":       {"slug;sku;price;name_fr\nsac;SAC;12,00;Sac d\xe9cor\xe9\n", ""},
	} {
		id, err := s.BringFile(ctx, name, strings.NewReader(c.data), "rose")
		if err == nil {
			err = s.workImport(ctx, id)
		}
		f, _ := GetImport(ctx, pool, id)
		if err != nil || f.State != ImportRefused || !strings.Contains(f.Problem, c.want) || (c.want == "") != (len(f.Report.Issues) > 0) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	id, err := s.BringFile(ctx, "good.zip", strings.NewReader(pack("articles/good.csv", "__MACOSX/good.csv")), "rose")
	if err == nil {
		err = s.workImport(ctx, id)
	}
	if f, _ := GetImport(ctx, pool, id); err != nil || f.State != ImportJudged || f.Report.Created != 2 {
		t.Errorf("%+v, %v", f, err)
	}
}

// A zip says how large its files are before any is unpacked: one that would fill the disk is refused.
func TestABombOfAZipIsRefusedUnopened(t *testing.T) {
	t.Parallel()
	many, large, all := &zip.Reader{}, &zip.Reader{}, &zip.Reader{}
	for range maxZipEntries + 1 {
		many.File = append(many.File, &zip.File{FileHeader: zip.FileHeader{Name: "a.jpg"}})
	}
	large.File = []*zip.File{{FileHeader: zip.FileHeader{Name: "a.jpg", UncompressedSize64: maxZipEntry + 1}}}
	for n := range 100 {
		all.File = append(all.File, &zip.File{FileHeader: zip.FileHeader{Name: fmt.Sprintf("%d.jpg", n), UncompressedSize64: maxZipEntry}})
	}
	for name, c := range map[string]struct {
		archive *zip.Reader
		code    string
	}{"too many": {many, "zip_too_many"}, "one too large": {large, "zip_entry_large"}, "all too large": {all, "zip_too_large"}} {
		if _, err := photosOf(c.archive); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// One that lies about its size ends in an error, not in more bytes than it said.
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("a.jpg")
	if err == nil {
		_, err = f.Write(bytes.Repeat([]byte{0}, 1<<20))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	archive.File[0].UncompressedSize64 = 10
	folder, err := photosOf(archive)
	if err != nil {
		t.Fatal(err)
	}
	file, err := folder.Open("a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, file); err == nil || n > 1<<10 {
		t.Errorf("%d bytes came out of an entry of 10: %v", n, err)
	}
}
