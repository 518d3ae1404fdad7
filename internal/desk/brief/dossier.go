// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"slices"

	"openline/internal/desk/contact"
	"openline/line"
	"openline/line/dossier"
)

// accepted are the states in which an invitation was agreed to.
var accepted = []dossier.State{dossier.Accepted, dossier.AgendaOpen, dossier.Confirmed}

// cameOf puts a state of the line under what an imported row may say.
func cameOf(s dossier.State) string {
	switch s {
	case dossier.Accepted, dossier.AgendaOpen, dossier.Confirmed, dossier.CalledOff, dossier.Countered, dossier.State(line.Answered.String()),
		dossier.State(line.InPrinciple.String()), dossier.State(line.Conditional.String()), dossier.State(line.ElsewhereTraced.String()):
		return contact.OutcomeAnswered
	case dossier.SaidNo, dossier.State(line.Declined.String()):
		return contact.OutcomeDeclined
	case dossier.Circle, dossier.State(line.Redirected.String()):
		return contact.OutcomeRedirected
	}
	return contact.OutcomeUnanswered
}

// attempt is one invitation or sounding on the line: one however often it was
// repeated by a reminder, or moved to another office.
func (m *maker) attempt(x matter) Attempt {
	r := m.in.Rooms
	req := m.request(x.record)
	a := Attempt{Ours: x.asked, Asker: asker(x.asked), Subject: x.Subject, Asked: day(stamp(x.Opening.Time)), Outcome: string(x.side.State), Source: x.record, Record: x.record,
		Kind: x.Kind, Reminders: len(x.Reminders), Words: x.side.Words, Crossed: len(x.side.Crossed) > 0, Awaits: r.whose(x.side.Awaits)}
	if a.From, a.To = x.ours, x.theirs; !x.asked {
		a.From, a.To = x.theirs, x.ours
	}
	if req != nil {
		a.Receipt, a.Due = hour(req.Receipt), hour(req.Due)
	}
	for _, p := range x.side.Route {
		a.Route = append(a.Route, r.Post(p))
	}
	for _, i := range x.Agenda {
		if i.Open() {
			a.AgendaOpen++
		}
	}
	if x.side.Window.To > 0 {
		a.Window = stamped(x.side.Window.From)
	}
	if x.side.State != dossier.State(line.Open.String()) {
		came := string(x.side.State)
		a.Came = &came
		if by := r.of(x.side.By); by != "" {
			a.Source += ", " + by
		}
	}
	return a
}

// request finds what the clock shows of a record; nil: nothing.
func (m *maker) request(name string) *Request {
	if m.byRecord == nil {
		m.byRecord = make(map[string]*Request, len(m.in.Requests))
		for i := range m.in.Requests {
			if r := &m.in.Requests[i]; m.byRecord[r.Record] == nil {
				m.byRecord[r.Record] = r
			}
		}
	}
	return m.byRecord[name]
}

// owed are the requests that await one side, the first due first.
func (m *maker) owed(byUs bool) []Owed {
	out := []Owed{}
	for _, r := range m.in.Requests {
		if !r.Awaits() || r.Ours == byUs {
			continue
		}
		o := Owed{Record: r.Record, Code: r.Code, From: r.From, To: r.To, Subject: r.Subject, Asked: *hour(r.Asked), Due: hour(r.Due), Held: hour(r.Until),
			Past: hour(r.NoReplyAt), Outcome: r.Outcome, Crossed: r.Crossed}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b Owed) int { return compareOwed(a, b) })
	return out
}
