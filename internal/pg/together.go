package pg

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Together is a transaction for long work of many small statements: those that answer nothing wait, and
// go in one message with the next one that answers something, in the order in which they came. What one
// of them would have refused is said by the next answer, or by Flush, which ends the work: what still
// waits when the transaction commits is lost. It is of no use to a step that wants to know how many rows
// it changed.
type Together struct {
	pgx.Tx
	waiting *pgx.Batch
}

// InOneMessage begins to gather the statements of a transaction.
func InOneMessage(tx pgx.Tx) *Together { return &Together{Tx: tx, waiting: &pgx.Batch{}} }

// mostWaiting is how many statements wait at most.
const mostWaiting = 500

// Exec lets a statement wait. Its tag is empty.
func (t *Together) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	t.waiting.Queue(sql, args...)
	if t.waiting.Len() >= mostWaiting {
		return pgconn.CommandTag{}, t.Flush(ctx)
	}
	return pgconn.CommandTag{}, nil
}

// Query sends what waits, then asks.
func (t *Together) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := t.Flush(ctx); err != nil {
		return nil, err
	}
	return t.Tx.Query(ctx, sql, args...)
}

// QueryRow sends what waits and the question in one message.
func (t *Together) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	before := t.waiting.Len()
	t.waiting.Queue(sql, args...)
	return answer{t.send(ctx), before}
}

func (t *Together) send(ctx context.Context) pgx.BatchResults {
	batch := t.waiting
	t.waiting = &pgx.Batch{}
	return t.SendBatch(ctx, batch)
}

// Flush sends what waits.
func (t *Together) Flush(ctx context.Context) error {
	if t.waiting.Len() == 0 {
		return nil
	}
	n := t.waiting.Len()
	results := t.send(ctx)
	for range n {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // it says the same
			return err
		}
	}
	return results.Close()
}

// answer is the row of the last statement of a message.
type answer struct {
	results pgx.BatchResults
	before  int
}

func (a answer) Scan(to ...any) error {
	for range a.before {
		if _, err := a.results.Exec(); err != nil {
			_ = a.results.Close() // it says the same
			return err
		}
	}
	err := a.results.QueryRow().Scan(to...)
	if closing := a.results.Close(); err == nil {
		err = closing
	}
	return err
}
