package pdf

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// matrix maps (x, y) to (a·x + c·y + e, b·x + d·y + f).
type matrix struct{ a, b, c, d, e, f float64 }

var identity = matrix{1, 0, 0, 1, 0, 0}

// times is the matrix that applies n first, then m.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b, m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f,
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// scale is the factor by which the matrix enlarges at most.
func (m matrix) scale() float64 { return max(math.Hypot(m.a, m.b), math.Hypot(m.c, m.d)) }

func (m matrix) finite() bool {
	for _, v := range []float64{m.a, m.b, m.c, m.d, m.e, m.f} {
		if math.IsNaN(v) || math.Abs(v) > 1e9 {
			return false
		}
	}
	return true
}

type ink struct {
	none  bool
	color Color
}

// paint is how a shape is filled and stroked. Opacities of fill and stroke are inherited; a
// group's own opacity is multiplied into the frame's.
type paint struct {
	fill, stroke               ink
	fillOpacity, strokeOpacity float64
	width, miter               float64
	lineCap, join              int
	evenOdd                    bool
	dashes                     []float64
	dashOffset                 float64
	color                      Color
}

var defaultPaint = paint{stroke: ink{none: true}, fillOpacity: 1, strokeOpacity: 1, width: 1, miter: 4}

// unfold makes attributes of the declarations of a style attribute, which are stronger.
func (r *svgReader) unfold(attributes map[string]string) error {
	style, ok := attributes["style"]
	if !ok {
		return nil
	}
	for declaration := range strings.SplitSeq(style, ";") {
		name, value, found := strings.Cut(declaration, ":")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !found {
			return r.refuse("style has %q, which is no declaration", short(declaration))
		}
		attributes[name] = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
	}
	return nil
}

// unprintable attributes change the picture in a way that vectors on paper don't follow.
var unprintable = []string{"clip-path", "mask", "filter", "marker", "marker-start", "marker-mid", "marker-end", "mix-blend-mode", "paint-order", "vector-effect", "href"}

func (r *svgReader) inherit(parent frame, attributes map[string]string) (frame, error) {
	here := frame{matrix: parent.matrix, paint: parent.paint, opacity: parent.opacity, hidden: parent.hidden, from: len(r.art.shapes)}
	for _, name := range unprintable {
		if v, ok := attributes[name]; ok && v != "none" && v != "normal" {
			return here, r.refuse("%s=%q can't be printed: convert the result to paths", name, short(v))
		}
	}
	if v, ok := attributes["transform"]; ok {
		m, err := parseTransform(v)
		if err != nil {
			return here, r.refuse("transform=%q: %v", short(v), err)
		}
		if here.matrix = parent.matrix.times(m); !here.matrix.finite() {
			return here, r.refuse("the transforms grow beyond all measure")
		}
	}
	if attributes["display"] == "none" {
		here.hidden = true
	}
	switch attributes["visibility"] {
	case "hidden", "collapse":
		here.hidden = true
	}
	if v, ok := attributes["opacity"]; ok {
		own, err := fraction(v)
		if err != nil {
			return here, r.refuse("opacity=%q: %v", short(v), err)
		}
		here.opacity *= own
		here.group = own < 1
	}
	return here, r.paints(&here.paint, attributes)
}

func (r *svgReader) paints(p *paint, attributes map[string]string) error {
	set := func(name string, read func(string) error) error {
		v, ok := attributes[name]
		if !ok || v == "inherit" {
			return nil
		}
		if err := read(v); err != nil {
			return r.refuse("%s=%q: %v", name, short(v), err)
		}
		return nil
	}
	inked := func(to *ink) func(string) error {
		return func(v string) (err error) { *to, err = parseInk(v, p.color); return err }
	}
	part := func(to *float64) func(string) error {
		return func(v string) (err error) { *to, err = fraction(v); return err }
	}
	word := func(to *int, words ...string) func(string) error {
		return func(v string) error {
			for i, w := range words {
				if v == w {
					*to = i
					return nil
				}
			}
			return errors.New("must be one of " + strings.Join(words, ", "))
		}
	}
	rule := 0
	if p.evenOdd {
		rule = 1
	}
	err := errors.Join(
		set("color", func(v string) error {
			i, err := parseInk(v, p.color)
			p.color = i.color
			return err
		}),
		set("fill", inked(&p.fill)), set("stroke", inked(&p.stroke)),
		set("fill-opacity", part(&p.fillOpacity)), set("stroke-opacity", part(&p.strokeOpacity)),
		set("stroke-width", func(v string) (err error) {
			if p.width, err = length(v); err == nil && p.width < 0 {
				err = errors.New("must not be negative")
			}
			return err
		}),
		set("stroke-miterlimit", func(v string) (err error) {
			if p.miter, err = length(v); err == nil && p.miter < 1 {
				err = errors.New("must be at least 1")
			}
			return err
		}),
		set("stroke-linecap", word(&p.lineCap, "butt", "round", "square")),
		set("stroke-linejoin", word(&p.join, "miter", "round", "bevel")),
		set("fill-rule", word(&rule, "nonzero", "evenodd")),
		set("stroke-dasharray", func(v string) (err error) { p.dashes, err = dashes(v); return err }),
		set("stroke-dashoffset", func(v string) (err error) { p.dashOffset, err = length(v); return err }),
	)
	p.evenOdd = rule == 1
	if err != nil {
		var first *SVGError
		errors.As(err, &first)
		return first
	}
	return nil
}

