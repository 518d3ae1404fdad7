// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/internal/store"
)

// Backup writes a copy of the store as it is now, and durably. Saves go on
// meanwhile. The file must not exist.
func (d *DB) Backup(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", store.ErrExists, path)
	}
	part := path + ".part"
	if err := makeEmpty(part); err != nil {
		return err
	}
	if err := d.copyTo(part); err != nil {
		return errors.Join(fmt.Errorf("backup to %s: %w", path, fault(err)), remove(part))
	}
	return publish(part, path)
}

func (d *DB) copyTo(path string) error {
	return d.aside(func(c *conn) error { return c.q(`VACUUM INTO ?`).text(path).run() })
}

// aside runs f with a connection of its own, so that nothing waits for it.
func (d *DB) aside(f func(*conn) error) (err error) {
	d.read.Lock()
	closed := d.r == nil
	d.read.Unlock()
	if closed {
		return store.ErrClosed
	}
	c, err := dial(d.path, d.vfs, sqlite3.OPEN_READWRITE)
	if err != nil {
		return err
	}
	defer func() {
		if e := c.close(); err == nil {
			err = e
		}
	}()
	if err := configure(c, readerCache); err != nil {
		return err
	}
	if _, err := c.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true); err != nil {
		return err
	}
	return f(c)
}

// Restore puts a backup where there is no store, after reading all of it.
// What it holds is older than what was signed since: the station must open a
// new generation before it signs.
func Restore(backup, path string) (err error) {
	for _, p := range []string{path, path + "-wal"} {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %s", store.ErrExists, p)
		}
	}
	fresh := path + ".new"
	if err := makeEmpty(fresh); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove(fresh))
		}
	}()
	if err := copyFile(backup, fresh); err != nil {
		return err
	}
	db, err := open(fresh, "")
	if err != nil {
		return err
	}
	if err := errors.Join(db.Verify(), db.Close()); err != nil {
		return fmt.Errorf("restore %s: %w", filepath.Base(backup), err)
	}
	return publish(fresh, path)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
