package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/payments"
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
		v.h.exec(`update river_job set scheduled_at = now(), state = 'available' where state = 'retryable'`)
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

func (v *village) allAtOnce() {
	v.h.bank.Network(emulator.Delivery{Duplicate: 5, AtOnce: 6})
	p := v.order()
	v.c.pay(p, goodCard)
	var all sync.WaitGroup
	for i := range 48 {
		all.Go(func() {
			switch i % 3 {
			case 0:
				body := fmt.Sprintf(`{"id":"evt_all%d","object":"event","type":"checkout.session.completed","api_version":"2023-10-16","created":1,"livemode":false,"data":{"object":{"id":%q,"object":"checkout.session"}}}`, i, v.sessionOf(p))
				if a, err := v.c.try("POST", "/webhooks/stripe", body, "Stripe-Signature", signature(body, houseSecret, v.now())); err != nil || a.status != 200 {
					v.t.Errorf("webhook: %d %v", a.status, err)
				}
			case 1:
				if a, err := v.c.try("GET", "/fr/orders/"+p.Number+"?key="+p.Key+"&paid="+v.sessionOf(p), nil); err != nil || a.status != 200 {
					v.t.Errorf("return page: %d %v", a.status, err)
				}
			default:
				if err := v.app().payments.Poll(context.WithoutCancel(v.t.Context())); err != nil {
					v.t.Errorf("poll: %v", err)
				}
			}
		})
	}
	all.Wait()
	v.c.until(p, confirmed)
	v.is(p, "confirmed", "paid")
	v.rested()
	if n := v.h.count(`select count(*) from document where order_number = $1`, p.Number); n != 1 {
		v.t.Errorf("%d invoices", n)
	}
}

func (v *village) onceEach() {
	v.h.bank.Network(emulator.Delivery{Duplicate: 3})
	p := v.paid()
	for range 3 {
		v.deliver(v.event("checkout.session.completed", v.about(p)))
	}
	v.rested()
	if v.sold(p) != 1 || v.mails(p, "order_confirmed") != 1 {
		v.t.Errorf("%d sold, %d mails", v.sold(p), v.mails(p, "order_confirmed"))
	}
}

