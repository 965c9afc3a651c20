package pg_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
)

func TestSeveralTransactionsSeeOneMoment(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.OwnerDB(t)
	if _, err := pool.Exec(ctx, "create table step (id bigint generated always as identity)"); err != nil {
		t.Fatal(err)
	}
	const add, count = "insert into step default values", "select count(*) from step"
	seen := func(q pg.Querier) (n int) {
		t.Helper()
		if err := q.QueryRow(ctx, count).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := pg.InReadTx(ctx, pool, func(tx pgx.Tx) error {
		if n := seen(tx); n != 0 {
			t.Fatalf("%d steps", n)
		}
		if _, err := pool.Exec(ctx, add); err != nil {
			t.Fatal(err)
		}
		return pg.AtMomentOf(ctx, pool, tx, 3, func(txs []pgx.Tx) error {
			for i, other := range txs {
				if n := seen(other); n != 0 {
					t.Errorf("transaction %d sees %d steps that came after the moment", i, n)
				}
			}
			if _, err := txs[0].Exec(ctx, add); err == nil {
				t.Error("a transaction at a moment can write")
			}
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	if n := seen(pool); n != 1 {
		t.Errorf("%d steps", n)
	}
	if busy := pool.Stat().AcquiredConns(); busy != 0 {
		t.Errorf("%d connections are still taken", busy)
	}
}
