package photo

import (
	"image"
	"math"
	"slices"
	"strings"

	"github.com/disintegration/imaging"

	"boutique/catalog"
)

// MeasureRecipe is the version of how pictures are measured. A new one measures every picture anew.
const MeasureRecipe = 1

// plane is a grey picture.
type plane struct {
	width, height int
	pix           []float64
}

// greyOf takes a picture's brightness, with transparent parts on white.
func greyOf(picture *image.NRGBA) plane {
	b := picture.Bounds()
	g := plane{b.Dx(), b.Dy(), make([]float64, b.Dx()*b.Dy())}
	for i := range g.pix {
		p := picture.Pix[i/g.width*picture.Stride+i%g.width*4:]
		y := 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2])
		a := float64(p[3]) / 255
		g.pix[i] = y*a + 255*(1-a)
	}
	return g
}

func (g plane) at(x, y int) float64 { return g.pix[y*g.width+x] }

// gradient is the steepness at an inner point, by Sobel.
func (g plane) gradient(x, y int) (gx, gy float64) {
	a, b, c := g.at(x-1, y-1), g.at(x, y-1), g.at(x+1, y-1)
	d, f := g.at(x-1, y), g.at(x+1, y)
	h, i, j := g.at(x-1, y+1), g.at(x, y+1), g.at(x+1, y+1)
	return (c + 2*f + j - a - 2*d - h) / 8, (h + 2*i + j - a - 2*b - c) / 8
}

// Measure measures a picture by its widest rendition.
func Measure(widest *image.NRGBA) catalog.Quality {
	q := catalog.Quality{Recipe: MeasureRecipe}
	grey := greyOf(widest)
	q.Sharpness = sharpness(grey)
	small := widest
	if widest.Bounds().Dx() > 480 || widest.Bounds().Dy() > 480 {
		small = imaging.Fit(widest, 480, 480, imaging.Box)
	}
	grey = greyOf(small)
	q.Dark, q.Middle, q.Bright = exposure(grey)
	q.GroundSpread, q.GroundDetail = ground(grey)
	q.Tilt = tilt(grey)
	return q
}

// sharpness compares how fast the steepness changes with the steepness itself, at the steepest
// fiftieth of the picture: an edge one pixel wide answers about 100, one that is blurred over n pixels
// about 100/n, whatever the picture shows.
func sharpness(g plane) int {
	type edge struct{ steep, change float64 }
	var edges []edge
	for y := 1; y < g.height-1; y++ {
		for x := 1; x < g.width-1; x++ {
			gx, gy := g.gradient(x, y)
			steep := math.Hypot(gx, gy)
			if steep < 4 { // noise
				continue
			}
			change := math.Abs(4*g.at(x, y) - g.at(x-1, y) - g.at(x+1, y) - g.at(x, y-1) - g.at(x, y+1))
			edges = append(edges, edge{steep, change})
		}
	}
	most := max(200, g.width*g.height/50)
	if len(edges) < 50 {
		return 0
	}
	if len(edges) > most {
		slices.SortFunc(edges, func(a, b edge) int { return int(math.Copysign(1, b.steep-a.steep)) })
		edges = edges[:most]
	}
	var steep, change float64
	for _, e := range edges {
		steep += e.steep
		change += e.change
	}
	return int(math.Round(min(100, 100*change/steep/2)))
}

// exposure is the brightness below which a twentieth, half, and all but a twentieth of it lie.
func exposure(g plane) (dark, middle, bright int) {
	var histogram [256]int
	for _, v := range g.pix {
		histogram[int(min(255, max(0, v)))]++
	}
	below := func(part float64) int {
		sum := 0
		for v, n := range histogram {
			if sum += n; float64(sum) >= part*float64(len(g.pix)) {
				return v
			}
		}
		return 255
	}
	return below(.05), below(.5), below(.95)
}

