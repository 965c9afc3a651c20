package photo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"boutique/internal/fault"
)

// Store keeps files by name: a folder or a bucket. A name is written once and whole.
type Store interface {
	Put(ctx context.Context, name string, data []byte) error
	// Open reads a file; fs.ErrNotExist when there is none.
	Open(ctx context.Context, name string) (File, error)
	Delete(ctx context.Context, name string) error
	// List yields every file.
	List(ctx context.Context, yield func(Found) error) error
}

// Found is a file that lies in a store. Making tells that it is not whole yet: a writer is at it, or
// died over it.
type Found struct {
	Name     string
	Modified time.Time
	Making   bool
}

// File is an open file of a store.
type File struct {
	io.ReadSeekCloser
	Size     int64
	Modified time.Time
}

// Keys are the keys of an S3 account.
type Keys struct{ ID, Secret string }

// OpenStore opens the store that an address names: file:///folder, or
// s3://bucket/prefix?endpoint=host:port&region=…&insecure=1.
func OpenStore(address string, keys Keys) (Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("PHOTOS_URL must be file:///folder or s3://bucket?endpoint=…: %w", err)
	}
	switch u.Scheme {
	case "file":
		if err := os.MkdirAll(u.Path, 0o755); err != nil {
			return nil, fmt.Errorf("PHOTOS_URL must name a folder that can be written: %w", err)
		}
		root, err := os.OpenRoot(u.Path)
		if err != nil {
			return nil, fmt.Errorf("PHOTOS_URL must name a folder that can be read: %w", err)
		}
		return folder{root}, nil
	case "s3":
		q := u.Query()
		client, err := minio.New(q.Get("endpoint"), &minio.Options{Creds: credentials.NewStaticV4(keys.ID, keys.Secret, ""), Secure: q.Get("insecure") == "", Region: q.Get("region")})
		if err != nil {
			return nil, fmt.Errorf("PHOTOS_URL must name an S3 endpoint: %w", err)
		}
		return bucket{client, u.Host, strings.Trim(u.Path, "/")}, nil
	}
	return nil, errors.New("PHOTOS_URL must be file:///folder or s3://bucket?endpoint=…")
}

// folder keeps files on disk, fanned out by the first letters of their names.
type folder struct{ root *os.Root }

func fanned(name string) string {
	if len(name) < 4 {
		return name
	}
	return path.Join(name[:2], name[2:4], name)
}

// Put writes beside the place, flushes, renames there and flushes the folder: after a crash the file
// is there whole or not at all. A file that is there already is written anew, so that it counts as
// young to whoever sweeps. A disk that is full, or cannot be written, is Unavailable, and leaves nothing behind.
func (f folder) Put(ctx context.Context, name string, data []byte) error {
	err := f.put(name, data)
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG):
		return fault.New(fault.Unavailable, "photo_store_full", "there is no room for the photograph: nothing was changed, make room where photographs are kept and try again").Because(err)
	case errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EIO):
		return closed(err)
	}
	return err
}

// closed is a store that is there and takes nothing, or is not there.
func closed(err error) error {
	return fault.New(fault.Unavailable, "photo_store_closed", "the place where photographs are kept cannot be reached or written: nothing was changed, try again when it can").Because(err)
}

func (f folder) put(name string, data []byte) error {
	at := fanned(name)
	dir := path.Dir(at)
	if err := f.root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	making := at + "." + rand.Text() + makingEnd
	file, err := f.root.OpenFile(making, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = f.root.Rename(making, at)
	}
	if err != nil {
		_ = f.root.Remove(making)
		return err
	}
	parent, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer parent.Close()
	return parent.Sync()
}

func (f folder) Open(_ context.Context, name string) (File, error) {
	file, err := f.root.Open(fanned(name))
	if err != nil {
		return File{}, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return File{}, err
	}
	return File{file, info.Size(), info.ModTime()}, nil
}

// makingEnd ends the name of a file that is not whole yet.
const makingEnd = ".tmp"

func (f folder) Delete(_ context.Context, name string) error {
	err := f.root.Remove(fanned(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f folder) List(ctx context.Context, yield func(Found) error) error {
	return fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) { // renamed or swept meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		return yield(Found{path.Base(name), info.ModTime(), strings.HasSuffix(name, makingEnd)})
	})
}

// bucket keeps files in an S3-compatible store.
type bucket struct {
	client *minio.Client
	name   string
	prefix string
}

func (b bucket) key(name string) string { return path.Join(b.prefix, name) }

// putWithin is how long a bucket may take over one file before it counts as not there.
const putWithin = time.Minute

func (b bucket) Put(ctx context.Context, name string, data []byte) error {
	putting, done := context.WithTimeout(ctx, putWithin)
	defer done()
	_, err := b.client.PutObject(putting, b.name, b.key(name), bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{ContentType: typeOf(name)})
	return away(ctx, err)
}

// away makes a bucket that does not answer, or refuses, Unavailable: its broken connection is no visitor who left.
func away(ctx context.Context, err error) error {
	if err == nil || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	return closed(err)
}

func (b bucket) Open(ctx context.Context, name string) (File, error) {
	object, err := b.client.GetObject(ctx, b.name, b.key(name), minio.GetObjectOptions{})
	if err != nil {
		return File{}, err
	}
	info, err := object.Stat()
	if err != nil {
		object.Close()
		if minio.ToErrorResponse(err).StatusCode == 404 {
			return File{}, fs.ErrNotExist
		}
		return File{}, away(ctx, err)
	}
	return File{object, info.Size, info.LastModified}, nil
}

func (b bucket) Delete(ctx context.Context, name string) error {
	return b.client.RemoveObject(ctx, b.name, b.key(name), minio.RemoveObjectOptions{})
}

func (b bucket) List(ctx context.Context, yield func(Found) error) error {
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		if err := yield(Found{Name: path.Base(o.Key), Modified: o.LastModified}); err != nil {
			return err
		}
	}
	return nil
}

func typeOf(name string) string {
	switch path.Ext(name) {
	case ".webp":
		return "image/webp"
	case ".png":
		return "image/png"
	}
	return "image/jpeg"
}
