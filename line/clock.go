// SPDX-License-Identifier: Apache-2.0

package line

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"time"

	"openline/record"
)

// declared finds the newest declaration of clocks of a party within what was
// seen: "later or crossed declarations move nothing". What its author lost
// afterwards still counts for what was asked on it.
func (f *Fold) declared(party record.PartyNo, seen heads) (*chain, uint64, bool) {
	for _, h := range slices.Backward(seen.of(party)) {
		c := f.chains[h.log]
		if c == nil {
			continue
		}
		if i, _ := slices.BinarySearch(c.decl, h.size); i > 0 {
			return c, c.decl[i-1], true
		}
	}
	return nil, 0, false
}

// all is everything judged of a party's logs, as if it were seen.
func (f *Fold) all(party record.PartyNo) (out heads) {
	for _, c := range f.generations(party) {
		out = out.with(c.log, f.reach[c.log])
	}
	return out
}

// Declaration is the newest declaration of clocks (CK01) of a party.
func (f *Fold) Declaration(party record.PartyNo) (record.Ref, bool) {
	c, index, ok := f.declared(party, f.all(party))
	if !ok {
		return record.Ref{}, false
	}
	return record.ByNumber(party, c.base+index), true
}

// maxPatterns is how many declarations back hours are looked up that a newer
// one, not valid yet, leaves in force.
const maxPatterns = 8

// hoursSeen are the hours a party had declared within what was seen.
func (f *Fold) hoursSeen(party record.PartyNo, seen heads) (h Hours, newest map[string]record.Value, err error) {
	for _, at := range slices.Backward(seen.of(party)) {
		c := f.chains[at.log]
		if c == nil {
			continue
		}
		n, _ := slices.BinarySearch(c.decl, at.size)
		for _, index := range slices.Backward(c.decl[:n]) {
			d, err := f.declaration(c, index)
			if err != nil {
				return h, nil, err
			}
			if newest == nil {
				newest = d.params
			}
			h.patterns = append(h.patterns, d.pattern)
			if len(h.patterns) == maxPatterns {
				return h, newest, nil
			}
		}
	}
	return h, newest, nil
}

// declaration is a CK01 read.
type declaration struct {
	params  map[string]record.Value
	pattern pattern
}

const maxRead = 32 // declarations kept read

func (f *Fold) declaration(c *chain, index uint64) (declaration, error) {
	at := target{log: c.log, index: index}
	if d, ok := f.declarations[at]; ok {
		return d, nil
	}
	e, err := f.entry(c, index)
	if err != nil {
		return declaration{}, err
	}
	d := declaration{e.Body.Params, patternOf(e.Body.Params)}
	if len(f.declarations) >= maxRead {
		clear(f.declarations)
	}
	f.declarations[at] = d
	return d, nil
}

// HoursOf are the hours a party declares now.
func (f *Fold) HoursOf(party record.PartyNo) Hours {
	h, _, err := f.hoursSeen(party, f.all(party))
	if err != nil {
		f.err = err
	}
	return h
}

// length is what a declaration says of a phrase and precedence: the clock of
// that very precedence, else the phrase's for any.
func length(params map[string]record.Value, code string, p record.Precedence) (time.Duration, bool) {
	list, _ := params["clocks"].AsArray()
	var anyPrecedence time.Duration
	found := false
	for _, c := range list {
		parts, ok := c.AsArray()
		if !ok || len(parts) != 3 {
			continue
		}
		name, _ := parts[0].AsText()
		level, _ := parts[1].AsUint()
		secs, _ := parts[2].AsUint()
		if name != code {
			continue
		}
		d := time.Duration(secs) * time.Second
		if record.Precedence(level) == p {
			return d, true
		}
		if level == 0 {
			anyPrecedence, found = d, true
		}
	}
	return anyPrecedence, found
}

// Signature is a signed time and what it stands on.
type Signature struct {
	At     record.Stamp
	Ground string
}

