// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/mandate"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/record"
)

// strict has a side begin with the table of an actual line.
func strict(c *station.Config) { c.Mandates = mandate.Default(false) }

func underMandates(t *testing.T) (*bench, *side, *side) {
	t.Helper()
	b := newBench(t, stationtest.Terms{})
	b.sides[0].tweak = strict
	b.start()
	return b, b.sides[0], b.sides[1]
}

func journalOf(t *testing.T, s *side) (out []station.JournalEntry) {
	t.Helper()
	for _, raw := range s.disk.JournalEntries() {
		e, err := station.DecodeJournalEntry(raw)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func setMandates(s *side, ev station.SetMandates) (answer station.Noted) {
	s.step(ev)
	for len(s.todo) > 0 {
		if n, ok := s.next().(station.Noted); ok {
			answer = n
		}
	}
	return answer
}

// What the mandates do not let the watch send alone takes two, whoever asks;
// what they do goes alone, and the journal says who sent it under which.
func TestMandatesAreEnforced(t *testing.T) {
	b, blue, _ := underMandates(t)
	words := text("of an officer")
	if r, err := blue.st.Rule(words); err != nil || !r.Two || !strings.Contains(r.Why, "TX01") {
		t.Errorf("ruling %+v, %v", r, err)
	}
	prepared, act, err := blue.st.Prepare(words)
	if err != nil {
		t.Fatal(err)
	}
	for i, people := range [][]station.Signature{nil, {{Person: "ann"}, {Person: "ben"}}, signed(act, "ann"), signed(act, "ann", "ann2")} {
		d := prepared
		d.People = people
		blue.say(fmt.Sprint("bad", i), d)
		b.settle()
		if got := blue.lastTold(fmt.Sprint("bad", i)); !errors.Is(got.Err, station.ErrTwoPersons) {
			t.Errorf("%d: told %+v", i, got)
		}
	}
	if n := len(journalOf(t, blue)); n != 0 {
		t.Fatalf("%d entries of what was not said", n)
	}
	prepared.People = signed(act, "ann", "ben")
	blue.say("two", prepared)
	alone := station.Draft{Code: "IN06", From: "watch", People: []station.Signature{{Person: "carver"}}, Params: map[string]record.Value{
		"place": record.Array(record.Int(1), record.Int(2)), "hour": record.Uint(epoch), "until": record.Uint(epoch + 60)}}
	blue.say("alone", alone)
	b.settle()
	if two, one := blue.lastTold("two"), blue.lastTold("alone"); two.Err != nil || one.Err != nil {
		t.Fatalf("%v, %v", two.Err, one.Err)
	}
	j := journalOf(t, blue)
	if len(j) != 2 || j[0].Kind != "act" || len(j[0].People) != 2 || string(j[0].Note()) != "calm/standing/0" ||
		j[1].Kind != "alone" || j[1].Act != "IN06" || len(j[1].People) != 1 || j[1].People[0].Person != "carver" || len(j[1].People[0].Bytes) != 0 {
		t.Errorf("journal: %+v", j)
	}
	forged := alone
	forged.People = []station.Signature{{Person: "ann", Bytes: make([]byte, 64)}}
	blue.say("forged", forged)
	b.settle()
	if got := blue.lastTold("forged"); got.Err == nil {
		t.Error("a signature over nothing was taken as a name")
	}
}

// A release under a mandate is bound to what the two were shown; FLASH is not,
// and is marked.
func TestAReleaseByMandateIsBoundToItsCut(t *testing.T) {
	for name, flash := range map[string]bool{"routine": false, "FLASH": true} {
		t.Run(name, func(t *testing.T) {
			b, blue, red := underMandates(t)
			red.say("q", station.Draft{Code: "CR01", From: "secretary", Params: map[string]record.Value{
				"caller": record.Array(record.Uint(2), record.Text("secretary")), "called": record.Array(record.Uint(1), record.Text("secretary")),
				"subject": record.Text("weather"), "urgency": record.Text("ordinary"), "medium": record.Text("voice")}})
			b.settle()
			thing := ref(red, red.lastTold("q").Results[0].Number)
			d := station.Draft{Code: "TX01", From: "secretary", Text: "on it", Re: []record.Ref{thing}, Salt: [16]byte{5}}
			if flash {
				d.Precedence = record.Flash
			}
			d, act, err := blue.st.Prepare(d)
			if err != nil {
				t.Fatal(err)
			}
			d.People = signed(act, "ann", "ben")
			red.say("more", station.Draft{Code: "WD01", From: "secretary", Re: []record.Ref{thing}})
			b.settle()
			blue.say("late", d)
			b.settle()
			got := blue.lastTold("late")
			if !flash {
				if !errors.Is(got.Err, station.ErrChanged) {
					t.Errorf("told %+v", got)
				}
				return
			}
			j := journalOf(t, blue)
			if got.Err != nil || !got.Results[0].Changed || string(j[len(j)-1].Note()) != "calm/standing/0 changed" {
				t.Errorf("told %+v, journal %q", got, j[len(j)-1].Note())
			}
		})
	}
}

// Two persons change the table and the alert state, against what holds; it
// survives a start, and what waits in the queue is judged anew.
func TestMandatesAreChangedByTwo(t *testing.T) {
	b, blue, _ := underMandates(t)
	narrow := []byte("version = 1\nname = \"narrow\"\nstates = [\"calm\", \"storm\"]\n")
	act, err := blue.st.MandateAct(narrow, "")
	if err != nil {
		t.Fatal(err)
	}
	for i, ev := range []station.SetMandates{
		{Table: narrow, Cut: act.Cut}, {Table: narrow, Cut: act.Cut, People: signed(act, "ann", "ann2")},
		{Table: narrow, People: signed(act, "ann", "ben")}, {State: "storm", Cut: act.Cut, People: signed(act, "ann", "ben")},
		{Table: narrow, State: "calm", Cut: act.Cut, People: signed(act, "ann", "ben")},
	} {
		if n := setMandates(blue, ev); n.Err == nil {
			t.Errorf("%d was taken", i)
		}
	}
	if n := setMandates(blue, station.SetMandates{Table: narrow, Cut: act.Cut, People: signed(act, "ann", "ben")}); n.Err != nil {
		t.Fatal(n.Err)
	}
	if n := setMandates(blue, station.SetMandates{Table: narrow, Cut: act.Cut, People: signed(act, "ann", "ben")}); !errors.Is(n.Err, station.ErrTwoPersons) && !errors.Is(n.Err, station.ErrChanged) {
		t.Errorf("the same change once more: %v", n.Err)
	}
	b.cut()
	blue.start()
	b.connect()
	b.settle()
	if m := blue.st.Mandates(); m.Table.Name != "narrow" || m.State != "calm" || m.Serial != 1 {
		t.Fatalf("after a start: %+v", m)
	}
	h := mandate.NewHistory(mandate.Default(false))
	for i, e := range journalOf(t, blue) {
		if err := h.Fold(entry(uint64(i), e)); err != nil {
			t.Fatal(err)
		}
	}
	if h.Now().Digest() != blue.st.Mandates().Digest() || len(h.Changes()) != 1 {
		t.Errorf("the journal has %+v", h.Now())
	}
	// While it does not sign, what is released waits, and is judged anew.
	blue.skew = 48 * time.Hour
	b.pass(time.Second)
	if blue.st.Hold() != station.HoldClock {
		t.Fatalf("hold %q", blue.st.Hold())
	}
	d, act, err := blue.st.Prepare(text("kept"))
	if err != nil {
		t.Fatal(err)
	}
	d.People = signed(act, "ann", "ben")
	blue.say("kept", d)
	b.settle()
	if got := blue.lastTold("kept"); got.Err != nil || got.Results[0].Number != 0 {
		t.Fatalf("told %+v", got)
	}
	b.cut()
	blue.start()
	b.connect()
	b.settle()
	j := journalOf(t, blue)
	if last := j[len(j)-1]; last.Kind != "act" || last.Act != "TX01" || string(last.Note()) != "calm/narrow/1" || len(last.People) != 2 {
		t.Errorf("what was queued is %+v, %q", last, last.Note())
	}
}

func entry(i uint64, e station.JournalEntry) desk.Entry {
	return desk.Entry{Index: i, Kind: e.Kind, Act: e.Act, Bytes: e.Note(), Record: e.Record}
}

// Our own desk is told of a clock of ours at half, at four fifths and past
// it, once each, whatever is stopped and started between.
func TestOurDeskIsRemindedOfWhatWeOwe(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	b.start()
	blue, red := b.sides[0], b.sides[1]
	red.say("q", station.Draft{Code: "CR01", From: "secretary", Params: map[string]record.Value{
		"caller": record.Array(record.Uint(2), record.Text("secretary")), "called": record.Array(record.Uint(1), record.Text("secretary")),
		"subject": record.Text("weather"), "urgency": record.Text("ordinary"), "medium": record.Text("voice")}})
	b.settle()
	thing := ref(red, red.lastTold("q").Results[0].Number)
	v := blue.st.View(blue.clock())
	var due time.Duration
	for _, a := range v.Awaiting {
		if a.Thing == thing {
			due = time.Duration(int64(a.Clock.Due)-int64(a.Clock.Started.At)) * time.Second
		}
	}
	if due <= 0 {
		t.Fatalf("no clock runs: %+v", v.Awaiting)
	}
	codes := func() (out []string) {
		for _, h := range blue.happened("alarm") {
			if h.Code == station.CodeHalf || h.Code == station.CodeMost || h.Code == station.CodeDue {
				out = append(out, fmt.Sprint(h.Code, " ", h.Number == thing.Number && h.Party == thing.Party))
			}
		}
		return out
	}
	b.cut() // clocks of ours run without the other side
	want := []string{}
	for i, step := range []struct {
		pass time.Duration
		code string
	}{{due / 4, ""}, {due/4 + time.Minute, station.CodeHalf}, {due / 10, ""}, {due / 4, station.CodeMost}, {due / 4, station.CodeDue}, {due, ""}} {
		b.now += step.pass
		blue.step(station.Tick{})
		for len(blue.todo) > 0 {
			blue.next()
		}
		if step.code != "" {
			want = append(want, step.code+" true")
		}
		if got := codes(); strings.Join(got, ",") != strings.Join(want, ",") {
			t.Fatalf("step %d: told %q, not %q", i, got, want)
		}
		blue.start()
		for len(blue.todo) > 0 {
			blue.next()
		}
		if got := codes(); strings.Join(got, ",") != strings.Join(want, ",") {
			t.Fatalf("step %d, after a start: told %q, not %q", i, got, want)
		}
	}
	// What was answered is not told of.
	b.connect()
	red.say("again", station.Draft{Code: "RC06", Re: []record.Ref{ref(blue, 1)}})
	b.settle()
	asked := red.lastTold("again")
	if asked.Err != nil {
		t.Fatal(asked.Err)
	}
	blue.say("yes", station.Draft{Code: "RC01", Re: []record.Ref{ref(red, asked.Results[0].Number)}})
	b.settle()
	b.pass(2 * time.Hour)
	if got := codes(); len(got) != len(want) {
		t.Errorf("told %q of what was answered", got)
	}
}
