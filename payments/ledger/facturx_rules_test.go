package ledger_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments/ledger"
)

// node is an element of an invoice's XML.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []node     `xml:",any"`
}

// all finds the elements at a path of local names.
func (n node) all(path string) []node {
	name, rest, deeper := strings.Cut(path, "/")
	var list []node
	for _, c := range n.Children {
		switch {
		case c.XMLName.Local != name:
		case deeper:
			list = append(list, c.all(rest)...)
		default:
			list = append(list, c)
		}
	}
	return list
}

func (n node) at(path string) string {
	if found := n.all(path); len(found) > 0 {
		return strings.TrimSpace(found[0].Text)
	}
	return ""
}

func (n node) amount(path string) *big.Rat {
	r, ok := new(big.Rat).SetString(n.at(path))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// registered are a party's numbers of a scheme: VA the VAT number, FC the one of the tax office.
func (n node) registered(scheme string) []string {
	var list []string
	for _, id := range n.all("SpecifiedTaxRegistration/ID") {
		if len(id.Attrs) == 1 && id.Attrs[0].Value == scheme {
			list = append(list, id.Text)
		}
	}
	return list
}

// brokenRules holds an invoice's XML against the business rules of EN 16931 that are about what the
// shop writes, by their names.
func brokenRules(t interface{ Fatal(...any) }, data []byte) (broken []string) {
	var root node
	if err := xml.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	must := func(holds bool, rule string, about ...any) {
		if !holds {
			broken = append(broken, strings.TrimSpace(rule+" "+fmt.Sprint(about...)))
		}
	}
	var walk func(node)
	walk = func(n node) {
		must(len(n.Children) > 0 || strings.TrimSpace(n.Text) != "", "no element is empty", n.XMLName.Local)
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(root)
	document := root.all("ExchangedDocument")[0]
	deal := root.all("SupplyChainTradeTransaction")[0]
	agreed, settled := deal.all("ApplicableHeaderTradeAgreement")[0], deal.all("ApplicableHeaderTradeSettlement")[0]
	seller, buyer := agreed.all("SellerTradeParty")[0], agreed.all("BuyerTradeParty")[0]
	must(root.at("ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID") != "", "BR-01")
	must(document.at("ID") != "", "BR-02")
	must(len(document.at("IssueDateTime/DateTimeString")) == 8, "BR-03")
	must(slices.Contains([]string{"380", "381"}, document.at("TypeCode")), "BR-04")
	must(settled.at("InvoiceCurrencyCode") == "EUR", "BR-05")
	for i, p := range []node{seller, buyer} {
		must(p.at("Name") != "", []string{"BR-06", "BR-07"}[i])
		must(p.at("PostalTradeAddress/CountryID") != "", []string{"BR-09", "BR-11"}[i])
	}
	known := len(seller.registered("VA"))+len(seller.registered("FC")) > 0
	must(known || seller.at("SpecifiedLegalOrganization/ID") != "", "BR-CO-26")
	type tax struct{ category, rate string }
	bases := map[tax]*big.Rat{}
	add := func(k tax, a *big.Rat) {
		if bases[k] == nil {
			bases[k] = new(big.Rat)
		}
		bases[k].Add(bases[k], a)
	}
	sum := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
	lines, charges, vats := new(big.Rat), new(big.Rat), new(big.Rat)
	ids := map[string]bool{}
	items := deal.all("IncludedSupplyChainTradeLineItem")
	must(len(items) > 0, "BR-16")
	for _, l := range items {
		id := l.at("AssociatedDocumentLineDocument/LineID")
		must(id != "" && !ids[id], "BR-21")
		ids[id] = true
		must(l.at("SpecifiedTradeProduct/Name") != "", "BR-25")
		price, quantity := l.amount("SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount"), l.amount("SpecifiedLineTradeDelivery/BilledQuantity")
		net := l.amount("SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount")
		must(price.Sign() >= 0, "BR-27")
		must(new(big.Rat).Mul(price, quantity).FloatString(2) == net.FloatString(2), "a line is its price times its quantity", id)
		k := tax{l.at("SpecifiedLineTradeSettlement/ApplicableTradeTax/CategoryCode"), l.at("SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent")}
		must(k.category != "", "BR-CO-04")
		must((k.category == "S") == (k.rate != "0"), "BR-S-05, BR-Z-05, BR-E-05, BR-G-05", k)
		add(k, net)
		lines.Add(lines, net)
	}
	for _, c := range settled.all("SpecifiedTradeAllowanceCharge") {
		must(c.at("Reason") != "", "BR-38")
		must(c.amount("ActualAmount").Sign() > 0, "a charge is more than nothing")
		add(tax{c.at("CategoryTradeTax/CategoryCode"), c.at("CategoryTradeTax/RateApplicablePercent")}, c.amount("ActualAmount"))
		charges.Add(charges, c.amount("ActualAmount"))
	}
	breakdown := map[tax]bool{}
	must(len(settled.all("ApplicableTradeTax")) > 0, "BR-CO-18")
	for _, v := range settled.all("ApplicableTradeTax") {
		k := tax{v.at("CategoryCode"), v.at("RateApplicablePercent")}
		base, vat := v.amount("BasisAmount"), v.amount("CalculatedAmount")
		must(!breakdown[k], "BR-"+k.category+"-01: once per category and rate", k)
		breakdown[k] = true
		must(bases[k] != nil && bases[k].Cmp(base) == 0, "BR-"+k.category+"-08", k, base, bases[k])
		rate, _ := new(big.Rat).SetString(k.rate)
		due := new(big.Rat).Mul(base, rate)
		off := due.Sub(due.Quo(due, big.NewRat(100, 1)), vat)
		must(off.Abs(off).Cmp(big.NewRat(1, 1)) < 0, "BR-CO-17", k)
		must(k.category == "S" || vat.Sign() == 0, "BR-"+k.category+"-09")
		must((v.at("ExemptionReason") != "") == (k.category == "E" || k.category == "G"), "BR-"+k.category+"-10")
		must(known, "BR-"+k.category+"-02")
		vats.Add(vats, vat)
	}
	for k := range bases {
		must(breakdown[k], "BR-"+k.category+"-01: a breakdown for each", k)
	}
	total := settled.all("SpecifiedTradeSettlementHeaderMonetarySummation")[0]
	for _, r := range []struct {
		rule      string
		got, want *big.Rat
	}{
		{"BR-CO-10", total.amount("LineTotalAmount"), lines},
		{"BR-CO-12", total.amount("ChargeTotalAmount"), charges},
		{"BR-CO-13", total.amount("TaxBasisTotalAmount"), sum(lines, charges)},
		{"BR-CO-14", total.amount("TaxTotalAmount"), vats},
		{"BR-CO-15", total.amount("GrandTotalAmount"), sum(total.amount("TaxBasisTotalAmount"), vats)},
		{"BR-CO-16", sum(total.amount("DuePayableAmount"), total.amount("TotalPrepaidAmount")), total.amount("GrandTotalAmount")},
	} {
		must(r.got.Cmp(r.want) == 0, r.rule, r.got, r.want)
	}
	must(total.amount("DuePayableAmount").Sign() <= 0 || settled.at("SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString") != "", "BR-CO-25")
	must(document.at("TypeCode") == "380" || settled.at("InvoiceReferencedDocument/IssuerAssignedID") != "", "BR-55")
	for _, to := range deal.all("ApplicableHeaderTradeDelivery/ShipToTradeParty") {
		must(to.at("PostalTradeAddress/CountryID") != "", "BR-57")
	}
	return broken
}

// anyDocument draws a basket, a seller and a place, and makes a document of them by the shop's own VAT.
func anyDocument(t *rapid.T) ledger.Document {
	sale := vat.Sale{Territory: rapid.SampledFrom([]place.Territory{place.Mainland, place.Corsica, place.Union, place.Export}).Draw(t, "territory"), Country: "CZ", Franchise: rapid.Bool().Draw(t, "franchise"), Destination: rapid.Bool().Draw(t, "destination")}
	doc := ledger.Document{
		Kind: ledger.KindInvoice, Number: "F2026-000042", IssuedAt: issuedAt, SupplyDate: issuedAt, OrderNumber: "B2026-7K3QX9TD", OrderDate: issuedAt, Lang: text.FR, PaidAt: issuedAt,
		Seller: ledger.Party{Name: "Office de tourisme", Company: "Association", Lines: []string{"1, place du Beffroi", "59500 Beffroy"}, Country: "FR", SIREN: "123456782"},
		Buyer:  ledger.Party{Name: "Léa", Lines: []string{"1000 Bruxelles"}, Country: "BE"}, Shipping: money.Amount(rapid.SampledFrom([]int{0, 1, 300, 799}).Draw(t, "shipping")),
	}
	if !sale.Franchise {
		doc.Seller.VATNumber = "FR11123456782"
	}
	if rapid.Bool().Draw(t, "business") {
		doc.Buyer.Company, doc.Buyer.VATNumber = "Boekhandel", "BE0417497106"
	}
	if rapid.Bool().Draw(t, "elsewhere") {
		doc.Delivery = &ledger.Party{Name: "Point relais", Lines: []string{"7, rue Haute", "1000 Bruxelles"}, Country: "BE", PostalCode: "1000", City: "Bruxelles"}
	}
	if rapid.Bool().Draw(t, "credit") {
		doc.Kind, doc.RefersTo = ledger.KindCreditNote, "F2026-000001"
	} else if rapid.Bool().Draw(t, "open") {
		doc.PaidAt = time.Time{}
	}
	var basket []vat.Line
	for range rapid.IntRange(1, 6).Draw(t, "lines") {
		l := ledger.DocumentLine{Description: "Article", SKU: "A", Quantity: rapid.IntRange(1, 9).Draw(t, "quantity"), UnitGross: money.Amount(rapid.IntRange(1, 9999).Draw(t, "price"))}
		l.Discount = money.Amount(rapid.IntRange(0, 4).Draw(t, "discount")) * l.UnitGross.Times(l.Quantity) / 4
		l.Gross = l.UnitGross.Times(l.Quantity) - l.Discount
		doc.Lines = append(doc.Lines, l)
		basket = append(basket, vat.Line{Class: rapid.SampledFrom([]vat.Class{vat.Standard, vat.Books, vat.Food, vat.Exempt}).Draw(t, "class"), Gross: l.Gross})
	}
	sum, err := vat.ComputeSale(basket, doc.Shipping, sale, issuedAt)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range sum.Lines {
		l := &doc.Lines[i]
		l.Net, l.VAT, l.Rate, l.Exemption = p.Net, p.VAT, int(p.Rate), string(p.Exemption)
	}
	for _, r := range sum.Rates {
		doc.VAT = append(doc.VAT, ledger.VATLine{Rate: int(r.Rate), GoodsGross: r.GoodsGross, ShippingGross: r.ShippingGross, Gross: r.Gross, Net: r.Net, VAT: r.VAT, Exemption: string(r.Exemption)})
	}
	doc.Gross, doc.Net, doc.TotalVAT = sum.Gross, sum.Net, sum.VAT
	return doc
}

func TestTheXMLOfAnySaleKeepsTheBusinessRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		doc := anyDocument(t)
		data, err := ledger.FacturX(doc)
		if err != nil {
			t.Fatal(err)
		}
		if broken := brokenRules(t, data); len(broken) > 0 {
			t.Fatalf("%s\n%s", strings.Join(broken, "\n"), data)
		}
	})
}