// Signed gives the signed times a station holds of the other parties.
type Signed interface {
	// FirstShown is the earliest time signed by a party that shows it had an
	// entry of another's log.
	FirstShown(by, party record.PartyNo, generation uint32, index uint64) (Signature, bool)
	// Newest is the newest time a party signed over its own log as far as
	// every entry under it is held here.
	Newest(by record.PartyNo) (Signature, bool)
	// Missing is how many of a party's records are known to be and have not come.
	Missing(by record.PartyNo) uint64
}

// TimedHeads is a Signed that also knows the timed heads under a party's
// leaves, so that a leaf cannot be dated back below one.
type TimedHeads interface {
	// HeadBefore is the newest time a party signed over no more than so many
	// entries of its own log.
	HeadBefore(by record.PartyNo, generation uint32, size uint64) (record.Stamp, bool)
}

// ClockState is how the clock of an answer stands.
type ClockState uint8

// The states; the zero value is unknown.
const (
	NotReceipted   ClockState = iota + 1 // they signed nothing that shows they had it: the wire's business
	Running                              // until Due
	Past                                 // the hour they gave has passed, by their own signed time
	Unsigned                             // Due is behind us, but they signed nothing later
	RecordsMissing                       // they signed a later time over records that have not come
	Replied                              // a reply stands that is no hold
)

// Reckoned is what a side finds about a thing at an hour: shared state, the
// signed times it holds, and the clock.
type Reckoned struct {
	State       ClockState
	Party       record.PartyNo // whose clock it is
	Started     Signature
	Due         record.Stamp
	Length      time.Duration
	Declaration record.Ref // whose length it is; zero: none declared for this, the agreement's cap
	Named       record.Ref // the declaration the asker named; shown where it is another, and moves nothing
	Capped      bool       // Due is where the agreement's cap ends it, the declared hours and clock would not
	Held        bool       // Due is the hour of their newest hold
	Holds       int        // how often they held
	Replied     Signature  // for Replied
	Shown       Signature  // for Past: their signed time after the hour
	Missing     uint64     // records of theirs that have not come
}

// Reckon finds how the clock of the first side asked stands.
func (f *Fold) Reckon(t *Thing, s Signed, now record.Stamp) Reckoned {
	if len(t.Sides) == 0 {
		return Reckoned{}
	}
	return f.ReckonSide(t, t.Sides[0], s, now)
}

// ReckonSide finds how the clock of a side of one of a thing's asks stands. It is theirs: from
// the earliest time they signed that shows they had the request, by the clock
// they had declared when asked, in the hours they declared, to a time they
// signed later.
func (f *Fold) ReckonSide(t *Thing, side Side, s Signed, now record.Stamp) Reckoned {
	ask := side.of
	r := Reckoned{State: NotReceipted, Party: side.Party, Named: ask.Header.Clocks, Holds: len(side.Holds), Missing: s.Missing(side.Party)}
	var ok bool
	if r.Started, ok = f.started(t, ask, side.Party, s); !ok {
		return r
	}
	limit := f.cap(ask)
	hours, params, err := f.hoursSeen(side.Party, ask.seen)
	if err != nil {
		f.err = err
		return Reckoned{}
	}
	r.Length = limit
	if d, ok := length(params, ask.Code, ask.Header.Precedence); ok {
		r.Length, r.Declaration = min(d, limit), side.Clocks
	}
	if ask.Phrase.AlwaysRuns {
		hours = Hours{}
	}
	due, capped := hours.after(int64(r.Started.At), r.Length, limit)
	r.Due, r.Capped = record.Stamp(due), capped
	switch {
	case side.Outcome == Held:
		// Only a reply about this request moves its hour, and no hold runs
		// longer than the cap.
		r.Held, r.Capped, r.Due = true, false, min(side.Until, side.By.Time+record.Stamp(limit/time.Second))
	case side.By != nil:
		r.State, r.Replied = Replied, Signature{side.By.Time, refText(side.By)}
		return r
	}
	return judgeEnd(r, s, now)
}

