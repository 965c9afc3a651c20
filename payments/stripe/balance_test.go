package stripe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/payments"
)

func (s *settler) DisputeOpened(_ context.Context, _ pgx.Tx, _ payments.Payment, d payments.Dispute) error {
	return s.hear("dispute opened %d %s", d.Amount, d.Status)
}

func (s *settler) DisputeClosed(_ context.Context, _ pgx.Tx, _ payments.Payment, d payments.Dispute) error {
	return s.hear("dispute closed %s", d.Status)
}

func (s *settler) BalanceMoved(_ context.Context, _ pgx.Tx, l payments.BalanceLine) error {
	return s.hear("moved %s %d %d", l.Kind, l.Amount, l.Fee)
}

func (s *settler) Differences(context.Context, time.Time) ([]string, error) { return nil, nil }

// chargeOf is the charge of a captured payment.
func (w *world) chargeOf(p payments.Payment) string {
	w.t.Helper()
	return w.read(p).ChargeID
}

// compare holds everything of the last day against Stripe.
func (w *world) compare() payments.Comparison {
	w.t.Helper()
	c, err := w.s.Compare(w.t.Context(), time.Now().Add(-24*time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func TestADisputeIsOpenedOnceAndItsMoneyMovesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.captured(2590)
	w.control("/_emu/dispute/"+w.chargeOf(p), nil)
	for range 3 {
		if err := w.s.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.work()
	}
	open, err := payments.OpenDisputes(t.Context(), w.pool)
	if err != nil || len(open) != 1 || open[0].Amount != 2590 || open[0].DueBy == nil || !open[0].Answerable() || open[0].OrderID != p.OrderID {
		t.Fatalf("the open disputes are %+v, %v", open, err)
	}
	w.compare()
	w.compare()
	w.control("/_emu/close-dispute/"+open[0].ID, map[string]any{"status": "won"})
	w.compare()
	w.compare()
	w.told("captured", "balance charge 2590 64 2526", "dispute opened 2590 needs_response", "moved dispute -2590 2000", "dispute closed won", "moved dispute_reversal 2590 0")
	if open, err := payments.OpenDisputes(t.Context(), w.pool); err != nil || len(open) != 0 {
		t.Errorf("won, the open disputes are %+v, %v", open, err)
	}
}

func TestALostDisputeIsFoundByItsMoneyAndBringsNoneBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.captured(1000)
	w.control("/_emu/dispute/"+w.chargeOf(p), nil)
	w.compare()
	list, err := payments.DisputesOf(t.Context(), w.pool, p.OrderID)
	// The comparison looks at the balance: a dispute whose event was lost is found by its money.
	if err != nil || len(list) != 1 {
		t.Fatalf("the disputes are %+v, %v", list, err)
	}
	w.control("/_emu/close-dispute/"+list[0].ID, map[string]any{"status": "lost"})
	w.compare()
	w.told("captured", "balance charge 1000 40 960", "dispute opened 1000 needs_response", "moved dispute -1000 2000", "dispute closed lost")
}

func TestAnEarlyFraudWarningIsATaskUntilSomebodyHasLooked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.captured(1000)
	w.control("/_emu/fraud-warning/"+w.chargeOf(p), nil)
	for range 2 {
		if err := w.s.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.work()
	}
	open, err := payments.OpenWarnings(t.Context(), w.pool)
	if err != nil || len(open) != 1 || open[0].OrderID != p.OrderID || open[0].Kind != "made_with_stolen_card" {
		t.Fatalf("the warnings are %+v, %v", open, err)
	}
	seen := func() error {
		return pg.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
			_, err := payments.WarningDone(t.Context(), tx, open[0].ID, "staff:eve@office.example")
			return err
		})
	}
	if err := seen(); err != nil {
		t.Error(err)
	}
	if err := seen(); !fault.Is(err, "warning_not_found") {
		t.Errorf("looked at twice: %v", err)
	}
}

