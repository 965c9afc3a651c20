package label

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"boutique/internal/pdf"
	"boutique/internal/pdf/pdftest"
	"boutique/internal/place"
	"boutique/internal/text"
)

var cardDay = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestAGiftCardSaysItsCodeItsWorthAndItsEndInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Offered() {
		data, err := GiftCards([]GiftCard{{Lang: lang, ShopName: "La Boutique de Beffroy", Office: Office{Name: "Office de tourisme", Email: "a@b.example"}, Code: "7KQ2-M4XZ-00AB-9TYH", Amount: 3000, ExpiresAt: cardDay.AddDate(2, 0, 0),
			Where: "https://boutique.example/fr/cart", Created: cardDay, Ink: pdf.Brick}, {Lang: lang, ShopName: "B", Code: "AAAA-BBBB-CCCC-DDDD", Amount: 5000, ExpiresAt: cardDay, Created: cardDay}})
		if err != nil {
			t.Fatal(err)
		}
		said := spaced(pdftest.Text(t, data))
		p := words.In(lang)
		for _, want := range []string{"7KQ2-M4XZ-00AB-9TYH", "AAAA-BBBB-CCCC-DDDD", p.Money(3000), p.T("gift_card"), p.Date(cardDay.AddDate(2, 0, 0).Add(-time.Hour))} {
			if !strings.Contains(said, spaced(want)) {
				t.Errorf("%s: the card does not say %q:\n%s", lang, want, said)
			}
		}
	}
}

// spaced makes all spaces alike.
func spaced(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)), " ")
}

func TestEvidenceSaysWhatABankAsks(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Offered() {
		book := NewEvidence(lang)
		sent := book.Sent()
		sent.Facts = append(sent.Facts, book.Parcel(1, false, "Colissimo", "8R12345678901", "https://track.example/8R12345678901")...)
		if f, ok := book.Step("ship", cardDay); ok {
			sent.Facts = append(sent.Facts, f)
		}
		if _, ok := book.Step("prepare", cardDay); ok {
			t.Error("that a parcel was begun says nothing to a bank")
		}
		e := Evidence{Lang: lang, Office: Office{Name: "Office de tourisme"}, OrderNumber: "B26-0000-0000", OrderedAt: cardDay, To: place.Address{Name: "Zoé Martin", Line1: "12 rue de la Cloche", PostalCode: "59500", City: "Douai", Country: "FR"},
			Email: "zoe@example.org", Lines: []SlipLine{{SKU: "MUG", Name: "Mug Beffroi", Quantity: 2}}, Shipping: "Colissimo", Total: 2590, Drawn: cardDay,
			Sections: []EvidenceSection{book.Payment(cardDay, "card", "pi_1"), book.Terms("2026-01", cardDay), sent}}
		data, err := DisputeEvidence(e)
		if err != nil {
			t.Fatal(err)
		}
		said := spaced(pdftest.Text(t, data))
		for _, want := range []string{"B26-0000-0000", "Zoé Martin", "zoe@example.org", "Mug Beffroi", "8R12345678901", "2026-01", "pi_1"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: the evidence does not say %q:\n%s", lang, want, said)
			}
		}
		if again, err := DisputeEvidence(e); err != nil || !bytes.Equal(data, again) {
			t.Errorf("%s: drawn again it is another document, %v", lang, err)
		}
	}
}

func TestAReceiptSaysWhatChangedHandsInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Offered() {
		for _, back := range []bool{false, true} {
			for _, means := range []string{"cash", "cheque", "card_terminal", "transfer"} {
				r := Receipt{Lang: lang, Office: Office{Name: "Office de tourisme", Email: "a@b.example"}, Number: "G2026-00042", GivenBack: back, At: cardDay, Means: means, Reference: "0412345",
					Amount: 1290, OrderNumber: "B26-0000-0000", Payer: "Zoé Martin", Document: "F2026-00007"}
				data, err := DeskReceipt(r)
				if err != nil {
					t.Fatal(err)
				}
				said, p := spaced(pdftest.Text(t, data)), words.In(lang)
				kind := "receipt_taken"
				if back {
					kind = "receipt_given_back"
				}
				for _, want := range []string{p.T(kind, "number", r.Number), p.Money(1290), p.T("means_" + means), "0412345", "B26-0000-0000", "Zoé Martin", "F2026-00007", p.DateTime(cardDay), "Office de tourisme"} {
					if !strings.Contains(said, spaced(want)) {
						t.Errorf("%s: the receipt does not say %q:\n%s", lang, want, said)
					}
				}
				if again, err := DeskReceipt(r); err != nil || !bytes.Equal(data, again) {
					t.Errorf("%s: drawn again it is another document, %v", lang, err)
				}
			}
		}
	}
}
