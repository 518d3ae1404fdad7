// SPDX-License-Identifier: Apache-2.0

package stationtest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Disk is a model of a store for one line. Err, if set, is what the next
// Save answers without doing anything.
type Disk struct {
	saved store.Saved // Logs are kept in logs
	logs  map[store.LogID]*diskLog
	stmts map[stmtKey][]store.Statement // by size, then time
	token map[string]store.Token

	journal     [][]byte
	journalHash [][32]byte
	accusations [][]byte
	blobs       []diskBlob // oldest first
	attached    []store.Attached
	Saves       int
	Err         error
}

type diskLog struct {
	store.LogState
	entries []record.Entry
	removed map[uint64]record.Ref
	about   []record.Ref
	hashes  [][32]byte
}

type stmtKey struct {
	log, by store.LogID
	pq      bool
}

// NewDisk is an empty disk.
func NewDisk() *Disk {
	return &Disk{logs: map[store.LogID]*diskLog{}, stmts: map[stmtKey][]store.Statement{}, token: map[string]store.Token{}}
}

// Clone is a backup: what is on the disk now.
func (d *Disk) Clone() *Disk {
	c := &Disk{saved: d.saved, logs: map[store.LogID]*diskLog{}, stmts: map[stmtKey][]store.Statement{}, token: maps.Clone(d.token),
		journal: slices.Clip(d.journal), journalHash: slices.Clip(d.journalHash), accusations: slices.Clip(d.accusations),
		blobs: slices.Clone(d.blobs), attached: slices.Clone(d.attached)}
	c.saved.Queue, c.saved.Ahead, c.saved.Facts = slices.Clone(d.saved.Queue), slices.Clone(d.saved.Ahead), maps.Clone(d.saved.Facts)
	for id, l := range d.logs {
		k := *l
		k.removed = maps.Clone(l.removed)
		k.entries, k.about, k.hashes = slices.Clip(l.entries), slices.Clip(l.about), slices.Clip(l.hashes)
		c.logs[id] = &k
	}
	for k, list := range d.stmts {
		c.stmts[k] = slices.Clone(list)
	}
	return c
}

// Save puts a batch on the disk, whole or not at all.
func (d *Disk) Save(b store.Batch) error {
	if d.Err != nil {
		err := d.Err
		d.Err = nil
		return err
	}
	if !d.saved.Row.Equal(b.Expect) {
		return fmt.Errorf("%w: stored %+v, expected %+v", store.ErrConflict, d.saved.Row, b.Expect)
	}
	if err := d.check(&b); err != nil {
		return err
	}
	d.Saves++
	for i := range b.Logs {
		d.putLog(&b.Logs[i])
	}
	for _, id := range b.Known {
		d.logs[id].Known = true
	}
	for _, id := range b.Forked {
		d.logs[id].Forked = true
	}
	d.putStatements(&b)
	for _, t := range b.Tokens {
		d.token[t.Token] = t
	}
	for _, j := range b.Journal {
		d.journal, d.journalHash = append(d.journal, j.Entry), append(d.journalHash, j.Hashes...)
	}
	for _, a := range b.Accusations {
		if !slices.ContainsFunc(d.accusations, func(o []byte) bool { return bytes.Equal(a, o) }) {
			d.accusations = append(d.accusations, a)
		}
	}
	d.putSmall(&b)
	d.remove(&b)
	d.putBlobs(&b)
	d.saved.Row = b.Next
	return nil
}

func (d *Disk) check(b *store.Batch) error {
	if err := b.CheckJournal(); err != nil {
		return err
	}
	sizes, open := map[store.LogID]uint64{}, map[store.LogID]bool{}
	for id, l := range d.logs {
		sizes[id], open[id] = l.Size, true
	}
	for i := range b.Logs {
		u := &b.Logs[i]
		if err := u.Check(open[u.Log], sizes[u.Log]); err != nil {
			return err
		}
		sizes[u.Log], open[u.Log] = u.Size, true
	}
	for _, t := range b.Tokens {
		if _, ok := d.token[t.Token]; ok {
			return fmt.Errorf("%w: %s", store.ErrToken, t.Token)
		}
	}
	for _, id := range slices.Concat(b.Known, b.Forked) {
		if !open[id] {
			return fmt.Errorf("%w: log %v is not open", store.ErrBatch, id)
		}
	}
	if err := d.checkRemovals(b); err != nil {
		return err
	}
	return d.checkBlobs(b, sizes)
}

