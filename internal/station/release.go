// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"

	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/line"
	"openline/link"
	"openline/mirror"
	"openline/record"
)

// ErrAgain is in an answer that does not settle whether something is recorded.
var ErrAgain = errors.New("ask again with the same token")

// saveDone takes the outcome of a save. Only a clean success lets anything
// out; an unknown outcome ends the station, which re-reads at its next start.
func (s *Station) saveDone(ev SaveDone) {
	g := s.saving
	if g == nil || ev.ID != g.id || s.marking {
		return
	}
	switch {
	case ev.Err == nil:
	case errors.Is(ev.Err, store.ErrFull), errors.Is(ev.Err, store.ErrReadOnly):
		s.noRoom(ev.Err)
		return
	default:
		s.saveFailed(g, ev.Err)
		return
	}
	s.retryAt = 0
	if s.mayMark && s.markMoved(g) {
		s.marking = true
		s.do(SaveMark{ID: g.id, Mark: s.highMark(g)})
		return
	}
	s.finish(g)
}

// noRoom keeps a batch that was surely not saved and tries it again: the
// station says so, acknowledges nothing meanwhile, and keeps what it has.
func (s *Station) noRoom(err error) {
	if s.retryAt == 0 {
		s.alarm(0, fmt.Sprintf("nothing is recorded or receipted: %v", err))
	}
	s.retryAt = s.now.Mono + retryEvery
}

func (s *Station) retrySave() {
	if s.retryAt > 0 && s.now.Mono >= s.retryAt && s.saving != nil {
		s.retryAt = s.now.Mono + retryEvery
		s.do(Save{ID: s.saving.id, Batch: s.saving.batch})
	}
}

func (s *Station) saveFailed(g *saving, err error) {
	for _, t := range g.told {
		if t.Err == nil {
			t = Told{Token: t.Token, Err: fmt.Errorf("not known whether it was recorded; %w: %w", ErrAgain, err)}
		}
		s.do(t)
	}
	for _, sy := range s.waiting {
		if !sy.stored {
			s.do(Told{Token: sy.token, Err: fmt.Errorf("not recorded; %w: %w", ErrAgain, err)})
		}
	}
	for _, x := range g.exported {
		s.do(Exported{Token: x.Token, Request: x.Request, Err: err})
	}
	s.tellNoted(g, fmt.Errorf("not known whether it was written: %w", err))
	s.tellUnremoved(g, err)
	s.tellAttached(g, fmt.Errorf("not known whether it was written: %w", err))
	reload := errors.Is(err, store.ErrConflict)
	if reload {
		err = fmt.Errorf("another process wrote to this station's store: %w", err)
	}
	s.stopped = true
	s.do(Stop{Why: err, Reload: reload})
}

func (s *Station) markDone(ev MarkDone) {
	if !s.marking || s.saving == nil || ev.ID != s.saving.id {
		return
	}
	if ev.Err != nil {
		s.saveFailed(s.saving, fmt.Errorf("the high-water mark could not be written: %w", ev.Err))
		return
	}
	s.finish(s.saving)
}

// finish follows once a batch is durable, and the mark of it where one is
// kept: it comes into memory, is shown, and leaves.
func (s *Station) finish(g *saving) {
	s.saving, s.marking = nil, false
	s.expect = g.batch.Next
	if s.expect.Generation == s.card.Generation {
		s.row = s.expect
	} else {
		s.row.LastSigned, s.row.Journal = s.expect.LastSigned, s.expect.Journal
	}
	s.settle(g)
	s.release(g)
}

// highMark is the mark of what a batch makes durable.
func (s *Station) highMark(g *saving) mark.Mark {
	m := mark.Mark{Line: s.line, Row: g.batch.Next}
	for _, p := range s.peers {
		var best store.Statement
		if r := p.receipts[s.card.Generation]; r != nil {
			best = r.classical
		}
		for _, st := range g.batch.Statements {
			if st.By.Party == p.no && st.Log == s.ownLog() && !st.PQ && st.Size >= best.Size {
				best = st
			}
		}
		if best.Bytes != nil {
			m.Receipts = append(m.Receipts, best)
		}
	}
	return m
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
	claims := len(s.fold.Claims())
	for _, t := range g.taken {
		s.settleTaken(t)
	}
	for i, e := range g.own {
		s.noteOwn(s.addToFold(s.ownLog(), s.card.Base, g.from+uint64(i), e))
	}
	s.falseRoots(claims)
	for _, st := range g.batch.Statements {
		s.settleStatement(st)
	}
	for _, a := range g.ahead {
		s.settleAhead(a)
	}
	s.settleMandates(g)
	s.settleFiles(g)
	for _, sy := range g.says {
		delete(s.tokens, sy.token)
	}
	s.recent.add(g.from, g.own)
	s.settleRemoved(g)
}

