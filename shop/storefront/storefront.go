// Package storefront is the shop for people: pages, forms and mails.
package storefront

import (
	"bytes"
	"context"
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/internal/web"
	"boutique/payments/ledger"
	"boutique/shop"
	"boutique/shop/ui"
)

// Static holds the storefront's own style sheet and scripts.
//
//go:embed static
var Static embed.FS

// Storefront answers shoppers.
type Storefront struct {
	Shop  *shop.Service
	Shelf *catalog.Shelf
	// Waitlist notes who wants to be told when an article is back.
	Waitlist *catalog.Waitlist
	Files    *ledger.Files
	Photos   interface {
		Serve(w http.ResponseWriter, r *http.Request, name string) error
	}
	// GiftCards draws the cards that an order bought.
	GiftCards func(context.Context, shop.Order) ([]byte, error)
	// Paper draws a paper of an order by its kind.
	Paper     func(context.Context, shop.Dossier, string, text.Lang) ([]byte, error)
	Assets    *ui.Assets
	Clock     clock.Clock
	Logger    *slog.Logger
	PublicURL string
	HTTPS     bool
	// TestMode shows on every page that no payment is real.
	TestMode bool

	shell  atomic.Pointer[shell]
	errors web.Errors
	cache  pageCache
}

// shell is what the frame of every page needs of the settings, read each few seconds.
type shell struct {
	office     setting.Office
	brand      setting.Brand
	home       setting.Home
	conditions shop.Conditions

	// The artwork's addresses hold its hash.
	logoURL, logoDarkURL string
}

// Refresh reads the settings that every page shows.
func (s *Storefront) Refresh(ctx context.Context) error {
	var next shell
	var err error
	if next.office, err = setting.GetOffice(ctx, s.Shop.Pool); err != nil {
		return err
	}
	if next.brand, err = setting.GetBrand(ctx, s.Shop.Pool); err != nil {
		return err
	}
	if next.home, err = setting.GetHome(ctx, s.Shop.Pool); err != nil {
		return err
	}
	if next.conditions, err = shop.CurrentConditions(ctx, s.Shop.Pool); err != nil {
		return err
	}
	if before := s.shell.Load(); before == nil || before.office != next.office || before.brand != next.brand || before.home != next.home || before.conditions.Version != next.conditions.Version {
		next.logoURL, next.logoDarkURL = brandURL("logo", next.brand.Logo), brandURL("logo-dark", next.brand.LogoDark)
		s.shell.Store(&next)
		s.cache.clear()
	}
	return nil
}

// Run keeps the settings fresh until the context ends.
func (s *Storefront) Run(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
				s.Logger.WarnContext(ctx, "the shop's settings could not be read again", "error", err)
			}
		}
	}
}

func (s *Storefront) settings() *shell {
	if now := s.shell.Load(); now != nil {
		return now
	}
	return &shell{}
}

// Errors turns errors into the shop's pages.
func (s *Storefront) Errors() web.Errors { return web.Errors{Logger: s.Logger, Page: s.problem} }

// maxForm is the size of the largest form.
const maxForm = 64 << 10

// Mount puts the shop's pages on the router.
func (s *Storefront) Mount(r chi.Router) {
	s.errors = s.Errors()
	handle := s.errors.Handle
	r.Get("/", handle(s.toLanguage))
	r.Get("/photos/{name}", handle(func(w http.ResponseWriter, r *http.Request) error {
		return s.Photos.Serve(w, r, chi.URLParam(r, "name"))
	}))
	r.Get("/brand/{name}", handle(s.brand))
	r.Get("/maps/{name}", handle(s.makersMap))
	r.Get("/theme-{version}.css", handle(s.theme))
	r.Handle("/static/*", s.Assets)
	r.Get("/robots.txt", handle(s.robots))
	r.Get("/sitemap.xml", handle(s.sitemap))
	r.Get("/sitemap-{n}.xml", handle(s.sitemapFile))
	r.Route("/{lang:fr|en|nl|de}", func(r chi.Router) {
		r.Use(web.Readable(s.errors, maxForm))
		r.Get("/", handle(s.browse(s.homePage)))
		r.Get("/products", handle(s.browse(s.listPage)))
		r.Get("/categories/{slug}", handle(s.browse(s.listPage)))
		r.Get("/search", handle(s.browse(s.listPage)))
		r.Get("/suggest", handle(s.suggest))
		s.mountMakers(r)
		r.Get("/products/{slug}", handle(s.browse(s.productPage)))
		r.Get("/pages/{slug}", handle(s.browse(s.legalPage)))
		r.Group(func(r chi.Router) {
			r.Use(web.Limit(s.errors, 240, time.Minute))
			r.Get("/cart", handle(s.cartPage))
			s.mountWaiting(r)
			r.Post("/cart/lines", handle(s.addLine))
			r.Post("/cart/lines/{sku}", handle(s.setLine))
			r.Post("/cart/destination", handle(s.setDestination))
			r.Post("/cart/reopen", handle(s.reopen))
			s.mountCodes(r)
			r.Get("/checkout", handle(s.checkoutPage))
			r.Post("/checkout", handle(s.checkout))
			r.Get("/orders/{number}", handle(s.orderPage))
			r.Post("/orders/{number}/pay", handle(s.pay))
			r.Post("/orders/{number}/give-up", handle(s.giveUp))
			r.Get("/orders/{number}/documents/{document}.pdf", handle(s.document))
			r.Get("/orders/{number}/gift-cards.pdf", handle(s.giftCards))
			r.Get("/orders/{number}/receipts/{receipt}.pdf", handle(s.receipt))
			s.mountWithdrawal(r)
		})
	})
	r.NotFound(handle(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "page_not_found", "there is no such page")
	}))
	r.MethodNotAllowed(handle(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "page_not_found", "there is no such page")
	}))
}

