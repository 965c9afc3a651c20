package catalog

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// CategoryContent is what staff write about a category. PhotoSHA256 names a photograph of one of its
// products that stands for it; without one the newest does.
type CategoryContent struct {
	Slug         string
	Position     int
	Names        Labels
	Descriptions Labels
	PhotoSHA256  string
}

// CategorySummary is a category in the staff's list.
type CategorySummary struct {
	Slug                          string
	Position, Products, Published int
	Labels                        Labels
}

// ListCategories lists the categories in the order of the shop.
func ListCategories(ctx context.Context, q pg.Querier) ([]CategorySummary, error) {
	rows, err := q.Query(ctx, sqlCategories)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[CategorySummary])
}

// GetCategory reads a category for staff, the photographs to choose from, and how many products it has.
func GetCategory(ctx context.Context, q pg.Querier, slug string) (c CategoryContent, photos []string, products int, err error) {
	err = q.QueryRow(ctx, sqlCategory, pgx.NamedArgs{"slug": strings.ToValidUTF8(slug, "")}).
		Scan(&c.Slug, &c.Position, &c.PhotoSHA256, &c.Names, &c.Descriptions, &photos, &products)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoCategory()
	}
	return c, photos, products, err
}

func errNoCategory() error {
	return fault.New(fault.NotFound, "category_not_found", "there is no such category")
}

func (c *CategoryContent) check() error {
	var fields fault.Fields
	if !slugForm.MatchString(c.Slug) || len(c.Slug) > 80 {
		fields.Add("slug", "slug_invalid", "must have small letters, digits and hyphens, at most 80")
	}
	if c.Position < 0 || c.Position > 9999 {
		fields.Add("position", "not_a_number", "must be a whole number up to 9999")
	}
	for _, lang := range text.Offered() {
		for _, f := range []struct {
			place  string
			labels Labels
			most   int
		}{{"name_", c.Names, 80}, {"description_", c.Descriptions, 1000}} {
			said := strings.TrimSpace(f.labels[lang])
			if !text.Valid(said) {
				fields.Add(f.place+string(lang), "not_text", "must be text")
			} else if utf8.RuneCountInString(said) > f.most {
				fields.Add(f.place+string(lang), "too_long", "is too long")
			}
		}
	}
	if strings.TrimSpace(c.Names[text.FR]) == "" {
		fields.Add("name_fr", "required", "is missing")
	}
	if c.PhotoSHA256 != "" && !hexName(c.PhotoSHA256) {
		fields.Add("photo", "photo_unusable", "is none of the category's photographs")
	}
	return fields.Err()
}

// AddCategory makes a category of this French name, after the others; the one that already has its
// address is left as it is.
func (s *Service) AddCategory(ctx context.Context, name, actor string) (slug string, err error) {
	slug = SlugOf(strings.TrimSpace(name))
	if _, _, _, err := GetCategory(ctx, s.Pool, slug); err == nil || fault.KindOf(err) != fault.NotFound {
		return slug, err
	}
	var last int
	if err := s.Pool.QueryRow(ctx, sqlLastCategory).Scan(&last); err != nil {
		return slug, err
	}
	return slug, s.SaveCategory(ctx, CategoryContent{Slug: slug, Position: min(last+10, 9999), Names: Labels{text.FR: name}}, actor)
}

// SaveCategory makes a category, or changes the one with this slug. A language without a name is said
// in French.
func (s *Service) SaveCategory(ctx context.Context, c CategoryContent, actor string) error {
	if err := c.check(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var id int64
		if err := tx.QueryRow(ctx, sqlSaveCategory, pgx.NamedArgs{"slug": c.Slug, "position": c.Position, "photo": c.PhotoSHA256}).Scan(&id); err != nil {
			return err
		}
		for _, lang := range text.Offered() {
			name := strings.TrimSpace(c.Names[lang])
			args := pgx.NamedArgs{"category_id": id, "lang": string(lang), "name": name, "description": strings.TrimSpace(c.Descriptions[lang])}
			if name == "" {
				if _, err := tx.Exec(ctx, sqlDropCategoryText, pgx.NamedArgs{"category_id": id, "lang": string(lang)}); err != nil {
					return err
				}
				continue
			}
			if _, err := tx.Exec(ctx, sqlPutCategoryText, args); err != nil {
				return err
			}
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "category.save", Subject: "category:" + c.Slug}); err != nil {
			return err
		}
		return bump(ctx, tx)
	})
}

// RemoveCategory takes away a category that no product has.
func (s *Service) RemoveCategory(ctx context.Context, slug, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		gone, err := tx.Exec(ctx, sqlRemoveCategory, pgx.NamedArgs{"slug": strings.ToValidUTF8(slug, "")})
		if err != nil {
			return err
		}
		if gone.RowsAffected() == 0 {
			choices, err := CategoryChoices(ctx, tx)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(choices, func(c CategoryChoice) bool { return c.Slug == slug }) {
				return fault.New(fault.Conflict, "category_in_use", "products still have this category: give them another first")
			}
			return errNoCategory()
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "category.remove", Subject: "category:" + slug}); err != nil {
			return err
		}
		return bump(ctx, tx)
	})
}
