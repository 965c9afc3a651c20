package label_test

import (
	"image"
	"math"
	"os"
	"strings"
	"testing"

	"boutique/internal/pdf"
	"boutique/internal/pdf/pdftest"
	"boutique/internal/text"
	"boutique/shop/label"
)

func tile(t *testing.T) *pdf.SVG {
	t.Helper()
	data, err := os.ReadFile("testdata/tape-tile-brick.svg")
	if err != nil {
		t.Fatal(err)
	}
	art, err := pdf.ReadSVG(data)
	if err != nil {
		t.Fatal(err)
	}
	return art
}

// at is the colour at a place of the page, in millimetres.
func at(picture image.Image, dpi int, x, y float64) pdf.Color {
	r, g, b, _ := picture.At(int(x*float64(dpi)/25.4), int(y*float64(dpi)/25.4)).RGBA()
	return pdf.Color{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8)}
}

func near(a, b pdf.Color) bool {
	off := func(x, y uint8) bool { return math.Abs(float64(x)-float64(y)) > 6 }
	return !off(a.R, b.R) && !off(a.G, b.G) && !off(a.B, b.B)
}

// One repeat follows another without a seam: 200 mm further along, the tape looks the same, at the seam
// as elsewhere, and into the bleed on all four sides.
func TestTapeRepeatsWithoutASeamIntoItsBleed(t *testing.T) {
	t.Parallel()
	const dpi, bleed = 127, 3.0
	data, err := label.Tape{Art: tile(t), WidthMM: 50, Repeats: 2, BleedMM: bleed, Created: printed}.Draw()
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	pdftest.Check(t, data)
	page := pdftest.Render(t, data, 1, dpi)
	if w, h := float64(page.Bounds().Dx())*25.4/dpi, float64(page.Bounds().Dy())*25.4/dpi; math.Abs(w-406) > 0.5 || math.Abs(h-56) > 0.5 {
		t.Fatalf("the page measures %.1f × %.1f mm, want 406 × 56", w, h)
	}
	differing := 0
	for x := 0.3; x < 205.5; x += 0.6 {
		for y := 0.3; y < 55.8; y += 0.9 {
			if !near(at(page, dpi, x, y), at(page, dpi, x+200, y)) {
				differing++
			}
		}
	}
	if differing > 60 {
		t.Errorf("%d places differ from those one repeat further", differing)
	}
	for _, place := range [][2]float64{{1, 1}, {405, 1}, {1, 55}, {405, 55}, {203, 1}, {203, 55}} {
		if c := at(page, dpi, place[0], place[1]); !near(c, pdf.Brick) {
			t.Errorf("the bleed at %v is %s, not the tape's ground", place, c.Hex())
		}
	}
	// The stripe of the drawing lies 1.8 to 2.6 mm from the tape's edge.
	stripe := pdf.Color{R: 0xEB, G: 0xC7, B: 0x7E}
	for _, y := range []float64{bleed + 2.2, bleed + 50 - 2.2} {
		if c := at(page, dpi, bleed+100, y); !near(c, stripe) {
			t.Errorf("at %.1f mm the stripe is %s", y, c.Hex())
		}
	}
}

func TestMarksStandAtTheTapesEdgesOutsideOfTheBleed(t *testing.T) {
	t.Parallel()
	const dpi, edge = 254, 13.0
	data, err := label.Tape{Art: tile(t), WidthMM: 50, Repeats: 1, BleedMM: 3, Marks: true, Name: "Beffroy", Created: printed}.Draw()
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	page := pdftest.Render(t, data, 1, dpi)
	for name, place := range map[string][2]float64{"top left": {edge, 4}, "top right": {edge + 200, 4}, "left above": {4, edge}, "left below": {4, edge + 50}, "bottom right": {edge + 200, 72}} {
		dark := false
		for _, off := range []float64{-0.1, 0, 0.1} {
			x, y := place[0]+off, place[1]
			if strings.HasPrefix(name, "left") {
				x, y = place[0], place[1]+off
			}
			c := at(page, dpi, x, y)
			dark = dark || c.R < 160
		}
		if !dark {
			t.Errorf("there is no mark at the %s", name)
		}
	}
	if c := at(page, dpi, edge-9, edge-9); !near(c, pdf.White) {
		t.Errorf("the corner of the page is %s", c.Hex())
	}
	if said := pdftest.Text(t, data); !strings.Contains(said, "Beffroy") || !strings.Contains(said, "200 × 50 mm") || !strings.Contains(said, "#B5472F") {
		t.Errorf("the sheet does not say what it is: %s", said)
	}
}

