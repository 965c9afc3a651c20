package web

import (
	"net/http"
	"net/url"
	"strings"
)

// Security sets the headers that keep a page to itself: nothing loads from elsewhere, nothing is framed, forms go
// to us and to the payment page only. payment is the origin of the payment page (Chromium holds
// form-action against the redirect after a form, too). https adds HSTS.
func Security(payment string, https bool) func(http.Handler) http.Handler {
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
		"manifest-src 'self'; form-action 'self' " + payment + "; frame-ancestors 'none'; base-uri 'none'"
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "same-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=(), payment=()")
			if https {
				h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Origin is the scheme and host of an address; empty when it has none.
func Origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Cookie is a cookie of the shop: HttpOnly, SameSite=Lax, with the prefix __Host- and Secure when
// the shop is on https, without them otherwise.
func Cookie(name, value string, https bool, maxAge int) *http.Cookie {
	return &http.Cookie{Name: CookieName(name, https), Value: value, Path: "/", HttpOnly: true, Secure: https, SameSite: http.SameSiteLaxMode, MaxAge: maxAge}
}

// CookieName is the name that a cookie of the shop has.
func CookieName(name string, https bool) string {
	if https {
		return "__Host-" + name
	}
	return name
}

// LocalPath keeps an address to return to inside the shop: it must begin with one slash, and not
// with two or a backslash; anything else is the fallback.
func LocalPath(address, fallback string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(address, "/") ||
		strings.HasPrefix(address, "//") || strings.HasPrefix(address, `/\`) || strings.ContainsAny(address, "\r\n\t\\") {
		return fallback
	}
	return address
}

// Private marks an answer that is one person's: never stored by anything on its way.
func Private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
}
