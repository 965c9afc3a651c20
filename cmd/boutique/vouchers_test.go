package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// giftCards is a catalogue file that sells cards of 30 euros.
const giftCards = `slug;family;category;maker;vat_class;name_fr;name_en;short_fr;short_en;description_fr;description_en;sku;price;weight_g;length_mm;width_mm;height_mm;stock;manufacturer_name;manufacturer_address;manufacturer_contact;photos;photo_alts_fr;photo_alts_en;publish
carte-cadeau;gift_card;table;;voucher_multi;Carte cadeau;Gift card;Une carte de trente euros, à offrir à qui vous voulez.;A card of thirty euros to give to whom you like.;Une carte cadeau de la boutique, envoyée par courriel dès le paiement, à utiliser en une ou plusieurs fois sur tous les articles de la boutique.;A gift card of the shop, sent by e-mail as soon as it is paid, to be used at once or in parts on every article of the shop.;CARTE-30;30,00;5;85;54;1;1000;Office de tourisme;1 place du Beffroi, 59500 Beffroy;boutique@beffroy.example;;;;no
`

type seenCart struct {
	Totals struct {
		Goods     amount `json:"goods"`
		Discount  amount `json:"discount"`
		GiftCards amount `json:"gift_cards"`
	} `json:"totals"`
	Problems []struct {
		Code string `json:"code"`
	} `json:"problems"`
}

