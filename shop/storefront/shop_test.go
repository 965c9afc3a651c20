package storefront

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/clock"
	"boutique/internal/jobs"
	"boutique/internal/mail"
	"boutique/internal/pg/pgtest"
	"boutique/internal/web"
	"boutique/payments"
	"boutique/payments/ledger"
	"boutique/payments/stripe"
	"boutique/payments/stripe/emulator"
	"boutique/shop"
	"boutique/shop/ui"
	"boutique/shop/ui/htmltest"
)

const goods = `slug;family;category;maker;vat_class;name_fr;name_en;short_fr;short_en;description_fr;description_en;sku;price;weight_g;length_mm;width_mm;height_mm;stock;` +
	`manufacturer_name;manufacturer_address;manufacturer_contact;option1_name_fr;option1_name_en;option1_value_fr;option1_value_en;composition_fr;composition_en;photos;photo_alts_fr;photo_alts_en;publish
mug;tableware;table;poterie;standard;Mug Beffroi;Belfry mug;Un mug aux couleurs de la ville.;A mug in the colours of the town.;` + story + `;` + story + `;MUG;12,50;380;120;90;100;7;Poterie;1 rue du Four;a@b.example;;;;;;;mug.jpg;Un mug;A mug;yes
sac;textile;table;poterie;standard;Sac Beffroi;Belfry bag;Un sac aux couleurs de la ville.;A bag in the colours of the town.;` + story + `;` + story + `;SAC-S;15,00;180;300;200;20;4;Poterie;1 rue du Four;a@b.example;Taille;Size;S;S;Coton;Cotton;mug.jpg;Un sac;A bag;yes
sac;;;;;;;;;;;SAC-M;15,00;180;300;200;20;0;;;;Taille;Size;M;M;;;;;;
`

const story = `Un texte assez long pour être une description, avec ce qu’il faut de mots pour que l’on sache ce que l’on achète.`

// testShop is a whole shop behind a real address, with an emulator for a bank.
type testShop struct {
	t   *testing.T
	url string
	// database is the address of its database.
	database string
	shop     *shop.Service
	catalog  *catalog.Service
	// shoppers counts who has come in.
	shoppers atomic.Int64
}

