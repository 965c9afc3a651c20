package emulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"boutique/payments/stripe/emulator"
)

// bound is a call that reaches a documented limit at n, whatever n is.
type bound func(s *shop, n int) raw

// bounds are how each limit of errors.json is reached; the highest value that is accepted is the file's.
var bounds = map[string]bound{
	"keys": func(_ *shop, n int) raw { return raw{path: sessions, form: wanted(pairs(n))} },
	"key_len": func(_ *shop, n int) raw {
		return raw{path: sessions, form: wanted("metadata[" + strings.Repeat("k", n) + "]=v")}
	},
	"value_len": func(_ *shop, n int) raw {
		return raw{path: sessions, form: wanted("metadata[k]=" + strings.Repeat("é", n))}
	},
	"line_items": func(_ *shop, n int) raw {
		return raw{path: sessions, form: "mode=payment&success_url=https://shop.test/ok&" + items(n)}
	},
	"shipping_options": func(_ *shop, n int) raw { return raw{path: sessions, form: wanted(options(n))} },
	"client_reference_id": func(_ *shop, n int) raw {
		return raw{path: sessions, form: wanted("client_reference_id=" + strings.Repeat("x", n))}
	},
	"success_url": func(_ *shop, n int) raw {
		address := "https://shop.test/"
		return raw{path: sessions, form: wanted("success_url=" + address + strings.Repeat("x", n-len(address)))}
	},
	"statement_descriptor_suffix": func(_ *shop, n int) raw {
		return raw{path: sessions, form: wanted("payment_intent_data[statement_descriptor_suffix]=" + strings.Repeat("X", n))}
	},
	"idempotency_key": func(_ *shop, n int) raw { return raw{path: sessions, form: wanted(), idem: strings.Repeat("k", n)} },
	"expand_depth": func(s *shop, n int) raw {
		s.paid("4242424242424242")
		path := strings.Split("data.payment_intent.latest_charge.balance_transaction.source", ".")
		return raw{method: "GET", path: sessions, form: "expand[]=" + strings.Join(path[:n], ".")}
	},
	"amount_digits": func(_ *shop, n int) raw {
		return raw{path: sessions, form: wanted("line_items[0][price_data][unit_amount]=" + strings.Repeat("9", n))}
	},
	"event_types_filter": func(_ *shop, n int) raw {
		return raw{method: "GET", path: "/v1/events", form: strings.Repeat("&types[]=charge.refunded", n)[1:]}
	},
}

// ranges are limits from both sides; a third number is what is taken when nothing is asked for.
var ranges = map[string]bound{
	"page_limit": func(_ *shop, n int) raw { return raw{method: "GET", path: sessions, form: fmt.Sprintf("limit=%d", n)} },
	"session_seconds": func(s *shop, n int) raw {
		return raw{path: sessions, form: wanted(fmt.Sprintf("expires_at=%d", s.clock.Now().Unix()+int64(n)))}
	},
}

// Each limit of errors.json is reached and passed by one: the first is taken, the second is refused.
func TestEveryDocumentedLimitHolds(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.WebhookURL = "" })
	holds := func(name string, reach bound, n int, accepted bool) {
		t.Helper()
		a := s.raw(reach(s, n))
		if got := a.status == 200; got != accepted || !got && (a.status != 400 || a.err.Message == "") {
			t.Errorf("%s of %d is answered %d %.300s", name, n, a.status, a.body)
		}
	}
	limits := readErrors(t).Limits
	metadata, _ := limits["metadata"].(map[string]any)
	delete(limits, "metadata")
	for name, n := range metadata {
		limits[name] = n
	}
	for name, value := range limits {
		switch n := value.(type) {
		case []any:
			reach, ok := ranges[name]
			if !ok || len(n) < 2 {
				t.Errorf("nobody reaches the range %s", name)
				continue
			}
			low, high := int(n[0].(float64)), int(n[1].(float64))
			for at, accepted := range map[int]bool{low - 1: false, low: true, high: true, high + 1: false} {
				holds(name, reach, at, accepted)
			}
		case float64:
			switch name {
			case "eur_minimum":
				for cents, accepted := range map[int]bool{int(n) - 1: false, int(n): true, 1: false, 0: true} {
					holds(name, func(_ *shop, n int) raw {
						return raw{path: sessions, form: wanted(fmt.Sprintf("line_items[0][price_data][unit_amount]=%d", n))}
					}, cents, accepted)
				}
			case "events_days":
				s.daysOfEvents(int(n))
			default:
				reach, ok := bounds[name]
				if !ok {
					t.Errorf("nobody reaches the limit %s", name)
					continue
				}
				holds(name, reach, int(n), true)
				holds(name, reach, int(n)+1, false)
			}
		default:
			t.Errorf("the limit %s is %v", name, value)
		}
	}
	page, _ := limits["page_limit"].([]any)
	var list struct{ Data []any }
	if err := json.Unmarshal([]byte(s.raw(raw{method: "GET", path: sessions}).body), &list); err != nil || float64(len(list.Data)) != page[2] {
		t.Errorf("a page has %d rows when nothing is asked for, want %v (%v)", len(list.Data), page[2], err)
	}
}

