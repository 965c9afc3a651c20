package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/catalog"
	"boutique/internal/clock"
	"boutique/internal/jobs"
	"boutique/internal/mail/catcher"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/staff"
	"boutique/migrations"
	"boutique/payments/stripe/emulator"
	"boutique/shop"
)

const (
	houseSecret = "whsec_0123456789abcdef0123"
	houseKey    = "sk_test_house0000000000000000"
	houseClerk  = "camille@beffroy.example"
)

// house is the whole shop in this process: copies of the real program behind a balancer, over real
// HTTP, a real PostgreSQL, a whole Stripe and a mail server. Between each copy and the world lie wires
// that can be cut: a copy that is cut off has died, as far as the world can tell.
type house struct {
	t testing.TB
	// root is the test that the house lives as long as; t may be a part of it.
	root     testing.TB
	database string
	own      *pgtest.Own
	standby  *pgtest.Own
	owner    *pgxpool.Pool
	bank     *emulator.Server
	mails    *catcher.Catcher
	mailDir  string
	front    *httptest.Server
	token    string
	log      *lockedBuffer
	dir      string
	seen     func(moment) verdict
	direct   bool
	patience time.Duration

	passed atomic.Int64
	// post is what the mail server does wrong.
	post atomic.Int32

	mu     sync.Mutex
	copies []*shopCopy
	next   int
	gone   sync.WaitGroup
	// kills is how often a copy has died: only then may a mail go out twice.
	kills atomic.Int64
	// shaken tells that connections were broken: a mail's mark may have been lost too.
	shaken atomic.Bool
}

// houseOptions say what house is built.
type houseOptions struct {
	seed   int64
	copies int
	// clocks are how far the copies' clocks are ahead.
	clocks []time.Duration
	// own gives the house a PostgreSQL of its own, which may be killed.
	own bool
	// standby gives that PostgreSQL a copy that follows it, and the house the addresses of both.
	standby bool
	// patience is how long a shopper's request may take; 0 leaves it as it is.
	patience time.Duration
	// direct lays no wires to database and mails: the house is measured, and nobody dies.
	direct bool
	// seen is asked at every moment of every copy, and may end the copy.
	seen func(moment) verdict
}

// souvenirs are the products that a house sells: few, so that shoppers meet.
var souvenirs = []string{"mug-beffroi", "boule-a-neige", "livre-les-geants", "caramels-beurre-sale", "tote-bag-beffroi", "miel-de-la-scarpe", "carte-cadeau"}

// furnishedHouse is what all houses share: the photographs, the shop's keys, a manager's token.
var furnishedHouse struct {
	once       sync.Once
	dir, token string
}

func sharedHouse() string {
	furnishedHouse.once.Do(func() { furnishedHouse.dir, _ = os.MkdirTemp("", "boutique-house-") })
	return furnishedHouse.dir
}

func forgetHouse() {
	if furnishedHouse.dir != "" {
		_ = os.RemoveAll(furnishedHouse.dir)
	}
}

// houseConfig is the environment of a copy.
func houseConfig(database, public, bank, post string) []string {
	return []string{"DATABASE_URL=" + database, "DATA_DIR=" + sharedHouse(), "PUBLIC_URL=" + public, "STRIPE_SECRET_KEY=" + houseKey, "STRIPE_WEBHOOK_SECRET=" + houseSecret,
		"STRIPE_API_URL=" + bank, "SMTP_URL=" + post, "MAIL_FROM=La Boutique <boutique@beffroy.example>", "TRUSTED_PROXIES=127.0.0.1"}
}

// furnishHouse fills a migrated database with an office, its shelves and a manager's token.
func furnishHouse(url string) (token string, err error) {
	ctx := context.Background()
	p := &program{ctx: ctx, config: readConfig(houseConfig(url, "http://127.0.0.1:1", "http://127.0.0.1:1", "smtp://127.0.0.1:1")), out: io.Discard, err: io.Discard, logger: slog.New(slog.DiscardHandler), clock: clock.System{}}
	d, err := p.openDatabase(ctx, false, true)
	if err != nil {
		return "", err
	}
	defer d.close(ctx)
	a, err := p.newApp(ctx, d, false)
	if err != nil {
		return "", err
	}
	if err := pg.InTx(ctx, d.pool, func(tx pgx.Tx) error { return furnishOffice(ctx, tx) }); err != nil {
		return "", err
	}
	photos, err := fs.Sub(demoFiles, "demo/photos")
	if err != nil {
		return "", err
	}
	for name, bring := range map[string]func(io.Reader) (catalog.Report, error){
		"categories": func(r io.Reader) (catalog.Report, error) { return a.catalog.ImportCategories(ctx, r) },
		"makers":     func(r io.Reader) (catalog.Report, error) { return a.catalog.ImportMakers(ctx, r) },
	} {
		data, err := demoFiles.ReadFile("demo/" + name + ".csv")
		if err != nil {
			return "", err
		}
		if _, err := bring(bytes.NewReader(data)); err != nil {
			return "", err
		}
	}
	products, err := souvenirFile()
	if err != nil {
		return "", err
	}
	report, err := a.catalog.Import(ctx, bytes.NewReader(products), catalog.ImportOptions{Actor: commandLine, Photos: photos})
	if err != nil {
		return "", err
	}
	if len(report.Issues) > 0 {
		return "", fmt.Errorf("%v", report.Issues)
	}
	// Renditions are made when somebody looks: the queue that makes them all stands still.
	if _, err := d.pool.Exec(ctx, `insert into river_queue (name, paused_at, updated_at) values ('photos', now(), now())`); err != nil {
		return "", err
	}
	for _, v := range []shop.Voucher{
		{Code: vouchers[0], Kind: shop.VoucherPercent, Value: 10}, {Code: vouchers[1], Kind: shop.VoucherFreeShipping},
		{Code: vouchers[2], Kind: shop.VoucherAmount, Value: 150, OncePerCustomer: true}, {Code: vouchers[3], Kind: shop.VoucherPercent, Value: 25, UsageLimit: 3},
	} {
		if _, err := a.shop.AddVoucher(ctx, v, commandLine); err != nil {
			return "", err
		}
	}
	if _, err := a.staff.Add(ctx, houseClerk, "Camille", staff.Manager, demoPassword, commandLine); err != nil {
		return "", err
	}
	return a.staff.CreateToken(ctx, "house", staff.Manager, commandLine)
}

