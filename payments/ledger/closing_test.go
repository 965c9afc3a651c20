package ledger_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

var sealKey = ed25519.NewKeyFromSeed([]byte("a key of thirty-two bytes, fixed"))

func lastMonth(t *testing.T) ledger.Period {
	t.Helper()
	now := time.Now().In(text.Paris())
	first := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, text.Paris())
	p, err := ledger.ParsePeriod(first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func closePeriod(pool *pgxpool.Pool, kind ledger.ClosingKind, p ledger.Period) (c ledger.Closing, err error) {
	ctx := context.Background()
	err = pg.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
		c, err = ledger.Close(ctx, tx, kind, p, sealKey, "marie")
		return err
	})
	return c, err
}

func TestAClosedMonthTakesNoMoreEntries(t *testing.T) {
	t.Parallel()
	ctx, pool, p := context.Background(), pgtest.DB(t), lastMonth(t)
	if _, err := closePeriod(pool, ledger.ClosingMonth, p); err != nil {
		t.Fatal(err)
	}
	if _, err := closePeriod(pool, ledger.ClosingMonth, p); !fault.Is(err, "period_closed") {
		t.Errorf("closed twice: %v", err)
	}
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		return ledger.PostFee(ctx, tx, ledger.Fee{TxnID: "late", OrderID: uuid.New(), Reference: "B26-1", Amount: 65, At: p.To.Add(12 * time.Hour)})
	}); err != nil {
		t.Fatal(err)
	}
	var on time.Time
	var label string
	if err := pool.QueryRow(ctx, `select booked_on, label from entry where cause = 'fee:late'`).Scan(&on, &label); err != nil {
		t.Fatal(err)
	}
	if on.Format(time.DateOnly) <= p.To.Format(time.DateOnly) || !strings.Contains(label, p.To.Format(time.DateOnly)) {
		t.Errorf("booked on %s as %q", on, label)
	}
	now := time.Now().In(text.Paris())
	today, _ := ledger.ParsePeriod(now.Format(time.DateOnly), now.Format(time.DateOnly))
	if _, err := closePeriod(pool, ledger.ClosingDay, today); !fault.Is(err, "period_not_over") {
		t.Errorf("a day that is not over was closed: %v", err)
	}
	mustHold(t, pool)
}

func TestASealNamesWhatWasChangedOrCutOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ statement, want string }{
		"a closing changed":    {`update closing set data = replace(data, '"entries":', '"entries":1') where n = 1`, "closing 1 was changed"},
		"a closing removed":    {`delete from closing where n = 1`, "closing 1 is missing"},
		"another key's":        {`update closing set signature = decode(repeat('00', 64), 'hex') where n = 2`, "closing 2 is not signed"},
		"the journal cut off":  {`with l as (delete from entry_line where entry_seq = 2) delete from entry where seq = 2`, "entry 2, sealed by closing 1, was changed or cut off"},
		"everything untouched": {``, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, url := context.Background(), pgtest.URL(t)
			app := pgtest.Open(t, url)
			for range 2 {
				issue(t, app, invoice(uuid.New()))
			}
			p := lastMonth(t)
			for i := range 2 {
				day := ledger.Period{From: p.From.AddDate(0, 0, i), To: p.From.AddDate(0, 0, i)}
				if _, err := closePeriod(app, ledger.ClosingDay, day); err != nil {
					t.Fatal(err)
				}
			}
			owner, err := pg.OpenOwner(ctx, url)
			if err != nil {
				t.Fatal(err)
			}
			defer owner.Close()
			if c.statement != "" {
				for _, table := range []string{"closing", "entry", "entry_line"} {
					if _, err := owner.Exec(ctx, fmt.Sprintf(`alter table %s disable trigger all`, table)); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := owner.Exec(ctx, c.statement); err != nil {
					t.Fatal(err)
				}
			}
			result, err := ledger.VerifySeals(ctx, app, sealKey.Public().(ed25519.PublicKey))
			if err != nil || strings.Join(result.Broken, " ") != c.want && !strings.HasPrefix(strings.Join(result.Broken, " "), c.want) || (c.want == "") != result.Holds() {
				t.Errorf("%v %v, want %q", result.Broken, err, c.want)
			}
		})
	}
}

// A month's seal, by which its package is fetched, stays in the list however many days are sealed after it.
func TestAMonthStaysListedBehindTheDaysAfterIt(t *testing.T) {
	t.Parallel()
	pool, p := pgtest.DB(t), lastMonth(t)
	if _, err := closePeriod(pool, ledger.ClosingMonth, p); err != nil {
		t.Fatal(err)
	}
	for i := range 15 {
		day := p.From.AddDate(0, 0, i)
		if _, err := closePeriod(pool, ledger.ClosingDay, ledger.Period{From: day, To: day}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := ledger.ClosingsShown(t.Context(), pool)
	if err != nil || len(list) != 8 || list[0].Kind != ledger.ClosingMonth || list[0].First != p.From.Format(time.DateOnly) || list[1].First != p.From.AddDate(0, 0, 14).Format(time.DateOnly) {
		t.Errorf("%d are listed, %v: %+v", len(list), err, list)
	}
}
