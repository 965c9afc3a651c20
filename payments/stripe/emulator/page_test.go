package emulator_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"boutique/payments/stripe/emulator"
)

func TestACardIsPaidOnTheHostedPage(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(nil)
	if made.AmountTotal != 4250 || made.AmountSubtotal != 3600 || made.Status != "open" || made.PaymentStatus != "unpaid" || made.PaymentIntent != nil {
		t.Errorf("session = %+v", made)
	}
	if !strings.HasPrefix(made.ID, "cs_test_") || !strings.HasPrefix(made.URL, s.url+"/c/pay/"+made.ID+"#fid") {
		t.Errorf("id %s at %s", made.ID, made.URL)
	}
	shown := browse(t, "GET", made.URL, nil)
	for _, want := range []string{`<html lang="fr">`, "2 × Mug Gayant", "Guide des beffrois", "Colissimo", "42,50\u00a0€", `href="http://shop.test/fr/orders/B-1?key=k"`, "Bancontact", "ana@example.fr"} {
		if !strings.Contains(shown.body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	paid := browse(t, "POST", made.URL, card("4242 4242 4242 4242"))
	if want := "http://shop.test/fr/orders/B-1?key=k&session=" + made.ID; paid.status != 303 || paid.location != want {
		t.Fatalf("answer = %d to %s\n%s", paid.status, paid.location, paid.body)
	}
	if got := strings.Join(s.hook.types(), " "); !strings.Contains(got, "checkout.session.completed") {
		t.Errorf("redirected before the webhook was answered: %s", got)
	}
	got := s.fetch(made.ID)
	charge := got.PaymentIntent.LatestCharge
	if got.Status != "complete" || got.PaymentStatus != "paid" || got.URL != "" || got.CustomerDetails.Name != "Ana Martin" {
		t.Errorf("session = %+v", got)
	}
	if got.PaymentIntent.Status != "succeeded" || got.PaymentIntent.AmountReceived != 4250 || got.PaymentIntent.Metadata["order_id"] != "order-1" {
		t.Errorf("intent = %+v", got.PaymentIntent)
	}
	if b := charge.BalanceTransaction; b.Amount != 4250 || b.Fee != 89 || b.Net != 4161 || b.ReportingCategory != "charge" || b.Type != "charge" {
		t.Errorf("balance transaction = %+v", b)
	}
	if s.Captured() != 4250 {
		t.Errorf("captured %d", s.Captured())
	}
	if again := browse(t, "POST", made.URL, card("4242424242424242")); again.status != 303 || s.Captured() != 4250 {
		t.Errorf("a second press answered %d and captured %d", again.status, s.Captured())
	}
	if late := browse(t, "GET", made.URL, nil); late.status != 200 || !strings.Contains(late.body, "déjà") {
		t.Errorf("a paid page answers %d", late.status)
	}
}

func TestARefusedCardLeavesTheSessionOpen(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for _, c := range []struct{ number, says, code string }{
		{"4000 0000 0000 0002", "refusée", "card_declined"},
		{"4000-0000-0000-9995", "fonds insuffisants", "card_declined"},
		{"4000000000000069", "expiré", "expired_card"},
		{"4000000000000127", "code de sécurité", "incorrect_cvc"},
		{"4000000000000119", "erreur", "processing_error"},
		{"5555555555554444", "4242 4242 4242 4242", "card_declined"},
	} {
		t.Run(c.number, func(t *testing.T) {
			made := s.session(nil)
			got := browse(t, "POST", made.URL, card(c.number))
			if got.status != 402 || !strings.Contains(got.body, c.says) || strings.Contains(got.body, c.number) {
				t.Errorf("answer %d, wanted a page with %q", got.status, c.says)
			}
			after := s.fetch(made.ID)
			if after.Status != "open" || after.PaymentStatus != "unpaid" || string(after.PaymentIntent.LastPaymentError.Code) != c.code || after.PaymentIntent.Status != "requires_payment_method" {
				t.Errorf("session %s, intent %+v", after.Status, after.PaymentIntent)
			}
			if after.PaymentIntent.LatestCharge.Status != "failed" || after.PaymentIntent.LatestCharge.BalanceTransaction != nil {
				t.Errorf("charge = %+v", after.PaymentIntent.LatestCharge)
			}
			if ok := browse(t, "POST", made.URL, card("4242424242424242")); ok.status != 303 {
				t.Errorf("the next try answered %d", ok.status)
			}
			if end := s.fetch(made.ID); end.PaymentStatus != "paid" || end.PaymentIntent.ID != after.PaymentIntent.ID {
				t.Errorf("session = %+v", end)
			}
		})
	}
}

func TestAFormThatIsNotFilledInComesBack(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(func(p *stripe.CheckoutSessionParams) { p.Locale = stripe.String("en") })
	for _, c := range []struct{ name, field, value, says string }{
		{"no number", "card_number", "", "card number is incomplete"},
		{"a number with a typing error", "card_number", "4242424242424241", "card number is incomplete"},
		{"letters", "card_number", "<script>", "card number is incomplete"},
		{"an expiry that is none", "exp", "99/99", "written MM / YY"},
		{"an expiry in the past", "exp", "01/20", "in the past"},
		{"a short code", "cvc", "1", "3 or 4 digits"},
		{"no name", "name", " ", "fill in this field"},
		{"a method that is not offered", "payment_method", "klarna", "not offered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			form := card("4242424242424242")
			form.Set(c.field, c.value)
			got := browse(t, "POST", made.URL, form)
			if got.status != 422 || !strings.Contains(got.body, c.says) || strings.Contains(got.body, "<script>") {
				t.Errorf("answer %d, wanted a page with %q", got.status, c.says)
			}
		})
	}
	if after := s.fetch(made.ID); after.PaymentIntent != nil {
		t.Errorf("a form with errors made an intent: %+v", after.PaymentIntent)
	}
}

func TestThreeDSecureAsksTheHolder(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(nil)
	asked := browse(t, "POST", made.URL, card("4000002760003184"))
	if asked.status != 303 || !strings.HasSuffix(asked.location, "/authorize") {
		t.Fatalf("answer %d to %s", asked.status, asked.location)
	}
	step := s.url + asked.location
	if page := browse(t, "GET", step, nil); page.status != 200 || !strings.Contains(page.body, `name="outcome"`) {
		t.Errorf("the step answers %d", page.status)
	}
	if pi := s.fetch(made.ID).PaymentIntent; pi.Status != "requires_action" || pi.NextAction == nil {
		t.Errorf("intent = %+v", pi)
	}
	if refused := browse(t, "POST", step, url.Values{"outcome": {"fail"}}); refused.status != 402 || !strings.Contains(refused.body, "authentifier") {
		t.Errorf("a refusal answers %d", refused.status)
	}
	if got := s.fetch(made.ID); got.Status != "open" || got.PaymentIntent.LastPaymentError.Code != "payment_intent_authentication_failure" {
		t.Errorf("session %s, intent %+v", got.Status, got.PaymentIntent)
	}
	browse(t, "POST", made.URL, card("4000002760003184"))
	if paid := browse(t, "POST", step, url.Values{"outcome": {"complete"}}); paid.status != 303 || !strings.Contains(paid.location, made.ID) {
		t.Errorf("the confirmation answers %d to %s", paid.status, paid.location)
	}
	if got := s.fetch(made.ID); got.PaymentStatus != "paid" {
		t.Errorf("session = %+v", got)
	}
}

func TestBancontactAndIdealAreKnownAtTheRedirect(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for _, method := range []string{"bancontact", "ideal"} {
		made := s.session(nil)
		asked := browse(t, "POST", made.URL, url.Values{"payment_method": {method}})
		if asked.status != 303 {
			t.Fatalf("answer %d", asked.status)
		}
		if refused := browse(t, "POST", s.url+asked.location, url.Values{"outcome": {"fail"}}); refused.status != 402 {
			t.Errorf("a refusal answers %d", refused.status)
		}
		browse(t, "POST", made.URL, url.Values{"payment_method": {method}})
		if paid := browse(t, "POST", s.url+asked.location, url.Values{"outcome": {"authorize"}}); paid.status != 303 || !strings.HasPrefix(paid.location, "http://shop.test/") {
			t.Errorf("the authorisation answers %d to %s", paid.status, paid.location)
		}
		got := s.fetch(made.ID)
		c := got.PaymentIntent.LatestCharge
		if got.PaymentStatus != "paid" || !strings.HasPrefix(c.ID, "py_") || c.BalanceTransaction.Type != "payment" || string(c.PaymentMethodDetails.Type) != method {
			t.Errorf("charge = %+v", c)
		}
	}
}

func TestAnExpiredPageTakesNoMoney(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(nil)
	if _, err := s.api.CheckoutSessions.Expire(made.ID, &stripe.CheckoutSessionExpireParams{}); err != nil {
		t.Fatal(err)
	}
	late := browse(t, "POST", made.URL, card("4242424242424242"))
	if late.status != 410 || !strings.Contains(late.body, "expiré") || s.Captured() != 0 {
		t.Errorf("answer %d, captured %d", late.status, s.Captured())
	}
	if unknown := browse(t, "GET", s.url+"/c/pay/cs_test_nobody", nil); unknown.status != 404 {
		t.Errorf("an unknown page answers %d", unknown.status)
	}
}

// tongue is what the pages say in one language.
type tongue struct {
	lang, order, cancel, amount, debit, secure, agree, bank, refused, declined, paid, expired string
}

var tongues = []tongue{
	{"fr", "Votre commande", "Annuler et revenir à la boutique", "42,50\u00a0€", "confirmé quelques jours plus tard", "Confirmez votre paiement", "3-D Secure", "démonstration de Bancontact", "authentifier", "a été refusée", "Paiement déjà effectué", "a expiré"},
	{"en", "Your order", "Cancel and go back to the shop", "€42.50", "confirmed some days later", "Confirm your payment", "3-D Secure", "demonstration page of Bancontact", "authenticate", "was declined", "Already paid", "has expired"},
	{"nl", "Uw bestelling", "Annuleren en terug naar de winkel", "€\u00a042,50", "enkele dagen later bevestigd", "Bevestig uw betaling", "3-D Secure", "demonstratiepagina van Bancontact", "verifiëren", "is geweigerd", "Al betaald", "is verlopen"},
	{"de", "Ihre Bestellung", "Abbrechen und zurück zum Laden", "42,50\u00a0€", "einige Tage später bestätigt", "Bestätigen Sie Ihre Zahlung", "3-D Secure", "Vorführseite von Bancontact", "nicht bestätigen", "wurde abgelehnt", "Bereits bezahlt", "ist abgelaufen"},
}

// Every page of a payment speaks the language of its session: the order, the way back, the 3-D Secure step
// and its refusal, a bank's page, a debit that is known later, what is over.
func TestEveryPageSpeaksTheLanguageOfTheSession(t *testing.T) {
	t.Parallel()
	for _, say := range tongues {
		t.Run(say.lang, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *emulator.Config) { c.WebhookURL = "" })
			made := s.session(func(p *stripe.CheckoutSessionParams) {
				p.Locale = stripe.String(say.lang)
				p.PaymentMethodTypes = stripe.StringSlice([]string{"card", "bancontact", "sepa_debit"})
			})
			shows := func(what string, a answer, status int, wanted ...string) {
				t.Helper()
				if a.status != status {
					t.Errorf("%s answers %d", what, a.status)
				}
				for _, want := range append(wanted, `<html lang="`+say.lang+`">`) {
					if !strings.Contains(a.body, want) {
						t.Errorf("%s does not say %q", what, want)
					}
				}
			}
			step := s.url + "/c/pay/" + made.ID + "/authorize"
			shows("the page", browse(t, "GET", made.URL, nil), 200, say.order, say.cancel, say.amount, say.debit)
			shows("a declined card", browse(t, "POST", made.URL, card("4000000000000002")), 402, say.declined, say.order)
			browse(t, "POST", made.URL, card("4000002760003184"))
			shows("the 3-D Secure step", browse(t, "GET", step, nil), 200, say.secure, say.agree, say.amount)
			shows("a refused step", browse(t, "POST", step, url.Values{"outcome": {"fail"}}), 402, say.refused, `action="/c/pay/`+made.ID+`"`)
			browse(t, "POST", made.URL, url.Values{"payment_method": {"bancontact"}})
			shows("the bank's page", browse(t, "GET", step, nil), 200, say.bank)
			browse(t, "POST", step, url.Values{"outcome": {"authorize"}})
			shows("a paid page", browse(t, "GET", made.URL, nil), 200, say.paid)
			over := s.session(func(p *stripe.CheckoutSessionParams) { p.Locale = stripe.String(say.lang) })
			s.raw(raw{path: sessions + "/" + over.ID + "/expire"})
			shows("an expired page", browse(t, "GET", over.URL, nil), 200, say.expired)
		})
	}
	s := open(t, nil)
	made := s.session(func(p *stripe.CheckoutSessionParams) { p.Locale = stripe.String("it") })
	if page := browse(t, "GET", made.URL, nil); !strings.Contains(page.body, "Votre commande") {
		t.Error("a language that is not there is not answered in French")
	}
}

// Who turns back pays nothing: the link leads to the shop's own address, and the page is still there for
// whoever comes again.
func TestTurningBackLeavesThePageOpen(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	made := s.session(nil)
	browse(t, "POST", made.URL, card("4000002760003184"))
	page := browse(t, "GET", made.URL, nil)
	if !strings.Contains(page.body, `class="back" href="`+strings.ReplaceAll(made.CancelURL, "&", "&amp;")+`"`) {
		t.Errorf("no way back to %s", made.CancelURL)
	}
	if got := s.fetch(made.ID); got.Status != "open" || got.PaymentStatus != "unpaid" || s.Captured() != 0 {
		t.Errorf("turned back from, the session is %+v", got)
	}
	if paid := browse(t, "POST", made.URL, card("4242424242424242")); paid.status != 303 || s.fetch(made.ID).PaymentStatus != "paid" {
		t.Errorf("come back to, the page answers %d", paid.status)
	}
}