// souvenirFile is the demo's catalogue without what is not sold here.
func souvenirFile() ([]byte, error) {
	data, err := demoFiles.ReadFile("demo/products.csv")
	if err != nil {
		return nil, err
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.Comma = ';'
	rows, err := in.ReadAll()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = ';'
	for i, row := range rows {
		if i == 0 || slices.Contains(souvenirs, row[0]) {
			if i > 0 {
				// One photograph each is enough.
				for column, name := range rows[0] {
					if strings.HasPrefix(name, "photo") {
						row[column], _, _ = strings.Cut(row[column], " | ")
					}
				}
			}
			if err := w.Write(row); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// newHouse builds a house and opens it.
func newHouse(t testing.TB, o houseOptions) *house {
	t.Helper()
	h := &house{t: t, root: t, log: &lockedBuffer{}, dir: t.TempDir(), seen: o.seen, direct: o.direct, patience: o.patience}
	sharedHouse()
	if o.own {
		h.own = pgtest.NewOwn(t)
		h.database = h.own.URL()
		h.migrate()
		var err error
		if h.token, err = furnishHouse(h.database); err != nil {
			t.Fatal(err)
		}
		if o.standby {
			h.standby = h.own.NewStandby(t)
			h.database = bothHosts(h.own.URL(), h.standby.URL())
		}
	} else {
		h.database = pgtest.Furnished(t, "souvenirs", func(url string) (err error) {
			furnishedHouse.token, err = furnishHouse(url)
			return err
		})
		h.token = furnishedHouse.token
	}
	owner, err := pg.OpenOwner(t.Context(), h.database)
	if err != nil {
		t.Fatal(err)
	}
	h.owner = owner
	t.Cleanup(owner.Close)
	h.mailDir = filepath.Join(h.dir, "mails")
	if h.mails, err = catcher.Start(h.mailDir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.mails.Close() })
	h.front = httptest.NewServer(h.balance())
	t.Cleanup(h.front.Close)
	if h.bank, err = emulator.New(emulator.Config{Control: true, Seed: o.seed, Later: time.Second, RedirectWait: 300 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.bank.Close(context.WithoutCancel(t.Context())) })
	if err := h.bank.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := h.bank.SetEndpoint(h.front.URL+"/webhooks/stripe", houseSecret); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, c := range h.living() {
			c.stop()
		}
		h.gone.Wait()
		if t.Failed() {
			t.Logf("the shop said:\n%s", tail(h.log.alive(), 3000))
		}
	})
	for i := range max(1, o.copies) {
		var ahead time.Duration
		if i < len(o.clocks) {
			ahead = o.clocks[i]
		}
		h.open(ahead)
	}
	return h
}

func (h *house) migrate() {
	h.t.Helper()
	owner, err := pg.OpenOwner(h.t.Context(), h.database)
	if err != nil {
		h.t.Fatal(err)
	}
	defer owner.Close()
	if _, err := migrations.Up(h.t.Context(), owner, slog.New(slog.DiscardHandler)); err != nil {
		h.t.Fatal(err)
	}
}

// balance spreads what comes in over the copies that live.
func (h *house) balance() http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetXForwarded()
			r.Out.Host = r.In.Host
			if c := h.pick(); c != nil {
				r.Out.URL.Scheme, r.Out.URL.Host = "http", c.address
			}
		},
		Transport:    &http.Transport{MaxIdleConnsPerHost: 64, DisableKeepAlives: true},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo),
	}
	return proxy
}

func (h *house) pick() *shopCopy {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.copies) == 0 {
		return nil
	}
	h.next++
	return h.copies[h.next%len(h.copies)]
}

