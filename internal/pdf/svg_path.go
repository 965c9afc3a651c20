package pdf

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// segment is one step of a path in absolute coordinates: m and l with one point, c with three, h
// (close) with none.
type segment struct {
	op   byte
	args []float64
}

var errNumber = errors.New("a number was expected")

// finite tells whether every coordinate is a number that a PDF can hold.
func finite(path []segment) bool {
	for _, s := range path {
		for _, v := range s.args {
			if math.IsNaN(v) || math.Abs(v) > 1e10 {
				return false
			}
		}
	}
	return true
}

// flat tells whether all points of a path lie on one line, so that there is nothing to fill.
func flat(path []segment) bool {
	var x0, y0, dx, dy float64
	for i, s := range path {
		for j := 0; j+1 < len(s.args); j += 2 {
			x, y := s.args[j], s.args[j+1]
			switch {
			case i == 0:
				x0, y0 = x, y
			case dx == 0 && dy == 0:
				dx, dy = x-x0, y-y0
			case math.Abs(dx*(y-y0)-dy*(x-x0)) > 1e-9*(math.Abs(dx)+math.Abs(dy)):
				return false
			}
		}
	}
	return true
}

// scanner reads the numbers of path data, transforms and lists of points.
type scanner struct {
	s  string
	at int
}

func (p *scanner) space() {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case ' ', '\t', '\n', '\r', '\f', ',':
			p.at++
		default:
			return
		}
	}
}

func (p *scanner) done() bool { p.space(); return p.at >= len(p.s) }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// number reads one number; ".5.5" is two and so is "1-1".
func (p *scanner) number() (float64, error) {
	p.space()
	start := p.at
	if p.at < len(p.s) && (p.s[p.at] == '+' || p.s[p.at] == '-') {
		p.at++
	}
	digits, dot := 0, false
	for p.at < len(p.s) && (digit(p.s[p.at]) || (p.s[p.at] == '.' && !dot)) {
		if p.s[p.at] == '.' {
			dot = true
		} else {
			digits++
		}
		p.at++
	}
	if digits == 0 {
		p.at = start
		return 0, errNumber
	}
	if p.at < len(p.s) && (p.s[p.at] == 'e' || p.s[p.at] == 'E') {
		exponent := p.at + 1
		if exponent < len(p.s) && (p.s[exponent] == '+' || p.s[exponent] == '-') {
			exponent++
		}
		if exponent < len(p.s) && digit(p.s[exponent]) {
			for exponent < len(p.s) && digit(p.s[exponent]) {
				exponent++
			}
			p.at = exponent
		}
	}
	v, err := strconv.ParseFloat(p.s[start:p.at], 64)
	if err != nil || math.Abs(v) > svgMaxNumber {
		return 0, fmt.Errorf("the number %s is too large", short(p.s[start:p.at]))
	}
	return v, nil
}

// flag reads an arc's flag, one character that needs no space after it.
func (p *scanner) flag() (bool, error) {
	p.space()
	if p.at < len(p.s) && (p.s[p.at] == '0' || p.s[p.at] == '1') {
		p.at++
		return p.s[p.at-1] == '1', nil
	}
	return false, errors.New("an arc's flag must be 0 or 1")
}

