package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/mail/catcher"
	"boutique/internal/pg"
	"boutique/internal/pgserver"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/payments/stripe/emulator"
)

//go:embed demo
var demoFiles embed.FS

type demoCommand struct {
	Addr  string `default:"127.0.0.1:8080" help:"Where it listens." placeholder:"HOST:PORT"`
	Data  string `default:"./demo-data" help:"Where it keeps everything." placeholder:"DIR"`
	Reset bool   `help:"Throw what was there away first."`
}

// demoPassword opens every demo account. The demo listens on this machine only, unless told otherwise.
const demoPassword = "beffroi-sur-scarpe"

var demoAccounts = []struct {
	email, name string
	role        staff.Role
}{
	{"camille@beffroy.example", "Camille", staff.Manager},
	{"rose@beffroy.example", "Rose", staff.Catalog},
	{"karim@beffroy.example", "Karim", staff.Orders},
	{"odile@beffroy.example", "Odile", staff.Accountant},
}

// demoNote keeps, in the data directory of a demo, the addresses that its commands need.
const demoNote = "demo.env"

// Run runs the whole shop with nothing set up.
func (c demoCommand) Run(p *program) error {
	started := time.Now()
	release, err := pgserver.Claim(c.Data)
	if err != nil {
		return err
	}
	defer release()
	if c.Reset {
		if err := reset(c.Data); err != nil {
			return err
		}
	}
	step := func(format string, args ...any) {
		fmt.Fprintf(p.err, "%5.1fs  %s\n", time.Since(started).Seconds(), fmt.Sprintf(format, args...))
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("--addr must be free to listen on: %w", err)
	}
	address := reachable(listener)
	p.config = Config{DataDir: c.Data, PublicURL: address, StripeSecretKey: "sk_test_demo0000000000000000", MailFrom: "La Boutique de Beffroy <boutique@beffroy-sur-scarpe.example>",
		PGBinDir: p.config.PGBinDir, PGOSUser: p.config.PGOSUser, DatabaseURL: p.config.DatabaseURL, MetricsAddr: p.config.MetricsAddr, TracesEndpoint: p.config.TracesEndpoint}
	mails, err := catcher.Start(filepath.Join(c.Data, "mails"))
	if err != nil {
		return err
	}
	defer mails.Close()
	p.config.SMTPURL = mails.URL()
	if p.config.StripeWebhookSecret, err = webhookSecretIn(c.Data); err != nil {
		return err
	}
	bank, err := emulator.New(emulator.Config{Dir: filepath.Join(c.Data, "stripe"), WebhookSecret: p.config.StripeWebhookSecret, WebhookURL: address + "/webhooks/stripe", Logger: p.logger})
	if err != nil {
		return err
	}
	defer bank.Close(context.WithoutCancel(p.ctx))
	if err := bank.Start("127.0.0.1:0"); err != nil {
		return err
	}
	p.config.StripeAPIURL = bank.URL()
	if err := bank.SetEndpoint(address+"/webhooks/stripe", p.config.StripeWebhookSecret); err != nil {
		return err
	}
	if err := p.keepNote(); err != nil {
		return err
	}
	step("Stripe of its own on %s, mail catcher on %s", bank.URL(), mails.URL())
	d, err := p.openDatabase(p.ctx, true, true)
	if err != nil {
		return err
	}
	defer d.close(p.ctx)
	step("database ready")
	a, err := p.newApp(p.ctx, d, true)
	if err != nil {
		return err
	}
	if err := a.furnish(p, step); err != nil {
		return err
	}
	return a.serve(p.ctx, p, listener, func() {
		fmt.Fprintf(p.out, "shop      %s/\nadmin     %s/admin\nmails     %s/admin/mails\npayments  %s (card 4242 4242 4242 4242, any later date, any three digits)\n", address, address, address, bank.URL())
		for _, who := range demoAccounts {
			fmt.Fprintf(p.out, "account   %-26s %-11s password %s\n", who.email, who.role, demoPassword)
		}
		step("serving")
		fmt.Fprintf(p.out, "ready %s\n", address)
	})
}