// judgeEnd: past the hour only by a time they signed strictly later, over a
// size all of whose entries are held. A silence of signatures imputes
// nothing.
func judgeEnd(r Reckoned, s Signed, now record.Stamp) Reckoned {
	r.State = Running
	newest, ok := s.Newest(r.Party)
	switch {
	case ok && newest.At > r.Due:
		r.State, r.Shown = Past, newest
	case now > r.Due && r.Missing > 0:
		r.State = RecordsMissing
	case now > r.Due:
		r.State = Unsigned
	}
	return r
}

// cap is the longest any clock runs by the agreement a request lives under.
func (f *Fold) cap(ask *Act) time.Duration {
	if v := f.agreements.Version(ask.Agreement); v != nil {
		return v.Ceilings.Clock
	}
	return f.agreements.Newest().Ceilings.Clock
}

// started is the earliest signed time of the answering side that shows it
// had the request: a receipt, the first leaf of its own whose seen covers it,
// or an act that names it by hash.
func (f *Fold) started(t *Thing, ask *Act, by record.PartyNo, s Signed) (Signature, bool) {
	best, ok := s.FirstShown(by, ask.Ref.Party, ask.Generation, ask.Index)
	take := func(at record.Stamp, ground string, l Log, index uint64) {
		if h, is := s.(TimedHeads); is {
			if head, is := h.HeadBefore(by, l.Generation, index); is {
				at = max(at, head)
			}
		}
		if !ok || at < best.At {
			best, ok = Signature{at, ground}, true
		}
	}
	for _, a := range t.Acts {
		if a.Ref.Party == by && a.saw(ask) {
			take(a.Time, refText(a), a.log(), a.Index)
		}
	}
	if first, found := f.firstShown(t, ask, by); found {
		take(first.at, first.ground, first.log, first.index)
	}
	return best, ok
}

// shownTo is a request and who was asked.
type shownTo struct {
	log   Log
	index uint64
	by    record.PartyNo
}

// shown is the first leaf of a party whose seen covers a request.
type shown struct {
	at     record.Stamp
	ground string
	log    Log
	index  uint64
}

// firstShown finds it once: it never changes afterwards.
func (f *Fold) firstShown(t *Thing, ask *Act, by record.PartyNo) (shown, bool) {
	key := shownTo{ask.log(), ask.Index, by}
	if s, ok := t.shown[key]; ok {
		return s, true
	}
	for _, c := range f.generations(by) {
		index, at, found, err := f.firstSaw(c, ask)
		if err != nil {
			f.err = err
			return shown{}, false
		}
		if found {
			if t.shown == nil {
				t.shown = map[shownTo]shown{}
			}
			t.shown[key] = shown{at, fmt.Sprintf("%d/%d", by, c.base+index), c.log, index}
			return t.shown[key], true
		}
	}
	return shown{}, false
}

// errFound ends a reading that has found what it looks for.
var errFound = errors.New("found")

// firstSaw finds the first record of a log whose author had seen an act.
func (f *Fold) firstSaw(c *chain, a *Act) (index uint64, at record.Stamp, ok bool, err error) {
	if c.done == 0 || c.at.seen.size(a.log()) <= a.Index {
		return 0, 0, false, nil
	}
	// What an author has seen never falls: the marks tell between which two of
	// them it was first seen, and only what lies between is read.
	low, high := uint64(0), c.done
	i := sort.Search(len(c.marks), func(i int) bool { return c.marks[i].state.seen.size(a.log()) > a.Index })
	if i > 0 {
		low = c.marks[i-1].index
	}
	if i < len(c.marks) {
		high = c.marks[i].index
	}
	s, err := f.stateAt(c, low)
	if err != nil {
		return 0, 0, false, err
	}
	err = f.read(c, low, high, func(e Entry) error {
		next, _, _, err := f.step(c, e, s, c.manyLie || slices.Contains(c.voids, e.Index))
		if s = next; err == nil && s.seen.size(a.log()) > a.Index {
			index, at, ok = e.Index, s.time, true
			return errFound
		}
		return err
	})
	if err != nil && !ok {
		return 0, 0, false, err
	}
	return index, at, ok, nil
}

func refText(a *Act) string {
	return strconv.FormatUint(uint64(a.Ref.Party), 10) + "/" + strconv.FormatUint(a.Ref.Number, 10)
}