// desk is a manager at the desk, without a browser.
func (r *running) desk(t *testing.T) func(path string, form url.Values) *http.Response {
	t.Helper()
	client := noRedirects()
	jar := map[string]string{}
	var mu sync.Mutex
	post := func(path string, form url.Values) *http.Response {
		t.Helper()
		request, err := http.NewRequest("POST", r.url+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		mu.Lock()
		for name, value := range jar {
			request.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		mu.Unlock()
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range response.Cookies() {
			jar[c.Name] = c.Value
		}
		return response
	}
	if in := post("/admin/sign-in", url.Values{"email": {"camille@beffroy.example"}, "password": {demoPassword}}); in.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in is answered %d", in.StatusCode)
	}
	return post
}

var cardCode = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}`)

// cardOf finds a card's code in the mail that brought it.
func (r *running) cardOf(t *testing.T) string {
	t.Helper()
	var code string
	err := filepath.WalkDir(filepath.Join(r.dir, "mails"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), "carte cadeau") || strings.Contains(string(data), "Code ") {
			if found := cardCode.FindString(string(data)); found != "" {
				code = found
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// A voucher is spread over the lines to the cent, leaves books alone, and is never used more often than
// it may be, whoever is first; a payment that never comes gives it back.
func TestVouchers(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	staff := caller{t: t, base: shop.url, token: shop.token("manager")}
	add := shop.desk(t)
	for _, form := range []url.Values{
		{"code": {"dix"}, "kind": {"percent"}, "value": {"10"}},
		{"code": {"TROIS"}, "kind": {"amount"}, "value": {"1,00"}, "limit": {"3"}},
		{"code": {"FRANCO"}, "kind": {"free_shipping"}},
		{"code": {"TOUT"}, "kind": {"percent"}, "value": {"100"}},
		{"code": {"UNE"}, "kind": {"percent"}, "value": {"5"}, "once": {"1"}},
	} {
		if a := add("/admin/vouchers", form); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("%v is answered %d", form, a.StatusCode)
		}
	}
	if a := add("/admin/vouchers", url.Values{"code": {"DIX"}, "kind": {"percent"}, "value": {"10"}}); a.StatusCode != http.StatusConflict {
		t.Errorf("the same code again: %d", a.StatusCode)
	}
	if a := add("/admin/vouchers", url.Values{"code": {"CENT"}, "kind": {"percent"}, "value": {"101"}}); a.StatusCode != 422 {
		t.Errorf("101 percent: %d", a.StatusCode)
	}
	cart := c.fill(map[string]int{"MUG-BEFFROI": 3, "LIVRE-GEANTS": 1})
	if a := c.call("PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": "NOTHING"}); a.status != 422 {
		t.Errorf("an unknown code: %d %s", a.status, a.body)
	}
	var before, after seenCart
	c.want(200, "GET", "/api/v1/carts/"+cart, nil).into(t, &before)
	c.want(200, "PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": "dix"}).into(t, &after)
	if off := before.Totals.Goods.Amount - after.Totals.Goods.Amount; off != 387 || after.Totals.Discount.Amount != off {
		t.Errorf("ten percent of three mugs and no book is %d: %+v", off, after)
	}
	var p placedOrder
	c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "v1").into(t, &p)
	c.pay(p, goodCard)
	if o := c.until(p, confirmed); o.Invoice == nil || o.Invoice.Total != p.Total {
		t.Errorf("paid it is %+v", o)
	}
	// One mug of three, then all that is left: the cents add up.
	staff.patient(201, "POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{"lines": []map[string]any{{"sku": "MUG-BEFFROI", "quantity": 1}}}, "Idempotency-Key", "r1")
	staff.patient(201, "POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{}, "Idempotency-Key", "r2")
	o := c.until(p, func(o seenOrder) bool { return o.PaymentStatus == "refunded" && len(o.CreditNotes) == 2 })
	if o.CreditNotes[0].Total.Amount+o.CreditNotes[1].Total.Amount != p.Total.Amount {
		t.Errorf("the credit notes are %+v of %d", o.CreditNotes, p.Total.Amount)
	}

	// Everything for nothing is paid at once, without Stripe.
	free := c.fill(map[string]int{"MUG-BEFFROI": 1})
	c.want(200, "PUT", "/api/v1/carts/"+free+"/voucher", map[string]string{"code": "TOUT"})
	var nothing placedOrder
	c.want(201, "POST", "/api/v1/carts/"+free+"/checkout", checkoutBody("collection"), "Idempotency-Key", "v2").into(t, &nothing)
	if o := c.see(nothing); nothing.PaymentURL != "" || o.Status != "confirmed" || o.PaymentStatus != "paid" || o.Invoice == nil {
		t.Errorf("for nothing: %+v %+v", nothing, o)
	}

	// Three uses and forty shoppers.
	var used, told atomic.Int64
	var all sync.WaitGroup
	carts := make([]string, 40)
	for i := range carts {
		carts[i] = c.fill(map[string]int{"MAGNET-BEFFROI": 1})
		c.want(200, "PUT", "/api/v1/carts/"+carts[i]+"/voucher", map[string]string{"code": "TROIS"})
	}
	for i, cart := range carts {
		all.Go(func() {
			for range 60 {
				a, err := c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", fmt.Sprintf("t-%d", i))
				switch {
				case err != nil:
					t.Error(err)
					return
				case a.status == 201:
					used.Add(1)
					return
				case a.code() == "voucher_gone", a.code() == "price_changed":
					told.Add(1)
					return
				case a.status != http.StatusServiceUnavailable:
					t.Errorf("%d %s", a.status, a.body)
					return
				}
			}
		})
	}
	all.Wait()
	if used.Load() != 3 || told.Load() != 37 {
		t.Errorf("%d used it, %d were told", used.Load(), told.Load())
	}
	shop.mustVerify()
}

// A gift card is bought, comes by mail, pays in part, gets its money back first, and is never overspent.
func TestGiftCards(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	staff := caller{t: t, base: shop.url, token: shop.token("manager")}
	code := shop.sellCard(t, c, staff)

	cart := c.fill(map[string]int{"MUG-BEFFROI": 2})
	if a := c.call("PUT", "/api/v1/carts/"+cart+"/gift-cards", map[string]any{"codes": []string{"0000-0000-0000-0000"}}); a.status != 422 {
		t.Errorf("a card that is none: %d %s", a.status, a.body)
	}
	c.want(200, "PUT", "/api/v1/carts/"+cart+"/gift-cards", map[string]any{"codes": []string{strings.ToLower(code)}})
	var p placedOrder
	c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "g1").into(t, &p)
	if p.Total.Amount <= 3000 || p.PaymentURL == "" {
		t.Fatalf("two mugs by parcel: %+v", p)
	}
	c.pay(p, goodCard)
	o := c.until(p, confirmed)
	if o.PaymentStatus != "paid" || o.Invoice == nil || o.Invoice.Total != p.Total {
		t.Errorf("paid in part by a card it is %+v", o)
	}
	// Ten euros go back to the card, although a bank card paid too.
	staff.want(201, "POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{"amount": amount{1000, "EUR"}}, "Idempotency-Key", "r1")
	if o := c.see(p); o.PaymentStatus != "partially_refunded" || o.Refunds[0].State != "succeeded" || len(o.CreditNotes) != 1 {
		t.Errorf("ten euros back: %+v", o)
	}
	// Goods and a card on one order: no amount takes more than the goods were, all that is left takes both.
	mixed := c.order(map[string]int{"MUG-BEFFROI": 1, "CARTE-30": 1}, "collection")
	c.pay(mixed, goodCard)
	sold := c.until(mixed, confirmed)
	if sold.Invoice == nil || sold.Invoice.Total.Amount != 1290 {
		t.Errorf("of a mug and a card the invoice is %+v", sold.Invoice)
	}
	staff.patient(409, "POST", "/api/v1/staff/orders/"+mixed.Number+"/refunds", map[string]any{"amount": amount{2000, "EUR"}}, "Idempotency-Key", "m1")
	staff.patient(201, "POST", "/api/v1/staff/orders/"+mixed.Number+"/refunds", map[string]any{"amount": amount{500, "EUR"}}, "Idempotency-Key", "m2")
	staff.patient(409, "POST", "/api/v1/staff/orders/"+mixed.Number+"/refunds", map[string]any{"amount": amount{791, "EUR"}}, "Idempotency-Key", "m3")
	staff.patient(201, "POST", "/api/v1/staff/orders/"+mixed.Number+"/refunds", map[string]any{}, "Idempotency-Key", "m4")
	back := c.until(mixed, func(o seenOrder) bool { return o.PaymentStatus == "refunded" && len(o.CreditNotes) == 2 })
	if back.CreditNotes[0].Total.Amount+back.CreditNotes[1].Total.Amount != 1290 {
		t.Errorf("the credit notes are %+v", back.CreditNotes)
	}
	// Ten euros and sixty shoppers with something of less than that.
	var paid, told atomic.Int64
	var all sync.WaitGroup
	carts := make([]string, 60)
	for i := range carts {
		carts[i] = c.fill(map[string]int{"MAGNET-BEFFROI": 1})
		c.want(200, "PUT", "/api/v1/carts/"+carts[i]+"/gift-cards", map[string]any{"codes": []string{code}})
	}
	for i, cart := range carts {
		all.Go(func() {
			for range 60 {
				a, err := c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", fmt.Sprintf("g-%d", i))
				switch {
				case err != nil:
					t.Error(err)
					return
				case a.status == 201 && strings.Contains(string(a.body), `"payment_url":null`):
					paid.Add(1)
					return
				case a.status == 201, a.code() == "gift_card_spent", a.code() == "amount_too_small":
					told.Add(1)
					return
				case a.status != http.StatusServiceUnavailable:
					t.Errorf("%d %s", a.status, a.body)
					return
				}
			}
		})
	}
	all.Wait()
	if paid.Load() == 0 || paid.Load() > 3 {
		t.Errorf("ten euros paid %d times, %d were told", paid.Load(), told.Load())
	}
	shop.mustVerify()
}

// patient calls as want does, and again while the shop is busy with the same order.
func (c caller) patient(status int, method, path string, body any, headers ...string) answer {
	c.t.Helper()
	for range 30 {
		if a := c.call(method, path, body, headers...); a.status != http.StatusServiceUnavailable {
			if a.status != status {
				c.t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, tail(string(a.body), 800))
			}
			return a
		}
	}
	c.t.Fatalf("%s %s: the shop stays busy", method, path)
	return answer{}
}

// sellCard sells one card to somebody who pays for it, and reads its code in the mail.
func (r *running) sellCard(t *testing.T, c, staff caller) string {
	t.Helper()
	file := filepath.Join(r.dir, "cards.csv")
	if err := os.WriteFile(file, []byte(giftCards), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := r.run("import", "products", file); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	a := staff.call("POST", "/api/v1/staff/products/carte-cadeau/publish", nil)
	t.Logf("publishing: %d %s", a.status, tail(string(a.body), 1500))
	p := c.order(map[string]int{"CARTE-30": 1}, "email")
	c.pay(p, goodCard)
	if o := c.until(p, func(o seenOrder) bool { return o.Status == "completed" }); o.Invoice != nil || o.FulfilmentStatus != "fulfilled" {
		t.Errorf("a card alone is %+v", o)
	}
	for range 300 {
		if code := r.cardOf(t); code != "" {
			return code
		}
		c.see(p)
	}
	t.Fatal("the card never came by mail")
	return ""
}
