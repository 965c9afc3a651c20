package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/clock"
	"boutique/internal/jobs"
	"boutique/internal/mail"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments"
	"boutique/payments/desk"
	"boutique/payments/ledger"
	"boutique/payments/stripe"
	"boutique/shop"
	"boutique/shop/admin"
	"boutique/shop/storefront"
	"boutique/shop/ui"
)

// app is the shop put together: every service over one database.
type app struct {
	config   Config
	clock    clock.Clock
	database *database
	jobs     *jobs.Client
	library  *photo.Library
	catalog  *catalog.Service
	shelf    *catalog.Shelf
	payments *payments.Service
	gateway  *stripe.Gateway
	shop     *shop.Service
	staff    *staff.Service
	files    *ledger.Files
	sealKey  ed25519.PrivateKey
	closer   *ledger.Closer
	assets   *ui.Assets
	pages    *storefront.Storefront
	// patience is how long a shopper's request may take: the longest is a checkout whose payment page is asked for
	// at a provider that hangs.
	patience time.Duration
}

// newApp wires the shop. With working it can work on jobs, else it only inserts them.
func (p *program) newApp(ctx context.Context, d *database, working bool) (*app, error) {
	a := &app{config: p.config, clock: p.clock, database: d, patience: 30 * time.Second}
	store, err := photo.OpenStore(p.config.photosURL(), photo.Keys{ID: p.config.AWSAccessKeyID, Secret: p.config.AWSSecretAccessKey})
	if err != nil {
		return nil, err
	}
	a.library = photo.NewLibrary(store)
	a.shelf = catalog.NewShelf(d.pool, photo.Renderer{}, a.clock, p.logger)
	a.catalog = &catalog.Service{Pool: d.pool, Clock: a.clock, Photos: a.library, Logger: p.logger,
		Deliver: func(ctx context.Context) (catalog.Deliverability, error) { return shop.CurrentConditions(ctx, d.pool) },
		EnqueueRender: func(ctx context.Context, tx pgx.Tx, sha string) error {
			return a.jobs.InsertTx(ctx, tx, photo.RenderArgs{SHA256: sha}, nil)
		},
		EnqueueSoon: func(ctx context.Context, tx pgx.Tx, sha string) error {
			return a.jobs.InsertTx(ctx, tx, photo.RenderArgs{SHA256: sha}, &river.InsertOpts{Priority: photo.Soon})
		},
		EnqueueImport: func(ctx context.Context, tx pgx.Tx, id int64) error {
			return a.jobs.InsertTx(ctx, tx, catalog.ImportArgs{ID: id}, nil)
		},
	}
	if p.config.StripeSecretKey != "" {
		var secrets []string
		for _, s := range strings.Split(p.config.StripeWebhookSecret, ",") {
			secrets = append(secrets, strings.TrimSpace(s))
		}
		if a.gateway, err = stripe.New(stripe.Config{SecretKey: p.config.StripeSecretKey, WebhookSecrets: secrets, APIURL: p.config.StripeAPIURL, Clock: a.clock, Logger: p.logger}); err != nil {
			return nil, err
		}
		if err := payments.CheckMode(ctx, d.pool, !p.config.testMode()); err != nil {
			return nil, err
		}
	}
	secret, err := p.config.secret("order-keys")
	if err != nil {
		return nil, err
	}
	keys, err := shop.NewKeys(secret)
	if err != nil {
		return nil, err
	}
	brand, err := setting.GetBrand(ctx, d.pool)
	if err != nil {
		return nil, err
	}
	a.files = &ledger.Files{Pool: d.pool}
	seed, err := p.config.secret("seal")
	if err != nil {
		return nil, err
	}
	a.sealKey = ed25519.NewKeyFromSeed(seed)
	if brand.Logo != "" {
		a.files.Logo = []byte(brand.Logo)
	}
	if a.staff, err = staff.New(d.pool); err != nil {
		return nil, err
	}
	if a.assets, err = ui.NewAssets("/static/", storefront.Static, admin.Static); err != nil {
		return nil, err
	}
	a.pages = &storefront.Storefront{Shelf: a.shelf, Files: a.files, Photos: a.library, Assets: a.assets, Clock: a.clock, Logger: p.logger,
		PublicURL: p.config.PublicURL, HTTPS: p.config.https(), TestMode: p.config.testMode()}
	a.shop = &shop.Service{Pool: d.pool, Clock: a.clock, Mails: storefront.Mails{Office: a.pages.Office, PublicURL: p.config.PublicURL}, Keys: keys, PublicURL: p.config.PublicURL,
		TermsVersion: storefront.TermsVersion(), Logger: p.logger, Outbox: &mail.Outbox{From: p.config.MailFrom, Clock: a.clock}}
	a.pages.Shop, a.pages.GiftCards, a.pages.Paper = a.shop, a.giftCards, a.Paper
	a.closer = &ledger.Closer{Pool: d.pool, Clock: a.clock, Key: a.sealKey, Outbox: a.shop.Outbox}
	a.pages.Waitlist = &catalog.Waitlist{Pool: d.pool, Outbox: a.shop.Outbox, Mails: storefront.Mails{Office: a.pages.Office, PublicURL: p.config.PublicURL}, PublicURL: p.config.PublicURL}
	a.payments = &payments.Service{Pool: d.pool, Desk: &desk.Gateway{Pool: d.pool}, Settler: a.shop, Logger: p.logger,
		Methods: func(ctx context.Context) ([]string, error) {
			chosen, err := setting.GetPayment(ctx, d.pool)
			return chosen.Methods, err
		}}
	if a.gateway != nil {
		a.payments.Gateway = a.gateway
	}
	a.shop.Payments = a.payments
	options := jobs.Options{Logger: p.logger}
	if working {
		server, err := mail.ParseServer(p.config.SMTPURL)
		if err != nil {
			return nil, fmt.Errorf("SMTP_URL: %w", err)
		}
		a.library.Apart = renderProcess()
		workers := river.NewWorkers()
		payments.AddWorkers(workers, a.payments)
		river.AddWorker(workers, &mail.Worker{Pool: d.pool, Server: server, Logger: p.logger})
		river.AddWorker(workers, &photo.Worker{Library: a.library, Rows: a.catalog})
		river.AddWorker(workers, &photo.TidyWorker{Library: a.library, Catalog: a.catalog, Pool: d.pool, Kept: a.keptPhotos, Clock: a.clock, Logger: p.logger})
		river.AddWorker(workers, &ledger.Worker{Files: a.files})
		river.AddWorker(workers, &ledger.SealWorker{Closer: a.closer})
		river.AddWorker(workers, &shop.TidyWorker{Service: a.shop})
		river.AddWorker(workers, &catalog.JudgeWorker{Service: a.catalog})
		river.AddWorker(workers, &catalog.ImportWorker{Service: a.catalog})
		river.AddWorker(workers, &catalog.TellWorker{Waitlist: a.pages.Waitlist})
		options.Workers, options.Periodic = workers, slices.Concat(payments.PeriodicJobs(), ledger.PeriodicJobs(), shop.PeriodicJobs(), catalog.PeriodicJobs(), photo.PeriodicJobs(text.Paris()))
	}
	if a.jobs, err = jobs.New(d.pool, options); err != nil {
		return nil, err
	}
	a.shop.Jobs, a.shop.Outbox.Jobs, a.payments.Jobs = a.jobs, a.jobs, a.jobs
	return a, a.shop.EnsureConditions(ctx)
}

