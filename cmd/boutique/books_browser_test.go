package main

import (
	"strings"
	"testing"
	"time"

	"boutique/internal/text"
)

// The accountant's first of the month: the figures agree, the exports are there, the month before is
// closed and its seal stands in the list; closing it again is not offered.
func TestTheFirstOfTheMonthThroughTheBrowser(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	order := c.order(map[string]int{"MUG-BEFFROI": 2, "LIVRE-GEANTS": 1}, "parcel")
	c.pay(order, goodCard)
	c.until(order, confirmed)

	desk := window(t, browser(t), shop.url)
	desk.signIn("odile")
	desk.open("/admin/books")
	desk.sees("s’accordent au centime")
	desk.sees("TVA de la période")
	desk.sees("FEC de l’exercice")
	desk.audits()
	now := time.Now().In(text.Paris())
	month := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, text.Paris()).Format("2006-01")
	desk.sees("Clore " + month)
	desk.click(`form[action="/admin/books/close"] button`)
	desk.sees("Le mois est clos et scellé.")
	desk.sees("Mois du " + month + "-01")
	desk.audits()
	if strings.Contains(desk.text("main"), "Clore "+month) {
		t.Error("the closed month may be closed again")
	}
	shop.mustVerify()
}
