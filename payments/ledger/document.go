package ledger

import (
	"fmt"
	"time"

	"boutique/internal/money"
	"boutique/internal/text"
)

// DocumentKind is what a document is: an invoice, or a credit note that takes one back in part or
// in whole.
type DocumentKind string

// The kinds. A credit note is a document of its own with its own number (CGI art. 289 I-5).
const (
	KindInvoice    DocumentKind = "invoice"
	KindCreditNote DocumentKind = "credit_note"
)

// Party is a seller, a buyer or an addressee as the document names it (CGI ann. II art. 242
// nonies A I 1°). Company is the seller's legal form or the buyer's firm. Lines are the lines of
// the address as they are printed, without the name; Country is ISO 3166-1 alpha-2.
type Party struct {
	Name      string   `json:"name"`
	Company   string   `json:"company,omitempty"`
	Lines     []string `json:"lines"`
	Country   string   `json:"country"`
	SIREN     string   `json:"siren,omitempty"`
	VATNumber string   `json:"vat_number,omitempty"`
	Email     string   `json:"email,omitempty"`
	// PostalCode and City repeat a part of the lines for programs.
	PostalCode string `json:"postal_code,omitempty"`
	City       string `json:"city,omitempty"`
}

// DocumentLine is one item (mention 8°). UnitGross and Gross include VAT; Net and VAT are the
// line's share of its rate's sums and add up to Gross. Rate is in basis points. A line without a
// description is a reduction by amount.
type DocumentLine struct {
	Description string       `json:"description"`
	SKU         string       `json:"sku,omitempty"`
	Quantity    int          `json:"quantity"`
	UnitGross   money.Amount `json:"unit_gross"`
	// Discount is what the line was reduced by (mention 9°).
	Discount money.Amount `json:"discount,omitempty"`
	Gross    money.Amount `json:"gross"`
	Net      money.Amount `json:"net"`
	VAT      money.Amount `json:"vat"`
	Rate     int          `json:"rate"`
	// Exemption is why the line bears no VAT: the one of its rate's row in the VAT table.
	Exemption string `json:"exemption,omitempty"`
	// Family is the family of goods, which the chart of accounts may look at.
	Family string `json:"family,omitempty"`
	// Analytic is the article's analytic code, which goes before the chart's.
	Analytic string `json:"analytic,omitempty"`
}

// VATLine is what one rate bears (mention 11°): goods and their share of shipping, both with VAT,
// and the sum of the two with the VAT carved out once. Exemption is the reason when no VAT is due.
type VATLine struct {
	Rate          int          `json:"rate"`
	GoodsGross    money.Amount `json:"goods_gross"`
	ShippingGross money.Amount `json:"shipping_gross"`
	Gross         money.Amount `json:"gross"`
	Net           money.Amount `json:"net"`
	VAT           money.Amount `json:"vat"`
	Exemption     string       `json:"exemption,omitempty"`
	// Reason is the sentence that says why no VAT is due.
	Reason string `json:"reason,omitempty"`
}

// Document is an invoice or a credit note as it was issued: a snapshot that holds every word and
// figure, from which its PDF and its XML are drawn. Its amounts are positive in both kinds; a
// credit note is negative in the books, not on paper. Its JSON is the canonical form that is kept.
type Document struct {
	Kind   DocumentKind `json:"kind"`
	Number string       `json:"number"`
	// RefersTo is the number of the invoice that a credit note changes (CGI art. 289 I-5).
	RefersTo string    `json:"refers_to,omitempty"`
	IssuedAt time.Time `json:"issued_at"`
	// SupplyDate is when the goods are delivered, printed when it is another day than the issue
	// (mention 10°).
	SupplyDate  time.Time `json:"supply_date,omitzero"`
	OrderNumber string    `json:"order_number"`
	OrderDate   time.Time `json:"order_date"`
	Lang        text.Lang `json:"lang"`
	Seller      Party     `json:"seller"`
	Buyer       Party     `json:"buyer"`
	// Delivery is where the goods go when that is not the buyer's address.
	Delivery      *Party         `json:"delivery,omitempty"`
	Lines         []DocumentLine `json:"lines"`
	Shipping      money.Amount   `json:"shipping"`
	ShippingLabel string         `json:"shipping_label,omitempty"`
	VAT           []VATLine      `json:"vat"`
	Gross         money.Amount   `json:"gross"`
	Net           money.Amount   `json:"net"`
	TotalVAT      money.Amount   `json:"total_vat"`
	// PaymentMethod names the means of payment; several are joined with "+".
	PaymentMethod string    `json:"payment_method,omitempty"`
	PaidAt        time.Time `json:"paid_at,omitzero"`
	// Mentions are the legal sentences in force at the issue.
	Mentions []string `json:"mentions,omitempty"`
	// Notes are the sentences that an invoice to a business bears.
	Notes []DocumentNote `json:"notes,omitempty"`
	// Reason is why a credit note was made.
	Reason string `json:"reason,omitempty"`
}

