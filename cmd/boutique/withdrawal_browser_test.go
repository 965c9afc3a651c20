package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// A guest withdraws by number and address; the receipt comes by mail; staff take the goods back, put
// them on sale again and refund.
func TestAGuestWithdrawsThroughTheBrowser(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	staff := caller{t: t, base: shop.url, token: shop.token("manager")}
	p := c.order(map[string]int{"MUG-BEFFROI": 2}, "parcel")
	c.pay(p, goodCard)
	c.until(p, confirmed)
	staff.want(201, "POST", "/api/v1/staff/orders/"+p.Number+"/shipments", map[string]string{"carrier": "Colissimo"})

	chrome := browser(t)
	guest := window(t, chrome, shop.url)
	guest.open("/fr/")
	guest.click(`footer a[href$="/fr/withdrawal"]`)
	guest.audits()
	guest.typeInto("#order", p.Number)
	guest.typeInto("#email", "zoe@example.org")
	guest.click("main form button")
	guest.audits()
	guest.do(chromedp.SetValue(chromedp.CSS("main select"), "1"))
	guest.click("main button[value=confirm]")
	guest.sees("1 × Mug Beffroi")
	guest.audits()
	guest.click("main button[value=done]")
	guest.sees("reçu votre rétractation")
	guest.audits()
	guest.open(fmt.Sprintf("/fr/orders/%s?key=%s", p.Number, p.Key))
	guest.sees("déclarée")
	guest.audits()
	guest.click(`main a[href*="/withdrawal?key="]`)
	guest.sees("Mug Beffroi")

	desk := window(t, chrome, shop.url)
	desk.signIn("karim")
	desk.open("/admin/mails")
	desk.until("Accusé de réception de votre rétractation")
	desk.open("/admin/returns")
	desk.sees("Zoé Martin")
	desk.audits()
	desk.click("tbody a")
	desk.audits()
	desk.click(`form[action$="/receive"] button`)
	desk.sees("Arrivée enregistrée")
	desk.click(`form[action$="/refund"] button`)
	desk.sees("remboursée")
	desk.audits()
	c.until(p, func(o seenOrder) bool { return o.PaymentStatus == "partially_refunded" && len(o.CreditNotes) == 1 })
	shop.mustVerify()
}
