// Package pg is the shop's way to PostgreSQL: pools that work as an unprivileged role, and
// transactions with time limits and retries.
package pg

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/fault"
)

// Querier is a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// AppRole is the role that every connection of the program works as: it cannot change the schema
// nor what is append-only.
const AppRole = "boutique_app"

// MaxConns is the size of a pool, enough for two cores.
const MaxConns = 20

// Open opens a pool whose connections work as the role boutique_app. Several hosts may be named;
// the one that takes writes is found by itself.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return OpenTraced(ctx, url, nil)
}

// OpenTraced is Open with somebody who hears of every statement; nil hears nothing.
func OpenTraced(ctx context.Context, url string, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	return open(ctx, url, tracer, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "set role "+AppRole)
		if err != nil {
			return fmt.Errorf("the role %s cannot be taken: run `boutique migrate up` with this DATABASE_URL: %w", AppRole, err)
		}
		return nil
	})
}

// OpenOwner opens a pool that keeps the login of the URL, for migrations.
func OpenOwner(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return open(ctx, url, nil, nil)
}

func open(ctx context.Context, url string, tracer pgx.QueryTracer, afterConnect func(context.Context, *pgx.Conn) error) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL must be a PostgreSQL address: %w", err)
	}
	config.MaxConns = MaxConns
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["application_name"] = "boutique"
	config.ConnConfig.RuntimeParams["search_path"] = "public"
	// Compiling a statement takes longer than any of the shop's gain by it, in each worker anew.
	config.ConnConfig.RuntimeParams["jit"] = "off"
	if len(config.ConnConfig.Fallbacks) > 0 && config.ConnConfig.ValidateConnect == nil {
		config.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectWithin
	}
	config.ConnConfig.DialFunc = watched(config.ConnConfig.DialFunc)
	config.AfterConnect = afterConnect
	if tracer != nil {
		config.ConnConfig.Tracer = tracer
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return pool, nil
}

// Beginner begins transactions: a pool.
type Beginner interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// sqlBegin begins a transaction and sets its limits in one message.
const sqlBegin = `begin; set local lock_timeout = '2s'; set local statement_timeout = '5s'; set local idle_in_transaction_session_timeout = '10s'`

// tries is how often a transaction is begun when PostgreSQL asks for another try.
const tries = 4

// InTx runs work in one READ COMMITTED transaction with time limits on locks, statements and
// idleness. Serialization failures and deadlocks (40001, 40P01) are tried again with jitter; a lock
// that is not given in time, or a database that is not there, is Unavailable. The rollback can't be cancelled by the caller's context.
func InTx(ctx context.Context, pool Beginner, work func(tx pgx.Tx) error) error {
	return run(ctx, pool, pgx.TxOptions{BeginQuery: sqlBegin}, work)
}

// InReadTx runs work in one read-only REPEATABLE READ transaction: all it reads is of one moment.
func InReadTx(ctx context.Context, pool Beginner, work func(tx pgx.Tx) error) error {
	return run(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, work)
}

func run(ctx context.Context, pool Beginner, options pgx.TxOptions, work func(tx pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := once(ctx, pool, options, work)
		if !again(err) || try == tries {
			return Fault(err)
		}
		wait := time.NewTimer(time.Duration(try) * time.Duration(5+rand.IntN(20)) * time.Millisecond)
		select {
		case <-ctx.Done():
			wait.Stop()
			return Fault(err)
		case <-wait.C:
		}
	}
}

func once(ctx context.Context, pool Beginner, options pgx.TxOptions, work func(tx pgx.Tx) error) (err error) {
	tx, err := pool.BeginTx(ctx, options)
	if err != nil {
		return unreached(ctx, err)
	}
	defer func() {
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(detached)
	}()
	if err := work(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// unreached is a transaction that could not begin, whatever the reason: nothing of it has happened.
func unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return err
	}
	err = Fault(err)
	if _, known := fault.As(err); known {
		return err
	}
	return fault.New(fault.Unavailable, "database_unavailable", "the shop cannot reach its database: try again in a moment").Because(err)
}

func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func again(err error) bool {
	c := code(err)
	return c == "40001" || c == "40P01"
}

// IsUnique tells whether the error is a breach of the named unique constraint.
func IsUnique(err error, constraint string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23505" && e.ConstraintName == constraint
}
