package ledger

import (
	"embed"
	"fmt"
	"strings"
	"time"

	"boutique/internal/pdf"
	"boutique/internal/text"
)

//go:embed document_locale/*.json
var documentLocales embed.FS

var documentWords = text.MustLoad(documentLocales, "document_locale")

const (
	sheetMargin = 18.0
	sheetInner  = pdf.A4Width - 2*sheetMargin
	sheetRight  = pdf.A4Width - sheetMargin
	sheetBottom = pdf.A4Height - 24
	partyGap    = 6.0
)

var (
	sheetTitle  = pdf.Style{Face: pdf.Heading, Size: 24, Color: pdf.Slate}
	sheetNumber = pdf.Style{Face: pdf.Bold, Size: 13, Color: pdf.Brick}
	sheetText   = pdf.Style{Size: 9.5, Color: pdf.Slate}
	sheetStrong = pdf.Style{Face: pdf.Bold, Size: 9.5, Color: pdf.Slate}
	sheetTotal  = pdf.Style{Face: pdf.Bold, Size: 12, Color: pdf.Slate}
	sheetSmall  = pdf.Style{Size: 8, Color: pdf.Quiet}
	sheetLabel  = pdf.Style{Face: pdf.Bold, Size: 8, Color: pdf.Quiet}
)

// folio is a document on its way to paper.
type folio struct {
	Document
	d *pdf.Document
	t text.Printer
	y float64
}

// DrawDocument draws an issued invoice or credit note on A4, with every mention that the law wants
// (CGI ann. II art. 242 nonies A), as PDF/A-3 that carries its own XML (Factur-X). The same document gives the same bytes. logo is the seller's as
// SVG; without one the seller's name stands in its place. It fails for figures that disagree and
// for a logo that can't be printed.
func DrawDocument(doc Document, logo []byte) ([]byte, error) {
	if err := doc.Check(); err != nil {
		return nil, err
	}
	t := documentWords.In(doc.Lang)
	options := pdf.Options{
		Title: t.T(string(doc.Kind)) + " " + doc.Number, Author: doc.Seller.Name, Subject: t.T("order") + " " + doc.OrderNumber,
		Lang: string(t.Lang()), Created: doc.IssuedAt,
	}
	s := &folio{Document: doc, t: t, d: pdf.New(options)}
	s.d.AddPage()
	if err := s.drawHead(logo); err != nil {
		return nil, err
	}
	s.drawParties()
	s.drawLines()
	s.drawSums()
	s.drawMentions()
	s.d.EachPage(s.drawFoot)
	file, err := s.d.Bytes()
	if err != nil {
		return nil, err
	}
	data, err := FacturX(doc)
	if err != nil {
		return nil, err
	}
	return pdf.Archive(file, options, pdf.Attachment{Name: FacturXName, Profile: "EN 16931", Data: data})
}

// room begins a new page when height millimetres are not left on this one; it tells whether it did.
func (s *folio) room(height float64) bool {
	if s.y+height <= sheetBottom {
		return false
	}
	s.d.AddPage()
	s.d.Text(sheetMargin, 22, s.t.T(string(s.Kind)+"_continued", "number", s.Number), sheetStrong, pdf.Left)
	s.y = 29
	return true
}

func (s *folio) drawHead(logo []byte) error {
	const top = 16.0
	if len(logo) > 0 {
		art, err := pdf.ReadSVG(logo)
		if err != nil {
			return fmt.Errorf("the office's logo can't be printed: %w", err)
		}
		s.d.Art(art.Trim(), sheetMargin, top, 66, 23)
	} else {
		name := pdf.Style{Face: pdf.Heading, Size: 15, Color: pdf.Slate}
		s.d.Lines(sheetMargin, top, s.d.Clip(s.Seller.Name, name, 80, 3), name, pdf.Left)
	}
	// The head stands on the same edge as the buyer below it.
	x := sheetMargin + (sheetInner+partyGap)/2
	y := top - 2
	y += s.d.Lines(x, y, []string{s.t.T(string(s.Kind))}, sheetTitle, pdf.Left)
	y += s.d.Lines(x, y, []string{s.Number}, sheetNumber, pdf.Left) + 1.5

	facts := [][2]string{
		{s.t.T("issued"), s.t.Date(s.IssuedAt)},
		{s.t.T("order"), s.t.T("order_of", "number", s.OrderNumber, "date", s.t.Date(s.OrderDate))},
	}
	// Mention 10°: the date of supply when it is another day.
	if !s.SupplyDate.IsZero() && s.Kind == KindInvoice && !sameDay(s.SupplyDate, s.IssuedAt) {
		word := "supply_past"
		if s.SupplyDate.After(s.IssuedAt) {
			word = "supply_due"
		}
		facts = append(facts, [2]string{s.t.T(word), s.t.Date(s.SupplyDate)})
	}
	column := 0.0
	for _, f := range facts {
		column = max(column, s.d.TextWidth(f[0], sheetSmall)+4)
	}
	for _, f := range facts {
		s.d.Text(x, y+sheetText.Ascent(), f[0], sheetSmall, pdf.Left)
		s.d.Text(x+column, y+sheetText.Ascent(), f[1], s.d.Fit(f[1], sheetText, sheetRight-x-column), pdf.Left)
		y += sheetText.Leading()
	}
	s.y = max(y, top+23) + 8
	return nil
}

