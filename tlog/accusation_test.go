// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"openline/tlog"
	"openline/tlog/evidence"
)

// twoHistories is a liar's two logs, alike in their first entries only.
type twoHistories struct {
	one, two           *stored
	rootOne, rootTwo   func(size int) [32]byte
	liar               *signer
	entriesOne, common int
}

func newTwoHistories(t testing.TB) twoHistories {
	a, b := someLeaves(20), someLeaves(20)
	for i := 6; i < 20; i++ {
		b[i] = fmt.Appendf(nil, "told otherwise %d", i)
	}
	_, one := grow(t, a)
	_, two := grow(t, b)
	return twoHistories{
		one: one, two: two, liar: newSigner(t, "red.example", 50), entriesOne: 20, common: 6,
		rootOne: func(n int) [32]byte { return rfcHash(a[:n]) }, rootTwo: func(n int) [32]byte { return rfcHash(b[:n]) },
	}
}

// accusations gives one of each kind, in each pair of roles it may come in.
func (w twoHistories) accusations(t testing.TB) map[string]tlog.Accusation {
	t.Helper()
	l := w.liar
	one, two, small := l.head(20, w.rootOne(20)), l.head(20, w.rootTwo(20)), l.head(9, w.rootTwo(9))
	notes := func(c tlog.Checkpoint) map[string][]byte {
		return map[string][]byte{"log": l.sign(t, c), "cosigner": cosigned(t, l.cosigner, c, 100), "post-quantum cosigner": cosigned(t, l.pq, c, 101)}
	}
	proof := must[[][32]byte](t)(tlog.ProveConsistency(20, 9, w.one))
	out := map[string]tlog.Accusation{}
	for ra, a := range notes(one) {
		for rb, b := range notes(two) {
			out["two roots, "+ra+" and "+rb] = tlog.TwoRoots(a, b)
		}
		for rb, b := range notes(small) {
			out["inconsistent, "+ra+" and "+rb] = tlog.Inconsistent(a, b, w.rootOne(9), proof)
		}
	}
	empty := l.head(0, w.rootOne(1))
	out["an empty log with a root"] = tlog.Inconsistent(l.sign(t, one), l.sign(t, empty), tlog.EmptyRoot(), nil)
	later := l.head(9, w.rootOne(9))
	for ra, a := range map[string][]byte{"cosigner": cosigned(t, l.cosigner, one, 100), "post-quantum cosigner": cosigned(t, l.pq, one, 100)} {
		for rb, b := range map[string][]byte{"cosigner": cosigned(t, l.cosigner, later, 101), "post-quantum cosigner": cosigned(t, l.pq, later, 101)} {
			out["size fell, "+ra+" then "+rb] = tlog.SizeFell(a, b)
			out["size fell, told backwards, "+ra+" then "+rb] = tlog.SizeFell(b, a)
		}
	}
	return out
}

