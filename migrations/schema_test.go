package migrations_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/pg/pgtest"
)

var update = flag.Bool("update", false, "write schema.sql anew")

// The relations of the shop: those of the job queue, of the migrations' own book-keeping and of
// extensions are not ours to describe.
const (
	sqlRelations = `
select c.oid::int8, c.relname, c.relkind::text, coalesce(pg_get_viewdef(c.oid, true), '')
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'S')
  and c.relname not like 'river%' and c.relname not like 'goose%'
  and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype in ('e', 'i', 'a'))
order by (c.relkind = 'v')::int, c.relname collate "C"`
	sqlColumns = `
select a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || case when a.attidentity <> '' then ' generated ' || case a.attidentity when 'a' then 'always' else 'by default' end || ' as identity' else '' end
       || case when a.attgenerated <> '' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
               when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end
       || case when a.attnotnull then ' not null' else '' end
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = @relation and a.attnum > 0 and not a.attisdropped
order by a.attnum`
	sqlConstraints = `
select 'constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid, true)
from pg_constraint where conrelid = @relation and contype <> 'n' and contype <> 't'
order by contype <> 'p', conname collate "C"`
	sqlIndexes = `
select pg_get_indexdef(i.indexrelid)
from pg_index i
where i.indrelid = @relation and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)
order by 1`
	sqlTriggers = `
select pg_get_triggerdef(oid, true) from pg_trigger where tgrelid = @relation and not tgisinternal order by tgname collate "C"`
	sqlGrants = `
select string_agg(lower(privilege_type), ', ' order by privilege_type)
from information_schema.role_table_grants
where table_schema = 'public' and table_name = @name and grantee = 'boutique_app'
having count(*) > 0`
	sqlFunctions = `
select pg_get_functiondef(p.oid)
from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.proname not like 'river%'
  and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by p.proname collate "C"`
)

// schema.sql says what all migrations together have made, for people to read. After a migration it
// is written anew by: go test ./migrations -update
func TestTheSnapshotOfTheSchemaIsTrue(t *testing.T) {
	t.Parallel()
	got, err := describe(t.Context(), pgtest.OwnerDB(t))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.sql", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		if i >= len(gotLines) || i >= len(wantLines) || gotLines[i] != wantLines[i] {
			t.Fatalf("schema.sql is not what the migrations make, from line %d on: run go test ./migrations -update", i+1)
		}
	}
}

// describe writes the schema as SQL that reads like what a person would write.
func describe(ctx context.Context, db *pgxpool.Pool) (string, error) {
	type relation struct {
		ID         int64
		Name, Kind string
		View       string
	}
	rows, err := db.Query(ctx, sqlRelations)
	if err != nil {
		return "", err
	}
	relations, err := pgx.CollectRows(rows, pgx.RowToStructByPos[relation])
	if err != nil {
		return "", err
	}
	lines := func(statement string, args pgx.NamedArgs) []string {
		if err != nil {
			return nil
		}
		var list []string
		rows, query := db.Query(ctx, statement, args)
		if query == nil {
			list, query = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		err = query
		return list
	}
	var b strings.Builder
	b.WriteString("-- What all migrations together make: a snapshot to read, kept true by a test and never applied.\n")
	for _, r := range relations {
		of := pgx.NamedArgs{"relation": r.ID}
		b.WriteString("\n")
		switch r.Kind {
		case "S":
			fmt.Fprintf(&b, "create sequence %s;\n", r.Name)
		case "v":
			fmt.Fprintf(&b, "create view %s as\n%s\n", r.Name, strings.TrimRight(r.View, " \n"))
		default:
			parts := append(lines(sqlColumns, of), lines(sqlConstraints, of)...)
			fmt.Fprintf(&b, "create table %s (\n  %s\n);\n", r.Name, strings.Join(parts, ",\n  "))
			for _, line := range append(lines(sqlIndexes, of), lines(sqlTriggers, of)...) {
				b.WriteString(line + ";\n")
			}
		}
		for _, grants := range lines(sqlGrants, pgx.NamedArgs{"name": r.Name}) {
			fmt.Fprintf(&b, "grant %s on %s to boutique_app;\n", grants, r.Name)
		}
	}
	for _, f := range lines(sqlFunctions, nil) {
		b.WriteString("\n" + strings.TrimSpace(f) + ";\n")
	}
	return b.String(), err
}
