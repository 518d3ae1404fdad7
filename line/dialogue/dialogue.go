// SPDX-License-Identifier: Apache-2.0

package dialogue

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"openline/line"
	"openline/line/dossier"
	"openline/record"
)

// Table is all series and forums named on a line, by name.
type Table struct {
	Series []Series `json:"series"`
	Forums []Forum  `json:"forums"`
}

// Series is a dialogue.
type Series struct {
	Name     string       `json:"name"`
	Stage    string       `json:"stage"` // running, or as last said: resumed, postponed, suspended
	Review   record.Stamp `json:"review,omitzero"`
	Words    []line.Said  `json:"words"`   // the newest on the stage: several crossed
	Crossed  bool         `json:"crossed"` // and say different things
	Meetings []Meeting    `json:"meetings"`
}

// Meeting is one meeting of a series.
type Meeting struct {
	Opening  line.Said        `json:"opening"`
	Windows  []line.Window    `json:"windows"`
	State    dossier.State    `json:"state"`             // of a side that has yet to move, if there is one
	Held     []line.Said      `json:"held"`              // who said it was held
	With     line.Said        `json:"with,omitzero"`     // the forum's calling off that took it along
	Fallback line.Window      `json:"fallback,omitzero"` // offered by a side, or the meeting's own hour for a call
	Moves    []record.PartyNo `json:"moves"`             // whose word is awaited
}

// Forum is an occasion run by others.
type Forum struct {
	Name    string        `json:"name"`
	Plan    string        `json:"plan"` // planned, attending, called_off
	Dates   []line.Window `json:"dates"`
	Words   []line.Said   `json:"words"`
	Crossed bool          `json:"crossed"`

	off []*line.Act
}

// Codes are the phrases that open what the table is made of, dossiers apart.
func Codes() []string { return []string{"MT01", "MT04", "FM01"} }

const (
	most  = 1024
	lists = 64
)

// Of makes the table of the things on a line and their dossiers.
func Of(things iter.Seq2[*line.Thing, error], dossiers []dossier.Dossier) (Table, error) {
	rows, _, err := line.Gather(things, most, func(t *line.Thing) ([]*line.Act, bool) {
		list := t.StandingActs("MT04", "FM01")
		if t.Ended != nil {
			list = slices.DeleteFunc(list, func(a *line.Act) bool { return a == t.Opening })
		}
		return list, len(list) > 0
	})
	if err != nil {
		return Table{}, err
	}
	said := map[[2]string][]*line.Act{}
	for _, a := range slices.Concat(rows...) {
		k := [2]string{a.Code, name(a.Text("series") + a.Text("forum"))}
		said[k] = append(said[k], a)
	}
	series, forums := map[string]*Series{}, map[string]Forum{}
	for k, list := range said {
		if k[0] == "FM01" {
			forums[k[1]] = forumOf(k[1], list)
			continue
		}
		s := &Series{Name: k[1], Words: []line.Said{}, Meetings: []Meeting{}}
		for _, a := range line.Newest(list) {
			s.Crossed = s.Crossed || s.Stage != "" && s.Stage != a.Text("stage")
			s.Stage, s.Review, s.Words = max(s.Stage, a.Text("stage")), max(s.Review, record.Stamp(a.Uint("review"))), append(s.Words, a.Said())
		}
		series[k[1]] = s
	}
	for _, d := range dossiers {
		if d.Kind != "meeting" {
			continue
		}
		n := name(d.Subject)
		if series[n] == nil {
			series[n] = &Series{Name: n, Stage: "running", Words: []line.Said{}, Meetings: []Meeting{}}
		}
		m := append(series[n].Meetings, meetingOf(d, forums))
		series[n].Meetings = m[max(0, len(m)-lists):]
	}
	t := Table{Series: []Series{}, Forums: slices.SortedFunc(maps.Values(forums), func(a, b Forum) int { return cmp.Compare(a.Name, b.Name) })}
	for _, n := range slices.Sorted(maps.Keys(series)) {
		t.Series = append(t.Series, *series[n])
	}
	return t, nil
}

func name(s string) string { return strings.TrimSpace(s) }

func forumOf(n string, list []*line.Act) Forum {
	f := Forum{Name: n, Dates: []line.Window{}, Words: []line.Said{}}
	for _, a := range line.Newest(list) {
		plan := a.Text("plan")
		f.Crossed = f.Crossed || f.Plan != "" && f.Plan != plan
		if f.Words = append(f.Words, a.Said()); f.Plan != "called_off" {
			f.Plan = max(f.Plan, plan)
		}
		if plan == "called_off" {
			f.Plan, f.off = plan, append(f.off, a)
		}
		f.Dates = append(f.Dates, a.Windows("dates")...)
	}
	return f
}

// meetingOf reads a dossier as a meeting of its series.
func meetingOf(d dossier.Dossier, forums map[string]Forum) Meeting {
	m := Meeting{Opening: d.Opening, Windows: d.Windows, Held: []line.Said{}, Moves: []record.PartyNo{}}
	for _, s := range d.Sides {
		if m.State == "" || s.Awaits != 0 && len(m.Moves) == 0 || (s.Awaits != 0 || len(m.Moves) == 0) && s.State < m.State {
			m.State = s.State
		}
		if s.Awaits != 0 && !slices.Contains(m.Moves, s.Awaits) {
			m.Moves = append(m.Moves, s.Awaits)
		}
	}
	for _, c := range d.Closings {
		m.Held = append(m.Held, c.By)
	}
	for _, place := range d.Places() {
		for _, a := range forums[name(place)].off {
			if !d.Saw(a) && len(m.Held) == 0 {
				m.State, m.With, m.Moves = dossier.CalledOff, a.Said(), []record.PartyNo{}
			}
		}
	}
	if m.State == dossier.CalledOff && len(d.Windows) > 0 {
		m.Fallback = d.Windows[0]
	}
	for _, o := range d.Off {
		if o.Fallback != (line.Window{}) {
			m.Fallback = o.Fallback
		}
	}
	return m
}

// At says how a meeting stands at an hour: held, due, missed (accepted, over,
// and nobody said it was held), lapsed (over and not accepted), or its state.
func (m Meeting) At(hour record.Stamp) string {
	over := len(m.Windows) > 0 && !slices.ContainsFunc(m.Windows, func(w line.Window) bool { return w.To >= hour })
	accepted := m.State == dossier.Confirmed || m.State == dossier.AgendaOpen
	switch {
	case len(m.Held) > 0:
		return "held"
	case over && accepted:
		return "missed"
	case accepted:
		return "due"
	case over && len(m.Moves) > 0:
		return "lapsed"
	}
	return string(m.State)
}
