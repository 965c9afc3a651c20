package catalog

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Upload is a photograph on its way in pieces: when the line breaks it goes on where it was, also
// on another day or with another copy of the program. Nothing of it is a photograph before it is whole.
type Upload struct {
	ID string
	// Slug is its product's, Maker its maker's: it is for one of them.
	Slug      string
	Maker     string
	Name      string
	Bytes     int64
	Received  int64
	UpdatedAt time.Time
}

// The limits of uploads: the largest photograph that is taken, the largest piece, and how many may
// wait for the rest of a product's.
const (
	MaxUpload   = 30 << 20
	MaxPart     = 2 << 20
	maxUploads  = 100
	uploadsLast = "24 hours"
)

// BeginUpload announces a photograph of a product, of so many bytes.
func (s *Service) BeginUpload(ctx context.Context, slug, name string, size int64, actor string) (Upload, error) {
	p, err := GetProduct(ctx, s.Pool, slug)
	if err != nil {
		return Upload{}, err
	}
	return s.beginUpload(ctx, Upload{Slug: slug, Name: name, Bytes: size}, &p.ID, nil, actor)
}

// BeginMakerUpload announces a photograph of a maker's own, of so many bytes.
func (s *Service) BeginMakerUpload(ctx context.Context, slug, name string, size int64, actor string) (Upload, error) {
	var id int64
	err := s.Pool.QueryRow(ctx, sqlMakerID, pgx.NamedArgs{"slug": strings.ToValidUTF8(slug, "")}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Upload{}, errNoMaker()
	}
	if err != nil {
		return Upload{}, err
	}
	return s.beginUpload(ctx, Upload{Maker: slug, Name: name, Bytes: size}, nil, &id, actor)
}

func (s *Service) beginUpload(ctx context.Context, u Upload, productID, makerID *int64, actor string) (Upload, error) {
	var fields fault.Fields
	if u.Bytes < 1 || u.Bytes > MaxUpload {
		return Upload{}, fault.New(fault.TooLarge, "photo_too_large", "the file has more than 30 MB, or nothing at all")
	}
	if u.Name == "" || utf8.RuneCountInString(u.Name) > 255 || !text.Valid(u.Name) {
		fields.Add("name", "file_name_invalid", "must be a file's name of at most 255 characters")
	}
	if err := fields.Err(); err != nil {
		return Upload{}, err
	}
	u.ID = rand.Text()
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlBeginUpload, pgx.NamedArgs{"id": u.ID, "product_id": productID, "maker_id": makerID, "name": u.Name, "bytes": u.Bytes, "actor": actor, "most": maxUploads})
		if err == nil && tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "too_many_uploads", "too many photographs are on their way here: let them arrive first")
		}
		return err
	})
	return u, err
}

// GetUpload tells how much of an upload is there.
func GetUpload(ctx context.Context, q pg.Querier, id string) (Upload, error) {
	rows, err := q.Query(ctx, sqlUpload, pgx.NamedArgs{"id": id})
	if err != nil {
		return Upload{}, err
	}
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Upload])
	if errors.Is(err, pgx.ErrNoRows) {
		return u, errNoUpload()
	}
	return u, err
}

func errNoUpload() error {
	return fault.New(fault.NotFound, "upload_not_found", "this upload is not known any more: send the photograph again")
}

// Uploads lists the photographs of a product that stopped on their way.
func Uploads(ctx context.Context, q pg.Querier, productID int64) ([]Upload, error) {
	rows, err := q.Query(ctx, sqlUploads, pgx.NamedArgs{"product_id": productID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Upload])
}

// ReceivePart takes the piece of an upload that begins at start. One that begins elsewhere than where
// the upload stands is a Conflict with the right place in the parameter "received".
func (s *Service) ReceivePart(ctx context.Context, id string, start int64, r io.Reader) (Upload, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxPart+1))
	if err != nil {
		return Upload{}, err
	}
	if len(data) > MaxPart {
		return Upload{}, fault.New(fault.TooLarge, "part_too_large", "a piece has at most 2 MB")
	}
	var u Upload
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockUpload, pgx.NamedArgs{"id": id}); err != nil {
			return err
		}
		var err error
		if u, err = GetUpload(ctx, tx, id); err != nil {
			return err
		}
		if start != u.Received || u.Received+int64(len(data)) > u.Bytes {
			return fault.New(fault.Conflict, "upload_elsewhere", "the upload stands elsewhere").With("received", u.Received)
		}
		if len(data) == 0 {
			return nil
		}
		if _, err := tx.Exec(ctx, sqlPutPart, pgx.NamedArgs{"id": id, "start": start, "data": data}); err != nil {
			return err
		}
		u.Received += int64(len(data))
		_, err = tx.Exec(ctx, sqlMoveUpload, pgx.NamedArgs{"id": id, "received": u.Received})
		return err
	})
	return u, err
}

// FinishUpload makes a photograph of an upload that is whole, and forgets the pieces whether it is a
// good one or not. Asked twice at once, the photograph is there once. What it answers is a product's;
// a maker's own is read by GetMakerPhoto.
func (s *Service) FinishUpload(ctx context.Context, id, actor string) (Photo, error) {
	u, err := GetUpload(ctx, s.Pool, id)
	if err != nil {
		return Photo{}, err
	}
	if u.Received != u.Bytes {
		return Photo{}, fault.New(fault.Conflict, "upload_elsewhere", "the upload is not whole yet").With("received", u.Received)
	}
	rows, err := s.Pool.Query(ctx, sqlParts, pgx.NamedArgs{"id": id})
	if err != nil {
		return Photo{}, err
	}
	var whole bytes.Buffer
	whole.Grow(int(u.Bytes))
	var part []byte
	if _, err := pgx.ForEachRow(rows, []any{&part}, func() error { whole.Write(part); return nil }); err != nil {
		return Photo{}, err
	}
	var photo Photo
	if u.Maker != "" {
		err = s.SetMakerPhoto(ctx, u.Maker, u.Name, &whole, actor)
	} else {
		photo, err = s.AttachPhoto(ctx, u.Slug, u.Name, &whole, nil, actor)
	}
	if err != nil && fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.TooLarge {
		return photo, err // the pieces stay, for another try
	}
	if err := s.ForgetUpload(ctx, id); err != nil {
		return photo, err
	}
	return photo, err
}

// ForgetUpload throws the pieces of an upload away.
func (s *Service) ForgetUpload(ctx context.Context, id string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlForgetUpload, pgx.NamedArgs{"id": id})
		return err
	})
}

// SweepUploads throws away what stopped on its way a day ago.
func (s *Service) SweepUploads(ctx context.Context) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlSweepUploads, pgx.NamedArgs{"age": uploadsLast})
		return err
	})
}
