package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Photo is a photograph of a product. Focal is the point that stays in sight when it is cropped,
// in percent from the upper left. Source is the original as it came; it differs from the picture that
// is shown when staff cut or turned it.
type Photo struct {
	ID             int64
	ProductID      int64
	SHA256         string
	Ext            string
	Position       int
	Width, Height  int
	Bytes          int64
	Thumbhash      []byte
	FocalX, FocalY int
	Alts           map[text.Lang]string
	Source         Original
	Edit           Edit
	View           string
	Credit         string
	Licence        string
	LicenceUntil   *time.Time
	// Shows are the variants whose own photograph it is.
	Shows []int64
	// Made names the renditions that lie in the store; the others are made on request.
	Made string
	// Quality is nil until it is measured.
	Quality *Quality
}

// Original is a picture as it came, upright.
type Original struct {
	SHA256        string
	Ext           string
	Width, Height int
	Bytes         int64
}

func scanPhoto(row pgx.CollectableRow) (Photo, error) {
	var p Photo
	var alts, quality []byte
	if err := row.Scan(&p.ID, &p.ProductID, &p.SHA256, &p.Ext, &p.Position, &p.Width, &p.Height, &p.Bytes, &p.Thumbhash, &p.FocalX, &p.FocalY, &alts,
		&p.Source.SHA256, &p.Source.Ext, &p.Source.Width, &p.Source.Height, &p.Source.Bytes, &p.Edit.Turn, &p.Edit.X, &p.Edit.Y, &p.Edit.Width, &p.Edit.Height,
		&p.View, &p.Credit, &p.Licence, &p.LicenceUntil, &p.Shows, &p.Made, &quality); err != nil {
		return p, err
	}
	if quality != nil {
		if err := json.Unmarshal(quality, &p.Quality); err != nil {
			return p, err
		}
	}
	return p, json.Unmarshal(alts, &p.Alts)
}

// maxPhotos is how many photographs a product may have.
const maxPhotos = 24

// maxAlt is the length of an alternative text, in bytes.
const maxAlt = 500

// AttachPhoto checks and stores a photograph, then adds it behind a product's others. The same
// photograph twice is a Conflict with code photo_twice.
func (s *Service) AttachPhoto(ctx context.Context, slug, name string, r io.Reader, alts map[text.Lang]string, actor string) (Photo, error) {
	staged, err := s.Photos.Stage(ctx, name, r)
	if err != nil {
		return Photo{}, err
	}
	var added Photo
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := s.lock(ctx, tx, slug)
		if err != nil {
			return err
		}
		if len(p.Photos) >= maxPhotos {
			return fault.Newf(fault.Conflict, "too_many_photos", "a product has at most %d photographs", maxPhotos)
		}
		if err := s.attach(ctx, tx, p.ID, len(p.Photos), staged, alts, s.renderSoon); err != nil {
			return err
		}
		if err := s.touch(ctx, tx, p, actor, "photo.attach", map[string]any{"sha256": staged.SHA256}); err != nil {
			return err
		}
		after, err := productByID(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		added = after.Photos[len(after.Photos)-1]
		return nil
	})
	return added, err
}

func (s *Service) attach(ctx context.Context, tx pgx.Tx, productID int64, position int, staged StagedPhoto, alts map[text.Lang]string, enqueue func(context.Context, pgx.Tx, string) error) error {
	if err := checkAlts(alts); err != nil {
		return err
	}
	var id int64
	err := tx.QueryRow(ctx, sqlInsertPhoto, pgx.NamedArgs{"product_id": productID, "sha256": staged.SHA256, "ext": staged.Ext, "position": position,
		"width": staged.Width, "height": staged.Height, "bytes": staged.Bytes}).Scan(&id)
	if isTwice(err) {
		return errPhotoTwice()
	}
	if err != nil {
		return err
	}
	if err := putAlts(ctx, tx, id, alts); err != nil {
		return err
	}
	return enqueue(ctx, tx, staged.SHA256)
}

func isTwice(err error) bool {
	return pg.IsUnique(err, "a product shows a photo once") || pg.IsUnique(err, "a product takes a photo once")
}

func errPhotoTwice() error {
	return fault.New(fault.Conflict, "photo_twice", "the product has this photograph already")
}

func checkAlts(alts map[text.Lang]string) error {
	var fields fault.Fields
	for lang, alt := range alts {
		if len(alt) > maxAlt {
			fields.Add("alt_"+string(lang), "too_long", "has at most 500 characters")
		}
		if !text.Valid(alt) {
			fields.Add("alt_"+string(lang), "text_malformed", "holds a character that no text has")
		}
	}
	return fields.Err()
}

