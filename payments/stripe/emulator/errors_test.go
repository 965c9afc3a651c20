package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"boutique/payments/stripe/emulator"
)

// raw is a call without a client.
type raw struct {
	method, path, form, key, idem string
	header                        http.Header
}

// errorShown is what an answer says of an error.
type errorShown struct {
	Type, Code, Param, Message string
	DeclineCode                string `json:"decline_code"`
}

type rawAnswer struct {
	status int
	header http.Header
	body   string
	err    errorShown
}

func (s *shop) raw(c raw) rawAnswer {
	s.t.Helper()
	if c.method == "" {
		c.method = "POST"
	}
	address, body := s.url+c.path, c.form
	if c.method == "GET" && c.form != "" {
		address, body = address+"?"+c.form, ""
	}
	req, err := http.NewRequestWithContext(s.t.Context(), c.method, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if c.key == "" {
		c.key = s.key
	}
	if c.key == "" {
		c.key = "sk_test_1"
	}
	if c.key != "none" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.idem != "" {
		req.Header.Set("Idempotency-Key", c.idem)
	}
	for k, v := range c.header {
		req.Header[k] = v
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := rawAnswer{status: resp.StatusCode, header: resp.Header, body: string(b)}
	var envelope struct {
		Error *errorShown `json:"error"`
	}
	if json.Unmarshal(b, &envelope) == nil && envelope.Error != nil {
		a.err = *envelope.Error
	}
	return a
}

// wanted is the least that makes a session; with is put after it and wins.
func wanted(with ...string) string {
	return strings.Join(append([]string{
		"mode=payment&success_url=https://shop.test/ok&line_items[0][quantity]=1",
		"line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=1000&line_items[0][price_data][product_data][name]=Mug",
	}, with...), "&")
}

const sessions = "/v1/checkout/sessions"

// paid is the intent and the charge of a paid session.
func (s *shop) paid(number string) (intent, charge string) {
	s.t.Helper()
	made := s.session(nil)
	if got := browse(s.t, "POST", made.URL, card(number)); got.status != 303 {
		s.t.Fatalf("the page answers %d", got.status)
	}
	pi := s.fetch(made.ID).PaymentIntent
	return pi.ID, pi.LatestCharge.ID
}

func (s *shop) fault(kind string) {
	s.control("POST", "/_emu/fault", fmt.Sprintf(`{"kind":%q,"path":"/v1/"}`, kind))
}

// provoke leads up to each documented error, and gives the call that is answered with it.
var provoke = map[string]func(s *shop) raw{
	"no or wrong secret key": func(s *shop) raw {
		for _, key := range []string{"none", "sk_live_1", "pk_test_1"} {
			if a := s.raw(raw{path: sessions, form: wanted(), key: key}); a.status != 401 {
				s.t.Errorf("the key %s is answered %d", key, a.status)
			}
		}
		return raw{path: sessions, form: wanted(), key: "none"}
	},
	"unknown parameter": func(s *shop) raw {
		if a := s.raw(raw{method: "GET", path: "/v1/refunds", form: "colour=red"}); a.status != 400 || a.err.Param != "colour" {
			s.t.Errorf("an unknown parameter of a list is answered %d %s", a.status, a.body)
		}
		return raw{path: sessions, form: wanted("line_items[0][colour]=red")}
	},
	"required parameter absent": func(*shop) raw { return raw{path: sessions, form: "mode=payment"} },
	"bad integer": func(*shop) raw {
		return raw{path: sessions, form: wanted("line_items[0][quantity]=two")}
	},
	"object in the path does not exist": func(*shop) raw { return raw{path: sessions + "/cs_test_1/expire"} },
	"object named in a parameter does not exist": func(*shop) raw {
		return raw{path: "/v1/refunds", form: "payment_intent=pi_1"}
	},
	"expires_at < created+1800 on the provider's clock": func(s *shop) raw {
		return raw{path: sessions, form: wanted(fmt.Sprintf("expires_at=%d", s.clock.Now().Unix()+1799))}
	},
	"expires_at > created+86400": func(s *shop) raw {
		return raw{path: sessions, form: wanted(fmt.Sprintf("expires_at=%d", s.clock.Now().Unix()+86401))}
	},
	"expire a session that is not open": func(s *shop) raw {
		made := s.session(nil)
		s.raw(raw{path: sessions + "/" + made.ID + "/expire"})
		return raw{path: sessions + "/" + made.ID + "/expire"}
	},
	"same key, other parameters": func(s *shop) raw {
		s.raw(raw{path: sessions, form: wanted(), idem: rowKey})
		return raw{path: sessions, form: wanted("locale=fr")}
	},
	"same key, other endpoint": func(s *shop) raw {
		s.raw(raw{path: sessions, form: wanted(), idem: rowKey})
		return raw{path: "/v1/refunds", form: wanted()}
	},
	"same key while the first call still runs": func(s *shop) raw { s.fault("409"); return raw{path: sessions, form: wanted()} },
	"rate limited":                                  func(s *shop) raw { s.fault("429"); return raw{path: sessions, form: wanted()} },
	"object locked":                                 func(s *shop) raw { s.fault("lock_timeout"); return raw{path: sessions, form: wanted()} },
	"internal error after execution began":          func(s *shop) raw { s.fault("500_after"); return raw{path: sessions, form: wanted()} },
	"total above 0 and below the minimum (eur 50)":  func(*shop) raw { return raw{path: sessions, form: wanted("line_items[0][price_data][unit_amount]=49")} },
	"payment method type not active on the account": func(*shop) raw { return raw{path: sessions, form: wanted("payment_method_types[0]=alipay")} },
	"malformed e-mail":                              func(*shop) raw { return raw{path: sessions, form: wanted("customer_email=ana@")} },
	"relative or malformed URL":                     func(*shop) raw { return raw{path: sessions, form: wanted("success_url=/ok")} },
	"card refused on the hosted page": func(s *shop) raw {
		made := s.session(nil)
		return raw{path: "/v1/payment_pages/" + made.ID + "/confirm", form: "payment_method=pm_card_visa_chargeDeclinedInsufficientFunds&expected_amount=4250"}
	},
	"refund above what is left": func(s *shop) raw {
		pi, _ := s.paid("4242424242424242")
		s.raw(raw{path: "/v1/refunds", form: "amount=3550&payment_intent=" + pi})
		return raw{path: "/v1/refunds", form: "amount=1000&payment_intent=" + pi}
	},
	"refund of a fully refunded charge": func(s *shop) raw {
		pi, _ := s.paid("4242424242424242")
		s.raw(raw{path: "/v1/refunds", form: "payment_intent=" + pi})
		return raw{path: "/v1/refunds", form: "payment_intent=" + pi}
	},
	"refund of a charged-back charge": func(s *shop) raw {
		pi, _ := s.paid("4000000000000259")
		s.clock.add(time.Minute)
		return raw{path: "/v1/refunds", form: "payment_intent=" + pi}
	},
	"metadata key > 40, value > 500, more than 50 keys, key with [ or ]": func(s *shop) raw {
		for _, form := range []string{"metadata[k]=" + strings.Repeat("v", 501), pairs(51), "metadata[a][b]=c"} {
			if a := s.raw(raw{path: sessions, form: wanted(form)}); a.status != 400 || a.err.Param != "metadata" {
				s.t.Errorf("%.40s is answered %d %s", form, a.status, a.body)
			}
		}
		return raw{path: sessions, form: wanted("metadata[" + strings.Repeat("k", 41) + "]=v")}
	},
	"more than 100 line items, 5 shipping options, depth 4 of expand, limit outside 1..100": func(s *shop) raw {
		made := s.session(nil)
		for _, c := range []raw{
			{path: sessions, form: wanted(options(6))}, {method: "GET", path: sessions, form: "limit=0"}, {method: "GET", path: sessions, form: "limit=101"},
			{method: "GET", path: sessions + "/" + made.ID, form: "expand[]=payment_intent.latest_charge.balance_transaction.source.payment_intent"},
		} {
			if a := s.raw(c); a.status != 400 || a.err.Type != "invalid_request_error" {
				s.t.Errorf("%s %.60s is answered %d", c.path, c.form, a.status)
			}
		}
		return raw{path: sessions, form: wanted(items(101))}
	},
}

// rowKey is the idempotency key under which each documented error is provoked.
const rowKey = "row"

// pairs are so many pairs of metadata.
func pairs(n int) string {
	var b strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&b, "&metadata[k%d]=v", i)
	}
	return b.String()[1:]
}

