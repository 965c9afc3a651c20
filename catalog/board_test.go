package catalog_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

func TestACandidateGoesOverTheBoardAndItsWayIsKept(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, named("mug", "Mug", "Mug", "12,00", 2))
	cost := money.Amount(420)
	id, err := s.AddCandidate(ctx, catalog.CandidateContent{Name: "Mug du beffroi", Supplier: "Poterie", Cost: &cost}, "staff:a")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.MoveCandidate(ctx, id, catalog.StageOnline, "", "staff:a"); !fault.Is(err, "illegal_step") {
		t.Errorf("a leap over the board: %v", err)
	}
	for _, to := range []string{catalog.StageSelected, catalog.StagePreparation, catalog.StageReview} {
		if err := s.MoveCandidate(ctx, id, to, "bon", "staff:a"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.MoveCandidate(ctx, id, catalog.StageOnline, "", "staff:a"); !fault.Is(err, "candidate_not_online") {
		t.Errorf("online without a product: %v", err)
	}
	c, err := catalog.GetCandidate(ctx, pool, id)
	if err != nil || *c.Cost != 420 {
		t.Fatal(c, err)
	}
	content := catalog.CandidateContent{Name: c.Name, Product: "mug"}
	if err := s.EditCandidate(ctx, id, c.Version-1, content, "staff:b"); fault.KindOf(err) != fault.Stale {
		t.Errorf("an edit of an older version: %v", err)
	}
	if err := s.EditCandidate(ctx, id, c.Version, content, "staff:b"); err != nil {
		t.Fatal(err)
	}
	publishAll(t, s)
	if err := s.MoveCandidate(ctx, id, catalog.StageOnline, "", "staff:a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddCandidate(ctx, catalog.CandidateContent{Name: "Encore", Product: "mug"}, "staff:a"); !fault.Is(err, "candidate_product_taken") {
		t.Errorf("a product of two candidates: %v", err)
	}
	moves, err := catalog.MovesOf(ctx, pool, id)
	if err != nil || len(moves) != 5 || moves[0].ToState != catalog.StageOnline || moves[4].Event != "think" || moves[1].Reason != "bon" {
		t.Errorf("%+v, %v", moves, err)
	}
	if _, err := pool.Exec(ctx, "update candidate_history set actor = 'x'"); err == nil {
		t.Error("a history was rewritten")
	}
	if _, err := pool.Exec(ctx, "update candidate set stage = 'idea'"); err == nil {
		t.Error("a stage was changed without a step")
	}
	mustHold(t, pool)
}

func TestACandidateBecomesADraft(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	id, err := s.AddCandidate(ctx, catalog.CandidateContent{Name: "Théière à fleurs"}, "staff:a")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second click changes nothing
		if slug, err := s.BecomeProduct(ctx, id, "THE-1", "tableware", "standard", "staff:a"); err != nil || slug != "theiere-a-fleurs" {
			t.Errorf("%q, %v", slug, err)
		}
	}
}

func TestTheNotebookComparesAndNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, named("mug", "Mug", "Mug", "12,00", 2)+named("bol", "Bol", "Bowl", "9,00", 2))
	publishAll(t, s)
	delivery := money.Amount(490)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	good := catalog.OfferContent{Item: "Mug", Shop: "Ailleurs", Price: 990, Delivery: &delivery, SeenOn: time.Now(), Product: "mug", Source: "https://ailleurs.example/mug", Photo: photo.Bytes()}
	if err := s.AddOffer(ctx, good, "staff:a"); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*catalog.OfferContent){
		"no item": func(c *catalog.OfferContent) { c.Item = " " }, "no price": func(c *catalog.OfferContent) { c.Price = 0 }, "no date": func(c *catalog.OfferContent) { c.SeenOn = time.Time{} },
		"no photo": func(c *catalog.OfferContent) { c.Photo = []byte("<svg onload=alert(1)>") }, "no product": func(c *catalog.OfferContent) { c.Product = "nothing" }, "no text": func(c *catalog.OfferContent) { c.Shop = "a\x00" },
	} {
		bad := good
		spoil(&bad)
		if err := s.AddOffer(ctx, bad, "staff:a"); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	offers, err := catalog.Offers(ctx, pool, "mug")
	if err != nil || len(offers) != 1 || offers[0].Ours != 1200 || offers[0].Delivered() != 1480 || offers[0].Link() == "" || !offers[0].Photo {
		t.Fatalf("%+v, %v", offers, err)
	}
	gaps, err := catalog.Gaps(ctx, pool, 10)
	if err != nil || len(gaps) != 1 || gaps[0].Slug != "bol" {
		t.Errorf("%+v, %v", gaps, err)
	}
	if err := s.MatchOffer(ctx, offers[0].ID, "bol", "staff:a"); err != nil {
		t.Fatal(err)
	}
	if gaps, err = catalog.Gaps(ctx, pool, 10); err != nil || len(gaps) != 1 || gaps[0].Slug != "mug" {
		t.Errorf("%+v, %v", gaps, err)
	}
	if err := s.RemoveOffer(ctx, offers[0].ID, "staff:a"); err != nil {
		t.Fatal(err)
	}
}

func TestAMakerHasAPlaceOnAHarmlessMap(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	s := service(t, pool)
	seed(t, s, named("mug", "Mug", "Mug", "12,00", 2))
	degrees := func(text string) *int32 {
		d, err := catalog.ParseDegrees(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	c := catalog.MakerContent{Slug: "poterie", Name: "Poterie", Local: true, Latitude: degrees("50,3675"), Longitude: degrees("3.0797"), Stories: catalog.Labels{text.FR: "Une histoire."}}
	if err := s.SaveMaker(ctx, c, "staff:a"); err != nil {
		t.Fatal(err)
	}
	half := c
	half.Longitude = nil
	if err := s.SaveMaker(ctx, half, "staff:a"); fault.KindOf(err) != fault.Invalid || err == nil {
		t.Errorf("half a place: %v", err)
	}
	m := catalog.OutlineMap{North: 51_000_000, South: 50_000_000, West: 3_000_000, East: 4_000_000}
	for _, hostile := range []string{"", "<svg", `<svg viewBox="0 0 9 9"><script>alert(1)</script></svg>`, `<svg viewBox="0 0 9 9"><path onload="x" d="M0 0h9v9z"/></svg>`, `<!DOCTYPE svg><svg viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>`} {
		m.SVG = hostile
		if err := s.SetMap(ctx, m, "staff:a"); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", hostile, err)
		}
	}
	m.SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000"><path d="M0 0h1000v1000z"/></svg>`
	if err := s.SetMap(ctx, m, "staff:a"); err != nil {
		t.Fatal(err)
	}
	snapshot := shelfOf(t, s).Current()
	maker, ok := snapshot.Maker("poterie")
	if !ok || maker.Geo() != "geo:50.3675,3.0797" {
		t.Fatalf("%+v", maker)
	}
	if x, y, ok := snapshot.Map.Place(*maker.Latitude, *maker.Longitude); !ok || x != 79 || y != 632 {
		t.Errorf("the dot is at %d, %d, %v", x, y, ok)
	}
	if local, all := snapshot.LocalShare(); local != 1 || all != 1 {
		t.Errorf("%d of %d are local", local, all)
	}
	for _, bad := range []string{"north", "1e999", "NaN", "200", "5 6", strings.Repeat("9", 400)} {
		if d, err := catalog.ParseDegrees(bad); err == nil {
			t.Errorf("%q is read as %d", bad, *d)
		}
	}
}
