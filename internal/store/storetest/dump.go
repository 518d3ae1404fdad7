// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"
	"strings"

	"openline/identity"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Reader is what every store offers to read one line.
type Reader interface {
	Entries(log store.LogID, from uint64, max, maxBytes int) ([]record.Entry, error)
	Hashes(log store.LogID) tlog.HashReader
	About(thing record.Ref) ([]store.Located, error)
	FirstStatement(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error)
	NewestStatement(log, by store.LogID, pq bool) (store.Statement, bool, error)
	StatementAt(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error)
	Token(token string) (store.Token, bool, error)
	Find(party record.PartyNo, leaf [32]byte) (store.Located, bool, error)
	JournalHashes() tlog.HashReader
	RemovedBy(log store.LogID, index uint64) (record.Ref, bool, error)
	Blob(digest [32]byte) (store.Blob, bool, error)
	Piece(digest [32]byte, offset uint64, most int) ([]byte, error)
	Attached(log store.LogID, from uint64, max int) ([]uint64, error)
}

// Store is what every store offers.
type Store interface {
	Load(line identity.LineID) (store.Saved, error)
	Save(b store.Batch) error
	Reader(line identity.LineID) Reader
}

// Dump tells all that can be read of a line of a source after n batches, so
// that two stores that hold the same give the same text.
func Dump(st Store, line identity.LineID, n int) (string, error) {
	saved, err := st.Load(line)
	if err != nil {
		return "", err
	}
	d := dump{r: st.Reader(line)}
	facts := saved.Facts
	saved.Facts = nil
	d.say("%+v", saved)
	for _, name := range slices.Sorted(keysOf(facts)) {
		d.say("fact %s %q", name, facts[name])
	}
	for _, l := range saved.Logs {
		d.log(l)
	}
	for i := range n + 2 {
		d.value(d.r.Token(Token(i)))
		d.value(statement(d.r.Blob(Digest(i))))
		piece, err := d.r.Piece(Digest(i), 3, 2)
		d.value(piece, true, err)
	}
	d.hashes(d.r.JournalHashes(), saved.Row.Journal)
	return d.b.String(), d.err
}

func keysOf(m map[string][]byte) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

type dump struct {
	r   Reader
	b   strings.Builder
	err error
}

func (d *dump) say(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *dump) value(v any, ok bool, err error) {
	if err != nil && d.err == nil {
		d.err = err
	}
	d.say("%+v %v", v, ok)
}

func (d *dump) hashes(r tlog.HashReader, size uint64) {
	all := make([]int64, tlog.StoredCount(size))
	for i := range all {
		all[i] = int64(i)
	}
	h, err := r.ReadHashes(all)
	d.value(h, true, err)
}

func (d *dump) log(l store.LogState) {
	for at := uint64(0); at < l.Size; {
		entries, err := d.r.Entries(l.Log, at, 7, 2000)
		if err == nil && len(entries) == 0 {
			err = fmt.Errorf("log %v: no entries at %d of %d", l.Log, at, l.Size)
		}
		if d.value(len(entries) > 0, true, err); err != nil {
			return
		}
		for _, e := range entries {
			d.say("%x", e)
			d.value(statement(d.r.RemovedBy(l.Log, at)))
			leaf := record.LeafHash(e.Leaf)
			d.value(statement(d.r.Find(l.Log.Party, leaf)))
			about, err := d.r.About(record.ByNumber(l.Log.Party, l.Base+at))
			d.value(about, true, err)
			about, err = d.r.About(record.ByHash(l.Log.Party, leaf))
			d.value(about, true, err)
			at++
		}
	}
	d.hashes(d.r.Hashes(l.Log), l.Size)
	open, err := d.r.Attached(l.Log, 0, 100)
	d.value(open, true, err)
	for _, by := range []store.LogID{Own, Peer} {
		for _, pq := range []bool{false, true} {
			d.value(statement(d.r.NewestStatement(l.Log, by, pq)))
			for size := range l.Size + 2 {
				d.value(statement(d.r.FirstStatement(l.Log, by, size, pq)))
				d.value(at(d.r.StatementAt(l.Log, by, size, pq)))
			}
		}
	}
}

func statement[T any](v T, ok bool, err error) (any, bool, error) { return v, ok, err }

// at leaves away what is found where nothing is: it is not promised.
func at(s store.Statement, ok bool, err error) (any, bool, error) {
	if !ok {
		s = store.Statement{}
	}
	return s, ok, err
}
