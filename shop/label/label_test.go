package label_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"boutique/internal/pdf"
	"boutique/internal/pdf/pdftest"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/shop/label"
)

func office(t *testing.T, logo string) label.Office {
	t.Helper()
	data, err := os.ReadFile("testdata/" + logo)
	if err != nil {
		t.Fatal(err)
	}
	art, err := pdf.ReadSVG(data)
	if err != nil {
		t.Fatal(err)
	}
	return label.Office{
		Name: "Office de tourisme de Beffroy-sur-Scarpe", Email: "boutique@beffroy.example", Phone: "03 27 00 00 00", Logo: art,
		Address: place.Address{Line1: "1, place du Beffroi", PostalCode: "59500", City: "Beffroy-sur-Scarpe", Country: "FR"},
	}
}

var lea = place.Address{
	Name: "Léa d’Hœdt", Line1: "25 bis, rue de l’Église", Line2: "Appartement 3, bâtiment B", PostalCode: "59500", City: "Douai", Country: "FR",
}

func TestPostalLinesFollowTheNorm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address place.Address
		want    []string
	}{
		"a flat stands above the street": {lea, []string{"Léa d’Hœdt", "Appartement 3, bâtiment B", "25 BIS RUE DE L EGLISE", "59500 DOUAI"}},
		"a firm stands above the person": {
			place.Address{Name: "Jean Noël", Company: "Brasserie Œil-de-Bœuf", Line1: "12/3 av. Foch", Line2: "BP 40", PostalCode: "59000", City: "Villeneuve-d’Ascq", Country: "FR"},
			[]string{"Brasserie Œil-de-Bœuf", "Jean Noël", "12/3 AV FOCH", "BP 40", "59000 VILLENEUVE D ASCQ"},
		},
		"a hamlet stands below the street": {
			place.Address{Name: "A B", Line1: "3 chemin Vert", Line2: "Lieu-dit Les Étangs", PostalCode: "62000", City: "Arras", Country: "FR"},
			[]string{"A B", "3 CHEMIN VERT", "LIEU DIT LES ETANGS", "62000 ARRAS"},
		},
		"overseas needs no country": {
			place.Address{Name: "A B", Line1: "5 rue Schœlcher", PostalCode: "97200", City: "Fort-de-France", Country: "MQ"},
			[]string{"A B", "5 RUE SCHOELCHER", "97200 FORT DE FRANCE"},
		},
		"abroad the country is last": {
			place.Address{Name: "Jürgen Groß", Line1: "Schloßstraße 5", Line2: "Hinterhaus", PostalCode: "10115", City: "Berlin", Country: "DE"},
			[]string{"Jürgen Groß", "SCHLOSSSTRASSE 5", "HINTERHAUS", "10115 BERLIN", "ALLEMAGNE"},
		},
		"Monaco writes as France does": {
			place.Address{Name: "A B", Line1: "2, av. d’Ostende", Line2: "Esc. B", PostalCode: "98000", City: "Monaco", Country: "MC"},
			[]string{"A B", "Esc. B", "2 AV D OSTENDE", "98000 MONACO", "MONACO"},
		},
		"a British postal code has its line": {
			place.Address{Name: "Ann Lee", Line1: "10 High St.", PostalCode: "SW1A 1AA", City: "London", Country: "GB"},
			[]string{"Ann Lee", "10 HIGH ST.", "LONDON", "SW1A 1AA", "ROYAUME-UNI"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := label.PostalLines(c.address); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestAddressLabel(t *testing.T) {
	t.Parallel()
	long := place.Address{
		Name: strings.Repeat("Wilhelmina ", 3) + "Vandenb", Company: strings.Repeat("Établissement", 3)[:38], Line1: strings.Repeat("W", 38),
		Line2: "Résidence des Grands Géants, escalier", PostalCode: "59500", City: strings.Repeat("M", 38), Country: "MC",
	}
	for name, l := range map[string]label.AddressLabel{
		"A6":              {Format: label.A6, To: lea, Method: "Colissimo à domicile", Lang: text.FR},
		"thermal":         {Format: label.Thermal, To: lea, Method: "Colissimo", Parcel: 1, Parcels: 2, Lang: text.EN},
		"longest address": {To: long, Method: strings.Repeat("Livraison ", 20), Parcel: 10, Parcels: 12, Lang: text.FR},
		"abroad":          {To: place.Address{Name: "Jürgen Groß", Line1: "Schloßstraße 5", PostalCode: "10115", City: "Berlin", Country: "DE"}, Lang: text.FR},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.OrderNumber, l.Created = "B2026-7K3QX9TD", time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
			l.Office = office(t, "logo-horizontal-mono-black.svg")
			data, err := label.Address(l)
			if err != nil {
				t.Fatal(err)
			}
			pdftest.Keep(t, data)
			pdftest.Check(t, data)
			width, height := pdf.A6Width, pdf.A6Height
			if l.Format == label.Thermal {
				width, height = pdf.ThermalWidth, pdf.ThermalHeight
			}
			words := pdftest.Words(t, data)
			for _, w := range words {
				if w.Page != 1 || w.Left < 6.5 || w.Top < 4 || w.Right > width-6.5 || w.Bottom > height-4 {
					t.Errorf("%q stands outside the margins: %.1f–%.1f × %.1f–%.1f mm", w.Text, w.Left, w.Right, w.Top, w.Bottom)
				}
			}
			assertFlushLeft(t, words, label.PostalLines(l.To))
			page := pdftest.Render(t, data, 1, 203)
			if got := pdftest.Code128(t, pdftest.Crop(page, 203, 0, height-35, width, 28)); got != l.OrderNumber {
				t.Errorf("the code reads %q", got)
			}
		})
	}
}

// assertFlushLeft finds the first word of every line of the address at one left edge, below each
// other without a gap.
func assertFlushLeft(t *testing.T, words []pdftest.Word, lines []string) {
	t.Helper()
	var left, top, step float64
	at := 0
	for i, line := range lines {
		first := strings.Fields(line)[0]
		found := slices.IndexFunc(words[at:], func(w pdftest.Word) bool { return w.Text == first && w.Left < 8.5 })
		if found < 0 {
			t.Fatalf("%q of %q was not found at the left margin", first, line)
		}
		w := words[at+found]
		at += found + 1
		switch i {
		case 0:
			left = w.Left
		case 1:
			step = w.Top - top
		default:
			if d := w.Top - top; d < step-0.1 || d > step+0.1 {
				t.Errorf("%q stands %.2f mm below the line before, want %.2f", line, d, step)
			}
		}
		// Letters have their own side bearings.
		if w.Left < left-1 || w.Left > left+1 {
			t.Errorf("%q begins at %.2f mm, want %.2f", line, w.Left, left)
		}
		top = w.Top
	}
}

func TestAnOrderNumberThatIsNoBarcodeFails(t *testing.T) {
	t.Parallel()
	if _, err := label.Address(label.AddressLabel{OrderNumber: "commande é", To: lea}); err == nil {
		t.Error("a number outside ASCII was drawn as Code 128")
	}
}

func slip(t *testing.T, lines int) label.Slip {
	t.Helper()
	s := label.Slip{
		Lang: text.FR, Office: office(t, "logo-horizontal.svg"), OrderNumber: "B2026-7K3QX9TD", OrderedAt: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC),
		To: lea, Phone: "06 00 00 00 00", Email: "lea@example.org", Method: "Colissimo à domicile", HandOver: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC),
	}
	for i := range lines {
		s.Lines = append(s.Lines, []label.SlipLine{
			{SKU: "MUG-BEF-01", Name: "Tasse émaillée « Beffroi »", Quantity: 2, Place: "A-3"},
			{SKU: "TEE-BEF-M-SLATE", Name: "T-shirt du beffroi", Options: "Taille M, ardoise", Quantity: 1, Place: "C-1"},
			{SKU: "BOOK-GEANTS", Name: "Les géants de la Scarpe : histoire d’une fête, des origines à nos jours, avec un cahier de photographies", Quantity: 1, Place: "B-12"},
		}[i%3])
	}
	return s
}

