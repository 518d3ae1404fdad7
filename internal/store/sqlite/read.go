// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"fmt"
	"slices"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/identity"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Reader reads what is stored of one line. It is safe for concurrent use.
type Reader struct {
	db   *DB
	line identity.LineID
}

// Line gives the reader of a line.
func (d *DB) Line(line identity.LineID) *Reader { return &Reader{d, line} }

func stamp(st *sqlite3.Stmt, col int) record.Stamp { return record.Stamp(columnUint(st, col)) }

func logOf(party, generation int64) store.LogID {
	return store.LogID{Party: record.PartyNo(party), Generation: uint32(generation)}
}

// reading runs f in one snapshot; line is 0 when nothing was saved of it.
func (r *Reader) reading(f func(c *conn, line int64) error) error {
	return r.db.reading(func(c *conn) error {
		id, _, _, err := readRow(c, r.line)
		if err != nil {
			return err
		}
		return f(c, id)
	})
}

// Entries gives stored entries from an index on, at most max and about
// maxBytes of them but never none; fewer where the log ends.
func (r *Reader) Entries(log store.LogID, from uint64, max, maxBytes int) (out []record.Entry, err error) {
	err = r.reading(func(c *conn, line int64) error {
		id, l, err := findLog(c, line, log)
		if err != nil || id == 0 || from >= l.Size || max <= 0 {
			return err
		}
		out, err = readEntries(c, id, l.Size, from, max, maxBytes)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read log %d.%d of %s: %w", log.Party, log.Generation, r.line, err)
	}
	return out, nil
}

func readEntries(c *conn, log int64, size, from uint64, max, maxBytes int) (out []record.Entry, err error) {
	at, total := from, 0
	err = c.q(`SELECT key, leaf, header, body FROM entry WHERE key >= ? AND key < ? ORDER BY key`).
		int(placeKey(log, from)).int(placeKey(log, size)).each(func(st *sqlite3.Stmt) bool {
		if st.ColumnInt64(0) != placeKey(log, at) {
			return false
		}
		e := record.Entry{Leaf: column(st, 1), Header: column(st, 2), Body: column(st, 3)}
		if len(out) > 0 && total+e.Size() > maxBytes {
			at = size // enough
			return false
		}
		out, total, at = append(out, e), total+e.Size(), at+1
		return len(out) < max
	})
	if err == nil && at < size && len(out) < max {
		err = fmt.Errorf("%w: entry %d is missing", store.ErrCorrupt, at)
	}
	return out, err
}

// hashReader reads the stored hashes of a log within a snapshot.
type hashReader struct {
	c     *conn
	table string
	base  int64
}

// ReadHashes implements [tlog.HashReader].
func (h hashReader) ReadHashes(indexes []int64) ([][32]byte, error) {
	out := make([][32]byte, len(indexes))
	var page []byte
	held := int64(-1)
	for i, index := range indexes {
		if n := index / hashesPerPage; n != held {
			page, held = page[:0], n
			if _, err := h.c.q(`SELECT bytes FROM ` + h.table + ` WHERE key = ?`).int(h.base + n).one(func(st *sqlite3.Stmt) {
				page = append(page, st.ColumnRawBlob(0)...)
			}); err != nil {
				return nil, err
			}
		}
		at := int(index%hashesPerPage) * 32
		if index < 0 || at+32 > len(page) {
			return nil, fmt.Errorf("hash %d is not stored", index)
		}
		copy(out[i][:], page[at:])
	}
	return out, nil
}

// Hashes reads the stored hashes of a log.
func (r *Reader) Hashes(log store.LogID) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) (out [][32]byte, err error) {
		err = r.reading(func(c *conn, line int64) error {
			id, _, err := findLog(c, line, log)
			if err != nil {
				return err
			}
			out, err = hashReader{c, "hash", id << 40}.ReadHashes(indexes)
			return err
		})
		return out, err
	})
}

// Journal gives entries of the party's own journal from an index on.
func (r *Reader) Journal(from uint64, max int) (out [][]byte, err error) {
	err = r.reading(func(c *conn, line int64) error {
		return c.q(`SELECT entry FROM journal WHERE key >= ? AND key < ? ORDER BY key LIMIT ?`).
			int(placeKey(line, from)).int(placeKey(line+1, 0)).int(int64(max)).each(func(st *sqlite3.Stmt) bool {
			out = append(out, column(st, 0))
			return true
		})
	})
	return out, err
}

