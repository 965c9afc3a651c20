package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"boutique/internal/pg"
	"boutique/internal/pgserver"
	"boutique/payments/stripe/emulator"
)

// furnishedDir is the data directory that benchmarks share: the demo's catalogue with every
// rendition of its photographs made. It lies on the disk, where a shop's does.
var furnishedDir struct {
	once sync.Once
	path string
}

func forgetFurnished() {
	if furnishedDir.path != "" {
		_ = os.RemoveAll(furnishedDir.path)
	}
}

// furnished gives the shared data directory; nothing runs on it.
func furnished(b *testing.B) string {
	b.Helper()
	furnishedDir.once.Do(func() {
		path := diskDir(b)
		shop := demo(b, path, "127.0.0.1:0")
		awaitRenditions(b, path)
		shop.stop()
		furnishedDir.path = path
	})
	if furnishedDir.path == "" {
		b.Fatal("the shop was not furnished")
	}
	return furnishedDir.path
}

// diskDir is an empty folder on the disk that an unprivileged PostgreSQL can reach. Who asks removes it.
func diskDir(tb testing.TB) string {
	tb.Helper()
	path, err := os.MkdirTemp("", "boutique-bench-")
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(path, 0o755); err != nil {
		tb.Fatal(err)
	}
	return path
}

// awaitRenditions waits until the photographs' queue is empty: it would take a core from what is measured.
func awaitRenditions(b *testing.B, dir string) {
	b.Helper()
	server, err := pgserver.Start(b.Context(), pgserver.Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	if server.Owned() {
		b.Fatal("the program that was started has no database")
	}
	pool, err := pg.Open(b.Context(), server.URL())
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for range 5 * 60 * 4 {
		var waiting int
		if err := pool.QueryRow(b.Context(), `select count(*) from river_job where queue = 'photos' and finalized_at is null`).Scan(&waiting); err != nil {
			b.Fatal(err)
		}
		if waiting == 0 {
			return
		}
		<-tick.C
	}
	b.Fatal("the photographs are not rendered in five minutes")
}

// process is a server that is measured: the shop, or the limit.
type process struct {
	address, metrics string
	pid              int
}

// serving is `boutique serve`.
type serving struct {
	*running
	process
}

// serve starts the real program on a directory, on two cores, and waits for its first page that is
// answered 200. It says how long that took.
func serve(b *testing.B, dir string) (*serving, time.Duration) {
	b.Helper()
	bank, err := emulator.New(emulator.Config{})
	if err != nil {
		b.Fatal(err)
	}
	if err := bank.Start("127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { bank.Close(context.Background()) })
	program, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	s := &serving{running: &running{t: b, dir: dir, bank: bank.URL(), log: &lockedBuffer{}}, process: process{address: freeAddress(b), metrics: freeAddress(b)}}
	s.url = "http://" + s.address
	s.cmd = exec.Command(program, "serve")
	s.cmd.Env = []string{"DATA_DIR=" + dir, "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "GOMAXPROCS=2", "LISTEN_ADDR=" + s.address, "METRICS_ADDR=" + s.metrics,
		"PUBLIC_URL=" + s.url, "TRUSTED_PROXIES=127.0.0.1", "STRIPE_SECRET_KEY=sk_test_demo0000000000000000", "STRIPE_WEBHOOK_SECRET=whsec_0123456789abcdefghij", "STRIPE_API_URL=" + bank.URL(),
		"SMTP_URL=smtp://127.0.0.1:1", "MAIL_FROM=boutique@office.example"}
	s.cmd.Stderr = s.log
	start := time.Now()
	startTied(b, s.cmd)
	s.pid = s.cmd.Process.Pid
	b.Cleanup(func() {
		s.stop()
		if b.Failed() {
			b.Logf("the program said:\n%s", tail(s.log.String(), 4000))
		}
	})
	return s, s.awaitPage(b, start)
}

// awaitPage asks for the first page until it is there.
func (s *serving) awaitPage(b *testing.B, start time.Time) time.Duration {
	b.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for time.Since(start) < time.Minute {
		if response, err := http.Get(s.url + "/fr/"); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return time.Since(start)
			}
		}
		<-tick.C
	}
	b.Fatal("the program never answered")
	return 0
}

// freeAddress is an address on this machine that nothing listens on.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// bare starts the limit for one answer: the bare handler, on two cores, in a process of its own.
func bare(b *testing.B, answer answerBytes) process {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var in bytes.Buffer
	if err := gob.NewEncoder(&in).Encode(answer); err != nil {
		b.Fatal(err)
	}
	command := exec.Command(self)
	command.Env = append(os.Environ(), bareVariable+"=1", "GOMAXPROCS=2")
	command.Stdin, command.Stderr = &in, os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	startTied(b, command)
	b.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	address = strings.TrimSpace(address)
	return process{address: address, metrics: address, pid: command.Process.Pid}
}

// usage is what a process has used since its start, and what it holds.
type usage struct {
	cpu             time.Duration
	mallocs, bytes  float64
	heap, heapInUse float64
}

// usage reads a process's own figures.
func (p process) usage(tb testing.TB) usage {
	tb.Helper()
	response, err := http.Get("http://" + p.metrics + "/metrics")
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = v
		}
	}
	if values["go_memstats_mallocs_total"] == 0 || values["process_cpu_seconds_total"] == 0 {
		tb.Fatalf("%s says nothing of memory and time", p.metrics)
	}
	return usage{time.Duration(values["process_cpu_seconds_total"] * 1e9), values["go_memstats_mallocs_total"], values["go_memstats_alloc_bytes_total"],
		values["go_memstats_heap_alloc_bytes"], values["go_memstats_heap_inuse_bytes"]}
}

// collect lets the process collect its garbage.
func (p process) collect(tb testing.TB) {
	tb.Helper()
	response, err := http.Get("http://" + p.metrics + "/debug/pprof/heap?gc=1")
	if err != nil {
		tb.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

// memory reads a figure in MiB of what the system knows of a process: VmRSS, VmHWM.
func (p process) memory(tb testing.TB, name string) float64 {
	tb.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid), "status"))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes float64
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			if _, err := fmt.Sscan(rest, &kilobytes); err == nil {
				return kilobytes / 1024
			}
		}
	}
	tb.Fatal(errors.New("the system does not tell " + name))
	return 0
}