func (v *village) oneEventFiveTimes() {
	second := v.h.bankCaller()
	form := url.Values{"url": {v.h.front.URL + "/webhooks/stripe"}, "enabled_events[]": {"*"}, "api_version": {"2023-10-16"}}
	made := second.want(200, "POST", "/v1/webhook_endpoints", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	p := v.paid()
	body := v.event("checkout.session.completed", v.about(p))
	for range 5 {
		if code := v.deliver(body); code != 200 {
			v.t.Errorf("answered %d", code)
		}
	}
	var endpoint struct {
		ID string `json:"id"`
	}
	made.into(v.t, &endpoint)
	second.want(200, "DELETE", "/v1/webhook_endpoints/"+endpoint.ID, nil)
	v.rested()
	if n := v.h.count(`select count(*) from payment_event where id = $1`, fmt.Sprintf("evt_village%d", v.n)); n != 1 || v.sold(p) != 1 {
		v.t.Errorf("%d events, %d sold", n, v.sold(p))
	}
}

// failsOnce makes the database refuse one row in the middle of settling.
func (v *village) failsOnce() {
	v.h.exec(`create function refuse_once() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$`)
	v.h.exec(`create trigger refuse_once before insert on document for each row execute function refuse_once()`)
	p := v.order()
	v.c.pay(p, goodCard)
	v.until("the failure", func() bool {
		return v.h.count(`select count(*) from payment_event where done_at is null and tries > 0 and last_error <> ''`) > 0
	})
	v.is(p, "awaiting_payment", "unpaid")
	v.h.exec(`drop trigger refuse_once on document`)
	v.h.exec(`drop function refuse_once`)
	v.rested()
	v.is(p, "confirmed", "paid")
}

// oldAnswer holds Stripe's answer "open" back until the payment is settled.
func (v *village) oldAnswer() {
	p := v.order()
	held, release := make(chan struct{}), make(chan struct{})
	var taken atomic.Bool
	hold := func(m moment) {
		if m.kind == "stripe answers" && m.what == "GET /v1/checkout/sessions/"+v.sessionOf(p) && !taken.Swap(true) {
			close(held)
			<-release
		}
	}
	v.between.Store(&hold)
	var old sync.WaitGroup
	old.Go(func() {
		if _, err := v.app().payments.ReconcileOrder(context.WithoutCancel(v.t.Context()), v.id(p)); err != nil {
			v.t.Error(err)
		}
	})
	<-held
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	close(release)
	old.Wait()
	v.is(p, "confirmed", "paid")
}

func (v *village) id(p placedOrder) (id uuid.UUID) {
	v.t.Helper()
	if err := v.h.owner.QueryRow(v.t.Context(), `select id from orders where number = $1`, p.Number).Scan(&id); err != nil {
		v.t.Fatal(err)
	}
	return id
}

func (v *village) intermediateEvents() {
	p := v.order()
	v.c.pay(p, "4000 0000 0000 9995")
	for _, kind := range []string{"payment_intent.created", "payment_intent.requires_action", "payment_intent.payment_failed", "charge.failed"} {
		if code := v.deliver(v.event(kind, map[string]any{"id": "pi_x", "object": "payment_intent"})); code != 200 {
			v.t.Errorf("%s is answered %d", kind, code)
		}
	}
	v.rested()
	v.is(p, "awaiting_payment", "unpaid")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	v.h.numbersHaveNoGap()
}

func (v *village) lateFailure() {
	p := v.paid()
	intent := v.intentOf(p)
	for _, kind := range []string{"checkout.session.async_payment_failed", "checkout.session.expired"} {
		v.deliver(v.event(kind, v.about(p)))
	}
	v.deliver(v.event("payment_intent.payment_failed", map[string]any{"id": intent, "object": "payment_intent"}))
	v.deliver(v.event("charge.failed", map[string]any{"id": "ch_late", "object": "charge", "payment_intent": intent}))
	v.rested()
	v.is(p, "confirmed", "paid")
}

func (v *village) failureThenSuccess() {
	p := v.order()
	v.c.pay(p, "4000 0000 0000 0002")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	v.is(p, "confirmed", "paid")
}

func (v *village) latePaid() {
	p := v.paid()
	if a := v.refund(p, 0, "late-"+p.Number); a.status != 201 {
		v.t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	v.deliver(v.event("checkout.session.completed", v.about(p)))
	v.rested()
	if o := v.c.see(p); o.PaymentStatus != "refunded" || v.sold(p) != 0 || v.mails(p, "order_confirmed") != 1 {
		v.t.Errorf("%s, %d sold, %d mails", o.PaymentStatus, v.sold(p), v.mails(p, "order_confirmed"))
	}
}

func (v *village) holdEnds() {
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	p := v.order()
	v.c.pay(p, goodCard)
	v.overdue(p)
	v.sweep()
	v.is(p, "confirmed", "paid")
}

// orphan is a page that Stripe made and whose answer never came: the shop gives the order up, the shopper
// has the page.
func (v *village) orphan(sku string) (p placedOrder, page string) {
	v.t.Helper()
	v.fault("/v1/checkout/sessions", "500_after", 1)
	cart := v.c.fill(map[string]int{sku: 1})
	key := "orphan-" + cart
	if a := v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", key); a.status != http.StatusServiceUnavailable {
		v.t.Fatalf("a lost answer is %d %s", a.status, a.body)
	}
	v.h.control("fault", map[string]any{"kind": "none"})
	if err := v.h.owner.QueryRow(v.t.Context(), `select number from orders where cart_id = $1`, cart).Scan(&p.Number); err != nil {
		v.t.Fatal(err)
	}
	id := v.id(p)
	p.Key = v.app().shop.Keys.Of(id)
	v.overdue(p)
	v.sweep()
	v.is(p, "expired", "failed")
	for _, s := range v.h.bankBooks().Objects.Sessions {
		if s.Reference == id.String() {
			p.PaymentURL = v.h.bank.URL() + "/c/pay/" + s.ID
		}
	}
	return p, p.PaymentURL
}

func (v *village) paidAfterwards() {
	p, _ := v.orphan("BOULE-NEIGE")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	if v.sold(p) != 1 {
		v.t.Errorf("%d sold", v.sold(p))
	}
	// The last one is sold to somebody else meanwhile.
	late, _ := v.orphan("BOULE-NEIGE")
	other := v.c.order(map[string]int{"BOULE-NEIGE": 1}, "collection")
	v.c.pay(other, goodCard)
	v.c.until(other, confirmed)
	v.c.pay(late, goodCard)
	v.rested()
	if n, sum := v.refundsAtStripe(late); n != 1 || sum == 0 || v.sold(late) != 0 {
		v.t.Errorf("%d refunds of %d, %d sold", n, sum, v.sold(late))
	}
	if n := v.h.count(`select count(*) from mail where kind = 'payment_returned'`); n != 1 {
		v.t.Errorf("%d mails tell of it", n)
	}
}

func (v *village) twoTabs() {
	p := v.order()
	first := v.c.want(303, "POST", "/fr/orders/"+p.Number+"/pay?key="+p.Key, nil)
	second := v.c.want(303, "POST", "/fr/orders/"+p.Number+"/pay?key="+p.Key, nil)
	if first.header.Get("Location") != second.header.Get("Location") || first.header.Get("Location") != p.PaymentURL {
		v.t.Errorf("two tabs lead to %s and %s", first.header.Get("Location"), second.header.Get("Location"))
	}
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	// A second payment of the same order, as of a page that no shop should have made.
	a := v.app()
	ctx := context.WithoutCancel(v.t.Context())
	id := v.id(p)
	var twice payments.Payment
	err := pg.InTx(ctx, a.database.pool, func(tx pgx.Tx) (err error) {
		if err := a.shop.Lock(ctx, tx, id); err != nil {
			return err
		}
		paid, err := payments.OfOrder(ctx, tx, id)
		if err != nil {
			return err
		}
		twice, err = payments.OpenPayment(ctx, tx, payments.New{OrderID: id, Amount: paid[0].Amount, Request: paid[0].Request})
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	if twice, err = a.payments.Start(ctx, twice.ID); err != nil {
		v.t.Fatal(err)
	}
	again := placedOrder{Number: p.Number, Key: p.Key, PaymentURL: twice.SessionURL}
	v.c.pay(again, goodCard)
	v.rested()
	v.is(p, "confirmed", "paid")
	if n, sum := v.refundsAtStripe(again); n != 1 || sum != p.Total.Amount || v.sold(p) != 1 {
		v.t.Errorf("%d refunds of %d, %d sold", n, sum, v.sold(p))
	}
	if o := v.c.see(p); len(o.Refunds) != 1 || len(o.CreditNotes) != 0 {
		v.t.Errorf("the second payment is shown as %+v", o)
	}
}

func (v *village) editedCart() {
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	var p placedOrder
	v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "edit-"+cart).into(v.t, &p)
	if a := v.c.call("PUT", "/api/v1/carts/"+cart+"/lines/MUG-BEFFROI", map[string]int{"quantity": 9}); a.status != http.StatusConflict {
		v.t.Errorf("an ordered cart is edited: %d %s", a.status, a.body)
	}
	// The session of a cheap order says that it is paid; the dear one hears of it.
	dear := v.c.order(map[string]int{"MUG-BEFFROI": 5}, "parcel")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	v.c.want(200, "GET", "/fr/orders/"+dear.Number+"?key="+dear.Key+"&paid="+v.sessionOf(p), nil)
	v.deliver(v.event("checkout.session.completed", map[string]any{"id": v.sessionOf(p), "object": "checkout.session", "client_reference_id": v.id(dear).String(), "metadata": map[string]string{"order_id": v.id(dear).String()}}))
	v.rested()
	v.is(dear, "awaiting_payment", "unpaid")
}

func (v *village) lastItem() {
	v.staff.want(200, "PUT", "/api/v1/staff/variants/TOTE-BEFFROI/stock", map[string]any{"on_hand": 1, "reason": "count"})
	v.stock["TOTE-BEFFROI"] = 1
	before := len(v.h.bankBooks().Objects.Sessions)
	var sold, told atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		cart := v.c.fill(map[string]int{"TOTE-BEFFROI": 1})
		all.Go(func() {
			for range 50 {
				a, err := v.c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", fmt.Sprintf("tote-%d", i))
				switch {
				case err != nil:
					v.t.Error(err)
				case a.status == 201:
					sold.Add(1)
				case a.code() == "out_of_stock":
					told.Add(1)
				case a.status == http.StatusServiceUnavailable:
					continue
				default:
					v.t.Errorf("%d %s", a.status, a.body)
				}
				return
			}
		})
	}
	all.Wait()
	if after := len(v.h.bankBooks().Objects.Sessions); sold.Load() != 1 || told.Load() != 19 || after != before+1 {
		v.t.Errorf("%d sold, %d told, %d payment pages", sold.Load(), told.Load(), after-before)
	}
}

// headless pays a session as Stripe's own command line does, with any instrument.
func (v *village) headless(p placedOrder, method url.Values) {
	v.t.Helper()
	form := func(path string, values url.Values) map[string]any {
		var out map[string]any
		v.h.bankCaller().want(200, "POST", path, values.Encode(), "Content-Type", "application/x-www-form-urlencoded").into(v.t, &out)
		return out
	}
	made := form("/v1/payment_methods", method)
	form("/v1/payment_pages/"+v.sessionOf(p)+"/confirm", url.Values{"payment_method": {made["id"].(string)}, "expected_amount": {fmt.Sprint(p.Total.Amount)}})
}

func (v *village) debit() {
	for _, bounces := range []bool{false, true} {
		p := v.debitOrder()
		v.headless(p, url.Values{"type": {"sepa_debit"}, "sepa_debit[iban]": {"FR3020041010050500013M02609"}, "billing_details[name]": {"Zoé"}, "billing_details[email]": {"zoe@example.org"}})
		v.until("processing", func() bool { return v.c.see(p).PaymentStatus == "processing" })
		v.is(p, "awaiting_payment", "processing")
		v.overdue(p)
		v.sweep()
		v.is(p, "awaiting_payment", "processing")
		v.h.control("settle/"+v.intentOf(p), map[string]any{"fail": bounces})
		if bounces {
			v.until("the bank's no", func() bool { return v.c.see(p).Status == "expired" })
			v.is(p, "expired", "failed")
			continue
		}
		v.c.until(p, confirmed)
		v.is(p, "confirmed", "paid")
	}
}

// debitOrder is an order whose page offers debits too.
func (v *village) debitOrder() placedOrder {
	v.t.Helper()
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	a := v.app()
	ctx := context.WithoutCancel(v.t.Context())
	v.fault("/v1/checkout/sessions", "cut_before", 50)
	v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "debit-"+cart)
	v.h.control("fault", map[string]any{"kind": "none"})
	var p placedOrder
	if err := v.h.owner.QueryRow(ctx, `select number, total from orders where cart_id = $1`, cart).Scan(&p.Number, &p.Total.Amount); err != nil {
		v.t.Fatal(err)
	}
	v.h.exec(`update payment set request = jsonb_set(request, '{methods}', '["card", "sepa_debit"]') where order_id = $1 and state = 'creating'`, v.id(p))
	paid, err := a.payments.ReconcileOrder(ctx, v.id(p))
	if err != nil {
		v.t.Fatal(err)
	}
	p.Key, p.PaymentURL = a.shop.Keys.Of(v.id(p)), paid.SessionURL
	return p
}

