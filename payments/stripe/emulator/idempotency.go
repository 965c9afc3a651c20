package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Bounds of idempotency keys: characters, and hours for which an answer is kept.
const (
	keyLength = 255
	keyHours  = 24
)

// answer is what a key was answered; it is given again to whoever repeats the call.
type answer struct {
	Key         string `json:"key"`
	Fingerprint string `json:"fingerprint"`
	Request     string `json:"request"`
	Status      int    `json:"status"`
	Body        string `json:"body"`
	Created     int64  `json:"created"`
}

func (answer) kind() string  { return "answer" }
func (r answer) key() string { return r.Key }

// fingerprint is equal for equal paths and parameters, in whatever order they come.
func fingerprint(r *http.Request, form string) string {
	pairs := strings.Split(form, "&")
	slices.Sort(pairs)
	sum := sha256.Sum256([]byte(r.Method + " " + r.URL.Path + "\n" + strings.Join(pairs, "&")))
	return hex.EncodeToString(sum[:])
}

// claim takes the key for this call, or answers in its place: again as the first time, or with the
// reason why the key cannot be used.
func (s *Server) claim(w http.ResponseWriter, r *http.Request, x *exchange, form string, f fault) (release func(), answered bool) {
	x.fingerprint = fingerprint(r, form)
	s.mu.Lock()
	if s.running[x.key] {
		s.mu.Unlock()
		e := invalid("idempotency_key_in_use", "", "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): %s. Please try again later.", x.key)
		e.Status, e.Type = http.StatusConflict, idempotencyError
		x.refuse(w, e)
		return nil, true
	}
	now := s.config.Clock().Add(s.skew).Unix()
	old, known := s.state.rows["answer"][x.key].(answer)
	if known && old.Created < now-keyHours*60*60 {
		known = false
	}
	if !known {
		s.running[x.key] = true
		s.mu.Unlock()
		return sync.OnceFunc(func() {
			s.mu.Lock()
			delete(s.running, x.key)
			s.mu.Unlock()
		}), false
	}
	s.mu.Unlock()
	if old.Fingerprint != x.fingerprint {
		e := invalid("", "", "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '%s' if you meant to execute a different request.", x.key)
		e.Type = idempotencyError
		x.refuse(w, e)
		return nil, true
	}
	if f.after(w) {
		return nil, true
	}
	w.Header().Set("Idempotent-Replayed", "true")
	w.Header().Set("Original-Request", old.Request)
	answerWith(w, old.Status, []byte(old.Body))
	return nil, true
}

// keep stores the answer under the call's key, in the same transaction as what the call did.
func (t *tx) keep(x exchange, status int, body []byte) {
	if x.key != "" {
		t.put(answer{Key: x.key, Fingerprint: x.fingerprint, Request: x.id, Status: status, Body: string(body), Created: t.now})
	}
}
