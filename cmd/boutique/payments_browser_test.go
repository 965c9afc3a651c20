package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// fillCheckout writes a shopper's name and address into the checkout.
func (b *tab) fillCheckout() {
	b.t.Helper()
	for selector, value := range map[string]string{"#email": "zoe@example.org", `[name="address.name"]`: "Zoé Martin", `[name="address.line1"]`: "12 rue de la Cloche", `[name="address.postal_code"]`: "59500", `[name="address.city"]`: "Douai"} {
		b.typeInto(selector, value)
	}
	b.click("button[value=update]")
}

// A shopper orders without paying, comes to the desk and pays there; staff take the money, hand the goods
// over, give a part back and carry the till to the bank.
func TestPaymentAtTheDeskThroughTheBrowser(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	chrome := browser(t)
	shopper := window(t, chrome, shop.url)
	shopper.open("/fr/products/mug-beffroi")
	shopper.click(".buy-box button.button")
	shopper.open("/fr/checkout")
	shopper.fillCheckout()
	shopper.do(chromedp.Click(chromedp.CSS("input[name=shipping_option][value=parcel]")), chromedp.WaitNotVisible(chromedp.CSS("#payment")))
	shopper.audits()
	shopper.do(chromedp.Click(chromedp.CSS("details:has(.fetched):not([open]) summary")))
	shopper.do(chromedp.Click(chromedp.CSS("input.fetched[name=shipping_option]")), chromedp.WaitVisible(chromedp.CSS("#payment")))
	shopper.do(chromedp.Click(chromedp.CSS("input[name=payment][value=desk]")), chromedp.WaitVisible(chromedp.CSS(".to-desk button")), chromedp.Click(chromedp.CSS("#accept_terms")))
	shopper.click(".to-desk button")
	shopper.sees("Votre commande vous attend")
	shopper.sees("12,90 €")
	shopper.audits()
	number := strings.Split(strings.TrimPrefix(shopper.address(), shop.url+"/fr/orders/"), "?")[0]

	desk := window(t, chrome, shop.url)
	desk.signIn("karim")
	desk.sees("attend d’être payée au comptoir")
	desk.open("/admin/orders?tab=desk")
	desk.click(`a[href="/admin/orders/` + number + `"]`)
	desk.sees("À payer au comptoir")
	desk.audits()
	desk.do(chromedp.Click(chromedp.CSS(`input[name=means][value=cheque]`)))
	desk.typeInto("#desk-reference", "0412345")
	desk.click(`form[action$="/received"] button`)
	desk.sees("Encaissé, facture numérotée.")
	desk.sees("terminée")
	desk.audits()
	desk.do(chromedp.Click(chromedp.CSS(`details:has(form[action$="/refund"]) summary`)), chromedp.Click(chromedp.CSS(`input[name=what][value=amount]`)))
	desk.typeInto("#amount", "2,00")
	desk.click(`form[action$="/refund"] button`)
	desk.click(`a[href$="/money"]`)
	desk.sees("encaissement, chèque")
	desk.sees("G2026-00002")
	desk.audits()
	desk.open("/admin/till")
	desk.sees("G2026-00001")
	desk.audits()
	if f := desk.fetch("/admin/orders/" + number + "/receipt-G2026-00001.pdf"); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
		t.Errorf("the receipt is answered %d %s", f.Status, f.Kind)
	}
	desk.click(`form[action="/admin/till/deposit"]:has(input[value=cheque]) button`)
	desk.sees("Versement noté")
	desk.sees("12,90 €")
	shopper.until("terminée")
	shopper.sees("F2026-")
	shopper.sees("Reçu G2026-00001")
	shopper.audits()
	shop.mustVerify()
}

