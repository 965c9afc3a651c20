package storefront

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"boutique/internal/text"
)

// rubbish is what no field wants.
var rubbish = map[string]string{
	"nothing": "", "spaces": "   ", "a null byte": "a\x00b", "broken UTF-8": "\xff\xfe\xfd", "a negative number": "-1", "a huge number": "99999999999999999999", "no number": "NaN",
	"a script": `"><script>alert(1)</script>`, "SQL": `' or 1=1; drop table orders; --`, "a path": "../../../etc/passwd", "another line": "a\r\nBcc: all@example.org", "a right-to-left mark": "\u202eabc", "a long text": strings.Repeat("é", 5000),
	"a template": "{{.Office}}${7*7}%s%n", "an emoji": "👩‍👩‍👧",
}

// order is a form that would be accepted.
func order() url.Values {
	return url.Values{"key": {rand.Text()}, "action": {"pay"}, "email": {"zoe@example.org"}, "address.name": {"Zoé Martin"}, "phone": {"+33612345678"}, "address.company": {""}, "siren": {""}, "vat_number": {""},
		"address.line1": {"12 rue de la Cloche"}, "address.line2": {""}, "address.postal_code": {"59500"}, "address.city": {"Douai"}, "address.country": {"FR"}, "shipping_option": {"parcel"}, "birth_date": {""}, "accept_terms": {"1"}}
}

func refusedOrHarmless(t *testing.T, what string, p page) {
	t.Helper()
	if p.status >= 500 || p.status < 200 {
		t.Errorf("%s is answered %d", what, p.status)
	}
	for _, inside := range []string{"<script>alert", "SQLSTATE", "goroutine", ".go:", "panic"} {
		if strings.Contains(p.body, inside) {
			t.Errorf("%s is answered with %q", what, inside)
		}
	}
}

func TestCheckoutRefusesRubbishBesideItsField(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	optional := []string{"key", "action", "phone", "address.company", "siren", "vat_number", "address.line2", "birth_date"}
	for _, field := range slices.Sorted(maps.Keys(order())) {
		v := s.shopper()
		v.puts("MUG", "1")
		for name, value := range rubbish {
			form := order()
			form.Set(field, value)
			// The terms are a box: whatever it holds, it was ticked.
			if field == "accept_terms" && strings.TrimSpace(value) != "" || field == "action" || field == "key" {
				form.Set("email", "not an address")
			}
			p := v.send(http.MethodPost, "/fr/checkout", form)
			refusedOrHarmless(t, field+" with "+name, p)
			if p.status == http.StatusSeeOther {
				if !slices.Contains(optional, field) && strings.TrimSpace(value) == "" {
					t.Errorf("%s with %s is accepted", field, name)
				}
				// Accepted: the order is given up, so that the cart can be tried again.
				if p := v.post("/fr/cart/reopen"); p.status != http.StatusSeeOther {
					t.Fatalf("the cart is not given back: %d", p.status)
				}
				continue
			}
			if p.status != http.StatusUnprocessableEntity {
				t.Errorf("%s with %s is answered %d", field, name, p.status)
			}
			if !strings.Contains(p.body, `id="errors"`) || !regexp.MustCompile(`id="error-[a-z_.0-9]+"`).MatchString(p.body) {
				t.Errorf("%s with %s: the page does not say which field is wrong", field, name)
			}
		}
	}
	v := s.shopper()
	v.puts("MUG", "1")
	missing := v.send(http.MethodPost, "/fr/checkout", url.Values{})
	for _, field := range []string{"email", "address.name", "address.line1", "address.postal_code", "address.city", "shipping_option", "accept_terms"} {
		if !strings.Contains(missing.body, `id="error-`+field+`"`) {
			t.Errorf("an empty form does not say that %s is missing", field)
		}
	}
}

