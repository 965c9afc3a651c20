package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// phoneJPEG is what a telephone that was held upright writes: the sensor's picture lies on its side,
// and EXIF says so, with a place beside it. Upright, its upper part is red and its lower part blue; mark
// makes each picture another.
func phoneJPEG(t testing.TB, width, height, mark int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{200, 40, 40, 255}
			if x > width/2 {
				c = color.RGBA{40, 60, 190, 255}
			}
			if (x-width/2)*(x-width/2)+(y-height/2)*(y-height/2) < (height/(3+mark))*(height/(3+mark)) {
				c = color.RGBA{240, 240, uint8(60 * mark), 255}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00GPS-PLACE")
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	plain := b.Bytes()
	return append(append(append([]byte{}, plain[:2]...), segment...), plain[2:]...)
}

// awaits waits until an expression of the page is true.
func (b *tab) awaits(expression string) {
	b.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Minute); ; <-tick.C {
		if ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s: never is %s\n%s", b.address(), expression, tail(b.text("body"), 1500))
		}
	}
}

func (b *tab) evaluates(expression string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// bringsAPortrait gives a maker a photograph of its own, says what it shows and where its middle is, and
// a shopper sees it on the maker's page; taken off, one of the maker's articles is there again.
func (b *tab) bringsAPortrait(shopper *tab, file string) {
	b.t.Helper()
	const page = "poterie-des-terrils"
	shopper.open("/fr/makers/" + page)
	before := shopper.evaluates(`document.querySelector('.maker-photo .photo-sharp').alt`)

	b.open("/admin/makers/" + page)
	b.audits()
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#photo"), []string{file}))
	b.awaits(`document.querySelector('#own-photo [data-focal] img')?.naturalWidth > 0 && !document.querySelector('#own-photo .dot').hidden`)
	b.sees("À décrire : Français, English")
	b.evaluates(`(document.querySelector('#own-photo .dot').focus(), 1)`)
	for range 20 {
		b.do(chromedp.KeyEvent(kb.ArrowUp))
	}
	for lang, alt := range map[string]string{"fr": "Zoé à son tour", "en": "Zoé at her wheel"} {
		b.typeInto("#alt_"+lang, alt)
	}
	b.typeInto("#credit", "Studio Nord")
	b.click("#own-photo button[value=save]")
	b.sees("Enregistré")
	if y := b.value("#focal_y"); y != "30" {
		b.t.Errorf("the maker's focal point is at %s %%", y)
	}
	b.audits()
	shopper.open("/fr/makers/" + page)
	shopper.until("Studio Nord")
	if alt := shopper.evaluates(`document.querySelector('.maker-photo .photo-sharp').alt`); alt != "Zoé à son tour" {
		b.t.Errorf("the maker's photograph is described as %q", alt)
	}
	shopper.audits()
	shopper.open("/en/products/mug-beffroi")
	shopper.sees("Photograph: Studio Nord")
	shopper.audits()
	b.click("#own-photo button[value=delete]")
	shopper.open("/fr/makers/" + page)
	shopper.until("Poterie")
	shopper.awaits(fmt.Sprintf(`document.querySelector('.maker-photo .photo-sharp').alt === %q || location.reload()`, before))
}

// A photographer sends what a phone made, sees it upright, describes it, puts it first by keyboard, says
// where its middle is, cuts and turns it, gives it to one variant; the shopper who chooses that variant
// sees it, with scripts and without.
func TestJourneyOfAPhotograph(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	chrome := browser(t)
	dir := t.TempDir()
	var files []string
	for i := range 2 {
		file := filepath.Join(dir, fmt.Sprintf("IMG_%d.jpg", i))
		if err := os.WriteFile(file, phoneJPEG(t, 2016, 1512, i), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	broken := filepath.Join(dir, "half.jpg")
	if err := os.WriteFile(broken, phoneJPEG(t, 800, 600, 2)[:9000], 0o600); err != nil {
		t.Fatal(err)
	}

	desk := window(t, chrome, shop.url)
	desk.signIn("camille")
	desk.open("/admin/photos")
	desk.sees("Les vues demandées se règlent")
	desk.audits()
	desk.open("/admin/catalogue/t-shirt-beffroi/photos")
	had := desk.evaluates("document.querySelectorAll('[data-photo]').length")
	desk.do(chromedp.SetUploadFiles(chromedp.CSS("#photo"), append(files, broken)))
	desk.awaits(`[...document.querySelectorAll('[data-progress] li')].filter(li => li.innerText.includes('arrivée')).length === 2`)
	desk.awaits(`document.querySelector('[data-progress] .failed')`)
	desk.sees("La photographie est abîmée")
	desk.awaits(`document.querySelectorAll('[data-photo]').length === 2 + ` + had)
	desk.awaits(`[...document.querySelectorAll('[data-photo]')].slice(-2).every(one => !one.innerText.includes('en préparation'))`)
	last := `document.querySelector('[data-photo]:last-child')`
	if size := desk.evaluates(last + `.querySelector('img').naturalWidth < ` + last + `.querySelector('img').naturalHeight`); size != "true" {
		t.Error("the photograph is not upright")
	}
	if top := desk.evaluates(`(() => { const img = ` + last + `.querySelector('img'), c = document.createElement('canvas'); c.width = img.naturalWidth; c.height = img.naturalHeight; const x = c.getContext('2d'); x.drawImage(img, 0, 0); const p = x.getImageData(20, 20, 1, 1).data; return p[0] > 150 && p[2] < 100 })()`); top != "true" {
		t.Error("what was up is not up")
	}
	desk.audits()

	id := desk.evaluates(last + `.dataset.photo`)
	desk.evaluates(`(document.querySelector('#photo-` + id + ` [data-handle]').focus(), 1)`)
	for range 5 {
		desk.do(chromedp.KeyEvent(kb.ArrowLeft))
	}
	desk.awaits(`document.querySelector('[data-photo]:first-child').dataset.photo === '` + id + `'`)
	desk.sees("Place 1 sur")
	desk.awaits(`!document.querySelector('[data-saving]')`)
	desk.open("/admin/catalogue/t-shirt-beffroi/photos")
	if first := desk.evaluates(`document.querySelector('[data-photo]').dataset.photo`); first != id {
		t.Errorf("the first photograph is %s, not %s", first, id)
	}

	desk.open("/admin/catalogue/t-shirt-beffroi/photos/" + id)
	desk.audits()
	desk.evaluates(`(document.querySelector('.dot').focus(), 1)`)
	for range 20 {
		desk.do(chromedp.KeyEvent(kb.ArrowUp))
	}
	desk.evaluates(`(document.querySelector('.save button').click(), 1)`)
	if missing := desk.evaluates(`document.activeElement.name`); missing != "alt_fr" {
		t.Errorf("without its description a photograph is saved, or %q is asked for", missing)
	}
	for lang, alt := range map[string]string{"fr": "Le t-shirt, porté", "en": "The T-shirt, worn", "nl": "Het T-shirt, gedragen", "de": "Das T-Shirt, getragen"} {
		desk.typeInto("#alt_"+lang, alt)
	}
	desk.typeInto("#credit", "Atelier Zoé")
	desk.evaluates(`(document.querySelector('#licence_until').value = '2026-01-31', document.querySelector('[name=shows]').click(), 1)`)
	sku := desk.evaluates(`document.querySelector('[name=shows]').value`)
	desk.click(".save button")
	desk.sees("ont fini le 31 janvier 2026")
	if y := desk.evaluates(`document.querySelector('#focal_y').value`); y != "30" {
		t.Errorf("the focal point is at %s %%", y)
	}
	desk.click("button[value=turn_right]")
	if wide := desk.evaluates(`document.querySelector('[data-focal] img').width > document.querySelector('[data-focal] img').height`); wide != "true" {
		t.Error("turned, it is not wide")
	}
	desk.typeInto("#cut_left", "50")
	desk.typeInto("#cut_width", "50")
	desk.click("button[value=cut]")
	desk.sees("tirée d’un original de 1512 × 2016")
	desk.sees("1008 × 1512")
	desk.audits()
	desk.open("/admin/photos")
	desk.sees("1 licence expirée")

	shopper := window(t, chrome, shop.url)
	desk.bringsAPortrait(shopper, files[0])
	shopper.open("/fr/products/t-shirt-beffroi")
	shopper.awaits(`document.body.innerText.includes('Atelier Zoé')`)
	picked := `document.getElementById('v-` + sku + `')`
	shopper.evaluates(`(` + picked + `.closest('li').querySelector('label').click(), 1)`)
	shopper.awaits(picked + `.checked && getComputedStyle([...document.querySelectorAll('.gallery-photos > li')].find(li => li.innerText.includes('Atelier Zoé'))).order === '-1'`)
	shopper.audits()
	if f := shopper.fetch("/fr/products/t-shirt-beffroi?variant=" + sku); !strings.Contains(f.Body, "Atelier Zo") || f.Status != 200 {
		t.Errorf("chosen by its address, the variant's page is answered %d", f.Status)
	}
	shop.mustVerify()
}
