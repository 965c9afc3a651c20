package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/stripe/stripe-go/v76"

	"boutique/payments"
)

// outcome says what a failed call that changes something has done. Stripe answers a repeated key with
// its first answer before it looks at anything else, so a 400 proves that nothing was ever made under
// that key; an idempotency_error proves the contrary.
func outcome(err error, w *witness) error {
	if err == nil {
		return nil
	}
	var e *stripe.Error
	if !errors.As(err, &e) {
		if !w.heard.Load() {
			return &payments.NotMade{Cause: plain(err)}
		}
		return &payments.UnknownOutcome{Cause: plain(err)}
	}
	switch e.HTTPStatusCode {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound:
		if e.Type != stripe.ErrorTypeIdempotency {
			return refusal(e)
		}
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		if !w.heard.Load() {
			return &payments.NotMade{Cause: plain(err)}
		}
		return &payments.UnknownOutcome{Cause: plain(err)}
	case http.StatusInternalServerError:
		return &payments.UnknownOutcome{Stored: true, Cause: plain(err)}
	}
	return &payments.UnknownOutcome{Cause: plain(err)}
}

// reading says what a failed read means.
func reading(err error) error {
	if err == nil {
		return nil
	}
	var e *stripe.Error
	if errors.As(err, &e) && e.HTTPStatusCode == http.StatusNotFound {
		return fmt.Errorf("%w (request %s)", payments.ErrNotThere, e.RequestID)
	}
	return plain(err)
}

func refusal(e *stripe.Error) *payments.Refusal {
	return &payments.Refusal{Status: e.HTTPStatusCode, Code: string(e.Code), Param: e.Param, Message: e.Msg, Request: e.RequestID}
}

// plain keeps of an error what may be logged: no body, no sentence that repeats what was sent.
func plain(err error) error {
	var e *stripe.Error
	var u *url.Error
	switch {
	case errors.As(err, &e):
		return fmt.Errorf("stripe answered %d %s %s (request %s)", e.HTTPStatusCode, e.Type, e.Code, e.RequestID)
	case errors.As(err, &u):
		return fmt.Errorf("stripe: %w", u.Err)
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("stripe: %w", err)
	}
	return errors.New("stripe: the answer could not be read")
}
