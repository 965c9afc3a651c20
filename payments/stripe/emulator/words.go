package emulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// words are the sentences of the pages in one language.
type words struct {
	TestMode, TestCard, Pay, PayAmount, PayBy, OrCard, Total, Shipping, Free, Quantity, Lines, Cancel, Back string
	Email, CardNumber, Expiry, ExpiryHint, CVC, CVCHint, Name, IBAN, SEPA, SEPANote, Card, Confirm          string
	BadNumber, BadExpiry, PastExpiry, BadCVC, Required, BadEmail, BadIBAN, BadMethod, Check, Unreadable     string
	Declined, Funds, ExpiredCard, WrongCVC, Processing, NotAuthenticated, Refused, NotATestCard             string
	AskTitle, AskCard, AskBank, Complete, Fail, Authorize                                                   string
	AlreadyPaid, AlreadyPaidText, Expired, ExpiredText, Unknown, UnknownText, Continue, Receipt, Paid       string
}

// declined is the sentence for what an issuer refuses.
func (w words) declined(code, reason string) string {
	switch {
	case reason == "insufficient_funds":
		return w.Funds
	case reason == "test_mode_live_card":
		return w.NotATestCard
	case code == "expired_card":
		return w.ExpiredCard
	case code == "incorrect_cvc":
		return w.WrongCVC
	case code == "processing_error":
		return w.Processing
	case code == "payment_intent_authentication_failure":
		return w.NotAuthenticated
	case code == "payment_intent_payment_attempt_failed":
		return w.Refused
	}
	return w.Declined
}

// language is the page's: the session's, else the first of the reader's that is there, else French.
func language(locale, accept string) string {
	for want := range strings.SplitSeq(locale+","+accept, ",") {
		want, _, _ = strings.Cut(strings.TrimSpace(want), ";")
		want, _, _ = strings.Cut(want, "-")
		if _, ok := translations[strings.ToLower(want)]; ok {
			return strings.ToLower(want)
		}
	}
	return "fr"
}

