// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"openline/internal/desk/contact"
)

// invitations is the table asked / came: what was asked on the line, and
// what is known of invitations by other ways. A row that tells of a record
// on the line is not counted beside it.
func (m *maker) invitations() Invitations {
	v := Invitations{Open: []Attempt{}, All: []Attempt{}}
	onLine := map[string]bool{}
	for _, r := range m.in.Requests {
		if r.Invitation {
			onLine[r.Record] = true
			v.All = append(v.All, m.attemptOf(r))
		}
	}
	for _, c := range m.known {
		if c.Kind == contact.KindInvitation && !onLine[c.Record] && m.happened(c) && c.Asked != contact.AskedUnknown {
			v.All = append(v.All, importedAttempt(c))
		}
	}
	slices.SortStableFunc(v.All, func(a, b Attempt) int { return cmp.Compare(deref(a.Asked), deref(b.Asked)) })
	var sent, received, delivered, answered, declined, redirected int
	told := false
	for _, a := range v.All {
		if !a.Ours {
			received++
		} else {
			sent++
			switch a.Outcome {
			case "answered", "held", "in principle", "on condition":
				answered++
			case "declined":
				declined++
			case "redirected":
				redirected++
			}
			if a.Receipt != nil || deliveredBy(a.Outcome) {
				delivered++
				told = true
			}
		}
		if a.Came == nil && a.Outcome != "withdrawn" || a.Outcome == "held" {
			v.Open = append(v.Open, a)
		}
	}
	if sent > 0 {
		v.Sent, v.Answered, v.Declined, v.Redirected = &sent, &answered, &declined, &redirected
		if told {
			v.Delivered = &delivered
		}
	}
	if received > 0 {
		v.Received = &received
	}
	return v
}

func deliveredBy(outcome string) bool {
	return slices.Contains([]string{"delivered", "answered", "declined", "redirected"}, outcome)
}

func (m *maker) attemptOf(r Request) Attempt {
	a := Attempt{Ours: r.Ours, From: r.From, To: r.To, Subject: r.Subject, Asked: day(r.Asked), Receipt: hour(r.Receipt), Due: hour(r.Due),
		Outcome: r.Outcome, Source: r.Record}
	if r.Came != "" {
		a.Came = &r.Came
		a.Source += ", " + r.By
	}
	return a
}

func importedAttempt(c contact.Contact) Attempt {
	a := Attempt{Ours: c.Asked == contact.AskedOurs, From: c.Ours, To: c.Theirs, Subject: c.Subject, Outcome: c.Outcome, Source: c.Source, Quote: c.Quote}
	if !a.Ours {
		a.From, a.To = c.Theirs, c.Ours
	}
	if c.Date.Known() {
		a.Asked = day(c.Date.At)
	}
	switch c.Outcome {
	case contact.OutcomeAnswered, contact.OutcomeDeclined, contact.OutcomeRedirected, contact.OutcomeHeld, contact.OutcomeCancelled:
		came := c.Outcome
		a.Came = &came
	}
	if c.Outcome == contact.OutcomeHeld {
		a.Outcome = contact.OutcomeAnswered
	}
	return a
}

func day(t time.Time) *string { return formatted(t, time.DateOnly) }

func hour(t time.Time) *string { return formatted(t, time.RFC3339) }

func formatted(t time.Time, layout string) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(layout)
	return &s
}

// counterparts says, for each post of ours that anything is known of, with
// which posts of theirs it is paired, by whose statement and what practice.
func (m *maker) counterparts() []Counterpart {
	speakers := m.speakers()
	by := map[string]*Counterpart{}
	var order []string
	for _, c := range m.known {
		if c.Kind != contact.KindStatement || c.Subject != "counterpart" {
			continue
		}
		cp := by[c.Ours]
		if cp == nil {
			cp = &Counterpart{Ours: c.Ours, Subject: c.Subject}
			by[c.Ours] = cp
			order = append(order, c.Ours)
		}
		g := Ground{Kind: "statement", By: c.ReportedBy, Side: speakers.side(c.ReportedBy), Theirs: c.Theirs, Attribution: c.Attribution, Quote: c.Quote, Source: c.Source}
		if c.Date.Known() {
			g.Date = day(c.Date.At)
		}
		cp.Grounds = append(cp.Grounds, g)
	}
	out := []Counterpart{}
	for _, post := range order {
		cp := by[post]
		cp.judge()
		cp.Grounds = append(cp.Grounds, m.practice(post)...)
		out = append(out, *cp)
	}
	return out
}

// judge finds the state of a pair from who named which post. What one side
// debates within itself is its own; two sides that name different posts see
// the pair differently.
func (cp *Counterpart) judge() {
	ours, others := map[string]bool{}, map[string]bool{}
	for _, g := range cp.Grounds {
		if !slices.Contains(cp.Theirs, g.Theirs) {
			cp.Theirs = append(cp.Theirs, g.Theirs)
		}
		if g.Side == "ours" {
			ours[g.Theirs] = true
		} else {
			others[g.Theirs] = true
		}
	}
	switch {
	case len(others) == 0:
		cp.State = PairOurs
	case len(ours) == 0:
		cp.State = PairTheirs
	default:
		cp.State = PairAgreed
		for post := range others {
			if !ours[post] || len(ours) > 1 {
				cp.State = PairDiffers
			}
		}
		for post := range ours {
			if !others[post] {
				cp.State = PairDiffers
			}
		}
	}
}

