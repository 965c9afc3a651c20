// Package admin is the shop for the people at the desk and for accountants.
package admin

import (
	"bytes"
	"context"
	"embed"
	"encoding/gob"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/internal/web"
	"boutique/payments"
	"boutique/payments/ledger"
	"boutique/shop"
	"boutique/shop/ui"
)

// Static holds the admin's own style sheet and script.
//
//go:embed static
var Static embed.FS

// Papers draws the papers of an order: packing-slip in the language of who packs, label, invoice, credit-note:N.
type Papers interface {
	Paper(ctx context.Context, d shop.Dossier, kind string, lang text.Lang) ([]byte, error)
	// Slips draws the packing slips of a batch, Labels its address labels, each as one file.
	Slips(ctx context.Context, list []shop.Dossier, lang text.Lang) ([]byte, error)
	Labels(ctx context.Context, list []shop.Dossier, paper string, start int) ([]byte, error)
}

// Exports streams an export as the answer to a request, and tells what it takes to have one.
type Exports interface {
	Stream(w http.ResponseWriter, r *http.Request, kind string) error
	Permission(kind string) (staff.Permission, bool)
}

// Admin answers staff.
type Admin struct {
	Pool     *pgxpool.Pool
	Shop     *shop.Service
	Catalog  *catalog.Service
	Shelf    *catalog.Shelf
	Payments *payments.Service
	Staff    *staff.Service
	Papers   Papers
	Exports  Exports
	Closer   *ledger.Closer
	Renderer catalog.Renderer
	// Disks tells how full the disks are that the shop writes to.
	Disks    func() []Disk
	Assets   *ui.Assets
	Logger   *slog.Logger
	HTTPS    bool
	TestMode bool

	sessions *scs.SessionManager
	errors   web.Errors
}

// How long a session lives: half an hour without a request, half a day at most.
const (
	idle     = 30 * time.Minute
	absolute = 12 * time.Hour
)

// The bodies of requests: forms are small, photographs are not.
const (
	maxForm  = 512 << 10
	maxPhoto = 320 << 20
)

// Mount puts the staff's pages on the router, under /admin.
func (a *Admin) Mount(r chi.Router) {
	gob.Register(int64(0))
	a.errors = web.Errors{Logger: a.Logger, Page: a.problem}
	a.sessions = scs.New()
	a.sessions.Store = pgxstore.NewWithCleanupInterval(a.Pool, 10*time.Minute)
	a.sessions.HashTokenInStore = true
	a.sessions.IdleTimeout, a.sessions.Lifetime = idle, absolute
	a.sessions.Cookie.Name = web.CookieName("boutique-staff", a.HTTPS)
	a.sessions.Cookie.HttpOnly, a.sessions.Cookie.Secure, a.sessions.Cookie.SameSite, a.sessions.Cookie.Path = true, a.HTTPS, http.SameSiteLaxMode, "/"
	a.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { a.errors.Answer(w, r, err) }
	handle := a.errors.Handle
	r.Route("/admin", func(r chi.Router) {
		r.Use(a.sessions.LoadAndSave, a.private)
		r.NotFound(a.recognised(handle(func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.NotFound, "nothing_here", "there is nothing at this address")
		})))
		r.With(web.Text(a.errors, maxForm)).Get("/sign-in", handle(a.signInPage))
		r.With(web.Text(a.errors, maxForm)).Post("/sign-in", handle(a.signIn))
		r.Post("/lang", handle(a.setLang))
		r.Group(func(r chi.Router) {
			r.Use(a.mustBeSignedIn)
			r.Group(func(r chi.Router) {
				r.Use(web.MaxBody(maxTable + maxForm))
				a.mountShippingFiles(r)
			})
			a.mountStudioArt(r.With(web.MaxBody(maxArtwork)))
			r.With(web.MaxBody(maxArtwork)).Post("/settings/brand", a.may(staff.Manage, a.setBrand))
			a.mountUploads(r)
			r.With(web.MaxBody(catalog.MaxImportFile+maxForm)).Post("/import", a.may(staff.EditCatalog, a.bringFile))
			r.With(web.MaxBody(maxOffer)).Post("/market", a.may(staff.EditCatalog, a.addOffer))
			r.With(web.MaxBody(maxMap)).Post("/maker-map", a.may(staff.EditCatalog, a.setMap))
			r.Group(func(r chi.Router) {
				r.Use(web.Text(a.errors, maxForm))
				a.mountDesk(r)
				a.mountTill(r)
				a.mountMoney(r)
				a.mountReturns(r)
				a.mountVouchers(r)
				a.mountCatalogue(r)
				a.mountSearch(r)
				a.mountBoard(r)
				a.mountMarket(r)
				a.mountMakers(r)
				a.mountCategories(r)
				a.mountPrices(r)
				a.mountTexts(r)
				a.mountStock(r)
				a.mountFamilies(r)
				a.mountCriteria(r)
				a.mountPhotos(r)
				a.mountGrid(r)
				a.mountMatrix(r)
				a.mountImport(r)
				a.mountBooks(r)
				a.mountMails(r)
				a.mountClosing(r)
				a.mountLedger(r)
				a.mountOpening(r)
				a.mountMapping(r)
				a.mountProofs(r)
				a.mountShipping(r)
				a.mountPacking(r)
				a.mountStudio(r)
				a.mountSettings(r)
			})
		})
	})
}