// wholeCurrencies have no smaller unit.
var wholeCurrencies = []string{"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}

// thousandths are the smallest unit of these.
var thousandths = []string{"bhd", "jod", "kwd", "omr", "tnd"}

func decimals(amount int64, currency string) string {
	unit, places := int64(100), 2
	switch {
	case slices.Contains(wholeCurrencies, currency):
		return strconv.FormatInt(amount, 10)
	case slices.Contains(thousandths, currency):
		unit, places = 1000, 3
	}
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	return fmt.Sprintf("%s%d.%0*d", sign, amount/unit, places, amount%unit)
}

func symbol(currency string) string {
	if currency == "eur" {
		return "€"
	}
	return strings.ToUpper(currency) + "\u00a0"
}

// amountText is an amount as the API's messages write it: €12.50.
func amountText(amount int64, currency string) string {
	return symbol(currency) + decimals(amount, currency)
}

// amountIn is an amount as the language writes it: 12,50 €.
func amountIn(lang string, amount int64, currency string) string {
	number := decimals(amount, currency)
	if lang == "en" {
		return symbol(currency) + number
	}
	number = strings.Replace(number, ".", ",", 1)
	if lang == "nl" {
		return strings.TrimRight(symbol(currency), "\u00a0") + "\u00a0" + number
	}
	return number + "\u00a0" + strings.TrimRight(symbol(currency), "\u00a0")
}

var translations = map[string]words{
	"fr": {
		TestMode: "Paiement de démonstration : aucun argent ne circule", TestCard: "Carte d’essai : 4242 4242 4242 4242, une date à venir et trois chiffres.", Pay: "Paiement", PayAmount: "Payer", PayBy: "Payer avec", OrCard: "Ou par carte bancaire", Total: "Total", Shipping: "Livraison", Free: "Offert", Quantity: "Quantité", Lines: "Votre commande", Cancel: "Annuler et revenir à la boutique", Back: "Choisir un autre moyen de paiement",
		Email: "Adresse e-mail", CardNumber: "Numéro de carte", Expiry: "Expiration", ExpiryHint: "MM / AA", CVC: "Code de sécurité", CVCHint: "3 ou 4 chiffres", Name: "Nom du titulaire", IBAN: "IBAN", SEPA: "Prélèvement SEPA", SEPANote: "Le paiement est confirmé quelques jours plus tard.", Card: "Carte bancaire", Confirm: "Confirmer",
		BadNumber: "Le numéro de carte est incomplet ou incorrect.", BadExpiry: "La date d’expiration s’écrit MM / AA.", PastExpiry: "La date d’expiration est passée.", BadCVC: "Le code de sécurité compte 3 ou 4 chiffres.", Required: "Ce champ est à remplir.", BadEmail: "Cette adresse e-mail n’est pas complète.", BadIBAN: "Cet IBAN n’est pas un compte de démonstration.", BadMethod: "Ce moyen de paiement n’est pas proposé ici.", Check: "Veuillez vérifier les champs signalés.", Unreadable: "Le formulaire n’a pas pu être lu. Veuillez réessayer.",
		Declined: "Votre carte a été refusée. Essayez un autre moyen de paiement.", Funds: "Votre carte a été refusée : fonds insuffisants. Essayez une autre carte.", ExpiredCard: "Votre carte a expiré. Essayez une autre carte.", WrongCVC: "Le code de sécurité de votre carte est incorrect.", Processing: "Une erreur est survenue pendant le traitement de la carte. Réessayez dans un instant.", NotAuthenticated: "Nous n’avons pas pu authentifier votre moyen de paiement. Choisissez-en un autre et réessayez.", Refused: "Le paiement a été refusé. Choisissez un autre moyen de paiement.", NotATestCard: "Seules les cartes de démonstration sont acceptées ici, par exemple 4242 4242 4242 4242.",
		AskTitle: "Confirmez votre paiement", AskCard: "Votre banque vous demande de confirmer ce paiement (3-D Secure).", AskBank: "Vous êtes sur la page de démonstration de", Complete: "Confirmer le paiement", Fail: "Refuser", Authorize: "Autoriser le paiement",
		AlreadyPaid: "Paiement déjà effectué", AlreadyPaidText: "Cette commande est déjà payée.", Expired: "Cette page de paiement a expiré", ExpiredText: "Rien n’a été débité. Revenez à la boutique pour reprendre votre commande.", Unknown: "Page de paiement introuvable", UnknownText: "L’adresse n’est pas complète ou n’existe plus.", Continue: "Revenir à la boutique", Receipt: "Reçu", Paid: "Payé",
	},
	"en": {
		TestMode: "Demonstration payment: no money moves", TestCard: "Test card: 4242 4242 4242 4242, any future date and three digits.", Pay: "Payment", PayAmount: "Pay", PayBy: "Pay with", OrCard: "Or by card", Total: "Total", Shipping: "Delivery", Free: "Free", Quantity: "Quantity", Lines: "Your order", Cancel: "Cancel and go back to the shop", Back: "Choose another way to pay",
		Email: "Email address", CardNumber: "Card number", Expiry: "Expiry", ExpiryHint: "MM / YY", CVC: "Security code", CVCHint: "3 or 4 digits", Name: "Name on the card", IBAN: "IBAN", SEPA: "SEPA direct debit", SEPANote: "The payment is confirmed some days later.", Card: "Card", Confirm: "Confirm",
		BadNumber: "The card number is incomplete or incorrect.", BadExpiry: "The expiry date is written MM / YY.", PastExpiry: "The expiry date is in the past.", BadCVC: "The security code has 3 or 4 digits.", Required: "Please fill in this field.", BadEmail: "This email address is not complete.", BadIBAN: "This IBAN is not a demonstration account.", BadMethod: "This way to pay is not offered here.", Check: "Please check the fields that are marked.", Unreadable: "The form could not be read. Please try again.",
		Declined: "Your card was declined. Try another way to pay.", Funds: "Your card was declined: insufficient funds. Try another card.", ExpiredCard: "Your card has expired. Try another card.", WrongCVC: "Your card’s security code is incorrect.", Processing: "An error occurred while processing the card. Try again in a moment.", NotAuthenticated: "We are unable to authenticate your payment method. Please choose a different one and try again.", Refused: "The payment was refused. Please choose another way to pay.", NotATestCard: "Only demonstration cards are accepted here, for example 4242 4242 4242 4242.",
		AskTitle: "Confirm your payment", AskCard: "Your bank asks you to confirm this payment (3-D Secure).", AskBank: "You are on the demonstration page of", Complete: "Confirm the payment", Fail: "Refuse", Authorize: "Authorise the payment",
		AlreadyPaid: "Already paid", AlreadyPaidText: "This order is already paid.", Expired: "This payment page has expired", ExpiredText: "Nothing was charged. Go back to the shop to resume your order.", Unknown: "No such payment page", UnknownText: "The address is incomplete or no longer exists.", Continue: "Go back to the shop", Receipt: "Receipt", Paid: "Paid",
	},
	"nl": {
		TestMode: "Demonstratiebetaling: er wordt geen geld overgemaakt", TestCard: "Testkaart: 4242 4242 4242 4242, een toekomstige datum en drie cijfers.", Pay: "Betaling", PayAmount: "Betalen", PayBy: "Betalen met", OrCard: "Of met een kaart", Total: "Totaal", Shipping: "Levering", Free: "Gratis", Quantity: "Aantal", Lines: "Uw bestelling", Cancel: "Annuleren en terug naar de winkel", Back: "Een andere betaalwijze kiezen",
		Email: "E-mailadres", CardNumber: "Kaartnummer", Expiry: "Vervaldatum", ExpiryHint: "MM / JJ", CVC: "Beveiligingscode", CVCHint: "3 of 4 cijfers", Name: "Naam op de kaart", IBAN: "IBAN", SEPA: "SEPA-incasso", SEPANote: "De betaling wordt enkele dagen later bevestigd.", Card: "Kaart", Confirm: "Bevestigen",
		BadNumber: "Het kaartnummer is onvolledig of onjuist.", BadExpiry: "De vervaldatum schrijft u als MM / JJ.", PastExpiry: "De vervaldatum is verstreken.", BadCVC: "De beveiligingscode heeft 3 of 4 cijfers.", Required: "Vul dit veld in.", BadEmail: "Dit e-mailadres is niet volledig.", BadIBAN: "Dit IBAN is geen demonstratierekening.", BadMethod: "Deze betaalwijze wordt hier niet aangeboden.", Check: "Controleer de gemarkeerde velden.", Unreadable: "Het formulier kon niet worden gelezen. Probeer het opnieuw.",
		Declined: "Uw kaart is geweigerd. Probeer een andere betaalwijze.", Funds: "Uw kaart is geweigerd: onvoldoende saldo. Probeer een andere kaart.", ExpiredCard: "Uw kaart is verlopen. Probeer een andere kaart.", WrongCVC: "De beveiligingscode van uw kaart is onjuist.", Processing: "Er is een fout opgetreden bij het verwerken van de kaart. Probeer het zo opnieuw.", NotAuthenticated: "We konden uw betaalmiddel niet verifiëren. Kies een ander en probeer het opnieuw.", Refused: "De betaling is geweigerd. Kies een andere betaalwijze.", NotATestCard: "Hier worden alleen demonstratiekaarten aanvaard, bijvoorbeeld 4242 4242 4242 4242.",
		AskTitle: "Bevestig uw betaling", AskCard: "Uw bank vraagt u deze betaling te bevestigen (3-D Secure).", AskBank: "U bent op de demonstratiepagina van", Complete: "De betaling bevestigen", Fail: "Weigeren", Authorize: "De betaling goedkeuren",
		AlreadyPaid: "Al betaald", AlreadyPaidText: "Deze bestelling is al betaald.", Expired: "Deze betaalpagina is verlopen", ExpiredText: "Er is niets afgeschreven. Ga terug naar de winkel om uw bestelling te hervatten.", Unknown: "Betaalpagina niet gevonden", UnknownText: "Het adres is onvolledig of bestaat niet meer.", Continue: "Terug naar de winkel", Receipt: "Betaalbewijs", Paid: "Betaald",
	},
	"de": {
		TestMode: "Vorführzahlung: es fließt kein Geld", TestCard: "Testkarte: 4242 4242 4242 4242, ein künftiges Datum und drei Ziffern.", Pay: "Zahlung", PayAmount: "Bezahlen", PayBy: "Bezahlen mit", OrCard: "Oder mit Karte", Total: "Gesamt", Shipping: "Lieferung", Free: "Kostenlos", Quantity: "Menge", Lines: "Ihre Bestellung", Cancel: "Abbrechen und zurück zum Laden", Back: "Eine andere Zahlungsart wählen",
		Email: "E-Mail-Adresse", CardNumber: "Kartennummer", Expiry: "Gültig bis", ExpiryHint: "MM / JJ", CVC: "Prüfziffer", CVCHint: "3 oder 4 Ziffern", Name: "Name auf der Karte", IBAN: "IBAN", SEPA: "SEPA-Lastschrift", SEPANote: "Die Zahlung wird einige Tage später bestätigt.", Card: "Karte", Confirm: "Bestätigen",
		BadNumber: "Die Kartennummer ist unvollständig oder falsch.", BadExpiry: "Das Ablaufdatum schreibt man MM / JJ.", PastExpiry: "Das Ablaufdatum liegt in der Vergangenheit.", BadCVC: "Die Prüfziffer hat 3 oder 4 Ziffern.", Required: "Bitte füllen Sie dieses Feld aus.", BadEmail: "Diese E-Mail-Adresse ist nicht vollständig.", BadIBAN: "Diese IBAN ist kein Vorführkonto.", BadMethod: "Diese Zahlungsart wird hier nicht angeboten.", Check: "Bitte prüfen Sie die markierten Felder.", Unreadable: "Das Formular konnte nicht gelesen werden. Bitte versuchen Sie es erneut.",
		Declined: "Ihre Karte wurde abgelehnt. Versuchen Sie eine andere Zahlungsart.", Funds: "Ihre Karte wurde abgelehnt: nicht genügend Deckung. Versuchen Sie eine andere Karte.", ExpiredCard: "Ihre Karte ist abgelaufen. Versuchen Sie eine andere Karte.", WrongCVC: "Die Prüfziffer Ihrer Karte ist falsch.", Processing: "Beim Verarbeiten der Karte ist ein Fehler aufgetreten. Versuchen Sie es gleich noch einmal.", NotAuthenticated: "Wir konnten Ihr Zahlungsmittel nicht bestätigen. Wählen Sie ein anderes und versuchen Sie es erneut.", Refused: "Die Zahlung wurde abgelehnt. Wählen Sie eine andere Zahlungsart.", NotATestCard: "Hier werden nur Vorführkarten angenommen, zum Beispiel 4242 4242 4242 4242.",
		AskTitle: "Bestätigen Sie Ihre Zahlung", AskCard: "Ihre Bank bittet Sie, diese Zahlung zu bestätigen (3-D Secure).", AskBank: "Sie sind auf der Vorführseite von", Complete: "Zahlung bestätigen", Fail: "Ablehnen", Authorize: "Zahlung freigeben",
		AlreadyPaid: "Bereits bezahlt", AlreadyPaidText: "Diese Bestellung ist bereits bezahlt.", Expired: "Diese Zahlungsseite ist abgelaufen", ExpiredText: "Es wurde nichts abgebucht. Gehen Sie zurück zum Laden, um Ihre Bestellung fortzusetzen.", Unknown: "Zahlungsseite nicht gefunden", UnknownText: "Die Adresse ist unvollständig oder besteht nicht mehr.", Continue: "Zurück zum Laden", Receipt: "Beleg", Paid: "Bezahlt",
	},
}
