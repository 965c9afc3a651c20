package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"boutique/internal/mail/catcher"
)

// clerk is somebody who is signed in at the desk. The session lies in the database: it outlives the copies.
type clerk struct {
	h       *house
	mu      sync.Mutex
	cookies map[string]string
}

// post sends a form as the desk's browser does; who is led to the sign-in page signs in first.
func (k *clerk) post(path string, form url.Values) (int, error) {
	for range 2 {
		status, location, err := k.send(path, form)
		if err != nil || status != http.StatusSeeOther || !strings.HasPrefix(location, "/admin/sign-in") {
			return status, err
		}
		if _, _, err := k.send("/admin/sign-in", url.Values{"email": {houseClerk}, "password": {demoPassword}}); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("nobody signs in")
}

func (k *clerk) send(path string, form url.Values) (int, string, error) {
	request, err := http.NewRequest(http.MethodPost, k.h.front.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	k.mu.Lock()
	for name, value := range k.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	k.mu.Unlock()
	response, err := noRedirects().Do(request)
	if err != nil {
		return 0, "", err
	}
	response.Body.Close()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range response.Cookies() {
		k.cookies[c.Name] = c.Value
	}
	return response.StatusCode, response.Header.Get("Location"), nil
}

// vouchers are what a house gives its shoppers: the last may be used three times in all, the one before it
// once by each customer.
var vouchers = []string{"DIX", "FRANCO", "UNE", "TROIS"}

// reductions puts a voucher and the gift cards that have come by mail on a cart, at times.
func (s *simulation) reductions(c caller, cart string, chance *rand.Rand) {
	if chance.IntN(3) == 0 {
		_ = c.expect(200, "PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": vouchers[chance.IntN(len(vouchers))]}, nil)
	}
	if codes := s.codes(); len(codes) > 0 && chance.IntN(2) == 0 {
		some := codes[chance.IntN(len(codes)):]
		_ = c.expect(200, "PUT", "/api/v1/carts/"+cart+"/gift-cards", map[string]any{"codes": some[:min(len(some), 2)]}, nil)
	}
}

// codes are those of the gift cards that have come by mail.
func (s *simulation) codes() []string {
	caught, err := catcher.List(s.t.Context(), s.h.mailDir)
	if err != nil {
		return nil
	}
	var codes []string
	for _, m := range caught {
		if strings.Contains(m.Subject, "carte cadeau") || strings.Contains(m.Subject, "cartes cadeaux") {
			codes = append(codes, cardCode.FindAllString(m.Text, -1)...)
		}
	}
	return codes
}

// that is an order of which something is true, mostly; any order at times, as people err.
func (s *simulation) that(chance *rand.Rand, is string) (placedOrder, bool) {
	var number string
	if chance.IntN(5) == 0 || s.h.owner.QueryRow(s.t.Context(), `select number from orders where `+is+` order by md5(number || $1) limit 1`, s.key("that")).Scan(&number) != nil {
		return s.any(chance)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.orders, func(p placedOrder) bool { return p.Number == number })
	if i < 0 {
		// It was made, and its shopper never heard of it.
		return placedOrder{Number: number}, true
	}
	return s.orders[i], true
}

// take is staff who take the money of an order at the desk, with more than one click at times.
func (s *simulation) take(chance *rand.Rand) {
	p, ok := s.that(chance, "state = 'awaiting_payment' and pays_at = 'desk'")
	if !ok {
		return
	}
	form := url.Values{"key": {s.key("take")}, "means": {[]string{"cash", "cheque", "card_terminal"}[chance.IntN(3)]}}
	if chance.IntN(2) == 0 {
		form.Set("hand_over", "1")
	}
	s.click(1+chance.IntN(3), "/admin/orders/"+p.Number+"/received", form)
}

// handOver is an order that is fetched.
func (s *simulation) handOver(chance *rand.Rand) {
	if p, ok := s.that(chance, "state = 'confirmed' and shipping_kind = 'collection'"); ok {
		s.click(1+chance.IntN(2), "/admin/orders/"+p.Number+"/"+[]string{"ready", "collected"}[chance.IntN(2)], url.Values{})
	}
}

// carry takes what lies at the desk to the bank.
func (s *simulation) carry(chance *rand.Rand) {
	means := []string{"cash", "cheque", "card_terminal"}[chance.IntN(3)]
	var lies int64
	err := s.h.owner.QueryRow(s.t.Context(), `
		select coalesce(sum(case when kind = 'refund' then -amount else amount end), 0)::bigint
		from desk_receipt r where means = $1 and not exists (select from desk_deposit_line l where l.number = r.number)`, means).Scan(&lies)
	if err == nil && lies > 0 {
		s.click(1+chance.IntN(2), "/admin/till/deposit", url.Values{"means": {means}, "amount": {euros(lies)}})
	}
}

func (s *simulation) click(times int, path string, form url.Values) {
	var clicks sync.WaitGroup
	for range times {
		clicks.Go(func() { _, _ = s.clerk.post(path, form) })
	}
	clicks.Wait()
}

// withdraw is a shopper who gives an order or a piece of it back.
func (s *simulation) withdraw(chance *rand.Rand) {
	p, ok := s.that(chance, []string{"state in ('confirmed', 'completed')", "exists (select from shipment s where s.order_id = orders.id)"}[chance.IntN(2)])
	if !ok {
		return
	}
	body := map[string]any{}
	if chance.IntN(2) == 0 {
		body = map[string]any{"lines": []map[string]any{{"sku": "MUG-BEFFROI", "quantity": 1}}}
	}
	key := s.key("withdraw")
	var clicks sync.WaitGroup
	for range 1 + chance.IntN(2) {
		clicks.Go(func() {
			_, _ = s.h.shopper().try("POST", "/api/v1/orders/"+p.Number+"/withdrawal?key="+p.Key, body, "Idempotency-Key", key)
		})
	}
	clicks.Wait()
}

// settleReturn is what staff do about a return: its goods come, good or not, its money goes back, it is closed.
func (s *simulation) settleReturn(chance *rand.Rand) {
	var number, sku string
	var back int
	if s.h.owner.QueryRow(s.t.Context(), `
		select t.number, l.sku, l.quantity - l.unsent from order_return t join return_line l on l.return_id = t.id
		order by md5(t.number || $1) limit 1`, s.key("return")).Scan(&number, &sku, &back) != nil {
		return
	}
	path := "/admin/returns/" + number
	switch chance.IntN(6) {
	case 0:
		s.click(1, path+"/close", url.Values{"reason": {"nothing came"}})
	case 1, 2:
		good := 0
		if back > 0 {
			good = chance.IntN(back + 1)
		}
		s.click(1+chance.IntN(2), path+"/receive", url.Values{"restock." + sku: {fmt.Sprint(good)}, "write-off." + sku: {fmt.Sprint(back - good)}})
	default:
		s.click(1+chance.IntN(2), path+"/refund", url.Values{})
	}
}

// dispute is a bank that takes a payment back.
func (s *simulation) dispute(chance *rand.Rand) {
	if id := s.charged(chance, "charge"); id != "" {
		_, _ = s.h.tryControl("POST", "dispute/"+id, nil)
	}
}

// decide is how a bank ends a dispute.
func (s *simulation) decide(chance *rand.Rand) {
	if id := s.charged(chance, "dispute"); id != "" {
		_, _ = s.h.tryControl("POST", "close-dispute/"+id, map[string]any{"status": []string{"won", "lost"}[chance.IntN(2)]})
	}
}

// deeds are what has come about in all runs: a run in which nobody pays at the desk proves nothing about it.
type deeds struct {
	mu    sync.Mutex
	times map[string]int64
}

// seenDeeds count what a run is to bring about, by its rows.
var seenDeeds = map[string]string{
	"orders confirmed":         `select count(*) from orders where confirmed_at is not null`,
	"orders left":              `select count(*) from orders where state = 'expired'`,
	"payments by Stripe":       `select count(*) from payment where state = 'captured' and gateway = 'stripe'`,
	"payments at the desk":     `select count(*) from desk_receipt where kind = 'receipt'`,
	"money back at the desk":   `select count(*) from desk_receipt where kind = 'refund'`,
	"deposits":                 `select count(*) from desk_deposit`,
	"desk orders paid online":  `select count(*) from orders o join desk_session d on d.order_id = o.id where o.pays_at = 'online'`,
	"refunds":                  `select count(*) from refund where state = 'succeeded'`,
	"refunds that failed":      `select count(*) from refund where state = 'failed'`,
	"returns declared":         `select count(*) from order_return`,
	"returns whose goods came": `select count(distinct return_id) from return_outcome`,
	"returns refunded":         `select count(*) from order_return where state = 'refunded'`,
	"returns closed":           `select count(*) from order_return where state = 'closed'`,
	"vouchers used":            `select count(*) from voucher_use where active`,
	"vouchers given back":      `select count(*) from voucher_use where not active`,
	"gift cards sold":          `select count(*) from gift_card`,
	"gift cards spent":         `select count(*) from gift_card_use where state = 'spent'`,
	"gift cards given back":    `select count(*) from gift_card_use where state = 'released'`,
	"disputes":                 `select count(*) from dispute`,
	"disputes closed":          `select count(*) from dispute where not open`,
}

func (d *deeds) count(h *house) {
	h.t.Helper()
	for what, statement := range seenDeeds {
		n := h.count(statement)
		d.mu.Lock()
		d.times[what] += n
		d.mu.Unlock()
	}
}

// rareDeeds are what a few runs may do without.
var rareDeeds = []string{"returns closed", "returns whose goods came", "deposits", "money back at the desk", "desk orders paid online"}

// report tells what has come about, and fails when something never has in so many runs.
func (d *deeds) report(t *testing.T, runs int64) {
	t.Helper()
	var list []string
	for _, what := range slices.Sorted(maps.Keys(seenDeeds)) {
		list = append(list, fmt.Sprintf("%d %s", d.times[what], what))
		if d.times[what] == 0 && !t.Failed() && (runs >= 100 || runs >= everyTest && !slices.Contains(rareDeeds, what)) {
			t.Errorf("in %d runs there were no %s", runs, what)
		}
	}
	t.Logf("in %d runs: %s", runs, strings.Join(list, ", "))
}
