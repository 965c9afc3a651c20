package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

type seenReturn struct {
	Number string `json:"number"`
	State  string `json:"state"`
	Due    amount `json:"due"`
	Lines  []struct {
		SKU      string `json:"sku"`
		Quantity int    `json:"quantity"`
	} `json:"lines"`
}

// A shopper gives one mug of two back, then the rest: the pieces first, the delivery with the last of
// them; what never left the office is refunded at once.
func TestWithdrawalThroughTheAPI(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	staff := caller{t: t, base: shop.url, token: shop.token("manager")}
	p := c.order(map[string]int{"MUG-BEFFROI": 2}, "parcel")
	path := "/api/v1/orders/" + p.Number + "/withdrawal?key="
	if a := c.call("POST", path+p.Key, map[string]any{}); a.code() != "withdrawal_closed" {
		t.Errorf("an unpaid order is withdrawn from: %s", a.body)
	}
	c.pay(p, goodCard)
	c.until(p, confirmed)
	if a := c.call("POST", path+"wrong", map[string]any{}); a.status != http.StatusNotFound {
		t.Errorf("a wrong key: %d", a.status)
	}
	if a := c.call("POST", path+p.Key, map[string]any{"lines": []map[string]any{{"sku": "NOTHING", "quantity": 1}}}); a.status != 422 {
		t.Errorf("another article: %d %s", a.status, a.body)
	}
	if a := c.call("POST", path+p.Key, map[string]any{"lines": []map[string]any{{"sku": "MUG-BEFFROI", "quantity": 3}}}); a.code() != "nothing_to_withdraw" {
		t.Errorf("three of two: %s", a.body)
	}

	staff.want(201, "POST", "/api/v1/staff/orders/"+p.Number+"/shipments", map[string]any{"lines": []map[string]any{{"sku": "MUG-BEFFROI", "quantity": 1}}})
	var first, again, second seenReturn
	body := map[string]any{"lines": []map[string]any{{"sku": "MUG-BEFFROI", "quantity": 1}}}
	c.want(201, "POST", path+p.Key, body, "Idempotency-Key", "one").into(t, &first)
	c.want(201, "POST", path+p.Key, body, "Idempotency-Key", "one").into(t, &again)
	if first.Number != again.Number || first.Due.Amount != 1290 || first.State != "refunded" {
		t.Errorf("the mug that never left gives %+v, repeated %+v", first, again)
	}
	o := c.until(p, func(o seenOrder) bool { return o.PaymentStatus == "partially_refunded" && len(o.CreditNotes) == 1 })
	if o.CreditNotes[0].Total.Amount != 1290 {
		t.Errorf("the credit note says %+v", o.CreditNotes)
	}
	c.want(201, "POST", path+p.Key, nil).into(t, &second)
	// Who chose a dearer way than the cheapest that was offered is owed the cheapest: the pickup point's
	// 6.60 (Code de la consommation, art. L221-24, al. 3).
	if second.State != "declared" || second.Due.Amount != 1290+660 {
		t.Errorf("the rest gives %+v of %d", second, p.Total.Amount-1290)
	}
	if a := c.call("POST", path+p.Key, nil); a.code() != "nothing_to_withdraw" {
		t.Errorf("a third time: %s", a.body)
	}

	// Who keeps the gift card, which came by mail, keeps nothing that was delivered: the cheapest way is due, the
	// pickup point's 5.30 for one mug.
	mixed := c.order(map[string]int{"MUG-BEFFROI": 1, "CARTE-CADEAU-20": 1}, "parcel")
	c.pay(mixed, goodCard)
	c.until(mixed, confirmed)
	var mug seenReturn
	c.want(201, "POST", "/api/v1/orders/"+mixed.Number+"/withdrawal?key="+mixed.Key, body).into(t, &mug)
	if mug.State != "refunded" || mug.Due.Amount != 1290+530 {
		t.Errorf("the mug beside a gift card gives %+v", mug)
	}

	// What staff have given back by another way meanwhile is not given back twice: the return is closed.
	other := c.order(map[string]int{"MUG-BEFFROI": 2}, "parcel")
	c.pay(other, goodCard)
	c.until(other, confirmed)
	staff.want(201, "POST", "/api/v1/staff/orders/"+other.Number+"/shipments", map[string]any{})
	var late seenReturn
	c.want(201, "POST", "/api/v1/orders/"+other.Number+"/withdrawal?key="+other.Key, body).into(t, &late)
	staff.patient(201, "POST", "/api/v1/staff/orders/"+other.Number+"/refunds", map[string]any{"lines": []map[string]any{{"sku": "MUG-BEFFROI", "quantity": 2}}}, "Idempotency-Key", "other")
	post := shop.desk(t)
	if a := shop.again(t, post, "/admin/returns/"+late.Number+"/refund", url.Values{}); a != http.StatusConflict {
		t.Errorf("giving the same back again is answered %d", a)
	}
	if a := shop.again(t, post, "/admin/returns/"+late.Number+"/close", url.Values{"reason": {"refunded by its lines"}}); a != http.StatusSeeOther {
		t.Errorf("closing the return is answered %d", a)
	}
	shop.mustVerify()
}

