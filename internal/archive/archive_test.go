package archive_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"boutique/internal/archive"
)

type about struct{ Shop string }

func written(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := archive.NewWriter(&b, time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC))
	for _, f := range []struct{ name, text string }{{"database.dump", "orders"}, {"photos/mug.jpg", strings.Repeat("clay ", 1000)}, {"photos/empty", ""}} {
		if err := w.Add(f.name, strings.NewReader(f.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(about{"Beffroy"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatWasWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	data := written(t)
	var said about
	r, err := archive.NewReader(bytes.NewReader(data), int64(len(data)), &said)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(); err != nil || said.Shop != "Beffroy" {
		t.Errorf("it says %+v and the check %v", said, err)
	}
	if want := []string{"database.dump", "photos/mug.jpg", "photos/empty"}; !slices.Equal(r.Names(), want) {
		t.Errorf("it holds %v", r.Names())
	}
	file, err := r.Open("database.dump")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(file); string(text) != "orders" {
		t.Errorf("the dump reads %q", text)
	}
}

func TestADamagedArchiveIsRefused(t *testing.T) {
	t.Parallel()
	data := written(t)
	cut := func(data []byte) []byte { return data[:len(data)*2/3] }
	flip := func(data []byte) []byte {
		data[bytes.Index(data, []byte("clay clay"))+40] ^= 1
		return data
	}
	for name, damage := range map[string]func([]byte) []byte{
		"cut off":       cut,
		"one bit":       flip,
		"no zip at all": func([]byte) []byte { return []byte("these are not the files you are looking for") },
		"empty":         func([]byte) []byte { return nil },
		"no manifest": func(data []byte) []byte {
			return bytes.ReplaceAll(data, []byte("manifest.json"), []byte("manifest.jsom"))
		},
		"a file replaced": func(data []byte) []byte {
			return bytes.ReplaceAll(data, []byte("photos/mug.jpg"), []byte("photos/jug.jpg"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := damage(bytes.Clone(data))
			var said about
			r, err := archive.NewReader(bytes.NewReader(bad), int64(len(bad)), &said)
			if err == nil {
				err = r.Check()
			}
			if !errors.Is(err, archive.ErrDamaged) {
				t.Errorf("it is answered: %v", err)
			}
		})
	}
}

func TestNamesThatLeaveTheArchiveAreRefused(t *testing.T) {
	t.Parallel()
	w := archive.NewWriter(io.Discard, time.Time{})
	for _, name := range []string{"../up", "/root", "", ".", "a//b", "manifest.json"} {
		if w.Add(name, strings.NewReader("")) == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(written(f))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var said about
		if r, err := archive.NewReader(bytes.NewReader(data), int64(len(data)), &said); err == nil {
			_ = r.Check()
		}
	})
}