// keepNote writes down what a command beside the demo needs to know.
func (p *program) keepNote() error {
	note := fmt.Sprintf("PUBLIC_URL=%s\nSTRIPE_SECRET_KEY=%s\nSTRIPE_WEBHOOK_SECRET=%s\nSTRIPE_API_URL=%s\nSMTP_URL=%s\nMAIL_FROM=%s\n",
		p.config.PublicURL, p.config.StripeSecretKey, p.config.StripeWebhookSecret, p.config.StripeAPIURL, p.config.SMTPURL, p.config.MailFrom)
	return os.WriteFile(filepath.Join(p.config.DataDir, demoNote), []byte(note), 0o600)
}

// adoptDemo lets a short command on a demo's data directory use the demo's own Stripe and mails,
// where the environment names none.
func (p *program) adoptDemo() {
	note, err := os.ReadFile(filepath.Join(p.config.DataDir, demoNote))
	if err != nil || p.config.StripeSecretKey != "" {
		return
	}
	kept := readConfig(strings.Split(string(note), "\n"))
	p.config.StripeSecretKey, p.config.StripeWebhookSecret, p.config.StripeAPIURL = kept.StripeSecretKey, kept.StripeWebhookSecret, kept.StripeAPIURL
	if p.config.PublicURL == "" {
		p.config.PublicURL, p.config.SMTPURL, p.config.MailFrom = kept.PublicURL, kept.SMTPURL, kept.MailFrom
	}
}

func webhookSecretIn(dir string) (string, error) {
	path := filepath.Join(dir, "webhook.secret")
	if kept, err := os.ReadFile(path); err == nil {
		return string(kept), nil
	}
	secret := "whsec_" + rand.Text()
	return secret, os.WriteFile(path, []byte(secret), 0o600)
}

