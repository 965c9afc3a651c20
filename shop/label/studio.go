package label

import (
	"math"
	"time"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/text"
)

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
	return sheet.Print(pdf.Options{Title: p.Kind, Lang: string(p.Lang), Created: created}, start, count, p.on(sheet))
}

// PiecesPicture is the first of those sheets as SVG.
func PiecesPicture(p Piece, sheet Sheet, start, count int) (string, error) {
	return sheet.picture(start, count, p.on(sheet))
}

func (p Piece) on(sheet Sheet) func(d *pdf.Document, n int, x, y, width, height float64) {
	return func(d *pdf.Document, _ int, x, y, width, height float64) { p.draw(d, x, y, width, height, sheet.Round) }
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
		p.fragile(d, x+margin/2, y+margin/2, width-margin, height-margin, round)
	case Sticker:
		if p.Art == nil {
			p.line(d, p.Title, pdf.Heading, left, top+h*0.3, w, h*0.4, p.Ink)
			return
		}
		if ratio := p.Art.Width / p.Art.Height; round && ratio > 0.9 && ratio < 1.1 {
			// Round artwork fills its round cell but for what a cutter is off by.
			margin = min(width, height) * 0.03
			left, top, w, h = x+margin, y+margin, width-2*margin, height-2*margin
		}
		aw, ah := p.Art.Fit(w, h)
		d.Art(p.Art, left+(w-aw)/2, top+(h-ah)/2, w, h)
	case Tag:
		p.tag(d, x, y, width, height, margin)
	default:
		p.card(d, left, top, w, h)
	}
}

// fragile is a warning in the red of parcels: the word, what is up, a glass between two arrows.
func (p Piece) fragile(d *pdf.Document, x, y, width, height float64, round bool) {
	t := words.In(p.Lang)
	if round {
		d.Frame(x, y, width, height, width/2, 0.8, p.Ink)
		x, y, width, height = x+width*0.14, y+height*0.2, width*0.72, height*0.6
	} else {
		d.Frame(x, y, width, height, 1.2, 0.8, p.Ink)
	}
	p.line(d, t.T("fragile"), pdf.Bold, x+width*0.06, y+height*0.1, width*0.88, height*0.46, p.Ink)
	p.line(d, t.T("this_way_up"), pdf.Regular, x+width*0.06, y+height*0.66, width*0.88, height*0.18, p.Ink)
}

// card says thank you: the office's logo, a title, a few words.
func (p Piece) card(d *pdf.Document, x, y, width, height float64) {
	t := words.In(p.Lang)
	title, said := p.Title, p.Text
	if title == "" {
		title = t.T("thanks_title")
	}
	if said == "" {
		said = t.T("thanks_text")
	}
	at := y
	if p.Art != nil {
		aw, ah := p.Art.Fit(width*0.62, height*0.32)
		d.Art(p.Art, x+(width-aw)/2, at, width*0.62, height*0.32)
		at += ah + height*0.06
	}
	d.Rule(x+width*0.42, at, x+width*0.58, at, 0.3, p.Ink)
	at += height * 0.04
	p.line(d, title, pdf.Heading, x, at, width, height*0.17, p.Ink)
	at += height * 0.23
	style := pdf.Style{Size: max(5.5, math.Min(11, height*0.16)), Color: pdf.Slate}
	lines := d.Clip(said, style, width, max(1, int((y+height-at)/style.Leading())))
	d.Lines(x+width/2, at, lines, style, pdf.Center)
}

// tag hangs on a present: a hole to tie it by, the artwork, and lines to write names on.
func (p Piece) tag(d *pdf.Document, x, y, width, height, margin float64) {
	t := words.In(p.Lang)
	hole := min(5, height*0.1)
	top := y + margin*0.5
	d.Frame(x+width/2-hole/2, top, hole, hole, hole/2, 0.2, pdf.Quiet)
	top += hole + height*0.03
	if p.Art != nil {
		aw, ah := p.Art.Fit(width-2*margin, height*0.36)
		d.Art(p.Art, x+(width-aw)/2, top, width-2*margin, height*0.36)
		top += ah + height*0.03
	}
	if p.Title != "" {
		p.line(d, p.Title, pdf.Heading, x+margin, top, width-2*margin, height*0.12, p.Ink)
		top += height * 0.16
	}
	style := pdf.Style{Size: max(5.5, math.Min(10, height*0.14)), Color: pdf.Slate}
	bottom := y + height - margin
	if p.Text != "" {
		d.Lines(x+width/2, top, d.Clip(p.Text, style, width-2*margin, max(1, int((bottom-top)/style.Leading()))), style, pdf.Center)
		return
	}
	for n, word := range []string{t.T("tag_to"), t.T("tag_from")} {
		base := bottom - float64(1-n)*(style.Leading()+2)
		d.Text(x+margin, base, word, style, pdf.Left)
		d.Rule(x+margin+d.TextWidth(word, style)+1.5, base+0.4, x+width-margin, base+0.4, 0.2, pdf.Quiet)
	}
}

// line sets one line as large as the box allows.
func (p Piece) line(d *pdf.Document, s string, face pdf.Face, x, y, width, height float64, ink pdf.Color) {
	style := d.Fit(s, pdf.Style{Face: face, Size: height / 0.46, Color: ink}, width)
	d.Text(x+width/2, y+style.Ascent(), s, style, pdf.Center)
}

// Saying is a sentence in the place of a picture that cannot be drawn.
func Saying(sentence string) string {
	const width, height = 120.0, 40.0
	d := pdf.New(pdf.Options{Width: width, Height: height, Traced: true})
	d.AddPage()
	style := pdf.Style{Size: 11, Color: pdf.Slate}
	d.Lines(width/2, 10, d.Clip(sentence, style, width-12, 4), style, pdf.Center)
	return d.Picture(1)
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
	return sheet.Print(pdf.Options{Title: "Prices", Created: created}, start, len(labels), priced(labels))
}

// PriceLabelsPicture is the first of those sheets as SVG.
func PriceLabelsPicture(labels []PriceLabel, sheet Sheet, start int) (string, error) {
	return sheet.picture(start, len(labels), priced(labels))
}

func priced(labels []PriceLabel) func(d *pdf.Document, n int, x, y, width, height float64) {
	return func(d *pdf.Document, n int, x, y, width, height float64) { labels[n].draw(d, x, y, width, height) }
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
