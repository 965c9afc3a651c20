package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"boutique/payments/stripe/emulator"
)

// everyTest is how many runs `make test` makes.
const everyTest = 20

// The simulation's size and seed: `make soak` makes 500 runs, `make soak SEED=17` one again.
var (
	runs   = flag.Int("runs", everyTest, "how many runs the simulation makes")
	steps  = flag.Int("steps", 40, "how many things happen in a run")
	seed   = flag.Int64("seed", 0, "the only run that the simulation makes, when it is not 0")
	atOnce = flag.Int("at-once", 3, "how many runs of the simulation are made at once")
)

// Shoppers, staff, Stripe and the weather act on the real program by chance, which the seed decides: pages
// are paid, left and paid twice, money is given back here and there, webhooks are shuffled, doubled,
// dropped and late, Stripe fails before and after the deed, copies die at named points and at any instant,
// PostgreSQL dies, clocks disagree. Then all is calm, and the shop is held against Stripe's own account.
func TestSimulation(t *testing.T) {
	t.Parallel()
	first, last := int64(1), int64(*runs)
	if *seed != 0 {
		first, last = *seed, *seed
	}
	slots := make(chan struct{}, *atOnce)
	done := &deeds{times: map[string]int64{}}
	t.Cleanup(func() { done.report(t, last-first+1) })
	for n := first; n <= last; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			simulate(t, n, done)
			if t.Failed() {
				t.Logf("replay this run: make soak SEED=%d", n)
			}
		})
	}
}

// simulation is one run.
type simulation struct {
	t      *testing.T
	h      *house
	chance *rand.Rand
	points armed
	// instant counts moments down to one at which the copy dies.
	instant atomic.Int64
	stock   map[string]int64
	clerk   *clerk

	mu     sync.Mutex
	orders []placedOrder
	made   int
	log    []string
}

func simulate(t *testing.T, n int64, done *deeds) {
	s := &simulation{t: t, chance: seeded(n)}
	clocks := []time.Duration{0, 0, 40 * time.Second, -4 * time.Minute, 10 * time.Minute, -10 * time.Minute}
	o := houseOptions{seed: n, copies: 1 + s.chance.IntN(2), own: n%10 == 0, seen: s.seen}
	for range o.copies {
		o.clocks = append(o.clocks, clocks[s.chance.IntN(len(clocks))])
	}
	s.h = newHouse(t, o)
	defer func() {
		if t.Failed() {
			t.Logf("what happened: %s", strings.Join(s.log, " · "))
		}
	}()
	s.stock, s.clerk = s.h.onShelf(), &clerk{h: s.h, cookies: map[string]string{}}
	for range *steps {
		s.step()
		for len(s.h.living()) == 0 {
			if _, err := s.h.tryOpen(clocks[s.chance.IntN(len(clocks))]); err != nil {
				s.h.rest(50 * time.Millisecond)
			}
		}
	}
	s.points.at.Store(nil)
	s.instant.Store(0)
	calm := s.h.calm(false)
	rows, err := s.h.owner.Query(t.Context(), `select v.sku, sum(m.delta) from stock_movement m join variant v on v.id = m.variant_id where m.reason like 'simulated%' group by v.sku`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var sku string
		var delta int64
		if err := rows.Scan(&sku, &delta); err != nil {
			t.Fatal(err)
		}
		s.stock[sku] += delta
	}
	s.h.agree(calm, s.stock)
	done.count(s.h)
}

func (s *simulation) seen(m moment) verdict {
	if v := s.points.seen(m); v != live {
		return v
	}
	if s.instant.Load() > 0 && s.instant.Add(-1) == 0 {
		return dieBefore
	}
	return live
}

// act is one thing that somebody does. It may fail in any way that people see fail.
type act struct {
	name   string
	weight int
	do     func(*simulation, *rand.Rand)
}

// people act at the same time as others; weather comes alone.
var people = []act{
	{"order", 30, (*simulation).order}, {"pay", 22, (*simulation).pay}, {"look", 6, (*simulation).look}, {"resume", 4, (*simulation).resume}, {"give up", 3, (*simulation).giveUp},
	{"refund", 7, (*simulation).refund}, {"cancel", 4, (*simulation).cancel}, {"ship", 4, (*simulation).ship}, {"stock", 3, (*simulation).move}, {"price", 1, (*simulation).price},
	{"dashboard", 4, (*simulation).dashboard}, {"bounce", 2, (*simulation).bounce}, {"sweep", 4, (*simulation).sweep}, {"poll", 3, (*simulation).poll},
	{"take", 8, (*simulation).take}, {"hand over", 3, (*simulation).handOver}, {"carry", 4, (*simulation).carry}, {"withdraw", 8, (*simulation).withdraw},
	{"return", 9, (*simulation).settleReturn}, {"dispute", 2, (*simulation).dispute}, {"decide", 3, (*simulation).decide},
}

