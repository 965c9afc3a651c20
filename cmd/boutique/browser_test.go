package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe/axe.min.js
var axe string

// browser is a real browser, for as long as the test runs.
func browser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("lang", "fr-FR"), chromedp.WindowSize(1440, 900))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, end := context.WithTimeout(ctx, 20*time.Minute)
	t.Cleanup(end)
	return ctx
}

// tab is one reader's window: what they see, type and click.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// window opens a window with cookies of its own.
func window(t *testing.T, browser context.Context, base string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, base: base}
	console := chromedp.Console(ctx)
	b.do(chromedp.Navigate("about:blank"))
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			// A form that was refused is an answer of 4xx: the browser notes it, the page explains it.
			if m.IsException() || strings.Contains(m.String(), "Content Security Policy") {
				t.Errorf("the browser's console: %s", m)
			}
		}
	}()
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("at %s: %v\n%s", b.address(), err, tail(b.text("body"), 1500))
	}
}

func (b *tab) address() string {
	url, _ := chromedp.Run(b.ctx, chromedp.Location())
	return url
}

func (b *tab) open(path string) {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.base + path
	}
	b.do(chromedp.Navigate(path))
}

// click clicks what leads to another page, and waits for it.
func (b *tab) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector)))); err != nil {
		b.t.Fatalf("clicking %s at %s: %v\n%s", selector, b.address(), err, tail(b.text("body"), 1500))
	}
}

func (b *tab) typeInto(selector, value string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](fmt.Sprintf("document.querySelector(%q).value = ''; null", selector))); err != nil {
		b.t.Fatalf("emptying %s at %s: %v", selector, b.address(), err)
	}
	b.do(chromedp.SendKeys(chromedp.CSS(selector), value))
}

func (b *tab) text(selector string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector)))
	if err != nil {
		b.t.Fatalf("reading %s at %s: %v", selector, b.address(), err)
	}
	return s
}

// sees holds that the page says something.
func (b *tab) sees(want string) {
	b.t.Helper()
	if text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(b.text("body")); !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
		b.t.Errorf("%s does not say %q but:\n%s", b.address(), want, tail(text, 1500))
	}
}

// until reads a page again until it says something.
func (b *tab) until(want string) {
	b.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-tick.C {
		if strings.Contains(b.text("body"), want) {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s never says %q but:\n%s", b.address(), want, tail(b.text("body"), 1500))
		}
		b.do(chromedp.Reload())
	}
}

// fetched is what the page's own reader is given at an address.
type fetched struct {
	Status int    `json:"status"`
	Kind   string `json:"kind"`
	Body   string `json:"body"`
}

func (b *tab) fetch(path string) fetched {
	b.t.Helper()
	f, err := chromedp.Run(b.ctx, chromedp.Evaluate[fetched](fmt.Sprintf(`(async () => { const r = await fetch(%q); const body = new TextDecoder("latin1").decode(await r.arrayBuffer()); return {status: r.status, kind: r.headers.get("content-type"), body} })()`, path), chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return f
}

const axeRun = `(async () => {
  for (const a of document.getAnimations()) a.finish();
  const found = (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})).violations;
  const list = found.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "));
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) {
    const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll")).slice(-3);
    list.push("the page is " + over + " px wider than the window: " + wide.map(e => e.outerHTML.slice(0, 160)).join(" | "));
  }
  return list;
})()`

// audits holds the page that is open against axe-core and the width of the window: on a desk in
// light colours, and on the narrowest telephone in dark ones.
func (b *tab) audits() {
	b.t.Helper()
	for _, look := range []struct {
		width, height int64
		scheme        string
	}{{1440, 900, "light"}, {320, 640, "dark"}} {
		b.do(chromedp.EmulateViewport(look.width, look.height), colours(look.scheme))
		if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](axe+"; null")); err != nil {
			b.t.Fatal(err)
		}
		list, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](axeRun, chromedp.EvalAwaitPromise))
		if err != nil {
			b.t.Fatalf("auditing %s: %v", b.address(), err)
		}
		for _, violation := range list {
			b.t.Errorf("%s at %d px, %s: %s", strings.TrimPrefix(b.address(), b.base), look.width, look.scheme, violation)
		}
	}
	b.do(chromedp.ResetViewport(), colours(""))
}

func colours(scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
}

func (b *tab) signIn(who string) {
	b.t.Helper()
	b.open("/admin/sign-in")
	b.typeInto("#email", who+"@beffroy.example")
	b.typeInto("#password", demoPassword)
	b.click("main form button")
	b.click("button[name=lang][value=fr]")
}

