// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"openline/internal/desk/contact"
)

// happening is one incident, or several of one day that one reporter tells
// of.
type happening struct {
	day    string // empty: not known
	n      int
	open   bool // the exchange about it goes on
	untold bool // whether it does is not known
}

// happenings are the incidents known by the hour: those told on the line,
// and those imported. Several accounts of one event, told apart by who
// reports them, are one event.
func (m *maker) happenings() (out []happening) {
	onLine := map[string]bool{}
	for _, r := range m.in.Requests {
		if strings.HasPrefix(r.Code, "IN") && !r.Inside {
			onLine[r.Record] = true
			out = append(out, happening{day: deref(day(r.Asked)), n: 1, open: r.Open()})
		}
	}
	type key struct{ day, subject, ours, theirs string }
	groups := map[key][]contact.Contact{}
	var order []key
	for _, c := range m.known {
		if c.Kind != contact.KindIncident || !m.happened(c) || onLine[c.Record] {
			continue
		}
		k := key{dayOf(c), c.Subject, c.Ours, c.Theirs}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], c)
	}
	for _, k := range order {
		h := happening{day: k.day, n: event{rows: groups[k]}.n(func(contact.Contact) bool { return true })}
		ended := false
		for _, c := range groups[k] {
			switch c.Outcome {
			case contact.OutcomeUnanswered, contact.OutcomeDelivered:
				h.open = true
			case contact.OutcomeUnknown:
				h.untold = true
			default:
				ended = true
			}
		}
		h.untold = h.untold && !h.open && !ended
		out = append(out, h)
	}
	return out
}

// incidents counts them. Open is nil where of any it is not known.
func (m *maker) incidents() Incidents {
	in := Incidents{ByMonth: []Month{}}
	count, open, dated, untold := 0, 0, false, false
	months := map[string]int{}
	for _, h := range m.happenings() {
		if h.day != "" {
			d, err := time.Parse(time.DateOnly, h.day)
			if err != nil {
				continue
			}
			dated = true
			switch ago := days(d, m.in.At); {
			case ago < 30:
				in.Recent += h.n
			case ago < 60:
				in.Before += h.n
			}
			if d.Add(24*time.Hour - time.Second).Before(m.in.Since) {
				continue
			}
			months[h.day[:7]] += h.n
		}
		count += h.n
		untold = untold || h.untold
		if h.open {
			open += h.n
		}
	}
	if dated {
		trend := [...]string{"falling", "steady", "rising"}[cmp.Compare(in.Recent, in.Before)+1]
		in.Trend = &trend
	}
	if count == 0 {
		return in
	}
	in.Count = &count
	if !untold {
		in.Open = &open
	}
	for month, n := range months {
		in.ByMonth = append(in.ByMonth, Month{month, n})
	}
	slices.SortFunc(in.ByMonth, func(a, b Month) int { return cmp.Compare(a.Month, b.Month) })
	return in
}

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
	out := []Opportunity{}
	for _, c := range rows {
		replaced := slices.ContainsFunc(rows, func(o contact.Contact) bool {
			return o.Date == c.Date && o.Ours == c.Ours && o.Theirs == c.Theirs && o.Subject == c.Subject && o.KnownBy().After(c.KnownBy())
		})
		if replaced {
			continue
		}
		state := "planned"
		if c.Outcome == contact.OutcomeCancelled || c.Outcome == contact.OutcomeDeclined {
			state = c.Outcome
		}
		out = append(out, Opportunity{c.Date.String(), c.Ours, c.Theirs, c.Subject, c.Area, state, c.Note, c.Source})
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