func putAlts(ctx context.Context, tx pgx.Tx, photoID int64, alts map[text.Lang]string) error {
	for lang, alt := range alts {
		if _, err := tx.Exec(ctx, sqlPutAlt, pgx.NamedArgs{"photo_id": photoID, "lang": string(lang), "alt": alt}); err != nil {
			return err
		}
	}
	return nil
}

// lock reads a product under a lock.
func (s *Service) lock(ctx context.Context, tx pgx.Tx, slug string) (Product, error) {
	if _, err := tx.Exec(ctx, sqlLockProduct, pgx.NamedArgs{"slug": slug}); err != nil {
		return Product{}, err
	}
	return GetProduct(ctx, tx, slug)
}

// touch counts a change of a product that is not one of its content, for editors and the catalogue.
func (s *Service) touch(ctx context.Context, tx pgx.Tx, p Product, actor, action string, detail any) error {
	if _, err := tx.Exec(ctx, sqlTouchProduct, pgx.NamedArgs{"id": p.ID}); err != nil {
		return err
	}
	if strings.HasPrefix(action, "photo.") {
		if err := authored(ctx, tx, p.ID, actor); err != nil {
			return err
		}
	}
	if err := bump(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: action, Subject: "product:" + p.Slug, Detail: detail})
}

func (p Product) photo(id int64) (Photo, error) {
	for _, ph := range p.Photos {
		if ph.ID == id {
			return ph, nil
		}
	}
	return Photo{}, fault.New(fault.NotFound, "photo_not_found", "the product has no such photograph")
}

// OrderPhotos puts a product's photographs in the order of the ids, which must be all of them.
func (s *Service) OrderPhotos(ctx context.Context, slug string, ids []int64, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := s.lock(ctx, tx, slug)
		if err != nil {
			return err
		}
		seen := map[int64]bool{}
		for _, id := range ids {
			if _, err := p.photo(id); err != nil {
				return err
			}
			seen[id] = true
		}
		if len(seen) != len(p.Photos) || len(ids) != len(p.Photos) {
			return fault.New(fault.Conflict, "photos_changed", "the product's photographs have changed: look at them again")
		}
		for position, id := range ids {
			if _, err := tx.Exec(ctx, sqlSetPosition, pgx.NamedArgs{"id": id, "position": position}); err != nil {
				return err
			}
		}
		return s.touch(ctx, tx, p, actor, "photo.order", map[string]any{"photos": ids})
	})
}

// MovePhoto moves a photograph one place up (-1) or down (+1); at the end it stays.
func (s *Service) MovePhoto(ctx context.Context, slug string, photoID int64, by int, actor string) error {
	p, err := GetProduct(ctx, s.Pool, slug)
	if err != nil {
		return err
	}
	ids := make([]int64, len(p.Photos))
	at := -1
	for i, ph := range p.Photos {
		ids[i] = ph.ID
		if ph.ID == photoID {
			at = i
		}
	}
	if at < 0 {
		return fault.New(fault.NotFound, "photo_not_found", "the product has no such photograph")
	}
	if to := at + by; to >= 0 && to < len(ids) {
		ids[at], ids[to] = ids[to], ids[at]
	}
	return s.OrderPhotos(ctx, slug, ids, actor)
}

// DeletePhoto takes a photograph from a product. The original stays in the store, for the products
// and orders that show it.
func (s *Service) DeletePhoto(ctx context.Context, slug string, photoID int64, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := s.lock(ctx, tx, slug)
		if err != nil {
			return err
		}
		ph, err := p.photo(photoID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlDeletePhoto, pgx.NamedArgs{"id": photoID}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlCloseRanks, pgx.NamedArgs{"product_id": p.ID, "position": ph.Position}); err != nil {
			return err
		}
		return s.touch(ctx, tx, p, actor, "photo.delete", map[string]any{"sha256": ph.SHA256})
	})
}

// bump moves the catalogue's version and tells every copy of the program, when the transaction
// commits.
func bump(ctx context.Context, tx pgx.Tx) error {
	var version int64
	err := tx.QueryRow(ctx, sqlBump).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // a file of products does it once, at its end
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sqlNotify, pgx.NamedArgs{"version": version})
	return err
}

// bumpLater keeps the version where it is until bumpNow: it is one row, which every change of the
// catalogue would wait for as long as a large file takes.
func bumpLater(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, sqlBumpLater, pgx.NamedArgs{"when": "later"})
	return err
}

func bumpNow(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, sqlBumpLater, pgx.NamedArgs{"when": ""}); err != nil {
		return err
	}
	return bump(ctx, tx)
}

func variantBySKU(ctx context.Context, q pg.Querier, sku string) (id int64, slug string, err error) {
	err = q.QueryRow(ctx, sqlVariantBySKU, pgx.NamedArgs{"sku": sku}).Scan(&id, &slug)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, "", fault.New(fault.NotFound, "sku_not_found", "no article has this SKU")
	}
	return id, slug, err
}
