// SPDX-License-Identifier: Apache-2.0

package line

import (
	"fmt"
	"slices"
	"time"

	"openline/record"
)

// Declaration is the newest declaration of clocks (CK01) of a party.
func (f *Fold) Declaration(party record.PartyNo) (record.Ref, bool) {
	l := f.logs[party]
	if l == nil {
		return record.Ref{}, false
	}
	for i := len(l.decl) - 1; i >= 0; i-- {
		if l.decl[i].stands() {
			return l.decl[i].Ref, true
		}
	}
	return record.Ref{}, false
}

// Posts are the posts a party declares (PO01), those not replaced.
func (f *Fold) Posts(party record.PartyNo) []*Act {
	l := f.logs[party]
	if l == nil {
		return nil
	}
	var out []*Act
	for _, a := range l.posts {
		out = append(out, a)
	}
	sortActs(out)
	return out
}

// declarationSeen is the newest declaration of a party within what the asker
// had seen when it asked: "later or crossed declarations are shown beside it
// and move nothing".
func (f *Fold) declarationSeen(party record.PartyNo, ask *Act) *Act {
	l := f.logs[party]
	if l == nil {
		return nil
	}
	for i := len(l.decl) - 1; i >= 0; i-- {
		if d := l.decl[i]; d.stands() && ask.saw(d) {
			return d
		}
	}
	return nil
}