// A shopper finds a mug, buys it and a book, pays, reads the order's page and the mail; staff print
// the slip and ship; the accountant's export equals what Stripe captured. Every page on the way is
// held against axe-core.
func TestJourneyThroughTheBrowser(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	chrome := browser(t)

	shopper := window(t, chrome, shop.url)
	shopper.open("/fr/")
	shopper.typeInto("header input[name=q]", "mug")
	shopper.click("header form[role=search] button")
	shopper.sees("Mug Beffroi")
	shopper.audits()
	shopper.click(`main a[href*="/products/mug-beffroi"]`)
	shopper.sees("12,90")
	shopper.audits()
	shopper.click(".buy-box button.button")
	shopper.open("/fr/products/livre-les-geants")
	shopper.click(".buy-box button.button")
	shopper.open("/fr/cart")
	shopper.sees("Mug Beffroi")
	shopper.audits()
	shopper.click(`main a[href$="/checkout"]`)
	shopper.audits()
	shopper.click("button[value=pay]")
	shopper.sees("demandent votre attention")
	shopper.audits()
	for selector, value := range map[string]string{"#email": "zoe@example.org", `[name="address.name"]`: "Zoé Martin", `[name="address.line1"]`: "12 rue de la Cloche", `[name="address.postal_code"]`: "59500", `[name="address.city"]`: "Douai"} {
		shopper.typeInto(selector, value)
	}
	shopper.click("button[value=update]")
	shopper.do(chromedp.Click(chromedp.CSS("input[name=shipping_option][value=parcel]")))
	shopper.do(chromedp.WaitVisible(chromedp.CSS("#accept_terms")), chromedp.Click(chromedp.CSS("#accept_terms")))
	shopper.click("button[value=pay]")
	if !strings.HasPrefix(shopper.address(), shop.bank) {
		t.Fatalf("paying leads to %s:\n%s", shopper.address(), tail(shopper.text("body"), 2000))
	}
	shopper.audits()
	for name, value := range map[string]string{"card_number": goodCard, "exp": "12/40", "cvc": "123", "name": "Zoé Martin"} {
		shopper.typeInto("[name="+name+"]", value)
	}
	shopper.click("form:has([name=card_number]) button[type=submit]")
	shopper.until("F2026-")
	shopper.audits()
	number := strings.Split(strings.TrimPrefix(shopper.address(), shop.url+"/fr/orders/"), "?")[0]

	desk := window(t, chrome, shop.url)
	desk.open("/admin")
	desk.audits()
	desk.signIn("karim")
	desk.sees(number)
	desk.audits()
	desk.open("/admin/mails")
	desk.until("Votre commande " + number)
	desk.click("tbody tr:last-child a")
	desk.sees("Zoé Martin")
	desk.audits()
	desk.open("/admin/orders/" + number)
	desk.audits()
	for _, paper := range []string{"packing-slip", "label", "invoice"} {
		if f := desk.fetch("/admin/orders/" + number + "/" + paper + ".pdf"); f.Status != 200 || f.Kind != "application/pdf" || !strings.HasPrefix(f.Body, "%PDF-") {
			t.Errorf("the %s is answered %d %s", paper, f.Status, f.Kind)
		}
	}
	desk.typeInto("#tracking_number", "8R12345678901")
	desk.click(`form[action$="/ship"] button`)
	desk.sees("Parti.")
	desk.sees("terminée")
	desk.audits()
	if f := desk.fetch("/admin/exports/sales?from=2026-01-01&to=2026-12-31&format=csv"); f.Status != 403 {
		t.Errorf("who packs reads the books: %d", f.Status)
	}

	shopper.until("8R12345678901")

	accountant := window(t, chrome, shop.url)
	accountant.signIn("odile")
	accountant.audits()
	accountant.open("/admin/books")
	accountant.sees("20 %")
	accountant.audits()
	link, err := chromedp.Run(accountant.ctx, chromedp.Evaluate[string](`document.querySelector('a[href*="format=json"]').getAttribute("href")`))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Gross amount `json:"gross"`
	}
	if err := json.Unmarshal([]byte(accountant.fetch(link).Body), &rows); err != nil {
		t.Fatal(err)
	}
	var gross int64
	for _, r := range rows {
		gross += r.Gross.Amount
	}
	if bank := shop.captured(); gross != bank || gross == 0 {
		t.Errorf("the export comes to %d, Stripe captured %d", gross, bank)
	}
	shop.mustVerify()
}

// Every page that the journey does not pass, in two languages, and one of each kind that a walk through the
// desk meets.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0", "TRUSTED_PROXIES=127.0.0.1")
	c := caller{t: t, base: shop.url}
	placed := c.order(map[string]int{"MUG-BEFFROI": 2}, "parcel")
	c.pay(placed, goodCard)
	c.until(placed, confirmed)
	chrome := browser(t)
	shopper := window(t, chrome, shop.url)
	for _, lang := range []string{"fr", "en"} {
		for _, path := range []string{"/", "/products", "/categories/textile", "/products/t-shirt-beffroi", "/search?q=xyzzy", "/cart", "/pages/terms", "/pages/withdrawal", "/pages/delivery", "/pages/legal-notice", "/pages/privacy", "/pages/accessibility", "/nothing-here"} {
			shopper.open("/" + lang + path)
			shopper.audits()
		}
	}
	manager := window(t, chrome, shop.url)
	manager.signIn("camille")
	staff := newVisitor(t, shop.url)
	staff.signIn()
	pages, _ := staff.walk("/admin")
	for _, path := range append(pages, "/admin/nothing-here") {
		manager.open(path)
		manager.audits()
	}
}
