// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"openline/internal/station"
	"openline/internal/story"
	"openline/line"
	"openline/line/counterpart"
	"openline/line/dossier"
	"openline/record"
)

// The second chapter follows the first: the third request is moved, accepted
// and held under its number, its agenda is settled by itself, and both
// read-outs open together. Nothing awaits anybody then.
func TestTheWayOut(t *testing.T) {
	if testing.Short() {
		t.Skip("plays five months; takes seconds")
	}
	s, err := story.Load("affair", false)
	if err != nil {
		t.Fatal(err)
	}
	p := playerOn(t, s, &Teller{W: &strings.Builder{}})
	if err := p.Play(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.PlayOn(t.Context(), s.WayOut.Events, s.WayOut.Ends); err != nil {
		t.Fatal(err)
	}
	for _, short := range []string{"blue", "red"} {
		side := p.Sides[short]
		v, err := side.Host.View(t.Context(), p.Line)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range v.Awaiting {
			if a.Code == "CR01" || a.Code == "CP01" {
				t.Errorf("%s: %s still awaits: %+v", short, side.Env.RefName(a.Thing), a)
			}
		}
		all, err := side.Host.Dossiers(t.Context(), p.Line)
		if err != nil {
			t.Fatal(err)
		}
		third := dossierOf(t, all, p.records["third"])
		came := third.Sides[0]
		switch {
		case came.State != dossier.Accepted || came.Office.Post != "minister" || len(came.Route) != 1:
			t.Errorf("%s: the third request: %+v", short, came)
		case len(third.Agenda) != 2 || slices.ContainsFunc(third.Agenda, func(i dossier.Item) bool { return i.State != "agreed" }):
			t.Errorf("%s: agenda %+v", short, third.Agenda)
		case len(third.Closings) != 1 || !third.Closings[0].Agreed:
			t.Errorf("%s: closing %+v", short, third.Closings)
		case len(third.ReadOuts) != 2 || third.ReadOuts[0].Text == "" || third.ReadOuts[1].Text == "":
			t.Errorf("%s: read-outs %+v", short, third.ReadOuts)
		}
		pairs, err := side.Host.Counterparts(t.Context(), p.Line)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(pairs.Pairs, func(x counterpart.Pair) bool {
			return x.Subject == "encounters at sea and in the air" && x.State == "agreed"
		}) {
			t.Errorf("%s: pairs %+v", short, pairs.Pairs)
		}
	}
}

func dossierOf(t *testing.T, all dossier.Table, name record.Ref) dossier.Dossier {
	t.Helper()
	for _, d := range all.Dossiers {
		if d.Opening.Party == name.Party && d.Opening.Number == name.Number {
			return d
		}
	}
	t.Fatalf("no dossier of %+v", name)
	return dossier.Dossier{}
}

// An incident at sea is handled by the clocks: what each side could read at
// the hours that matter, and that both read the same.
func TestTheIncidentAtSea(t *testing.T) {
	s, err := story.Load("sea", false)
	if err != nil {
		t.Fatal(err)
	}
	p := playerOn(t, s, &Teller{W: &strings.Builder{}})
	if err := p.Play(t.Context()); err != nil {
		t.Fatal(err)
	}
	hour := func(text string) record.Stamp {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return record.Stamp(at.Unix())
	}
	for _, c := range []struct {
		at, event string
		state     line.ClockState
		outcome   line.Outcome
		due       string // empty: none is looked at
	}{
		{"2026-03-03 22:57", "distress", line.Running, line.Open, "2026-03-03 23:00"},
		{"2026-03-03 22:59", "distress", line.Replied, line.Answered, ""},
		{"2026-03-03 23:35", "incident", line.Running, line.Open, "2026-03-03 23:45"},
		{"2026-03-03 23:50", "incident", line.Running, line.Held, "2026-03-04 03:00"},
		{"2026-03-04 03:30", "incident", line.Running, line.Held, "2026-03-04 09:00"},
		// Their line test after nine is their own signed time past the hour.
		{"2026-03-04 09:30", "incident", line.Past, line.Held, "2026-03-04 09:00"},
		{"2026-03-04 09:55", "incident", line.Running, line.Held, "2026-03-04 16:00"},
		{"2026-03-06 11:00", "incident", 0, line.Corrected, ""},
	} {
		for i, party := range s.Parties {
			past, err := p.Sides[party.Short].Host.Past(p.Line, hour(c.at))
			if err != nil {
				t.Fatal(err)
			}
			m := matterOf(past.Affairs.Matters, p.records[c.event])
			if m == nil {
				t.Fatalf("%s at %s: %s is not known", party.Short, c.at, c.event)
			}
			// Our own clock runs by our own signed times, which the other side
			// holds a little later: only the asker's reading is held to all of it.
			if m.Outcome != c.outcome || i == 0 && c.state != 0 && m.Clock.State != c.state || i == 0 && c.due != "" && m.Clock.Due != hour(c.due) {
				t.Errorf("%s at %s, %s: %v, clock %v due %s", party.Short, c.at, c.event, m.Outcome, m.Clock.State, time.Unix(int64(m.Clock.Due), 0).UTC())
			}
		}
	}
	bothSeeTheIncident(t, p)
}

func matterOf(list []station.Matter, name record.Ref) *station.Matter {
	for i, m := range list {
		if m.Thing == name {
			return &list[i]
		}
	}
	return nil
}

func bothSeeTheIncident(t *testing.T, p *Player) {
	t.Helper()
	for _, party := range p.Story.Parties {
		list, err := p.Sides[party.Short].Host.Incidents(t.Context(), p.Line)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, in := range list {
			if in.Opening.Code != "IN01" {
				continue
			}
			found = true
			if len(in.Asked) != 1 || len(in.Asked[0].Answers) != 1 || in.Asked[0].Answers[0].Code != "OW01" || len(in.Unmeant) != 1 || len(in.Closed) != 1 {
				t.Errorf("%s: %+v", party.Short, in)
			}
			if took := in.Asked[0].Answers[0].Time - in.Asked[0].By.Time; took <= 0 || took > 10*3600 {
				t.Errorf("%s: the explanation took %d s", party.Short, took)
			}
		}
		if !found {
			t.Errorf("%s knows no incident: %+v", party.Short, list)
		}
	}
}
