// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"testing"

	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Remove is a batch that says one RT01 in our log, which names things.
func (s *Source) Remove(things ...record.Ref) store.Batch {
	b := s.Next(1, 0)
	var names []record.Value
	for _, r := range things {
		names = append(names, record.Array(record.Uint(uint64(r.Party)), record.Uint(r.Number)))
	}
	body := (&record.Body{Params: map[string]record.Value{"records": record.Array(names...)}}).Encode()
	h := (&record.Header{Code: "RT01", Status: 1, Precedence: 4, From: "watch", To: []record.Address{{Party: 2, Post: "watch"}}, Written: s.now(), Language: "en", Body: record.BodyDigest(body)}).Encode()
	leaf := (&record.Leaf{Format: record.FormatVersion, Agreement: 1, Author: 1, Generation: 1, Time: s.now(), Header: record.HeaderDigest(h)}).Encode()
	// The entry takes the place of the one that the source had made.
	u := &b.Logs[0]
	t := emptyTree()
	for _, l := range s.leaves[Own][:u.From] {
		t.Append(l)
	}
	s.leaves[Own] = append(s.leaves[Own][:u.From], tlog.LeafHash(leaf))
	u.Entries, u.About, u.Hashes = []record.Entry{{Leaf: leaf, Header: h, Body: body}}, []record.Ref{{}}, t.Append(tlog.LeafHash(leaf))
	u.Root, s.trees[Own] = t.Root(), t
	s.Row.Root, b.Next.Root = u.Root, u.Root
	for i := range b.Statements {
		if b.Statements[i].Log == Own {
			b.Statements[i].Root = u.Root
		}
	}
	return b
}

// removed holds that content goes under a record that names its thing, and
// under no other, and that all else stays.
func removed(t *testing.T, d Disk) {
	s := NewSource(line, 13)
	save(t, d, s.Next(3, 3)) // our thing 1, with 2 by number and 3 by hash, and likewise theirs
	save(t, d, s.Next(3, 0)) // and 4
	save(t, d, s.Remove(record.ByNumber(1, 1), record.ByNumber(2, 1)))
	by, other := record.ByNumber(1, 7), record.ByNumber(1, 2)
	for name, r := range map[string]store.Removal{
		"not named":     {Log: Own, Index: 3, Thing: record.ByNumber(1, 4), By: by},
		"no RT01":       {Log: Own, Index: 0, Thing: record.ByNumber(1, 1), By: other},
		"not held":      {Log: Own, Index: 99, By: by},
		"no such log":   {Log: store.LogID{Party: 9, Generation: 1}, By: by},
		"the RT01":      {Log: Own, Index: 6, Thing: record.ByNumber(1, 7), By: by},
		"another thing": {Log: Own, Index: 0, Thing: record.ByNumber(2, 1), By: by},
		"no record":     {Log: Own, Index: 0, Thing: record.ByNumber(1, 1), By: record.ByNumber(1, 77)},
		"without one":   {Log: Own, Index: 0, Thing: record.ByNumber(1, 1)},
		"named by hash": {Log: Own, Index: 0, Thing: record.ByNumber(1, 1), By: record.ByHash(1, s.Leaf(Own, 6))},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, d, store.Batch{Line: line, Expect: s.Row, Next: s.Row, Removals: []store.Removal{r}}, store.ErrBatch)
		})
	}
	before, err := d.Reader(line).Entries(Own, 0, 10, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	b := store.Batch{Line: line, Expect: s.Row, Next: s.Row, Snapshot: []byte("without them")}
	for i := range uint64(3) {
		b.Removals = append(b.Removals, store.Removal{Log: Own, Index: i, Thing: record.ByNumber(1, 1), By: by})
	}
	b.Removals = append(b.Removals, store.Removal{Log: Peer, Index: 1, Thing: record.ByNumber(2, 1), By: by})
	save(t, d, b)
	refused(t, d, b, store.ErrBatch) // twice
	text1 := text(t, d, 3)
	d = d.Reopen(t)
	if text2 := text(t, d, 3); text1 != text2 {
		t.Errorf("opened anew it reads otherwise:\n%s\n%s", text1, text2)
	}
	after, err := d.Reader(line).Entries(Own, 0, 10, 1<<20)
	if err != nil || len(after) != len(before) {
		t.Fatalf("%d entries, %v", len(after), err)
	}
	for i, e := range after {
		gone := i < 3
		ref, ok, err := d.Reader(line).RemovedBy(Own, uint64(i))
		if err != nil || ok != gone || gone && ref != by || store.Hollow(e) != gone {
			t.Errorf("entry %d: removed %v by %v, %v", i, ok, ref, err)
		}
		if string(e.Leaf) != string(before[i].Leaf) || !gone && string(e.Body) != string(before[i].Body) {
			t.Errorf("entry %d was changed", i)
		}
	}
	if root, err := tlog.RootAt(7, d.Reader(line).Hashes(Own)); err != nil || root != s.Row.Root {
		t.Errorf("the tree changed: %v", err)
	}
	if at, ok, err := d.Reader(line).Find(1, s.Leaf(Own, 0)); err != nil || !ok || at.Index != 0 {
		t.Errorf("it is not found by its leaf: %v", err)
	}
	save(t, d, s.Next(2, 2))
}
