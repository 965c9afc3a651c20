package ledger

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/text"
)

// FacturXName is the name under which the XML lies in the PDF.
const FacturXName = "factur-x.xml"

// facturXGuideline is the profile EN 16931 of Factur-X (BT-24).
const facturXGuideline = "urn:cen.eu:en16931:2017"

// DocumentNote is a sentence that an invoice to a business must bear, with its subject code: PMD
// late payment, PMT recovery costs, AAB discount.
type DocumentNote struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// cii writes elements of UN/CEFACT's Cross Industry Invoice.
type cii struct{ b bytes.Buffer }

func (c *cii) text(tag, value string) {
	c.raw(tag, "", value)
}

func (c *cii) raw(tag, attributes, value string) {
	c.b.WriteString("<" + tag + attributes + ">")
	_ = xml.EscapeText(&c.b, []byte(xmlText(value)))
	c.b.WriteString("</" + tag + ">")
}

func (c *cii) in(tag string, inside func()) {
	c.b.WriteString("<" + tag + ">")
	inside()
	c.b.WriteString("</" + tag + ">")
}

func (c *cii) date(tag, value string) {
	c.in(tag, func() { c.raw("udt:DateTimeString", ` format="102"`, value) })
}

// xmlText leaves out what XML can't hold and what turns the direction of writing.
func xmlText(s string) string { return fecText(strings.ReplaceAll(s, "|", "/")) }

// FacturX writes a document as a Cross Industry Invoice in the profile EN 16931: every figure is that
// of the paper.
func FacturX(d Document) ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	c := &cii{}
	c.b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"` +
		` xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"` +
		` xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100">`)
	c.in("rsm:ExchangedDocumentContext", func() {
		c.in("ram:BusinessProcessSpecifiedDocumentContextParameter", func() { c.text("ram:ID", "B1") })
		c.in("ram:GuidelineSpecifiedDocumentContextParameter", func() { c.text("ram:ID", facturXGuideline) })
	})
	c.in("rsm:ExchangedDocument", func() {
		c.text("ram:ID", d.Number)
		code := "380"
		if d.Kind == KindCreditNote {
			code = "381"
		}
		c.text("ram:TypeCode", code)
		c.date("ram:IssueDateTime", ciiDay(d.IssuedAt))
		for _, n := range d.Notes {
			c.in("ram:IncludedNote", func() { c.text("ram:Content", n.Text); c.text("ram:SubjectCode", n.Subject) })
		}
	})
	c.in("rsm:SupplyChainTradeTransaction", func() {
		for i, l := range d.Lines {
			c.line(d, i+1, l)
		}
		c.in("ram:ApplicableHeaderTradeAgreement", func() {
			business := d.Buyer.SIREN != ""
			c.in("ram:SellerTradeParty", func() { c.seller(d.Seller, business) })
			c.in("ram:BuyerTradeParty", func() { c.buyer(d.Buyer, business) })
			if d.OrderNumber != "" {
				c.in("ram:SellerOrderReferencedDocument", func() { c.text("ram:IssuerAssignedID", d.OrderNumber) })
			}
		})
		c.in("ram:ApplicableHeaderTradeDelivery", func() {
			supplied := d.SupplyDate
			if supplied.IsZero() {
				supplied = d.IssuedAt
			}
			if d.Delivery != nil {
				c.in("ram:ShipToTradeParty", func() { c.text("ram:Name", d.Delivery.called()); c.address(*d.Delivery) })
			}
			c.in("ram:ActualDeliverySupplyChainEvent", func() { c.date("ram:OccurrenceDateTime", ciiDay(supplied)) })
		})
		c.in("ram:ApplicableHeaderTradeSettlement", func() { c.settlement(d) })
	})
	c.b.WriteString("</rsm:CrossIndustryInvoice>\n")
	return c.b.Bytes(), nil
}

func ciiDay(t time.Time) string { return t.In(text.Paris()).Format("20060102") }

// pricePoint is a line's net divided by its quantity: six decimals at most, two at least.
func pricePoint(l DocumentLine) string {
	q := int64(l.Quantity)
	micro := (int64(l.Net)*10_000 + q/2) / q
	s := fmt.Sprintf("%d.%06d", micro/1_000_000, micro%1_000_000)
	for strings.HasSuffix(s, "0") && len(s)-strings.IndexByte(s, '.') > 3 {
		s = s[:len(s)-1]
	}
	return s
}