func (d *Disk) putLog(u *store.LogUpdate) {
	l := d.logs[u.Log]
	if l == nil {
		l = &diskLog{LogState: store.LogState{Log: u.Log, Card: u.Card, Base: u.Base}}
		d.logs[u.Log] = l
	}
	l.entries, l.hashes = append(l.entries, u.Entries...), append(l.hashes, u.Hashes...)
	about := u.About
	if len(about) == 0 {
		about = make([]record.Ref, len(u.Entries))
	}
	l.about = append(l.about, about...)
	l.Size, l.Root, l.Pending = u.Size, u.Root, u.Pending
	if u.Checkpoint != nil {
		l.Checkpoint = u.Checkpoint
	}
	d.saved.Ahead = slices.DeleteFunc(slices.Clone(d.saved.Ahead), func(a store.Ahead) bool { return a.Log == u.Log && a.Index < u.Size })
}

func (d *Disk) putStatements(b *store.Batch) {
	for _, id := range b.DropStatements {
		k := stmtKey{id.Log, id.By, id.PQ}
		d.stmts[k] = slices.DeleteFunc(slices.Clone(d.stmts[k]), func(s store.Statement) bool { return s.ID() == id })
	}
	for _, s := range b.Statements {
		k := stmtKey{s.Log, s.By, s.PQ}
		if !slices.ContainsFunc(d.stmts[k], func(o store.Statement) bool { return o.ID() == s.ID() }) {
			d.stmts[k] = append(slices.Clip(d.stmts[k]), s)
			slices.SortStableFunc(d.stmts[k], func(a, b store.Statement) int {
				return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.At, b.At))
			})
		}
	}
}

func (d *Disk) putSmall(b *store.Batch) {
	for _, token := range b.Unqueue {
		if i := slices.IndexFunc(d.saved.Queue, func(q store.Queued) bool { return q.Token == token }); i >= 0 {
			d.saved.Queue = slices.Delete(slices.Clone(d.saved.Queue), i, i+1)
		}
	}
	d.saved.Queue = append(slices.Clip(d.saved.Queue), b.Queue...)
	for _, a := range b.Ahead {
		if l := d.logs[a.Log]; l == nil || a.Index >= l.Size {
			d.saved.Ahead = append(slices.DeleteFunc(slices.Clone(d.saved.Ahead), func(o store.Ahead) bool { return o.Log == a.Log && o.Index == a.Index }), a)
		}
	}
	if b.Snapshot != nil {
		d.saved.Snapshot = b.Snapshot
	}
	facts := maps.Clone(d.saved.Facts)
	for name, v := range b.Facts {
		if facts == nil {
			facts = map[string][]byte{}
		}
		if v == nil {
			delete(facts, name)
		} else {
			facts[name] = v
		}
	}
	d.saved.Facts = facts
}

// Load gives what a station starts from.
func (d *Disk) Load() store.Saved {
	s := d.saved
	s.Logs = nil
	for _, l := range d.logs {
		s.Logs = append(s.Logs, l.LogState)
	}
	for _, b := range d.blobs {
		if b.Use == store.UseUpload {
			s.Uploads = append(s.Uploads, b.Blob)
		}
	}
	slices.SortFunc(s.Logs, func(a, b store.LogState) int {
		return cmp.Or(cmp.Compare(a.Log.Party, b.Log.Party), cmp.Compare(a.Log.Generation, b.Log.Generation))
	})
	s.Ahead = slices.SortedFunc(slices.Values(s.Ahead), func(a, b store.Ahead) int {
		return cmp.Or(cmp.Compare(a.Log.Party, b.Log.Party), cmp.Compare(a.Log.Generation, b.Log.Generation), cmp.Compare(a.Index, b.Index))
	})
	return s
}

// Accusations lists those kept.
func (d *Disk) Accusations() [][]byte { return d.accusations }

// JournalEntries lists the journal.
func (d *Disk) JournalEntries() [][]byte { return d.journal }

// Entries implements station.Reader.
func (d *Disk) Entries(id store.LogID, from uint64, max, maxBytes int) ([]record.Entry, error) {
	l := d.logs[id]
	if l == nil || from >= l.Size {
		return nil, nil
	}
	n, bytes := 0, 0
	for _, e := range l.entries[from:] {
		if n == max || n > 0 && bytes+e.Size() > maxBytes {
			break
		}
		n, bytes = n+1, bytes+e.Size()
	}
	return l.entries[from : from+uint64(n) : from+uint64(n)], nil
}

