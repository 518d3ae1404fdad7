// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"time"

	"openline/internal/desk/contact"
	"openline/line/linestate"
	"openline/record"
)

// Of makes the brief. words is the language of its sentences.
func Of(in Input, words *Words, three *linestate.Words) *Brief {
	m := maker{in: in}
	for _, c := range in.Contacts {
		if c.KnownBy().After(in.At) {
			continue
		}
		if m.ofTheLine(c) {
			m.known = append(m.known, c)
		} else {
			m.context = append(m.context, c)
		}
	}
	b := &Brief{
		Line: in.Line, Exercise: in.Exercise, AsOf: AsOf{in.At.UTC(), in.Positions},
		Wire:    State{string(in.State.Wire.Kind), since(in.State.Wire), list(in.Wire)},
		Watch:   State{string(in.State.Watch.Kind), since(in.State.Watch), list(in.Watch)},
		Offices: Offices{State: string(in.State.Offices.Kind), Since: since(in.State.Offices), Reasons: list(in.Offices)},
		Tests:   m.tests(),
	}
	for _, r := range in.Requests {
		switch {
		case !r.Awaits():
		case r.Ours:
			b.Offices.AwaitThem++
		default:
			b.Offices.AwaitUs++
		}
	}
	b.LastContact, b.Pairs = m.lastContacts(b.Tests)
	b.Invitations = m.invitations()
	b.Counterparts = m.counterparts()
	b.Opportunities = m.opportunities()
	b.Dialogues = m.dialogues()
	b.Incidents = m.incidents()
	b.Sentences = m.sentences(b, words, three)
	return b
}

type maker struct {
	in      Input
	known   []contact.Contact // between posts of the line, known at the hour
	context []contact.Contact
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func since(s linestate.Sentence) *time.Time {
	if s.Since == 0 {
		return nil
	}
	t := stamp(s.Since)
	return &t
}

func stamp(s record.Stamp) time.Time { return time.Unix(int64(s), 0).UTC() }

// ofTheLine reports whether a contact is between posts of the line. A side
// that declared none is taken at every post named for it.
func (m *maker) ofTheLine(c contact.Contact) bool {
	in := func(s Side, post string) bool { return len(s.Posts) == 0 || slices.Contains(s.Posts, post) }
	return in(m.in.Ours, c.Ours) && in(m.in.Theirs, c.Theirs)
}

// days counts calendar days in UTC.
func days(from, to time.Time) int {
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	return int(day(to).Sub(day(from)).Hours() / 24)
}

// happened reports whether a contact lies before the hour of the brief, as
// far as its time is known.
func (m *maker) happened(c contact.Contact) bool {
	return !c.Date.Known() || !c.Date.At.After(m.in.At)
}

func (m *maker) last(c contact.Contact) *Last {
	l := &Last{Ours: c.Ours, Theirs: c.Theirs, Channel: c.Channel, Source: c.Source}
	if c.Date.Known() {
		date, n := c.Date.String(), days(c.Date.At, m.in.At)
		l.Date, l.Days = &date, &n
	}
	return l
}

// newer reports whether a is to be preferred to b as the last contact: a
// known day before an unknown one, and the later before the earlier.
func newer(a, b contact.Contact) bool {
	if a.Date.Known() != b.Date.Known() {
		return a.Date.Known()
	}
	return a.Date.At.After(b.Date.At)
}

func (m *maker) lastContacts(tests Tests) (map[string]*Last, []Pair) {
	byLevel, chosen := map[string]*Last{}, map[string]contact.Contact{}
	pairs := map[[3]string]*Pair{}
	newest := map[[3]string]contact.Contact{}
	for _, l := range contact.Levels {
		byLevel[l] = nil
	}
	for _, c := range m.known {
		if !c.Spoke() || !m.happened(c) {
			continue
		}
		if old, ok := chosen[c.Level]; !ok || newer(c, old) {
			chosen[c.Level], byLevel[c.Level] = c, m.last(c)
		}
		key := [3]string{c.Level, c.Ours, c.Theirs}
		p := pairs[key]
		if p == nil {
			p = &Pair{Level: c.Level, Ours: c.Ours, Theirs: c.Theirs}
			pairs[key] = p
		}
		p.Held++
		if old, ok := newest[key]; !ok || newer(c, old) {
			newest[key], p.Last = c, m.last(c)
		}
	}
	m.watchContact(byLevel, tests)
	out := []Pair{}
	for _, p := range pairs {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(slices.Index(contact.Levels, a.Level), slices.Index(contact.Levels, b.Level)),
			cmp.Compare(deref(b.Last.Date), deref(a.Last.Date)), cmp.Compare(a.Ours, b.Ours), cmp.Compare(a.Theirs, b.Theirs))
	})
	return byLevel, out
}

