// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	formatslog "github.com/transparency-dev/formats/log"
	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"openline/tlog"
)

// A receipted head is one signed note that standard tools verify whole.
func TestReceiptedHeadUnderIndependentVerifiers(t *testing.T) {
	blue, red := newSigner(t, "blue.example", 1), newSigner(t, "red.example", 50)
	const at = 1621555260
	c := blue.head(412, rfcHash(someLeaves(412)))
	msg := blue.sign(t, c)
	msg = append(msg, must[[]byte](t)(red.cosigner.Cosign(c, at))...)
	msg = append(msg, must[[]byte](t)(red.pq.Cosign(c, at+1))...)

	log := must[note.Verifier](t)(note.NewVerifier(blue.logKey()))
	ed := must[note.Verifier](t)(formats.NewVerifierForCosignatureV1(red.cosignerKey()))
	pq := must[note.Verifier](t)(formats.NewVerifierForCosignatureV1(red.cosignerKeyPQ()))
	if ed.KeyHash() != red.keys.Cosigner.KeyHash() || pq.KeyHash() != red.keys.CosignerPQ.KeyHash() || ed.Name() != red.keys.Cosigner.Name() {
		t.Fatal("key ids or names differ")
	}
	theirs, _, n, err := formatslog.ParseCheckpoint(msg, c.Origin, log, ed, pq)
	if err != nil {
		t.Fatal(err)
	}
	if theirs.Origin != c.Origin || theirs.Size != c.Size || !bytes.Equal(theirs.Hash, c.Root[:]) || len(n.Sigs) != 3 {
		t.Fatalf("they read %+v with %d signatures", theirs, len(n.Sigs))
	}
	for i, want := range []int64{at, at + 1} {
		if when, err := formats.CoSigV1Timestamp(n.Sigs[i+1]); err != nil || when.Unix() != want {
			t.Errorf("they read the time %v, %v", when, err)
		}
	}
	sub := must[*formats.SubtreeVerifier](t)(formats.NewMLDSAVerifier(red.cosignerKeyPQ()))
	sig := must[[]byte](t)(base64.StdEncoding.DecodeString(n.Sigs[2].Base64))
	if !sub.VerifySubtree(at+1, c.Origin, 0, c.Size, c.Root[:], sig[4:]) {
		t.Error("it is not a cosignature of the subtree [0, size)")
	}

	if got, err := tlog.OpenCheckpoint(msg, blue.keys.Log); err != nil || got != c {
		t.Errorf("we read %+v, %v", got, err)
	}
	for i, v := range []tlog.CosignatureVerifier{red.keys.Cosigner, red.keys.CosignerPQ} {
		if when, err := tlog.CosignatureIn(msg, c, v); err != nil || when != uint64(at+i) {
			t.Errorf("we read the time %d, %v", when, err)
		}
	}
}

