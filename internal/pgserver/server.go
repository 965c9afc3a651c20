package pgserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Config says where a server keeps its data and how it runs.
type Config struct {
	// Dir is the program's data directory; the cluster lies in Dir/postgres, or, when root runs the
	// program and the unprivileged user cannot reach it, in /var/lib/boutique/<hash>.
	Dir string
	// BinDir and OSUser override what is found on the machine.
	BinDir, OSUser string
	Logger         *slog.Logger
	// Progress hears of long steps in words; nil hears nothing.
	Progress func(string)
	// Own never joins: a server that belongs to a short command is waited for until it has ended.
	// serve and demo must outlive every command beside them.
	Own bool
	// Keep starts the server again when it ends without having been told to, as it does when it crashes or has no
	// room left. It concerns a server that is owned.
	Keep bool
	// Unsafe gives durability up for speed. For tests only.
	Unsafe bool
	// Wait is how long to wait for another program's server: to come up (zero: 15 s) or, with Own, to
	// go away (zero: 10 min).
	Wait time.Duration
}

// Server is a running PostgreSQL: the program's own, or one that it joined.
type Server struct {
	config  Config
	data    string
	socket  string
	account account
	lock    *flock
	command *exec.Cmd
	done    chan error
	// stopping is closed when the server is told to end, kept when nobody starts it again any more; both are nil
	// when nobody does.
	stopping, kept chan struct{}
}

const (
	superuser = "boutique"
	database  = "boutique"
)

// Start gives the directory's server: it joins one that runs, else starts one, making the cluster
// the first time. A cluster whose program and server were killed recovers by itself.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	if c.Wait == 0 {
		c.Wait = 15 * time.Second
		if c.Own {
			c.Wait = 10 * time.Minute
		}
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	c.Dir = dir
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("DATA_DIR must be a folder that can be written: %w", err)
	}
	s := &Server{config: c}
	if s.account, err = findAccount(c.OSUser); err != nil {
		return nil, err
	}
	if err := s.place(); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(c.Wait)
	for {
		lock, ok, err := tryLock(filepath.Join(dir, "postgres.lock"))
		if err != nil {
			return nil, fmt.Errorf("DATA_DIR must be a folder that can be written: %w", err)
		}
		if ok {
			s.lock = lock
			if err := s.own(ctx); err != nil {
				lock.release()
				return nil, err
			}
			return s, nil
		}
		if !c.Own && s.answers(ctx) == nil {
			return s, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the database in %s belongs to another program that does not answer: end it, or give it time", dir)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// Owned tells whether this program started the server; a joined one ends with its owner.
func (s *Server) Owned() bool { return s.lock != nil }

// DataDir is where the cluster lies.
func (s *Server) DataDir() string { return s.data }

// URL is the server's address, for pgx. It is a private unix socket.
func (s *Server) URL() string { return s.url(database) }

func (s *Server) url(name string) string {
	return "postgres:///" + name + "?host=" + url.QueryEscape(s.socket) + "&user=" + superuser + "&sslmode=disable"
}

// place decides where cluster and socket lie.
func (s *Server) place() error {
	s.data = filepath.Join(s.config.Dir, "postgres", "data")
	hash := sha256.Sum256([]byte(s.config.Dir))
	short := hex.EncodeToString(hash[:8])
	if !s.account.canReach(s.data) {
		home := "/var/lib/boutique"
		s.data = filepath.Join(home, short, "data")
		if err := os.MkdirAll(filepath.Join(home, short), 0o755); err != nil {
			return fmt.Errorf("the user that PostgreSQL runs as cannot reach %s, and %s cannot be made: %w", s.config.Dir, home, err)
		}
		note := "The cluster lies in " + filepath.Dir(s.data) + ": the unprivileged user that PostgreSQL runs as cannot reach this folder.\n"
		if err := os.WriteFile(filepath.Join(s.config.Dir, "postgres"), []byte(note), 0o644); err != nil {
			return err
		}
	} else if err := os.MkdirAll(filepath.Dir(s.data), 0o755); err != nil {
		return err
	}
	s.socket = filepath.Join(filepath.Dir(s.data), "socket")
	if len(s.socket) > 80 {
		s.socket = filepath.Join(os.TempDir(), "boutique-"+short)
	}
	for _, dir := range []string{filepath.Dir(s.data), s.socket} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := s.give(dir); err != nil {
			return err
		}
	}
	return nil
}

// give makes a folder the server's own, closed to others.
func (s *Server) give(dir string) error {
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	if s.account.lent {
		return os.Chown(dir, int(s.account.uid), int(s.account.gid))
	}
	return nil
}

// own makes the cluster if there is none, clears what a killed server left, and starts it.
func (s *Server) own(ctx context.Context) error {
	bin, err := findBinaries(s.config.BinDir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.data, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		s.config.Progress("making the database (once)")
		if err := s.initialise(ctx, bin); err != nil {
			return err
		}
	}
	if err := s.clearStale(ctx); err != nil {
		return err
	}
	if err := s.launch(bin); err != nil {
		return err
	}
	if err := s.awaitAnswer(ctx); err != nil {
		_ = s.Stop(context.WithoutCancel(ctx))
		return err
	}
	if err := s.createDatabase(ctx); err != nil {
		_ = s.Stop(context.WithoutCancel(ctx))
		return err
	}
	if s.config.Keep {
		s.stopping, s.kept = make(chan struct{}), make(chan struct{})
		go s.keep(bin)
	}
	return nil
}

// initialise makes the cluster beside its place and renames it there, so that an interrupted first
// start leaves nothing half made.
func (s *Server) initialise(ctx context.Context, bin string) error {
	making := s.data + ".init"
	if err := os.RemoveAll(making); err != nil {
		return err
	}
	arguments := []string{"-D", making, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"}
	if s.config.Unsafe {
		arguments = append(arguments, "--no-sync")
	}
	command := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), arguments...)
	command.Dir = "/"
	command.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.account.credential()}
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("the database could not be made in %s: %w: %s", s.data, err, strings.TrimSpace(string(output)))
	}
	return os.Rename(making, s.data)
}

