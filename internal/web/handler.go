// Package web is the part of HTTP that every floor shares: handlers that return errors, problem
// documents, headers, cookies and limits.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"syscall"

	"github.com/go-chi/chi/v5/middleware"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// HandlerFunc is a handler that leaves its errors to one place.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// ErrorPage writes the page of an error for people. incident is empty unless the error is ours.
type ErrorPage func(w http.ResponseWriter, r *http.Request, f *fault.Error, incident string)

// Errors turns handlers' errors into answers: a page for people, a problem document for programs.
// Every error that is ours is logged with an incident id, which is all that the visitor sees of it.
type Errors struct {
	Logger *slog.Logger
	Page   ErrorPage
}

// Handle makes a net/http handler.
func (e Errors) Handle(h HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			e.Answer(w, r, err)
		}
	}
}

// Answer writes the answer to an error.
func (e Errors) Answer(w http.ResponseWriter, r *http.Request, err error) {
	f, incident := e.Judge(r.Context(), r.Method+" "+r.URL.Path, err)
	if f == nil {
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if f.Kind == fault.Unavailable || f.Kind == fault.TooMany {
		w.Header().Set("Retry-After", "30")
	}
	if e.Page == nil || wantsJSON(r) {
		WriteProblem(w, f, incident)
		return
	}
	e.Page(w, r, f, incident)
}

// Judge finds the fault in an error's chain. One without a fault, or of an internal kind, is logged
// under a new incident id and answered as an internal error that shows nothing. It returns nil for
// a visitor who went away. where names the request in the log, without its query.
func (e Errors) Judge(ctx context.Context, where string, err error) (*fault.Error, string) {
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		err = pg.Fault(err)
	}
	var tooLarge *http.MaxBytesError
	// A connection that a provider has broken has a fault of its own, and is no visitor who left.
	_, named := fault.As(err)
	switch {
	case errors.Is(err, context.Canceled) && ctx.Err() != nil, !named && (errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)):
		return nil, ""
	case !named && errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		err = fault.New(fault.Unavailable, "too_slow", "this takes too long now: try again in a moment").Because(err)
	case errors.As(err, &tooLarge):
		return fault.Newf(fault.TooLarge, "body_too_large", "the request has more than %d bytes", tooLarge.Limit), ""
	}
	f, ok := fault.As(err)
	if ok && f.Kind != fault.Internal {
		if cause := errors.Unwrap(f); cause != nil && f.Kind == fault.Unavailable {
			e.Logger.WarnContext(ctx, "unavailable", "code", f.Code, "error", cause, "request", middleware.GetReqID(ctx))
		}
		return f, ""
	}
	var b [6]byte
	rand.Read(b[:])
	incident := hex.EncodeToString(b[:])
	e.Logger.ErrorContext(ctx, "request failed", "incident", incident, "error", err, "where", where, "request", middleware.GetReqID(ctx))
	return fault.New(fault.Internal, "internal_error", "something on our side went wrong"), incident
}

func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.HasPrefix(r.URL.Path, "/api/") || (strings.Contains(accept, "json") && !strings.Contains(accept, "text/html"))
}

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Code     string         `json:"code"`
	Errors   []fault.Field  `json:"errors,omitempty"`
	Incident string         `json:"incident,omitempty"`
	Params   map[string]any `json:"-"`
}

// MarshalJSON puts the fault's parameters beside the standard members.
func (p Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	standard, err := json.Marshal(plain(p))
	if err != nil || len(p.Params) == 0 {
		return standard, err
	}
	all := map[string]json.RawMessage{}
	for k, v := range p.Params {
		if all[k], err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal(standard, &all); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// ProblemOf describes a fault for programs.
func ProblemOf(f *fault.Error, incident string) Problem {
	status := f.Kind.Status()
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: f.Detail, Code: f.Code, Errors: f.Fields, Incident: incident, Params: f.Params}
}

// WriteProblem writes a fault as application/problem+json.
func WriteProblem(w http.ResponseWriter, f *fault.Error, incident string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.Kind.Status())
	_ = json.NewEncoder(w).Encode(ProblemOf(f, incident))
}