// What independent signers make, we verify.
func TestCosignaturesOfIndependentSigners(t *testing.T) {
	red := newSigner(t, "red.example", 50)
	c := tlog.Checkpoint{Origin: "blue.example/openline/dtl-0a1b2c3d/1", Size: 9, Root: rfcHash(someLeaves(9))}
	name, seed := red.card.CosignerName(), bytes.Repeat([]byte{51}, 32)
	ed := must[*formats.Signer](t)(formats.NewSignerForCosignatureV1("PRIVATE+KEY+" + name + "+00000000+" + base64.StdEncoding.EncodeToString(append([]byte{4}, seed...))))
	pq := must[*formats.SubtreeSigner](t)(formats.NewMLDSASigner("PRIVATE+KEY+" + name + "+00000000+" + base64.StdEncoding.EncodeToString(append([]byte{6}, bytes.Repeat([]byte{52}, 32)...))))
	msg := must[[]byte](t)(note.Sign(&note.Note{Text: c.Text()}, ed, pq))
	if _, err := tlog.CosignatureIn(msg, c, red.keys.Cosigner); err != nil {
		t.Error(err)
	}
	if _, err := tlog.CosignatureIn(msg, c, red.keys.CosignerPQ); err != nil {
		t.Error(err)
	}

	line := func(sig []byte) []byte {
		return []byte("— " + name + " " + base64.StdEncoding.EncodeToString(append(binary.BigEndian.AppendUint32(nil, pq.KeyHash()), sig...)) + "\n")
	}
	sig := must[[]byte](t)(pq.SignSubtree(77, c.Origin, 0, c.Size, c.Root[:]))
	if at, err := red.keys.CosignerPQ.Verify(c, line(sig)); err != nil || at != 77 {
		t.Errorf("a subtree cosignature gives %d, %v", at, err)
	}
	for what, sig := range map[string][]byte{
		"time zero":         must[[]byte](t)(pq.SignSubtree(0, c.Origin, 0, c.Size, c.Root[:])),
		"a part of a tree":  must[[]byte](t)(pq.SignSubtree(0, c.Origin, 8, c.Size, c.Root[:])),
		"a time above 2^63": must[[]byte](t)(pq.SignSubtree(1<<63, c.Origin, 0, c.Size, c.Root[:])),
	} {
		if _, err := red.keys.CosignerPQ.Verify(c, line(sig)); !errors.Is(err, tlog.ErrCosignature) {
			t.Errorf("a cosignature with %s gives %v", what, err)
		}
	}
}

// A signature moved to another role, name, key, head or time fails.
func TestCosignatureCannotBeMoved(t *testing.T) {
	blue, red := newSigner(t, "blue.example", 1), newSigner(t, "red.example", 50)
	c := blue.head(9, rfcHash(someLeaves(9)))
	larger, other, origin := c, c, c
	larger.Size++
	other.Root[31] ^= 1
	origin.Origin = red.card.Origin()
	for _, v := range []struct {
		by            tlog.Cosigner
		is, not, role tlog.CosignatureVerifier
	}{
		{red.cosigner, red.keys.Cosigner, blue.keys.Cosigner, red.keys.CosignerPQ},
		{red.pq, red.keys.CosignerPQ, blue.keys.CosignerPQ, red.keys.Cosigner},
	} {
		line := must[[]byte](t)(v.by.Cosign(c, 100))
		if !bytes.Equal(line, must[[]byte](t)(v.by.Cosign(c, 100))) {
			t.Error("signing again gives other bytes")
		}
		if at, err := v.is.Verify(c, line); err != nil || at != 100 {
			t.Fatal(at, err)
		}
		blob := must[[]byte](t)(base64.StdEncoding.DecodeString(strings.Fields(string(line))[2]))
		blob[11]++ // the time
		later := []byte("— " + v.is.Name() + " " + base64.StdEncoding.EncodeToString(blob) + "\n")
		renamed := bytes.Replace(line, []byte("red.example"), []byte("blue.example"), 1)
		for what, err := range map[string]error{
			"another size":   second(v.is.Verify(larger, line)),
			"another root":   second(v.is.Verify(other, line)),
			"another log":    second(v.is.Verify(origin, line)),
			"another time":   second(v.is.Verify(c, later)),
			"another party":  second(v.not.Verify(c, line)),
			"another name":   second(v.not.Verify(c, renamed)),
			"another role":   second(v.role.Verify(c, line)),
			"the log's role": second(tlog.OpenCheckpoint(append([]byte(c.Text()+"\n"), line...), red.keys.Log)),
		} {
			if err == nil {
				t.Errorf("%T: a cosignature moved to %s verifies", v.by, what)
			}
		}
	}
	moved := append([]byte(origin.Text()), blue.sign(t, c)[len(c.Text()):]...)
	if _, err := tlog.OpenCheckpoint(moved, blue.keys.Log); err == nil {
		t.Error("a head moved to another origin verifies")
	}
}

