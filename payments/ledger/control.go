package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// Control holds a period's documents against its sales journal, its VAT rows and its day totals:
// to the cent and document by document. A difference stops every export of the period and names
// the documents.
//
// It adds up both sides first, every amount weighed by its document's number, so that amounts which
// moved from one document to another do not cancel out; only sums that differ are looked into.
func Control(ctx context.Context, q pg.Querier, p Period) error {
	args := p.args()
	var same, days bool
	if err := q.QueryRow(ctx, sqlControlSums, args).Scan(&same, &days); err != nil {
		return err
	}
	if !same {
		rows, err := q.Query(ctx, sqlDocumentsThatDiffer, args)
		if err != nil {
			return err
		}
		differ, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "sales_differ_from_journal", "the period's documents do not equal its sales journal and its VAT; run `boutique verify` and look at "+strings.Join(differ, ", ")).
			With("documents", differ)
	}
	if !days {
		return fault.New(fault.Conflict, "sales_differ_from_report", "the period's VAT does not equal its day totals: run `boutique verify`")
	}
	return nil
}

// args are the period's bounds for statements: moments for documents, days for entries.
func (p Period) args() pgx.NamedArgs {
	return pgx.NamedArgs{"from": p.From, "until": p.Until(), "first": p.From.Format(time.DateOnly), "last": p.To.Format(time.DateOnly)}
}
