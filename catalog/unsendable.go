package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// Unsendable is an article on sale that no parcel can be quoted for: its weight or its size is missing.
// Its shoppers are offered collection only.
type Unsendable struct{ Slug, SKU string }

// ListUnsendable lists them. What goes by mail has no weight to miss.
func ListUnsendable(ctx context.Context, q pg.Querier, limit int) ([]Unsendable, error) {
	rows, err := q.Query(ctx, sqlUnsendable, pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Unsendable])
}
