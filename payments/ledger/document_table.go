package ledger

import (
	"fmt"
	"strings"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/text"
)

func span(s string, style pdf.Style) pdf.Cell { return pdf.Cell{{Text: s, Style: style}} }

// drawLines draws the items: quantity, exact name, unit price without VAT and rate (mention 8°),
// then shipping, one row per rate that bears a part of it.
func (s *folio) drawLines() {
	table := pdf.Table{X: sheetMargin, Gap: 3, Pad: 2.1, Head: sheetLabel, MostLines: 6, Columns: []pdf.Column{
		{Title: s.t.T("column_description")},
		{Title: s.t.T("column_quantity"), Width: 9, Align: pdf.Right},
		{Title: s.t.T("column_unit_net"), Width: 24, Align: pdf.Right},
		{Title: s.t.T("column_rate"), Width: 12, Align: pdf.Right},
		{Title: s.t.T("column_net"), Width: 21, Align: pdf.Right},
		{Title: s.t.T("column_gross"), Width: 21, Align: pdf.Right},
	}}
	table.Columns[0].Width = sheetInner - table.Width()
	rows := s.rows()
	head := func() { s.y += table.DrawHead(s.d, s.y) }
	for i, cells := range rows {
		height := table.Height(s.d, cells)
		if i == 0 {
			s.room(height + 14)
			head()
		} else if s.room(height) {
			head()
		}
		s.y += table.DrawRow(s.d, s.y, cells)
	}
}

func (s *folio) rows() [][]pdf.Cell {
	var rows [][]pdf.Cell
	row := func(name pdf.Cell, quantity, unit, rate string, net, gross money.Amount) {
		rows = append(rows, []pdf.Cell{
			name, span(quantity, sheetText), span(unit, sheetText), span(rate, sheetText), span(s.t.Money(net), sheetText), span(s.t.Money(gross), sheetText),
		})
	}
	for _, l := range s.Lines {
		if l.Description == "" {
			row(span(s.t.T("by_amount"), sheetStrong), fmt.Sprint(l.Quantity), unitNet(s.t, l.Net, l.Quantity), s.t.Percent(l.Rate), l.Net, l.Gross)
			continue
		}
		below := s.t.T("unit_gross", "price", s.t.Money(l.UnitGross))
		if l.Discount != 0 {
			below += " · " + s.t.T("discount_of", "amount", s.t.Money(l.Discount))
		}
		if l.SKU != "" {
			below = l.SKU + " · " + below
		}
		name := pdf.Cell{{Text: l.Description, Style: sheetStrong}, {Text: below, Style: sheetSmall}}
		row(name, fmt.Sprint(l.Quantity), unitNet(s.t, l.Net, l.Quantity), s.t.Percent(l.Rate), l.Net, l.Gross)
	}
	label := s.ShippingLabel
	if label == "" {
		label = s.t.T("shipping")
	}
	nets := s.shippingNets()
	parts := s.shippingParts()
	for _, v := range parts {
		name := label
		if len(parts) > 1 {
			name = s.t.T("shipping_part", "label", label, "rate", s.t.Percent(v.Rate))
		}
		row(span(name, sheetStrong), "1", unitNet(s.t, nets[v.Rate], 1), s.t.Percent(v.Rate), nets[v.Rate], v.ShippingGross)
	}
	if len(parts) == 0 && s.Kind == KindInvoice && s.ShippingLabel != "" {
		row(span(label, sheetStrong), "1", s.t.Money(0), "", 0, 0)
	}
	return rows
}

// shippingParts sums shipping per rate, in the order of the VAT table, and leaves out the rates
// that bear none.
func (d Document) shippingParts() []VATLine {
	var parts []VATLine
	at := map[int]int{}
	for _, v := range d.VAT {
		if v.ShippingGross == 0 {
			continue
		}
		if i, ok := at[v.Rate]; ok {
			parts[i] = parts[i].plus(v)
			continue
		}
		at[v.Rate] = len(parts)
		parts = append(parts, v)
	}
	return parts
}

// unitNet is the price of one without VAT. It has four decimals when cents don't divide, so that
// quantity times price gives the line's total for every reader.
func unitNet(t text.Printer, net money.Amount, quantity int) string {
	sign := money.Amount(1)
	if net < 0 {
		sign, net = -1, -net
	}
	n := money.Amount(quantity)
	hundredths := (2*net*100 + n) / (2 * n)
	written := t.Money(sign * (hundredths / 100))
	if hundredths%100 == 0 {
		return written
	}
	last := strings.LastIndexAny(written, "0123456789") + 1
	return written[:last] + fmt.Sprintf("%02d", hundredths%100) + written[last:]
}

