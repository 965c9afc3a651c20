package emulator_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"boutique/payments/stripe/emulator"
)

// boot starts an emulator on a directory, as the program does.
func boot(t *testing.T, dir, hook string) *shop {
	t.Helper()
	clock := newClock()
	server, err := emulator.New(emulator.Config{Dir: dir, WebhookSecret: secret, WebhookURL: hook, Control: true, Clock: clock.Now, RedirectWait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return &shop{Server: server, t: t, clock: clock, url: server.URL(), api: newClient(t, server.URL(), "sk_test_1")}
}

func TestEverythingIsThereAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := boot(t, dir, "http://127.0.0.1:1/nobody")
	waiting := s.session(func(p *stripe.CheckoutSessionParams) { p.SetIdempotencyKey("co-1") })
	pi, _ := s.paid("4242424242424242")
	if _, err := s.refund(pi, 1000); err != nil {
		t.Fatal(err)
	}
	before, url := s.control("GET", "/_emu/dump", ""), s.url
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	hook := newHook(t)
	s = boot(t, dir, hook.url)
	defer func() { _ = s.Close(context.Background()) }()
	if s.url != url {
		t.Errorf("the port moved from %s to %s", url, s.url)
	}
	if after := s.control("GET", "/_emu/dump", ""); len(after["objects"].(map[string]any)["event"].([]any)) != len(before["objects"].(map[string]any)["event"].([]any)) {
		t.Error("events are lost")
	}
	if s.Captured() != 3250 {
		t.Errorf("captured %d", s.Captured())
	}
	if again := s.session(func(p *stripe.CheckoutSessionParams) { p.SetIdempotencyKey("co-1") }); again.ID != waiting.ID {
		t.Errorf("the key is forgotten: %s, then %s", waiting.ID, again.ID)
	}
	s.Deliver(t.Context())
	if got := strings.Join(hook.types(), " "); !strings.Contains(got, "checkout.session.completed") || !strings.Contains(got, "charge.refunded") {
		t.Errorf("heard %s", got)
	}
	if got := browse(t, "POST", waiting.URL, card("4242424242424242")); got.status != 303 {
		t.Errorf("the open page answers %d", got.status)
	}
	if fresh := s.session(nil); fresh.ID == waiting.ID || s.fetch(fresh.ID).Status != "open" {
		t.Errorf("an identifier was given twice: %s", fresh.ID)
	}
}

func TestALineCutByAKillIsDropped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := boot(t, dir, "http://127.0.0.1:1/nobody")
	made := s.session(nil)
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "state.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"made":99,"rows":[{"kind":"checkout.sess`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s = boot(t, dir, "http://127.0.0.1:1/nobody")
	defer func() { _ = s.Close(context.Background()) }()
	if got := s.fetch(made.ID); got.Status != "open" {
		t.Errorf("session = %+v", got)
	}
}

func TestOneDirectoryHasOneEmulator(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := boot(t, dir, "http://127.0.0.1:1/nobody")
	defer func() { _ = s.Close(context.Background()) }()
	if _, err := emulator.New(emulator.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another payment emulator") {
		t.Errorf("error = %v", err)
	}
}

func TestTheEmulatorListensOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	s, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(context.Background()) }()
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:0", "nonsense"} {
		if err := s.Start(addr); err == nil {
			t.Errorf("it listens on %s", addr)
		}
	}
}

func TestControlIsClosedUnlessItIsSwitchedOn(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.Control = false })
	if got := browse(t, "GET", s.url+"/_emu/dump", nil); got.status != 404 {
		t.Errorf("answer %d", got.status)
	}
	guarded := open(t, func(c *emulator.Config) { c.ControlToken = "t0ken" })
	if got := browse(t, "GET", guarded.url+"/_emu/dump", nil); got.status != 401 {
		t.Errorf("answer %d without the token", got.status)
	}
}