func TestAccusationsProveThemselves(t *testing.T) {
	w := newTwoHistories(t)
	other := newSigner(t, "blue.example", 1)
	for name, a := range w.accusations(t) {
		file := a.Format()
		back, err := evidence.ParseAccusation(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := evidence.Verify(back, w.liar.keys); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(back.Format(), file) {
			t.Errorf("%s: read and written again it is another file", name)
		}
		if err := evidence.Verify(back, other.keys); err == nil {
			t.Errorf("%s: it accuses somebody else", name)
		}
		if fork := error(&tlog.ForkError{Accusation: a}); !errors.As(fmt.Errorf("x: %w", fork), new(*tlog.ForkError)) || fork.Error() == "" {
			t.Errorf("%s: the error does not carry it", name)
		}
	}
}

// One byte changed, and the file accuses nobody.
func TestAccusationChangedAccusesNobody(t *testing.T) {
	w := newTwoHistories(t)
	all := w.accusations(t)
	names := slices.Sorted(func(yield func(string) bool) {
		for n := range all {
			if !yield(n) {
				return
			}
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		file := all[rapid.SampledFrom(names).Draw(rt, "which")].Format()
		at := rapid.IntRange(0, len(file)-1).Draw(rt, "at")
		file[at] ^= rapid.Byte().Filter(func(b byte) bool { return b != 0 }).Draw(rt, "change")
		a, err := evidence.ParseAccusation(file)
		if err == nil && evidence.Verify(a, w.liar.keys) == nil {
			rt.Fatalf("changed at %d it still accuses:\n%s", at, file)
		}
	})
}

// Whoever signs one growing log at times that never fall cannot be accused:
// no pair of its statements proves anything, however they are put together.
func TestHonestSignerCannotBeAccused(t *testing.T) {
	d := someLeaves(60)
	_, s := grow(t, d)
	g := newSigner(t, "blue.example", 1)
	rapid.Check(t, func(rt *rapid.T) {
		size, at := 0, uint64(100)
		var notes [][]byte
		var heads []tlog.Checkpoint
		for range rapid.IntRange(2, 5).Draw(rt, "statements") {
			size = rapid.IntRange(size, len(d)).Draw(rt, "size")
			at += uint64(rapid.IntRange(0, 2).Draw(rt, "pass"))
			c := g.head(uint64(size), rfcHash(d[:size]))
			heads = append(heads, c)
			switch rapid.IntRange(0, 2).Draw(rt, "role") {
			case 0:
				notes = append(notes, g.sign(t, c))
			case 1:
				notes = append(notes, cosigned(t, g.cosigner, c, at))
			case 2:
				notes = append(notes, cosigned(t, g.pq, c, at))
			}
		}
		for i, a := range notes {
			for j, b := range notes {
				accuse := []tlog.Accusation{tlog.TwoRoots(a, b), tlog.SizeFell(a, b), tlog.Inconsistent(a, b, heads[i].Root, nil)}
				if heads[i].Size >= heads[j].Size {
					proof := must[[][32]byte](t)(tlog.ProveConsistency(heads[i].Size, heads[j].Size, s))
					root := heads[j].Root
					proof = damage(rt, proof, &root)
					accuse = append(accuse, tlog.Inconsistent(a, b, root, proof))
				}
				for _, x := range accuse {
					if evidence.Verify(x, g.keys) == nil {
						rt.Fatalf("an honest signer stands accused of %s: %+v and %+v", x.Kind, heads[i], heads[j])
					}
				}
			}
		}
	})
}

func TestAccusationRefuses(t *testing.T) {
	w := newTwoHistories(t)
	l := w.liar
	one, two := l.head(20, w.rootOne(20)), l.head(20, w.rootTwo(20))
	elsewhere := two
	elsewhere.Origin = "blue.example/openline/dtl-0a1b2c3d/1"
	late, early := cosigned(t, l.cosigner, l.head(9, w.rootOne(9)), 101), cosigned(t, l.cosigner, one, 100)
	proof := must[[][32]byte](t)(tlog.ProveConsistency(20, 9, w.one))
	small := l.sign(t, l.head(9, w.rootTwo(9)))
	unknown := tlog.TwoRoots(l.sign(t, one), l.sign(t, two))
	unknown.Kind = "bad manners"
	for what, a := range map[string]tlog.Accusation{
		"an unknown kind":            unknown,
		"one statement twice":        tlog.TwoRoots(l.sign(t, one), l.sign(t, one)),
		"two sizes":                  tlog.TwoRoots(l.sign(t, one), small),
		"two logs":                   tlog.TwoRoots(cosigned(t, l.cosigner, one, 1), cosigned(t, l.cosigner, elsewhere, 1)),
		"no statement":               tlog.TwoRoots(nil, l.sign(t, one)),
		"nothing signed":             tlog.TwoRoots([]byte(one.Text()+"\n"), l.sign(t, two)),
		"heads without a time":       tlog.SizeFell(l.sign(t, one), small),
		"one second":                 tlog.SizeFell(early, cosigned(t, l.cosigner, l.head(9, w.rootOne(9)), 100)),
		"a size that rises":          tlog.SizeFell(cosigned(t, l.cosigner, l.head(9, w.rootOne(9)), 99), early),
		"a proof of another history": tlog.Inconsistent(l.sign(t, one), small, w.rootTwo(9), proof),
		"no proof":                   tlog.Inconsistent(l.sign(t, one), small, w.rootOne(9), nil),
		"the smaller head first":     tlog.Inconsistent(small, l.sign(t, one), w.rootOne(9), proof),
	} {
		if evidence.Verify(a, l.keys) == nil {
			t.Errorf("%s proves a lie", what)
		}
	}
	file := tlog.SizeFell(early, late).Format()
	for what, b := range map[string][]byte{
		"nothing":             nil,
		"a line too many":     append(slices.Clone(file), "more\n"...),
		"another first line":  append([]byte("x"), file...),
		"one statement":       file[:bytes.LastIndex(file, []byte("----"))],
		"an unknown kind":     bytes.Replace(file, []byte("a size"), []byte("A size"), 1),
		"a hash beside it":    append(slices.Clone(file), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"...),
		"more than it may be": append(slices.Clone(file), bytes.Repeat([]byte("x"), 1<<20)...),
	} {
		if _, err := evidence.ParseAccusation(b); err == nil {
			t.Errorf("a file with %s is read", what)
		}
	}
}
