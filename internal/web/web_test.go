package web_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
