package photo_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/disintegration/imaging"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/text"
)

func magnet(t testing.TB) *image.NRGBA {
	t.Helper()
	file, err := os.Open("testdata/magnet.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := jpeg.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return imaging.Resize(m, 640, 0, imaging.Lanczos)
}

// scene is a plain ground with a shelf's edge across it, leaning by some degrees.
func scene(degrees float64) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 640, 480))
	slope := math.Tan(degrees * math.Pi / 180)
	for y := range 480 {
		for x := range 640 {
			edge := 240 + slope*float64(x-320)
			inside := min(1, max(0, float64(y)-edge+.5)) * min(1, max(0, edge+60-float64(y)+.5))
			v := uint8(200 - 140*inside)
			m.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	return m
}

func advised(m *image.NRGBA) []string {
	q := photo.Measure(m)
	var codes []string
	for _, a := range (catalog.Photo{Width: 2000, Height: 2000, Quality: &q}).Advice() {
		codes = append(codes, a.Code)
		for _, lang := range []text.Lang{text.FR, text.EN} {
			if said := a.Say(lang); strings.ContainsAny(said, "[{<") || len(said) < 20 {
				codes = append(codes, "unsaid: "+said)
			}
		}
	}
	return codes
}

func TestWhatWouldMakeAPhotographBetterIsSaid(t *testing.T) {
	t.Parallel()
	good := magnet(t)
	noise := imaging.AdjustFunc(good, func(c color.NRGBA) color.NRGBA { return c })
	for i := range noise.Pix {
		if i/4%7 < 3 && (i/4%640 < 60 || i/4%640 > 580) {
			noise.Pix[i] = uint8(i * 31)
		}
	}
	light := imaging.Clone(good)
	for i := range light.Pix {
		if i%4 < 3 {
			light.Pix[i] = uint8(float64(light.Pix[i]) * (.2 + .8*float64(i/4%640)/640))
		}
	}
	for name, c := range map[string]struct {
		picture *image.NRGBA
		want    string
	}{
		"out of focus":         {imaging.Blur(good, 3), "blurred"},
		"in the dark":          {imaging.AdjustFunc(good, func(c color.NRGBA) color.NRGBA { return color.NRGBA{c.R / 4, c.G / 4, c.B / 4, 255} }), "dark"},
		"in the sun":           {imaging.AdjustFunc(good, func(c color.NRGBA) color.NRGBA { return color.NRGBA{200 + c.R/5, 200 + c.G/5, 200 + c.B/5, 255} }), "pale"},
		"in the fog":           {imaging.AdjustContrast(good, -75), "flat"},
		"lit from one side":    {light, "uneven"},
		"on a patterned cloth": {noise, "busy"},
		"leaning right":        {scene(4), "tilted_right"},
		"leaning left":         {scene(-4), "tilted_left"},
	} {
		if got := advised(c.picture); !slices.Contains(got, c.want) {
			t.Errorf("%s: advised is %v, of %+v", name, got, photo.Measure(c.picture))
		}
	}
	if got := advised(good); got != nil {
		t.Errorf("a good photograph is advised %v, of %+v", got, photo.Measure(good))
	}
	if got := advised(scene(0)); slices.Contains(got, "tilted_left") || slices.Contains(got, "tilted_right") {
		t.Errorf("what is level leans: %v", got)
	}
	if list := (catalog.Photo{Width: 800, Height: 600}).Advice(); len(list) != 1 || list[0].Code != "small" || !strings.Contains(list[0].Say(text.FR), "800 × 600") {
		t.Errorf("a small one that is not measured yet: %v", list)
	}
}

func TestTheSamePictureHasTheSameFingerprint(t *testing.T) {
	t.Parallel()
	m := magnet(t)
	bits := func(a, b *image.NRGBA) int {
		n, x, y := 0, photo.Fingerprint(a), photo.Fingerprint(b)
		if len(x) != 115 || len(y) != 115 {
			t.Fatalf("%d and %d bits", len(x), len(y))
		}
		for i := range x {
			if x[i] != y[i] {
				n++
			}
		}
		return n
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, imaging.Resize(m, 320, 0, imaging.Box), &jpeg.Options{Quality: 50}); err != nil {
		t.Fatal(err)
	}
	small, err := imaging.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if d := bits(m, imaging.Clone(small)); d > 8 {
		t.Errorf("smaller and compressed again it differs by %d bits", d)
	}
	if d := bits(m, imaging.AdjustBrightness(m, 10)); d > 20 {
		t.Errorf("lighter it differs by %d bits", d)
	}
	if d := bits(m, scene(2)); d <= 20 {
		t.Errorf("another picture differs by %d bits only", d)
	}
}

func TestEveryWayToHoldACameraIsTurnedUpright(t *testing.T) {
	t.Parallel()
	// The sensor's picture of each orientation whose upright one has its mark in the upper left corner.
	upright := image.NewNRGBA(image.Rect(0, 0, 400, 320))
	for i := range upright.Pix {
		upright.Pix[i] = 255
	}
	for y := range 100 {
		for x := range 100 {
			upright.SetNRGBA(x, y, color.NRGBA{200, 0, 0, 255})
		}
	}
	back := map[byte]func(image.Image) *image.NRGBA{1: imaging.Clone, 2: imaging.FlipH, 3: imaging.Rotate180, 4: imaging.FlipV, 5: imaging.Transpose, 6: imaging.Rotate90, 7: imaging.Transverse, 8: imaging.Rotate270}
	for orientation, turn := range back {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, turn(upright), nil); err != nil {
			t.Fatal(err)
		}
		data := turned(b.Bytes())
		data[bytes.Index(data, []byte{0x01, 0x12, 0x00, 0x03})+9] = orientation
		l := library(t)
		staged, err := l.Stage(t.Context(), "x.jpg", bytes.NewReader(data))
		if err != nil || staged.Width != 400 || staged.Height != 320 {
			t.Errorf("orientation %d: %d × %d, %v", orientation, staged.Width, staged.Height, err)
			continue
		}
		w := get(l, staged.SHA256+"-r2-320.jpg", nil)
		m, err := jpeg.Decode(w.Body)
		if err != nil || w.Code != http.StatusOK {
			t.Errorf("orientation %d: %d %v", orientation, w.Code, err)
			continue
		}
		if r, g, _, _ := m.At(20, 20).RGBA(); r>>8 < 150 || g>>8 > 60 {
			t.Errorf("orientation %d: the corner is %d %d", orientation, r>>8, g>>8)
		}
	}
}

