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
//
// Within a Snapshot a period is controlled once.
func Control(ctx context.Context, q pg.Querier, p Period) error {
	snapshot, ok := q.(*Snapshot)
	if !ok {
		return control(ctx, q, p)
	}
	if snapshot.controlled[p.days()] {
		return nil
	}
	if err := control(ctx, q, p); err != nil {
		return err
	}
	snapshot.controlled[p.days()] = true
	return nil
}

// Snapshot is one moment of the books, from which several files of a period are written: what was
// controlled in it stays as it is, and is not added up anew for each file.
type Snapshot struct {
	pgx.Tx
	controlled map[[2]string]bool
}

// NewSnapshot takes a read-only REPEATABLE READ transaction as a snapshot.
func NewSnapshot(tx pgx.Tx) *Snapshot {
	return &Snapshot{Tx: tx, controlled: map[[2]string]bool{}}
}

func (p Period) days() [2]string {
	return [2]string{p.From.Format(time.DateOnly), p.To.Format(time.DateOnly)}
}

func control(ctx context.Context, q pg.Querier, p Period) error {
	args := p.args()
	if _, err := q.Exec(ctx, sqlRoom); err != nil {
		return err
	}
	var same, days bool
	if err := q.QueryRow(ctx, sqlControlSums, args).Scan(&same); err != nil {
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
	if err := q.QueryRow(ctx, sqlControlDays, args).Scan(&days); err != nil {
		return err
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
