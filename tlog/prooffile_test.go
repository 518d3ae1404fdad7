// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/transparency-dev/formats/proof"

	"openline/tlog"
	"openline/tlog/evidence"
)

func TestProofFileAgainstIndependentReader(t *testing.T) {
	const size = 23
	g, red := newSigner(t, "blue.example", 1), newSigner(t, "red.example", 50)
	d := someLeaves(size)
	_, s := grow(t, d)
	head := g.head(size, rfcHash(d))
	checkpoint := append(g.sign(t, head), must[[]byte](t)(red.cosigner.Cosign(head, 100))...)
	for i := range d {
		path := must[[][32]byte](t)(tlog.ProveInclusion(size, uint64(i), s))
		file := evidence.FormatProof(uint64(i), path, checkpoint)
		theirs := proof.TLogProof{Index: uint64(i), Hashes: path, Checkpoint: checkpoint}
		if !bytes.Equal(file, theirs.Marshal()) {
			t.Fatalf("they write another file for entry %d", i)
		}
		var read proof.TLogProof
		if err := read.Unmarshal(file); err != nil || read.Index != uint64(i) || !slices.Equal(read.Hashes, path) || !bytes.Equal(read.Checkpoint, checkpoint) {
			t.Fatalf("they read %+v, %v", read, err)
		}
		theirs.ExtraData = []byte("said by nobody")
		for _, f := range [][]byte{file, theirs.Marshal()} {
			index, got, err := evidence.CheckProof(f, g.keys.Log, tlog.LeafHash(d[i]))
			if err != nil || index != uint64(i) || got != head {
				t.Fatalf("we read %d, %+v, %v", index, got, err)
			}
		}
		if _, _, err := evidence.CheckProof(file, g.keys.Log, tlog.LeafHash(d[(i+1)%size])); err == nil {
			t.Fatalf("the proof of entry %d is taken for another entry", i)
		}
		if _, _, err := evidence.CheckProof(file, red.keys.Log, tlog.LeafHash(d[i])); err == nil {
			t.Fatal("the proof is taken under another key")
		}
	}
	_, _, msg, err := evidence.ParseProof(evidence.FormatProof(0, nil, checkpoint))
	if err != nil {
		t.Fatal(err)
	}
	if at, err := tlog.CosignatureIn(msg, head, red.keys.Cosigner); err != nil || at != 100 {
		t.Errorf("the receipt in a proof gives %d, %v", at, err)
	}
	if _, _, _, err := evidence.ParseProof(evidence.FormatProof(0, make([][32]byte, 64), checkpoint)); err != nil {
		t.Error(err)
	}
	if _, _, _, err := evidence.ParseProof(evidence.FormatProof(0, make([][32]byte, 65), checkpoint)); err == nil {
		t.Error("a proof of 65 hashes is read")
	}
}
