package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// KeyBooks names how the office keeps its books.
const KeyBooks Key = "books"

// The charts of accounts that the shop knows.
const (
	ChartPCG = "pcg" // règlement ANC 2014-03
	ChartM4  = "m4"  // public services of an industrial and commercial nature
	ChartM57 = "m57" // services of a local authority
)

// The VAT regimes of a seller.
const (
	RegimeReal       = "real_normal"
	RegimeSimplified = "real_simplified"
	RegimeFranchise  = "franchise"
)

// Books is how the office keeps its books and what it owes to whom. Each change is dated.
type Books struct {
	Chart  string `json:"chart"`
	Regime string `json:"regime"`
	// Regie is the number of the régie de recettes, empty where there is none.
	Regie string `json:"regie"`
	// Accountant is who gets the seals and the month's package, by mail.
	Accountant string `json:"accountant"`
	// OSSFrom is the day from which the office pays VAT where its shoppers live by its own choice
	// (2026-11-01); empty waits for the threshold.
	OSSFrom string `json:"oss_from"`
	// ThresholdCents is the yearly threshold of distance sales, without VAT (CGI art. 259 D).
	ThresholdCents int64 `json:"threshold_cents"`
}

// DefaultBooks is an office that keeps the PCG and pays VAT every month.
func DefaultBooks() Books {
	return Books{Chart: ChartPCG, Regime: RegimeReal, ThresholdCents: 1_000_000}
}

// GetBooks reads how the books are kept at a moment, the default when nothing was set before it.
func GetBooks(ctx context.Context, q Querier, at time.Time) (Books, error) {
	b := DefaultBooks()
	rows, err := q.Query(ctx, sqlNewestAt, pgx.NamedArgs{"key": KeyBooks, "at": at})
	if err != nil {
		return b, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil || len(found) == 0 {
		return b, err
	}
	if err := json.Unmarshal(found[0], &b); err != nil {
		return b, fmt.Errorf("setting %s: %w", KeyBooks, err)
	}
	return b, nil
}
