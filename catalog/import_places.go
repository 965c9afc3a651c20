package catalog

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// ImportCategories brings categories in: slug;position;photo (the name
// of a photograph) and, per language, name_fr and description_fr. All rows or none; found by slug.
func (s *Service) ImportCategories(ctx context.Context, r io.Reader) (Report, error) {
	known := func(name string) bool {
		return slices.Contains([]string{"slug", "position", "photo"}, name) || strings.HasPrefix(name, "name_") || strings.HasPrefix(name, "description_")
	}
	return s.importPlaces(ctx, r, known, func(tx pgx.Tx, row row) error {
		position, _ := strconv.Atoi(row.get("position"))
		var id int64
		if err := tx.QueryRow(ctx, sqlPutCategory, pgx.NamedArgs{"slug": row.get("slug"), "position": position}).Scan(&id); err != nil {
			return err
		}
		for lang, name := range perLanguage(row, "name") {
			if _, err := tx.Exec(ctx, sqlPutCategoryText, pgx.NamedArgs{"category_id": id, "lang": string(lang), "name": name, "description": row.get("description_" + string(lang))}); err != nil {
				return err
			}
		}
		return nil
	})
}

// ImportMakers brings makers in: slug;name;town;address;website and story_fr, per language. All rows or none;
// found by slug.
func (s *Service) ImportMakers(ctx context.Context, r io.Reader) (Report, error) {
	known := func(name string) bool {
		return slices.Contains([]string{"slug", "name", "town", "address", "website"}, name) || strings.HasPrefix(name, "story_")
	}
	return s.importPlaces(ctx, r, known, func(tx pgx.Tx, row row) error {
		var id int64
		if err := tx.QueryRow(ctx, sqlPutMaker, pgx.NamedArgs{"slug": row.get("slug"), "name": row.get("name"), "town": row.get("town"), "address": row.get("address"), "website": row.get("website")}).Scan(&id); err != nil {
			return err
		}
		for lang, story := range perLanguage(row, "story") {
			if _, err := tx.Exec(ctx, sqlPutMakerText, pgx.NamedArgs{"maker_id": id, "lang": string(lang), "story": story}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) importPlaces(ctx context.Context, r io.Reader, known func(string) bool, put func(pgx.Tx, row) error) (Report, error) {
	rows, issues, err := readRows(r, known, "slug")
	if err != nil {
		return Report{}, err
	}
	report := Report{Issues: issues}
	for _, row := range rows {
		if !slugForm.MatchString(row.get("slug")) {
			report.issue(row, "slug", "slug_form")
		}
		if row.get("name") == "" && row.get("name_fr") == "" {
			report.issue(row, "name", "cell_missing")
		}
	}
	if len(report.Issues) > 0 {
		return report, nil
	}
	return report, pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		for _, row := range rows {
			if err := put(tx, row); err != nil {
				return err
			}
		}
		return bump(ctx, tx)
	})
}

// SetCategoryPhoto lets a category be shown by one of its products' photographs.
func SetCategoryPhoto(ctx context.Context, tx pgx.Tx, slug, sha256 string) error {
	_, err := tx.Exec(ctx, sqlSetCategoryPhoto, pgx.NamedArgs{"slug": slug, "sha256": sha256})
	return err
}
