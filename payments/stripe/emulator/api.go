package emulator

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
)

// maximumBody bounds the parameters of one call, in bytes.
const maximumBody = 1 << 20

// call is one request whose parameters are accepted.
type call struct {
	params params
	path   func(name string) string
}

type operation func(*tx, call) (doc, *apiError)

// operations are the calls of the API by method and path.
func operations() map[string]operation {
	return map[string]operation{
		"GET /v1/balance":                                 (*tx).getBalance,
		"GET /v1/balance_transactions":                    (*tx).listTransactions,
		"GET /v1/balance_transactions/{id}":               (*tx).getTransaction,
		"GET /v1/charges":                                 (*tx).listCharges,
		"GET /v1/charges/{charge}":                        (*tx).getCharge,
		"GET /v1/checkout/sessions":                       (*tx).listSessions,
		"POST /v1/checkout/sessions":                      (*tx).createSession,
		"GET /v1/checkout/sessions/{session}":             (*tx).getSession,
		"POST /v1/checkout/sessions/{session}/expire":     (*tx).expireSession,
		"GET /v1/checkout/sessions/{session}/line_items":  (*tx).listLineItems,
		"GET /v1/disputes":                                (*tx).listDisputes,
		"GET /v1/disputes/{dispute}":                      (*tx).getDispute,
		"POST /v1/disputes/{dispute}":                     (*tx).updateDispute,
		"POST /v1/disputes/{dispute}/close":               (*tx).closeDispute,
		"GET /v1/events":                                  (*tx).listEvents,
		"GET /v1/events/{id}":                             (*tx).getEvent,
		"GET /v1/payment_intents":                         (*tx).listIntents,
		"GET /v1/payment_intents/{intent}":                (*tx).getIntent,
		"POST /v1/payment_intents/{intent}/cancel":        (*tx).cancelIntentCall,
		"GET /v1/payouts":                                 (*tx).listPayouts,
		"GET /v1/payouts/{payout}":                        (*tx).getPayout,
		"GET /v1/refunds":                                 (*tx).listRefunds,
		"POST /v1/refunds":                                (*tx).createRefund,
		"GET /v1/refunds/{refund}":                        (*tx).getRefund,
		"POST /v1/refunds/{refund}":                       (*tx).updateRefund,
		"POST /v1/refunds/{refund}/cancel":                (*tx).cancelRefund,
		"GET /v1/webhook_endpoints":                       (*tx).listEndpoints,
		"POST /v1/webhook_endpoints":                      (*tx).createEndpoint,
		"GET /v1/webhook_endpoints/{webhook_endpoint}":    (*tx).getEndpoint,
		"POST /v1/webhook_endpoints/{webhook_endpoint}":   (*tx).updateEndpoint,
		"DELETE /v1/webhook_endpoints/{webhook_endpoint}": (*tx).deleteEndpoint,

		// The calls by which Stripe's own command line pays a session without a browser.
		"GET /v1/payment_pages/{session}":          (*tx).getPaymentPage,
		"POST /v1/payment_methods":                 (*tx).createMethod,
		"POST /v1/payment_pages/{session}/confirm": (*tx).confirmPage,
	}
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, op := range operations() {
		parameters := s.requests[pattern]
		if parameters == nil {
			parameters = pageRequests[pattern]
		}
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serveCall(w, r, parameters, op) })
	}
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		e := invalid("", "", "Unrecognized request URL (%s: %s). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.", r.Method, r.URL.Path)
		e.Status = http.StatusNotFound
		s.begun(w, r).refuse(w, e)
	})
	s.pages(mux)
	if s.config.Control {
		s.control(mux)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.address == "" {
			s.address = "http://" + r.Host
		}
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

// exchange is one request and its answer.
type exchange struct {
	id  string
	key string
	// fingerprint is what the idempotency key stands for.
	fingerprint string
}

func (s *Server) begun(w http.ResponseWriter, r *http.Request) exchange {
	s.mu.Lock()
	s.calls++
	id := "req_" + token(s.state.seed, -s.calls-s.state.made<<20, 14)
	s.mu.Unlock()
	x := exchange{id: id, key: strings.TrimSpace(r.Header.Get("Idempotency-Key"))}
	h := w.Header()
	h.Set("Request-Id", id)
	h.Set("Stripe-Version", apiVersion)
	h.Set("Cache-Control", "no-cache, no-store")
	if x.key != "" {
		h.Set("Idempotency-Key", x.key)
		h.Set("Original-Request", id)
	}
	return x
}

func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return []byte("{}")
	}
	return b.Bytes()
}

func (x exchange) refuse(w http.ResponseWriter, e *apiError) {
	if e.ShouldRetry != "" {
		w.Header().Set("Stripe-Should-Retry", e.ShouldRetry)
	}
	answerWith(w, e.Status, encode(x.envelope(e)))
}

