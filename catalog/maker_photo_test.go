package catalog_test

import (
	"bytes"
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

// A maker's own photograph comes in like a product's, is shown before those of its products, is kept by
// the sweep and held by verify, and goes when it is replaced or taken off.
func TestAMakerHasAPhotographOfItsOwn(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 5))
	library, ok := s.Photos.(*photo.Library)
	if !ok {
		t.Fatal("the photographs are taken in by somebody else")
	}
	shelf := newShelf(pool)
	maker := func() *catalog.Maker {
		t.Helper()
		if err := shelf.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		m, there := shelf.Current().Maker("poterie")
		if !there || m.Photo == nil {
			t.Fatalf("the maker is %+v", m)
		}
		return m
	}
	ofMug := maker().Photo.SHA256

	data := stripes(900, 700, 30)
	u, err := s.BeginMakerUpload(ctx, "poterie", "atelier.jpg", int64(len(data)), "a")
	if err == nil {
		_, err = s.ReceivePart(ctx, u.ID, 0, bytes.NewReader(data))
	}
	if err == nil {
		_, err = s.FinishUpload(ctx, u.ID, "a")
	}
	if err != nil {
		t.Fatal(err)
	}
	own, err := catalog.GetMakerPhoto(ctx, pool, "poterie")
	if err != nil || own == nil || own.Width != 900 || own.FocalX != 50 || own.Made != "" {
		t.Fatalf("%+v %v", own, err)
	}
	if n, err := s.EnqueueMissing(ctx, photo.MeasureRecipe, photo.MadeOf); err != nil || n != 2 {
		t.Errorf("%d photographs wait to be rendered, %v", n, err)
	}
	done, err := library.Render(ctx, own.SHA256)
	if err == nil {
		err = s.SaveRenditions(ctx, own.SHA256, done)
	}
	if err == nil {
		err = s.DescribeMakerPhoto(ctx, "poterie", catalog.MakerPhotoNotes{Alts: map[text.Lang]string{text.FR: "L’atelier", text.EN: "The workshop"}, FocalX: 20, FocalY: 60, Credit: "Zoé"}, "a")
	}
	if err != nil {
		t.Fatal(err)
	}
	if p := maker().Photo.Drawn(); p.SHA256 != own.SHA256 || p.Alt(text.EN) != "The workshop" || p.Alt(text.DE) != "L’atelier" || p.FocalX != 20 || p.FocalY != 60 || p.Credit != "Zoé" || p.Width != 900 || len(p.Renditions) != 4 || p.Placeholder == "" {
		t.Errorf("shoppers see %+v", p)
	}
	verified := func(want int) {
		t.Helper()
		files, err := catalog.PhotoFiles(ctx, pool)
		if err != nil {
			t.Fatal(err)
		}
		if named := slices.ContainsFunc(files.Originals, func(o catalog.OriginalFile) bool { return o.SHA256 == own.SHA256 }); named != (want > 0) {
			t.Errorf("the original is named: %t", named)
		}
		later := time.Now().Add(72 * time.Hour)
		if _, err := library.Sweep(ctx, files, later); err != nil {
			t.Fatal(err)
		}
		results, err := library.Verify(ctx, files, later)
		for _, r := range results {
			if !r.Holds() || err != nil {
				t.Errorf("%s: %v %v", r.Name, r.Broken, err)
			}
		}
		n := 0
		if err := library.Store.List(ctx, func(f photo.Found) error {
			if strings.HasPrefix(f.Name, own.SHA256) {
				n++
			}
			return nil
		}); err != nil || n != want {
			t.Errorf("%d files of the photograph are kept, not %d: %v", n, want, err)
		}
	}
	verified(5)
	mustHold(t, pool)
	if err := s.ForgetRenditions(ctx, nil); err != nil {
		t.Fatal(err)
	}
	verified(5)

	// Another one takes its place, with nothing of what was said of the first.
	if err := s.SetMakerPhoto(ctx, "poterie", "portrait.jpg", bytes.NewReader(stripes(640, 800, 10)), "a"); err != nil {
		t.Fatal(err)
	}
	if now, err := catalog.GetMakerPhoto(ctx, pool, "poterie"); err != nil || now.SHA256 == own.SHA256 || len(now.Alts) != 0 || now.Credit != "" || now.FocalX != 50 {
		t.Errorf("%+v %v", now, err)
	}
	if err := s.RemoveMakerPhoto(ctx, "poterie", "a"); err != nil {
		t.Fatal(err)
	}
	if got := maker().Photo.SHA256; got != ofMug {
		t.Errorf("without a photograph of its own the maker is shown by %s", got)
	}
	if now, err := catalog.GetMakerPhoto(ctx, pool, "poterie"); err != nil || now != nil {
		t.Errorf("%+v %v", now, err)
	}
	mustHold(t, pool)
}

func TestWhatIsNoGoodPhotographOfAMakerIsRefused(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, "")
	broken, err := fs.ReadFile(photos, "magnet.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		refused error
		code    string
	}{
		"no photograph":             {s.SetMakerPhoto(ctx, "poterie", "x.jpg", strings.NewReader("no photo!"), "a"), "photo_not_an_image"},
		"half of one":               {s.SetMakerPhoto(ctx, "poterie", "x.jpg", bytes.NewReader(broken[:len(broken)/2]), "a"), "photo_truncated"},
		"of nobody":                 {s.SetMakerPhoto(ctx, "nobody", "x.jpg", bytes.NewReader(broken), "a"), "maker_not_found"},
		"taken off nobody":          {s.RemoveMakerPhoto(ctx, "nobody", "a"), "maker_not_found"},
		"described where is none":   {s.DescribeMakerPhoto(ctx, "poterie", catalog.MakerPhotoNotes{}, "a"), "photo_not_found"},
		"a middle that lies beyond": {s.DescribeMakerPhoto(ctx, "poterie", catalog.MakerPhotoNotes{FocalX: 101}, "a"), "focal_out_of_range"},
		"a credit without an end":   {s.DescribeMakerPhoto(ctx, "poterie", catalog.MakerPhotoNotes{Credit: strings.Repeat("é", 201)}, "a"), "too_long"},
		"a description with a NUL":  {s.DescribeMakerPhoto(ctx, "poterie", catalog.MakerPhotoNotes{Alts: map[text.Lang]string{text.FR: "\x00"}}, "a"), "text_malformed"},
	} {
		if codeOf(c.refused) != c.code {
			t.Errorf("%s: %v", name, c.refused)
		}
	}
	if _, err := s.BeginMakerUpload(ctx, "nobody", "x.jpg", 9, "a"); codeOf(err) != "maker_not_found" {
		t.Errorf("an upload for nobody: %v", err)
	}
}
