// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"slices"
	"strings"

	"openline/internal/desk/contact"
)

// asked says what was asked and what came, of each side alike.
func (s *speaker) asked() {
	v := s.b.Invitations
	if v.Sent == nil && v.Received == nil {
		s.say("asked", "sent_none", nil)
	}
	s.sent(ours, Came{v.Sent, v.Delivered, v.Answered, v.Declined, v.Redirected}, contact.AskedOurs)
	s.sent(theirs, v.FromThem, contact.AskedTheirs)
	if n := v.Soundings.Sent; n != nil {
		s.say("asked", "soundings_ours", args{"N": *n}, s.sourcesOf(contact.AskedOurs, true)...)
	}
	if n := v.Soundings.Received; n != nil {
		s.say("asked", "soundings_theirs", args{"N": *n}, s.sourcesOf(contact.AskedTheirs, true)...)
	}
	quoted := map[string]bool{}
	for _, a := range v.All {
		s.attempt(a)
		if a.Quote != "" && !quoted[a.Quote] {
			quoted[a.Quote] = true
			s.say("asked", "said_of", args{"Quote": a.Quote, "Source": s.or(a.By, "somebody")}, a.Source)
		}
	}
}

// sourcesOf are what the invitations of a side rest on, or its soundings.
func (s *speaker) sourcesOf(asker string, soundings bool) (out []string) {
	for _, a := range s.b.Invitations.All {
		if a.Asker == asker && (a.Kind == sounding) == soundings {
			out = append(out, sourcesIn(a.Source, a.Record != "")...)
		}
	}
	return out
}

func (s *speaker) sent(side string, c Came, asker string) {
	if c.Sent == nil {
		return
	}
	var came []string
	for _, x := range []struct {
		id string
		n  *int
	}{{"came_answered", c.Answered}, {"came_declined", c.Declined}, {"came_redirected", c.Redirected}} {
		if x.n != nil && *x.n > 0 {
			came = append(came, s.w.say(x.id, args{"N": *x.n}))
		}
	}
	if came == nil {
		came = []string{s.w.say("came_none", nil)}
	}
	s.say("asked", "sent_"+side, args{"N": *c.Sent, "Came": said(strings.Join(came, s.w.say("list_comma", nil)))}, s.sourcesOf(asker, false)...)
}

// came says what came in the words of the language, or as it is told.
func (s *speaker) came(a Attempt) string {
	text := s.w.say("came_none", nil)
	if a.Came != nil {
		text = s.outcome(*a.Came)
	}
	if len(a.Route) > 0 {
		text = s.within("moved", text, args{"Office": strings.Join(a.Route, "; ")})
	}
	if a.Words != "" {
		text = s.within("with_words", text, args{"Words": a.Words})
	}
	if a.Reminders > 0 {
		text = s.within("reminded", text, args{"N": a.Reminders})
	}
	if a.Crossed {
		text = s.within("crossed", text, nil)
	}
	return text
}

func (s *speaker) attempt(a Attempt) {
	or := func(p *string, id string) any {
		if p == nil {
			return said(s.w.say(id, nil))
		}
		return hmOf(*p)
	}
	id := "attempt"
	if a.Asker == contact.AskedUnknown {
		id = "attempt_unknown"
	}
	s.row("asked", id, args{"From": a.From, "To": a.To, "Subject": s.or(a.Subject, "no_subject"), "Asked": or(a.Asked, "day_unknown"),
		"Receipt": or(a.Receipt, "none_held"), "Due": or(a.Due, "none_declared"), "Came": said(s.came(a))}, sourcesIn(a.Source, a.Record != "")...)
}

// sourcesIn are the records that a line of the data names, or the one source.
func sourcesIn(source string, records bool) []string {
	if records {
		return strings.Split(source, ", ")
	}
	return []string{source}
}

var pairIDs = map[string]string{PairAgreed: "pair_agreed", PairOurs: "pair_ours", PairTheirs: "pair_theirs", PairOthers: "pair_others", PairDiffers: "pair_differs", PairPractice: "pair_practice"}

func (s *speaker) counterparts() {
	for _, c := range s.b.Counterparts {
		var sources []string
		for _, g := range c.Grounds {
			if g.Kind != "practice" {
				sources = append(sources, g.Source)
			}
		}
		text := s.w.say(pairIDs[c.State], args{"Ours": c.Ours, "Theirs": oneOf(c.Theirs)})
		if c.OnLine {
			text = s.within("on_line", text, args{"Subject": s.or(c.Subject, "no_subject")})
		}
		if c.Crossed {
			text = s.within("crossed", text, nil)
		}
		s.put("counterpart", text, sources...)
		for _, g := range c.Grounds {
			s.ground(c, g)
		}
	}
	for _, p := range s.b.Stances {
		s.say("counterpart", "stance_"+p.Side, args{"Subject": s.or(p.Subject, "no_subject"), "Quote": p.Text}, p.Source)
	}
}

