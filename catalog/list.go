package catalog

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/internal/text"
)

// ProductFilter narrows the staff's list; empty fields narrow nothing. After is the slug behind
// which the list goes on. A query Q is answered by Shelf.ListProducts, which names what it found in
// IDs, the best first: they are listed in this order.
type ProductFilter struct {
	IDs      []int64
	State    string
	Category string
	Q        string
	After    string
	Limit    int
}

// ProductSummary is a product in the staff's list.
type ProductSummary struct {
	ID          int64
	Slug        string
	Name        string
	State       string
	Family      string
	Category    string
	PhotoSHA256 string `db:"photo_sha256"`
	Price       int64
	Variants    int
	Available   int
	UpdatedAt   time.Time
}

// ListProducts lists products in the order of their slugs. next is where the list goes on; empty at
// its end.
func ListProducts(ctx context.Context, q pg.Querier, f ProductFilter) (list []ProductSummary, next string, err error) {
	limit := f.Limit
	if limit < 1 || limit > 500 {
		limit = 100
	}
	statement, args := sqlListProducts, pgx.NamedArgs{"state": f.State, "category": int64(0), "after": f.After, "limit": limit + 1}
	if f.Category != "" {
		// Its id is asked for first: only then it is known how many products it has, and by which index they
		// are read.
		var id int64
		err := q.QueryRow(ctx, sqlCategoryID, pgx.NamedArgs{"slug": strings.ToValidUTF8(f.Category, "")}).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, "", nil
		}
		if err != nil {
			return nil, "", err
		}
		args["category"] = id
	}
	if f.IDs != nil {
		statement, args["ids"] = sqlListFound, f.IDs
	}
	// The statement is planned for what it is asked, since each filter has another index.
	rows, err := q.Query(ctx, statement, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, "", err
	}
	list, err = pgx.CollectRows(rows, pgx.RowToStructByName[ProductSummary])
	if err != nil {
		return nil, "", err
	}
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].Slug
	}
	return list, next, nil
}

// LoadProducts reads whole products by their ids.
func LoadProducts(ctx context.Context, q pg.Querier, ids []int64) ([]Product, error) {
	return loadProducts(ctx, q, ids)
}

// CategoryChoice is a category to choose from.
type CategoryChoice struct {
	Slug   string
	Labels Labels
}

// CategoryChoices lists the categories in their order.
func CategoryChoices(ctx context.Context, q pg.Querier) ([]CategoryChoice, error) {
	rows, err := q.Query(ctx, sqlCategoryNames)
	if err != nil {
		return nil, err
	}
	var list []CategoryChoice
	var slug, lang, name string
	_, err = pgx.ForEachRow(rows, []any{&slug, &lang, &name}, func() error {
		if len(list) == 0 || list[len(list)-1].Slug != slug {
			list = append(list, CategoryChoice{Slug: slug, Labels: Labels{}})
		}
		list[len(list)-1].Labels[text.Lang(lang)] = name
		return nil
	})
	return list, err
}

// MakerChoice is a maker to choose from.
type MakerChoice struct {
	Slug string
	Name string
}

// MakerChoices lists the makers by name.
func MakerChoices(ctx context.Context, q pg.Querier) ([]MakerChoice, error) {
	rows, err := q.Query(ctx, sqlMakerNames)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[MakerChoice])
}
