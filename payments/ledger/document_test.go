package ledger_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/pdf/pdftest"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments/ledger"
)

var issuedAt = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

// sale is an invoice of lines and shipping, its VAT carved by the shop's own function.
func sale(t testing.TB, lines []ledger.DocumentLine, classes []vat.Class, shipping money.Amount, where place.Territory) ledger.Document {
	t.Helper()
	doc := ledger.Document{
		Kind: ledger.KindInvoice, Number: "F2026-000042", IssuedAt: issuedAt, SupplyDate: issuedAt.AddDate(0, 0, 3), OrderNumber: "B2026-7K3QX9TD",
		OrderDate: issuedAt.Add(-time.Hour), Lang: text.FR, Shipping: shipping, ShippingLabel: "Colissimo à domicile", PaymentMethod: "card", PaidAt: issuedAt,
		Seller: ledger.Party{
			Name: "Office de tourisme de Beffroy-sur-Scarpe", Company: "Établissement public industriel et commercial",
			Lines: []string{"1, place du Beffroi", "59500 Beffroy-sur-Scarpe"}, Country: "FR", SIREN: "123456782", VATNumber: "FR11123456782", Email: "boutique@beffroy.example",
		},
		Buyer: ledger.Party{Name: "Léa d’Hœdt", Lines: []string{"25 bis, rue de l’Église", "Appartement 3", "59500 Douai"}, Country: "FR", Email: "lea@example.org"},
	}
	basket := make([]vat.Line, len(lines))
	for i, l := range lines {
		basket[i] = vat.Line{Class: classes[i%len(classes)], Gross: l.UnitGross.Times(l.Quantity)}
	}
	sum, err := vat.Compute(basket, shipping, where, issuedAt)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		p := sum.Lines[i]
		l.Gross, l.Net, l.VAT, l.Rate = p.Gross, p.Net, p.VAT, int(p.Rate)
		doc.Lines = append(doc.Lines, l)
	}
	for _, r := range sum.Rates {
		doc.VAT = append(doc.VAT, ledger.VATLine{
			Rate: int(r.Rate), GoodsGross: r.GoodsGross, ShippingGross: r.ShippingGross, Gross: r.Gross, Net: r.Net, VAT: r.VAT, Exemption: string(r.Exemption),
		})
	}
	doc.Gross, doc.Net, doc.TotalVAT = sum.Gross, sum.Net, sum.VAT
	return doc
}

var (
	mug     = ledger.DocumentLine{Description: "Tasse émaillée « Beffroi » – blanche, liseré ardoise", SKU: "MUG-BEF-01", Quantity: 3, UnitGross: 1250}
	book    = ledger.DocumentLine{Description: "Les géants de la Scarpe : histoire d’une fête, des origines à nos jours", SKU: "BOOK-GEANTS", Quantity: 1, UnitGross: 2490}
	basket  = []ledger.DocumentLine{mug, book}
	classes = []vat.Class{vat.Standard, vat.Books}
)

func draw(t *testing.T, doc ledger.Document) []byte {
	t.Helper()
	logo, err := os.ReadFile("testdata/document_logo.svg")
	if err != nil {
		t.Fatal(err)
	}
	data, err := ledger.DrawDocument(doc, logo)
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	pdftest.Check(t, data)
	for _, w := range pdftest.Words(t, data) {
		if w.Left < 17.5 || w.Right > 192.5 || w.Top < 10 || w.Bottom > 290 {
			t.Errorf("page %d: %q leaves the margins", w.Page, w.Text)
		}
		if w.Bottom > 277 && w.Bottom < 280.5 {
			t.Errorf("page %d: %q runs into the foot", w.Page, w.Text)
		}
	}
	return data
}

// said is what a document says, with plain spaces.
func said(t *testing.T, data []byte) string {
	t.Helper()
	return strings.Join(strings.Fields(pdftest.Text(t, data)), " ")
}

func assertSays(t *testing.T, data []byte, wanted ...string) {
	t.Helper()
	got := said(t, data)
	for _, want := range wanted {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in the document:\n%s", want, got)
		}
	}
}

func TestInvoiceCarriesEveryMention(t *testing.T) {
	t.Parallel()
	doc := sale(t, basket, classes, 690, place.Mainland)
	assertSays(t, draw(t, doc),
		"Facture", "F2026-000042", "Date d’émission 24 novembre 2026", "B2026-7K3QX9TD du 24 novembre 2026", "Livraison au plus tard le 27 novembre 2026",
		"Office de tourisme de Beffroy-sur-Scarpe", "1, place du Beffroi", "SIREN 123 456 782", "TVA FR11123456782",
		"Léa d’Hœdt", "25 bis, rue de l’Église", "59500 Douai",
		"Tasse émaillée « Beffroi »", "MUG-BEF-01", "12,50 € TTC l’unité", "10,4167 €", "37,50 €", "20 %", "5,5 %",
		"Colissimo à domicile, part au taux de 20 %", "TVA par taux", "Total TTC 69,30 €", "Net à payer 0,00 €",
		"Payée le 24 novembre 2026 par carte bancaire.", "livraison de biens", "F2026-000042 – page 1/1",
	)
}

