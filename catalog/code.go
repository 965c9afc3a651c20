package catalog

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// SKUOfCode finds the article that a barcode names, by its article number or its SKU; empty when
// there is none.
func SKUOfCode(ctx context.Context, q pg.Querier, code string) (string, error) {
	rows, err := q.Query(ctx, sqlSKUOfCode, pgx.NamedArgs{"code": strings.TrimSpace(code)})
	if err != nil {
		return "", err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}
