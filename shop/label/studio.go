package label

import (
	"errors"
	"math"
	"time"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/text"
)

// Tape is branded packing tape: a drawing that repeats without a seam along the roll.
type Tape struct {
	Art *pdf.SVG
	// WidthMM is the tape's width, RepeatMM the length of one repeat; zero keeps the drawing's own
	// proportion. Repeats is how many are drawn.
	WidthMM, RepeatMM float64
	Repeats           int
	// BleedMM is drawn beyond each edge; Marks adds crop marks and a colour bar outside of it.
	BleedMM float64
	Marks   bool
	// Ground fills the tape below the drawing; nil leaves the paper.
	Ground  *pdf.Color
	Created time.Time
}

// marks is the room for print marks around the bleed.
const marks = 8.0

// Draw sets the tape on one page: the width across, the repeats along.
func (t Tape) Draw() ([]byte, error) {
	if t.Art == nil || t.WidthMM < 10 || t.WidthMM > 300 || t.Repeats < 1 || t.Repeats > 20 || t.BleedMM < 0 || t.BleedMM > 20 {
		return nil, errors.New("a tape is 10 to 300 mm wide, with 1 to 20 repeats and at most 20 mm of bleed")
	}
	repeat := t.RepeatMM
	if repeat <= 0 {
		repeat = t.WidthMM * t.Art.Width / t.Art.Height
	}
	length := repeat * float64(t.Repeats)
	if length > 5000 {
		return nil, errors.New("a tape is drawn up to 5 m at a time")
	}
	edge := t.BleedMM
	if t.Marks {
		edge += marks
	}
	d := pdf.New(pdf.Options{Title: "Tape", Width: length + 2*edge, Height: t.WidthMM + 2*edge, Created: t.Created})
	d.AddPage()
	if t.Ground != nil {
		d.Box(edge-t.BleedMM, edge-t.BleedMM, length+2*t.BleedMM, t.WidthMM+2*t.BleedMM, *t.Ground)
	}
	for n := range t.Repeats {
		d.Art(t.Art, edge+float64(n)*repeat, edge, repeat, t.WidthMM)
	}
	if t.Marks {
		for _, x := range []float64{edge, edge + length} {
			d.Rule(x, 0, x, marks-3, 0.1, pdf.Black)
			d.Rule(x, t.WidthMM+2*edge-marks+3, x, t.WidthMM+2*edge, 0.1, pdf.Black)
		}
		for _, y := range []float64{edge, edge + t.WidthMM} {
			d.Rule(0, y, marks-3, y, 0.1, pdf.Black)
			d.Rule(length+2*edge-marks+3, y, length+2*edge, y, 0.1, pdf.Black)
		}
		for n, c := range []pdf.Color{pdf.Black, pdf.Slate, pdf.Brick, pdf.Cream} {
			d.Box(edge+6+float64(n)*4, 1, 4, 3, c)
		}
	}
	return d.Bytes()
}

// Piece is one branded thing that fills a cell.
type Piece struct {
	// Kind is sticker, fragile, card or tag.
	Kind  string
	Lang  text.Lang
	Art   *pdf.SVG
	Title string
	Text  string
	// Ink is the one colour of rules and titles.
	Ink pdf.Color
}

// The kinds of pieces.
const (
	Sticker = "sticker"
	Fragile = "fragile"
	Card    = "card"
	Tag     = "tag"
)

// PieceKinds lists the kinds as staff choose from them.
func PieceKinds() []string { return []string{Sticker, Fragile, Card, Tag} }

// Pieces draws so many of a piece on sheets, from a cell on.
func Pieces(p Piece, sheet Sheet, start, count int, created time.Time) ([]byte, error) {
	return sheet.Print(pdf.Options{Title: p.Kind, Lang: string(p.Lang), Created: created}, start, count, func(d *pdf.Document, _ int, x, y, width, height float64) {
		p.draw(d, x, y, width, height, sheet.Round)
	})
}