// JournalHashes reads the stored hashes of the journal.
func (r *Reader) JournalHashes() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) (out [][32]byte, err error) {
		err = r.reading(func(c *conn, line int64) error {
			out, err = hashReader{c, "journal_hash", line << 40}.ReadHashes(indexes)
			return err
		})
		return out, err
	})
}

const statementColumns = `SELECT log, by, pq, size, at, root, bytes FROM statement `

func scanStatement(st *sqlite3.Stmt) store.Statement {
	return store.Statement{
		Log: unpackLog(st.ColumnInt64(0)), By: unpackLog(st.ColumnInt64(1)), PQ: st.ColumnBool(2),
		Size: columnUint(st, 3), At: stamp(st, 4), Root: columnHash(st, 5), Bytes: column(st, 6),
	}
}

func (r *Reader) statement(where string, log, by store.LogID, pq bool, more ...uint64) (s store.Statement, ok bool, err error) {
	err = r.reading(func(c *conn, line int64) error {
		q := c.q(statementColumns + `WHERE line = ? AND log = ? AND by = ? AND pq = ? ` + where + ` LIMIT 1`).
			int(line).int(packLog(log)).int(packLog(by)).bool(pq)
		for _, v := range more {
			q.uint(v)
		}
		ok, err = q.one(func(st *sqlite3.Stmt) { s = scanStatement(st) })
		return err
	})
	return s, ok, err
}

// FirstStatement is the statement by one cosigner key over the smallest size
// of a log not below size; of several over that size, the earliest.
func (r *Reader) FirstStatement(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error) {
	return r.statement(`AND size >= ? ORDER BY size, at`, log, by, pq, size)
}

// NewestStatement is the one over the largest size; of several, the latest.
func (r *Reader) NewestStatement(log, by store.LogID, pq bool) (store.Statement, bool, error) {
	return r.statement(`ORDER BY size DESC, at DESC`, log, by, pq)
}

// StatementAt is the earliest over exactly this size.
func (r *Reader) StatementAt(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error) {
	return r.statement(`AND size = ? ORDER BY at`, log, by, pq, size)
}

// Statements lists the statements by one cosigner key over a log from a size
// on, by size and time, at most max.
func (r *Reader) Statements(log, by store.LogID, size uint64, pq bool, max int) (out []store.Statement, err error) {
	err = r.reading(func(c *conn, line int64) error {
		return c.q(statementColumns + `WHERE line = ? AND log = ? AND by = ? AND pq = ? AND size >= ? ORDER BY size, at LIMIT ?`).
			int(line).int(packLog(log)).int(packLog(by)).bool(pq).uint(size).int(int64(max)).each(func(st *sqlite3.Stmt) bool {
			out = append(out, scanStatement(st))
			return true
		})
	})
	return out, err
}

// Token gives what was recorded under a token.
func (r *Reader) Token(token string) (t store.Token, ok bool, err error) {
	if r.db.tokens.beyond(r.line, token) {
		return t, false, nil
	}
	err = r.reading(func(c *conn, line int64) error {
		ok, err = c.q(`SELECT party, generation, first, count FROM token JOIN log ON log.id = token.log WHERE token.line = ? AND token = ?`).
			int(line).text(token).one(func(st *sqlite3.Stmt) {
			t = store.Token{Token: token, Log: logOf(st.ColumnInt64(0), st.ColumnInt64(1)), From: columnUint(st, 2), Count: st.ColumnInt(3)}
		})
		return err
	})
	return t, ok, err
}

// Accusations lists the statements that cannot both be true, as kept.
func (r *Reader) Accusations() (out [][]byte, err error) {
	err = r.reading(func(c *conn, line int64) error {
		return c.q(`SELECT bytes FROM accusation WHERE line = ? ORDER BY id`).int(line).each(func(st *sqlite3.Stmt) bool {
			out = append(out, column(st, 0))
			return true
		})
	})
	return out, err
}

// Find gives the place of a record by the hash of its leaf. There is no
// index for it: it searches the party's logs, newest first.
func (r *Reader) Find(party record.PartyNo, leaf [32]byte) (at store.Located, ok bool, err error) {
	err = r.reading(func(c *conn, line int64) error {
		logs, err := partyLogs(c, line, party)
		if err != nil {
			return err
		}
		at, ok, err = findLeaf(c, logs, leaf)
		return err
	})
	return at, ok, err
}