var weather = []act{
	{"network", 5, (*simulation).network}, {"fault", 6, (*simulation).fault}, {"point", 6, (*simulation).point}, {"instant", 5, (*simulation).dieSoon}, {"kill", 2, (*simulation).kill},
	{"copy", 3, (*simulation).another}, {"cut", 3, (*simulation).cutLines}, {"time", 3, (*simulation).time}, {"power", 2, (*simulation).power}, {"post", 3, (*simulation).post},
}

func draw(from []act, chance *rand.Rand) act {
	sum := 0
	for _, a := range from {
		sum += a.weight
	}
	n := chance.IntN(sum)
	for _, a := range from {
		if n -= a.weight; n < 0 {
			return a
		}
	}
	return from[0]
}

func (s *simulation) step() {
	if s.chance.IntN(4) == 0 {
		a := draw(weather, s.chance)
		s.log = append(s.log, a.name)
		a.do(s, s.chance)
		return
	}
	var all sync.WaitGroup
	for range 1 + s.chance.IntN(4) {
		a, own := draw(people, s.chance), rand.New(rand.NewPCG(s.chance.Uint64(), 1))
		s.log = append(s.log, a.name)
		all.Go(func() { a.do(s, own) })
	}
	all.Wait()
}

// any is an order that somebody knows; ok is false while there is none.
func (s *simulation) any(chance *rand.Rand) (placedOrder, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.orders) == 0 {
		return placedOrder{}, false
	}
	// The younger are thought of more.
	return s.orders[len(s.orders)-1-chance.IntN(len(s.orders))*chance.IntN(2)], true
}

func (s *simulation) key(what string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	return fmt.Sprintf("%s-%d", what, s.made)
}

func (s *simulation) order(chance *rand.Rand) {
	c := s.h.shopper()
	skus := []string{"MUG-BEFFROI", "BOULE-NEIGE", "LIVRE-GEANTS", "CARAMELS-250", "TOTE-BEFFROI", "MIEL-500", "CARTE-CADEAU-20"}
	var cart struct {
		ID string `json:"id"`
	}
	if c.expect(201, "POST", "/api/v1/carts", nil, &cart) != nil {
		return
	}
	only := ""
	for range 1 + chance.IntN(3) {
		only = skus[chance.IntN(len(skus))]
		_ = c.expect(200, "PUT", "/api/v1/carts/"+cart.ID+"/lines/"+only, map[string]int{"quantity": 1 + chance.IntN(3)}, nil)
	}
	_ = c.expect(200, "PUT", "/api/v1/carts/"+cart.ID+"/destination", map[string]string{"country": "FR", "postal_code": "59500"}, nil)
	s.reductions(c, cart.ID, chance)
	body, key := checkoutBody([]string{"parcel", "collection"}[chance.IntN(2)]), s.key("order")
	if body["shipping_option"] == "collection" && chance.IntN(2) == 0 {
		body["payment"] = "desk"
	}
	for range 1 + chance.IntN(3) {
		var p placedOrder
		if c.expect(201, "POST", "/api/v1/carts/"+cart.ID+"/checkout", body, &p, "Idempotency-Key", key) == nil {
			s.mu.Lock()
			s.orders = append(s.orders, p)
			s.mu.Unlock()
			if chance.IntN(3) > 0 {
				s.payBy(p, chance)
			}
			return
		}
		if only == "CARTE-CADEAU-20" {
			// A basket of gift cards alone comes by mail.
			body["shipping_option"] = "email"
			delete(body, "payment")
		}
	}
}

// cards are the instruments that shoppers have, good ones more often.
var cards = []string{goodCard, goodCard, goodCard, goodCard, "4000 0000 0000 0002", "4000 0000 0000 9995", "4000 0027 6000 3184", "4000 0000 0000 5126", "4000 0000 0000 7726"}

func (s *simulation) payBy(p placedOrder, chance *rand.Rand) {
	page, _, _ := strings.Cut(p.PaymentURL, "#")
	if page == "" {
		return
	}
	card := cards[chance.IntN(len(cards))]
	client := noRedirects()
	response, err := client.PostForm(page, url.Values{"card_number": {card}, "exp": {"12/40"}, "cvc": {"123"}, "name": {"Zoé Martin"}})
	if err != nil {
		return
	}
	response.Body.Close()
	if strings.HasSuffix(card, "3184") {
		answers := []string{"complete", "fail"}
		if response, err = client.PostForm(page+"/authorize", url.Values{"outcome": {answers[chance.IntN(2)]}}); err != nil {
			return
		}
		response.Body.Close()
	}
	if back := response.Header.Get("Location"); strings.HasPrefix(back, s.h.front.URL) && chance.IntN(2) == 0 {
		_, _ = s.h.shopper().try("GET", back, nil)
	}
}

