// Package photo is pixels and files: what may come in, how it is turned upright and made small, and
// where it lies.
package photo

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // the kinds that may come in
	_ "image/png"
	"io"
	"slices"

	_ "golang.org/x/image/webp"

	"boutique/internal/fault"
)

// The limits of a photograph that comes in.
const (
	MaxBytes  = 30 << 20
	MaxPixels = 60_000_000
	MaxSide   = 12_000
	MinSide   = 16
)

// Info is what a photograph says of itself before it is decoded.
type Info struct {
	Ext           string
	Width, Height int
}

var kinds = map[string]string{"jpeg": "jpg", "png": "png", "webp": "webp"}

// Inspect reads the head of a file and refuses what is no good photograph, before any pixel is
// decoded: the kind is the one that the bytes tell, never the one of a name.
func Inspect(r io.Reader) (Info, error) {
	config, kind, err := image.DecodeConfig(r)
	if err != nil {
		return Info{}, fault.New(fault.Invalid, "photo_not_an_image", "the file is no photograph: send a JPEG, PNG or WebP").Because(err)
	}
	ext, known := kinds[kind]
	if !known {
		return Info{}, fault.New(fault.Invalid, "photo_kind_refused", "this kind of picture is not taken: send a JPEG, PNG or WebP").With("kind", kind)
	}
	switch {
	case int64(config.Width)*int64(config.Height) > MaxPixels, config.Width > MaxSide, config.Height > MaxSide:
		return Info{}, fault.Newf(fault.Invalid, "photo_too_many_pixels", "the photograph is %d × %d pixels: at most 60 megapixels and 12,000 a side are taken", config.Width, config.Height)
	case config.Width < MinSide || config.Height < MinSide:
		return Info{}, fault.Newf(fault.Invalid, "photo_too_small", "the photograph is only %d × %d pixels", config.Width, config.Height)
	}
	return Info{Ext: ext, Width: config.Width, Height: config.Height}, nil
}

// readAll reads a file within the limit.
func readAll(r io.Reader) ([]byte, error) {
	head := bufio.NewReaderSize(r, 64<<10)
	start, _ := head.Peek(32)
	if !slices.ContainsFunc([][]byte{[]byte("\xff\xd8\xff"), []byte("\x89PNG\r\n\x1a\n"), []byte("RIFF")}, func(magic []byte) bool { return bytes.HasPrefix(start, magic) }) {
		return nil, fault.New(fault.Invalid, "photo_not_an_image", "the file is no photograph: send a JPEG, PNG or WebP")
	}
	data, err := io.ReadAll(io.LimitReader(head, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the photograph: %w", err)
	}
	if len(data) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "photo_too_large", "the file has more than 30 MB")
	}
	return data, nil
}
