package main

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg/pgtest"
)

// Law 6: every statement is understood by the database that the migrations make.
func TestLaw6EveryStatementIsPrepared(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := pgtest.DB(t)
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	prepared := 0
	for pkg, list := range statements(t) {
		if pkg == "internal/pg" || pkg == "internal/pgserver" {
			continue
		}
		for name, statement := range list {
			if name == "sqlListen" {
				continue // LISTEN is no statement that can be prepared
			}
			text, _, err := pgx.NamedArgs{}.RewriteQuery(ctx, conn.Conn(), statement, nil)
			if err != nil {
				t.Errorf("%s: %s: %v", pkg, name, err)
				continue
			}
			if _, err := conn.Conn().Prepare(ctx, pkg+"."+name, text); err != nil {
				t.Errorf("%s: %s: %v", pkg, name, err)
				continue
			}
			prepared++
		}
	}
	if prepared < 40 {
		t.Errorf("only %d statements were prepared", prepared)
	}
}
