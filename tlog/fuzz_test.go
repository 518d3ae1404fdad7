// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	formatslog "github.com/transparency-dev/formats/log"
	formats "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	merkleproof "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"openline/tlog"
	"openline/tlog/evidence"
)

// inputs gives every input of a file of vectors.
func inputs(f *testing.F, name string) []taken {
	f.Helper()
	b, err := os.ReadFile("../spec/vectors/log/" + name)
	if err != nil {
		f.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		f.Fatal(err)
	}
	return append(v.Taken, v.Refused...)
}

// What we take for a checkpoint has one spelling, and an independent reader
// takes it for the same.
func FuzzCheckpoint(f *testing.F) {
	for _, v := range inputs(f, "checkpoint.json") {
		f.Add(v.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := tlog.ParseCheckpoint(text)
		if err != nil {
			return
		}
		if c.Text() != text {
			t.Fatalf("%q is read as %q", text, c.Text())
		}
		var theirs formatslog.Checkpoint
		if rest, err := theirs.Unmarshal([]byte(text)); err != nil || len(rest) > 0 {
			t.Fatalf("they refuse %q: %v", text, err)
		}
		if theirs.Origin != c.Origin || theirs.Size != c.Size || !bytes.Equal(theirs.Hash, c.Root[:]) {
			t.Fatalf("they read %q as %+v", text, theirs)
		}
	})
}

// A line that verifies here makes a note that verifies there.
func FuzzCosignature(f *testing.F) {
	for _, v := range inputs(f, "cosignature.json") {
		f.Add(v.Text, v.Line)
	}
	red := newSigner(f, "red.example", 50)
	ed := must[note.Verifier](f)(formats.NewVerifierForCosignatureV1(red.cosignerKey()))
	pq := must[note.Verifier](f)(formats.NewVerifierForCosignatureV1(red.cosignerKeyPQ()))
	f.Fuzz(func(t *testing.T, text, line string) {
		c, err := tlog.ParseCheckpoint(text)
		if err != nil {
			return
		}
		_, e1 := red.keys.Cosigner.Verify(c, []byte(line))
		_, e2 := red.keys.CosignerPQ.Verify(c, []byte(line))
		if e1 != nil && e2 != nil {
			return
		}
		if _, err := note.Open([]byte(text+"\n"+line), note.VerifierList(ed, pq)); err != nil {
			t.Fatalf("they refuse %q over %q: %v", line, text, err)
		}
	})
}

func FuzzProofFile(f *testing.F) {
	for _, v := range inputs(f, "proof.json") {
		f.Add([]byte(v.File))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		index, hashes, checkpoint, err := evidence.ParseProof(file)
		if err != nil {
			return
		}
		again := evidence.FormatProof(index, hashes, checkpoint)
		if !bytes.Contains(file, []byte("\nextra ")) && !bytes.Equal(again, file) {
			t.Fatalf("%q is written again as %q", file, again)
		}
		var theirs proof.TLogProof
		if err := theirs.Unmarshal(again); err == nil && (theirs.Index != index || len(theirs.Hashes) != len(hashes)) {
			t.Fatalf("they read %q as %+v", again, theirs)
		}
	})
}

func FuzzAccusation(f *testing.F) {
	for _, v := range inputs(f, "accusation.json") {
		f.Add([]byte(v.File))
	}
	keys := newSigner(f, "blue.example", 1).keys
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := evidence.ParseAccusation(file)
		if err != nil {
			return
		}
		if !bytes.Equal(a.Format(), file) {
			t.Fatalf("%q has a second spelling", file)
		}
		if evidence.Verify(a, keys) == nil {
			t.Fatal("somebody who never signed stands accused")
		}
	})
}

// Whatever the bytes of a proof, we and an independent verifier agree.
func FuzzConsistency(f *testing.F) {
	d := someLeaves(40)
	_, s := grow(f, d)
	join := func(p [][32]byte) (b []byte) {
		for _, h := range p {
			b = append(b, h[:]...)
		}
		return b
	}
	for _, old := range []uint64{1, 8, 13, 32, 40} {
		f.Add(uint64(40), old, join(must[[][32]byte](f)(tlog.ProveConsistency(40, old, s))))
	}
	root := rfcHash(d)
	f.Fuzz(func(t *testing.T, size, old uint64, b []byte) {
		if size > 1<<62 || old == 0 || size == 0 {
			return
		}
		p := make([][32]byte, min(len(b)/32, 200))
		for i := range p {
			p[i] = [32]byte(b[32*i:])
		}
		oldRoot := rfcHash(d[:old%41])
		ours := tlog.CheckConsistency(p, size, root, old, oldRoot)
		theirs := merkleproof.VerifyConsistency(rfc6962.DefaultHasher, old, size, slicesOf(p), oldRoot[:], root[:])
		if (ours == nil) != (theirs == nil) {
			t.Fatalf("%d extends %d: we say %v, they say %v", size, old, ours, theirs)
		}
		ours = tlog.CheckInclusion(p, size, root, old, oldRoot)
		theirs = merkleproof.VerifyInclusion(rfc6962.DefaultHasher, old, size, oldRoot[:], slicesOf(p), root[:])
		if (ours == nil) != (theirs == nil) {
			t.Fatalf("entry %d of %d: we say %v, they say %v", old, size, ours, theirs)
		}
	})
}