// About lists the records about a thing: its opening record first if it is
// held, the others by party, generation and place.
func (r *Reader) About(thing record.Ref) (out []store.Located, err error) {
	err = r.reading(func(c *conn, line int64) error {
		logs, err := readLogs(c, line)
		if err != nil {
			return err
		}
		opening, leaf, held, err := openingOf(c, logs, thing)
		if err != nil {
			return err
		}
		if held {
			thing = record.ByNumber(thing.Party, opening.Number)
			out = append(out, opening)
		}
		keys, err := aboutKeys(c, line, thing, leaf, held || thing.Number == 0)
		if err != nil {
			return err
		}
		rest := locate(logs, keys)
		slices.SortFunc(rest, store.Located.Compare)
		out = append(out, slices.Compact(rest)...)
		return nil
	})
	return out, err
}

// openingOf finds a thing's opening record, if held, and its leaf hash.
func openingOf(c *conn, logs []logRow, thing record.Ref) (at store.Located, leaf [32]byte, held bool, err error) {
	var of []logRow
	for _, l := range slices.Backward(logs) {
		if l.Log.Party == thing.Party {
			of = append(of, l)
		}
	}
	if thing.Number == 0 {
		at, held, err = findLeaf(c, of, thing.Hash)
		return at, thing.Hash, held, err
	}
	for _, l := range of {
		if l.Base > thing.Number {
			continue
		}
		index := thing.Number - l.Base
		if index >= l.Size {
			break
		}
		leaf, err = tlog.StoredLeaf(index, hashReader{c, "hash", l.id << 40})
		return store.Located{Log: l.Log, Index: index, Number: thing.Number}, leaf, err == nil, err
	}
	return at, leaf, false, nil
}

// aboutKeys gives the keys of the entries about a thing, by its number and,
// where its leaf is known, by that.
func aboutKeys(c *conn, line int64, thing record.Ref, leaf [32]byte, known bool) (keys []int64, err error) {
	take := func(st *sqlite3.Stmt) bool {
		keys = append(keys, st.ColumnInt64(0))
		return true
	}
	if thing.Number > 0 && thing.Number <= store.MaxNumber {
		if err := c.q(`SELECT entry FROM about WHERE line = ? AND thing = ?`).int(line).int(thingKey(thing)).each(take); err != nil {
			return nil, err
		}
	}
	if !known {
		return keys, nil
	}
	err = c.q(`SELECT entry FROM about_leaf WHERE line = ? AND party = ? AND leaf = ?`).int(line).int(int64(thing.Party)).blob(leaf[:]).each(take)
	return keys, err
}

func locate(logs []logRow, keys []int64) (out []store.Located) {
	for _, key := range keys {
		id, index := placeOf(key)
		if i := slices.IndexFunc(logs, func(l logRow) bool { return l.id == id }); i >= 0 {
			out = append(out, store.Located{Log: logs[i].Log, Index: index, Number: logs[i].Base + index})
		}
	}
	return out
}

func partyLogs(c *conn, line int64, party record.PartyNo) ([]logRow, error) {
	logs, err := readLogs(c, line)
	logs = slices.DeleteFunc(logs, func(l logRow) bool { return l.Log.Party != party })
	slices.Reverse(logs)
	return logs, err
}

// findLeaf searches logs from their ends.
func findLeaf(c *conn, logs []logRow, leaf [32]byte) (at store.Located, ok bool, err error) {
	const step = 512
	for _, l := range logs {
		hashes := hashReader{c, "hash", l.id << 40}
		for end := l.Size; end > 0; {
			from := end - min(end, step)
			indexes := make([]int64, 0, end-from)
			for i := from; i < end; i++ {
				indexes = append(indexes, tlog.StoredCount(i)) // where leaf i is stored
			}
			found, err := hashes.ReadHashes(indexes)
			if err != nil {
				return at, false, err
			}
			if i := slices.Index(found, leaf); i >= 0 {
				index := from + uint64(i)
				return store.Located{Log: l.Log, Index: index, Number: l.Base + index}, true, nil
			}
			end = from
		}
	}
	return at, false, nil
}