func (x exchange) envelope(e *apiError) any {
	c := *e
	c.RequestLogURL = "https://dashboard.stripe.com/test/logs/" + x.id
	return map[string]any{"error": c}
}

func answerWith(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// authorize accepts secret keys of test mode only, as bearer or as user name.
func authorize(r *http.Request) *apiError {
	key, _, basic := r.BasicAuth()
	if !basic {
		scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if strings.EqualFold(scheme, "Bearer") {
			key = strings.TrimSpace(rest)
		}
	}
	e := &apiError{Status: http.StatusUnauthorized, Type: invalidRequest}
	switch {
	case key == "":
		e.Message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
	case strings.HasPrefix(key, "sk_live_"), strings.HasPrefix(key, "rk_live_"):
		e.Message = "Invalid API Key provided: a live key. The emulator takes keys of test mode only."
	case !strings.HasPrefix(key, "sk_test_") && !strings.HasPrefix(key, "rk_test_"):
		e.Message = "Invalid API Key provided: it does not start with sk_test_."
	default:
		return nil
	}
	return e
}

// serveCall leads one call through authentication, idempotency, its parameters and its execution.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, parameters *schema, op operation) {
	x := s.begun(w, r)
	if e := authorize(r); e != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Stripe"`)
		x.refuse(w, e)
		return
	}
	if v := r.Header.Get("Stripe-Version"); v != "" && v != apiVersion {
		x.refuse(w, invalid("", "", "Invalid Stripe API version: %s. The emulator speaks %s only.", v, apiVersion))
		return
	}
	form := r.URL.RawQuery
	if r.Method != http.MethodGet {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maximumBody))
		if err != nil {
			x.refuse(w, invalid("", "", "The request's body could not be read: it may have at most %d bytes.", maximumBody))
			return
		}
		if len(body) > 0 {
			form = strings.Trim(form+"&"+string(body), "&")
		}
	}
	f := s.fault(r)
	if f.before(w, r, x) {
		return
	}
	if r.Method != http.MethodPost {
		x.key = ""
	}
	free := func() {}
	if x.key != "" {
		if len(x.key) > keyLength {
			x.refuse(w, invalid("", "", "Idempotency keys can be at most %d characters.", keyLength))
			return
		}
		release, done := s.claim(w, r, &x, form, f)
		if done {
			return
		}
		defer release()
		free = release
	}
	f.hold(r)
	status, body, e := s.execute(r, x, form, parameters, op, f)
	free()
	if f.after(w) {
		return
	}
	if e != nil && e.ShouldRetry != "" {
		w.Header().Set("Stripe-Should-Retry", e.ShouldRetry)
	}
	answerWith(w, status, body)
}

// execute runs the call as one transaction; an answer that is kept is part of it.
func (s *Server) execute(r *http.Request, x exchange, form string, parameters *schema, op operation, f fault) (int, []byte, *apiError) {
	fail := func(e *apiError) (int, []byte, *apiError) { return e.Status, encode(x.envelope(e)), e }
	root, e := parseForm(form)
	if e != nil {
		return fail(e)
	}
	p, e := accept(root, parameters)
	if e != nil {
		return fail(e)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.begin(eventRequest{ID: some(x.id), IdempotencyKey: maybe(x.key)})
	due := len(t.changes)
	d, e := op(t, call{params: p, path: r.PathValue})
	if e == nil {
		e = t.expand(d, p.strs("expand"))
	}
	if kind := f.Kind; kind == "500_rolled_back" || kind == "500_after" {
		broke := broken("An unknown error occurred.")
		if kind == "500_rolled_back" && e == nil {
			e = broke
		}
		if kind == "500_after" && e == nil {
			status, body, _ := fail(broke)
			t.keep(x, status, body)
			return s.conclude(t, status, body, broke)
		}
	}
	if e != nil && e.Status != http.StatusPaymentRequired {
		// What was due stays done; what the refused call did is forgotten.
		t.undo(due)
	}
	status, body := http.StatusOK, []byte(nil)
	if e != nil {
		status, body, _ = fail(e)
	} else {
		body = encode(d)
	}
	if e == nil || e.Kept {
		t.keep(x, status, body)
	}
	return s.conclude(t, status, body, e)
}

func (s *Server) conclude(t *tx, status int, body []byte, e *apiError) (int, []byte, *apiError) {
	if err := t.finish(); err != nil {
		s.log.Error("the payment emulator cannot keep its state", slog.Any("error", err))
		lost := broken("The emulator cannot write its state.")
		return lost.Status, encode(map[string]any{"error": lost}), lost
	}
	return status, body, e
}

// undo forgets everything after the first n changes.
func (t *tx) undo(n int) {
	kept := slices.Clone(t.changes[:n])
	t.changes, t.latest, t.dropped = nil, map[string]record{}, map[string]bool{}
	for _, c := range kept {
		if c.row == nil {
			t.drop(c.kind, c.key)
		} else {
			t.put(c.row)
		}
	}
}
