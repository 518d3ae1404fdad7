// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"

	"openline/internal/store"
	"openline/line"
	"openline/link"
	"openline/mirror"
	"openline/record"
)

// saveDone takes the outcome of a save. Only a clean success lets anything
// out; an unknown outcome ends the station, which re-reads at its next start.
func (s *Station) saveDone(ev SaveDone) {
	g := s.saving
	if g == nil || ev.ID != g.id {
		return
	}
	if ev.Err != nil {
		s.saveFailed(g, ev.Err)
		return
	}
	s.row = g.batch.Next
	s.settle(g)
	if s.cfg.Mark && s.markMoved(g) {
		s.marking = true
		s.do(SaveMark{ID: g.id, Mark: s.highMark()})
		return
	}
	s.saving = nil
	s.release(g)
}

func (s *Station) saveFailed(g *saving, err error) {
	for _, t := range g.told {
		s.do(Told{Token: t.Token, Err: fmt.Errorf("not known whether it was recorded; ask again with the same token: %w", err)})
	}
	if errors.Is(err, store.ErrConflict) {
		err = fmt.Errorf("another process wrote to this station's store: %w", err)
	}
	s.stop(err)
}

func (s *Station) markDone(ev MarkDone) {
	if !s.marking || s.saving == nil || ev.ID != s.saving.id {
		return
	}
	if ev.Err != nil {
		s.stop(fmt.Errorf("the high-water mark could not be written: %w", ev.Err))
		return
	}
	g := s.saving
	s.saving, s.marking = nil, false
	s.release(g)
}

// markMoved reports whether a batch changed what the mark holds: our newest
// head, last signed time, or receipts for our log.
func (s *Station) markMoved(g *saving) bool {
	if len(g.own) > 0 || g.batch.Next.LastSigned != g.batch.Expect.LastSigned || g.batch.Next.Generation != g.batch.Expect.Generation {
		return true
	}
	for _, st := range g.batch.Statements {
		if st.Log == s.ownLog() && st.By.Party != s.me {
			return true
		}
	}
	return false
}

// settle brings what is now durable into memory: the fold, receipts, sizes.
func (s *Station) settle(g *saving) {
	for _, u := range g.batch.Logs {
		if u.Card != nil {
			s.settleCard(u)
		}
	}
	for _, t := range g.taken {
		p := s.peer(t.Log.Party)
		p.durable[t.Log.Generation] = t.Size
		card, _, _ := p.mirror.Card(t.Log.Generation)
		for i, e := range t.Entries {
			s.heard(s.addToFold(store.LogID(t.Log), card.Base, t.From+uint64(i), e))
		}
	}
	for i, e := range g.own {
		s.noteOwn(s.addToFold(s.ownLog(), s.card.Base, g.from+uint64(i), e))
	}
	for _, st := range g.batch.Statements {
		s.settleStatement(st)
	}
	s.recent.add(g.from, g.own)
}

func (s *Station) settleCard(u store.LogUpdate) {
	if u.Log.Party == s.me {
		s.duties.newCard = false
		s.fold.Generation(s.me, u.Log.Generation, u.Base, s.card.Previous)
		return
	}
	p := s.peer(u.Log.Party)
	if card, _, ok := p.mirror.Card(u.Log.Generation); ok {
		s.fold.Generation(u.Log.Party, u.Log.Generation, u.Base, card.Previous)
	}
}

func (s *Station) settleStatement(st store.Statement) {
	if st.By.Party == s.me {
		return
	}
	p := s.peer(st.By.Party)
	if st.Log.Party == s.me {
		if st.Log == s.ownLog() {
			if st.PQ {
				s.mergeReceipts(p, receipts{pq: st})
			} else {
				s.mergeReceipts(p, receipts{classical: st})
			}
		}
		if !st.PQ {
			s.do(Happened{Kind: "receipt", Party: st.By.Party, Number: s.card.Base + st.Size - 1})
		}
		return
	}
	if !st.PQ {
		p.heads[st.Log.Generation] = st
	}
}

// heard tells the watch that a record of another party is durable here.
func (s *Station) heard(e line.Entry) {
	code := ""
	if e.Header != nil {
		code = e.Header.Code
	}
	s.do(Happened{Kind: "record", Party: e.Party, Number: e.Number, Code: code})
	s.tests.heard(s, e)
}

func (s *Station) noteOwn(e line.Entry) {
	s.tests.said(s, e)
	if e.Header == nil {
		return
	}
	s.do(Happened{Kind: "record", Party: e.Party, Number: e.Number, Code: e.Header.Code})
}

// release lets out what a durable batch allows: answers to those who asked,
// receipts, timed heads, what we now hold, and the new records.
func (s *Station) release(g *saving) {
	for _, t := range g.told {
		s.do(t)
	}
	s.sendStatements(g.stmts)
	s.sendHaves(g.taken)
	for _, b := range s.sortedBearers() {
		s.push(b)
	}
}

func (s *Station) sendStatements(stmts []outgoing) {
	for _, o := range stmts {
		b := o.s.Encode()
		for _, bear := range s.sortedBearers() {
			if bear.session.IsUp() && (o.to == 0 || o.to == bear.peer.no) {
				bear.session.SendStatement(b)
			}
		}
	}
}

func (s *Station) sendHaves(taken []mirror.Taken) {
	if len(taken) == 0 {
		return
	}
	var holds []link.Have
	seen := map[mirror.LogID]int{}
	for _, t := range taken {
		h := link.Have{Party: t.Log.Party, Generation: t.Log.Generation, Size: t.Size}
		if i, ok := seen[t.Log]; ok {
			holds[i] = h
			continue
		}
		seen[t.Log] = len(holds)
		holds = append(holds, h)
	}
	for _, b := range s.sortedBearers() {
		if b.session.IsUp() {
			b.session.SendHave(holds)
		}
	}
}

// recent keeps the newest own entries in memory, so that sending what was
// just saved reads nothing back.
type recent struct {
	from    uint64
	entries []record.Entry
	bytes   int
}

const recentBytes = 2 << 20

func (r *recent) add(from uint64, entries []record.Entry) {
	if len(entries) == 0 {
		return
	}
	if r.from+uint64(len(r.entries)) != from {
		*r = recent{from: from}
	}
	r.entries = append(r.entries, entries...)
	for _, e := range entries {
		r.bytes += e.Size()
	}
	drop := 0
	for r.bytes > recentBytes && drop < len(r.entries)-1 {
		r.bytes -= r.entries[drop].Size()
		drop++
	}
	if drop > 0 {
		r.entries = append([]record.Entry(nil), r.entries[drop:]...)
		r.from += uint64(drop)
	}
}

// get gives entries from an index on, or nil when they are no longer kept.
func (r *recent) get(from uint64, max, maxBytes int) []record.Entry {
	if from < r.from || from >= r.from+uint64(len(r.entries)) {
		return nil
	}
	rest := r.entries[from-r.from:]
	n, bytes := 0, 0
	for n < len(rest) && n < max && (n == 0 || bytes+rest[n].Size() <= maxBytes) {
		bytes += rest[n].Size()
		n++
	}
	return rest[:n]
}
