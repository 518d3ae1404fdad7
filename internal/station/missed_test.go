// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/record"
)

// alarms are the codes of the alarms about line tests, in order.
func alarms(s *side) (out []string) {
	for _, e := range s.happened("alarm") {
		if slices.Contains([]string{station.AlarmCallUp, station.AlarmMissed, station.AlarmDoubt}, e.Code) {
			out = append(out, e.Code)
		}
	}
	return out
}

func (s *side) testsView() station.TestsView { return s.st.View(s.clock()).Peers[0].Tests }

// While the wire is cut both sides miss the tests, are told once, and find
// the line in doubt after the third, alike; the first test that comes ends it.
func TestMissedTestsOnBothSides(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	b.until(10, 30)
	for _, s := range b.sides {
		if v := s.testsView(); len(alarms(s)) > 0 || v.Theirs+v.Ours > 0 || v.Called.IsZero() || v.Up != 1 {
			t.Fatalf("%s before the cut: %v, %+v", s.party.Short, alarms(s), v)
		}
	}
	b.cut()
	b.until(11, 8) // the test of 11:07 may still come
	for _, s := range b.sides {
		if got := alarms(s); !slices.Equal(got, []string{station.AlarmCallUp}) {
			t.Errorf("%s a minute after the test was due: %v", s.party.Short, got)
		}
	}
	b.until(11, 10)
	for _, s := range b.sides {
		v := s.testsView()
		if got := alarms(s); !slices.Equal(got, []string{station.AlarmCallUp, station.AlarmMissed}) || v.Theirs != 1 || v.Ours != 1 || v.Doubt || v.Since.UTC().Format("15:04") != "11:07" {
			t.Errorf("%s after the first: %v, %+v", s.party.Short, got, v)
		}
	}
	b.until(13, 10)
	for _, s := range b.sides {
		v := s.testsView()
		if got := alarms(s); !v.Doubt || v.Theirs != 3 || v.Ours != 3 || got[len(got)-1] != station.AlarmDoubt || strings.Count(strings.Join(got, " "), station.AlarmMissed) != 1 {
			t.Errorf("%s after the third: %v, %+v", s.party.Short, got, v)
		}
	}
	b.connect()
	b.settle()
	b.until(14, 10)
	for _, s := range b.sides {
		if v := s.testsView(); v.Doubt || v.Theirs+v.Ours > 0 || !v.Since.IsZero() {
			t.Errorf("%s an hour after the wire is back: %+v", s.party.Short, v)
		}
	}
}

// What fell due before a station's start was not its to see, and a peer that
// never said anything misses nothing.
func TestNothingIsMissedBeforeTheStart(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	b.sides[0].start()
	b.until(12, 0)
	if got := alarms(b.sides[0]); len(got) > 0 {
		t.Errorf("alone: %v", got)
	}
	b.sides[1].start()
	b.connect()
	b.settle()
	b.until(12, 8)
	if v := b.sides[0].testsView(); v.Theirs+v.Ours > 0 {
		t.Errorf("at the first test: %+v", v)
	}
}

// A line test carries a numbered sample, and what a person says of its
// quality shows on both sides, also after a restart.
func TestSampleAndQuality(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	b.until(9, 31)
	_, entries := blue.disk.Log(blue.log())
	var sample string
	var number uint64
	for i, e := range entries {
		if d := e.Decode(); d.Header.Code == "LT01" {
			sample, _ = d.Body.Params["sample"].AsText()
			number = uint64(i) + 1
		}
	}
	if !strings.HasPrefix(sample, "en ") {
		t.Fatalf("the line test carries %q", sample)
	}
	red.say("read", station.Draft{Code: "LT02", From: "watch", Re: []record.Ref{ref(blue, number)},
		Params: map[string]record.Value{"n": record.Uint(1), "quality": record.Text("partly"), "lost": record.Uint(3)}})
	b.settle()
	if err := red.lastTold("read").Err; err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if v, w := blue.inPerson(), red.inPerson(); v.OursSaid != "partly, 3 groups lost" || w.TheirsSaid != v.OursSaid || w.OursSaid != "" {
			t.Errorf("blue shows %+v, red %+v", v, w)
		}
		b.pass(time.Minute)
		b.cut()
		blue.start()
		red.start()
		b.connect()
		b.settle()
	}
}