func TestAPayoutIsMatchedLineByLineAndAnUnknownLineIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.captured(2590), w.captured(5000)
	if _, err := w.refund(second, 1500, "a"); err != nil {
		t.Fatal(err)
	}
	if err := w.s.ExecuteRefund(t.Context(), w.refunds(second)[0].ID); err != nil {
		t.Fatal(err)
	}
	w.control("/_emu/stripe-fee", map[string]any{"amount": 300})
	// Somebody else sells on the same account.
	foreign := w.call(http.MethodPost, "/v1/checkout/sessions", url.Values{
		"mode": {"payment"}, "success_url": {"http://127.0.0.1:1/"}, "payment_method_types[]": {"card"}, "line_items[0][quantity]": {"1"},
		"line_items[0][price_data][currency]": {"eur"}, "line_items[0][price_data][unit_amount]": {"700"}, "line_items[0][price_data][product_data][name]": {"Visite guidée"},
	})
	w.pay(payments.Payment{SessionID: foreign["id"].(string)})
	w.control("/_emu/clock", map[string]any{"advance_seconds": 4 * 24 * 60 * 60})
	w.control("/_emu/payout", nil)
	w.compare()
	list, err := payments.Payouts(t.Context(), w.pool, 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("the payouts are %+v, %v", list, err)
	}
	p := list[0]
	if p.Difference() != 0 || p.Lines != 5 || p.Unknown != 1 {
		t.Errorf("the payout is %+v", p)
	}
	lines, err := payments.LinesOfPayout(t.Context(), w.pool, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	found := map[uuid.UUID]int{}
	for _, l := range lines {
		switch {
		case l.OrderID != nil:
			found[*l.OrderID]++
		case l.Known() && l.Kind == payments.KindFee && l.Net == -300:
		case !l.Known() && l.Amount == 700:
		default:
			t.Errorf("the payout has the line %+v", l)
		}
	}
	if found[first.OrderID] != 1 || found[second.OrderID] != 2 {
		t.Errorf("the lines belong to %v", found)
	}
	if strange, err := payments.StrangeLines(t.Context(), w.pool); err != nil || len(strange) != 1 {
		t.Errorf("what belongs to nothing is %+v, %v", strange, err)
	}
	again := w.compare()
	if len(again.Mended) != 0 {
		t.Errorf("compared again it mends %q", again.Mended)
	}
}

func TestAComparisonFindsWhatNoWebhookBrought(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(w.open(2590))
	w.pay(p)
	c := w.compare()
	if got := w.read(p); got.State != payments.Captured || got.Fee == nil {
		t.Errorf("compared, the payment is %+v", got)
	}
	if c.Movements != 1 || len(c.Mended) == 0 || c.Failure != "" {
		t.Errorf("the comparison says %+v", c)
	}
	kept, err := payments.Comparisons(t.Context(), w.pool, 5)
	if err != nil || len(kept) != 1 || len(kept[0].Mended) != len(c.Mended) {
		t.Errorf("kept is %+v, %v", kept, err)
	}
	w.down()
	if c, err := w.s.Compare(t.Context(), time.Now().Add(-time.Hour)); err == nil || c.Failure == "" {
		t.Errorf("without Stripe the comparison says %+v, %v", c, err)
	}
}

func TestThePageOffersTheMethodsThatTheOfficeHasChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	chosen := []string{"card", "paypal", "sepa_debit"}
	w.s.Methods = func(context.Context) ([]string, error) { return chosen, nil }
	p := w.start(w.open(2590))
	chosen = []string{"card"}
	if again := w.start(p); again.SessionID != p.SessionID {
		t.Errorf("asked again the page is %s, was %s", again.SessionID, p.SessionID)
	}
	s := w.call(http.MethodGet, "/v1/checkout/sessions/"+p.SessionID, nil)
	if got := fmt.Sprint(s["payment_method_types"]); got != "[card paypal sepa_debit]" {
		t.Errorf("the page offers %s", got)
	}
}

func TestNothingIsPaidAtOnceAndLessThanFiftyCentsIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for cents := money.Amount(1); cents < payments.Minimum; cents++ {
		if _, err := w.tryOpen(uuid.New(), cents); !fault.Is(err, "amount_too_small") {
			t.Errorf("%d cents: %v", cents, err)
		}
	}
	if p := w.open(payments.Minimum); p.State != payments.Creating {
		t.Errorf("fifty cents are %s", p.State)
	}
	if p := w.open(0); p.State != payments.Captured || p.Gateway != payments.None {
		t.Errorf("nothing is %s by %s", p.State, p.Gateway)
	}
	if n := w.sessions(); n != 0 {
		t.Errorf("Stripe was asked for %d pages", n)
	}
}

// A payout's money leaves the provider's account as soon as its event is worked off, once however often it
// comes; the nightly comparison finds nothing of it left to book.
func TestAPayoutIsBookedWhenItsEventArrives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.captured(2590)
	w.control("/_emu/clock", map[string]any{"advance_seconds": 4 * 24 * 60 * 60})
	w.control("/_emu/payout", nil)
	made, err := w.s.Gateway.Payouts(t.Context(), time.Unix(0, 0))
	if err != nil || len(made) != 1 {
		t.Fatalf("the payouts are %+v, %v", made, err)
	}
	kept := func(kind string) (n int, net int64) {
		t.Helper()
		if err := w.pool.QueryRow(t.Context(), `select count(*), coalesce(sum(net), 0)::bigint from balance_line where kind = $1 and source = $2`, kind, made[0].ID).Scan(&n, &net); err != nil {
			t.Fatal(err)
		}
		return n, net
	}
	for range 2 {
		if err := w.s.ReconcilePayout(t.Context(), made[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if n, net := kept(payments.KindPayout); n != 1 || net != -int64(made[0].Amount) {
		t.Errorf("%d movements of %d are kept, want one of %d", n, net, -made[0].Amount)
	}
	for _, line := range w.compare().Mended {
		if strings.Contains(line, "("+payments.KindPayout) {
			t.Errorf("the comparison had to book %q", line)
		}
	}
}
