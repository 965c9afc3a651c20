package catalog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
)

// asked is a statement as it was sent, with what it was asked.
type asked struct {
	sql  string
	args []any
}

// listener hears every statement.
type listener struct {
	mu   sync.Mutex
	list []asked
}

func (l *listener) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, asked{data.SQL, data.Args})
	return ctx
}

func (l *listener) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// heard gives what was heard since it was asked last.
func (l *listener) heard() []asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// plan is a node of PostgreSQL's plan, after it was carried out.
type plan struct {
	Kind    string  `json:"Node Type"`
	Table   string  `json:"Relation Name"`
	Index   string  `json:"Index Name"`
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Removed float64 `json:"Rows Removed by Filter"`
	Parts   []plan  `json:"Plans"`
}

func (p plan) each(look func(plan)) {
	look(p)
	for _, part := range p.Parts {
		part.each(look)
	}
}

// planned carries a statement out and gives its plan.
func planned(ctx context.Context, q pg.Querier, a asked) (plan, error) {
	var data []byte
	if err := q.QueryRow(ctx, "explain (analyze, timing off, format json) "+a.sql, a.args...).Scan(&data); err != nil {
		return plan{}, err
	}
	var plans []struct{ Plan plan }
	if err := json.Unmarshal(data, &plans); err != nil || len(plans) != 1 {
		return plan{}, fmt.Errorf("%d plans: %w", len(plans), err)
	}
	return plans[0].Plan, nil
}

// grown are the tables that grow with the catalogue.
var grown = []string{"product", "product_text", "variant", "price", "stock", "photo", "photo_text", "product_judgement"}

// listFilters are the staff's list by every filter and by their combinations, at its beginning and further on.
func listFilters() map[string]catalog.ProductFilter {
	return map[string]catalog.ProductFilter{
		"all":                   {},
		"all-further":           {After: "article-010000"},
		"all-at-the-end":        {After: "article-019950"},
		"drafts":                {State: catalog.Draft},
		"published":             {State: catalog.Published},
		"published-further":     {State: catalog.Published, After: "article-010000"},
		"retired":               {State: catalog.Retired},
		"retired-further":       {State: catalog.Retired, After: "article-019000"},
		"category":              {Category: "rayon-7"},
		"category-further":      {Category: "rayon-7", After: "article-015000"},
		"category-retired":      {Category: "rayon-3", State: catalog.Retired},
		"category-published":    {Category: "rayon-3", State: catalog.Published, After: "article-003000"},
		"unknown-category":      {Category: "rayon-of-nobody"},
		"unknown-state":         {State: "lost"},
		"empty-category":        {Category: "rayon-vide"},
		"words":                 {Q: "mug bleu"},
		"sku":                   {Q: "REF-004512"},
		"word-draft-category":   {Q: "parapluie", State: catalog.Draft, Category: "rayon-2"},
		"most-of-the-catalogue": {Q: "article"},
		"misspelt":              {Q: "parapluye"},
		"nothing-found":         {Q: "nothing at all"},
	}
}

// Whatever narrows the staff's list, no statement of its page reads a table from end to end, and none
// looks at many more rows than it shows: how long it takes does not grow with the catalogue.
func TestTheStaffsListIsReadByIndexWhateverNarrowsIt(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), pgtest.URL(t)
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	furnish(t, owner, 20_000)
	owner.Close()
	var hears listener
	pool, err := pg.OpenTraced(ctx, url, &hears)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	shelf := newShelf(pool)
	if err := shelf.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := shelf.ListProducts(ctx, catalog.ProductFilter{Q: "mug"}); err != nil {
		t.Fatal(err)
	}

	for name, filter := range listFilters() {
		wanted := !strings.HasPrefix(name, "unknown") && !strings.HasPrefix(name, "empty") && name != "nothing-found"
		for page := range 2 {
			hears.heard()
			list, next, err := shelf.ListProducts(ctx, filter)
			if err != nil {
				t.Fatal(err)
			}
			if wanted != (len(list) > 0) {
				t.Errorf("%s: %d products are listed", name, len(list))
			}
			ids := make([]int64, len(list))
			for i, p := range list {
				ids[i] = p.ID
			}
			if _, err := catalog.Standings(ctx, pool, ids); err != nil {
				t.Fatal(err)
			}
			if _, err := catalog.ListFamilies(ctx, pool); err != nil {
				t.Fatal(err)
			}
			if _, err := catalog.CategoryChoices(ctx, pool); err != nil {
				t.Fatal(err)
			}
			for _, a := range hears.heard() {
				p, err := planned(ctx, pool, a)
				if err != nil {
					t.Fatalf("%s: %v\n%s", name, err, a.sql)
				}
				p.each(func(node plan) {
					if !slices.Contains(grown, node.Table) {
						return
					}
					if node.Kind == "Seq Scan" {
						t.Errorf("%s, page %d, reads the table %s from end to end:\n%s", name, page+1, node.Table, a.sql)
					}
					if rows := (node.Rows + node.Removed) * node.Loops; rows > mostLooked {
						t.Errorf("%s, page %d, looks at %.0f rows of %s by %q", name, page+1, rows, node.Table, node.Index)
					}
				})
			}
			if filter.After = next; next == "" {
				break
			}
		}
	}
}

// mostLooked is how many rows of a table the statements of a page may look at. One of 100 products in a
// state or category that a twentieth of them are in may be picked out of 2,000 in the order of their
// slugs; where fewer are, an index of those few is read.
const mostLooked = 2_500