func dashes(v string) ([]float64, error) {
	if v == "none" {
		return nil, nil
	}
	list, err := numbers(v)
	if err != nil {
		return nil, err
	}
	sum := 0.0
	for _, n := range list {
		if n < 0 {
			return nil, errors.New("must not be negative")
		}
		sum += n
	}
	if sum == 0 {
		return nil, nil
	}
	if len(list)%2 == 1 {
		list = append(list, list...)
	}
	return list, nil
}

// named are the colour names that drawing programs write; others are written as #rrggbb.
var named = map[string]Color{
	"black": {0, 0, 0}, "white": {255, 255, 255}, "red": {255, 0, 0}, "green": {0, 128, 0}, "blue": {0, 0, 255}, "yellow": {255, 255, 0},
	"gray": {128, 128, 128}, "grey": {128, 128, 128}, "silver": {192, 192, 192}, "maroon": {128, 0, 0}, "navy": {0, 0, 128},
	"orange": {255, 165, 0}, "purple": {128, 0, 128}, "teal": {0, 128, 128}, "olive": {128, 128, 0}, "lime": {0, 255, 0},
	"aqua": {0, 255, 255}, "cyan": {0, 255, 255}, "fuchsia": {255, 0, 255}, "magenta": {255, 0, 255},
}

func parseInk(v string, current Color) (ink, error) {
	v = strings.ToLower(v)
	switch v {
	case "none", "transparent":
		return ink{none: true}, nil
	case "currentcolor":
		return ink{color: current}, nil
	}
	if c, ok := named[v]; ok {
		return ink{color: c}, nil
	}
	if hex, ok := strings.CutPrefix(v, "#"); ok {
		if len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		if n, err := strconv.ParseUint(hex, 16, 32); err == nil && len(hex) == 6 {
			return ink{color: Color{uint8(n >> 16), uint8(n >> 8), uint8(n)}}, nil
		}
	}
	if inner, ok := strings.CutPrefix(v, "rgb("); ok {
		if list, err := numbers(strings.TrimSuffix(inner, ")")); err == nil && len(list) == 3 {
			var c [3]uint8
			for i, n := range list {
				c[i] = uint8(math.Round(min(255, max(0, n))))
			}
			return ink{color: Color{c[0], c[1], c[2]}}, nil
		}
	}
	if strings.HasPrefix(v, "url(") {
		return ink{}, errors.New("gradients and patterns can't be printed: use a plain colour")
	}
	return ink{}, errors.New("write the colour as #rrggbb")
}

// fraction reads an opacity: a number or a percentage, held to 0…1.
func fraction(v string) (float64, error) {
	s, percent := strings.CutSuffix(v, "%")
	list, err := numbers(s)
	if err != nil || len(list) != 1 {
		return 0, errNumber
	}
	if percent {
		list[0] /= 100
	}
	return min(1, max(0, list[0])), nil
}

// length reads a length in user units; px is the same, other units of paper are converted at 96 to
// the inch.
func length(v string) (float64, error) {
	p := &scanner{s: v}
	n, err := p.number()
	if err != nil {
		return 0, err
	}
	switch strings.TrimSpace(v[p.at:]) {
	case "", "px":
		return n, nil
	case "pt":
		return n * 96 / 72, nil
	case "mm":
		return n * 96 / 25.4, nil
	case "cm":
		return n * 96 / 2.54, nil
	case "in":
		return n * 96, nil
	}
	return 0, fmt.Errorf("the unit %q is not known: use plain numbers", short(strings.TrimSpace(v[p.at:])))
}

func parseTransform(s string) (matrix, error) {
	m := identity
	rest := strings.TrimSpace(s)
	for rest != "" {
		name, after, ok := strings.Cut(rest, "(")
		if !ok {
			return m, errors.New("a transform was expected")
		}
		inner, next, ok := strings.Cut(after, ")")
		if !ok {
			return m, errors.New("a parenthesis is not closed")
		}
		v, err := numbers(inner)
		if err != nil {
			return m, err
		}
		step, err := oneTransform(strings.Trim(name, " ,\t\r\n"), v)
		if err != nil {
			return m, err
		}
		if m = m.times(step); !m.finite() {
			return m, errors.New("it grows beyond all measure")
		}
		rest = strings.Trim(next, " ,\t\r\n")
	}
	return m, nil
}

func oneTransform(name string, v []float64) (matrix, error) {
	radians := func(i int) float64 { return v[i] * math.Pi / 180 }
	switch {
	case name == "matrix" && len(v) == 6:
		return matrix{v[0], v[1], v[2], v[3], v[4], v[5]}, nil
	case name == "translate" && len(v) == 1:
		return matrix{1, 0, 0, 1, v[0], 0}, nil
	case name == "translate" && len(v) == 2:
		return matrix{1, 0, 0, 1, v[0], v[1]}, nil
	case name == "scale" && len(v) == 1:
		return matrix{v[0], 0, 0, v[0], 0, 0}, nil
	case name == "scale" && len(v) == 2:
		return matrix{v[0], 0, 0, v[1], 0, 0}, nil
	case name == "rotate" && (len(v) == 1 || len(v) == 3):
		sin, cos := math.Sincos(radians(0))
		turn := matrix{cos, sin, -sin, cos, 0, 0}
		if len(v) == 1 {
			return turn, nil
		}
		return matrix{1, 0, 0, 1, v[1], v[2]}.times(turn).times(matrix{1, 0, 0, 1, -v[1], -v[2]}), nil
	case name == "skewX" && len(v) == 1:
		return matrix{1, 0, math.Tan(radians(0)), 1, 0, 0}, nil
	case name == "skewY" && len(v) == 1:
		return matrix{1, math.Tan(radians(0)), 0, 1, 0, 0}, nil
	}
	return identity, fmt.Errorf("%s with %d numbers is not known", short(name), len(v))
}
