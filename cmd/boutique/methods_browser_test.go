package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Each way to pay, on the payment page as a shopper meets it: a card that is declined, one whose bank asks and
// is refused and then agrees, a way back to the shop and to the same page again, the methods that ask elsewhere,
// a debit that is known later. Staff give a part of a card payment back and one of a method back whole.
func TestEveryWayToPayThroughTheBrowser(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	methods := []string{"card", "bancontact", "ideal", "paypal", "klarna", "sepa_debit"}
	form := url.Values{"desk": {"1"}, "desk_days": {"7"}}
	for _, m := range methods {
		form.Set("method_"+m, "1")
	}
	if a := shop.desk(t)("/admin/settings/payment", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("offering every method is answered %d", a.StatusCode)
	}
	chrome := browser(t)
	shopper := window(t, chrome, shop.url)
	card := func(number string) {
		t.Helper()
		for name, value := range map[string]string{"card_number": number, "exp": "12/40", "cvc": "123", "name": "Zoé Martin"} {
			shopper.typeInto("form:has([name=card_number]) [name="+name+"]", value)
		}
		shopper.click("form:has([name=card_number]) button[type=submit]")
	}
	paid := map[string]placedOrder{}
	for _, method := range methods {
		p := c.order(map[string]int{"MUG-BEFFROI": 1}, "collection")
		paid[method] = p
		shopper.open(p.PaymentURL)
		switch method {
		case "card":
			card("4000 0000 0000 0002")
			shopper.sees("a été refusée")
			shopper.audits()
			card("4000 0027 6000 3184")
			shopper.sees("3-D Secure")
			shopper.audits()
			shopper.click("button[value=fail]")
			shopper.sees("authentifier")
			shopper.click("a.back")
			shopper.sees("En attente de paiement")
			if o := c.see(p); o.Status != "awaiting_payment" || o.PaymentStatus != "unpaid" {
				t.Errorf("turned back from, the order is %+v", o)
			}
			shopper.audits()
			shopper.click(".order-pay button")
			if page, _, _ := strings.Cut(p.PaymentURL, "#"); !strings.HasPrefix(shopper.address(), page) {
				t.Errorf("taken up again, the payment leads to %s, not %s", shopper.address(), page)
			}
			card("4000 0027 6000 3184")
			shopper.click("button[value=complete]")
		case "sepa_debit":
			shopper.typeInto("#iban", "FR14 2004 1010 0505 0001 3M02 606")
			shopper.typeInto("#sepa_name", "Zoé Martin")
			shopper.click("form:has(#iban) button")
		default:
			shopper.click("button[name=payment_method][value=" + method + "]")
			shopper.audits()
			if method == "bancontact" {
				shopper.click("button[value=fail]")
				shopper.sees("Le paiement a été refusé")
				shopper.click("button[name=payment_method][value=" + method + "]")
			}
			shopper.click("button[value=authorize]")
		}
		shopper.until("F2026-")
		shopper.sees("Merci, Zoé")
		if o := c.see(p); o.PaymentStatus != "paid" || o.Invoice == nil || o.Invoice.Total != p.Total {
			t.Errorf("paid by %s the order is %+v", method, o)
		}
	}

	desk := window(t, chrome, shop.url)
	desk.signIn("camille")
	refunds := func(p placedOrder, what, amount, status string) {
		t.Helper()
		desk.open("/admin/orders/" + p.Number)
		desk.do(chromedp.Click(chromedp.CSS(`details:has(form[action$="/refund"]) summary`)), chromedp.Click(chromedp.CSS("input[name=what][value="+what+"]")))
		if amount != "" {
			desk.typeInto("#amount", amount)
		}
		desk.click(`form[action$="/refund"] button`)
		desk.sees("Le remboursement est demandé")
		c.until(p, func(o seenOrder) bool {
			return o.PaymentStatus == status && len(o.CreditNotes) == 1 && o.Refunds[0].State == "succeeded"
		})
		shopper.open(fmt.Sprintf("/fr/orders/%s?key=%s", p.Number, p.Key))
		shopper.sees("effectué")
		shopper.sees("A2026-")
	}
	refunds(paid["card"], "amount", "2,00", "partially_refunded")
	refunds(paid["ideal"], "all", "", "refunded")
	shopper.audits()
	desk.open("/admin/orders/" + paid["ideal"].Number + "/money")
	desk.sees("iDEAL")
	desk.audits()
	if out, err := shop.run("reconcile"); err != nil || !strings.Contains(out, "0 differ") {
		t.Errorf("reconcile: %v %s", err, out)
	}
	shop.mustVerify()
}
