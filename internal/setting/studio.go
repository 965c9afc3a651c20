package setting

import (
	"context"

	"boutique/internal/fault"
	"boutique/internal/pdf"
)

// KeyStudio is the artwork that is printed on what carries the office's name.
const KeyStudio Key = "studio"

// Studio is that artwork, as SVG: a tile of packing tape that repeats along the roll, stickers round and
// square, the stamp. Empty where the office has none: its logo takes the place.
type Studio struct {
	Tape    string `json:"tape"`
	Sticker string `json:"sticker"`
	Square  string `json:"square"`
	Stamp   string `json:"stamp"`
}

// GetStudio reads the office's artwork for printing.
func GetStudio(ctx context.Context, q Querier) (Studio, error) {
	var s Studio
	_, err := Get(ctx, q, KeyStudio, &s)
	return s, err
}

// Check names the artwork that cannot be printed, and why.
func (s Studio) Check() error {
	var fields fault.Fields
	for _, art := range []struct{ place, svg string }{{"tape", s.Tape}, {"sticker", s.Sticker}, {"square", s.Square}, {"stamp", s.Stamp}} {
		if art.svg == "" {
			continue
		}
		if _, err := pdf.ReadSVG([]byte(art.svg)); err != nil {
			fields.AddWith(art.place, "artwork_invalid", "cannot be printed: "+err.Error(), map[string]any{"reason": err.Error()})
		}
	}
	return fields.Err()
}
