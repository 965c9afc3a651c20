package catalog_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"boutique/catalog"
	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/mail"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

// A count is of the moment its sheet was made: what is sold while people count stays sold.
func TestACountIsOfTheMomentItBegan(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 10)+withoutPhoto(mug("bol", "BOL", "9,90", 5))+withoutPhoto(mug("pot", "POT", "9,90", 7)))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.CreateLocation(ctx, "comptoir", "Comptoir", "camille"))
	if err := s.CreateLocation(ctx, "comptoir", "Comptoir", "camille"); !fault.Is(err, "location_taken") {
		t.Error(err)
	}
	id, err := s.StartCount(ctx, catalog.Web, "camille")
	must(err)
	if _, err := s.StartCount(ctx, catalog.Web, "camille"); !fault.Is(err, "count_open") {
		t.Error(err)
	}
	// One is sold and one goes to the desk while eight of ten are counted.
	_, err = s.MoveStock(ctx, "MUG", catalog.Web, "", -1, "vente", "karim")
	must(err)
	_, err = s.MoveStock(ctx, "MUG", catalog.Web, "comptoir", 1, "comptoir", "karim")
	must(err)
	n := func(n int) *int { return &n }
	must(s.TypeCount(ctx, id, map[string]*int{"MUG": n(8), "BOL": n(5)}, false, "karim"))
	if l, err := catalog.StockOf(ctx, pool, "MUG", catalog.Web); err != nil || l.OnHand != 8 {
		t.Fatalf("typing moves stock: %+v, %v", l, err)
	}
	must(s.TypeCount(ctx, id, map[string]*int{"BOL": n(6)}, true, "karim"))
	for sku, want := range map[string]int{"MUG": 6, "BOL": 6, "POT": 7} {
		if l, err := catalog.StockOf(ctx, pool, sku, catalog.Web); err != nil || l.OnHand != want {
			t.Errorf("%s: %+v, want %d, %v", sku, l, want, err)
		}
	}
	count, lines, err := catalog.GetCount(ctx, pool, id)
	must(err)
	if count.ClosedAt == nil || count.Different != 2 || len(lines) != 3 {
		t.Errorf("%+v, %d lines", count, len(lines))
	}
	if err := s.TypeCount(ctx, id, nil, true, "karim"); !fault.Is(err, "count_closed") {
		t.Error(err)
	}
	if err := s.TypeCount(ctx, 999, nil, true, "karim"); !fault.Is(err, "count_not_found") {
		t.Error(err)
	}
	// What orders hold is there, whatever people count.
	must(pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		p, err := catalog.GetProduct(ctx, tx, "mug")
		if err != nil {
			return err
		}
		return catalog.Hold(ctx, tx, uuid.New(), []catalog.Quantity{{VariantID: p.Variants[0].ID, Quantity: 4}})
	}))
	id, err = s.StartCount(ctx, catalog.Web, "camille")
	must(err)
	if err := s.TypeCount(ctx, id, map[string]*int{"MUG": n(3)}, true, "karim"); !fault.Is(err, "count_below_reserved") {
		t.Error(err)
	}
	// Low is what somebody said, else the usual.
	must(s.SetThreshold(ctx, "POT", catalog.Web, n(7), "camille"))
	list, _, err := catalog.StockList(ctx, pool, catalog.StockFilter{Location: catalog.Web, Low: true, Limit: 10})
	must(err)
	if len(list) != 1 || list[0].SKU != "MUG" {
		t.Errorf("low: %+v", list)
	}
	mustHold(t, pool)
}

type noQueue struct{}

func (noQueue) InsertTx(context.Context, pgx.Tx, river.JobArgs, *river.InsertOpts) error { return nil }

type plainMails struct{}

func (plainMails) BackInStock(w catalog.Waiter, link, stop string) (mail.Message, error) {
	return mail.Message{Subject: w.Name, Text: link + "\n" + stop}, nil
}

// Who asks is told once, when the article is back, and never again.
func TestWhoWaitsIsToldOnce(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	s.Logger = slog.New(slog.DiscardHandler)
	seed(t, s, mug("mug", "MUG", "12,90", 0))
	l := &catalog.Waitlist{Pool: pool, Mails: plainMails{}, PublicURL: "https://shop.example", Outbox: &mail.Outbox{From: "shop@shop.example", Jobs: noQueue{}, Clock: clock.System{}}}
	for _, bad := range []string{"", "zoe", "Zoé <zoe@example.org>", "zoe@example.org\r\nBcc: x@example.org", strings.Repeat("z", 300) + "@example.org"} {
		if err := l.Ask(ctx, "MUG", bad, text.FR); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, email := range []string{"zoe@example.org", "ZOE@example.org", "ali@example.org"} {
		if err := l.Ask(ctx, "MUG", email, text.FR); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Ask(ctx, "NOTHING", "zoe@example.org", text.FR); err != nil {
		t.Error(err)
	}
	tell := func(want int) {
		t.Helper()
		if told, err := l.Tell(ctx); err != nil || told != want {
			t.Errorf("told %d, want %d, %v", told, want, err)
		}
	}
	tell(0)
	var id string
	if err := pool.QueryRow(ctx, `select id::text from back_in_stock where email = 'ali@example.org'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if w, err := l.Waiter(ctx, id); err != nil || w.Email != "ali@example.org" {
		t.Errorf("%+v, %v", w, err)
	}
	if err := l.Stop(ctx, id); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Waiter(ctx, id); !fault.Is(err, "waiter_not_found") {
		t.Error(err)
	}
	if _, err := s.MoveStock(ctx, "MUG", catalog.Web, "", 5, "livraison", "karim"); err != nil {
		t.Fatal(err)
	}
	tell(1)
	tell(0)
	var mails int
	if err := pool.QueryRow(ctx, `select count(*) from mail where kind = 'back_in_stock'`).Scan(&mails); err != nil || mails != 1 {
		t.Errorf("%d mails, %v", mails, err)
	}
}