func openShop(t *testing.T) *testShop {
	t.Helper()
	ctx, database, quiet := t.Context(), pgtest.URL(t), slog.New(slog.DiscardHandler)
	pool := pgtest.Open(t, database)
	bank, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := bank.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bank.Close(context.WithoutCancel(ctx)) })
	gateway, err := stripe.New(stripe.Config{SecretKey: "sk_test_shop", WebhookSecrets: []string{"whsec_0123456789abcdef"}, APIURL: bank.URL(), Clock: clock.System{}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	store, err := photo.OpenStore("file://"+t.TempDir(), photo.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.New(pool, jobs.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := shop.NewKeys(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	assets, err := ui.NewAssets("/static/", Static)
	if err != nil {
		t.Fatal(err)
	}
	library := photo.NewLibrary(store)
	s := &testShop{t: t, database: database, catalog: &catalog.Service{Pool: pool, Clock: clock.System{}, Photos: library, Logger: quiet,
		Deliver:       func(ctx context.Context) (catalog.Deliverability, error) { return shop.CurrentConditions(ctx, pool) },
		EnqueueRender: func(context.Context, pgx.Tx, string) error { return nil }}}
	pages := &Storefront{Shelf: catalog.NewShelf(pool, photo.Renderer{}, clock.System{}, quiet), Files: &ledger.Files{Pool: pool}, Photos: library, Assets: assets, Clock: clock.System{}, Logger: quiet, TestMode: true}
	s.shop = &shop.Service{Pool: pool, Clock: clock.System{}, Mails: Mails{Office: pages.Office}, Keys: keys, PublicURL: "http://shop.example", TermsVersion: TermsVersion(), Logger: quiet,
		Jobs: queue, Outbox: &mail.Outbox{From: "shop@example.org", Clock: clock.System{}, Jobs: queue}}
	s.shop.Payments = &payments.Service{Pool: pool, Jobs: queue, Gateway: gateway, Settler: s.shop, Logger: quiet}
	pages.Shop = s.shop
	if err := s.shop.EnsureConditions(ctx); err != nil {
		t.Fatal(err)
	}
	s.stock()
	if err := pages.Shelf.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if err := pages.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	r := chi.NewMux()
	r.Use(middleware.ClientIPFromXFF("127.0.0.1/32"))
	r.Use(web.Recover(pages.Errors()), web.Security(bank.URL(), false), web.CrossOrigin(pages.Errors()))
	pages.Mount(r)
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	s.url, pages.PublicURL = server.URL, server.URL
	return s
}

// stock fills the shelves.
func (s *testShop) stock() {
	s.t.Helper()
	ctx := s.t.Context()
	for what, bring := range map[string]func() (catalog.Report, error){
		"categories": func() (catalog.Report, error) {
			return s.catalog.ImportCategories(ctx, strings.NewReader("slug;position;name_fr;name_en\ntable;1;Art de la table;Tableware\n"))
		},
		"makers": func() (catalog.Report, error) {
			return s.catalog.ImportMakers(ctx, strings.NewReader("slug;name;town;story_fr\npoterie;Poterie des Terrils;Beffroy;Une histoire.\n"))
		},
	} {
		if r, err := bring(); err != nil || len(r.Issues) > 0 {
			s.t.Fatal(what, err, r.Issues)
		}
	}
	picture := image.NewRGBA(image.Rect(0, 0, 1300, 1300))
	for x := range 1300 {
		for y := range 1300 {
			picture.Set(x, y, color.RGBA{uint8(x), uint8(y), 120, 255})
		}
	}
	var mug bytes.Buffer
	if err := jpeg.Encode(&mug, picture, nil); err != nil {
		s.t.Fatal(err)
	}
	r, err := s.catalog.Import(ctx, strings.NewReader(goods), catalog.ImportOptions{Actor: "test", Photos: fstest.MapFS{"mug.jpg": {Data: mug.Bytes()}}})
	if err != nil || len(r.Issues) > 0 || r.Published != 2 {
		s.t.Fatal("products", err, r.Issues, r.Warnings, r.Published)
	}
}

// shopper is a person with a browser: it keeps cookies and says where each redirect leads.
type shopper struct {
	*testShop
	client *http.Client
	header http.Header
}

func (s *testShop) shopper() *shopper {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	// Each comes from an address of their own, so that none is asked to wait for another.
	from := fmt.Sprintf("10.0.%d.%d", s.shoppers.Add(1)/250, s.shoppers.Load()%250)
	return &shopper{testShop: s, header: http.Header{"Origin": {s.url}, "X-Forwarded-For": {from}}, client: &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is an answer of the shop.
type page struct {
	status   int
	location string
	header   http.Header
	body     string
}

func (v *shopper) send(method, path string, form url.Values) page {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	for k, values := range v.header {
		r.Header[k] = values
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	p := page{answer.StatusCode, answer.Header.Get("Location"), answer.Header, string(text)}
	if p.status >= 500 {
		v.t.Errorf("%s %s with %.200v answers %d", method, path, form, p.status)
	}
	if strings.HasPrefix(p.header.Get("Content-Type"), "text/html") && p.body != "" && p.location == "" {
		htmltest.WellFormed(v.t, p.body)
	}
	return p
}

func (v *shopper) get(path string) page {
	v.t.Helper()
	return v.send(http.MethodGet, path, nil)
}

func (v *shopper) post(path string, pairs ...string) page {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return v.send(http.MethodPost, path, form)
}

// puts an article into the cart.
func (v *shopper) puts(sku, quantity string) {
	v.t.Helper()
	if p := v.post("/fr/cart/lines", "sku", sku, "quantity", quantity); p.status != http.StatusSeeOther {
		v.t.Fatalf("putting %s × %s answers %d", quantity, sku, p.status)
	}
}
