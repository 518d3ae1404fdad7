// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"bytes"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Keys: a place in a log, and a thing, each in one integer.
func placeKey(log int64, index uint64) int64 { return log<<40 | int64(index) }
func placeOf(key int64) (log int64, index uint64) {
	return key >> 40, uint64(key) & (store.MaxEntries - 1)
}
func thingKey(r record.Ref) int64 { return int64(uint64(r.Party)<<48 | r.Number) }
func packLog(l store.LogID) int64 { return int64(l.Party)<<32 | int64(l.Generation) }
func unpackLog(v int64) store.LogID {
	return store.LogID{Party: record.PartyNo(v >> 32), Generation: uint32(v)}
}

// hashesPerPage hashes fill one page of the database with their row's head.
const hashesPerPage = 125

func (p *putting) log(u *store.LogUpdate) error {
	l, err := p.find(u.Log)
	if err != nil {
		return err
	}
	id := l.id
	if err := u.Check(id != 0, l.size); err != nil {
		return err
	}
	if id == 0 {
		if id, err = p.openLog(u); err != nil {
			return err
		}
	} else if len(u.Card) > 0 {
		if err := p.sameCard(id, u); err != nil {
			return err
		}
	}
	if err := p.entries(id, u); err != nil {
		return err
	}
	if err := p.appendHashes("hash", id<<40, u.HashFrom, u.Hashes); err != nil {
		return err
	}
	if err := p.about(id, u); err != nil {
		return err
	}
	if len(u.Entries) > 0 && p.known.ahead {
		if err := p.c.q(`DELETE FROM ahead WHERE key >= ? AND key < ?`).int(placeKey(id, u.From)).int(placeKey(id, u.Size)).run(); err != nil {
			return err
		}
	}
	p.known.logs[u.Log] = knownLog{id, u.Size}
	return p.c.q(`UPDATE log SET size = ?, root = ?, checkpoint = coalesce(?, checkpoint), pending = ? WHERE id = ?`).
		uint(u.Size).blob(u.Root[:]).maybe(u.Checkpoint).maybe(u.Pending).int(id).run()
}

func (p *putting) openLog(u *store.LogUpdate) (int64, error) {
	if err := p.c.q(`INSERT INTO log (line, party, generation, base, size, root, known, forked) VALUES (?, ?, ?, ?, 0, ?, 0, 0)`).
		int(p.line).int(int64(u.Log.Party)).int(int64(u.Log.Generation)).uint(u.Base).blob(u.Root[:]).run(); err != nil {
		return 0, err
	}
	id := p.c.db.LastInsertRowID()
	return id, p.c.q(`INSERT INTO card (log, bytes) VALUES (?, ?)`).int(id).blob(u.Card).run()
}

func (p *putting) sameCard(id int64, u *store.LogUpdate) error {
	card, err := readCard(p.c, id)
	if err != nil {
		return err
	}
	if !bytes.Equal(card, u.Card) {
		return fmt.Errorf("%w: log %d.%d was opened by another card", store.ErrBatch, u.Log.Party, u.Log.Generation)
	}
	return nil
}

func (p *putting) entries(id int64, u *store.LogUpdate) error {
	for i := range u.Entries {
		e := &u.Entries[i]
		if err := p.c.q(`INSERT INTO entry (key, leaf, header, body) VALUES (?, ?, ?, ?)`).
			int(placeKey(id, u.From+uint64(i))).blob(e.Leaf).blob(e.Header).blob(e.Body).run(); err != nil {
			return err
		}
	}
	return nil
}