func (v *village) abandoned() {
	p := v.order()
	before := v.h.count(`select count(*) from mail`)
	v.overdue(p)
	v.sweep()
	v.is(p, "expired", "failed")
	if after := v.h.count(`select count(*) from mail`); after != before {
		v.t.Errorf("%d mails about a page that was left", after-before)
	}
}

func (v *village) expireOfAPaidOne() {
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	p := v.order()
	v.c.pay(p, goodCard)
	if a := v.staff.call("POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "error"}); a.status != http.StatusConflict || a.code() != "order_paid" {
		v.t.Errorf("cancelling what was paid is answered %d %s", a.status, a.body)
	}
	v.is(p, "confirmed", "paid")
}

func (v *village) backButton() {
	p := v.order()
	v.c.want(200, "GET", "/fr/orders/"+p.Number+"?key="+p.Key+"&cancelled=1", nil)
	v.is(p, "awaiting_payment", "unpaid")
	v.c.pay(p, goodCard)
	v.c.until(p, confirmed)
	left := v.order()
	v.c.want(303, "POST", "/fr/orders/"+left.Number+"/give-up?key="+left.Key, nil)
	if answer := v.c.pay(left, goodCard); answer.StatusCode == http.StatusSeeOther {
		v.t.Error("a page that was given up takes money")
	}
	v.is(left, "expired", "failed")
}

