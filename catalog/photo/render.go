package photo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"slices"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegli"
	"github.com/gen2brain/webp"
	"go.n16f.net/thumbhash"

	"boutique/catalog"
	"boutique/internal/fault"
)

// Library takes photographs in, renders them and serves them. One photograph is decoded at a time:
// a large one takes a few hundred megabytes.
type Library struct {
	Store Store
	// Apart is the process that Render works in; without one it works in this.
	Apart    *Process
	decoding chan struct{}
}

// NewLibrary makes a library over a store.
func NewLibrary(store Store) *Library {
	return &Library{Store: store, decoding: make(chan struct{}, 1)}
}

var _ catalog.PhotoIntake = (*Library)(nil)

// Stage checks a photograph within the limits, decodes it once to know that it is whole, and stores
// the original under its SHA-256.
func (l *Library) Stage(ctx context.Context, _ string, r io.Reader) (catalog.StagedPhoto, error) {
	data, err := readAll(r)
	if err != nil {
		return catalog.StagedPhoto{}, err
	}
	info, err := Inspect(bytes.NewReader(data))
	if err != nil {
		return catalog.StagedPhoto{}, err
	}
	if _, err := l.decode(ctx, data); err != nil {
		return catalog.StagedPhoto{}, err
	}
	if sideways(orientationOf(data)) {
		info.Width, info.Height = info.Height, info.Width
	}
	return l.keep(ctx, info, data)
}

// keep stores an original under its SHA-256.
func (l *Library) keep(ctx context.Context, info Info, data []byte) (catalog.StagedPhoto, error) {
	sum := sha256.Sum256(data)
	staged := catalog.StagedPhoto{SHA256: hex.EncodeToString(sum[:]), Ext: info.Ext, Width: info.Width, Height: info.Height, Bytes: int64(len(data))}
	return staged, l.Store.Put(ctx, originalName(staged.SHA256, staged.Ext), data)
}

// decode decodes a photograph, not yet turned upright.
func (l *Library) decode(ctx context.Context, data []byte) (image.Image, error) {
	select {
	case l.decoding <- struct{}{}:
		defer func() { <-l.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return decoded(data)
}

func decoded(data []byte) (image.Image, error) {
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fault.New(fault.Invalid, "photo_truncated", "the photograph is damaged: send it again").Because(err)
	}
	return picture, nil
}

// The quality of a picture that is cut from an original: nothing of it is to be seen.
const cutQuality = 95

// Derive cuts and turns a stored original into a new one, in sRGB, and stores that.
func (l *Library) Derive(ctx context.Context, source catalog.Original, edit catalog.Edit) (catalog.StagedPhoto, error) {
	data, err := l.original(ctx, source.SHA256)
	if err != nil {
		return catalog.StagedPhoto{}, fmt.Errorf("original %s: %w", source.SHA256, err)
	}
	decoded, err := l.decode(ctx, data)
	if err != nil {
		return catalog.StagedPhoto{}, err
	}
	picture := upright(decoded, orientationOf(data))
	switch edit.Turn {
	case 90:
		picture = imaging.Rotate270(picture)
	case 180:
		picture = imaging.Rotate180(picture)
	case 270:
		picture = imaging.Rotate90(picture)
	}
	x, y, w, h := edit.Pixels(picture.Bounds().Dx(), picture.Bounds().Dy())
	origin := picture.Bounds().Min
	cut := imaging.Crop(picture, image.Rect(x, y, x+w, y+h).Add(origin))
	if toSRGB := profileOf(data); toSRGB != nil {
		toSRGB.apply(cut)
	}
	info := Info{Ext: "jpg", Width: cut.Bounds().Dx(), Height: cut.Bounds().Dy()}
	var b bytes.Buffer
	if cut.Opaque() {
		err = jpeg.Encode(&b, cut, &jpeg.Options{Quality: cutQuality})
	} else {
		info.Ext = "png"
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, cut)
	}
	if err != nil {
		return catalog.StagedPhoto{}, err
	}
	if b.Len() > MaxBytes {
		return catalog.StagedPhoto{}, fault.New(fault.TooLarge, "photo_too_large", "the file has more than 30 MB")
	}
	return l.keep(ctx, info, b.Bytes())
}

// original reads an original whose format is not known.
func (l *Library) original(ctx context.Context, sha string) ([]byte, error) {
	for _, ext := range []string{"jpg", "png", "webp"} {
		file, err := l.Store.Open(ctx, originalName(sha, ext))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return io.ReadAll(io.LimitReader(file, MaxBytes+1))
	}
	return nil, fs.ErrNotExist
}

// Render makes every rendition of an original, measures it and stores them. Made twice, they are the
// same.
func (l *Library) Render(ctx context.Context, sha string) (catalog.Rendered, error) {
	data, err := l.original(ctx, sha)
	if err != nil {
		return catalog.Rendered{}, fmt.Errorf("original %s: %w", sha, err)
	}
	var made rendered
	if l.Apart != nil {
		made, err = l.Apart.render(ctx, wanted{sha, data})
	} else if picture, failed := l.decode(ctx, data); failed != nil {
		err = failed
	} else {
		made, err = render(sha, data, picture)
	}
	if err != nil {
		return catalog.Rendered{}, fmt.Errorf("render %s: %w", sha, err)
	}
	for _, file := range made.Files {
		if err := l.Store.Put(ctx, file.Name, file.Data); err != nil {
			return catalog.Rendered{}, err
		}
	}
	return made.Done, nil
}

