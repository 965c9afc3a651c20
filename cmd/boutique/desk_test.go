package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"boutique/internal/money"
)

// deskOrder orders a cart to be paid at the desk.
func (c caller) deskOrder(lines map[string]int, key string) placedOrder {
	c.t.Helper()
	cart := c.fill(lines)
	body := checkoutBody("collection")
	body["payment"] = "desk"
	var p placedOrder
	c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", key).into(c.t, &p)
	return p
}

type seenStock struct {
	OnHand   int `json:"on_hand"`
	Reserved int `json:"reserved"`
}

func (c caller) stock(sku string) (s seenStock) {
	c.t.Helper()
	c.want(200, "GET", "/api/v1/staff/variants/"+sku+"/stock", nil).into(c.t, &s)
	return s
}

// Staff take the money of an order that was placed without paying: once, whoever clicks how often; never
// after it was cancelled; nothing is handed over before; what goes back is numbered and booked as well.
func TestPaymentAtTheDesk(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	staff := caller{t: t, base: shop.url, token: shop.token("manager")}
	post := shop.desk(t)

	byPost := checkoutBody("parcel")
	byPost["payment"] = "desk"
	if a := c.call("POST", "/api/v1/carts/"+c.fill(map[string]int{"MUG-BEFFROI": 1})+"/checkout", byPost, "Idempotency-Key", "post"); a.status != 422 || !strings.Contains(string(a.body), "payment_desk_collection") {
		t.Errorf("a parcel paid at the desk: %d %s", a.status, a.body)
	}
	byPost["payment"] = "barter"
	if a := c.call("POST", "/api/v1/carts/"+c.fill(map[string]int{"MUG-BEFFROI": 1})+"/checkout", byPost, "Idempotency-Key", "barter"); a.status != 422 {
		t.Errorf("an unknown way to pay: %d %s", a.status, a.body)
	}

	before := staff.stock("MUG-BEFFROI")
	cart := c.fill(map[string]int{"MUG-BEFFROI": 2, "LIVRE-GEANTS": 1})
	body := checkoutBody("collection")
	body["payment"] = "desk"
	placed := c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", "d1")
	var p placedOrder
	placed.into(t, &p)
	var until struct {
		PaymentURL *string   `json:"payment_url"`
		ExpiresAt  time.Time `json:"expires_at"`
	}
	placed.into(t, &until)
	if left := time.Until(until.ExpiresAt); until.PaymentURL != nil || left < 7*24*time.Hour || left > 9*24*time.Hour {
		t.Errorf("an order to be paid at the desk is %s", placed.body)
	}
	again := c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", "d1")
	if string(again.body) != string(placed.body) {
		t.Errorf("asked again it is %s, was %s", again.body, placed.body)
	}
	if o := c.see(p); o.Status != "awaiting_payment" || o.PaymentStatus != "unpaid" || o.Invoice != nil {
		t.Errorf("before it is paid: %+v", o)
	}
	if s := staff.stock("MUG-BEFFROI"); s.Reserved != before.Reserved+2 || s.OnHand != before.OnHand {
		t.Errorf("two mugs are kept: %+v after %+v", s, before)
	}
	for _, early := range []string{"collected", "ready"} {
		if a := post("/admin/orders/"+p.Number+"/"+early, url.Values{}); a.StatusCode != http.StatusConflict {
			t.Errorf("%s before it is paid is answered %d", early, a.StatusCode)
		}
	}

	// Twenty clicks, ten of them repeated by the browser.
	var taken, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		key := "click-" + string(rune('a'+i/2))
		all.Go(func() {
			a := shop.again(t, post, "/admin/orders/"+p.Number+"/received", url.Values{"key": {key}, "means": {"cash"}})
			switch a {
			case http.StatusSeeOther:
				taken.Add(1)
			case http.StatusConflict:
				refused.Add(1)
			default:
				t.Errorf("a click is answered %d", a)
			}
		})
	}
	all.Wait()
	if taken.Load() < 1 || taken.Load() > 2 || taken.Load()+refused.Load() != 20 {
		t.Errorf("%d clicks took the money, %d were told that it was taken", taken.Load(), refused.Load())
	}
	o := c.see(p)
	if o.Status != "confirmed" || o.PaymentStatus != "paid" || o.Invoice == nil || o.Invoice.Total != p.Total {
		t.Errorf("taken it is %+v", o)
	}
	if s := staff.stock("MUG-BEFFROI"); s.Reserved != before.Reserved || s.OnHand != before.OnHand-2 {
		t.Errorf("two mugs are sold: %+v after %+v", s, before)
	}
	if a := post("/admin/orders/"+p.Number+"/collected", url.Values{}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("handing it over is answered %d", a.StatusCode)
	}

	// One mug comes back and its price goes back by transfer, the rest of it in cash.
	if a := post("/admin/orders/"+p.Number+"/refund", url.Values{"key": {"back-1"}, "what": {"lines"}, "refund.MUG-BEFFROI": {"1"}, "means": {"transfer"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("giving a mug's price back is answered %d", a.StatusCode)
	}
	staff.want(201, "POST", "/api/v1/staff/orders/"+p.Number+"/refunds", map[string]any{}, "Idempotency-Key", "back-2")
	if o := c.see(p); o.PaymentStatus != "refunded" || len(o.CreditNotes) != 2 || o.Refunds[0].State != "succeeded" || o.Refunds[1].State != "succeeded" {
		t.Errorf("given back it is %+v", o)
	}

	// A cancelled order gives its goods back and takes no money any more; its cart is free again.
	gone := c.deskOrder(map[string]int{"MUG-BEFFROI": 1}, "d2")
	staff.want(200, "POST", "/api/v1/staff/orders/"+gone.Number+"/cancel", map[string]string{"reason": "rang up"})
	if a := post("/admin/orders/"+gone.Number+"/received", url.Values{"key": {"late"}, "means": {"cash"}}); a.StatusCode != http.StatusConflict {
		t.Errorf("money for a cancelled order is answered %d", a.StatusCode)
	}
	if s := staff.stock("MUG-BEFFROI"); s.Reserved != before.Reserved {
		t.Errorf("cancelled, its mug is on sale again: %+v after %+v", s, before)
	}

	// Cancelling and taking the money at once: one of the two, whole.
	for i := range 6 {
		n := string(rune('0' + i))
		p := c.deskOrder(map[string]int{"MAGNET-BEFFROI": 1}, "race-"+n)
		var both sync.WaitGroup
		both.Go(func() {
			staff.call("POST", "/api/v1/staff/orders/"+p.Number+"/cancel", map[string]string{"reason": "race"})
		})
		both.Go(func() {
			shop.again(t, post, "/admin/orders/"+p.Number+"/received", url.Values{"key": {"race"}, "means": {"card_terminal"}, "reference": {"T-" + n}, "hand_over": {"1"}})
		})
		both.Wait()
		switch o := c.see(p); {
		case o.Status == "cancelled" && o.PaymentStatus != "paid" && o.Invoice == nil:
		case o.Status == "cancelled" && o.PaymentStatus == "refunded" && o.Invoice != nil:
		case o.Status == "completed" && o.PaymentStatus == "paid" && o.Invoice != nil:
		default:
			t.Errorf("after the race it is %+v", o)
		}
	}
	// Left alone, the money of one is taken by cheque and carried to the bank.
	cheque := c.deskOrder(map[string]int{"MUG-BEFFROI": 1}, "d3")
	if a := post("/admin/orders/"+cheque.Number+"/received", url.Values{"key": {"k"}, "means": {"cheque"}, "reference": {"0412345"}, "hand_over": {"1"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a cheque is answered %d", a.StatusCode)
	}
	if o := c.see(cheque); o.Status != "completed" || o.FulfilmentStatus != "fulfilled" {
		t.Errorf("paid and handed over it is %+v", o)
	}
	if a := post("/admin/till/deposit", url.Values{"means": {"cheque"}, "amount": {"1,00"}}); a.StatusCode != http.StatusConflict {
		t.Errorf("a deposit that was counted wrong is answered %d", a.StatusCode)
	}
	if a := post("/admin/till/deposit", url.Values{"means": {"cheque"}, "amount": {euros(cheque.Total.Amount)}, "reference": {"B-7"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a deposit is answered %d", a.StatusCode)
	}

	// A second cheque: one of the two is carried, and once.
	other := c.deskOrder(map[string]int{"MUG-BEFFROI": 1}, "d4")
	third := c.deskOrder(map[string]int{"MUG-BEFFROI": 1}, "d5")
	for _, p := range []placedOrder{other, third} {
		if a := post("/admin/orders/"+p.Number+"/received", url.Values{"key": {"k"}, "means": {"cheque"}, "hand_over": {"1"}}); a.StatusCode != http.StatusSeeOther {
			t.Errorf("a cheque is answered %d", a.StatusCode)
		}
	}
	receipt := c.receiptOf(other)
	pdf := c.want(200, "GET", "/fr/orders/"+other.Number+"/receipts/"+receipt+".pdf?key="+other.Key, nil)
	if !strings.HasPrefix(string(pdf.body), "%PDF-") {
		t.Errorf("the receipt begins %.20q", pdf.body)
	}
	for path, want := range map[string]int{"/receipts/" + receipt + ".pdf?key=wrong": 404, "/receipts/" + c.receiptOf(cheque) + ".pdf?key=" + other.Key: 404} {
		if a := c.call("GET", "/fr/orders/"+other.Number+path, nil); a.status != want {
			t.Errorf("%s is answered %d", path, a.status)
		}
	}
	for i, want := range []int{http.StatusSeeOther, http.StatusConflict} {
		if a := post("/admin/till/deposit", url.Values{"means": {"cheque"}, "amount": {euros(2 * other.Total.Amount)}, "receipt": {receipt}}); a.StatusCode != want {
			t.Errorf("carrying one of two cheques, time %d, is answered %d", i+1, a.StatusCode)
		}
	}

	// Who meant to come pays at once instead: the desk takes no money for it any more.
	home := c.deskOrder(map[string]int{"MUG-BEFFROI": 1}, "d6")
	for range 2 {
		a := c.call("POST", "/fr/orders/"+home.Number+"/pay?key="+home.Key, nil)
		page := a.header.Get("Location")
		if a.status != http.StatusSeeOther || !strings.HasPrefix(page, shop.bank) || home.PaymentURL != "" && home.PaymentURL != page {
			t.Fatalf("paying online instead is answered %d to %s, before %s", a.status, page, home.PaymentURL)
		}
		home.PaymentURL = page
	}
	if a := post("/admin/orders/"+home.Number+"/received", url.Values{"key": {"late"}, "means": {"cash"}}); a.StatusCode != http.StatusConflict {
		t.Errorf("money at the desk for an order that is paid online is answered %d", a.StatusCode)
	}
	c.pay(home, goodCard)
	if o := c.until(home, confirmed); o.PaymentStatus != "paid" || o.Invoice == nil || o.Invoice.Total != home.Total {
		t.Errorf("paid online instead it is %+v", o)
	}
	// Both at once: one of the two, whole.
	for i := range 6 {
		n := string(rune('0' + i))
		p := c.deskOrder(map[string]int{"MAGNET-BEFFROI": 1}, "both-"+n)
		var both sync.WaitGroup
		both.Go(func() { c.call("POST", "/fr/orders/"+p.Number+"/pay?key="+p.Key, nil) })
		both.Go(func() {
			shop.again(t, post, "/admin/orders/"+p.Number+"/received", url.Values{"key": {"both"}, "means": {"card_terminal"}, "reference": {"B-" + n}})
		})
		both.Wait()
		switch o := c.see(p); {
		case o.Status == "awaiting_payment" && o.Invoice == nil:
		case o.Status == "confirmed" && o.PaymentStatus == "paid" && o.Invoice != nil:
		default:
			t.Errorf("after the race it is %+v", o)
		}
	}

	file := filepath.Join(shop.dir, "receipts.json")
	if out, err := shop.run("export", "receipts", "--from", "2026-01-01", "--to", "2099-12-31", "--format", "json", "-o", file); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Label    string `json:"label"`
		Cash     amount `json:"cash"`
		Cheques  amount `json:"cheques"`
		Treasury amount `json:"treasury"`
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	var cash, cheques, treasury int64
	found, over := false, false
	for _, r := range rows {
		if strings.HasPrefix(r.Label, "Caisse et guichet") {
			found, over = true, over || strings.Contains(r.Label, "versement")
			cash, cheques, treasury = cash+r.Cash.Amount, cheques+r.Cheques.Amount, treasury+r.Treasury.Amount
		}
	}
	// In cash, the two refunds leave what the transfer gave back: 12,90.
	if cash != 1290 || cheques != third.Total.Amount || treasury != 2*cheque.Total.Amount-1290 || !over {
		t.Errorf("the desk's journal comes to %d in cash, %d in cheques, %d at the treasury: %s", cash, cheques, treasury, data)
	}
	if !found {
		t.Errorf("no row of the desk in %s", data)
	}
	shop.mustVerify()
}

var receiptNumber = regexp.MustCompile(`G\d{4}-\d{5}`)

// receiptOf reads the number of an order's receipt on its page.
func (c caller) receiptOf(p placedOrder) string {
	c.t.Helper()
	return receiptNumber.FindString(string(c.want(200, "GET", "/fr/orders/"+p.Number+"?key="+p.Key, nil).body))
}

// again posts as the desk does, and once more while the order is busy.
func (r *running) again(t *testing.T, post func(string, url.Values) *http.Response, path string, form url.Values) int {
	t.Helper()
	for range 30 {
		if a := post(path, form); a.StatusCode != http.StatusServiceUnavailable {
			return a.StatusCode
		}
	}
	return http.StatusServiceUnavailable
}

func euros(cents int64) string { return money.Amount(cents).Decimal() }
