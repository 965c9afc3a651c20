package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// RenditionRow is a rendition that lies in the store: its own SHA-256 is that of its bytes.
type RenditionRow struct {
	Recipe        int
	Width, Height int
	Ext           string
	SHA256        string
	Bytes         int64
}

// Rendered is what was made and measured of an original. Made names all its renditions.
type Rendered struct {
	Renditions []RenditionRow
	Made       string
	Thumbhash  []byte
	Quality    Quality
	// Fingerprint is 115 bits, written as 0 and 1, that alike pictures share.
	Fingerprint string
}

// SaveRenditions records what was rendered of an original: files first, rows last. Pages go over to
// the new renditions with the transaction, all at once.
func (s *Service) SaveRenditions(ctx context.Context, sha256 string, r Rendered) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		for _, one := range r.Renditions {
			if _, err := tx.Exec(ctx, sqlPutRendition, pgx.NamedArgs{"photo_sha256": sha256, "recipe": one.Recipe, "width": one.Width, "height": one.Height, "ext": one.Ext, "sha256": one.SHA256, "bytes": one.Bytes}); err != nil {
				return err
			}
		}
		q := r.Quality
		if _, err := tx.Exec(ctx, sqlPutQuality, pgx.NamedArgs{"sha256": sha256, "recipe": q.Recipe, "sharpness": q.Sharpness, "dark": q.Dark, "middle": q.Middle, "bright": q.Bright,
			"ground_spread": q.GroundSpread, "ground_detail": q.GroundDetail, "tilt": q.Tilt, "fingerprint": r.Fingerprint}); err != nil {
			return err
		}
		for _, statement := range []string{sqlSetMade, sqlSetMakerMade} {
			if _, err := tx.Exec(ctx, statement, pgx.NamedArgs{"sha256": sha256, "made": r.Made, "thumbhash": r.Thumbhash}); err != nil {
				return err
			}
		}
		return bump(ctx, tx)
	})
}

// renderSoon inserts the job of a photograph that somebody looks at.
func (s *Service) renderSoon(ctx context.Context, tx pgx.Tx, sha256 string) error {
	if s.EnqueueSoon != nil {
		return s.EnqueueSoon(ctx, tx, sha256)
	}
	return s.EnqueueRender(ctx, tx, sha256)
}

// Twin is a photograph that looks like another: Bits is by how many of 115 bits they differ.
type Twin struct {
	PhotoID int64
	OtherID int64
	Slug    string
	Bits    int
}

// The distances of fingerprints: below the first it is the same picture again, below the second it
// probably is.
const (
	sameBits = 8
	nearBits = 20
)

// Same tells whether it is the same picture again.
func (t Twin) Same() bool { return t.Bits <= sameBits }

// Twins lists what looks like a product's photographs, in this product or another.
func Twins(ctx context.Context, q pg.Querier, productID int64) ([]Twin, error) {
	rows, err := q.Query(ctx, sqlTwins, pgx.NamedArgs{"product_id": productID, "bits": nearBits})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Twin])
}

// EnqueueMissing inserts the job of every original whose renditions, or whose measures, are not those
// that the recipe makes now. made names what a photograph of a width is rendered to. It answers how
// many there are.
func (s *Service) EnqueueMissing(ctx context.Context, measured int, made func(width int) string) (int, error) {
	count := 0
	for after := ""; ; {
		rows, err := s.Pool.Query(ctx, sqlMadeOf, pgx.NamedArgs{"after": after, "limit": 1000})
		if err != nil {
			return count, err
		}
		type original struct {
			SHA256 string
			Width  int
			Made   string
			Recipe int
		}
		list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[original])
		if err != nil || len(list) == 0 {
			return count, err
		}
		after = list[len(list)-1].SHA256
		if err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
			for _, o := range list {
				if o.Made == made(o.Width) && o.Recipe == measured {
					continue
				}
				if err := s.EnqueueRender(ctx, tx, o.SHA256); err != nil {
					return err
				}
				count++
			}
			return nil
		}); err != nil {
			return count, err
		}
	}
}

// ForgetRenditions deletes the rows of renditions that no page shows any more: those of a picture
// that no product has, and those of an older recipe, a day after the newer ones were made.
func (s *Service) ForgetRenditions(ctx context.Context, keep []string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		for _, statement := range []string{sqlForgetRenditions, sqlForgetQuality} {
			if _, err := tx.Exec(ctx, statement, pgx.NamedArgs{"keep": keep}); err != nil {
				return err
			}
		}
		return nil
	})
}
