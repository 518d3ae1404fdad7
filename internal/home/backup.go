// SPDX-License-Identifier: Apache-2.0

package home

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"openline/internal/keys"
	"openline/internal/store/sqlite"
)

// A backup is a tar file: the store first, then the small files by name. The
// party's key is not in it, nor are station keys: who restores opens a new
// generation, with keys of its own.

const (
	databaseFile  = "openline.db"
	maxBackupFile = 2 << 20 // of a small one
	maxBackupSize = 1 << 46 // of the store
)

// Backup writes a backup; database is a copy of the store made for it.
func (h *Home) Backup(w io.Writer, database string) error {
	list, err := h.backedUp()
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	if err := addStore(t, database); err != nil {
		return err
	}
	for _, name := range list {
		b, err := readFile(filepath.Join(h.Dir, filepath.FromSlash(name)), maxBackupFile)
		if err != nil {
			return err
		}
		if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(b)), Format: tar.FormatPAX}); err != nil {
			return err
		}
		if _, err := t.Write(b); err != nil {
			return err
		}
	}
	return t.Close()
}

func addStore(t *tar.Writer, database string) (err error) {
	f, err := os.Open(database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: databaseFile, Mode: 0o600, Size: info.Size(), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

// backedUp lists the small files of a backup, in order.
func (h *Home) backedUp() ([]string, error) {
	var list []string
	err := filepath.WalkDir(h.Dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(h.Dir, p)
		if name = filepath.ToSlash(name); err == nil && d.Type().IsRegular() && belongs(name) {
			list = append(list, name)
		}
		return err
	})
	return list, err
}

// belongs reports whether a small file of that name is part of a backup.
func belongs(name string) bool {
	if path.Clean(name) != name || !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	dir, file := path.Split(name)
	if strings.HasPrefix(file, ".") || strings.Contains(name, "/.") {
		return false
	}
	switch first, rest, _ := strings.Cut(name, "/"); first {
	case settingsFile, "party.card":
		return rest == ""
	case "cards":
		return dir == "cards/" && strings.HasSuffix(file, ".card")
	case "people":
		return dir == "people/" && strings.HasSuffix(file, ".pub")
	case "keys":
		return dir == "keys/" && strings.HasPrefix(file, "person.") && strings.HasSuffix(file, ".key")
	case "lines":
		n := strings.Count(rest, "/")
		return n == 1 && strings.HasSuffix(file, ".note") || n == 2 && strings.HasPrefix(strings.Split(rest, "/")[1], "catalogue-") && strings.HasSuffix(file, ".toml")
	}
	return false
}

// Restore makes a directory from a backup. It must not be there yet. The
// station it makes holds less than was signed since the backup: it cannot be
// started before [Home.Renew] on every line, as no station key is in it.
func Restore(r io.Reader, dir string) (h *Home, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is there already; restore into a directory that is not", dir)
	}
	fresh := dir + ".restoring"
	if err := os.Mkdir(fresh, 0o700); errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s is left from an earlier attempt; remove it first", fresh)
	} else if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(fresh))
		}
	}()
	if err := unpack(tar.NewReader(r), fresh); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	if h, err = Open(fresh); err != nil {
		return nil, err
	}
	if err := h.verify(); err != nil {
		return nil, err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return nil, err
	}
	h.Dir = dir
	return h, Flush(filepath.Dir(dir))
}

// verify reads everything once, so that a backup that does not hold is known
// before it is in place.
func (h *Home) verify() error {
	if _, _, err := h.Card(); err != nil {
		return err
	}
	ids, err := h.Lines()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := h.Line(id); err != nil {
			return err
		}
	}
	return nil
}

func unpack(t *tar.Reader, dir string) error {
	seen := map[string]bool{}
	for {
		hd, err := t.Next()
		if errors.Is(err, io.EOF) {
			if !seen[databaseFile] || !seen[settingsFile] {
				return errors.New("it does not hold a station: openline.db or station.toml is missing")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case seen[hd.Name]:
			return fmt.Errorf("%.80q is in it twice", hd.Name)
		case hd.Typeflag != tar.TypeReg:
			return fmt.Errorf("%.80q is not a regular file", hd.Name)
		case hd.Name == databaseFile && hd.Size <= maxBackupSize:
			err = unpackStore(t, dir)
		case belongs(hd.Name) && hd.Size <= maxBackupFile:
			err = unpackFile(t, filepath.Join(dir, filepath.FromSlash(hd.Name)))
		default:
			return fmt.Errorf("%.80q does not belong into a backup", hd.Name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", hd.Name, err)
		}
		seen[hd.Name] = true
	}
}

func unpackFile(r io.Reader, to string) error {
	var b bytes.Buffer
	if _, err := io.Copy(&b, r); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return keys.WriteFile(to, b.Bytes())
}

// unpackStore writes the copy of the store and has the store read all of it.
func unpackStore(r io.Reader, dir string) (err error) {
	part := filepath.Join(dir, "backup.part")
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return errors.Join(sqlite.Restore(part, filepath.Join(dir, databaseFile)), os.Remove(part))
}

// Flush makes durable what was put into a folder or taken from it.
func Flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