// items are so many lines of an order, the first of them included.
func items(n int) string {
	var b strings.Builder
	for i := range n {
		at := fmt.Sprintf("&line_items[%d]", i)
		_, _ = fmt.Fprintf(&b, "%[1]s[quantity]=1%[1]s[price_data][currency]=eur%[1]s[price_data][unit_amount]=100%[1]s[price_data][product_data][name]=Mug", at)
	}
	return b.String()[1:]
}

// options are so many ways of delivery.
func options(n int) string {
	var b strings.Builder
	for i := range n {
		at := fmt.Sprintf("&shipping_options[%d][shipping_rate_data]", i)
		_, _ = fmt.Fprintf(&b, "%[1]s[display_name]=x%[1]s[type]=fixed_amount%[1]s[fixed_amount][amount]=0%[1]s[fixed_amount][currency]=eur", at)
	}
	return b.String()[1:]
}

// errorFile is errors.json.
type errorFile struct {
	Headers map[string][]string
	Errors  []errorRow
	Limits  map[string]any
	Zero    []string `json:"zero_decimal"`
	Three   []string `json:"three_decimal"`
	Async   []string `json:"async_payment_methods"`
	Sync    []string `json:"sync_payment_methods"`
	Refunds struct {
		Known  []string `json:"2023-10-16"`
		Later  []string `json:"also_accept"`
		Barred []string `json:"cannot_subscribe_at_2023-10-16"`
	} `json:"reserved_for_old_and_new_refund_events"`
}

