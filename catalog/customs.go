package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// Declared is what a customs paper and a price label say of an article.
type Declared struct {
	SKU, GTIN, Slug, Code, Origin string
	// Name is the English name, as the post wants it, the French one when there is none.
	Name string
}

// DeclaredOf reads it for some articles.
func DeclaredOf(ctx context.Context, q pg.Querier, skus []string) (map[string]Declared, error) {
	rows, err := q.Query(ctx, sqlDeclared, pgx.NamedArgs{"skus": skus})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Declared])
	found := make(map[string]Declared, len(list))
	for _, d := range list {
		found[d.SKU] = d
	}
	return found, err
}
