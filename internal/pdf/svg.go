package pdf

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// The limits of artwork: what a logo never needs and a hostile file would use.
const (
	svgMaxBytes  = 2 << 20
	svgMaxDepth  = 64
	svgMaxShapes = 20_000
	svgMaxNumber = 1e6
)

const svgSpace = "http://www.w3.org/2000/svg"

// SVG is artwork that was read and understood whole, ready to be drawn as vectors.
type SVG struct {
	// Width and Height are the artwork's own, in its user units; only their ratio matters.
	Width, Height float64
	left, top     float64
	shapes        []shape
}

// shape is one path with everything that is needed to draw it.
type shape struct {
	path        []segment
	matrix      matrix
	paint       paint
	opacity     float64
	line, place int
}

// SVGError is why artwork can't be printed, with the place in the file.
type SVGError struct {
	Line, Column int
	Reason       string
}

func (e *SVGError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// ReadSVG reads artwork made of paths, rectangles, circles, ellipses, lines, polylines and polygons
// in groups, with fills, strokes, transforms and opacity. What it can't print faithfully (text,
// images, scripts, references, gradients, filters, clip paths) it refuses with an *SVGError rather
// than to leave it out.
func ReadSVG(data []byte) (*SVG, error) {
	if len(data) > svgMaxBytes {
		return nil, &SVGError{1, 1, fmt.Sprintf("the file has more than %d MB: simplify the drawing", svgMaxBytes>>20)}
	}
	r := &svgReader{decoder: xml.NewDecoder(bytes.NewReader(data)), art: &SVG{}}
	if err := r.read(); err != nil {
		return nil, err
	}
	return r.art, nil
}

// frame is what an open element hands down to its children.
type frame struct {
	matrix  matrix
	paint   paint
	opacity float64
	hidden  bool
	// from is the first shape inside a group whose own opacity is below one.
	from  int
	group bool
}

type svgReader struct {
	decoder      *xml.Decoder
	art          *SVG
	stack        []frame
	line, column int
}

func (r *svgReader) refuse(format string, args ...any) error {
	return &SVGError{r.line, r.column, fmt.Sprintf(format, args...)}
}

func (r *svgReader) read() error {
	seen := false
	for {
		r.line, r.column = r.decoder.InputPos()
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.line, r.column = r.decoder.InputPos()
			return r.refuse("this is not well-formed SVG: %v", err)
		}
		switch t := token.(type) {
		case xml.Directive:
			return r.refuse("a DOCTYPE or entity is not printed: remove it")
		case xml.ProcInst:
			if t.Target != "xml" {
				return r.refuse("the instruction <?%s?> is not printed: remove it", t.Target)
			}
		case xml.StartElement:
			if len(r.stack) == 0 && (seen || t.Name.Local != "svg") {
				return r.refuse("the file must hold one <svg> element")
			}
			seen = true
			if err := r.start(t); err != nil {
				return err
			}
		case xml.EndElement:
			if err := r.end(); err != nil {
				return err
			}
		case xml.CharData:
			if len(r.stack) > 0 && len(bytes.TrimSpace(t)) > 0 {
				return r.refuse("text is not printed: convert it to paths")
			}
		}
	}
	if !seen {
		r.line, r.column = 1, 1
		return r.refuse("the file must hold one <svg> element")
	}
	if len(r.art.shapes) == 0 {
		return r.refuse("the drawing is empty")
	}
	return nil
}

