package stripe

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"boutique/internal/clock"
	"boutique/payments"
)

const (
	secret    = "whsec_0123456789abcdef0123"
	oldSecret = "whsec_fedcba98765432109876"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func testGateway(t *testing.T, api string) *Gateway {
	t.Helper()
	g, err := New(Config{
		SecretKey: "sk_test_shop", WebhookSecrets: []string{secret, oldSecret}, APIURL: api,
		Clock: clock.At(noon), Logger: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func sign(body, secret string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: secret, Timestamp: at}).Header
}

func TestOnlyStripesOwnFreshWebhooksAreBelieved(t *testing.T) {
	t.Parallel()
	const body = `{"id":"evt_1","object":"event","type":"checkout.session.completed","api_version":"2024-06-20","created":1,"livemode":false,"data":{"object":{"id":"cs_1","object":"checkout.session","payment_intent":"pi_1"}}}`
	good := sign(body, secret, noon)
	for _, c := range []struct {
		name, body, header string
		ok                 bool
	}{
		{"signed now", body, good, true},
		{"signed with the secret that is being rotated out", body, sign(body, oldSecret, noon), true},
		{"four minutes old", body, sign(body, secret, noon.Add(-4*time.Minute)), true},
		{"a clock that is half a minute ahead", body, sign(body, secret, noon.Add(30*time.Second)), true},
		{"two parts, one of another secret", body, good + ",v1=" + strings.Repeat("ab", 32), true},
		{"six minutes old", body, sign(body, secret, noon.Add(-6*time.Minute)), false},
		{"from the future", body, sign(body, secret, noon.Add(61*time.Second)), false},
		{"two days from the future", body, sign(body, secret, noon.Add(48*time.Hour)), false},
		{"another secret", body, sign(body, "whsec_aaaaaaaaaaaaaaaaaaaaaaaa", noon), false},
		{"no secret", body, sign(body, "", noon), false},
		{"another body", body + " ", good, false},
		{"no header", body, "", false},
		{"no time", body, good[strings.Index(good, "v1="):], false},
		{"two times", body, good + ",t=1", false},
		{"a time that is no number", body, "t=now,v1=00", false},
		{"no signature", body, "t=" + fmt.Sprint(noon.Unix()), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, err := testGateway(t, "").VerifyWebhook([]byte(c.body), c.header)
			if !c.ok {
				if !errors.Is(err, payments.ErrSignature) {
					t.Fatalf("error = %v, want ErrSignature", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if e.ID != "evt_1" || e.Subject != payments.AboutSession || e.ObjectID != "cs_1" || e.IntentID != "pi_1" || e.APIVersion != "2024-06-20" {
				t.Errorf("event = %+v", e)
			}
		})
	}
}

func TestEventsAreReadByTheirIdentityAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		subject    payments.Subject
		ok         bool
	}{
		{"a refund", `{"id":"evt_1","type":"charge.refunded","data":{"object":{"id":"ch_1","payment_intent":"pi_1"}}}`, payments.AboutRefund, true},
		{"a type that nobody works on", `{"id":"evt_1","type":"customer.created","data":{"object":{"id":"cus_1"}}}`, payments.AboutOther, true},
		{"no data", `{"id":"evt_1","type":"charge.refunded"}`, payments.AboutOther, true},
		{"an object without an id", `{"id":"evt_1","type":"charge.refunded","data":{"object":{}}}`, payments.AboutOther, true},
		{"an object of another shape", `{"id":"evt_1","type":"charge.refunded","data":{"object":[1]}}`, payments.AboutOther, true},
		{"an id of another shape", `{"id":"evt_1","type":"charge.refunded","data":{"object":{"id":7}}}`, payments.AboutOther, true},
		{"an object's id that no database takes", `{"id":"evt_1","type":"charge.refunded","data":{"object":{"id":"ch_\u0000"}}}`, payments.AboutOther, true},
		{"an object's id without an end", `{"id":"evt_1","type":"charge.refunded","data":{"object":{"id":"` + strings.Repeat("c", 256) + `"}}}`, payments.AboutOther, true},
		{"an id that no database takes", `{"id":"evt_\u0000","type":"charge.refunded"}`, "", false},
		{"an id without an end", `{"id":"` + strings.Repeat("e", 256) + `","type":"charge.refunded"}`, "", false},
		{"a type without an end", `{"id":"evt_1","type":"` + strings.Repeat("t", 256) + `"}`, "", false},
		{"no id", `{"type":"charge.refunded"}`, "", false},
		{"no JSON", `hello`, "", false},
		{"nothing", ``, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, err := testGateway(t, "").ReadEvent([]byte(c.body))
			if (err == nil) != c.ok || e.Subject != c.subject {
				t.Errorf("subject %q, error %v", e.Subject, err)
			}
		})
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add([]byte(`{"id":"evt_1","type":"charge.refunded","data":{"object":{"id":"ch_1"}}}`), "t=1,v1=00")
	g, err := New(Config{SecretKey: "sk_test_shop", WebhookSecrets: []string{secret}, Clock: clock.At(noon), Logger: quiet})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		if _, err := g.VerifyWebhook(body, header); err == nil {
			t.Errorf("accepted a webhook that nobody signed: %q %q", body, header)
		}
		_, _ = g.ReadEvent(body)
	})
}
