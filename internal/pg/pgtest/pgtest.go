// Package pgtest gives each test a real PostgreSQL database of its own, migrated, in milliseconds:
// a clone of a template in a throwaway server on shared memory.
package pgtest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/pg"
	"boutique/internal/pgserver"
	"boutique/migrations"
)

// server is the throwaway server of this test binary. It ends with the process.
var server struct {
	once     sync.Once
	err      error
	url      string
	template string
	clones   atomic.Int64
}

// DB gives an empty, migrated database of the test's own, as the role that the program works as.
func DB(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, URL(t), pg.Open)
}

// OwnerDB is DB with the login that owns the schema.
func OwnerDB(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, URL(t), pg.OpenOwner)
}

// Open opens a pool on a database that URL gave, closed with the test.
func Open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	return open(t, url, pg.Open)
}

func open(t testing.TB, url string, opener func(context.Context, string) (*pgxpool.Pool, error)) *pgxpool.Pool {
	t.Helper()
	pool, err := opener(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Tx gives a transaction on a database of its own that is rolled back when the test ends.
func Tx(t testing.TB) pgx.Tx {
	t.Helper()
	tx, err := DB(t).Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

// URL gives the address of an empty, migrated database of the test's own; it is dropped when the
// test ends.
func URL(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.err = start() })
	if server.err != nil {
		t.Fatalf("these tests need PostgreSQL: %v", server.err)
	}
	return clone(t, server.template)
}

func clone(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), server.clones.Add(1))
	ctx := context.Background()
	if err := inMaintenance(ctx, "create database "+name+" template "+template+" strategy file_copy"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inMaintenance(ctx, "drop database if exists "+name+" with (force)") })
	return strings.Replace(server.url, "/boutique?", "/"+name+"?", 1)
}

// cloning lets one clone of the template be made at a time: PostgreSQL refuses two.
var cloning sync.Mutex

func inMaintenance(ctx context.Context, statement string) error {
	cloning.Lock()
	defer cloning.Unlock()
	conn, err := pgx.Connect(ctx, strings.Replace(server.url, "/boutique?", "/postgres?", 1))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// start runs a server for this process, in a folder that a later run clears when the process is gone.
func start() error {
	dir, err := newDir()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s, err := pgserver.Start(ctx, pgserver.Config{Dir: dir, Unsafe: true})
	if err != nil {
		return err
	}
	server.url = s.URL()
	owner, err := pg.OpenOwner(ctx, server.url)
	if err != nil {
		return err
	}
	defer owner.Close()
	if _, err := migrations.Up(ctx, owner, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	server.template = "boutique"
	return nil
}

// newDir is an empty folder in memory that names this process.
func newDir() (string, error) {
	base := "/dev/shm"
	if info, err := os.Stat(base); err != nil || !info.IsDir() {
		base = os.TempDir()
	}
	clearLeftovers(base)
	dir, err := os.MkdirTemp(base, fmt.Sprintf("boutique-test-%d-", os.Getpid()))
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// clearLeftovers removes the folders of test processes that are gone.
func clearLeftovers(base string) {
	folders, _ := filepath.Glob(filepath.Join(base, "boutique-test-*"))
	for _, f := range folders {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(f), "boutique-test-%d-", &pid); err != nil {
			continue
		}
		if syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(f)
		}
	}
}