func TestTheXMLNamesWhoSellsAndWhoBuys(t *testing.T) {
	t.Parallel()
	association := sampleDocument(t, "A_mixed_rates_shipping")
	association.Seller.Company, association.Seller.VATNumber = "Association loi 1901", ""
	association.Buyer.Company, association.Buyer.SIREN, association.Buyer.VATNumber = "Librairie du Carillon", "404833048", "FR83404833048"
	association.Delivery = &ledger.Party{Name: "Office de tourisme", Lines: []string{"1 place du Beffroi", "59500 Beffroy-sur-Scarpe"}, Country: "FR", PostalCode: "59500", City: "Beffroy-sur-Scarpe"}
	data, err := ledger.FacturX(association)
	if err != nil {
		t.Fatal(err)
	}
	mustBeValid(t, data)
	for _, want := range []string{
		"<ram:SellerTradeParty><ram:Name>Office de tourisme de Beffroy-sur-Scarpe</ram:Name><ram:Description>Association loi 1901</ram:Description>",
		`<ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">123456782</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>`,
		"<ram:BuyerTradeParty><ram:Name>Librairie du Carillon</ram:Name>", "<ram:DefinedTradeContact><ram:PersonName>Léa d’Hœdt</ram:PersonName></ram:DefinedTradeContact>",
		"<ram:ShipToTradeParty><ram:Name>Office de tourisme</ram:Name><ram:PostalTradeAddress><ram:PostcodeCode>59500</ram:PostcodeCode><ram:LineOne>1 place du Beffroi</ram:LineOne>",
	} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("the XML lacks %s\n%s", want, data)
		}
	}
}
