package ledger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/invariant"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/payments/ledger"
)

// forced runs statements as a superuser does who takes the triggers away first.
func forced(t *testing.T, url string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	for _, table := range []string{"entry", "entry_line", "document", "document_vat", "booked_sale", "closing"} {
		if _, err := owner.Exec(ctx, `alter table `+table+` disable trigger all`); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range statements {
		if _, err := owner.Exec(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestWhatASuperuserDoesToTheJournalIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ statement, want string }{
		"bytes changed":         {`update entry set data = replace(data, '2690', '2691') where seq = 2`, "entry 2 was changed"},
		"a hash changed":        {`update entry set hash = '\x00' where seq = 3`, "entry 3 was changed"},
		"an amount moved":       {`update entry_line set debit = debit + 100 where entry_seq = 2 and debit > 0`, "the lines of entry 2 were changed"},
		"an account moved":      {`update entry_line set account = '471' where entry_seq = 2 and n = 1`, "the lines of entry 2 were changed"},
		"a standard moved":      {`update entry_line set standard = '471' where entry_seq = 2 and n = 1`, "the lines of entry 2 were changed"},
		"a standard emptied":    {`update entry_line set standard = '' where entry_seq = 2 and n = 1`, "the lines of entry 2 were changed"},
		"a code added":          {`update entry_line set analytic = 'X' where entry_seq = 2 and n = 1`, "the lines of entry 2 were changed"},
		"a line removed":        {`delete from entry_line where entry_seq = 4 and n = 1`, "the lines of entry 4 were changed"},
		"a label changed":       {`update entry set label = 'Rien' where seq = 2`, "the columns of entry 2 were changed"},
		"a day changed":         {`update entry set booked_on = booked_on - 40 where seq = 3`, "the columns of entry 3 were changed"},
		"a moment changed":      {`update entry set booked_at = booked_at + interval '1 second' where seq = 3`, "the columns of entry 3 were changed"},
		"an order changed":      {`update entry set order_id = gen_random_uuid() where seq = 1`, "the columns of entry 1 were changed"},
		"an entry removed":      {`with l as (delete from entry_line where entry_seq = 3) delete from entry where seq = 3`, "entry 3 is missing"},
		"the first removed":     {`with l as (delete from entry_line where entry_seq = 1) delete from entry where seq = 1`, "entry 1 is missing"},
		"the end cut off":       {`with l as (delete from entry_line where entry_seq = 4) delete from entry where seq = 4`, "the journal ends at entry 3, its head says 4"},
		"a line lies elsewhere": {`update entry_line set analytic = analytic where entry_seq = 2 and n = 1`, ""},
		"everything untouched":  {`select 1`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			app := pgtest.Open(t, url)
			for range 4 {
				issue(t, app, invoice(uuid.New()))
			}
			forced(t, url, c.statement)
			result, err := verifyChain(app)
			if err != nil || strings.Join(result.Broken, " ") != c.want {
				t.Errorf("%v %v, want %q", result.Broken, err, c.want)
			}
		})
	}
}

func TestADocumentThatWasChangedIsNamed(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), pgtest.URL(t)
	app := pgtest.Open(t, url)
	issue(t, app, invoice(uuid.New()))
	d := issue(t, app, invoice(uuid.New()))
	forced(t, url, `update document set data = replace(data, 'Jeanne', 'Janine') where number = '`+d.Number+`'`)
	results, err := invariant.Check(ctx, app, ledger.Invariants())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Name == "documents unchanged" && strings.Join(r.Broken, " ") != d.Number {
			t.Errorf("%v, want %s", r.Broken, d.Number)
		}
	}
}

// chainAndSeal are the file of all entries and the newest seal, as an accountant has them.
func chainAndSeal(t *testing.T, pool *pgxpool.Pool) (string, []byte) {
	t.Helper()
	ctx := context.Background()
	span, err := ledger.WholeChain(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ledger.WriteChain(ctx, pool, &b, span); err != nil {
		t.Fatal(err)
	}
	list, err := ledger.Closings(ctx, pool, 1)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	seal, err := json.Marshal(list[0].File())
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), seal
}

func TestEntriesAreHeldAgainstASealWithoutADatabase(t *testing.T) {
	t.Parallel()
	pool := pgtest.DB(t)
	for range 4 {
		issue(t, pool, invoice(uuid.New()))
	}
	if _, err := closePeriod(pool, ledger.ClosingMonth, lastMonth(t)); err != nil {
		t.Fatal(err)
	}
	chain, seal := chainAndSeal(t, pool)
	lines := strings.SplitAfter(chain, "\n")
	for name, c := range map[string]struct {
		chain, seal, want string
	}{
		"as it left the shop":  {chain, string(seal), ""},
		"an amount changed":    {strings.Replace(chain, `"amount":2690`, `"amount":2691`, 1), string(seal), "entry 1 was changed"},
		"an entry removed":     {lines[0] + lines[1] + lines[3] + lines[4], string(seal), "entry 2 is missing"},
		"the last cut off":     {lines[0] + lines[1] + lines[2] + lines[3], string(seal), "entry 4 was cut off: closing 1 sealed the entries up to 4"},
		"half a line cut off":  {chain[:len(chain)-40], string(seal), "entry 4 was changed"},
		"all entries replaced": {lines[0], string(seal), "entry 1 was cut off: closing 1 sealed the entries up to 4"},
		"the seal changed":     {chain, strings.Replace(string(seal), `\"sealed_by\":\"marie\"`, `\"sealed_by\":\"moi\"`, 1), "closing 1 was changed"},
		"nothing like entries": {"a;b\n", string(seal), "error"},
	} {
		t.Run(name, func(t *testing.T) {
			results, err := ledger.VerifyEntries(strings.NewReader(c.chain), strings.NewReader(c.seal), nil)
			var broken []string
			for _, r := range results {
				broken = append(broken, r.Broken...)
			}
			if c.want == "error" {
				if err == nil {
					t.Error("it was taken for entries")
				}
				return
			}
			if err != nil || strings.Join(broken, " ") != c.want {
				t.Errorf("%v %v, want %q", broken, err, c.want)
			}
		})
	}
	results, err := ledger.VerifyEntries(strings.NewReader(chain), bytes.NewReader(seal), make([]byte, 32))
	if err != nil || results[0].Holds() {
		t.Errorf("another key's signature is taken: %v %v", results, err)
	}
}
