package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"boutique/payments/stripe/emulator"
)

// What other shops got wrong with the same provider, thread by thread, and must not go wrong here. W is
// woocommerce/woocommerce-gateway-stripe, WP Automattic/woocommerce-payments, M medusajs/medusa, P the
// PrestaShop module 202-ecommerce/stripe_official. Every row is played on the whole program: two copies
// behind a balancer, a real database, a whole Stripe, a mail server. At the end of all rows the shop is
// held against Stripe's own account of what happened.
func TestKnownFailuresOfOtherShops(t *testing.T) {
	t.Parallel()
	const shares = 3
	for n := range shares {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			v := newVillage(t)
			for i := n; i < len(threads); i += shares {
				row := threads[i]
				t.Run(row.name(), func(t *testing.T) { v.play(t, row.play) })
			}
			v.h.t = t
			v.h.agree(v.h.calm(false), v.stock)
		})
	}
}

type thread struct {
	threads, must string
	play          func(*village)
}

func (r thread) name() string {
	return strings.NewReplacer("/", "-", " ", "_").Replace(r.threads + ": " + r.must)
}

// threads are the rows.
var threads = []thread{
	{"M#2948 M#4798 M#13301 W#2331", "webhook, return page and poll at once make one paid order", (*village).allAtOnce},
	{"WP#3345 WP#8292 getdokan-dokan#2994 W#1302", "stock is reduced once, each mail is sent once", (*village).onceEach},
	{"W#3326", "two endpoints on one URL, or one event five times, have one effect", (*village).oneEventFiveTimes},
	{"dj-stripe#832 fossasia-eventyay#3447", "a handler that fails once is worked on again though the event is known", (*village).failsOnce},
	{"statamic-cargo#195 W#5485", "an old answer is never saved over a newer one", (*village).oldAnswer},
	{"M#14205", "intermediate events create nothing, and no number is skipped", (*village).intermediateEvents},
	{"W#902 P#78 P#79 themeum-tutor#2360", "a late failure never downgrades a paid order", (*village).lateFailure},
	{"lunarphp-lunar#2204", "a failure first and a success after ends paid", (*village).failureThenSuccess},
	{"mollie-WooCommerce#1252", "a late paid never revives a refunded order nor takes its stock again", (*village).latePaid},
	{"W#5486 W#5759", "the hold's end asks Stripe before it cancels", (*village).holdEnds},
	{"W#5047 W#5703", "paid after it was given up: revived while there is stock, else refunded and told", (*village).paidAfterwards},
	{"umbraco-commerce#895 WP#5678 mollie-WooCommerce#1204 openfoodnetwork#5705", "two tabs have one open session; a second payment is recorded, refunded and visible", (*village).twoTabs},
	{"evershop#1025 evershop#1033 opencollective-api#11712", "a cart that was edited after the session, or another order's session, pays for nothing else", (*village).editedCart},
	{"M#4946 nextjs-starter-medusa#453", "no payment without reserved stock: the last item has one sale of twenty shoppers", (*village).lastItem},
	{"gameserverapp#1216 W#635 W#1943 P#114", "a debit is pending at completion, neither failed nor paid, and its later result is applied", (*village).debit},
	{"W#5810", "expired is abandoned: cancelled silently", (*village).abandoned},
	{"PayumStripePlugin#70", "expiring a session that is not open is an answer, not an error page", (*village).expireOfAPaidOne},
	{"stripe-node#2462 Sylius-PayumStripe#22", "after going back, payment is possible on the live session only, and always recognised", (*village).backButton},
	{"Sylius-StripePlugin#101 solidus_stripe#281 W#570", "a dashboard refund appears once, and our own is not doubled by its event", (*village).dashboardRefund},
	{"W#5699", "a partial dashboard refund never cancels the order", (*village).partialDashboardRefund},
	{"flowglad#1176 openfoodnetwork#5449", "three partial refunds leave the right remainder; more is refused before the call", (*village).threePartials},
	{"shopper#602 shopp#3241", "a refund with a lost answer, a double click and a crash is one refund at Stripe", (*village).oneRefund},
	{"shopper#602", "an empty or short secret does not start; forged, old and future signatures are refused", (*village).signatures},
	{"vendure#2450 M#1626 stripe-node#341", "the body's very bytes are verified, whatever their size up to the limit", (*village).bytes},
	{"WP#5288 solidus_stripe#192 dj-stripe#445", "a livemode that is not ours is ignored and counted; mixed keys do not start", (*village).livemode},
	{"laravel-docs#9334", "opening the success address marks nothing and shows nobody's data", (*village).successAddress},
	{"W#2598 W#3672", "a dispute about a cancelled order changes neither its state nor stock", (*village).disputeOfACancelled},
	{"WP#7928 WP#11997 W#1232 P#186", "closing a dispute sends no order mail; it may be heard of before its payment", (*village).disputeCloses},
	{"M#14817 WP#9991 reactioncommerce#4684", "whatever is in the cart, Stripe's total is the order's to the cent", (*village).totals},
	{"Paymenter#1258 InvoicePlane#1677", "no hard factor of a hundred: the currency is the euro by its type", (*village).currency},
	{"cashier-stripe#1610 W#1769 dshop#466", "nothing to pay ends paid without Stripe; less than fifty cents is refused kindly", (*village).smallTotals},
	{"openmeter#2080 stripe-go#1495", "events of another API version are worked on by fetching anew", (*village).otherVersion},
	{"airwaylab#843 craftcms-commerce#1296 Subscribie#454", "webhooks are answered while Stripe and the mail server hang", (*village).hungServers},
	{"ingestr#886 stripe-go#651", "storms of 429 and 409 lose and double nothing", (*village).storms},
	{"W#84 W#408 W#526 stripe-java#508", "fees come from balance transactions, and refunds give none back", (*village).fees},
	{"M#16398", "what is cancelled or fails frees the order: none is pending for ever", (*village).nonePendingForEver},
	{"Sylius#CVE-2026-31824 vendure#4660 saleor#544 W#13505 W#27673", "a voucher is used as often as it may be, and comes back when nobody pays", (*village).voucherLimit},
	{"dub#3752", "a business error is not answered 4xx to Stripe", (*village).businessError},
}

