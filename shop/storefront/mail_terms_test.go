package storefront

import (
	"strings"
	"testing"

	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/shop"
)

func TestTheTermsOfAMailFollowWhatTheOfficeSaysOfItself(t *testing.T) {
	t.Parallel()
	now := office()
	mails := Mails{Office: func() setting.Office { return now }, PublicURL: "https://boutique.example"}
	for _, name := range []string{"Office de tourisme d’Arras", "Régie du Beffroi", "Office de tourisme d’Arras"} {
		now.LegalName = name
		m, err := mails.OrderConfirmed(shop.OrderMail{Order: anOrder(text.FR)})
		if err != nil {
			t.Fatal(err)
		}
		terms := m.HTML[strings.Index(m.HTML, `<div class="kept">`):]
		if !strings.Contains(terms, name) || !strings.Contains(m.Text[strings.Index(m.Text, "Conditions générales"):], name) {
			t.Errorf("the terms do not name %s", name)
		}
	}
}

func BenchmarkOrderConfirmedMail(b *testing.B) {
	mails := Mails{Office: office, PublicURL: "https://boutique.example"}
	order := shop.OrderMail{Order: anOrder(text.FR), Link: "https://boutique.example/fr/orders/B-2026-0001?key=k"}
	for b.Loop() {
		if _, err := mails.OrderConfirmed(order); err != nil {
			b.Fatal(err)
		}
	}
}
