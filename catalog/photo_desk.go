package catalog

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Licences lists under which terms the office may show a photograph.
func Licences() []string { return []string{"own", "bought", "lent", "cc-by", "cc-by-sa", "cc0"} }

// LicenceWarning is how long before its end a licence is warned of.
const LicenceWarning = 30 * 24 * time.Hour

// The states of a photograph's licence.
const (
	LicenceFine    = ""
	LicenceEnding  = "ending"
	LicenceExpired = "expired"
)

// LicenceState tells whether the licence ended or soon ends. It ends with its last day, in Paris.
func (p Photo) LicenceState(now time.Time) string {
	if p.LicenceUntil == nil {
		return LicenceFine
	}
	end := time.Date(p.LicenceUntil.Year(), p.LicenceUntil.Month(), p.LicenceUntil.Day()+1, 0, 0, 0, 0, text.Paris())
	switch {
	case !now.Before(end):
		return LicenceExpired
	case now.Add(LicenceWarning).After(end):
		return LicenceEnding
	}
	return LicenceFine
}

// MissingAlts lists the languages that every article is written in and this photograph not described in.
func (p Photo) MissingAlts() []text.Lang {
	var missing []text.Lang
	for _, lang := range text.Leading() {
		if strings.TrimSpace(p.Alts[lang]) == "" {
			missing = append(missing, lang)
		}
	}
	return missing
}

// MissingViews lists, of the views that the family wants, those that no photograph of the product
// shows.
func (p Product) MissingViews(wanted []Shot) []Shot {
	var missing []Shot
	for _, shot := range wanted {
		if !p.Shows(shot.Code) {
			missing = append(missing, shot)
		}
	}
	return missing
}

// Shows tells whether a photograph of the product shows a view.
func (p Product) Shows(view string) bool {
	return slices.ContainsFunc(p.Photos, func(ph Photo) bool { return ph.View == view })
}

// PhotoNotes is what staff say of a photograph. A nil Alts leaves the alternative texts as they are.
type PhotoNotes struct {
	Alts           map[text.Lang]string
	FocalX, FocalY int
	View           string
	Credit         string
	Licence        string
	LicenceUntil   *time.Time
	// Shows are the SKUs of the variants whose own photograph it is.
	Shows []string
}

func (f PhotoNotes) check() error {
	var fields fault.Fields
	if f.FocalX < 0 || f.FocalX > 100 || f.FocalY < 0 || f.FocalY > 100 {
		fields.Add("focal", "focal_out_of_range", "must be between 0 and 100 percent")
	}
	if f.View != "" && !familyForm.MatchString(f.View) {
		fields.Add("view", "view_unknown", "must be one of the views")
	}
	if f.Licence != "" && !slices.Contains(Licences(), f.Licence) {
		fields.Add("licence", "licence_unknown", "must be one of the licences")
	}
	if utf8.RuneCountInString(f.Credit) > 200 || !text.Valid(f.Credit) {
		fields.Add("credit", "too_long", "has at most 200 characters")
	}
	if f.LicenceUntil != nil && (f.LicenceUntil.Year() < 2000 || f.LicenceUntil.Year() > 2200) {
		fields.Add("licence_until", "date_invalid", "must be a day like 2027-03-31")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return checkAlts(f.Alts)
}

// DescribePhoto sets what staff say of a photograph. A variant has one photograph of its own: it is
// taken from the one that it was.
func (s *Service) DescribePhoto(ctx context.Context, slug string, photoID int64, f PhotoNotes, actor string) error {
	if err := f.check(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := s.lock(ctx, tx, slug)
		if err != nil {
			return err
		}
		if _, err := p.photo(photoID); err != nil {
			return err
		}
		shows := []int64{}
		for _, sku := range f.Shows {
			at := slices.IndexFunc(p.Variants, func(v Variant) bool { return v.SKU == sku })
			if at < 0 {
				return fault.New(fault.NotFound, "sku_not_found", "no article has this SKU")
			}
			shows = append(shows, p.Variants[at].ID)
		}
		if err := putAlts(ctx, tx, photoID, f.Alts); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlDescribePhoto, pgx.NamedArgs{"id": photoID, "x": f.FocalX, "y": f.FocalY, "view": f.View, "credit": f.Credit, "licence": f.Licence, "until": f.LicenceUntil}); err != nil {
			return err
		}
		for _, statement := range []string{sqlUnshowVariants, sqlShowVariants} {
			if _, err := tx.Exec(ctx, statement, pgx.NamedArgs{"photo_id": photoID, "product_id": p.ID, "variants": shows}); err != nil {
				return err
			}
		}
		return s.touch(ctx, tx, p, actor, "photo.describe", map[string]any{"photo": photoID, "view": f.View, "licence": f.Licence})
	})
}

// PhotoNeed is a product whose photographs need something: what, and how often.
type PhotoNeed struct {
	Slug     string
	Name     string
	State    string
	Photos   int
	Views    []Shot // that are wanted and not there
	NoAlts   int    // photographs that some offered language does not describe
	Expired  int
	Ending   int
	Better   int        // photographs that get advice
	LastDay  *time.Time // of the licence that ends first
	Unmade   int        // photographs whose renditions are not made yet
	SHA256   *string    `db:"sha256"`
	Width    int
	Height   int
	PhotosID int64 `db:"id"`
}

// PhotoNeeds lists the products, those online first, whose photographs need something. after is the
// slug behind which the list goes on.
func PhotoNeeds(ctx context.Context, q pg.Querier, today time.Time, after string, limit int) ([]PhotoNeed, error) {
	langs := []string{}
	for _, lang := range text.Leading() {
		langs = append(langs, string(lang))
	}
	args := measures(today)
	args["langs"], args["after"], args["limit"] = langs, after, limit
	rows, err := q.Query(ctx, sqlPhotoNeeds, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[PhotoNeed])
}
