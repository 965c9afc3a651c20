// Package emulator is a Stripe of our own for tests and the demonstration: an HTTP server that speaks
// the part of Stripe's API (version 2023-10-16) that a shop with hosted payment pages uses, keeps its
// state, and signs and retries its webhooks. It knows nothing of the shop.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Config is how one emulator behaves.
type Config struct {
	// Dir keeps the state and the port; memory only when empty.
	Dir string
	// Clock is the emulator's time; the system's when nil.
	Clock func() time.Time
	// Seed makes identifiers and shuffles repeatable; 0 draws one. A directory keeps its first seed.
	Seed int64
	// WebhookURL and WebhookSecret are the endpoint that hears every event. The URL may be set later,
	// by SetEndpoint.
	WebhookURL, WebhookSecret string
	// Methods are the payment methods that the account has activated; all that are known when empty.
	Methods []string
	// Fees by method; 1.5 % and 25 for a method that is not named, and the usual table when nil.
	Fees map[string]Fee
	// Later is how long banks take: pending refunds, debits, disputes. 5 s when 0.
	Later time.Duration
	// RedirectWait is how long the hosted page waits for the webhook's answer; 10 s when 0.
	RedirectWait time.Duration
	// Control opens /_emu/, which can do everything to the state. ControlToken, when there is one, must
	// be its bearer.
	Control      bool
	ControlToken string
	// Logger hears of troubles; silent when nil.
	Logger *slog.Logger
}

// usualFees are what the methods cost a shop in the euro area.
func usualFees() map[string]Fee {
	return map[string]Fee{
		"card": {150, 25}, "bancontact": {140, 25}, "ideal": {0, 29}, "sepa_debit": {0, 35}, "klarna": {299, 35}, "paypal": {290, 35},
	}
}

func (c Config) laterSeconds() int64 { return int64(c.Later / time.Second) }

// Server is one emulated account.
type Server struct {
	config      Config
	log         *slog.Logger
	shapes      map[string]doc
	requests    map[string]*schema
	instruments instruments
	handler     http.Handler
	post        *http.Client

	mu      sync.Mutex
	state   *state
	file    *stateFile
	address string
	skew    time.Duration
	network Delivery
	faults  []fault
	flying  map[string]bool
	landed  *sync.Cond
	waiting map[string]chan struct{}
	running map[string]bool
	calls   int64

	wake chan struct{}
	stop context.CancelFunc
	done context.Context
	work sync.WaitGroup
	http *http.Server
}

// New reads the state of c.Dir and begins to let time pass. Close must be called.
func New(c Config) (*Server, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Fees == nil {
		c.Fees = usualFees()
	}
	if c.Later == 0 {
		c.Later = 5 * time.Second
	}
	if c.RedirectWait == 0 {
		c.RedirectWait = 10 * time.Second
	}
	if c.Seed == 0 {
		c.Seed = rand.Int64()
	}
	s := &Server{
		config: c, log: c.Logger, flying: map[string]bool{}, waiting: map[string]chan struct{}{}, running: map[string]bool{},
		wake: make(chan struct{}, 1), state: newState(c.Seed),
		post: &http.Client{
			Timeout:       deliveryTimeout,
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	s.landed = sync.NewCond(&s.mu)
	var errs [3]error
	s.shapes, errs[0] = readShapes()
	s.requests, errs[1] = readRequests()
	s.instruments, errs[2] = readInstruments()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if len(c.Methods) == 0 {
		s.config.Methods = slices.Sorted(slices.Values(append([]string{"card", "sepa_debit"}, s.instruments.redirects...)))
	}
	if c.Dir != "" {
		var err error
		if s.file, s.state, err = openState(c.Dir, c.Seed); err != nil {
			return nil, err
		}
	}
	s.done, s.stop = context.WithCancel(context.Background())
	s.handler = s.routes()
	err := s.update(eventRequest{}, func(t *tx) { t.forget() })
	if err == nil && c.WebhookURL != "" {
		err = s.SetEndpoint(c.WebhookURL, c.WebhookSecret)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close(context.Background()))
	}
	s.work.Go(func() { s.run(s.done) })
	return s, nil
}

// deliveryTimeout is how long an endpoint may take to answer.
const deliveryTimeout = 10 * time.Second

// Handler serves the API, the hosted pages and, when it is switched on, the control.
func (s *Server) Handler() http.Handler { return s.handler }

// Start listens on addr, which must be a loopback address: there is no secret to protect the pages.
// With port 0 and a directory the port of the last time is taken again, so that addresses of payment
// pages stay true; when another program has it, a new one is taken and kept.
func (s *Server) Start(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("emulator: the address %q is not HOST:PORT: %w", addr, err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("emulator: %s is not a loopback address like 127.0.0.1", host)
	}
	l, err := s.listen(host, port)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.address = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	server := s.http
	s.mu.Unlock()
	s.work.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the payment emulator stopped listening", slog.Any("error", err))
		}
	})
	return nil
}

