// SPDX-License-Identifier: Apache-2.0

package brief

import (
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
	// lineTag is the language of the three sentences.
	lineTag string
}

// sentences writes the page, what we owe and await first.
func (m *maker) sentences(b *Brief, w *Words, three *linestate.Words) []Sentence {
	s := &speaker{m: m, b: b, w: w, lineTag: w.tag}
	if three == w.line {
		s.lineTag = w.lineTag
	}
	s.owed()
	s.wire(three)
	s.put("watch", three.Say(m.in.State.Watch), m.in.Watch...)
	s.put("offices", three.Say(m.in.State.Offices), m.in.Offices...)
	s.testsOfTheLine()
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
	tag := s.w.tag
	if part == "wire" || part == "watch" || part == "offices" {
		tag = s.lineTag
	}
	s.out = append(s.out, Sentence{text, tag, list, part})
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
	s.say("awaited", "await", args{"N": len(await), "Ago": s.ago(days(oldest, s.m.in.At))}, sources(await)...)
}

var pastWire = map[linestate.Kind]string{WireReceipted: "wire_receipted", WireBehind: "wire_behind", WireSilent: "wire_silent"}

func (s *speaker) wire(three *linestate.Words) {
	in := s.m.in.State.Wire
	if id, ok := pastWire[in.Kind]; ok {
		s.say("wire", id, args{"Since": hm(stamp(in.Since))}, s.m.in.Wire...)
		s.out[len(s.out)-1].Lang = s.w.tag
		return
	}
	s.put("wire", three.Say(in), s.m.in.Wire...)
}

func (s *speaker) testsOfTheLine() {
	t := s.b.Tests
	if t.Due == nil || t.Answered == nil {
		s.say("test", "tests_none", nil)
		return
	}
	last := s.w.say("never", nil)
	if t.LastAnswered != nil {
		last = hm(*t.LastAnswered)
	}
	s.put("test", s.w.say("tests", args{"Due": *t.Due, "Answered": *t.Answered, "Last": last}), s.w.say("tests_source", nil))
}

// ago says how many days lie behind.
func (s *speaker) ago(n int) said {
	if n == 0 {
		return said(s.w.say("ago_today", nil))
	}
	return said(s.w.say("ago", args{"N": n}))
}

func (s *speaker) or(text, id string) string {
	if text == "" {
		return s.w.say(id, nil)
	}
	return text
}

// contact says when two posts last spoke.
func (s *speaker) contact(dated, undated string, a args, l *Last) {
	a["Ours"], a["Theirs"], a["Channel"] = l.Ours, l.Theirs, s.or(l.Channel, "no_channel")
	source := l.Source
	if l.Source == lineTests {
		watch := s.w.say("level_watch", nil)
		a["Ours"], a["Theirs"], a["Channel"], source = watch, watch, s.w.say("this_line", nil), s.w.say("tests_source", nil)
	}
	id := undated
	if l.Date != nil {
		id, a["Date"], a["Ago"] = dated, *l.Date, s.ago(*l.Days)
	}
	text := s.w.say(id, a)
	if l.Differs {
		text = s.w.say("differs", args{"Text": said(text)})
	}
	s.put("contact", text, source)
}

func (s *speaker) contacts() {
	if since := s.m.in.Since; !since.IsZero() {
		if l := s.b.LastContact[contact.LevelPrincipal]; l == nil || l.Date == nil || *l.Date < since.UTC().Format(time.DateOnly) {
			s.say("contact", "since_none", args{"Since": since.UTC().Format(time.DateOnly)})
		}
	}
	for _, level := range contact.Levels {
		l := s.b.LastContact[level]
		a := args{"Level": said(s.w.say("level_"+level, nil))}
		if l == nil {
			s.say("contact", "last_none", a)
			continue
		}
		s.contact("last", "last_undated", a, l)
		for _, p := range s.b.Pairs {
			another := p.Ours != l.Ours || p.Theirs != l.Theirs
			if p.Level == level && another && (level == contact.LevelPrincipal || p.Last.Date == nil) {
				s.contact("pair", "pair_undated", args{}, p.Last)
			}
		}
	}
}

func (s *speaker) asked() {
	v := s.b.Invitations
	var ours, theirs []string
	for _, a := range v.All {
		switch a.Asker {
		case contact.AskedOurs:
			ours = append(ours, a.Source)
		case contact.AskedTheirs:
			theirs = append(theirs, a.Source)
		}
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
		s.say("asked", "sent", args{"N": *v.Sent, "Came": said(strings.Join(came, ", "))}, ours...)
	}
	if v.Received != nil {
		s.say("asked", "received", args{"N": *v.Received}, theirs...)
	}
	quoted := map[string]bool{}
	for _, a := range v.All {
		s.attempt(a)
		if a.Quote != "" && !quoted[a.Quote] {
			quoted[a.Quote] = true
			s.say("asked", "said_of", args{"Quote": a.Quote, "Source": a.Source}, a.Source)
		}
	}
}

