package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// hostile are values that no field wants.
var hostile = []string{
	"", "\x00", "\xff\xfe\xfd", "-1", "0", "3000000000", "99999999999999999999", "1e309", "NaN", "12,5,0", strings.Repeat("A", 70_000),
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `=HYPERLINK("http://evil.example")`, `' or 1=1 --`, "../../../../etc/passwd",
	"2026-02-30", "\u202e\u0000", "line\r\nBcc: everyone@example.org", "{{.Secret}}", "👩‍👩‍👧‍👦",
}

// holds is what every answer to rubbish has in common: it is ours, it is no failure of ours, and it
// shows nothing of the inside.
func holds(t *testing.T, what string, a answer) {
	t.Helper()
	if a.status >= 500 {
		t.Errorf("%s is answered %d: %s", what, a.status, tail(string(a.body), 400))
	}
	for _, inside := range []string{"goroutine ", ".go:", "SQLSTATE", "pgx", "panic"} {
		if bytes.Contains(a.body, []byte(inside)) {
			t.Errorf("%s shows %q: %s", what, inside, tail(string(a.body), 400))
		}
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && (bytes.Contains(a.body, []byte("<script>alert")) || bytes.Contains(a.body, []byte("<img src=x"))) {
		t.Errorf("%s comes back as markup", what)
	}
}

// problemNamesIt holds that a refused call says what is wrong by a stable code.
func problemNamesIt(t *testing.T, what string, a answer) {
	t.Helper()
	if a.status < 400 || a.status >= 500 {
		return
	}
	if a.header.Get("Content-Type") != "application/problem+json" || a.code() == "" {
		t.Errorf("%s is refused with %s %s", what, a.header.Get("Content-Type"), tail(string(a.body), 300))
	}
}

type openAPI struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
		}
		RequestBody struct {
			Content map[string]struct {
				Schema struct {
					Ref        string `json:"$ref"`
					Properties map[string]any
				}
			}
		}
	}
	Components struct {
		Schemas map[string]struct {
			Properties map[string]any
		}
	}
}

// Every call of both APIs, with every parameter and every field of its body missing, oversized,
// wrongly typed or hostile.
func TestNoCallOfTheAPIsBreaks(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url, token: shop.token("manager")}
	var document openAPI
	c.want(200, "GET", "/api/v1/openapi.json", nil).into(t, &document)
	placed := c.order(map[string]int{"MUG-BEFFROI": 1}, "parcel")
	c.pay(placed, goodCard)
	c.until(placed, confirmed)
	cart := c.fill(map[string]int{"MUG-BEFFROI": 1})

	for path, methods := range document.Paths {
		if strings.Contains(path, "/orders/{number}/cancel") {
			continue // a call without a body cancels, which is what it says
		}
		good := func(name string) string {
			switch {
			case name == "slug":
				return "mug-beffroi"
			case name == "sku":
				return "MUG-BEFFROI"
			case name == "number":
				return placed.Number
			case name == "id" && strings.Contains(path, "/carts/"):
				return cart
			case name == "kind":
				return "sales"
			}
			return "x"
		}
		for method, operation := range methods {
			method = strings.ToUpper(method)
			fill := func(replace, with string) string {
				filled, query := path, url.Values{}
				for _, p := range operation.Parameters {
					value := good(p.Name)
					if p.Name == replace {
						value = with
					}
					switch p.In {
					case "path":
						filled = strings.ReplaceAll(filled, "{"+p.Name+"}", url.PathEscape(value))
					case "query":
						if p.Name == replace {
							query.Set(p.Name, value)
						}
					}
				}
				for _, name := range []string{"slug", "sku", "number", "id", "kind", "paper"} {
					filled = strings.ReplaceAll(filled, "{"+name+"}", url.PathEscape(good(name)))
				}
				if len(query) > 0 {
					filled += "?" + query.Encode()
				}
				return filled
			}
			try := func(what, target string, body any) {
				what = method + " " + path + " with " + tail(what, 60)
				a, err := c.try(method, target, body, "Idempotency-Key", "hostile")
				if err != nil {
					t.Errorf("%s: %v", what, err)
					return
				}
				holds(t, what, a)
				problemNamesIt(t, what, a)
			}
			for _, p := range operation.Parameters {
				if p.In == "header" {
					continue
				}
				for _, value := range hostile {
					if p.In == "path" && (value == "" || len(value) > 4000) {
						continue
					}
					try(p.Name+"="+fmt.Sprintf("%.30q", value), fill(p.Name, value), nil)
				}
			}
			if method == "GET" {
				continue
			}
			for _, body := range []string{"", "null", "[]", "{", `"text"`, "1e400", "{}", strings.Repeat("[", 20_000), `{"a":` + strings.Repeat("1", 3<<20) + "}", "\xff\xfe", `{"unknown": true}`} {
				if method == "POST" && (body == "" || body == "{}" || body == "null" || strings.HasPrefix(body, `{"unknown`)) && (strings.HasSuffix(path, "/refunds") || strings.HasSuffix(path, "/shipments")) {
					continue // nothing named means all that is left
				}
				try("the body "+fmt.Sprintf("%.20q", body), fill("", ""), body)
			}
			properties := map[string]any{}
			for _, content := range operation.RequestBody.Content {
				maps.Copy(properties, content.Schema.Properties)
				maps.Copy(properties, document.Components.Schemas[strings.TrimPrefix(content.Schema.Ref, "#/components/schemas/")].Properties)
			}
			for _, name := range slices.Sorted(maps.Keys(properties)) {
				values := []any{nil, true, -1, 1e18, []any{}, map[string]any{}, []any{map[string]any{"sku": -1, "quantity": "x"}}, map[string]any{"amount": -5, "currency": "USD"}}
				for _, value := range hostile {
					values = append(values, value)
				}
				for _, value := range values {
					if strings.HasSuffix(path, "/refunds") || strings.HasSuffix(path, "/shipments") {
						if name != "lines" && name != "amount" {
							continue
						}
						if value == nil {
							continue
						}
					}
					data, err := json.Marshal(map[string]any{name: value})
					if err != nil {
						continue
					}
					try(fmt.Sprintf("%s: %.40v", name, value), fill("", ""), string(data))
				}
			}
		}
	}
	shop.mustVerify()
}