var errNoHash = errors.New("hash is not stored")

func readHashes(hashes [][32]byte, indexes []int64) ([][32]byte, error) {
	out := make([][32]byte, len(indexes))
	for i, n := range indexes {
		if n < 0 || n >= int64(len(hashes)) {
			return nil, errNoHash
		}
		out[i] = hashes[n]
	}
	return out, nil
}

// Hashes implements station.Reader.
func (d *Disk) Hashes(id store.LogID) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([][32]byte, error) {
		l := d.logs[id]
		if l == nil {
			return nil, errNoHash
		}
		return readHashes(l.hashes, indexes)
	})
}

// JournalHashes implements station.Reader.
func (d *Disk) JournalHashes() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([][32]byte, error) { return readHashes(d.journalHash, indexes) })
}

// About implements station.Reader.
func (d *Disk) About(thing record.Ref) (out []store.Located, err error) {
	byHash := thing
	if at, ok := d.opening(thing); ok {
		l := d.logs[at.Log]
		thing, byHash = record.ByNumber(at.Log.Party, at.Number), record.ByHash(at.Log.Party, record.LeafHash(l.entries[at.Index].Leaf))
		out = append(out, at)
	}
	first := len(out)
	for id, l := range d.logs {
		for i, about := range l.about {
			if !about.IsZero() && (about == thing || about == byHash) {
				out = append(out, store.Located{Log: id, Index: uint64(i), Number: l.Base + uint64(i)})
			}
		}
	}
	slices.SortFunc(out[first:], store.Located.Compare)
	return out, nil
}

// opening finds a thing's opening record: by number in the generation with
// the largest base not above it, or by leaf hash.
func (d *Disk) opening(thing record.Ref) (at store.Located, ok bool) {
	if thing.Number == 0 {
		at, ok, _ = d.Find(thing.Party, thing.Hash)
		return at, ok
	}
	var of *diskLog
	for id, l := range d.logs {
		if id.Party == thing.Party && l.Base <= thing.Number && (of == nil || l.Base > of.Base) {
			of = l
		}
	}
	if of == nil || thing.Number-of.Base >= of.Size {
		return at, false
	}
	return store.Located{Log: of.Log, Index: thing.Number - of.Base, Number: thing.Number}, true
}

// Find implements station.Reader.
func (d *Disk) Find(party record.PartyNo, leaf [32]byte) (store.Located, bool, error) {
	for id, l := range d.logs {
		for i, e := range l.entries {
			if id.Party == party && record.LeafHash(e.Leaf) == leaf {
				return store.Located{Log: id, Index: uint64(i), Number: l.Base + uint64(i)}, true, nil
			}
		}
	}
	return store.Located{}, false, nil
}

// FirstStatement implements station.Reader.
func (d *Disk) FirstStatement(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error) {
	for _, s := range d.stmts[stmtKey{log, by, pq}] {
		if s.Size >= size {
			return s, true, nil
		}
	}
	return store.Statement{}, false, nil
}

// NewestStatement implements station.Reader.
func (d *Disk) NewestStatement(log, by store.LogID, pq bool) (store.Statement, bool, error) {
	list := d.stmts[stmtKey{log, by, pq}]
	if len(list) == 0 {
		return store.Statement{}, false, nil
	}
	return list[len(list)-1], true, nil
}

// StatementAt implements station.Reader.
func (d *Disk) StatementAt(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error) {
	s, ok, err := d.FirstStatement(log, by, size, pq)
	return s, ok && s.Size == size, err
}

// Token implements station.Reader.
func (d *Disk) Token(token string) (store.Token, bool, error) {
	t, ok := d.token[token]
	return t, ok, nil
}

// Statements lists those by one cosigner key over a log.
func (d *Disk) Statements(log, by store.LogID, pq bool) []store.Statement {
	return d.stmts[stmtKey{log, by, pq}]
}

// Log gives a log as it is stored, and its entries.
func (d *Disk) Log(id store.LogID) (store.LogState, []record.Entry) {
	if l := d.logs[id]; l != nil {
		return l.LogState, l.entries
	}
	return store.LogState{Log: id}, nil
}
