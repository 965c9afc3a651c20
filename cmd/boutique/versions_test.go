package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/migrations"
)

// olderSchema brings an empty database up to the schema of some migrations ago.
func olderSchema(t *testing.T, url string, ago int) {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "0*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	older := fstest.MapFS{}
	for _, name := range names[:len(names)-ago] {
		data, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		older[name] = &fstest.MapFile{Data: data}
	}
	owner, err := pg.OpenOwner(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	db := stdlib.OpenDBFromPool(owner)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, older)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A new program on an older schema does not begin to sell on what it does not know: it says what brings the schema
// up. Then it begins.
func TestANewProgramRefusesAnOlderSchema(t *testing.T) {
	t.Parallel()
	own := pgtest.NewOwn(t)
	olderSchema(t, own.URL(), 3)
	shop := &running{t: t, dir: t.TempDir(), env: houseConfig(own.URL(), "http://127.0.0.1:1", "http://127.0.0.1:1", "smtp://127.0.0.1:1")}
	for _, command := range []string{"serve", "verify"} {
		if out, err := shop.run(command); err == nil || !strings.Contains(err.Error(), "run `boutique migrate up`") {
			t.Errorf("%s on an older schema: %v %s", command, err, out)
		}
	}
	if out, err := shop.run("migrate", "status"); err == nil || strings.Count(out, "pending") != 3 {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := shop.run("migrate", "up"); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if out, err := shop.run("verify"); err != nil {
		t.Errorf("%v %s", err, out)
	}
}

// The schema of a later version comes while copies of this one sell: each of their tables has a column that they do
// not know, and there are tables that they do not know. They sell on, a copy that starts later sells too, and nothing
// takes the schema back.
func TestAnOldProgramWorksBesideANewerSchema(t *testing.T) {
	t.Parallel()
	h := newHouse(t, houseOptions{seed: 8, copies: 2})
	h.shaken.Store(true)
	h.staff().layIn()
	stock := h.onShelf()
	before := h.sells()
	people := &customers{c: h.shopper()}
	people.come(seeded(8))
	people.after(t, 6)
	rows, err := h.owner.Query(t.Context(), `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'river%' and relname not like 'goose%' order by relname`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 50 {
		t.Fatalf("%v, %d tables", err, len(tables))
	}
	for _, table := range tables {
		err := errors.New("not yet")
		// A migration that is not given its lock at once is tried again, so that shoppers do not queue behind it.
		for n := 0; err != nil; n++ {
			if _, err = h.owner.Exec(t.Context(), `set lock_timeout = '200ms'; alter table `+pgx.Identifier{table}.Sanitize()+` add column next_version text, add column next_count integer not null default 0`); err != nil && n > 50 {
				t.Fatal(err)
			}
		}
	}
	h.exec(`create table next_version (id bigint primary key)`)
	h.exec(`insert into goose_db_version (version_id, is_applied) select max(version_id) + 1, true from goose_db_version`)
	people.after(t, 6)
	if err := migrations.Ready(t.Context(), h.owner); err != nil {
		t.Errorf("a newer schema is refused: %v", err)
	}
	if n, err := migrations.Up(t.Context(), h.owner, slog.New(slog.DiscardHandler)); n != 0 || err != nil {
		t.Errorf("an older program's migrate up: %d, %v", n, err)
	}
	h.open(0)
	people.after(t, 6)
	people.leave()
	people.heldTo(t)
	desk := &clerk{h: h, cookies: map[string]string{}}
	desk.press("/admin/mails/again")
	for _, p := range []placedOrder{before, h.sells()} {
		h.staff().want(201, "POST", "/api/v1/staff/orders/"+p.Number+"/shipments", map[string]any{"carrier": "colissimo", "tracking_number": "6A12345678901"})
		h.staff().want(201, "POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{"amount": amount{100, "EUR"}, "reason": "kindness"}, "Idempotency-Key", "refund-"+p.Number)
		desk.shows("/admin/orders/"+p.Number, p.Number)
	}
	for _, page := range []string{"/admin", "/admin/catalogue", "/admin/stock", "/admin/shipping", "/admin/books", "/admin/vouchers", "/admin/settings", "/admin/mails"} {
		desk.shows(page, "Beffroy")
	}
	h.agree(h.calm(false), stock)
}