// came says what came in the words of the language, or as it is told.
func (s *speaker) came(a Attempt) any {
	if a.Came == nil {
		return said(s.w.say("came_none", nil))
	}
	id := "outcome_" + strings.NewReplacer(", ", "_", " ", "_").Replace(*a.Came)
	if text := s.w.say(id, nil); text != "["+id+"]" {
		return said(text)
	}
	return *a.Came
}

func (s *speaker) attempt(a Attempt) {
	or := func(p *string, id string) any {
		if p == nil {
			return said(s.w.say(id, nil))
		}
		return *p
	}
	id := "attempt"
	if a.Asker == contact.AskedUnknown {
		id = "attempt_unknown"
	}
	s.say("asked", id, args{"From": a.From, "To": a.To, "Subject": s.or(a.Subject, "no_subject"), "Asked": or(a.Asked, "day_unknown"),
		"Receipt": or(a.Receipt, "none_held"), "Due": or(a.Due, "none_declared"), "Came": s.came(a)}, a.Source)
}

var pairIDs = map[string]string{PairAgreed: "pair_agreed", PairOurs: "pair_ours", PairTheirs: "pair_theirs", PairOthers: "pair_others", PairDiffers: "pair_differs"}

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
			case g.Kind == "practice":
				s.say("counterpart", "practice_undated", args{"Ours": c.Ours, "Theirs": g.Theirs, "N": g.Times}, g.Source)
			case g.Quote != "":
				s.say("counterpart", "said_of", args{"Quote": g.Quote, "Source": s.or(g.By, "somebody")}, g.Source)
			}
		}
	}
}

func (s *speaker) ahead() {
	if len(s.b.Opportunities) == 0 {
		s.say("ahead", "ahead_none", nil)
	}
	for _, o := range s.b.Opportunities {
		s.say("ahead", "ahead", args{"Date": o.Date, "Subject": s.or(o.Subject, "no_subject"), "Ours": o.Ours, "Theirs": o.Theirs,
			"State": said(s.w.say("state_"+o.State, nil))}, o.Source)
	}
}

var dialogueIDs = map[string]string{"held": "dialogue_held", "not held": "dialogue_not_held", "not held, told differently": "dialogue_not_held",
	"told differently": "dialogue_differs", "said": "dialogue_said", "unknown": "dialogue_unknown"}

// dialogues says how each stands, those of the line first.
func (s *speaker) dialogues() {
	for _, context := range []bool{false, true} {
		for _, d := range s.b.Dialogues {
			if d.Context == context {
				s.dialogue(d)
			}
		}
	}
}

func (s *speaker) dialogue(d Dialogue) {
	var sources []string
	for _, a := range d.Accounts {
		sources = append(sources, a.Source)
	}
	var date any = said(s.w.say("day_unknown", nil))
	if d.Date != nil {
		date = *d.Date
	}
	subject := d.Subject
	if subject == "" {
		subject = d.Ours + " – " + d.Theirs
	}
	text := s.w.say(dialogueIDs[d.State], args{"Subject": subject, "Date": date, "Ours": d.Ours, "Theirs": d.Theirs, "Accounts": len(d.Accounts),
		"By": s.or(d.Accounts[0].By, "somebody")})
	if d.Next != nil {
		text = s.w.say("next_"+*d.Next, args{"Text": said(text)})
	}
	if d.Context {
		text = s.w.say("context", args{"Text": said(text)})
	}
	s.put("dialogue", text, sources...)
}

func (s *speaker) incidents() {
	in := s.b.Incidents
	if in.Count == nil {
		s.say("incident", "incidents_none", nil)
		return
	}
	var sources []string
	for _, r := range s.m.in.Requests {
		if strings.HasPrefix(r.Code, "IN") && !r.Inside {
			sources = append(sources, r.Record)
		}
	}
	for _, c := range s.m.known {
		if c.Kind == contact.KindIncident && s.m.happened(c) {
			sources = append(sources, c.Source)
		}
	}
	var open any = said(s.w.say("open_unknown", nil))
	if in.Open != nil {
		open = *in.Open
	}
	s.say("incident", "incidents", args{"N": *in.Count, "Open": open, "Recent": in.Recent, "Before": in.Before}, sources...)
}
