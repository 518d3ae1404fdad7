// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"openline/internal/desk/contact"
)

// compareOwed puts the hour that comes first before the others, then what was
// asked first.
func compareOwed(a, b Owed) int {
	due := func(o Owed) string {
		if o.Due == nil {
			return "~" // after every hour
		}
		return *o.Due
	}
	return cmp.Or(cmp.Compare(due(a), due(b)), cmp.Compare(a.Asked, b.Asked), cmp.Compare(a.Record, b.Record))
}

// sounding is the kind of what commits nobody and is counted apart.
const sounding = "sounding"

// invitations is the table asked / came: what was asked on the line, and
// what is known of invitations by other ways. A row that tells of a record
// on the line is not counted beside it; one of which it is not known who
// asked is shown and not counted.
func (m *maker) invitations() Invitations {
	v := Invitations{Open: []Attempt{}, All: make([]Attempt, 0, len(m.matters()))}
	var sent, received tally
	var sounded [2]int
	onLine := map[string]bool{}
	for _, x := range m.matters() {
		onLine[x.record] = true
		a := m.attempt(x)
		v.All = append(v.All, a)
		switch {
		case a.Kind == sounding && a.Ours:
			sounded[0]++
		case a.Kind == sounding:
			sounded[1]++
		case a.Ours:
			sent.add(1, cameOf(x.side.State), a.Receipt != nil)
		default:
			// That we hold it is what our own receipt says.
			received.add(1, cameOf(x.side.State), true)
		}
		if a.Awaits != "" {
			v.Open = append(v.Open, a)
		}
	}
	for _, e := range m.invited(onLine) {
		for _, c := range e.rows {
			a := importedAttempt(c)
			v.All = append(v.All, a)
			if a.Came == nil && c.Asked != contact.AskedUnknown {
				v.Open = append(v.Open, a)
			}
		}
		switch e.first().Asked {
		case contact.AskedOurs:
			sent.addEvent(e)
		case contact.AskedTheirs:
			received.addEvent(e)
		}
	}
	v.All, v.Open = byDay(v.All), byDay(v.Open)
	s := sent.came()
	v.Sent, v.Delivered, v.Answered, v.Declined, v.Redirected = s.Sent, s.Delivered, s.Answered, s.Declined, s.Redirected
	v.FromThem = received.came()
	v.Received = v.FromThem.Sent
	v.Soundings = Soundings{known(sounded[0]), known(sounded[1])}
	return v
}

// byDay puts what was asked first before the others.
func byDay(list []Attempt) []Attempt {
	at := make([]int, len(list)) // a row is long, and moving it costs
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(deref(list[a].Asked), deref(list[b].Asked)) })
	out := make([]Attempt, len(list))
	for i, from := range at {
		out[i] = list[from]
	}
	return out
}

// known is a count of what happened at all; none is not known to be none.
func known(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// invited groups the imported invitations by who asked whom on which day
// about what.
func (m *maker) invited(onLine map[string]bool) (out []event) {
	type key struct{ asked, ours, theirs, day, subject string }
	at := map[key]int{}
	for _, c := range m.known {
		if c.Kind != contact.KindInvitation || onLine[c.Record] || !m.happened(c) {
			continue
		}
		k := key{c.Asked, folded(c.Ours), folded(c.Theirs), dayOf(c), folded(c.Subject)}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, event{})
		}
		out[i].rows = append(out[i].rows, c)
	}
	return out
}

// tally counts the invitations of one side.
type tally struct {
	sent, delivered, answered, declined, redirected int
	told                                            bool // of some it is told that it was delivered
	known                                           bool // of some the outcome is known
}

func (t *tally) add(n int, outcome string, receipt bool) {
	t.sent += n
	t.known = t.known || outcome != contact.OutcomeUnknown
	switch outcome {
	case contact.OutcomeAnswered:
		t.answered += n
	case contact.OutcomeDeclined:
		t.declined += n
	case contact.OutcomeRedirected:
		t.redirected += n
	}
	if receipt || deliveredBy(outcome) {
		t.delivered += n
		t.told = true
	}
}

// addEvent counts imported accounts, each invitation once. Where accounts of
// one day differ on what came, the invitation counts as sent and what came
// of it as not known.
func (t *tally) addEvent(e event) {
	n := e.n(func(contact.Contact) bool { return true })
	if n == len(e.rows) { // one reporter: as many invitations as rows
		for _, c := range e.rows {
			t.add(1, importedOutcome(c), false)
		}
		return
	}
	outcome := importedOutcome(e.first())
	for _, c := range e.rows[1:] {
		if importedOutcome(c) != outcome {
			outcome = contact.OutcomeUnknown
		}
	}
	t.add(n, outcome, false)
}

func (t *tally) came() (c Came) {
	if t.sent == 0 {
		return c
	}
	c.Sent = &t.sent
	if t.known {
		c.Answered, c.Declined, c.Redirected = &t.answered, &t.declined, &t.redirected
	}
	if t.told {
		c.Delivered = &t.delivered
	}
	return c
}

// importedOutcome is what came of an invitation in the words of a request.
func importedOutcome(c contact.Contact) string {
	if c.Outcome == contact.OutcomeHeld {
		return contact.OutcomeAnswered // the call or meeting it asked for was held
	}
	return c.Outcome
}

func deliveredBy(outcome string) bool {
	return slices.Contains([]string{"delivered", "answered", "declined", "redirected"}, outcome)
}

func importedAttempt(c contact.Contact) Attempt {
	a := Attempt{Ours: c.Asked == contact.AskedOurs, Asker: c.Asked, From: c.Ours, To: c.Theirs, Subject: c.Subject, Outcome: c.Outcome, Source: c.Source, Quote: c.Quote,
		Kind: contact.KindInvitation, By: c.ReportedBy}
	if c.Asked == contact.AskedTheirs {
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
	a.Outcome = importedOutcome(c)
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

// oneOf joins names for one sentence.
func oneOf(names []string) string { return strings.Join(names, "; ") }
