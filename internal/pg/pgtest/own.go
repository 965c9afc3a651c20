package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pgserver"
)

// Own is a PostgreSQL for one test alone, which may kill it. It lives in memory and is as durable as a
// shop's: what it has acknowledged is there after the kill.
type Own struct {
	dir    string
	server *pgserver.Server
	ended  bool
}

// NewOwn starts one, with an empty database that is not migrated.
func NewOwn(t testing.TB) *Own {
	t.Helper()
	dir, err := newDir()
	if err != nil {
		t.Fatal(err)
	}
	o := &Own{dir: dir}
	t.Cleanup(o.remove)
	if err := o.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *Own) remove() {
	if o.server != nil {
		_ = o.server.Stop(context.Background())
	}
	_ = pgserver.Remove(o.dir)
	_ = os.RemoveAll(o.dir)
}

// URL is the address of its database; it stays the same through kills.
func (o *Own) URL() string { return o.server.URL() }

// Start starts it again after Kill or Stop; one that runs is left alone.
func (o *Own) Start(ctx context.Context) (err error) {
	if o.server != nil && !o.ended {
		return nil
	}
	o.ended = false
	o.server, err = pgserver.Start(ctx, pgserver.Config{Dir: o.dir})
	return err
}

// Stop ends the server as an operator does.
func (o *Own) Stop(ctx context.Context) error {
	o.ended = true
	return o.server.Stop(ctx)
}

// Kill ends the server as a power cut would, and waits until it is gone.
func (o *Own) Kill(ctx context.Context) error {
	pid, err := Postmaster(o.dir)
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	return o.Stop(ctx)
}

// KillOne ends one of the server's processes, which works for a connection: the server throws all others off too,
// and recovers. It answers false when nobody is connected.
func (o *Own) KillOne() (bool, error) { return KillOne(o.dir) }

// Freeze stops all of the server's processes in their tracks, as a machine that hangs; the answer lets them go on.
func (o *Own) Freeze() (thaw func(), err error) {
	pid, err := Postmaster(o.dir)
	if err != nil {
		return nil, err
	}
	all := append(children(pid), pid)
	for _, p := range all {
		if err := syscall.Kill(p, syscall.SIGSTOP); err != nil && !errors.Is(err, syscall.ESRCH) {
			return nil, err
		}
	}
	return func() {
		for _, p := range all {
			_ = syscall.Kill(p, syscall.SIGCONT)
		}
	}, nil
}

// Postmaster is the first process of the server in a data directory.
func Postmaster(dir string) (pid int, err error) {
	note, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(string(note), &pid)
	return pid, err
}

// KillOne ends one process of the server in a data directory, as Own's does.
func KillOne(dir string) (bool, error) {
	pid, err := Postmaster(dir)
	if err != nil {
		return false, err
	}
	for _, child := range children(pid) {
		title, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", child))
		if strings.HasPrefix(string(title), "postgres: boutique ") {
			return true, syscall.Kill(child, syscall.SIGKILL)
		}
	}
	return false, nil
}

func children(pid int) (list []int) {
	said, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, word := range strings.Fields(string(said)) {
		if child, err := strconv.Atoi(word); err == nil {
			list = append(list, child)
		}
	}
	return list
}

// NewStandby makes a copy of the server that follows it, and lets the server wait with each commit until the copy
// has it too.
func (o *Own) NewStandby(t testing.TB) *Own {
	t.Helper()
	dir, err := newDir()
	if err != nil {
		t.Fatal(err)
	}
	s := &Own{dir: dir}
	t.Cleanup(s.remove)
	if err := o.copyTo(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The name is that of the receiver: a copy of this setting on the standby would wait for a standby of its own.
	if err := o.say(t.Context(), "alter system set synchronous_standby_names = 'walreceiver'", "select pg_reload_conf()"); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		err := o.say(t.Context(), "do $$ begin assert (select count(*) from pg_stat_replication where sync_state = 'sync' and state = 'streaming') = 1; end $$")
		if err == nil {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("the standby does not follow: %v", err)
		}
	}
}

// Promote makes a standby the server that takes writes.
func (o *Own) Promote(ctx context.Context) error { return o.say(ctx, "select pg_promote()") }

// copyTo copies the running server's files into another data directory, as the user that the server runs as.
func (o *Own) copyTo(ctx context.Context, dir string) error {
	program, err := pgserver.Tools{}.Path("pg_basebackup")
	if err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(o.dir, "postgres", "data"))
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t)
	if err := os.Mkdir(filepath.Join(dir, "postgres"), 0o700); err != nil {
		return err
	}
	if err := os.Chown(filepath.Join(dir, "postgres"), int(owner.Uid), int(owner.Gid)); err != nil {
		return err
	}
	u, err := url.Parse(o.URL())
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, "-h", u.Query().Get("host"), "-U", u.Query().Get("user"), "-D", filepath.Join(dir, "postgres", "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync")
	command.Dir = "/"
	if os.Geteuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid, NoSetGroups: true}}
	}
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}

func (o *Own) say(ctx context.Context, statements ...string) error {
	conn, err := pgx.Connect(ctx, o.URL())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
