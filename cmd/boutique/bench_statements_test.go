package main

import (
	"context"
	"encoding/xml"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/clock"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
)

// statementCount counts every statement that a pool sends.
type statementCount struct{ atomic.Int64 }

func (c *statementCount) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.Add(1)
	return ctx
}

func (c *statementCount) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// countedShop is the whole shop in this process, with the demo's catalogue, over a database whose
// statements are counted. Nothing works in its background: what is counted is what requests ask.
func countedShop(t *testing.T) (http.Handler, *database, *statementCount) {
	t.Helper()
	url := pgtest.URL(t)
	plain, err := pg.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	config, count := plain.Config(), &statementCount{}
	plain.Close()
	config.ConnConfig.Tracer = count
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	d := &database{url: url, pool: pool}
	p := &program{ctx: t.Context(), clock: clock.System{}, logger: slog.New(slog.DiscardHandler), out: t.Output(), err: t.Output(),
		config: Config{DataDir: t.TempDir(), PublicURL: "https://shop.example", StripeSecretKey: "sk_test_counted000000000", StripeWebhookSecret: "whsec_counted000000000000"}}
	a, err := p.newApp(p.ctx, d, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.furnish(p, func(string, ...any) {}); err != nil {
		t.Fatal(err)
	}
	if err := a.shelf.Refresh(p.ctx); err != nil {
		t.Fatal(err)
	}
	if err := a.pages.Refresh(p.ctx); err != nil {
		t.Fatal(err)
	}
	handler, err := a.handler(p)
	if err != nil {
		t.Fatal(err)
	}
	return handler, d, count
}

// Whoever looks around costs the database nothing: no page that is browsed sends it a statement, and
// all of them are there while it is away.
func TestBrowsingAsksTheDatabaseNothing(t *testing.T) {
	t.Parallel()
	handler, d, count := countedShop(t)
	ask := func(method, path string) *httptest.ResponseRecorder {
		t.Helper()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		return w
	}
	if w := ask("POST", "/api/v1/carts"); w.Code != http.StatusCreated || count.Load() == 0 {
		t.Fatalf("a new cart is answered %d and counts %d statements: the count does not work", w.Code, count.Load())
	}

	before := count.Load()
	var sitemap struct {
		Locations []string `xml:"url>loc"`
	}
	if err := xml.Unmarshal(ask("GET", "/sitemap.xml").Body.Bytes(), &sitemap); err != nil {
		t.Fatal(err)
	}
	pages := map[string][]string{}
	for _, l := range sitemap.Locations {
		path := strings.TrimPrefix(l, "https://shop.example")
		lang := path[1:3]
		pages[lang] = append(pages[lang], path)
	}
	for lang := range pages {
		pages[lang] = append(pages[lang], "/"+lang+"/search", "/"+lang+"/search?q=mug", "/"+lang+"/search?q=mgu", "/"+lang+"/search?q=nothing-has-this-name",
			"/"+lang+"/products?sort=price&available=1", "/"+lang+"/products/mug-beffroi?variant=MUG-BEFFROI", "/"+lang+"/cart")
	}
	if len(pages["fr"]) < 50 || len(pages["en"]) != len(pages["fr"]) {
		t.Fatalf("only %d pages in French and %d in English are known", len(pages["fr"]), len(pages["en"]))
	}
	for _, path := range pages["fr"] {
		if w := ask("GET", path); w.Code != http.StatusOK {
			t.Errorf("%s is answered %d", path, w.Code)
		}
		if n := count.Load() - before; n != 0 {
			t.Errorf("%s sends %d statements", path, n)
			before += n
		}
	}

	d.pool.Close()
	for _, path := range append(pages["en"], pages["fr"]...) {
		if w := ask("GET", path); w.Code != http.StatusOK {
			t.Errorf("%s without a database is answered %d", path, w.Code)
		}
	}
	if w := ask("POST", "/api/v1/carts"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a new cart without a database is answered %d", w.Code)
	}
}