// visitor submits forms as a browser does.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
	number int
}

func newVisitor(t *testing.T, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, base: base, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signIn makes the visitor the manager.
func (v *visitor) signIn() {
	v.t.Helper()
	if a := v.send("POST", "/admin/sign-in", "application/x-www-form-urlencoded", strings.NewReader("email=camille@beffroy.example&password="+demoPassword)); a.status != http.StatusSeeOther {
		v.t.Fatalf("signing in is answered %d", a.status)
	}
}

func (v *visitor) send(method, path, contentType string, body io.Reader) answer {
	v.t.Helper()
	request, err := http.NewRequest(method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	// Each request comes from another visitor's address, so that no limit hides what lies behind it.
	v.number++
	request.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", v.number>>16&255, v.number>>8&255, v.number&255))
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, tail(path, 100), err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{response.StatusCode, data, response.Header}
}

// form is a form of a page, with what it would send untouched.
type form struct {
	method, action string
	multipart      bool
	fields         url.Values
}

// formsOf reads the forms of a page, fields tied to them by their attribute included.
func formsOf(t *testing.T, page []byte) []form {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var forms []*form
	byID := map[string]*form{}
	attr := func(n *html.Node, key string) string {
		for _, a := range n.Attr {
			if a.Key == key {
				return a.Val
			}
		}
		return ""
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" {
			f := &form{method: strings.ToUpper(attr(n, "method")), action: attr(n, "action"), multipart: strings.HasPrefix(attr(n, "enctype"), "multipart"), fields: url.Values{}}
			forms = append(forms, f)
			byID[attr(n, "id")] = f
		}
	}
	at := -1
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "form" {
			at++
		}
		name := attr(n, "name")
		if name == "" || !slices.Contains([]string{"input", "select", "textarea", "button"}, n.Data) {
			continue
		}
		if f := byID[attr(n, "form")]; f != nil && attr(n, "form") != "" {
			f.fields.Set(name, attr(n, "value"))
		} else if at >= 0 {
			forms[at].fields.Set(name, attr(n, "value"))
		}
	}
	var list []form
	for _, f := range forms {
		list = append(list, *f)
	}
	return list
}