type langKey struct{}

// private keeps pages out of caches, and notes the language that the reader chose.
func (a *Admin) private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.Private(w)
		if chosen, ok := text.ParseLangOf(languages, a.sessions.GetString(r.Context(), "lang")); ok {
			r = r.WithContext(context.WithValue(r.Context(), langKey{}, chosen))
		}
		next.ServeHTTP(w, r)
	})
}

// langOf is the language a reader chose, else the one their browser prefers.
func langOf(r *http.Request) text.Lang {
	if chosen, ok := r.Context().Value(langKey{}).(text.Lang); ok {
		return chosen
	}
	return text.PreferOf(languages, r.Header.Get("Accept-Language"))
}

type actorKey struct{}

// mustBeSignedIn lets the signed-in through and leads the others to the sign-in page. An account
// that was closed is signed out with its next request.
func (a *Admin) mustBeSignedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := a.sessions.GetInt64(r.Context(), "staff")
		member, err := a.Staff.Get(r.Context(), id)
		if fault.KindOf(err) == fault.Unknown {
			to := "/admin/sign-in"
			if r.Method == http.MethodGet {
				to += "?next=" + url.QueryEscape(r.URL.RequestURI())
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		if err != nil {
			a.errors.Answer(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey{}, member.Actor())))
	})
}

// recognised knows who is signed in, and lets everybody through.
func (a *Admin) recognised(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if member, err := a.Staff.Get(r.Context(), a.sessions.GetInt64(r.Context(), "staff")); err == nil {
			r = r.WithContext(context.WithValue(r.Context(), actorKey{}, member.Actor()))
		}
		next.ServeHTTP(w, r)
	}
}

func actorOf(r *http.Request) staff.Actor {
	actor, _ := r.Context().Value(actorKey{}).(staff.Actor)
	return actor
}

// may is a handler for those who have a permission.
func (a *Admin) may(p staff.Permission, h web.HandlerFunc) http.HandlerFunc {
	return a.errors.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if err := actorOf(r).Must(p); err != nil {
			return err
		}
		return h(w, r)
	})
}

// Page is what every page of the admin has.
type Page struct {
	P        text.Printer
	Title    string
	Section  string
	Actor    staff.Actor
	Office   setting.Office
	Assets   *ui.Assets
	Here     string
	TestMode bool
	Notice   string
	Now      time.Time
}

