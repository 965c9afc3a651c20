package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"boutique/internal/text"
)

// The accountant opens the books: what is decided is noted with its date, an own account is mapped
// and tried; then the first of the month: the figures agree, the exports are there, the month before
// is closed from its checklist and its seal stands in the list, its package holds by itself, and
// closing it again is not offered.
func TestTheFirstOfTheMonthThroughTheBrowser(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	order := c.order(map[string]int{"MUG-BEFFROI": 2, "LIVRE-GEANTS": 1}, "parcel")
	c.pay(order, goodCard)
	c.until(order, confirmed)

	abroad := c.orderTo("CH", "1201", "Genève")
	c.pay(abroad, goodCard)
	c.until(abroad, confirmed)

	desk := window(t, browser(t), shop.url)
	desk.signIn("odile")
	openBooks(t, desk)
	proveExport(desk, abroad.Number)

	desk.open("/admin/books")
	desk.sees("s’accordent au centime")
	desk.sees("TVA de la période")
	desk.sees("FEC de l’exercice")
	desk.sees("De quoi la période est faite")
	desk.audits()
	browseBooks(desk, order.Number)
	desk.open("/admin/books")
	now := time.Now().In(text.Paris())
	first := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, text.Paris())
	month := first.Format("2006-01")
	said := []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}[first.Month()-1] + first.Format(" 2006")
	desk.click(`a[href^="/admin/books/close?month="]`)
	desk.sees("Avant de clore " + said)
	desk.sees("Chaque jour a son sceau")
	desk.audits()
	desk.click(`form[action="/admin/books/close"] button`)
	desk.sees("Le mois est clos et scellé.")
	desk.sees("Mois : " + said)
	desk.audits()
	if strings.Contains(desk.text("main"), "Clore "+said) {
		t.Error("the closed month may be closed again")
	}
	if got := desk.fetch("/admin/exports/package?from=" + month + "-01&to=" + first.AddDate(0, 1, -1).Format(time.DateOnly)); got.Status != 200 || !strings.HasPrefix(got.Body, "PK") {
		t.Errorf("the package: %d %s", got.Status, tail(got.Body, 300))
	}
	file := filepath.Join(t.TempDir(), "mois.zip")
	if out, err := shop.run("export", "package", "--from", month+"-01", "--to", first.AddDate(0, 1, -1).Format(time.DateOnly), "-o", file); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if out, err := shop.run("verify", "--package", file); err != nil || !strings.Contains(out, "all 4 hold") {
		t.Errorf("%v %s", err, out)
	}
	desk.open("/admin/mails")
	desk.until(said + " – ")
	desk.audits()
	desk.open("/admin/mails?state=stuck")
	desk.audits()
	shop.mustVerify()
}

// browseBooks goes from a total to its documents, to the entry of one, to the order, and back.
func browseBooks(desk *tab, number string) {
	desk.t.Helper()
	desk.click(`main table th a[href^="/admin/books/documents"]`)
	desk.sees(number)
	desk.audits()
	desk.click(`main td a[href^="/admin/books/entries/"]`)
	desk.sees("Chaîne")
	desk.audits()
	desk.click(`main dd a[href^="/admin/orders/"]`)
	desk.click(`main a[href^="/admin/books/ledger?about="]`)
	desk.sees("Facture")
	desk.sees("Paiement")
	desk.audits()
	desk.open("/admin/books/ledger")
	desk.sees("TVA collectée 20")
	desk.audits()
	desk.click(`main th a[href*="account=411"]`)
	desk.sees(number)
}

func openBooks(t *testing.T, desk *tab) {
	t.Helper()
	desk.open("/admin/books/opening")
	desk.sees("Plan de comptes")
	desk.audits()
	desk.typeInto("#books-regie", "R-2026-14")
	desk.typeInto("#books-oss_from", "01012027")
	desk.click(`form[action="/admin/books/opening/books"] button`)
	desk.sees("ne peut pas précéder l’inscription au guichet unique")
	desk.audits()
	desk.open("/admin/books/opening")
	desk.typeInto("#books-regie", "R-2026-14")
	desk.click(`form[action="/admin/books/opening/books"] button`)
	desk.sees("C’est noté, avec sa date.")
	desk.do(chromedp.Click(chromedp.CSS("#point-chart summary")))
	desk.typeInto("#outcome-chart", "M4, avec les comptes de la ville")
	desk.typeInto("#on-chart", "02102026")
	desk.click(`#point-chart form button`)
	desk.sees("M4, avec les comptes de la ville")

	desk.open("/admin/books/mapping")
	desk.audits()
	for field, value := range map[string]string{"standard": "707", "account": "7071", "label": "Ventes de la boutique", "analytic": "BOUT"} {
		desk.typeInto("#map-"+field, value)
	}
	desk.click(`form[action="/admin/books/mapping"] button`)
	desk.sees("La règle est notée.")
	desk.click(`#trial button`)
	desk.sees("Ce que la vente écrirait")
	desk.sees("7071")
	desk.sees("BOUT")
	desk.audits()
}

// orderTo orders a mug and a book to a place, by the first way that leads there.
func (c caller) orderTo(country, postal, city string) (p placedOrder) {
	c.t.Helper()
	cart := c.fill(map[string]int{"MUG-BEFFROI": 1, "LIVRE-GEANTS": 1})
	c.want(200, "PUT", "/api/v1/carts/"+cart+"/destination", map[string]string{"country": country, "postal_code": postal})
	var offered struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	c.want(200, "GET", "/api/v1/carts/"+cart+"/shipping-options", nil).into(c.t, &offered)
	if len(offered.Items) == 0 {
		c.t.Fatalf("nothing leads to %s", city)
	}
	body := checkoutBody(offered.Items[0].ID)
	body["address"] = map[string]string{"line1": "12 rue de la Cloche", "postal_code": postal, "city": city, "country": country}
	c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", "key-"+cart).into(c.t, &p)
	return p
}

// proveExport goes from the order that was exported to its proof, notes it, and takes it back.
func proveExport(desk *tab, number string) {
	desk.t.Helper()
	desk.open("/admin/orders/" + number)
	desk.sees("Exportation sans TVA")
	desk.sees("preuve attendue")
	desk.open("/admin/books/proofs")
	desk.sees(number)
	desk.audits()
	desk.click(`main th a[href^="/admin/books/proofs/"]`)
	desk.sees("La preuve est attendue jusqu’au")
	desk.click(`form[action$="/hold"] button`)
	desk.sees("manque")
	desk.audits()
	desk.typeInto("#reference", "26FR00750000123456")
	desk.typeInto("#on", time.Now().In(text.Paris()).Format("01022006"))
	desk.click(`form[action$="/hold"] button`)
	desk.sees("La preuve est notée.")
	desk.sees("26FR00750000123456")
	desk.audits()
	desk.do(chromedp.Click(chromedp.CSS("main details summary")))
	desk.typeInto("#reason", "un autre envoi")
	desk.click(`form[action$="/withdraw"] button`)
	desk.sees("preuve retirée : un autre envoi")
	desk.sees("La preuve est attendue jusqu’au")
}
