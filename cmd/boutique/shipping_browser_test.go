package main

import (
	"strconv"
	"strings"
	"testing"
)

// An office sets up a carton and a tariff from a file, reads the coverage picture and
// simulates Corsica with a bottle and a book; staff pack two parcels with a scanner and print everything.
func TestJourneyOfAParcel(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	chrome := browser(t)
	c := caller{t: t, base: shop.url}
	placed := c.order(map[string]int{"MUG-BEFFROI": 2, "LIVRE-GEANTS": 1, "AFFICHE-BEFFROI-CADRE": 1}, "parcel")
	c.pay(placed, goodCard)
	c.until(placed, confirmed)
	number := placed.Number

	manager := window(t, chrome, shop.url)
	manager.signIn("camille")
	manager.open("/admin/shipping")
	manager.sees("Zones")
	manager.audits()
	manager.put(`#cartons tr:last-child input[name$=".code"]`, "POCHETTE")
	for name, value := range map[string]string{"length": "300", "width": "220", "height": "40", "tare": "30", "most": "1000", "cost": "0,35"} {
		manager.put(`#cartons tr:last-child input[name$=".`+name+`"]`, value)
	}
	manager.click(`form[action$="/cartons"] > button`)
	manager.sees("nouvelle version")
	manager.put("#desk-1-hours_6", "09:00–12:00")
	manager.click(`form[action$="/desks"] > button`)
	manager.holds("#desk-1-hours_6", "09:00–12:00")
	manager.put(`#zones tr:last-child input[name$=".code"]`, "ile")
	manager.put(`#zones tr:last-child input[name$=".name_fr"]`, "Île de beauté")
	manager.put(`#zones tr:last-child textarea`, "FR:20")
	manager.click(`form[action$="/zones"] > button`)
	manager.sees("FR 20000")
	manager.put("#new-name", "Colis contre signature")
	manager.put("#new-like", "parcel")
	manager.script(`document.querySelector(".add-method").open = true`)
	manager.click(`.add-method button`)
	manager.sees("Au plus 30 kg, 100 cm de long")
	manager.open("/admin/shipping/methods/parcel")
	manager.audits()
	manager.put("#tariff-name", "Colis 2027")
	manager.put("#tariff-csv", "zone;up_to;price;cost\ncorsica;5000;9,90;7,40\ncorsica;5000;8,00;\n")
	manager.click(`form[action$="/tariff"] button`)
	manager.sees("Ligne 3")
	manager.sees("rien n’a changé")
	manager.put("#tariff-name", "Colis 2027")
	manager.put("#tariff-csv", "zone;up_to;price;cost\ncorsica;5000;9,90;7,40\ncorsica;30000;24,90;\ncorsica;above;\n")
	manager.click(`form[action$="/tariff"] button`)
	manager.sees("sans faute")
	manager.sees("Les commandes du dernier mois, recalculées avec ce tarif")
	manager.awaits(`document.querySelectorAll("svg[aria-label='Gagné ou perdu par tranche'] rect").length == 1`)
	manager.audits()
	manager.click(`button[value=accept]`)
	manager.sees("nouvelle version")
	manager.open("/admin/shipping/coverage")
	manager.sees("trou")
	manager.audits()
	manager.open("/admin/shipping/simulate?country=FR&postal_code=20200&basket=BIERE-CARILLON-75%0ALIVRE-GEANTS")
	manager.sees("contre signature")
	manager.audits()
	manager.open("/admin/shipping/simulate?country=FR&postal_code=20200&basket=MUG-BEFFROI%0ALIVRE-GEANTS")
	manager.sees("9,90")
	manager.sees("Colis 2027")
	manager.audits()
	manager.open("/admin/studio?kind=price&skus=MUG-BEFFROI+3&start=4")
	manager.audits()
	if f := manager.fetch("/admin/studio/print.pdf?kind=price&skus=MUG-BEFFROI+3&start=4"); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
		t.Errorf("price labels are answered %d", f.Status)
	}
	manager.open("/admin/studio?kind=tape")
	manager.audits()
	manager.put("#s-colours", "one")
	manager.script(`document.querySelector("#s-colours").dispatchEvent(new Event("input", {bubbles: true}))`)
	manager.awaits(`document.querySelector(".studio-preview img").src.includes("colours=one")`)
	manager.awaits(`document.querySelector(".studio-preview img").complete && document.querySelector(".studio-preview img").naturalWidth > 600`)
	if f := manager.fetch("/admin/studio/print.pdf?kind=tape&colours=one&plates=1&marks=1"); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
		t.Errorf("the tape is answered %d", f.Status)
	}

	desk := window(t, chrome, shop.url)
	desk.signIn("karim")
	desk.open("/admin/packing")
	desk.sees(number)
	desk.audits()
	desk.open("/admin/packing/list?o=" + number)
	desk.sees("Mug Beffroi")
	desk.audits()
	for _, paper := range []string{"papers.pdf?", "slips.pdf?", "labels.pdf?paper=L7165&start=8&", "labels.pdf?paper=thermal&"} {
		if f := desk.fetch("/admin/packing/" + paper + "o=" + number); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
			t.Errorf("%s of the batch is answered %d", paper, f.Status)
		}
	}
	if f := desk.fetch("/admin/packing/labels.pdf?paper=L7165&start=9&o=" + number); f.Status != 422 {
		t.Errorf("the ninth of eight cells is answered %d", f.Status)
	}
	if f := desk.fetch("/admin/packing/carrier.csv?columns=Nom%3Dname&o=" + number); f.Status != 200 || !strings.Contains(f.Body, "Nom\r\n") {
		t.Errorf("columns of the office's own are answered %d %q", f.Status, f.Body)
	}
	desk.open("/admin/packing/" + number)
	desk.audits()
	scan := func(code string) {
		desk.put("#code", code)
		desk.click(`button[value=scan]`)
	}
	desk.sees("Colis 2/2")
	desk.sees("1 × Affiche Beffroi Encadrée")
	scan("9791099900029")
	desk.sees("n’est pas dans cette commande")
	scan("2001480000014")
	desk.sees("Mug Beffroi : compté, 1 sur 2.")
	scan("2001480000014")
	scan("2001480000014")
	desk.sees("assez")
	scan("LIVRE-GEANTS")
	scan("2001480000212")
	for n, weight := range []string{"2150", "3400"} {
		desk.put("#weight-"+strconv.Itoa(n), weight)
		desk.put("#tracking-"+strconv.Itoa(n), "8R1234567890"+strconv.Itoa(n))
	}
	desk.click(`button[value=ship]`)
	desk.sees("2,15")
	desk.sees("3,4")
	desk.audits()
	for _, paper := range []string{"label", "label-thermal", "label-sheet", "packing-slip"} {
		if f := desk.fetch("/admin/orders/" + number + "/" + paper + ".pdf"); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
			t.Errorf("the %s is answered %d", paper, f.Status)
		}
	}
	out, err := shop.run("quote", "--order", number)
	if err != nil || !strings.Contains(out, "the same price") {
		t.Errorf("%v: %s", err, out)
	}
	shop.mustVerify()
}
