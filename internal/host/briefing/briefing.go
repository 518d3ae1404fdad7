// SPDX-License-Identifier: Apache-2.0

// Package briefing gathers from a running station what a brief is made from:
// the three sentences, what was asked and what came, the tests, and the posts
// of the line.
//
// Invariants:
//
//   - It reads; it says and changes nothing.
//   - Each reason names the record or signature it stands on.
//
// Specification: docs/reference/brief.md.
package briefing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"openline/identity"
	"openline/internal/desk/brief"
	"openline/internal/desk/contact"
	"openline/internal/host"
	"openline/internal/station"
	"openline/line"
	"openline/record"
)

// Invitations are the phrases that invite to a call, a meeting, a visit.
var Invitations = []string{"CR01", "MT01"}

// Wish is what is asked for.
type Wish struct {
	Peer     record.PartyNo // the other party
	At       time.Time      // zero: now
	Since    time.Time
	Contacts []contact.Contact
}

// Gather makes the input of a brief on the line with one other party.
func Gather(ctx context.Context, h *host.Host, id identity.LineID, titles map[record.PartyNo]string, w Wish) (brief.Input, error) {
	g := gatherer{h: h, id: id, titles: titles, w: w}
	var err error
	if g.env, err = h.Env(id); err != nil {
		return brief.Input{}, err
	}
	if g.view, err = h.View(ctx, id); err != nil {
		return brief.Input{}, err
	}
	if g.posts, err = h.Posts(ctx, id); err != nil {
		return brief.Input{}, err
	}
	i := slices.IndexFunc(g.view.Peers, func(p station.PeerView) bool { return p.No == w.Peer })
	if i < 0 {
		return brief.Input{}, fmt.Errorf("party %d is not another party of line %s", w.Peer, id)
	}
	g.peer = g.view.Peers[i]
	return g.input(ctx)
}

type gatherer struct {
	h      *host.Host
	id     identity.LineID
	titles map[record.PartyNo]string
	w      Wish
	env    host.Env
	view   station.View
	peer   station.PeerView
	posts  []station.Post
}

func (g *gatherer) input(ctx context.Context) (brief.Input, error) {
	at := g.w.At
	if at.IsZero() {
		at = g.view.At
	}
	in := brief.Input{
		Line: string(g.id), Exercise: g.view.Standing == record.Exercise, At: at, Since: g.w.Since,
		Ours: g.side(g.view.Me), Theirs: g.side(g.peer.No), Contacts: g.w.Contacts, State: g.peer.State,
		Positions: map[string]uint64{g.env.PartyName(g.view.Me): g.view.Own.Last, g.env.PartyName(g.peer.No): g.peer.Last},
	}
	matters, err := g.h.Matters(ctx, g.id)
	if err != nil {
		return in, err
	}
	for _, m := range matters {
		if !m.Asks || m.Asked > record.Stamp(at.Unix()) || !g.between(m) || !requests(m.Code) {
			continue
		}
		r, err := g.request(m)
		if err != nil {
			return in, err
		}
		in.Requests = append(in.Requests, r)
		if r.Awaits() {
			in.Offices = append(in.Offices, r.Record)
		}
	}
	in.Wire, in.Watch = g.wire(), g.watch()
	in.Tests, err = g.tests()
	return in, err
}

// requests reports whether a phrase asks something of an office or a watch,
// rather than for the mere receipt of an information.
func requests(code string) bool { return code != "LT01" }

func (g *gatherer) side(no record.PartyNo) brief.Side {
	s := brief.Side{Title: g.titles[no], Short: g.env.PartyName(no)}
	for _, p := range g.posts {
		if p.Party == no {
			s.Posts = append(s.Posts, p.Office)
		}
	}
	return s
}

// between reports whether a matter is between us and this peer.
func (g *gatherer) between(m station.Matter) bool {
	return m.Thing.Party == g.peer.No || m.Thing.Party == g.view.Me && m.Answerer == g.peer.No
}