func (s *simulation) pay(chance *rand.Rand) {
	if p, ok := s.any(chance); ok {
		s.payBy(p, chance)
	}
}

func (s *simulation) look(chance *rand.Rand) {
	if p, ok := s.any(chance); ok {
		_, _ = s.h.shopper().try("GET", "/fr/orders/"+p.Number+"?key="+p.Key+"&paid=cs_test_whatever", nil)
	}
}

func (s *simulation) resume(chance *rand.Rand) {
	p, ok := s.any(chance)
	if !ok {
		return
	}
	a, err := s.h.shopper().try("POST", "/fr/orders/"+p.Number+"/pay?key="+p.Key, nil)
	if err == nil && a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), s.h.bank.URL()) {
		p.PaymentURL = a.header.Get("Location")
		s.payBy(p, chance)
	}
}

func (s *simulation) giveUp(chance *rand.Rand) {
	if p, ok := s.any(chance); ok {
		_, _ = s.h.shopper().try("POST", "/fr/orders/"+p.Number+"/give-up?key="+p.Key, nil)
	}
}

func (s *simulation) refund(chance *rand.Rand) {
	p, ok := s.that(chance, "state in ('confirmed', 'completed')")
	if !ok {
		return
	}
	bodies := []map[string]any{
		{"reason": "whole"},
		{"reason": "part", "amount": amount{int64(1 + chance.IntN(900)), "EUR"}},
		{"reason": "line", "lines": []map[string]any{{"sku": "MUG-BEFFROI", "quantity": 1}}},
		{"reason": "shipping", "shipping": true},
	}
	body, key := bodies[chance.IntN(len(bodies))], s.key("refund")
	var clicks sync.WaitGroup
	for range 1 + chance.IntN(3) {
		clicks.Go(func() {
			_, _ = s.h.staff().try("POST", "/api/v1/staff/orders/"+p.Number+"/refunds", body, "Idempotency-Key", key)
		})
	}
	clicks.Wait()
}

