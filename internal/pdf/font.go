package pdf

import (
	"embed"
	"fmt"
	"sync"
	"unicode"

	"github.com/gosimple/unidecode"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

//go:embed fonts/*.ttf
var fontFiles embed.FS

// Face is one of the three faces that documents are set in.
type Face int

// The faces. Source Sans 3 has tabular figures and every sign that a document needs; Fraunces is
// for headings.
const (
	Regular Face = iota
	Bold
	Heading
)

// faces holds what the PDF writer calls each face, and its file.
var faces = [...]struct{ family, style, file string }{
	Regular: {"sans", "", "fonts/SourceSans3_400Regular.ttf"},
	Bold:    {"sans", "B", "fonts/SourceSans3_700Bold.ttf"},
	Heading: {"heading", "", "fonts/Fraunces_600SemiBold.ttf"},
}

// coverage parses the embedded files once, to know which characters each face can print.
var coverage = sync.OnceValue(func() [len(faces)]*sfnt.Font {
	var fonts [len(faces)]*sfnt.Font
	for i, f := range faces {
		font, err := sfnt.Parse(fontFile(Face(i)))
		if err != nil {
			panic(fmt.Sprintf("embedded font %s: %v", f.file, err))
		}
		fonts[i] = font
	}
	return fonts
})

func fontFile(f Face) []byte {
	data, err := fontFiles.ReadFile(faces[f].file)
	if err != nil {
		panic(err)
	}
	return data
}

// Prints tells whether the face has a glyph for the character.
func (f Face) Prints(r rune) bool {
	switch {
	case r >= ' ' && r <= '~':
		return true
	case r > 0xFFFF: // the PDF writer addresses glyphs by 16-bit codes
		return false
	}
	glyph, err := coverage()[f].GlyphIndex(nil, r)
	return err == nil && glyph != 0
}

// printable writes s with characters that the face has, because a missing glyph would print as an
// empty box without an error: a space for another kind of space, the letter and its accent as
// one, else the sound in Latin letters, else a question mark. It calls missing for every character
// that was replaced by another sign.
func (f Face) printable(s string, missing func(rune)) string {
	s = norm.NFC.String(s)
	plain := true
	for _, r := range s {
		if r == unicode.ReplacementChar || !f.Prints(r) {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var out []rune
	for _, r := range s {
		switch {
		case r != unicode.ReplacementChar && f.Prints(r):
			out = append(out, r)
		case r == '\u202f' || r == '\u2007':
			out = append(out, '\u00a0')
		case unicode.IsSpace(r) || unicode.IsControl(r):
			out = append(out, ' ')
		case unicode.Is(unicode.Cf, r):
		default:
			missing(r)
			latin := unidecode.Unidecode(string(r))
			if latin == "" {
				latin = "?"
			}
			for _, l := range latin {
				if f.Prints(l) {
					out = append(out, l)
				}
			}
		}
	}
	return string(out)
}
