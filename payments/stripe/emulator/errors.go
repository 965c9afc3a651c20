package emulator

import (
	"fmt"
	"net/http"
)

// apiError is an answer that refuses. Kept tells whether the answer is stored under the call's
// idempotency key: only what went wrong after the execution began is.
type apiError struct {
	Status      int    `json:"-"`
	Kept        bool   `json:"-"`
	ShouldRetry string `json:"-"`

	Type          string `json:"type"`
	Code          string `json:"code,omitempty"`
	DeclineCode   string `json:"decline_code,omitempty"`
	Param         string `json:"param,omitempty"`
	Message       string `json:"message"`
	Charge        string `json:"charge,omitempty"`
	DocURL        string `json:"doc_url,omitempty"`
	RequestLogURL string `json:"request_log_url,omitempty"`
}

func (e *apiError) Error() string { return e.Message }

const (
	invalidRequest   = "invalid_request_error"
	idempotencyError = "idempotency_error"
)

func invalid(code, param, format string, args ...any) *apiError {
	e := &apiError{Status: http.StatusBadRequest, Type: invalidRequest, Code: code, Param: param, Message: fmt.Sprintf(format, args...)}
	if code != "" {
		e.DocURL = "https://stripe.com/docs/error-codes/" + code
	}
	return e
}

// refused is invalid after the execution began.
func refused(code, param, format string, args ...any) *apiError {
	e := invalid(code, param, format, args...)
	e.Kept = true
	return e
}

// notHere answers an identifier in the path that names nothing.
func notHere(object, param, id string) *apiError {
	e := invalid("resource_missing", param, "No such %s: '%s'", object, id)
	e.Status = http.StatusNotFound
	return e
}

// unnamed answers an identifier in a parameter that names nothing.
func unnamed(object, param, id string) *apiError {
	return invalid("resource_missing", param, "No such %s: '%s'", object, id)
}

func missing(param string) *apiError {
	return invalid("parameter_missing", param, "Missing required param: %s.", param)
}

// beyond refuses what the real service does and this one does not, instead of ignoring it.
func beyond(param string) *apiError {
	return invalid("", param, "The parameter %s, with this value, is not known to the emulator of Stripe. It is refused so that nothing depends on its being ignored.", param)
}

func broken(format string, args ...any) *apiError {
	return &apiError{Status: http.StatusInternalServerError, Kept: true, Type: "api_error", Message: fmt.Sprintf(format, args...)}
}
