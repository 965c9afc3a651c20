package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// An article gets options and articles of their own; a file with mistakes is refused by line and
// column, mended, judged and brought in with its photograph while its bringer looks elsewhere.
func TestVariantsAreMadeAndAFileIsBroughtIn(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	rose := window(t, browser(t), shop.url)
	rose.signIn("rose")

	rose.open("/admin/catalogue/casquette-beffroy/matrix")
	rose.audits()
	for name, value := range map[string]string{"option.0.fr": "Taille", "option.0.en": "Size", "option.0.0.fr": "Enfant", "option.0.1.fr": "Adulte", "option.0.1.en": "Adult"} {
		rose.put("[name='"+name+"']", value)
	}
	rose.click("button[value=grid]")
	rose.audits()
	if sku := rose.value("[name='sku.adulte']"); !strings.HasSuffix(sku, "-ADULTE") {
		t.Errorf("the new article is called %q", sku)
	}
	rose.put("[name='fill.gtin']", "200148000099?")
	rose.put("[name='fill.origin_country']", "pt")
	rose.click("button[value=fill]")
	if gtin := rose.value("[name='gtin.adulte']"); gtin != "2001480000991" {
		t.Errorf("the GTIN is %q", gtin)
	}
	rose.put("[name='gtin.adulte']", "2001480000992")
	rose.click("button[value=save]")
	rose.sees("la clé du GTIN est fausse")
	rose.audits()
	rose.put("[name='gtin.adulte']", "200148000099?")
	rose.click("button[value=save]")
	rose.sees("Enregistré")
	if origin := rose.value("[name='origin_country.enfant']"); origin != "PT" {
		t.Errorf("the origin is %q", origin)
	}

	dir := t.TempDir()
	head := "slug;family;category;vat_class;name_fr;sku;price;weight_g;length_mm;width_mm;height_mm;stock;photos;photo_alts_fr\n"
	row := "sifflet;accessory;souvenirs;standard;Sifflet du géant;SIFFLET;%;12;60;20;20;25;sifflet.jpg;Un sifflet de bois\n"
	pack := func(name, price string) string {
		picture, err := os.ReadFile("../../catalog/photo/testdata/magnet.jpg")
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for file, data := range map[string][]byte{"articles.csv": []byte(head + strings.Replace(row, "%", price, 1)), "photos/sifflet.jpg": picture} {
			f, create := w.Create(file)
			if err == nil {
				err = create
			}
			if err == nil {
				_, err = f.Write(data)
			}
		}
		if err == nil {
			err = w.Close()
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	bring := func(file string) {
		rose.open("/admin/import")
		rose.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
		rose.click("main form[enctype] button")
	}
	rose.open("/admin/import")
	rose.audits()
	bring(pack("fautif.zip", "cher"))
	rose.until("Le fichier a 1 erreur")
	rose.sees("doit être un montant comme 12,50, et non « cher »")
	rose.audits()
	bring(pack("sifflets.zip", "4,50"))
	rose.until("Rien à redire : 1 articles")
	rose.sees("nouveau")
	rose.audits()
	rose.click("form[action$=start] button")
	rose.open("/admin/catalogue")
	rose.open("/admin/import")
	rose.until("C’est fait : 1 articles lus, 1 créés")
	rose.audits()
	rose.open("/admin/catalogue/sifflet")
	rose.sees("Sifflet du géant")
	shop.mustVerify()
}
