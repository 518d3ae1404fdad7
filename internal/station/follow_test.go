// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/record"
)

// only takes the next effects of a side up to one of type T and fails if one
// of the others lets something out before.
func only[T station.Effect](t *testing.T, s *side) T {
	t.Helper()
	for len(s.todo) > 0 {
		e := s.todo[0]
		if want, ok := e.(T); ok {
			s.todo = s.todo[1:]
			return want
		}
		switch e.(type) {
		case station.Send, station.Told, station.Save, station.SaveMark:
			t.Fatalf("%s: %T before %T: %+v", s.party.Short, e, *new(T), e)
		}
		s.next()
	}
	t.Fatalf("%s: nothing of type %T", s.party.Short, *new(T))
	return *new(T)
}

// One message, from the asker to the receipt it is shown, with everything
// that must be durable before the next thing may leave.
func TestFollowOneMessage(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	blue.seen, red.seen = nil, nil
	b.pass(2 * time.Second)

	blue.say("t1", text("good morning"))
	save := only[station.Save](t, blue)
	if n := len(save.Batch.Logs); n != 1 || len(save.Batch.Logs[0].Entries) != 1 || len(save.Batch.Tokens) != 1 {
		t.Fatalf("a batch of %d logs", n)
	}
	if err := blue.disk.Save(save.Batch); err != nil {
		t.Fatal(err)
	}
	blue.step(station.SaveDone{ID: save.ID})
	// Durable here, and the mark is next: still nothing is told or sent.
	m := only[station.SaveMark](t, blue)
	if m.Mark.Row.Size != blue.size() {
		t.Fatalf("mark at %d of %d", m.Mark.Row.Size, blue.size())
	}
	if len(blue.happened("record")) != 0 {
		t.Fatal("shown before the mark")
	}
	blue.step(station.MarkDone{ID: m.ID})
	told := only[station.Told](t, blue)
	if told.Err != nil || told.Results[0].Number != blue.size() {
		t.Fatalf("told %+v", told)
	}
	b.carry(blue, only[station.Send](t, blue))

	// Red verifies and saves the record with its own cosignature in one batch.
	save = only[station.Save](t, red)
	if len(save.Batch.Logs) != 1 || len(save.Batch.Statements) != 1 || save.Batch.Statements[0].Log != blue.log() {
		t.Fatalf("red's batch: %+v", save.Batch)
	}
	if err := red.disk.Save(save.Batch); err != nil {
		t.Fatal(err)
	}
	red.step(station.SaveDone{ID: save.ID})
	red.step(station.MarkDone{ID: only[station.SaveMark](t, red).ID})
	b.carry(red, only[station.Send](t, red))

	// Blue keeps the receipt before it shows it.
	save = only[station.Save](t, blue)
	if len(save.Batch.Statements) != 1 || len(blue.happened("receipt")) != 0 {
		t.Fatalf("blue's batch: %+v, shown %v", save.Batch, blue.happened("receipt"))
	}
	if err := blue.disk.Save(save.Batch); err != nil {
		t.Fatal(err)
	}
	blue.step(station.SaveDone{ID: save.ID})
	blue.step(station.MarkDone{ID: only[station.SaveMark](t, blue).ID})
	b.settle()
	if r := blue.happened("receipt"); len(r) != 1 || r[0].Number != blue.size() {
		t.Fatalf("shown %v", r)
	}
	if blue.receipted() != blue.size() || !blue.st.Rests() || !red.st.Rests() {
		t.Error("the pair does not rest with everything receipted")
	}
}

func TestNothingIsReceiptedBeforeTheCardIsNamed(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	for _, s := range b.sides {
		_, entries := s.disk.Log(s.log())
		if h := entries[0].Decode().Header; h == nil || h.Code != "KY01" {
			t.Errorf("%s begins with %+v", s.party.Short, h)
		}
	}
}

func TestTokenIsRecordedOnce(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	size := blue.size()
	blue.say("t1", text("once"))
	blue.say("t1", text("once")) // while it is being saved
	b.settle()
	blue.say("t1", text("once")) // after
	b.settle()
	if blue.size() != size+1 || len(blue.told) != 2 || blue.told[0].Results[0] != blue.told[1].Results[0] {
		t.Errorf("%d records, told %+v", blue.size()-size, blue.told)
	}
}