func (s *Server) listen(host, port string) (net.Listener, error) {
	if port != "0" || s.file == nil {
		return net.Listen("tcp", net.JoinHostPort(host, port))
	}
	if n := s.file.port(); n != 0 {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(n)))
		if err == nil {
			return l, nil
		}
		s.log.Warn("the port of the payment pages is taken by another program; open pages lose their address", slog.Int("port", n))
	}
	// Below the range from which the system takes the ports of outgoing connections, so that none of
	// them sits on it at the next start.
	var last error
	for range 50 {
		n := 20000 + rand.IntN(10000)
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(n)))
		if err != nil {
			last = err
			continue
		}
		if err := s.file.keepPort(n); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		return l, nil
	}
	return nil, fmt.Errorf("emulator: no free port: %w", last)
}

// Close stops listening and delivering; what was not delivered is delivered after the next start.
func (s *Server) Close(ctx context.Context) error {
	s.stop()
	s.mu.Lock()
	server := s.http
	s.mu.Unlock()
	var err error
	if server != nil {
		if err = server.Shutdown(ctx); err != nil {
			err = errors.Join(err, server.Close())
		}
	}
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		err = errors.Join(err, s.file.close())
		s.file = nil
	}
	return err
}

// URL is the address that Start listens on, without a final slash; STRIPE_API_URL for the shop.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address
}

// SetEndpoint registers the endpoint that hears every event, or moves it. The secret must start with
// whsec_.
func (s *Server) SetEndpoint(url, secret string) error {
	if e := endpointURL(url); e != nil {
		return fmt.Errorf("emulator: the webhook address %q is no URL", url)
	}
	return s.update(eventRequest{}, func(t *tx) { t.setEndpoint(url, secret) })
}

// Totals is what was captured and refunded, by currency in lower case.
func (s *Server) Totals() map[string]Total {
	var out map[string]Total
	_ = s.update(eventRequest{}, func(t *tx) { out = t.totals() })
	return out
}

// Captured is the sum of captured payments less refunds, in euro cents.
func (s *Server) Captured() int64 { return s.Totals()["eur"].Net() }

// Advance moves the emulator's clock forward and does what was due until then.
func (s *Server) Advance(d time.Duration) error {
	s.mu.Lock()
	s.skew += d
	s.mu.Unlock()
	return s.update(eventRequest{}, func(*tx) {})
}

// Network sets how webhooks travel from now on.
func (s *Server) Network(d Delivery) {
	s.mu.Lock()
	s.network = d
	s.mu.Unlock()
	s.nudge()
}

// Deliver offers every waiting event to its endpoint now, whatever its time, and returns how many
// when all of them are answered.
func (s *Server) Deliver(ctx context.Context) int { return s.deliverNow(ctx, true) }

// DeliverDue is Deliver for the events whose time has come; with Delivery.Hold it is the only way in
// which they travel.
func (s *Server) DeliverDue(ctx context.Context) int { return s.deliverNow(ctx, false) }

func (s *Server) deliverNow(ctx context.Context, everything bool) int {
	s.mu.Lock()
	for len(s.flying) > 0 {
		s.landed.Wait()
	}
	s.mu.Unlock()
	n, done := s.deliverDue(ctx, everything)
	select {
	case <-done:
	case <-ctx.Done():
	}
	return n
}

func (s *Server) held() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.network.Hold
}

func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// base is the address of the pages. Server.mu is held.
func (s *Server) base() string { return s.address }

// pageURL is the address of an open session's page. It has a fragment, as Stripe's has: whoever
// drops it must be found out.
func (s *Server) pageURL(v session) *string {
	if v.Status != "open" {
		return nil
	}
	return some(s.base() + "/c/pay/" + v.ID + "#fidkdWxOYHwnPyd1blpxYHZxWjA0" + token(s.state.seed, v.Created, 40))
}

// update runs fn as one transaction, after everything that time has brought.
func (s *Server) update(request eventRequest, fn func(*tx)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.begin(request)
	fn(t)
	return t.finish()
}

// begin starts a transaction and does what is due. Server.mu is held.
func (s *Server) begin(request eventRequest) *tx {
	t := &tx{Server: s, now: s.config.Clock().Add(s.skew).Unix(), latest: map[string]record{}, dropped: map[string]bool{}, made: s.state.made}
	t.runDue()
	t.request = request
	return t
}

func (t *tx) finish() error {
	err := t.commit()
	if slices.ContainsFunc(t.changes, func(c change) bool { return c.kind == "delivery" }) {
		t.nudge()
	}
	return err
}
