// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	merkle "golang.org/x/mod/sumdb/tlog"
)

// HashReader reads stored hashes by their index in the order in which
// [Tree.Append] gives them.
type HashReader interface {
	ReadHashes(indexes []int64) ([][32]byte, error)
}

// HashReaderFunc makes a function a [HashReader].
type HashReaderFunc func(indexes []int64) ([][32]byte, error)

// ReadHashes calls f.
func (f HashReaderFunc) ReadHashes(indexes []int64) ([][32]byte, error) { return f(indexes) }

// LeafHash is the hash of a leaf.
func LeafHash(leaf []byte) [32]byte { return merkle.RecordHash(leaf) }

// EmptyRoot is the root of a log without entries: the hash of nothing.
func EmptyRoot() [32]byte { return sha256.Sum256(nil) }

// Tree is the right edge of a growing log: the roots of its full subtrees,
// largest first.
type Tree struct {
	size uint64
	edge [][32]byte
}

// OpenTree takes up a log of a size whose edge was read back.
func OpenTree(size uint64, edge [][32]byte) (*Tree, error) {
	if size > maxSize {
		return nil, fmt.Errorf("a log cannot have %d entries: its size is at most 2^62", size)
	}
	if len(edge) != bits.OnesCount64(size) {
		return nil, fmt.Errorf("a log of %d entries has an edge of %d hashes, not %d", size, bits.OnesCount64(size), len(edge))
	}
	return &Tree{size, slices.Clone(edge)}, nil
}

// Size is the number of entries.
func (t *Tree) Size() uint64 { return t.size }

// Edge gives the roots of the full subtrees, largest first.
func (t *Tree) Edge() [][32]byte { return slices.Clone(t.edge) }

// Clone copies the tree.
func (t *Tree) Clone() *Tree { return &Tree{t.size, slices.Clone(t.edge)} }

// Append adds a leaf hash and gives the hashes to be stored, in order: they
// follow those of all entries before ([StoredCount]).
func (t *Tree) Append(leaf [32]byte) [][32]byte {
	stored := [][32]byte{leaf}
	h := leaf
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.edge) - 1
		h = merkle.NodeHash(t.edge[last], h)
		t.edge = t.edge[:last]
		stored = append(stored, h)
	}
	t.edge = append(t.edge, h)
	t.size++
	return stored
}

// AppendSubtree adds 1<<level leaves that are known by the root of their
// subtree only. It may follow a size that is a multiple of theirs, so that it
// is a subtree of this tree.
func (t *Tree) AppendSubtree(level int, root [32]byte) error {
	if level < 0 || level > 61 || t.size&(1<<level-1) != 0 || t.size+(1<<level) > maxSize {
		return fmt.Errorf("no subtree of level %d follows %d entries", level, t.size)
	}
	for n := t.size >> level; n&1 == 1; n >>= 1 {
		last := len(t.edge) - 1
		root = merkle.NodeHash(t.edge[last], root)
		t.edge = t.edge[:last]
	}
	t.edge = append(t.edge, root)
	t.size += 1 << level
	return nil
}

// Subtree reads the root of the subtree of 1<<level leaves from an index on,
// which is a multiple of that.
func Subtree(level int, index uint64, r HashReader) ([32]byte, error) {
	if level < 0 || level > 61 || index&(1<<level-1) != 0 || index >= maxSize {
		return [32]byte{}, fmt.Errorf("%w: no subtree of level %d begins at %d", ErrProof, level, index)
	}
	h, err := read(r, []int64{merkle.StoredHashIndex(level, int64(index>>level))})
	if err != nil {
		return [32]byte{}, err
	}
	return h[0], nil
}

// Root is the tree hash: the edge folded from its small end.
func (t *Tree) Root() [32]byte {
	if t.size == 0 {
		return EmptyRoot()
	}
	h := t.edge[len(t.edge)-1]
	for i := len(t.edge) - 2; i >= 0; i-- {
		h = merkle.NodeHash(t.edge[i], h)
	}
	return h
}

// StoredCount is how many hashes a log of a size has stored.
func StoredCount(size uint64) int64 { return merkle.StoredHashCount(int64(size)) }

// EdgeIndexes are the stored-hash indexes of the edge of a log of a size.
func EdgeIndexes(size uint64) []int64 {
	var out []int64
	start := uint64(0)
	for level := 63; level >= 0; level-- {
		if size>>level&1 == 1 {
			out = append(out, merkle.StoredHashIndex(level, int64(start>>level)))
			start += 1 << level
		}
	}
	return out
}

// EdgeAt reads the edge of a log of a size.
func EdgeAt(size uint64, r HashReader) ([][32]byte, error) {
	if size == 0 {
		return nil, nil
	}
	if size > maxSize {
		return nil, fmt.Errorf("%w: %d is above 2^62", ErrProof, size)
	}
	return read(r, EdgeIndexes(size))
}

// StoredLeaf reads the stored hash of one leaf.
func StoredLeaf(index uint64, r HashReader) ([32]byte, error) {
	if index >= maxSize {
		return [32]byte{}, fmt.Errorf("%w: %d is above 2^62", ErrProof, index)
	}
	h, err := read(r, []int64{merkle.StoredHashIndex(0, int64(index))})
	if err != nil {
		return [32]byte{}, err
	}
	return h[0], nil
}

// RootAt is the root a log had at a size.
func RootAt(size uint64, r HashReader) ([32]byte, error) {
	edge, err := EdgeAt(size, r)
	if err != nil {
		return [32]byte{}, err
	}
	t, err := OpenTree(size, edge)
	if err != nil {
		return [32]byte{}, err
	}
	return t.Root(), nil
}

func read(r HashReader, indexes []int64) ([][32]byte, error) {
	h, err := r.ReadHashes(indexes)
	if err != nil {
		return nil, fmt.Errorf("read stored hashes: %w", err)
	}
	if len(h) != len(indexes) {
		return nil, errors.New("read stored hashes: some are missing")
	}
	return h, nil
}
