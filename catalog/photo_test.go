package catalog_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/fault"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

func stripes(width, height, step int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.RGBA{uint8(x / step * 40), uint8(y / step * 60), uint8(step), 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, nil)
	return b.Bytes()
}

func codeOf(err error) string {
	f, _ := fault.As(err)
	if f == nil {
		return ""
	}
	if len(f.Fields) > 0 {
		return f.Fields[0].Code
	}
	return f.Code
}

// shopWithMug is a shop with one article that has two variants' worth of photographs to come.
func shopWithMug(t *testing.T) (*catalog.Service, context.Context) {
	t.Helper()
	s := service(t, pgtest.DB(t))
	seed(t, s, withoutPhoto(mug("mug", "MUG", "12,90", 5)))
	return s, t.Context()
}

func TestAnUploadGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	s, ctx := shopWithMug(t)
	data := stripes(500, 400, 20)
	u, err := s.BeginUpload(ctx, "mug", "IMG 1.jpg", int64(len(data)), "a")
	if err != nil {
		t.Fatal(err)
	}
	half := len(data) / 2
	if u, err = s.ReceivePart(ctx, u.ID, 0, bytes.NewReader(data[:half])); err != nil || u.Received != int64(half) {
		t.Fatal(u, err)
	}
	// The answer was lost: the same piece again is told where the upload stands, and changes nothing.
	_, err = s.ReceivePart(ctx, u.ID, 0, bytes.NewReader(data[:half]))
	if f, ok := fault.As(err); !ok || f.Code != "upload_elsewhere" || f.Params["received"] != int64(half) {
		t.Errorf("the same piece again: %v", err)
	}
	if _, err := s.FinishUpload(ctx, u.ID, "a"); codeOf(err) != "upload_elsewhere" {
		t.Errorf("half a photograph: %v", err)
	}
	if _, err := s.ReceivePart(ctx, u.ID, int64(half), bytes.NewReader(append(data[half:], 0))); codeOf(err) != "upload_elsewhere" {
		t.Errorf("more than was announced: %v", err)
	}
	p, err := catalog.GetProduct(ctx, s.Pool, "mug")
	if err != nil || len(p.Photos) != 0 {
		t.Fatalf("half a photograph is none: %v %v", p.Photos, err)
	}
	if list, err := catalog.Uploads(ctx, s.Pool, p.ID); err != nil || len(list) != 1 || list[0].Received != int64(half) {
		t.Errorf("what stopped is listed: %+v %v", list, err)
	}
	mustHold(t, s.Pool)
	if _, err := s.ReceivePart(ctx, u.ID, int64(half), bytes.NewReader(data[half:])); err != nil {
		t.Fatal(err)
	}
	ph, err := s.FinishUpload(ctx, u.ID, "a")
	if err != nil || ph.Width != 500 || ph.View != "front" {
		t.Fatal(ph, err)
	}
	if _, err := catalog.GetUpload(ctx, s.Pool, u.ID); codeOf(err) != "upload_not_found" {
		t.Errorf("finished, it is forgotten: %v", err)
	}
	for name, c := range map[string]struct {
		size int64
		name string
		code string
	}{"nothing": {0, "x.jpg", "photo_too_large"}, "31 MB": {31 << 20, "x.jpg", "photo_too_large"}, "no name": {10, "", "file_name_invalid"}} {
		if _, err := s.BeginUpload(ctx, "mug", c.name, c.size, "a"); codeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if u, err = s.BeginUpload(ctx, "mug", "x.jpg", 9, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err = s.ReceivePart(ctx, u.ID, 0, strings.NewReader("no photo!")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FinishUpload(ctx, u.ID, "a"); codeOf(err) != "photo_not_an_image" {
		t.Errorf("no photograph: %v", err)
	}
	if list, _ := catalog.Uploads(ctx, s.Pool, p.ID); len(list) != 0 {
		t.Errorf("refused, its pieces are thrown away: %+v", list)
	}
	mustHold(t, s.Pool)
}

func TestAPhotographIsCutBesideItsOriginal(t *testing.T) {
	t.Parallel()
	s, ctx := shopWithMug(t)
	data := stripes(600, 400, 20)
	ph, err := s.AttachPhoto(ctx, "mug", "x.jpg", bytes.NewReader(data), nil, "a")
	if err != nil {
		t.Fatal(err)
	}
	edit := catalog.Edit{Turn: 90, X: 0, Y: 5000, Width: catalog.Whole, Height: 5000}
	cut, err := s.EditPhoto(ctx, "mug", ph.ID, edit, "a")
	if err != nil || cut.SHA256 == ph.SHA256 || cut.Source != ph.Source || cut.Width != 400 || cut.Height != 300 || cut.Edit != edit {
		t.Fatalf("%+v %v", cut, err)
	}
	if _, err := s.AttachPhoto(ctx, "mug", "x.jpg", bytes.NewReader(data), nil, "a"); codeOf(err) != "photo_twice" {
		t.Errorf("its original once more: %v", err)
	}
	for name, c := range map[string]struct {
		edit catalog.Edit
		code string
	}{
		"beyond the edge": {catalog.Edit{X: 6000, Width: 5000, Height: catalog.Whole}, "cut_out_of_range"},
		"nothing left":    {catalog.Edit{}, "cut_out_of_range"},
		"a sliver":        {catalog.Edit{Width: 100, Height: catalog.Whole}, "cut_too_small"},
		"an eighth turn":  {catalog.Edit{Turn: 45, Width: catalog.Whole, Height: catalog.Whole}, "turn_unknown"},
	} {
		if _, err := s.EditPhoto(ctx, "mug", ph.ID, c.edit, "a"); codeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	back, err := s.EditPhoto(ctx, "mug", ph.ID, catalog.AsItCame(), "a")
	if err != nil || back.SHA256 != ph.SHA256 || back.Source != ph.Source || back.Bytes != ph.Bytes {
		t.Errorf("back to the original: %+v %v", back, err)
	}
	mustHold(t, s.Pool)
}

func TestFourQuarterTurnsAreNone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.IntRange(0, catalog.Whole-1).Draw(t, "x"), rapid.IntRange(0, catalog.Whole-1).Draw(t, "y")
		e := catalog.Edit{Turn: 90 * rapid.IntRange(0, 3).Draw(t, "turn"), X: x, Y: y, Width: rapid.IntRange(1, catalog.Whole-x).Draw(t, "width"), Height: rapid.IntRange(1, catalog.Whole-y).Draw(t, "height")}
		if e.Turned(90).Turned(270) != e || e.Turned(90).Turned(90).Turned(90).Turned(90) != e || e.Turned(-90) != e.Turned(270) {
			t.Errorf("%+v", e)
		}
		once := e.Turned(90)
		if once.X < 0 || once.Y < 0 || once.X+once.Width > catalog.Whole || once.Y+once.Height > catalog.Whole || once.Width != e.Height {
			t.Errorf("%+v turned is %+v", e, once)
		}
	})
}