func (c *cii) line(d Document, n int, l DocumentLine) {
	name := l.Description
	if name == "" {
		name = documentWords.In(d.Lang).T("by_amount")
	}
	c.in("ram:IncludedSupplyChainTradeLineItem", func() {
		c.in("ram:AssociatedDocumentLineDocument", func() { c.text("ram:LineID", fmt.Sprint(n)) })
		c.in("ram:SpecifiedTradeProduct", func() {
			if l.SKU != "" {
				c.text("ram:SellerAssignedID", l.SKU)
			}
			c.text("ram:Name", name)
		})
		c.in("ram:SpecifiedLineTradeAgreement", func() {
			c.in("ram:NetPriceProductTradePrice", func() { c.text("ram:ChargeAmount", pricePoint(l)) })
		})
		c.in("ram:SpecifiedLineTradeDelivery", func() { c.raw("ram:BilledQuantity", ` unitCode="C62"`, fmt.Sprint(l.Quantity)) })
		c.in("ram:SpecifiedLineTradeSettlement", func() {
			c.in("ram:ApplicableTradeTax", func() {
				c.text("ram:TypeCode", "VAT")
				c.category(d.VAT[d.rowOf(l)])
			})
			c.in("ram:SpecifiedTradeSettlementLineMonetarySummation", func() { c.text("ram:LineTotalAmount", l.Net.Point()) })
		})
	})
}

