package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// control moves the bank's hand.
func (h *house) control(path string, in any) map[string]any {
	h.t.Helper()
	out, err := h.tryControl("POST", path, in)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) tryControl(method, path string, in any) (map[string]any, error) {
	a, err := h.bankCaller().try(method, "/_emu/"+path, in)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	if err := json.Unmarshal(a.body, &out); err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return out, fmt.Errorf("%s: %d %s", path, a.status, a.body)
	}
	return out, nil
}

func (h *house) shopper() caller { return caller{t: h.t, base: h.front.URL} }

func (h *house) staff() caller { return caller{t: h.t, base: h.front.URL, token: h.token} }

func (h *house) bankCaller() caller { return caller{t: h.t, base: h.bank.URL(), token: houseKey} }

// anyCopy is a copy that lives.
func (h *house) anyCopy() *shopCopy {
	h.t.Helper()
	c := h.pick()
	if c == nil {
		h.t.Fatal("no copy lives")
	}
	return c
}

func (h *house) exec(statement string, args ...any) {
	h.t.Helper()
	if _, err := h.owner.Exec(h.t.Context(), statement, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) count(statement string, args ...any) (n int64) {
	h.t.Helper()
	if err := h.owner.QueryRow(h.t.Context(), statement, args...).Scan(&n); err != nil {
		h.t.Fatalf("%v: %s", err, statement)
	}
	return n
}

// seeded is a source of chance that a seed repeats.
func seeded(seed int64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 7)) }

// alive is the log without what the dead say about not being heard.
func (l *lockedBuffer) alive() string {
	var b strings.Builder
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, "connection refused") && !strings.Contains(line, "conn closed") && !strings.Contains(line, "BatchCompleter") {
			b.WriteString(line)
		}
	}
	return b.String()
}