// Every form of every page, with each of its fields hostile in turn, and with all of them missing.
func TestNoFormBreaks(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0", "TRUSTED_PROXIES=127.0.0.1")
	c := caller{t: t, base: shop.url}
	placed := c.order(map[string]int{"MUG-BEFFROI": 2}, "parcel")
	c.pay(placed, goodCard)
	c.until(placed, confirmed)

	shopper := newVisitor(t, shop.url)
	shopper.send("POST", "/fr/cart/lines", "application/x-www-form-urlencoded", strings.NewReader("sku=MUG-BEFFROI&quantity=2"))
	staff := newVisitor(t, shop.url)
	staff.signIn()
	for who, pages := range map[*visitor][]string{
		shopper: {"/fr/", "/fr/products", "/fr/search?q=mug", "/fr/products/t-shirt-beffroi", "/fr/products/mug-beffroi", "/fr/cart", "/fr/checkout", "/fr/orders/" + placed.Number + "?key=" + placed.Key},
		staff:   {"/admin/sign-in", "/admin", "/admin/orders", "/admin/orders/" + placed.Number, "/admin/catalogue", "/admin/catalogue/mug-beffroi", "/admin/books", "/admin/staff"},
	} {
		tried := map[string]bool{}
		for _, path := range pages {
			page := who.send("GET", path, "", nil)
			holds(t, path, page)
			for _, f := range formsOf(t, page.body) {
				if f.action == "" {
					f.action = path
				}
				if tried[f.key()] || strings.HasSuffix(f.action, "/sign-out") {
					continue
				}
				tried[f.key()] = true
				who.abuse(f)
			}
		}
	}
	pages, forms := staff.walk("/admin")
	if len(pages) < 60 || len(forms) < 60 {
		t.Errorf("a walk through the desk sees %d pages and %d forms", len(pages), len(forms))
	}
	for _, f := range forms {
		for _, value := range hostile {
			values := url.Values{}
			for name := range f.fields {
				values.Set(name, value)
			}
			staff.post(f, fmt.Sprintf("%.30q everywhere", value), values)
		}
	}
	shop.mustVerify()
}

// key tells forms apart: where they go and what they ask.
func (f form) key() string {
	return f.method + f.action + strings.Join(slices.Sorted(maps.Keys(f.fields)), ",")
}

var (
	deskLink = regexp.MustCompile(`href="(/admin[^"#]*)"`)
	oneOf    = regexp.MustCompile(`[0-9]+|=[^&]*|(products|catalogue|orders|makers|packing|categories|texts|prices|methods)/[^/?]+`)
)

// walk follows the links of the desk to one page of each kind; it tells them, and one form of each kind.
func (v *visitor) walk(from string) (pages []string, forms []form) {
	v.t.Helper()
	seen, met := map[string]bool{}, map[string]bool{}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		kind := oneOf.ReplaceAllString(queue[0], "$1")
		if seen[kind] || strings.Contains(kind, "sign-out") {
			continue
		}
		seen[kind] = true
		page := v.send("GET", queue[0], "", nil)
		holds(v.t, queue[0], page)
		if page.status == http.StatusNotFound {
			v.t.Errorf("a link leads to %s, which is not there", queue[0])
		}
		if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
			continue
		}
		if page.status == http.StatusOK {
			pages = append(pages, queue[0])
		}
		for _, m := range deskLink.FindAllSubmatch(page.body, -1) {
			queue = append(queue, html.UnescapeString(string(m[1])))
		}
		for _, f := range formsOf(v.t, page.body) {
			if f.action == "" {
				f.action = queue[0]
			}
			kind := oneOf.ReplaceAllString(f.key(), "$1")
			if !met[kind] && !strings.HasSuffix(f.action, "/sign-out") {
				met[kind] = true
				forms = append(forms, f)
			}
		}
	}
	return pages, forms
}

// post sends a form's values the way the form would.
func (v *visitor) post(f form, what string, values url.Values) {
	v.t.Helper()
	what = fmt.Sprintf("%s %s with %s", f.method, f.action, what)
	switch {
	case f.method != http.MethodPost:
		join := "?"
		if strings.Contains(f.action, "?") {
			join = "&"
		}
		if encoded := values.Encode(); len(encoded) < 30_000 {
			holds(v.t, what, v.send("GET", f.action+join+encoded, "", nil))
		}
	case f.multipart:
		var body bytes.Buffer
		parts := multipart.NewWriter(&body)
		for name, list := range values {
			part, err := parts.CreateFormFile(name, "photo.jpg")
			if err == nil {
				_, err = io.WriteString(part, list[0])
			}
			if err != nil {
				v.t.Fatal(err)
			}
		}
		parts.Close()
		holds(v.t, what, v.send("POST", f.action, parts.FormDataContentType(), &body))
	default:
		holds(v.t, what, v.send("POST", f.action, "application/x-www-form-urlencoded", strings.NewReader(values.Encode())))
	}
}

func (v *visitor) abuse(f form) {
	v.t.Helper()
	v.post(f, "nothing", url.Values{})
	holds(v.t, f.action+" with a broken body", v.send("POST", f.action, "application/x-www-form-urlencoded", strings.NewReader("a=%zz&%%%=;")))
	holds(v.t, f.action+" with JSON", v.send("POST", f.action, "application/json", strings.NewReader(`{"a":1}`)))
	for name := range f.fields {
		for _, value := range hostile {
			if name == "reason" && !strings.HasSuffix(f.action, "/refund") && len(value) < 200 {
				continue // a reason may be any words
			}
			values := maps.Clone(f.fields)
			values[name] = []string{value}
			v.post(f, fmt.Sprintf("%s=%.30q", name, value), values)
		}
	}
}
