// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/internal/store"
	"openline/record"
)

// Reindex makes the index of which records are about which thing anew from
// the entries, in one transaction. Entries and hashes are not touched.
func (d *DB) Reindex() error {
	d.write.Lock()
	defer d.write.Unlock()
	if d.down != nil {
		return d.down
	}
	if err := d.w.q(`BEGIN IMMEDIATE`).run(); err != nil {
		return fault(err)
	}
	err := d.reindex()
	if err == nil {
		err = d.w.q(`COMMIT`).run()
	}
	if err == nil || d.w.db.GetAutocommit() {
		return fault(err)
	}
	if e := d.w.q(`ROLLBACK`).run(); e != nil {
		return fmt.Errorf("%w: %v, and taking it back: %v", store.ErrSick, fault(err), e)
	}
	return fault(err)
}

func (d *DB) reindex() error {
	for _, table := range []string{"about", "about_leaf"} {
		if err := d.w.q(`DELETE FROM ` + table).run(); err != nil {
			return err
		}
	}
	var lines []int64
	if err := d.w.q(`SELECT id FROM line`).each(func(st *sqlite3.Stmt) bool {
		lines = append(lines, st.ColumnInt64(0))
		return true
	}); err != nil {
		return err
	}
	for _, line := range lines {
		logs, err := readLogs(d.w, line)
		if err != nil {
			return err
		}
		for _, l := range logs {
			if err := reindexLog(&putting{c: d.w, line: line}, l); err != nil {
				return damaged(l.Log, err)
			}
		}
	}
	return nil
}

func reindexLog(p *putting, l logRow) error {
	for at := uint64(0); at < l.Size; {
		entries, err := readEntries(p.c, l.id, l.Size, at, 1000, 4<<20)
		if err != nil {
			return err
		}
		u := store.LogUpdate{From: at, About: make([]record.Ref, len(entries))}
		for i, e := range entries {
			if leaf, err := record.DecodeLeaf(e.Leaf); err == nil {
				u.About[i] = leaf.About
			}
		}
		if err := p.about(l.id, &u); err != nil {
			return err
		}
		at += uint64(len(entries))
	}
	return nil
}