func (v *village) dashboardRefund() {
	v.h.bank.Network(emulator.Delivery{Duplicate: 2})
	p := v.paid()
	v.h.control("refund/"+v.chargeOf(p), map[string]any{"amount": 300})
	if a := v.refund(p, 400, "ours-"+p.Number); a.status != 201 {
		v.t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	v.until("both refunds", func() bool { return len(v.c.see(p).Refunds) >= 2 })
	v.deliver(v.event("charge.refunded", map[string]any{"id": v.chargeOf(p), "object": "charge", "payment_intent": v.intentOf(p)}))
	v.rested()
	if o := v.c.see(p); len(o.Refunds) != 2 || len(o.CreditNotes) != 2 {
		v.t.Errorf("%d refunds, %d credit notes", len(o.Refunds), len(o.CreditNotes))
	}
}

func (v *village) partialDashboardRefund() {
	p := v.paid()
	v.h.control("refund/"+v.chargeOf(p), map[string]any{"amount": 100})
	v.until("the refund", func() bool { return v.c.see(p).PaymentStatus == "partially_refunded" })
	v.is(p, "confirmed", "partially_refunded")
	if v.sold(p) != 1 {
		v.t.Errorf("%d sold", v.sold(p))
	}
	// Cancelled afterwards, its goods come back all the same.
	v.staff.want(200, "POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "asked for"})
	v.rested()
	v.is(p, "cancelled", "refunded")
	if v.sold(p) != 0 {
		v.t.Errorf("%d sold of a cancelled order", v.sold(p))
	}
}

func (v *village) threePartials() {
	p := v.paid()
	for i, cents := range []int64{300, 400, 500} {
		if a := v.refund(p, cents, fmt.Sprintf("part-%d-%s", i, p.Number)); a.status != 201 {
			v.t.Fatalf("%d %s", a.status, a.body)
		}
	}
	v.rested()
	before, _ := v.refundsAtStripe(p)
	if a := v.refund(p, p.Total.Amount-1200+1, "over-"+p.Number); a.status != http.StatusConflict || a.code() != "exceeds_refundable" {
		v.t.Errorf("a cent too much is answered %d %s", a.status, a.body)
	}
	if after, sum := v.refundsAtStripe(p); after != before || sum != 1200 {
		v.t.Errorf("%d refunds of %d at Stripe", after, sum)
	}
	if a := v.refund(p, p.Total.Amount-1200, "rest-"+p.Number); a.status != 201 {
		v.t.Errorf("the rest is answered %d %s", a.status, a.body)
	}
	v.rested()
	if o := v.c.see(p); o.PaymentStatus != "refunded" {
		v.t.Errorf("all parts are back: %s", o.PaymentStatus)
	}
}

func (v *village) oneRefund() {
	p := v.paid()
	v.fault("/v1/refunds", "cut_after", 1)
	v.fault("/v1/refunds", "cut_before", 8)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			a, err := v.staff.try("POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{"amount": amount{700, "EUR"}, "reason": "return"}, "Idempotency-Key", "click-"+p.Number)
			if err != nil || a.status != 201 && a.status != http.StatusConflict && a.status != http.StatusServiceUnavailable {
				v.t.Errorf("a click is answered %d %s, %v", a.status, a.body, err)
			}
		})
	}
	all.Wait()
	// The copy that carries it out dies; the other one goes on.
	dying := v.h.anyCopy()
	v.h.control("fault", map[string]any{"kind": "none"})
	dying.die()
	v.h.open(0)
	v.h.exec(`update river_job set state = 'available' where state = 'running' and kind = 'payments_refund'`)
	v.rested()
	if n, sum := v.refundsAtStripe(p); n != 1 || sum != 700 {
		v.t.Errorf("%d refunds of %d at Stripe", n, sum)
	}
}

