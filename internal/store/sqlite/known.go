// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"sync"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/identity"
	"openline/internal/store"
)

// known is what the writing connection knows of a line without asking the
// tables again: nobody else writes. It is forgotten whenever a transaction is
// taken back.
type known struct {
	id    int64
	logs  map[store.LogID]knownLog
	tails map[tailOf]tail
	ahead bool // there may be entries ahead of their place
}

// knownLog is a log's key and size; the key is 0 if it is not open.
type knownLog struct {
	id   int64
	size uint64
}

// tailOf names a row of hashes: its table, and its base in it.
type tailOf struct {
	table string
	base  int64
}

// tail is the last page of hashes that was written.
type tail struct {
	page  int64
	bytes []byte
}

// knows gives what is known of a line that has a row.
func (d *DB) knows(name identity.LineID, id int64) (*known, error) {
	if k := d.known[name]; k != nil {
		return k, nil
	}
	k := &known{id: id, logs: map[store.LogID]knownLog{}, tails: map[tailOf]tail{}}
	if _, err := d.w.q(`SELECT EXISTS (SELECT 1 FROM ahead)`).one(func(st *sqlite3.Stmt) { k.ahead = st.ColumnBool(0) }); err != nil {
		return nil, err
	}
	if err := d.tokens.load(d.w, name, id); err != nil {
		return nil, err
	}
	d.known[name] = k
	return k, nil
}

// find gives a log of the line.
func (p *putting) find(id store.LogID) (knownLog, error) {
	if l, ok := p.known.logs[id]; ok {
		return l, nil
	}
	key, st, err := findLog(p.c, p.line, id)
	if err != nil || key == 0 {
		return knownLog{}, err
	}
	p.known.logs[id] = knownLog{key, st.Size}
	return p.known.logs[id], nil
}

// newest knows the largest token of each line. Tokens are ordered by time, so
// that most that are asked for are beyond it and need not be looked up. It
// may name one that was not saved in the end.
type newest struct {
	mu   sync.Mutex
	line map[identity.LineID]string
}

// load begins with what is stored.
func (n *newest) load(c *conn, name identity.LineID, id int64) error {
	stored := ""
	if _, err := c.q(`SELECT token FROM token WHERE line = ? ORDER BY token DESC LIMIT 1`).int(id).
		one(func(st *sqlite3.Stmt) { stored = st.ColumnText(0) }); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.line == nil {
		n.line = map[identity.LineID]string{}
	}
	n.line[name] = max(n.line[name], stored)
	return nil
}

// saving takes note of a token before it is durable.
func (n *newest) saving(name identity.LineID, token string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.line[name] = max(n.line[name], token)
}

// beyond reports whether a token is beyond all of a line that are stored or
// being stored.
func (n *newest) beyond(name identity.LineID, token string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	last, ok := n.line[name]
	return ok && token > last
}
