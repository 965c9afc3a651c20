package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func (b *tab) script(source string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any]("{"+source+"}; null")); err != nil {
		b.t.Fatalf("at %s: %s: %v", b.address(), source, err)
	}
}

// pastes pastes into a field as if it had been copied from a spreadsheet.
func (b *tab) pastes(selector, text string) {
	b.t.Helper()
	b.script(fmt.Sprintf(`const field = document.querySelector(%q); field.focus(); const data = new DataTransfer(); data.setData("text/plain", %q);
		field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))`, selector, text))
}

func (b *tab) holds(selector, want string) {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).value", selector)))
	if err != nil || got != want {
		b.t.Errorf("%s at %s holds %q, not %q, %v", selector, b.address(), got, want, err)
	}
}

// isReviewedBy has the office ask for a second pair of eyes: who worked on the mug may not sign it, a
// colleague sends it back, then signs it, and only then it goes online; another word, and it is asked for again.
func (b *tab) isReviewedBy(colleague *tab) {
	b.t.Helper()
	const place = "/admin/catalogue/mug-beffroi"
	b.open("/admin/criteria")
	b.script(`[...document.querySelectorAll("table.rules a")].find((a) => a.innerText.includes("Relu et signé par une autre personne")).id = "second-eyes"`)
	b.click("#second-eyes")
	b.do(chromedp.Click(chromedp.CSS("[name=level][value=blocking]")))
	b.click("button[value=look]")
	b.click("button[value=save]")
	b.sees("Critère enregistré")

	b.open(place)
	b.click(`form[action$="/unpublish"] button`)
	b.typeInto("#short_fr", "Un mug de céramique, et le beffroi autour.")
	b.click(`button[name=action][value=save].button`)
	b.click(`form[action$="/publish"] button`)
	b.sees("Relu et signé par une autre personne")
	b.click(`form[action$="/review"] [value=approved]`)
	if said := b.text(".problem"); !strings.Contains(said, "demandez à quelqu’un d’autre") {
		b.t.Errorf("who signs their own work is told %q", said)
	}
	b.audits()

	colleague.signIn("rose")
	colleague.open(place)
	colleague.typeInto("#note", "Dire sa contenance.")
	colleague.click(`form[action$="/review"] [value=returned]`)
	colleague.sees("renvoyé à l’auteur")
	b.open(place)
	b.sees("« Dire sa contenance. »")
	b.typeInto("#short_fr", "Un mug de céramique de 35 cl, et le beffroi autour.")
	b.click(`button[name=action][value=save].button`)
	colleague.open(place)
	colleague.click(`form[action$="/review"] [value=approved]`)
	colleague.sees("bon à publier")
	colleague.audits()
	b.open(place)
	b.click(`form[action$="/publish"] button`)
	b.sees("en ligne")

	// Their word is for what they read.
	b.typeInto("#short_fr", "Un mug.")
	b.click(`button[name=action][value=save].button`)
	b.script("document.querySelectorAll('details').forEach((one) => { one.open = true })")
	b.sees("Relu et signé par une autre personne")
}

// The office writes a rule of its own, first with a slip; a product misses a criterion, meets it and
// goes online; prices come from a spreadsheet, are taken back, come again, and are taken back whole.
func TestCriteriaAndTheGridThroughTheBrowser(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	chrome := browser(t)
	desk := window(t, chrome, shop.url)
	desk.signIn("camille")

	desk.open("/admin/criteria")
	desk.audits()
	desk.click(`main a[href="/admin/criteria/new"]`)
	desk.audits()
	desk.typeInto("#expression", "product.variants.all(v, v.weigth_g <= 400)")
	for _, field := range []string{"name", "todo"} {
		desk.script(fmt.Sprintf("document.querySelectorAll('[name^=%s_]').forEach((input) => { input.value = 'Un colis léger' })", field))
	}
	desk.click("button[value=look]")
	desk.sees("Ligne 1, colonne 26")
	desk.sees("weigth_g")
	desk.audits()
	desk.typeInto("#expression", "product.variants.all(v, v.weight_g <= 400)")
	desk.click("button[value=look]")
	desk.sees("Effet sur 39 articles")
	desk.sees("Mug Beffroi")
	desk.audits()
	desk.click("button[value=save]")
	desk.sees("Critère enregistré")
	desk.sees("Un colis léger")
	if f := desk.fetch("/admin/criteria/report.pdf"); f.Status != 200 || f.Kind != "application/pdf" || !strings.HasPrefix(f.Body, "%PDF-") {
		t.Errorf("the report is answered %d %s", f.Status, f.Kind)
	}

	desk.open("/admin/catalogue/mug-beffroi")
	desk.sees("Un colis léger")
	desk.click(`form[action$="/unpublish"] button`)
	desk.script("document.querySelector('#category-choice').value = ''")
	desk.click(`button[name=action][value=save].button`)
	desk.click(`form[action$="/publish"] button`)
	desk.sees("Choisissez le rayon")
	desk.audits()
	desk.script("document.querySelector('#category-choice').value = 'table'")
	desk.click(`button[name=action][value=save].button`)
	desk.click(`form[action$="/publish"] button`)
	desk.sees("en ligne")
	desk.sees("Qui a signé quoi")

	desk.isReviewedBy(window(t, chrome, shop.url))

	const belfry, enamel = `[name="price.MUG-BEFFROI"]`, `[name="weight_g.MUG-BEFFROI"]`
	desk.open("/admin/grid?q=mug")
	desk.audits()
	desk.pastes(belfry, "14,50\t6,00\t420\r\n")
	desk.holds(belfry, "14,50")
	desk.holds(enamel, "420")
	desk.sees("3 cases modifiées")
	desk.script(fmt.Sprintf(`document.querySelector(%q).dispatchEvent(new KeyboardEvent("keydown", {key: "z", ctrlKey: true, bubbles: true, cancelable: true}))`, belfry))
	desk.holds(belfry, "12,90")
	desk.pastes(belfry, "14,50\t6,00\t420\r\n")
	desk.click(`form[action="/admin/grid/summary"] .save button`)
	desk.sees("3 cases de 1 articles")
	desk.sees("14,50")
	desk.audits()
	desk.click(`form[action="/admin/grid/apply"] button`)
	desk.sees("Changements appliqués")
	desk.open("/admin/grid?q=mug")
	desk.holds(belfry, "14,50")
	desk.click(`form[action^="/admin/grid/undo/"] button`)
	desk.sees("Changements annulés")
	desk.open("/admin/grid?q=mug")
	desk.holds(belfry, "12,90")
	shop.mustVerify()
}