func (h *house) living() []*shopCopy {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.copies)
}

// shopCopy is one copy of the program.
type shopCopy struct {
	h       *house
	a       *app
	ahead   time.Duration
	address string
	wire    *pgtest.Wire
	bank    *bankWire
	post    *postWire
	door    *door
	cancel  context.CancelFunc
	ended   chan struct{}
	dead    atomic.Bool
}

// moment is something that a copy is about to do or to hear, on any of its wires.
type moment struct {
	copy *shopCopy
	kind string
	// what is a statement, or the method and path of a call.
	what string
	tx   []string
}

// verdict is what becomes of the copy at a moment.
type verdict int

const (
	live verdict = iota
	// dieBefore ends the copy: the moment does not come to pass.
	dieBefore
	// dieAfter ends the copy, but what it has said is heard.
	dieAfter
)

func (c *shopCopy) judge(m moment) verdict {
	if c.dead.Load() {
		return dieBefore
	}
	if c.h.seen == nil {
		return live
	}
	m.copy = c
	v := c.h.seen(m)
	if v != live {
		c.die()
	}
	return v
}

// open starts one more copy and waits until it serves.
func (h *house) open(ahead time.Duration) *shopCopy {
	h.t.Helper()
	c, err := h.tryOpen(ahead)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// houseClock is the time that has passed in the house, on a clock that is ahead.
type houseClock struct {
	h     *house
	ahead time.Duration
}

// Now is that time.
func (c houseClock) Now() time.Time {
	return time.Now().Add(c.ahead + time.Duration(c.h.passed.Load()))
}

// pass lets time pass for Stripe and for the copies' clocks. The database's own clock goes on as it was.
func (h *house) pass(d time.Duration) {
	h.t.Helper()
	h.passed.Add(int64(d))
	if err := h.bank.Advance(d); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) tryOpen(ahead time.Duration) (*shopCopy, error) {
	if len(h.living()) == 0 {
		// What the dead were working on is taken back, as the queue does by itself after a minute and a half.
		if err := jobs.Reclaim(context.Background(), h.owner); err != nil {
			return nil, err
		}
	}
	c := &shopCopy{h: h, ahead: ahead}
	c.wire = pgtest.NewWire(h.root, h.database, func(m pgtest.Moment) bool {
		return c.judge(moment{kind: m.Kind, what: m.SQL, tx: m.Tx}) != live
	})
	c.bank = newBankWire(c, h.bank.URL())
	c.post = newPostWire(c, strings.TrimPrefix(h.mails.URL(), "smtp://"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.door = &door{Listener: listener, open: map[net.Conn]bool{}}
	c.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	database, post := c.wire.URL(), "smtp://"+c.post.listener.Addr().String()
	if h.direct {
		database, post = h.database, h.mails.URL()
	}
	p := &program{ctx: ctx, config: readConfig(houseConfig(database, h.front.URL, c.bank.server.URL, post)),
		out: io.Discard, err: h.log, logger: slog.New(slog.NewJSONHandler(h.log, nil)), clock: houseClock{h, ahead}}
	d, err := p.openDatabase(ctx, false, false)
	if err != nil {
		c.die()
		return nil, err
	}
	if c.a, err = p.newApp(ctx, d, true); err != nil {
		d.close(ctx)
		c.die()
		return nil, err
	}
	if h.patience > 0 {
		c.a.patience = h.patience
	}
	up, failed := make(chan struct{}), make(chan error, 1)
	c.ended = make(chan struct{})
	h.gone.Go(func() {
		defer close(c.ended)
		failed <- c.a.serve(ctx, p, c.door, func() { close(up) })
		d.close(ctx)
	})
	select {
	case <-up:
	case err := <-failed:
		c.die()
		return nil, errors.Join(errors.New("a copy did not start"), err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !c.dead.Load() {
		h.copies = append(h.copies, c)
	}
	return c, nil
}

// die ends the copy at this instant: nothing that it says is heard any more.
func (c *shopCopy) die() {
	if c.dead.Swap(true) {
		return
	}
	c.h.kills.Add(1)
	c.leave()
	c.cut()
}

// leave takes the copy out of the balancer.
func (c *shopCopy) leave() {
	c.h.mu.Lock()
	defer c.h.mu.Unlock()
	c.h.copies = slices.DeleteFunc(slices.Clone(c.h.copies), func(o *shopCopy) bool { return o == c })
}

// stop ends the copy as SIGTERM does: what is at work finishes.
func (c *shopCopy) stop() {
	c.leave()
	c.cancel()
	<-c.ended
	if !c.dead.Swap(true) {
		c.cut()
	}
}

func (c *shopCopy) cut() {
	c.wire.Cut()
	if c.bank != nil {
		c.bank.cut()
	}
	if c.post != nil {
		c.post.cut()
	}
	if c.door != nil {
		c.door.slam()
	}
	if c.cancel != nil {
		c.cancel()
	}
}