// practice counts with whom a post really spoke.
func (m *maker) practice(post string) []Ground {
	type count struct {
		n    int
		last contact.Contact
	}
	by := map[string]*count{}
	for _, c := range m.known {
		if c.Ours != post || !c.Spoke() || !m.happened(c) {
			continue
		}
		if by[c.Theirs] == nil {
			by[c.Theirs] = &count{last: c}
		}
		by[c.Theirs].n++
		if newer(c, by[c.Theirs].last) {
			by[c.Theirs].last = c
		}
	}
	var out []Ground
	for theirs, c := range by {
		g := Ground{Kind: "practice", Theirs: theirs, Times: c.n, Source: c.last.Source}
		if c.last.Date.Known() {
			g.Date = day(c.last.Date.At)
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Ground) int { return cmp.Or(b.Times-a.Times, cmp.Compare(a.Theirs, b.Theirs)) })
	return out
}

// speakers tells on whose side somebody speaks, by the words that only one
// side's titles and posts use.
type speakers struct{ ours, theirs map[string]bool }

func (m *maker) speakers() speakers {
	ours, theirs := words(m.in.Ours.Title), words(m.in.Theirs.Title)
	add := func(into map[string]bool, texts ...string) {
		for _, t := range texts {
			for w := range words(t) {
				into[w] = true
			}
		}
	}
	add(ours, m.in.Ours.Posts...)
	add(theirs, m.in.Theirs.Posts...)
	for _, c := range m.known {
		add(ours, c.Ours)
		add(theirs, c.Theirs)
	}
	for w := range ours {
		if theirs[w] {
			delete(ours, w)
			delete(theirs, w)
		}
	}
	return speakers{ours, theirs}
}

// words gives the telling words of a title: their first five letters, so
// that a country and its people are one.
func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		w = strings.ToLower(w)
		if len([]rune(w)) < 2 || slices.Contains([]string{"of", "the", "and", "for", "in", "on", "official", "officials", "spokesperson", "press"}, w) {
			continue
		}
		out[stem(w)] = true
	}
	return out
}

func stem(w string) string {
	if r := []rune(w); len(r) > 4 {
		return string(r[:4])
	}
	return w
}

func (s speakers) side(by string) string {
	n := 0
	for w := range words(by) {
		if s.ours[w] {
			n++
		}
		if s.theirs[w] {
			n--
		}
	}
	switch {
	case n > 0:
		return "ours"
	case n < 0:
		return "theirs"
	}
	return "other"
}

// dialogues are meetings below the principals by subject, and what was said
// of a dialogue; those between posts that are not of the line as context.
func (m *maker) dialogues() []Dialogue {
	out := []Dialogue{}
	for _, c := range m.known {
		out = m.dialogue(out, c, false)
	}
	for _, c := range m.context {
		out = m.dialogue(out, c, true)
	}
	for i := range out {
		out[i].judge()
	}
	slices.SortStableFunc(out, func(a, b Dialogue) int { return cmp.Compare(deref(b.Date), deref(a.Date)) })
	return out
}

func (m *maker) dialogue(out []Dialogue, c contact.Contact, context bool) []Dialogue {
	meeting := c.Kind == contact.KindMeeting && c.Level != contact.LevelPrincipal && c.Date.Known() && m.happened(c)
	said := c.Kind == contact.KindStatement && strings.HasPrefix(c.Subject, "dialogue") && m.happened(c)
	if !meeting && !said {
		return out
	}
	a := Account{c.ReportedBy, c.Outcome, c.Attribution, c.Quote, c.Note, c.Source}
	if said {
		a.Outcome = "said"
	}
	date := c.Date.String()
	for i := range out {
		d := &out[i]
		if d.Subject != c.Subject || d.Ours != c.Ours || d.Theirs != c.Theirs {
			continue
		}
		switch {
		case deref(d.Date) == date:
			d.Accounts = append(d.Accounts, a)
		case deref(d.Date) < date: // the newest event of a series speaks for it
			d.Date, d.Accounts = &date, []Account{a}
		}
		return out
	}
	d := Dialogue{Subject: c.Subject, Ours: c.Ours, Theirs: c.Theirs, Context: context, Accounts: []Account{a}}
	if c.Date.Known() {
		d.Date = &date
	}
	return append(out, d)
}

func (d *Dialogue) judge() {
	outcomes := map[string]bool{}
	for _, a := range d.Accounts {
		outcomes[a.Outcome] = true
	}
	switch {
	case len(outcomes) > 1:
		d.State = "told differently"
		if !outcomes[contact.OutcomeHeld] {
			d.State = "not held, told differently"
		}
	case outcomes["said"]:
		d.State = "said"
	case outcomes[contact.OutcomeHeld]:
		d.State = "held"
	case outcomes[contact.OutcomeUnknown]:
		d.State = "unknown"
	default:
		d.State = "not held"
	}
}
