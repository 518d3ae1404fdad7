// SPDX-License-Identifier: Apache-2.0

package briefing

import (
	"time"

	"openline/internal/desk/brief"
	"openline/internal/station"
	"openline/line"
	"openline/record"
)

// reading is what a line holds, as it is named to one of two parties.
type reading struct {
	us, them record.PartyNo
	hour     record.Stamp
	posts    []station.Post
	affairs  station.Affairs
	short    func(record.PartyNo) string
}

// asked are the requests between the two, and the records of those that await
// a word.
func (r *reading) asked() (out []brief.Request, await []string) {
	for _, m := range r.affairs.Matters {
		if !m.Asks || m.Asked > r.hour || !r.between(m) {
			continue
		}
		q := r.request(m)
		out = append(out, q)
		if q.Awaits() {
			await = append(await, q.Record)
		}
	}
	return out, await
}

func (r *reading) side(no record.PartyNo, titles map[record.PartyNo]string) brief.Side {
	s := brief.Side{Title: titles[no], Short: r.short(no)}
	for _, p := range r.posts {
		if p.Party == no {
			s.Posts = append(s.Posts, p.Office)
		}
	}
	return s
}

// between reports whether a matter is between us and this peer.
func (r *reading) between(m station.Matter) bool {
	return m.Asker == r.them && m.Answerer == r.us || m.Asker == r.us && m.Answerer == r.them
}

func (r *reading) office(a record.Address) string {
	for _, p := range r.posts {
		if p.Party == a.Party && p.ID == a.Post {
			return p.Office
		}
	}
	return a.Post
}

// rooms are what the rooms of the line hold, with their names.
func (r *reading) rooms() *brief.Rooms {
	a := r.affairs
	return &brief.Rooms{
		Me: r.us, Peer: r.them, Counterparts: a.Counterparts, Dossiers: a.Dossiers.Dossiers, Dialogues: a.Dialogues, Incidents: a.Incidents, Suspensions: a.Suspensions,
		Post: func(p line.Post) string { return r.office(record.Address{Party: p.Party, Post: p.Post}) }, Ref: r.ref,
	}
}

func (r *reading) request(m station.Matter) brief.Request {
	q := brief.Request{
		Record: r.ref(m.Ref), Code: m.Code, Ours: m.Asker == r.us, Inside: m.Ref != m.Thing, Moved: !m.Awaited,
		From: r.office(record.Address{Party: m.Asker, Post: m.Header.From}), Asked: when(m.Asked), Outcome: m.Outcome.String(), Crossed: m.Crossed,
	}
	for _, to := range m.Header.To {
		if to.Party == m.Answerer {
			q.To = r.office(to)
			break
		}
	}
	for _, name := range matterNames {
		if s, ok := m.Params[name].AsText(); ok {
			q.Subject = s
			break
		}
	}
	if m.Outcome == line.Held {
		q.Until = when(m.Until)
	}
	if m.Clock.Started.At > 0 {
		q.Due = when(m.Clock.Due)
	}
	if m.Clock.State == line.Past {
		q.NoReplyAt = when(m.Clock.Shown.At)
	}
	if !m.By.IsZero() {
		q.By, q.CameAt = r.ref(m.By), when(m.ByTime)
	}
	if m.Receipt <= r.hour {
		q.Receipt = when(m.Receipt)
	}
	return q
}

func (r *reading) ref(name record.Ref) string { return record.FormatRef(name, r.short) }

func when(s record.Stamp) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// matterNames are the parameters that say what a request is about, the first
// that is given.
var matterNames = []string{"subject", "series", "kind", "name", "item", "object", "service", "type", "forum"}
