// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"

	"openline/line"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/record"
)

func compareStrings(a, b string) int { return cmp.Compare(a, b) }

// series are the dialogues of this line. A meeting is one of its own where it
// is the newest of its series; what was said of the series as a whole stands
// beside it.
func (m *maker) series() (out []Dialogue) {
	r := m.in.Rooms
	if r == nil {
		return nil
	}
	by := map[line.Said]matter{}
	for _, x := range m.matters() {
		by[x.Opening] = x
	}
	for _, s := range r.Dialogues.Series {
		if d, ok := m.stage(s); ok {
			out = append(out, d)
		}
		var newest *dialogue.Meeting
		for i, q := range s.Meetings {
			if _, ok := by[q.Opening]; ok && (newest == nil || q.Opening.Time >= newest.Opening.Time) {
				newest = &s.Meetings[i]
			}
		}
		if newest != nil {
			out = append(out, m.meeting(s.Name, *newest, by[newest.Opening]))
		}
	}
	return out
}

// stage is what was last said of a series.
func (m *maker) stage(s dialogue.Series) (Dialogue, bool) {
	r := m.in.Rooms
	d := Dialogue{Subject: s.Name, State: s.Stage, OnLine: true, Review: stamped(s.Review), Crossed: s.Crossed, Accounts: []Account{}}
	var newest record.Stamp
	for _, w := range s.Words {
		if r.side(w.Party) == other {
			continue
		}
		newest = max(newest, w.Time)
		d.Accounts = append(d.Accounts, Account{By: m.titleOf(r.side(w.Party)), Side: r.side(w.Party), Outcome: "said", Attribution: "record", Source: r.of(w)})
	}
	d.Date = day(stamp(newest))
	return d, len(d.Accounts) > 0
}

func (m *maker) meeting(name string, q dialogue.Meeting, x matter) Dialogue {
	r := m.in.Rooms
	d := Dialogue{Subject: name, Ours: x.ours, Theirs: x.theirs, State: q.At(m.stamp()), OnLine: true, Accounts: []Account{}}
	if len(q.Windows) > 0 {
		d.Date = day(stamp(q.Windows[0].From))
	}
	if x.side.Window.To > 0 {
		d.Date = day(stamp(x.side.Window.From))
	}
	if x.side.Awaits != 0 && d.State != "held" && d.State != string(dossier.CalledOff) {
		who := r.side(x.side.Awaits)
		d.Next = &who
	}
	d.Accounts = append(d.Accounts, Account{By: m.titleOf(side(x.asked)), Side: side(x.asked), Outcome: "asked", Attribution: "record", Source: x.record})
	if by := r.of(x.side.By); by != "" {
		d.Accounts = append(d.Accounts, Account{By: m.titleOf(side(!x.asked)), Side: side(!x.asked), Outcome: string(x.side.State), Attribution: "record", Source: by})
	}
	for _, h := range q.Held {
		d.Accounts = append(d.Accounts, Account{By: m.titleOf(r.side(h.Party)), Side: r.side(h.Party), Outcome: "held", Attribution: "record", Source: r.of(h)})
	}
	if q.With.Number > 0 {
		d.Accounts = append(d.Accounts, Account{By: m.titleOf(r.side(q.With.Party)), Side: r.side(q.With.Party), Outcome: "called off", Attribution: "record", Source: r.of(q.With)})
	}
	if s := x.side; s.Words != "" && s.Awaits == x.Opening.Party {
		d.Conditions = append(d.Conditions, Condition{Side: side(!x.asked), Text: s.Words, Source: r.of(s.By)})
	}
	return d
}

func side(us bool) string {
	if us {
		return ours
	}
	return theirs
}

// occasions are what lies ahead by the records of this line: windows that
// were accepted, forums run by others, and what was offered for what cannot
// be held.
func (m *maker) occasions() (out []Opportunity) {
	r := m.in.Rooms
	if r == nil {
		return nil
	}
	now := m.stamp()
	called := map[line.Said]dialogue.Meeting{}
	for _, s := range r.Dialogues.Series {
		for _, q := range s.Meetings {
			called[q.Opening] = q
		}
	}
	for _, x := range m.matters() {
		w := x.side.Window
		if w.To == 0 && len(x.Windows) > 0 {
			w = x.Windows[0]
		}
		o := Opportunity{OnLine: true, Ours: x.ours, Theirs: x.theirs, Subject: x.Subject, State: string(x.side.State), Source: x.record, Crossed: len(x.side.Crossed) > 0}
		o.Date = deref(stamped(w.From))
		q, meeting := called[x.Opening]
		off := x.side.State == dossier.CalledOff || meeting && q.State == dossier.CalledOff
		if !off && (!slices.Contains(accepted, x.side.State) || len(x.Closings) > 0) || w.To <= now {
			continue
		}
		if by := r.of(x.side.By); by != "" {
			o.Source += ", " + by
		}
		if off {
			o.State = string(dossier.CalledOff)
			fallback := q.Fallback
			for _, f := range x.Off {
				if f.Fallback.To > 0 {
					fallback = f.Fallback
				}
				o.Source += ", " + r.of(f.By)
			}
			if q.With.Number > 0 {
				o.Source += ", " + r.of(q.With)
			}
			if fallback.To > now {
				o.Fallback = stamped(fallback.From)
			}
		}
		out = append(out, o)
	}
	return append(out, m.forums()...)
}

// forums are the occasions run by others that were spoken of on this line.
func (m *maker) forums() (out []Opportunity) {
	r := m.in.Rooms
	for _, f := range r.Dialogues.Forums {
		var first line.Window
		for _, w := range f.Dates {
			if first.To == 0 || w.From < first.From {
				first = w
			}
		}
		if first.To > 0 && first.To <= m.stamp() {
			continue
		}
		o := Opportunity{OnLine: true, Date: deref(stamped(first.From)), Subject: f.Name, State: f.Plan, Forum: true, Crossed: f.Crossed}
		for _, w := range f.Words {
			if r.side(w.Party) == other {
				continue
			}
			if o.Source != "" {
				o.Source += ", "
			}
			o.Source += r.of(w)
		}
		if o.Source != "" {
			out = append(out, o)
		}
	}
	return out
}
