package label

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"boutique/internal/pdf"
	"boutique/internal/place"
	"boutique/internal/text"
)

// Format is the paper of an address label.
type Format string

// The formats: a quarter of an A4 sheet, and the roll of thermal printers.
const (
	A6      Format = "a6"      // 105 × 148 mm
	Thermal Format = "thermal" // 100 × 150 mm
)

// AddressLabel is one parcel's label.
type AddressLabel struct {
	Format      Format // A6 when empty
	Lang        text.Lang
	Office      Office
	To          place.Address
	OrderNumber string
	// Method is the way of delivery as the order names it; empty leaves the line out.
	Method string
	// Parcel of Parcels is printed when there are several.
	Parcel, Parcels int
	// Created is the date written into the file.
	Created time.Time
}

// size is the format's paper in millimetres.
func (f Format) size() (width, height float64) {
	if f == Thermal {
		return pdf.ThermalWidth, pdf.ThermalHeight
	}
	return pdf.A6Width, pdf.A6Height
}

// Address draws one address label. It fails when the number is not plain ASCII.
func Address(l AddressLabel) ([]byte, error) { return Addresses([]AddressLabel{l}) }

// Addresses draws a label for each parcel, one a page, in the format of the first.
func Addresses(labels []AddressLabel) ([]byte, error) {
	if len(labels) == 0 {
		return nil, errors.New("no label to draw")
	}
	first := labels[0]
	width, height := first.Format.size()
	d := pdf.New(pdf.Options{
		Title: words.In(first.Lang).T("order") + " " + first.OrderNumber, Author: first.Office.Name, Lang: string(first.Lang), Width: width, Height: height, Created: first.Created,
	})
	for _, l := range labels {
		d.AddPage()
		l.draw(d, 0, 0, width, height)
	}
	return d.Bytes()
}

// AddressSheet draws labels into the cells of sheets, from a cell on that is still there.
func AddressSheet(labels []AddressLabel, sheet Sheet, start int) ([]byte, error) {
	if len(labels) == 0 {
		return nil, errors.New("no label to draw")
	}
	return sheet.Print(pdf.Options{Title: words.In(labels[0].Lang).T("order") + " " + labels[0].OrderNumber, Author: labels[0].Office.Name, Lang: string(labels[0].Lang), Created: labels[0].Created},
		start, len(labels), func(d *pdf.Document, n int, x, y, width, height float64) { labels[n].draw(d, x, y, width, height) })
}

// draw sets the label into a box: sender small, recipient large by NF Z10-011, the order's number as
// Code 128 at the foot.
func (l AddressLabel) draw(d *pdf.Document, left, top, width, height float64) {
	if height < leastFull {
		l.drawSmall(d, left, top, width, height)
		return
	}
	t := words.In(l.Lang)
	// Thermal printers leave up to 4 mm blank at the edges.
	const margin = 7.0
	inner := width - 2*margin
	small := pdf.Style{Size: 7.5, Color: pdf.Black}
	title := pdf.Style{Face: pdf.Bold, Size: 7.5, Color: pdf.Black}

	l.Office.drawLogo(d, left+margin, top+margin, inner*0.46, 18)
	x := left + margin + inner*0.54
	y := top + margin + 1
	y += d.Lines(x, y, []string{t.T("sender")}, title, pdf.Left)
	for _, line := range append([]string{l.Office.Name}, l.Office.lines(l.Lang)...) {
		y += d.Lines(x, y, d.Clip(line, small, inner*0.46, 2), small, pdf.Left)
	}
	y = max(y, top+margin+18) + 3
	d.Rule(left+margin, y, left+width-margin, y, 0.4, pdf.Black)

	strong := pdf.Style{Face: pdf.Bold, Size: 10, Color: pdf.Black}
	y += 2.5
	parcel := ""
	if l.Parcels > 1 {
		parcel = t.T("parcel", "n", l.Parcel, "of", l.Parcels)
		d.Text(left+width-margin, y+strong.Ascent(), parcel, strong, pdf.Right)
	}
	if l.Method != "" {
		room := inner - d.TextWidth(parcel, strong) - 4
		d.Text(left+margin, y+strong.Ascent(), d.Clip(l.Method, strong, room, 1)[0], strong, pdf.Left)
	}
	if l.Method != "" || parcel != "" {
		y += strong.Leading() + 2
		d.Rule(left+margin, y, left+width-margin, y, 0.2, pdf.Black)
	}

	const codeHeight = 20.0
	foot := top + height - margin - codeHeight - 6
	drawRecipient(d, l.To, left+margin, y, inner, foot-5-y, title, t.T("recipient"))

	d.Rule(left+margin, foot-5, left+width-margin, foot-5, 0.4, pdf.Black)
	codeWidth := inner - 2*pdf.QuietZone(l.OrderNumber, inner)
	d.Code128(left+margin+(inner-codeWidth)/2, foot, codeWidth, codeHeight, l.OrderNumber)
	number := pdf.Style{Face: pdf.Bold, Size: 11, Color: pdf.Black}
	d.Text(left+width/2, top+height-margin, l.OrderNumber, number, pdf.Center)
}

