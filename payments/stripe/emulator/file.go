package emulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// stateFile is the append-only memory of one emulator: a line per transaction. A line that a kill
// has cut short was never answered and is dropped at the next start.
type stateFile struct {
	dir  string
	f    *os.File
	lock *os.File
}

// openState reads the state of dir, rewrites it without what is superseded, and keeps the file open.
func openState(dir string, seed int64) (*stateFile, *state, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("emulator state: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("emulator state: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("another payment emulator works in %s: stop it first", dir), lock.Close())
	}
	name := filepath.Join(dir, "state.jsonl")
	s := newState(seed)
	if err := load(name, s); err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	if err := rewrite(name, s); err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("emulator state: %w", err), lock.Close())
	}
	return &stateFile{dir: dir, f: f, lock: lock}, s, nil
}

func load(name string, s *state) error {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("emulator state: %w", err)
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReader(f)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("emulator state: %w", err)
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return fmt.Errorf("emulator state: line %d of %s is damaged: %w", n, name, err)
		}
		if l.Seed != 0 {
			s.seed = l.Seed
		}
		s.made = max(s.made, l.Made)
		for _, m := range l.Rows {
			if m.Drop != "" {
				s.drop(m.Kind, m.Drop)
				continue
			}
			decode, known := kinds[m.Kind]
			if !known {
				return fmt.Errorf("emulator state: line %d of %s holds a %q, which is unknown", n, name, m.Kind)
			}
			r, err := decode(m.Row)
			if err != nil {
				return fmt.Errorf("emulator state: line %d of %s: %w", n, name, err)
			}
			s.put(r)
		}
	}
}

// rewrite replaces the file by one that holds each living record once.
func rewrite(name string, s *state) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), "state-*")
	if err != nil {
		return fmt.Errorf("emulator state: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	out := bufio.NewWriter(tmp)
	enc := json.NewEncoder(out)
	err = enc.Encode(line{Seed: s.seed, Made: s.made, Rows: []move{}})
	for kind, keys := range s.order {
		for _, key := range keys {
			raw, merr := json.Marshal(s.rows[kind][key])
			err = errors.Join(err, merr, enc.Encode(line{Made: s.made, Rows: []move{{Kind: kind, Row: raw}}}))
		}
	}
	err = errors.Join(err, out.Flush(), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("emulator state: %w", err)
	}
	return nil
}

// append writes one transaction. It is in the system's hands when append returns: a killed process
// loses nothing.
func (f *stateFile) append(l line) error {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(l); err != nil {
		return fmt.Errorf("emulator state: %w", err)
	}
	if _, err := f.f.Write(b.Bytes()); err != nil {
		return fmt.Errorf("emulator state: %w", err)
	}
	return nil
}

func (f *stateFile) close() error {
	return errors.Join(f.f.Sync(), f.f.Close(), syscall.Flock(int(f.lock.Fd()), syscall.LOCK_UN), f.lock.Close())
}

// port is where this directory's emulator listened last; 0 when it never did.
func (f *stateFile) port() int {
	b, err := os.ReadFile(filepath.Join(f.dir, "port"))
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}

func (f *stateFile) keepPort(n int) error {
	return os.WriteFile(filepath.Join(f.dir, "port"), []byte(strconv.Itoa(n)+"\n"), 0o600)
}
