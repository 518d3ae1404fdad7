// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"
	"slices"
	"time"

	"openline/line"
	"openline/record"
)

// codeTestRead is what a person says who has read a line test.
const codeTestRead = "LT02"

// Whose tests a reading is of.
const (
	ofOurs = iota
	ofTheirs
)

// factRead names, with the number of the other party, the newest time at
// which it read a test of ours, or a person of ours one of its tests.
var factRead = [...]string{ofOurs: "read/ours/", ofTheirs: "read/theirs/"}

// inPerson follows the line tests that persons of one side read: at every
// set minute of the agreement one of them answers the other side's newest.
// Whether one has is read from the times in the records alone.
type inPerson struct {
	read   record.Stamp // leaf time of the newest LT02
	missed uint64       // set minutes since the start that passed without one
	stored record.Stamp // what the facts say
	said   string       // what the newest says of the quality; empty: not known
}

// take notes an answer.
func (p *inPerson) take(e line.Entry) {
	if e.Leaf.Time >= p.read {
		p.read, p.said = e.Leaf.Time, quality(e)
	}
}

// since reports whether a test was read at a set minute or after it.
func (p inPerson) since(minute time.Time) bool { return int64(p.read) >= minute.Unix() }

// setMinute is the newest minute, not after t, at which a person is to
// answer; zero if the agreement sets none.
func setMinute(hours []time.Duration, t time.Time) time.Time {
	var newest time.Time
	day := t.UTC().Truncate(24 * time.Hour)
	for _, h := range hours {
		at := day.Add(h)
		if at.After(t) {
			at = at.Add(-24 * time.Hour)
		}
		if at.After(newest) {
			newest = at
		}
	}
	return newest
}

// nextSetMinute is the first such minute after t.
func nextSetMinute(hours []time.Duration, t time.Time) (next time.Time, ok bool) {
	day := t.UTC().Truncate(24 * time.Hour)
	for _, h := range hours {
		at := day.Add(h)
		if !at.After(t) {
			at = at.Add(24 * time.Hour)
		}
		if !ok || at.Before(next) {
			next, ok = at, true
		}
	}
	return next, ok
}

// startReading takes up who has read what. A set minute before this
// generation was opened asks nobody.
func (s *Station) startReading(facts map[string][]byte) {
	for _, p := range s.peers {
		for whose := range p.reads {
			if n, ok := readUintFact(facts[factOf(whose, p.no)]); ok {
				p.reads[whose].read, p.reads[whose].stored = record.Stamp(n), record.Stamp(n)
				p.reads[whose].said = string(facts[qualityOf(whose, p.no)])
			}
		}
	}
	s.duties.began = s.now.Wall
	if m := setMinute(s.text.Tests.Answered, s.now.Wall); s.row.Size > 0 && m.Unix() >= int64(s.card.Issued) {
		s.duties.minute = m
	}
}

func factOf(whose int, no record.PartyNo) string { return fmt.Sprint(factRead[whose], uint16(no)) }

// qualityOf names the fact that says how legible the newest was.
func qualityOf(whose int, no record.PartyNo) string { return "quality/" + factOf(whose, no) }

// watchMinutes notices a set minute that has come: what the one before it
// left open is counted, and the watch is called.
func (s *Station) watchMinutes() {
	d := &s.duties
	before, m := d.minute, setMinute(s.text.Tests.Answered, s.now.Wall)
	if !m.After(before) || before.IsZero() && m.Before(d.began) {
		return
	}
	d.minute = m
	for _, p := range s.peers {
		if !before.IsZero() {
			s.countReading(p, before)
		}
		if p.durable[p.mirror.Newest()] > 0 {
			s.do(Happened{Kind: "alarm", Party: p.no, Number: p.test, Code: codeTestRead,
				Text: fmt.Sprintf("the newest line test of %s awaits an answer in person", p.party.Short)})
		}
	}
}

// countReading counts what nobody read between two set minutes.
func (s *Station) countReading(p *peer, minute time.Time) {
	if !p.reads[ofOurs].since(minute) {
		p.reads[ofOurs].missed++
		s.log("info", "nobody at %s answered our line test of %s in person", p.party.Short, minute.Format("02 Jan 15:04Z"))
	}
	if !p.reads[ofTheirs].since(minute) {
		p.reads[ofTheirs].missed++
		s.log("info", "nobody here answered the line test of %s of %s in person", p.party.Short, minute.Format("02 Jan 15:04Z"))
	}
}

// noteRead notes line tests, and the answers that persons gave to them.
func (s *Station) noteRead(e line.Entry) {
	if e.Header == nil || e.Leaf == nil {
		return
	}
	for _, p := range s.peers {
		switch {
		case e.Header.Code == codeLineTest && e.Party == p.no:
			p.test = e.Number
		case e.Header.Code != codeTestRead || e.Header.From == machinePost:
		case e.Party == p.no && names(e.Header.Re, s.me):
			p.reads[ofOurs].take(e)
		case e.Party == s.me && names(e.Header.Re, p.no):
			p.reads[ofTheirs].take(e)
		}
	}
}

func names(refs []record.Ref, party record.PartyNo) bool {
	return slices.ContainsFunc(refs, func(r record.Ref) bool { return r.Party == party })
}

// gatherReading saves who has read what: a few facts a day.
func (s *Station) gatherReading(g *saving) {
	for _, p := range s.peers {
		for whose := range p.reads {
			if r := &p.reads[whose]; r.read != r.stored {
				r.stored = r.read
				g.fact(factOf(whose, p.no), uintFact(uint64(r.read)))
				g.fact(qualityOf(whose, p.no), []byte(r.said))
			}
		}
	}
}

// InPersonView is how the tests stand that persons answer at set minutes.
type InPersonView struct {
	Minute       time.Time // the newest set minute; zero: none has come
	Ours         bool      // a person of theirs has read our test since
	Theirs       bool      // a person of ours has read theirs since
	OursMissed   uint64    // set minutes since this station started at which nobody read ours
	TheirsMissed uint64
	OursAt       record.Stamp // newest time at which they read a test of ours; 0: never
	TheirsAt     record.Stamp
	OursSaid     string // what they said of its quality: legible, partly, not, and groups lost; empty: not known
	TheirsSaid   string
}

func (s *Station) inPersonView(p *peer) InPersonView {
	m := s.duties.minute
	ours, theirs := p.reads[ofOurs], p.reads[ofTheirs]
	v := InPersonView{Minute: m, OursMissed: ours.missed, TheirsMissed: theirs.missed, OursAt: ours.read, TheirsAt: theirs.read,
		OursSaid: ours.said, TheirsSaid: theirs.said}
	if !m.IsZero() {
		v.Ours, v.Theirs = ours.since(m), theirs.since(m)
	}
	return v
}