// watchContact counts an answered test of the line as a contact of the
// watch.
func (m *maker) watchContact(byLevel map[string]*Last, tests Tests) {
	if tests.LastAnswered == nil {
		return
	}
	at := tests.LastAnswered.UTC()
	date := at.Format(time.RFC3339)
	if w := byLevel[contact.LevelWatch]; w != nil && w.Date != nil && *w.Date >= date {
		return
	}
	n := days(at, m.in.At)
	byLevel[contact.LevelWatch] = &Last{Date: &date, Days: &n, Ours: "watch", Theirs: "watch", Channel: "this line", Source: "line tests of both logs"}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// tests joins the tests of the line with those imported. A test of unknown
// outcome is not counted as due.
func (m *maker) tests() Tests {
	t := m.in.Tests
	var due, answered int
	var latest time.Time
	for _, c := range m.known {
		if c.Kind != contact.KindTest || c.Outcome == contact.OutcomeUnknown || !m.happened(c) {
			continue
		}
		due++
		if c.Outcome == contact.OutcomeAnswered {
			answered++
			if c.Date.Known() && c.Date.At.After(latest) {
				latest = c.Date.At
			}
		}
	}
	if due == 0 {
		return t
	}
	add := func(p *int, n int) *int {
		if p != nil {
			n += *p
		}
		return &n
	}
	t.Due, t.Answered, t.Missed = add(t.Due, due), add(t.Answered, answered), add(t.Missed, due-answered)
	if !latest.IsZero() && (t.LastAnswered == nil || latest.After(*t.LastAnswered)) {
		t.LastAnswered = &latest
	}
	return t
}

// incidents counts events. Several accounts of one event, told apart by who
// reports them, are one event.
func (m *maker) incidents() Incidents {
	type key struct{ day, subject, ours, theirs string }
	groups := map[key]map[string]int{}
	unknown := false
	for _, c := range m.known {
		if c.Kind != contact.KindIncident || !m.happened(c) || c.Date.Known() && c.Date.Until().Before(m.in.Since) {
			continue
		}
		day := "unknown"
		if c.Date.Known() {
			day = c.Date.At.Format(time.DateOnly)
		}
		unknown = unknown || c.Outcome == contact.OutcomeUnknown
		k := key{day, c.Subject, c.Ours, c.Theirs}
		if groups[k] == nil {
			groups[k] = map[string]int{}
		}
		groups[k][c.ReportedBy]++
	}
	if len(groups) == 0 {
		return Incidents{ByMonth: []Month{}}
	}
	count := 0
	in := Incidents{}
	months := map[string]int{}
	for k, reporters := range groups {
		n := 0
		for _, r := range reporters {
			n = max(n, r)
		}
		count += n
		d, err := time.Parse(time.DateOnly, k.day)
		if err != nil {
			continue
		}
		months[k.day[:7]] += n
		switch ago := days(d, m.in.At); {
		case ago < 30:
			in.Recent += n
		case ago < 60:
			in.Before += n
		}
	}
	in.Count = &count
	if !unknown {
		open := 0
		in.Open = &open
	}
	trend := [...]string{"falling", "steady", "rising"}[cmp.Compare(in.Recent, in.Before)+1]
	in.Trend = &trend
	in.ByMonth = []Month{}
	for month, n := range months {
		in.ByMonth = append(in.ByMonth, Month{month, n})
	}
	slices.SortFunc(in.ByMonth, func(a, b Month) int { return cmp.Compare(a.Month, b.Month) })
	return in
}

// opportunities are occasions that lie ahead.
func (m *maker) opportunities() []Opportunity {
	out := []Opportunity{}
	for _, c := range m.known {
		out = m.opportunity(out, c)
	}
	for _, c := range m.context {
		out = m.opportunity(out, c)
	}
	slices.SortStableFunc(out, func(a, b Opportunity) int { return cmp.Compare(a.Date, b.Date) })
	return out
}

func (m *maker) opportunity(out []Opportunity, c contact.Contact) []Opportunity {
	ahead := c.Date.Known() && c.Date.Until().After(m.in.At) && c.Date.String() != m.in.At.UTC().Format(time.DateOnly)
	if !ahead || c.Kind != contact.KindMeeting && c.Kind != contact.KindVisit && c.Kind != contact.KindContact {
		return out
	}
	state := "planned"
	if c.Outcome == contact.OutcomeCancelled || c.Outcome == contact.OutcomeDeclined {
		state = c.Outcome
	}
	return append(out, Opportunity{c.Date.String(), c.Ours, c.Theirs, c.Subject, c.Area, state, c.Note, c.Source})
}
