// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"cmp"
	"fmt"
	"slices"

	"openline/tlog"
)

// maxHeads bounds the signed heads kept until the entries under them come.
const maxHeads = 16

// maxFresh bounds the hashes kept in memory until they are known to be
// stored.
const maxFresh = 1 << 16

func (g *generation) openHead(note []byte) (signedHead, error) {
	c, err := tlog.OpenCheckpoint(note, g.keys.Log)
	if err != nil {
		return signedHead{}, fmt.Errorf("%w: %v", ErrHead, err)
	}
	if c.Origin != g.card.Origin() {
		return signedHead{}, fmt.Errorf("%w: it is of %s", ErrHead, c.Origin)
	}
	return signedHead{c, note}, nil
}

// compare holds a signed head against what is known. Two signed roots at one
// size, or a signed root below the known head that is not that of the
// entries held, cannot both be true. A head that cannot be judged yet, since
// no signed head covers it whose entries are all held, is kept until one
// does.
func (m *Mirror) compare(g *generation, head signedHead) error {
	if g.head.note != nil && head.Size == g.head.Size && head.Root != g.head.Root {
		return g.fork(tlog.TwoRoots(g.head.note, head.note))
	}
	for _, h := range g.heads {
		if h.Size == head.Size && h.Root != head.Root {
			return g.fork(tlog.TwoRoots(h.note, head.note))
		}
	}
	if head.Size > g.tree.Size() {
		g.keep(head)
		return nil
	}
	hashes := m.hashes(g, nil)
	root, err := tlog.RootAt(head.Size, hashes)
	switch {
	case err != nil:
		return fmt.Errorf("check head of size %d: %w", head.Size, err)
	case root == head.Root:
		if head.Size > g.head.Size {
			g.keep(head)
		}
		return nil
	case head.Size < g.head.Size:
		return g.inconsistent(g.head, head, root, hashes)
	}
	g.keep(head)
	return fmt.Errorf("%w: a head of %d is not that of the entries held", ErrMismatch, head.Size)
}

// keep remembers a head until it can be judged. When there are too many the
// smallest, which are judged first, and the largest are kept.
func (g *generation) keep(head signedHead) {
	at, have := slices.BinarySearchFunc(g.heads, head.Size, func(h signedHead, size uint64) int { return cmp.Compare(h.Size, size) })
	if have {
		return
	}
	g.heads = slices.Insert(g.heads, at, head)
	if n := len(g.heads); n > maxHeads {
		g.heads = slices.Delete(g.heads, n-2, n-1)
	}
}

// judge holds the heads kept against a log of this size, to which the head
// of a package has just been found to lead. It gives the newest head now
// reached, and the heads that still wait.
func (g *generation) judge(size uint64, head signedHead, hashes tlog.HashReader) (newest signedHead, wait []signedHead, err error) {
	newest = g.head
	if head.Size <= size && head.Size > newest.Size {
		newest = head
	}
	var differ []signedHead
	roots := map[uint64][32]byte{}
	for _, h := range g.heads {
		if h.Size > size {
			wait = append(wait, h)
			continue
		}
		root := head.Root // read back only where it was not just found
		if h.Size != head.Size {
			if root, err = tlog.RootAt(h.Size, hashes); err != nil {
				return newest, nil, fmt.Errorf("check head of size %d: %w", h.Size, err)
			}
		}
		roots[h.Size] = root
		switch {
		case root != h.Root:
			differ = append(differ, h)
		case h.Size > newest.Size:
			newest = h
		}
	}
	for _, h := range differ {
		if h.Size < newest.Size {
			return newest, nil, g.inconsistent(newest, h, roots[h.Size], hashes)
		}
	}
	return newest, append(differ, wait...), nil
}

func (g *generation) inconsistent(larger, smaller signedHead, root [32]byte, hashes tlog.HashReader) error {
	proof, err := tlog.ProveConsistency(larger.Size, smaller.Size, hashes)
	if err != nil {
		return fmt.Errorf("check head of size %d: %w", smaller.Size, err)
	}
	return g.fork(tlog.Inconsistent(larger.note, smaller.note, root, proof))
}

func (g *generation) fork(a tlog.Accusation) error {
	g.forked = true
	return &tlog.ForkError{Accusation: a}
}

// hashes reads the log's hashes, those not yet stored from memory, with more
// behind them.
func (m *Mirror) hashes(g *generation, more [][32]byte) tlog.HashReader {
	inMemory := func(at int64) ([32]byte, bool) {
		n := at - g.freshFrom
		if n < int64(len(g.fresh)) {
			return g.fresh[n], true
		}
		if n -= int64(len(g.fresh)); n < int64(len(more)) {
			return more[n], true
		}
		return [32]byte{}, false
	}
	return tlog.HashReaderFunc(func(indexes []int64) ([][32]byte, error) {
		out := make([][32]byte, len(indexes))
		var stored []int64
		for i, at := range indexes {
			ok := at < g.freshFrom
			if ok {
				stored = append(stored, at)
			} else if out[i], ok = inMemory(at); !ok {
				return nil, fmt.Errorf("hash %d is not held", at)
			}
		}
		if len(stored) == 0 {
			return out, nil
		}
		read, err := m.cfg.Hashes(g.id).ReadHashes(stored)
		if err != nil {
			return nil, err
		}
		if len(read) != len(stored) {
			return nil, fmt.Errorf("%d of %d hashes are stored", len(read), len(stored))
		}
		for i, at := range indexes {
			if at < g.freshFrom {
				out[i], read = read[0], read[1:]
			}
		}
		return out, nil
	})
}

func (g *generation) remember(hashes [][32]byte) {
	g.fresh = append(g.fresh, hashes...)
	if len(g.fresh) > maxFresh {
		g.forget(len(g.fresh) - maxFresh/2)
	}
}

func (g *generation) forget(n int) {
	g.fresh = slices.Clone(g.fresh[n:])
	g.freshFrom += int64(n)
}

// Stored tells that a generation is durable up to a size: its hashes need
// not be kept in memory any longer.
func (m *Mirror) Stored(generation uint32, size uint64) {
	g := m.find(generation)
	if g == nil {
		return
	}
	if n := min(tlog.StoredCount(min(size, MaxIndex))-g.freshFrom, int64(len(g.fresh))); n > 0 {
		g.forget(int(n))
	}
}
