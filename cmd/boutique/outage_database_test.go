package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"boutique/internal/pg/pgtest"
)

// falls is how often the database falls under load: `make soak` lets it fall sixty times.
var falls = flag.Int("falls", 3, "how often the real program's database falls")

// bothHosts names two servers in one address.
func bothHosts(first, second string) string {
	one, _ := url.Parse(first)
	two, _ := url.Parse(second)
	q := one.Query()
	q.Set("host", q.Get("host")+","+two.Query().Get("host"))
	one.RawQuery = q.Encode()
	return one.String()
}

// customers buy without a pause, and note whatever an answer should never be. Refused for a moment, they ask again
// with the same key.
type customers struct {
	c    caller
	over atomic.Bool
	all  sync.WaitGroup

	mu     sync.Mutex
	orders []placedOrder
	odd    []string
	made   int
	// refused counts the answers that ask to come again.
	refused atomic.Int64
}

// asks asks until the answer is no refusal for a moment; false when the day is over.
func (k *customers) asks(status int, method, path string, body, into any, headers ...string) bool {
	for !k.over.Load() {
		a, err := k.c.try(method, path, body, headers...)
		switch {
		case err != nil:
			k.note("%s %s: %v", method, path, err)
		case a.status == http.StatusServiceUnavailable:
			k.refused.Add(1)
			if a.header.Get("Retry-After") == "" || a.code() == "" {
				k.note("%s %s: a refusal without a word: %q", method, path, a.body)
			}
		case a.status == http.StatusConflict && a.header.Get("Retry-After") != "":
		case a.status != status || len(a.body) == 0:
			k.note("%s %s: %d, want %d: %q", method, path, a.status, status, tail(string(a.body), 300))
			return false
		default:
			if into != nil {
				a.into(k.c.t, into)
			}
			return true
		}
		rest := time.NewTimer(20 * time.Millisecond)
		<-rest.C
	}
	return false
}

// layIn lays in as much as customers may want, before a house counts what it has.
func (c caller) layIn() {
	c.t.Helper()
	a := c.call("POST", "/api/v1/staff/variants/CARTE-CADEAU-20/stock-movements", map[string]any{"delta": 100000, "reason": "for everybody"})
	if a.status >= 300 {
		c.t.Fatalf("%d %s", a.status, a.body)
	}
}

func (k *customers) note(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.odd = append(k.odd, fmt.Sprintf(format, args...))
}

func (k *customers) buys(key string, pays bool) {
	var cart struct {
		ID string `json:"id"`
	}
	var p placedOrder
	if !k.asks(201, "POST", "/api/v1/carts", nil, &cart) ||
		!k.asks(200, "PUT", "/api/v1/carts/"+cart.ID+"/lines/CARTE-CADEAU-20", map[string]int{"quantity": 1}, nil) ||
		!k.asks(201, "POST", "/api/v1/carts/"+cart.ID+"/checkout", checkoutBody("email"), &p, "Idempotency-Key", key) {
		return
	}
	k.mu.Lock()
	k.orders = append(k.orders, p)
	k.mu.Unlock()
	if pays {
		_, _ = payPage(p, goodCard)
	}
}

// come lets some customers buy until leave.
func (k *customers) come(chance *rand.Rand) {
	for range 3 {
		own := rand.New(rand.NewPCG(chance.Uint64(), 4))
		k.all.Go(func() {
			for !k.over.Load() {
				k.mu.Lock()
				k.made++
				key := fmt.Sprintf("customer-%d", k.made)
				k.mu.Unlock()
				k.buys(key, own.IntN(3) > 0)
			}
		})
	}
}

func (k *customers) leave() {
	k.over.Store(true)
	k.all.Wait()
}

func (k *customers) placed() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.orders)
}

// after waits until so many more orders are placed than now.
func (k *customers) after(t *testing.T, more int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for want, deadline := k.placed()+more, time.Now().Add(60*time.Second); k.placed() < want; <-tick.C {
		if time.Now().After(deadline) {
			k.mu.Lock()
			defer k.mu.Unlock()
			t.Fatalf("nothing is sold any more; odd: %q", k.odd)
		}
	}
}

// heldTo holds that nothing odd was answered, and that every order that was answered is there.
func (k *customers) heldTo(t *testing.T) {
	t.Helper()
	for i, odd := range k.odd {
		if i < 10 {
			t.Error(odd)
		}
	}
	for _, p := range k.orders {
		if a := k.c.call("GET", "/api/v1/orders/"+p.Number+"?key="+p.Key, nil); a.status != http.StatusOK {
			t.Errorf("order %s was answered to its shopper and is lost: %d", p.Number, a.status)
		}
	}
}

