package pdf

import "slices"

// Inks are the colours of the artwork, in the order in which they are first used.
func (s *SVG) Inks() []Color {
	var list []Color
	for _, shape := range s.shapes {
		for _, i := range []ink{shape.paint.fill, shape.paint.stroke} {
			if !i.none && !slices.Contains(list, i.color) {
				list = append(list, i.color)
			}
		}
	}
	return list
}

// Recoloured is the artwork with each colour in the place of another.
func (s *SVG) Recoloured(in func(Color) Color) *SVG {
	other := *s
	other.shapes = slices.Clone(s.shapes)
	for n := range other.shapes {
		p := &other.shapes[n].paint
		p.fill.color, p.stroke.color = in(p.fill.color), in(p.stroke.color)
	}
	return &other
}

// Ground is the colour that fills the artwork's whole rectangle below everything else; ok is false when
// the artwork stands on the paper, as a logo does.
func (s *SVG) Ground() (c Color, ok bool) {
	if len(s.shapes) == 0 {
		return c, false
	}
	first := s.shapes[0]
	box := first.bounds()
	whole := box[0] <= s.left && box[1] <= s.top && box[2] >= s.left+s.Width && box[3] >= s.top+s.Height
	return first.paint.fill.color, whole && !first.paint.fill.none && first.opacity*first.paint.fillOpacity == 1
}