func (s *simulation) cancel(chance *rand.Rand) {
	if p, ok := s.any(chance); ok {
		_, _ = s.h.staff().try("POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "asked for"})
	}
}

func (s *simulation) ship(chance *rand.Rand) {
	p, ok := s.that(chance, "state = 'confirmed' and shipping_kind = 'delivery'")
	if !ok {
		return
	}
	body := map[string]any{"carrier": "colissimo", "tracking_number": "6A12345678901"}
	if chance.IntN(2) == 0 {
		body["lines"] = []map[string]any{{"sku": "MUG-BEFFROI", "quantity": 1}}
	}
	_, _ = s.h.staff().try("POST", "/api/v1/staff/orders/"+p.Number+"/shipments", body)
}

func (s *simulation) move(chance *rand.Rand) {
	skus := []string{"MUG-BEFFROI", "BOULE-NEIGE", "MIEL-500"}
	_, _ = s.h.staff().try("POST", "/api/v1/staff/variants/"+skus[chance.IntN(len(skus))]+"/stock-movements", map[string]any{"delta": chance.IntN(7) - 2, "reason": "simulated " + s.key("move")})
}

func (s *simulation) price(chance *rand.Rand) {
	_, _ = s.h.staff().try("PUT", "/api/v1/staff/variants/MIEL-500/price", map[string]any{"price": amount{int64(700 + chance.IntN(400)), "EUR"}})
}

// charged is a charge at Stripe, drawn by chance.
func (s *simulation) charged(chance *rand.Rand, kind string) string {
	dump, err := s.h.tryControl("GET", "dump", nil)
	if err != nil {
		return ""
	}
	list, _ := dump["objects"].(map[string]any)[kind].([]any)
	if len(list) == 0 {
		return ""
	}
	id, _ := list[chance.IntN(len(list))].(map[string]any)["id"].(string)
	return id
}

func (s *simulation) dashboard(chance *rand.Rand) {
	if id := s.charged(chance, "charge"); id != "" {
		_, _ = s.h.tryControl("POST", "refund/"+id, map[string]any{"amount": 1 + chance.IntN(500)})
	}
}

func (s *simulation) bounce(chance *rand.Rand) {
	if id := s.charged(chance, "refund"); id != "" {
		_, _ = s.h.tryControl("POST", "fail-refund/"+id, nil)
	}
}

func (s *simulation) sweep(chance *rand.Rand) {
	if p, ok := s.any(chance); ok && chance.IntN(2) == 0 {
		_, _ = s.h.owner.Exec(context.Background(), `update payment set created_at = created_at - interval '45 minutes', expires_at = expires_at - interval '45 minutes'
			where state in ('creating', 'open') and gateway <> 'desk' and order_id = (select id from orders where number = $1)`, p.Number)
	}
	if chance.IntN(4) == 0 {
		// Nobody came: the days for which the desk keeps goods are over.
		_, _ = s.h.owner.Exec(context.Background(), `update payment set expires_at = expires_at - interval '20 days' where state = 'open' and gateway = 'desk'
			and id = (select id from payment where state = 'open' and gateway = 'desk' order by created_at limit 1)`)
	}
	if c := s.h.pick(); c != nil {
		_ = c.a.payments.Sweep(context.Background())
	}
}

func (s *simulation) poll(*rand.Rand) {
	if c := s.h.pick(); c != nil {
		_ = c.a.payments.Poll(context.Background())
	}
}

func (s *simulation) network(chance *rand.Rand) {
	d := emulator.Delivery{Shuffle: chance.IntN(2) == 0, Duplicate: chance.IntN(3), AtOnce: 1 + chance.IntN(6)}
	switch chance.IntN(8) {
	case 0:
		d.Drop = []string{"*"}
	case 1:
		d.Drop = []string{"checkout.session.completed"}
	case 2:
		d.DelaySeconds = int64(chance.IntN(20))
	case 3:
		d.WrongSecret = true
	case 4:
		d.OldTimestamp = true
	case 5:
		d.APIVersion = "2025-03-31.basil"
	case 6:
		d.Hold = true
	}
	s.h.bank.Network(d)
}

func (s *simulation) fault(chance *rand.Rand) {
	kinds := []string{"429", "lock_timeout", "409", "500_before", "500_rolled_back", "500_after", "cut_before", "cut_after", "hang", "html_502", "garbage", "none"}
	paths := []string{"/v1/checkout/sessions", "/v1/refunds", "/expire", "/v1/", "/v1/events"}
	_, _ = s.h.tryControl("POST", "fault", map[string]any{"kind": kinds[chance.IntN(len(kinds))], "path": paths[chance.IntN(len(paths))], "times": 1 + chance.IntN(4), "seconds": 1})
}

func (s *simulation) point(chance *rand.Rand) {
	list := points()
	p := list[chance.IntN(len(list))]
	s.log = append(s.log, "("+p.name+")")
	s.points.at.Store(&p)
}

func (s *simulation) dieSoon(chance *rand.Rand) { s.instant.Store(int64(1 + chance.IntN(150))) }

func (s *simulation) kill(*rand.Rand) {
	if c := s.h.pick(); c != nil {
		c.die()
	}
}

// another copy comes, or one goes as it is told to.
func (s *simulation) another(chance *rand.Rand) {
	if living := s.h.living(); len(living) > 2 || len(living) == 2 && chance.IntN(2) == 0 {
		living[0].stop()
		return
	}
	_, _ = s.h.tryOpen(time.Duration(chance.IntN(120)-60) * time.Second)
}

// cutLines breaks every connection to the database: some lie between a commit and its answer.
func (s *simulation) cutLines(*rand.Rand) {
	s.h.shaken.Store(true)
	for _, c := range s.h.living() {
		c.wire.Disturb()
	}
}

// time passes for Stripe and for the copies.
func (s *simulation) time(chance *rand.Rand) { s.h.pass(time.Duration(chance.IntN(60)) * time.Second) }

// post is a mail server that is gone, busy, refuses or forgets, or works again.
func (s *simulation) post(chance *rand.Rand) { s.h.post.Store(chance.Int32N(postTroubles)) }

// power fails at PostgreSQL, where the house has one of its own. People go on before it is back, at times: they
// are told to come again, and nothing of what they were told otherwise is lost.
func (s *simulation) power(chance *rand.Rand) {
	if s.h.own == nil {
		return
	}
	s.h.shaken.Store(true)
	ctx := context.Background()
	var err error
	switch chance.IntN(3) {
	case 0:
		// One process dies, and PostgreSQL throws all connections off and recovers by itself.
		_, err = s.h.own.KillOne()
	case 1:
		err = s.h.own.Stop(ctx)
	default:
		err = s.h.own.Kill(ctx)
	}
	if err != nil {
		s.t.Error(err)
	}
	var all sync.WaitGroup
	for range chance.IntN(4) {
		own := rand.New(rand.NewPCG(chance.Uint64(), 2))
		all.Go(func() { s.order(own) })
	}
	all.Wait()
	if err := s.h.own.Start(ctx); err != nil {
		s.t.Fatal(err)
	}
}
