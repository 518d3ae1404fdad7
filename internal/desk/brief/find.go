// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"time"

	"openline/internal/desk/contact"
	"openline/line/linestate"
	"openline/record"
)

// Of makes the brief. words is the language of its sentences.
func Of(in Input, words *Words, three *linestate.Words) *Brief {
	m := maker{in: in, ours: foldedSet(in.Ours.Posts), theirs: foldedSet(in.Theirs.Posts)}
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
	if in.Positions == nil {
		in.Positions = map[string]uint64{}
	}
	m.findLevels()
	m.here = m.spokenHere()
	b := &Brief{
		Line: in.Line, Exercise: in.Exercise, AsOf: AsOf{in.At.UTC(), in.Positions},
		Wire:    State{string(in.State.Wire.Kind), since(in.State.Wire), list(in.Wire)},
		Watch:   State{string(in.State.Watch.Kind), since(in.State.Watch), list(in.Watch)},
		Offices: Offices{State: string(in.State.Offices.Kind), Since: since(in.State.Offices), Reasons: list(in.Offices)},
		Tests:   m.tests(),
	}
	b.Owed, b.Awaited, b.Suspended = m.owed(true), m.owed(false), m.suspended()
	b.Offices.AwaitUs, b.Offices.AwaitThem = len(b.Owed), len(b.Awaited)
	b.LastContact, b.Pairs = m.lastContacts(b.Tests)
	b.Invitations = m.invitations()
	b.Counterparts, b.Stances = m.counterparts(), m.stances()
	if b.Counterparts == nil {
		b.Counterparts = []Counterpart{}
	}
	b.Opportunities = m.opportunities()
	b.Dialogues = m.dialogues()
	b.Incidents = m.incidents()
	b.New = m.news()
	b.Sentences = m.sentences(b, words, three)
	return b
}

type maker struct {
	byRecord map[string]*Request // made when first asked for
	between  []matter            // likewise

	in      Input
	known   []contact.Contact // between posts of the line, known at the hour
	context []contact.Contact
	here    []contact.Contact // made of what was said on this line to have been held
	levels  map[string]string // of posts, by folded name

	ours, theirs map[string]bool // folded names of the posts of the line
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
	return (len(m.ours) == 0 || m.ours[folded(c.Ours)]) && (len(m.theirs) == 0 || m.theirs[folded(c.Theirs)])
}

func foldedSet(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[folded(n)] = true
	}
	return out
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

// newer reports whether a is to be preferred to b as the last contact: a
// known day before an unknown one, and the later before the earlier.
func newer(a, b contact.Contact) bool {
	if a.Date.Known() != b.Date.Known() {
		return a.Date.Known()
	}
	return a.Date.At.After(b.Date.At)
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
