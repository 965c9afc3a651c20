// Package fault is the shop's vocabulary of errors: a kind that decides the HTTP status, a stable
// code with parameters for people and programs, and a chain for the operator.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Kind says who must do what about an error.
type Kind int

// The kinds, with the HTTP status each becomes. An error without a kind is Internal.
const (
	Internal    Kind = iota // 500: ours to mend; shown with an incident id only
	NotFound                // 404
	Invalid                 // 422: the request's fields are wrong, each named
	Conflict                // 409: right in itself, impossible in the present state
	Forbidden               // 403
	TooLarge                // 413
	Unavailable             // 503: try again later
	Stale                   // 412: somebody else changed it since it was read
	Unknown                 // 401: who are you?
	TooMany                 // 429
)

var status = map[Kind]int{
	Internal: http.StatusInternalServerError, NotFound: http.StatusNotFound, Invalid: http.StatusUnprocessableEntity,
	Conflict: http.StatusConflict, Forbidden: http.StatusForbidden, TooLarge: http.StatusRequestEntityTooLarge,
	Unavailable: http.StatusServiceUnavailable, Stale: http.StatusPreconditionFailed, Unknown: http.StatusUnauthorized,
	TooMany: http.StatusTooManyRequests,
}

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return status[k] }

// Field is one wrong field of a request: its place ("address.postal_code", "lines[0].quantity"),
// a stable code that locale files translate, and a plain English sentence for programs' logs.
type Field struct {
	Place   string         `json:"place"`
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Params  map[string]any `json:"params,omitempty"`
}

// Error is an error with a kind and a stable code. Params travel to the page or problem document;
// they hold nothing internal. The wrapped cause is for the log only.
type Error struct {
	Kind   Kind
	Code   string
	Detail string
	Params map[string]any
	Fields []Field
	cause  error
}

// New makes an error of the kind with a stable code and a sentence that says what to do.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// Newf is New with a formatted sentence.
func Newf(kind Kind, code, format string, args ...any) *Error {
	return New(kind, code, fmt.Sprintf(format, args...))
}

// With adds a parameter for the page or the problem document and returns the error.
func (e *Error) With(key string, value any) *Error {
	if e.Params == nil {
		e.Params = map[string]any{}
	}
	e.Params[key] = value
	return e
}

// Because keeps the cause for the operator's log and returns the error.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code + ": " + e.Detail)
	for _, f := range e.Fields {
		b.WriteString("; " + f.Place + ": " + f.Message)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// KindOf finds the kind of an error anywhere in its chain; Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Kind
	}
	return Internal
}

// As finds the first *Error in the chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Is tells whether the chain holds an error with this stable code.
func Is(err error, code string) bool {
	e, ok := As(err)
	return ok && e.Code == code
}

// Fields collects what is wrong with a request's fields; its zero value is ready.
type Fields []Field

// Add notes one wrong field.
func (f *Fields) Add(place, code, message string) {
	*f = append(*f, Field{Place: place, Code: code, Message: message})
}

// AddWith notes one wrong field with parameters for its sentence.
func (f *Fields) AddWith(place, code, message string, params map[string]any) {
	*f = append(*f, Field{Place: place, Code: code, Message: message, Params: params})
}

// Err is nil when nothing is wrong, else one Invalid error that names every field.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid_fields", Detail: "some fields need another look", Fields: f}
}
