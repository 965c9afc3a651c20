package photo

import (
	"errors"
	"io/fs"
	"net/http"

	"boutique/internal/fault"
)

// Serve answers /photos/{name}: immutable, with its right type. A rendition whose file is not
// there yet is made now; any other name is NotFound. Originals are never served.
func (l *Library) Serve(w http.ResponseWriter, r *http.Request, requested string) error {
	n, ok := parseName(requested)
	if !ok {
		return errNoPhoto()
	}
	ctx := r.Context()
	file, err := l.Store.Open(ctx, n.String())
	if errors.Is(err, fs.ErrNotExist) {
		if err = l.renderOne(ctx, n); err == nil {
			file, err = l.Store.Open(ctx, n.String())
		}
	}
	if errors.Is(err, fs.ErrNotExist) || fault.KindOf(err) == fault.Invalid {
		return errNoPhoto()
	}
	if err != nil {
		return err
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", typeOf(requested))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+n.String()+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", file.Modified, file)
	return nil
}

func errNoPhoto() error {
	return fault.New(fault.NotFound, "photo_not_found", "there is no such photograph")
}
