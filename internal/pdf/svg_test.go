package pdf_test

import (
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"boutique/internal/pdf"
	"boutique/internal/pdf/pdftest"
)

func art(t *testing.T, body string) *pdf.SVG {
	t.Helper()
	s, err := pdf.ReadSVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">` + body + `</svg>`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// paint draws artwork of 100 × 100 units on 100 × 100 mm and gives back the colour at a unit.
func paint(t *testing.T, body string) func(x, y float64) pdf.Color {
	t.Helper()
	d := pdf.New(pdf.Options{Width: 100, Height: 100, Created: created})
	d.AddPage()
	d.Art(art(t, body), 0, 0, 100, 100)
	data := finish(t, d)
	pdftest.Check(t, data)
	picture := pdftest.Render(t, data, 1, 100)
	return func(x, y float64) pdf.Color { return pixel(picture, x*100/25.4, y*100/25.4) }
}

func pixel(picture image.Image, x, y float64) pdf.Color {
	r, g, b, _ := picture.At(int(x), int(y)).RGBA()
	return pdf.Color{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8)}
}

func alike(a, b pdf.Color) bool {
	near := func(x, y uint8) bool { return math.Abs(float64(x)-float64(y)) <= 3 }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B)
}

func TestShapesArePaintedWhereTheyStand(t *testing.T) {
	t.Parallel()
	brick, blue, white := pdf.Brick, pdf.Color{B: 255}, pdf.White
	half := pdf.Color{R: 255, G: 128, B: 128}
	for name, c := range map[string]struct {
		body  string
		marks map[[2]float64]pdf.Color
	}{
		"rectangle":              {`<rect x="10" y="20" width="30" height="40" fill="#B5472F"/>`, map[[2]float64]pdf.Color{{12, 22}: brick, {38, 58}: brick, {8, 22}: white, {42, 58}: white}},
		"round corners":          {`<rect x="10" y="10" width="80" height="80" rx="40" fill="#B5472F"/>`, map[[2]float64]pdf.Color{{50, 50}: brick, {14, 14}: white}},
		"circle with a ring":     {`<circle cx="50" cy="50" r="30" fill="none" stroke="blue" stroke-width="10"/>`, map[[2]float64]pdf.Color{{50, 50}: white, {50, 20}: blue, {80, 50}: blue, {50, 32}: white}},
		"ellipse":                {`<ellipse cx="50" cy="50" rx="40" ry="10" fill="blue"/>`, map[[2]float64]pdf.Color{{12, 50}: blue, {50, 38}: white}},
		"line with round ends":   {`<line x1="20" y1="50" x2="80" y2="50" stroke="blue" stroke-width="20" stroke-linecap="round"/>`, map[[2]float64]pdf.Color{{13, 50}: blue, {50, 42}: blue, {12, 42}: white}},
		"dashes":                 {`<path d="M0 50H100" stroke="blue" stroke-width="10" stroke-dasharray="20 20"/>`, map[[2]float64]pdf.Color{{10, 50}: blue, {30, 50}: white, {50, 50}: blue}},
		"polygon":                {`<polygon points="0,0 100,0 0,100" fill="blue"/>`, map[[2]float64]pdf.Color{{10, 10}: blue, {90, 90}: white}},
		"polyline":               {`<polyline points="10 10 90 10 90 90" fill="none" stroke="blue" stroke-width="6"/>`, map[[2]float64]pdf.Color{{50, 10}: blue, {90, 50}: blue, {50, 50}: white}},
		"even-odd hole":          {`<path fill="blue" fill-rule="evenodd" d="M0 0H100V100H0ZM25 25H75V75H25Z"/>`, map[[2]float64]pdf.Color{{10, 10}: blue, {50, 50}: white}},
		"nonzero without a hole": {`<path fill="blue" d="M0 0H100V100H0ZM25 25H75V75H25Z"/>`, map[[2]float64]pdf.Color{{50, 50}: blue}},
		"relative commands":      {`<path fill="blue" d="m10 10h30v30h-30zm50 50 l30 0 0 30-30 0z"/>`, map[[2]float64]pdf.Color{{25, 25}: blue, {75, 75}: blue, {50, 50}: white}},
		"curves":                 {`<path fill="blue" d="M10 50C10 10 90 10 90 50S10 90 10 50Z"/>`, map[[2]float64]pdf.Color{{50, 30}: blue, {12, 25}: white}},
		"quadratic and smooth":   {`<path fill="blue" d="M0 50Q25 0 50 50T100 50V100H0Z"/>`, map[[2]float64]pdf.Color{{25, 35}: blue, {75, 60}: white, {75, 90}: blue}},
		"arc flags unspaced":     {`<path fill="blue" d="M20 50a30 30 0 0160 0z"/>`, map[[2]float64]pdf.Color{{50, 25}: blue, {50, 60}: white}},
		"large arc":              {`<path fill="blue" d="M50 50V10A40 40 0 1 0 90 50Z"/>`, map[[2]float64]pdf.Color{{25, 75}: blue, {70, 30}: white}},
		"transforms":             {`<g transform="translate(50 50) rotate(90)"><rect x="10" width="30" height="10" transform="scale(1 -1)" fill="blue"/></g>`, map[[2]float64]pdf.Color{{55, 75}: blue, {45, 75}: white}},
		"matrix and skew":        {`<g transform="matrix(1 0 0 1 10 0) skewX(45)"><rect width="20" height="50" fill="blue"/></g>`, map[[2]float64]pdf.Color{{12, 1}: blue, {65, 48}: blue, {12, 48}: white}},
		"opacity":                {`<rect width="50" height="100" fill="red" opacity="0.5"/><rect x="50" width="50" height="100" fill="red"/>`, map[[2]float64]pdf.Color{{20, 50}: half, {75, 50}: {R: 255}}},
		"group opacity apart":    {`<g opacity=".5"><rect width="40" height="100" fill="red"/><rect x="60" width="40" height="100" fill="red"/></g>`, map[[2]float64]pdf.Color{{20, 50}: half, {50, 50}: white, {80, 50}: half}},
		"style attribute":        {`<g style="fill:blue; stroke: none"><rect width="50" height="50"/></g>`, map[[2]float64]pdf.Color{{20, 20}: blue}},
		"hidden":                 {`<rect width="9" height="9"/><rect x="20" y="20" width="50" height="50" display="none"/>`, map[[2]float64]pdf.Color{{40, 40}: white}},
		"clipped to its own box": {`<rect x="-50" y="-50" width="60" height="60" fill="blue"/>`, map[[2]float64]pdf.Color{{5, 5}: blue, {15, 15}: white}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := paint(t, c.body)
			for place, want := range c.marks {
				if got := at(place[0], place[1]); !alike(got, want) {
					t.Errorf("at %v: %v, want %v", place, got, want)
				}
			}
		})
	}
}