// ground looks along the edge of the picture, where the ground is: how much the brightness of its
// twelve parts differs, and how much detail there is.
func ground(g plane) (spread, detail int) {
	band := max(2, min(g.width, g.height)/16)
	var sums, counts [12]float64
	var steep, seen float64
	for y := 1; y < g.height-1; y++ {
		for x := 1; x < g.width-1; x++ {
			top, bottom, left, right := y < band, y >= g.height-band, x < band, x >= g.width-band
			if !top && !bottom && !left && !right {
				continue
			}
			part := 0
			switch {
			case top:
				part = 3 * x / g.width
			case bottom:
				part = 3 + 3*x/g.width
			case left:
				part = 6 + 3*y/g.height
			default:
				part = 9 + 3*y/g.height
			}
			sums[part] += g.at(x, y)
			counts[part]++
			gx, gy := g.gradient(x, y)
			steep += math.Hypot(gx, gy)
			seen++
		}
	}
	low, high := 255.0, 0.0
	for i := range sums {
		if counts[i] > 0 {
			low, high = min(low, sums[i]/counts[i]), max(high, sums[i]/counts[i])
		}
	}
	if seen == 0 {
		return 0, 0
	}
	return int(max(0, high-low)), int(math.Round(steep / seen))
}

// How far lines may lie off the level to be taken for level ones, and in what steps they are counted.
const (
	mostOff  = 12.0
	tiltStep = 0.5
)

// tilt finds by how much the long lines that are nearly level or upright lie off, in tenths of a
// degree, clockwise; nil when no direction stands out.
func tilt(g plane) *int {
	bins := make([]float64, int(2*mostOff/tiltStep)+1)
	var all float64
	for y := 2; y < g.height-2; y++ {
		for x := 2; x < g.width-2; x++ {
			gx, gy := g.gradient(x, y)
			steep := math.Hypot(gx, gy)
			if steep < 8 {
				continue
			}
			all += steep
			off := math.Mod(math.Atan2(gy, gx)*180/math.Pi+360+45, 90) - 45
			if math.Abs(off) <= mostOff {
				bins[int(math.Round((off+mostOff)/tiltStep))] += steep
			}
		}
	}
	best, sum := 0, 0.0
	around := func(i int) float64 {
		var s float64
		for j := max(0, i-2); j <= min(len(bins)-1, i+2); j++ {
			s += bins[j]
		}
		return s
	}
	for i, v := range bins {
		sum += v
		if around(i) > around(best) {
			best = i
		}
	}
	// One direction must stand out of what is nearly level, and be a good part of all there is: the
	// sides of a bottle and the curve of a cup do not.
	if sum == 0 || around(best) < .35*sum || around(best) < .2*all || best < 2 || best > len(bins)-3 {
		return nil
	}
	var weighted, weight float64
	for j := best - 2; j <= best+2; j++ {
		weighted += bins[j] * (float64(j)*tiltStep - mostOff)
		weight += bins[j]
	}
	tenths := int(math.Round(10 * weighted / weight))
	return &tenths
}

// The fingerprint of a picture: a cosine transform of its 64 × 64 grey copy, and of it the 115 lowest
// frequencies, each above or below their median. The same picture, smaller, lighter or compressed
// again, differs by a few bits; two articles on the same plain ground by 30 and more.
const (
	printSide  = 64
	printReach = 12
	printSum   = 15
	printBits  = 115
)

var cosines = func() (table [printReach][printSide]float64) {
	for u := range table {
		for x := range table[u] {
			table[u][x] = math.Cos(math.Pi * float64(u) * (2*float64(x) + 1) / (2 * printSide))
		}
	}
	return table
}()

// Fingerprint writes the 115 bits as 0 and 1.
func Fingerprint(picture *image.NRGBA) string {
	g := greyOf(imaging.Resize(picture, printSide, printSide, imaging.Box))
	var rows [printReach][printSide]float64
	for y := range printSide {
		for u := range printReach {
			for x := range printSide {
				rows[u][y] += g.at(x, y) * cosines[u][x]
			}
		}
	}
	var values []float64
	for u := range printReach {
		for w := range printReach {
			if u+w == 0 || u+w > printSum {
				continue
			}
			var v float64
			for y := range printSide {
				v += rows[u][y] * cosines[w][y]
			}
			values = append(values, v)
		}
	}
	values = values[:printBits]
	sorted := slices.Sorted(slices.Values(values))
	median := sorted[len(sorted)/2]
	var b strings.Builder
	for _, v := range values {
		if v > median {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}
