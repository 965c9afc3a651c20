package mocktest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// witness is a test that notes its failures instead of failing.
type witness struct {
	testing.TB
	mu    sync.Mutex
	wrong []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

func TestTheTeeFailsATestThatSendsOrGetsSomethingWrong(t *testing.T) {
	t.Parallel()
	mock := Start(t)
	const refund = `{"id":"re_1","object":"refund","amount":100,"charge":null,"created":1,"currency":"eur","balance_transaction":null,"metadata":{},"payment_intent":null,"reason":null,"receipt_number":null,"source_transfer_reversal":null,"status":"succeeded","transfer_reversal":null}`
	for _, c := range []struct {
		name, path, body, key, answer string
		wrong                         int
	}{
		{"a good call", "/v1/refunds", "payment_intent=pi_1&amount=100", "sk_test_a_key_of_many_parts", refund, 0},
		{"an unknown parameter", "/v1/refunds", "payment_intent=pi_1&colour=red", "sk_test_1", refund, 1},
		{"an unknown path", "/v1/parcels", "", "sk_test_1", refund, 1},
		{"a live key", "/v1/refunds", "payment_intent=pi_1", "sk_live_1", refund, 1},
		{"an answer with an unknown key", "/v1/refunds", "payment_intent=pi_1", "sk_test_1", strings.Replace(refund, `"reason"`, `"why"`, 1), 1},
		{"a page", "/c/pay/cs_1", "card_number=4242", "", "{}", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, _ := io.ReadAll(r.Body)
				if string(got) != c.body || r.URL.Path != c.path {
					t.Errorf("the emulator gets %s %q", r.URL.Path, got)
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, c.answer)
			}))
			defer emulator.Close()
			w := &witness{TB: t}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, mock.Tee(w, emulator.URL)+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Stripe-Version", "2023-10-16")
			if c.key != "" {
				req.Header.Set("Authorization", "Bearer "+c.key)
			}
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if string(got) != c.answer {
				t.Errorf("answer = %s", got)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.wrong) != c.wrong {
				t.Errorf("%d failures: %v", len(w.wrong), w.wrong)
			}
		})
	}
}
