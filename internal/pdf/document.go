// Package pdf is the ink of every document: pages measured in millimetres from the top left corner,
// the three embedded faces, barcodes and brand artwork as vectors. The same input gives the same
// bytes: nothing reads a clock.
package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// A4 and the two sizes of parcel labels, in millimetres.
const (
	A4Width, A4Height           = 210.0, 297.0
	A6Width, A6Height           = 105.0, 148.0
	ThermalWidth, ThermalHeight = 100.0, 150.0
)

// mmPerPoint converts the size of type into millimetres.
const mmPerPoint = 25.4 / 72

// Options describe a document. Lang is its language (ISO 639-1), which screen readers use; Created
// is the date written into the file.
type Options struct {
	Title, Author, Subject, Lang string
	// Width and Height are in millimetres; zero means A4 upright.
	Width, Height float64
	Created       time.Time
	// Traced documents can be shown as pictures before they are printed.
	Traced bool
}

// Document is a PDF in the making. Its first page is opened by AddPage. Errors are kept until Bytes.
type Document struct {
	f             *fpdf.Fpdf
	width, height float64
	missing       map[rune]bool
	set           typeset
	trace         *trace
	err           error
}

// New begins a document without pages.
func New(o Options) *Document {
	if o.Width == 0 {
		o.Width, o.Height = A4Width, A4Height
	}
	f := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "mm", Size: fpdf.SizeType{Wd: o.Width, Ht: o.Height}})
	d := &Document{f: f, width: o.Width, height: o.Height, missing: map[rune]bool{}}
	if o.Traced {
		d.trace = &trace{arts: map[*SVG]int{}}
	}
	f.SetCatalogSort(true)
	f.SetCreationDate(o.Created.UTC())
	f.SetModificationDate(o.Created.UTC())
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	f.SetCellMargin(0)
	f.SetProducer("Boutique", true)
	f.SetTitle(Regular.printable(o.Title, d.miss), true)
	f.SetAuthor(Regular.printable(o.Author, d.miss), true)
	f.SetSubject(Regular.printable(o.Subject, d.miss), true)
	f.SetLang(o.Lang)
	for i, face := range faces {
		f.AddUTF8FontFromBytes(face.family, face.style, fontFile(Face(i)))
	}
	return d
}

func (d *Document) miss(r rune) { d.missing[r] = true }

// fail keeps the first error, which Bytes returns.
func (d *Document) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// AddPage opens the next page.
func (d *Document) AddPage() {
	d.f.AddPage()
	if d.trace != nil {
		d.trace.pages = append(d.trace.pages, &strings.Builder{})
	}
}

// Pages is how many pages there are.
func (d *Document) Pages() int { return d.f.PageCount() }

// Width and Height are those of a page, in millimetres.
func (d *Document) Width() float64  { return d.width }
func (d *Document) Height() float64 { return d.height }

// EachPage draws on every page that there is, when their number is known: the place for
// "page 2 of 3".
func (d *Document) EachPage(draw func(page, pages int)) {
	pages := d.f.PageCount()
	for page := 1; page <= pages; page++ {
		d.f.SetPage(page)
		d.set = typeset{}
		draw(page, pages)
	}
}

// Missing lists the characters that no face could print as they are and that were replaced by
// their nearest Latin letters. It is empty for all texts of the shop's own.
func (d *Document) Missing() []rune {
	list := make([]rune, 0, len(d.missing))
	for r := range d.missing {
		list = append(list, r)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}

// Bytes ends the document and returns the file, or the first thing that went wrong.
func (d *Document) Bytes() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	if d.f.PageCount() == 0 {
		return nil, errors.New("a document needs a page")
	}
	var out bytes.Buffer
	if err := d.f.Output(&out); err != nil {
		return nil, fmt.Errorf("writing the PDF: %w", err)
	}
	return out.Bytes(), nil
}

// Color is an RGB colour.
type Color struct{ R, G, B uint8 }

// The colours of the shop's documents: text, its quieter second tone, hairlines and the accent.
var (
	Black    = Color{0, 0, 0}
	White    = Color{255, 255, 255}
	Slate    = Color{0x2E, 0x3A, 0x46}
	Quiet    = Color{0x5F, 0x6B, 0x76}
	Hairline = Color{0xD5, 0xD0, 0xC6}
	Brick    = Color{0xB5, 0x47, 0x2F}
	Cream    = Color{0xFB, 0xF8, 0xF3}
)

// Rule draws a straight line of a thickness in millimetres.
func (d *Document) Rule(x1, y1, x2, y2, thickness float64, c Color) {
	d.f.SetLineWidth(thickness)
	d.f.SetDrawColor(int(c.R), int(c.G), int(c.B))
	d.f.Line(x1, y1, x2, y2)
	d.traced(`<path d="M%s %sL%s %s" stroke="%s" stroke-width="%s"/>`, num(x1), num(y1), num(x2), num(y2), c.Hex(), num(thickness))
}

// Box fills a rectangle.
func (d *Document) Box(x, y, width, height float64, c Color) {
	d.f.SetFillColor(int(c.R), int(c.G), int(c.B))
	d.f.Rect(x, y, width, height, "F")
	d.traced(`<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`, num(x), num(y), num(width), num(height), c.Hex())
}

// Frame draws a rectangle's outline, the corners rounded by radius.
func (d *Document) Frame(x, y, width, height, radius, thickness float64, c Color) {
	d.f.SetLineWidth(thickness)
	d.f.SetDrawColor(int(c.R), int(c.G), int(c.B))
	d.traced(`<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="none" stroke="%s" stroke-width="%s"/>`, num(x), num(y), num(width), num(height), num(radius), c.Hex(), num(thickness))
	if radius > 0 {
		d.f.RoundedRect(x, y, width, height, radius, "1234", "D")
		return
	}
	d.f.Rect(x, y, width, height, "D")
}

// points converts a place on the page into the PDF's own coordinates, which grow upwards.
func (d *Document) points(x, y float64) (float64, float64) {
	return x / mmPerPoint, (d.height - y) / mmPerPoint
}

// num writes a number for a content stream.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 4, 64)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	if s == "-0" {
		return "0"
	}
	return s
}
