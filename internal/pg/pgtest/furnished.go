package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"boutique/internal/pgserver"
)

// furnishedDatabases are the templates that tests of this process have made, by name.
var furnishedDatabases struct {
	sync.Mutex
	made map[string]*furnished
}

type furnished struct {
	once sync.Once
	err  error
}

// Furnished gives the address of a database of the test's own that holds what furnish has put into it.
// Furnish runs once for each name; everybody gets a clone. It must have closed its connections.
func Furnished(t testing.TB, name string, furnish func(url string) error) string {
	t.Helper()
	server.once.Do(func() { server.err = start() })
	if server.err != nil {
		t.Fatalf("these tests need PostgreSQL: %v", server.err)
	}
	furnishedDatabases.Lock()
	if furnishedDatabases.made == nil {
		furnishedDatabases.made = map[string]*furnished{}
	}
	f := furnishedDatabases.made[name]
	if f == nil {
		f = &furnished{}
		furnishedDatabases.made[name] = f
	}
	furnishedDatabases.Unlock()
	template := fmt.Sprintf("furnished_%d_%s", os.Getpid(), name)
	f.once.Do(func() {
		if f.err = inMaintenance(context.Background(), "create database "+template+" template "+server.template+" strategy file_copy"); f.err == nil {
			f.err = furnish(strings.Replace(server.url, "/boutique?", "/"+template+"?", 1))
		}
	})
	if f.err != nil {
		t.Fatalf("the database %s was not furnished: %v", name, f.err)
	}
	return clone(t, template)
}

// Own is a PostgreSQL for one test alone, which may kill it. It lives in memory and is as durable as a
// shop's: what it has acknowledged is there after the kill.
type Own struct {
	dir    string
	server *pgserver.Server
}

// NewOwn starts one, with an empty database that is not migrated.
func NewOwn(t testing.TB) *Own {
	t.Helper()
	dir, err := newDir()
	if err != nil {
		t.Fatal(err)
	}
	o := &Own{dir: dir}
	t.Cleanup(func() {
		if o.server != nil {
			_ = o.server.Stop(context.Background())
		}
		_ = pgserver.Remove(dir)
		_ = os.RemoveAll(dir)
	})
	if err := o.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return o
}

// URL is the address of its database; it stays the same through kills.
func (o *Own) URL() string { return o.server.URL() }

// Start starts it again after Kill.
func (o *Own) Start(ctx context.Context) (err error) {
	o.server, err = pgserver.Start(ctx, pgserver.Config{Dir: o.dir})
	return err
}

// Kill ends the server as a power cut would, and waits until it is gone.
func (o *Own) Kill(ctx context.Context) error {
	note, err := os.ReadFile(filepath.Join(o.dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	var pid int
	if _, err := fmt.Sscan(string(note), &pid); err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	return o.server.Stop(ctx)
}
