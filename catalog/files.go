package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// Files are the photographs that the rows speak of.
type Files struct {
	Originals  []OriginalFile
	Renditions []RenditionFile
	// Kept are originals that others than the catalogue speak of, by their SHA-256.
	Kept []string
}

// OriginalFile is an original that a product, a category or a maker shows, or that what it shows was made from.
type OriginalFile struct{ SHA256, Ext string }

// RenditionFile is a rendition with its own SHA-256.
type RenditionFile struct {
	PhotoSHA256 string
	Recipe      int
	Width       int
	Ext         string
	SHA256      string
}

// PhotoFiles lists the files that the photographs' rows speak of.
func PhotoFiles(ctx context.Context, q pg.Querier) (Files, error) {
	var f Files
	rows, err := q.Query(ctx, sqlPhotoNames)
	if err != nil {
		return f, err
	}
	if f.Originals, err = pgx.CollectRows(rows, pgx.RowToStructByPos[OriginalFile]); err != nil {
		return f, err
	}
	if rows, err = q.Query(ctx, sqlRenditionNames); err != nil {
		return f, err
	}
	if f.Renditions, err = pgx.CollectRows(rows, pgx.RowToStructByPos[RenditionFile]); err != nil {
		return f, err
	}
	if rows, err = q.Query(ctx, sqlPlacePhotos); err != nil {
		return f, err
	}
	f.Kept, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return f, err
}
