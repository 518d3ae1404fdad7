// SPDX-License-Identifier: Apache-2.0

package line

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/bits"

	"openline/record"
)

// sum adds digests modulo 2^256. It finds differences of reading between
// stations that both mean well; it proves nothing, so it need not resist one
// who chooses what to add.
type sum [4]uint64

func words(d [32]byte) (w [4]uint64) {
	for i := range w {
		w[i] = binary.BigEndian.Uint64(d[8*(3-i):])
	}
	return w
}

func (s *sum) add(d [32]byte) {
	var c uint64
	for i, w := range words(d) {
		s[i], c = bits.Add64(s[i], w, c)
	}
}

func (s *sum) sub(d [32]byte) {
	var b uint64
	for i, w := range words(d) {
		s[i], b = bits.Sub64(s[i], w, b)
	}
}

func (s sum) bytes() []byte {
	out := make([]byte, 0, 32)
	for i := 3; i >= 0; i-- {
		out = binary.BigEndian.AppendUint64(out, s[i])
	}
	return out
}

func (s sum) digest() [32]byte {
	return sha256.Sum256(append([]byte("openline/shared/v1\n"), s.bytes()...))
}

// Digest is that of shared state as it stands.
func (f *Fold) Digest() [32]byte { return f.sum.digest() }

// ErrFarBack is a cut too long ago to be compared from memory.
var ErrFarBack = errors.New("the cut is too far back to compare")

// CutOf is the cut a record was written at: its own log up to it, the others
// as its author had seen them.
func (f *Fold) CutOf(e Entry) Cut {
	c := f.EffectiveSeen(e.Party)
	if e.Leaf != nil {
		for _, s := range e.Leaf.Seen {
			c[s.Party] = Position{s.Generation, s.Size}
		}
	}
	c[e.Party] = Position{e.Generation, e.Index}
	return c
}

// DigestAt is the digest shared state had at a cut not long ago.
func (f *Fold) DigestAt(cut Cut) ([32]byte, error) {
	s := f.sum
	beyond := map[record.Ref]bool{}
	reached := map[record.PartyNo]bool{}
	for i := len(f.recent) - 1; i >= 0; i-- {
		t := f.recent[i]
		if cut[t.party].covers(t.gen, t.index) {
			reached[t.party] = true
			continue
		}
		beyond[t.thing] = true
	}
	for no := range f.logs {
		if p := cut[no]; !reached[no] && p.Size > 0 && f.recentBegins(no) > 0 {
			return [32]byte{}, ErrFarBack
		}
	}
	for name := range beyond {
		t, err := f.Thing(name)
		if err != nil {
			continue
		}
		s.sub(t.digest)
		if old := f.thingAt(t, cut); old != nil {
			s.add(old.digest)
		}
	}
	return s.digest(), nil
}

func (f *Fold) recentBegins(no record.PartyNo) uint64 {
	for _, t := range f.recent {
		if t.party == no {
			return t.index
		}
	}
	return 0
}

// thingAt is a thing as it stood at a cut, nil if nothing of it was there.
func (f *Fold) thingAt(t *Thing, cut Cut) *Thing {
	old := &Thing{Name: t.Name}
	for _, a := range t.Acts {
		if cut[a.Ref.Party].covers(a.Generation, a.Index) {
			c := *a
			old.Acts = append(old.Acts, &c)
		}
	}
	if len(old.Acts) == 0 {
		return nil
	}
	f.settle(old)
	return old
}
