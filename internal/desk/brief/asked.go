// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"time"

	"openline/internal/desk/contact"
)

// invitations is the table asked / came: what was asked on the line, and
// what is known of invitations by other ways. A row that tells of a record
// on the line is not counted beside it; one of which it is not known who
// asked is shown and not counted.
func (m *maker) invitations() Invitations {
	v := Invitations{Open: []Attempt{}, All: []Attempt{}}
	var t tally
	onLine := map[string]bool{}
	for _, r := range m.in.Requests {
		if !r.Invitation {
			continue
		}
		onLine[r.Record] = true
		a := m.attemptOf(r)
		v.All = append(v.All, a)
		t.add(r.Ours, 1, r.Outcome, a.Receipt != nil)
		if r.Open() {
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
		if asked := e.first().Asked; asked != contact.AskedUnknown {
			t.addEvent(asked == contact.AskedOurs, e)
		}
	}
	byDay := func(a, b Attempt) int { return cmp.Compare(deref(a.Asked), deref(b.Asked)) }
	slices.SortStableFunc(v.All, byDay)
	slices.SortStableFunc(v.Open, byDay)
	t.into(&v)
	return v
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
		k := key{c.Asked, c.Ours, c.Theirs, dayOf(c), c.Subject}
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

// tally counts invitations.
type tally struct {
	sent, received, delivered, answered, declined, redirected int
	told                                                      bool // of some it is told that it was delivered
	known                                                     bool // of some sent one the outcome is known
}

func (t *tally) add(ours bool, n int, outcome string, receipt bool) {
	if !ours {
		t.received += n
		return
	}
	t.sent += n
	t.known = t.known || outcome != contact.OutcomeUnknown
	switch outcome {
	case "answered", "in principle", "on condition":
		t.answered += n
	case "declined":
		t.declined += n
	case "redirected":
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
func (t *tally) addEvent(ours bool, e event) {
	n := e.n(func(contact.Contact) bool { return true })
	if n == len(e.rows) { // one reporter: as many invitations as rows
		for _, c := range e.rows {
			t.add(ours, 1, importedOutcome(c), false)
		}
		return
	}
	outcome := importedOutcome(e.first())
	for _, c := range e.rows[1:] {
		if importedOutcome(c) != outcome {
			outcome = contact.OutcomeUnknown
		}
	}
	t.add(ours, n, outcome, false)
}

func (t *tally) into(v *Invitations) {
	if t.received > 0 {
		v.Received = &t.received
	}
	if t.sent == 0 {
		return
	}
	v.Sent = &t.sent
	if t.known {
		v.Answered, v.Declined, v.Redirected = &t.answered, &t.declined, &t.redirected
	}
	if t.told {
		v.Delivered = &t.delivered
	}
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

func (m *maker) attemptOf(r Request) Attempt {
	a := Attempt{Ours: r.Ours, Asker: contact.AskedTheirs, From: r.From, To: r.To, Subject: r.Subject, Asked: day(r.Asked), Receipt: hour(r.Receipt), Due: hour(r.Due),
		Outcome: r.Outcome, Source: r.Record}
	if r.Ours {
		a.Asker = contact.AskedOurs
	}
	if r.Came != "" {
		a.Came = &r.Came
		a.Source += ", " + r.By
	}
	return a
}

func importedAttempt(c contact.Contact) Attempt {
	a := Attempt{Ours: c.Asked == contact.AskedOurs, Asker: c.Asked, From: c.Ours, To: c.Theirs, Subject: c.Subject, Outcome: c.Outcome, Source: c.Source, Quote: c.Quote}
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
