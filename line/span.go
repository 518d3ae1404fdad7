// SPDX-License-Identifier: Apache-2.0

package line

import (
	"errors"
	"iter"
	"slices"

	"openline/record"
)

// reachOf is how much of each log is folded at a cut, which must be held
// whole.
func (f *Fold) reachOf(cut Cut) (Cut, error) {
	for l, n := range cut {
		if c := f.chains[l]; c == nil || n > c.size {
			return nil, ErrNotComparable
		}
	}
	return f.reachAt(cut)
}

// ThingsBetween gives the things at a cut that were opened by one of the
// codes at a time in [from, to), by party and number. It reads only that
// stretch of the logs; the fold must not be added to meanwhile.
func (f *Fold) ThingsBetween(cut Cut, from, to record.Stamp, codes ...string) iter.Seq2[*Thing, error] {
	return func(yield func(*Thing, error) bool) {
		reach, err := f.reachOf(cut)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, c := range f.order {
			begin, err := f.firstAt(c, reach[c.log], from)
			if err == nil {
				err = f.read(c, begin, reach[c.log], func(e Entry) error {
					return f.opened(e, reach, to, codes, yield)
				})
			}
			switch {
			case err == nil || errors.Is(err, errPast):
			case errors.Is(err, errEnough):
				return
			default:
				yield(nil, err)
				return
			}
		}
	}
}

var (
	errEnough = errors.New("enough")
	errPast   = errors.New("past the end")
)

// opened yields the thing an entry opened, if it is one that is wanted.
func (f *Fold) opened(e Entry, reach Cut, to record.Stamp, codes []string, yield func(*Thing, error) bool) error {
	if e.Leaf != nil && e.Leaf.Time >= to {
		return errPast
	}
	if e.Leaf == nil || !e.Leaf.About.IsZero() || e.Header == nil || !slices.Contains(codes, e.Header.Code) {
		return nil
	}
	t, err := f.loadAt(e.Ref(), reach)
	if err != nil || t == nil || t.Opening.Time >= to {
		return err
	}
	if !yield(t, nil) {
		return errEnough
	}
	return nil
}

// firstAt is the first of the first n records of a log at a time or later.
// Effective times never fall.
func (f *Fold) firstAt(c *chain, n uint64, from record.Stamp) (uint64, error) {
	low, high := uint64(0), n
	for low < high {
		mid := low + (high-low)/2
		s, err := f.stateAt(c, mid+1)
		if err != nil {
			return 0, err
		}
		if s.time < from {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, nil
}

// Told is what a party's log says of itself at a cut.
type Told struct {
	First record.Stamp // time of its first record
	Last  record.Stamp // of its last: so far time had come, by its own word
	// Version is that of the agreement it had adopted.
	Version uint32
	seen    heads
}

// Saw reports whether its author had an act of another's log.
func (t Told) Saw(a *Act) bool { return t.seen.size(a.log()) > a.Index }

// ToldAt gives it of each party that had said something by a cut.
func (f *Fold) ToldAt(cut Cut) (map[record.PartyNo]Told, error) {
	reach, err := f.reachOf(cut)
	if err != nil {
		return nil, err
	}
	out := map[record.PartyNo]Told{}
	for _, c := range f.order {
		n := reach[c.log]
		if n == 0 {
			continue
		}
		t, known := out[c.log.Party]
		if !known {
			first, err := f.stateAt(c, 1)
			if err != nil {
				return nil, err
			}
			t.First = first.time
		}
		last, err := f.stateAt(c, n)
		if err != nil {
			return nil, err
		}
		t.Last, t.Version, t.seen = max(t.Last, last.time), last.version, last.seen
		out[c.log.Party] = t
	}
	return out, nil
}
