package pdf

import "strings"

// Style is how a text is set: its face, its size in points and its colour.
type Style struct {
	Face  Face
	Size  float64
	Color Color
}

// In is the style in another colour.
func (s Style) In(c Color) Style { s.Color = c; return s }

// Leading is the height of a line of the style, in millimetres.
func (s Style) Leading() float64 { return s.Size * 1.3 * mmPerPoint }

// Ascent is the distance from the top of a line to its baseline, in millimetres.
func (s Style) Ascent() float64 { return s.Size * 0.98 * mmPerPoint }

// Align is where a text stands in its width.
type Align int

// The alignments.
const (
	Left Align = iota
	Center
	Right
)

// typeset is the face and size that a page's content has selected last.
type typeset struct {
	page int
	face Face
	size float64
}

// use selects the style. Only a change is written into the page's content, where measuring would
// otherwise leave its traces.
func (d *Document) use(s Style) {
	if now := (typeset{d.f.PageNo(), s.Face, s.Size}); now != d.set {
		d.f.SetFont(faces[s.Face].family, faces[s.Face].style, s.Size)
		d.set = now
	}
	d.f.SetTextColor(int(s.Color.R), int(s.Color.G), int(s.Color.B))
}

// TextWidth measures a text, in millimetres.
func (d *Document) TextWidth(text string, s Style) float64 {
	d.use(s)
	return d.f.GetStringWidth(s.Face.printable(text, d.miss))
}

// Text sets one line with its baseline at y. x is its left end, its middle or its right end as
// align says.
func (d *Document) Text(x, y float64, text string, s Style, align Align) {
	if text == "" {
		return
	}
	d.use(s)
	text = s.Face.printable(text, d.miss)
	switch align {
	case Center:
		x -= d.f.GetStringWidth(text) / 2
	case Right:
		x -= d.f.GetStringWidth(text)
	}
	d.f.Text(x, y, text)
	d.traceText(x, y, text, s)
}

// Fit is the style made smaller until the text is no wider than width millimetres.
func (d *Document) Fit(text string, s Style, width float64) Style {
	if w := d.TextWidth(text, s); w > width && w > 0 {
		s.Size *= width / w
	}
	return s
}

// Wrap breaks a text into lines no wider than width, at spaces and line ends; no-break spaces
// hold. A word that is wider than the width is cut.
func (d *Document) Wrap(text string, s Style, width float64) []string {
	var lines []string
	for _, paragraph := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.FieldsFunc(paragraph, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' }) {
			candidate := word
			if line != "" {
				candidate = line + " " + word
			}
			if d.TextWidth(candidate, s) <= width {
				line = candidate
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for word != "" && d.TextWidth(word, s) > width {
				head, tail := d.cut(word, s, width)
				lines = append(lines, head)
				word = tail
			}
			line = word
		}
		lines = append(lines, line)
	}
	return lines
}

// cut splits a word after the most characters that fit, at least one.
func (d *Document) cut(word string, s Style, width float64) (head, tail string) {
	runes := []rune(word)
	low, high := 1, len(runes)
	for low < high {
		middle := (low + high + 1) / 2
		if d.TextWidth(string(runes[:middle]), s) <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return string(runes[:low]), string(runes[low:])
}

// Clip is Wrap held to a number of lines; the last one ends with an ellipsis when words are left.
func (d *Document) Clip(text string, s Style, width float64, most int) []string {
	lines := d.Wrap(text, s, width)
	if most <= 0 || len(lines) <= most {
		return lines
	}
	lines = lines[:most]
	last := []rune(lines[most-1])
	for len(last) > 0 && d.TextWidth(string(last)+"…", s) > width {
		last = last[:len(last)-1]
	}
	lines[most-1] = strings.TrimRight(string(last), " ") + "…"
	return lines
}

// Paragraph sets a wrapped text with its top at y and returns the height that it took.
func (d *Document) Paragraph(x, y, width float64, text string, s Style) float64 {
	return d.Lines(x, y, d.Wrap(text, s, width), s, Left)
}

// Lines sets lines one below the other, the first one's top at y, and returns their height.
func (d *Document) Lines(x, y float64, lines []string, s Style, align Align) float64 {
	for i, line := range lines {
		d.Text(x, y+float64(i)*s.Leading()+s.Ascent(), line, s, align)
	}
	return float64(len(lines)) * s.Leading()
}
