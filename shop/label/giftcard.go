package label

import (
	"time"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/text"
)

// GiftCard is a card to give: folded once, an A4 sheet becomes an A5 card.
type GiftCard struct {
	Lang      text.Lang
	Office    Office
	ShopName  string
	Code      string
	Amount    money.Amount
	ExpiresAt time.Time
	// Where is the address at which it is used.
	Where   string
	Created time.Time
	// Ink is the one colour of the card.
	Ink pdf.Color
}

var (
	giftTitle  = pdf.Style{Face: pdf.Heading, Size: 34, Color: pdf.Slate}
	giftAmount = pdf.Style{Face: pdf.Heading, Size: 54, Color: pdf.Slate}
	giftCode   = pdf.Style{Face: pdf.Bold, Size: 19, Color: pdf.Slate}
	giftText   = pdf.Style{Size: 11, Color: pdf.Slate}
	giftSmall  = pdf.Style{Size: 8.5, Color: pdf.Quiet}
)

// GiftCards draws cards, one on each page: on the upper half what it is worth, on the lower one its code, to
// read, to type and to scan, and how it is used.
func GiftCards(cards []GiftCard) ([]byte, error) {
	first := cards[0]
	t := words.In(first.Lang)
	d := pdf.New(pdf.Options{Title: t.T("gift_card") + " · " + first.ShopName, Author: first.ShopName, Lang: string(first.Lang), Created: first.Created})
	for _, c := range cards {
		d.AddPage()
		c.draw(d, t)
	}
	return d.Bytes()
}

func (c GiftCard) draw(d *pdf.Document, t text.Printer) {
	const (
		margin = 20.0
		middle = pdf.A4Height / 2
		inner  = pdf.A4Width - 2*margin
	)
	ink := c.Ink
	// The front: a frame, the office, what it is worth.
	d.Frame(margin-6, 14, inner+12, middle-28, 3, 0.7, ink)
	d.Frame(margin-4, 16, inner+8, middle-32, 2, 0.2, ink)
	if c.Office.Logo != nil {
		art := c.Office.Logo.Trim()
		w, _ := art.Fit(70, 24)
		d.Art(art, (pdf.A4Width-w)/2, 26, 70, 24)
	} else {
		d.Text(pdf.A4Width/2, 40, c.ShopName, d.Fit(c.ShopName, giftTitle, inner), pdf.Center)
	}
	d.Text(pdf.A4Width/2, 72, t.T("gift_card"), giftTitle, pdf.Center)
	d.Rule(pdf.A4Width/2-14, 79, pdf.A4Width/2+14, 79, 0.6, ink)
	d.Text(pdf.A4Width/2, 106, t.Money(c.Amount), giftAmount.In(ink), pdf.Center)
	d.Text(pdf.A4Width/2, 119, c.ShopName, d.Fit(c.ShopName, giftText, inner-10), pdf.Center)
	// The fold.
	for x := margin - 6; x < pdf.A4Width-margin+6; x += 4 {
		d.Rule(x, middle, x+2, middle, 0.15, pdf.Hairline)
	}
	// Inside: the code and how to use it.
	y := middle + 18.0
	const qr = 44.0
	d.QR(pdf.A4Width-margin-qr, y, qr, c.Code)
	left := inner - qr - 10
	y += d.Lines(margin, y, []string{t.T("gift_code")}, pdf.Style{Face: pdf.Bold, Size: 9, Color: pdf.Quiet}, pdf.Left) + 1
	y += d.Lines(margin, y, []string{c.Code}, d.Fit(c.Code, giftCode, left), pdf.Left) + 4
	y += d.Paragraph(margin, y, left, t.T("gift_valid", "amount", t.Money(c.Amount), "date", t.Date(c.ExpiresAt.Add(-time.Hour))), giftText) + 3
	y += d.Paragraph(margin, y, left, t.T("gift_use", "where", c.Where), giftText)
	y = max(y, middle+18+qr) + 8
	d.Rule(margin, y, pdf.A4Width-margin, y, 0.15, pdf.Hairline)
	y += 4
	y += d.Paragraph(margin, y, inner, t.T("gift_money"), giftSmall) + 3
	lines := append([]string{c.Office.Name}, c.Office.lines(c.Lang)...)
	lines = append(lines, c.Office.contact())
	d.Lines(margin, y, lines, giftSmall, pdf.Left)
}