func TestInvoiceInEnglishToAFirmAbroad(t *testing.T) {
	t.Parallel()
	doc := sale(t, basket, classes, 1490, place.Export)
	doc.Lang, doc.PaymentMethod = text.EN, "gift_card+card"
	doc.Mentions = []string{"Exonération de TVA, articles 262 I et 294-2 du CGI", "Exonération de TVA, articles 262 I et 294-2 du CGI"}
	doc.Buyer = ledger.Party{Name: "Ann Lee", Company: "Giants & Sons Ltd", Lines: []string{"10 High Street", "SW1A 1AA London", "United Kingdom"}, Country: "GB", VATNumber: "GB123456789"}
	doc.Delivery = &ledger.Party{Name: "Warehouse", Lines: []string{"3 Dock Road", "L3 4BX Liverpool", "United Kingdom"}, Country: "GB"}
	data := draw(t, doc)
	assertSays(t, data, "Invoice", "Billed to", "Giants & Sons Ltd", "Delivered to", "3 Dock Road", "VAT GB123456789", "0%", "export", "€12.50 each incl. VAT",
		"Exonération de TVA, articles 262 I et 294-2 du CGI", "Paid on 24 November 2026 by gift card and card.", "Total incl. VAT €77.30", "Delivery no later than 27 November 2026")
	if n := strings.Count(said(t, data), "262 I"); n != 1 {
		t.Errorf("a mention is printed %d times", n)
	}
}

func TestCreditNoteRefersToItsInvoice(t *testing.T) {
	t.Parallel()
	doc := sale(t, []ledger.DocumentLine{{Description: "Tasse émaillée « Beffroi »", SKU: "MUG-BEF-01", Quantity: 1, UnitGross: 1250}, {Quantity: 1, UnitGross: 333}}, classes[:1], 0, place.Mainland)
	doc.Kind, doc.Number, doc.RefersTo, doc.Reason, doc.ShippingLabel = ledger.KindCreditNote, "A2026-000007", "F2026-000042", "article reçu ébréché", ""
	data := draw(t, doc)
	assertSays(t, data, "Avoir", "A2026-000007", "Avoir sur la facture n° F2026-000042", "Motif : article reçu ébréché", "Remboursement partiel", "Montant du remboursement 15,83 €", "moyen du paiement d’origine : carte bancaire")
	if strings.Contains(said(t, data), "Net à payer") {
		t.Error("a credit note asks for money")
	}
}

func TestALongInvoiceGoesOnAndKeepsItsSumsTogether(t *testing.T) {
	t.Parallel()
	var lines []ledger.DocumentLine
	for range 30 {
		lines = append(lines, mug, book)
	}
	doc := sale(t, lines, []vat.Class{vat.Standard, vat.Books, vat.Food, vat.Press}, 690, place.Mainland)
	doc.Mentions = []string{strings.Repeat("Mention légale assez longue pour tenir sur plusieurs lignes. ", 12)}
	data := draw(t, doc)
	heads, pages, totals := map[int]int{}, 0, map[int]bool{}
	for _, w := range pdftest.Words(t, data) {
		pages = max(pages, w.Page)
		switch w.Text {
		case "Désignation":
			heads[w.Page]++
		case "payer", "Taux":
			totals[w.Page] = true
		}
	}
	if pages < 4 || len(totals) != 1 {
		t.Errorf("%d pages, totals on %d of them", pages, len(totals))
	}
	for page := 1; page < pages; page++ {
		if heads[page] != 1 {
			t.Errorf("page %d has %d heads", page, heads[page])
		}
	}
	assertSays(t, data, "Facture F2026-000042 – suite", "page 1/5")
}

func TestAmountsStandInTheirColumns(t *testing.T) {
	t.Parallel()
	data := draw(t, sale(t, basket, classes, 690, place.Mainland))
	right := 0
	for _, w := range pdftest.Words(t, data) {
		if w.Text == "37,50\u00a0€" || w.Text == "24,90\u00a0€" || w.Text == "69,30\u00a0€" || w.Text == "€" && w.Right > 190 {
			right++
			if math.Abs(w.Right-192) > 0.6 {
				t.Errorf("%q ends at %.2f mm, want 192", w.Text, w.Right)
			}
		}
	}
	if right < 3 {
		t.Errorf("only %d amounts end at the right edge", right)
	}
}