func TestPagesKeepTheOldRenditionsUntilTheNewOnesAreMade(t *testing.T) {
	t.Parallel()
	sha := strings.Repeat("a", 64)
	old := photo.Shown(sha, 1000, 500, "1 640,320 jpg,webp")
	if len(old) != 4 || old[0].URL != "/photos/"+sha+"-r1-320.jpg" || old[0].Height != 160 {
		t.Errorf("%+v", old)
	}
	for _, made := range []string{"", photo.MadeOf(1000), "nonsense"} {
		if list := photo.Shown(sha, 1000, 500, made); len(list) != 6 || !strings.Contains(list[0].URL, "-r2-") {
			t.Errorf("%q: %+v", made, list)
		}
	}
	if !(photo.Renderer{}).Ready(1000, photo.MadeOf(1000)) || (photo.Renderer{}).Ready(1000, "1 640,320 jpg,webp") {
		t.Error("ready is what has all renditions of today's recipe")
	}
}

func TestAnOldAddressLeadsToTheNearestOfToday(t *testing.T) {
	t.Parallel()
	l := library(t)
	staged, err := l.Stage(t.Context(), "x.jpg", bytes.NewReader(picture(700, 500)))
	if err != nil {
		t.Fatal(err)
	}
	w := get(l, staged.SHA256+"-r1-1600.webp", nil)
	if w.Code != http.StatusFound || w.Header().Get("Location") != "/photos/"+staged.SHA256+"-r2-640.webp" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	if w := get(l, strings.Repeat("0", 64)+"-r1-640.webp", nil); w.Code != http.StatusNotFound {
		t.Errorf("of nothing: %d", w.Code)
	}
}
