package shop

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/vat"
)

// TaxReview lists the orders invoiced with the VAT of another member state at its standard rate only
// because no other rate is known for the class of goods: an accountant looks at them.
func TaxReview(ctx context.Context, q pg.Querier, from, until time.Time) ([]string, error) {
	rows, err := q.Query(ctx, sqlTaxedAbroad, pgx.NamedArgs{"from": from, "until": until})
	if err != nil {
		return nil, err
	}
	var list []string
	var number, country, class string
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&number, &country, &class, &at}, func() error {
		if vat.NeedsReview(place.Country(country), vat.Class(class), at) && (len(list) == 0 || list[len(list)-1] != number) {
			list = append(list, number)
		}
		return nil
	})
	return list, err
}