func TestTokenAfterAnUnknownOutcome(t *testing.T) {
	for _, saved := range []bool{false, true} {
		b := opened(t, stationtest.Terms{})
		blue := b.sides[0]
		size := blue.size()
		blue.say("t1", text("once"))
		save := only[station.Save](t, blue)
		if saved {
			if err := blue.disk.Save(save.Batch); err != nil {
				t.Fatal(err)
			}
		}
		blue.step(station.SaveDone{ID: save.ID, Err: store.ErrSick})
		b.settle()
		if blue.stop == nil || blue.stop.Reload || blue.lastTold("t1").Err == nil {
			t.Fatalf("saved %v: stop %+v, told %+v", saved, blue.stop, blue.told)
		}
		if fx := blue.st.Step(station.Tick{}, blue.clock()); len(fx) != 0 {
			t.Errorf("a stopped station still does %v", fx)
		}
		blue.start()
		blue.say("t1", text("once"))
		b.settle()
		if got := blue.lastTold("t1"); got.Err != nil || got.Results[0].Number != size+1 || blue.size() != size+1 {
			t.Errorf("saved %v: told %+v, size %d", saved, got, blue.size())
		}
	}
}

func TestConflictIsReloaded(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.say("t1", text("words"))
	save := only[station.Save](t, blue)
	blue.step(station.SaveDone{ID: save.ID, Err: store.ErrConflict})
	b.settle()
	if blue.stop == nil || !blue.stop.Reload || !errors.Is(blue.stop.Why, store.ErrConflict) {
		t.Fatalf("stop %+v", blue.stop)
	}
	blue.start()
	blue.say("t1", text("words"))
	b.settle()
	if got := blue.lastTold("t1"); got.Err != nil {
		t.Error(got.Err)
	}
}

func TestFullDiskIsTriedAgain(t *testing.T) {
	for _, fault := range []error{store.ErrFull, store.ErrReadOnly} {
		b := opened(t, stationtest.Terms{})
		blue, red := b.sides[0], b.sides[1]
		blue.disk.Err = fault
		blue.say("t1", text("words"))
		b.settle()
		if len(blue.told) != 0 || len(blue.happened("alarm")) != 1 || blue.stop != nil {
			t.Fatalf("%v: told %v, alarms %v, stop %v", fault, blue.told, blue.happened("alarm"), blue.stop)
		}
		if blue.st.Rests() {
			t.Error("it says that it rests")
		}
		red.say("t2", text("meanwhile"))
		b.settle()
		if red.receipted() == red.size() {
			t.Error("receipted without a disk")
		}
		b.pass(10 * time.Second)
		if got := blue.lastTold("t1"); got.Err != nil || red.receipted() != red.size() || blue.receipted() != blue.size() {
			t.Errorf("%v: after there is room: told %+v", fault, got)
		}
	}
}

func TestMarkThatCannotBeWrittenStops(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.say("t1", text("words"))
	save := only[station.Save](t, blue)
	if err := blue.disk.Save(save.Batch); err != nil {
		t.Fatal(err)
	}
	blue.step(station.SaveDone{ID: save.ID})
	m := only[station.SaveMark](t, blue)
	blue.step(station.MarkDone{ID: m.ID, Err: errors.New("input/output error")})
	b.settle()
	if blue.stop == nil || !strings.Contains(blue.lastTold("t1").Err.Error(), "ask again with the same token") {
		t.Fatalf("stop %v, told %v", blue.stop, blue.told)
	}
	// The disk is ahead of the mark now: nothing leaves before that is so no more.
	red := b.sides[1]
	held := red.holdsOf(blue)
	blue.start()
	b.connect()
	for len(blue.todo) > 0 {
		if _, ok := blue.todo[0].(station.SaveMark); ok {
			break
		}
		blue.next()
	}
	red.todo = nil
	if red.holdsOf(blue) != held {
		t.Error("sent before the mark")
	}
}

func TestRestartFoldsFromTheCache(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	b.sides[0].tweak = func(c *station.Config) { c.SnapshotEvery = 10 }
	b.start()
	blue := b.sides[0]
	for i := range 30 {
		blue.say(string(rune('a'+i)), text("words"))
		b.settle()
	}
	if len(blue.disk.Load().Snapshot) == 0 {
		t.Fatal("no state was cached")
	}
	digest := blue.st.Digest()
	counting := &countingReader{Disk: blue.disk}
	blue.tweak = func(c *station.Config) { c.Reader = counting }
	blue.start()
	if blue.st.Digest() != digest {
		t.Error("another state after a restart")
	}
	if counting.read > 30+64 {
		t.Errorf("%d records were read at start", counting.read)
	}
}

// countingReader counts the entries read, those re-checked at start included.
type countingReader struct {
	*stationtest.Disk
	read int
}

func (c *countingReader) Entries(log store.LogID, from uint64, max, maxBytes int) ([]record.Entry, error) {
	es, err := c.Disk.Entries(log, from, max, maxBytes)
	c.read += len(es)
	return es, err
}