// rendered is what was made of an original, with the files that are to be stored.
type rendered struct {
	Done  catalog.Rendered
	Files []renderedFile
}

type renderedFile struct {
	Name string
	Data []byte
}

// render makes every rendition of an original that is decoded.
func render(sha string, original []byte, picture image.Image) (rendered, error) {
	var made rendered
	var smallest *image.NRGBA
	width, err := shrink(original, picture, func(width int, small *image.NRGBA) error {
		if smallest == nil {
			made.Done.Quality = Measure(small)
		}
		smallest = small
		for _, ext := range formats {
			n := name{sha, Recipe, width, ext}
			data, err := encode(n, small)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(data)
			made.Done.Renditions = append(made.Done.Renditions, catalog.RenditionRow{Recipe: n.recipe, Width: n.width, Height: small.Bounds().Dy(), Ext: n.ext, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(data))})
			made.Files = append(made.Files, renderedFile{n.String(), data})
		}
		return nil
	})
	if err != nil {
		return rendered{}, err
	}
	made.Done.Made = MadeOf(width)
	made.Done.Fingerprint = Fingerprint(smallest)
	made.Done.Thumbhash = thumbhash.EncodeImage(imaging.Fit(smallest, 100, 100, imaging.Box))
	return made, nil
}

// shrink makes an original's widths from the widest to the narrowest, each from the one before,
// upright and in sRGB, so that a rendition has the same bytes whenever it is made. The original is
// turned when it is small already, which takes a third of the memory. It answers the original's width.
func shrink(original []byte, picture image.Image, yield func(width int, small *image.NRGBA) error) (int, error) {
	orientation := orientationOf(original)
	width, height := picture.Bounds().Dx(), picture.Bounds().Dy()
	if sideways(orientation) {
		width, height = height, width
	}
	list := widthsFor(width)
	slices.Reverse(list)
	var current *image.NRGBA
	for i, w := range list {
		h := heightAt(w, width, height)
		if i > 0 {
			current = imaging.Resize(current, w, h, imaging.Lanczos)
		} else {
			if sideways(orientation) {
				current = imaging.Resize(picture, h, w, imaging.Lanczos)
			} else {
				current = imaging.Resize(picture, w, h, imaging.Lanczos)
			}
			picture = nil
			if turned, ok := upright(current, orientation).(*image.NRGBA); ok {
				current = turned
			}
			if toSRGB := profileOf(original); toSRGB != nil {
				toSRGB.apply(current)
			}
		}
		if err := yield(w, current); err != nil {
			return width, err
		}
	}
	return width, nil
}

// encode encodes one rendition.
func encode(n name, picture *image.NRGBA) ([]byte, error) {
	var b bytes.Buffer
	var err error
	if n.ext == "webp" {
		err = webp.Encode(&b, picture, webp.Options{Quality: 78, Method: 2})
	} else {
		err = jpegli.Encode(&b, onWhite(picture), &jpegli.EncodingOptions{Quality: 80, ChromaSubsampling: image.YCbCrSubsampleRatio420, ProgressiveLevel: 2, OptimizeCoding: true, AdaptiveQuantization: true, DCTMethod: jpegli.DefaultDCTMethod, FancyDownsampling: true})
	}
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", n, err)
	}
	return b.Bytes(), nil
}

// onWhite puts a picture with transparent parts on white, for a format that has none.
func onWhite(picture *image.NRGBA) *image.NRGBA {
	if picture.Opaque() {
		return picture
	}
	out := image.NewNRGBA(picture.Bounds())
	for i := 0; i < len(picture.Pix); i += 4 {
		a := uint32(picture.Pix[i+3])
		for c := range 3 {
			out.Pix[i+c] = uint8((uint32(picture.Pix[i+c])*a + 255*(255-a)) / 255)
		}
		out.Pix[i+3] = 255
	}
	return out
}

// errEnough ends a shrinking when what was wanted is made.
var errEnough = errors.New("enough")

// renderOne makes the one rendition that a visitor asks for before the queue has come to it. Only
// names that the recipe makes of an original that is there are made. One that the store cannot keep is made all
// the same, and anew each time.
func (l *Library) renderOne(ctx context.Context, n name) (made []byte, err error) {
	if n.recipe != Recipe {
		return nil, fs.ErrNotExist
	}
	original, err := l.original(ctx, n.sha)
	if err != nil {
		return nil, fmt.Errorf("original %s: %w", n.sha, err)
	}
	picture, err := l.decode(ctx, original)
	if err != nil {
		return nil, err
	}
	_, err = shrink(original, picture, func(width int, small *image.NRGBA) error {
		if width != n.width {
			return nil
		}
		if made, err = encode(n, small); err != nil {
			return err
		}
		if err := l.Store.Put(ctx, n.String(), made); err != nil && fault.KindOf(err) != fault.Unavailable {
			return err
		}
		return errEnough
	})
	switch {
	case errors.Is(err, errEnough):
		return made, nil
	case err != nil:
		return nil, err
	}
	return nil, fs.ErrNotExist
}
