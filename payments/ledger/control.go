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
// to the cent, document by document, and the journal line by line. A difference stops every export of
// the period and names the documents.
//
// It adds up both sides first, every amount weighed by its document's number, so that amounts which
// moved from one document to another do not cancel out; only sums that differ are looked into.
//
// Within a Snapshot a period is controlled once.
func Control(ctx context.Context, q pg.Querier, p Period) error {
	if err := controlDocuments(ctx, q, p); err != nil {
		return err
	}
	return once(q, controlled{p.days(), true}, func() error { return controlLines(ctx, q, p) })
}

// controlDocuments holds the documents against what the database added up of each sale's lines when it
// was booked: enough for a file of documents. Files of lines, the closing and the checklist go
// through the lines themselves.
func controlDocuments(ctx context.Context, q pg.Querier, p Period) error {
	return once(q, controlled{p.days(), false}, func() error { return controlSums(ctx, q, p) })
}

// Snapshot is one moment of the books, from which several files of a period are written: what was
// controlled in it stays as it is, and is not added up anew for each file.
type Snapshot struct {
	pgx.Tx
	controlled map[controlled]bool
}

// controlled is a period whose documents were controlled, or its journal's lines too.
type controlled struct {
	days  [2]string
	lines bool
}

// NewSnapshot takes a read-only REPEATABLE READ transaction as a snapshot.
func NewSnapshot(tx pgx.Tx) *Snapshot {
	return &Snapshot{Tx: tx, controlled: map[controlled]bool{}}
}

func (p Period) days() [2]string {
	return [2]string{p.From.Format(time.DateOnly), p.To.Format(time.DateOnly)}
}

// once controls what was not controlled in this snapshot before.
func once(q pg.Querier, what controlled, control func() error) error {
	snapshot, ok := q.(*Snapshot)
	if !ok {
		return control()
	}
	if snapshot.controlled[what] {
		return nil
	}
	if err := control(); err != nil {
		return err
	}
	snapshot.controlled[what] = true
	return nil
}

func controlSums(ctx context.Context, q pg.Querier, p Period) error {
	args := p.args()
	var same, days bool
	if err := q.QueryRow(ctx, sqlControlSums, args).Scan(&same); err != nil {
		return err
	}
	if !same {
		return differing(ctx, q, p)
	}
	if err := q.QueryRow(ctx, sqlControlDays, args).Scan(&days); err != nil {
		return err
	}
	if !days {
		return fault.New(fault.Conflict, "sales_differ_from_report", "the period's VAT does not equal its day totals: run `boutique verify`")
	}
	return nil
}

// controlLines holds what the database added up of each sale against its lines as they are.
func controlLines(ctx context.Context, q pg.Querier, p Period) error {
	args := p.args()
	if _, err := q.Exec(ctx, sqlRoom); err != nil {
		return err
	}
	var first, last int64
	if err := q.QueryRow(ctx, sqlSalesEntries, args).Scan(&first, &last); err != nil {
		return err
	}
	args["first_entry"], args["last_entry"] = first, last
	var same bool
	if err := q.QueryRow(ctx, sqlControlLines, args).Scan(&same); err != nil {
		return err
	}
	if !same {
		return differing(ctx, q, p)
	}
	return nil
}

// differing names the documents of a period that differ from its sales journal or from its VAT.
func differing(ctx context.Context, q pg.Querier, p Period) error {
	rows, err := q.Query(ctx, sqlDocumentsThatDiffer, p.args())
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

// args are the period's bounds for statements: moments for documents, days for entries.
func (p Period) args() pgx.NamedArgs {
	return pgx.NamedArgs{"from": p.From, "until": p.Until(), "first": p.From.Format(time.DateOnly), "last": p.To.Format(time.DateOnly)}
}