// A card is bought, printed and used in part; a bank takes a payment back, and staff find the deadline, the
// evidence, and an order that does not leave. Every page about money is held against axe-core.
func TestGiftCardAndDisputeThroughTheBrowser(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	chrome := browser(t)
	sold := c.order(map[string]int{"CARTE-CADEAU-20": 1}, "email")
	c.pay(sold, goodCard)
	c.until(sold, func(o seenOrder) bool { return o.Status == "completed" })
	shopper := window(t, chrome, shop.url)
	shopper.open(fmt.Sprintf("/fr/orders/%s?key=%s", sold.Number, sold.Key))
	shopper.sees("La carte à imprimer")
	shopper.audits()
	if f := shopper.fetch(fmt.Sprintf("/fr/orders/%s/gift-cards.pdf?key=%s", sold.Number, sold.Key)); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
		t.Errorf("the card is answered %d %s", f.Status, f.Kind)
	}
	if f := shopper.fetch("/fr/orders/" + sold.Number + "/gift-cards.pdf?key=wrong"); f.Status != 404 {
		t.Errorf("a wrong key opens the card: %d", f.Status)
	}
	code := shop.waitForCard(t, c, sold)
	shopper.open("/fr/products/mug-beffroi")
	for range 2 {
		shopper.open("/fr/products/mug-beffroi")
		shopper.click(".buy-box button.button")
	}
	shopper.open("/fr/cart")
	shopper.do(chromedp.Click(chromedp.CSS(".codes summary")))
	shopper.typeInto("[name=gift_card]", code)
	shopper.click(`form[action$="/cart/gift-cards"] button`)
	shopper.sees("20,00 €")
	shopper.audits()
	shopper.open("/fr/checkout")
	shopper.fillCheckout()
	shopper.do(chromedp.Click(chromedp.CSS("input.fetched[name=shipping_option]")), chromedp.Click(chromedp.CSS("#accept_terms")))
	shopper.click("button[value=pay]")
	if !strings.HasPrefix(shopper.address(), shop.bank) {
		t.Fatalf("paying the rest leads to %s", shopper.address())
	}
	// This card's bank takes the payment back.
	for name, value := range map[string]string{"card_number": "4000 0000 0000 0259", "exp": "12/40", "cvc": "123", "name": "Zoé Martin"} {
		shopper.typeInto("[name="+name+"]", value)
	}
	shopper.click("form:has([name=card_number]) button[type=submit]")
	shopper.until("F2026-")
	number := strings.Split(strings.TrimPrefix(shopper.address(), shop.url+"/fr/orders/"), "?")[0]

	desk := window(t, chrome, shop.url)
	desk.signIn("camille")
	desk.until("Litige " + number)
	desk.sees("répondre avant le")
	desk.audits()
	desk.click(`a[href$="/` + number + `/money"]`)
	desk.sees("paiement non reconnu")
	desk.audits()
	desk.open("/admin/orders/" + number)
	desk.sees("Rien de cette commande ne part")
	if f := desk.fetch("/admin/packing"); f.Status != 200 || strings.Contains(f.Body, number) {
		t.Errorf("what is disputed stands among what is to be packed (%d)", f.Status)
	}
	desk.audits()
	post := shop.desk(t)
	if a := post("/admin/orders/"+number+"/collected", url.Values{}); a.StatusCode != 409 {
		t.Errorf("handing over what is disputed is answered %d", a.StatusCode)
	}
	if a := post("/admin/orders/"+number+"/refund", url.Values{"key": {"k"}, "what": {"all"}}); a.StatusCode != 409 {
		t.Errorf("refunding what is disputed is answered %d", a.StatusCode)
	}
	if f := desk.fetch("/admin/orders/" + number + "/evidence.pdf"); f.Status != 200 || !strings.HasPrefix(f.Body, "%PDF-") {
		t.Errorf("the evidence is answered %d %s", f.Status, f.Kind)
	}
	if out, err := shop.run("reconcile"); err != nil || !strings.Contains(out, "0 differ") {
		t.Errorf("reconcile: %v %s", err, out)
	}
	for _, path := range []string{"/admin/stripe", "/admin/payouts", "/admin/till", "/admin/vouchers", "/admin/settings"} {
		desk.open(path)
		desk.audits()
	}
	shop.mustVerify()
}

// waitForCard reads the code of a card in the mail that brought it.
func (r *running) waitForCard(t *testing.T, c caller, p placedOrder) string {
	t.Helper()
	for range 300 {
		if code := r.cardOf(t); code != "" {
			return code
		}
		c.see(p)
	}
	mails, _ := filepath.Glob(filepath.Join(r.dir, "mails", "*"))
	t.Fatalf("the card never came by mail: %d mails, %v", len(mails), os.ErrNotExist)
	return ""
}
