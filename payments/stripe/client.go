// Package stripe is the payments.Gateway that speaks to Stripe, API version 2023-10-16. It is the
// only importer of stripe-go.
package stripe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"boutique/payments"
)

// callBudget is how long one call may take, its repetitions included; the shopper is waiting.
const callBudget = 10 * time.Second

// Config is what the program knows about the account.
type Config struct {
	// SecretKey starts with sk_test_ or sk_live_ (rk_ for restricted keys).
	SecretKey string
	// WebhookSecrets start with whsec_; while one is being rotated there are two.
	WebhookSecrets []string
	// APIURL is another server that speaks Stripe's API; empty for Stripe's own.
	APIURL string
	// Methods are the payment methods of the page; card, bancontact and ideal when empty.
	Methods []string
	Clock   interface{ Now() time.Time }
	Logger  *slog.Logger
	// Transport carries the calls; nil for one that goes straight to the server.
	Transport http.RoundTripper
}

// Gateway is one Stripe account.
type Gateway struct {
	api      *client.API
	livemode bool
	methods  []string
	secrets  []string
	clock    interface{ Now() time.Time }
}

var _ payments.Gateway = (*Gateway)(nil)

var webhookSecret = regexp.MustCompile(`^whsec_.{16,}$`)

// New makes the one client. It refuses keys and secrets that cannot be right, and any server but
// Stripe's own for live keys: every reason is in the error.
func New(c Config) (*Gateway, error) {
	var wrong []error
	live := strings.HasPrefix(c.SecretKey, "sk_live_") || strings.HasPrefix(c.SecretKey, "rk_live_")
	test := strings.HasPrefix(c.SecretKey, "sk_test_") || strings.HasPrefix(c.SecretKey, "rk_test_")
	if !live && !test {
		wrong = append(wrong, errors.New("the Stripe secret key must start with sk_test_ or sk_live_"))
	}
	if len(c.WebhookSecrets) == 0 {
		wrong = append(wrong, errors.New("at least one Stripe webhook secret is needed"))
	}
	for _, s := range c.WebhookSecrets {
		if !webhookSecret.MatchString(s) {
			wrong = append(wrong, errors.New("a Stripe webhook secret must be whsec_ and at least 16 characters"))
		}
	}
	if c.APIURL != "" {
		if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			wrong = append(wrong, errors.New("the Stripe API URL must be like http://127.0.0.1:12111"))
		}
		if live {
			wrong = append(wrong, errors.New("a live key goes to Stripe's own server only"))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if len(c.Methods) == 0 {
		c.Methods = []string{"card", "bancontact", "ideal"}
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{
			ForceAttemptHTTP2: true, MaxIdleConnsPerHost: inFlight, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 5 * time.Second,
		}
	}
	// Each backend has a config of its own: the library writes the URL of the first into the config
	// it is given, and a shared one would send the other two to the wrong host.
	hc := &http.Client{
		Timeout:       callBudget,
		Transport:     newTransport(c.Transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	backend := func(kind stripe.SupportedBackend) stripe.Backend {
		config := &stripe.BackendConfig{
			EnableTelemetry:   stripe.Bool(false),
			HTTPClient:        hc,
			LeveledLogger:     leveled{c.Logger},
			MaxNetworkRetries: stripe.Int64(2),
		}
		if c.APIURL != "" {
			config.URL = stripe.String(c.APIURL)
		}
		return stripe.GetBackendWithConfig(kind, config)
	}
	return &Gateway{
		api: client.New(c.SecretKey, &stripe.Backends{
			API: backend(stripe.APIBackend), Connect: backend(stripe.ConnectBackend), Uploads: backend(stripe.UploadsBackend),
		}),
		livemode: live, methods: c.Methods, secrets: c.WebhookSecrets, clock: c.Clock,
	}, nil
}

// Livemode tells whether the key moves real money.
func (g *Gateway) Livemode() bool { return g.livemode }

// APIVersion is the version that this client speaks.
func (g *Gateway) APIVersion() string { return stripe.APIVersion }

// Check asks for one event, to see whether the server answers and takes the key.
func (g *Gateway) Check(ctx context.Context) error {
	ctx, _, done := call(ctx)
	defer done()
	params := &stripe.EventListParams{}
	params.Context = ctx
	params.Limit = stripe.Int64(1)
	params.Single = true
	it := g.api.Events.List(params)
	for it.Next() {
	}
	return reading(it.Err())
}

// Methods are the configured payment methods.
func (g *Gateway) Methods() []string { return append([]string(nil), g.methods...) }

// call gives one call its budget and its witness.
func call(ctx context.Context) (context.Context, *witness, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, callBudget)
	w := &witness{}
	return context.WithValue(ctx, witnessKey{}, w), w, cancel
}
