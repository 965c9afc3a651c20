package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"

	"boutique/internal/fault"
)

// Visitor is the visitor's address as the trusted proxies tell it, IPv6 folded to its /64.
func Visitor(r *http.Request) string {
	return httprate.CanonicalizeIP(middleware.GetClientIP(r.Context()))
}

// Limit answers TooMany to a visitor's address that asks more often than n times in the window.
func Limit(errors Errors, n int, window time.Duration) func(http.Handler) http.Handler {
	return httprate.Limit(n, window,
		httprate.WithKeyFuncs(func(r *http.Request) (string, error) { return Visitor(r), nil }),
		httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
			errors.Answer(w, r, fault.New(fault.TooMany, "too_many_requests", "that was too often: wait a moment and try again"))
		}))
}

// Patience ends requests that take longer, but for those whose path begins with one of these: whoever waits for a
// database that does not answer hears so in time, and keeps nobody else waiting.
func Patience(most time.Duration, except ...string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, prefix := range except {
				if strings.HasPrefix(r.URL.Path, prefix) {
					next.ServeHTTP(w, r)
					return
				}
			}
			ctx, cancel := context.WithTimeout(r.Context(), most)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// Recover turns a panic into an internal error with an incident id.
func Recover(errors Errors) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				switch p := recover(); p {
				case nil:
				case http.ErrAbortHandler:
					panic(p)
				default:
					errors.Answer(w, r, fault.Newf(fault.Internal, "panic", "%v", p))
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// CrossOrigin refuses requests that change something and come from another site's page.
func CrossOrigin(errors Errors) func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		errors.Answer(w, r, fault.New(fault.Forbidden, "cross_origin", "this request came from another site's page"))
	}))
	return protection.Handler
}

// MaxBody caps the body of every request.
func MaxBody(n int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, n)
			next.ServeHTTP(w, r)
		})
	}
}
