package ledger

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"boutique/internal/money"
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
			c.in("ram:SellerTradeParty", func() { c.party(d.Seller, business) })
			c.in("ram:BuyerTradeParty", func() { c.party(d.Buyer, business) })
			if d.OrderNumber != "" {
				c.in("ram:SellerOrderReferencedDocument", func() { c.text("ram:IssuerAssignedID", d.OrderNumber) })
			}
		})
		c.in("ram:ApplicableHeaderTradeDelivery", func() {
			supplied := d.SupplyDate
			if supplied.IsZero() {
				supplied = d.IssuedAt
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
				c.category(d, l.Rate)
			})
			c.in("ram:SpecifiedTradeSettlementLineMonetarySummation", func() { c.text("ram:LineTotalAmount", l.Net.Point()) })
		})
	})
}

// category writes a rate's category and percentage: S taxed, Z at zero, G exported, E exempt.
func (c *cii) category(d Document, rate int) {
	for _, v := range d.VAT {
		if v.Rate == rate {
			c.text("ram:CategoryCode", categoryOf(v))
			break
		}
	}
	percent := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%02d", rate/100, rate%100), "0"), ".")
	c.text("ram:RateApplicablePercent", percent)
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

// party writes the seller or the buyer; between businesses with the electronic address (BT-34, BT-49)
// under which the French directory knows a SIREN.
func (c *cii) party(p Party, addressed bool) {
	name := p.Name
	if p.Company != "" && p.SIREN != "" && p.VATNumber == "" {
		name = p.Company
	}
	c.text("ram:Name", name)
	if siren := strings.Join(strings.Fields(p.SIREN), ""); siren != "" {
		c.in("ram:SpecifiedLegalOrganization", func() { c.raw("ram:ID", ` schemeID="0002"`, siren) })
	}
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
	if siren := strings.Join(strings.Fields(p.SIREN), ""); addressed && siren != "" {
		c.in("ram:URIUniversalCommunication", func() { c.raw("ram:URIID", ` schemeID="0225"`, siren) })
	}
	if p.VATNumber != "" {
		c.in("ram:SpecifiedTaxRegistration", func() { c.raw("ram:ID", ` schemeID="VA"`, strings.Join(strings.Fields(p.VATNumber), "")) })
	}
}

// paymentMeans are the codes of UNTDID 4461.
var paymentMeans = map[string]string{"cash": "10", "cheque": "20", "sepa_debit": "59", "gift_card": "ZZZ", "paypal": "68", "ideal": "68", "bancontact": "68", "link": "68"}

func (c *cii) settlement(d Document) {
	c.text("ram:InvoiceCurrencyCode", money.Currency)
	method, _, _ := strings.Cut(d.PaymentMethod, "+")
	means, other := paymentMeans[method]
	if !other {
		means = "48"
	}
	c.in("ram:SpecifiedTradeSettlementPaymentMeans", func() { c.text("ram:TypeCode", means) })
	nets := d.shippingNets()
	var lines, charges money.Amount
	for _, l := range d.Lines {
		lines += l.Net
	}
	var charged []int
	for _, v := range d.VAT {
		c.in("ram:ApplicableTradeTax", func() {
			c.text("ram:CalculatedAmount", v.VAT.Point())
			c.text("ram:TypeCode", "VAT")
			if v.Exemption != "" {
				c.text("ram:ExemptionReason", v.reason())
			}
			c.text("ram:BasisAmount", v.Net.Point())
			c.category(d, v.Rate)
		})
		if n := nets[v.Rate]; n != 0 {
			charged = append(charged, v.Rate)
			charges += n
			delete(nets, v.Rate)
		}
	}
	nets = d.shippingNets()
	for _, rate := range charged {
		c.in("ram:SpecifiedTradeAllowanceCharge", func() {
			c.in("ram:ChargeIndicator", func() { c.text("udt:Indicator", "true") })
			c.text("ram:ActualAmount", nets[rate].Point())
			c.text("ram:Reason", documentWords.In(d.Lang).T("shipping"))
			c.in("ram:CategoryTradeTax", func() { c.text("ram:TypeCode", "VAT"); c.category(d, rate) })
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

// reason is why no VAT is due, in the words that were in force at the issue.
func (v VATLine) reason() string {
	if v.Reason != "" {
		return v.Reason
	}
	return setting.DefaultMentions().Of(v.Exemption)
}
