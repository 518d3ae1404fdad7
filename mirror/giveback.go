// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"openline/record"
	"openline/tlog"
)

// Lost says, of a generation that its author ended, how far records are held
// here that the author says it has not (has is the size it names): what is
// to be given back with [Mirror.GiveBack]. Of the newest generation nothing
// is: while it runs, its author alone says how long it is.
func (m *Mirror) Lost(generation uint32, has uint64) (upTo uint64, ok bool) {
	g := m.find(generation)
	if g == nil || g == m.newest() || has >= g.head.Size {
		return 0, false
	}
	return g.head.Size, true
}

// GiveBack makes a package of this party's own log for the party itself,
// from stored entries that begin at an index: under the newest head of its
// own that is held whole, so that the party needs nobody's word but its own.
func (m *Mirror) GiveBack(generation uint32, from uint64, entries []record.Entry) (Package, error) {
	g := m.find(generation)
	if g == nil {
		return Package{}, ErrNoCard
	}
	if len(entries) == 0 || from >= g.head.Size {
		return Package{}, ErrNothingNew
	}
	entries = entries[:min(uint64(len(entries)), g.head.Size-from, MaxEntries)]
	p := Package{Log: g.id, From: from, Entries: entries, Checkpoint: g.head.note}
	end := from + uint64(len(entries))
	var err error
	p.Proof, err = tlog.ProveConsistency(g.head.Size, end, m.hashes(g, nil))
	return p, err
}
