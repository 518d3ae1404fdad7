// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"openline/tlog"
)

// The tree, its audit paths and its consistency proofs, written down from the
// definitions of RFC 6962 section 2.1: slow, and nothing else.

// rfcHash is MTH(D[n]).
func rfcHash(d [][]byte) [32]byte {
	switch len(d) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, d[0]...))
	}
	k := rfcSplit(len(d))
	left, right := rfcHash(d[:k]), rfcHash(d[k:])
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// rfcSplit is k, the largest power of two smaller than n.
func rfcSplit(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

// rfcPath is PATH(m, D[n]).
func rfcPath(m int, d [][]byte) [][32]byte {
	if len(d) == 1 {
		return nil
	}
	k := rfcSplit(len(d))
	if m < k {
		return append(rfcPath(m, d[:k]), rfcHash(d[k:]))
	}
	return append(rfcPath(m-k, d[k:]), rfcHash(d[:k]))
}

// rfcProof is SUBPROOF(m, D[n], b); PROOF(m, D[n]) has b true.
func rfcProof(m int, d [][]byte, b bool) [][32]byte {
	if m == len(d) {
		if b {
			return nil
		}
		return [][32]byte{rfcHash(d)}
	}
	k := rfcSplit(len(d))
	if m <= k {
		return append(rfcProof(m, d[:k], b), rfcHash(d[k:]))
	}
	return append(rfcProof(m-k, d[k:], false), rfcHash(d[:k]))
}

// stored is a log's hashes in memory; it counts what is read.
type stored struct {
	hashes [][32]byte
	reads  int
}

func (s *stored) ReadHashes(indexes []int64) ([][32]byte, error) {
	out := make([][32]byte, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(s.hashes)) {
			return nil, fmt.Errorf("hash %d is not among the %d stored", x, len(s.hashes))
		}
		out[i] = s.hashes[x]
	}
	s.reads += len(indexes)
	return out, nil
}

// someLeaves gives n different leaves of different lengths.
func someLeaves(n int) [][]byte {
	d := make([][]byte, n)
	for i := range d {
		d[i] = binary.BigEndian.AppendUint32(make([]byte, i%7), uint32(i))
	}
	return d
}

// grow builds the log of some leaves.
func grow(t testing.TB, d [][]byte) (*tlog.Tree, *stored) {
	t.Helper()
	tree, err := tlog.OpenTree(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &stored{}
	for _, l := range d {
		s.hashes = append(s.hashes, tree.Append(tlog.LeafHash(l))...)
	}
	return tree, s
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