// Check refuses a document whose figures disagree; the error names the sum that is broken. A
// document that passes prints totals that any reader can add up.
func (d Document) Check() error {
	switch {
	case d.Kind != KindInvoice && d.Kind != KindCreditNote:
		return fmt.Errorf("kind %q: a document is an invoice or a credit note", d.Kind)
	case d.Kind == KindCreditNote && d.RefersTo == "":
		return fmt.Errorf("a credit note names the invoice that it changes: refers_to is empty")
	case len(d.VAT) == 0:
		return fmt.Errorf("the VAT table is empty: it has one line per rate, exempt ones too")
	}
	equal := func(name string, got, want money.Amount) error {
		if got != want {
			return fmt.Errorf("%s: %s where %s was expected", name, got.Point(), want.Point())
		}
		return nil
	}
	var goods money.Amount
	goodsAt, netAt := map[int]money.Amount{}, map[int]money.Amount{}
	for i, l := range d.Lines {
		name := fmt.Sprintf("line %d (%s)", i+1, l.SKU)
		if l.Quantity < 1 || l.Quantity > 1_000_000 {
			return fmt.Errorf("%s: quantity %d is not from 1 to 1,000,000", name, l.Quantity)
		}
		if err := equal(name+", quantity times unit price", l.UnitGross.Times(l.Quantity)-l.Discount, l.Gross); err != nil {
			return err
		}
		if err := equal(name+", net plus VAT", l.Net+l.VAT, l.Gross); err != nil {
			return err
		}
		goods += l.Gross
		goodsAt[l.Rate] += l.Gross
		netAt[l.Rate] += l.Net
	}
	if err := equal("lines plus shipping", goods+d.Shipping, d.Gross); err != nil {
		return err
	}
	var sum VATLine
	rates := map[int]VATLine{}
	for _, v := range d.VAT {
		name := rateName(v.Rate)
		if err := equal(name+", goods plus shipping", v.GoodsGross+v.ShippingGross, v.Gross); err != nil {
			return err
		}
		if err := equal(name+", net plus VAT", v.Net+v.VAT, v.Gross); err != nil {
			return err
		}
		rates[v.Rate] = rates[v.Rate].plus(v)
		sum = sum.plus(v)
	}
	for rate := range goodsAt {
		if _, ok := rates[rate]; !ok {
			return fmt.Errorf("%s: lines bear it, the VAT table does not", rateName(rate))
		}
	}
	for _, v := range d.VAT {
		at := rates[v.Rate]
		if err := equal(rateName(v.Rate)+", lines", goodsAt[v.Rate], at.GoodsGross); err != nil {
			return err
		}
		if at.ShippingGross == 0 {
			if err := equal(rateName(v.Rate)+", net of the lines", netAt[v.Rate], at.Net); err != nil {
				return err
			}
		}
	}
	for _, c := range []struct {
		name      string
		got, want money.Amount
	}{
		{"shipping over the rates", sum.ShippingGross, d.Shipping},
		{"gross over the rates", sum.Gross, d.Gross},
		{"net over the rates", sum.Net, d.Net},
		{"VAT over the rates", sum.VAT, d.TotalVAT},
		{"total net plus VAT", d.Net + d.TotalVAT, d.Gross},
	} {
		if err := equal(c.name, c.got, c.want); err != nil {
			return err
		}
	}
	return nil
}

func (v VATLine) plus(w VATLine) VATLine {
	v.GoodsGross += w.GoodsGross
	v.ShippingGross += w.ShippingGross
	v.Gross += w.Gross
	v.Net += w.Net
	v.VAT += w.VAT
	return v
}

// rateName writes a rate in basis points for an error: "rate 5.50 %".
func rateName(rate int) string { return fmt.Sprintf("rate %d.%02d %%", rate/100, rate%100) }

// shippingNets gives the part of shipping of each rate without VAT: what the rate's lines leave of
// its net. Rates that are named twice (two exemptions) are one.
func (d Document) shippingNets() map[int]money.Amount {
	nets := map[int]money.Amount{}
	for _, v := range d.VAT {
		nets[v.Rate] += v.Net
	}
	for _, l := range d.Lines {
		nets[l.Rate] -= l.Net
	}
	return nets
}

// rowOf is the row of the VAT table that a line is in: that of its rate and exemption. A line that was
// issued before lines named theirs is in the first row of its rate.
func (d Document) rowOf(l DocumentLine) int {
	first := -1
	for i, v := range d.VAT {
		switch {
		case v.Rate != l.Rate:
		case v.Exemption == l.Exemption:
			return i
		case first < 0:
			first = i
		}
	}
	return first
}

// carriage is the part of shipping of each row of the VAT table without VAT: what its lines leave of
// its net.
func (d Document) carriage() []money.Amount {
	nets := make([]money.Amount, len(d.VAT))
	for i, v := range d.VAT {
		nets[i] = v.Net
	}
	for _, l := range d.Lines {
		nets[d.rowOf(l)] -= l.Net
	}
	return nets
}

// soldNet is what goods of one family and analytic code come to at one rate, without VAT.
type soldNet struct {
	family, analytic string
	net              money.Amount
}

// soldNets sums the lines of a rate by family and analytic code, in the order in which these come.
func (d Document) soldNets(rate int) []soldNet {
	var list []soldNet
	at := map[[2]string]int{}
	for _, l := range d.Lines {
		if l.Rate != rate {
			continue
		}
		key := [2]string{l.Family, l.Analytic}
		i, seen := at[key]
		if !seen {
			i = len(list)
			at[key] = i
			list = append(list, soldNet{family: l.Family, analytic: l.Analytic})
		}
		list[i].net += l.Net
	}
	return list
}
