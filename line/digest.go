// SPDX-License-Identifier: Apache-2.0

package line

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"math/bits"
	"slices"

	"openline/record"
)

// sum adds digests modulo 2^256. It finds differences of reading between
// stations that both mean well; it proves nothing, so it need not resist one
// who chooses what to add.
type sum struct {
	n       [4]uint64
	missing uint64 // things whose content is not held, and that nothing removed
}

func words(d [32]byte) (w [4]uint64) {
	for i := range w {
		w[i] = binary.BigEndian.Uint64(d[8*(3-i):])
	}
	return w
}

func (s *sum) add(d [32]byte) {
	var c uint64
	for i, w := range words(d) {
		s.n[i], c = bits.Add64(s.n[i], w, c)
	}
}

func (s *sum) sub(d [32]byte) {
	var b uint64
	for i, w := range words(d) {
		s.n[i], b = bits.Sub64(s.n[i], w, b)
	}
}

func (s *sum) change(before, after *Thing) {
	switch {
	case before == nil:
	case before.missing:
		s.missing--
	default:
		s.sub(before.digest)
	}
	switch {
	case after == nil:
	case after.missing:
		s.missing++
	default:
		s.add(after.digest)
	}
}

func (s sum) bytes() []byte {
	out := make([]byte, 0, 32)
	for i := 3; i >= 0; i-- {
		out = binary.BigEndian.AppendUint64(out, s.n[i])
	}
	return out
}

func (s sum) digest() [32]byte {
	return sha256.Sum256(append([]byte("openline/shared/v2\n"), s.bytes()...))
}

// Digest is that of shared state at the cut of all that was added, as far as
// content is held.
func (f *Fold) Digest() [32]byte { return f.sum.digest() }

// ErrNotComparable is a cut of which not everything is held here, content that
// nothing at the cut removed included, or at which a record waits: nothing can
// be said about it.
var ErrNotComparable = errors.New("the cut is not held whole")

// CutOf is the cut a record was written at: its own log up to it, the others
// as its author had seen them. It is nil while the record waits.
func (f *Fold) CutOf(e Entry) Cut {
	c := f.chains[e.Log()]
	if c == nil || e.Index >= c.done {
		return nil
	}
	s, err := f.stateAt(c, e.Index+1)
	if err != nil {
		f.err = err
		return nil
	}
	return cutOf(s.seen, e.Log(), e.Index)
}

func cutOf(seen heads, own Log, size uint64) Cut {
	cut := Cut{}
	for _, h := range seen {
		if h.size > 0 {
			cut[h.log] = h.size
		}
	}
	if size > 0 {
		cut[own] = size
	}
	return cut
}

// DigestBy is the digest a party makes for the record it numbers next, which
// lists all it holds of the other logs: its own log's word for itself, and
// of the others everything added here.
func (f *Fold) DigestBy(party record.PartyNo) ([32]byte, error) {
	cut := f.Cut()
	gens := f.generations(party)
	if len(gens) == 0 {
		return f.DigestAt(cut)
	}
	own := gens[len(gens)-1]
	maps.DeleteFunc(cut, func(l Log, _ uint64) bool { return l.Party == party })
	at := own.at
	if !own.started {
		probe := *own
		if _, err := f.start(&probe); err != nil {
			return [32]byte{}, err
		}
		at = probe.at
	}
	maps.Copy(cut, cutOf(at.seen.of(party), own.log, own.size))
	return f.DigestAt(cut)
}

// pastSum is the sum as it was when so much was folded.
type pastSum struct {
	reach Cut
	sum   sum
}

const (
	sumEvery = 512
	maxPast  = 512
)

// rememberSum keeps the sum from time to time, so that a digest at a past
// cut need not undo everything since. Older ones are kept less densely.
func (f *Fold) rememberSum() {
	if f.added%sumEvery != 0 || len(f.toRemove) > 0 { // what an error kept from being judged is not in the sum
		return
	}
	f.past = append(f.past, pastSum{maps.Clone(f.reach), f.sum})
	if len(f.past) > maxPast {
		kept := f.past[:0]
		for i, p := range f.past {
			if i%2 == 1 || i > maxPast*3/4 {
				kept = append(kept, p)
			}
		}
		f.past = kept
	}
}

// DigestAt is the digest shared state had at a cut.
func (f *Fold) DigestAt(cut Cut) ([32]byte, error) {
	if cut == nil {
		return [32]byte{}, ErrNotComparable
	}
	for l, n := range cut {
		if c := f.chains[l]; c == nil || n > c.size {
			return [32]byte{}, ErrNotComparable
		}
	}
	want, err := f.reachAt(cut)
	if err != nil {
		return [32]byte{}, err
	}
	from := f.nearest(want)
	names, err := f.between(from.reach, want)
	if err != nil {
		return [32]byte{}, err
	}
	s := from.sum
	for name := range names {
		before, err := f.loadAt(name, from.reach)
		if err != nil {
			return [32]byte{}, err
		}
		after, err := f.loadAt(name, want)
		if err != nil {
			return [32]byte{}, err
		}
		s.change(before, after)
	}
	if s.missing > 0 {
		return [32]byte{}, ErrNotComparable
	}
	return s.digest(), nil
}

// nearest is the kept sum with the fewest records between it and a cut.
func (f *Fold) nearest(want Cut) pastSum {
	best := pastSum{f.reach, f.sum}
	least := distance(f.reach, want)
	for _, p := range slices.Backward(f.past) {
		if d := distance(p.reach, want); d < least {
			best, least = p, d
		}
	}
	return best
}

func distance(a, b Cut) (n uint64) {
	for l, x := range a {
		y := b[l]
		n += max(x, y) - min(x, y)
	}
	for l, y := range b {
		if _, ok := a[l]; !ok {
			n += y
		}
	}
	return n
}

// between names the things touched by what is folded at one reach and not at
// the other.
func (f *Fold) between(a, b Cut) (map[record.Ref]bool, error) {
	names := map[record.Ref]bool{}
	for _, c := range f.order {
		from, to := min(a[c.log], b[c.log]), max(a[c.log], b[c.log])
		err := f.read(c, from, to, func(e Entry) error {
			if e.Leaf == nil || e.Leaf.About.IsZero() {
				names[e.Ref()] = true
				for _, n := range f.removedBy[target{log: c.log, index: e.Index}] {
					names[n] = true
				}
				return nil
			}
			s, err := f.stateAt(c, e.Index+1)
			if err != nil {
				return err
			}
			name, ok, err := f.nameOf(f.actOf(e, s))
			if ok {
				names[name] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// shiftTo folds to another reach: a generation has ended below records that
// were folded, or records were taken back. Nothing is changed on an error.
func (f *Fold) shiftTo(want Cut) error {
	names, err := f.between(f.reach, want)
	if err != nil {
		return err
	}
	var pairs []changed
	for name := range names {
		before, err := f.loadAt(name, f.reach)
		if err != nil {
			return err
		}
		after, err := f.loadAt(name, want)
		if err != nil {
			return err
		}
		if before != nil || after != nil {
			pairs = append(pairs, changed{before, after})
		}
		for _, c := range f.generations(name.Party) {
			if after == nil && c.base <= name.Number {
				c.wanted = max(c.wanted, min(c.size, name.Number-c.base+1))
			}
		}
	}
	for _, p := range pairs {
		f.change(p.before, p.after)
	}
	f.reach = want
	return nil
}