// village is a house whose people play the threads, one after the other.
type village struct {
	t       *testing.T
	h       *house
	c       caller
	staff   caller
	stock   map[string]int64
	n       int
	between atomic.Pointer[func(moment)]
}

func newVillage(t *testing.T) *village {
	v := &village{t: t}
	v.h = newHouse(t, houseOptions{seed: 42, copies: 2, seen: func(m moment) verdict {
		if f := v.between.Load(); f != nil {
			(*f)(m)
		}
		return live
	}})
	v.stock = v.h.onShelf()
	return v
}

func (v *village) play(t *testing.T, row func(*village)) {
	v.t, v.h.t = t, t
	v.c, v.staff = v.h.shopper(), v.h.staff()
	row(v)
	v.h.control("fault", map[string]any{"kind": "none"})
	v.h.bank.Network(emulator.Delivery{})
	v.between.Store(nil)
}

// order orders one mug.
func (v *village) order() placedOrder {
	v.t.Helper()
	return v.c.order(map[string]int{"MUG-BEFFROI": 1}, "parcel")
}

// paid orders one mug and pays it.
func (v *village) paid() placedOrder {
	v.t.Helper()
	p := v.order()
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	return p
}

func (v *village) sessionOf(p placedOrder) string {
	id := p.PaymentURL[strings.LastIndex(p.PaymentURL, "/")+1:]
	id, _, _ = strings.Cut(id, "#")
	return id
}

// at Stripe, as the shop's key sees it.
func (v *village) stripe(path string) map[string]any {
	v.t.Helper()
	var out map[string]any
	v.h.bankCaller().want(200, "GET", "/v1/"+path, nil).into(v.t, &out)
	return out
}

func (v *village) intentOf(p placedOrder) string {
	v.t.Helper()
	id, _ := v.stripe("checkout/sessions/" + v.sessionOf(p))["payment_intent"].(string)
	return id
}