// category writes a rate's category and percentage: S taxed, Z at zero, G exported, E exempt.
func (c *cii) category(v VATLine) {
	c.text("ram:CategoryCode", categoryOf(v))
	c.text("ram:RateApplicablePercent", strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%02d", v.Rate/100, v.Rate%100), "0"), "."))
}

func categoryOf(v VATLine) string {
	switch {
	case v.Exemption == "export":
		return "G"
	case v.Exemption != "":
		return "E"
	case v.Rate == 0:
		return "Z"
	}
	return "S"
}

// seller writes who sells. An office that has no VAT number is known to the tax office by its SIREN
// (BT-32): what it sells without VAT names one of the two (BR-E-02).
func (c *cii) seller(p Party, addressed bool) {
	c.text("ram:Name", p.Name)
	if p.Company != "" {
		c.text("ram:Description", p.Company)
	}
	c.organization(p)
	c.address(p)
	c.registered(p, addressed)
	if siren := compact(p.SIREN); p.VATNumber == "" && siren != "" {
		c.in("ram:SpecifiedTaxRegistration", func() { c.raw("ram:ID", ` schemeID="FC"`, siren) })
	}
}

// buyer writes who buys: a firm under its own name, with the person who ordered for it.
func (c *cii) buyer(p Party, addressed bool) {
	c.text("ram:Name", p.called())
	c.organization(p)
	if p.Company != "" && p.Name != "" {
		c.in("ram:DefinedTradeContact", func() { c.text("ram:PersonName", p.Name) })
	}
	c.address(p)
	c.registered(p, addressed)
}

// called is the name under which a buyer or an addressee is invoiced.
func (p Party) called() string { return cmp.Or(p.Company, p.Name) }

func compact(number string) string { return strings.Join(strings.Fields(number), "") }

func (c *cii) organization(p Party) {
	if siren := compact(p.SIREN); siren != "" {
		c.in("ram:SpecifiedLegalOrganization", func() { c.raw("ram:ID", ` schemeID="0002"`, siren) })
	}
}

func (c *cii) address(p Party) {
	c.in("ram:PostalTradeAddress", func() {
		postal, city, lines := p.PostalCode, p.City, p.Lines
		if postal != "" && len(lines) > 0 && strings.Contains(lines[len(lines)-1], postal) {
			lines = lines[:len(lines)-1]
		}
		if postal != "" {
			c.text("ram:PostcodeCode", postal)
		}
		for i, tag := range []string{"ram:LineOne", "ram:LineTwo", "ram:LineThree"} {
			if i < len(lines) && lines[i] != "" {
				c.text(tag, lines[i])
			}
		}
		if city != "" {
			c.text("ram:CityName", city)
		}
		c.text("ram:CountryID", p.Country)
	})
}

// registered writes a party's VAT number, and between businesses the electronic address (BT-34, BT-49)
// under which the French directory knows a SIREN.
func (c *cii) registered(p Party, addressed bool) {
	if siren := compact(p.SIREN); addressed && siren != "" {
		c.in("ram:URIUniversalCommunication", func() { c.raw("ram:URIID", ` schemeID="0225"`, siren) })
	}
	if _, ok := place.VATNumberOf(compact(p.VATNumber)); ok {
		c.in("ram:SpecifiedTaxRegistration", func() { c.raw("ram:ID", ` schemeID="VA"`, compact(p.VATNumber)) })
	}
}

// paymentMeans are the codes of UNTDID 4461.
var paymentMeans = map[string]string{"cash": "10", "cheque": "20", "sepa_debit": "59", "gift_card": "ZZZ", "paypal": "68", "ideal": "68", "bancontact": "68", "link": "68"}

func (c *cii) settlement(d Document) {
	c.text("ram:InvoiceCurrencyCode", money.Currency)
	method, _, _ := strings.Cut(d.PaymentMethod, "+")
	means, other := paymentMeans[method]
	switch {
	case method == "":
		means = "1" // nothing was paid: the instrument is not defined
	case !other:
		means = "48"
	}
	c.in("ram:SpecifiedTradeSettlementPaymentMeans", func() { c.text("ram:TypeCode", means) })
	var lines, charges money.Amount
	for _, l := range d.Lines {
		lines += l.Net
	}
	taxes := d.breakdown()
	for _, x := range taxes {
		charges += x.carriage
		c.in("ram:ApplicableTradeTax", func() {
			c.text("ram:CalculatedAmount", x.VAT.Point())
			c.text("ram:TypeCode", "VAT")
			if len(x.reasons) > 0 {
				c.text("ram:ExemptionReason", strings.Join(x.reasons, " ; "))
			}
			c.text("ram:BasisAmount", x.Net.Point())
			c.category(x.VATLine)
		})
	}
	for _, x := range taxes {
		if x.carriage == 0 {
			continue
		}
		c.in("ram:SpecifiedTradeAllowanceCharge", func() {
			c.in("ram:ChargeIndicator", func() { c.text("udt:Indicator", "true") })
			c.text("ram:ActualAmount", x.carriage.Point())
			c.text("ram:Reason", documentWords.In(d.Lang).T("shipping"))
			c.in("ram:CategoryTradeTax", func() { c.text("ram:TypeCode", "VAT"); c.category(x.VATLine) })
		})
	}
	paid := money.Amount(0)
	if d.Kind == KindCreditNote || !d.PaidAt.IsZero() {
		paid = d.Gross
	} else {
		c.in("ram:SpecifiedTradePaymentTerms", func() { c.date("ram:DueDateDateTime", ciiDay(d.IssuedAt)) })
	}
	c.in("ram:SpecifiedTradeSettlementHeaderMonetarySummation", func() {
		c.text("ram:LineTotalAmount", lines.Point())
		if charges != 0 {
			c.text("ram:ChargeTotalAmount", charges.Point())
		}
		c.text("ram:TaxBasisTotalAmount", d.Net.Point())
		c.raw("ram:TaxTotalAmount", ` currencyID="EUR"`, d.TotalVAT.Point())
		c.text("ram:GrandTotalAmount", d.Gross.Point())
		if paid != 0 {
			c.text("ram:TotalPrepaidAmount", paid.Point())
		}
		c.text("ram:DuePayableAmount", (d.Gross - paid).Point())
	})
	if d.RefersTo != "" {
		c.in("ram:InvoiceReferencedDocument", func() { c.text("ram:IssuerAssignedID", d.RefersTo) })
	}
}

// taxed is what one category and rate bear, with the part of shipping and each reason why no VAT is due.
type taxed struct {
	VATLine
	carriage money.Amount
	reasons  []string
}

// breakdown gives the VAT table by category and rate: two exemptions of one category are one row
// (BR-E-01), which gives both reasons.
func (d Document) breakdown() []taxed {
	var list []taxed
	carriage := d.carriage()
	for i, v := range d.VAT {
		at := slices.IndexFunc(list, func(x taxed) bool { return x.Rate == v.Rate && categoryOf(x.VATLine) == categoryOf(v) })
		if at < 0 {
			at = len(list)
			list = append(list, taxed{VATLine: VATLine{Rate: v.Rate, Exemption: v.Exemption}})
		}
		x := &list[at]
		x.VATLine = x.plus(v)
		x.carriage += carriage[i]
		if reason := v.reason(); v.Exemption != "" && !slices.Contains(x.reasons, reason) {
			x.reasons = append(x.reasons, reason)
		}
	}
	return list
}

// reason is why no VAT is due, in the words that were in force at the issue.
func (v VATLine) reason() string {
	if v.Reason != "" {
		return v.Reason
	}
	return setting.DefaultMentions().Of(v.Exemption)
}
