// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"openline/internal/desk/contact"
	"openline/line/linestate"
)

// The parts of the page, in its order.
var parts = []string{"state", "owed", "contact", "asked", "counterpart", "ahead", "dialogue", "incident"}

type speaker struct {
	m   *maker
	b   *Brief
	w   *Words
	out []Sentence
}

// sentences writes the page, what we owe and await first.
func (m *maker) sentences(b *Brief, w *Words, three *linestate.Words) []Sentence {
	s := &speaker{m: m, b: b, w: w}
	s.owed()
	for _, q := range []struct {
		part    string
		text    string
		sources []string
	}{
		{"wire", three.Say(m.in.State.Wire), m.in.Wire},
		{"watch", three.Say(m.in.State.Watch), m.in.Watch},
		{"offices", three.Say(m.in.State.Offices), m.in.Offices},
	} {
		s.put(q.part, q.text, q.sources...)
	}
	s.tests()
	s.contacts()
	s.asked()
	s.counterparts()
	s.ahead()
	s.dialogues()
	s.incidents()
	return s.out
}

func (s *speaker) put(part, text string, sources ...string) {
	var list []string
	for _, src := range sources {
		if src != "" && !slices.Contains(list, src) {
			list = append(list, src)
		}
	}
	if list == nil {
		list = []string{s.w.say("own_record", nil)}
	}
	s.out = append(s.out, Sentence{text, s.w.tag, list, part})
}

func (s *speaker) say(part, id string, a args, sources ...string) {
	s.put(part, s.w.say(id, a), sources...)
}

func hm(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }

func (s *speaker) owed() {
	var owe, await []Request
	for _, r := range s.m.in.Requests {
		switch {
		case !r.Awaits():
		case r.Ours:
			await = append(await, r)
		default:
			owe = append(owe, r)
		}
	}
	sources := func(list []Request) (out []string) {
		for _, r := range list {
			out = append(out, r.Record)
		}
		return out
	}
	if len(owe) == 0 {
		s.say("owed", "owe_none", nil)
	} else {
		var first time.Time
		for _, r := range owe {
			if !r.Due.IsZero() && (first.IsZero() || r.Due.Before(first)) {
				first = r.Due
			}
		}
		if first.IsZero() {
			s.say("owed", "owe_open", args{"N": len(owe)}, sources(owe)...)
		} else {
			s.say("owed", "owe", args{"N": len(owe), "Due": hm(first)}, sources(owe)...)
		}
	}
	if len(await) == 0 {
		s.say("awaited", "await_none", nil)
		return
	}
	oldest := await[0].Asked
	for _, r := range await {
		if r.Asked.Before(oldest) {
			oldest = r.Asked
		}
	}
	s.say("awaited", "await", args{"N": len(await), "Days": days(oldest, s.m.in.At)}, sources(await)...)
}

func (s *speaker) tests() {
	t := s.b.Tests
	if t.Due == nil {
		s.say("test", "tests_none", nil)
		return
	}
	last := s.w.say("never", nil)
	if t.LastAnswered != nil {
		last = hm(*t.LastAnswered)
	}
	answered := 0
	if t.Answered != nil {
		answered = *t.Answered
	}
	s.say("test", "tests", args{"Due": *t.Due, "Answered": answered, "Last": last})
}

func (s *speaker) contacts() {
	if since := s.m.in.Since; !since.IsZero() {
		if l := s.b.LastContact[contact.LevelPrincipal]; l == nil || l.Date == nil || *l.Date < since.UTC().Format(time.DateOnly) {
			s.say("contact", "since_none", args{"Since": since.UTC().Format(time.DateOnly)})
		}
	}
	for _, level := range contact.Levels {
		l := s.b.LastContact[level]
		a := args{"Level": s.w.say("level_"+level, nil)}
		if l == nil {
			s.say("contact", "last_none", a)
			continue
		}
		a["Ours"], a["Theirs"], a["Channel"] = l.Ours, l.Theirs, l.Channel
		id := "last_undated"
		if l.Date != nil {
			id, a["Date"], a["Days"] = "last", *l.Date, *l.Days
		}
		s.say("contact", id, a, l.Source)
		for _, p := range s.b.Pairs {
			if p.Level == level && level == contact.LevelPrincipal && (p.Ours != l.Ours || p.Theirs != l.Theirs) && p.Last.Date != nil {
				s.say("contact", "pair", args{"Ours": p.Ours, "Theirs": p.Theirs, "Date": *p.Last.Date, "Days": *p.Last.Days, "Channel": p.Last.Channel}, p.Last.Source)
			}
		}
	}
}

