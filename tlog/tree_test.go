// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"
	merkle "golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"openline/tlog"
)

func TestTreeIsThatOfRFC6962(t *testing.T) {
	const most = 130
	d := someLeaves(most)
	tree, s := grow(t, nil)
	for n := 0; ; n++ {
		want := rfcHash(d[:n])
		if tree.Size() != uint64(n) || tree.Root() != want {
			t.Fatalf("root of %d entries is %x, by the definition %x", n, tree.Root(), want)
		}
		if got := tlog.StoredCount(uint64(n)); got != int64(len(s.hashes)) {
			t.Fatalf("a log of %d stores %d hashes, StoredCount says %d", n, len(s.hashes), got)
		}
		if n == most {
			break
		}
		s.hashes = append(s.hashes, tree.Append(tlog.LeafHash(d[n]))...)
	}
	for n := range most + 1 {
		if got := must[[32]byte](t)(tlog.RootAt(uint64(n), s)); got != rfcHash(d[:n]) {
			t.Fatalf("the root read back at %d is another", n)
		}
	}
}

func TestTreeAgainstIndependentTree(t *testing.T) {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	theirs := factory.NewEmptyRange(0)
	ours, _ := grow(t, nil)
	for i, leaf := range testonly.LeafInputs() {
		if got, want := ours.Root(), testonly.RootHashes()[i]; !bytes.Equal(got[:], want) {
			t.Fatalf("root of %d entries is %x, published %x", i, got, want)
		}
		h := tlog.LeafHash(leaf)
		if !bytes.Equal(h[:], rfc6962.DefaultHasher.HashLeaf(leaf)) {
			t.Fatalf("leaf hash %d differs", i)
		}
		ours.Append(h)
		if err := theirs.Append(h[:], nil); err != nil {
			t.Fatal(err)
		}
		for j, e := range ours.Edge() {
			if !bytes.Equal(e[:], theirs.Hashes()[j]) {
				t.Fatalf("edge hash %d at size %d differs from the compact range", j, i+1)
			}
		}
	}
}

// The hashes are stored in the order of x/mod, so that its tiles and proofs
// can be made from them.
func TestStoredOrderIsThatOfTheModule(t *testing.T) {
	tree, s := grow(t, nil)
	read := merkle.HashReaderFunc(func(ix []int64) ([]merkle.Hash, error) {
		h, err := s.ReadHashes(ix)
		out := make([]merkle.Hash, len(h))
		for i := range h {
			out[i] = h[i]
		}
		return out, err
	})
	for i, l := range someLeaves(70) {
		want, err := merkle.StoredHashes(int64(i), l, read)
		if err != nil {
			t.Fatal(err)
		}
		got := tree.Append(tlog.LeafHash(l))
		if len(got) != len(want) {
			t.Fatalf("entry %d stores %d hashes, the module %d", i, len(got), len(want))
		}
		for j := range got {
			if got[j] != want[j] {
				t.Fatalf("hash %d of entry %d differs", j, i)
			}
		}
		s.hashes = append(s.hashes, got...)
	}
}

// A log taken up from its edge goes on as if it had never been closed, and a
// clone does not disturb the tree it was made from.
func TestTreeTakenUpFromItsEdge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(rt, "size")
		more := rapid.IntRange(0, 70).Draw(rt, "more")
		d := someLeaves(n + more)
		tree, s := grow(t, d[:n])
		root := tree.Root()
		edge := must[[][32]byte](t)(tlog.EdgeAt(uint64(n), s))
		if !slices.Equal(edge, tree.Edge()) {
			rt.Fatal("the edge read back is another")
		}
		again, err := tlog.OpenTree(uint64(n), edge)
		if err != nil {
			rt.Fatal(err)
		}
		clone := tree.Clone()
		var leaves [][32]byte
		for _, l := range d[n:] {
			leaves = append(leaves, tlog.LeafHash(l))
			again.Append(leaves[len(leaves)-1])
			clone.Append(leaves[len(leaves)-1])
		}
		want := rfcHash(d)
		if again.Root() != want || clone.Root() != want || tree.Root() != root {
			rt.Fatal("the roots differ after going on")
		}
		edged := must[*tlog.Tree](t)(tlog.OpenTree(uint64(n), edge))
		from := edged.Root()
		for _, l := range leaves {
			edged.Append(l)
		}
		if from != root || edged.Root() != want {
			rt.Fatalf("the range [%d, %d) gives other roots", n, n+more)
		}
	})
}