// Every changed byte of a signature line is noticed: a line has one spelling.
func TestCosignatureLineHasOneSpelling(t *testing.T) {
	red := newSigner(t, "red.example", 50)
	c := red.head(9, rfcHash(someLeaves(9)))
	lines := [][]byte{must[[]byte](t)(red.cosigner.Cosign(c, 100)), must[[]byte](t)(red.pq.Cosign(c, 100))}
	verifiers := []tlog.CosignatureVerifier{red.keys.Cosigner, red.keys.CosignerPQ}
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(0, 1).Draw(rt, "key")
		line := slices.Clone(lines[i])
		at := rapid.IntRange(0, len(line)-1).Draw(rt, "at")
		if rapid.Bool().Draw(rt, "insert") {
			b := rapid.SampledFrom([]byte("\n\r =A+")).Draw(rt, "inserted")
			line = slices.Insert(line, at, b)
		} else {
			line[at] ^= rapid.Byte().Filter(func(b byte) bool { return b != 0 }).Draw(rt, "change")
		}
		if _, err := verifiers[i].Verify(c, line); err == nil {
			rt.Fatalf("changed at %d, the line verifies:\n%s", at, line)
		}
	})
}

func TestCosignerRefuses(t *testing.T) {
	red := newSigner(t, "red.example", 50)
	c := red.head(9, rfcHash(someLeaves(9)))
	framed, long, blank, big, elsewhere := c, c, c, c, c
	elsewhere.Origin = "blue.example/openline/dtl-0a1b2c3d/1"
	framed.Origin = "blue.example\n1\n"
	long.Origin = strings.Repeat("x", 256)
	blank.Origin = "blue example"
	big.Size = 1<<62 + 1
	for _, by := range []tlog.Cosigner{red.cosigner, red.pq} {
		for what, err := range map[string]error{
			"time zero":                second(by.Cosign(c, 0)),
			"a time above 2^63":        second(by.Cosign(c, 1<<63)),
			"an origin of three lines": second(by.Cosign(framed, 1)),
			"an origin of 256 bytes":   second(by.Cosign(long, 1)),
			"an origin with a blank":   second(by.Cosign(blank, 1)),
			"no origin":                second(by.Cosign(tlog.Checkpoint{Size: 1}, 1)),
			"a size above 2^62":        second(by.Cosign(big, 1)),
			"a head of three more lines, signed by the log": second(tlog.SignCheckpoint(framed, red.log)),
			"another log's head, signed by this log":        second(tlog.SignCheckpoint(elsewhere, red.log)),
		} {
			if err == nil {
				t.Errorf("%s is taken", what)
			}
		}
	}
}

func TestCosignatureInLeavesOthersAside(t *testing.T) {
	blue, red := newSigner(t, "blue.example", 1), newSigner(t, "red.example", 50)
	c := blue.head(9, rfcHash(someLeaves(9)))
	mine, bad := must[[]byte](t)(red.cosigner.Cosign(c, 100)), must[[]byte](t)(red.cosigner.Cosign(blue.head(8, c.Root), 99))
	others := blue.sign(t, c)
	for what, k := range map[string]struct {
		msg []byte
		ok  bool
	}{
		"last of several":             {slices.Concat(others, mine), true},
		"none of it":                  {others, false},
		"one of its own that is bad":  {slices.Concat(others, bad, mine), false},
		"another head":                {append([]byte(blue.head(8, c.Root).Text()+"\n"), mine...), false},
		"something that is no line":   {slices.Concat(others, []byte("hello\n"), mine), false},
		"a line without its end":      {slices.Concat(others, mine[:len(mine)-1]), false},
		"no note":                     {nil, false},
		"more than a note should be":  {slices.Concat(others, bytes.Repeat(others[len(c.Text())+1:], 2000), mine), false},
		"sixteen others and this one": {slices.Concat(others, bytes.Repeat(others[len(c.Text())+1:], 15), mine), true},
	} {
		at, err := tlog.CosignatureIn(k.msg, c, red.keys.Cosigner)
		if (err == nil) != k.ok || k.ok && at != 100 {
			t.Errorf("%s: %d, %v", what, at, err)
		}
	}
}