// reset empties a demo's data directory, and the cluster that may lie elsewhere.
func reset(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	known := []string{"serving.lock", "postgres", "postgres.lock", "postgres.log", "stripe", "mails", "photos", "secrets", "webhook.secret", demoNote}
	for _, e := range entries {
		found := strings.HasPrefix(e.Name(), replacedPrefix)
		for _, k := range known {
			found = found || e.Name() == k
		}
		if !found {
			return fmt.Errorf("--reset empties only a demo's own folder: %s holds %s", dir, e.Name())
		}
	}
	if err := pgserver.Remove(dir); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == "serving.lock" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// furnish gives an empty shop its office, accounts and catalogue; what is there already stays. The
// catalogue comes in by the very import that an office uses.
func (a *app) furnish(p *program, step func(string, ...any)) error {
	ctx := p.ctx
	office, err := setting.GetOffice(ctx, a.database.pool)
	if err != nil {
		return err
	}
	if office.ShopName == "" {
		if err := pg.InTx(ctx, a.database.pool, func(tx pgx.Tx) error { return furnishOffice(ctx, tx) }); err != nil {
			return err
		}
		brand, err := setting.GetBrand(ctx, a.database.pool)
		if err != nil {
			return err
		}
		a.files.Logo = []byte(brand.Logo)
	}
	for _, who := range demoAccounts {
		_, err := a.staff.Add(ctx, who.email, who.name, who.role, demoPassword, commandLine)
		if err != nil && !fault.Is(err, "staff_exists") {
			return err
		}
	}
	if err := a.furnishDispatch(ctx); err != nil {
		return err
	}
	products, _, err := catalog.ListProducts(ctx, a.database.pool, catalog.ProductFilter{Limit: 1})
	if err != nil || len(products) > 0 {
		return err
	}
	step("bringing the catalogue in (52 photographs)…")
	return a.furnishCatalogue(p, step)
}

func (a *app) furnishCatalogue(p *program, step func(string, ...any)) error {
	photos, err := fs.Sub(demoFiles, "demo/photos")
	if err != nil {
		return err
	}
	for _, one := range []struct {
		name  string
		bring func(io.Reader) (catalog.Report, error)
	}{
		{"categories", func(r io.Reader) (catalog.Report, error) { return a.catalog.ImportCategories(p.ctx, r) }},
		{"makers", func(r io.Reader) (catalog.Report, error) { return a.catalog.ImportMakers(p.ctx, r) }},
		{"products", func(r io.Reader) (catalog.Report, error) {
			return a.catalog.Import(p.ctx, r, catalog.ImportOptions{Actor: commandLine, Photos: photos, Progress: func(done, of int) {
				if done%13 == 0 {
					step("%d of %d products…", done, of)
				}
			}})
		}},
	} {
		file, err := demoFiles.Open("demo/" + one.name + ".csv")
		if err != nil {
			return err
		}
		report, err := one.bring(file)
		file.Close()
		if err != nil {
			return err
		}
		for _, w := range report.Warnings {
			step("%s", w)
		}
		if len(report.Issues) > 0 {
			return fmt.Errorf("the demo's %s: %v", one.name, report.Issues)
		}
	}
	if err := pg.InTx(p.ctx, a.database.pool, func(tx pgx.Tx) error { return furnishCategoryPhotos(p.ctx, tx, photos) }); err != nil {
		return err
	}
	if err := a.furnishViews(p.ctx); err != nil {
		return err
	}
	return a.furnishBoard(p.ctx)
}

// furnishCategoryPhotos shows each category by the photograph that its row names.
func furnishCategoryPhotos(ctx context.Context, tx pgx.Tx, photos fs.FS) error {
	file, err := demoFiles.Open("demo/categories.csv")
	if err != nil {
		return err
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		return err
	}
	column := -1
	for i, head := range rows[0] {
		if head == "photo" {
			column = i
		}
	}
	for _, row := range rows[1:] {
		if column < 0 || row[column] == "" {
			continue
		}
		data, err := fs.ReadFile(photos, row[column])
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		if err := catalog.SetCategoryPhoto(ctx, tx, row[0], hex.EncodeToString(sum[:])); err != nil {
			return err
		}
	}
	return nil
}

func furnishOffice(ctx context.Context, tx pgx.Tx) error {
	art := func(name string) string {
		data, err := demoFiles.ReadFile("demo/brand/" + name)
		if err != nil {
			return ""
		}
		return string(data)
	}
	office := setting.Office{
		ShopName: "La Boutique de Beffroy", LegalName: "Office de tourisme de Beffroy-sur-Scarpe", LegalForm: "Établissement public industriel et commercial",
		Address: place.Address{Line1: "1 place du Beffroi", PostalCode: "59500", City: "Beffroy-sur-Scarpe", Country: "FR"},
		Email:   "boutique@beffroy-sur-scarpe.example", Phone: "+33 3 27 00 00 00", SIREN: "732829320", VATNumber: "FR44732829320", Director: "Camille Delattre",
		Host: "Office de tourisme de Beffroy-sur-Scarpe", MediatorName: "Médiation Tourisme et Voyage", MediatorURL: "https://mediation.example", Town: "Beffroy-sur-Scarpe",
		Hours: setting.Words{FR: "Du lundi au samedi, de 10 h à 12 h 30 et de 14 h à 18 h.", EN: "Monday to Saturday, 10 am to 12.30 pm and 2 pm to 6 pm.",
			NL: "Van maandag tot zaterdag, van 10 tot 12.30 uur en van 14 tot 18 uur.", DE: "Montag bis Samstag, 10 bis 12.30 Uhr und 14 bis 18 Uhr."},
		Tagline: setting.Words{FR: "Ce que l’on rapporte de Beffroy : la vaisselle, les livres, les bières et les géants, faits par ceux qui vivent ici.",
			EN: "What one brings home from Beffroy: tableware, books, beer and giants, made by the people who live here.",
			NL: "Wat u uit Beffroy meebrengt: servies, boeken, bieren en reuzen, gemaakt door wie hier woont.",
			DE: "Was man aus Beffroy mitbringt: Geschirr, Bücher, Biere und Riesen, gemacht von denen, die hier leben."},
	}
	books := setting.DefaultBooks()
	books.Form, books.Accountant = setting.FormEPIC, "odile@beffroy.example"
	for key, value := range map[setting.Key]any{
		setting.KeyOffice: office,
		setting.KeyBooks:  books,
		setting.KeyBrand:  setting.Brand{Logo: art("logo-horizontal.svg"), LogoDark: art("logo-horizontal-mono-light.svg"), Mark: art("mark-belfry-colour.svg"), Black: art("logo-horizontal-mono-dark.svg")},
		setting.KeyStudio: setting.Studio{Tape: art("tape-tile-brick.svg"), Sticker: art("sticker-round.svg"), Square: art("logo-square-colour.svg"), Stamp: art("stamp-round.svg")},
		setting.KeyHome:   setting.Home{Product: "coffret-beffroy"},
	} {
		if err := setting.Set(ctx, tx, key, value, time.Time{}, commandLine); err != nil {
			return err
		}
	}
	return nil
}
