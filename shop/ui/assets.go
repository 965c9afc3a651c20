// Package ui is what shoppers' and staff's pages share: fonts, tokens, icons, pictures, and the way
// static files are served.
package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
)

//go:embed static
var shared embed.FS

// Assets are static files under addresses that carry their hash: they never change and are kept for
// ever. Text is compressed once.
type Assets struct {
	prefix string
	urls   map[string]string
	files  map[string]asset
}

type asset struct {
	kind     string
	etag     string
	body, gz []byte
}

var reference = regexp.MustCompile(`url\("([^":]+)"\)`)

// NewAssets reads the static files that every page shares and those of more folders, each an
// embedded file system with a folder "static". The order of names decides nothing; a style sheet's
// references to other files are given their hashed addresses.
func NewAssets(prefix string, more ...fs.FS) (*Assets, error) {
	a := &Assets{prefix: prefix, urls: map[string]string{}, files: map[string]asset{}}
	var sheets []string
	raw := map[string][]byte{}
	for _, fsys := range append([]fs.FS{shared}, more...) {
		err := fs.WalkDir(fsys, "static", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			name = strings.TrimPrefix(name, "static/")
			raw[name] = data
			if path.Ext(name) == ".css" {
				sheets = append(sheets, name)
				return nil
			}
			return a.add(name, data)
		})
		if err != nil {
			return nil, fmt.Errorf("static files: %w", err)
		}
	}
	for _, name := range sheets {
		var missing error
		data := reference.ReplaceAllFunc(raw[name], func(m []byte) []byte {
			to, ok := a.urls[string(reference.FindSubmatch(m)[1])]
			if !ok {
				missing = fmt.Errorf("%s refers to %s, which is not there", name, m)
			}
			return []byte(`url("` + to + `")`)
		})
		if missing != nil {
			return nil, missing
		}
		if err := a.add(name, data); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Assets) add(name string, data []byte) error {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:8])
	ext := path.Ext(name)
	url := a.prefix + strings.TrimSuffix(name, ext) + "-" + hash + ext
	kind := mime.TypeByExtension(ext)
	switch ext {
	case ".woff2":
		kind = "font/woff2"
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	}
	one := asset{kind: kind, etag: `"` + hash + `"`, body: data}
	if ext != ".woff2" && len(data) > 400 {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		one.gz = b.Bytes()
	}
	a.urls[name], a.files[url] = url, one
	return nil
}

// URL is the address of a file; it panics for a file that does not exist, which is a mistake of
// the build.
func (a *Assets) URL(name string) string {
	if a == nil {
		return ""
	}
	url, ok := a.urls[name]
	if !ok {
		panic("no static file is called " + name)
	}
	return url
}

// Size is how many bytes a file takes on the wire.
func (a *Assets) Size(name string) int {
	f := a.files[a.urls[name]]
	if f.gz != nil {
		return len(f.gz)
	}
	return len(f.body)
}

// ServeHTTP answers a hashed address.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", f.etag)
	h.Set("Content-Type", f.kind)
	if r.Header.Get("If-None-Match") == f.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.body
	if f.gz != nil {
		h.Set("Vary", "Accept-Encoding")
		if AcceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = f.gz
		}
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// AcceptsGzip tells whether the visitor's program takes gzip.
func AcceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.TrimSpace(weight) != "q=0" {
			return true
		}
	}
	return false
}
