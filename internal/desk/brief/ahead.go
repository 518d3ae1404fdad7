// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"time"

	"openline/internal/desk/contact"
)

// opportunities are occasions that lie ahead. Of several accounts of one the
// newest tells how it stands; two that became known together stand side by
// side.
func (m *maker) opportunities() []Opportunity {
	var rows []contact.Contact
	for _, c := range slices.Concat(m.known, m.context) {
		if m.ahead(c) {
			rows = append(rows, c)
		}
	}
	out := append([]Opportunity{}, m.occasions()...)
	for _, c := range rows {
		replaced := slices.ContainsFunc(rows, func(o contact.Contact) bool {
			return o.Date == c.Date && sameText(o.Ours, c.Ours) && sameText(o.Theirs, c.Theirs) && sameText(o.Subject, c.Subject) && o.KnownBy().After(c.KnownBy())
		})
		if replaced {
			continue
		}
		state := "planned"
		if c.Outcome == contact.OutcomeCancelled || c.Outcome == contact.OutcomeDeclined {
			state = c.Outcome
		}
		out = append(out, Opportunity{Date: c.Date.String(), Ours: c.Ours, Theirs: c.Theirs, Subject: c.Subject, Area: c.Area, State: state, Note: c.Note, Source: c.Source})
	}
	slices.SortStableFunc(out, func(a, b Opportunity) int { return cmp.Compare(a.Date, b.Date) })
	return out
}

// ahead reports whether a row tells of an occasion that is to come: after
// the hour, and not on its very day unless an hour is known.
func (m *maker) ahead(c contact.Contact) bool {
	if !c.Date.Known() || !c.Date.Until().After(m.in.At) || c.Date.String() == m.in.At.UTC().Format(time.DateOnly) {
		return false
	}
	return c.Kind == contact.KindMeeting || c.Kind == contact.KindVisit || c.Kind == contact.KindContact
}
