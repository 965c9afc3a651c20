package photo_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/fault"
)

// stores are a folder and a bucket of a server that speaks S3: the same code runs over both.
func stores(t *testing.T) map[string]photo.Store {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("photos"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	out := map[string]photo.Store{}
	for name, address := range map[string]string{
		"folder": "file://" + t.TempDir(),
		"S3":     "s3://photos/shop?insecure=1&region=eu-west-3&endpoint=" + strings.TrimPrefix(server.URL, "http://"),
	} {
		store, err := photo.OpenStore(address, photo.Keys{ID: "id", Secret: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		out[name] = store
	}
	return out
}

func names(t *testing.T, store photo.Store) []string {
	t.Helper()
	var list []string
	if err := store.List(t.Context(), func(f photo.Found) error { list = append(list, f.Name); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func TestAFolderAndABucketKeepTheSame(t *testing.T) {
	t.Parallel()
	for kind, store := range stores(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if _, err := store.Open(ctx, "nothing.jpg"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what is not there: %v", err)
			}
			for range 2 { // written again, it is the same
				if err := store.Put(ctx, "abcdef.jpg", []byte("a photograph")); err != nil {
					t.Fatal(err)
				}
			}
			file, err := store.Open(ctx, "abcdef.jpg")
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if data, err := io.ReadAll(file); err != nil || string(data) != "a photograph" || file.Size != 12 {
				t.Errorf("%q of %d, %v", data, file.Size, err)
			}
			if _, err := file.Seek(2, io.SeekStart); err != nil {
				t.Error(err)
			}
			if got := names(t, store); !slices.Equal(got, []string{"abcdef.jpg"}) {
				t.Errorf("the list is %v", got)
			}
			for range 2 {
				if err := store.Delete(ctx, "abcdef.jpg"); err != nil {
					t.Error(err)
				}
			}
			if got := names(t, store); got != nil {
				t.Errorf("deleted, it is still listed: %v", got)
			}
		})
	}
}

func TestAPhotographGoesThroughAFolderAndABucket(t *testing.T) {
	t.Parallel()
	for kind, store := range stores(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			ctx, l := t.Context(), photo.NewLibrary(store)
			staged, err := l.Stage(ctx, "x.jpg", bytes.NewReader(turned(picture(800, 600))))
			if err != nil {
				t.Fatal(err)
			}
			cut, err := l.Derive(ctx, catalog.Original{SHA256: staged.SHA256, Ext: staged.Ext, Width: staged.Width, Height: staged.Height}, catalog.Edit{Turn: 90, Width: 5000, Height: catalog.Whole})
			if err != nil || cut.Width != 400 || cut.Height != 600 {
				t.Fatalf("half of 600 × 800, turned, is %d × %d: %v", cut.Width, cut.Height, err)
			}
			var files catalog.Files
			for _, one := range []catalog.StagedPhoto{staged, cut} {
				done, err := l.Render(ctx, one.SHA256)
				if err != nil {
					t.Fatal(err)
				}
				files.Originals = append(files.Originals, catalog.OriginalFile{SHA256: one.SHA256, Ext: one.Ext})
				for _, r := range done.Renditions {
					files.Renditions = append(files.Renditions, catalog.RenditionFile{PhotoSHA256: one.SHA256, Recipe: r.Recipe, Width: r.Width, Ext: r.Ext, SHA256: r.SHA256})
				}
			}
			// Verify and the sweep know what belongs together, both ways.
			now := time.Now()
			verified := func(files catalog.Files, at time.Time) string {
				results, err := l.Verify(ctx, files, at)
				if err != nil {
					t.Fatal(err)
				}
				var broken []string
				for _, r := range results {
					if !r.Holds() {
						broken = append(broken, r.Name)
					}
				}
				return strings.Join(broken, ", ")
			}
			if broken := verified(files, now.Add(100*time.Hour)); broken != "" {
				t.Errorf("whole, it is broken: %s", broken)
			}
			less := catalog.Files{Originals: files.Originals[:1], Renditions: files.Renditions[:4]}
			if broken := verified(less, now.Add(time.Hour)); broken != "" {
				t.Errorf("what is young may be without a row: %s", broken)
			}
			if broken := verified(less, now.Add(100*time.Hour)); broken != "photo store" {
				t.Errorf("files without a row: %q", broken)
			}
			if n, err := l.Sweep(ctx, less, now.Add(time.Hour)); n != 0 || err != nil {
				t.Errorf("of what is young %d went: %v", n, err)
			}
			if n, err := l.Sweep(ctx, less, now.Add(25*time.Hour)); n != 1+len(files.Renditions)-4 || err != nil {
				t.Errorf("%d went: %v", n, err)
			}
			if n, err := l.Sweep(ctx, catalog.Files{Kept: []string{staged.SHA256}}, now.Add(25*time.Hour)); n != 4 || err != nil {
				t.Errorf("an original that an order keeps stays; %d went: %v", n, err)
			}
			if broken := verified(files, now); broken != "original photographs, renditions" {
				t.Errorf("rows without a file: %q", broken)
			}
		})
	}
}

// A full disk leaves nothing behind: what is half written is taken away, and the reason is said. The
// disk is this program's own limit of a file's size, in a process of its own.
func TestAFullDiskLeavesNothingBehind(t *testing.T) {
	const inside = "BOUTIQUE_TEST_FULL_DISK"
	if dir := os.Getenv(inside); dir != "" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 5000, Max: 5000}); err != nil {
			t.Fatal(err)
		}
		store, err := photo.OpenStore("file://"+dir, photo.Keys{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := photo.NewLibrary(store).Stage(context.Background(), "x.jpg", bytes.NewReader(picture(900, 700))); !fault.Is(err, "photo_store_full") || fault.KindOf(err) != fault.Unavailable {
			t.Errorf("a full disk: %v", err)
		}
		return
	}
	dir := t.TempDir()
	command := exec.Command(os.Args[0], "-test.run=^TestAFullDiskLeavesNothingBehind$", "-test.v")
	command.Env = append(os.Environ(), inside+"="+dir)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is left behind", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A writer that died leaves a file that is not whole: it is no photograph, and the sweep takes it.
func TestWhatAWriterDiedOverIsSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := photo.OpenStore("file://"+dir, photo.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	l := photo.NewLibrary(store)
	staged, err := l.Stage(t.Context(), "x.jpg", bytes.NewReader(picture(400, 300)))
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, staged.SHA256[:2], staged.SHA256[2:4], staged.SHA256+".jpg.ABC.tmp")
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := catalog.Files{Originals: []catalog.OriginalFile{{SHA256: staged.SHA256, Ext: "jpg"}}}
	if n, err := l.Sweep(t.Context(), files, time.Now().Add(25*time.Hour)); n != 1 || err != nil {
		t.Errorf("%d went: %v", n, err)
	}
	if got := names(t, store); !slices.Equal(got, []string{staged.SHA256 + ".jpg"}) {
		t.Errorf("there is %v", got)
	}
}

// A bucket that is slow, silent or breaks off is Unavailable, as a disk that cannot be written: its broken connection
// is not taken for a visitor who left.
func TestABucketThatDoesNotAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(net.Conn){
		"silent": func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"breaks": func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); _ = c.Close() },
		"drips": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConte")
			_, _ = io.Copy(io.Discard, c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				for {
					c, err := listener.Accept()
					if err != nil {
						return
					}
					go serve(c)
				}
			}()
			store, err := photo.OpenStore("s3://photos?insecure=1&region=eu&endpoint="+listener.Addr().String(), photo.Keys{ID: "id", Secret: "secret"})
			if err != nil {
				t.Fatal(err)
			}
			ctx, done := context.WithTimeout(t.Context(), time.Second)
			defer done()
			if _, err := photo.NewLibrary(store).Stage(ctx, "x.jpg", bytes.NewReader(picture(900, 700))); !fault.Is(err, "photo_store_closed") || fault.KindOf(err) != fault.Unavailable {
				t.Errorf("answered: %v", err)
			}
		})
	}
}
