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
}

// Take verifies a package and adds what is new in it. An error leaves
// everything as it was, except that a proven second history marks the log
// (errors.As with [*tlog.ForkError]).
func (m *Mirror) Take(p Package) (Taken, error) {
	g := m.find(p.Log.Generation)
	if g == nil || p.Log.Party != m.cfg.No {
		return Taken{}, ErrNoCard
	}
	if g.forked {
		return Taken{}, ErrTwoHistories
	}
	head, err := g.openHead(p.Checkpoint)
	if err != nil {
		return Taken{}, err
	}
	if err := m.checkOneHistory(g, head); err != nil {
		return Taken{}, err
	}
	held := g.tree.Size()
	end := p.From + uint64(len(p.Entries))
	switch {
	case p.From > held:
		return Taken{}, fmt.Errorf("%w: it begins at index %d, held are %d", ErrGap, p.From, held)
	case head.Size < end:
		return Taken{}, fmt.Errorf("%w: %d entries under a head of %d", ErrMismatch, end, head.Size)
	case end < held, end == held && head.Size <= g.head.Size:
		return Taken{}, ErrNothingNew
	}
	fresh := p.Entries[held-p.From:]
	return g.add(p, head, fresh, m.cfg.Limits)
}

func (g *generation) add(p Package, head signedHead, fresh []record.Entry, limits record.Limits) (Taken, error) {
	held := g.tree.Size()
	t := Taken{Log: g.id, From: held, Entries: fresh, HashFrom: tlog.StoredCount(held)}
	tree := g.tree.Clone()
	for i, e := range fresh {
		if err := e.Whole(limits); err != nil {
			return Taken{}, fmt.Errorf("record %d: %w", g.card.Base+held+uint64(i), err)
		}
		leaf := record.LeafHash(e.Leaf)
		t.Leaves = append(t.Leaves, leaf)
		t.Hashes = append(t.Hashes, tree.Append(leaf)...)
	}
	t.Size, t.Root = tree.Size(), tree.Root()
	if head.Size == t.Size {
		if head.Root != t.Root {
			return Taken{}, ErrMismatch
		}
		g.head = head
		t.Checkpoint = head.note
	} else {
		if err := tlog.CheckConsistency(p.Proof, head.Size, head.Root, t.Size, t.Root); err != nil {
			return Taken{}, fmt.Errorf("%w: %v", ErrMismatch, err)
		}
		if head.Size > g.pending.Size {
			g.pending = head
		}
	}
	g.tree = tree
	if g.pending.Size > g.head.Size {
		t.Pending = g.pending.note
	}
	return t, nil
}

// checkOneHistory holds a signed head against what is held: two signed roots
// at one size, or a signed root at a size whose entries are held and differ,
// cannot both be true.
func (m *Mirror) checkOneHistory(g *generation, head signedHead) error {
	switch {
	case g.head.note != nil && head.Size == g.head.Size && head.Root != g.head.Root:
		return g.fork(tlog.TwoRoots(g.head.note, head.note))
	case g.pending.note != nil && head.Size == g.pending.Size && head.Root != g.pending.Root:
		return g.fork(tlog.TwoRoots(g.pending.note, head.note))
	case head.Size < g.head.Size:
		hashes := m.cfg.Hashes(g.id)
		root, err := tlog.RootAt(head.Size, hashes)
		if err != nil {
			return fmt.Errorf("check head of size %d: %w", head.Size, err)
		}
		if root == head.Root {
			return nil
		}
		proof, err := tlog.ProveConsistency(g.head.Size, head.Size, hashes)
		if err != nil {
			return fmt.Errorf("check head of size %d: %w", head.Size, err)
		}
		return g.fork(tlog.Inconsistent(g.head.note, head.note, root, proof))
	}
	return nil
}

func (g *generation) fork(a tlog.Accusation) error {
	g.forked = true
	return &tlog.ForkError{Accusation: a}
}

// TakeAhead verifies one entry ahead of its place. It changes nothing: the
// caller keeps it apart, bounded, until its place comes.
func (m *Mirror) TakeAhead(a Ahead) error {
	g := m.find(a.Log.Generation)
	if g == nil || a.Log.Party != m.cfg.No {
		return ErrNoCard
	}
	if g.forked {
		return ErrTwoHistories
	}
	head, err := g.openHead(a.Checkpoint)
	if err != nil {
		return err
	}
	if err := m.checkOneHistory(g, head); err != nil {
		return err
	}
	if a.Index < g.tree.Size() {
		return ErrNothingNew
	}
	if err := a.Entry.Whole(m.cfg.Limits); err != nil {
		return err
	}
	if err := tlog.CheckInclusion(a.Proof, head.Size, head.Root, a.Index, record.LeafHash(a.Entry.Leaf)); err != nil {
		return fmt.Errorf("%w: %v", ErrMismatch, err)
	}
	if head.Size > g.head.Size && head.Size > g.pending.Size {
		g.pending = head
	}
	return nil
}