// settleTaken folds what came of another party's log, or back of our own.
func (s *Station) settleTaken(t mirror.Taken) {
	if t.Log.Party == s.me {
		s.settleOlder(t)
		card, _, _ := s.own.mirror.Card(t.Log.Generation)
		for i, e := range t.Entries {
			s.addToFold(store.LogID(t.Log), card.Base, t.From+uint64(i), e)
		}
		return
	}
	p := s.peer(t.Log.Party)
	p.durable[t.Log.Generation] = t.Size
	p.mirror.Stored(t.Log.Generation, t.Size)
	p.filled(t.Log, t.Size)
	p.fetch.more = true
	card, _, _ := p.mirror.Card(t.Log.Generation)
	for i, e := range t.Entries {
		le := s.addToFold(store.LogID(t.Log), card.Base, t.From+uint64(i), e)
		s.judgeTime(p, le, e)
		s.heard(le)
	}
}

// falseRoots keeps as a claim every root a party says it saw that a log
// never had.
func (s *Station) falseRoots(from int) {
	claims := s.fold.Claims()
	for _, c := range claims[min(from, len(claims)):] {
		p := s.peer(c.By.Party)
		if p == nil {
			continue
		}
		var proof [][]byte
		if at, ok := s.locate(c.By); ok {
			if es, err := s.cfg.Reader.Entries(at.Log, at.Index, 1, 1); err == nil && len(es) == 1 {
				proof = append(proof, es[0].Leaf)
			}
		}
		s.keepClaim(p, c.By, "it says it saw a root that log never had", proof...)
	}
}

func (s *Station) settleCard(u store.LogUpdate) {
	if u.Log == s.ownLog() {
		s.fold.Generation(s.me, u.Log.Generation, u.Base, s.card.Previous)
		return
	}
	if u.Log.Party == s.me {
		card, _, _ := s.own.mirror.Card(u.Log.Generation)
		s.fold.Generation(s.me, u.Log.Generation, u.Base, card.Previous)
		s.namedByCards()
		s.tellHeld(link.Have{Party: s.me, Generation: u.Log.Generation})
		return
	}
	p := s.peer(u.Log.Party)
	if card, _, ok := p.mirror.Card(u.Log.Generation); ok {
		s.fold.Generation(u.Log.Party, u.Log.Generation, u.Base, card.Previous)
		s.tellHeld(link.Have{Party: u.Log.Party, Generation: u.Log.Generation, Size: p.durable[u.Log.Generation]})
	}
}

func (s *Station) settleStatement(st store.Statement) {
	if st.By.Party == s.me {
		return
	}
	s.shown.stated(st)
	p := s.peer(st.By.Party)
	if st.Log.Party == s.me {
		if st.Log == s.ownLog() {
			if st.PQ {
				s.mergeReceipts(p, receipts{pq: st})
			} else {
				s.mergeReceipts(p, receipts{classical: st})
			}
		}
		if base, ok := s.fold.Base(s.me, st.Log.Generation); ok && !st.PQ && st.Size > 0 {
			s.do(Happened{Kind: "receipt", Party: st.By.Party, Number: base + st.Size - 1})
		}
		s.forgetFlash()
		return
	}
	if st.Log.Party != p.no {
		return
	}
	heads := p.heads
	if st.PQ {
		heads = p.headsPQ
	}
	heads[st.Log.Generation] = timedHead{st, s.endsClock(p, heads[st.Log.Generation].At, st.At)}
	if !st.PQ {
		s.judgeHead(p, st)
		s.explained(st.At)
	}
}

// endsClock reports whether a timed head is the first after a running clock
// of that party ended: such a one is kept for good.
func (s *Station) endsClock(p *peer, before, at record.Stamp) bool {
	held := s.signedNow()
	for _, w := range s.fold.Waits() {
		if w.Side.Party != p.no {
			continue
		}
		if r := s.fold.ReckonSide(w.Thing, w.Side, held, at); r.Due >= before && r.Due < at {
			return true
		}
	}
	return false
}

// heard tells the watch that a record of another party is durable here.
func (s *Station) heard(e line.Entry) {
	code := ""
	if e.Header != nil {
		code = e.Header.Code
	}
	s.do(Happened{Kind: "record", Party: e.Party, Number: e.Number, Code: code})
	s.heardTest(e)
	s.noteRead(e)
	s.matterMoved(e)
}

func (s *Station) noteOwn(e line.Entry) {
	s.tests.said(s, e)
	s.noteRead(e)
	if e.Header == nil {
		return
	}
	s.do(Happened{Kind: "record", Party: e.Party, Number: e.Number, Code: e.Header.Code})
	s.matterMoved(e)
}

// release lets out what a durable batch allows: answers to those who asked,
// receipts, timed heads, what we now hold, and the new records.
func (s *Station) release(g *saving) {
	s.releaseTold(g)
	s.tellNoted(g, nil)
	s.tellAttached(g, nil)
	s.sendStatements(g.stmts)
	for _, x := range g.exported {
		s.do(x)
	}
	s.sendHaves(g.taken)
	for _, b := range s.sortedBearers() {
		if b.resend {
			s.resendStatements(b)
		}
		s.push(b)
	}
}

func (s *Station) releaseTold(g *saving) {
	for _, t := range g.told {
		s.do(t)
		if sy, ok := s.tokens[t.Token]; ok && !sy.stored {
			delete(s.tokens, t.Token)
		}
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
	s.tellHeld(holds...)
}

func (s *Station) tellHeld(holds ...link.Have) {
	for _, b := range s.sortedBearers() {
		if b.session.IsUp() {
			b.session.SendHave(holds)
		}
	}
}
