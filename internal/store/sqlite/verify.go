// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/identity"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Verify reads the whole store: every page, every entry against its hash and
// digests, every hash against its tree, every tree against its root. It
// holds up neither reads nor saves.
func (d *DB) Verify() error {
	return fault(d.aside(func(c *conn) (err error) {
		if err := c.q(`BEGIN`).run(); err != nil {
			return err
		}
		defer func() {
			if e := c.q(`COMMIT`).run(); err == nil {
				err = e
			}
		}()
		if err := checkPages(c); err != nil {
			return err
		}
		lines := map[int64]identity.LineID{}
		if err := c.q(`SELECT id, name FROM line`).each(func(st *sqlite3.Stmt) bool {
			lines[st.ColumnInt64(0)] = identity.LineID(st.ColumnText(1))
			return true
		}); err != nil {
			return err
		}
		for id, name := range lines {
			if err := verifyLine(c, id, name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}))
}

func checkPages(c *conn) error {
	var faults []error
	err := c.q(`PRAGMA integrity_check(5)`).each(func(st *sqlite3.Stmt) bool {
		if msg := st.ColumnText(0); msg != "ok" {
			faults = append(faults, fmt.Errorf("%w: %s", store.ErrCorrupt, msg))
		}
		return true
	})
	return errors.Join(append(faults, err)...)
}

func verifyLine(c *conn, line int64, name identity.LineID) error {
	logs, err := readLogs(c, line)
	if err != nil {
		return err
	}
	_, row, _, err := readRow(c, name)
	if err != nil {
		return err
	}
	for _, l := range logs {
		if err := verifyLog(c, logs, l); err != nil {
			return damaged(l.Log, err)
		}
	}
	if err := verifyJournal(c, line, row.Journal); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return verifyBlobs(c, line)
}

// growing is a tree that is built again beside the stored hashes.
type growing struct {
	tree   *tlog.Tree
	stored hashReader
}

func (g *growing) add(leaf [32]byte) error {
	at := tlog.StoredCount(g.tree.Size())
	want := g.tree.Append(leaf)
	indexes := make([]int64, len(want))
	for i := range indexes {
		indexes[i] = at + int64(i)
	}
	have, err := g.stored.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i := range want {
		if have[i] != want[i] {
			return fmt.Errorf("%w: entry %d does not match the stored hashes", store.ErrCorrupt, g.tree.Size()-1)
		}
	}
	return nil
}

// verifyRemoved holds that an entry without content was removed under a
// record that is stored, names what it concerns, and is whole itself.
func verifyRemoved(c *conn, logs []logRow, l logRow, index uint64, e record.Entry) error {
	by, ok, err := removedBy(c, placeKey(l.id, index))
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: entry %d has no content, and no record says that it was removed", store.ErrCorrupt, index)
	}
	thing, err := thingOf(c, logs, store.Located{Log: l.Log, Index: index}, e)
	if err != nil {
		return err
	}
	names, err := namedBy(c, logs, by)
	if err == nil && !names[thing] {
		err = fmt.Errorf("%w: entry %d is marked as removed under %d/%d, which does not name it", store.ErrCorrupt, index, by.Party, by.Number)
	}
	return err
}

// verifyEntry holds an entry against its digests, or its removal.
func verifyEntry(c *conn, logs []logRow, l logRow, index uint64, e record.Entry) error {
	if store.Hollow(e) {
		return verifyRemoved(c, logs, l, index, e)
	}
	if _, marked, err := removedBy(c, placeKey(l.id, index)); err != nil {
		return err
	} else if marked {
		return fmt.Errorf("%w: entry %d is marked as removed and is there", store.ErrCorrupt, index)
	}
	// No ceiling here: what was taken was measured then.
	if err := e.Whole(record.Limits{Body: 1 << 30}); err != nil {
		return fmt.Errorf("%w: entry %d: %v", store.ErrCorrupt, index, err)
	}
	return nil
}

func verifyLog(c *conn, logs []logRow, l logRow) error {
	tree, err := tlog.OpenTree(0, nil)
	if err != nil {
		return err
	}
	g := growing{tree, hashReader{c, "hash", l.id << 40}}
	for tree.Size() < l.Size {
		entries, err := readEntries(c, l.id, l.Size, tree.Size(), 256, 1<<20)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := g.add(tlog.LeafHash(e.Leaf)); err != nil {
				return err
			}
			if err := verifyEntry(c, logs, l, tree.Size()-1, e); err != nil {
				return err
			}
		}
	}
	if tree.Root() != l.Root {
		return fmt.Errorf("%w: its entries do not lead to its root", store.ErrCorrupt)
	}
	return nil
}

func verifyJournal(c *conn, line int64, size uint64) error {
	tree, err := tlog.OpenTree(0, nil)
	if err != nil {
		return err
	}
	g := growing{tree, hashReader{c, "journal_hash", line << 40}}
	var fault error
	err = c.q(`SELECT entry FROM journal WHERE key >= ? AND key < ? ORDER BY key`).int(placeKey(line, 0)).int(placeKey(line+1, 0)).
		each(func(st *sqlite3.Stmt) bool {
			fault = g.add(tlog.LeafHash(st.ColumnRawBlob(0)))
			return fault == nil
		})
	if err == nil && fault == nil && tree.Size() != size {
		fault = fmt.Errorf("%w: %d entries, not %d", store.ErrCorrupt, tree.Size(), size)
	}
	return errors.Join(err, fault)
}
