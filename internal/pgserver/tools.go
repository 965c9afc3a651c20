package pgserver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// Tools are PostgreSQL's own programs that write a database out and read it back.
type Tools struct {
	// BinDir is where they are looked for first; else beside the server's programs, else on PATH.
	BinDir string
}

// Dump writes the database at an address out, in pg_dump's custom format, as it was at a snapshot that
// another transaction exported.
func (t Tools) Dump(ctx context.Context, address, snapshot string, to io.Writer) error {
	command, err := t.command(ctx, "pg_dump", address, "--format=custom", "--no-owner", "--snapshot="+snapshot)
	if err != nil {
		return err
	}
	command.Stdout = to
	return run(command)
}

// Restore replaces everything in the database at an address by what Dump wrote, in one transaction: whole
// or nothing. open is called twice, and gives the dump from its beginning. after is SQL that ends the same
// transaction.
func (t Tools) Restore(ctx context.Context, address string, open func() (io.ReadCloser, error), after string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	list, err := t.contents(ctx, open)
	if err != nil {
		return err
	}
	defer os.Remove(list)
	dump, err := open()
	if err != nil {
		return err
	}
	defer dump.Close()
	unpack, err := t.command(ctx, "pg_restore", "", "--no-owner", "--no-comments", "--use-list="+list, "--file=-")
	if err != nil {
		return err
	}
	load, err := t.command(ctx, "psql", address, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-")
	if err != nil {
		return err
	}
	load.Stdout = io.Discard
	script, err := load.StdinPipe()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	load.Stderr = &said
	if err := load.Start(); err != nil {
		return err
	}
	// The commit is written only once the dump was unpacked to its end: a script that stops earlier is
	// rolled back with its connection.
	unpack.Stdin, unpack.Stdout = dump, script
	_, err = io.WriteString(script, "begin;\nset local client_min_messages = warning;\ndrop schema if exists public cascade;\ncreate schema public;\n")
	if err == nil {
		err = run(unpack)
	}
	if err == nil {
		_, err = io.WriteString(script, "\nset search_path = public;\n"+after+"\ncommit;\n")
	}
	script.Close()
	if ended := load.Wait(); ended != nil {
		return fmt.Errorf("psql: %w: %s", ended, firstLine(said.String()))
	}
	return err
}

// contents writes the list of what a dump holds into a file, without the default privileges: they name the
// login that made the dump.
func (t Tools) contents(ctx context.Context, open func() (io.ReadCloser, error)) (string, error) {
	dump, err := open()
	if err != nil {
		return "", err
	}
	defer dump.Close()
	command, err := t.command(ctx, "pg_restore", "", "--list")
	if err != nil {
		return "", err
	}
	var lines bytes.Buffer
	command.Stdin, command.Stdout = dump, &lines
	if err := run(command); err != nil {
		return "", err
	}
	file, err := os.CreateTemp("", "boutique-restore-*.list")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(lines.String()) {
		if !strings.Contains(line, " DEFAULT ACL ") {
			if _, err = file.WriteString(line); err != nil {
				break
			}
		}
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

func (t Tools) command(ctx context.Context, name, address string, arguments ...string) (*exec.Cmd, error) {
	path, err := t.find(name)
	if err != nil {
		return nil, err
	}
	environment := []string{"PATH=" + filepath.Dir(path) + ":/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	if address != "" {
		plain, password := forLibpq(address)
		arguments = append(arguments, "--dbname="+plain)
		if password != "" {
			environment = append(environment, "PGPASSWORD="+password)
		}
	}
	command := exec.CommandContext(ctx, path, arguments...)
	command.Env = environment
	return command, nil
}

// Path is where one of PostgreSQL's own programs lies.
func (t Tools) Path(name string) (string, error) { return t.find(name) }

// find takes the newest tools first: an older pg_dump refuses a newer server.
func (t Tools) find(name string) (string, error) {
	if bin, err := findBinaries(t.BinDir); err == nil {
		if path := filepath.Join(bin, name); executable(path) {
			return path, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%s was not found on this machine: install PostgreSQL's own tools (Debian and Ubuntu: apt-get install postgresql-client), or name their folder in PG_BIN_DIR", name)
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// run runs a program to its end; what it complained of is in the error.
func run(command *exec.Cmd) error {
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(command.Path), err, firstLine(said.String()))
	}
	return nil
}

func firstLine(said string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	return line
}

var passwordWord = regexp.MustCompile(`(?:^|\s)password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)`)

// forLibpq makes of an address for pgx one for PostgreSQL's own programs: without what only pgx knows, and
// with the password apart, which every user of the machine could read on a command line.
func forLibpq(address string) (plain, password string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		if found := passwordWord.FindStringSubmatch(address); found != nil {
			password = strings.NewReplacer(`\'`, `'`, `\\`, `\`).Replace(strings.Trim(found[1], "'"))
		}
		return strings.TrimSpace(passwordWord.ReplaceAllString(address, "")), password
	}
	if set, ok := u.User.Password(); ok {
		password = set
		u.User = url.User(u.User.Username())
	}
	q := u.Query()
	if set := q.Get("password"); set != "" {
		password = set
		q.Del("password")
	}
	for name := range q {
		if strings.HasPrefix(name, "pool_") || strings.HasPrefix(name, "statement_cache_") || strings.HasPrefix(name, "description_cache_") || name == "default_query_exec_mode" {
			q.Del(name)
		}
	}
	if (strings.Contains(u.Host, ",") || strings.Contains(q.Get("host"), ",")) && q.Get("target_session_attrs") == "" {
		q.Set("target_session_attrs", "read-write")
	}
	u.RawQuery = q.Encode()
	return u.String(), password
}