func (v *village) signatures() {
	for _, secret := range []string{"", "whsec_short", "secret"} {
		c := readConfig(append(houseConfig(v.h.database, v.h.front.URL, v.h.bank.URL(), v.h.mails.URL()), "STRIPE_WEBHOOK_SECRET="+secret))
		if wrong := strings.Join(c.check(), "\n"); !strings.HasPrefix(wrong, "STRIPE_WEBHOOK_SECRET must be") {
			v.t.Errorf("the secret %q starts: %q", secret, wrong)
		}
	}
	p := v.order()
	body := v.event("checkout.session.completed", v.about(p))
	good := signature(body, houseSecret, v.now())
	before := v.h.count(`select count(*) from payment_event`)
	for _, c := range []struct {
		name, body, signed string
		status             int
	}{
		{"none", body, "", 400},
		{"forged", strings.Replace(body, "evt_", "evt_x", 1), good, 400},
		{"ten minutes old", body, signature(body, houseSecret, v.now().Add(-10*time.Minute)), 400},
		{"two days from now", body, signature(body, houseSecret, v.now().Add(48*time.Hour)), 400},
		{"of another secret", body, signature(body, "whsec_ffffffffffffffffffffffff", v.now()), 400},
		{"of an empty secret", body, signature(body, "", v.now()), 400},
	} {
		if got := v.post(c.body, c.signed); got != c.status {
			v.t.Errorf("a signature %s is answered %d", c.name, got)
		}
	}
	if after := v.h.count(`select count(*) from payment_event`); after != before {
		v.t.Errorf("%d events are stored", after-before)
	}
}

func (v *village) bytes() {
	p := v.order()
	object := v.about(p)
	object["padding"] = strings.Repeat("é\u00a0 ", 75_000)
	body := v.event("checkout.session.completed", object)
	if len(body) < 300_000 {
		v.t.Fatalf("only %d bytes", len(body))
	}
	a := v.c.call("POST", "/webhooks/stripe", body, "Stripe-Signature", signature(body, houseSecret, v.now()), "Accept-Encoding", "gzip, br")
	if a.status != 200 {
		v.t.Errorf("%d bytes are answered %d", len(body), a.status)
	}
	spaced := strings.Replace(v.event("checkout.session.completed", v.about(p)), ":", " : ", 1)
	if code := v.deliver(spaced); code != 200 {
		v.t.Errorf("bytes in another form are answered %d", code)
	}
	huge := strings.Repeat("x", 5<<20)
	if a, err := v.c.try("POST", "/webhooks/stripe", huge, "Stripe-Signature", signature(huge, houseSecret, v.now())); err == nil && a.status != http.StatusRequestEntityTooLarge && a.status != http.StatusBadGateway {
		v.t.Errorf("five megabytes are answered %d", a.status)
	}
	v.rested()
}

