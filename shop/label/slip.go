package label

import (
	"errors"
	"fmt"
	"time"

	"boutique/internal/pdf"
	"boutique/internal/place"
	"boutique/internal/text"
)

// SlipLine is one thing to put into the parcel.
type SlipLine struct {
	SKU, Name, Options string
	Quantity           int
	// Place is where it lies in the stock room; empty when the office keeps no places.
	Place string
}

// Slip is what a person needs to pack an order or a part of one.
type Slip struct {
	Lang        text.Lang
	Office      Office
	OrderNumber string
	OrderedAt   time.Time
	To          place.Address
	// Phone and Email reach the shopper; either may be empty.
	Phone, Email string
	Method       string
	// Collected says that the shopper fetches the goods.
	Collected bool
	// HandOver is the last day to give the parcel away; zero leaves it out.
	HandOver time.Time
	Lines    []SlipLine
	// Parcel of Parcels is printed when there are several.
	Parcel, Parcels int
}

const (
	slipMargin = 18.0
	slipInner  = pdf.A4Width - 2*slipMargin
	slipBottom = pdf.A4Height - 20
)

var (
	slipTitle  = pdf.Style{Face: pdf.Heading, Size: 22, Color: pdf.Slate}
	slipStrong = pdf.Style{Face: pdf.Bold, Size: 11, Color: pdf.Slate}
	slipText   = pdf.Style{Size: 10, Color: pdf.Slate}
	slipName   = pdf.Style{Face: pdf.Bold, Size: 10, Color: pdf.Slate}
	slipSmall  = pdf.Style{Size: 8.5, Color: pdf.Quiet}
	slipLabel  = pdf.Style{Face: pdf.Bold, Size: 8, Color: pdf.Quiet}
)

// PackingSlip draws the slip by which an order is packed, on as many A4 pages as its lines need.
func PackingSlip(s Slip) ([]byte, error) { return PackingSlips([]Slip{s}) }

// PackingSlips draws the slips of a batch one after the other; each begins on a page of its own and
// counts its own pages.
func PackingSlips(slips []Slip) ([]byte, error) {
	if len(slips) == 0 {
		return nil, errors.New("no slip to draw")
	}
	first := slips[0]
	t := words.In(first.Lang)
	d := pdf.New(pdf.Options{Title: t.T("title") + " " + first.OrderNumber, Author: first.Office.Name, Lang: string(first.Lang), Created: first.OrderedAt})
	var own, of []int // of each page: its number within its slip, and how many that slip has
	for _, s := range slips {
		pages := s.draw(d)
		for n := range pages {
			own, of = append(own, n+1), append(of, pages)
		}
	}
	d.EachPage(func(page, _ int) {
		d.Rule(slipMargin, pdf.A4Height-15, pdf.A4Width-slipMargin, pdf.A4Height-15, 0.15, pdf.Hairline)
		d.Text(slipMargin, pdf.A4Height-10, first.Office.Name, slipSmall, pdf.Left)
		d.Text(pdf.A4Width-slipMargin, pdf.A4Height-10, t.T("page", "page", own[page-1], "pages", of[page-1]), slipSmall, pdf.Right)
	})
	return d.Bytes()
}

// draw adds the slip's pages and tells how many they are.
func (s Slip) draw(d *pdf.Document) (pages int) {
	t := words.In(s.Lang)
	d.AddPage()
	pages = 1
	y := s.drawHeader(d, t)
	table, places := s.table(t)
	y += table.DrawHead(d, y)
	pieces := 0
	for _, line := range s.Lines {
		cells := []pdf.Cell{
			{{Text: " ", Style: slipText}},
			{{Text: fmt.Sprint(line.Quantity), Style: slipName}},
			{{Text: line.Name, Style: slipName}},
			{{Text: line.SKU, Style: slipText}},
		}
		if line.Options != "" {
			cells[2] = append(cells[2], pdf.Span{Text: line.Options, Style: slipText})
		}
		if places {
			cells = append(cells, pdf.Cell{{Text: line.Place, Style: slipName}})
		}
		if y+table.Height(d, cells) > slipBottom {
			y = s.nextPage(d, t)
			pages++
			y += table.DrawHead(d, y)
		}
		d.Frame(slipMargin+0.5, y+table.Pad, 4.2, 4.2, 0.6, 0.3, pdf.Slate)
		y += table.DrawRow(d, y, cells)
		pieces += line.Quantity
	}
	const closing = 34.0
	if y+closing > slipBottom {
		y = s.nextPage(d, t)
		pages++
	}
	s.drawClosing(d, t, y, pieces)
	return pages
}

