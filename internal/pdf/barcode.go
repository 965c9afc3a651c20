package pdf

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/ean"
	"github.com/boombuler/barcode/qr"
)

// Code128 draws an ASCII text as bars that fill the box. The caller leaves ten modules of white at
// both ends (ISO/IEC 15417); QuietZone tells how much that is.
func (d *Document) Code128(x, y, width, height float64, content string) {
	code, err := code128.Encode(content)
	if err != nil {
		d.fail(fmt.Errorf("Code 128 of %q: %w", content, err))
		return
	}
	d.modules(x, y, width, height, code)
}

// QuietZone is the white that a Code 128 of this content and width needs at each end.
func QuietZone(content string, width float64) float64 {
	code, err := code128.Encode(content)
	if err != nil {
		return 0
	}
	return 10 * width / float64(code.Bounds().Dx())
}

// EAN13 draws a 13-digit article number (12 digits get their check digit) as bars that fill the
// box, without figures. It fails on a wrong check digit.
func (d *Document) EAN13(x, y, width, height float64, digits string) {
	code, err := ean.Encode(digits)
	if err != nil || len(digits) < 12 {
		d.fail(fmt.Errorf("EAN-13 of %q: it needs 13 digits, the last one being the check digit", digits))
		return
	}
	d.modules(x, y, width, height, code)
}

// QR draws a text as a square QR code of error correction level M. The caller leaves four modules
// of white around it (ISO/IEC 18004).
func (d *Document) QR(x, y, size float64, content string) {
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		d.fail(fmt.Errorf("QR code of %d bytes: %w", len(content), err))
		return
	}
	d.modules(x, y, size, size, code)
}

// modules fills the dark modules of a code as one path, so that no hairline shows between
// neighbours.
func (d *Document) modules(x, y, width, height float64, code barcode.Barcode) {
	d.traceModules(x, y, width, height, code)
	bounds := code.Bounds()
	unitX, unitY := width/float64(bounds.Dx()), height/float64(bounds.Dy())
	var path strings.Builder
	path.WriteString("q 0 g ")
	for row := range bounds.Dy() {
		for col := 0; col < bounds.Dx(); {
			end := col
			for end < bounds.Dx() && dark(code, bounds.Min.X+end, bounds.Min.Y+row) {
				end++
			}
			if end > col {
				left, bottom := d.points(x+float64(col)*unitX, y+float64(row+1)*unitY)
				path.WriteString(num(left) + " " + num(bottom) + " " + num(float64(end-col)*unitX/mmPerPoint) + " " + num(unitY/mmPerPoint) + " re ")
			}
			col = end + 1
		}
	}
	path.WriteString("f Q")
	d.f.RawWriteStr(path.String())
}

func dark(code barcode.Barcode, x, y int) bool {
	r, _, _, _ := code.At(x, y).RGBA()
	return r < 0x8000
}
