// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/identity"
	"openline/internal/store"
	"openline/internal/store/flock"
)

// DB is an open store. It is safe for concurrent use: saves wait for each
// other, and so do reads.
type DB struct {
	path string
	vfs  string // of tests; empty is the system's files
	lock *flock.Lock

	write    sync.Mutex
	w        *conn
	walPages int   // length of the write-ahead log
	nextMove int   // length at which it is moved into the file
	down     error // why nothing is saved any more
	known    map[identity.LineID]*known
	tokens   newest

	read sync.Mutex
	r    *conn
}

const (
	applicationID   = 0x6f706e6c // "opnl"
	pageSize        = 4096
	writerCache     = 1024 // KiB
	readerCache     = 256  // KiB
	checkpointPages = 1000 // 4 MB of WAL
	busyTimeout     = 5 * time.Second
)

// Create makes a new store. It refuses with [store.ErrExists] where there is
// one, or what is left of one.
func Create(path string) error {
	for _, p := range []string{path, path + "-wal"} {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %s", store.ErrExists, p)
		}
	}
	fresh := path + ".new"
	if err := makeEmpty(fresh); err != nil {
		return err
	}
	if err := setUp(fresh, ""); err != nil {
		return err
	}
	return publish(fresh, path)
}

// Open opens an existing store, brings its format up to date, and looks at
// the newest of each log. It does not read everything: see [DB.Verify].
func Open(path string) (*DB, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", store.ErrMissing, path)
	} else if err != nil {
		return nil, err
	}
	lock, err := flock.Acquire(filepath.Dir(path))
	if errors.Is(err, flock.ErrHeld) {
		return nil, fmt.Errorf("%w: %s", store.ErrLocked, filepath.Dir(path))
	} else if err != nil {
		return nil, err
	}
	db, err := open(path, "")
	if err != nil {
		lock.Close()
		return nil, err
	}
	db.lock = lock
	return db, nil
}

func open(path, vfs string) (*DB, error) {
	db := &DB{path: path, vfs: vfs, nextMove: checkpointPages, known: map[identity.LineID]*known{}}
	if err := db.connect(); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, fault(err))
	}
	if err := db.glance(); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

func (d *DB) connect() (err error) {
	if d.w, err = dial(d.path, d.vfs, sqlite3.OPEN_READWRITE); err != nil {
		return err
	}
	if err := configure(d.w, writerCache); err != nil {
		return err
	}
	if err := checkFormat(d.w); err != nil {
		return err
	}
	if err := d.w.db.Exec(`PRAGMA journal_mode = WAL`); err != nil {
		return err
	}
	if err := migrate(d.w); err != nil {
		return err
	}
	if err := d.rewrite(); err != nil {
		return err
	}
	if err := d.wipe(); err != nil {
		return err
	}
	d.w.db.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		d.walPages = pages
		return nil
	})
	if d.r, err = dial(d.path, d.vfs, sqlite3.OPEN_READWRITE); err != nil {
		return err
	}
	if err := configure(d.r, readerCache); err != nil {
		return err
	}
	if _, err := d.r.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true); err != nil {
		return err
	}
	return d.r.db.Exec(`PRAGMA query_only = ON`)
}

// rewrite writes what the write-ahead log holds into the file, flushes it,
// and begins the log anew with a flushed transaction. After a failed flush and
// a restart of the process alone, the system may show pages of either file
// that never reached the disk: what is read from here on was written again,
// and an older beginning of the log can no longer be taken for its end. On a
// full disk the log stays as it is.
func (d *DB) rewrite() error {
	version, err := pragma(d.w, "user_version")
	if err != nil {
		return err
	}
	_, _, err = d.w.db.WALCheckpoint("", sqlite3.CHECKPOINT_TRUNCATE)
	if err == nil {
		err = d.w.db.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, version))
	}
	if errors.Is(fault(err), store.ErrFull) {
		return nil
	}
	return err
}

// configure sets what SQLite does not remember in the file.
func configure(c *conn, cacheKiB int) error {
	if err := c.db.BusyTimeout(busyTimeout); err != nil {
		return err
	}
	if err := c.db.WALAutoCheckpoint(0); err != nil {
		return err
	}
	return c.db.Exec(fmt.Sprintf(`
		PRAGMA synchronous = FULL;
		PRAGMA fullfsync = ON;
		PRAGMA checkpoint_fullfsync = ON;
		PRAGMA mmap_size = 0;
		PRAGMA cache_size = -%d;
		PRAGMA temp_store = MEMORY;
		PRAGMA trusted_schema = OFF;
		PRAGMA cell_size_check = ON;
		PRAGMA journal_size_limit = %d`, cacheKiB, 4*checkpointPages*pageSize))
}

// Close closes the store.
func (d *DB) Close() error {
	d.read.Lock()
	defer d.read.Unlock()
	d.write.Lock()
	defer d.write.Unlock()
	var errs []error
	if d.r != nil {
		errs = append(errs, d.r.close())
	}
	if d.w != nil {
		if d.down != nil {
			// What may not have reached the disk must not be taken for safe.
			_, err := d.w.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true)
			errs = append(errs, err)
		}
		errs = append(errs, d.w.close())
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
	}
	d.r, d.w, d.lock, d.down = nil, nil, nil, store.ErrClosed
	return errors.Join(errs...)
}
