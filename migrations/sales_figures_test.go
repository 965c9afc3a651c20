package migrations_test

import (
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/migrations"
)

// issuedBefore are VAT rows from before they bore their documents.
const issuedBefore = bookedBefore + `;
insert into document_vat (document_id, rate, goods_gross, shipping_gross, gross, net, vat, exemption) values
  ('00000000-0000-0000-0000-000000000001', 0, 2190, 500, 2690, 2690, 0, 'export'),
  ('00000000-0000-0000-0000-000000000003', 2000, 1200, 0, 1200, 1000, 200, '')`

// A shop that sold before its VAT rows bore their documents, and before its sales were added up, finds both
// as if they had always been; what comes later is refused as everywhere that nothing changes.
func TestSalesOfBeforeAreAddedUpAndBearTheirDocuments(t *testing.T) {
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
	if _, err := provider.UpTo(ctx, 99); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, issuedBefore); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(ctx); err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{
		`select string_agg(concat_ws(' ', rate, to_char(issued_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), number, kind, order_number, country, regime, payment_method, gross), '; ' order by number) from document_vat`: "0 2026-01-10 10:00 F2026-000001 invoice B26-A CH export card 2690; 2000 2026-01-12 10:00 F2026-000003 invoice B26-C FR domestic card 1200",
		`select string_agg(concat_ws(' ', entry_seq, reference, booked_on, gross, net, vat), '; ') from booked_sale`:                                                                                                       "5 F2026-000003 2026-01-12 1200 1000 200",
	} {
		var got string
		if err := owner.QueryRow(ctx, question).Scan(&got); err != nil || got != want {
			t.Errorf("%q %v, want %q", got, err, want)
		}
	}
	for _, statement := range []string{`update document_vat set country = 'FR'`, `delete from document_vat`, `update booked_sale set vat = 0`, `truncate booked_sale`} {
		if _, err := owner.Exec(ctx, statement); err == nil {
			t.Errorf("the owner could %q", statement)
		}
	}
}
