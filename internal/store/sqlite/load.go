// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/identity"
	"openline/internal/store"
	"openline/tlog"
)

// reading runs f with the reader, within one snapshot of the store.
func (d *DB) reading(f func(*conn) error) error {
	d.read.Lock()
	defer d.read.Unlock()
	if d.r == nil {
		return store.ErrClosed
	}
	if err := d.r.q(`BEGIN`).run(); err != nil {
		return fault(err)
	}
	err := f(d.r)
	if e := d.r.q(`COMMIT`).run(); err == nil {
		err = e
	}
	return fault(err)
}

// Lines lists the lines something was saved of.
func (d *DB) Lines() (lines []identity.LineID, err error) {
	err = d.reading(func(c *conn) error {
		return c.q(`SELECT name FROM line ORDER BY name`).each(func(st *sqlite3.Stmt) bool {
			lines = append(lines, identity.LineID(st.ColumnText(0)))
			return true
		})
	})
	return lines, err
}

// Load gives what a station starts from.
func (d *DB) Load(line identity.LineID) (s store.Saved, err error) {
	err = d.reading(func(c *conn) error {
		id, row, ok, err := readRow(c, line)
		if err != nil || !ok {
			return err
		}
		s.Row = row
		logs, err := readLogs(c, id)
		if err != nil {
			return err
		}
		for _, l := range logs {
			if l.Card, err = readCard(c, l.id); err != nil {
				return err
			}
			s.Logs = append(s.Logs, l.LogState)
			if err := loadAhead(c, l, &s); err != nil {
				return err
			}
		}
		if err := loadUploads(c, id, &s); err != nil {
			return err
		}
		return loadSmall(c, id, &s)
	})
	if err != nil {
		return store.Saved{}, fmt.Errorf("load %s: %w", line, err)
	}
	return s, nil
}

func loadAhead(c *conn, l logRow, s *store.Saved) error {
	return c.q(`SELECT key, bytes FROM ahead WHERE key >= ? AND key < ? ORDER BY key`).int(placeKey(l.id, 0)).int(placeKey(l.id+1, 0)).
		each(func(st *sqlite3.Stmt) bool {
			_, index := placeOf(st.ColumnInt64(0))
			s.Ahead = append(s.Ahead, store.Ahead{Log: l.Log, Index: index, Bytes: column(st, 1)})
			return true
		})
}

func loadSmall(c *conn, line int64, s *store.Saved) error {
	if err := c.q(`SELECT token, bytes FROM queue WHERE line = ? ORDER BY id`).int(line).each(func(st *sqlite3.Stmt) bool {
		s.Queue = append(s.Queue, store.Queued{Token: st.ColumnText(0), Bytes: column(st, 1)})
		return true
	}); err != nil {
		return err
	}
	if _, err := c.q(`SELECT bytes FROM snapshot WHERE line = ?`).int(line).one(func(st *sqlite3.Stmt) {
		s.Snapshot = column(st, 0)
	}); err != nil {
		return err
	}
	return c.q(`SELECT name, bytes FROM fact WHERE line = ?`).int(line).each(func(st *sqlite3.Stmt) bool {
		if s.Facts == nil {
			s.Facts = map[string][]byte{}
		}
		s.Facts[st.ColumnText(0)] = append([]byte{}, st.ColumnRawBlob(1)...)
		return true
	})
}

func readRow(c *conn, line identity.LineID) (id int64, r store.Row, ok bool, err error) {
	ok, err = c.q(`SELECT id, generation, size, root, checkpoint, last_signed, journal FROM line WHERE name = ?`).text(string(line)).
		one(func(st *sqlite3.Stmt) {
			id = st.ColumnInt64(0)
			r.Generation, r.Size, r.Root = uint32(st.ColumnInt64(1)), columnUint(st, 2), columnHash(st, 3)
			r.Checkpoint, r.LastSigned, r.Journal = column(st, 4), stamp(st, 5), columnUint(st, 6)
		})
	return id, r, ok, err
}

