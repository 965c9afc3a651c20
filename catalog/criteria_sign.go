package catalog

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// What a person signs of a product.
const (
	SignedVAT         = "vat_class"
	SignedReview      = "review"
	SignedPublication = "publication"
)

// What a reviewer says of a product: it may go online, or back to its author.
const (
	Approved = "approved"
	Returned = "returned"
)

// Signature is a person's word on a product. Fingerprint names what a reviewer saw.
type Signature struct {
	What        string
	Value       string
	Fingerprint string
	Note        string
	Actor       string
	At          time.Time
}

func sign(ctx context.Context, tx pgx.Tx, productID int64, s Signature) error {
	_, err := tx.Exec(ctx, sqlSign, pgx.NamedArgs{"product_id": productID, "what": s.What, "value": s.Value, "fingerprint": s.Fingerprint, "note": s.Note, "actor": s.Actor})
	return err
}

// authored notes who worked on a product.
func authored(ctx context.Context, tx pgx.Tx, productID int64, actor string) error {
	_, err := tx.Exec(ctx, sqlAuthored, pgx.NamedArgs{"product_id": productID, "actor": actor})
	return err
}

// signContent notes the author of a change, and whose choice the VAT class is when it changed.
func signContent(ctx context.Context, tx pgx.Tx, productID int64, before, after Content, actor string) error {
	if err := authored(ctx, tx, productID, actor); err != nil {
		return err
	}
	if before.VATClass == after.VATClass {
		return nil
	}
	return sign(ctx, tx, productID, Signature{What: SignedVAT, Value: string(after.VATClass), Actor: actor})
}

// ConfirmVAT signs the VAT class that a product has.
func (s *Service) ConfirmVAT(ctx context.Context, slug, actor string) error {
	_, err := s.changeState(ctx, slug, actor, func(ctx context.Context, tx pgx.Tx, p Product) error {
		if err := sign(ctx, tx, p.ID, Signature{What: SignedVAT, Value: string(p.VATClass), Actor: actor}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "product.confirm_vat", Subject: "product:" + p.Slug, Detail: map[string]any{"vat_class": p.VATClass}})
	})
	return err
}

// Review signs a product as its reviewer read it, at the version that they saw: approved, or returned
// with a note. Whoever worked on it since it was last approved is its author and may not: Conflict
// with code own_work.
func (s *Service) Review(ctx context.Context, slug string, version int, value, note, actor string) error {
	var fields fault.Fields
	if value != Approved && value != Returned {
		fields.Add("value", "review_unknown", "must be approved or returned")
	}
	if utf8.RuneCountInString(note) > 1000 || !text.Valid(note) {
		fields.Add("note", "too_long", "has at most 1,000 characters")
	}
	if value == Returned && note == "" {
		fields.Add("note", "note_missing", "must say what is to be done")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	_, err := s.changeState(ctx, slug, actor, func(ctx context.Context, tx pgx.Tx, p Product) error {
		if version != p.Version {
			return fault.New(fault.Stale, "product_changed", "somebody changed this product since you read it: look at it again").With("version", p.Version)
		}
		authors, err := authorsOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if slices.Contains(authors, actor) {
			return fault.New(fault.Conflict, "own_work", "who worked on a product does not review it: ask somebody else")
		}
		if err := sign(ctx, tx, p.ID, Signature{What: SignedReview, Value: value, Fingerprint: p.Fingerprint(), Note: note, Actor: actor}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "product.review", Subject: "product:" + p.Slug, Detail: map[string]any{"value": value}})
	})
	return err
}

func authorsOf(ctx context.Context, q pg.Querier, productID int64) ([]string, error) {
	rows, err := q.Query(ctx, sqlAuthors, pgx.NamedArgs{"product_id": productID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Signatures lists who signed what of a product, the newest first.
func Signatures(ctx context.Context, q pg.Querier, productID int64) ([]Signature, error) {
	rows, err := q.Query(ctx, sqlSignatures, pgx.NamedArgs{"product_id": productID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Signature])
}

func loadSignatures(ctx context.Context, q pg.Querier, args pgx.NamedArgs, at map[int64]*Product) error {
	rows, err := q.Query(ctx, sqlSignaturesOf, args)
	if err != nil {
		return err
	}
	var id int64
	var s Signature
	_, err = pgx.ForEachRow(rows, []any{&id, &s.What, &s.Value, &s.Fingerprint, &s.Note, &s.Actor, &s.At}, func() error {
		if at[id].Signatures == nil {
			at[id].Signatures = map[string]Signature{}
		}
		at[id].Signatures[s.What] = s
		return nil
	})
	return err
}
