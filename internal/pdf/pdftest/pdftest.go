// Package pdftest reads PDFs back for tests: the places of words, pages as pictures, barcodes. It
// calls Debian's poppler-utils and qpdf, and fails the test when they are missing.
package pdftest

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// Word is one word with its box, in millimetres from the top left corner of its page.
type Word struct {
	Page                     int
	Text                     string
	Left, Top, Right, Bottom float64
}

const mmPerPoint = 25.4 / 72

var keep = flag.String("pdf.keep", "", "a folder to keep the documents that tests draw, to look at them")

// Keep writes the document into the folder that the flag -pdf.keep names, if it does.
func Keep(t testing.TB, data []byte) {
	t.Helper()
	if *keep == "" {
		return
	}
	name := strings.NewReplacer("/", "_", " ", "_").Replace(t.Name())
	if err := os.WriteFile(filepath.Join(*keep, name+".pdf"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "document.pdf")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func run(t testing.TB, program string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("%s is not installed: install poppler-utils and qpdf", program)
	}
	var out, diagnostics bytes.Buffer
	command := exec.Command(program, args...)
	command.Stdout, command.Stderr = &out, &diagnostics
	if err := command.Run(); err != nil || strings.Contains(diagnostics.String(), "Error") {
		t.Fatalf("%s: %v\n%s%s", program, err, out.String(), diagnostics.String())
	}
	return out.Bytes()
}

// Words lists all words of the document, page by page.
func Words(t testing.TB, data []byte) []Word {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(run(t, "pdftotext", "-bbox", write(t, data), "-")))
	decoder.Strict = false
	decoder.Entity = xml.HTMLEntity
	var words []Word
	page := 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return words
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "page":
			page++
		case "word":
			w := Word{Page: page}
			for _, a := range start.Attr {
				var v float64
				fmt.Sscan(a.Value, &v)
				switch a.Name.Local {
				case "xMin":
					w.Left = v * mmPerPoint
				case "yMin":
					w.Top = v * mmPerPoint
				case "xMax":
					w.Right = v * mmPerPoint
				case "yMax":
					w.Bottom = v * mmPerPoint
				}
			}
			if err := decoder.DecodeElement(&w.Text, &start); err != nil {
				t.Fatal(err)
			}
			words = append(words, w)
		}
	}
}

// Text is everything that the document says, in the order of its layout.
func Text(t testing.TB, data []byte) string {
	t.Helper()
	return string(run(t, "pdftotext", "-layout", write(t, data), "-"))
}

// Check proves that the file is whole (qpdf) and that each of its fonts is embedded as a subset.
func Check(t testing.TB, data []byte) {
	t.Helper()
	name := write(t, data)
	run(t, "qpdf", "--check", name)
	lines := strings.Split(strings.TrimSpace(string(run(t, "pdffonts", name))), "\n")
	for _, line := range lines[min(2, len(lines)):] {
		fields := strings.Fields(line)
		// name type encoding emb sub uni object ID: read from the right, names may hold spaces
		if len(fields) < 6 || fields[len(fields)-5] != "yes" {
			t.Errorf("a font is not embedded: %s", line)
		}
		if fields[len(fields)-3] != "yes" {
			t.Errorf("a font's text can't be copied (no ToUnicode): %s", line)
		}
	}
}

// Render paints a page at a resolution.
func Render(t testing.TB, data []byte, page, dpi int) image.Image {
	t.Helper()
	number := fmt.Sprint(page)
	out := run(t, "pdftoppm", "-r", fmt.Sprint(dpi), "-f", number, "-l", number, "-png", write(t, data))
	picture, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// Crop cuts a box in millimetres out of a page rendered at dpi.
func Crop(picture image.Image, dpi int, left, top, width, height float64) image.Image {
	px := func(mm float64) int { return int(mm / 25.4 * float64(dpi)) }
	box := image.Rect(px(left), px(top), px(left+width), px(top+height)).Intersect(picture.Bounds())
	part := image.NewRGBA(image.Rect(0, 0, box.Dx(), box.Dy()))
	draw.Draw(part, part.Bounds(), picture, box.Min, draw.Src)
	return part
}

// Code128, EAN13 and QR read the code in a picture.
func Code128(t testing.TB, picture image.Image) string {
	t.Helper()
	return decode(t, oned.NewCode128Reader(), picture)
}

// EAN13 reads an article number.
func EAN13(t testing.TB, picture image.Image) string {
	t.Helper()
	return decode(t, oned.NewEAN13Reader(), picture)
}

// QR reads a QR code.
func QR(t testing.TB, picture image.Image) string {
	t.Helper()
	return decode(t, qrcode.NewQRCodeReader(), picture)
}

func decode(t testing.TB, reader gozxing.Reader, picture image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	result, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatalf("no code was read in the picture: %v", err)
	}
	return result.GetText()
}
