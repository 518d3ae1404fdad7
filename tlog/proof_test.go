// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"pgregory.net/rapid"

	"openline/tlog"
)

func TestProofsAreThoseOfRFC6962(t *testing.T) {
	const most = 40
	d := someLeaves(most)
	_, s := grow(t, d)
	for n := 1; n <= most; n++ {
		root := rfcHash(d[:n])
		for m := range n {
			path := must[[][32]byte](t)(tlog.ProveInclusion(uint64(n), uint64(m), s))
			if !slices.Equal(path, rfcPath(m, d[:n])) {
				t.Fatalf("path of %d in %d is not PATH", m, n)
			}
			if err := tlog.CheckInclusion(path, uint64(n), root, uint64(m), tlog.LeafHash(d[m])); err != nil {
				t.Fatal(err)
			}
		}
		for m := 1; m <= n; m++ {
			p := must[[][32]byte](t)(tlog.ProveConsistency(uint64(n), uint64(m), s))
			if !slices.Equal(p, rfcProof(m, d[:n], true)) {
				t.Fatalf("proof of %d in %d is not PROOF", m, n)
			}
			if err := tlog.CheckConsistency(p, uint64(n), root, uint64(m), rfcHash(d[:m])); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// damage changes a proof, or a hash that goes with it, in one of the ways a
// liar has; it may leave everything as it was.
func damage(rt *rapid.T, p [][32]byte, roots ...*[32]byte) [][32]byte {
	p = slices.Clone(p)
	flip := func(h *[32]byte) {
		h[rapid.IntRange(0, 31).Draw(rt, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
	}
	at := func() int { return rapid.IntRange(0, len(p)-1).Draw(rt, "at") }
	switch kind := rapid.IntRange(0, 6).Draw(rt, "damage"); {
	case kind == 1:
		flip(roots[rapid.IntRange(0, len(roots)-1).Draw(rt, "root")])
	case kind == 2:
		p = append(p, [32]byte{1})
	case kind == 3 && len(p) > 0:
		i := at()
		p = slices.Delete(p, i, i+1)
	case kind == 4 && len(p) > 0:
		flip(&p[at()])
	case kind == 5 && len(p) > 0:
		i, j := at(), at()
		p[i], p[j] = p[j], p[i]
	case kind == 6:
		p = append([][32]byte{*roots[0]}, p...)
	}
	return p
}

func slicesOf(p [][32]byte) [][]byte {
	out := make([][]byte, len(p))
	for i := range p {
		out[i] = p[i][:]
	}
	return out
}

// What we hold of a proof, right or wrong, an independent verifier holds too.
func TestProofsAgainstIndependentVerifier(t *testing.T) {
	const most = 300
	d := someLeaves(most)
	_, s := grow(t, d)
	near := func(rt *rapid.T, n int, what string) uint64 {
		return uint64(max(0, n+rapid.SampledFrom([]int{0, 0, 0, -1, 1, 2}).Draw(rt, what)))
	}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, most).Draw(rt, "size")
		m := rapid.IntRange(0, n-1).Draw(rt, "index")
		root, leaf := rfcHash(d[:n]), tlog.LeafHash(d[m])
		p := damage(rt, must[[][32]byte](t)(tlog.ProveInclusion(uint64(n), uint64(m), s)), &root, &leaf)
		size, index := near(rt, n, "claimed size"), near(rt, m, "claimed index")
		ours := tlog.CheckInclusion(p, size, root, index, leaf)
		theirs := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf[:], slicesOf(p), root[:])
		if (ours == nil) != (theirs == nil) {
			rt.Fatalf("entry %d of %d: we say %v, they say %v", index, size, ours, theirs)
		}

		old := m + 1
		root, oldRoot := rfcHash(d[:n]), rfcHash(d[:old])
		p = damage(rt, must[[][32]byte](t)(tlog.ProveConsistency(uint64(n), uint64(old), s)), &root, &oldRoot)
		size, from := near(rt, n, "claimed size"), near(rt, old, "claimed old size")
		if from == 0 || size == 0 {
			return // they say nothing of the empty log's root
		}
		ours = tlog.CheckConsistency(p, size, root, from, oldRoot)
		theirs = proof.VerifyConsistency(rfc6962.DefaultHasher, from, size, slicesOf(p), oldRoot[:], root[:])
		if (ours == nil) != (theirs == nil) {
			rt.Fatalf("%d extends %d: we say %v, they say %v", size, from, ours, theirs)
		}
	})
}

func TestProofsRefuse(t *testing.T) {
	d := someLeaves(5)
	_, s := grow(t, d)
	root, leaf, empty := rfcHash(d), tlog.LeafHash(d[2]), tlog.EmptyRoot()
	path := must[[][32]byte](t)(tlog.ProveInclusion(5, 2, s))
	for name, err := range map[string]error{
		"an entry at the end":                tlog.CheckInclusion(path, 5, root, 5, leaf),
		"an entry of an empty log":           tlog.CheckInclusion(nil, 0, empty, 0, leaf),
		"a log above 2^62":                   tlog.CheckInclusion(path, 1<<63, root, 2, leaf),
		"a node taken for a leaf":            tlog.CheckInclusion(path[1:], 5, root, 1, rfcHash(d[2:4])),
		"a shorter log":                      tlog.CheckConsistency(nil, 4, rfcHash(d[:4]), 5, root),
		"another root at one size":           tlog.CheckConsistency(nil, 5, root, 5, rfcHash(d[:4])),
		"a proof at one size":                tlog.CheckConsistency(path, 5, root, 5, root),
		"another empty log":                  tlog.CheckConsistency(nil, 5, root, 0, root),
		"a false root on both empty logs":    tlog.CheckConsistency(nil, 0, empty, 0, root),
		"a false root on the newer empty":    tlog.CheckConsistency(nil, 0, root, 0, empty),
		"a proof that the empty is extended": tlog.CheckConsistency(path, 5, root, 0, empty),
		"no proof":                           tlog.CheckConsistency(nil, 5, root, 3, rfcHash(d[:3])),
	} {
		if !errors.Is(err, tlog.ErrProof) {
			t.Errorf("%s gives %v", name, err)
		}
	}
	if err := tlog.CheckConsistency(nil, 5, root, 0, empty); err != nil {
		t.Errorf("every log extends the empty one: %v", err)
	}
}
