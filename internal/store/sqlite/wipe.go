// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"openline/internal/store"
	"openline/record"
)

// removals takes header and body of entries away and marks by which record.
func (p *putting) removals(b *store.Batch) error {
	if len(b.Removals) == 0 {
		return nil
	}
	logs, err := readLogs(p.c, p.line)
	if err != nil {
		return err
	}
	names := map[record.Ref]map[record.Ref]bool{}
	for i := range b.Removals {
		r := &b.Removals[i]
		if _, ok := names[r.By]; !ok {
			if names[r.By], err = namedBy(p.c, logs, r.By); err != nil {
				return err
			}
		}
		l, err := p.find(r.Log)
		if err != nil {
			return err
		}
		if l.id == 0 || r.Index >= l.size {
			return fmt.Errorf("%w: entry %d of log %d.%d is not held and cannot be removed", store.ErrBatch, r.Index, r.Log.Party, r.Log.Generation)
		}
		list, err := readEntries(p.c, l.id, l.size, r.Index, 1, 1)
		if err != nil {
			return err
		}
		thing, err := thingOf(p.c, logs, store.Located{Log: r.Log, Index: r.Index}, list[0])
		if err != nil {
			return err
		}
		if err := r.Check(list[0], thing, names[r.By]); err != nil {
			return err
		}
		key := placeKey(l.id, r.Index)
		if err := p.c.q(`UPDATE entry SET header = x'', body = x'' WHERE key = ?`).int(key).run(); err != nil {
			return err
		}
		if err := p.c.q(`INSERT INTO removed (entry, by, wiped) VALUES (?, ?, 0)`).int(key).int(thingKey(r.By)).run(); err != nil {
			return err
		}
	}
	return nil
}

// namedBy gives what a stored RT01 names; none if there is no such record.
func namedBy(c *conn, logs []logRow, by record.Ref) (map[record.Ref]bool, error) {
	if by.Number == 0 || by.Number > store.MaxNumber {
		return nil, nil
	}
	at, _, held, err := openingOf(c, logs, by)
	if err != nil || !held {
		return nil, err
	}
	for _, l := range logs {
		if l.Log == at.Log {
			list, err := readEntries(c, l.id, l.Size, at.Index, 1, 1)
			if err != nil {
				return nil, err
			}
			return store.Names(list[0]), nil
		}
	}
	return nil, nil
}

// thingOf is the opening record of what an entry concerns, by its number.
func thingOf(c *conn, logs []logRow, at store.Located, e record.Entry) (record.Ref, error) {
	leaf, err := record.DecodeLeaf(e.Leaf)
	if err != nil {
		return record.Ref{}, nil // it concerns nothing
	}
	if leaf.About.IsZero() {
		for _, l := range logs {
			if l.Log == at.Log {
				return record.ByNumber(at.Log.Party, l.Base+at.Index), nil
			}
		}
	}
	opening, _, held, err := openingOf(c, logs, leaf.About)
	if err != nil || !held {
		return record.Ref{}, err
	}
	return record.ByNumber(opening.Log.Party, opening.Number), nil
}

// RemovedBy names the record (RT01) under which the content of a stored entry
// was removed.
func (r *Reader) RemovedBy(log store.LogID, index uint64) (by record.Ref, ok bool, err error) {
	err = r.reading(func(c *conn, line int64) error {
		id, _, err := findLog(c, line, log)
		if err != nil || id == 0 || index >= store.MaxEntries {
			return err
		}
		by, ok, err = removedBy(c, placeKey(id, index))
		return err
	})
	return by, ok, err
}

func removedBy(c *conn, key int64) (by record.Ref, ok bool, err error) {
	ok, err = c.q(`SELECT by FROM removed WHERE entry = ?`).int(key).one(func(st *sqlite3.Stmt) {
		v := st.ColumnInt64(0)
		by = record.ByNumber(record.PartyNo(v>>48), uint64(v)&(store.MaxNumber<<1-1))
	})
	return by, ok, err
}

// Unwiped is how many removed entries of the line may still be read from the
// bytes of the file: there was no room to write it anew, or something reads it.
func (r *Reader) Unwiped() (n int, err error) {
	err = r.reading(func(c *conn, line int64) error {
		_, err := c.q(`SELECT count(*) FROM removed JOIN log ON log.id = removed.entry >> 40 WHERE log.line = ? AND wiped = 0`).int(line).
			one(func(st *sqlite3.Stmt) { n = st.ColumnInt(0) })
		return err
	})
	return n, err
}

// wipe writes the file anew, without what was deleted or taken out of it and
// without what is left of that between its rows, and ends the write-ahead
// log. It needs room for the file twice; without that, or while a backup
// reads, what was removed stays marked and is wiped at the next removal or
// start.
func (d *DB) wipe() error {
	var n int64
	if _, err := d.w.q(`SELECT count(*) FROM removed WHERE wiped = 0`).one(func(st *sqlite3.Stmt) { n = st.ColumnInt64(0) }); err != nil || n == 0 {
		return fault(err)
	}
	err := d.rewriteFile()
	if err == nil {
		// A reader in this process ends within the busy timeout.
		_, _, err = d.w.db.WALCheckpoint("", sqlite3.CHECKPOINT_TRUNCATE)
	}
	if err == nil {
		err = d.w.q(`UPDATE removed SET wiped = 1 WHERE wiped = 0`).run()
	}
	if err = fault(err); err == nil || final(err) {
		return err
	}
	return nil
}

// rewriteFile puts a copy of what the file holds in its place, in one
// transaction of the write-ahead log.
func (d *DB) rewriteFile() error {
	fresh := d.path + ".wipe"
	err := d.discard(fresh)
	if err == nil && d.vfs == "" {
		err = makeEmpty(fresh)
	}
	if err != nil {
		return err
	}
	err = d.w.q(`VACUUM INTO ?`).text(fresh).run()
	if err == nil {
		err = d.w.db.Restore("main", uri(fresh, d.vfs))
	}
	clear(d.known)
	if e := d.discard(fresh); err == nil {
		err = e
	}
	return err
}

// discard takes the copy away.
func (d *DB) discard(path string) error {
	if d.vfs == "" {
		return remove(path)
	}
	if err := vfs.Find(d.vfs).Delete(path, false); !errors.Is(err, sqlite3.IOERR_DELETE_NOENT) {
		return err
	}
	return nil
}