// daysOfEvents holds how long an event is remembered, on an account of its own.
func (s *shop) daysOfEvents(days int) {
	s.t.Helper()
	other := open(s.t, func(c *emulator.Config) { c.WebhookURL = "" })
	other.paid("4242424242424242")
	id := firstEvent(other)
	for _, c := range []struct {
		after  time.Duration
		status int
	}{{time.Duration(days) * 24 * time.Hour, 200}, {time.Second, 404}} {
		other.clock.add(c.after)
		if a := other.raw(raw{method: "GET", path: "/v1/events/" + id}); a.status != c.status {
			s.t.Errorf("an event is answered %d at its end of %d days, want %d", a.status, days, c.status)
		}
	}
}

func firstEvent(s *shop) string {
	s.t.Helper()
	it := s.api.Events.List(&stripe.EventListParams{})
	if !it.Next() {
		s.t.Fatal("no event", it.Err())
	}
	return it.Event().ID
}

// Amounts are integers of the smallest unit, and the currency says how many of them make one: the page and
// the sentences of the API write each currency as errors.json groups it.
func TestEveryCurrencyHasItsOwnSmallestUnit(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.WebhookURL = "" })
	file := readErrors(t)
	check := func(currency, total string) {
		t.Helper()
		form := strings.ReplaceAll(wanted("locale=en&line_items[0][price_data][unit_amount]=1234"), "=eur", "="+currency)
		a := s.raw(raw{path: sessions, form: form})
		if a.status != 200 {
			t.Errorf("%s is answered %d %s", currency, a.status, a.body)
			return
		}
		if page := browse(t, "GET", s.url+"/c/pay/"+sessionID(a), nil); !strings.Contains(page.body, strings.ToUpper(currency)+"\u00a0"+total+"<") {
			t.Errorf("1234 of %s are not shown as %s", currency, total)
		}
	}
	for _, currency := range file.Zero {
		check(currency, "1234")
	}
	for _, currency := range file.Three {
		check(currency, "1.234")
	}
	check("usd", "12.34")
}

// What a method tells at the redirect: all but the late ones know whether they have paid. A method that the
// account has not activated is refused by name.
func TestMethodsAreKnownAtOnceOrLaterAsDocumented(t *testing.T) {
	t.Parallel()
	file := readErrors(t)
	for _, method := range slices.Concat(file.Sync, file.Async) {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *emulator.Config) { c.WebhookURL = "" })
			a := s.raw(raw{path: sessions, form: wanted("payment_method_types[0]=" + method)})
			if method == "link" {
				if a.status != 400 || a.err.Param != "payment_method_types" || !strings.Contains(a.err.Message, "link") {
					t.Errorf("an account without Link answers %d %s", a.status, a.body)
				}
				return
			}
			if a.status != 200 {
				t.Fatalf("answer %d %s", a.status, a.body)
			}
			s.payBy(sessionID(a), method, "4242424242424242", "authorize")
			want := stripe.CheckoutSessionPaymentStatusPaid
			if slices.Contains(file.Async, method) {
				want = stripe.CheckoutSessionPaymentStatusUnpaid
			}
			if got := s.fetch(sessionID(a)); got.Status != "complete" || got.PaymentStatus != want {
				t.Errorf("at the redirect the session is %s and %s", got.Status, got.PaymentStatus)
			}
		})
	}
}

// payBy pays a session on its page by a method: number is the card's or the account's.
func (s *shop) payBy(session, method, number, outcome string) answer {
	s.t.Helper()
	page := s.url + "/c/pay/" + session
	switch method {
	case "card":
		return browse(s.t, "POST", page, card(number))
	case "sepa_debit":
		if !strings.HasPrefix(number, "FR") {
			number = "FR1420041010050500013M02606"
		}
		return browse(s.t, "POST", page, map[string][]string{"payment_method": {method}, "iban": {number}, "name": {"Ana Martin"}})
	}
	if asked := browse(s.t, "POST", page, map[string][]string{"payment_method": {method}}); asked.status != 303 || !strings.HasSuffix(asked.location, "/authorize") {
		s.t.Errorf("%s is answered %d to %s", method, asked.status, asked.location)
	}
	return browse(s.t, "POST", page+"/authorize", map[string][]string{"outcome": {outcome}})
}

// The events of refunds at this version can be subscribed to, the one that came later cannot.
func TestEndpointsSubscribeToWhatTheVersionKnows(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	events := readErrors(t).Refunds
	for _, kind := range slices.Concat(events.Known, events.Later) {
		want := 200
		if slices.Contains(events.Barred, kind) {
			want = 400
		}
		if a := s.raw(raw{path: "/v1/webhook_endpoints", form: "url=https://x.test/&enabled_events[]=" + kind}); a.status != want {
			t.Errorf("%s is answered %d, want %d", kind, a.status, want)
		}
	}
}
