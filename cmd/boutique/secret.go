package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// secretLength is 256 bits.
const secretLength = 32

// secret reads one of the shop's own keys from SECRETS_DIR, and makes it the first time. Only its
// owner may read it.
func (c Config) secret(name string) ([]byte, error) {
	dir := c.secretsDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("SECRETS_DIR must be a folder that can be written: %w", err)
	}
	path := filepath.Join(dir, name)
	key, err := os.ReadFile(path)
	switch {
	case err == nil && len(key) == secretLength:
		return key, nil
	case err == nil:
		return nil, fmt.Errorf("%s must hold %d bytes: restore it from the backup", path, secretLength)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("SECRETS_DIR must be a folder that can be read: %w", err)
	}
	key = make([]byte, secretLength)
	rand.Read(key)
	made, err := os.CreateTemp(dir, name+".*")
	if err != nil {
		return nil, fmt.Errorf("SECRETS_DIR must be a folder that can be written: %w", err)
	}
	defer os.Remove(made.Name())
	if _, err := made.Write(key); err != nil {
		made.Close()
		return nil, err
	}
	if err := made.Sync(); err != nil {
		made.Close()
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	if err := os.Link(made.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
