// SPDX-License-Identifier: Apache-2.0

package gather

import (
	"fmt"

	"openline/extract/layout"
	"openline/identity"
	"openline/record"
)

// NoReplyTo gathers a no-reply extract for a request of the exporter. Before
// it, in one transaction that is saved and sent like any other, the station
// signs, with Ed25519 and with ML-DSA-44:
//
//   - its receipt over exactly the newest head it knows of the answering
//     side's log (t3), and in the same second over every earlier generation
//     from the request's own seen on;
//   - then its timed head over its own log (not before t3).
//
// It does not export while it queues, nor while a record about the request
// lies ahead of its place. Whoever exports verifies the result before it is
// handed out: [Report.NoReply] says whether the sentence stands, and why not.
func NoReplyTo(src Source, w Wish, request record.Ref, answering record.PartyNo) (*Contents, error) {
	g, err := newGather(src, w, layout.NoReplyFor)
	if err != nil {
		return nil, fmt.Errorf("gather no-reply extract: %w", err)
	}
	if err := g.noReply(request, answering); err != nil {
		return nil, fmt.Errorf("gather no-reply extract: %w", err)
	}
	return g.out, nil
}

func (g *gather) noReply(request record.Ref, answering record.PartyNo) error {
	at, err := g.place(request)
	if err != nil {
		return err
	}
	list, err := g.src.Entries(at.Log, at.Index, 1, readBytes)
	if err != nil {
		return err
	}
	if len(list) != 1 || at.Log.Party != g.wish.Exporter {
		return fmt.Errorf("record %d of party %d is not a request of ours", request.Number, request.Party)
	}
	g.out.Request, g.out.Answering = at, answering
	p := about{g: g, request: at, number: request.Number, hash: record.LeafHash(list[0].Leaf)}
	from := layout.LogID{Party: answering, Generation: 1}
	start := uint64(0)
	if leaf, err := record.DecodeLeaf(list[0].Leaf); err == nil {
		for _, s := range leaf.Seen {
			if s.Party == answering && s.Size > 0 && s.Generation >= from.Generation {
				from.Generation, start = s.Generation, s.Size
			}
		}
	}
	for i := range g.held {
		h := &g.held[i]
		l := Log{ID: h.Log, Card: h.Card}
		switch {
		case h.Log.Party == g.wish.Exporter && h.Log.Generation >= at.Log.Generation:
			err = g.rangeOf(h, &l, p, first(h.Log == at.Log, at.Index))
		case h.Log.Party == answering && h.Log.Generation >= from.Generation:
			err = g.rangeOf(h, &l, p, first(h.Log == from, start))
		}
		if err != nil {
			return err
		}
		g.out.Logs = append(g.out.Logs, l)
	}
	return nil
}

func first(here bool, index uint64) uint64 {
	if here {
		return index
	}
	return 0
}

// rangeOf shows a log from an index on: leaves, and what is about the
// request as deep as wished, at least to the header.
func (g *gather) rangeOf(h *Held, l *Log, p about, from uint64) error {
	end, err := g.end(h)
	if err != nil {
		return err
	}
	if len(h.Pending) > 0 && h.Log.Party != g.wish.Exporter {
		pending, line, err := ownLine(h.Pending, end.Origin)
		if err != nil {
			return err
		}
		if pending.Size > end.Size && len(end.Statements) > 0 {
			l.Heads = append(l.Heads, Head{Checkpoint: pending, Signature: line})
		}
	}
	l.Size, l.Split = end.Size, append(g.named(h.Log), from)
	heads := []Head{end}
	if h.Log == p.request.Log {
		for _, by := range g.held {
			for _, pq := range []bool{false, true} {
				s, err := g.src.Statements(h.Log, by.Log, from+1, pq, 1)
				if err != nil {
					return err
				}
				if len(s) > 0 && by.Log.Party == g.out.Answering && s[0].Size <= end.Size {
					heads = addHead(heads, end.Origin, s[0])
				}
			}
		}
	}
	l.Heads = append(heads, l.Heads...)
	open, err := p.open(h, from, end.Size)
	if err != nil {
		return err
	}
	l.Depth = func(i uint64) layout.Depth {
		if i < from {
			return layout.Withheld
		}
		return max(open[i], layout.LeafOnly)
	}
	return nil
}

// about finds what has to be opened.
type about struct {
	g       *gather
	request layout.Place
	number  uint64
	hash    [32]byte
}

func (p about) open(h *Held, from, end uint64) (map[uint64]layout.Depth, error) {
	out := map[uint64]layout.Depth{}
	for at := from; at < end; {
		list, err := p.g.src.Entries(h.Log, at, int(min(end-at, readEntries)), readBytes)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("record %d of party %d is missing", h.Base+at, h.Log.Party)
		}
		for i, e := range list {
			d := p.depth(h, at+uint64(i), e)
			if d > layout.LeafOnly && removed(e) {
				return nil, errRemoved(h.Log.Party, h.Base+at+uint64(i))
			}
			if d > layout.LeafOnly {
				out[at+uint64(i)] = d
			}
		}
		at += uint64(len(list))
	}
	return out, nil
}

// depth is how deep a record is shown: all that is about the request, the
// word by which the other side took the exporter's newest card, and what the
// exporter took back.
func (p about) depth(h *Held, index uint64, e record.Entry) layout.Depth {
	wished := max(p.g.wish.Depth, layout.WithHeader)
	if h.Log == p.request.Log && index == p.request.Index {
		return wished
	}
	leaf, err := record.DecodeLeaf(e.Leaf)
	if err != nil {
		return layout.LeafOnly
	}
	if a := leaf.About; a.Party == p.request.Log.Party && (a.Number == p.number || a.Number == 0 && a.Hash == p.hash) {
		return wished
	}
	if header, err := record.DecodeHeader(e.Header); err == nil && leaf.About.IsZero() {
		theirs := h.Log.Party == p.g.out.Answering
		if theirs && header.Code == "KY01" && p.newest(e.Body) || !theirs && header.Code == "KY02" {
			return layout.Whole
		}
	}
	return layout.LeafOnly
}

func (p about) newest(body []byte) bool {
	b, err := record.DecodeBody(body)
	if err != nil {
		return false
	}
	for _, h := range p.g.held {
		card, err := identity.UnsafeParseStationCard(h.Card)
		if err != nil || h.Log.Party != p.g.wish.Exporter || h.Log.Generation == p.request.Log.Generation {
			continue
		}
		digest := card.Digest()
		if named, ok := b.Params["card"].AsBytes(); ok && string(named) == string(digest[:]) {
			return true
		}
	}
	return false
}