// Who has only the number and the address withdraws in two steps; who has one of the two wrong hears
// the same as who has both wrong.
func TestAGuestWithdraws(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	p := c.order(map[string]int{"MUG-BEFFROI": 1}, "parcel")
	c.pay(p, goodCard)
	c.until(p, confirmed)
	post := func(form url.Values) (int, string) {
		t.Helper()
		a := c.call("POST", "/fr/withdrawal", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		return a.status, string(a.body)
	}
	var answers []string
	for _, who := range [][2]string{{p.Number, "other@example.org"}, {"B26-0000-0000", "zoe@example.org"}, {"B26-0000-0000", "other@example.org"}} {
		status, body := post(url.Values{"order": {who[0]}, "email": {who[1]}})
		if status != 422 {
			t.Errorf("%v is answered %d", who, status)
		}
		answers = append(answers, strings.NewReplacer(who[0], "", who[1], "").Replace(body))
	}
	if answers[0] != answers[1] || answers[1] != answers[2] {
		t.Error("the answer tells which of the two is wrong")
	}
	who := url.Values{"order": {strings.ToLower(p.Number)}, "email": {"ZOE@example.org"}}
	if status, body := post(who); status != 200 || !strings.Contains(body, "line.MUG-BEFFROI") || strings.Contains(body, p.Key) {
		t.Fatalf("number and address are answered %d: %s", status, tail(body, 1500))
	}
	who.Set("line.MUG-BEFFROI", "1")
	who.Set("key", "0123456789abcdef0123")
	who.Set("action", "confirm")
	if status, body := post(who); status != 200 || !strings.Contains(body, "Confirmer la rétractation") {
		t.Fatalf("the second step is answered %d: %s", status, tail(body, 1500))
	}
	who.Set("action", "done")
	for range 2 {
		if status, body := post(who); status != http.StatusSeeOther {
			t.Fatalf("confirming is answered %d: %s", status, tail(body, 1500))
		}
	}
	// The parcel to the door was dearer than the pickup point's 5.30, which is what is owed.
	if o := c.until(p, func(o seenOrder) bool { return o.PaymentStatus == "partially_refunded" && len(o.CreditNotes) == 1 }); len(o.Refunds) != 1 || o.CreditNotes[0].Total.Amount != 1290+530 {
		t.Errorf("%+v", o)
	}
	for n := range 30 {
		if status, _ := post(url.Values{"order": {"B26-0000-0000"}, "email": {"x@example.org"}}); status == http.StatusTooManyRequests {
			break
		} else if n == 29 {
			t.Error("guessing is never slowed down")
		}
	}
	shop.mustVerify()
}