// logRow is a log with its key.
type logRow struct {
	id int64
	store.LogState
}

const logColumns = `SELECT id, party, generation, base, size, root, checkpoint, pending, known, forked FROM log `

func scanLog(st *sqlite3.Stmt) (l logRow) {
	l.id = st.ColumnInt64(0)
	l.Log = logOf(st.ColumnInt64(1), st.ColumnInt64(2))
	l.Base, l.Size, l.Root = columnUint(st, 3), columnUint(st, 4), columnHash(st, 5)
	l.Checkpoint, l.Pending = column(st, 6), column(st, 7)
	l.Known, l.Forked = st.ColumnBool(8), st.ColumnBool(9)
	return l
}

func readLogs(c *conn, line int64) (logs []logRow, err error) {
	err = c.q(logColumns + `WHERE line = ? ORDER BY party, generation`).int(line).each(func(st *sqlite3.Stmt) bool {
		logs = append(logs, scanLog(st))
		return true
	})
	return logs, err
}

// findLog gives a log by its name; its key is 0 if it is not open.
func findLog(c *conn, line int64, id store.LogID) (key int64, l store.LogState, err error) {
	_, err = c.q(logColumns + `WHERE line = ? AND party = ? AND generation = ?`).int(line).int(int64(id.Party)).int(int64(id.Generation)).
		one(func(st *sqlite3.Stmt) {
			r := scanLog(st)
			key, l = r.id, r.LogState
		})
	return key, l, err
}

func readCard(c *conn, log int64) (card []byte, err error) {
	ok, err := c.q(`SELECT bytes FROM card WHERE log = ?`).int(log).one(func(st *sqlite3.Stmt) { card = column(st, 0) })
	if err == nil && !ok {
		err = fmt.Errorf("%w: a log has no card", store.ErrCorrupt)
	}
	return card, err
}

// glance looks at the newest of each log: its stored hashes must lead to its
// root, and its newest entry must be there and match. It reads some pages of
// each log, however long.
func (d *DB) glance() error {
	return d.reading(func(c *conn) error {
		var lines []int64
		if err := c.q(`SELECT id FROM line`).each(func(st *sqlite3.Stmt) bool {
			lines = append(lines, st.ColumnInt64(0))
			return true
		}); err != nil {
			return err
		}
		for _, line := range lines {
			logs, err := readLogs(c, line)
			if err != nil {
				return err
			}
			for _, l := range logs {
				if err := glanceAt(c, l); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func glanceAt(c *conn, l logRow) error {
	if l.Size == 0 {
		return nil
	}
	hashes := hashReader{c, "hash", l.id << 40}
	root, err := tlog.RootAt(l.Size, hashes)
	if err != nil {
		return damaged(l.Log, err)
	}
	if root != l.Root {
		return damaged(l.Log, errors.New("stored hashes do not lead to the stored root"))
	}
	leaf, err := tlog.StoredLeaf(l.Size-1, hashes)
	if err != nil {
		return damaged(l.Log, err)
	}
	entries, err := readEntries(c, l.id, l.Size, l.Size-1, 1, 1)
	if err != nil {
		return damaged(l.Log, err)
	}
	if tlog.LeafHash(entries[0].Leaf) != leaf {
		return damaged(l.Log, fmt.Errorf("entry %d does not match its hash", l.Size-1))
	}
	return nil
}

// damaged tells which log it is, and that it is damage whatever found it.
func damaged(log store.LogID, err error) error {
	err = fault(err)
	if errors.Is(err, store.ErrSick) || errors.Is(err, store.ErrCorrupt) {
		return fmt.Errorf("log %d.%d: %w", log.Party, log.Generation, err)
	}
	return fmt.Errorf("%w: log %d.%d: %v", store.ErrCorrupt, log.Party, log.Generation, err)
}