func TestWhatIsSaidOfAPhotographIsKeptAndChecked(t *testing.T) {
	t.Parallel()
	s, ctx := shopWithMug(t)
	ph, err := s.AttachPhoto(ctx, "mug", "x.jpg", bytes.NewReader(stripes(500, 400, 20)), nil, "a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.AttachPhoto(ctx, "mug", "y.jpg", bytes.NewReader(stripes(500, 400, 50)), nil, "a")
	if err != nil || other.View != "" {
		t.Fatal(other, err)
	}
	until := time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC)
	notes := catalog.PhotoNotes{Alts: map[text.Lang]string{text.FR: "Un mug"}, FocalX: 10, FocalY: 90, View: "detail", Credit: "Zoé", Licence: "cc-by", LicenceUntil: &until, Shows: []string{"MUG"}}
	for _, id := range []int64{other.ID, ph.ID} { // a variant's own photograph is one: the last
		if err := s.DescribePhoto(ctx, "mug", id, notes, "a"); err != nil {
			t.Fatal(err)
		}
	}
	p, err := catalog.GetProduct(ctx, s.Pool, "mug")
	if err != nil {
		t.Fatal(err)
	}
	got := p.Photos[0]
	if got.FocalX != 10 || got.View != "detail" || got.Credit != "Zoé" || got.Licence != "cc-by" || !got.LicenceUntil.Equal(until) || !slices.Equal(got.Shows, []int64{p.Variants[0].ID}) || len(p.Photos[1].Shows) != 0 {
		t.Errorf("%+v and %v", got, p.Photos[1].Shows)
	}
	for day, want := range map[string]string{"2026-11-01": catalog.LicenceFine, "2026-11-12": catalog.LicenceEnding, "2026-12-10": catalog.LicenceEnding, "2026-12-11": catalog.LicenceExpired} {
		at, _ := time.ParseInLocation(time.DateOnly, day, text.Paris())
		if state := got.LicenceState(at.Add(12 * time.Hour)); state != want {
			t.Errorf("on %s the licence is %q, want %q", day, state, want)
		}
	}
	family, err := catalog.GetFamily(ctx, s.Pool, p.Family)
	if err != nil {
		t.Fatal(err)
	}
	if missing := p.MissingViews(family.Shots); len(missing) != len(family.Shots) {
		t.Errorf("of %v there miss %v", family.Shots, missing)
	}
	needs, err := catalog.PhotoNeeds(ctx, s.Pool, until.AddDate(0, 0, 1).Add(12*time.Hour), "", 10)
	if err != nil || len(needs) != 1 || needs[0].Expired != 2 || needs[0].NoAlts != 2 || len(needs[0].Views) != len(family.Shots) {
		t.Errorf("%+v %v", needs, err)
	}
	for name, c := range map[string]struct {
		notes catalog.PhotoNotes
		code  string
	}{
		"off the picture": {catalog.PhotoNotes{FocalX: 101}, "focal_out_of_range"}, "an odd view": {catalog.PhotoNotes{View: "Vue !"}, "view_unknown"},
		"an odd licence": {catalog.PhotoNotes{Licence: "mine"}, "licence_unknown"}, "a long credit": {catalog.PhotoNotes{Credit: strings.Repeat("x", 201)}, "too_long"},
		"another's variant": {catalog.PhotoNotes{Shows: []string{"NONE"}}, "sku_not_found"},
	} {
		if err := s.DescribePhoto(ctx, "mug", ph.ID, c.notes, "a"); codeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	mustHold(t, s.Pool)
}

func TestANewRecipeOrdersEveryPhotographOnce(t *testing.T) {
	t.Parallel()
	s, ctx := shopWithMug(t)
	var ordered []string
	s.EnqueueRender = func(_ context.Context, _ pgx.Tx, sha string) error { ordered = append(ordered, sha); return nil }
	library := s.Photos.(*photo.Library)
	for i := range 2 {
		// The same picture in two files.
		ph, err := s.AttachPhoto(ctx, "mug", "x.jpg", bytes.NewReader(append(stripes(700, 500, 20), make([]byte, i)...)), nil, "a")
		if err != nil {
			t.Fatal(err)
		}
		done, err := library.Render(ctx, ph.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SaveRenditions(ctx, ph.SHA256, done); err != nil {
			t.Fatal(i, err)
		}
	}
	ordered = nil
	if n, err := s.EnqueueMissing(ctx, photo.MeasureRecipe, photo.MadeOf); n != 0 || err != nil || ordered != nil {
		t.Errorf("all is made, and %d are ordered: %v", n, err)
	}
	if n, err := s.EnqueueMissing(ctx, photo.MeasureRecipe, func(width int) string { return photo.MadeOf(width) + ",avif" }); n != 2 || err != nil || len(ordered) != 2 {
		t.Errorf("a new format orders %d: %v", n, err)
	}
	if n, err := s.EnqueueMissing(ctx, photo.MeasureRecipe+1, photo.MadeOf); n != 2 || err != nil {
		t.Errorf("a new way to measure orders %d: %v", n, err)
	}
	p, err := catalog.GetProduct(ctx, s.Pool, "mug")
	if err != nil || p.Photos[0].Quality == nil || p.Photos[0].Made != photo.MadeOf(700) {
		t.Fatalf("%+v %v", p.Photos, err)
	}
	twins, err := catalog.Twins(ctx, s.Pool, p.ID)
	if err != nil || len(twins) != 2 || twins[0].PhotoID != p.Photos[0].ID || twins[0].OtherID != p.Photos[1].ID || twins[0].Slug != "mug" || !twins[0].Same() {
		t.Errorf("what looks alike: %+v %v", twins, err)
	}
	// What is shown keeps its rows; nothing is a day old yet.
	if err := s.ForgetRenditions(ctx, nil); err != nil {
		t.Error(err)
	}
	mustHold(t, s.Pool)
}
