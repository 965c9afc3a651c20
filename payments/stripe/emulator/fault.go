package emulator

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// fault is a trouble planned for the next calls.
type fault struct {
	// Kind is one of faultKinds.
	Kind string `json:"kind"`
	// Path is a part of the paths that are hit, Method their method; empty for all.
	Path   string `json:"path"`
	Method string `json:"method"`
	// Times is how many calls are hit; 1 when 0.
	Times int `json:"times"`
	// Seconds is how long "hang" takes; 20 when 0.
	Seconds int `json:"seconds"`
}

// faultKinds are the troubles that can be planned. 500_before has done nothing and is not kept under
// the key; 500_rolled_back has done nothing and is kept; 500_after has done everything and is kept.
var faultKinds = []string{"429", "lock_timeout", "409", "500_before", "500_rolled_back", "500_after", "cut_before", "cut_after", "hang", "html_502", "garbage"}

// fault takes the first planned trouble that fits the request.
func (s *Server) fault(r *http.Request) fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		f := &s.faults[i]
		if f.Times > 0 && strings.Contains(r.URL.Path, f.Path) && (f.Method == "" || f.Method == r.Method) {
			f.Times--
			return *f
		}
	}
	return fault{}
}

// before answers in place of the call and tells that it did.
func (f fault) before(w http.ResponseWriter, r *http.Request, x exchange) bool {
	e := &apiError{Type: invalidRequest}
	switch f.Kind {
	case "429":
		e.Status, e.Code, e.Message = http.StatusTooManyRequests, "rate_limit", "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
	case "lock_timeout":
		e.Status, e.Code, e.Message, e.ShouldRetry = http.StatusTooManyRequests, "lock_timeout", "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.", "true"
	case "409":
		e.Status, e.Type, e.Code, e.Message = http.StatusConflict, idempotencyError, "idempotency_key_in_use", "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): "+x.key+". Please try again later."
	case "500_before":
		e = broken("An unknown error occurred.")
	case "html_502":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n")
		return true
	case "garbage":
		_, _ = io.WriteString(w, "<!doctype html><title>Welcome</title>")
		return true
	case "cut_before":
		cut(w)
		return true
	default:
		return false
	}
	x.refuse(w, e)
	return true
}

// hold makes the caller wait, with its key in use.
func (f fault) hold(r *http.Request) {
	if f.Kind != "hang" {
		return
	}
	seconds := f.Seconds
	if seconds == 0 {
		seconds = 20
	}
	timer := time.NewTimer(time.Duration(seconds) * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// after loses the answer of a call that was executed.
func (f fault) after(w http.ResponseWriter) bool {
	if f.Kind == "cut_after" {
		cut(w)
		return true
	}
	return false
}

func cut(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := h.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}
