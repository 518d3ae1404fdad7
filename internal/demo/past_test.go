// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"openline/internal/desk/brief"
	"openline/internal/desk/contact"
	"openline/internal/host/briefing"
	"openline/internal/host/shelf"
	"openline/internal/story"
)

// briefOf makes a side's brief of an hour; zero: now.
func briefOf(t *testing.T, p *Player, short string, at time.Time, contacts []contact.Contact) *brief.Brief {
	t.Helper()
	words, err := brief.Language("en")
	if err != nil {
		t.Fatal(err)
	}
	s := p.Sides[short]
	in, err := briefing.Gather(t.Context(), s.Host, p.Line, s.Env.Titles(), briefing.Wish{Peer: s.Other, At: at, Contacts: contacts, Since: p.Story.Begins})
	if err != nil {
		t.Fatal(err)
	}
	return brief.Of(in, words, words.Line())
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pastHour is a brief as it was read at its hour.
type pastHour struct {
	at    time.Time
	short string
	live  *brief.Brief
	then  []byte // the same hour, asked for a little later
}

// The brief of an hour that is past is the one that was read then, but for
// the wire, and what came after it changes not a byte of it.
func TestABriefOfThePastStays(t *testing.T) {
	if testing.Short() {
		t.Skip("plays four months; takes seconds")
	}
	s, err := story.Load("affair", false)
	if err != nil {
		t.Fatal(err)
	}
	p := playerOn(t, s, &Teller{W: &bytes.Buffer{}})
	st := &Stage{Story: s, Line: p.Line}
	known := map[string][]contact.Contact{"blue": s.Contacts("blue", nil), "red": s.Contacts("red", nil)}
	var hours []pastHour
	err = p.play(t.Context(), func(at time.Time, i int) error {
		if i%16 != 0 && i > 12 {
			return nil
		}
		for _, short := range []string{"blue", "red"} {
			for j, h := range hours {
				if h.short == short && h.then == nil && h.at.Before(at.Add(-time.Minute)) {
					hours[j].then = asJSON(t, briefOf(t, p, short, h.at, known[short]))
				}
			}
			live := briefOf(t, p, short, time.Time{}, known[short])
			hours = append(hours, pastHour{at: live.AsOf.Time, short: short, live: live})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Import(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for _, h := range hours {
		if h.then == nil {
			continue
		}
		again := briefOf(t, p, h.short, h.at, known[h.short])
		if got := asJSON(t, again); !bytes.Equal(got, h.then) {
			t.Fatalf("%s at %s: what came later changed it:\n%s\n%s", h.short, h.at, h.then, got)
		}
		for _, c := range [][2]any{{again.AsOf, h.live.AsOf}, {again.Offices, h.live.Offices}, {again.Watch.State, h.live.Watch.State}, {again.Watch.Since, h.live.Watch.Since},
			{again.LastContact, h.live.LastContact}, {again.Invitations, h.live.Invitations}, {again.Counterparts, h.live.Counterparts}, {again.Incidents, h.live.Incidents}, {again.Tests, h.live.Tests}} {
			if x, y := string(asJSON(t, c[0])), string(asJSON(t, c[1])); x != y {
				t.Errorf("%s at %s: %T is\n%s, and was read as\n%s", h.short, h.at, c[0], x, y)
			}
		}
	}
	mirror(t, p)
	t.Logf("%d hours", len(hours))
}

// mirror holds both sides' briefs of several days to each other: ours is
// theirs and theirs is ours.
func mirror(t *testing.T, p *Player) {
	t.Helper()
	for day := p.Story.Begins.AddDate(0, 0, 3); day.Before(p.Story.Ends); day = day.AddDate(0, 0, 17) {
		var b [2]*brief.Brief
		for i, short := range []string{"blue", "red"} {
			contacts, err := shelf.New(p.Sides[short].Host).Contacts(p.Line)
			if err != nil {
				t.Fatal(err)
			}
			b[i] = briefOf(t, p, short, day, contacts)
		}
		count := func(n *int) string {
			if n == nil {
				return "unknown"
			}
			return fmt.Sprint(*n)
		}
		if b[0].Offices.AwaitUs != b[1].Offices.AwaitThem || b[0].Offices.AwaitThem != b[1].Offices.AwaitUs {
			t.Errorf("%s: await %+v and %+v", day, b[0].Offices, b[1].Offices)
		}
		if x, y := count(b[0].Invitations.Sent), count(b[1].Invitations.Received); x != y {
			t.Errorf("%s: sent %s, received %s", day, x, y)
		}
		if x, y := count(b[0].Incidents.Count), count(b[1].Incidents.Count); x != y {
			t.Errorf("%s: incidents %s and %s", day, x, y)
		}
		for _, level := range contact.Levels[:3] {
			l, m := b[0].LastContact[level], b[1].LastContact[level]
			if (l == nil) != (m == nil) || l != nil && (l.Ours != m.Theirs || l.Theirs != m.Ours) {
				t.Errorf("%s, %s: %+v and %+v", day, level, l, m)
			}
		}
		if len(b[0].Counterparts) > 0 {
			states := map[string]string{brief.PairOurs: brief.PairTheirs, brief.PairTheirs: brief.PairOurs}
			for _, c := range b[0].Counterparts {
				want := c.State
				if states[want] != "" {
					want = states[want]
				}
				if !slices.ContainsFunc(b[1].Counterparts, func(d brief.Counterpart) bool { return d.State == want }) {
					t.Errorf("%s: %s has no mirror in %+v", day, c.State, b[1].Counterparts)
				}
			}
		}
	}
}
