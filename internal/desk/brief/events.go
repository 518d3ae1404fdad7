// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"time"

	"openline/internal/desk/contact"
)

// event is what the rows tell of that have the same posts and day: accounts
// of one event, or several events of one day.
type event struct {
	key  eventKey
	rows []contact.Contact
}

type eventKey struct{ level, ours, theirs, day string }

// n is how many events there were, at least: as many as one reporter tells of.
func (e event) n(tells func(contact.Contact) bool) (n int) {
	by := map[string]int{}
	for _, c := range e.rows {
		if tells(c) {
			by[c.ReportedBy]++
			n = max(n, by[c.ReportedBy])
		}
	}
	return n
}

// spoken groups what is known of posts that spoke, or were to speak, by the
// hour of the brief.
func (m *maker) spoken() []event {
	by := map[eventKey]*event{}
	var order []eventKey
	here := map[string]bool{}
	for _, c := range m.here {
		here[c.Record] = true
	}
	for i, c := range slices.Concat(m.here, m.known) {
		if !meets(c) || !m.happened(c) || i >= len(m.here) && here[c.Record] {
			continue // what the line itself says is not counted again
		}
		k := eventKey{levelOf(c), folded(c.Ours), folded(c.Theirs), dayOf(c)}
		if by[k] == nil {
			by[k] = &event{key: k}
			order = append(order, k)
		}
		by[k].rows = append(by[k].rows, c)
	}
	var out []event
	for _, k := range order {
		if e := *by[k]; slices.ContainsFunc(e.rows, contact.Contact.Spoke) {
			slices.SortStableFunc(e.rows, byWord)
			out = append(out, e)
		}
	}
	return out
}

// meets reports whether a row is of two posts speaking, had it come to it.
func meets(c contact.Contact) bool {
	switch c.Kind {
	case contact.KindContact, contact.KindMeeting, contact.KindVisit, contact.KindTest:
		return true
	}
	return false
}

// levelOf is the level a contact counts at: an answered test is the watch's.
func levelOf(c contact.Contact) string {
	if c.Kind == contact.KindTest {
		return contact.LevelWatch
	}
	return c.Level
}

func dayOf(c contact.Contact) string {
	if !c.Date.Known() {
		return ""
	}
	return c.Date.At.UTC().Format(time.DateOnly)
}

// byWord puts first what says that they spoke, then the better word for it,
// then the later hour.
func byWord(a, b contact.Contact) int {
	rank := func(c contact.Contact) int {
		return slices.Index([]string{"official", "record", "anonymous", "press"}, c.Attribution)
	}
	said := func(c contact.Contact) int {
		if c.Spoke() {
			return 0
		}
		return 1
	}
	return cmp.Or(said(a)-said(b), rank(a)-rank(b), b.Date.At.Compare(a.Date.At))
}

// differs reports whether an account of the event says that it did not come
// to it.
func (e event) differs() bool {
	return slices.ContainsFunc(e.rows, func(c contact.Contact) bool {
		return c.Kind != contact.KindTest && (c.Outcome == contact.OutcomeCancelled || c.Outcome == contact.OutcomeDeclined || c.Outcome == contact.OutcomeUnanswered)
	})
}

// first is the row that speaks for the event.
func (e event) first() contact.Contact { return e.rows[0] }

// times counts how often a pair spoke, at least. What was told without its
// day may be what became known with it later, and is not counted beside it.
func times(events []event) (n int) {
	undated := 0
	for _, e := range events {
		if e.key.day == "" {
			undated += e.n(contact.Contact.Spoke)
		} else {
			n += e.n(contact.Contact.Spoke)
		}
	}
	for _, e := range events {
		if undated == 0 {
			break
		}
		if e.key.day != "" && laterKnown(e, events) {
			undated--
		}
	}
	return n + undated
}

// laterKnown reports whether an event became known after one without a day,
// and happened before that one was known.
func laterKnown(e event, events []event) bool {
	return slices.ContainsFunc(events, func(u event) bool {
		return u.key.day == "" && e.first().KnownBy().After(u.first().KnownBy()) && !e.first().Date.At.After(u.first().KnownBy())
	})
}

