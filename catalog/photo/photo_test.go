package photo_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	pngpkg "image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/fault"
)

func library(t testing.TB) *photo.Library {
	t.Helper()
	store, err := photo.OpenStore("file://"+t.TempDir(), photo.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	return photo.NewLibrary(store)
}

// bomb is a PNG of a few bytes that claims to be huge.
func bomb(width, height uint32) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	head := make([]byte, 17)
	copy(head, "IHDR")
	binary.BigEndian.PutUint32(head[4:], width)
	binary.BigEndian.PutUint32(head[8:], height)
	head[12], head[13] = 8, 6
	_ = binary.Write(&b, binary.BigEndian, uint32(13))
	b.Write(head)
	_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(head))
	b.WriteString(strings.Repeat("\x00", 100))
	return b.Bytes()
}

func picture(width, height int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.RGBA{uint8(255 * x / width), uint8(255 * y / height), 90, 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, nil)
	return b.Bytes()
}

// turned adds the EXIF mark of a phone that was held upright, and a place, to a JPEG.
func turned(plain []byte) []byte {
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00GPS-PLACE")
	segment := append([]byte{0xff, 0xe1, 0, 0}, exif...)
	binary.BigEndian.PutUint16(segment[2:], uint16(len(exif)+2))
	return append(append(append([]byte{}, plain[:2]...), segment...), plain[2:]...)
}

// endless yields a JPEG's beginning and then zeros for ever.
type endless struct{ head io.Reader }

func (e endless) Read(p []byte) (int, error) {
	if n, err := e.head.Read(p); err == nil {
		return n, nil
	}
	clear(p)
	return len(p), nil
}

func TestWhatIsNoGoodPhotographIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	l := library(t)
	good := picture(400, 300)
	for name, c := range map[string]struct {
		file io.Reader
		code string
	}{
		"a PNG that claims 20,000 × 20,000": {bytes.NewReader(bomb(20000, 20000)), "photo_too_many_pixels"},
		"a PNG one pixel wide":              {bytes.NewReader(bomb(1, 12001)), "photo_too_many_pixels"},
		"a GIF":                             {strings.NewReader("GIF89a\xff\xff\xff\xff\x00\x00\x00;"), "photo_not_an_image"},
		"an SVG":                            {strings.NewReader(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "photo_not_an_image"},
		"a text":                            {strings.NewReader("hello"), "photo_not_an_image"},
		"nothing":                           {strings.NewReader(""), "photo_not_an_image"},
		"a JPEG cut short":                  {bytes.NewReader(good[:len(good)/2]), "photo_truncated"},
		"a hundred megabytes":               {endless{bytes.NewReader(good)}, "photo_too_large"},
		"a postage stamp":                   {bytes.NewReader(picture(10, 10)), "photo_too_small"},
	} {
		_, err := l.Stage(context.Background(), "x.jpg", c.file)
		if f, ok := fault.As(err); !ok || f.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestABombTakesNoMemory(t *testing.T) {
	l := library(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := l.Stage(context.Background(), "x.png", bytes.NewReader(bomb(20000, 20000)))
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; err == nil || taken > 4<<20 {
		t.Errorf("refusing it took %d bytes (%v)", taken, err)
	}
}

func TestAPhonesPhotographIsTurnedUprightAndStripped(t *testing.T) {
	t.Parallel()
	ctx, l := context.Background(), library(t)
	staged, err := l.Stage(ctx, "phone.jpg", bytes.NewReader(turned(picture(800, 600))))
	if err != nil {
		t.Fatal(err)
	}
	if staged.Width != 600 || staged.Height != 800 {
		t.Errorf("upright it is %d × %d", staged.Width, staged.Height)
	}
	done, err := l.Render(ctx, staged.SHA256)
	if err != nil || len(done.Thumbhash) == 0 {
		t.Fatal(err, len(done.Thumbhash))
	}
	for _, r := range done.Renditions {
		if r.Width > r.Height || r.Width > 600 {
			t.Errorf("rendition %+v", r)
		}
	}
	for _, r := range photo.Renditions(staged.SHA256, staged.Width, staged.Height) {
		w := get(l, strings.TrimPrefix(r.URL, "/photos/"), nil)
		if w.Code != http.StatusOK || bytes.Contains(w.Body.Bytes(), []byte("GPS-PLACE")) || bytes.Contains(w.Body.Bytes(), []byte("Exif")) {
			t.Errorf("%s: %d, with its metadata", r.URL, w.Code)
		}
	}
}

func get(l *photo.Library, name string, head http.Header) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/photos/"+name, nil)
	if head != nil {
		r.Header = head
	}
	if err := l.Serve(w, r, name); err != nil {
		w.Code = fault.KindOf(err).Status()
	}
	return w
}

func TestARenditionIsServedImmutableAndMadeOnRequest(t *testing.T) {
	t.Parallel()
	ctx, l := context.Background(), library(t)
	file, err := os.Open("testdata/magnet.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	staged, err := l.Stage(ctx, "magnet.jpg", file)
	if err != nil {
		t.Fatal(err)
	}
	name := staged.SHA256 + "-r2-640.webp"
	first := get(l, name, nil)
	done, err := l.Render(ctx, staged.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range done.Renditions {
		if sum := sha256.Sum256(first.Body.Bytes()); r.Width == 640 && r.Ext == "webp" && r.SHA256 != hex.EncodeToString(sum[:]) {
			t.Error("made on request it has other bytes than made by the queue")
		}
	}
	if first.Code != 200 || first.Header().Get("Content-Type") != "image/webp" || !strings.Contains(first.Header().Get("Cache-Control"), "immutable") {
		t.Fatalf("%d %v", first.Code, first.Header())
	}
	if _, _, err := image.Decode(bytes.NewReader(first.Body.Bytes())); err != nil {
		t.Error(err)
	}
	if again := get(l, name, http.Header{"If-None-Match": {first.Header().Get("ETag")}}); again.Code != http.StatusNotModified {
		t.Errorf("asked again: %d", again.Code)
	}
	for _, wrong := range []string{
		staged.SHA256 + ".jpg", staged.SHA256 + "-r2-641.webp", staged.SHA256 + "-r9-640.webp", strings.Repeat("0", 64) + "-r2-640.webp",
		"../../etc/passwd", staged.SHA256 + "-r2-640.svg",
	} {
		if w := get(l, wrong, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s is answered %d", wrong, w.Code)
		}
	}
}

func TestRenderingTwiceGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	ctx, l := context.Background(), library(t)
	staged, err := l.Stage(ctx, "x.jpg", bytes.NewReader(picture(700, 500)))
	if err != nil {
		t.Fatal(err)
	}
	first, err := l.Render(ctx, staged.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	second, err := l.Render(ctx, staged.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("%+v and %+v", first, second)
	}
	if _, err := l.Render(ctx, strings.Repeat("0", 64)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an unknown original: %v", err)
	}
}

func TestAThumbhashIsATinyPicture(t *testing.T) {
	t.Parallel()
	ctx, l := context.Background(), library(t)
	staged, err := l.Stage(ctx, "x.jpg", bytes.NewReader(picture(400, 300)))
	if err != nil {
		t.Fatal(err)
	}
	done, err := l.Render(ctx, staged.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if address := (photo.Renderer{}).Placeholder(done.Thumbhash); !strings.HasPrefix(address, "data:image/png;base64,") || len(address) > 500 {
		t.Errorf("%d bytes: %.40s", len(address), address)
	}
	if (photo.Renderer{}).Placeholder(nil) != "" {
		t.Error("nothing has a placeholder")
	}
}

func FuzzStage(f *testing.F) {
	f.Add(picture(40, 30))
	f.Add(turned(picture(40, 30)))
	f.Add(bomb(100, 100))
	var png bytes.Buffer
	_ = pngpkg.Encode(&png, image.NewNRGBA(image.Rect(0, 0, 30, 20)))
	f.Add(png.Bytes())
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	l := library(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx := context.Background()
		staged, err := l.Stage(ctx, "x", bytes.NewReader(data))
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Errorf("what is sent is blamed on us: %v", err)
			}
			return
		}
		if staged.Width < photo.MinSide || staged.Height < photo.MinSide {
			t.Errorf("%+v", staged)
		}
		// What was taken in can be rendered, cut and turned.
		if staged.Width*staged.Height > 1<<20 {
			return
		}
		done, err := l.Render(ctx, staged.SHA256)
		if err != nil || len(done.Renditions) == 0 || len(done.Fingerprint) != 115 {
			t.Errorf("%+v %v", done, err)
		}
		half := catalog.Edit{Turn: 270, Width: 5000, Height: catalog.Whole}
		if cut, err := l.Derive(ctx, catalog.Original{SHA256: staged.SHA256, Ext: staged.Ext, Width: staged.Width, Height: staged.Height}, half); err != nil || cut.Height != staged.Width {
			t.Errorf("%+v %v", cut, err)
		}
	})
}

// photographed is a picture with as much to see as a photograph has: shapes, edges and grain.
func photographed(width, height int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	grain := uint32(1)
	for y := range height {
		for x := range width {
			grain = grain*1664525 + 1013904223
			n := int(grain >> 28)
			v := 150 + 40*((x/97+y/131)%3) + n
			m.Set(x, y, color.RGBA{uint8(min(255, v)), uint8(min(255, v*y/height+n)), uint8(90 + 60*x/width + n), 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: 92})
	return turned(b.Bytes())
}

// BenchmarkTwelveMegapixelsToAllRenditions renders what a phone made, and reports the size of all
// renditions, and the most memory that the process held, with what its libraries hold in all.
func BenchmarkTwelveMegapixelsToAllRenditions(b *testing.B) {
	l := library(b)
	staged, err := l.Stage(context.Background(), "x.jpg", bytes.NewReader(photographed(4032, 3024)))
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	debug.FreeOSMemory()
	// The kernel's mark of the most memory is put back to what is held now.
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
		b.Log(err)
	}
	for b.Loop() {
		done, err := l.Render(context.Background(), staged.SHA256)
		if err != nil {
			b.Fatal(err)
		}
		var all int64
		for _, r := range done.Renditions {
			all += r.Bytes
			if r.Width == 1600 || r.Width == 640 {
				b.ReportMetric(float64(r.Bytes)/1024, fmt.Sprintf("KB-%d-%s", r.Width, r.Ext))
			}
		}
		b.ReportMetric(float64(all)/1024, "KB/photo")
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kb); err == nil {
			b.ReportMetric(kb/1024, "peak-MiB")
		}
	}
}
