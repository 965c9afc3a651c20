package emulator

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// control is the hand of the tests: JSON in, JSON out.
func (s *Server) control(mux *http.ServeMux) {
	handle := func(pattern string, do func(r *http.Request, body []byte) (any, *apiError)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			if t := s.config.ControlToken; t != "" && subtle.ConstantTimeCompare([]byte(given), []byte(t)) != 1 {
				answerWith(w, http.StatusUnauthorized, encode(map[string]string{"error": "the control token is missing or wrong"}))
				return
			}
			var body json.RawMessage
			if r.ContentLength != 0 {
				if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maximumBody)).Decode(&body); err != nil {
					answerWith(w, http.StatusBadRequest, encode(map[string]string{"error": "the body is no JSON: " + err.Error()}))
					return
				}
			}
			out, e := do(r, body)
			if e != nil {
				answerWith(w, e.Status, encode(map[string]any{"error": e}))
				return
			}
			answerWith(w, http.StatusOK, encode(out))
		})
	}
	act := func(pattern string, do func(t *tx, c controlCall) (any, *apiError)) {
		handle(pattern, func(r *http.Request, body []byte) (any, *apiError) {
			c := controlCall{id: r.PathValue("id")}
			if e := decodeControl(body, &c.in); e != nil {
				return nil, e
			}
			var out any
			var e *apiError
			if err := s.update(eventRequest{}, func(t *tx) {
				due := len(t.changes)
				if out, e = do(t, c); e != nil {
					t.undo(due)
				}
			}); err != nil {
				return nil, broken("%v", err)
			}
			return out, e
		})
	}
	handle("POST /_emu/clock", func(_ *http.Request, body []byte) (any, *apiError) {
		var in struct {
			AdvanceSeconds int64 `json:"advance_seconds"`
		}
		if e := decodeControl(body, &in); e != nil {
			return nil, e
		}
		if err := s.Advance(time.Duration(in.AdvanceSeconds) * time.Second); err != nil {
			return nil, broken("%v", err)
		}
		return map[string]int64{"now": s.now()}, nil
	})
	handle("POST /_emu/network", func(_ *http.Request, body []byte) (any, *apiError) {
		var d Delivery
		if e := decodeControl(body, &d); e != nil {
			return nil, e
		}
		s.Network(d)
		return d, nil
	})
	handle("POST /_emu/deliver", func(r *http.Request, body []byte) (any, *apiError) {
		var in struct {
			DueOnly bool `json:"due_only"`
		}
		if e := decodeControl(body, &in); e != nil {
			return nil, e
		}
		return map[string]int{"sent": s.deliverNow(r.Context(), !in.DueOnly)}, nil
	})
	handle("POST /_emu/fault", func(_ *http.Request, body []byte) (any, *apiError) { return s.planFault(body) })
	handle("GET /_emu/totals", func(*http.Request, []byte) (any, *apiError) { return s.Totals(), nil })
	handle("POST /_emu/reset", func(*http.Request, []byte) (any, *apiError) { return s.reset() })
	act("GET /_emu/dump", func(t *tx, _ controlCall) (any, *apiError) { return t.dump(), nil })
	act("POST /_emu/hasten/{id}", func(t *tx, c controlCall) (any, *apiError) {
		return map[string]int{"done": t.hasten(c.id)}, nil
	})
	act("POST /_emu/settle/{id}", func(t *tx, c controlCall) (any, *apiError) {
		pi, ok := find[intent](t, c.id)
		if !ok || pi.Status != "processing" {
			return nil, notHere("processing payment_intent", "id", c.id)
		}
		ch, _ := find[charge](t, or(pi.LatestCharge, ""))
		t.settleAs(pi, ch, !c.in.Fail)
		return c.shown(t, "payment_intent")
	})
	act("POST /_emu/refund/{id}", func(t *tx, c controlCall) (any, *apiError) {
		ch, ok := find[charge](t, c.id)
		if !ok || !ch.Paid {
			return nil, notHere("paid charge", "id", c.id)
		}
		amount := c.in.Amount
		if amount == 0 {
			amount = t.left(ch)
		}
		if amount < 1 || amount > t.left(ch) {
			return nil, invalid("", "amount", "%d is left of %s", t.left(ch), c.id)
		}
		return t.render(t.refund(ch, amount, "", metadata{})), nil
	})
	act("POST /_emu/fail-refund/{id}", func(t *tx, c controlCall) (any, *apiError) {
		if e := t.failRefund(c.id, "expired_or_canceled_card"); e != nil {
			return nil, e
		}
		return c.shown(t, "refund")
	})
	act("POST /_emu/dispute/{id}", func(t *tx, c controlCall) (any, *apiError) {
		if e := t.openDispute(c.id); e != nil {
			return nil, e
		}
		return c.shown(t, "charge")
	})
	act("POST /_emu/fraud-warning/{id}", func(t *tx, c controlCall) (any, *apiError) {
		if _, ok := find[charge](t, c.id); !ok {
			return nil, notHere("charge", "id", c.id)
		}
		t.warnOfFraud(c.id)
		return c.shown(t, "charge")
	})
	act("POST /_emu/close-dispute/{id}", func(t *tx, c controlCall) (any, *apiError) {
		d, ok := find[dispute](t, c.id)
		if !ok || !d.open() || !slices.Contains([]string{"won", "lost", "warning_closed"}, c.in.Status) {
			return nil, invalid("", "status", "An open dispute can be closed as won, lost or warning_closed.")
		}
		return t.render(t.endDispute(d, c.in.Status)), nil
	})
	act("POST /_emu/payout", func(t *tx, c controlCall) (any, *apiError) {
		currency := c.in.Currency
		if currency == "" {
			currency = "eur"
		}
		po := t.makePayout(currency)
		if po == nil {
			return nil, invalid("", "currency", "There is nothing to pay out.")
		}
		return t.render(*po), nil
	})
	act("POST /_emu/fail-payout/{id}", func(t *tx, c controlCall) (any, *apiError) {
		if e := t.failPayout(c.id); e != nil {
			return nil, e
		}
		return c.shown(t, "payout")
	})
	act("POST /_emu/stripe-fee", func(t *tx, c controlCall) (any, *apiError) {
		return t.render(t.balanceLine(transaction{Amount: -c.in.Amount, Currency: "eur", Description: some("Billing"), Type: "stripe_fee", ReportingCategory: "fee"})), nil
	})
}

