package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// kills is how often the program is killed: `make soak` kills it forty times.
var kills = flag.Int("kills", 2, "how often the real program is killed and started again")

// passersby are shoppers and staff of the real program, who go on as if it never died.
type passersby struct {
	c, staff caller
	// answered counts what the program has answered; after is the answer at which it dies.
	answered, after atomic.Int64
	deadly          chan struct{}
	mu              sync.Mutex
	orders          []placedOrder
	made            int
}

func (c *passersby) heard(err error) bool {
	if err == nil && c.answered.Add(1) == c.after.Load() {
		close(c.deadly)
	}
	return err == nil
}

// buys is a shopper who fills a cart, orders, and mostly pays. What was answered is remembered.
func (c *passersby) buys(key string, chance *rand.Rand) bool {
	var cart struct {
		ID string `json:"id"`
	}
	if !c.heard(c.c.expect(201, "POST", "/api/v1/carts", nil, &cart)) {
		return false
	}
	sku := []string{"MUG-BEFFROI", "LIVRE-GEANTS", "CARAMELS-250", "CARTE-CADEAU-20"}[chance.IntN(4)]
	option := []string{"parcel", "collection"}[chance.IntN(2)]
	if sku == "CARTE-CADEAU-20" {
		option = "email"
	}
	if !c.heard(c.c.expect(200, "PUT", "/api/v1/carts/"+cart.ID+"/lines/"+sku, map[string]int{"quantity": 1}, nil)) ||
		!c.heard(c.c.expect(200, "PUT", "/api/v1/carts/"+cart.ID+"/destination", map[string]string{"country": "FR", "postal_code": "59500"}, nil)) {
		return false
	}
	var p placedOrder
	if !c.heard(c.c.expect(201, "POST", "/api/v1/carts/"+cart.ID+"/checkout", checkoutBody(option), &p, "Idempotency-Key", key)) {
		return false
	}
	c.mu.Lock()
	c.orders = append(c.orders, p)
	c.mu.Unlock()
	if chance.IntN(4) == 0 {
		return true
	}
	page, _, _ := strings.Cut(p.PaymentURL, "#")
	response, err := noRedirects().PostForm(page, map[string][]string{"card_number": {goodCard}, "exp": {"12/40"}, "cvc": {"123"}, "name": {"Zoé Martin"}})
	if err == nil {
		response.Body.Close()
	}
	return c.heard(err)
}

// refunds is staff who give a little of an order back.
func (c *passersby) refunds(key string, chance *rand.Rand) bool {
	c.mu.Lock()
	if len(c.orders) == 0 {
		c.mu.Unlock()
		return true
	}
	p := c.orders[chance.IntN(len(c.orders))]
	c.mu.Unlock()
	_, err := c.staff.try("POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{"amount": amount{100, "EUR"}, "reason": "kindness"}, "Idempotency-Key", key)
	return c.heard(err)
}

// acts lets people act until the program does not answer any more.
func (c *passersby) acts(chance *rand.Rand) {
	var all sync.WaitGroup
	for range 4 {
		own := rand.New(rand.NewPCG(chance.Uint64(), 3))
		all.Go(func() {
			for alive := true; alive; {
				c.mu.Lock()
				c.made++
				key := fmt.Sprintf("instant-%d", c.made)
				c.mu.Unlock()
				if own.IntN(4) == 0 {
					alive = c.refunds(key, own)
				} else if !c.buys(key, own) {
					// A refusal is an answer; a program that is gone is not.
					_, err := c.c.try("GET", "/healthz", nil)
					alive = err == nil
				}
			}
		})
	}
	all.Wait()
}

// The real program, with its own PostgreSQL, is killed with SIGKILL at an instant that nobody chose, while people
// order, pay and give money back, and started again on what it left: nothing that was answered is lost, and in
// the end orders, books and Stripe agree to the cent.
func TestTheProgramIsKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	dir := journeyDir(t)
	shop := demo(t, dir, "127.0.0.1:0")
	address := strings.TrimPrefix(shop.url, "http://")
	chance := seeded(max(1, *seed))
	people := &passersby{c: caller{t: t, base: shop.url}, staff: caller{t: t, base: shop.url, token: shop.token("manager")}}
	for range *kills {
		people.deadly = make(chan struct{})
		people.after.Store(people.answered.Load() + int64(10+chance.IntN(60)))
		instant := time.Duration(chance.IntN(40)) * time.Millisecond
		var dies sync.WaitGroup
		dies.Go(func() {
			<-people.deadly
			timer := time.NewTimer(instant)
			defer timer.Stop()
			<-timer.C
			shop.kill()
		})
		people.acts(chance)
		dies.Wait()
		shop = demo(t, dir, address)
	}
	shop.mustAgree()
	sold := 0
	for _, p := range people.orders {
		a := people.c.call("GET", "/api/v1/orders/"+p.Number+"?key="+p.Key, nil)
		if a.status != http.StatusOK {
			t.Errorf("order %s was answered to its shopper and is lost: %d", p.Number, a.status)
			continue
		}
		var o seenOrder
		if a.into(t, &o); o.Status == "confirmed" || o.Status == "completed" {
			sold++
		}
	}
	if sold == 0 {
		t.Errorf("nothing was sold of %d orders", len(people.orders))
	}
	t.Logf("%d kills, %d answers, %d orders, %d sold", *kills, people.answered.Load(), len(people.orders), sold)
	shop.mustVerify()
}

// mustAgree holds the shop against Stripe: what died on its way is taken up again; then there is nothing left to
// mend.
func (r *running) mustAgree() {
	r.t.Helper()
	const agreed = "0 things were mended, 0 differ"
	out, err := "", error(nil)
	for range 30 {
		if out, err = r.run("reconcile"); err != nil || strings.Contains(out, agreed) {
			break
		}
	}
	if err != nil || !strings.Contains(out, agreed) {
		r.t.Errorf("compared with Stripe: %v %s", err, out)
	}
}
