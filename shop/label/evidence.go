package label

import (
	"time"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/place"
	"boutique/internal/text"
)

// Fact is one thing that is known, and what it is called.
type Fact struct{ Name, Value string }

// Evidence is what an office can say when a bank takes a payment back: what was ordered and by whom, which
// terms were accepted, what was sent and how it is traced. It is written in the language of the order, which
// is the customer's own.
type Evidence struct {
	Lang        text.Lang
	Office      Office
	OrderNumber string
	OrderedAt   time.Time
	To          place.Address
	Email       string
	Phone       string
	Lines       []SlipLine
	Shipping    string
	Total       money.Amount
	// Sections are what is known, each under its head.
	Sections []EvidenceSection
	Drawn    time.Time
}

// EvidenceSection is some facts under one head.
type EvidenceSection struct {
	Title string
	Facts []Fact
}

// DisputeEvidence draws what an office sends with its answer to a dispute, as one document.
func DisputeEvidence(e Evidence) ([]byte, error) {
	t := words.In(e.Lang)
	d := pdf.New(pdf.Options{Title: t.T("evidence_title", "number", e.OrderNumber), Author: e.Office.Name, Lang: string(e.Lang), Created: e.Drawn})
	d.AddPage()
	e.Office.drawLogo(d, slipMargin, 14, 62, 22)
	right := 15.0
	for i, line := range append(append([]string{e.Office.Name}, e.Office.lines(e.Lang)...), e.Office.contact()) {
		style := slipSmall
		if i == 0 {
			style = pdf.Style{Face: pdf.Bold, Size: 8.5, Color: pdf.Slate}
		}
		right += d.Lines(pdf.A4Width-slipMargin, right, d.Clip(line, style, 90, 1), style, pdf.Right)
	}
	y := 48.0
	y += d.Lines(slipMargin, y, d.Wrap(t.T("evidence_title", "number", e.OrderNumber), slipTitle, slipInner), slipTitle, pdf.Left) + 2
	y += d.Paragraph(slipMargin, y, slipInner, t.T("evidence_lead", "date", t.Date(e.Drawn)), slipText) + 4
	room := func(height float64) {
		if y+height > slipBottom {
			d.AddPage()
			d.Text(slipMargin, 20, t.T("continued", "number", e.OrderNumber), slipStrong, pdf.Left)
			y = 27
		}
	}
	sections := append([]EvidenceSection{{Title: t.T("evidence_customer"), Facts: e.customer(t)}, {Title: t.T("evidence_order"), Facts: e.ordered(t)}}, e.Sections...)
	const column = 52.0
	for _, s := range sections {
		if len(s.Facts) == 0 {
			continue
		}
		room(20)
		d.Rule(slipMargin, y, pdf.A4Width-slipMargin, y, 0.15, pdf.Hairline)
		y += 3
		y += d.Lines(slipMargin, y, []string{s.Title}, slipStrong, pdf.Left) + 1
		for _, f := range s.Facts {
			value := d.Wrap(f.Value, slipText, slipInner-column)
			name := d.Wrap(f.Name, slipSmall, column-3)
			height := max(float64(len(value))*slipText.Leading(), float64(len(name))*slipSmall.Leading()) + 0.8
			room(height)
			d.Lines(slipMargin, y+0.4, name, slipSmall, pdf.Left)
			d.Lines(slipMargin+column, y, value, slipText, pdf.Left)
			y += height
		}
		y += 4
	}
	d.EachPage(func(page, pages int) {
		d.Rule(slipMargin, pdf.A4Height-15, pdf.A4Width-slipMargin, pdf.A4Height-15, 0.15, pdf.Hairline)
		d.Text(slipMargin, pdf.A4Height-10, e.Office.Name+" · "+e.OrderNumber, slipSmall, pdf.Left)
		d.Text(pdf.A4Width-slipMargin, pdf.A4Height-10, t.T("page", "page", page, "pages", pages), slipSmall, pdf.Right)
	})
	return d.Bytes()
}

func (e Evidence) customer(t text.Printer) []Fact {
	var facts []Fact
	for i, line := range e.To.Lines(e.Lang) {
		name := ""
		if i == 0 {
			name = t.T("ship_to")
		}
		facts = append(facts, Fact{name, line})
	}
	for _, f := range []Fact{{t.T("evidence_email"), e.Email}, {t.T("evidence_phone"), e.Phone}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

func (e Evidence) ordered(t text.Printer) []Fact {
	facts := []Fact{{t.T("evidence_placed"), t.DateTime(e.OrderedAt)}}
	for _, l := range e.Lines {
		facts = append(facts, Fact{l.SKU, t.T("evidence_pieces", "count", l.Quantity, "name", l.Name+optionsOf(l))})
	}
	return append(facts, Fact{t.T("evidence_delivery"), e.Shipping}, Fact{t.T("evidence_total"), t.Money(e.Total)})
}

func optionsOf(l SlipLine) string {
	if l.Options == "" {
		return ""
	}
	return " – " + l.Options
}
