package catalog

import "boutique/internal/text"

// Quality is what was measured of a picture, in plain numbers, and by which version of the measuring.
type Quality struct {
	Recipe int `json:"recipe"`
	// Sharpness is how steep the steepest edges are, 0 (fog) to about 100 (drawn with a knife), in the
	// widest rendition.
	Sharpness int `json:"sharpness"`
	// Dark, Middle and Bright are the brightness (0 to 255) below which a twentieth, half and all but a
	// twentieth of the picture lie.
	Dark   int `json:"dark"`
	Middle int `json:"middle"`
	Bright int `json:"bright"`
	// GroundSpread is how much the brightness differs along the edge of the picture, GroundDetail how
	// much there is to see there.
	GroundSpread int `json:"ground_spread"`
	GroundDetail int `json:"ground_detail"`
	// Tilt is by how many tenths of a degree the long lines lie off the level, clockwise; nil without
	// such lines.
	Tilt *int `json:"tilt"`
}

// What a picture must reach for nothing to be advised.
const (
	LeastSide      = 1600 // pixels of the longer side: what the zoom shows
	leastSharpness = 28
	leastBright    = 110 // of the bright parts
	mostDark       = 185 // of the dark parts
	leastContrast  = 70
	mostSpread     = 90
	mostDetail     = 5
	mostTilt       = 10 // tenths of a degree
)

// Advice is one thing that would make a photograph better; never a lock.
type Advice struct {
	Code   string
	Params map[string]any
}

// Say says it in the reader's words.
func (a Advice) Say(lang text.Lang) string {
	args := []any{}
	for key, value := range a.Params {
		args = append(args, key, value)
	}
	return words.In(lang).T("advice_"+a.Code, args...)
}

// Advice tells what would make a photograph better, in a fixed order; what is not measured yet is not
// judged.
func (p Photo) Advice() []Advice {
	var list []Advice
	add := func(when bool, code string, params map[string]any) {
		if when {
			list = append(list, Advice{code, params})
		}
	}
	add(max(p.Width, p.Height) < LeastSide, "small", map[string]any{"width": p.Width, "height": p.Height, "least": LeastSide})
	q := p.Quality
	if q == nil {
		return list
	}
	add(q.Sharpness < leastSharpness, "blurred", nil)
	switch {
	case q.Bright < leastBright:
		add(true, "dark", nil)
	case q.Dark > mostDark:
		add(true, "pale", nil)
	default:
		add(q.Bright-q.Dark < leastContrast, "flat", nil)
	}
	add(q.GroundSpread > mostSpread, "uneven", nil)
	add(q.GroundDetail > mostDetail, "busy", nil)
	if q.Tilt != nil && (*q.Tilt > mostTilt || *q.Tilt < -mostTilt) {
		code := "tilted_right"
		if *q.Tilt < 0 {
			code = "tilted_left"
		}
		add(true, code, map[string]any{"degrees": (abs(*q.Tilt) + 5) / 10})
	}
	return list
}

func abs(n int) int { return max(n, -n) }
