// SPDX-License-Identifier: Apache-2.0

package asof

import (
	"fmt"
	"slices"

	"openline/agreement"
	"openline/catalogue"
	"openline/identity"
	"openline/internal/station"
	"openline/internal/store"
	"openline/line"
	"openline/line/linestate"
	"openline/record"
)

// Stored is what is stored of a line, and how to read it.
type Stored struct {
	Me         identity.Party
	Agreements *agreement.History
	Catalogue  func(version uint32) *catalogue.Catalogue
	Reader     station.Reader
	Logs       []store.LogState
}

// Cut is how much of each log was held.
type Cut map[store.LogID]uint64

// Past is how a line stood at an hour.
type Past struct {
	At      record.Stamp
	Me      record.PartyNo
	Cut     Cut
	Last    map[record.PartyNo]uint64 // number of each party's newest record that was held; none: absent
	Posts   []station.Post
	Affairs station.Affairs
	Peers   map[record.PartyNo]Peer
}

// Peer is what was known of another party.
type Peer struct {
	State     linestate.State       // its wire is not to be used: bearers are not recorded
	Receipt   station.StatementView // the newest over our own newest log; zero: none
	Behind    bool                  // records of ours were not receipted
	NewestRef record.Ref            // the record of theirs with the newest time; zero: none was held
	NewestAt  record.Stamp
}

// At finds how a line stood at an hour. codes are the phrases whose matters
// are wanted; none: all.
func (s Stored) At(at record.Stamp, codes ...string) (*Past, error) {
	text := s.Agreements.Newest()
	me, ok := text.ByName(s.Me)
	if !ok {
		return nil, fmt.Errorf("%s is not a party of line %s", s.Me, s.Agreements.Line())
	}
	v := &viewer{Stored: s, at: at, me: me.Number, cut: Cut{}, base: map[store.LogID]uint64{}, pages: map[store.LogID][][]line.Entry{}}
	if err := v.findCut(); err != nil {
		return nil, err
	}
	if err := v.foldCut(); err != nil {
		return nil, err
	}
	p := &Past{At: at, Me: me.Number, Cut: v.cut, Last: v.last(), Posts: station.PostsOf(v.fold, text.Parties), Peers: map[record.PartyNo]Peer{}}
	var err error
	if p.Affairs, err = station.AffairsOf(v.fold, v, v.me, at, station.NeverSuspended(s.Agreements), codes...); err != nil {
		return nil, err
	}
	for _, q := range text.Parties {
		if q.Number != v.me {
			p.Peers[q.Number] = v.peer(q.Number)
		}
	}
	if v.err == nil {
		v.err = v.fold.Err()
	}
	return p, v.err
}

// viewer looks at what is stored as it stood at an hour.
type viewer struct {
	Stored
	at   record.Stamp
	me   record.PartyNo
	cut  Cut
	base map[store.LogID]uint64
	fold *line.Fold
	// pages are the newest that were read of each log.
	pages map[store.LogID][][]line.Entry
	err   error // met where none can be given back
}

func (v *viewer) last() map[record.PartyNo]uint64 {
	out := map[record.PartyNo]uint64{}
	for id, n := range v.cut {
		if n > 0 {
			out[id.Party] = max(out[id.Party], v.base[id]+n-1)
		}
	}
	return out
}

// peer finds what was known of another party's desk and offices.
func (v *viewer) peer(no record.PartyNo) (p Peer) {
	own := v.newestLog(v.me)
	for _, by := range v.logsOf(no) {
		st, ok, err := v.newestStatement(own, by, v.cut[own])
		v.keep(err)
		if ok && st.Size >= p.Receipt.Size {
			p.Receipt = station.StatementView{Size: st.Size, Last: v.base[own] + st.Size - 1, At: st.At}
		}
	}
	p.Behind = p.Receipt.Size < v.cut[own]
	in := linestate.Input{
		Unreceipted: p.Behind, ReceiptSince: p.Receipt.At, Person: v.fold.PersonAt(no), LastReply: v.fold.ReplyAt(no),
		AwaitThem: v.fold.Await(v.me, no), AwaitUs: v.fold.Await(no, v.me),
	}
	// Timed heads are not kept once newer ones have come, but those that ended
	// a clock: the desk is told by what stays.
	p.NewestAt, p.NewestRef = v.fold.NewestLeaf(no)
	in.Machine = max(p.NewestAt, p.Receipt.At)
	if _, ok := v.fold.Declaration(no); ok {
		open, until := v.fold.HoursOf(no).Open(timeOf(v.at))
		in.Declared, in.DeskOpen = true, open
		if !until.IsZero() {
			in.DeskUntil = record.Stamp(until.Unix())
		}
	}
	for _, w := range v.fold.Waits() {
		if a := w.Ask.Act; a.Ref.Party == v.me && w.Side.Party == no && (in.OldestOurs == 0 || a.Time < in.OldestOurs) {
			in.OldestOurs = a.Time
		}
	}
	p.State = linestate.Of(in)
	return p
}

func (v *viewer) keep(err error) {
	if v.err == nil {
		v.err = err
	}
}

// logsOf lists a party's logs of which something was held, oldest first.
func (v *viewer) logsOf(party record.PartyNo) (out []store.LogID) {
	for id, n := range v.cut {
		if id.Party == party && n > 0 {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(a, b store.LogID) int { return int(a.Generation) - int(b.Generation) })
	return out
}

func (v *viewer) newestLog(party record.PartyNo) store.LogID {
	if l := v.logsOf(party); len(l) > 0 {
		return l[len(l)-1]
	}
	return store.LogID{Party: party}
}
