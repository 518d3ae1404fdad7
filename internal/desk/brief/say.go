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
var parts = []string{"owed", "state", "new", "contact", "asked", "counterpart", "ahead", "dialogue", "incident"}

type speaker struct {
	m   *maker
	b   *Brief
	w   *Words
	out []Sentence
	// lineTag is the language of the three sentences.
	lineTag     string
	invitations map[string]bool // by record; made when first asked for
}

// sentences writes the page, what we owe and await first. A sentence that one
// side could say of itself has its twin for the other: swap the parties, and
// each is its mirror image.
func (m *maker) sentences(b *Brief, w *Words, three *linestate.Words) []Sentence {
	s := &speaker{m: m, b: b, w: w, lineTag: w.tag, out: make([]Sentence, 0, len(b.Owed)+len(b.Awaited)+len(b.Invitations.All)+64)}
	if three == w.line {
		s.lineTag = w.lineTag
	}
	s.owed(ours, b.Owed)
	s.owed(theirs, b.Awaited)
	s.wire(three)
	s.put("watch", three.Say(m.in.State.Watch), m.in.Watch...)
	s.put("offices", three.Say(m.in.State.Offices), m.in.Offices...)
	s.suspended()
	s.testsOfTheLine()
	s.news()
	s.contacts()
	s.asked()
	s.counterparts()
	s.ahead()
	s.dialogues()
	s.incidents()
	return s.out
}

func (s *speaker) put(part, text string, sources ...string) {
	if text == "" {
		return // a state that is not told
	}
	list := distinct(sources)
	if list == nil {
		list = []string{s.w.say("own_record", nil)}
	}
	tag := s.w.tag
	if part == "wire" || part == "watch" || part == "offices" {
		tag = s.lineTag
	}
	s.out = append(s.out, Sentence{Text: text, Lang: tag, Sources: list, Part: part})
}

// distinct are the sources that are named, each once.
func distinct(sources []string) (list []string) {
	if len(sources) > manySources {
		had := make(map[string]bool, len(sources))
		for _, src := range sources {
			if src != "" && !had[src] {
				had[src] = true
				list = append(list, src)
			}
		}
		return list
	}
	for _, src := range sources {
		if src != "" && !slices.Contains(list, src) {
			list = append(list, src)
		}
	}
	return list
}

// manySources is from how many on a set finds what is named twice.
const manySources = 16

func (s *speaker) say(part, id string, a args, sources ...string) {
	s.put(part, s.w.say(id, a), sources...)
}

// row says what the page has in a table.
func (s *speaker) row(part, id string, a args, sources ...string) {
	s.say(part, id, a, sources...)
	s.out[len(s.out)-1].table = true
}

// more says what only the whole page has room for.
func (s *speaker) more(part, id string, a args, sources ...string) {
	s.say(part, id, a, sources...)
	s.out[len(s.out)-1].detail = true
}

// within says a sentence of ours that stands in another one, as text.
func (s *speaker) within(id string, text string, a args) string {
	if a == nil {
		a = args{}
	}
	a["Text"] = said(text)
	return s.w.say(id, a)
}

func hm(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }

// hmOf writes an hour of the data as it is read.
func hmOf(s string) string {
	if len(s) == len("2006-01-02T15:04:05Z") && s[10] == 'T' && s[13] == ':' && s[16] == ':' && s[19] == 'Z' {
		return s[:10] + " " + s[11:16] + "Z" // as every hour of the data is written
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return hm(t)
	}
	return s
}

// owed says how many requests await a side, and lists them. An invitation of
// ours stands in the table of what was asked.
func (s *speaker) owed(side string, list []Owed) {
	part := map[string]string{ours: "owed", theirs: "awaited"}[side]
	if len(list) == 0 {
		s.say(part, "await_none_"+side, nil)
		return
	}
	oldest := list[0].Asked
	var sources []string
	for _, o := range list {
		oldest = min(oldest, o.Asked)
		sources = append(sources, o.Record)
	}
	at, err := time.Parse(time.RFC3339, oldest)
	if err != nil {
		at = s.m.in.At
	}
	s.say(part, "await_"+side, args{"N": len(list), "Date": at.Format(time.DateOnly), "Ago": s.ago(days(at, s.m.in.At))}, sources...)
	for _, o := range list {
		text := s.w.say("item", args{"Record": o.Record, "From": o.From, "To": o.To, "Kind": said(s.kind(o.Code)), "Subject": s.or(o.Subject, "no_subject"), "Date": o.Asked[:len(time.DateOnly)]})
		switch {
		case o.Past != nil && o.Due != nil:
			text = s.within("hour_past_"+side, text, args{"Due": hmOf(*o.Due)})
		case o.Held != nil:
			text = s.within("hour_held_"+side, text, args{"Due": hmOf(*o.Held)})
		case o.Due != nil:
			text = s.within("hour_"+side, text, args{"Due": hmOf(*o.Due)})
		}
		if o.Crossed {
			text = s.within("crossed", text, nil)
		}
		s.put(part, text, o.Record)
		s.out[len(s.out)-1].table = side == theirs && s.invited(o.Record)
	}
}

func (s *speaker) invited(name string) bool {
	if s.invitations == nil {
		s.invitations = make(map[string]bool, len(s.b.Invitations.All))
		for _, a := range s.b.Invitations.All {
			s.invitations[a.Record] = true
		}
	}
	return s.invitations[name]
}

