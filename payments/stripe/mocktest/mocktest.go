// Package mocktest puts Stripe's official mock beside a test: it judges the shape of every request
// that the shop sends, and the published description judges every answer that the shop gets.
package mocktest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"boutique/payments/stripe/schema"
)

// module is where the mock's own module lies, seen from the root of the repository.
const module = "payments/stripe/conformance"

// Mock is a running stripe-mock. It keeps no state and does not know one test from another.
type Mock struct {
	// URL is its address, without a final slash.
	URL  string
	spec *schema.Spec
}

// Start builds the mock unless the very same one was built before, starts it on a free loopback port
// and stops it at the end of the test. What cannot be built fails the test.
func Start(t testing.TB) *Mock {
	t.Helper()
	spec, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := build()
	if err != nil {
		t.Fatalf("the official mock cannot be built: %v", err)
	}
	cmd := exec.Command(binary)
	cmd.Stderr = io.Discard
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(out)
	address := ""
	for !strings.HasPrefix(address, "http://") { // the mock talks before it listens
		if address, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("the official mock does not start: %v", err)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return &Mock{URL: strings.TrimSpace(address), spec: spec}
}

// build compiles the module into the user's cache, under a name that its sources decide.
func build() (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, filepath.FromSlash(module))
	sum := sha256.New()
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", name, len(b), b)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "boutique")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	binary := filepath.Join(cache, "stripe-mock-"+hex.EncodeToString(sum.Sum(nil))[:16])
	unlock, err := lock(binary + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	half := binary + ".part"
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", half, ".")
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return binary, os.Rename(half, binary)
}

// lock keeps two test binaries from building at the same time.
func lock(name string) (func(), error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}

// repository is the nearest folder above the test's that holds the module.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(module), "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no folder above this test holds %s", module)
		}
		dir = up
	}
}

// Tee gives an address that answers as the emulator does. Each request to the API is shown to the mock
// first, and each answer is held against the published description: a refusal of the mock (400, 401,
// 404) or a deviation of the answer fails the test. The pages and the emulator's control pass through.
func (m *Mock) Tee(t testing.TB, emulatorURL string) string {
	t.Helper()
	return m.TeeCounted(t, emulatorURL, nil)
}

// TeeCounted is Tee, and counts the requests that the mock has judged.
func (m *Mock) TeeCounted(t testing.TB, emulatorURL string, judged *atomic.Int64) string {
	t.Helper()
	to, err := url.Parse(emulatorURL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = to.Host
		},
		ModifyResponse: func(r *http.Response) error { return m.judgeAnswer(t, r) },
		// A connection that the emulator cuts is cut here too.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") && !strings.HasPrefix(r.URL.Path, "/v1/payment_pages/") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			if judged != nil {
				judged.Add(1)
			}
			if problem := m.judge(r, body); problem != "" {
				t.Errorf("%s %s?%s %s: %s", r.Method, r.URL.Path, r.URL.RawQuery, body, problem)
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return front.URL
}

// judge shows a request to the mock and returns its refusal.
func (m *Mock) judge(r *http.Request, body []byte) string {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, m.URL+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")
	// The mock knows keys of three parts only; another key of test mode is as good.
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer sk_test_"); ok && key != "" {
		req.Header.Set("Authorization", "Bearer sk_test_123")
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		if r.Context().Err() != nil {
			return "" // the caller has gone: nobody is there to be judged
		}
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode < 400 || err != nil {
		return ""
	}
	return fmt.Sprintf("the official mock answers %d: %s", resp.StatusCode, said)
}

func (m *Mock) judgeAnswer(t testing.TB, r *http.Response) error {
	o, known := m.spec.Match(r.Request.Method, r.Request.URL.Path)
	if !known || r.Header.Get("Content-Type") != "application/json" {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	for _, problem := range m.spec.Answer(o, r.StatusCode, body) {
		t.Errorf("%s %s answered %d: %s", o.Method, r.Request.URL.Path, r.StatusCode, problem)
	}
	return nil
}