func TestTrimmedArtworkStandsFlush(t *testing.T) {
	t.Parallel()
	s := art(t, `<rect x="20" y="30" width="40" height="20" fill="none" stroke="red" stroke-width="2"/>`).Trim()
	if s.Width != 42 || s.Height != 22 {
		t.Errorf("trimmed to %.1f × %.1f, want 42 × 22", s.Width, s.Height)
	}
	if beyond := art(t, `<circle cx="100" cy="50" r="30" fill="red"/>`).Trim(); beyond.Width != 30 {
		t.Errorf("a shape beyond the drawing makes it %.1f wide, want 30", beyond.Width)
	}
}

func TestBrandArtworkIsDrawnAsVectors(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.svg")
	if err != nil || len(files) < 4 {
		t.Fatalf("artwork: %v, %v", files, err)
	}
	d := document()
	for i, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := pdf.ReadSVG(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		w, h := d.Art(s, 20, 20+float64(i)*60, 170, 55)
		if w > 170.001 || h > 55.001 || math.Abs(w/h-s.Width/s.Height) > 0.001 {
			t.Errorf("%s is drawn %.1f × %.1f mm from %.1f × %.1f", name, w, h, s.Width, s.Height)
		}
	}
	data := finish(t, d)
	pdftest.Check(t, data)
	if strings.Contains(string(data), "/Subtype /Image") {
		t.Error("artwork became a picture")
	}
	page := pdftest.Render(t, data, 1, 72)
	for i := range files {
		dark := 0
		box := pdftest.Crop(page, 72, 20, 20+float64(i)*60, 170, 55)
		for y := range box.Bounds().Dy() {
			for x := range box.Bounds().Dx() {
				if pixel(box, float64(x), float64(y)) != pdf.White {
					dark++
				}
			}
		}
		if dark < 200 {
			t.Errorf("%s left only %d marks on the page", files[i], dark)
		}
	}
}

func TestWhatCannotBePrintedIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	const head = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 10 10'>\n"
	for name, c := range map[string]struct {
		file   string
		line   int
		reason string
	}{
		"text":             {head + "<g>\n  <text>Bonjour</text></g></svg>", 3, "convert it to paths"},
		"image":            {head + "<image href='x.png'/></svg>", 2, "<image>"},
		"script":           {head + "<script>alert(1)</script></svg>", 2, "<script>"},
		"script in defs":   {head + "<defs>\n<script/></defs></svg>", 3, "<script>"},
		"use":              {head + "<use xlink:href='#a'/></svg>", 2, "<use>"},
		"event handler":    {head + "<rect width='1' height='1' onclick='x()'/></svg>", 2, "onclick"},
		"gradient":         {head + "<rect width='1' height='1' fill='url(#g)'/></svg>", 2, "plain colour"},
		"filter":           {head + "<g filter='url(#f)'><rect width='1' height='1'/></g></svg>", 2, "filter"},
		"style sheet":      {head + "<style>rect{fill:red}</style></svg>", 2, "<style>"},
		"doctype":          {"<!DOCTYPE svg [<!ENTITY a 'b'>]>\n" + head + "</svg>", 1, "DOCTYPE"},
		"path":             {head + "<path d='M0 0 L5'/></svg>", 2, "path command L"},
		"path without M":   {head + "<path d='L5 5'/></svg>", 2, "begin with M"},
		"arc flag":         {head + "<path d='M0 0 a1 1 0 2 0 1 1'/></svg>", 2, "flag"},
		"huge number":      {head + "<path d='M0 0 L1e300 0'/></svg>", 2, "too large"},
		"overflow":         {head + strings.Repeat("<g transform='scale(1e6)'>", 60) + "</svg>", 2, "beyond all measure"},
		"deep":             {head + strings.Repeat("<g>", 70) + "</svg>", 2, "deeper"},
		"overlap in group": {head + "<g opacity='.5'><rect width='5' height='5'/>\n<rect x='2' width='5' height='5'/></g></svg>", 3, "opacity"},
		"no box":           {"<svg xmlns='http://www.w3.org/2000/svg'><rect width='1' height='1'/></svg>", 1, "viewBox"},
		"empty":            {head + "</svg>", 2, "empty"},
		"nothing":          {"", 1, "one <svg>"},
		"not SVG":          {"<html/>", 1, "one <svg>"},
		"broken":           {head + "<rect width='1'", 2, "well-formed"},
		"colour":           {head + "<rect width='1' height='1' fill='brickish'/></svg>", 2, "#rrggbb"},
		"too large":        {head + strings.Repeat(" ", 3<<20) + "</svg>", 1, "MB"},
		"too many":         {head + strings.Repeat("<path d='M0 0'/>", 20_001) + "</svg>", 2, "shapes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pdf.ReadSVG([]byte(c.file))
			var refused *pdf.SVGError
			if !errors.As(err, &refused) {
				t.Fatalf("error: %v", err)
			}
			if refused.Line != c.line || refused.Column < 1 || !strings.Contains(refused.Reason, c.reason) {
				t.Errorf("refused with %q, want line %d and %q", refused, c.line, c.reason)
			}
		})
	}
}

func FuzzReadSVG(f *testing.F) {
	f.Add([]byte(`<svg viewBox="0 0 9 9"><path d="M0 0a1 1 0 0110 10t1.5.5z" style="fill:#abc;stroke:red"/></svg>`))
	f.Add([]byte(`<svg viewBox="0 0 9 9"><g transform="rotate(3 1 1) skewX(2)" opacity="50%"><circle r="3"/></g></svg>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := pdf.ReadSVG(data)
		if err != nil {
			return
		}
		d := pdf.New(pdf.Options{Created: created})
		d.AddPage()
		d.Art(s, 10, 10, 50, 50)
		if _, err := d.Bytes(); err != nil {
			t.Fatal(err)
		}
	})
}
