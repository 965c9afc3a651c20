package storefront

import (
	"strings"
	"testing"

	"boutique/catalog"
	"boutique/internal/text"
	"boutique/shop"
)

func TestTheDeliveryPageSaysWhatTheConditionsSay(t *testing.T) {
	t.Parallel()
	zones := []shop.Zone{{Code: "france", Names: shop.Names{text.FR: "France"}}, {Code: "europe", Names: shop.Names{text.FR: "Union européenne"}}}
	letter := shop.Method{ID: "letter", Kind: shop.KindLetter, Names: shop.Names{text.FR: "Lettre verte"}, MaxThicknessMM: 30, MinDays: 3, MaxDays: 3, TrackingURL: "https://carrier.example/{number}", Tariffs: map[string]shop.Tariff{"france": {}}}
	signed := shop.Method{ID: "signed", Kind: shop.KindParcel, Names: shop.Names{text.FR: "Colis"}, Signature: true, MinDays: 2, MaxDays: 4, Tariffs: map[string]shop.Tariff{"france": {}, "europe": {}}}
	nowhere := shop.Method{ID: "nowhere", Kind: shop.KindParcel, Names: shop.Names{text.FR: "Coursier"}}
	fetched := shop.Method{ID: "collection", Kind: shop.KindCollection, Names: shop.Names{text.FR: "Retrait"}, MaxDays: 1}
	for _, c := range []struct {
		name       string
		conditions shop.Conditions
		says       []string
		hides      []string
		ready      int
	}{
		{"sends and hands over", shop.Conditions{Zones: zones, Methods: []shop.Method{letter, signed, nowhere, fetched}, Handling: shop.Handling{PreparationDays: 2}},
			[]string{"<strong>Lettre verte</strong>, 3 jours ouvrés. En boîte aux lettres, petits articles jusqu’à 30 mm d’épaisseur, avec numéro de suivi. Vers\u00a0: France.</li>",
				"<strong>Colis</strong>, 2 à 4 jours ouvrés. Remis en main propre, contre signature. Vers\u00a0: France, Union européenne.</li>", "commande 14 jours", "Retirer à l’office"},
			[]string{"Coursier"}, 4},
		{"only hands over", shop.Conditions{Zones: zones, Methods: []shop.Method{fetched}, UnclaimedDays: 30}, []string{"commande 30 jours"}, []string{"Recevoir chez vous"}, 2},
		{"only sends", shop.Conditions{Zones: zones, Methods: []shop.Method{letter}}, []string{"Recevoir chez vous"}, []string{"Retirer à l’office"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := readyWithin(c.conditions); got != c.ready {
				t.Errorf("ready within %d working days, not %d", got, c.ready)
			}
			for _, lang := range text.Offered() {
				markdown, _, err := legalMarkdown(Page{P: words.In(lang), Office: office()}, "delivery", c.conditions)
				if err != nil {
					t.Fatal(err)
				}
				html := strings.ReplaceAll(catalog.Markdown(markdown), "\n", "")
				if strings.Contains(html, "{{") || strings.Contains(html, "delivery_") {
					t.Errorf("%s: %s", lang, html)
				}
				for _, want := range c.says {
					if lang == text.FR && !strings.Contains(html, want) {
						t.Errorf("does not say %q:\n%s", want, html)
					}
				}
				for _, not := range c.hides {
					if strings.Contains(html, not) {
						t.Errorf("%s says %q", lang, not)
					}
				}
			}
		})
	}
}