func (g *gatherer) office(a record.Address) string {
	for _, p := range g.posts {
		if p.Party == a.Party && p.ID == a.Post {
			return p.Office
		}
	}
	return a.Post
}

func (g *gatherer) request(m station.Matter) (brief.Request, error) {
	r := brief.Request{
		Record: g.ref(m.Thing), Code: m.Code, Invitation: slices.Contains(Invitations, m.Code), Ours: m.Thing.Party == g.view.Me,
		From: g.office(record.Address{Party: m.Thing.Party, Post: m.Header.From}), Asked: when(m.Asked), Outcome: m.Outcome.String(), Until: when(m.Until),
	}
	for _, to := range m.Header.To {
		if to.Party == m.Answerer {
			r.To = g.office(to)
			break
		}
	}
	if s, ok := m.Params["subject"].AsText(); ok {
		r.Subject = s
	}
	if m.Clock.Started.At > 0 {
		r.Due = when(m.Clock.Due)
	}
	if m.Clock.State == line.Past {
		r.NoReplyAt = when(m.Clock.Shown.At)
	}
	if !m.By.IsZero() {
		r.By, r.Came = g.ref(m.By), m.Outcome.String()
	}
	return r, g.receipt(&r, m)
}

// receipt finds when the other station signed that it held the request.
func (g *gatherer) receipt(r *brief.Request, m station.Matter) error {
	if !r.Ours {
		return nil
	}
	rec, err := g.h.Record(g.id, m.Thing)
	if err != nil {
		return err
	}
	receipts, err := g.h.Receipts(g.id, rec.Located)
	if err != nil {
		return err
	}
	for _, q := range receipts {
		if q.By == g.peer.No {
			r.Receipt = when(q.At)
		}
	}
	return nil
}

func (g *gatherer) ref(r record.Ref) string { return record.FormatRef(r, g.env.PartyName) }

func when(s record.Stamp) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

func (g *gatherer) wire() []string {
	if g.peer.Receipt.At == 0 {
		return nil
	}
	return []string{fmt.Sprintf("receipt of %s for %s/%d, %s", g.env.PartyName(g.peer.No), g.env.PartyName(g.view.Me), g.peer.Receipt.Last, hour(g.peer.Receipt.At))}
}

func (g *gatherer) watch() []string {
	if g.peer.TimedHead.At == 0 {
		return nil
	}
	return []string{fmt.Sprintf("timed head of %s at %d, %s", g.env.PartyName(g.peer.No), g.peer.TimedHead.Last, hour(g.peer.TimedHead.At))}
}

func hour(s record.Stamp) string { return when(s).Format("2006-01-02 15:04:05Z") }

// tests counts the line tests of both logs. A test's receipt is the machine's
// answer; the newest one a person read is the watch's.
func (g *gatherer) tests() (brief.Tests, error) {
	newest, _, err := g.h.Before(g.id, nil, 200)
	if err != nil {
		return brief.Tests{}, err
	}
	var theirs, unreceipted int
	var read record.Stamp
	for _, r := range newest {
		if r.Header == nil || r.Body == nil {
			continue
		}
		switch n, _ := r.Body.Params["n"].AsUint(); {
		case r.Header.Code == "LT02":
			read = max(read, r.Time())
		case r.Header.Code != "LT01":
		case r.Log.Party == g.peer.No:
			theirs = max(theirs, int(n))
		case r.Log.Party == g.view.Me && r.Number > g.peer.Receipt.Last:
			unreceipted++
		}
	}
	due := int(g.view.Own.Tests) + theirs
	if due == 0 {
		return brief.Tests{}, nil
	}
	answered := due - unreceipted
	t := brief.Tests{Due: &due, Answered: &answered, Missed: &unreceipted}
	if read > 0 {
		at := when(read)
		t.LastAnswered = &at
	}
	return t, nil
}