func (v *village) livemode() {
	p := v.order()
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	v.c.pay(p, goodCard)
	body := strings.Replace(v.event("checkout.session.completed", v.about(p)), `"livemode":false`, `"livemode":true`, 1)
	if code := v.deliver(body); code != 200 {
		v.t.Errorf("answered %d", code)
	}
	if n := v.h.count(`select count(*) from payment_event where outcome = 'ignored: livemode'`); n != 1 {
		v.t.Errorf("%d events are counted as of another mode", n)
	}
	for name, env := range map[string][]string{
		"a live key and another server":      {"STRIPE_SECRET_KEY=sk_live_0000000000000000"},
		"a live key and an address in clear": {"STRIPE_SECRET_KEY=sk_live_0000000000000000", "STRIPE_API_URL="},
		"a publishable key":                  {"STRIPE_SECRET_KEY=pk_test_0000000000000000"},
	} {
		if wrong := readConfig(append(houseConfig(v.h.database, v.h.front.URL, v.h.bank.URL(), v.h.mails.URL()), env...)).check(); len(wrong) == 0 {
			v.t.Errorf("%s starts", name)
		}
	}
	if err := payments.CheckMode(v.t.Context(), v.app().database.pool, true); err == nil {
		v.t.Error("live keys are taken on a database of test payments")
	}
}

func (v *village) successAddress() {
	paid := v.paid()
	p := v.order()
	page := v.c.want(200, "GET", "/fr/orders/"+p.Number+"?key="+p.Key+"&paid="+v.sessionOf(p), nil)
	v.is(p, "awaiting_payment", "unpaid")
	if strings.Contains(string(page.body), paid.Number) {
		v.t.Error("the page shows another order")
	}
	for _, address := range []string{"?paid=" + v.sessionOf(paid), "?key=&paid=" + v.sessionOf(p), "?key=" + p.Key + "x", "?key=" + v.id(paid).String(), "?key=" + paid.Number} {
		if a := v.c.call("GET", "/fr/orders/"+paid.Number+address, nil); a.status != 404 || strings.Contains(string(a.body), "zoe@") {
			v.t.Errorf("%s is answered %d", address, a.status)
		}
	}
}

func (v *village) disputeOfACancelled() {
	p := v.paid()
	v.staff.want(200, "POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "asked for"})
	v.rested()
	before := v.c.see(p)
	v.h.control("dispute/"+v.chargeOf(p), nil)
	v.until("the dispute", func() bool { return v.h.count(`select count(*) from dispute where order_id = $1`, v.id(p)) == 1 })
	v.rested()
	if after := v.c.see(p); after.Status != before.Status || after.PaymentStatus != before.PaymentStatus || v.sold(p) != 0 {
		v.t.Errorf("%s %s became %s %s, %d sold", before.Status, before.PaymentStatus, after.Status, after.PaymentStatus, v.sold(p))
	}
}

func (v *village) disputeCloses() {
	p := v.order()
	v.h.bank.Network(emulator.Delivery{Hold: true})
	v.c.pay(p, "4000 0000 0000 0259")
	v.h.pass(5 * time.Second)
	// What is heard of first is not what happened first.
	v.h.bank.Network(emulator.Delivery{Shuffle: true, Duplicate: 1})
	v.h.bank.Deliver(context.WithoutCancel(v.t.Context()))
	v.c.until(p, confirmed)
	v.rested()
	ship := map[string]any{"carrier": "colissimo", "tracking_number": "6A12345678901"}
	if a := v.staff.call("POST", "/api/v1/staff/orders/"+p.Number+"/shipments", ship); a.code() != "order_disputed" {
		v.t.Errorf("shipping a disputed order is answered %d %s", a.status, a.body)
	}
	mails := v.h.count(`select count(*) from mail where recipient = 'zoe@example.org' and subject_ref in (select id::text from orders where number = $1)`, p.Number)
	list := v.stripe("disputes?payment_intent=" + v.intentOf(p))["data"].([]any)
	for _, d := range list {
		v.h.control("close-dispute/"+d.(map[string]any)["id"].(string), map[string]any{"status": "won"})
	}
	if len(list) != 1 {
		v.t.Errorf("%d disputes", len(list))
	}
	v.h.bank.Deliver(context.WithoutCancel(v.t.Context()))
	v.rested()
	if after := v.h.count(`select count(*) from mail where recipient = 'zoe@example.org' and subject_ref in (select id::text from orders where number = $1)`, p.Number); after != mails {
		v.t.Errorf("%d mails to the shopper about a dispute", after-mails)
	}
	v.staff.want(201, "POST", "/api/v1/staff/orders/"+p.Number+"/shipments", ship)
}

func (v *village) totals() {
	chance := seeded(29)
	skus := []string{"MUG-BEFFROI", "LIVRE-GEANTS", "CARAMELS-250", "MIEL-500"}
	v.voucher("TIERS", 33)
	for i := range 8 {
		lines := map[string]int{}
		for range 1 + chance.IntN(3) {
			lines[skus[chance.IntN(len(skus))]] = 1 + chance.IntN(3)
		}
		cart := v.c.fill(lines)
		if i%2 == 0 {
			v.c.want(200, "PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": "TIERS"})
		}
		var p placedOrder
		v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "total-"+cart).into(v.t, &p)
		if at := int64(v.stripe("checkout/sessions/" + v.sessionOf(p))["amount_total"].(float64)); at != p.Total.Amount {
			v.t.Errorf("%v: Stripe asks %d, the order is %d", lines, at, p.Total.Amount)
		}
	}
}

