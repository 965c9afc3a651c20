package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// An idea goes over the board by keyboard until it is online; what another shop asks is noted and
// plotted; a maker gets a place; shoppers find by a synonym, by narrowing and while they type. Every
// page on the way is held against axe-core.
func TestJourneyFromAnIdeaToTheShelf(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	chrome := browser(t)

	desk := window(t, chrome, shop.url)
	desk.signIn("camille")
	desk.open("/admin/selection")
	desk.audits()
	desk.typeInto("main #name", "Mug du beffroi")
	desk.click(`main form[action="/admin/selection"] button`)
	desk.sees("Mug du beffroi")
	desk.audits()
	desk.click("[data-card] a")
	desk.typeInto("#product", "mug-beffroi")
	desk.typeInto("#cost", "4,20")
	desk.click(`form[data-unsaved] button`)
	desk.sees("En ligne")
	desk.audits()
	desk.open("/admin/selection")
	desk.press("[data-card] a", kb.ArrowRight)
	for range 3 {
		// The card that was moved has the focus: the arrow goes on.
		desk.press("", kb.ArrowRight)
	}
	desk.sees("En ligne")
	if got := desk.text(`[data-stage=online] [data-card] a`); got != "Mug du beffroi" {
		t.Errorf("the card online is %q", got)
	}

	desk.open("/admin/market?product=mug-beffroi")
	desk.audits()
	for selector, value := range map[string]string{"#item": "Mug à beffroi", "#shop": "Boutique d’à côté", "#price": "9,90", "#delivery": "4,90"} {
		desk.typeInto(selector, value)
	}
	desk.click(`form[action="/admin/market"] button`)
	desk.sees("Boutique d’à côté")
	desk.sees("12,90")
	if got := desk.text("figure.plot figcaption"); got == "" {
		t.Error("nothing is plotted")
	}
	desk.audits()
	desk.open("/admin/market")
	desk.audits()
	if f := desk.fetch("/admin/market.csv"); f.Status != 200 {
		t.Errorf("the notebook's sheet is answered %d", f.Status)
	}

	desk.open("/admin/makers")
	desk.audits()
	desk.open("/admin/makers/poterie-des-terrils")
	desk.typeInto("#latitude", "50,3675")
	desk.typeInto("#longitude", "3,0797")
	desk.click("form[data-unsaved] button")
	desk.audits()

	desk.open("/admin/search")
	desk.typeInto("#words", "mug, chope")
	desk.click(`form[action="/admin/search/synonyms"] button`)
	desk.sees("chope")
	desk.audits()
	desk.do(chromedp.KeyEvent("/"))
	desk.do(chromedp.SendKeys(chromedp.CSS("#everywhere"), "mugs befroi"))
	desk.press("#everywhere", kb.Enter)
	desk.sees("Mug Beffroi")
	desk.sees("Mug du beffroi")
	desk.audits()

	shopper := window(t, chrome, shop.url)
	shopper.open("/fr/search?q=chope")
	shopper.until("Mug Beffroi")
	shopper.open("/fr/search?q=mug&price=10-20")
	shopper.sees("Mug Beffroi")
	shopper.audits()
	shopper.typeInto("#q", "mug bef")
	shopper.do(chromedp.WaitVisible(chromedp.CSS("#suggestions li")))
	shopper.audits()
	shopper.press("#q", kb.ArrowDown)
	shopper.open("/fr/makers")
	shopper.sees("Poterie des Terrils")
	shopper.audits()
	shopper.open("/fr/products/mug-beffroi")
	shopper.click(`main .overline a`)
	shopper.sees("Poterie des Terrils")
	if got := shopper.text(`a[href="geo:50.3675,3.0797"]`); got == "" {
		t.Error("the maker's page does not say where it is")
	}
	shopper.audits()
	shop.mustVerify()
}

// press presses a key on an element, else on what has the focus; one that leads to another page is
// waited for.
func (b *tab) press(selector, key string) {
	b.t.Helper()
	action := chromedp.KeyEvent(key)
	if selector != "" {
		action = chromedp.SendKeys(chromedp.CSS(selector), key)
	}
	if key == kb.ArrowDown {
		b.do(action)
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, action)); err != nil {
		b.t.Fatalf("pressing a key at %s: %v\n%s", b.address(), err, tail(b.text("body"), 1500))
	}
}
