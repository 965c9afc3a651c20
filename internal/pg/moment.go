package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// sqlMoment names what a transaction sees, for others to see the same.
const sqlMoment = `select pg_export_snapshot()`

// AtMomentOf runs work with some more transactions that see the database as tx does, each on a connection
// of its own: what is long is read at several places at once. tx is one of InReadTx; the others are
// read-only too, and end with the work.
func AtMomentOf(ctx context.Context, pool Beginner, tx pgx.Tx, n int, work func(txs []pgx.Tx) error) error {
	var moment string
	if err := tx.QueryRow(ctx, sqlMoment).Scan(&moment); err != nil {
		return err
	}
	var txs []pgx.Tx
	defer func() {
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		for _, t := range txs {
			_ = t.Rollback(detached)
		}
	}()
	for range n {
		// The name is PostgreSQL's own, of digits and hyphens; a statement has no place for a parameter here.
		t, err := pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin isolation level repeatable read read only; set transaction snapshot '" + moment + "'"})
		if err != nil {
			return err
		}
		txs = append(txs, t)
	}
	return work(txs)
}