// drawSums draws the VAT per rate (mention 11°) at the left and the totals at the right.
func (s *folio) drawSums() {
	table := pdf.Table{X: sheetMargin, Gap: 3, Pad: 1.4, Head: sheetLabel, MostLines: 2, Columns: []pdf.Column{
		{Title: s.t.T("vat_rate"), Width: 18},
		{Title: s.t.T("vat_goods"), Width: 19, Align: pdf.Right},
		{Title: s.t.T("vat_shipping"), Width: 25, Align: pdf.Right},
		{Title: s.t.T("vat_net"), Width: 17, Align: pdf.Right},
		{Title: s.t.T("vat_vat"), Width: 15, Align: pdf.Right},
	}}
	small := pdf.Style{Size: 8.5, Color: pdf.Slate}
	var rows [][]pdf.Cell
	height := 14.0
	for _, v := range s.VAT {
		rate := span(s.t.Percent(v.Rate), small)
		if id := "exemption_" + v.Exemption; v.Exemption != "" && s.t.Has(id) {
			rate = append(rate, pdf.Span{Text: s.t.T(id), Style: sheetSmall})
		}
		cells := []pdf.Cell{rate}
		for _, a := range []money.Amount{v.GoodsGross, v.ShippingGross, v.Net, v.VAT} {
			cells = append(cells, span(s.t.Money(a), small))
		}
		rows = append(rows, cells)
		height += table.Height(s.d, cells)
	}
	s.y += 8
	s.room(max(height, 44))
	top := s.y
	y := top + s.d.Lines(sheetMargin, top, []string{s.t.T("vat_title")}, sheetStrong, pdf.Left) + 1
	y += table.DrawHead(s.d, y)
	for _, cells := range rows {
		y += table.DrawRow(s.d, y, cells)
	}
	s.y = max(y, s.drawTotals(top)) + 7
}

func (s *folio) drawTotals(y float64) float64 {
	const left = sheetRight - 60
	line := func(word string, amount money.Amount, style pdf.Style) {
		s.d.Text(left, y+style.Ascent(), word, style, pdf.Left)
		s.d.Text(sheetRight, y+style.Ascent(), s.t.Money(amount), style, pdf.Right)
		y += style.Leading() + 1.2
	}
	line(s.t.T("total_net"), s.Net, sheetText)
	line(s.t.T("total_vat"), s.TotalVAT, sheetText)
	y += 0.8
	s.d.Rule(left, y, sheetRight, y, 0.3, pdf.Slate)
	y += 1.8
	line(s.t.T("total_gross"), s.Gross, sheetTotal)
	if s.Kind == KindCreditNote {
		line(s.t.T("refunded"), s.Gross, sheetText)
	} else if !s.PaidAt.IsZero() {
		line(s.t.T("due"), 0, sheetText)
	} else {
		line(s.t.T("due"), s.Gross, sheetText)
	}
	return y
}

// drawMentions says how the money moved, then the legal sentences, each once.
func (s *folio) drawMentions() {
	if paid := s.payment(); paid != "" {
		lines := s.d.Wrap(paid, sheetStrong, sheetInner)
		s.room(float64(len(lines)) * sheetStrong.Leading())
		s.y += s.d.Lines(sheetMargin, s.y, lines, sheetStrong, pdf.Left) + 3
	}
	said := map[string]bool{}
	// The nature of the transaction is a mention of the e-invoicing reform (decree 2022-1299).
	mentions := append([]string{}, s.Mentions...)
	for _, n := range s.Notes {
		mentions = append(mentions, n.Text)
	}
	for _, mention := range append(mentions, s.t.T("nature")) {
		if mention == "" || said[mention] {
			continue
		}
		said[mention] = true
		lines := s.d.Wrap(mention, sheetSmall, sheetInner)
		if whole := float64(len(lines)) * sheetSmall.Leading(); whole < sheetBottom-40 {
			s.room(whole)
		}
		for _, line := range lines {
			s.room(sheetSmall.Leading())
			s.y += s.d.Lines(sheetMargin, s.y, []string{line}, sheetSmall, pdf.Left)
		}
		s.y += 0.8
	}
}

// payment is the sentence on how the document was paid or is paid back; empty when it is open.
func (s *folio) payment() string {
	method := s.method()
	switch {
	case s.Kind == KindCreditNote && method != "":
		return s.t.T("repaid", "method", method)
	case s.Kind == KindCreditNote:
		return s.t.T("repaid_plain")
	case s.PaidAt.IsZero():
		return ""
	case method != "":
		return s.t.T("paid", "date", s.t.Date(s.PaidAt), "method", method)
	}
	return s.t.T("paid_plain", "date", s.t.Date(s.PaidAt))
}

// method names the means of payment in the reader's words; one that is not known is named as it is.
func (s *folio) method() string {
	var names []string
	for method := range strings.SplitSeq(s.PaymentMethod, "+") {
		switch id := "method_" + method; {
		case method == "":
		case s.t.Has(id):
			names = append(names, s.t.T(id))
		default:
			names = append(names, method)
		}
	}
	return strings.Join(names, s.t.T("method_and"))
}
