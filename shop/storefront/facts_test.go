package storefront

import (
	"strings"
	"testing"

	"boutique/catalog"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/shop"
)

func TestTheMailSaysOfWhatThereIsNoWithdrawalAndWhy(t *testing.T) {
	t.Parallel()
	mails := Mails{Office: func() setting.Office { return setting.Office{ShopName: "La Boutique"} }}
	for _, lang := range text.Offered() {
		for _, reason := range catalog.WithdrawalExceptions() {
			o := shop.OrderMail{Order: shop.Order{Number: "B26-0001", Lang: lang, Lines: []shop.OrderLine{{Name: "Mug", Quantity: 1, NoWithdrawal: reason}}}}
			m, err := mails.OrderConfirmed(o)
			if err != nil {
				t.Fatal(err)
			}
			if want := words.In(lang).T("no_withdrawal_" + reason); strings.HasPrefix(want, "[") || !strings.Contains(m.Text, want) {
				t.Errorf("%s: the mail does not say %q:\n%s", lang, want, m.Text)
			}
		}
	}
}

func TestAllergensBetweenAsterisksAreStrong(t *testing.T) {
	t.Parallel()
	got := emphasised("Farine de **blé**, sucre, **lait**")
	if len(got) != 4 || !got[1].Strong || got[1].Text != "blé" || got[2].Strong || !got[3].Strong {
		t.Errorf("%+v", got)
	}
}
