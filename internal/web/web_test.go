package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"boutique/internal/fault"
	"boutique/internal/web"
)

func TestErrorsBecomeProblemDocuments(t *testing.T) {
	t.Parallel()
	var fields fault.Fields
	fields.Add("address.city", "required", "is missing")
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"a wrong field":       {fields.Err(), 422, "invalid_fields"},
		"a conflict":          {fault.New(fault.Conflict, "out_of_stock", "gone").With("lines", []int{1}), 409, "out_of_stock"},
		"something of ours":   {errors.New("pq: relation secret_table"), 500, "internal_error"},
		"a wrapped not found": {errors.Join(errors.New("x"), fault.New(fault.NotFound, "nothing_here", "no")), 404, "nothing_here"},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/api/v1/x", nil)
		web.Errors{Logger: slog.New(slog.DiscardHandler)}.Handle(func(http.ResponseWriter, *http.Request) error { return c.err })(w, r)
		var problem map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.status || problem["code"] != c.code || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %v", name, w.Code, problem)
		}
		if strings.Contains(w.Body.String(), "secret_table") {
			t.Errorf("%s shows what is inside: %s", name, w.Body)
		}
	}
}

func TestOnlyPathsOfTheShopAreReturnedTo(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"/admin/orders?q=1": "/admin/orders?q=1", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example": "/",
		"admin": "/", "": "/", "/a\r\nSet-Cookie: x": "/", "javascript:alert(1)": "/",
	} {
		if got := web.LocalPath(address, "/"); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestAnotherSitesPageCannotPost(t *testing.T) {
	t.Parallel()
	h := web.CrossOrigin(web.Errors{Logger: slog.New(slog.DiscardHandler)})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	for site, want := range map[string]int{"cross-site": 403, "same-origin": 204, "": 204} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/fr/cart", nil)
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("a post from %q is answered %d, want %d", site, w.Code, want)
		}
	}
}

// What breaks between the shop and its database is the shop's: an answer says to come again. The same from a visitor's
// connection is a visitor who has left.
func TestAnAbsentDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	errs := web.Errors{Logger: slog.New(slog.DiscardHandler)}
	for _, broken := range []error{pgconn.ErrConnClosed, &pgconn.PgError{Code: "57P01"}, &pgconn.PgError{Code: "53100"}} {
		w := httptest.NewRecorder()
		errs.Answer(w, httptest.NewRequest("GET", "/api/v1/products", nil), fmt.Errorf("reading: %w", broken))
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "database_") {
			t.Errorf("%v: %d %s", broken, w.Code, w.Body)
		}
	}
	if f, _ := errs.Judge(context.Background(), "", syscall.ECONNRESET); f != nil {
		t.Errorf("a visitor who left is answered %v", f)
	}
	late, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	if f, _ := errs.Judge(late, "", late.Err()); f == nil || f.Code != "too_slow" || f.Kind != fault.Unavailable {
		t.Errorf("a request that took too long is answered %v", f)
	}
}