func (r *svgReader) start(t xml.StartElement) error {
	if len(r.stack) >= svgMaxDepth {
		return r.refuse("groups are nested deeper than %d", svgMaxDepth)
	}
	name := t.Name.Local
	if space := t.Name.Space; space != "" && space != svgSpace {
		return r.skip() // a drawing program's own notes
	}
	switch name {
	// What is only defined prints nothing, because every reference to it is refused.
	case "title", "desc", "metadata", "defs":
		return r.skip()
	case "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon":
	default:
		return r.refuse("<%s> can't be printed: convert it to paths", name)
	}
	attributes := map[string]string{}
	for _, a := range t.Attr {
		if a.Name.Space != "" && a.Name.Space != svgSpace {
			if a.Name.Local == "href" {
				return r.refuse("a reference (href) can't be printed: convert it to paths")
			}
			continue
		}
		if strings.HasPrefix(a.Name.Local, "on") {
			return r.refuse("the script %s can't be printed: remove it", a.Name.Local)
		}
		attributes[a.Name.Local] = strings.TrimSpace(a.Value)
	}
	if err := r.unfold(attributes); err != nil {
		return err
	}
	parent := frame{matrix: identity, paint: defaultPaint, opacity: 1}
	if len(r.stack) > 0 {
		parent = r.stack[len(r.stack)-1]
	} else if err := r.size(attributes); err != nil {
		return err
	}
	if name == "svg" && len(r.stack) > 0 {
		return r.refuse("an <svg> inside another can't be printed: make it a group")
	}
	here, err := r.inherit(parent, attributes)
	if err != nil {
		return err
	}
	r.stack = append(r.stack, here)
	if name == "svg" || name == "g" {
		return nil
	}
	path, err := r.outline(name, attributes)
	if err != nil {
		return err
	}
	if !finite(path) {
		return r.refuse("the shape reaches beyond all measure")
	}
	if here.hidden || len(path) == 0 {
		return nil
	}
	if len(r.art.shapes) >= svgMaxShapes {
		return r.refuse("the drawing has more than %d shapes: simplify it", svgMaxShapes)
	}
	if p := here.paint; p.fill.none && p.stroke.none {
		return nil
	}
	r.art.shapes = append(r.art.shapes, shape{path: path, matrix: here.matrix, paint: here.paint, opacity: here.opacity, line: r.line, place: r.column})
	return nil
}

func (r *svgReader) end() error {
	last := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	if last.group {
		if a, b, overlap := overlapping(r.art.shapes[last.from:]); overlap {
			r.line, r.column = b.line, b.place
			return r.refuse("this shape lies over the one of line %d, column %d in a group with opacity, and would show through: give the opacity to the shapes, or unite them", a.line, a.place)
		}
	}
	return nil
}

// skip leaves out an element that prints nothing, children and all.
func (r *svgReader) skip() error {
	depth := 1
	for depth > 0 {
		line, column := r.decoder.InputPos()
		token, err := r.decoder.Token()
		if err != nil {
			r.line, r.column = r.decoder.InputPos()
			return r.refuse("this is not well-formed SVG: %v", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "style" || t.Name.Local == "script" {
				r.line, r.column = line, column
				return r.refuse("<%s> can't be printed: give each shape its own attributes", t.Name.Local)
			}
			depth++
			if depth > svgMaxDepth {
				return r.refuse("elements are nested deeper than %d", svgMaxDepth)
			}
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// size reads the drawing's own rectangle from viewBox, else from width and height.
func (r *svgReader) size(attributes map[string]string) error {
	if box, ok := attributes["viewBox"]; ok {
		v, err := numbers(box)
		if err != nil || len(v) != 4 || v[2] <= 0 || v[3] <= 0 {
			return r.refuse("viewBox=%q must be four numbers, the last two above zero", short(box))
		}
		r.art.left, r.art.top, r.art.Width, r.art.Height = v[0], v[1], v[2], v[3]
		return nil
	}
	for name, to := range map[string]*float64{"width": &r.art.Width, "height": &r.art.Height} {
		v, err := length(attributes[name])
		if err != nil || v <= 0 {
			return r.refuse("the drawing needs a viewBox, or width and height")
		}
		*to = v
	}
	return nil
}

// overlapping finds two shapes whose bounding boxes meet, which opacity of a group would show.
func overlapping(shapes []shape) (a, b shape, found bool) {
	// Comparing pairs is quadratic; a group this large is called overlapping unseen.
	if len(shapes) > 500 {
		return shapes[0], shapes[1], true
	}
	boxes := make([][4]float64, len(shapes))
	for i, s := range shapes {
		boxes[i] = s.bounds()
		for j := range i {
			p, q := boxes[i], boxes[j]
			if p[0] < q[2] && q[0] < p[2] && p[1] < q[3] && q[1] < p[3] {
				return shapes[j], s, true
			}
		}
	}
	return a, b, false
}

// bounds is a box around the shape's control points and stroke: left, top, right, bottom.
func (s shape) bounds() [4]float64 {
	box := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, seg := range s.path {
		for i := 0; i+1 < len(seg.args); i += 2 {
			x, y := s.matrix.apply(seg.args[i], seg.args[i+1])
			box = [4]float64{min(box[0], x), min(box[1], y), max(box[2], x), max(box[3], y)}
		}
	}
	if !s.paint.stroke.none {
		half := s.paint.width / 2 * s.matrix.scale()
		box = [4]float64{box[0] - half, box[1] - half, box[2] + half, box[3] + half}
	}
	return box
}

// short keeps a quoted value readable in an error.
func short(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}