// toLanguage leads to the shopper's language.
func (s *Storefront) toLanguage(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Vary", "Accept-Language")
	http.Redirect(w, r, "/"+string(text.Prefer(r.Header.Get("Accept-Language")))+"/", http.StatusFound)
	return nil
}

func langOf(r *http.Request) (text.Lang, bool) {
	lang := chi.URLParam(r, "lang")
	if lang == "" {
		lang, _, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	}
	return text.ParseLang(lang)
}

// page begins a page in the language of the request; an address in a language that is not offered
// is NotFound.
func (s *Storefront) page(r *http.Request) (Page, error) {
	lang, ok := langOf(r)
	if !ok {
		return s.frame(text.FR, r), fault.New(fault.NotFound, "page_not_found", "the shop does not speak this language")
	}
	return s.frame(lang, r), nil
}

func (s *Storefront) frame(lang text.Lang, r *http.Request) Page {
	shell, snapshot := s.settings(), s.Shelf.Current()
	path := strings.TrimPrefix(r.URL.Path, "/"+string(lang))
	if path == "" || !strings.HasPrefix(r.URL.Path, "/"+string(lang)) {
		path = "/"
	}
	p := Page{P: words.In(lang), Path: path, PublicURL: s.PublicURL, Office: shell.office, Categories: snapshot.Categories, Assets: s.Assets,
		ThemeURL: "/theme-" + themeVersion(snapshot, shell.brand.Accent) + ".css", TestMode: s.TestMode}
	if shell.brand.Logo != "" {
		p.HasLogo, p.LogoURL = true, shell.logoURL
		if shell.brand.LogoDark != "" {
			p.LogoDark = shell.logoDarkURL
		}
	}
	return p
}

// render draws a component into memory, so that an error never leaves half a page.
func render(ctx context.Context, c templ.Component) ([]byte, error) {
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// show writes one person's page: never kept by anything on its way.
func (s *Storefront) show(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	body, err := render(r.Context(), c)
	if err != nil {
		return err
	}
	web.Private(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return nil
}

// pageCache keeps browse pages as they go over the wire, for one snapshot and one state of stock.
type pageCache struct {
	mu       sync.RWMutex
	snapshot *catalog.Snapshot
	stamp    uint64
	pages    map[string]*kept
}

// maxPages is how many pages are kept; more than a shop has that is not being searched at random.
const maxPages = 4000

type kept struct {
	etag     string
	body, gz []byte
}

func (c *pageCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages = nil
}

func (c *pageCache) get(snapshot *catalog.Snapshot, stamp uint64, key string) *kept {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.snapshot != snapshot || c.stamp != stamp {
		return nil
	}
	return c.pages[key]
}

func (c *pageCache) put(snapshot *catalog.Snapshot, stamp uint64, key string, k *kept) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.snapshot != snapshot || c.stamp != stamp || c.pages == nil || len(c.pages) >= maxPages {
		c.snapshot, c.stamp, c.pages = snapshot, stamp, map[string]*kept{}
	}
	c.pages[key] = k
}

// Office is who sells, as every page shows it.
func (s *Storefront) Office() setting.Office { return s.settings().office }