func TestOneColourIsOneColourAndEachInkHasItsPlate(t *testing.T) {
	t.Parallel()
	const dpi = 60
	tape := label.Tape{Art: tile(t), WidthMM: 50, Repeats: 1, Paper: pdf.White, Inks: []pdf.Color{pdf.Slate}, Plates: true, Created: printed}
	data, err := tape.Draw()
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	page, plate := pdftest.Render(t, data, 1, dpi), pdftest.Render(t, data, 2, dpi)
	if c := at(page, dpi, 2, 10); !near(c, pdf.Slate) {
		t.Errorf("the ground is printed in %s", c.Hex())
	}
	if c := at(plate, dpi, 2, 10); !near(c, pdf.Black) {
		t.Errorf("on its plate the ground is %s", c.Hex())
	}
	if c := at(page, dpi, 100, 2.2); !near(c, pdf.White) && c.R < 150 {
		t.Errorf("the light stripe is printed in %s, not left bare", c.Hex())
	}
	tape.Inks = []pdf.Color{pdf.Brick, pdf.Slate}
	if data, err = tape.Draw(); err != nil {
		t.Fatal(err)
	}
	if page := pdftest.Render(t, data, 3, dpi); !near(at(page, dpi, 2, 10), pdf.White) {
		t.Error("the ground is on the second ink's plate")
	}
	tape.Inks = append(tape.Inks, pdf.Black)
	if _, err := tape.Draw(); err == nil {
		t.Error("three inks are drawn")
	}
}

// What the studio shows is what it prints: the preview has the pieces at the same places.
func TestThePreviewHasEachPieceInItsCell(t *testing.T) {
	t.Parallel()
	sheet, _ := label.SheetOf("round-60")
	picture, err := label.PiecesPicture(label.Piece{Kind: label.Sticker, Lang: text.FR, Art: office(t, "logo-horizontal.svg").Logo}, sheet, 3, 20)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(picture, "<use "); n != 10 {
		t.Errorf("%d pieces are shown on a sheet with ten free cells", n)
	}
	for _, want := range []string{`viewBox="0 0 210 297"`, `<rect x="10" y="13.5" width="60" height="60" rx="30"`, `<symbol id="a0"`} {
		if !strings.Contains(picture, want) {
			t.Errorf("the preview lacks %s", want)
		}
	}
	card, err := label.PiecesPicture(label.Piece{Kind: label.Card, Lang: text.FR}, label.Sheet{Width: 80, Height: 60, CellWidth: 80, CellHeight: 60, Columns: 1, Rows: 1}, 1, 1)
	if err != nil || strings.Count(card, "<path") < 3 {
		t.Errorf("a card without artwork shows no words: %v", err)
	}
	if _, err := label.PiecesPicture(label.Piece{Kind: label.Card, Lang: text.FR}, label.Sheet{}, 1, 1); err == nil {
		t.Error("a sheet without measures is shown")
	}
}

// Whatever size a roll or sheet has, a piece stays within its cell.
func TestPiecesStayWithinCellsOfAnySize(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]float64{{30, 20}, {57, 32}, {45, 90}, {100, 150}, {148, 105}} {
		sheet := label.Sheet{Width: size[0] + 10, Height: size[1] + 10, Left: 5, Top: 5, CellWidth: size[0], CellHeight: size[1], PitchX: size[0], PitchY: size[1], Columns: 1, Rows: 1}
		for _, kind := range label.PieceKinds() {
			data, err := label.Pieces(label.Piece{Kind: kind, Lang: text.DE, Art: office(t, "logo-horizontal.svg").Logo, Title: "Ein Geschenk aus Beffroy"}, sheet, 1, 1, printed)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range pdftest.Words(t, data) {
				if w.Left < 5 || w.Top < 3.5 || w.Right > 5+size[0] || w.Bottom > 6.5+size[1] {
					t.Errorf("%s on %v: %q stands at %.1f–%.1f × %.1f–%.1f mm", kind, size, w.Text, w.Left, w.Right, w.Top, w.Bottom)
				}
			}
		}
	}
}