// Opening reads the edge and nothing else, however long the log.
func TestOpeningReadsOnlyTheEdge(t *testing.T) {
	for _, size := range []uint64{1, 1 << 20, 1<<40 + 12345, 1<<62 - 1, 1 << 62} {
		reads := 0
		r := tlog.HashReaderFunc(func(ix []int64) ([][32]byte, error) {
			for i, x := range ix {
				if x < 0 || i > 0 && x <= ix[i-1] {
					t.Errorf("size %d: index %d after %v", size, x, ix[:i])
				}
			}
			reads += len(ix)
			return make([][32]byte, len(ix)), nil
		})
		if _, err := tlog.RootAt(size, r); err != nil || reads > 62 {
			t.Errorf("opening a log of %d read %d hashes: %v", size, reads, err)
		}
	}
}

func TestTreeRefuses(t *testing.T) {
	broken := errors.New("disk broke")
	fail := tlog.HashReaderFunc(func([]int64) ([][32]byte, error) { return nil, broken })
	short := tlog.HashReaderFunc(func([]int64) ([][32]byte, error) { return nil, nil })
	if _, err := tlog.RootAt(3, fail); !errors.Is(err, broken) {
		t.Errorf("a failed read gives %v", err)
	}
	for name, err := range map[string]error{
		"an edge too short":     second(tlog.OpenTree(3, make([][32]byte, 1))),
		"an edge too long":      second(tlog.OpenTree(4, make([][32]byte, 2))),
		"a size above 2^62":     second(tlog.OpenTree(1<<63, make([][32]byte, 1))),
		"an edge above 2^62":    second(tlog.EdgeAt(1<<62+1, short)),
		"a root above 2^62":     second(tlog.RootAt(1<<63+1, short)),
		"a leaf above 2^62":     second(tlog.StoredLeaf(1<<62, short)),
		"too few hashes":        second(tlog.RootAt(3, short)),
		"a leaf that is absent": second(tlog.StoredLeaf(0, short)),
		"a path unread":         second(tlog.ProveInclusion(3, 1, fail)),
		"a proof unread":        second(tlog.ProveConsistency(3, 1, short)),
		"a path outside":        second(tlog.ProveInclusion(3, 3, short)),
		"a proof outside":       second(tlog.ProveConsistency(3, 4, short)),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := tlog.OpenTree(1, nil); err == nil {
		t.Error("a range without its edge is taken")
	}
}

func second[T any](_ T, err error) error { return err }

// A tree of leaves and of whole subtrees has the root of its leaves.
func TestSubtrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 300).Draw(t, "n")
		var stored [][32]byte
		whole, _ := tlog.OpenTree(0, nil)
		for i := range n {
			stored = append(stored, whole.Append([32]byte{byte(i), byte(i >> 8)})...)
		}
		r := tlog.HashReaderFunc(func(indexes []int64) (out [][32]byte, err error) {
			for _, i := range indexes {
				out = append(out, stored[i])
			}
			return out, nil
		})
		pruned, _ := tlog.OpenTree(0, nil)
		for pruned.Size() < n {
			level := rapid.IntRange(0, 9).Draw(t, "level")
			at := pruned.Size()
			for ; at&(1<<level-1) != 0 || at+(1<<level) > n; level-- {
				if at&(1<<level-1) != 0 && pruned.AppendSubtree(level, [32]byte{}) == nil {
					t.Fatalf("a subtree of level %d after %d entries", level, at)
				}
			}
			h, err := tlog.Subtree(level, at, r)
			if err != nil {
				t.Fatal(err)
			}
			if err := pruned.AppendSubtree(level, h); err != nil {
				t.Fatal(err)
			}
		}
		if pruned.Root() != whole.Root() {
			t.Fatalf("%d leaves have another root by their subtrees", n)
		}
	})
}
