package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A shopper looks for a pickup point near another postal code, takes one, thinks again and fetches the
// order at the desk of the station; nothing of the point is left. Another one's order goes to a point in
// two parcels: staff pick along the shelves, pack with the scanner, print everything.
func TestJourneyToAPickupPointAndToADesk(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	chrome := browser(t)

	shopper := window(t, chrome, shop.url)
	shopper.open("/fr/products/mug-beffroi")
	shopper.click(".buy-box button.button")
	shopper.open("/fr/checkout")
	for selector, value := range map[string]string{"#email": "zoe@example.org", `[name="address.name"]`: "Zoé Martin", `[name="address.line1"]`: "12 rue de la Cloche", `[name="address.postal_code"]`: "59500", `[name="address.city"]`: "Douai"} {
		shopper.typeInto(selector, value)
	}
	shopper.click("button[value=update]")
	shopper.sees("Point relais")
	country := func(code, shown string) {
		shopper.script(`document.querySelector("#country").value = "` + code + `"; document.querySelector("#country").dispatchEvent(new Event("change", {bubbles: true}))`)
		shopper.awaits(`document.querySelector("#address").innerText.includes("` + shown + `")`)
	}
	country("HU", "1011")
	if order := shopper.evaluates(`[...document.querySelectorAll("#address input")].map(i => i.id).join(" ")`); order != "city line1 line2 postal_code" {
		t.Errorf("a Hungarian address is asked for as %s", order)
	}
	shopper.holds("#city", "Douai")
	country("CH", "8001")
	shopper.awaits(`document.querySelector("#phone").required`)
	country("FR", "59500")
	shopper.put("#line1", "12 bis avenue du Général de Gaulle, résidence des Géants")
	shopper.click("button[value=pay]")
	shopper.sees("En deux lignes, elle tient")
	shopper.audits()
	shopper.click("button[value=split]")
	shopper.holds("#line2", "résidence des Géants")
	shopper.put("#line2", "")
	shopper.script(`document.querySelector(".method-stops summary").click()`)
	shopper.put(`[name="near.pickup"]`, "75011")
	shopper.click(".stop-search button")
	shopper.sees("Vélos Oberkampf")
	shopper.sees("mar.–sam. 10:00–19:00")
	shopper.audits()
	choose := func(stop string) {
		shopper.script(`document.querySelector('[name=shipping_option][value$="@` + stop + `"]').click(); null`)
	}
	velos := shopper.evaluates(`[...document.querySelectorAll(".stops label")].find(l => l.innerText.includes("Vélos")).querySelector("input").value.split("@")[1]`)
	choose(velos)
	shopper.awaits(`document.querySelector("#sum").innerText.includes("Vélos Oberkampf")`)
	shopper.put(`[name="near.pickup"]`, "59500")
	shopper.click(".stop-search button")
	shopper.sees("Choisi : Vélos Oberkampf")
	choose("gare")
	shopper.awaits(`document.querySelector("#sum").innerText.includes("Point info de la gare")`)
	if sum := shopper.text("#sum"); strings.Contains(sum, "Vélos") || !strings.Contains(sum, "gratuit") {
		t.Errorf("the point is still in the sum: %s", sum)
	}
	shopper.do(chromedp.Click(chromedp.CSS("#accept_terms")))
	shopper.click("button[value=pay]")
	for name, value := range map[string]string{"card_number": goodCard, "exp": "12/40", "cvc": "123", "name": "Zoé Martin"} {
		shopper.typeInto("[name="+name+"]", value)
	}
	shopper.click("form:has([name=card_number]) button[type=submit]")
	shopper.until("F2026-")
	shopper.sees("4 place de la Gare")
	if strings.Contains(shopper.text("main"), "Oberkampf") {
		t.Error("the order goes to the point that was given up")
	}
	shopper.audits()
	collected := strings.Split(strings.TrimPrefix(shopper.address(), shop.url+"/fr/orders/"), "?")[0]

	c := caller{t: t, base: shop.url}
	cart := c.fill(map[string]int{"PARAPLUIE-BEFFROY": 1, "MUG-BEFFROI": 2})
	body := checkoutBody("pickup")
	c.want(422, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", "no-point")
	body["pickup_point"] = velos
	var placed placedOrder
	c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", "two-parcels").into(t, &placed)
	c.pay(placed, goodCard)
	c.until(placed, confirmed)

	desk := window(t, chrome, shop.url)
	desk.signIn("karim")
	desk.open("/admin/packing/list?o=" + placed.Number + "&o=" + collected)
	desk.holds(`[aria-label$="MUG-BEFFROI"]`, "A-1-1")
	if list := desk.text("main"); strings.Index(list, "Mug Beffroi") > strings.Index(list, "Parapluie") {
		t.Error("the picking list does not go along the shelves")
	}
	if f := desk.fetch("/admin/packing/papers.pdf?o=" + placed.Number); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
		t.Errorf("the picking list is answered %d", f.Status)
	}
	desk.open("/admin/packing/" + placed.Number)
	for _, code := range []string{"2001480000014", "PARAPLUIE-BEFFROY", "2001480000014"} {
		desk.put("#code", code)
		desk.click(`button[value=scan]`)
		desk.sees("compté")
	}
	desk.sees("Colis 2/2")
	desk.audits()
	for selector, value := range map[string]string{"#weight-0": "1120", "#weight-1": "790", "#tracking-0": "4711000001", "#tracking-1": "4711000002"} {
		desk.put(selector, value)
	}
	desk.click(`button[value=ship]`)
	desk.sees("4711000001")
	desk.sees("4711000002")
	desk.audits()
	for _, paper := range []string{"label", "label-thermal", "label-sheet", "packing-slip"} {
		if f := desk.fetch("/admin/orders/" + placed.Number + "/" + paper + ".pdf"); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
			t.Errorf("the %s is answered %d", paper, f.Status)
		}
	}
	if f := desk.fetch("/admin/packing/carrier.csv?preset=mondial-relay&o=" + placed.Number); f.Status != 200 || strings.Count(f.Body, velos) != 2 {
		t.Errorf("the carrier's file does not name the point for each parcel: %s", f.Body)
	}

	// The collection: ready, its code typed at the desk, handed over with a name.
	desk.open("/admin/packing/" + collected)
	desk.click(`button[value=ready]`)
	shopper.until("Votre code de retrait")
	shopper.audits()
	code := shopper.evaluates(`document.body.innerText.match(/code de retrait : (\w{6})/)[1]`)
	if f := desk.fetch("/admin/orders/" + collected + "/pickup-code.pdf"); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
		t.Errorf("the pickup code is answered %d", f.Status)
	}
	desk.open("/admin/packing")
	desk.put("#code", strings.ToLower(code))
	desk.click(".search button")
	desk.sees(collected)
	desk.put("#handed_to", "Zoé Martin")
	desk.click(`button[value=hand_over]`)
	desk.open("/admin/packing/" + collected)
	desk.sees("Zoé Martin")
	shop.mustVerify()
}
