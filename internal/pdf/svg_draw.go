package pdf

import (
	"fmt"
	"math"
	"strings"
)

// Fit tells how large the artwork is when it fills a box as well as it can without being
// distorted.
func (s *SVG) Fit(width, height float64) (w, h float64) {
	scale := min(width/s.Width, height/s.Height)
	return s.Width * scale, s.Height * scale
}

// Trim is the artwork without the white around it: its rectangle becomes the box of its shapes, as
// far as they lie within the drawing. A logo so trimmed stands flush with a text.
func (s *SVG) Trim() *SVG {
	box := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, shape := range s.shapes {
		b := shape.bounds()
		box = [4]float64{min(box[0], b[0]), min(box[1], b[1]), max(box[2], b[2]), max(box[3], b[3])}
	}
	left, top := max(box[0], s.left), max(box[1], s.top)
	right, bottom := min(box[2], s.left+s.Width), min(box[3], s.top+s.Height)
	if right <= left || bottom <= top {
		return s
	}
	return &SVG{Width: right - left, Height: bottom - top, left: left, top: top, shapes: s.shapes}
}

// Art draws artwork as vectors, as large as the box allows, at its top left corner, clipped to the
// drawing's own rectangle. It returns the size drawn.
func (d *Document) Art(s *SVG, x, y, width, height float64) (w, h float64) {
	w, h = s.Fit(width, height)
	d.traceArt(s, x, y, w, h)
	left, bottom := d.points(x, y+h)
	_, top := d.points(x, y)
	scale := w / s.Width / mmPerPoint
	var open strings.Builder
	fmt.Fprintf(&open, "q %s %s %s %s re W n ", num(left), num(bottom), num(w/mmPerPoint), num(h/mmPerPoint))
	// One matrix turns y over and brings the drawing's units to the page.
	fmt.Fprintf(&open, "%.6f 0 0 %.6f %s %s cm", scale, -scale, num(left-s.left*scale), num(top+s.top*scale))
	d.f.RawWriteStr(open.String())
	for _, shape := range s.shapes {
		d.shape(shape)
	}
	d.f.RawWriteStr("Q")
	return w, h
}

func (d *Document) shape(s shape) {
	p := s.paint
	fill, stroke := p.fillOpacity*s.opacity, p.strokeOpacity*s.opacity
	filled, stroked := !p.fill.none && fill > 0, !p.stroke.none && p.width > 0 && stroke > 0
	// A PDF fills a shape without area with a hairline, SVG with nothing.
	filled = filled && !flat(s.path)
	// Half-transparent fill and stroke of different strength are two strokes of the brush.
	if filled && stroked && fill != stroke {
		d.brush(s, true, false, fill)
		d.brush(s, false, true, stroke)
		return
	}
	if filled {
		d.brush(s, true, stroked, fill)
	} else if stroked {
		d.brush(s, false, true, stroke)
	}
}

func (d *Document) brush(s shape, fill, stroke bool, opacity float64) {
	d.f.RawWriteStr("q")
	if opacity < 1 {
		d.f.SetAlpha(opacity, "Normal")
	}
	var out strings.Builder
	if m := s.matrix; m != identity {
		fmt.Fprintf(&out, "%.6f %.6f %.6f %.6f %s %s cm ", m.a, m.b, m.c, m.d, num(m.e), num(m.f))
	}
	rgb := func(c Color, operator string) {
		fmt.Fprintf(&out, "%s %s %s %s ", num(float64(c.R)/255), num(float64(c.G)/255), num(float64(c.B)/255), operator)
	}
	p := s.paint
	if fill {
		rgb(p.fill.color, "rg")
	}
	if stroke {
		rgb(p.stroke.color, "RG")
		fmt.Fprintf(&out, "%s w %d J %d j %s M ", num(p.width), p.lineCap, p.join, num(p.miter))
		if len(p.dashes) > 0 {
			out.WriteString("[")
			for _, n := range p.dashes {
				out.WriteString(num(n) + " ")
			}
			out.WriteString("] " + num(p.dashOffset) + " d ")
		}
	}
	for _, segment := range s.path {
		for _, n := range segment.args {
			out.WriteString(num(n) + " ")
		}
		out.WriteByte(segment.op)
		out.WriteByte(' ')
	}
	operator := map[[2]bool]string{{true, false}: "f", {false, true}: "S", {true, true}: "B"}[[2]bool{fill, stroke}]
	if fill && p.evenOdd {
		operator += "*"
	}
	out.WriteString(operator + " Q")
	d.f.RawWriteStr(out.String())
}
