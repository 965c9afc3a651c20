// Package invariant is how each owner of data says what must always be true of it: one statement
// that counts what was looked at, one that lists what is broken.
package invariant

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Querier is a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Invariant is one thing that must always be true. Figure is a statement that answers one number
// (what was looked at); Broken one that answers a row of one text for each breach.
type Invariant struct {
	Name     string
	Sentence string
	Figure   string
	Broken   string
}

// Result is what a check found: the figure, and at most MaxBroken breaches by name.
type Result struct {
	Name     string
	Sentence string
	Figure   int64
	Broken   []string
}

// MaxBroken is how many breaches of one invariant are named.
const MaxBroken = 20

// Holds tells whether nothing is broken.
func (r Result) Holds() bool { return len(r.Broken) == 0 }

// Check runs the statements of each invariant, in order.
func Check(ctx context.Context, q Querier, list []Invariant) ([]Result, error) {
	results := make([]Result, 0, len(list))
	for _, i := range list {
		rows, err := q.Query(ctx, i.Figure)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.Name, err)
		}
		figure, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.Name, err)
		}
		rows, err = q.Query(ctx, i.Broken)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.Name, err)
		}
		broken, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.Name, err)
		}
		if len(broken) > MaxBroken {
			broken = append(broken[:MaxBroken:MaxBroken], fmt.Sprintf("and %d more", len(broken)-MaxBroken))
		}
		results = append(results, Result{Name: i.Name, Sentence: i.Sentence, Figure: figure, Broken: broken})
	}
	return results, nil
}
