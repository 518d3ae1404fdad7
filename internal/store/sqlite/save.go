// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/identity"
	"openline/internal/store"
)

// Save makes a batch durable, whole or not at all. After an error that wraps
// [store.ErrSick] or [store.ErrCorrupt] every later Save fails likewise.
func (d *DB) Save(b store.Batch) error {
	d.write.Lock()
	defer d.write.Unlock()
	if d.down != nil {
		return d.down
	}
	err := fault(d.transact(&b))
	if err != nil {
		err = fmt.Errorf("save %s: %w", b.Line, err)
		if final(err) {
			d.down = err
		}
		return err
	}
	if len(b.Removals) == 0 {
		d.checkpoint()
	} else if err := d.wipe(); err != nil {
		d.down = fmt.Errorf("wipe %s: %w", d.path, err) // the batch is durable: it shows at the next save
	}
	return nil
}

func (d *DB) transact(b *store.Batch) error {
	if err := d.w.q(`BEGIN IMMEDIATE`).run(); err != nil {
		return err
	}
	err := d.put(b)
	if err == nil {
		err = d.w.q(`COMMIT`).run()
	}
	if err == nil {
		return nil
	}
	clear(d.known)
	if d.w.db.GetAutocommit() {
		return err
	}
	if e := d.w.q(`ROLLBACK`).run(); e != nil {
		return fmt.Errorf("%w: %v, and taking it back: %v", store.ErrSick, err, e)
	}
	return err
}

// checkpoint moves the WAL into the file when it has grown. The batch is
// durable already, so a failure shows at the next Save. A disk too full for
// it is no failure: the WAL keeps what it has.
func (d *DB) checkpoint() {
	if d.walPages < d.nextMove {
		return
	}
	d.nextMove = checkpointPages
	all, moved, err := d.w.db.WALCheckpoint("", sqlite3.CHECKPOINT_PASSIVE)
	if err = fault(err); err != nil && final(err) {
		d.down = fmt.Errorf("save: write-ahead log into %s: %w", d.path, err)
	} else if err != nil || moved < all {
		d.nextMove = d.walPages + checkpointPages // a reader, or a full disk, holds it up
	}
}

// put writes a batch within a transaction.
func (d *DB) put(b *store.Batch) error {
	p, err := d.open(b)
	if err != nil {
		return err
	}
	for i := range b.Logs {
		if err := p.log(&b.Logs[i]); err != nil {
			return err
		}
	}
	for _, f := range []func(*store.Batch) error{p.marks, p.statements, p.tokens, p.journal, p.ahead, p.accusations, p.queue, p.small, p.blobs, p.removals, p.row} {
		if err := f(b); err != nil {
			return err
		}
	}
	return nil
}

// putting is one batch on its way into the tables.
type putting struct {
	c      *conn
	line   int64
	name   identity.LineID
	known  *known
	newest *newest
}

// open finds the line's row and compares it with the one expected.
func (d *DB) open(b *store.Batch) (*putting, error) {
	p := &putting{c: d.w, name: b.Line, newest: &d.tokens}
	id, row, ok, err := readRow(d.w, b.Line)
	if err != nil {
		return nil, err
	}
	if !row.Equal(b.Expect) {
		return nil, fmt.Errorf("%w: stored is generation %d at %d, signed %d; expected generation %d at %d, signed %d", store.ErrConflict,
			row.Generation, row.Size, row.LastSigned, b.Expect.Generation, b.Expect.Size, b.Expect.LastSigned)
	}
	if err := b.CheckJournal(); err != nil {
		return nil, err
	}
	p.line = id
	if !ok {
		if err := d.w.q(`INSERT INTO line (name, generation, size, root, last_signed, journal) VALUES (?, 0, 0, ?, 0, 0)`).
			text(string(b.Line)).blob(make([]byte, 32)).run(); err != nil {
			return nil, err
		}
		p.line = d.w.db.LastInsertRowID()
	}
	p.known, err = d.knows(b.Line, p.line)
	return p, err
}

