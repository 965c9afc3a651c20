package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary builds the real program once for all journeys.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "boutique-journey-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "boutique")
	build := exec.Command("go", "build", "-tags", "nodynamic", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return path, nil
})

// running is the real program, running a demo.
type running struct {
	t    testing.TB
	dir  string
	url  string
	bank string
	cmd  *exec.Cmd
	log  *lockedBuffer
	// env is what a command is told beside the data directory.
	env []string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// journeyDir is an empty data directory that an unprivileged PostgreSQL can reach.
func journeyDir(t testing.TB) string {
	t.Helper()
	base := "/dev/shm"
	if info, err := os.Stat(base); err != nil || !info.IsDir() {
		base = os.TempDir()
	}
	dir, err := os.MkdirTemp(base, "boutique-demo-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// demo starts `boutique demo` on a directory, with more in its environment, and waits until it is
// ready.
func demo(t testing.TB, dir, address string, env ...string) *running {
	t.Helper()
	return demoBehind(t, nil, dir, address, env...)
}

// demoBehind is demo with a program before it that becomes it.
func demoBehind(t testing.TB, before []string, dir, address string, env ...string) *running {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, dir: dir, log: &lockedBuffer{}}
	line := append(slices.Clone(before), program, "demo", "--addr", address, "--data", dir)
	r.cmd = exec.Command(line[0], line[1:]...)
	r.cmd.Stderr, r.cmd.Env = r.log, append(os.Environ(), env...)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	startTied(t, r.cmd)
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("the program said:\n%s", tail(r.log.String(), 4000))
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "payments  "); ok {
			r.bank, _, _ = strings.Cut(rest, " ")
		}
		if url, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			r.url = url
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return r
		}
	}
	_ = r.cmd.Wait()
	t.Fatalf("the demo never was ready:\n%s", tail(r.log.String(), 4000))
	return nil
}

// startTied starts a program that the kernel ends with the test's own process. The kernel sends that signal
// when the thread ends that started the program, so a thread of its own is held until the test is over: any
// other may be taken, and ended, by a goroutine that locks itself to it.
func startTied(t testing.TB, command *exec.Cmd) {
	t.Helper()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	over, started := make(chan struct{}), make(chan error)
	t.Cleanup(func() { close(over) })
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		started <- command.Start()
		<-over
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}

func (r *running) stop() {
	if r.cmd.ProcessState != nil {
		return
	}
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	_ = r.cmd.Wait()
}

// kill ends the program as a power cut would.
func (r *running) kill() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		r.t.Fatal(err)
	}
	_ = r.cmd.Wait()
}

// run runs another command of the program on the same directory.
func (r *running) run(args ...string) (string, error) {
	r.t.Helper()
	program, err := binary()
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append([]string{"DATA_DIR=" + r.dir, "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, r.env...)
	var out, errOut bytes.Buffer
	command.Stdout, command.Stderr = &out, &errOut
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, errOut.String())
	}
	return out.String(), nil
}

// mustVerify holds every invariant of the data; it ends every journey.
func (r *running) mustVerify() {
	r.t.Helper()
	if out, err := r.run("verify"); err != nil {
		r.t.Errorf("verify: %v\n%s", err, out)
	}
}

func (r *running) token(role string) string {
	r.t.Helper()
	out, err := r.run("token", "create", "--role", role, "--name", "journey")
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

// caller calls the APIs.
type caller struct {
	t     testing.TB
	base  string
	token string
	// outlasts comes again while the shop says that its database is away, as it asks for.
	outlasts bool
}

// answer is what an API call answered.
type answer struct {
	status int
	body   []byte
	header http.Header
}

func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

func (a answer) code() string {
	var p struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(a.body, &p)
	return p.Code
}

// noRedirects is a client that shows redirects instead of following them.
func noRedirects() *http.Client {
	return &http.Client{Timeout: 60 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (c caller) try(method, path string, body any, headers ...string) (answer, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			return answer{}, err
		}
		reader = bytes.NewReader(data)
	}
	if !strings.Contains(path, "://") {
		path = c.base + path
	}
	request, err := http.NewRequest(method, path, reader)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := noRedirects().Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, data, response.Header}, err
}

