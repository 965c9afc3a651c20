package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"boutique/catalog/photo"
	"boutique/internal/jobs"
	"boutique/internal/web"
	"boutique/payments"
	"boutique/shop/api"
)

// handler is the whole shop over HTTP.
func (a *app) handler(p *program) (http.Handler, error) {
	proxies, err := a.config.proxies()
	if err != nil {
		return nil, err
	}
	pages := a.pages.Errors()
	plain := web.Errors{Logger: p.logger}
	r := chi.NewMux()
	visitor := middleware.ClientIPFromRemoteAddr
	if len(proxies) > 0 {
		visitor = middleware.ClientIPFromXFF(proxies...)
	}
	r.Use(a.database.tracer.Requests, middleware.RequestID, visitor, web.Recover(pages), web.Head)
	// The webhook is mounted bare: its signature is over the very bytes of the body.
	r.Method(http.MethodPost, "/webhooks/stripe", payments.WebhookHandler(a.payments))
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/readyz", plain.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if err := a.ready(r.Context()); err != nil {
			w.Header().Set("Retry-After", "5")
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return nil
		}
		fmt.Fprintln(w, "ready")
		return nil
	}))
	r.Group(func(r chi.Router) {
		// Staff's exports and uploads take their time.
		r.Use(web.Security(a.paymentOrigin(), a.config.https()), web.CrossOrigin(pages), web.Patience(a.patience, "/admin", "/api/v1/staff/"))
		json := &api.API{Shop: a.shop, Catalog: a.catalog, Shelf: a.shelf, Staff: a.staff, Errors: plain, Papers: a, Exporter: webExporter{a}, Renderer: photo.Renderer{}, PublicURL: a.config.PublicURL}
		json.Mount(r)
		a.mountAdmin(p, r)
		a.pages.Mount(r)
	})
	return r, nil
}

// paymentOrigin is where the payment page lies: Stripe's, or that of STRIPE_API_URL.
func (a *app) paymentOrigin() string {
	if origin := web.Origin(a.config.StripeAPIURL); origin != "" {
		return origin
	}
	return "https://checkout.stripe.com"
}

// ready tells whether the shop can serve.
func (a *app) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := a.database.pool.Ping(ctx); err != nil {
		return errors.New("the database does not answer")
	}
	if a.shelf.Current().Version == 0 {
		return errors.New("the catalogue is not read yet")
	}
	return nil
}

// serve runs the shop on a listener until the context ends, then drains it: no new requests, those
// at work finish, jobs at work finish. up is called when it answers.
func (a *app) serve(ctx context.Context, p *program, listener net.Listener, up func()) error {
	handler, err := a.handler(p)
	if err != nil {
		return err
	}
	if err := a.shelf.Refresh(ctx); err != nil {
		return err
	}
	if err := a.pages.Refresh(ctx); err != nil {
		return err
	}
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorking()
	if a.database.server != nil {
		// The embedded database has one program: what was being worked on died with the last one.
		if err := jobs.Reclaim(ctx, a.database.pool); err != nil {
			return err
		}
	}
	if err := a.jobs.Start(working); err != nil {
		return err
	}
	var followers sync.WaitGroup
	followers.Go(func() { a.shelf.Run(working) })
	followers.Go(func() { a.pages.Run(working) })
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	metrics := a.serveMetrics(p)
	up()
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), 25*time.Second)
	defer cancel()
	if metrics != nil {
		_ = metrics.Close()
	}
	err = errors.Join(ignoreClosed(err), server.Shutdown(draining), a.jobs.Stop(draining))
	stopWorking()
	followers.Wait()
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// serveMetrics serves metrics and profiles on METRICS_ADDR, never on the public address.
func (a *app) serveMetrics(p *program) *http.Server {
	if a.config.MetricsAddr == "" {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := &http.Server{Addr: a.config.MetricsAddr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.ListenAndServe(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			p.logger.Error("metrics are not served", "address", a.config.MetricsAddr, "error", err)
		}
	}()
	return server
}

// reachable turns an address that was listened on into one that a browser can open.
func reachable(listener net.Listener) string {
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "http://" + listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
