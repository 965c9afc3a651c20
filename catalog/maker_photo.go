package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// MakerPhoto is a photograph of a maker's own: a person, a workshop, a place. Shoppers see it before
// those of the maker's products.
type MakerPhoto struct {
	Original
	Thumbhash []byte
	// Made names the renditions that lie in the store; the others are made on request.
	Made string
	MakerPhotoNotes
}

// MakerPhotoNotes is what staff say of it. Focal is the point that stays in sight when it is cropped,
// in percent from the upper left.
type MakerPhotoNotes struct {
	Alts           map[text.Lang]string
	FocalX, FocalY int
	Credit         string
}

func errNoMaker() error {
	return fault.New(fault.NotFound, "maker_not_found", "there is no such maker")
}

// GetMakerPhoto reads a maker's own photograph; nil when it has none.
func GetMakerPhoto(ctx context.Context, q pg.Querier, slug string) (*MakerPhoto, error) {
	var p MakerPhoto
	var alts []byte
	err := q.QueryRow(ctx, sqlMakerPhoto, pgx.NamedArgs{"slug": strings.ToValidUTF8(slug, "")}).
		Scan(&p.SHA256, &p.Ext, &p.Width, &p.Height, &p.Bytes, &p.Thumbhash, &p.Made, &p.FocalX, &p.FocalY, &p.Credit, &alts)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &p, json.Unmarshal(alts, &p.Alts)
}

// SetMakerPhoto checks and stores a photograph, which becomes the maker's own in the place of another.
// The original of that one stays in the store until the sweep.
func (s *Service) SetMakerPhoto(ctx context.Context, slug, name string, r io.Reader, actor string) error {
	staged, err := s.Photos.Stage(ctx, name, r)
	if err != nil {
		return err
	}
	return s.changeMaker(ctx, slug, actor, "maker.photo", map[string]any{"sha256": staged.SHA256}, func(tx pgx.Tx, id int64) error {
		if _, err := tx.Exec(ctx, sqlDeleteMakerPhoto, pgx.NamedArgs{"maker_id": id}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlPutMakerPhoto, pgx.NamedArgs{"maker_id": id, "sha256": staged.SHA256, "ext": staged.Ext, "width": staged.Width, "height": staged.Height, "bytes": staged.Bytes, "actor": actor}); err != nil {
			return err
		}
		return s.renderSoon(ctx, tx, staged.SHA256)
	})
}

// DescribeMakerPhoto sets what staff say of a maker's own photograph.
func (s *Service) DescribeMakerPhoto(ctx context.Context, slug string, n MakerPhotoNotes, actor string) error {
	var fields fault.Fields
	if n.FocalX < 0 || n.FocalX > 100 || n.FocalY < 0 || n.FocalY > 100 {
		fields.Add("focal", "focal_out_of_range", "must be between 0 and 100 percent")
	}
	if utf8.RuneCountInString(n.Credit) > 200 || !text.Valid(n.Credit) {
		fields.Add("credit", "too_long", "has at most 200 characters")
	}
	if err := errors.Join(fields.Err(), checkAlts(n.Alts)); err != nil {
		return err
	}
	return s.changeMaker(ctx, slug, actor, "maker.photo_describe", nil, func(tx pgx.Tx, id int64) error {
		tag, err := tx.Exec(ctx, sqlDescribeMakerPhoto, pgx.NamedArgs{"maker_id": id, "x": n.FocalX, "y": n.FocalY, "credit": n.Credit})
		if err == nil && tag.RowsAffected() == 0 {
			err = fault.New(fault.NotFound, "photo_not_found", "the maker has no photograph of its own")
		}
		for lang, alt := range n.Alts {
			if err == nil {
				_, err = tx.Exec(ctx, sqlPutMakerAlt, pgx.NamedArgs{"maker_id": id, "lang": string(lang), "alt": alt})
			}
		}
		return err
	})
}

// RemoveMakerPhoto takes a maker's own photograph off; one of its products' is shown again.
func (s *Service) RemoveMakerPhoto(ctx context.Context, slug, actor string) error {
	return s.changeMaker(ctx, slug, actor, "maker.photo_delete", nil, func(tx pgx.Tx, id int64) error {
		_, err := tx.Exec(ctx, sqlDeleteMakerPhoto, pgx.NamedArgs{"maker_id": id})
		return err
	})
}

// changeMaker changes something of a maker under its lock, for the record and for the catalogue.
func (s *Service) changeMaker(ctx context.Context, slug, actor, action string, detail any, change func(tx pgx.Tx, id int64) error) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, sqlLockMaker, pgx.NamedArgs{"slug": strings.ToValidUTF8(slug, "")}).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return errNoMaker()
		}
		if err == nil {
			err = change(tx, id)
		}
		if err == nil {
			err = audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: action, Subject: "maker:" + slug, Detail: detail})
		}
		if err != nil {
			return err
		}
		return bump(ctx, tx)
	})
}
