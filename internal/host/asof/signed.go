// SPDX-License-Identifier: Apache-2.0

package asof

import (
	"fmt"

	"openline/internal/store"
	"openline/line"
	"openline/record"
	"openline/tlog"
)

// FirstShown implements [line.Signed].
func (v *viewer) FirstShown(by, party record.PartyNo, generation uint32, index uint64) (line.Signature, bool) {
	var best store.Statement
	found := false
	for _, id := range v.logsOf(by) {
		st, ok, err := v.Reader.FirstStatement(store.LogID{Party: party, Generation: generation}, id, index+1, false)
		v.keep(err)
		if ok && st.At <= v.at && (!found || st.At < best.At) {
			best, found = st, true
		}
	}
	return line.Signature{At: best.At, Ground: fmt.Sprintf("head(%d,%d)@%d", party, best.Size, best.At)}, found
}

// Newest implements [line.Signed].
func (v *viewer) Newest(by record.PartyNo) (line.Signature, bool) {
	var sig line.Signature
	found := false
	for _, id := range v.logsOf(by) {
		if st, ok := v.newestHead(id); ok && (!found || st.At > sig.At) {
			sig, found = line.Signature{At: st.At, Ground: fmt.Sprintf("head(%d,%d)@%d", by, st.Size, st.At)}, true
		}
	}
	if at, ref := v.fold.NewestLeaf(by); at > sig.At {
		name := fmt.Sprintf("%d/%d", ref.Party, ref.Number)
		if p, ok := v.Agreements.Newest().Party(ref.Party); ok {
			name = fmt.Sprintf("%s/%d", p.Short, ref.Number)
		}
		sig, found = line.Signature{At: at, Ground: name}, true
	}
	return sig, found
}

// Missing implements [line.Signed]. Which heads had come before their
// records is not stored: none is told.
func (v *viewer) Missing(record.PartyNo) uint64 { return 0 }

// newestHead is the newest timed head of a party by the hour, over what was
// held.
func (v *viewer) newestHead(id store.LogID) (store.Statement, bool) {
	st, ok, err := v.newestStatement(id, id, v.cut[id])
	v.keep(err)
	return st, ok
}

// newestStatement is the newest statement by one key over a log that is not
// later than the hour and not over more than size.
func (v *viewer) newestStatement(log, by store.LogID, size uint64) (store.Statement, bool, error) {
	newest, ok, err := v.Reader.NewestStatement(log, by, false)
	if err != nil || !ok || newest.At <= v.at && newest.Size <= size {
		return newest, ok && err == nil, err
	}
	n, err := v.search(size, func(n uint64) (bool, error) {
		st, ok, err := v.Reader.FirstStatement(log, by, n, false)
		return ok && st.At <= v.at && st.Size <= size, err
	})
	if err != nil || n == 0 {
		return store.Statement{}, false, err
	}
	first, ok, err := v.Reader.FirstStatement(log, by, n, false)
	if err != nil || !ok {
		return first, false, err
	}
	return v.latestAt(first)
}

// latestAt is the latest statement over the size of the one given that is
// not later than the hour, where the store lists them.
func (v *viewer) latestAt(st store.Statement) (store.Statement, bool, error) {
	lists, ok := v.Reader.(interface {
		Statements(log, by store.LogID, size uint64, pq bool, max int) ([]store.Statement, error)
	})
	if !ok {
		return st, true, nil
	}
	const enough = 64
	list, err := lists.Statements(st.Log, st.By, st.Size, false, enough)
	for _, s := range list {
		if s.Size == st.Size && s.At <= v.at {
			st = s
		}
	}
	return st, true, err
}

// source lets the fold read back what is stored.
type source struct{ v *viewer }

func (s source) Entry(ref record.Ref) (line.Entry, bool, error) {
	at, ok, err := s.locate(ref)
	if err != nil || !ok {
		return line.Entry{}, false, err
	}
	return s.entryAt(at)
}

func (s source) entryAt(at store.Located) (line.Entry, bool, error) {
	if at.Index >= s.v.cut[at.Log] {
		return line.Entry{}, false, nil
	}
	list, err := s.v.entries(at.Log, s.v.base[at.Log], at.Index, 1)
	if err != nil || len(list) == 0 {
		return line.Entry{}, false, err
	}
	return list[0], true, nil
}

// locate turns a reference into a place in a log: "a number belongs to the
// generation with the largest base not above it".
func (s source) locate(ref record.Ref) (store.Located, bool, error) {
	if ref.Number == 0 {
		return s.v.Reader.Find(ref.Party, ref.Hash)
	}
	gen, base, ok := s.v.fold.GenerationOf(ref.Party, ref.Number)
	if !ok {
		return store.Located{}, false, nil
	}
	return store.Located{Log: store.LogID{Party: ref.Party, Generation: gen}, Index: ref.Number - base, Number: ref.Number}, true, nil
}

func (s source) About(thing record.Ref) ([]line.Entry, error) {
	located, err := s.v.Reader.About(thing)
	if err != nil {
		return nil, err
	}
	var out []line.Entry
	if opening, ok, err := s.Entry(thing); err != nil {
		return nil, err
	} else if ok {
		out = append(out, opening)
	}
	for _, at := range located {
		e, ok, err := s.entryAt(at)
		if err != nil {
			return nil, err
		}
		if ok && e.Ref() != thing {
			out = append(out, e)
		}
	}
	return out, nil
}

// Range implements [line.Ranger].
func (s source) Range(log line.Log, from uint64, max int) ([]line.Entry, error) {
	id := store.LogID(log)
	if list := s.v.fed(id, from, max); list != nil {
		return list, nil
	}
	end := s.v.cut[id]
	return s.v.entries(id, s.v.base[id], from, int(min(uint64(max), end-min(end, from))))
}

func (s source) Root(party record.PartyNo, generation uint32, size uint64) ([32]byte, bool, error) {
	if size == 0 {
		return tlog.EmptyRoot(), true, nil
	}
	root, err := tlog.RootAt(size, s.v.Reader.Hashes(store.LogID{Party: party, Generation: generation}))
	return root, err == nil, err
}
