// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"
	"slices"
	"time"

	"openline/line"
	"openline/record"
)

// Codes of alarms about line tests, for the ladder that carries them by a
// second path.
const (
	AlarmCallUp = "call-up"       // no bearer answers, three minutes before a test
	AlarmMissed = "test-missed"   // a test has not come, or ours is not receipted
	AlarmDoubt  = "line-in-doubt" // three in a row, in both directions
)

const (
	callUpBefore = 3 * time.Minute // before a line test: the link is called up
	testGrace    = 2 * time.Minute // after an agreed minute: by then a test has come
	doubtAfter   = 3               // tests missed in a row, in both directions
)

// missedTests follows, for one other party, the agreed minutes at which its
// test has not come, and those whose test of ours it has not receipted.
type missedTests struct {
	heard  record.Stamp // leaf time of its newest line test
	theirs int          // in a row
	ours   int
	since  time.Time // the first since both last came
	called time.Time // newest call-up
	up     int       // bearers that were up then
}

func (m missedTests) doubt() bool { return min(m.theirs, m.ours) >= doubtAfter }

// agreedBefore is the newest agreed minute of a line test not after a time.
func (s *Station) agreedBefore(t time.Time) time.Time {
	return s.text.TestAfter(t.Add(-s.text.Tests.Every))
}

// watchTests calls the link up before a test, and judges the newest agreed
// minute once its tests should have come. After a jump of the clock one
// minute is judged, not every one between.
func (s *Station) watchTests() {
	d := &s.duties
	if next := s.text.TestAfter(s.now.Wall); next.Sub(s.now.Wall) <= callUpBefore && next.After(d.called) {
		d.called = next
		for _, p := range s.peers {
			s.callUp(p, next)
		}
	}
	if minute := s.agreedBefore(s.now.Wall.Add(-testGrace)); minute.After(d.judged) {
		d.judged = minute
		for _, p := range s.peers {
			s.judgeTests(p, minute)
		}
	}
}

// nextTestWatch is when the next of both falls due.
func (s *Station) nextTestWatch() time.Time {
	call := s.text.TestAfter(s.now.Wall.Add(callUpBefore)).Add(-callUpBefore)
	judge := s.text.TestAfter(s.now.Wall.Add(-testGrace)).Add(testGrace)
	if judge.Before(call) {
		return judge
	}
	return call
}

// callUp is the link's: pings go over every bearer all the time, so it only
// looks which of them answer.
func (s *Station) callUp(p *peer, test time.Time) {
	p.missed.called, p.missed.up = s.now.Wall, 0
	for _, b := range s.bearers {
		if b.peer == p && b.session.IsUp() {
			p.missed.up++
		}
	}
	if p.missed.up == 0 && p.missed.since.IsZero() && s.heardOf(p) { // else it is told already
		s.testAlarm(p, AlarmCallUp, "call-up before the line test of %s: no bearer to %s answers", hourOf(test), p.party.Short)
	}
}

// heardOf reports whether a party has ever said something on the line.
func (s *Station) heardOf(p *peer) bool { return p.durable[p.mirror.Newest()] > 0 }

func hourOf(t time.Time) string { return t.UTC().Format("15:04Z") }

func (s *Station) testAlarm(p *peer, code, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.do(Happened{Kind: "alarm", Party: p.no, Code: code, Text: text})
	s.log("warn", "%s", text)
}

// judgeTests looks at one agreed minute: has their test come, and have they
// receipted ours?
func (s *Station) judgeTests(p *peer, minute time.Time) {
	if !s.heardOf(p) {
		return
	}
	m := &p.missed
	before := *m
	m.count(&m.theirs, m.cameBy(minute, s.text.Ceilings.ClockDifference), minute)
	m.count(&m.ours, s.testReceipted(p, minute), minute)
	if m.theirs == 0 && m.ours == 0 {
		m.since = time.Time{}
	}
	first := m.theirs == 1 && before.theirs == 0 || m.ours == 1 && before.ours == 0
	switch {
	case m.doubt() && !before.doubt():
		s.testAlarm(p, AlarmDoubt, "line in doubt: the last %d line tests with %s came in neither direction; reach them by another way", doubtAfter, p.party.Short)
	case !first:
	case m.theirs > 0 && m.ours > 0:
		s.testAlarm(p, AlarmMissed, "the line test of %s due at %s has not come, and ours is not receipted", p.party.Short, hourOf(minute))
	case m.theirs > 0:
		s.testAlarm(p, AlarmMissed, "the line test of %s due at %s has not come", p.party.Short, hourOf(minute))
	default:
		s.testAlarm(p, AlarmMissed, "our line test due at %s is not receipted by %s", hourOf(minute), p.party.Short)
	}
}

func (m *missedTests) count(row *int, came bool, minute time.Time) {
	if came {
		*row = 0
		return
	}
	if *row++; m.since.IsZero() {
		m.since = minute
	}
}

// cameBy reports whether a test of theirs is of an agreed minute or later;
// clocks may differ as far as was agreed.
func (m *missedTests) cameBy(minute time.Time, difference time.Duration) bool {
	return int64(m.heard) >= minute.Add(-difference).Unix()
}

// testReceipted reports whether our own test of an agreed minute, or a later
// one, is receipted.
func (s *Station) testReceipted(p *peer, minute time.Time) bool {
	r := p.receipts[s.card.Generation]
	if r == nil || int64(s.tests.at) < minute.Add(-s.text.Ceilings.ClockDifference).Unix() || len(s.tests.ours) == 0 {
		return false
	}
	return r.classical.Size > s.tests.ours[len(s.tests.ours)-1]
}

// came ends a row of missed tests as soon as one has come. One dated ahead
// counts as of now, and for no later minute.
func (m *missedTests) came(e line.Entry, now record.Stamp) {
	m.heard = max(m.heard, min(e.Leaf.Time, now))
	m.theirs = 0
	if m.ours == 0 {
		m.since = time.Time{}
	}
}

// TestsView is how the line tests with another party go.
type TestsView struct {
	Theirs int       // agreed minutes in a row at which theirs had not come
	Ours   int       // and at which ours was not receipted
	Since  time.Time // the first of them; zero: none is missed
	Doubt  bool      // three or more in both directions
	Called time.Time // newest call-up; zero: none since the start
	Up     int       // bearers that answered then
}

func (p *peer) testsView() TestsView {
	m := p.missed
	return TestsView{Theirs: m.theirs, Ours: m.ours, Since: m.since, Doubt: m.doubt(), Called: m.called, Up: m.up}
}

// quality is what a person said of a line test that came.
func quality(e line.Entry) string {
	if e.Body == nil {
		return ""
	}
	q, _ := e.Body.Params["quality"].AsText()
	if !slices.Contains([]string{"legible", "partly", "not"}, q) {
		return ""
	}
	if lost, ok := e.Body.Params["lost"].AsUint(); ok && lost > 0 {
		return fmt.Sprintf("%s, %d groups lost", q, lost)
	}
	return q
}
