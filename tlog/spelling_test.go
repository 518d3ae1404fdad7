// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"openline/tlog"
	"openline/tlog/evidence"
)

// respelled calls f with a file in which one byte was changed, at every place
// from one on: to another by one bit of what it says in base64, to padding, to
// a blank or a break. The last character of a field has bits that decode to
// nothing: they too are the one spelling.
func respelled(file []byte, from int, f func(at int, b []byte)) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for at := from; at < len(file); at++ {
		others := []byte("= \r\n")
		if k := strings.IndexByte(alphabet, file[at]); k >= 0 {
			for bit := range 6 {
				others = append(others, alphabet[k^1<<bit])
			}
		}
		for _, c := range others {
			if file[at] != c {
				b := slices.Clone(file)
				b[at] = c
				f(at, b)
			}
		}
	}
}

func TestCheckpointHasOneSpelling(t *testing.T) {
	g := newSigner(t, "blue.example", 1)
	head := g.head(9, rfcHash(someLeaves(9)))
	msg := g.sign(t, head)
	respelled(msg, 0, func(at int, b []byte) {
		if _, err := tlog.OpenCheckpoint(b, g.keys.Log); err == nil {
			t.Fatalf("changed at %d, it opens: %q", at, b)
		}
	})
	accusation := tlog.TwoRoots(msg, g.sign(t, g.head(9, rfcHash(someLeaves(8)))))
	file := accusation.Format()
	respelled(file, bytes.Index(file, msg), func(at int, b []byte) {
		if a, err := evidence.ParseAccusation(b); err == nil && evidence.Verify(a, g.keys) == nil {
			t.Fatalf("changed at %d, it still accuses: %q", at, b)
		}
	})
}

func TestProofFileHasOneSpelling(t *testing.T) {
	g, red := newSigner(t, "blue.example", 1), newSigner(t, "red.example", 50)
	d := someLeaves(5)
	_, s := grow(t, d)
	head := g.head(5, rfcHash(d))
	receipt := must[[]byte](t)(red.cosigner.Cosign(head, 100))
	path := must[[][32]byte](t)(tlog.ProveInclusion(5, 2, s))
	file := evidence.FormatProof(2, path, append(g.sign(t, head), receipt...))
	respelled(file, 0, func(at int, b []byte) {
		_, _, err := evidence.CheckProof(b, g.keys.Log, tlog.LeafHash(d[2]))
		_, _, msg, _ := evidence.ParseProof(b)
		if _, cerr := tlog.CosignatureIn(msg, head, red.keys.Cosigner); err == nil && cerr == nil {
			t.Fatalf("changed at %d, it holds: %q", at, b)
		}
	})
	extra := strings.Replace(string(file), "index", "extra YQ==\nindex", 1)
	for _, other := range []string{"YR==", "YQ", "YQ=", "Y\rQ==", "YQ==YQ=="} {
		if _, _, _, err := evidence.ParseProof([]byte(strings.Replace(extra, "YQ==", other, 1))); err == nil {
			t.Errorf("an extra line %q is read", other)
		}
	}
}
