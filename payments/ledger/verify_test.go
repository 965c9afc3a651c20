package ledger

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"boutique/internal/invariant"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
)

// However many parts of a journal are walked at once, the first entry that is not as it was is named, at
// a part's ends as within it.
func TestAJournalIsTheSameInParts(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), pgtest.URL(t)
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	const orders, entries = 30, 60
	generate(t, owner, orders)
	pool := pgtest.Open(t, url)
	run := func(statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := owner.Exec(ctx, s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	run(`create table kept as select * from entry`, `create table kept_line as select * from entry_line`)
	for name, c := range map[string]struct{ statement, want string }{
		"untouched": {`select %d`, ""},
		"bytes":     {`update entry set data = data || ' ' where seq = %d`, "entry %d was changed"},
		"previous":  {`update entry set prev_hash = hash where seq = %d`, "entry %d was changed"},
		"line":      {`update entry_line set debit = debit + 1 where debit > 0 and entry_seq = %d`, "the lines of entry %d were changed"},
		"column":    {`update entry set label = 'Rien' where seq = %d`, "the columns of entry %d were changed"},
		"removed":   {`delete from entry where seq = %d`, "entry %d is missing"},
		"far away":  {`update entry set seq = 9000000000000000000 + seq where seq = %d`, "entry %d is missing"},
	} {
		for _, seq := range []int{1, 14, 15, 16, 20, 21, 30, 31, 45, 46, 60} {
			want := c.want
			if want != "" {
				want = fmt.Sprintf(want, seq)
			}
			if name == "removed" && seq == entries {
				want = "the journal ends at entry 59, its head says 60"
			}
			run(fmt.Sprintf(c.statement, seq))
			for readers := 1; readers <= 4; readers++ {
				var result invariant.Result
				if err := pg.InReadTx(ctx, pool, func(tx pgx.Tx) (err error) {
					result, err = verifyChain(ctx, pool, tx, readers)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(result.Broken, " "); got != want {
					t.Errorf("%s of %d in %d parts: %q, want %q", name, seq, readers, got, want)
				}
			}
			run(`delete from entry`, `insert into entry select * from kept`, `delete from entry_line`, `insert into entry_line select * from kept_line`)
		}
	}
}