// drawHeader draws the first page's head and returns where the table begins.
func (s Slip) drawHeader(d *pdf.Document, t text.Printer) float64 {
	s.Office.drawLogo(d, slipMargin, 14, 62, 22)
	y := 15.0
	for i, line := range append([]string{s.Office.Name}, s.Office.lines(s.Lang)...) {
		style := slipSmall
		if i == 0 {
			style = slipSmall.In(pdf.Slate)
			style.Face = pdf.Bold
		}
		y += d.Lines(pdf.A4Width-slipMargin, y, d.Clip(line, style, 90, 1), style, pdf.Right)
	}

	y = 46
	d.Text(slipMargin, y+slipTitle.Ascent(), t.T("title"), slipTitle, pdf.Left)
	number := pdf.Style{Face: pdf.Bold, Size: 13, Color: pdf.Slate}
	below := y + slipTitle.Leading() + 1
	d.Text(slipMargin, below+number.Ascent(), s.OrderNumber, number, pdf.Left)
	below += number.Leading()
	d.Text(slipMargin, below+slipText.Ascent(), t.T("ordered", "date", t.Date(s.OrderedAt)), slipText, pdf.Left)
	const codeWidth = 66.0
	d.Code128(pdf.A4Width-slipMargin-codeWidth, y+2, codeWidth, 14, s.OrderNumber)
	d.Text(pdf.A4Width-slipMargin-codeWidth/2, y+20, s.OrderNumber, slipSmall, pdf.Center)

	top := below + slipText.Leading() + 8
	d.Rule(slipMargin, top-4, pdf.A4Width-slipMargin, top-4, 0.15, pdf.Hairline)
	word := t.T("ship_to")
	if s.Collected {
		word = t.T("collected_by")
	}
	left := top + d.Lines(slipMargin, top, []string{word}, slipLabel, pdf.Left)
	for i, line := range s.To.Lines(s.Lang) {
		style := slipText
		if i == 0 {
			style = slipStrong
		}
		left += d.Lines(slipMargin, left, d.Clip(line, style, 95, 2), style, pdf.Left)
	}
	for _, line := range []string{s.Phone, s.Email} {
		if line != "" {
			left += d.Lines(slipMargin, left, d.Clip(line, slipSmall, 95, 1), slipSmall, pdf.Left)
		}
	}

	const column = pdf.A4Width - slipMargin - codeWidth
	right := top + d.Lines(column, top, []string{t.T("method")}, slipLabel, pdf.Left)
	right += d.Lines(column, right, d.Clip(s.Method, slipStrong, codeWidth, 3), slipStrong, pdf.Left)
	if !s.HandOver.IsZero() {
		right += d.Paragraph(column, right, codeWidth, t.T("promised", "date", t.Date(s.HandOver)), slipText)
	}
	if s.Parcels > 1 {
		right += d.Lines(column, right, []string{t.T("parcel", "n", s.Parcel, "of", s.Parcels)}, slipStrong, pdf.Left)
	}
	return max(left, right) + 9
}

func (s Slip) table(t text.Printer) (table pdf.Table, places bool) {
	table = pdf.Table{X: slipMargin, Gap: 4, Pad: 2.4, Head: slipLabel, MostLines: 4, Columns: []pdf.Column{
		{Width: 6}, {Title: t.T("column_quantity"), Width: 10, Align: pdf.Right}, {Title: t.T("column_name")}, {Title: t.T("column_sku"), Width: 38},
	}}
	for _, line := range s.Lines {
		places = places || line.Place != ""
	}
	if places {
		table.Columns = append(table.Columns, pdf.Column{Title: t.T("column_place"), Width: 26})
	}
	// The item's name takes the width that the others leave.
	table.Columns[2].Width = slipInner - table.Width()
	return table, places
}

func (s Slip) nextPage(d *pdf.Document, t text.Printer) float64 {
	d.AddPage()
	d.Text(slipMargin, 20, t.T("continued", "number", s.OrderNumber), slipStrong, pdf.Left)
	return 27
}

func (s Slip) drawClosing(d *pdf.Document, t text.Printer, y float64, pieces int) {
	y += 5
	total := t.T("pieces", "count", pieces) + " · " + t.T("references", "count", len(s.Lines))
	d.Text(slipMargin, y+slipStrong.Ascent(), total, slipStrong, pdf.Left)
	line := y + slipStrong.Ascent()
	x := pdf.A4Width - slipMargin
	d.Rule(x-24, line+0.8, x, line+0.8, 0.2, pdf.Quiet)
	d.Text(x-26, line, t.T("prepared_on"), slipText, pdf.Right)
	x -= 28 + d.TextWidth(t.T("prepared_on"), slipText)
	d.Rule(x-32, line+0.8, x, line+0.8, 0.2, pdf.Quiet)
	d.Text(x-34, line, t.T("prepared"), slipText, pdf.Right)
	if contact := s.Office.contact(); contact != "" {
		d.Paragraph(slipMargin, y+16, slipInner, t.T("thanks", "contact", contact), slipSmall)
	}
}
