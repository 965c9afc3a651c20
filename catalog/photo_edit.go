package catalog

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// Whole is the side of a whole picture, in the ten-thousandths that a cut is told in.
const Whole = 10000

// leastCut is how narrow a cut may be, in pixels of the original.
const leastCut = 100

// Edit is what staff did to an original: it is turned by quarters (0, 90, 180, 270 degrees clockwise),
// then cut. The cut is in ten-thousandths of the turned picture.
type Edit struct {
	Turn                int
	X, Y, Width, Height int
}

// AsItCame is the edit that changes nothing.
func AsItCame() Edit { return Edit{Width: Whole, Height: Whole} }

// Turned turns a picture that was edited already by more quarters; what was cut away stays away.
func (e Edit) Turned(degrees int) Edit {
	for range ((degrees%360 + 360) % 360) / 90 {
		e = Edit{Turn: (e.Turn + 90) % 360, X: Whole - e.Y - e.Height, Y: e.X, Width: e.Height, Height: e.Width}
	}
	return e
}

// Pixels is the cut in pixels of a turned picture of this size.
func (e Edit) Pixels(width, height int) (x, y, w, h int) {
	at := func(part, side int) int { return int(math.Round(float64(part) * float64(side) / Whole)) }
	x, y = at(e.X, width), at(e.Y, height)
	return x, y, max(1, at(e.X+e.Width, width)-x), max(1, at(e.Y+e.Height, height)-y)
}

// Check refuses what is no edit of an original of this size, by the names of a form's fields.
func (e Edit) Check(source Original) error {
	var fields fault.Fields
	if e.Turn != 0 && e.Turn != 90 && e.Turn != 180 && e.Turn != 270 {
		fields.Add("turn", "turn_unknown", "must be 0, 90, 180 or 270 degrees")
		return fields.Err()
	}
	if e.X < 0 || e.Y < 0 || e.Width <= 0 || e.Height <= 0 || e.X+e.Width > Whole || e.Y+e.Height > Whole {
		fields.Add("cut", "cut_out_of_range", "must lie within the photograph")
		return fields.Err()
	}
	width, height := source.Width, source.Height
	if e.Turn%180 != 0 {
		width, height = height, width
	}
	if _, _, w, h := e.Pixels(width, height); (w < leastCut || h < leastCut) && (w < width || h < height) {
		fields.Add("cut", "cut_too_small", "must leave at least 100 pixels each way")
	}
	return fields.Err()
}

// focalAfter keeps the focal point on what it was on when a picture is cut and turned anew, as far as
// that is still in sight.
func focalAfter(x, y int, before, after Edit) (int, int) {
	// From the old cut to the turned source, back to the source as it came, and forth again.
	px := float64(before.X) + float64(x)/100*float64(before.Width)
	py := float64(before.Y) + float64(y)/100*float64(before.Height)
	for range ((after.Turn - before.Turn + 360) % 360) / 90 {
		px, py = Whole-py, px
	}
	percent := func(at float64, from, side int) int {
		return int(math.Round(min(100, max(0, (at-float64(from))/float64(side)*100))))
	}
	return percent(px, after.X, after.Width), percent(py, after.Y, after.Height)
}

// EditPhoto cuts and turns a photograph, always from its original, which stays as it came. The picture
// that results is stored before the transaction, under its own SHA-256: its address is new, and the
// old one goes on being answered.
func (s *Service) EditPhoto(ctx context.Context, slug string, photoID int64, edit Edit, actor string) (Photo, error) {
	before, err := s.readPhoto(ctx, slug, photoID)
	if err != nil || before.Edit == edit {
		return before, err
	}
	if err := edit.Check(before.Source); err != nil {
		return Photo{}, err
	}
	staged := StagedPhoto(before.Source)
	source := &before.Source
	if edit == AsItCame() {
		source = nil
	} else if staged, err = s.Photos.Derive(ctx, before.Source, edit); err != nil {
		return Photo{}, err
	}
	var after Photo
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := s.lock(ctx, tx, slug)
		if err != nil {
			return err
		}
		now, err := p.photo(photoID)
		if err != nil {
			return err
		}
		if now.Source != before.Source || now.Edit != before.Edit {
			return fault.New(fault.Conflict, "photos_changed", "the product's photographs have changed: look at them again")
		}
		args := pgx.NamedArgs{"id": photoID, "sha256": staged.SHA256, "ext": staged.Ext, "width": staged.Width, "height": staged.Height, "bytes": staged.Bytes,
			"source_sha256": nil, "source_ext": nil, "source_width": nil, "source_height": nil, "source_bytes": nil,
			"turn": edit.Turn, "x": edit.X, "y": edit.Y, "cut_width": edit.Width, "cut_height": edit.Height}
		if source != nil {
			args["source_sha256"], args["source_ext"], args["source_width"], args["source_height"], args["source_bytes"] = source.SHA256, source.Ext, source.Width, source.Height, source.Bytes
		}
		args["focal_x"], args["focal_y"] = focalAfter(now.FocalX, now.FocalY, now.Edit, edit)
		if _, err := tx.Exec(ctx, sqlEditPhoto, args); isTwice(err) {
			return errPhotoTwice()
		} else if err != nil {
			return err
		}
		for _, statement := range []string{sqlCategoryPhotoBecomes, sqlMakerPhotoBecomes} {
			if _, err := tx.Exec(ctx, statement, pgx.NamedArgs{"before": now.SHA256, "after": staged.SHA256}); err != nil {
				return err
			}
		}
		if err := s.renderSoon(ctx, tx, staged.SHA256); err != nil {
			return err
		}
		if err := s.touch(ctx, tx, p, actor, "photo.edit", map[string]any{"photo": photoID, "edit": edit, "before": now.SHA256, "sha256": staged.SHA256}); err != nil {
			return err
		}
		p, err = productByID(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		after, err = p.photo(photoID)
		return err
	})
	return after, err
}

func (s *Service) readPhoto(ctx context.Context, slug string, photoID int64) (Photo, error) {
	p, err := GetProduct(ctx, s.Pool, slug)
	if err != nil {
		return Photo{}, err
	}
	return p.photo(photoID)
}
