package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
)

// conversion takes pixels of a matrix colour space (Display P3, Adobe RGB…) to sRGB. Dropping the
// profile instead would dull the colours of phones' photographs.
type conversion struct {
	linear [3][256]float64
	matrix [3][3]float64
}

// fromD50 takes XYZ at the profile connection space's white (D50) to linear sRGB.
var fromD50 = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// profileOf finds the colour profile of a JPEG; nil for sRGB, for none, and for one that is no
// matrix profile.
func profileOf(jpeg []byte) *conversion {
	icc := profileBytes(jpeg)
	if len(icc) < 132 || string(icc[16:20]) != "RGB " || bytes.Contains(icc, []byte("sRGB IEC61966")) {
		return nil
	}
	tags := map[string][]byte{}
	count := int(binary.BigEndian.Uint32(icc[128:132]))
	for i := range min(count, 64) {
		at := 132 + 12*i
		if at+12 > len(icc) {
			return nil
		}
		offset, size := int(binary.BigEndian.Uint32(icc[at+4:])), int(binary.BigEndian.Uint32(icc[at+8:]))
		if offset < 0 || size < 8 || offset > len(icc) || size > len(icc)-offset {
			continue
		}
		tags[string(icc[at:at+4])] = icc[offset : offset+size]
	}
	c := &conversion{}
	for channel, letter := range []string{"r", "g", "b"} {
		xyz, curve := tags[letter+"XYZ"], tags[letter+"TRC"]
		if len(xyz) < 20 || len(curve) < 12 {
			return nil
		}
		for row := range 3 {
			value := float64(int32(binary.BigEndian.Uint32(xyz[8+4*row:]))) / 65536
			for out := range 3 {
				c.matrix[out][channel] += fromD50[out][row] * value
			}
		}
		if !toneCurve(curve, &c.linear[channel]) {
			return nil
		}
	}
	return c
}

// toneCurve fills the table of a curve: a gamma, sampled points, or a parametric function.
func toneCurve(tag []byte, table *[256]float64) bool {
	fixed := func(at int) float64 { return float64(int32(binary.BigEndian.Uint32(tag[at:]))) / 65536 }
	var f func(float64) float64
	switch string(tag[:4]) {
	case "curv":
		n := int(binary.BigEndian.Uint32(tag[8:]))
		switch {
		case n == 0:
			f = func(x float64) float64 { return x }
		case n == 1 && len(tag) >= 14:
			gamma := float64(binary.BigEndian.Uint16(tag[12:])) / 256
			f = func(x float64) float64 { return math.Pow(x, gamma) }
		case n > 1 && n <= 4096 && len(tag) >= 12+2*n:
			f = func(x float64) float64 {
				at := x * float64(n-1)
				low := min(int(at), n-2)
				a, b := float64(binary.BigEndian.Uint16(tag[12+2*low:])), float64(binary.BigEndian.Uint16(tag[14+2*low:]))
				return (a + (b-a)*(at-float64(low))) / 65535
			}
		}
	case "para":
		kind := binary.BigEndian.Uint16(tag[8:])
		if kind == 0 && len(tag) >= 16 {
			g := fixed(12)
			f = func(x float64) float64 { return math.Pow(x, g) }
		}
		if kind == 3 && len(tag) >= 32 {
			g, a, b, c, d := fixed(12), fixed(16), fixed(20), fixed(24), fixed(28)
			f = func(x float64) float64 {
				if x >= d {
					return math.Pow(a*x+b, g)
				}
				return c * x
			}
		}
	}
	if f == nil {
		return false
	}
	for i := range table {
		table[i] = f(float64(i) / 255)
	}
	return true
}

// profileBytes gathers the profile from a JPEG's APP2 segments.
func profileBytes(jpeg []byte) []byte {
	if len(jpeg) < 4 || jpeg[0] != 0xff || jpeg[1] != 0xd8 {
		return nil
	}
	parts := map[byte][]byte{}
	for at := 2; at+4 <= len(jpeg) && jpeg[at] == 0xff; {
		marker, size := jpeg[at+1], int(binary.BigEndian.Uint16(jpeg[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(jpeg) {
			break
		}
		segment := jpeg[at+4 : at+2+size]
		if marker == 0xe2 && bytes.HasPrefix(segment, []byte("ICC_PROFILE\x00")) && len(segment) > 14 {
			parts[segment[12]] = segment[14:]
		}
		at += 2 + size
	}
	var icc []byte
	for i := byte(1); parts[i] != nil; i++ {
		icc = append(icc, parts[i]...)
	}
	return icc
}

// encoded is the sRGB curve in 4,096 steps.
var encoded = func() (table [4097]uint8) {
	for i := range table {
		x := float64(i) / 4096
		if x <= 0.0031308 {
			x *= 12.92
		} else {
			x = 1.055*math.Pow(x, 1/2.4) - 0.055
		}
		table[i] = uint8(math.Round(x * 255))
	}
	return table
}()

// apply converts a picture in place.
func (c *conversion) apply(picture *image.NRGBA) {
	for i := 0; i+3 < len(picture.Pix); i += 4 {
		r, g, b := c.linear[0][picture.Pix[i]], c.linear[1][picture.Pix[i+1]], c.linear[2][picture.Pix[i+2]]
		for out := range 3 {
			x := c.matrix[out][0]*r + c.matrix[out][1]*g + c.matrix[out][2]*b
			picture.Pix[i+out] = encoded[int(min(1, max(0, x))*4096)]
		}
	}
}
