package photo

import (
	"bytes"
	"encoding/base64"
	"image/png"

	"github.com/disintegration/imaging"
	"go.n16f.net/thumbhash"

	"boutique/catalog"
)

// placeholderSide is the side of a placeholder, in pixels.
const placeholderSide = 8

// Renderer tells the catalogue what only the photo store knows.
type Renderer struct{}

var _ catalog.Renderer = Renderer{}

// Renditions are the renditions of a photograph with their final addresses.
func (Renderer) Renditions(sha string, width, height int) []catalog.Rendition {
	return Renditions(sha, width, height)
}

// Shown are the renditions that pages show meanwhile.
func (Renderer) Shown(sha string, width, height int, made string) []catalog.Rendition {
	return Shown(sha, width, height, made)
}

// Ready tells whether every rendition that is to be made lies in the store.
func (Renderer) Ready(width int, made string) bool { return made == MadeOf(width) }

// Placeholder turns a thumbhash into a tiny picture as a data address; empty when there is none yet.
func (Renderer) Placeholder(hash []byte) string {
	if len(hash) < 5 {
		return ""
	}
	picture, err := thumbhash.DecodeImage(hash)
	if err != nil {
		return ""
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	// Eight pixels a side are all that a blur needs, and a page carries two dozen of them.
	if err := encoder.Encode(&b, imaging.Resize(picture, placeholderSide, placeholderSide, imaging.Box)); err != nil {
		return ""
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}
