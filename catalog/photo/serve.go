package photo

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"boutique/internal/fault"
)

// Serve answers /photos/{name}: immutable, with its right type. A rendition whose file is not
// there yet is made now, and shown though there be no room to keep it; one of an older recipe that was swept away leads to the nearest of today's,
// so that an address once given never dies; any other name is NotFound. Originals are never served.
func (l *Library) Serve(w http.ResponseWriter, r *http.Request, requested string) error {
	n, ok := parseName(requested)
	if !ok {
		return errNoPhoto()
	}
	ctx := r.Context()
	file, err := l.Store.Open(ctx, n.String())
	if errors.Is(err, fs.ErrNotExist) && n.recipe > 0 && n.recipe < Recipe {
		if to, found := l.successor(ctx, n); found {
			w.Header().Set("Cache-Control", "public, max-age=86400")
			http.Redirect(w, r, "/photos/"+to.String(), http.StatusFound)
			return nil
		}
		return errNoPhoto()
	}
	var made []byte
	if errors.Is(err, fs.ErrNotExist) {
		made, err = l.renderOne(ctx, n)
	}
	if errors.Is(err, fs.ErrNotExist) || fault.KindOf(err) == fault.Invalid {
		return errNoPhoto()
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", typeOf(requested))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+n.String()+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	if made != nil {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(made))
		return nil
	}
	defer file.Close()
	http.ServeContent(w, r, "", file.Modified, file)
	return nil
}

// successor is the rendition of today's recipe that comes nearest to an older one.
func (l *Library) successor(ctx context.Context, n name) (name, bool) {
	data, err := l.original(ctx, n.sha)
	if err != nil {
		return name{}, false
	}
	info, err := Inspect(bytes.NewReader(data))
	if err != nil {
		return name{}, false
	}
	if sideways(orientationOf(data)) {
		info.Width = info.Height
	}
	return name{n.sha, Recipe, nearestWidth(n.width, info.Width), n.ext}, true
}

func errNoPhoto() error {
	return fault.New(fault.NotFound, "photo_not_found", "there is no such photograph")
}
