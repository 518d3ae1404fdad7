// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/internal/store"
)

// migrations are applied in the order of their names; user_version counts
// those applied. A file, once released, is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// setUp makes an empty file a store.
func setUp(path, vfs string) (err error) {
	c, err := dial(path, vfs, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, fault(err))
	}
	defer func() {
		if e := c.close(); err == nil {
			err = e
		}
		if err != nil {
			err = fmt.Errorf("create %s: %w", path, fault(err))
		}
	}()
	// Eight bytes at the end of each page hold its checksum.
	if _, err := c.db.FileControl("", sqlite3.FCNTL_RESERVE_BYTES, 8); err != nil {
		return err
	}
	if err := c.db.Exec(fmt.Sprintf(`PRAGMA page_size = %d`, pageSize)); err != nil {
		return err
	}
	if err := configure(c, writerCache); err != nil {
		return err
	}
	if err := c.db.Exec(fmt.Sprintf(`PRAGMA journal_mode = WAL; PRAGMA application_id = %d`, applicationID)); err != nil {
		return err
	}
	return migrate(c)
}

// checkFormat refuses what is no store, before anything is written to it.
func checkFormat(c *conn) error {
	id, err := pragma(c, "application_id")
	if err != nil {
		return err
	}
	if id != applicationID {
		return fmt.Errorf("%w: it is another program's file", store.ErrFormat)
	}
	return nil
}

func migrate(c *conn) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	have, err := pragma(c, "user_version")
	if err != nil {
		return err
	}
	if have > int64(len(names)) {
		return fmt.Errorf("%w: its format is %d, this openline knows %d", store.ErrFormat, have, len(names))
	}
	for i := have; i < int64(len(names)); i++ {
		sql, err := migrations.ReadFile(names[i])
		if err != nil {
			return err
		}
		if err := apply(c, string(sql), i+1); err != nil {
			return fmt.Errorf("%s: %w", names[i], err)
		}
	}
	return nil
}

func apply(c *conn, sql string, version int64) error {
	if err := c.db.Exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	err := c.db.Exec(sql)
	if err == nil {
		err = c.db.Exec(fmt.Sprintf(`PRAGMA user_version = %d; COMMIT`, version))
	}
	if err != nil && !c.db.GetAutocommit() {
		_ = c.db.Exec(`ROLLBACK`) // the first error is the one to tell
	}
	return err
}

func pragma(c *conn, name string) (v int64, err error) {
	_, err = c.q(`PRAGMA ` + name).one(func(st *sqlite3.Stmt) { v = st.ColumnInt64(0) })
	return v, err
}

// makeEmpty makes an empty file that only its owner may read.
func makeEmpty(path string) error {
	if err := remove(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// remove takes away a file that was not finished, and what SQLite put beside it.
func remove(path string) error {
	for _, p := range []string{path, path + "-wal", path + "-shm", path + "-journal"} {
		if err := os.Remove(p); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// publish gives a finished file its name, durably.
func publish(from, to string) error {
	if err := flush(from); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return flush(filepath.Dir(to))
}

func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return fmt.Errorf("flush %s: %w", path, err)
	}
	return f.Close()
}
