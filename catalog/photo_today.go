package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/internal/text"
)

// PhotoWarnings count the products online whose photographs want a look: rights that have ended or
// soon end, views of the family's list that are missing, pictures that could be better.
type PhotoWarnings struct {
	Expired, Ending, Missing, Better int
}

// Any tells whether there is anything to look at.
func (w PhotoWarnings) Any() bool { return w != PhotoWarnings{} }

// measures are what advice on a photograph and warnings of its rights measure by.
func measures(today time.Time) pgx.NamedArgs {
	return pgx.NamedArgs{"today": today.In(text.Paris()).Format(time.DateOnly), "warning": int(LicenceWarning / (24 * time.Hour)),
		"side": LeastSide, "sharpness": leastSharpness, "bright": leastBright, "dark": mostDark, "contrast": leastContrast, "spread": mostSpread, "detail": mostDetail, "tilt": mostTilt}
}

// CountPhotoWarnings counts them, by the same measures as a photograph's advice.
func CountPhotoWarnings(ctx context.Context, q pg.Querier, today time.Time) (PhotoWarnings, error) {
	var w PhotoWarnings
	err := q.QueryRow(ctx, sqlPhotoWarnings, measures(today)).Scan(&w.Expired, &w.Ending, &w.Missing, &w.Better)
	return w, err
}