// voucher makes a voucher of so many percent.
func (v *village) voucher(code string, percent int) {
	v.h.exec(`insert into voucher (id, code, kind, value, created_by) values (gen_random_uuid(), $1, 'percent', $2, 'desk')`, code, percent)
}

func (v *village) currency() {
	p := v.paid()
	s := v.stripe("checkout/sessions/" + v.sessionOf(p))
	if s["currency"] != "eur" || int64(s["amount_total"].(float64)) != p.Total.Amount || p.Total.Currency != "EUR" {
		v.t.Errorf("the page asks %v %v for %+v", s["amount_total"], s["currency"], p.Total)
	}
}

func (v *village) smallTotals() {
	v.staff.want(200, "PUT", "/api/v1/staff/variants/MIEL-500/price", map[string]any{"price": amount{49, "EUR"}})
	cart := v.c.fill(map[string]int{"MIEL-500": 1})
	a := v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "small-"+cart)
	if a.status != 422 || a.code() != "amount_too_small" {
		v.t.Errorf("49 cents are answered %d %s", a.status, a.body)
	}
	v.staff.want(200, "PUT", "/api/v1/staff/variants/MIEL-500/price", map[string]any{"price": amount{950, "EUR"}})
	v.voucher("TOUT", 100)
	before := len(v.h.bankBooks().Objects.Sessions)
	cart = v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	v.c.want(200, "PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": "TOUT"})
	var free placedOrder
	v.c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "free-"+cart).into(v.t, &free)
	v.is(free, "confirmed", "paid")
	if after := len(v.h.bankBooks().Objects.Sessions); free.PaymentURL != "" || after != before {
		v.t.Errorf("nothing to pay has the page %q", free.PaymentURL)
	}
}

func (v *village) otherVersion() {
	v.h.bank.Network(emulator.Delivery{APIVersion: "2025-03-31.basil"})
	p := v.paid()
	v.is(p, "confirmed", "paid")
	if n := v.h.count(`select count(*) from payment_event where api_version = '2025-03-31.basil'`); n == 0 {
		v.t.Error("no event of another version was counted")
	}
}

func (v *village) hungServers() {
	// A page that Stripe takes six seconds for is a page.
	v.h.control("fault", map[string]any{"kind": "hang", "path": "/v1/checkout/sessions", "method": "POST", "times": 1, "seconds": 6})
	p := v.order()
	v.h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	v.c.pay(p, goodCard)
	release := make(chan struct{})
	hang := func(m moment) {
		if strings.HasPrefix(m.kind, "mail") || m.kind == "asks stripe" {
			<-release
		}
	}
	v.between.Store(&hang)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			body := fmt.Sprintf(`{"id":"evt_hung%d","object":"event","type":"checkout.session.completed","api_version":"2023-10-16","created":1,"livemode":false,"data":{"object":{"id":%q,"object":"checkout.session"}}}`, i, v.sessionOf(p))
			if a, err := v.c.try("POST", "/webhooks/stripe", body, "Stripe-Signature", signature(body, houseSecret, v.now())); err != nil || a.status != 200 {
				v.t.Errorf("answered %d, %v", a.status, err)
			}
		})
	}
	// Every one is answered while both servers still hang.
	all.Wait()
	v.between.Store(nil)
	close(release)
	v.c.until(p, confirmed)
	v.rested()
}

