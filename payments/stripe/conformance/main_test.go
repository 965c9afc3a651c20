package main

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestTheMockJudgesRequestsAndEndsWithItsInput(t *testing.T) {
	t.Parallel()
	in, stop := io.Pipe()
	address, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(in, out) }()
	line, err := bufio.NewReader(address).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path, body string
		want             int
	}{
		{"a good request", "/v1/refunds", "payment_intent=pi_1&amount=100", 200},
		{"an unknown parameter", "/v1/refunds", "payment_intent=pi_1&colour=red", 400},
		{"an unknown path", "/v1/parcels", "", 404},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.TrimSpace(line)+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", "Bearer sk_test_123")
		req.Header.Set("Stripe-Version", "2023-10-16")
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s is answered %d, want %d", c.name, resp.StatusCode, c.want)
		}
	}
	_ = stop.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