func (s *speaker) asked() {
	v := s.b.Invitations
	var sources []string
	for _, a := range v.All {
		sources = append(sources, a.Source)
	}
	if v.Sent == nil {
		s.say("asked", "sent_none", nil)
	} else {
		var came []string
		for _, c := range []struct {
			id string
			n  *int
		}{{"came_answered", v.Answered}, {"came_declined", v.Declined}, {"came_redirected", v.Redirected}} {
			if c.n != nil && *c.n > 0 {
				came = append(came, s.w.say(c.id, args{"N": *c.n}))
			}
		}
		if came == nil {
			came = []string{s.w.say("came_none", nil)}
		}
		s.say("asked", "sent", args{"N": *v.Sent, "Came": strings.Join(came, ", ")}, sources...)
	}
	if v.Received != nil {
		s.say("asked", "received", args{"N": *v.Received}, sources...)
	}
	said := map[string]bool{}
	for _, a := range v.All {
		s.attempt(a)
		if a.Quote != "" && !said[a.Quote] {
			said[a.Quote] = true
			s.say("asked", "said_of", args{"Quote": a.Quote, "Source": a.Source}, a.Source)
		}
	}
}

func (s *speaker) attempt(a Attempt) {
	or := func(p *string, id string) string {
		if p == nil {
			return s.w.say(id, nil)
		}
		return *p
	}
	s.say("asked", "attempt", args{"From": a.From, "To": a.To, "Subject": a.Subject, "Asked": or(a.Asked, "day_unknown"),
		"Receipt": or(a.Receipt, "none_held"), "Due": or(a.Due, "none_declared"), "Came": or(a.Came, "came_none")}, a.Source)
}

var pairIDs = map[string]string{PairAgreed: "pair_agreed", PairOurs: "pair_ours", PairTheirs: "pair_theirs", PairDiffers: "pair_differs"}

func (s *speaker) counterparts() {
	for _, c := range s.b.Counterparts {
		var sources []string
		for _, g := range c.Grounds {
			if g.Kind == "statement" {
				sources = append(sources, g.Source)
			}
		}
		s.say("counterpart", pairIDs[c.State], args{"Ours": c.Ours, "Theirs": strings.Join(c.Theirs, "; ")}, sources...)
		for _, g := range c.Grounds {
			switch {
			case g.Kind == "practice" && g.Date != nil:
				s.say("counterpart", "practice", args{"Ours": c.Ours, "Theirs": g.Theirs, "N": g.Times, "Date": *g.Date}, g.Source)
			case g.Quote != "":
				s.say("counterpart", "said_of", args{"Quote": g.Quote, "Source": g.By}, g.Source)
			}
		}
	}
}

func (s *speaker) ahead() {
	if len(s.b.Opportunities) == 0 {
		s.say("ahead", "ahead_none", nil)
	}
	for _, o := range s.b.Opportunities {
		s.say("ahead", "ahead", args{"Date": o.Date, "Subject": o.Subject, "Ours": o.Ours, "Theirs": o.Theirs, "State": s.w.say("state_"+o.State, nil)}, o.Source)
	}
}

var dialogueIDs = map[string]string{"held": "dialogue_held", "not held": "dialogue_not_held", "not held, told differently": "dialogue_not_held",
	"told differently": "dialogue_differs", "said": "dialogue_said", "unknown": "dialogue_unknown"}

func (s *speaker) dialogues() {
	for _, d := range s.b.Dialogues {
		var sources []string
		for _, a := range d.Accounts {
			sources = append(sources, a.Source)
		}
		date := s.w.say("day_unknown", nil)
		if d.Date != nil {
			date = *d.Date
		}
		subject := d.Subject
		if subject == "" {
			subject = fmt.Sprintf("%s – %s", d.Ours, d.Theirs)
		}
		text := s.w.say(dialogueIDs[d.State], args{"Subject": subject, "Date": date, "Ours": d.Ours, "Theirs": d.Theirs, "Accounts": len(d.Accounts), "By": d.Accounts[0].By})
		if d.Context {
			text = s.w.say("context", args{"Text": text})
		}
		s.put("dialogue", text, sources...)
	}
}

func (s *speaker) incidents() {
	in := s.b.Incidents
	if in.Count == nil {
		s.say("incident", "incidents_none", nil)
		return
	}
	var sources []string
	for _, c := range s.m.known {
		if c.Kind == contact.KindIncident && s.m.happened(c) {
			sources = append(sources, c.Source)
		}
	}
	s.say("incident", "incidents", args{"N": *in.Count, "Recent": in.Recent, "Before": in.Before}, sources...)
}
