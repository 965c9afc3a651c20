package pg_test

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
)

func TestWhatASecondTryMayMendIsUnavailable(t *testing.T) {
	t.Parallel()
	for sqlstate, want := range map[string]string{
		"55P03": "database_busy", "57014": "database_busy", "40001": "database_busy", "53100": "database_full", "53300": "database_unavailable", "57P01": "database_unavailable",
		"57P02": "database_unavailable", "57P03": "database_unavailable", "08006": "database_unavailable", "25006": "database_unavailable", "58030": "database_unavailable",
		"23505": "", "42703": "", "XX001": "",
	} {
		err := pg.Fault(&pgconn.PgError{Code: sqlstate})
		if f, known := fault.As(err); known != (want != "") || known && (f.Code != want || f.Kind != fault.Unavailable) {
			t.Errorf("%s: %v", sqlstate, err)
		}
	}
	conflict := fault.New(fault.Conflict, "out_of_stock", "none left").Because(&pgconn.PgError{Code: "55P03"})
	if err := pg.Fault(conflict); err != error(conflict) {
		t.Errorf("a kind that was given is not kept: %v", err)
	}
	// The same words from a visitor's connection are the visitor's.
	for _, err := range []error{syscall.ECONNRESET, syscall.EPIPE, io.ErrUnexpectedEOF, context.Canceled} {
		if _, known := fault.As(pg.Fault(err)); known {
			t.Errorf("%v is taken for the database's", err)
		}
	}
}

// A connection that breaks under a statement, or cannot be made, is the database's, in and out of transactions.
func TestAConnectionThatBreaksIsTheDatabases(t *testing.T) {
	t.Parallel()
	var wire *pgtest.Wire
	wire = pgtest.NewWire(t, pgtest.URL(t), func(m pgtest.Moment) bool {
		if m.SQL == "select 'break'" {
			wire.Disturb()
		}
		return m.SQL == "select 'cut'"
	})
	pool := pgtest.Open(t, wire.URL())
	ctx := t.Context()
	var said string
	for _, statement := range []string{"select 'break'", "select 'break'", "select 'cut'", "select 'absent'"} {
		err := pool.QueryRow(ctx, statement, pgx.QueryExecModeSimpleProtocol).Scan(&said)
		if f, known := fault.As(pg.Fault(err)); !known || f.Code != "database_unavailable" {
			t.Errorf("%s: %v", statement, err)
		}
	}
	err := pg.InTx(ctx, pool, func(pgx.Tx) error { return errors.New("reached") })
	if !fault.Is(err, "database_unavailable") {
		t.Errorf("a transaction: %v", err)
	}
}
