package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/payments/ledger"
)

// A test entry says where a sale would be booked, by the rows in force on its day, and books nothing.
func TestATrialSaleIsPlacedByTheRowsOfItsDay(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	next := time.Now().AddDate(0, 1, 0)
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		for _, m := range []ledger.Mapping{
			{ValidFrom: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Standard: "707", Family: "book", Account: "7072", Label: "Ventes de livres", Analytic: "LIVR"},
			{ValidFrom: next, Standard: "517", Method: "bancontact", Account: "5172", Label: "Bancontact", Analytic: "BEL"},
		} {
			if err := ledger.AddMapping(ctx, tx, m, "test"); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	sale := ledger.TrialSale{Family: "book", Country: "FR", Method: "bancontact", Rate: 550, Regime: ledger.RegimeDomestic, Gross: 2110, Shipping: 300, On: time.Now()}
	for name, c := range map[string]struct {
		change func(*ledger.TrialSale)
		want   string
	}{
		"a book today":      {func(*ledger.TrialSale) {}, "411+2410 7072-2000/LIVR 44571055-126 7085-284 517+2410 411-2410"},
		"a book next month": {func(s *ledger.TrialSale) { s.On = next.AddDate(0, 0, 1) }, "411+2410 7072-2000/LIVR 44571055-126 7085-284 5172+2410/BEL 411-2410"},
		"a mug":             {func(s *ledger.TrialSale) { s.Family, s.Rate, s.Shipping = "mug", 2000, 0 }, "411+2110 707200-1758 44571200-352 517+2110 411-2110"},
		"a mug sent to Liège": {func(s *ledger.TrialSale) {
			s.Family, s.Rate, s.Shipping, s.Country, s.Regime = "mug", 2100, 0, "BE", ledger.RegimeOSS
		}, "411+2110 707BE210-1744 44571BE210-366 517+2110 411-2110"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sale
			c.change(&s)
			lines, err := ledger.Try(ctx, pool, s)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range lines {
				one := fmt.Sprintf("%s+%d", l.Account, l.Debit)
				if l.Credit != 0 {
					one = fmt.Sprintf("%s-%d", l.Account, l.Credit)
				}
				if l.Analytic != "" {
					one += "/" + l.Analytic
				}
				got = append(got, one)
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("booked on %s\nwant      %s", s, c.want)
			}
		})
	}
	var entries int
	if err := pool.QueryRow(ctx, `select count(*) from entry`).Scan(&entries); err != nil || entries != 0 {
		t.Errorf("%d entries were written, %v", entries, err)
	}
	if _, err := ledger.Try(ctx, pool, ledger.TrialSale{Rate: 99999}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a sale of nothing at a rate of 1000 %%: %v", err)
	}
}
