package label

import (
	"errors"
	"fmt"
	"math"
	"time"

	"boutique/internal/pdf"
)

// Tape is branded packing tape: a drawing that repeats without a seam along the roll.
type Tape struct {
	Art *pdf.SVG
	// WidthMM is the tape's width, RepeatMM the length of one repeat; zero keeps the drawing's own
	// proportion. Repeats is how many are drawn.
	WidthMM, RepeatMM float64
	Repeats           int
	// BleedMM is drawn beyond each edge; Marks adds crop marks, the inks and their names outside of it.
	BleedMM float64
	Marks   bool
	// Paper is the tape before it is printed. Inks are the one or two colours that it is printed with;
	// none prints the drawing as it is.
	Paper pdf.Color
	Inks  []pdf.Color
	// Plates adds a page for each ink, in black, as the printer's plates are made.
	Plates  bool
	Name    string
	Created time.Time
	Traced  bool
}

// marks is the room for print marks around the bleed.
const marks = 10.0

// check tells what is wrong with the measures.
func (t Tape) check() error {
	if t.Art == nil || t.WidthMM < 10 || t.WidthMM > 300 || t.Repeats < 1 || t.Repeats > 20 || t.BleedMM < 0 || t.BleedMM > 20 {
		return errors.New("a tape is 10 to 300 mm wide, with 1 to 20 repeats and at most 20 mm of bleed")
	}
	if len(t.Inks) > 2 {
		return errors.New("a tape is printed with one or two colours, or as it is drawn")
	}
	if t.repeat()*float64(t.Repeats) > 5000 {
		return errors.New("a tape is drawn up to 5 m at a time")
	}
	return nil
}

// tile tells artwork that was drawn as a repeat, on a ground of its own, from a logo that stands on the tape.
func (t Tape) tile() bool {
	_, ok := t.Art.Ground()
	return ok
}

// logoShare is how much of the tape's width a logo takes.
const logoShare = 0.62

// repeat is the length of one repeat: that of the tile; a logo gets as much air beside it as above and below.
func (t Tape) repeat() float64 {
	switch {
	case t.RepeatMM > 0:
		return t.RepeatMM
	case t.tile():
		return t.WidthMM * t.Art.Width / t.Art.Height
	}
	return t.WidthMM*logoShare*t.Art.Width/t.Art.Height + t.WidthMM*(1-logoShare)
}

// Page is the size of the page that the tape is drawn on, in millimetres; nothing without a drawing.
func (t Tape) Page() (width, height float64) {
	if t.Art == nil {
		return 0, 0
	}
	return t.repeat()*float64(t.Repeats) + 2*t.edge(), t.WidthMM + 2*t.edge()
}

// edge is what lies around the tape: the bleed and the marks.
func (t Tape) edge() float64 {
	if t.Marks {
		return t.BleedMM + marks
	}
	return t.BleedMM
}

// Draw sets the tape on one page, the width across, the repeats along; then its plates.
func (t Tape) Draw() ([]byte, error) {
	d, err := t.document()
	if err != nil {
		return nil, err
	}
	return d.Bytes()
}

// Picture is the first page as SVG.
func (t Tape) Picture() (string, error) {
	t.Traced, t.Plates = true, false
	d, err := t.document()
	if err != nil {
		return "", err
	}
	return d.Picture(1), nil
}

func (t Tape) document() (*pdf.Document, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	edge := t.edge()
	width, height := t.Page()
	d := pdf.New(pdf.Options{Title: "Tape " + t.Name, Width: width, Height: height, Created: t.Created, Traced: t.Traced})
	printed := t.printed()
	t.page(d, edge, t.ground(), t.Art.Recoloured(t.ink), printed, "")
	if !t.Plates {
		return d, nil
	}
	for n, plate := range printed {
		black := func(c pdf.Color) pdf.Color {
			if c == plate {
				return pdf.Black
			}
			return pdf.White
		}
		t.page(d, edge, black(t.ground()), t.Art.Recoloured(func(c pdf.Color) pdf.Color { return black(t.ink(c)) }), []pdf.Color{pdf.Black}, fmt.Sprintf("%d/%d %s", n+1, len(printed), plate.Hex()))
	}
	return d, nil
}

// ground is the colour below the drawing, up to the bleed's edge.
func (t Tape) ground() pdf.Color {
	if c, ok := t.Art.Ground(); ok {
		return t.ink(c)
	}
	return t.Paper
}

