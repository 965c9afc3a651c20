package main

import (
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"boutique/internal/mail"
)

// Config is what the environment says; the README's table describes each variable.
type Config struct {
	DatabaseURL         string
	DataDir             string
	ListenAddr          string
	PublicURL           string
	PhotosURL           string
	StripeSecretKey     string
	StripeWebhookSecret string
	StripeAPIURL        string
	SMTPURL             string
	MailFrom            string
	TrustedProxies      string
	SecretsDir          string
	AWSAccessKeyID      string
	AWSSecretAccessKey  string
	PGBinDir            string
	PGOSUser            string
	MetricsAddr         string
	TracesEndpoint      string
}

// readConfig reads the environment that the program was handed, and no other.
func readConfig(env []string) Config {
	values := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		values[name] = strings.TrimSpace(value)
	}
	or := func(name, fallback string) string {
		if v := values[name]; v != "" {
			return v
		}
		return fallback
	}
	return Config{
		DatabaseURL: values["DATABASE_URL"], DataDir: or("DATA_DIR", "./data"), ListenAddr: or("LISTEN_ADDR", "127.0.0.1:8080"), PublicURL: strings.TrimRight(values["PUBLIC_URL"], "/"),
		PhotosURL: values["PHOTOS_URL"], StripeSecretKey: values["STRIPE_SECRET_KEY"], StripeWebhookSecret: values["STRIPE_WEBHOOK_SECRET"],
		StripeAPIURL: values["STRIPE_API_URL"], SMTPURL: values["SMTP_URL"], MailFrom: values["MAIL_FROM"], TrustedProxies: values["TRUSTED_PROXIES"],
		SecretsDir: values["SECRETS_DIR"], AWSAccessKeyID: values["AWS_ACCESS_KEY_ID"], AWSSecretAccessKey: values["AWS_SECRET_ACCESS_KEY"],
		PGBinDir: values["PG_BIN_DIR"], PGOSUser: values["PG_OS_USER"], MetricsAddr: values["METRICS_ADDR"],
		TracesEndpoint: strings.TrimRight(values["OTEL_EXPORTER_OTLP_ENDPOINT"], "/"),
	}
}

func (c Config) secretsDir() string {
	if c.SecretsDir != "" {
		return c.SecretsDir
	}
	return filepath.Join(c.DataDir, "secrets")
}

func (c Config) photosURL() string {
	if c.PhotosURL != "" {
		return c.PhotosURL
	}
	dir, err := filepath.Abs(filepath.Join(c.DataDir, "photos"))
	if err != nil {
		dir = filepath.Join(c.DataDir, "photos")
	}
	return "file://" + filepath.ToSlash(dir)
}

func (c Config) https() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// testMode tells whether the keys move no real money.
func (c Config) testMode() bool { return strings.HasPrefix(c.StripeSecretKey, "sk_test_") }

var (
	secretKey     = regexp.MustCompile(`^sk_(live|test)_[!-~]+$`)
	webhookSecret = regexp.MustCompile(`^whsec_.{16,}$`)
)

// isAddress tells whether the text is an http or https address that says nothing beyond server and path.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// isListenAddress tells whether the text is HOST:PORT; the host may be left out.
func isListenAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	n, number := strconv.Atoi(port)
	return err == nil && number == nil && n >= 0 && n <= 65535
}

// check gives one sentence per variable that is missing or wrong, naming it and saying what it must
// be, for a program that serves.
func (c Config) check() []string {
	var wrong []string
	say := func(variable, sentence string) { wrong = append(wrong, variable+" "+sentence) }
	if u, err := url.Parse(c.PublicURL); err != nil || !isAddress(c.PublicURL) || u.Path != "" {
		say("PUBLIC_URL", "must be the address that shoppers see, like https://boutique.example")
	}
	live := strings.HasPrefix(c.StripeSecretKey, "sk_live_")
	if !secretKey.MatchString(c.StripeSecretKey) {
		say("STRIPE_SECRET_KEY", "must be Stripe's secret key: it begins with sk_live_ or sk_test_")
	}
	secrets := strings.Split(c.StripeWebhookSecret, ",")
	for _, s := range secrets {
		if !webhookSecret.MatchString(strings.TrimSpace(s)) {
			say("STRIPE_WEBHOOK_SECRET", "must be the endpoint's signing secret: it begins with whsec_ (several are separated by commas)")
			break
		}
	}
	if c.StripeAPIURL != "" {
		if !isAddress(c.StripeAPIURL) {
			say("STRIPE_API_URL", "must be the address of a server that speaks Stripe's API, like http://127.0.0.1:12111, or be left out")
		}
		if live {
			say("STRIPE_API_URL", "must be left out with a live key (STRIPE_SECRET_KEY begins with sk_live_): real money goes to Stripe only")
		}
	}
	if live && strings.HasPrefix(c.PublicURL, "http://") {
		say("PUBLIC_URL", "must begin with https:// with a live key (STRIPE_SECRET_KEY begins with sk_live_)")
	}
	if _, err := mail.ParseServer(c.SMTPURL); err != nil {
		say("SMTP_URL", "must be the mail server: smtp://user:password@host:port or smtps://user:password@host:port")
	}
	if _, err := netmail.ParseAddress(c.MailFrom); err != nil || strings.ContainsAny(c.MailFrom, "\r\n") {
		say("MAIL_FROM", "must be the sender of mails, like La Boutique <boutique@office.example>")
	}
	if u, err := url.Parse(c.TracesEndpoint); c.TracesEndpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		say("OTEL_EXPORTER_OTLP_ENDPOINT", "must be an OTLP/HTTP address, like http://127.0.0.1:4318, or be left out")
	}
	if !isListenAddress(c.ListenAddr) {
		say("LISTEN_ADDR", "must be where to listen, like 127.0.0.1:8080")
	}
	if c.MetricsAddr != "" && !isListenAddress(c.MetricsAddr) {
		say("METRICS_ADDR", "must be where to listen for whoever measures, like 127.0.0.1:9090, or be left out")
	}
	if _, err := c.proxies(); err != nil {
		say("TRUSTED_PROXIES", err.Error())
	}
	if strings.HasPrefix(c.photosURL(), "s3://") && (c.AWSAccessKeyID == "" || c.AWSSecretAccessKey == "") {
		say("AWS_ACCESS_KEY_ID", "and AWS_SECRET_ACCESS_KEY must be given with PHOTOS_URL=s3://…")
	}
	if !strings.HasPrefix(c.photosURL(), "s3://") && !strings.HasPrefix(c.photosURL(), "file:///") {
		say("PHOTOS_URL", "must be file:///folder or s3://bucket?endpoint=…")
	}
	return wrong
}

// proxies reads TRUSTED_PROXIES: addresses or networks, separated by commas.
func (c Config) proxies() ([]string, error) {
	var list []string
	for _, p := range strings.FieldsFunc(c.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		if prefix, err := netip.ParsePrefix(p); err == nil {
			list = append(list, prefix.String())
			continue
		}
		address, err := netip.ParseAddr(p)
		if err != nil {
			return nil, fmt.Errorf("must be addresses or networks separated by commas, like 10.0.0.0/8: %q is none", p)
		}
		list = append(list, netip.PrefixFrom(address, address.BitLen()).String())
	}
	return list, nil
}
