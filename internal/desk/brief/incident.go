// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"time"

	"openline/internal/desk/contact"
	"openline/line"
	"openline/line/incident"
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
	for _, i := range m.threads() {
		onLine[i.Record] = true
		out = append(out, happening{day: i.Date[:len(time.DateOnly)], n: 1, open: i.State == "open"})
	}
	type key struct{ day, subject, ours, theirs string }
	groups := map[key][]contact.Contact{}
	var order []key
	for _, c := range m.known {
		if c.Kind != contact.KindIncident || !m.happened(c) || onLine[c.Record] {
			continue
		}
		k := key{dayOf(c), folded(c.Subject), folded(c.Ours), folded(c.Theirs)}
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
	in := Incidents{ByMonth: []Month{}, Items: m.threads()}
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

// threads are the incidents on this line that either side opened and did not
// take back, the newest first.
func (m *maker) threads() []Item {
	out := []Item{}
	r := m.in.Rooms
	if r == nil {
		return out
	}
	for _, t := range r.Incidents {
		by := r.side(t.Opening.Party)
		if by == other || t.Withdrawn.Number > 0 {
			continue
		}
		i := Item{Record: r.of(t.Opening), By: by, Kind: t.Kind, Area: t.Area, Date: *hour(stamp(t.Opening.Time)), State: "open", Crossed: t.Crossed, Unmeant: r.sides(t.Unmeant)}
		if t.Hour > 0 && t.Hour <= t.Opening.Time {
			i.Date = *hour(stamp(t.Hour))
		}
		if len(t.Closed) > 0 {
			i.State = "closed"
		}
		i.AskedUs, i.AskedThem = r.unexplained(t)
		if i.State == "open" && t.Next > m.stamp() {
			i.Next = stamped(t.Next)
			i.NextBy = r.sides(t.Holds)
		}
		out = append(out, i)
	}
	slices.SortStableFunc(out, func(a, b Item) int { return cmp.Or(cmp.Compare(b.Date, a.Date), cmp.Compare(a.Record, b.Record)) })
	return out
}

// unexplained counts the requests for an explanation that nothing came to but
// a hold, by who was asked.
func (r *Rooms) unexplained(t incident.Incident) (us, them int) {
	for _, q := range t.Asked {
		answered := slices.ContainsFunc(q.Answers, func(a line.Said) bool { return a.Code != "HD02" && a.Code != "OW03" })
		switch by := r.side(q.By.Party); {
		case answered:
		case by == ours:
			them++
		case by == theirs:
			us++
		}
	}
	return us, them
}

// sides are the sides that spoke; empty: none.
func (r *Rooms) sides(list []line.Said) string {
	has := map[string]bool{}
	for _, s := range list {
		has[r.side(s.Party)] = true
	}
	switch {
	case has[ours] && has[theirs]:
		return "both"
	case has[ours]:
		return ours
	case has[theirs]:
		return theirs
	}
	return ""
}
