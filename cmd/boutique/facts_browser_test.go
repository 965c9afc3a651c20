package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"boutique/internal/text"
)

// Two of the staff edit one text: the second sees what the first changed, and both are kept. A
// reduction that one of them plans is seen by a shopper when its hour has come, beside the lowest price
// of the 30 days before.
func TestTwoEditTheSameTextAndAReductionBegins(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	chrome := browser(t)
	const place = "/admin/catalogue/mug-beffroi"

	camille, rose := window(t, chrome, shop.url), window(t, chrome, shop.url)
	camille.signIn("camille")
	rose.signIn("rose")
	camille.open(place)
	rose.open(place)
	camille.typeInto("#short_fr", "Un mug de céramique blanche, et le beffroi qui en fait le tour.")
	camille.click(".save button[value=save]")
	camille.sees("Enregistré")
	camille.sees("Plus ancienne que le texte français")
	camille.audits()

	rose.typeInto("#seo_title_fr", "Mug du beffroi, fait à Beffroy")
	rose.click(".save button[value=save]")
	rose.sees("camille@beffroy.example a modifié ce produit entre-temps")
	rose.audits()
	rose.click(".save button[value=save]")
	rose.sees("Enregistré")
	for selector, want := range map[string]string{"#short_fr": "qui en fait le tour", "#seo_title_fr": "Mug du beffroi"} {
		if got := rose.value(selector); !strings.Contains(got, want) {
			t.Errorf("%s holds %q", selector, got)
		}
	}
	// Both write the same passage: the second keeps theirs in the form, and sees the other.
	camille.open(place)
	camille.typeInto("#short_fr", "La version de Camille, assez longue pour la liste.")
	rose.typeInto("#short_fr", "La version de Léa, assez longue elle aussi.")
	camille.click(".save button[value=save]")
	rose.click(".save button[value=save]")
	rose.sees("un passage que vous avez changé tous les deux")
	rose.sees("La version de Camille")
	rose.audits()
	rose.click(".save button[value=save]")
	rose.open(place + "/revisions")
	rose.sees("présentation")
	rose.audits()
	rose.click("tbody tr:nth-child(2) a")
	rose.audits()
	rose.click("form[action*=revisions] button")
	rose.sees("Rétablie")

	camille.open("/admin/families")
	camille.audits()
	camille.open("/admin/families/food")
	camille.audits()

	shopper := window(t, chrome, shop.url)
	camille.open(place + "/prices")
	starts := time.Now().Add(4 * time.Second).In(text.Paris())
	for name, value := range map[string]string{"percent": "20", "starts": starts.Format("2006-01-02T15:04:05"), "ends": starts.AddDate(0, 0, 10).Format("2006-01-02T15:04:05")} {
		camille.put("[name="+name+"]", value)
	}
	camille.click("button[value=reduce]")
	camille.sees("Enregistré")
	camille.audits()
	shopper.open("/fr/products/mug-beffroi")
	shopper.until("Prix le plus bas des 30 jours avant la réduction")
	shopper.sees("10,32")
	shopper.sees("12,90")
	shopper.audits()
	shopper.open("/en/categories/table")
	shopper.sees("€10.32")
	shopper.audits()
	camille.open(place + "/prices")
	camille.click("button[value=end]")
	camille.sees("Enregistré")

	// What is counted away is sold out; a shopper who asks is told when a transfer brings it back.
	camille.open("/admin/stock")
	camille.audits()
	camille.do(chromedp.Click(chromedp.CSS("details summary")))
	camille.typeInto("#name", "Comptoir")
	camille.click("details form button")
	camille.open("/admin/stock/MUG-BEFFROI")
	onHand := strings.Fields(camille.text("tbody tr:first-child td"))[0]
	camille.typeInto("#quantity", onHand)
	camille.typeInto("#transfer-reason", "tout au comptoir")
	camille.click("button[value=transfer]")
	camille.sees("Enregistré")
	camille.audits()
	shopper.open("/fr/products/mug-beffroi")
	shopper.until("Nous vous écrivons quand il revient")
	shopper.audits()
	shopper.typeInto("#waiting-email", "zoe@example.org")
	shopper.click(".waiting button")
	shopper.sees("C’est noté")
	shopper.audits()
	camille.open("/admin/counts")
	camille.audits()
	camille.click("main form button")
	camille.audits()
	camille.typeInto("[name=counted_MUG-BEFFROI]", "3")
	camille.click("button[value=close]")
	camille.sees("le stock est à jour")
	camille.audits()
	camille.click("a[href$=sheet]")
	camille.audits()
	camille.open("/admin/mails")
	camille.until("De retour : Mug Beffroi")
	camille.click("tbody tr:first-child a")
	camille.audits()
	shop.mustVerify()
}

func (b *tab) value(selector string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.value ?? ''", selector)))
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// put sets a field that no keys are typed into, like a day and its hour.
func (b *tab) put(selector, value string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](fmt.Sprintf("document.querySelector(%q).value = %q; null", selector, value))); err != nil {
		b.t.Fatal(err)
	}
}
