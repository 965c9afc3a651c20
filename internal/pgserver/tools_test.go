package pgserver_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pgserver"
)

// dumped writes a server's database out.
func dumped(t *testing.T, s *pgserver.Server) []byte {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		t.Fatal(err)
	}
	var snapshot string
	if err := tx.QueryRow(ctx, "select pg_export_snapshot()").Scan(&snapshot); err != nil {
		t.Fatal(err)
	}
	run(t, s, "insert into shelf values ('after the snapshot') returning what")
	var b bytes.Buffer
	if err := (pgserver.Tools{}).Dump(ctx, s.URL()+"&pool_max_conns=4", snapshot, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestADumpIsOfItsSnapshotAndRestoresWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := start(t, pgserver.Config{Dir: dataDir(t), Unsafe: true})
	run(t, s, "create table shelf as select 'mug ' || n as what from generate_series(1, 20000) n")
	dump := dumped(t, s)
	run(t, s, "create table later as select 1")
	run(t, s, "delete from shelf")
	open := func(data []byte) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	}
	tools := pgserver.Tools{}
	if err := tools.Restore(context.Background(), s.URL(), open(dump[:len(dump)*3/4]), ""); err == nil {
		t.Error("a dump that was cut off is taken")
	}
	if err := tools.Restore(context.Background(), s.URL(), open(dump), "select refuse_me;"); err == nil {
		t.Error("SQL that fails at the end is taken")
	}
	if got := run(t, s, "select count(*)::text from shelf") + run(t, s, "select count(*)::text from later"); got != "01" {
		t.Errorf("after two refusals the tables hold %s, want 0 and 1", got)
	}
	if err := tools.Restore(context.Background(), s.URL(), open(dump), "create table afterwards ();"); err != nil {
		t.Fatal(err)
	}
	if got := run(t, s, "select count(*)::text from shelf"); got != "20000" {
		t.Errorf("the shelf holds %s", got)
	}
	if got := run(t, s, "select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"); got != "afterwards shelf" {
		t.Errorf("the tables are %s", got)
	}
}
