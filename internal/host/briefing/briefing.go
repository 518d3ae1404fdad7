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
	"openline/line/linestate"
	"openline/record"
)

// Wish is what is asked for.
type Wish struct {
	Peer        record.PartyNo // the other party
	At          time.Time      // zero, or not before now: now
	Since       time.Time
	SinceHolder bool // since the newest holder named in our posts; Since is not used
	Contacts    []contact.Contact
}

// Gather makes the input of a brief on the line with one other party. At an
// hour in the past it knows only what was held by then.
func Gather(ctx context.Context, h *host.Host, id identity.LineID, titles map[record.PartyNo]string, w Wish) (brief.Input, error) {
	g := gatherer{h: h, id: id, titles: titles, w: w}
	var err error
	if g.env, err = h.Env(id); err != nil {
		return brief.Input{}, err
	}
	if g.view, err = h.View(ctx, id); err != nil {
		return brief.Input{}, err
	}
	i := slices.IndexFunc(g.view.Peers, func(p station.PeerView) bool { return p.No == w.Peer })
	if i < 0 {
		return brief.Input{}, fmt.Errorf("party %d is not another party of line %s", w.Peer, id)
	}
	g.peer, g.at = g.view.Peers[i], g.view.At
	g.reading = reading{us: g.view.Me, them: g.peer.No, short: g.env.PartyName}
	if !w.At.IsZero() {
		g.at = w.At
	}
	g.hour = record.Stamp(max(0, g.at.Unix()))
	if g.at.Truncate(time.Second).Before(g.view.At.Truncate(time.Second)) {
		err = g.then()
	} else {
		err = g.now(ctx)
	}
	if err != nil {
		return brief.Input{}, err
	}
	return g.input()
}

type gatherer struct {
	h      *host.Host
	id     identity.LineID
	titles map[record.PartyNo]string
	w      Wish
	at     time.Time
	env    host.Env
	view   station.View
	peer   station.PeerView
	reading
	place host.Place // how much of each log was held; nil: all of it

	newest   record.Ref // at an hour that is past: their newest record
	newestAt record.Stamp
}

// now takes the state of the station as it is.
func (g *gatherer) now(ctx context.Context) (err error) {
	if g.posts, err = g.h.Posts(ctx, g.id); err != nil {
		return err
	}
	g.affairs, err = g.h.Affairs(ctx, g.id, g.requests()...)
	return err
}

// then finds how the line stood at an hour that is past. Which bearers were
// up is not recorded: the wire is told by receipts.
func (g *gatherer) then() error {
	past, err := g.h.Past(g.id, g.hour, g.requests()...)
	if err != nil {
		return err
	}
	p := past.Peers[g.peer.No]
	g.posts, g.affairs, g.place = past.Posts, past.Affairs, host.Place(past.Cut)
	g.view.Own.Last = past.Last[g.view.Me]
	g.peer.Last, g.peer.State, g.peer.Receipt = past.Last[g.peer.No], p.State, p.Receipt
	g.newest, g.newestAt = p.NewestRef, p.NewestAt
	g.peer.State.Wire = linestate.Sentence{Kind: brief.WireReceipted, Since: p.Receipt.At}
	switch {
	case p.Receipt.At == 0:
		g.peer.State.Wire.Kind = brief.WireSilent
	case p.Behind:
		g.peer.State.Wire.Kind = brief.WireBehind
	}
	return nil
}

func (g *gatherer) input() (brief.Input, error) {
	in := brief.Input{
		Line: string(g.id), Exercise: g.view.Standing == record.Exercise, At: g.at, Since: g.w.Since,
		Ours: g.side(g.us, g.titles), Theirs: g.side(g.them, g.titles), Contacts: g.w.Contacts, State: g.peer.State, Rooms: g.rooms(),
		Positions: map[string]uint64{g.env.PartyName(g.view.Me): g.view.Own.Last, g.env.PartyName(g.peer.No): g.peer.Last},
	}
	in.Requests, in.Offices = g.asked()
	var err error
	if g.w.SinceHolder {
		if in.Since, err = HolderSince(g.h, g.id, g.view, g.posts); err != nil {
			return in, err
		}
	}
	in.Wire, in.Watch = g.wire(), g.watch()
	in.Tests, err = g.tests()
	return in, err
}

// requests are the phrases that ask something of an office or a watch,
// rather than for the mere answer to a test.
func (g *gatherer) requests() (codes []string) {
	for _, code := range g.env.Catalogue().Codes() {
		if p, ok := g.env.Catalogue().Phrase(code); ok && p.Asks() && code != "LT01" {
			codes = append(codes, code)
		}
	}
	return codes
}

func (g *gatherer) wire() []string {
	if g.peer.Receipt.At == 0 {
		return nil
	}
	return []string{fmt.Sprintf("receipt of %s for %s/%d, %s", g.env.PartyName(g.peer.No), g.env.PartyName(g.view.Me), g.peer.Receipt.Last, hour(g.peer.Receipt.At))}
}

func (g *gatherer) watch() []string {
	if g.place != nil {
		if g.newestAt == 0 {
			return nil
		}
		return []string{fmt.Sprintf("%s, %s", g.ref(g.newest), hour(g.newestAt))}
	}
	if g.peer.TimedHead.At == 0 {
		return nil
	}
	return []string{fmt.Sprintf("timed head of %s at %d, %s", g.env.PartyName(g.peer.No), g.peer.TimedHead.Last, hour(g.peer.TimedHead.At))}
}

func hour(s record.Stamp) string { return when(s).Format("2006-01-02 15:04:05Z") }

// tests counts the line tests of both logs. A test's receipt is the machine's
// answer; the newest one a person read is the watch's.
func (g *gatherer) tests() (brief.Tests, error) {
	newest, _, err := g.h.Before(g.id, g.place, 200)
	if err != nil {
		return brief.Tests{}, err
	}
	var ours, theirs, unreceipted int
	var read record.Stamp
	for _, r := range newest {
		if r.Header == nil || r.Body == nil {
			continue
		}
		n, _ := r.Body.Params["n"].AsUint()
		switch mine := r.Log.Party == g.view.Me; {
		case !mine && r.Log.Party != g.peer.No:
		case r.Header.Code == "LT02":
			read = max(read, r.Time())
		case r.Header.Code != "LT01":
		case !mine:
			theirs = max(theirs, int(n))
		default:
			ours = max(ours, int(n))
			if r.Number > g.peer.Receipt.Last {
				unreceipted++
			}
		}
	}
	if g.place == nil {
		ours = max(ours, int(g.view.Own.Tests))
	}
	due := ours + theirs
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