type errorRow struct {
	When, Type, Param, Message string
	Code                       json.RawMessage
	DeclineCode                string `json:"decline_code"`
	HTTP                       int
	Headers                    []string
	// Saved tells whether the answer is given again under the same key; the row may leave it open.
	Saved *bool
}

func readErrors(t *testing.T) errorFile {
	t.Helper()
	b, err := os.ReadFile("testdata/errors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file errorFile
	if err := json.Unmarshal(b, &file); err != nil || len(file.Errors) < 25 {
		t.Fatalf("%d errors: %v", len(file.Errors), err)
	}
	return file
}

// like tells whether a sentence is the documented one, whose parts in angle brackets vary and whose
// three dots are anything.
func like(documented, said string) bool {
	pattern := regexp.QuoteMeta(documented)
	pattern = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(pattern, `.+`)
	pattern = strings.ReplaceAll(pattern, ` \.\.\.`, `.*`)
	return regexp.MustCompile(`^` + pattern + `$`).MatchString(said)
}

// Each row of errors.json is provoked over HTTP: status, type, code, parameter, sentence and headers are as
// it says, and asked again under the same key the answer is the kept one where the row says that it is
// saved, and a new one where it says that it is not.
func TestEveryDocumentedErrorIsAnswered(t *testing.T) {
	t.Parallel()
	file := readErrors(t)
	if len(provoke) != len(file.Errors) {
		t.Errorf("%d errors are provoked, %d are documented", len(provoke), len(file.Errors))
	}
	for _, row := range file.Errors {
		t.Run(row.When, func(t *testing.T) {
			t.Parallel()
			lead, ok := provoke[row.When]
			if !ok {
				t.Fatal("nobody makes this error happen")
			}
			s := open(t, nil)
			call := lead(s)
			call.idem = rowKey
			a := s.raw(call)
			if a.status != row.HTTP || !slices.Contains(strings.Split(row.Type, " or "), a.err.Type) {
				t.Errorf("answer %d %s", a.status, a.body)
			}
			var code *string
			if len(row.Code) > 0 {
				if err := json.Unmarshal(row.Code, &code); err != nil {
					t.Fatal(err)
				}
				if want := deref(code); a.err.Code != want {
					t.Errorf("code %q, want %q", a.err.Code, want)
				}
			}
			switch param, _, _ := strings.Cut(row.Param, " "); {
			case param == "":
			case strings.HasPrefix(param, "<"):
				if a.err.Param == "" {
					t.Errorf("no parameter is named: %s", a.body)
				}
			case a.err.Param != param:
				t.Errorf("param %q, want %q", a.err.Param, param)
			}
			if row.DeclineCode != "" && a.err.DeclineCode == "" {
				t.Errorf("the issuer's reason is missing: %s", a.body)
			}
			if row.Message != "" && !like(row.Message, a.err.Message) || a.err.Message == "" {
				t.Errorf("message %q, want %q", a.err.Message, row.Message)
			}
			if o, known := s.spec().Match("POST", call.path); known {
				for _, problem := range s.spec().Answer(o, a.status, []byte(a.body)) {
					t.Error(problem)
				}
			}
			s.carries(a, file.Headers["always"])
			s.carries(a, file.Headers["on_key"])
			s.carries(a, row.Headers)
			if row.Saved == nil {
				return
			}
			again := s.raw(call)
			if replayed := again.header.Get("Idempotent-Replayed") == "true"; replayed != *row.Saved {
				t.Errorf("asked again it is answered %d %s, replayed: %v", again.status, again.body, replayed)
			}
			if *row.Saved {
				s.carries(again, file.Headers["on_replay"])
				if again.status != a.status || again.body != a.body || again.header.Get("Original-Request") != a.header.Get("Request-Id") {
					t.Errorf("asked again it is answered %d %s", again.status, again.body)
				}
			}
		})
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// carries holds an answer to documented headers, like "Request-Id: req_...".
func (s *shop) carries(a rawAnswer, documented []string) {
	s.t.Helper()
	for _, row := range documented {
		name, want, _ := strings.Cut(row, ": ")
		got := a.header.Get(name)
		prefix, open := strings.CutSuffix(want, "...")
		switch {
		case want == "<echo>":
			if got != rowKey {
				s.t.Errorf("%s is %q, the key was %q", name, got, rowKey)
			}
		case open && (!strings.HasPrefix(got, prefix) || got == prefix), !open && got != want:
			s.t.Errorf("%s is %q, want %s", name, got, want)
		}
	}
}

func TestWhatIsNotEmulatedIsRefusedInsteadOfIgnored(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for _, form := range []string{"allow_promotion_codes=true", "mode=setup", "ui_mode=embedded", "line_items[0][tax_rates][0]=txr_1", "payment_intent_data[capture_method]=manual", "customer=cus_1"} {
		if a := s.raw(raw{path: sessions, form: wanted(form)}); a.status != 400 || !strings.Contains(a.err.Message, "emulator") {
			t.Errorf("%s is answered %d %s", form, a.status, a.body)
		}
	}
	if a := s.raw(raw{path: sessions, form: wanted("allow_promotion_codes=false")}); a.status != 200 {
		t.Errorf("what changes nothing is answered %d %s", a.status, a.body)
	}
	if a := s.raw(raw{method: "GET", path: "/v1/customers"}); a.status != 404 {
		t.Errorf("an unknown address is answered %d", a.status)
	}
	if a := s.raw(raw{path: sessions, form: wanted(), header: http.Header{"Stripe-Version": {"2024-06-20"}}}); a.status != 400 {
		t.Errorf("another version is answered %d", a.status)
	}
}

func TestHostileFormsAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for _, form := range []string{"%zz=1", "mode=%ff", "a[b=1", "mode[x]=payment", "line_items=1", "line_items[-1][quantity]=1", "line_items[x][quantity]=1", "expand=x", "mode=", "success_url[]=x", "expires_at=9999999999999999999999", wanted("line_items[0][price_data][unit_amount]=-5"), wanted("line_items[0][price_data][unit_amount]=9999999999"), wanted("line_items[0][price_data][currency]=€"), wanted("line_items[1][quantity]=1&line_items[1][price_data][currency]=usd&line_items[1][price_data][unit_amount]=100&line_items[1][price_data][product_data][name]=x"), wanted("line_items[0][quantity]=0"), strings.Repeat("a", 2<<20)} {
		if a := s.raw(raw{path: sessions, form: form}); a.status != 400 || a.err.Message == "" {
			t.Errorf("%.60q is answered %d %.200s", form, a.status, a.body)
		}
	}
}

func FuzzForms(f *testing.F) {
	f.Add(wanted())
	f.Add("a[b][0]=c&expand[]=x&expand[]=y")
	server, err := emulator.New(emulator.Config{Seed: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = server.Close(f.Context()) })
	f.Fuzz(func(t *testing.T, form string) {
		w := httptest.NewRecorder()
		r, err := http.NewRequestWithContext(t.Context(), "POST", sessions, strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer sk_test_1")
		server.Handler().ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 400 {
			t.Errorf("%q is answered %d", form, w.Code)
		}
	})
}