func (v *village) storms() {
	for _, kind := range []string{"429", "409", "lock_timeout"} {
		v.fault("/v1/", kind, 4)
		cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
		var p placedOrder
		v.until("a page in the storm", func() bool {
			a := v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", kind+cart)
			if a.status == 201 {
				a.into(v.t, &p)
				return true
			}
			if a.code() == "payment_unavailable" {
				// A definite no gave the stock back: the cart is ordered anew.
				cart = v.c.fill(map[string]int{"MUG-BEFFROI": 1})
			}
			return false
		})
		v.c.pay(p, goodCard)
		v.c.until(p, confirmed)
		v.fault("/v1/refunds", kind, 4)
		if a := v.refund(p, 200, kind+p.Number); a.status != 201 {
			v.t.Errorf("%d %s", a.status, a.body)
		}
		v.rested()
		if n, sum := v.refundsAtStripe(p); n != 1 || sum != 200 {
			v.t.Errorf("%s: %d refunds of %d: %+v", kind, n, sum, v.c.see(p))
		}
	}
}

func (v *village) fees() {
	p := v.paid()
	v.rested()
	if a := v.refund(p, 0, "fees-"+p.Number); a.status != 201 {
		v.t.Fatalf("%d %s", a.status, a.body)
	}
	v.rested()
	want := (p.Total.Amount*150+5000)/10000 + 25
	if got := v.h.count(`select coalesce(sum(l.debit - l.credit), 0) from entry_line l join entry e on e.seq = l.entry_seq where e.reference = $1 and l.standard like '627%'`, p.Number); got != want {
		v.t.Errorf("the books have fees of %d, want %d", got, want)
	}
}

func (v *village) nonePendingForEver() {
	cancelled := v.order()
	v.staff.want(200, "POST", "/api/v1/staff/orders/"+cancelled.Number+"/cancel", map[string]string{"reason": "asked for"})
	failed := v.order()
	v.c.pay(failed, "4000 0000 0000 0002")
	v.overdue(failed)
	v.sweep()
	for _, p := range []placedOrder{cancelled, failed} {
		if o := v.c.see(p); o.Status != "cancelled" && o.Status != "expired" || o.PaymentStatus == "processing" {
			v.t.Errorf("%s is %s and %s", p.Number, o.Status, o.PaymentStatus)
		}
	}
	v.paid()
}

func (v *village) businessError() {
	for _, object := range []map[string]any{{"id": "cs_test_unknown", "object": "checkout.session"}, {"id": "ch_unknown", "object": "charge", "payment_intent": "pi_unknown"}, {}} {
		kind := "checkout.session.completed"
		if object["object"] == "charge" {
			kind = "charge.refunded"
		}
		if code := v.deliver(v.event(kind, object)); code != 200 {
			v.t.Errorf("%v is answered %d", object, code)
		}
	}
	v.rested()
}

func (v *village) voucherLimit() {
	v.voucher("CINQ", 10)
	v.h.exec(`update voucher set usage_limit = 5 where code = 'CINQ'`)
	var took, told atomic.Int64
	var all sync.WaitGroup
	numbers := make(chan placedOrder, 40)
	carts := make([]string, 24)
	for i := range carts {
		// Of different articles, so that they meet at the voucher and not at the shelf.
		carts[i] = v.c.fill(map[string]int{[]string{"MUG-BEFFROI", "CARAMELS-250", "MIEL-500"}[i%3]: 1})
		v.c.want(200, "PUT", "/api/v1/carts/"+carts[i]+"/voucher", map[string]string{"code": "CINQ"})
	}
	for _, cart := range carts {
		all.Go(func() {
			for range 60 {
				a, err := v.c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "cinq-"+cart)
				switch {
				case err != nil:
					v.t.Error(err)
				case a.status == 201:
					took.Add(1)
					var p placedOrder
					a.into(v.t, &p)
					numbers <- p
				case a.status == http.StatusConflict:
					told.Add(1)
				case a.status == http.StatusServiceUnavailable:
					continue
				default:
					v.t.Errorf("%d %s", a.status, a.body)
				}
				return
			}
		})
	}
	all.Wait()
	if used := v.h.count(`select used from voucher where code = 'CINQ'`); took.Load() != 5 || used != 5 {
		v.t.Errorf("%d of 24 took the voucher, %d were told, it counts %d", took.Load(), told.Load(), used)
	}
	for range took.Load() {
		v.overdue(<-numbers)
	}
	v.sweep()
	if used := v.h.count(`select used from voucher where code = 'CINQ'`); used != 0 {
		v.t.Errorf("nobody paid, and the voucher counts %d", used)
	}
}