// launch starts the server from a thread of its own: if this program dies in any way, the kernel
// sends the server SIGINT, and it shuts down cleanly.
func (s *Server) launch(bin string) error {
	arguments := []string{"-D", s.data, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + s.socket, "-c", "unix_socket_permissions=0700",
		"-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "max_connections=120", "-c", "logging_collector=off"}
	if s.config.Unsafe {
		arguments = append(arguments, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=400")
	}
	log, err := os.OpenFile(filepath.Join(s.config.Dir, "postgres.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.command = exec.Command(filepath.Join(bin, "postgres"), arguments...)
	s.command.Dir = "/"
	s.command.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	s.command.Stdout, s.command.Stderr = log, log
	s.command.SysProcAttr = &syscall.SysProcAttr{Credential: s.account.credential(), Setpgid: true, Pdeathsig: syscall.SIGINT}
	// Whoever starts the server again has these anew, and may before this one's end is told to the last.
	command, done := s.command, make(chan error, 1)
	s.done = done
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		// Given back at the end: a thread that ends takes with it whatever else it once started.
		defer runtime.UnlockOSThread()
		if err := command.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		done <- command.Wait()
		close(done)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("PostgreSQL could not be started: %w", err)
	}
	return nil
}

func (s *Server) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if s.Owned() {
		return nil
	}
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&there); err != nil {
		return err
	}
	if !there {
		return errors.New("the database is still being made")
	}
	return nil
}

func (s *Server) awaitAnswer(ctx context.Context) error {
	deadline := time.Now().Add(60 * time.Second)
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case end := <-s.done:
			return fmt.Errorf("PostgreSQL ended while it started (%v): %s says why", end, filepath.Join(s.config.Dir, "postgres.log"))
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		}
		if err := pause(ctx, 15*time.Millisecond); err != nil {
			return err
		}
	}
}

// createDatabase makes the shop's database the first time, sorted as French sorts.
func (s *Server) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+database+" template template0 encoding 'UTF8' locale_provider icu icu_locale 'fr-FR' locale 'C.UTF-8'")
	return err
}

// Stop ends the server if this program owns it: fast, then, after twenty seconds, at once. A joined
// server is left alone.
func (s *Server) Stop(ctx context.Context) error {
	if !s.Owned() || s.command == nil || s.command.Process == nil {
		return nil
	}
	defer s.lock.release()
	if s.stopping != nil {
		close(s.stopping)
		<-s.kept
		s.stopping = nil
	}
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 10 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		_ = s.command.Process.Signal(step.signal)
		timer := time.NewTimer(step.wait)
		select {
		case <-s.done:
			timer.Stop()
			return nil
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	return errors.New("PostgreSQL did not stop")
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Remove throws the cluster of a data directory away, wherever it lies. It must not run.
func Remove(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	hash := sha256.Sum256([]byte(dir))
	if err := os.RemoveAll(filepath.Join("/var/lib/boutique", hex.EncodeToString(hash[:8]))); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(dir, "postgres"))
}