func (v *village) chargeOf(p placedOrder) string {
	v.t.Helper()
	id, _ := v.stripe("payment_intents/" + v.intentOf(p))["latest_charge"].(string)
	return id
}

// event is the body of an event about an object.
func (v *village) event(kind string, object map[string]any) string {
	v.n++
	body, err := json.Marshal(map[string]any{"id": fmt.Sprintf("evt_village%d", v.n), "object": "event", "type": kind, "api_version": "2023-10-16", "created": time.Now().Unix(), "livemode": false, "data": map[string]any{"object": object}})
	if err != nil {
		v.t.Fatal(err)
	}
	return string(body)
}

func (v *village) about(p placedOrder) map[string]any {
	return map[string]any{"id": v.sessionOf(p), "object": "checkout.session"}
}

func signature(body, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// post sends a webhook; its status is the answer.
func (v *village) post(body, signed string) int {
	v.t.Helper()
	return v.c.call("POST", "/webhooks/stripe", body, "Stripe-Signature", signed).status
}

func (v *village) now() time.Time { return time.Now().Add(time.Duration(v.h.passed.Load())) }

func (v *village) deliver(body string) int {
	return v.post(body, signature(body, houseSecret, v.now()))
}

// until waits for something that the shop does by itself.
func (v *village) until(what string, done func() bool) {
	v.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			v.t.Fatalf("%s: %s", what, v.h.unrest())
		}
		v.h.hurry()
		// What a copy died over is rescued after an hour; nobody waits so long here.
		v.h.exec(`update river_job set scheduled_at = now(), state = 'available' where state = 'running' and attempted_at < now() - interval '20 seconds'`)
		v.h.rest(20 * time.Millisecond)
	}
}

// rested waits until the queue has worked on everything.
func (v *village) rested() {
	v.t.Helper()
	v.until("at rest", func() bool { return v.h.unrest() == "" })
}

func (v *village) mails(p placedOrder, kind string) int64 {
	v.t.Helper()
	return v.h.count(`select count(*) from mail m join orders o on m.subject_ref = o.id::text where o.number = $1 and m.kind = $2`, p.Number, kind)
}

func (v *village) sold(p placedOrder) int64 {
	v.t.Helper()
	return -v.h.count(`select coalesce(sum(delta), 0) from stock_movement where reference = $1`, p.Number)
}

func (v *village) is(p placedOrder, status, payment string) {
	v.t.Helper()
	if o := v.c.see(p); o.Status != status || o.PaymentStatus != payment {
		v.t.Errorf("order %s is %s and %s, want %s and %s", p.Number, o.Status, o.PaymentStatus, status, payment)
	}
}

func (v *village) refund(p placedOrder, cents int64, key string) answer {
	v.t.Helper()
	body := map[string]any{"reason": "return"}
	if cents > 0 {
		body["amount"] = amount{cents, "EUR"}
	}
	return v.staff.call("POST", "/api/v1/staff/orders/"+p.Number+"/refunds", body, "Idempotency-Key", key)
}

func (v *village) refundsAtStripe(p placedOrder) (n int, sum int64) {
	v.t.Helper()
	for _, r := range v.stripe("refunds?limit=100&payment_intent=" + v.intentOf(p))["data"].([]any) {
		n++
		sum += int64(r.(map[string]any)["amount"].(float64))
	}
	return n, sum
}

func (v *village) app() *app { return v.h.anyCopy().a }

// overdue lets an order's time run out, by the database's clock.
func (v *village) overdue(p placedOrder) {
	v.t.Helper()
	v.h.exec(`update payment set created_at = created_at - interval '45 minutes', expires_at = expires_at - interval '45 minutes'
		where order_id = (select id from orders where number = $1)`, p.Number)
}

func (v *village) sweep() {
	v.t.Helper()
	if err := v.app().payments.Sweep(context.WithoutCancel(v.t.Context())); err != nil {
		v.t.Error(err)
	}
}

func (v *village) fault(path, kind string, n int) {
	v.t.Helper()
	v.h.control("fault", map[string]any{"kind": kind, "path": path, "method": http.MethodPost, "times": n})
}