// controlCall is one order of a test.
type controlCall struct {
	id string
	in struct {
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
		Fail     bool   `json:"fail"`
		Status   string `json:"status"`
	}
}

func (c controlCall) shown(t *tx, kind string) (any, *apiError) {
	r, ok := t.lookup(kind, c.id)
	if !ok {
		return nil, notHere(kind, "id", c.id)
	}
	return t.render(r), nil
}

func decodeControl(body []byte, into any) *apiError {
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return invalid("", "", "The body is not what this call takes: %v", err)
	}
	return nil
}

func (s *Server) now() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config.Clock().Add(s.skew).Unix()
}

// planFault adds a trouble, or takes all of them back when the kind is "none".
func (s *Server) planFault(body []byte) (any, *apiError) {
	var f fault
	if e := decodeControl(body, &f); e != nil {
		return nil, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Kind == "none" {
		s.faults = nil
		return f, nil
	}
	if !slices.Contains(faultKinds, f.Kind) {
		return nil, invalid("", "kind", "A fault is one of %s.", strings.Join(faultKinds, ", "))
	}
	f.Times = max(f.Times, 1)
	s.faults = append(s.faults, f)
	return f, nil
}

// dump shows every object, and how many webhooks wait.
func (t *tx) dump() any {
	out := map[string][]doc{}
	for _, kind := range []string{"checkout.session", "payment_intent", "charge", "refund", "balance_transaction", "dispute", "payout", "event", "webhook_endpoint"} {
		out[kind] = []doc{}
		for _, key := range t.state.order[kind] {
			if r, ok := t.lookup(kind, key); ok {
				out[kind] = append(out[kind], t.render(r))
			}
		}
	}
	return map[string]any{"now": t.now, "objects": out, "totals": t.totals(), "pending_webhooks": len(all[delivery](t))}
}

// reset forgets everything but the endpoints.
func (s *Server) reset() (any, *apiError) {
	s.mu.Lock()
	s.faults, s.network = nil, Delivery{}
	s.mu.Unlock()
	n := 0
	err := s.update(eventRequest{}, func(t *tx) {
		for kind, keys := range t.state.order {
			if kind == "webhook_endpoint" {
				continue
			}
			for _, key := range keys {
				t.drop(kind, key)
				n++
			}
		}
	})
	if err != nil {
		return nil, broken("%v", err)
	}
	return map[string]int{"dropped": n}, nil
}
