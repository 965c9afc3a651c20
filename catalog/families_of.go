package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// FamiliesOf gives the family of each article that is still known.
func FamiliesOf(ctx context.Context, q pg.Querier, skus []string) (map[string]string, error) {
	rows, err := q.Query(ctx, sqlFamiliesOf, pgx.NamedArgs{"skus": skus})
	if err != nil {
		return nil, err
	}
	families := map[string]string{}
	var sku, family string
	_, err = pgx.ForEachRow(rows, []any{&sku, &family}, func() error {
		families[sku] = family
		return nil
	})
	return families, err
}
