package pgtest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
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