// length is what a declaration says of a phrase and precedence: the clock of
// that very precedence, else the phrase's for any.
func length(decl *Act, code string, p record.Precedence) (time.Duration, bool) {
	if decl == nil {
		return 0, false
	}
	list, _ := decl.Params["clocks"].AsArray()
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

// Hours are the attended hours a party declared: weekly intervals in UTC
// with dated exceptions. No weekly intervals means always attended.
type Hours struct {
	weekly     [][2]uint64 // minutes of the week from Monday 00:00Z
	exceptions []exception
}

type exception struct {
	from, to int64
	open     bool
}

func hoursOf(decl *Act) Hours {
	var h Hours
	if decl == nil {
		return h
	}
	list, _ := decl.Params["hours"].AsArray()
	for _, e := range list {
		if n := numbers(e); len(n) == 2 {
			h.weekly = append(h.weekly, [2]uint64{n[0], n[1]})
		}
	}
	list, _ = decl.Params["exceptions"].AsArray()
	for _, e := range list {
		if n := numbers(e); len(n) == 3 {
			h.exceptions = append(h.exceptions, exception{int64(n[0]), int64(n[1]), n[2] == 1})
		}
	}
	slices.SortFunc(h.weekly, func(a, b [2]uint64) int { return int(int64(a[0]) - int64(b[0])) })
	return h
}

func numbers(v record.Value) []uint64 {
	list, _ := v.AsArray()
	out := make([]uint64, 0, len(list))
	for _, e := range list {
		if n, ok := e.AsUint(); ok {
			out = append(out, n)
		}
	}
	return out
}

// HoursOf are the hours a party declares now.
func (f *Fold) HoursOf(party record.PartyNo) Hours {
	ref, ok := f.Declaration(party)
	if !ok {
		return Hours{}
	}
	l := f.logs[party]
	for _, d := range l.decl {
		if d.Ref == ref {
			return hoursOf(d)
		}
	}
	return Hours{}
}

// Open reports whether the desk is attended at a time, and until when that
// holds.
func (h Hours) Open(at time.Time) (open bool, until time.Time) {
	open = h.openAt(at.Unix())
	until = at
	for range 8 * 1440 {
		until = until.Truncate(time.Minute).Add(time.Minute)
		if h.openAt(until.Unix()) != open {
			return open, until
		}
	}
	return open, time.Time{}
}

const week = 7 * 86400

// epochMonday is the Monday 00:00Z before the POSIX epoch, a Thursday.
const epochMonday = -3 * 86400

func (h Hours) openAt(at int64) bool {
	for _, e := range h.exceptions {
		if at >= e.from && at < e.to {
			return e.open
		}
	}
	if len(h.weekly) == 0 {
		return true
	}
	minute := uint64(((at - epochMonday) % week) / 60)
	for _, w := range h.weekly {
		if minute >= w[0] && minute < w[1] {
			return true
		}
	}
	return false
}

// after is the hour at which a length of attended time has passed since
// from, but never later than the cap in elapsed time.
func (h Hours) after(from int64, length, limit time.Duration) int64 {
	last := from + int64(limit/time.Second)
	left := int64(length / time.Second)
	if len(h.weekly) == 0 && len(h.exceptions) == 0 {
		return min(from+left, last)
	}
	at := from
	for at < last {
		next := min(at-(at%60)+60, last)
		if h.openAt(at) {
			if left <= next-at {
				return at + left
			}
			left -= next - at
		}
		at = next
	}
	return last
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

// ClockState is how the clock of an answer stands.
type ClockState uint8

// The states; the zero value is unknown.
const (
	NotReceipted   ClockState = iota + 1 // they signed nothing that shows they had it: the wire's business
	Running                              // until Due
	Past                                 // the hour they gave has passed, by their own signed time
	Unsigned                             // Due is behind us, but they signed nothing later
	RecordsMissing                       // they signed a later time over records that have not come
)

// Reckoned is what a side finds about a thing at an hour: shared state, the
// signed times it holds, and the clock.
type Reckoned struct {
	State       ClockState
	Started     Signature
	Due         record.Stamp
	Length      time.Duration
	Declaration record.Ref // whose clock it is; zero: none declared, the agreement's cap
	Shown       Signature  // for Past: their signed time after the hour
	Missing     uint64
}

// Reckon finds how the answering side's clock stands. It is theirs: from the
// earliest time they signed that shows they had the request, by the clock
// they had declared when asked, in the hours they declared, to a time they
// signed later.
func (f *Fold) Reckon(t *Thing, s Signed, now record.Stamp) Reckoned {
	ask := t.Opening
	r := Reckoned{State: NotReceipted}
	if t.Answerer == 0 {
		return Reckoned{}
	}
	var ok bool
	if r.Started, ok = f.started(t, s); !ok {
		return r
	}
	limit := f.agreements.Newest().Ceilings.Clock
	if e, err := f.agreementOf(ask); err == nil {
		limit = e
	}
	decl := f.declarationSeen(t.Answerer, ask)
	r.Length = limit
	if d, ok := length(decl, ask.Code, ask.Header.Precedence); ok {
		r.Length, r.Declaration = min(d, limit), decl.Ref
	}
	hours := hoursOf(decl)
	if ask.Phrase.AlwaysRuns {
		hours = Hours{}
	}
	r.Due = record.Stamp(hours.after(int64(r.Started.At), r.Length, limit))
	if t.Outcome == Held {
		// Only a reply about this request moves its hour.
		r.Due = t.Until
	}
	return judgeEnd(r, t.Answerer, s, now)
}

func judgeEnd(r Reckoned, by record.PartyNo, s Signed, now record.Stamp) Reckoned {
	r.State = Running
	newest, ok := s.Newest(by)
	switch {
	case ok && newest.At > r.Due:
		r.State, r.Shown = Past, newest
	case now > r.Due && s.Missing(by) > 0:
		r.State, r.Missing = RecordsMissing, s.Missing(by)
	case now > r.Due:
		r.State = Unsigned
	}
	return r
}

// started is the earliest signed time of the answering side that shows it
// had the request: a receipt, or an act of its own about it.
func (f *Fold) started(t *Thing, s Signed) (Signature, bool) {
	best, ok := s.FirstShown(t.Answerer, t.Name.Party, t.Opening.Generation, t.Opening.Index)
	for _, a := range t.Acts {
		if a.Ref.Party == t.Answerer && a.saw(t.Opening) && (!ok || a.Time < best.At) {
			best, ok = Signature{a.Time, fmt.Sprintf("%d/%d", a.Ref.Party, a.Ref.Number)}, true
		}
	}
	return best, ok
}

func (f *Fold) agreementOf(a *Act) (time.Duration, error) {
	e, ok, err := f.src.Entry(a.Ref)
	if err != nil || !ok || e.Leaf == nil {
		return 0, fmt.Errorf("record %d/%d is not held", a.Ref.Party, a.Ref.Number)
	}
	v := f.agreements.Version(e.Leaf.Agreement)
	if v == nil {
		return 0, fmt.Errorf("agreement version %d is not known", e.Leaf.Agreement)
	}
	return v.Ceilings.Clock, nil
}

// PersonAt is the time of the newest record of a party that a person made, 0
// if none is known; ReplyAt that of its newest reply by an office.
func (f *Fold) PersonAt(party record.PartyNo) record.Stamp {
	if l := f.logs[party]; l != nil {
		return l.person
	}
	return 0
}

// ReplyAt is the time of a party's newest reply by an office, not the watch.
func (f *Fold) ReplyAt(party record.PartyNo) record.Stamp {
	if l := f.logs[party]; l != nil {
		return l.reply
	}
	return 0
}

// NewestLeaf is the greatest time in a party's leaves and the record that
// has it: its own signed word that time had come so far.
func (f *Fold) NewestLeaf(party record.PartyNo) (record.Stamp, record.Ref) {
	if l := f.logs[party]; l != nil {
		return l.time, l.newest
	}
	return 0, record.Ref{}
}