// T writes a message.
func (p Page) T(id string, args ...any) string { return p.P.T(id, args...) }

// May tells whether the reader has a permission: what one may not do is not shown.
func (p Page) May(permission string) bool { return p.Actor.Role.May(staff.Permission(permission)) }

// Lang is the reader's language.
func (p Page) Lang() text.Lang { return p.P.Lang() }

func (a *Admin) page(r *http.Request, section, title string) (Page, error) {
	office, err := setting.GetOffice(r.Context(), a.Pool)
	p := Page{P: words.In(langOf(r)), Section: section, Actor: actorOf(r), Office: office, Assets: a.Assets, Here: r.URL.RequestURI(), TestMode: a.TestMode, Now: a.Shop.Clock.Now()}
	p.Title = p.T(title)
	if notice := a.sessions.PopString(r.Context(), "notice"); notice != "" {
		p.Notice = p.T(notice)
	}
	return p, err
}

func (a *Admin) show(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
	return nil
}

// done remembers what to say on the next page, and leads there.
func (a *Admin) done(w http.ResponseWriter, r *http.Request, notice, to string) error {
	if notice != "" {
		a.sessions.Put(r.Context(), "notice", notice)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (a *Admin) signInPage(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "", "sign_in")
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, SignInPage(SignInView{Page: p, Next: web.LocalPath(r.URL.Query().Get("next"), "/admin")}))
}

func (a *Admin) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	email, next := strings.TrimSpace(r.PostForm.Get("email")), web.LocalPath(r.PostForm.Get("next"), "/admin")
	if !strings.HasPrefix(next, "/admin") {
		next = "/admin"
	}
	member, err := a.Staff.SignIn(r.Context(), email, r.PostForm.Get("password"), web.Visitor(r))
	if f, ok := fault.As(err); ok && (f.Kind == fault.Unknown || f.Kind == fault.TooMany) {
		p, err := a.page(r, "", "sign_in")
		if err != nil {
			return err
		}
		return a.show(w, r, f.Kind.Status(), SignInPage(SignInView{Page: p, Next: next, Email: email, Error: p.T("error_" + f.Code)}))
	}
	if err != nil {
		return err
	}
	if err := a.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	a.sessions.Put(r.Context(), "staff", member.ID)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (a *Admin) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := a.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/sign-in", http.StatusSeeOther)
	return nil
}

func (a *Admin) setLang(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if lang, ok := text.ParseLangOf(languages, r.PostForm.Get("lang")); ok {
		a.sessions.Put(r.Context(), "lang", string(lang))
	}
	http.Redirect(w, r, web.LocalPath(r.PostForm.Get("next"), "/admin"), http.StatusSeeOther)
	return nil
}

func badForm(err error) error {
	return fault.New(fault.Invalid, "malformed_form", "the form could not be read").Because(err)
}

// problem is the page of an error.
func (a *Admin) problem(w http.ResponseWriter, r *http.Request, f *fault.Error, incident string) {
	p := Page{P: words.In(langOf(r)), Actor: actorOf(r), Assets: a.Assets, Here: "/admin", TestMode: a.TestMode}
	p.Title = p.T("problem")
	// The page stands without the office's name too: what failed may be the database.
	p.Office, _ = setting.GetOffice(r.Context(), a.Pool)
	v := ProblemView{Page: p, Sentence: p.T("error_other", "detail", f.Detail), Incident: incident}
	if id := "error_" + f.Code; p.P.Has(id) {
		v.Sentence = p.T(id)
	}
	for _, field := range f.Fields {
		v.Lines = append(v.Lines, fieldSentence(p, field))
	}
	var b bytes.Buffer
	if err := ProblemPage(v).Render(context.WithoutCancel(r.Context()), &b); err != nil {
		http.Error(w, v.Sentence, f.Kind.Status())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(f.Kind.Status())
	_, _ = w.Write(b.Bytes())
}
