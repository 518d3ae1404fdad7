// SPDX-License-Identifier: Apache-2.0

package console

import (
	"maps"
	"slices"
	"sync"

	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// recent are the newest records of a line up to a place in each log, oldest
// first. It is not changed once it is made: all pages of that moment share it.
type recent struct {
	to     host.Place
	list   []host.Record
	by     map[record.Ref]int
	naming map[record.Ref][]int // which say something to a record, or about it; rising
}

func newRecent(to host.Place, list []host.Record) *recent {
	out := &recent{to: to, list: list, by: make(map[record.Ref]int, len(list)), naming: map[record.Ref][]int{}}
	name := func(ref record.Ref, i int) {
		if at := out.naming[ref]; !ref.IsZero() && (len(at) == 0 || at[len(at)-1] != i) {
			out.naming[ref] = append(at, i)
		}
	}
	for i, r := range list {
		out.by[r.Ref()] = i
		if r.Leaf == nil || r.Header == nil {
			continue
		}
		name(r.Leaf.About, i)
		for _, re := range r.Header.Re {
			name(re, i)
		}
	}
	return out
}

// recents keeps what was read last: records do not change, so as long as the
// logs have not grown nothing needs to be read again, however many look on.
type recents struct {
	mu   sync.Mutex
	last *recent
}

// readNewest gives the newest records that a view of the line knows, and none that
// came after it: no page mixes two moments. Who asks meanwhile waits for the
// one who reads.
func (l *lineDesk) readNewest(st Station, v station.View) (*recent, error) {
	logs, err := st.Logs(l.ID)
	if err != nil {
		return nil, err
	}
	to := make(host.Place, len(logs))
	for _, log := range logs {
		to[log.LogID] = log.Size
		if log.Party == v.Me && log.Generation == v.Own.Generation {
			to[log.LogID] = min(log.Size, v.Own.Size)
		}
		for _, p := range v.Peers {
			if log.Party == p.No && log.Generation == p.Generation {
				to[log.LogID] = min(log.Size, p.Size)
			}
		}
	}
	l.recents.mu.Lock()
	defer l.recents.mu.Unlock()
	if r := l.recents.last; r != nil && maps.Equal(r.to, to) {
		return r, nil
	}
	list, _, err := st.Before(l.ID, to, newest)
	if err != nil {
		return nil, err
	}
	l.recents.last = newRecent(to, list)
	return l.recents.last, nil
}

// find gives one of the newest records, or reads it.
func (n *snap) find(ref record.Ref) (host.Record, error) {
	if i, ok := n.newest.by[ref]; ok {
		return n.recent[i], nil
	}
	return n.s.cfg.Station.Record(n.ID, ref)
}

// question finds the newest question how an ask stands, as long as the side
// that was asked has said nothing to it since.
func (n *snap) question(a station.AwaitView) (entry, bool) {
	if i, ok := n.asking(a); ok {
		return n.entry(n.recent[i]), true
	}
	return entry{}, false
}

// asking is its place among the newest records.
func (n *snap) asking(a station.AwaitView) (int, bool) {
	inside := func(refs []record.Ref) bool { // what was asked inside is its own affair
		return slices.ContainsFunc(refs, func(re record.Ref) bool { return n.inside[re] })
	}
	for _, i := range slices.Backward(n.newest.naming[a.Ref]) {
		r := n.recent[i]
		if !slices.Contains(r.Header.Re, a.Ref) && (a.Ref != a.Thing || r.Leaf.About != a.Thing || inside(r.Header.Re)) {
			continue
		}
		switch {
		case r.Log.Party == a.Answerer && r.Header.Code != "RC01":
			return 0, false
		case r.Log.Party == a.Asker && (r.Header.Code == "RQ01" || r.Header.Code == "RM01"):
			return i, !n.replied(a.Answerer, i)
		}
	}
	return 0, false
}

// replied reports whether a party said more than a receipt to one of the
// newest records.
func (n *snap) replied(by record.PartyNo, to int) bool {
	ref := n.recent[to].Ref()
	return slices.ContainsFunc(n.newest.naming[ref], func(i int) bool {
		r := n.recent[i]
		return i > to && r.Log.Party == by && r.Header.Code != "RC01" && slices.Contains(r.Header.Re, ref)
	})
}