func (p *putting) row(b *store.Batch) error {
	r := &b.Next
	if r.Equal(b.Expect) {
		return nil
	}
	return p.c.q(`UPDATE line SET generation = ?, size = ?, root = ?, checkpoint = ?, last_signed = ?, journal = ? WHERE id = ?`).
		int(int64(r.Generation)).uint(r.Size).blob(r.Root[:]).maybe(r.Checkpoint).uint(uint64(r.LastSigned)).uint(r.Journal).int(p.line).run()
}

func (p *putting) statements(b *store.Batch) error {
	for i := range b.DropStatements {
		s := &b.DropStatements[i]
		if err := p.c.q(`DELETE FROM statement WHERE line = ? AND log = ? AND by = ? AND pq = ? AND size = ? AND at = ?`).
			int(p.line).int(packLog(s.Log)).int(packLog(s.By)).bool(s.PQ).uint(s.Size).uint(uint64(s.At)).run(); err != nil {
			return err
		}
	}
	for i := range b.Statements {
		s := &b.Statements[i]
		if err := p.c.q(`INSERT INTO statement (line, log, by, pq, size, at, root, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`).
			int(p.line).int(packLog(s.Log)).int(packLog(s.By)).bool(s.PQ).uint(s.Size).uint(uint64(s.At)).blob(s.Root[:]).blob(s.Bytes).run(); err != nil {
			return err
		}
	}
	return nil
}

func (p *putting) tokens(b *store.Batch) error {
	for i := range b.Tokens {
		t := &b.Tokens[i]
		l, err := p.find(t.Log)
		if err != nil {
			return err
		}
		if l.id == 0 {
			return fmt.Errorf("%w: token %s is for a log that is not open", store.ErrBatch, t.Token)
		}
		p.newest.saving(p.name, t.Token)
		err = p.c.q(`INSERT INTO token (line, token, log, first, count) VALUES (?, ?, ?, ?, ?)`).
			int(p.line).text(t.Token).int(l.id).uint(t.From).int(int64(t.Count)).run()
		if errors.Is(err, sqlite3.CONSTRAINT) {
			return fmt.Errorf("%w: %s", store.ErrToken, t.Token)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *putting) queue(b *store.Batch) error {
	for _, token := range b.Unqueue {
		if err := p.c.q(`DELETE FROM queue WHERE id = (SELECT min(id) FROM queue WHERE line = ? AND token = ?)`).
			int(p.line).text(token).run(); err != nil {
			return err
		}
	}
	for i := range b.Queue {
		if err := p.c.q(`INSERT INTO queue (line, token, bytes) VALUES (?, ?, ?)`).
			int(p.line).text(b.Queue[i].Token).blob(b.Queue[i].Bytes).run(); err != nil {
			return err
		}
	}
	return nil
}

func (p *putting) accusations(b *store.Batch) error {
	for _, a := range b.Accusations {
		if err := p.c.q(`INSERT INTO accusation (line, bytes) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM accusation WHERE line = ?1 AND bytes = ?2)`).
			int(p.line).blob(a).run(); err != nil {
			return err
		}
	}
	return nil
}

// small keeps the cached state and the facts.
func (p *putting) small(b *store.Batch) error {
	if b.Snapshot != nil {
		if err := p.c.q(`INSERT OR REPLACE INTO snapshot (line, bytes) VALUES (?, ?)`).int(p.line).blob(b.Snapshot).run(); err != nil {
			return err
		}
	}
	for name, v := range b.Facts {
		var err error
		if v == nil {
			err = p.c.q(`DELETE FROM fact WHERE line = ? AND name = ?`).int(p.line).text(name).run()
		} else {
			err = p.c.q(`INSERT OR REPLACE INTO fact (line, name, bytes) VALUES (?, ?, ?)`).int(p.line).text(name).blob(v).run()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
