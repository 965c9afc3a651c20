// Package archive keeps many files as one: a zip whose last entry is a manifest with the size and the
// SHA-256 of every other, so that a reader knows before it uses the first byte that all are there and
// none was changed.
package archive

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"time"
)

// manifestName is the entry that speaks of all others. It is written last: a file that was cut off
// has none.
const manifestName = "manifest.json"

// maxManifest bounds what is read of a manifest: some 400,000 files.
const maxManifest = 64 << 20

// ErrDamaged is the refusal of a file that is no archive, or is not whole.
var ErrDamaged = errors.New("is damaged or no backup: take another copy of it")

// entry is one file of the manifest.
type entry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// manifest is what an archive says of itself; About is the writer's.
type manifest struct {
	About json.RawMessage `json:"about"`
	Files []entry         `json:"files"`
}

// Writer writes an archive, as a stream.
type Writer struct {
	zip   *zip.Writer
	files []entry
	now   time.Time
}

// NewWriter begins an archive; every entry bears the time given.
func NewWriter(w io.Writer, now time.Time) *Writer {
	return &Writer{zip: zip.NewWriter(w), now: now}
}

// Add copies one file in under a name with slashes. Nothing is compressed: photographs and dumps are.
func (w *Writer) Add(name string, from io.Reader) error {
	return w.Write(name, func(to io.Writer) error {
		_, err := io.Copy(to, from)
		return err
	})
}

// Write makes one file of what work writes.
func (w *Writer) Write(name string, work func(io.Writer) error) error {
	if !fs.ValidPath(name) || name == "." || name == manifestName {
		return fmt.Errorf("%q cannot be a name in an archive", name)
	}
	to, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: w.now})
	if err != nil {
		return err
	}
	m := &measured{Writer: to, hash: sha256.New()}
	if err := work(m); err != nil {
		return err
	}
	w.files = append(w.files, entry{name, m.size, hex.EncodeToString(m.hash.Sum(nil))})
	return nil
}

// Close writes the manifest, with what the writer has to say about the whole, and ends the archive.
func (w *Writer) Close(about any) error {
	said, err := json.Marshal(about)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(manifest{said, w.files}, "", " ")
	if err != nil {
		return err
	}
	to, err := w.zip.CreateHeader(&zip.FileHeader{Name: manifestName, Method: zip.Deflate, Modified: w.now})
	if err != nil {
		return err
	}
	if _, err := to.Write(data); err != nil {
		return err
	}
	return w.zip.Close()
}

type measured struct {
	io.Writer
	hash hash.Hash
	size int64
}

func (m *measured) Write(p []byte) (int, error) {
	n, err := m.Writer.Write(p)
	m.hash.Write(p[:n])
	m.size += int64(n)
	return n, err
}

// Reader reads an archive.
type Reader struct {
	zip      *zip.Reader
	manifest manifest
	byName   map[string]*zip.File
}

// NewReader opens an archive and fills about from what its writer said. ErrDamaged when it is none or
// lacks an end. What the files hold is not looked at: see Check.
func NewReader(from io.ReaderAt, size int64, about any) (*Reader, error) {
	z, err := zip.NewReader(from, size)
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
	r := &Reader{zip: z, byName: map[string]*zip.File{}}
	for _, f := range z.File {
		if _, twice := r.byName[f.Name]; twice {
			return nil, fmt.Errorf("%w (%q is in it twice)", ErrDamaged, f.Name)
		}
		r.byName[f.Name] = f
	}
	m, there := r.byName[manifestName]
	if !there {
		return nil, fmt.Errorf("%w (it has no manifest)", ErrDamaged)
	}
	file, err := m.Open()
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
	defer file.Close()
	if err := json.NewDecoder(io.LimitReader(file, maxManifest)).Decode(&r.manifest); err != nil {
		return nil, fmt.Errorf("%w (its manifest cannot be read: %v)", ErrDamaged, err)
	}
	if err := json.Unmarshal(r.manifest.About, about); err != nil {
		return nil, fmt.Errorf("%w (its manifest cannot be read: %v)", ErrDamaged, err)
	}
	return r, nil
}

// Check reads the whole archive and holds every file to the manifest, both ways: ErrDamaged names the
// first that is missing, changed, or not spoken of.
func (r *Reader) Check() error {
	if len(r.manifest.Files)+1 != len(r.byName) {
		return fmt.Errorf("%w (it holds %d files and speaks of %d)", ErrDamaged, len(r.byName)-1, len(r.manifest.Files))
	}
	for _, e := range r.manifest.Files {
		if !fs.ValidPath(e.Name) {
			return fmt.Errorf("%w (%q is no name of a file)", ErrDamaged, e.Name)
		}
		file, err := r.Open(e.Name)
		if err != nil {
			return err
		}
		sum := sha256.New()
		size, err := io.Copy(sum, file)
		file.Close()
		if err != nil || size != e.Size || hex.EncodeToString(sum.Sum(nil)) != e.SHA256 {
			return fmt.Errorf("%w (%s is not what was kept)", ErrDamaged, e.Name)
		}
	}
	return nil
}

// Names lists the files, in the order in which they were written.
func (r *Reader) Names() []string {
	names := make([]string, len(r.manifest.Files))
	for i, e := range r.manifest.Files {
		names[i] = e.Name
	}
	return names
}

// Open opens one file.
func (r *Reader) Open(name string) (io.ReadCloser, error) {
	f, there := r.byName[name]
	if !there {
		return nil, fmt.Errorf("%w (%s is missing)", ErrDamaged, name)
	}
	file, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w (%s: %v)", ErrDamaged, name, err)
	}
	return file, nil
}