func (p Piece) draw(d *pdf.Document, x, y, width, height float64, round bool) {
	margin := min(width, height) * 0.08
	if round {
		// The square that lies in the circle, with some air.
		margin = min(width, height) * 0.16
	}
	left, top, w, h := x+margin, y+margin, width-2*margin, height-2*margin
	switch p.Kind {
	case Fragile:
		d.Frame(x+margin/2, y+margin/2, width-margin, height-margin, 1, 0.6, pdf.Brick)
		p.line(d, words.In(p.Lang).T("fragile"), pdf.Bold, left, top+h*0.18, w, h*0.4, pdf.Brick)
		p.line(d, words.In(p.Lang).T("this_way_up"), pdf.Regular, left, top+h*0.62, w, h*0.22, pdf.Slate)
	case Sticker:
		if p.Art == nil {
			p.line(d, p.Title, pdf.Heading, left, top+h*0.3, w, h*0.4, p.Ink)
			return
		}
		aw, ah := p.Art.Fit(w, h)
		d.Art(p.Art, left+(w-aw)/2, top+(h-ah)/2, w, h)
	default:
		if p.Art != nil {
			aw, _ := p.Art.Fit(w, h*0.34)
			d.Art(p.Art, left+(w-aw)/2, top, w, h*0.34)
		}
		p.line(d, p.Title, pdf.Heading, left, top+h*0.42, w, h*0.18, p.Ink)
		style := pdf.Style{Size: max(5.5, math.Min(11, h*0.16)), Color: pdf.Slate}
		lines := d.Clip(p.Text, style, w, int(h*0.36/style.Leading()))
		d.Lines(x+width/2, top+h*0.64, lines, style, pdf.Center)
		if p.Kind == Tag {
			d.Frame(x+width/2-2, y+margin*0.2, 4, 4, 2, 0.2, pdf.Quiet)
		}
	}
}

// line sets one line as large as the box allows.
func (p Piece) line(d *pdf.Document, s string, face pdf.Face, x, y, width, height float64, ink pdf.Color) {
	style := d.Fit(s, pdf.Style{Face: face, Size: height / 0.46, Color: ink}, width)
	d.Text(x+width/2, y+style.Ascent(), s, style, pdf.Center)
}

// PriceLabel is an article's price for the shelf: EAN-13 when it has an article number, else a QR
// code of its page.
type PriceLabel struct {
	Name, Options, SKU string
	Price              money.Amount
	GTIN               string
	URL                string
	Lang               text.Lang
}

// PriceLabels draws them on sheets, from a cell on.
func PriceLabels(labels []PriceLabel, sheet Sheet, start int, created time.Time) ([]byte, error) {
	return sheet.Print(pdf.Options{Title: "Prices", Created: created}, start, len(labels), func(d *pdf.Document, n int, x, y, width, height float64) {
		labels[n].draw(d, x, y, width, height)
	})
}

func (l PriceLabel) draw(d *pdf.Document, x, y, width, height float64) {
	const margin = 2.0
	name := pdf.Style{Face: pdf.Bold, Size: min(9, height*0.3), Color: pdf.Black}
	if l.GTIN != "" {
		top := y + margin
		top += d.Lines(x+margin, top, d.Clip(l.Name, name, width-2*margin, 1), name, pdf.Left)
		bars := height - (top - y) - margin
		// 113 modules with the white at both ends; 0.33 mm each is the nominal size.
		codeWidth := min(width*0.56, 31.4)
		d.EAN13(x+margin+codeWidth*0.1, top, codeWidth, bars-2.6, l.GTIN)
		figures := pdf.Style{Size: 6, Color: pdf.Black}
		d.Text(x+margin+codeWidth*0.6, y+height-margin, l.GTIN, figures, pdf.Center)
		room := width - 2*margin - codeWidth*1.22
		price := d.Fit(text.Money(l.Lang, l.Price), pdf.Style{Face: pdf.Bold, Size: min(20, height*0.7), Color: pdf.Black}, room)
		d.Text(x+width-margin, y+height-margin-1, text.Money(l.Lang, l.Price), price, pdf.Right)
		return
	}
	size := min(height-2*margin-2, width*0.4)
	d.QR(x+width-margin-size-1, y+(height-size)/2, size, l.URL)
	room := width - 3*margin - size - 2
	top := y + margin
	top += d.Lines(x+margin, top, d.Clip(l.Name, name, room, 2), name, pdf.Left)
	price := d.Fit(text.Money(l.Lang, l.Price), pdf.Style{Face: pdf.Bold, Size: min(18, height*0.5), Color: pdf.Black}, room)
	d.Text(x+margin, y+height-margin-1, text.Money(l.Lang, l.Price), price, pdf.Left)
}