// kind names what a request asks for.
func (s *speaker) kind(code string) string {
	id := map[string]string{"CR01": "kind_call", "MT01": "kind_meeting", "SD01": "kind_sounding", "CP01": "kind_counterpart", "IN02": "kind_explanation"}[code]
	if id == "" {
		id = "kind_request"
	}
	return s.w.say(id, args{"Code": code})
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

func (s *speaker) suspended() {
	for _, x := range s.b.Suspended {
		var review any = said(s.w.say("not_given", nil))
		if x.Review != nil {
			review = hmOf(*x.Review)
		}
		s.say("suspended", "suspended_"+x.By, args{"Class": said(s.w.say("class_"+x.Class, nil)), "From": hmOf(x.From), "Review": review}, x.Source)
	}
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

func (s *speaker) or(text, id string) any {
	if text == "" {
		return said(s.w.say(id, nil))
	}
	return text
}

// news says what became known since the hour that was asked for.
func (s *speaker) news() {
	n := s.b.New
	if n == nil {
		return
	}
	since := n.Since[:len(time.DateOnly)]
	if len(n.Items) == 0 {
		s.say("new", "new_none", args{"Since": since})
		return
	}
	var sources []string
	for _, i := range n.Items {
		sources = append(sources, i.Source)
	}
	s.say("new", "new", args{"Since": since, "Requests": n.Requests, "Replies": n.Replies, "Accounts": n.Accounts}, sources...)
	told := map[string]bool{}
	for _, i := range n.Items {
		text := s.w.say("new_item", args{"Known": i.Known[:len(time.DateOnly)], "Kind": said(s.w.say("new_"+i.Kind, nil)), "Ours": i.Ours, "Theirs": i.Theirs,
			"What": said(s.outcome(tookPlace(i))), "Date": s.or(short10(i.Date), "day_unknown")})
		if !told[text] {
			s.put("new", text, i.Source)
		}
		told[text] = true
	}
}

// tookPlace tells an account of a contact that was held from a reply that is.
func tookPlace(i NewItem) string {
	if i.What == contact.OutcomeHeld && i.Kind != "reply" {
		return "took place"
	}
	return i.What
}

// short10 is the day of a time.
func short10(s string) string { return s[:min(len(s), len(time.DateOnly))] }

// outcome says what came in the words of the language, or as it is told.
func (s *speaker) outcome(what string) string { return s.named("outcome_", what) }

// state says how an occasion, a dialogue or an incident stands.
func (s *speaker) state(what string) string {
	if s.w.has("state_" + idOf(what)) {
		return s.named("state_", what)
	}
	return s.outcome(what)
}

func (s *speaker) named(prefix, what string) string {
	if id := prefix + idOf(what); s.w.has(id) {
		return s.w.say(id, nil)
	}
	return s.w.isolate(clean(what))
}

var idReplacer = strings.NewReplacer(", ", "_", " ", "_", "-", "_")

func idOf(what string) string { return idReplacer.Replace(what) }

// contact says when two posts last spoke.
func (s *speaker) contact(dated, undated string, a args, l *Last) {
	a["Ours"], a["Theirs"], a["Channel"] = l.Ours, l.Theirs, s.channel(l.Channel)
	source := l.Source
	if l.Source == lineTests {
		watch := said(s.w.say("level_watch", nil))
		a["Ours"], a["Theirs"], source = watch, watch, s.w.say("tests_source", nil)
	}
	id := undated
	if l.Date != nil {
		id, a["Date"], a["Ago"] = dated, short10(*l.Date), s.ago(*l.Days)
	}
	text := s.w.say(id, a)
	if l.Differs {
		text = s.within("differs", text, nil)
	}
	s.put("contact", text, source)
	s.out[len(s.out)-1].table = true
}

func (s *speaker) channel(c string) any {
	switch c {
	case "":
		return said(s.w.say("no_channel", nil))
	case thisLine:
		return said(s.w.say("this_line", nil))
	}
	return c
}

// contacts says when the posts last spoke by level; what no level speaks for
// is in the table.
func (s *speaker) contacts() {
	if since := s.m.in.Since; !since.IsZero() {
		day := since.UTC().Format(time.DateOnly)
		l := s.b.LastContact[contact.LevelPrincipal]
		unlevelled := slices.ContainsFunc(s.b.Pairs, func(p Pair) bool { return p.Level == "" && dateOf(p) >= day })
		if (l == nil || l.Date != nil && *l.Date < day) && !unlevelled {
			s.say("contact", "since_none", args{"Since": day})
		}
	}
	var none []string
	for _, level := range contact.Levels {
		l := s.b.LastContact[level]
		name := s.w.say("level_"+level, nil)
		if l == nil {
			none = append(none, name)
			continue
		}
		s.contact("last", "last_undated", args{"Level": said(name)}, l)
		for _, p := range s.b.Pairs {
			if p.Level == level && p.Last != nil && (p.Ours != l.Ours || p.Theirs != l.Theirs) {
				s.contact("pair", "pair_undated", args{}, p.Last)
			}
		}
	}
	for _, p := range s.b.Pairs {
		if p.Level == "" && p.Last != nil {
			s.contact("pair", "pair_undated", args{}, p.Last)
		}
	}
	if none != nil {
		s.say("contact", "levels_none", args{"Levels": said(strings.Join(none, s.w.say("list_comma", nil)))})
	}
}