func TestTheFormComesBackFilledIn(t *testing.T) {
	t.Parallel()
	v := openShop(t).shopper()
	v.puts("MUG", "1")
	form := order()
	form.Set("email", "zoe@")
	p := v.send(http.MethodPost, "/en/checkout", form)
	for _, kept := range []string{`value="zoe@"`, `value="Zoé Martin"`, `value="12 rue de la Cloche"`, `value="59500"`, `value="Douai"`} {
		if !strings.Contains(p.body, kept) {
			t.Errorf("the form has lost %s", kept)
		}
	}
}

func TestCartRefusesRubbish(t *testing.T) {
	t.Parallel()
	v := openShop(t).shopper()
	v.puts("MUG", "1")
	for name, value := range rubbish {
		for what, p := range map[string]page{
			"an unknown article":           v.post("/fr/cart/lines", "sku", value, "quantity", "1"),
			"an unknown article of a line": v.post("/fr/cart/lines/"+url.PathEscape("x"+value), "quantity", "1"),
		} {
			refusedOrHarmless(t, what+" with "+name, p)
			if p.status != http.StatusNotFound && p.status != http.StatusUnprocessableEntity {
				t.Errorf("%s with %s is answered %d", what, name, p.status)
			}
		}
		if value == "" {
			continue
		}
		for what, p := range map[string]page{"adding": v.post("/fr/cart/lines", "sku", "MUG", "quantity", value), "setting": v.post("/fr/cart/lines/MUG", "quantity", value)} {
			refusedOrHarmless(t, what+" a quantity with "+name, p)
			if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "Quantité") {
				t.Errorf("%s a quantity with %s is answered %d, and the page names the field: %v", what, name, p.status, strings.Contains(p.body, "Quantité"))
			}
		}
		for _, field := range []string{"country", "postal_code"} {
			form := url.Values{"country": {"FR"}, "postal_code": {"59500"}}
			form.Set(field, value)
			p := v.send(http.MethodPost, "/fr/cart/destination", form)
			refusedOrHarmless(t, field+" with "+name, p)
			if strings.TrimSpace(value) != "" && (p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="error-`+field+`"`)) {
				t.Errorf("the destination's %s with %s is answered %d", field, name, p.status)
			}
		}
	}
	if p := v.get("/fr/cart"); !strings.Contains(p.body, "<output aria-label=\"Quantité\">1</output>") {
		t.Error("rubbish has changed the cart")
	}
}

func TestAddressesRefuseRubbish(t *testing.T) {
	t.Parallel()
	v := openShop(t).shopper()
	v.puts("MUG", "1")
	for name, value := range rubbish {
		q, segment := url.QueryEscape(value), url.PathEscape("x"+value)
		for _, path := range []string{"/fr/search?q=" + q, "/fr/products?maker=" + q + "&sort=" + q + "&after=" + q + "&available=" + q, "/fr/products/mug?variant=" + q + "&choose=" + q, "/fr/cart?added=" + q + "&removed=" + q + "&quantity=" + q} {
			p := v.get(path)
			refusedOrHarmless(t, path, p)
			if p.status != http.StatusOK {
				t.Errorf("%s with %s is answered %d", path, name, p.status)
			}
		}
		for _, path := range []string{"/fr/products/", "/fr/categories/", "/fr/pages/", "/fr/orders/", "/photos/", "/brand/", "/static/", "/", "/fr/"} {
			p := v.get(path + segment)
			refusedOrHarmless(t, path+segment, p)
			if p.status != http.StatusNotFound {
				t.Errorf("%s followed by %s is answered %d", path, name, p.status)
			}
		}
		cookies := v.shopper()
		cookies.header.Set("Cookie", "boutique-cart="+url.QueryEscape(value))
		if p := cookies.get("/fr/cart"); p.status != http.StatusOK {
			t.Errorf("a cart's cookie with %s is answered %d", name, p.status)
		}
	}
}

func TestUnknownAddressesAreNotFound(t *testing.T) {
	t.Parallel()
	v := openShop(t).shopper()
	for _, path := range []string{"/fr/products/unknown", "/fr/categories/unknown", "/fr/pages/unknown", "/fr/nothing", "/fr/orders/B-1?key=k", "/fr/orders/B-1", "/it/", "/es/products/mug", "/xx/", "/nothing", "/theme-1.js", "/photos/x.jpg"} {
		if p := v.get(path); p.status != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, p.status)
		}
	}
	for _, path := range []string{"/fr/orders/B-1/pay?key=k", "/fr/orders/B-1/give-up?key=k"} {
		if p := v.post(path); p.status != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, p.status)
		}
	}
}

func TestAnotherSitesFormIsRefused(t *testing.T) {
	t.Parallel()
	v := openShop(t).shopper()
	v.puts("MUG", "1")
	v.header.Set("Origin", "https://evil.example")
	v.header.Set("Sec-Fetch-Site", "cross-site")
	for _, path := range []string{"/fr/cart/lines", "/fr/cart/lines/MUG", "/fr/cart/destination", "/fr/cart/reopen", "/fr/checkout", "/fr/orders/B-1/pay?key=k", "/fr/orders/B-1/give-up?key=k"} {
		if p := v.send(http.MethodPost, path, order()); p.status != http.StatusForbidden {
			t.Errorf("%s is answered %d", path, p.status)
		}
	}
}

func TestAnEnormousFormIsTooLarge(t *testing.T) {
	t.Parallel()
	v := openShop(t).shopper()
	v.puts("MUG", "1")
	for _, path := range []string{"/fr/cart/lines", "/fr/cart/lines/MUG", "/fr/cart/destination", "/fr/checkout"} {
		if p := v.post(path, "quantity", strings.Repeat("1", maxForm)); p.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s is answered %d", path, p.status)
		}
	}
}

func TestAnOrdersPageOpensToItsKeyOnly(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := s.shopper()
	v.puts("MUG", "2")
	form := order()
	form.Set("shipping_option", "office")
	p := v.get("/fr/checkout")
	if m := regexp.MustCompile(`name="shipping_option" value="([a-z_-]+)"`).FindStringSubmatch(p.body); m != nil {
		form.Set("shipping_option", m[1])
	}
	if p = v.send(http.MethodPost, "/fr/checkout", form); p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, "http://127.0.0.1:") {
		t.Fatalf("ordering answers %d and leads to %q", p.status, p.location)
	}
	waiting := v.get("/fr/cart")
	m := regexp.MustCompile(`/fr/orders/([A-Z0-9-]+)\?key=([A-Za-z0-9_-]+)`).FindStringSubmatch(waiting.body)
	if m == nil {
		t.Fatal("the cart does not lead to its order")
	}
	for _, lang := range text.Offered() {
		p := s.shopper().get("/" + string(lang) + "/orders/" + m[1] + "?key=" + m[2])
		if p.status != http.StatusOK || p.header.Get("Cache-Control") != "no-store" || p.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("the order's page is answered %d, %q, %q", p.status, p.header.Get("Cache-Control"), p.header.Get("Referrer-Policy"))
		}
	}
	for name, value := range rubbish {
		key := url.QueryEscape(value)
		for _, path := range []string{"/fr/orders/" + m[1] + "?key=" + key, "/fr/orders/" + m[1] + "/documents/F-1.pdf?key=" + key} {
			if p := s.shopper().get(path); p.status != http.StatusNotFound {
				t.Errorf("a key with %s is answered %d", name, p.status)
			}
		}
		if p := s.shopper().post("/fr/orders/" + m[1] + "/give-up?key=" + key); p.status != http.StatusNotFound {
			t.Errorf("giving up with a key with %s is answered %d", name, p.status)
		}
	}
	if p := v.get("/fr/orders/" + m[1] + "/documents/" + url.PathEscape("../x") + ".pdf?key=" + m[2]); p.status != http.StatusNotFound {
		t.Errorf("a document that is none is answered %d", p.status)
	}
}
