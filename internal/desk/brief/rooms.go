// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"slices"
	"strings"
	"time"

	"openline/internal/desk/contact"
	"openline/line"
	"openline/line/counterpart"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/incident"
	"openline/line/suspension"
	"openline/record"
)

// Rooms is what the rooms of the line hold, alike on both sides, and how its
// posts and records are named.
type Rooms struct {
	Me, Peer     record.PartyNo
	Counterparts counterpart.Table
	Dossiers     []dossier.Dossier
	Dialogues    dialogue.Table
	Incidents    []incident.Incident
	Suspensions  []suspension.Suspension
	Post         func(line.Post) string // the office by its title
	Ref          func(record.Ref) string
}

// The sides of a page.
const (
	ours   = "ours"
	theirs = "theirs"
	other  = "other"
)

func (r *Rooms) side(p record.PartyNo) string {
	switch p {
	case r.Me:
		return ours
	case r.Peer:
		return theirs
	}
	return other
}

// whose is a side whose word is awaited; empty: nobody's.
func (r *Rooms) whose(p record.PartyNo) string {
	if p == 0 {
		return ""
	}
	return r.side(p)
}

func (r *Rooms) of(s line.Said) string {
	if s.Number == 0 {
		return ""
	}
	return r.Ref(record.ByNumber(s.Party, s.Number))
}

// matter is a dossier as it stands between the two.
type matter struct {
	*dossier.Dossier
	side         *dossier.Side // of who is asked
	asked        bool          // we asked
	ours, theirs string        // posts
	record       string
}

// matters are the invitations and soundings between the two parties.
func (m *maker) matters() []matter {
	if r := m.in.Rooms; r != nil && m.between == nil {
		m.between = r.matters()
	}
	return m.between
}

func (r *Rooms) matters() []matter {
	out := make([]matter, 0, len(r.Dossiers))
	for at := range r.Dossiers {
		d := &r.Dossiers[at]
		asker, answerer := d.Opening.Party, r.Peer
		switch asker {
		case r.Me:
		case r.Peer:
			answerer = r.Me
		default:
			continue
		}
		i := slices.IndexFunc(d.Sides, func(s dossier.Side) bool { return s.Party == answerer })
		if i < 0 {
			continue
		}
		x := matter{Dossier: d, side: &d.Sides[i], asked: asker == r.Me, record: r.of(d.Opening)}
		from, to := r.Post(d.From), r.Post(x.side.Office)
		if x.ours, x.theirs = from, to; !x.asked {
			x.ours, x.theirs = to, from
		}
		out = append(out, x)
	}
	return out
}

// thisLine is the channel of what was spoken by an invitation on the line.
const thisLine = "this line"

// spokenHere makes of each call or meeting that a side said was held a row
// beside those imported. Of two hours given the earlier one dates it; an hour
// before it was asked, or after it was said, dates nothing.
func (m *maker) spokenHere() (rows []contact.Contact) {
	r := m.in.Rooms
	for _, x := range m.matters() {
		var at record.Stamp
		for _, c := range x.Closings {
			if c.Ended >= x.Opening.Time && c.Ended <= c.By.Time && (at == 0 || c.Ended < at) {
				at = c.Ended
			}
		}
		for _, c := range x.Closings {
			side := r.side(c.By.Party)
			if side == other {
				continue
			}
			row := contact.Contact{Kind: contact.KindContact, Level: m.levelOf(x.ours, x.theirs), Ours: x.ours, Theirs: x.theirs, Channel: thisLine, Outcome: contact.OutcomeHeld,
				Source: r.of(c.By), Attribution: "record", ReportedBy: m.titleOf(side), Asked: asker(x.asked), Subject: x.Subject, Record: x.record}
			if x.Kind == "meeting" {
				row.Kind, row.Channel = contact.KindMeeting, ""
			}
			if at > 0 {
				row.Date = contact.Time{At: stamp(at)}
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func asker(we bool) string {
	if we {
		return contact.AskedOurs
	}
	return contact.AskedTheirs
}

// titleOf is how a side is named; empty: it is another party of the line.
func (m *maker) titleOf(side string) string {
	return map[string]string{ours: m.in.Ours.Title, theirs: m.in.Theirs.Title}[side]
}

// levels finds at which level the accounts put each post: the one most of
// them say, of equals the higher.
func (m *maker) findLevels() {
	count := map[string]map[string]int{}
	for _, c := range m.known {
		if c.Kind == contact.KindStatement || c.Kind == contact.KindIncident {
			continue
		}
		for _, post := range []string{c.Ours, c.Theirs} {
			if count[folded(post)] == nil {
				count[folded(post)] = map[string]int{}
			}
			count[folded(post)][c.Level]++
		}
	}
	m.levels = map[string]string{}
	for post, by := range count {
		for _, level := range contact.Levels {
			if by[level] > by[m.levels[post]] {
				m.levels[post] = level
			}
		}
	}
}

// levelOf is the level of two posts: the lower of theirs; empty: not known.
func (m *maker) levelOf(a, b string) string {
	x, y := slices.Index(contact.Levels, m.levels[folded(a)]), slices.Index(contact.Levels, m.levels[folded(b)])
	if x = max(x, y); x < 0 {
		return ""
	}
	return contact.Levels[x]
}

// folded is a name as names are compared: case and space count for nothing.
func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// stamped is an hour of a record; nil: none.
func stamped(s record.Stamp) *string {
	if s == 0 {
		return nil
	}
	return hour(stamp(s))
}

// suspended are the classes that are suspended at the hour, by whomever.
func (m *maker) suspended() []Suspended {
	out := []Suspended{}
	r := m.in.Rooms
	if r == nil {
		return out
	}
	for _, s := range r.Suspensions {
		if s.Holds(m.stamp()) {
			out = append(out, Suspended{Class: s.Class, By: r.side(s.By.Party), From: stamp(s.From).Format(time.RFC3339), Review: stamped(s.Review), Cause: s.Cause, Source: r.of(s.By)})
		}
	}
	return out
}

// stamp is the hour of the brief as records are stamped.
func (m *maker) stamp() record.Stamp { return record.Stamp(max(0, m.in.At.Unix())) }
