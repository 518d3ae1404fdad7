// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/record"
)

// until lets time go by up to an hour of the day.
func (b *bench) until(hour, minute int) {
	b.t.Helper()
	now := time.Unix(epoch, 0).Add(b.now).UTC()
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, time.UTC)
	if !at.After(now) {
		at = at.Add(24 * time.Hour)
	}
	b.pass(at.Sub(now))
}

func (s *side) inPerson() station.InPersonView { return s.st.View(s.clock()).Peers[0].InPerson }

// readTest has a person of a side answer the other's newest line test.
func (s *side) readTest(token string) {
	s.b.t.Helper()
	other := s.b.sides[1-s.i]
	_, entries := s.disk.Log(other.log())
	for i, e := range slices.Backward(entries) {
		if d := e.Decode(); d.Header != nil && d.Header.Code == "LT01" {
			s.say(token, station.Draft{Code: "LT02", From: "watch", Re: []record.Ref{ref(other, uint64(i)+1)},
				Params: map[string]record.Value{"n": d.Body.Params["n"], "quality": record.Text("legible")}})
			s.b.settle()
			if err := s.lastTold(token).Err; err != nil {
				s.b.t.Fatal(err)
			}
			return
		}
	}
	s.b.t.Fatal("no test has come")
}

func calls(s *side) (n int) {
	for _, e := range s.happened("alarm") {
		if e.Code == "LT02" {
			n++
		}
	}
	return n
}

// At the set minutes (09:30 and 15:30) the watch of each side is called to
// answer the newest test in person, and both sides show who has.
func TestTestsAnsweredInPerson(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	b.until(9, 29)
	if n := calls(blue) + calls(red); n > 2 { // the epoch may lie before a set minute of its day
		t.Fatalf("called %d times", n)
	}
	before := [2]int{calls(blue), calls(red)}
	b.pass(time.Minute)
	if calls(blue) != before[0]+1 || calls(red) != before[1]+1 {
		t.Fatalf("called %d and %d times, %v before", calls(blue), calls(red), before)
	}
	missed := blue.inPerson().TheirsMissed
	if v := blue.inPerson(); v.Theirs || v.Ours || v.Minute.UTC().Format("15:04") != "09:30" {
		t.Errorf("before anybody answered: %+v", v)
	}
	b.pass(10 * time.Minute)
	blue.readTest("read")
	if v := blue.inPerson(); !v.Theirs || v.Ours {
		t.Errorf("blue, after its person answered: %+v", v)
	}
	if v := red.inPerson(); v.Theirs || !v.Ours || v.OursAt == 0 {
		t.Errorf("red, after blue's person answered: %+v", v)
	}
	// It is known again after a restart, on both sides.
	b.cut()
	blue.start()
	red.start()
	b.connect()
	b.settle()
	if v := blue.inPerson(); !v.Theirs || v.Ours {
		t.Errorf("blue, started again: %+v", v)
	}
	b.until(15, 31)
	v, w := blue.inPerson(), red.inPerson()
	if v.OursMissed != 1 || v.TheirsMissed != 0 || w.OursMissed != 0 || w.TheirsMissed != 1 || v.Theirs || w.Ours {
		t.Errorf("after the next set minute: blue %+v, red %+v; %d before", v, w, missed)
	}
}

// One answer opens no second: a set minute that nobody answered on either
// side is counted on both, alike.
func TestMissedInPerson(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	b.until(9, 30)
	start := b.sides[0].inPerson()
	for range 3 {
		b.pass(24 * time.Hour)
	}
	for _, s := range b.sides {
		if v := s.inPerson(); v.OursMissed != start.OursMissed+6 || v.TheirsMissed != start.TheirsMissed+6 {
			t.Errorf("%s after three days: %+v, at first %+v", s.party.Short, v, start)
		}
	}
}

// What a peer does again and again is told seldom, and how often it was.
func TestOperatorIsNotToldWithoutEnd(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	bad := f.side.issued.Note[:len(f.side.issued.Note)-1]
	before := len(blue.logged)
	const hours, each = 5, 250 * time.Millisecond
	for i := range int(hours * time.Hour / each) {
		b.now += each
		blue.step(station.BearerUp{ID: station.BearerID(10_000 + i), Peer: 2, Name: "tls", PeerCard: bad})
		if i%1000 == 0 {
			b.settle()
		}
	}
	b.settle()
	lines := blue.logged[before:]
	if len(lines) < 8 || len(lines) > 28 {
		t.Errorf("%d lines in %d hours: %v", len(lines), hours, lines)
	}
	if blue.holdsOf(f.side) != 3 {
		t.Error("it changed what is stored")
	}
	// Lines that differ are bounded as well, and errors are told.
	before = len(blue.logged)
	for i := range 5000 {
		blue.step(station.BearerUp{ID: station.BearerID(200_000 + i), Peer: 2, Name: "tls", PeerCard: fmt.Appendf(nil, "card %d", i)})
	}
	b.settle()
	if n := len(blue.logged) - before; n > 700 {
		t.Errorf("%d lines about 5,000 cards", n)
	}
}
