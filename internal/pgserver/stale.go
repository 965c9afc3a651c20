package pgserver

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clearStale removes the lock file of a server that was killed. PostgreSQL refuses to start while
// the process it names exists, and a killed one may linger as a zombie that nobody reaps. It is
// called under our own lock, so no living server of ours can be starting.
func (s *Server) clearStale(ctx context.Context) error {
	path := filepath.Join(s.data, "postmaster.pid")
	deadline := time.Now().Add(10 * time.Second)
	for {
		lines, err := readLines(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if !s.lives(lines) {
			for _, stale := range []string{path, filepath.Join(s.socket, ".s.PGSQL.5432"), filepath.Join(s.socket, ".s.PGSQL.5432.lock")} {
				if err := os.Remove(stale); err != nil && !os.IsNotExist(err) {
					return err
				}
			}
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("another PostgreSQL (process %s) works on %s: stop it first", lines[0], s.data)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// lives tells whether the server that left the lock file, or one of its children, still runs.
func (s *Server) lives(lines []string) bool {
	if len(lines) == 0 {
		return false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err == nil && isPostgres(pid) {
		return true
	}
	if len(lines) < 7 {
		return false
	}
	ids := strings.Fields(lines[6])
	return len(ids) == 2 && attached(ids[1])
}

// isPostgres tells whether a process is a living PostgreSQL and no zombie.
func isPostgres(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	name, rest, ok := strings.Cut(string(status), ") ")
	return ok && strings.HasSuffix(name, "(postgres") && !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

// attached tells whether any process still uses the shared memory segment.
func attached(id string) bool {
	file, err := os.Open("/proc/sysvipc/shm")
	if err != nil {
		return false
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) > 6 && fields[1] == id {
			return fields[6] != "0"
		}
	}
	return false
}

func readLines(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimRight(string(data), "\n"), "\n"), nil
}
