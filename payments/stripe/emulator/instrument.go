package emulator

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed instruments.json
var instrumentsJSON []byte

// instrument is a published test card, an IBAN or a method that asks its holder elsewhere.
type instrument struct {
	Type string `json:"type"`
	// Number is the card's or the account's; empty for the others.
	Number  string `json:"number,omitempty"`
	PM      string `json:"pm,omitempty"`
	Country string `json:"card_country,omitempty"`
	// Outcome is what happens when it is used to pay.
	Outcome     string `json:"outcome"`
	Code        string `json:"code,omitempty"`
	DeclineCode string `json:"decline_code,omitempty"`
	Reason      string `json:"reason,omitempty"`
	OnRefund    string `json:"on_refund,omitempty"`
	Balance     string `json:"balance,omitempty"`
	DelayS      int64  `json:"delay_s,omitempty"`
	FailureCode string `json:"failure_code,omitempty"`
	ExpMonth    int    `json:"exp_month,omitempty"`
	ExpYear     int    `json:"exp_year,omitempty"`
}

type instruments struct {
	cards     map[string]instrument
	ibans     map[string]instrument
	redirects []string
}

func readInstruments() (instruments, error) {
	var file struct {
		Cards []struct {
			instrument
			PM string `json:"pm"`
		} `json:"cards"`
		IBANs []struct {
			instrument
			IBAN string `json:"iban"`
		} `json:"sepa_debit_ibans"`
		Redirects map[string]json.RawMessage `json:"redirect_methods"`
	}
	if err := json.Unmarshal(instrumentsJSON, &file); err != nil {
		return instruments{}, fmt.Errorf("instruments.json: %w", err)
	}
	all := instruments{cards: map[string]instrument{}, ibans: map[string]instrument{}}
	for _, c := range file.Cards {
		c.Type, c.instrument.PM = "card", c.PM
		if c.Country == "" {
			c.Country = "US"
		}
		all.cards[c.Number] = c.instrument
	}
	for _, i := range file.IBANs {
		i.Type, i.Number, i.Country = "sepa_debit", i.IBAN, i.IBAN[:2]
		all.ibans[i.IBAN] = i.instrument
	}
	for name := range file.Redirects {
		if name != "note" {
			all.redirects = append(all.redirects, name)
		}
	}
	slices.Sort(all.redirects)
	return all, nil
}

// digits keeps the digits of what a person typed with spaces and hyphens; empty when there is
// anything else.
func digits(s string) string {
	s = strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\u202f", "").Replace(strings.TrimSpace(s))
	if strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// plausible is the check digit of a card number.
func plausible(number string) bool {
	if len(number) < 13 || len(number) > 19 {
		return false
	}
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// card is the test card with the number. A number that nobody published is declined, as a real card
// is in test mode.
func (all instruments) card(number string) instrument {
	if c, ok := all.cards[number]; ok {
		return c
	}
	return instrument{Type: "card", Number: number[:6] + "000000" + number[len(number)-4:], Country: "US", Outcome: "declined", Code: "card_declined", DeclineCode: "test_mode_live_card"}
}

// byToken finds pm_card_visa and tok_visa alike.
func (all instruments) byToken(token string) (instrument, bool) {
	for _, c := range all.cards {
		if c.PM == token || "tok_"+strings.TrimPrefix(c.PM, "pm_card_") == token {
			return c, true
		}
	}
	return instrument{}, false
}

func (all instruments) iban(typed string) (instrument, bool) {
	i, ok := all.ibans[strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(typed), " ", ""))]
	return i, ok
}

func (all instruments) redirect(method string) (instrument, bool) {
	if !slices.Contains(all.redirects, method) {
		return instrument{}, false
	}
	return instrument{Type: method, Outcome: "redirect"}, true
}

func (i instrument) last4() string {
	if len(i.Number) < 4 {
		return ""
	}
	return i.Number[len(i.Number)-4:]
}

func (i instrument) brand() string {
	switch {
	case strings.HasPrefix(i.Number, "5"):
		return "mastercard"
	case strings.HasPrefix(i.Number, "34"), strings.HasPrefix(i.Number, "37"):
		return "amex"
	}
	return "visa"
}

// cardDetails is the card as a payment method shows it.
func (i instrument) cardDetails() map[string]any {
	return map[string]any{
		"brand": i.brand(), "checks": i.checks(), "country": i.Country, "display_brand": i.brand(), "exp_month": i.month(), "exp_year": i.year(),
		"fingerprint": "emu" + i.last4() + i.brand(), "funding": "credit", "generated_from": nil, "last4": i.last4(),
		"networks": map[string]any{"available": []string{i.brand()}, "preferred": nil}, "three_d_secure_usage": map[string]any{"supported": true}, "wallet": nil,
	}
}

func (i instrument) checks() map[string]any {
	cvc := "pass"
	if i.Code == "incorrect_cvc" {
		cvc = "fail"
	}
	return map[string]any{"address_line1_check": nil, "address_postal_code_check": nil, "cvc_check": cvc}
}

func (i instrument) month() int { return max(i.ExpMonth, 1) }

func (i instrument) year() int {
	if i.ExpYear == 0 {
		return 2034
	}
	return i.ExpYear
}

// sepaDetails is the account as a payment method and a charge show it.
func (i instrument) sepaDetails() map[string]any {
	return map[string]any{"bank_code": i.Number[4:9], "branch_code": nil, "country": i.Country, "fingerprint": "emu" + i.last4() + "sepa", "last4": i.last4()}
}

// chargeDetails is payment_method_details of a charge.
func (i instrument) chargeDetails(amount int64, authenticated bool) json.RawMessage {
	var own map[string]any
	switch i.Type {
	case "card":
		var secure any
		if authenticated {
			secure = map[string]any{"authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": nil, "result": "authenticated", "result_reason": nil, "transaction_id": nil, "version": "2.2.0"}
		}
		own = map[string]any{
			"amount_authorized": amount, "brand": i.brand(), "checks": i.checks(), "country": i.Country, "exp_month": i.month(), "exp_year": i.year(),
			"extended_authorization": map[string]any{"status": "disabled"}, "fingerprint": "emu" + i.last4() + i.brand(), "funding": "credit",
			"incremental_authorization": map[string]any{"status": "unavailable"}, "installments": nil, "last4": i.last4(), "mandate": nil,
			"multicapture": map[string]any{"status": "unavailable"}, "network": i.brand(), "network_token": map[string]any{"used": false},
			"overcapture": map[string]any{"maximum_amount_capturable": amount, "status": "unavailable"}, "three_d_secure": secure, "wallet": nil,
		}
	case "sepa_debit":
		own = i.sepaDetails()
		own["mandate"] = nil
	case "bancontact":
		own = map[string]any{"bank_code": "VAPE", "bank_name": "VAN DE PUT & CO", "bic": "VAPEBE22", "generated_sepa_debit": nil, "generated_sepa_debit_mandate": nil, "iban_last4": "7061", "preferred_language": "en", "verified_name": nil}
	case "ideal":
		own = map[string]any{"bank": "rabobank", "bic": "RABONL2U", "generated_sepa_debit": nil, "generated_sepa_debit_mandate": nil, "iban_last4": "5264", "verified_name": nil}
	case "klarna":
		own = map[string]any{"payment_method_category": "pay_later", "preferred_locale": "fr-FR"}
	case "paypal":
		own = map[string]any{"payer_email": nil, "payer_id": nil, "payer_name": nil, "seller_protection": nil, "transaction_id": nil}
	}
	return raw(map[string]any{"type": i.Type, i.Type: own})
}