// The real program's own PostgreSQL falls while people buy: killed, killed in one of its processes, or ended by
// somebody who knew no better. Nobody starts anything again: the program answers that it is back in a moment, is,
// and has lost nothing that it had answered.
func TestTheProgramOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	dir := journeyDir(t)
	shop := demo(t, dir, "127.0.0.1:0")
	caller{t: t, base: shop.url, token: shop.token("manager")}.layIn()
	chance := seeded(max(1, *seed))
	people := &customers{c: caller{t: t, base: shop.url}}
	people.come(chance)
	longest := time.Duration(0)
	for n := range *falls {
		people.after(t, 3+chance.IntN(10))
		pid, err := pgtest.Postmaster(dir)
		if err != nil {
			t.Fatal(err)
		}
		fell := time.Now()
		switch n % 3 {
		case 0:
			err = syscall.Kill(pid, syscall.SIGKILL)
		case 1:
			_, err = pgtest.KillOne(dir)
		case 2:
			err = syscall.Kill(pid, syscall.SIGINT)
		}
		if err != nil {
			t.Fatal(err)
		}
		people.after(t, 4)
		longest = max(longest, time.Since(fell))
	}
	people.leave()
	t.Logf("%d falls, %d orders, %d refusals, four orders after the longest in %s", *falls, len(people.orders), people.refused.Load(), longest.Round(10*time.Millisecond))
	people.heldTo(t)
	shop.mustAgree()
	shop.mustVerify()
}

// The database is away, then back, then hangs, and goes on. The shop shows its goods all the while, answers in time
// and with words to whoever wants to order, lets Stripe come again, and sells as before without being started anew.
func TestTheDatabaseIsAbsentAndHangs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, houseOptions{seed: 2, own: true, patience: 2 * time.Second})
	h.shaken.Store(true)
	stock, desk := h.onShelf(), &clerk{h: h, cookies: map[string]string{}}
	desk.press("/admin/mails/again")
	h.sells()
	cart := h.shopper().fill(map[string]int{"MUG-BEFFROI": 1})
	p := h.shopper().order(map[string]int{"MIEL-500": 1}, "parcel")
	refuses := func(what string) {
		t.Helper()
		for path, words := range map[string]string{"/fr/": "Beffroi", "/en/products/mug-beffroi": "mug", "/healthz": "ok"} {
			if a := h.shopper().want(200, "GET", path, nil); !strings.Contains(strings.ToLower(string(a.body)), strings.ToLower(words)) {
				t.Errorf("%s: %s does not say %q", what, path, words)
			}
		}
		if a := h.shopper().want(503, "GET", "/readyz", nil); !strings.Contains(string(a.body), "database") {
			t.Errorf("%s: /readyz says %s", what, a.body)
		}
		for path, words := range map[string]string{"/fr/checkout": "Nous revenons", "/fr/orders/" + p.Number + "?key=" + p.Key: "Nous revenons"} {
			began := time.Now()
			a := h.shopper().call("GET", path, nil, "Cookie", "boutique-cart="+cart, "Accept", "text/html")
			if a.status != 503 || !strings.Contains(string(a.body), words) || a.header.Get("Retry-After") == "" || time.Since(began) > 8*time.Second {
				t.Errorf("%s: %s: %d after %s: %s", what, path, a.status, time.Since(began), tail(string(a.body), 600))
			}
		}
		a := h.shopper().call("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "absent")
		if a.status != 503 || a.code() == "" || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: a checkout: %d %s", what, a.status, a.body)
		}
		if _, err := desk.read("/admin"); err == nil || !strings.Contains(err.Error(), "503") {
			t.Errorf("%s: the desk: %v", what, err)
		}
	}
	if err := h.own.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	refuses("absent")
	// The page at Stripe is open all the while: its webhook is not taken, and comes again.
	h.shopper().pay(p, goodCard)
	if err := h.own.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.await("ready again", func() bool { return h.shopper().call("GET", "/readyz", nil).status == 200 })
	h.await("the webhook comes again", func() bool {
		h.pass(10 * time.Second)
		h.bank.Deliver(t.Context())
		return h.shopper().see(p).Status == "confirmed"
	})
	thaw, err := h.own.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(thaw)
	refuses("hanging")
	thaw()
	h.await("ready again", func() bool { return h.shopper().call("GET", "/readyz", nil).status == 200 })
	var first, again placedOrder
	h.shopper().want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "absent").into(t, &first)
	h.shopper().want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "absent").into(t, &again)
	if first.Number != again.Number {
		t.Errorf("one request made the orders %s and %s", first.Number, again.Number)
	}
	h.sells()
	h.agree(h.calm(false), stock)
}

// A PostgreSQL that another follows is lost with its machine while people buy. The other is promoted, the shop finds
// it by itself by the second address, and every order that was answered is there.
func TestAStandbyTakesOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t, houseOptions{seed: 3, own: true, standby: true, direct: true})
	h.shaken.Store(true)
	h.staff().layIn()
	stock := h.onShelf()
	people := &customers{c: h.shopper()}
	people.come(seeded(3))
	people.after(t, 12)
	if err := h.own.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	fell := time.Now()
	if err := h.standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	people.after(t, 12)
	t.Logf("twelve orders after %s, %d refusals", time.Since(fell).Round(10*time.Millisecond), people.refused.Load())
	people.leave()
	people.heldTo(t)
	h.agree(h.calm(false), stock)
}
