// Package migrations holds the database's schema as forward-only SQL, and brings a database up to it.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Files are the numbered migrations, each in one transaction.
//
//go:embed 0*.sql
var Files embed.FS

// Up brings the database to the newest schema: first the shop's own migrations under a lock, so
// that two starting copies don't race, then the job queue's. owner is a pool of the login of
// DATABASE_URL, without the role boutique_app. It returns how many migrations it applied.
func Up(ctx context.Context, owner *pgxpool.Pool, logger *slog.Logger) (int, error) {
	provider, db, err := newProvider(owner)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	results, err := provider.Up(ctx)
	for _, r := range results {
		logger.InfoContext(ctx, "migrated", "file", r.Source.Path, "took", r.Duration)
	}
	if err != nil {
		return len(results), fmt.Errorf("migrate up: %w", err)
	}
	queue, err := rivermigrate.New(riverpgxv5.New(owner), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return len(results), err
	}
	applied, err := queue.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return len(results), fmt.Errorf("migrate the job queue: %w", err)
	}
	return len(results) + len(applied.Versions), nil
}

// sqlRole makes the role that the program works as; roles belong to the server, not to a database, so that
// a dump lacks them.
const sqlRole = `
do $$
begin
  if not exists (select from pg_roles where rolname = 'boutique_app') then
    create role boutique_app nologin;
  end if;
  execute format('grant boutique_app to %I', current_user);
end
$$`

// EnsureRole makes the role boutique_app, before a dump that grants to it is read in.
func EnsureRole(ctx context.Context, owner *pgx.Conn) error {
	_, err := owner.Exec(ctx, sqlRole)
	return err
}

// DefaultPrivileges gives what later migrations make to the role boutique_app: they belong to the login
// that migrates, whose name may differ from that of the dump's.
const DefaultPrivileges = `
alter default privileges in schema public grant select, insert, update, delete on tables to boutique_app;
alter default privileges in schema public grant usage, select on sequences to boutique_app;`

// Status is one migration and whether this database has it.
type Status struct {
	File    string
	Applied bool
}

// List tells which migrations the database has and which are still to come.
func List(ctx context.Context, owner *pgxpool.Pool) ([]Status, error) {
	provider, db, err := newProvider(owner)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	found, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate status: %w", err)
	}
	list := make([]Status, len(found))
	for i, s := range found {
		list[i] = Status{File: s.Source.Path, Applied: s.State == goose.StateApplied}
	}
	return list, nil
}

// ErrPending is returned by Ready when the database lacks a migration that this program needs.
var ErrPending = errors.New("the database lacks migrations: run `boutique migrate up`")

// Ready is nil when the database has every migration of this program. A newer database is fine:
// an older program works beside it (expand, migrate, contract).
func Ready(ctx context.Context, owner *pgxpool.Pool) error {
	list, err := List(ctx, owner)
	if err != nil {
		return err
	}
	for _, s := range list {
		if !s.Applied {
			return fmt.Errorf("%w (%s)", ErrPending, s.File)
		}
	}
	return nil
}

func newProvider(owner *pgxpool.Pool) (*goose.Provider, *sql.DB, error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, nil, err
	}
	db := stdlib.OpenDBFromPool(owner)
	provider, err := goose.NewProvider(goose.DialectPostgres, db, Files, goose.WithSessionLocker(locker))
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return provider, db, nil
}