// ground says what a view of a pair rests on.
func (s *speaker) ground(c Counterpart, g Ground) {
	switch {
	case g.Kind == "practice" && g.Date != nil:
		s.more("counterpart", "practice", args{"Ours": g.Ours, "Theirs": g.Theirs, "N": g.Times, "Date": *g.Date}, g.Source)
	case g.Kind == "practice":
		s.more("counterpart", "practice_undated", args{"Ours": g.Ours, "Theirs": g.Theirs, "N": g.Times}, g.Source)
	case g.Kind == "precedent":
		s.say("counterpart", "precedent", args{"Ours": g.Ours, "Theirs": g.Theirs, "Date": deref(g.Date), "Standing": said(s.outcome(g.Standing))}, g.Source)
	case g.Kind == "record" && !g.For && (g.Ours != c.Ours || g.Theirs != oneOf(c.Theirs)):
		s.say("counterpart", "names_"+g.Side, args{"Ours": g.Ours, "Theirs": g.Theirs}, g.Source)
	}
	if g.Quote != "" {
		s.say("counterpart", "said_by_"+g.Side, args{"On": said(s.on(c, g)), "Quote": g.Quote, "Source": s.or(g.By, "somebody")}, g.Source)
	}
}

// on names in brackets the posts of a ground, but for the one that all of a
// matter have alike.
func (s *speaker) on(c Counterpart, g Ground) string {
	var posts []string
	if len(c.OursPosts) > 1 {
		posts = append(posts, s.w.isolate(clean(g.Ours)))
	}
	if len(c.Theirs) > 1 {
		posts = append(posts, s.w.isolate(clean(g.Theirs)))
	}
	if posts == nil {
		return ""
	}
	return " (" + strings.Join(posts, " – ") + ")"
}

func (s *speaker) ahead() {
	if len(s.b.Opportunities) == 0 {
		s.say("ahead", "ahead_none", nil)
	}
	for _, o := range s.b.Opportunities {
		a := args{"Date": s.or(hmOf(o.Date), "day_unknown"), "Subject": s.or(o.Subject, "no_subject"), "Ours": o.Ours, "Theirs": o.Theirs, "State": said(s.state(o.State))}
		id := "ahead"
		if o.Forum {
			id = "ahead_forum"
			delete(a, "Ours")
			delete(a, "Theirs")
		}
		text := s.w.say(id, a)
		if o.Fallback != nil {
			text = s.within("fallback", text, args{"Date": hmOf(*o.Fallback)})
		}
		if o.Crossed {
			text = s.within("crossed", text, nil)
		}
		s.put("ahead", text, sourcesIn(o.Source, o.OnLine)...)
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
	by := ""
	for _, a := range d.Accounts {
		sources = append(sources, a.Source)
		by = a.By
	}
	subject := d.Subject
	if subject == "" {
		subject = d.Ours + " – " + d.Theirs
	}
	a := args{"Subject": subject, "Date": s.or(deref(d.Date), "day_unknown"), "Ours": d.Ours, "Theirs": d.Theirs, "Accounts": len(d.Accounts), "By": s.or(by, "somebody"), "State": said(s.state(d.State))}
	id := dialogueIDs[d.State]
	switch {
	case d.OnLine && d.Ours == "":
		id = "series"
	case d.OnLine:
		id = "dialogue_line"
	}
	text := s.w.say(id, a)
	if d.Review != nil {
		text = s.within("review", text, args{"Date": hmOf(*d.Review)})
	}
	if d.Next != nil && *d.Next != other {
		text = s.within("next_"+*d.Next, text, nil)
	}
	if d.Context {
		text = s.within("context", text, nil)
	}
	if d.Crossed {
		text = s.within("crossed", text, nil)
	}
	s.put("dialogue", text, sources...)
	for _, c := range d.Conditions {
		s.say("dialogue", "condition_"+c.Side, args{"Subject": subject, "Quote": c.Text}, c.Source)
	}
	for _, a := range d.Accounts {
		if a.Quote != "" {
			s.more("dialogue", "said_of", args{"Quote": a.Quote, "Source": s.or(a.By, "somebody")}, a.Source)
		}
	}
}

func (s *speaker) incidents() {
	in := s.b.Incidents
	if in.Count == nil {
		s.say("incident", "incidents_none", nil)
		return
	}
	var sources []string
	for _, i := range in.Items {
		sources = append(sources, i.Record)
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
	for _, i := range in.Items {
		s.incident(i)
	}
}

// incident says how a thread on the line stands.
func (s *speaker) incident(i Item) {
	text := s.w.say("incident_"+i.By, args{"Record": i.Record, "Kind": s.or(i.Kind, "no_subject"), "Date": hmOf(i.Date), "State": said(s.state(i.State))})
	if i.AskedUs > 0 {
		text = s.within("explain_ours", text, nil)
	}
	if i.AskedThem > 0 {
		text = s.within("explain_theirs", text, nil)
	}
	if i.Next != nil && slices.Contains([]string{ours, theirs, "both"}, i.NextBy) {
		text = s.within("next_word", text, args{"Date": hmOf(*i.Next)})
	}
	if i.Unmeant != "" {
		text = s.within("unmeant_"+i.Unmeant, text, nil)
	}
	if i.Crossed {
		text = s.within("crossed", text, nil)
	}
	s.put("incident", text, i.Record)
}
