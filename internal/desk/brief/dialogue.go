// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"strings"

	"openline/internal/desk/contact"
)

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
		out[i].Next = m.next(out[i])
	}
	out = append(append([]Dialogue{}, m.series()...), out...)
	slices.SortStableFunc(out, func(a, b Dialogue) int { return cmp.Compare(deref(b.Date), deref(a.Date)) })
	return out
}

// next is who moves next in a dialogue: the side that was asked last to meet
// on its subject and of which nothing is known to have come.
func (m *maker) next(d Dialogue) *string {
	if d.Subject == "" {
		return nil
	}
	var newest contact.Contact
	for _, c := range m.known {
		if c.Kind == contact.KindInvitation && c.Subject == d.Subject && m.happened(c) && (newest.Kind == "" || newer(c, newest)) {
			newest = c
		}
	}
	if newest.Kind == "" || newest.Outcome != contact.OutcomeDelivered && newest.Outcome != contact.OutcomeUnanswered || deref(d.Date) > newest.Date.String() {
		return nil
	}
	who := map[string]string{contact.AskedOurs: contact.AskedTheirs, contact.AskedTheirs: contact.AskedOurs}[newest.Asked]
	if who == "" {
		return nil
	}
	return &who
}

func (m *maker) dialogue(out []Dialogue, c contact.Contact, context bool) []Dialogue {
	meeting := c.Kind == contact.KindMeeting && c.Level != contact.LevelPrincipal && c.Date.Known() && m.happened(c)
	said := c.Kind == contact.KindStatement && strings.HasPrefix(c.Subject, "dialogue") && m.happened(c)
	if !meeting && !said {
		return out
	}
	a := Account{By: c.ReportedBy, Outcome: c.Outcome, Attribution: c.Attribution, Quote: c.Quote, Note: c.Note, Source: c.Source}
	if said {
		a.Outcome = "said"
	}
	date := c.Date.String()
	for i := range out {
		d := &out[i]
		if !sameText(d.Subject, c.Subject) || !sameText(d.Ours, c.Ours) || !sameText(d.Theirs, c.Theirs) {
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

// judge finds how a dialogue stands. What was said of it, and that somebody
// does not know, contradicts nothing.
func (d *Dialogue) judge() {
	outcomes := map[string]bool{}
	for _, a := range d.Accounts {
		if a.Outcome != "said" && a.Outcome != contact.OutcomeUnknown {
			outcomes[a.Outcome] = true
		}
	}
	said := slices.ContainsFunc(d.Accounts, func(a Account) bool { return a.Outcome == "said" })
	switch {
	case len(outcomes) > 1 && outcomes[contact.OutcomeHeld]:
		d.State = "told differently"
	case len(outcomes) > 1:
		d.State = "not held, told differently"
	case outcomes[contact.OutcomeHeld]:
		d.State = "held"
	case len(outcomes) == 1:
		d.State = "not held"
	case said:
		d.State = "said"
	default:
		d.State = "unknown"
	}
}
