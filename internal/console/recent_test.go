// SPDX-License-Identifier: Apache-2.0

package console

import (
	"slices"
	"testing"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
)

func said(party record.PartyNo, number uint64, code string, about record.Ref, re ...record.Ref) host.Record {
	return host.Record{Located: store.Located{Log: store.LogID{Party: party, Generation: 1}, Index: number - 1, Number: number},
		Decoded: record.Decoded{Leaf: &record.Leaf{About: about}, Header: &record.Header{Code: code, Re: re}}}
}

// The question how a request stands is found among the newest records, as long
// as who was asked has said no more than a receipt since.
func TestTheQuestionHowItStands(t *testing.T) {
	ask, other := record.ByNumber(1, 1), record.ByNumber(1, 2)
	question := said(1, 5, "RQ01", ask, ask)
	for name, c := range map[string]struct {
		list   []host.Record
		inside []record.Ref
		want   int // -1: none stands
	}{
		"none":               {[]host.Record{said(1, 3, "TX01", other)}, nil, -1},
		"asked":              {[]host.Record{question}, nil, 0},
		"asked, receipt":     {[]host.Record{question, said(2, 1, "RC01", ask, question.Ref())}, nil, 0},
		"asked, reply":       {[]host.Record{question, said(2, 1, "HD01", ask, question.Ref())}, nil, -1},
		"asked, reply to it": {[]host.Record{question, said(2, 1, "TX01", other, question.Ref())}, nil, -1},
		"asked anew":         {[]host.Record{question, said(2, 1, "HD01", ask, ask), said(1, 6, "RM01", ask)}, nil, 2},
		"about another":      {[]host.Record{question, said(2, 1, "HD01", other, other)}, nil, 0},
		"by who was asked":   {[]host.Record{said(2, 5, "RQ01", ask, ask)}, nil, -1},
		"of what is inside":  {[]host.Record{said(1, 6, "RM01", ask, record.ByNumber(1, 4))}, []record.Ref{record.ByNumber(1, 4)}, -1},
	} {
		n := &snap{moment: moment{newest: newRecent(nil, c.list), recent: c.list, inside: map[record.Ref]bool{}}}
		for _, ref := range c.inside {
			n.inside[ref] = true
		}
		at, ok := n.asking(station.AwaitView{Ref: ask, Thing: ask, Asker: 1, Answerer: 2})
		if ok != (c.want >= 0) || ok && at != c.want {
			t.Errorf("%s: %d %v, not %d", name, at, ok, c.want)
		}
	}
}

// reader counts how often the store is read.
type reader struct {
	Station
	logs  []host.Log
	reads int
	to    host.Place
}

func (r *reader) Logs(identity.LineID) ([]host.Log, error) { return slices.Clone(r.logs), nil }

func (r *reader) Before(_ identity.LineID, to host.Place, _ int) ([]host.Record, host.Place, error) {
	r.reads++
	r.to = to
	return nil, nil, nil
}

// What a view knows is read once for all who look on, and nothing that came
// after it.
func TestTheNewestAreReadOnce(t *testing.T) {
	ours, theirs, old := store.LogID{Party: 1, Generation: 2}, store.LogID{Party: 2, Generation: 1}, store.LogID{Party: 1, Generation: 1}
	r := &reader{logs: []host.Log{{LogID: old, Base: 1, Size: 7}, {LogID: ours, Base: 8, Size: 10}, {LogID: theirs, Base: 1, Size: 20}}}
	l := &lineDesk{}
	v := station.View{Me: 1, Own: station.OwnView{Generation: 2, Size: 10}, Peers: []station.PeerView{{No: 2, Generation: 1, Size: 18}}}
	read := func(v station.View, reads int) *recent {
		t.Helper()
		out, err := l.readNewest(r, v)
		if err != nil {
			t.Fatal(err)
		}
		if r.reads != reads {
			t.Fatalf("read %d times, not %d", r.reads, reads)
		}
		return out
	}
	a := read(v, 1)
	if r.to[old] != 7 || r.to[ours] != 10 || r.to[theirs] != 18 {
		t.Fatalf("read up to %v", r.to)
	}
	if read(v, 1) != a {
		t.Fatal("another one")
	}
	r.logs[2].Size = 30 // more of theirs has come, of which the view does not know
	read(v, 1)
	v.Peers[0].Size = 30
	if read(v, 2) == a || r.to[theirs] != 30 {
		t.Fatalf("read up to %v", r.to)
	}
}