func TestWithoutALogoTheSellerIsNamed(t *testing.T) {
	t.Parallel()
	doc := sale(t, basket, classes, 0, place.Mainland)
	data, err := ledger.DrawDocument(doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Check(t, data)
	if _, err := ledger.DrawDocument(doc, []byte("<svg/>")); err == nil || !strings.Contains(err.Error(), "logo") {
		t.Errorf("a broken logo: %v", err)
	}
}

func TestADocumentIsTheSameBytesFromItsStoredForm(t *testing.T) {
	t.Parallel()
	doc := sale(t, basket, classes, 690, place.Mainland)
	stored, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{`"number":"F2026-000042"`, `"unit_gross":{"amount":1250,"currency":"EUR"}`, `"goods_gross"`, `"total_vat"`, `"vat_number"`} {
		if !strings.Contains(string(stored), name) {
			t.Errorf("%s is not in %s", name, stored)
		}
	}
	var back ledger.Document
	if err := json.Unmarshal(stored, &back); err != nil || !reflect.DeepEqual(doc, back) {
		t.Fatalf("it reads back as %+v, %v", back, err)
	}
	first, err := ledger.DrawDocument(doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := ledger.DrawDocument(back, nil); err != nil || !bytes.Equal(first, second) {
		t.Errorf("drawn twice, the bytes differ (%v)", err)
	}
}

func TestCheckNamesTheBrokenSum(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		broken func(*ledger.Document)
		want   string
	}{
		"nothing":            {func(*ledger.Document) {}, ""},
		"unit price":         {func(d *ledger.Document) { d.Lines[0].UnitGross++ }, "line 1 (MUG-BEF-01), quantity times unit price: 37.53 where 37.50"},
		"line":               {func(d *ledger.Document) { d.Lines[1].VAT++ }, "line 2 (BOOK-GEANTS), net plus VAT"},
		"shipping":           {func(d *ledger.Document) { d.Shipping-- }, "lines plus shipping"},
		"gross":              {func(d *ledger.Document) { d.Gross++; d.Net++ }, "lines plus shipping"},
		"rate's gross":       {func(d *ledger.Document) { d.VAT[0].Gross++; d.VAT[0].Net++ }, "rate 20.00 %, goods plus shipping"},
		"rate's net":         {func(d *ledger.Document) { d.VAT[1].Net++ }, "rate 5.50 %, net plus VAT"},
		"goods to the other": {func(d *ledger.Document) { d.Lines[1].Rate = 2000 }, "rate"},
		"unknown rate":       {func(d *ledger.Document) { d.Lines[1].Rate = 1000 }, "rate 10.00 %: lines bear it"},
		"total net":          {func(d *ledger.Document) { d.Net++; d.TotalVAT-- }, "net over the rates"},
		"no VAT":             {func(d *ledger.Document) { d.VAT = nil }, "VAT table is empty"},
		"quantity":           {func(d *ledger.Document) { d.Lines[0].Quantity = 0 }, "quantity 0"},
		"kind":               {func(d *ledger.Document) { d.Kind = "receipt" }, "kind"},
		"no reference":       {func(d *ledger.Document) { d.Kind = ledger.KindCreditNote }, "refers_to"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := sale(t, basket, classes, 690, place.Mainland)
			c.broken(&doc)
			err := doc.Check()
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if _, err := ledger.DrawDocument(doc, nil); err == nil {
				t.Error("it was drawn all the same")
			}
		})
	}
}

func TestEveryBasketMakesADocumentThatAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var lines []ledger.DocumentLine
		for range rapid.IntRange(1, 8).Draw(r, "lines") {
			lines = append(lines, ledger.DocumentLine{
				Description: "x", Quantity: rapid.IntRange(1, 40).Draw(r, "quantity"), UnitGross: money.Amount(rapid.Int64Range(0, 40_000).Draw(r, "price")),
			})
		}
		classes := rapid.SliceOfN(rapid.SampledFrom([]vat.Class{vat.Standard, vat.Books, vat.Food, vat.Press, vat.Exempt}), 1, 5).Draw(r, "classes")
		where := rapid.SampledFrom([]place.Territory{place.Mainland, place.Corsica, place.Union, place.Export}).Draw(r, "where")
		doc := sale(t, lines, classes, money.Amount(rapid.Int64Range(0, 5_000).Draw(r, "shipping")), where)
		if err := doc.Check(); err != nil {
			r.Fatal(err)
		}
	})
}

func TestDocumentWordsAreCompleteAndPrintable(t *testing.T) {
	t.Parallel()
	bundle := text.MustLoad(os.DirFS("document_locale"), ".")
	for _, lang := range text.Offered() {
		if missing := bundle.Missing(lang); len(missing) > 0 {
			t.Errorf("%s lacks %v", lang, missing)
		}
	}
	for _, lang := range text.Offered() {
		var words map[string]any
		data, err := os.ReadFile("document_locale/" + string(lang) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &words); err != nil {
			t.Fatal(err)
		}
		for id, word := range words {
			for _, r := range word.(string) {
				if !pdf.Regular.Prints(r) || !pdf.Bold.Prints(r) {
					t.Errorf("%s %s: %q has no glyph", lang, id, r)
				}
			}
		}
	}
}

func BenchmarkDrawDocument(b *testing.B) {
	logo, err := os.ReadFile("testdata/document_logo.svg")
	if err != nil {
		b.Fatal(err)
	}
	doc := sale(b, basket, classes, 690, place.Mainland)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ledger.DrawDocument(doc, logo); err != nil {
			b.Fatal(err)
		}
	}
}
