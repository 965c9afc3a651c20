package photo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"

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
	Store    Store
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
	sum := sha256.Sum256(data)
	staged := catalog.StagedPhoto{SHA256: hex.EncodeToString(sum[:]), Ext: info.Ext, Bytes: int64(len(data))}
	upright, err := l.decode(ctx, data)
	if err != nil {
		return catalog.StagedPhoto{}, err
	}
	staged.Width, staged.Height = upright.Bounds().Dx(), upright.Bounds().Dy()
	return staged, l.Store.Put(ctx, originalName(staged.SHA256, staged.Ext), data)
}

// decode decodes a photograph and turns it upright.
func (l *Library) decode(ctx context.Context, data []byte) (image.Image, error) {
	select {
	case l.decoding <- struct{}{}:
		defer func() { <-l.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	upright, err := imaging.Decode(bytes.NewReader(data), imaging.AutoOrientation(true))
	if err != nil {
		return nil, fault.New(fault.Invalid, "photo_truncated", "the photograph is damaged: send it again").Because(err)
	}
	return upright, nil
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

// Render makes every rendition of an original and stores them, then answers their rows and the
// thumbhash. Made twice, they are the same.
func (l *Library) Render(ctx context.Context, sha string) ([]catalog.RenditionRow, []byte, error) {
	data, err := l.original(ctx, sha)
	if err != nil {
		return nil, nil, fmt.Errorf("original %s: %w", sha, err)
	}
	upright, err := l.decode(ctx, data)
	if err != nil {
		return nil, nil, err
	}
	var rows []catalog.RenditionRow
	var smallest image.Image
	if err := shrink(upright, profileOf(data), func(width int, small *image.NRGBA) error {
		smallest = small
		for _, ext := range formats {
			row, err := l.put(ctx, name{sha, Recipe, width, ext}, small)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	}); err != nil {
		return nil, nil, err
	}
	return rows, thumbhash.EncodeImage(imaging.Fit(smallest, 100, 100, imaging.Box)), nil
}

// errEnough ends a shrinking when what was wanted is made.
var errEnough = errors.New("enough")

// shrink makes a photograph's widths from the widest to the narrowest, each from the one before and
// in sRGB, so that a rendition has the same bytes whenever it is made.
func shrink(upright image.Image, toSRGB *conversion, yield func(width int, small *image.NRGBA) error) error {
	width, height := upright.Bounds().Dx(), upright.Bounds().Dy()
	list := widthsFor(width)
	current := upright
	for i := len(list) - 1; i >= 0; i-- {
		small := imaging.Resize(current, list[i], heightAt(list[i], width, height), imaging.Lanczos)
		if i == len(list)-1 && toSRGB != nil {
			toSRGB.apply(small)
		}
		if err := yield(list[i], small); err != nil {
			return err
		}
		current = small
	}
	return nil
}

// put encodes and stores one rendition.
func (l *Library) put(ctx context.Context, n name, picture *image.NRGBA) (catalog.RenditionRow, error) {
	var b bytes.Buffer
	var err error
	if n.ext == "webp" {
		err = webp.Encode(&b, picture, webp.Options{Quality: 78, Method: 2})
	} else {
		err = jpegli.Encode(&b, onWhite(picture), &jpegli.EncodingOptions{Quality: 80, ChromaSubsampling: image.YCbCrSubsampleRatio420, ProgressiveLevel: 2, OptimizeCoding: true, AdaptiveQuantization: true, DCTMethod: jpegli.DefaultDCTMethod, FancyDownsampling: true})
	}
	if err != nil {
		return catalog.RenditionRow{}, fmt.Errorf("encode %s: %w", n, err)
	}
	sum := sha256.Sum256(b.Bytes())
	row := catalog.RenditionRow{Recipe: n.recipe, Width: n.width, Height: picture.Bounds().Dy(), Ext: n.ext, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(b.Len())}
	return row, l.Store.Put(ctx, n.String(), b.Bytes())
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

// renderOne makes the one rendition that a visitor asks for before the queue has come to it. Only
// names that the recipe makes of an original that is there are made.
func (l *Library) renderOne(ctx context.Context, n name) error {
	if n.recipe != Recipe {
		return fs.ErrNotExist
	}
	data, err := l.original(ctx, n.sha)
	if err != nil {
		return err
	}
	upright, err := l.decode(ctx, data)
	if err != nil {
		return err
	}
	err = shrink(upright, profileOf(data), func(width int, small *image.NRGBA) error {
		if width != n.width {
			return nil
		}
		if _, err := l.put(ctx, n, small); err != nil {
			return err
		}
		return errEnough
	})
	switch {
	case errors.Is(err, errEnough):
		return nil
	case err != nil:
		return err
	}
	return fs.ErrNotExist
}
