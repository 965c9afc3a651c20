package pg_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
)

func TestStatementsGoTogetherInTheirOrder(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.OwnerDB(t)
	if _, err := pool.Exec(ctx, "create table step (id bigint generated always as identity, said text unique)"); err != nil {
		t.Fatal(err)
	}
	const put, ask = "insert into step (said) values (@said)", "select count(*) from step where said <= @said"
	said := func(s string) pgx.NamedArgs { return pgx.NamedArgs{"said": s} }
	err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		together := pg.InOneMessage(tx)
		if err := together.Flush(ctx); err != nil {
			return err
		}
		var n int
		for _, s := range []string{"a", "b", "c"} {
			if _, err := together.Exec(ctx, put, said(s)); err != nil {
				return err
			}
		}
		if err := tx.QueryRow(ctx, ask, said("z")).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows were written before anybody asked, %v", n, err)
		}
		if err := together.QueryRow(ctx, ask, said("b")).Scan(&n); err != nil || n != 2 {
			t.Errorf("the answer counts %d, %v", n, err)
		}
		if _, err := together.Exec(ctx, put, said("d")); err != nil {
			return err
		}
		rows, err := together.Query(ctx, ask, said("d"))
		if err != nil {
			return err
		}
		if n, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int]); err != nil || n != 4 {
			t.Errorf("the rows count %d, %v", n, err)
		}
		if err := together.QueryRow(ctx, "select 1 where false").Scan(&n); err != pgx.ErrNoRows {
			t.Errorf("no row is answered by %v", err)
		}
		for range 1200 {
			if _, err := together.Exec(ctx, "insert into step (said) values (null)"); err != nil {
				return err
			}
		}
		return together.Flush(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := pool.QueryRow(ctx, "select count(*) from step").Scan(&n); err != nil || n != 1204 {
		t.Errorf("%d rows are there, %v", n, err)
	}

	for name, end := range map[string]func(*pg.Together) error{
		"the next answer": func(together *pg.Together) error {
			return together.QueryRow(ctx, ask, said("z")).Scan(&n)
		},
		"the next rows": func(together *pg.Together) error {
			_, err := together.Query(ctx, ask, said("z"))
			return err
		},
		"the end": func(together *pg.Together) error { return together.Flush(ctx) },
	} {
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			together := pg.InOneMessage(tx)
			for _, s := range []string{"new " + name, "a", "after"} {
				if _, err := together.Exec(ctx, put, said(s)); err != nil {
					return err
				}
			}
			return end(together)
		})
		if !pg.IsUnique(err, "step_said_key") {
			t.Errorf("%s says %v", name, err)
		}
	}
	if err := pool.QueryRow(ctx, "select count(*) from step").Scan(&n); err != nil || n != 1204 {
		t.Errorf("%d rows are there after what was refused, %v", n, err)
	}
}
