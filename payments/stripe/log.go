package stripe

import (
	"errors"
	"log/slog"
	"net/url"

	"github.com/stripe/stripe-go/v76"
)

// leveled lets the library log through slog without what it likes to print: bodies and the sentences
// of errors, which repeat what shoppers typed.
type leveled struct{ logger *slog.Logger }

func (leveled) Debugf(string, ...any) {}
func (leveled) Infof(string, ...any)  {}

func (l leveled) Warnf(_ string, v ...any) {
	l.logger.Warn("stripe call is repeated", attributes(v)...)
}

func (l leveled) Errorf(_ string, v ...any) { l.logger.Warn("stripe call failed", attributes(v)...) }

func attributes(v []any) []any {
	var out []any
	for _, x := range v {
		err, ok := x.(error)
		if !ok {
			continue
		}
		var e *stripe.Error
		var u *url.Error
		switch {
		case errors.As(err, &e):
			out = append(out, "status", e.HTTPStatusCode, "type", string(e.Type), "code", string(e.Code), "request", e.RequestID)
		case errors.As(err, &u):
			out = append(out, "error", u.Err)
		}
	}
	return out
}