func (m *maker) lastContacts(tests Tests) (map[string]*Last, []Pair) {
	byLevel := map[string]*Last{}
	for _, l := range contact.Levels {
		byLevel[l] = nil
	}
	chosen := map[string]event{}
	pairs := map[eventKey][]event{}
	for _, e := range m.spoken() {
		level := e.key.level
		if old, ok := chosen[level]; level != "" && (!ok || newer(e.first(), old.first())) {
			chosen[level], byLevel[level] = e, m.last(e)
		}
		k := eventKey{level, e.key.ours, e.key.theirs, ""}
		pairs[k] = append(pairs[k], e)
	}
	m.watchContact(byLevel, tests)
	out := []Pair{}
	for k, events := range pairs {
		newest := newestOf(events).first()
		out = append(out, Pair{Level: k.level, Ours: newest.Ours, Theirs: newest.Theirs, Held: times(events), Last: m.last(newestOf(events)), Channels: m.channels(events)})
	}
	slices.SortFunc(out, comparePairs)
	out = m.awaiting(out)
	slices.SortFunc(out, comparePairs)
	return byLevel, out
}

func comparePairs(a, b Pair) int {
	return cmp.Or(cmp.Compare(rankOfLevel(a), rankOfLevel(b)), cmp.Compare(dateOf(b), dateOf(a)), cmp.Compare(a.Ours, b.Ours), cmp.Compare(a.Theirs, b.Theirs))
}

// newestOf is the event that is to be preferred as the last one.
func newestOf(events []event) event {
	newest := events[0]
	for _, e := range events[1:] {
		if newer(e.first(), newest.first()) {
			newest = e
		}
	}
	return newest
}

func rankOfLevel(p Pair) int {
	if i := slices.Index(contact.Levels, p.Level); i >= 0 {
		return i
	}
	return len(contact.Levels)
}

func dateOf(p Pair) string {
	if p.Last == nil {
		return ""
	}
	return deref(p.Last.Date)
}

// channels are the newest contact by each channel, the newest first.
func (m *maker) channels(events []event) []Channel {
	by := map[string][]event{}
	for _, e := range events {
		by[folded(e.first().Channel)] = append(by[folded(e.first().Channel)], e)
	}
	out := []Channel{}
	for _, list := range by {
		l := m.last(newestOf(list))
		out = append(out, Channel{l.Channel, l.Date, l.Days, l.Source})
	}
	slices.SortFunc(out, func(a, b Channel) int {
		return cmp.Or(cmp.Compare(deref(b.Date), deref(a.Date)), cmp.Compare(a.Channel, b.Channel))
	})
	return out
}

// awaiting adds to each pair of posts what awaits either of the two.
func (m *maker) awaiting(list []Pair) []Pair {
	for _, r := range m.in.Requests {
		if !r.Awaits() {
			continue
		}
		mine, yours := r.From, r.To
		if !r.Ours {
			mine, yours = r.To, r.From
		}
		i := slices.IndexFunc(list, func(p Pair) bool { return sameText(p.Ours, mine) && sameText(p.Theirs, yours) })
		if i < 0 {
			i = len(list)
			list = append(list, Pair{Level: m.levelOf(mine, yours), Ours: mine, Theirs: yours, Channels: []Channel{}})
		}
		if r.Ours {
			list[i].AwaitThem++
		} else {
			list[i].AwaitUs++
		}
	}
	return list
}

func (m *maker) last(e event) *Last {
	c := e.first()
	l := &Last{Ours: c.Ours, Theirs: c.Theirs, Channel: c.Channel, Source: c.Source, Differs: e.differs()}
	if c.Date.Known() {
		date, n := c.Date.String(), days(c.Date.At, m.in.At)
		l.Date, l.Days = &date, &n
	}
	return l
}

// watchContact counts a test of the line that a person answered as a contact
// of the watch.
func (m *maker) watchContact(byLevel map[string]*Last, tests Tests) {
	if m.in.Tests.LastAnswered == nil {
		return
	}
	at := m.in.Tests.LastAnswered.UTC()
	date := at.Format(time.RFC3339)
	if w := byLevel[contact.LevelWatch]; w != nil && w.Date != nil && *w.Date >= date {
		return
	}
	n := days(at, m.in.At)
	byLevel[contact.LevelWatch] = &Last{Date: &date, Days: &n, Ours: "watch", Theirs: "watch", Channel: "this line", Source: lineTests}
}

// lineTests is the source of what the line's own tests show.
const lineTests = "line tests of both logs"

// sameText reports whether two names are one: case and space count for
// nothing.
func sameText(a, b string) bool { return a == b || folded(a) == folded(b) }
