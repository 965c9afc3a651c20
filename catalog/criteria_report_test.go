package catalog_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pdf/pdftest"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"

	"github.com/jackc/pgx/v5"
)

// The report that an office shows says by which rules it publishes, how each product stands and who
// signed what, on paper that a label's auditor can read.
func TestTheReportSaysTheRulesAndHowEachProductStands(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 7)+strings.Replace(withoutPhoto(mug("bol", "BOL", "9,90", 3)), "Mug Beffroi", "Bol du géant", 1))
	r, err := s.Report(ctx, text.FR)
	if err != nil || len(r.Products) != 2 {
		t.Fatal(err, r.Products)
	}
	r.Office, r.At = "Office de tourisme de Beffroy", time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	paper, err := r.Draw()
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Check(t, paper)
	said := strings.Join(strings.Fields(pdftest.Text(t, paper)), " ")
	missing := ""
	for _, p := range r.Products {
		if p.Slug == "bol" {
			missing = p.Blocking[0]
		}
	}
	for _, want := range []string{"Office de tourisme de Beffroy", "Mug Beffroi", "Bol du géant", "2 novembre 2026", "Photos : 1 au moins", "Mentions légales de la famille", "TVA choisie"} {
		if want != "" && !strings.Contains(said, want) {
			t.Errorf("the report does not say %q:\n%s", want, said)
		}
	}
	// A cell breaks its words over lines: each of them is there.
	for _, word := range strings.Fields(missing) {
		if !strings.Contains(said, word) {
			t.Errorf("the report does not say what the bowl lacks: %q of %q", word, missing)
		}
	}
	again, err := r.Draw()
	if err != nil || string(again) != string(paper) {
		t.Error("the same report gives other bytes")
	}
}

// Two people put an item online: who worked on it cannot approve it, the other can; whoever changes a
// word afterwards needs a new signature.
func TestTwoPeopleAreNeededToApprove(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, strings.Replace(mug("mug", "MUG", "12,90", 7), ";yes\n", ";no\n", 1))
	rules, _, err := catalog.Rules(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if r.Check == "review" {
			r.Level = catalog.Blocking
			if _, err := s.SaveRule(ctx, r, "camille"); err != nil {
				t.Fatal(err)
			}
		}
	}
	reword := func(who, name string) catalog.Product {
		p, err := s.UpdateProduct(ctx, "mug", 0, who, func(c *catalog.Content) error {
			one := c.Texts[text.FR]
			one.Name = name
			c.Texts[text.FR] = one
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := reword("rose", "Mug du beffroi")
	if err := s.Review(ctx, "mug", p.Version, catalog.Approved, "", "rose"); !fault.Is(err, "own_work") {
		t.Errorf("rose approves her own work: %v", err)
	}
	if _, err := s.Publish(ctx, "mug", "rose"); !fault.Is(err, "criteria_not_met") {
		t.Errorf("it goes online unread: %v", err)
	}
	if err := s.Review(ctx, "mug", p.Version, catalog.Approved, "", "camille"); err != nil {
		t.Fatal(err)
	}
	p = reword("camille", "Mug au beffroi")
	if _, err := s.Publish(ctx, "mug", "rose"); !fault.Is(err, "criteria_not_met") {
		t.Errorf("it goes online under a signature for other words: %v", err)
	}
	if err := s.Review(ctx, "mug", p.Version, catalog.Approved, "", "camille"); !fault.Is(err, "own_work") {
		t.Errorf("camille approves her own words: %v", err)
	}
	if err := s.Review(ctx, "mug", p.Version, catalog.Approved, "", "rose"); err != nil {
		t.Errorf("rose may approve what camille changed since: %v", err)
	}
	if p, err = s.Publish(ctx, "mug", "rose"); err != nil || p.State != catalog.Published {
		t.Errorf("%s, %v", p.State, err)
	}
	mustHold(t, pool)
}

func TestTodayWarnsOfPhotographsOnline(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, mug("mug", "MUG", "12,90", 7)+strings.Replace(mug("bol", "BOL", "9,90", 3), ";yes\n", ";no\n", 1))
	now := time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	before, err := catalog.CountPhotoWarnings(ctx, pool, now)
	if err != nil || before.Expired != 0 || before.Ending != 0 {
		t.Fatal(before, err)
	}
	p, err := catalog.GetProduct(ctx, pool, "mug")
	if err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]catalog.PhotoWarnings{-2: {Expired: 1}, 10: {Ending: 1}, 100: {}} {
		until := now.AddDate(0, 0, days)
		if err := s.DescribePhoto(ctx, "mug", p.Photos[0].ID, catalog.PhotoNotes{FocalX: 50, FocalY: 50, Licence: "bought", LicenceUntil: &until}, "rose"); err != nil {
			t.Fatal(err)
		}
		w, err := catalog.CountPhotoWarnings(ctx, pool, now)
		if err != nil || w.Expired != want.Expired || w.Ending != want.Ending {
			t.Errorf("%d days: %+v, %v", days, w, err)
		}
	}
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into photo_quality (sha256, recipe, sharpness, dark, middle, bright, ground_spread, ground_detail, fingerprint) values ($1, 1, 3, 20, 120, 240, 10, 1, repeat('0', 115)::bit(115))", p.Photos[0].SHA256)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if w, err := catalog.CountPhotoWarnings(ctx, pool, now); err != nil || w.Better != 1 {
		t.Errorf("a blurred photograph: %+v, %v", w, err)
	}
	needs, err := catalog.PhotoNeeds(ctx, pool, now, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(needs, func(n catalog.PhotoNeed) bool { return n.Slug == p.Slug && n.Better == 1 }) {
		t.Errorf("the list of what photographs need does not name it: %+v", needs)
	}
}
