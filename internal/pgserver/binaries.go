// Package pgserver runs a PostgreSQL of the shop's own: found on the machine, private to its data
// directory, started and stopped with the program.
package pgserver

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

// ErrNoBinaries says what to install when PostgreSQL is not on the machine.
var ErrNoBinaries = errors.New("PostgreSQL was not found on this machine: install it (Debian and Ubuntu: apt-get install postgresql), or name its folder in PG_BIN_DIR, or give a DATABASE_URL")

// findBinaries finds the folder that holds both postgres and initdb: the one named, else the
// newest under the distribution's folders, else PATH with its links resolved.
func findBinaries(named string) (string, error) {
	if named != "" {
		if holdsServer(named) {
			return named, nil
		}
		return "", errors.New("PG_BIN_DIR must be a folder that holds postgres and initdb: " + named + " does not")
	}
	if found, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(found); err == nil && holdsServer(filepath.Dir(real)) {
			return filepath.Dir(real), nil
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"} {
		folders, _ := filepath.Glob(pattern)
		sort.Slice(folders, func(i, j int) bool { return version(folders[i]) > version(folders[j]) })
		for _, f := range folders {
			if holdsServer(f) {
				return f, nil
			}
		}
	}
	return "", ErrNoBinaries
}

func holdsServer(folder string) bool {
	for _, name := range []string{"postgres", "initdb"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

// version is the number in a folder's name: 15 in /usr/lib/postgresql/15/bin.
func version(folder string) int {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, filepath.Base(filepath.Dir(folder)))
	n, _ := strconv.Atoi(digits)
	return n
}

// account is whom the server runs as. PostgreSQL refuses to run as root: root lends it an
// unprivileged user.
type account struct {
	uid, gid uint32
	lent     bool
}

func findAccount(named string) (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	names := []string{"postgres", "nobody"}
	if named != "" {
		names = []string{named}
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return account{uint32(uid), uint32(gid), true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root and no unprivileged user was found: name one in PG_OS_USER")
}

func (a account) credential() *syscall.Credential {
	if !a.lent {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid, NoSetGroups: true}
}

// canReach tells whether the account may pass through every folder above a path. Root's own
// folders are often closed to others.
func (a account) canReach(path string) bool {
	if !a.lent {
		return true
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil {
			mode := info.Mode().Perm()
			owner, ok := info.Sys().(*syscall.Stat_t)
			switch {
			case ok && owner.Uid == a.uid && mode&0o100 != 0:
			case ok && owner.Gid == a.gid && mode&0o010 != 0:
			case mode&0o001 != 0:
			default:
				return false
			}
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}
