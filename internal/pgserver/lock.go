package pgserver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrInUse is the refusal of a second serve or demo on one data directory.
var ErrInUse = errors.New("is in use: another boutique serve or demo works on it; stop that one first, or give this one a directory of its own")

// flock takes a lock that ends with the process, however it ends.
type flock struct{ file *os.File }

// tryLock takes the lock if nobody has it; ok is false when somebody does.
func tryLock(path string) (l *flock, ok bool, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, false, err
	}
	switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case err == nil:
		return &flock{file}, true, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		file.Close()
		return nil, false, nil
	default:
		file.Close()
		return nil, false, err
	}
}

func (l *flock) release() {
	if l != nil {
		// Closing is not enough: a program that is being started holds the same file until it runs.
		_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN)
		l.file.Close()
	}
}

// Claim takes a data directory for a serve or a demo, until the process ends or release is called.
// A directory that another one works on is refused.
func Claim(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("DATA_DIR must be a folder that can be written: %w", err)
	}
	l, ok, err := tryLock(filepath.Join(dir, "serving.lock"))
	if err != nil {
		return nil, fmt.Errorf("DATA_DIR must be a folder that can be written: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("%s %w", dir, ErrInUse)
	}
	return l.release, nil
}

// Claimed tells whether a serve or a demo works on the directory.
func Claimed(dir string) bool {
	release, err := Claim(dir)
	if err == nil {
		release()
	}
	return errors.Is(err, ErrInUse)
}
