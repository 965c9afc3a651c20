package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
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

type rawAnswer struct {
	status int
	header http.Header
	body   string
	err    struct{ Type, Code, Param, Message string }
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
		Error *struct{ Type, Code, Param, Message string } `json:"error"`
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

// provoke makes each documented error happen.
var provoke = map[string]func(s *shop) rawAnswer{
	"no or wrong secret key": func(s *shop) rawAnswer {
		for _, key := range []string{"none", "sk_live_1", "pk_test_1"} {
			if a := s.raw(raw{path: sessions, form: wanted(), key: key}); a.status != 401 {
				s.t.Errorf("the key %s is answered %d", key, a.status)
			}
		}
		return s.raw(raw{path: sessions, form: wanted(), key: "none"})
	},
	"unknown parameter": func(s *shop) rawAnswer {
		if a := s.raw(raw{method: "GET", path: "/v1/refunds", form: "colour=red"}); a.status != 400 || a.err.Param != "colour" {
			s.t.Errorf("an unknown parameter of a list is answered %d %s", a.status, a.body)
		}
		return s.raw(raw{path: sessions, form: wanted("line_items[0][colour]=red")})
	},
	"required parameter absent": func(s *shop) rawAnswer { return s.raw(raw{path: sessions, form: "mode=payment"}) },
	"bad integer": func(s *shop) rawAnswer {
		return s.raw(raw{path: sessions, form: wanted("line_items[0][quantity]=two")})
	},
	"object in the path does not exist": func(s *shop) rawAnswer { return s.raw(raw{method: "GET", path: sessions + "/cs_test_1"}) },
	"object named in a parameter does not exist": func(s *shop) rawAnswer {
		return s.raw(raw{path: "/v1/refunds", form: "payment_intent=pi_1"})
	},
	"expires_at < created+1800 on the provider's clock": func(s *shop) rawAnswer {
		return s.raw(raw{path: sessions, form: wanted(fmt.Sprintf("expires_at=%d", s.clock.Now().Unix()+1799))})
	},
	"expires_at > created+86400": func(s *shop) rawAnswer {
		return s.raw(raw{path: sessions, form: wanted(fmt.Sprintf("expires_at=%d", s.clock.Now().Unix()+86401))})
	},
	"expire a session that is not open": func(s *shop) rawAnswer {
		made := s.session(nil)
		s.raw(raw{path: sessions + "/" + made.ID + "/expire"})
		return s.raw(raw{path: sessions + "/" + made.ID + "/expire", idem: "again"})
	},
	"same key, other parameters": func(s *shop) rawAnswer {
		s.raw(raw{path: sessions, form: wanted(), idem: "k"})
		return s.raw(raw{path: sessions, form: wanted("locale=fr"), idem: "k"})
	},
	"same key, other endpoint": func(s *shop) rawAnswer {
		s.raw(raw{path: sessions, form: wanted(), idem: "k"})
		return s.raw(raw{path: "/v1/refunds", form: wanted(), idem: "k"})
	},
	"same key while the first call still runs": func(s *shop) rawAnswer { s.fault("409"); return s.raw(raw{path: sessions, form: wanted(), idem: "k"}) },
	"rate limited": func(s *shop) rawAnswer { s.fault("429"); return s.raw(raw{path: sessions, form: wanted(), idem: "k"}) },
	"object locked": func(s *shop) rawAnswer {
		s.fault("lock_timeout")
		a := s.raw(raw{path: sessions, form: wanted(), idem: "k"})
		if a.header.Get("Stripe-Should-Retry") != "true" {
			s.t.Error("the caller is not told to try again")
		}
		return a
	},
	"internal error after execution began": func(s *shop) rawAnswer {
		s.fault("500_after")
		return s.raw(raw{path: sessions, form: wanted(), idem: "k"})
	},
	"card refused on the hosted page": func(s *shop) rawAnswer {
		made := s.session(nil)
		return s.raw(raw{path: "/v1/payment_pages/" + made.ID + "/confirm", form: "payment_method=pm_card_visa_chargeDeclinedInsufficientFunds&expected_amount=4250", idem: "k"})
	},
	"refund above what is left": func(s *shop) rawAnswer {
		pi, _ := s.paid("4242424242424242")
		s.raw(raw{path: "/v1/refunds", form: "amount=3550&payment_intent=" + pi})
		return s.raw(raw{path: "/v1/refunds", form: "amount=1000&payment_intent=" + pi, idem: "k"})
	},
	"refund of a fully refunded charge": func(s *shop) rawAnswer {
		pi, _ := s.paid("4242424242424242")
		s.raw(raw{path: "/v1/refunds", form: "payment_intent=" + pi})
		return s.raw(raw{path: "/v1/refunds", form: "payment_intent=" + pi, idem: "k"})
	},
	"refund of a charged-back charge": func(s *shop) rawAnswer {
		pi, _ := s.paid("4000000000000259")
		s.clock.add(time.Minute)
		return s.raw(raw{path: "/v1/refunds", form: "payment_intent=" + pi, idem: "k"})
	},
	"total above 0 and below the minimum (eur 50)": func(s *shop) rawAnswer {
		return s.raw(raw{path: sessions, form: wanted("line_items[0][price_data][unit_amount]=49")})
	},
	"payment method type not active on the account": func(s *shop) rawAnswer {
		return s.raw(raw{path: sessions, form: wanted("payment_method_types[0]=alipay")})
	},
	"malformed e-mail": func(s *shop) rawAnswer { return s.raw(raw{path: sessions, form: wanted("customer_email=ana@")}) },
	"relative or malformed URL": func(s *shop) rawAnswer {
		return s.raw(raw{path: sessions, form: wanted("success_url=/ok")})
	},
	"metadata key > 40, value > 500, more than 50 keys, key with [ or ]": func(s *shop) rawAnswer {
		many := ""
		for i := range 51 {
			many += fmt.Sprintf("&metadata[k%d]=v", i)
		}
		for _, form := range []string{"metadata[k]=" + strings.Repeat("v", 501), many[1:], "metadata[a][b]=c"} {
			if a := s.raw(raw{path: sessions, form: wanted(form)}); a.status != 400 || a.err.Param != "metadata" {
				s.t.Errorf("%.40s is answered %d %s", form, a.status, a.body)
			}
		}
		return s.raw(raw{path: sessions, form: wanted("metadata[" + strings.Repeat("k", 41) + "]=v")})
	},
	"more than 100 line items, 5 shipping options, depth 4 of expand, limit outside 1..100": func(s *shop) rawAnswer {
		lines, options := "", ""
		for i := range 101 {
			lines += fmt.Sprintf("&line_items[%d][quantity]=1", i)
		}
		for i := range 6 {
			options += fmt.Sprintf("&shipping_options[%d][shipping_rate_data][display_name]=x", i)
		}
		made := s.session(nil)
		for _, c := range []raw{
			{path: sessions, form: wanted(lines[1:])}, {path: sessions, form: wanted(options[1:])}, {method: "GET", path: sessions, form: "limit=0"},
			{method: "GET", path: sessions + "/" + made.ID, form: "expand[]=payment_intent.latest_charge.balance_transaction.source.payment_intent"},
		} {
			if a := s.raw(c); a.status != 400 {
				s.t.Errorf("%s %.60s is answered %d", c.path, c.form, a.status)
			}
		}
		return s.raw(raw{method: "GET", path: sessions, form: "limit=101"})
	},
}

func TestEveryDocumentedErrorIsAnswered(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/errors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Errors []struct {
			When, Type, Code, Param, Message string
			HTTP                             int
			Saved                            bool
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	for _, row := range file.Errors {
		t.Run(row.When, func(t *testing.T) {
			t.Parallel()
			do, ok := provoke[row.When]
			if !ok {
				t.Fatal("nobody makes this error happen")
			}
			s := open(t, nil)
			a := do(s)
			if a.status != row.HTTP || !strings.Contains(row.Type, a.err.Type) || row.Code != "" && a.err.Code != row.Code {
				t.Errorf("answer %d %s", a.status, a.body)
			}
			if row.Param != "" && !strings.HasPrefix(row.Param, "<") && a.err.Param != strings.Fields(row.Param)[0] {
				t.Errorf("param %q, want %q", a.err.Param, row.Param)
			}
			if row.Message != "" && !strings.Contains(row.Message, "<") && !strings.HasPrefix(a.err.Message, strings.TrimSuffix(row.Message, " ...")) {
				t.Errorf("message %q, want %q", a.err.Message, row.Message)
			}
			if !strings.HasPrefix(a.header.Get("Request-Id"), "req_") || strings.Contains(a.body, `"message":""`) {
				t.Errorf("no request id or no message: %s", a.body)
			}
		})
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
