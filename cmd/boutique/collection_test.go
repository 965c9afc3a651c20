package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"boutique/catalog"
	"boutique/internal/money"
	"boutique/shop"
)

// A collection that nobody fetches is reminded of once, at half of its time; then staff see it as unclaimed;
// when it is fetched all the same, the name of who took it is kept and it is unclaimed no more.
func TestACollectionIsRemindedOfUnclaimedAndHandedOver(t *testing.T) {
	h := newHouse(t, houseOptions{copies: 1})
	ctx, a, c := t.Context(), h.anyCopy().a, h.shopper()
	placed := c.order(map[string]int{"MUG-BEFFROI": 1}, "collection")
	c.pay(placed, goodCard)
	c.until(placed, confirmed)
	if err := a.shop.MarkReady(ctx, placed.Number, "karim"); err != nil {
		t.Fatal(err)
	}
	reminders := func() int64 { return h.count(`select count(*) from mail where kind = 'order_waits'`) }
	remind := func() {
		t.Helper()
		if err := a.shop.RemindCollections(ctx); err != nil {
			t.Fatal(err)
		}
	}
	unclaimed := func() bool {
		list, err := shop.ListUnclaimed(ctx, h.owner)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(list, func(u shop.Unclaimed) bool { return u.Number == placed.Number })
	}
	remind()
	if n := reminders(); n != 0 || unclaimed() {
		t.Errorf("on the first day there are %d reminders, unclaimed: %t", n, unclaimed())
	}
	h.exec(`update collection set ready_at = now() - interval '8 days'`)
	remind()
	remind()
	if n := reminders(); n != 1 || unclaimed() {
		t.Errorf("after 8 of 14 days there are %d reminders, unclaimed: %t", n, unclaimed())
	}
	h.exec(`update collection set ready_at = now() - interval '15 days'`)
	remind()
	if n := reminders(); n != 1 || !unclaimed() {
		t.Errorf("after 15 days there are %d reminders, unclaimed: %t", n, unclaimed())
	}
	o, err := shop.GetOrder(ctx, h.owner, placed.Number)
	if err != nil {
		t.Fatal(err)
	}
	d, err := a.shop.Dossier(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	code := d.Shipments[0].Collection.Code
	if found, err := shop.OrderOfCode(ctx, h.owner, strings.ToLower(code)); err != nil || found != placed.Number {
		t.Errorf("the code %s opens %q: %v", code, found, err)
	}
	if err := a.shop.MarkCollected(ctx, placed.Number, "Zoé Martin", "karim"); err != nil {
		t.Fatal(err)
	}
	if d, err = a.shop.Dossier(ctx, o); err != nil || d.Shipments[0].Collection.HandedTo != "Zoé Martin" || unclaimed() {
		t.Errorf("handed to %+v, unclaimed: %t, %v", d.Shipments[0].Collection, unclaimed(), err)
	}
}

// Before a new tariff starts, last month's orders are priced with it, band by band; and an order is
// replayed to what it cost, whatever the tariff became since.
func TestLastMonthsOrdersArePricedWithANewTariff(t *testing.T) {
	h := newHouse(t, houseOptions{copies: 1})
	ctx, a, c := t.Context(), h.anyCopy().a, h.shopper()
	var orders []placedOrder
	for n, lines := range []map[string]int{{"MUG-BEFFROI": 1}, {"MUG-BEFFROI": 1}, {"MUG-BEFFROI": 2, "LIVRE-GEANTS": 1}} {
		p := c.order(lines, "parcel")
		c.pay(p, goodCard)
		c.until(p, confirmed)
		orders = append(orders[:n], p)
	}
	now, err := shop.CurrentConditions(ctx, h.owner)
	if err != nil {
		t.Fatal(err)
	}
	price := func(cents int64) *money.Amount { a := money.Amount(cents); return &a }
	next := now
	if err := next.SetTariffs("parcel", "Colis 2027", "", map[string]shop.Tariff{"france": {Bands: []shop.Band{{UpToG: 1000, Price: price(1000)}, {UpToG: 1200, Price: nil}, {UpToG: 30000, Price: price(1500)}}}}); err != nil {
		t.Fatal(err)
	}
	list, err := a.shop.Reprice(ctx, next, "parcel", "")
	if err != nil {
		t.Fatal(err)
	}
	n, before, after := 0, money.Amount(0), money.Amount(0)
	for _, r := range list {
		n, before, after = n+r.Orders, before+r.Before, after+r.After
		if r.Zone != "france" || r.Won() != r.After-r.Before {
			t.Errorf("%+v", r)
		}
	}
	var charged money.Amount
	for _, p := range orders {
		o, err := shop.GetOrder(ctx, h.owner, p.Number)
		if err != nil {
			t.Fatal(err)
		}
		charged += o.Shipping
	}
	if n != 3 || before != charged || after != 1000+1000+1500 || len(list) != 2 {
		t.Errorf("%d orders brought %d (charged %d), would bring %d: %+v", n, before, charged, after, list)
	}
	if _, err := a.shop.EditConditions(ctx, now.Version, "tariff", "camille", func(c *shop.Conditions) error { *c = next; return nil }); err != nil {
		t.Fatal(err)
	}
	results, err := shop.VerifyQuotes(ctx, h.owner)
	if err != nil || len(results[0].Broken) > 0 || results[0].Figure < 3 {
		t.Errorf("orders no longer replay to what they cost: %+v %v", results, err)
	}
}

// An article that went on sale without a weight: staff are told, its shopper is offered collection, and why
// nothing else.
func TestStaffHearOfAnArticleThatCannotBeSent(t *testing.T) {
	h := newHouse(t, houseOptions{copies: 1})
	ctx, c := t.Context(), h.shopper()
	if list, err := catalog.ListUnsendable(ctx, h.owner, 10); err != nil || len(list) != 0 {
		t.Fatalf("%+v %v", list, err)
	}
	h.exec(`update variant set weight_g = 0 where sku = 'MUG-BEFFROI'`)
	list, err := catalog.ListUnsendable(ctx, h.owner, 10)
	if err != nil || len(list) != 1 || list[0].SKU != "MUG-BEFFROI" || list[0].Slug != "mug-beffroi" {
		t.Errorf("%+v %v", list, err)
	}
	cart := c.fill(map[string]int{"MUG-BEFFROI": 1})
	c.want(200, "PUT", "/api/v1/carts/"+cart+"/destination", map[string]string{"country": "FR", "postal_code": "59500"})
	var offered struct {
		Items []struct {
			Kind string `json:"kind"`
		} `json:"items"`
		Excluded []struct {
			Code string `json:"code"`
		} `json:"excluded"`
	}
	a := c.want(200, "GET", "/api/v1/carts/"+cart+"/shipping-options", nil)
	if err := json.NewDecoder(bytes.NewReader(a.body)).Decode(&offered); err != nil {
		t.Fatal(err)
	}
	if len(offered.Items) != 1 || offered.Items[0].Kind != "collection" {
		t.Errorf("offered: %s", a.body)
	}
	if !slices.ContainsFunc(offered.Excluded, func(e struct {
		Code string `json:"code"`
	}) bool {
		return e.Code == shop.RefusedNoSize
	}) {
		t.Errorf("no method says why: %s", a.body)
	}
}
