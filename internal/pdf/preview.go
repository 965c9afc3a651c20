package pdf

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// trace is what a document's pages look like as SVG: it is written by the very calls that draw the PDF, so
// that a preview shows what will be printed. Letters are outlines of the same embedded faces.
type trace struct {
	pages []*strings.Builder
	defs  strings.Builder
	arts  map[*SVG]int
	clips int
}

func (d *Document) traced(format string, args ...any) {
	if d.trace != nil && d.f.PageNo() > 0 && d.f.PageNo() <= len(d.trace.pages) {
		fmt.Fprintf(d.trace.pages[d.f.PageNo()-1], format, args...)
	}
}

// Picture is a page, counted from 1, as SVG in millimetres. The document must be Traced.
func (d *Document) Picture(page int) string {
	if d.trace == nil || page < 1 || page > len(d.trace.pages) {
		return ""
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%smm" height="%smm"><defs>%s</defs><rect width="%s" height="%s" fill="#fff"/>%s</svg>`,
		num(d.width), num(d.height), num(d.width), num(d.height), d.trace.defs.String(), num(d.width), num(d.height), d.trace.pages[page-1].String())
}

// Hex writes the colour as style sheets do.
func (c Color) Hex() string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// Within draws no further than a rectangle.
func (d *Document) Within(x, y, width, height float64, draw func()) {
	d.f.ClipRect(x, y, width, height, false)
	if d.trace != nil {
		d.trace.clips++
		fmt.Fprintf(&d.trace.defs, `<clipPath id="c%d"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath>`, d.trace.clips, num(x), num(y), num(width), num(height))
		d.traced(`<g clip-path="url(#c%d)">`, d.trace.clips)
	}
	draw()
	d.traced("</g>")
	d.f.ClipEnd()
}

// traceArt writes artwork once and refers to it wherever it is drawn.
func (d *Document) traceArt(s *SVG, x, y, width, height float64) {
	if d.trace == nil {
		return
	}
	id, known := d.trace.arts[s]
	if !known {
		id = len(d.trace.arts)
		d.trace.arts[s] = id
		fmt.Fprintf(&d.trace.defs, `<symbol id="a%d" viewBox="%s %s %s %s">`, id, num(s.left), num(s.top), num(s.Width), num(s.Height))
		for _, shape := range s.shapes {
			d.trace.defs.WriteString(shape.picture())
		}
		d.trace.defs.WriteString("</symbol>")
	}
	d.traced(`<use href="#a%d" x="%s" y="%s" width="%s" height="%s"/>`, id, num(x), num(y), num(width), num(height))
}

func (s shape) picture() string {
	var out strings.Builder
	out.WriteString(`<path d="`)
	for _, seg := range s.path {
		out.WriteByte(map[byte]byte{'m': 'M', 'l': 'L', 'c': 'C', 'h': 'Z'}[seg.op])
		for i, n := range seg.args {
			if i > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(num(n))
		}
	}
	out.WriteByte('"')
	if m := s.matrix; m != identity {
		fmt.Fprintf(&out, ` transform="matrix(%.6f %.6f %.6f %.6f %s %s)"`, m.a, m.b, m.c, m.d, num(m.e), num(m.f))
	}
	p := s.paint
	paint := func(name string, i ink, opacity float64) {
		switch {
		case i.none:
			fmt.Fprintf(&out, ` %s="none"`, name)
		case opacity*s.opacity < 1:
			fmt.Fprintf(&out, ` %s="%s" %s-opacity="%s"`, name, i.color.Hex(), name, num(opacity*s.opacity))
		default:
			fmt.Fprintf(&out, ` %s="%s"`, name, i.color.Hex())
		}
	}
	paint("fill", p.fill, p.fillOpacity)
	if p.evenOdd {
		out.WriteString(` fill-rule="evenodd"`)
	}
	if !p.stroke.none {
		paint("stroke", p.stroke, p.strokeOpacity)
		fmt.Fprintf(&out, ` stroke-width="%s" stroke-linecap="%s" stroke-linejoin="%s" stroke-miterlimit="%s"`, num(p.width),
			[]string{"butt", "round", "square"}[p.lineCap], []string{"miter", "round", "bevel"}[p.join], num(p.miter))
		if len(p.dashes) > 0 {
			fmt.Fprintf(&out, ` stroke-dasharray="%s" stroke-dashoffset="%s"`, strings.Trim(fmt.Sprint(p.dashes), "[]"), num(p.dashOffset))
		}
	}
	out.WriteString("/>")
	return out.String()
}

// traceText writes a line's letters as outlines.
func (d *Document) traceText(x, y float64, text string, s Style) {
	if d.trace == nil {
		return
	}
	face := coverage()[s.Face]
	var buffer sfnt.Buffer
	em := face.UnitsPerEm()
	size := fixed.I(int(em))
	var out strings.Builder
	at := 0.0
	for _, r := range text {
		glyph, err := face.GlyphIndex(&buffer, r)
		if err != nil {
			continue
		}
		segments, err := face.LoadGlyph(&buffer, glyph, size, nil)
		if err == nil {
			for _, seg := range segments {
				points := map[sfnt.SegmentOp]int{sfnt.SegmentOpMoveTo: 1, sfnt.SegmentOpLineTo: 1, sfnt.SegmentOpQuadTo: 2, sfnt.SegmentOpCubeTo: 3}[seg.Op]
				out.WriteByte(map[sfnt.SegmentOp]byte{sfnt.SegmentOpMoveTo: 'M', sfnt.SegmentOpLineTo: 'L', sfnt.SegmentOpQuadTo: 'Q', sfnt.SegmentOpCubeTo: 'C'}[seg.Op])
				for _, p := range seg.Args[:points] {
					fmt.Fprintf(&out, "%.0f %.0f ", at+float64(p.X)/64, float64(p.Y)/64)
				}
			}
		}
		if advance, err := face.GlyphAdvance(&buffer, glyph, size, font.HintingNone); err == nil {
			at += float64(advance) / 64
		}
	}
	if out.Len() > 0 {
		d.traced(`<path transform="translate(%s %s) scale(%.6f)" fill="%s" d="%s"/>`, num(x), num(y), s.Size*mmPerPoint/float64(em), s.Color.Hex(), strings.TrimSpace(out.String()))
	}
}

func (d *Document) traceModules(x, y, width, height float64, code barcode.Barcode) {
	if d.trace == nil {
		return
	}
	bounds := code.Bounds()
	unitX, unitY := width/float64(bounds.Dx()), height/float64(bounds.Dy())
	var path strings.Builder
	for row := range bounds.Dy() {
		for col := range bounds.Dx() {
			if dark(code, bounds.Min.X+col, bounds.Min.Y+row) {
				fmt.Fprintf(&path, "M%s %sh%sv%sh-%sz", num(x+float64(col)*unitX), num(y+float64(row)*unitY), num(unitX), num(unitY), num(unitX))
			}
		}
	}
	d.traced(`<path d="%s"/>`, path.String())
}
