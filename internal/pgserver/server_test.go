package pgserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pgserver"
)

// TestMain lets the test binary play the program whose server is killed with it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PGSERVER_TEST_OWNER"); dir != "" {
		s, err := pgserver.Start(context.Background(), pgserver.Config{Dir: dir})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("ready", s.URL())
		select {}
	}
	os.Exit(m.Run())
}

// dataDir is a folder that the unprivileged user can reach.
func dataDir(t testing.TB) string {
	t.Helper()
	base := "/dev/shm"
	if _, err := os.Stat(base); err != nil {
		base = os.TempDir()
	}
	dir, err := os.MkdirTemp(base, "pgserver-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func start(t testing.TB, c pgserver.Config) *pgserver.Server {
	t.Helper()
	s, err := pgserver.Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

func run(t testing.TB, s *pgserver.Server, statement string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var answer *string
	err = conn.QueryRow(ctx, statement).Scan(&answer)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		t.Fatal(err)
	}
	if answer == nil {
		return ""
	}
	return *answer
}

func TestTheClusterIsSafePrivateAndFrench(t *testing.T) {
	t.Parallel()
	s := start(t, pgserver.Config{Dir: dataDir(t)})
	for statement, want := range map[string]string{
		"show data_checksums":   "on",
		"show server_encoding":  "UTF8",
		"show listen_addresses": "",
		"show fsync":            "on",
		"select string_agg(w, ' ' order by w) from unnest(array['zèbre', 'Élan', 'a', 'écu', 'etau']) w": "a écu Élan etau zèbre",
	} {
		if got := run(t, s, statement); got != want {
			t.Errorf("%s: %q, want %q", statement, got, want)
		}
	}
}

func TestASecondStartKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first := start(t, pgserver.Config{Dir: dir})
	run(t, first, "create table kept as select 'yes' as answer")
	if err := first.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := run(t, start(t, pgserver.Config{Dir: dir}), "select answer from kept"); got != "yes" {
		t.Errorf("kept says %q", got)
	}
}

func TestAnotherProgramJoinsTheRunningServer(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	owner := start(t, pgserver.Config{Dir: dir})
	joined := start(t, pgserver.Config{Dir: dir})
	if !owner.Owned() || joined.Owned() {
		t.Fatalf("owned: %t and %t", owner.Owned(), joined.Owned())
	}
	if err := joined.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	run(t, owner, "select 'still there'")
}

func TestASecondServeOnOneDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	release, err := pgserver.Claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pgserver.Claim(dir); !errors.Is(err, pgserver.ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("the second claim is answered: %v", err)
	}
	release()
	if release, err = pgserver.Claim(dir); err != nil {
		t.Errorf("after the first has gone: %v", err)
	} else {
		release()
	}
}

// ownerProcess starts this test binary as the program that owns a server.
func ownerProcess(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "PGSERVER_TEST_OWNER="+dir)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "ready") {
		t.Fatalf("the owner says %q, %v", line, err)
	}
	return command
}

func TestKillingTheProgramLosesNothing(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	owner := ownerProcess(t, dir)
	run(t, start(t, pgserver.Config{Dir: dir}), "create table kept as select 'yes' as answer")
	if err := owner.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	after := start(t, pgserver.Config{Dir: dir, Own: true})
	if got := run(t, after, "select answer from kept"); got != "yes" {
		t.Errorf("kept says %q", got)
	}
}

func TestKillingProgramAndServerLosesNothing(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	owner := ownerProcess(t, dir)
	run(t, start(t, pgserver.Config{Dir: dir}), "create table kept as select 'yes' as answer")
	_ = syscall.Kill(postmaster(t, dir), syscall.SIGKILL)
	_ = owner.Process.Signal(syscall.SIGKILL)
	_ = owner.Wait()
	after := start(t, pgserver.Config{Dir: dir, Own: true})
	if got := run(t, after, "select answer from kept"); got != "yes" {
		t.Errorf("kept says %q", got)
	}
}

// A server that dies is there again by itself, with what it had acknowledged, as often as it dies; one that is told
// to end stays away.
func TestAKeptServerComesBackByItself(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, pgserver.Config{Dir: dir, Keep: true})
	run(t, s, "create table kept as select 'yes' as answer")
	for range 2 {
		if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); ; {
			conn, err := pgx.Connect(context.Background(), s.URL())
			if err == nil {
				_ = conn.Close(context.Background())
				break
			}
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
		}
		if got := run(t, s, "select answer from kept"); got != "yes" {
			t.Errorf("kept says %q", got)
		}
	}
	if err := s.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if conn, err := pgx.Connect(context.Background(), s.URL()); err == nil {
		_ = conn.Close(context.Background())
		t.Error("a server that was told to end answers")
	}
}

func postmaster(t *testing.T, dir string) (pid int) {
	t.Helper()
	note, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(note), &pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestMissingBinariesSayWhatToInstall(t *testing.T) {
	t.Parallel()
	_, err := pgserver.Start(context.Background(), pgserver.Config{Dir: dataDir(t), BinDir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "PG_BIN_DIR") {
		t.Errorf("answered: %v", err)
	}
}

func TestAFolderThatTheServersUserCannotReachIsWorkedAround(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // only root lends the server another user
	}
	dir := filepath.Join(t.TempDir(), "closed")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, pgserver.Config{Dir: filepath.Join(dir, "data")})
	run(t, s, "select 'there'")
	note, err := os.ReadFile(filepath.Join(dir, "data", "postgres"))
	if err != nil || !strings.Contains(string(note), "/var/lib/boutique/") {
		t.Errorf("the note says %q, %v", note, err)
	}
	t.Cleanup(func() {
		_ = s.Stop(context.Background())
		if _, rest, ok := strings.Cut(string(note), "/var/lib/boutique/"); ok {
			cluster, _, _ := strings.Cut(rest, ":")
			_ = os.RemoveAll(filepath.Join("/var/lib/boutique", filepath.Base(cluster)))
		}
	})
}

func BenchmarkFirstStart(b *testing.B) {
	for b.Loop() {
		s := start(b, pgserver.Config{Dir: dataDir(b)})
		_ = s.Stop(context.Background())
	}
}

func BenchmarkLaterStart(b *testing.B) {
	dir := dataDir(b)
	s := start(b, pgserver.Config{Dir: dir})
	_ = s.Stop(context.Background())
	b.ResetTimer()
	for b.Loop() {
		s := start(b, pgserver.Config{Dir: dir})
		b.StopTimer()
		_ = s.Stop(context.Background())
		b.StartTimer()
	}
}
