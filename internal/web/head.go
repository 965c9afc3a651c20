package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// Head answers HEAD as GET is answered, which every general-purpose server must (RFC 9110, 9.1); net/http
// leaves the body out. chi's own middleware misses the root of a mounted router.
func Head(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			chi.RouteContext(r.Context()).RouteMethod = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}