// leastFull is the height in millimetres from which a label has room for logo, way of delivery and barcode.
const leastFull = 95.0

// TakesAddress tells whether an address is readable on the cells of a sheet.
func (s Sheet) TakesAddress() bool { return !s.Round && s.CellWidth >= 60 && s.CellHeight >= 35 }

// AddressPapers are the papers for address labels: the formats, then the sheets whose cells are large enough.
func AddressPapers() []string {
	list := []string{string(Thermal), string(A6)}
	for _, s := range Sheets() {
		if s.TakesAddress() {
			list = append(list, s.Code)
		}
	}
	return list
}

// AddressesOn draws labels on one of AddressPapers; start is the first cell of a sheet that is still there.
func AddressesOn(paper string, labels []AddressLabel, start int) ([]byte, error) {
	if !slices.Contains(AddressPapers(), paper) {
		return nil, fmt.Errorf("%q is no paper for addresses", paper)
	}
	if sheet, ok := SheetOf(paper); ok && sheet.TakesAddress() {
		return AddressSheet(labels, sheet, start)
	}
	for n := range labels {
		labels[n].Format = Format(paper)
	}
	return Addresses(labels)
}

// drawSmall sets the label into the cell of a sticker sheet: the sender in one line, the recipient, the
// order's number, and its barcode where there is room.
func (l AddressLabel) drawSmall(d *pdf.Document, left, top, width, height float64) {
	const margin, codeHeight = 3.0, 10.0
	inner := width - 2*margin
	small := pdf.Style{Size: 6.5, Color: pdf.Black}
	bold := pdf.Style{Face: pdf.Bold, Size: 7.5, Color: pdf.Black}
	y := top + margin
	sender := strings.Join(append([]string{l.Office.Name}, l.Office.lines(l.Lang)...), " · ")
	y += d.Lines(left+margin, y, d.Clip(sender, small, inner, 1), small, pdf.Left) + 1
	d.Rule(left+margin, y, left+width-margin, y, 0.2, pdf.Black)

	foot := top + height - margin - bold.Leading()
	number := l.OrderNumber
	if l.Parcels > 1 {
		number += " · " + words.In(l.Lang).T("parcel", "n", l.Parcel, "of", l.Parcels)
	}
	d.Text(left+margin, foot+bold.Ascent(), number, bold, pdf.Left)
	if l.Method != "" {
		room := inner - d.TextWidth(number, bold) - 4
		d.Text(left+width-margin, foot+bold.Ascent(), d.Clip(l.Method, small, room, 1)[0], small, pdf.Right)
	}
	if height >= 60 {
		foot -= codeHeight + 2
		d.Code128(left+margin+pdf.QuietZone(l.OrderNumber, inner), foot, inner-2*pdf.QuietZone(l.OrderNumber, inner), codeHeight, l.OrderNumber)
	}
	drawRecipient(d, l.To, left+margin, y+1, inner, foot-1-y, bold, "")
}

// drawRecipient sets the address as large as the box allows, all lines in one size, flush left.
func drawRecipient(d *pdf.Document, to place.Address, x, y, width, height float64, title pdf.Style, word string) {
	lines := PostalLines(to)
	style := pdf.Style{Face: pdf.Bold, Size: 17, Color: pdf.Black}
	for _, line := range lines {
		style = d.Fit(line, style, width)
	}
	head := 0.0
	if word != "" {
		head = title.Leading() + 1.5
	}
	if block := float64(len(lines)) * style.Leading(); block > height-head-4 {
		style.Size *= (height - head - 4) / block
	}
	block := head + float64(len(lines))*style.Leading()
	y += (height - block) * 0.45
	if word != "" {
		d.Lines(x, y, []string{word}, title, pdf.Left)
	}
	d.Lines(x, y+head, lines, style, pdf.Left)
}