func sameDay(a, b time.Time) bool {
	return a.In(text.Paris()).Format(time.DateOnly) == b.In(text.Paris()).Format(time.DateOnly)
}

func (s *folio) drawParties() {
	s.d.Rule(sheetMargin, s.y, sheetRight, s.y, 0.15, pdf.Hairline)
	s.y += 5
	type block struct {
		title string
		lines []string
	}
	billed := s.t.T("billed_to")
	if s.Kind == KindCreditNote {
		billed = s.t.T("credited_to")
	}
	seller := append([]string{s.Seller.Name}, s.Seller.Company)
	buyer := []string{s.Buyer.Name}
	if s.Buyer.Company != "" {
		buyer = []string{s.Buyer.Company, s.Buyer.Name}
	}
	blocks := []block{
		{s.t.T("seller"), append(append(seller, s.Seller.Lines...), s.identifiers(s.Seller)...)},
		{billed, append(append(buyer, s.Buyer.Lines...), s.identifiers(s.Buyer)...)},
	}
	if s.Delivery != nil {
		blocks = append(blocks, block{s.t.T("delivered_to"), append([]string{s.Delivery.Name, s.Delivery.Company}, s.Delivery.Lines...)})
	}
	const width = (sheetInner - partyGap) / 2
	bottom, y := s.y, s.y
	for i, b := range blocks {
		x := sheetMargin
		// Where it goes stands below who pays for it.
		switch i {
		case 1:
			x, y = x+width+partyGap, s.y
		case 2:
			x, y = x+width+partyGap, y+2.5
		}
		y += s.d.Lines(x, y, []string{b.title}, sheetLabel, pdf.Left) + 0.8
		style := sheetStrong
		for _, line := range b.lines {
			if line == "" {
				continue
			}
			y += s.d.Lines(x, y, s.d.Clip(line, style, width, 3), style, pdf.Left)
			style = sheetText
		}
		bottom = max(bottom, y)
	}
	s.y = bottom + 7
	if s.Kind == KindCreditNote {
		s.drawReference()
	}
}

// drawReference says which invoice a credit note changes (CGI art. 289 I-5), before anything else.
func (s *folio) drawReference() {
	reference := pdf.Style{Face: pdf.Bold, Size: 11, Color: pdf.Slate}
	s.y += s.d.Lines(sheetMargin, s.y, []string{s.t.T("refers_to", "number", s.RefersTo)}, reference, pdf.Left)
	if s.Reason != "" {
		lines := s.d.Clip(s.t.T("reason", "reason", s.Reason), sheetText, sheetInner, 4)
		s.y += s.d.Lines(sheetMargin, s.y, lines, sheetText, pdf.Left)
	}
	s.y += 5
}

func (s *folio) identifiers(p Party) []string {
	var lines []string
	if p.SIREN != "" {
		lines = append(lines, s.t.T("siren", "number", grouped(p.SIREN)))
	}
	if p.VATNumber != "" {
		lines = append(lines, s.t.T("vat_number", "number", p.VATNumber))
	}
	if p.Email != "" {
		lines = append(lines, p.Email)
	}
	return lines
}

// grouped writes a SIREN as one reads it: 123 456 789.
func grouped(siren string) string {
	if len(siren) != 9 {
		return siren
	}
	return siren[:3] + "\u00a0" + siren[3:6] + "\u00a0" + siren[6:]
}

func (s *folio) drawFoot(page, pages int) {
	const line = pdf.A4Height - 17
	s.d.Rule(sheetMargin, line, sheetRight, line, 0.15, pdf.Hairline)
	parts := []string{s.Seller.Name}
	if s.Seller.SIREN != "" {
		parts = append(parts, s.t.T("siren", "number", grouped(s.Seller.SIREN)))
	}
	if s.Seller.VATNumber != "" {
		parts = append(parts, s.t.T("vat_number", "number", s.Seller.VATNumber))
	}
	number := s.t.T("page", "number", s.Number, "page", page, "pages", pages)
	s.d.Text(sheetRight, line+5, number, sheetSmall, pdf.Right)
	room := sheetInner - s.d.TextWidth(number, sheetSmall) - 6
	s.d.Text(sheetMargin, line+5, s.d.Clip(strings.Join(parts, " · "), sheetSmall, room, 1)[0], sheetSmall, pdf.Left)
}
