package label

import (
	"time"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/text"
)

// Receipt is what an office hands to who has paid at its desk, or was given money back there. The invoice
// says what was bought; the receipt says that money changed hands.
type Receipt struct {
	Lang   text.Lang
	Office Office
	Number string
	// GivenBack tells that the office has paid the shopper.
	GivenBack bool
	At        time.Time
	// Means is cash, cheque, card_terminal or transfer; Reference the cheque's number or the terminal's ticket.
	Means, Reference string
	Amount           money.Amount
	OrderNumber      string
	// Payer is who has paid, or was paid.
	Payer string
	// Document is the number of the invoice or of the credit note that it goes with; empty when there is none.
	Document string
}

var receiptAmount = pdf.Style{Face: pdf.Heading, Size: 40, Color: pdf.Slate}

// A receipt is half a sheet: two are cut from one A4 page of a printer that has no other paper.
const (
	receiptWidth  = pdf.A4Width
	receiptHeight = pdf.A4Height / 2
)

// DeskReceipt draws a receipt.
func DeskReceipt(r Receipt) ([]byte, error) {
	t := words.In(r.Lang)
	kind := "receipt_taken"
	if r.GivenBack {
		kind = "receipt_given_back"
	}
	title := t.T(kind, "number", r.Number)
	d := pdf.New(pdf.Options{Title: title, Author: r.Office.Name, Lang: string(r.Lang), Created: r.At, Width: receiptWidth, Height: receiptHeight})
	d.AddPage()
	r.Office.drawLogo(d, slipMargin, 12, 56, 20)
	right := 13.0
	for i, line := range append(append([]string{r.Office.Name}, r.Office.lines(r.Lang)...), r.Office.contact()) {
		style := slipSmall
		if i == 0 {
			style = pdf.Style{Face: pdf.Bold, Size: 8.5, Color: pdf.Slate}
		}
		right += d.Lines(receiptWidth-slipMargin, right, d.Clip(line, style, 90, 1), style, pdf.Right)
	}
	y := 44.0
	y += d.Lines(slipMargin, y, d.Wrap(title, slipTitle, slipInner), slipTitle, pdf.Left) + 3
	d.Text(slipMargin, y+12, t.Money(r.Amount), receiptAmount, pdf.Left)
	y += 20
	d.Rule(slipMargin, y, receiptWidth-slipMargin, y, 0.15, pdf.Hairline)
	y += 4
	means := t.T("means_" + r.Means)
	if r.Reference != "" {
		means += " – " + r.Reference
	}
	facts := []Fact{{t.T("receipt_date"), t.DateTime(r.At)}, {t.T("receipt_means"), means}, {t.T("order"), r.OrderNumber}, {t.T("receipt_payer"), r.Payer}, {t.T("receipt_document"), r.Document}}
	const column = 46.0
	for _, f := range facts {
		if f.Value == "" {
			continue
		}
		value := d.Clip(f.Value, slipText, slipInner-column, 2)
		d.Lines(slipMargin, y+0.4, []string{f.Name}, slipSmall, pdf.Left)
		y += d.Lines(slipMargin+column, y, value, slipText, pdf.Left) + 0.8
	}
	d.Text(slipMargin, receiptHeight-12, t.T(kind+"_text", "office", r.Office.Name), slipSmall, pdf.Left)
	return d.Bytes()
}