// printed are the inks that the tape needs: whatever is not the bare tape.
func (t Tape) printed() []pdf.Color {
	if len(t.Inks) > 0 {
		return t.Inks
	}
	var list []pdf.Color
	for _, c := range t.Art.Inks() {
		if c != t.Paper {
			list = append(list, c)
		}
	}
	return list[:min(len(list), 12)]
}

// ink is the colour that one of the drawing is printed in: with one ink, what is nearer to it in lightness
// than to the bare tape; with two, the nearest of tape and inks.
func (t Tape) ink(c pdf.Color) pdf.Color {
	switch len(t.Inks) {
	case 0:
		return c
	case 1:
		if math.Abs(lightness(c)-lightness(t.Paper)) < math.Abs(lightness(c)-lightness(t.Inks[0])) {
			return t.Paper
		}
		return t.Inks[0]
	}
	best := t.Paper
	for _, i := range t.Inks {
		if distance(c, i) < distance(c, best) {
			best = i
		}
	}
	return best
}

func lightness(c pdf.Color) float64 {
	return 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)
}

func distance(a, b pdf.Color) float64 {
	r, g, bl := float64(a.R)-float64(b.R), float64(a.G)-float64(b.G), float64(a.B)-float64(b.B)
	return 2*r*r + 4*g*g + 3*bl*bl
}

// page draws the tape once: the ground and the drawing run on beyond every edge as far as the bleed, so
// that a cut that is a little off shows no white.
func (t Tape) page(d *pdf.Document, edge float64, ground pdf.Color, art *pdf.SVG, inks []pdf.Color, plate string) {
	d.AddPage()
	repeat, length := t.repeat(), t.repeat()*float64(t.Repeats)
	d.Within(edge-t.BleedMM, edge-t.BleedMM, length+2*t.BleedMM, t.WidthMM+2*t.BleedMM, func() {
		d.Box(edge-t.BleedMM, edge-t.BleedMM, length+2*t.BleedMM, t.WidthMM+2*t.BleedMM, ground)
		for n := -1; n <= t.Repeats; n++ {
			if x := edge + float64(n)*repeat; x+repeat > edge-t.BleedMM && x < edge+length+t.BleedMM {
				t.once(d, art, x, edge, repeat)
			}
		}
	})
	if t.Marks {
		t.marks(d, edge, length, repeat, inks, plate)
	}
}

func (t Tape) once(d *pdf.Document, art *pdf.SVG, x, y, repeat float64) {
	if t.tile() {
		w, h := art.Fit(repeat, t.WidthMM)
		d.Art(art, x+(repeat-w)/2, y+(t.WidthMM-h)/2, repeat, t.WidthMM)
		return
	}
	w, h := art.Fit(repeat*0.9, t.WidthMM*logoShare)
	d.Art(art, x+(repeat-w)/2, y+(t.WidthMM-h)/2, w, h)
}

// marks are what the printer cuts and registers by: crop marks at the corners, a tick at each repeat, the
// inks as patches, and what the sheet is.
func (t Tape) marks(d *pdf.Document, edge, length, repeat float64, inks []pdf.Color, plate string) {
	foot := t.WidthMM + 2*edge
	for n := range t.Repeats + 1 {
		x := edge + float64(n)*repeat
		reach := marks - 3
		if n > 0 && n < t.Repeats {
			reach = 3
		}
		d.Rule(x, marks-3-reach, x, marks-3, 0.1, pdf.Black)
		d.Rule(x, foot-marks+3, x, foot-marks+3+reach, 0.1, pdf.Black)
	}
	for _, y := range []float64{edge, edge + t.WidthMM} {
		d.Rule(0, y, marks-3, y, 0.1, pdf.Black)
		d.Rule(length+2*edge-marks+3, y, length+2*edge, y, 0.1, pdf.Black)
	}
	small := pdf.Style{Size: 5.5, Color: pdf.Black}
	x := edge + 4
	for _, c := range inks {
		d.Box(x, 1.2, 3.6, 3.6, c)
		d.Text(x+4.2, 3.9, c.Hex(), small, pdf.Left)
		x += 16
	}
	words := fmt.Sprintf("%s   %s × %s mm   + %s mm", t.Name, short(repeat), short(t.WidthMM), short(t.BleedMM))
	if plate != "" {
		words += "   " + plate
	}
	d.Text(edge+4, foot-2, words, small, pdf.Left)
}

func short(mm float64) string { return fmt.Sprintf("%.4g", mm) }
