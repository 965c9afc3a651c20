package photo_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"boutique/catalog"
	"boutique/catalog/photo"
)

// asRenderer makes this test's program the process that renders.
const asRenderer = "RENDER_FOR_A_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(asRenderer) == "" {
		os.Exit(m.Run())
	}
	if err := photo.RenderFrom(os.Stdin, os.Stdout); err != nil {
		os.Exit(1)
	}
}

// apart is a library that renders in processes of their own, and the commands that were started.
func apart(t *testing.T, idle time.Duration) (*photo.Library, *[]*exec.Cmd) {
	t.Helper()
	started := &[]*exec.Cmd{}
	l := library(t)
	l.Apart = &photo.Process{Idle: idle, Command: func() *exec.Cmd {
		command := exec.Command("/proc/self/exe")
		command.Env = []string{asRenderer + "=1"}
		*started = append(*started, command)
		return command
	}}
	return l, started
}

func stage(t *testing.T, l *photo.Library, data []byte) catalog.StagedPhoto {
	t.Helper()
	staged, err := l.Stage(context.Background(), "x.jpg", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return staged
}

func TestAProcessOfItsOwnRendersTheSameFiles(t *testing.T) {
	t.Parallel()
	l, started := apart(t, time.Hour)
	here := library(t)
	for _, data := range [][]byte{photographed(900, 700), photographed(400, 300)} {
		staged := stage(t, l, data)
		stage(t, here, data)
		got, err := l.Render(t.Context(), staged.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		want, err := here.Render(t.Context(), staged.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("apart\n%+v\nhere\n%+v", got, want)
		}
		for _, r := range photo.Renditions(staged.SHA256, staged.Width, staged.Height) {
			file, err := l.Store.Open(t.Context(), strings.TrimPrefix(r.URL, "/photos/"))
			if err != nil {
				t.Fatalf("%s: %v", r.URL, err)
			}
			file.Close()
		}
	}
	if len(*started) != 1 {
		t.Errorf("%d processes rendered two photographs", len(*started))
	}
	tasks, err := filepath.Glob("/proc/" + strconv.Itoa((*started)[0].Process.Pid) + "/task/*/stat")
	if err != nil || len(tasks) == 0 {
		t.Fatal(tasks, err)
	}
	for _, task := range tasks {
		stat, err := os.ReadFile(task)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		// After the name in brackets, the seventeenth number is the thread's niceness: proc_pid_stat(5).
		if _, numbers, _ := strings.Cut(string(stat), ") "); strings.Fields(numbers)[16] != "10" {
			t.Errorf("a thread does not stand back: %s", stat)
		}
	}
}

func TestWhatAProcessCannotRenderDoesNotStopIt(t *testing.T) {
	t.Parallel()
	l, started := apart(t, time.Hour)
	whole := stage(t, l, photographed(400, 300)).SHA256
	damaged := strings.Repeat("0", 64)
	if err := l.Store.Put(t.Context(), damaged+".jpg", photographed(400, 300)[:2000]); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Render(t.Context(), damaged); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged original: %v", err)
	}
	if _, err := l.Render(t.Context(), strings.Repeat("1", 64)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an original that is not there: %v", err)
	}
	if _, err := l.Render(t.Context(), whole); err != nil {
		t.Error(err)
	}
	if len(*started) != 1 {
		t.Errorf("%d processes were started", len(*started))
	}
}

func TestAProcessThatEndedIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	t.Run("because it was killed", func(t *testing.T) {
		t.Parallel()
		l, started := apart(t, time.Hour)
		sha := stage(t, l, photographed(400, 300)).SHA256
		if _, err := l.Render(t.Context(), sha); err != nil {
			t.Fatal(err)
		}
		if err := (*started)[0].Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Render(t.Context(), sha); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Errorf("what was under way: %v", err)
		}
		if _, err := l.Render(t.Context(), sha); err != nil || len(*started) != 2 {
			t.Errorf("the next one: %v, %d processes", err, len(*started))
		}
	})
	t.Run("because nobody waits any more", func(t *testing.T) {
		t.Parallel()
		l, started := apart(t, time.Hour)
		sha := stage(t, l, photographed(400, 300)).SHA256
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Render(over, sha); !errors.Is(err, context.Canceled) {
			t.Errorf("what was under way: %v", err)
		}
		if _, err := l.Render(t.Context(), sha); err != nil || len(*started) != 2 {
			t.Errorf("the next one: %v, %d processes", err, len(*started))
		}
	})
	t.Run("because there was nothing to do", func(t *testing.T) {
		t.Parallel()
		l, started := apart(t, time.Nanosecond)
		sha := stage(t, l, photographed(400, 300)).SHA256
		for len(*started) < 2 {
			if _, err := l.Render(t.Context(), sha); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("because it could not begin", func(t *testing.T) {
		t.Parallel()
		l := library(t)
		l.Apart = &photo.Process{Idle: time.Hour, Command: func() *exec.Cmd { return exec.Command("sh", "-c", "echo out of order >&2; exit 3") }}
		if _, err := l.Render(t.Context(), stage(t, l, photographed(400, 300)).SHA256); err == nil || !strings.Contains(err.Error(), "out of order") {
			t.Errorf("what it said is lost: %v", err)
		}
	})
}
