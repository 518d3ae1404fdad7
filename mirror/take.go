// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"fmt"

	"openline/record"
	"openline/tlog"
)

// Taken is what a package added: to be saved, whole, in one transaction with
// the cosignature over it.
type Taken struct {
	Log        LogID
	From       uint64 // index of the first new entry
	Entries    []record.Entry
	Leaves     [][32]byte // their leaf hashes
	HashFrom   int64      // stored-hash index of the first of Hashes
	Hashes     [][32]byte
	Size       uint64
	Root       [32]byte
	Checkpoint []byte // the head now known, nil while it is pending
	Pending    []byte // the verified head beyond what is held, nil if none
	Stopped    error  // why no entry beyond Size was taken from this package, nil if all were
}

// Take verifies a package and adds what is new in it, up to the first entry
// that is not whole. An error leaves everything as it was, except that a
// signed head is remembered, and that a proven second history marks the log
// (errors.As with [*tlog.ForkError]).
func (m *Mirror) Take(p Package) (Taken, error) {
	g, head, err := m.opened(p.Log, p.Checkpoint)
	if err != nil {
		return Taken{}, err
	}
	held := g.tree.Size()
	end := p.From + uint64(len(p.Entries))
	switch {
	case p.From > held:
		return Taken{}, fmt.Errorf("%w: it begins at index %d, held are %d", ErrGap, p.From, held)
	case head.Size < end:
		return Taken{}, fmt.Errorf("%w: %d entries under a head of %d", ErrMismatch, end, head.Size)
	case end <= held && (head.Size > held || head.Size <= g.head.Size):
		return Taken{}, ErrNothingNew
	case end <= held:
		return m.settle(g, head, Taken{Log: g.id, From: held, HashFrom: tlog.StoredCount(held)}, g.tree)
	}
	return m.add(g, head, p.Entries[held-p.From:], p.Proof)
}

// opened finds the log and verifies the head a package came with.
func (m *Mirror) opened(log LogID, note []byte) (*generation, signedHead, error) {
	g := m.find(log.Generation)
	if g == nil || log.Party != m.cfg.No {
		return nil, signedHead{}, ErrNoCard
	}
	if g.forked {
		return nil, signedHead{}, ErrTwoHistories
	}
	head, err := g.openHead(note)
	if err != nil {
		return nil, signedHead{}, err
	}
	return g, head, m.compare(g, head)
}

// add verifies that the leaves lead to the head, then takes the entries
// beneath them as far as they are whole: one that is not keeps out none
// before it.
func (m *Mirror) add(g *generation, head signedHead, fresh []record.Entry, proof [][32]byte) (Taken, error) {
	held := g.tree.Size()
	t := Taken{Log: g.id, From: held, HashFrom: tlog.StoredCount(held)}
	all, tree := g.tree.Clone(), g.tree.Clone()
	for i, e := range fresh {
		leaf := record.LeafHash(e.Leaf)
		hashes := all.Append(leaf)
		if t.Stopped == nil {
			if err := e.Whole(m.cfg.Limits); err != nil {
				t.Stopped = fmt.Errorf("record %d: %w", g.card.Base+held+uint64(i), err)
				continue
			}
			tree.Append(leaf)
			t.Entries, t.Leaves, t.Hashes = append(t.Entries, e), append(t.Leaves, leaf), append(t.Hashes, hashes...)
		}
	}
	if err := tlog.CheckConsistency(proof, head.Size, head.Root, all.Size(), all.Root()); err != nil {
		return Taken{}, fmt.Errorf("%w: %v", ErrMismatch, err)
	}
	if len(t.Entries) == 0 {
		return Taken{}, t.Stopped
	}
	return m.settle(g, head, t, tree)
}

// settle brings the verified entries in, unless they show that the party
// signed a second history.
func (m *Mirror) settle(g *generation, head signedHead, t Taken, tree *tlog.Tree) (Taken, error) {
	newest, heads, err := g.judge(tree.Size(), head, m.hashes(g, t.Hashes))
	if err != nil {
		return Taken{}, err
	}
	if newest.Size > g.head.Size {
		g.head = newest
		t.Checkpoint = newest.note
	}
	g.heads, g.tree = heads, tree
	g.remember(t.Hashes)
	t.Size, t.Root = tree.Size(), tree.Root()
	if _, note, ok := m.Pending(g.id.Generation); ok {
		t.Pending = note
	}
	return t, nil
}

// TakeAhead verifies one entry ahead of its place. It takes nothing but word
// of the head: the caller keeps the entry apart, bounded, until its place
// comes.
func (m *Mirror) TakeAhead(a Ahead) error {
	g, head, err := m.opened(a.Log, a.Checkpoint)
	if err != nil {
		return err
	}
	if a.Index < g.tree.Size() {
		return ErrNothingNew
	}
	if err := tlog.CheckInclusion(a.Proof, head.Size, head.Root, a.Index, record.LeafHash(a.Entry.Leaf)); err != nil {
		return fmt.Errorf("%w: %v", ErrMismatch, err)
	}
	return a.Entry.Whole(m.cfg.Limits)
}
