package migrations_test

import (
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/migrations"
)

// bookedBefore are exports whose VAT was booked, taken back and booked again before a table told it rate by
// rate, and a sale that has nothing to do with it.
const bookedBefore = `
set session_replication_role = replica;
insert into account (number, label) values ('707000', ''), ('707055', ''), ('707200', ''), ('44571055', ''), ('44571200', '') on conflict do nothing;
insert into document (id, kind, series, year, n, number, order_id, order_number, country, payment_method, issued_at, gross, data, regime) values
  ('00000000-0000-0000-0000-000000000001', 'invoice', 'F', 2026, 1, 'F2026-000001', '00000000-0000-0000-0000-00000000000a', 'B26-A', 'CH', 'card', '2026-01-10T10:00:00Z', 2690, '{}', 'export'),
  ('00000000-0000-0000-0000-000000000002', 'invoice', 'F', 2026, 2, 'F2026-000002', '00000000-0000-0000-0000-00000000000b', 'B26-B', 'CH', 'card', '2026-01-11T10:00:00Z', 1200, '{}', 'export'),
  ('00000000-0000-0000-0000-000000000003', 'invoice', 'F', 2026, 3, 'F2026-000003', '00000000-0000-0000-0000-00000000000c', 'B26-C', 'FR', 'card', '2026-01-12T10:00:00Z', 1200, '{}', 'domestic');
insert into export_proof (document_id, seq, event, kind, reference, proved_on, vat, reason, actor) values
  ('00000000-0000-0000-0000-000000000001', 1, 'taxed', '', '', null, 280, '', 'odile'),
  ('00000000-0000-0000-0000-000000000002', 1, 'taxed', '', '', null, 200, '', 'odile'),
  ('00000000-0000-0000-0000-000000000002', 2, 'held', 'other', 'CN23', '2026-01-20', 0, '', 'odile'),
  ('00000000-0000-0000-0000-000000000002', 3, 'withdrawn', '', '', null, 0, 'another parcel''s', 'odile'),
  ('00000000-0000-0000-0000-000000000002', 4, 'taxed', '', '', null, 200, '', 'odile');
insert into entry (seq, journal, booked_at, booked_on, reference, label, cause, data, prev_hash, hash, validated_on) values
  (1, 'OD', '2026-04-20T10:00:00Z', '2026-04-20', 'F2026-000001', '', 'export-vat:F2026-000001:1', '', '', '', '2026-04-20'),
  (2, 'OD', '2026-04-21T10:00:00Z', '2026-04-21', 'F2026-000002', '', 'export-vat:F2026-000002:1', '', '', '', '2026-04-21'),
  (3, 'OD', '2026-05-02T10:00:00Z', '2026-05-02', 'F2026-000002', '', 'export-vat:F2026-000002:2', '', '', '', '2026-05-02'),
  (4, 'OD', '2026-05-03T10:00:00Z', '2026-05-03', 'F2026-000002', '', 'export-vat:F2026-000002:4', '', '', '', '2026-05-03'),
  (5, 'VE', '2026-01-12T10:00:00Z', '2026-01-12', 'F2026-000003', '', 'document:F2026-000003', '', '', '', '2026-01-12');
insert into entry_line (entry_seq, n, account, debit, credit, standard) values
  (1, 1, '707000', 2190, 0, '707000'), (1, 2, '7085', 52, 0, '7085'), (1, 3, '707200', 0, 825, '707200'), (1, 4, '44571200', 0, 203, '44571200'), (1, 5, '707055', 0, 1137, '707055'), (1, 6, '44571055', 0, 77, '44571055'),
  (2, 1, '707000', 1200, 0, '707000'), (2, 2, '707200', 0, 1000, '707200'), (2, 3, '44571200', 0, 200, '44571200'),
  (3, 1, '707000', 0, 1200, '707000'), (3, 2, '707200', 1000, 0, '707200'), (3, 3, '44571200', 200, 0, '44571200'),
  (4, 1, '707000', 1200, 0, '707000'), (4, 2, '707200', 0, 1000, '707200'), (4, 3, '44571200', 0, 200, '44571200'),
  (5, 1, '411', 1200, 0, '411'), (5, 2, '707200', 0, 1000, '707200'), (5, 3, '44571200', 0, 200, '44571200');
set session_replication_role = origin`

// A shop that booked VAT for exports without proof before export_vat was there finds it in it: step by step
// and rate by rate what the journal says, on the journal's days, and nothing of other sales.
func TestVATBookedBeforeItsTableStandsInIt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	owner, err := pg.OpenOwner(ctx, pgtest.NewOwn(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	db := stdlib.OpenDBFromPool(owner)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, 98); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, bookedBefore); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, 99); err != nil {
		t.Fatal(err)
	}
	rows, err := owner.Query(ctx, `select d.number || ' ' || v.seq || ' ' || v.rate, v.goods_net || ' ' || v.goods_vat || ' ' || v.shipping_net || ' ' || v.shipping_vat || ' ' || v.booked_on from export_vat v join document d on d.id = v.document_id`)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	var step, figures string
	if _, err := pgx.ForEachRow(rows, []any{&step, &figures}, func() error { got[step] = figures; return nil }); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"F2026-000001 1 2000": "825 203 0 0 2026-04-20", "F2026-000001 1 550": "1137 77 0 0 2026-04-20",
		"F2026-000002 1 2000": "1000 200 0 0 2026-04-21", "F2026-000002 2 2000": "-1000 -200 0 0 2026-05-02", "F2026-000002 4 2000": "1000 200 0 0 2026-05-03",
	}
	if !maps.Equal(got, want) {
		t.Errorf("the table has %v, want %v", got, want)
	}
	// The other migrations follow, as in a shop that is brought up to date.
	if _, err := provider.Up(ctx); err != nil {
		t.Error(err)
	}
}