func (c caller) call(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	a, err := c.try(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// want calls and refuses any other status.
func (c caller) want(status int, method, path string, body any, headers ...string) answer {
	c.t.Helper()
	a := c.call(method, path, body, headers...)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for n := 0; c.outlasts && a.code() == "database_unavailable" && n < 600; n++ {
		<-tick.C
		a = c.call(method, path, body, headers...)
	}
	if a.status != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, tail(string(a.body), 800))
	}
	return a
}

type amount struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

type placedOrder struct {
	Number     string `json:"order_number"`
	Key        string `json:"order_key"`
	PaymentURL string `json:"payment_url"`
	Total      amount `json:"total"`
}

type seenOrder struct {
	Status           string `json:"status"`
	PaymentStatus    string `json:"payment_status"`
	FulfilmentStatus string `json:"fulfilment_status"`
	Invoice          *struct {
		Number string `json:"number"`
		URL    string `json:"url"`
		Total  amount `json:"total"`
	} `json:"invoice"`
	CreditNotes []struct {
		Number string `json:"number"`
		Total  amount `json:"total"`
	} `json:"credit_notes"`
	Refunds []struct {
		State string `json:"state"`
	} `json:"refunds"`
}

// fill makes a cart with these articles, going to Douai.
func (c caller) fill(lines map[string]int) string {
	c.t.Helper()
	var cart struct {
		ID string `json:"id"`
	}
	c.want(201, "POST", "/api/v1/carts", nil).into(c.t, &cart)
	for sku, n := range lines {
		c.want(200, "PUT", "/api/v1/carts/"+cart.ID+"/lines/"+sku, map[string]int{"quantity": n})
	}
	c.want(200, "PUT", "/api/v1/carts/"+cart.ID+"/destination", map[string]string{"country": "FR", "postal_code": "59500"})
	return cart.ID
}

func checkoutBody(option string) map[string]any {
	return map[string]any{
		"email": "zoe@example.org", "name": "Zoé Martin", "phone": "06 12 34 56 78", "shipping_option": option, "accept_terms": true, "lang": "fr",
		"address": map[string]string{"line1": "12 rue de la Cloche", "postal_code": "59500", "city": "Douai", "country": "FR"},
	}
}

func (c caller) order(lines map[string]int, option string) placedOrder {
	c.t.Helper()
	cart := c.fill(lines)
	var p placedOrder
	c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody(option), "Idempotency-Key", "key-"+cart).into(c.t, &p)
	return p
}

// pay pays on the hosted page as a shopper would, and answers where it led.
func (c caller) pay(p placedOrder, card string) *http.Response {
	c.t.Helper()
	response, err := payPage(p, card)
	if err != nil {
		c.t.Fatal(err)
	}
	return response
}

func payPage(p placedOrder, card string) (*http.Response, error) {
	page, _, _ := strings.Cut(p.PaymentURL, "#")
	response, err := noRedirects().PostForm(page, url.Values{"card_number": {card}, "exp": {"12/40"}, "cvc": {"123"}, "name": {"Zoé Martin"}})
	if err == nil {
		response.Body.Close()
	}
	return response, err
}

func (c caller) see(p placedOrder) seenOrder {
	c.t.Helper()
	var o seenOrder
	c.want(200, "GET", "/api/v1/orders/"+p.Number+"?key="+p.Key, nil).into(c.t, &o)
	return o
}

// until waits for an order to be as wanted; an order that never is fails the test by its state.
func (c caller) until(p placedOrder, wanted func(seenOrder) bool) seenOrder {
	c.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		o := c.see(p)
		if wanted(o) {
			return o
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("order %s stays %+v", p.Number, o)
		}
		<-tick.C
	}
}