func numbers(s string) ([]float64, error) {
	p := &scanner{s: s}
	var list []float64
	for !p.done() {
		v, err := p.number()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// arguments is how many numbers each command of path data takes.
var arguments = map[byte]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'S': 4, 'Q': 4, 'T': 2, 'A': 7, 'Z': 0}

// pen builds a path and remembers where it is.
type pen struct {
	path           []segment
	x, y           float64 // the current point
	startX, startY float64 // of the current subpath
	ctrlX, ctrlY   float64 // the last control point
	last           byte    // the last command, in capitals
}

func (p *pen) moveTo(x, y float64) {
	p.path = append(p.path, segment{'m', []float64{x, y}})
	p.x, p.y, p.startX, p.startY = x, y, x, y
}

func (p *pen) lineTo(x, y float64) {
	p.path = append(p.path, segment{'l', []float64{x, y}})
	p.x, p.y = x, y
}

func (p *pen) curveTo(x1, y1, x2, y2, x, y float64) {
	p.path = append(p.path, segment{'c', []float64{x1, y1, x2, y2, x, y}})
	p.ctrlX, p.ctrlY, p.x, p.y = x2, y2, x, y
}

// quadTo is a quadratic curve, raised to a cubic one.
func (p *pen) quadTo(cx, cy, x, y float64) {
	x0, y0 := p.x, p.y
	p.curveTo(x0+2*(cx-x0)/3, y0+2*(cy-y0)/3, x+2*(cx-x)/3, y+2*(cy-y)/3, x, y)
	p.ctrlX, p.ctrlY = cx, cy
}

func (p *pen) close() {
	p.path = append(p.path, segment{'h', nil})
	p.x, p.y = p.startX, p.startY
}

// parsePath reads the path data of SVG 1.1 section 8.3, all its commands.
func parsePath(data string) ([]segment, error) {
	in, p := &scanner{s: data}, &pen{}
	var command byte
	for !in.done() {
		c := in.s[in.at]
		upper := c &^ 0x20
		if _, ok := arguments[upper]; ok && (c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
			command = c
			in.at++
		} else if command == 0 || command&^0x20 == 'Z' {
			return nil, fmt.Errorf("path data has %q where a command was expected", c)
		}
		upper = command &^ 0x20
		if p.last == 0 && upper != 'M' {
			return nil, errors.New("path data must begin with M")
		}
		if err := p.step(in, upper, command >= 'a'); err != nil {
			return nil, err
		}
		p.last = upper
		// Further pairs after a moveto are linetos.
		switch command {
		case 'M':
			command = 'L'
		case 'm':
			command = 'l'
		}
	}
	return p.path, nil
}

func (p *pen) step(in *scanner, command byte, relative bool) error {
	var v [7]float64
	for i := range arguments[command] {
		var err error
		if command == 'A' && (i == 3 || i == 4) {
			var set bool
			if set, err = in.flag(); set {
				v[i] = 1
			}
		} else {
			v[i], err = in.number()
		}
		if err != nil {
			return fmt.Errorf("path command %c: %w", command, err)
		}
	}
	dx, dy := 0.0, 0.0
	if relative {
		dx, dy = p.x, p.y
	}
	// A subpath that goes on after a close begins where the closed one did.
	if p.last == 'Z' && command != 'M' && command != 'Z' {
		p.moveTo(p.x, p.y)
	}
	switch command {
	case 'M':
		p.moveTo(v[0]+dx, v[1]+dy)
	case 'L':
		p.lineTo(v[0]+dx, v[1]+dy)
	case 'H':
		p.lineTo(v[0]+dx, p.y)
	case 'V':
		p.lineTo(p.x, v[0]+dy)
	case 'C':
		p.curveTo(v[0]+dx, v[1]+dy, v[2]+dx, v[3]+dy, v[4]+dx, v[5]+dy)
	case 'S':
		x1, y1 := p.reflected('C', 'S')
		p.curveTo(x1, y1, v[0]+dx, v[1]+dy, v[2]+dx, v[3]+dy)
	case 'Q':
		p.quadTo(v[0]+dx, v[1]+dy, v[2]+dx, v[3]+dy)
	case 'T':
		x1, y1 := p.reflected('Q', 'T')
		p.quadTo(x1, y1, v[0]+dx, v[1]+dy)
	case 'A':
		p.arcTo(v[0], v[1], v[2], v[3] == 1, v[4] == 1, v[5]+dx, v[6]+dy)
	case 'Z':
		p.close()
	}
	if math.Abs(p.x) > 1e9 || math.Abs(p.y) > 1e9 {
		return errors.New("the path leads too far away")
	}
	return nil
}

// reflected mirrors the last control point when the last command was of the same kind.
func (p *pen) reflected(a, b byte) (x, y float64) {
	if p.last == a || p.last == b {
		return 2*p.x - p.ctrlX, 2*p.y - p.ctrlY
	}
	return p.x, p.y
}

// arcTo is an elliptical arc as curves of at most a quarter turn each (SVG 1.1 F.6).
func (p *pen) arcTo(rx, ry, degrees float64, large, sweep bool, x, y float64) {
	x0, y0 := p.x, p.y
	rx, ry = math.Abs(rx), math.Abs(ry)
	switch {
	case x0 == x && y0 == y:
		return
	case rx < 1e-9 || ry < 1e-9:
		p.lineTo(x, y)
		return
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	hx, hy := (x0-x)/2, (y0-y)/2
	x1, y1 := cos*hx+sin*hy, -sin*hx+cos*hy
	if ratio := x1*x1/(rx*rx) + y1*y1/(ry*ry); ratio > 1 {
		rx, ry = rx*math.Sqrt(ratio), ry*math.Sqrt(ratio)
	}
	below := rx*rx*y1*y1 + ry*ry*x1*x1
	factor := 0.0
	if below > 0 {
		factor = math.Sqrt(max(0, (rx*rx*ry*ry-below)/below))
	}
	if large == sweep {
		factor = -factor
	}
	cx1, cy1 := factor*rx*y1/ry, -factor*ry*x1/rx
	cx, cy := cos*cx1-sin*cy1+(x0+x)/2, sin*cx1+cos*cy1+(y0+y)/2
	from := math.Atan2((y1-cy1)/ry, (x1-cx1)/rx)
	turn := math.Atan2((-y1-cy1)/ry, (-x1-cx1)/rx) - from
	if sweep && turn < 0 {
		turn += 2 * math.Pi
	} else if !sweep && turn > 0 {
		turn -= 2 * math.Pi
	}
	steps := int(math.Ceil(math.Abs(turn)/(math.Pi/2) - 1e-9))
	if steps < 1 {
		p.lineTo(x, y)
		return
	}
	delta := turn / float64(steps)
	reach := 4.0 / 3 * math.Tan(delta/4)
	at := func(u, v float64) (float64, float64) { return cx + cos*rx*u - sin*ry*v, cy + sin*rx*u + cos*ry*v }
	for i := range steps {
		s0, c0 := math.Sincos(from + float64(i)*delta)
		s1, c1 := math.Sincos(from + float64(i+1)*delta)
		ax, ay := at(c0-reach*s0, s0+reach*c0)
		bx, by := at(c1+reach*s1, s1-reach*c1)
		ex, ey := at(c1, s1)
		if i == steps-1 {
			ex, ey = x, y
		}
		p.curveTo(ax, ay, bx, by, ex, ey)
	}
}
