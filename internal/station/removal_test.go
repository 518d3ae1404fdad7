// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/mirror"
	"openline/record"
)

// speak says one thing and gives its number.
func (s *side) speak(token string, d station.Draft) record.Ref {
	s.b.t.Helper()
	s.say(token, d)
	s.b.settle()
	told := s.lastTold(token)
	if told.Err != nil {
		s.b.t.Fatalf("%s: %v", token, told.Err)
	}
	return record.ByNumber(s.party.Number, told.Results[0].Number)
}

func refs(names ...record.Ref) record.Value {
	var out []record.Value
	for _, r := range names {
		out = append(out, record.Array(record.Uint(uint64(r.Party)), record.Uint(r.Number)))
	}
	return record.Array(out...)
}

// removing says an RT01 by two persons.
func (s *side) removing(token string, names ...record.Ref) record.Ref {
	s.b.t.Helper()
	d, act, err := s.st.Prepare(station.Draft{Code: "RT01", From: "watch", Params: map[string]record.Value{"records": refs(names...)}, Salt: [16]byte{7}})
	if err != nil {
		s.b.t.Fatal(err)
	}
	d.People = signed(act, "ann", "ben")
	return s.speak(token, d)
}

// removable is what an act of removal of this side would do.
func (s *side) removable() (out []station.Removable) {
	s.b.t.Helper()
	logs, base := map[record.PartyNo][]store.LogID{1: nil, 2: nil}, map[store.LogID]uint64{}
	for _, l := range s.disk.Load().Logs {
		logs[l.Log.Party] = append(logs[l.Log.Party], l.Log)
		base[l.Log] = l.Base
	}
	r := station.NewRemoving(s.disk, s.party.Number, logs, base)
	for _, t := range s.st.RemovedThings() {
		x, err := r.Of(t)
		if err != nil {
			s.b.t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

func (s *side) act(token string, list []station.ToRemove) station.Removed {
	s.b.t.Helper()
	s.step(station.Remove{Token: token, Records: list})
	s.b.settle()
	for _, r := range s.removed {
		if r.Token == token {
			return r
		}
	}
	s.b.t.Fatalf("%s is not answered", token)
	return station.Removed{}
}

// removeAll removes all that may go.
func (s *side) removeAll(token string) int {
	s.b.t.Helper()
	var list []station.ToRemove
	for _, x := range s.removable() {
		if len(x.Waits) == 0 {
			list = append(list, x.Records...)
		}
	}
	slices.SortFunc(list, func(a, b station.ToRemove) int { return a.At.Compare(b.At) })
	r := s.act(token, list)
	if r.Err != nil {
		s.b.t.Fatal(r.Err)
	}
	return r.Records
}

func (s *side) hollow() (n int) {
	for _, l := range s.disk.Load().Logs {
		_, entries := s.disk.Log(l.Log)
		for _, e := range entries {
			if store.Hollow(e) {
				n++
			}
		}
	}
	return n
}

// TestRemoveContent removes on one side and later on the other: digests stay
// comparable, a start and a rebuild read the same, and nothing goes but what
// an RT01 in force names.
func TestRemoveContent(t *testing.T) {
	b := opened(t, stationtest.Terms{Affairs: true})
	blue, red := b.sides[0], b.sides[1]
	note := blue.speak("note", text("words that are to go"))
	theirs := red.speak("theirs", text("theirs as well"))
	kept := blue.speak("kept", text("words that stay"))
	open := blue.speak("open", distress())
	by := blue.removing("rt", note, theirs, open)
	if list := blue.removable(); len(list) != 2 || len(list[0].Records) != 1 || list[0].By != by || len(list[0].Waits) > 0 {
		t.Fatalf("removable: %+v", list)
	}
	digest := blue.st.Digest()
	if n := blue.removeAll("go"); n != 2 || blue.hollow() != 2 || red.hollow() != 0 {
		t.Fatalf("%d removed, %d and %d without content", n, blue.hollow(), red.hollow())
	}
	if blue.st.Digest() != digest || red.st.Digest() != digest {
		t.Error("the state of the line changed")
	}
	if n := blue.removeAll("again"); n != 0 {
		t.Errorf("%d removed twice", n)
	}
	entries := blue.disk.JournalEntries()
	if e, err := station.DecodeJournalEntry(entries[len(entries)-1]); err != nil || e.Kind != "removed" || e.Act != "2 records" {
		t.Errorf("journal: %+v, %v", e, err)
	}
	blue.cold(t, digest)
	b.pass(3 * 3600e9) // line tests, with their digests
	for _, s := range b.sides {
		for _, h := range s.seen {
			if strings.Contains(h.Text, "read differently") {
				t.Errorf("%s: %s", s.party.Short, h.Text)
			}
		}
	}
	if n := red.removeAll("red"); n != 2 {
		t.Errorf("red removed %d", n)
	}
	for _, s := range b.sides {
		s.cold(t, blue.st.Digest())
		if err := s.st.Audit(); err != nil {
			t.Error(err)
		}
		e, _ := s.disk.Entries(blue.log(), kept.Number-1, 1, 1<<20)
		if store.Hollow(e[0]) {
			t.Error("what no RT01 names is gone")
		}
	}
	if blue.st.Digest() != red.st.Digest() {
		t.Error("the two read differently")
	}
}

// cold starts from what is cached, and from the records alone.
func (s *side) cold(t *testing.T, want [32]byte) {
	t.Helper()
	saved := s.disk.Load()
	r, err := station.Rebuild(s.config(), saved, s.clock())
	if err != nil {
		t.Fatal(err)
	}
	if r.Digest != want || r.Cached && !r.Same {
		t.Errorf("%s: rebuilt %+v, expected %x", s.party.Short, r, want)
	}
}

// distress asks, and so is open.
func distress() station.Draft {
	return station.Draft{Code: "DS01", From: "watch", Salt: [16]byte{8}, Params: map[string]record.Value{
		"position": record.Array(record.Int(2450000), record.Int(11970000)), "kind": record.Text("ship"), "help": record.Text("asked")}}
}

// TestNothingElseGoes: what a removal names is held against the state.
func TestNothingElseGoes(t *testing.T) {
	b := opened(t, stationtest.Terms{Affairs: true})
	blue, red := b.sides[0], b.sides[1]
	note := blue.speak("note", text("one"))
	open := blue.speak("open", distress())
	by := red.removing("rt", note, open, record.ByNumber(2, 1))
	again := red.removing("of itself", by)
	at := func(r record.Ref) store.Located {
		return store.Located{Log: store.LogID{Party: r.Party, Generation: 1}, Index: r.Number - 1, Number: r.Number}
	}
	for name, r := range map[string]station.ToRemove{
		"an open one":           {At: at(open), Thing: open, By: by},
		"one not named":         {At: at(record.ByNumber(1, 1)), Thing: record.ByNumber(1, 1), By: by},
		"another thing's":       {At: at(open), Thing: note, By: by},
		"the RT01":              {At: at(by), Thing: by, By: again},
		"by another record":     {At: at(note), Thing: note, By: open},
		"by one that is not":    {At: at(note), Thing: note, By: record.ByNumber(2, 99)},
		"a record that is not":  {At: at(record.ByNumber(1, 99)), Thing: note, By: by},
		"a log that is not":     {At: store.Located{Log: store.LogID{Party: 1, Generation: 9}, Number: 1}, Thing: note, By: by},
		"a party that is not":   {At: at(record.ByNumber(7, 1)), Thing: note, By: by},
		"a thing of no party":   {At: at(note), Thing: record.Ref{}, By: by},
		"by nothing":            {At: at(note), Thing: note},
		"a record of the table": {At: at(record.ByNumber(2, 1)), Thing: record.ByNumber(2, 1), By: by},
	} {
		got := station.Removed{}
		if name == "another thing's" {
			// The station takes the thing as said; the store holds it against the leaf.
			if err := blue.disk.Clone().Save(store.Batch{Expect: blue.disk.Load().Row, Next: blue.disk.Load().Row,
				Removals: []store.Removal{{Log: r.At.Log, Index: r.At.Index, Thing: r.Thing, By: r.By}}}); !errors.Is(err, store.ErrBatch) {
				t.Errorf("%s: saved with %v", name, err)
			}
			continue
		}
		if got = blue.act(name, []station.ToRemove{r}); !errors.Is(got.Err, station.ErrRemoval) || got.Records != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if blue.hollow() != 0 {
		t.Error("something went")
	}
	if r := blue.act("twice", []station.ToRemove{{At: at(note), Thing: note, By: by}, {At: at(note), Thing: note, By: by}}); !errors.Is(r.Err, station.ErrRemoval) {
		t.Errorf("the same twice: %+v", r)
	}
	if r := blue.act("nothing", nil); r.Err != nil || r.Records != 0 {
		t.Errorf("nothing: %+v", r)
	}
	if n := blue.removeAll("go"); n != 1 {
		t.Errorf("%d removed", n)
	}
}

// TestRemovalWaits: what another party has not receipted, it may not hold.
func TestRemovalWaits(t *testing.T) {
	b := opened(t, stationtest.Terms{Affairs: true})
	blue := b.sides[0]
	note := blue.speak("note", text("one"))
	b.cut()
	by := blue.removing("rt", note)
	list := blue.removable()
	if len(list) != 1 || !slices.Equal(list[0].Waits, []record.PartyNo{2}) {
		t.Fatalf("removable: %+v", list)
	}
	if r := blue.act("early", list[0].Records); !errors.Is(r.Err, station.ErrRemoval) || !strings.Contains(r.Err.Error(), "receipted") {
		t.Errorf("%+v", r)
	}
	b.connect()
	b.settle()
	if list = blue.removable(); len(list) != 1 || len(list[0].Waits) > 0 || list[0].By != by {
		t.Fatalf("once receipted: %+v", list)
	}
	if n := blue.removeAll("go"); n != 1 {
		t.Errorf("%d removed", n)
	}
}

// TestLostPeer: a peer whose disk is older than what was removed is given
// what is whole, and nothing less; its copy ends there, nobody is accused,
// and what it says is taken as before.
func TestLostPeer(t *testing.T) {
	b := opened(t, stationtest.Terms{Affairs: true})
	blue := b.sides[0]
	blue.speak("first", text("whole"))
	note := blue.speak("note", text("one"))
	blue.removing("rt", note)
	if n := blue.removeAll("go"); n != 1 {
		t.Fatalf("%d removed", n)
	}
	b.cut()
	f := newFake(b, 1)
	f.greet(t, nil)
	if got := f.packages(t); got != note.Number-1 {
		t.Errorf("it was given %d records, whole are %d", got, note.Number-1)
	}
	said := false
	for _, l := range blue.logged {
		said = said || strings.Contains(l.Text, "removed here")
	}
	if !said || len(blue.happened("accusation"))+len(blue.happened("claim")) > 0 || len(f.codes) > 0 {
		t.Errorf("told %v, %v", said, f.codes)
	}
}

// packages says how much of the other's log the fake was given.
func (f *fake) packages(t *testing.T) (end uint64) {
	t.Helper()
	for _, p := range f.got {
		pkg, err := mirror.DecodePackage(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range pkg.Entries {
			if e.Whole(record.Limits{}) != nil {
				t.Error("it was given less than a whole record")
			}
		}
		if pkg.Log.Party == f.to.party.Number {
			end = max(end, pkg.From+uint64(len(pkg.Entries)))
		}
	}
	return end
}

// TestTenThousandNames: an RT01 of theirs that names what is not there, what
// is open and itself ten thousand times costs a bounded answer, and removes
// the one closed thing among them.
func TestTenThousandNames(t *testing.T) {
	b := opened(t, stationtest.Terms{Affairs: true})
	blue, red := b.sides[0], b.sides[1]
	note := blue.speak("note", text("one"))
	open := blue.speak("open", distress())
	names := []record.Ref{note, open}
	for i := range uint64(9_998) {
		names = append(names, record.ByNumber(record.PartyNo(1+i%3), 1+i/3))
	}
	_, _, err := red.st.Prepare(station.Draft{Code: "RT01", From: "watch", Params: map[string]record.Value{"records": refs(names...)}, Salt: [16]byte{7}})
	for err != nil && len(names) > 100 { // as many as this line lets one record hold
		names = names[:len(names)*3/4]
		_, _, err = red.st.Prepare(station.Draft{Code: "RT01", From: "watch", Params: map[string]record.Value{"records": refs(names...)}, Salt: [16]byte{7}})
	}
	t.Logf("%d names in one record", len(names))
	for i := range 10_000/len(names) + 1 {
		red.removing(fmt.Sprint("rt", i), names...)
	}
	list := blue.removable()
	if !slices.ContainsFunc(list, func(r station.Removable) bool { return r.Thing == note }) || slices.ContainsFunc(list, func(r station.Removable) bool { return r.Thing == open }) {
		t.Errorf("removed: %+v", list)
	}
	if n := blue.removeAll("go"); n == 0 || n > 3 {
		t.Errorf("%d removed", n)
	}
	blue.cold(t, red.st.Digest())
}