// keptPhotos lists the originals that others than the catalogue speak of: the sweep leaves them.
func (a *app) keptPhotos(ctx context.Context, q pg.Querier) ([]string, error) {
	return shop.OrderPhotos(ctx, q)
}

// withApp opens the shop for the time of one command, beside a running server or alone.
func (p *program) withApp(work func(*app) error) error {
	d, err := p.openDatabase(p.ctx, false, false)
	if err != nil {
		return err
	}
	defer d.close(p.ctx)
	p.adoptDemo()
	a, err := p.newApp(p.ctx, d, false)
	if err != nil {
		return err
	}
	return work(a)
}

// photosIn opens a folder or a zip of photographs; nil when none is named.
func photosIn(dir string) (fs.FS, error) {
	if dir == "" {
		return nil, nil
	}
	if info, err := os.Stat(dir); err == nil && info.Mode().IsRegular() {
		file, err := os.Open(dir)
		if err != nil {
			return nil, usageError{err}
		}
		// The zip stays open until the program ends: photographs are read while the import goes on.
		photos, err := catalog.ZipPhotos(file, info.Size())
		if err != nil {
			return nil, usageError{fmt.Errorf("--photos: %w", err)}
		}
		return photos, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, usageError{fmt.Errorf("--photos must name a folder that can be read: %w", err)}
	}
	return root.FS(), nil
}