func TestPackingSlip(t *testing.T) {
	t.Parallel()
	s := slip(t, 3)
	data, err := label.PackingSlip(s)
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	pdftest.Check(t, data)
	said := strings.Join(strings.Fields(pdftest.Text(t, data)), " ")
	for _, want := range []string{
		"Bon de préparation", "B2026-7K3QX9TD", "Commande du 24 novembre 2026", "Léa d’Hœdt", "25 bis, rue de l’Église", "59500 Douai", "Colissimo à domicile",
		"À remettre avant le 26 novembre 2026", "MUG-BEF-01", "Tasse émaillée « Beffroi »", "Taille M, ardoise", "A-3", "4 pièces · 3 références", "Page 1/1",
		"Office de tourisme de Beffroy-sur-Scarpe",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not on the slip", want)
		}
	}
	page := pdftest.Render(t, data, 1, 200)
	if got := pdftest.Code128(t, pdftest.Crop(page, 200, 120, 46, 80, 18)); got != s.OrderNumber {
		t.Errorf("the code reads %q", got)
	}
}

func TestALongSlipGoesOnWithItsHeadRepeated(t *testing.T) {
	t.Parallel()
	s := slip(t, 70)
	s.Lang, s.Parcel, s.Parcels, s.Collected = text.EN, 2, 3, true
	data, err := label.PackingSlip(s)
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	pdftest.Check(t, data)
	heads, rows, last := map[int]int{}, 0, 0
	for _, w := range pdftest.Words(t, data) {
		last = w.Page
		switch w.Text {
		case "SKU":
			heads[w.Page]++
		case "MUG-BEF-01", "TEE-BEF-M-SLATE", "BOOK-GEANTS":
			rows++
		}
		if w.Right > 192.5 || w.Left < 17.5 || w.Bottom > 292 {
			t.Errorf("page %d: %q leaves the margins", w.Page, w.Text)
		}
		if w.Bottom > 277.5 && w.Bottom < 282 {
			t.Errorf("page %d: %q runs into the foot", w.Page, w.Text)
		}
	}
	if last < 3 || rows != 70 {
		t.Errorf("%d rows on %d pages", rows, last)
	}
	for page := 1; page <= last; page++ {
		if heads[page] != 1 {
			t.Errorf("page %d has %d heads", page, heads[page])
		}
	}
	if said := pdftest.Text(t, data); !strings.Contains(said, fmt.Sprintf("Page %d/%d", last, last)) || !strings.Contains(said, "Parcel 2/3") {
		t.Error("page or parcel numbers are missing")
	}
}

func TestPapersAreTheSameBytesEveryTime(t *testing.T) {
	t.Parallel()
	s := slip(t, 5)
	first, err := label.PackingSlip(s)
	if err != nil {
		t.Fatal(err)
	}
	second, err := label.PackingSlip(s)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("two drawings of one slip differ (%v)", err)
	}
}

func TestLocalesAreComplete(t *testing.T) {
	t.Parallel()
	files := os.DirFS("locale")
	bundle := text.MustLoad(files, ".")
	for _, lang := range text.Offered() {
		if missing := bundle.Missing(lang); len(missing) > 0 {
			t.Errorf("%s lacks %v", lang, missing)
		}
	}
	for _, lang := range text.Offered() {
		data, err := os.ReadFile("locale/" + string(lang) + ".json")
		if err != nil || !utf8.Valid(data) {
			t.Fatalf("%s: %v", lang, err)
		}
		for _, r := range string(data) {
			if r >= ' ' && (!pdf.Regular.Prints(r) || !pdf.Bold.Prints(r)) {
				t.Errorf("%s: %q has no glyph", lang, r)
			}
		}
	}
}
