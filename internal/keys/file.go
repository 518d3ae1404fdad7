// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Answers about files. Callers may branch on them, and on fs.ErrNotExist.
var (
	ErrExists    = errors.New("there is a key already; a key is never overwritten")
	ErrReadable  = errors.New("others than its owner may read it; who has read it is not known")
	ErrNotAKey   = errors.New("not a regular file")
	errManyBytes = errors.New("too large for a key file")
)

const (
	dirMode = 0o700
	others  = 0o077
)

// readPrivate reads a file that is for its owner alone. It looks at the open
// file, so that none can be put in its place between the look and the read.
func readPrivate(path string, most int) ([]byte, error) {
	// Without O_NONBLOCK a pipe in the file's place would wait for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", path, ErrNotAKey)
	}
	if m := info.Mode().Perm(); m&others != 0 {
		return nil, fmt.Errorf("%s has mode %04o: %w; change the secret, or chmod 600 if you know", path, m, ErrReadable)
	}
	b, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("%s: %w", path, errManyBytes)
	}
	return b, err
}

// SealFile seals a secret into a file that must not be there yet.
func (l Lock) SealFile(path, secret string) error {
	// Looked at before the second that sealing takes; create looks again.
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	b, err := l.Seal(secret)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return create(path, b)
}

// OpenFile opens a sealed file.
func (l Lock) OpenFile(path string) (string, error) {
	b, err := readPrivate(path, maxSealed)
	if err != nil {
		return "", err
	}
	s, err := l.Open(b)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// ReplaceFile seals the secret of a file anew, under another lock.
func ReplaceFile(path string, old, l Lock) error {
	secret, err := old.OpenFile(path)
	if err != nil {
		return err
	}
	b, err := l.Seal(secret)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return WriteFile(path, b)
}

// create writes a file that must not be there yet.
func create(path string, b []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return write(path, b, func(tmp string) error {
		err := os.Link(tmp, path)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s: %w", path, ErrExists)
		}
		if err == nil {
			return os.Remove(tmp)
		}
		// A stick without hard links: look, then rename.
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", path, ErrExists)
		}
		return os.Rename(tmp, path)
	})
}

// WriteFile writes a file whole or not at all, for its owner alone, in the
// place of one that may be there, and flushes it and its directory.
func WriteFile(path string, b []byte) error {
	return write(path, b, func(tmp string) error { return os.Rename(tmp, path) })
}

// write makes the bytes durable under a passing name, lets place give them
// their own, and makes that durable too. CreateTemp's mode is 0600.
func write(path string, b []byte, place func(tmp string) error) (err error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, "."+name+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreAbsent(os.Remove(f.Name())))
		}
	}()
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = place(f.Name()); err != nil {
		return err
	}
	return syncDir(dir)
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
