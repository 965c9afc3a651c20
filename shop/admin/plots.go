package admin

import (
	"strconv"
	"strings"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/payments/ledger"
)

func (v BooksView) rateParts() []Part {
	var list []Part
	for _, r := range v.Period.Summary.Rates {
		list = append(list, Part{v.P.Percent(r.VATRate), string(documentsAddress(v.From, v.To, strconv.Itoa(r.VATRate), "", "")), money.Amount(r.Gross)})
	}
	return list
}

func (v BooksView) familyParts() []Part {
	var list []Part
	for _, s := range v.Period.Summary.Families {
		name := v.Period.Families[s.Name]
		if name == "" {
			name = s.Name
		}
		if name == "" {
			name = v.T("plot_other")
		}
		list = append(list, Part{name, "", s.Gross})
	}
	return list
}

func (v BooksView) countryParts() []Part {
	var list []Part
	for _, s := range v.Period.Summary.Countries {
		list = append(list, Part{place.Name(place.Country(s.Name), v.Lang()), string(documentsAddress(v.From, v.To, "", s.Name, "")), s.Gross})
	}
	return list
}

func (v BooksView) methodParts() []Part {
	var list []Part
	for _, s := range v.Period.Summary.Methods {
		var names []string
		for _, m := range strings.Split(s.Name, "+") {
			if id := "map_method_" + m; v.P.Has(id) {
				m = v.T(id)
			}
			names = append(names, m)
		}
		list = append(list, Part{strings.Join(names, " + "), "", s.Gross})
	}
	return list
}

// moneyParts are what the provider collected and kept, and what reached the bank.
func (v BooksView) moneyParts() []Part {
	accounts := v.Period.Summary.Accounts
	provider, bank, fees := accounts[ledger.AccountStripe], accounts[ledger.AccountBank], accounts[ledger.AccountFees]
	if provider.Debit == 0 && provider.Before == 0 {
		return nil
	}
	kept := fees.Debit - fees.Credit
	ledgerOf := func(account string) string { return string(ledgerAddress(v.From, v.To, account, "")) }
	return []Part{
		{v.T("plot_collected"), ledgerOf(ledger.AccountStripe), provider.Debit},
		{v.T("plot_fees"), ledgerOf(ledger.AccountFees), kept},
		{v.T("plot_left"), "", provider.Credit - kept},
		{v.T("plot_banked"), ledgerOf(ledger.AccountBank), bank.Debit - bank.Credit},
		{v.T("plot_held"), "", provider.After()},
	}
}