func (p *putting) about(id int64, u *store.LogUpdate) error {
	for i, thing := range u.About {
		if thing.IsZero() {
			continue
		}
		key := placeKey(id, u.From+uint64(i))
		var err error
		switch {
		case thing.Number == 0:
			err = p.c.q(`INSERT INTO about_leaf (line, party, leaf, entry) VALUES (?, ?, ?, ?)`).
				int(p.line).int(int64(thing.Party)).blob(thing.Hash[:]).int(key).run()
		case thing.Number <= store.MaxNumber:
			err = p.c.q(`INSERT INTO about (line, thing, entry) VALUES (?, ?, ?)`).
				int(p.line).int(thingKey(thing)).int(key).run()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// appendHashes adds to the pages of a table that begin at a key.
func (p *putting) appendHashes(table string, base, from int64, hashes [][32]byte) error {
	for len(hashes) > 0 {
		page, at := from/hashesPerPage, int(from%hashesPerPage)
		n := min(len(hashes), hashesPerPage-at)
		buf, err := p.pageOf(table, base, page, at*32)
		if err != nil {
			return err
		}
		for i := range n {
			buf = append(buf, hashes[i][:]...)
		}
		if err := p.c.q(`INSERT OR REPLACE INTO ` + table + ` (key, bytes) VALUES (?, ?)`).int(base + page).blob(buf).run(); err != nil {
			return err
		}
		p.known.tails[tailOf{table, base}] = tail{page, buf}
		hashes, from = hashes[n:], from+int64(n)
	}
	return nil
}

// pageOf gives a page of hashes as far as it is filled, to be added to.
func (p *putting) pageOf(table string, base, page int64, filled int) ([]byte, error) {
	last := p.known.tails[tailOf{table, base}]
	if last.page == page && len(last.bytes) == filled && filled > 0 {
		return last.bytes, nil
	}
	buf := last.bytes[:0]
	if cap(buf) == 0 {
		buf = make([]byte, 0, hashesPerPage*32)
	}
	if filled == 0 {
		return buf, nil
	}
	if _, err := p.c.q(`SELECT bytes FROM ` + table + ` WHERE key = ?`).int(base + page).one(func(st *sqlite3.Stmt) {
		buf = append(buf, st.ColumnRawBlob(0)...)
	}); err != nil {
		return nil, err
	}
	if len(buf) != filled {
		return nil, fmt.Errorf("%w: %s page %d has %d bytes, not %d", store.ErrCorrupt, table, page, len(buf), filled)
	}
	return buf, nil
}

// journal adds to the party's own journal of the line.
func (p *putting) journal(b *store.Batch) error {
	var hashes [][32]byte
	for i := range b.Journal {
		e := &b.Journal[i]
		if err := p.c.q(`INSERT INTO journal (key, entry) VALUES (?, ?)`).
			int(placeKey(p.line, b.Expect.Journal+uint64(i))).blob(e.Entry).run(); err != nil {
			return err
		}
		hashes = append(hashes, e.Hashes...)
	}
	return p.appendHashes("journal_hash", p.line<<40, tlog.StoredCount(b.Expect.Journal), hashes)
}

func (p *putting) marks(b *store.Batch) error {
	for _, l := range b.Known {
		if err := p.mark(`UPDATE log SET known = 1 WHERE id = ?`, l); err != nil {
			return err
		}
	}
	for _, l := range b.Forked {
		if err := p.mark(`UPDATE log SET forked = 1 WHERE id = ?`, l); err != nil {
			return err
		}
	}
	return nil
}

func (p *putting) mark(sql string, l store.LogID) error {
	of, err := p.find(l)
	if err != nil {
		return err
	}
	if of.id == 0 {
		return fmt.Errorf("%w: log %d.%d is not open", store.ErrBatch, l.Party, l.Generation)
	}
	return p.c.q(sql).int(of.id).run()
}

func (p *putting) ahead(b *store.Batch) error {
	for i := range b.Ahead {
		a := &b.Ahead[i]
		l, err := p.find(a.Log)
		if err != nil {
			return err
		}
		if l.id == 0 || a.Index >= store.MaxEntries {
			return fmt.Errorf("%w: entry ahead in log %d.%d, which is not open", store.ErrBatch, a.Log.Party, a.Log.Generation)
		}
		if a.Index < l.size {
			continue // its place was filled in the same batch
		}
		p.known.ahead = true
		if err := p.c.q(`INSERT OR REPLACE INTO ahead (key, bytes) VALUES (?, ?)`).
			int(placeKey(l.id, a.Index)).blob(a.Bytes).run(); err != nil {
			return err
		}
	}
	return nil
}
