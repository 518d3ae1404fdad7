// SPDX-License-Identifier: Apache-2.0

package station

import (
	"openline/catalogue"
	"openline/internal/store"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// saving is the batch on its way to the disk and what follows once it is
// there.
type saving struct {
	id    uint64
	batch store.Batch
	told  []Told
	own   []record.Entry // numbered in this batch
	from  uint64
	taken []mirror.Taken
	stmts []outgoing
	says  []*say
	ahead []mirror.Ahead
}

// outgoing is a statement of ours and whom it is for; 0 means every peer.
type outgoing struct {
	to record.PartyNo
	s  mirror.Statement
}

// gather puts everything that waits into one batch, numbers and signs it,
// and asks for it to be saved. While one is being saved it does nothing.
func (s *Station) gather() {
	if s.saving != nil || s.marking || s.stopped {
		return
	}
	g := &saving{batch: store.Batch{Line: s.line, Expect: s.row, Next: s.row}}
	s.gatherIntake(g)
	if s.hold == HoldNone {
		s.gatherOwn(g)
		s.gatherReceipts(g)
		s.gatherTimedHead(g)
		s.gatherPQ(g)
	} else {
		s.gatherQueue(g)
	}
	if g.empty() {
		return
	}
	s.saveID++
	g.id = s.saveID
	s.saving = g
	if s.faulty(FaultSendBeforeSave) {
		s.row = g.batch.Next
		s.release(g)
	} else if s.faulty(FaultReceiptBeforeCommit) {
		s.sendStatements(g.stmts)
		g.stmts = nil
	}
	s.do(Save{ID: g.id, Batch: g.batch})
}

func (g *saving) empty() bool {
	b := &g.batch
	return len(b.Logs) == 0 && len(b.Statements) == 0 && len(b.Queue) == 0 && len(b.Unqueue) == 0 &&
		len(b.Accusations) == 0 && len(b.Ahead) == 0 && b.Snapshot == nil
}

// gatherIntake adds what the mirrors took and the statements that verified.
func (s *Station) gatherIntake(g *saving) {
	in := s.intake
	s.intake = intake{}
	g.taken, g.ahead = in.taken, in.ahead
	for _, c := range in.cards {
		g.batch.Logs = append(g.batch.Logs, c)
	}
	for _, t := range in.taken {
		s.addLog(g, s.updateOf(t))
	}
	for _, st := range in.statements {
		g.batch.Statements = append(g.batch.Statements, st)
	}
	for _, a := range in.ahead {
		g.batch.Ahead = append(g.batch.Ahead, store.Ahead{Log: store.LogID(a.Log), Index: a.Index, Bytes: a.Encode()})
	}
	g.batch.Accusations = in.accusations
}

// addLog joins contiguous updates of one log, so that a batch holds one
// update of each.
func (s *Station) addLog(g *saving, u store.LogUpdate) {
	for i := range g.batch.Logs {
		l := &g.batch.Logs[i]
		if l.Log != u.Log {
			continue
		}
		if len(l.Entries) == 0 {
			l.From, l.HashFrom = u.From, u.HashFrom
		}
		l.Entries, l.About, l.Hashes = append(l.Entries, u.Entries...), append(l.About, u.About...), append(l.Hashes, u.Hashes...)
		l.Size, l.Root = u.Size, u.Root
		if u.Checkpoint != nil {
			l.Checkpoint = u.Checkpoint
		}
		l.Pending = u.Pending
		return
	}
	g.batch.Logs = append(g.batch.Logs, u)
}

func (s *Station) updateOf(t mirror.Taken) store.LogUpdate {
	u := store.LogUpdate{
		Log: store.LogID(t.Log), From: t.From, Entries: t.Entries, HashFrom: t.HashFrom, Hashes: t.Hashes,
		Size: t.Size, Root: t.Root, Checkpoint: t.Checkpoint, Pending: t.Pending,
	}
	for _, e := range t.Entries {
		u.About = append(u.About, aboutOf(e))
	}
	if s.faulty(FaultBodyMissing) && len(u.Entries) > 0 {
		e := &u.Entries[len(u.Entries)-1]
		*e = record.Entry{Leaf: e.Leaf, Header: e.Header}
	}
	return u
}

func aboutOf(e record.Entry) record.Ref {
	if l, err := record.DecodeLeaf(e.Leaf); err == nil {
		return l.About
	}
	return record.Ref{}
}

// gatherOwn numbers drafts: machine records first, then what people said.
func (s *Station) gatherOwn(g *saving) {
	s.releaseQueue(g)
	machine := s.duties.records(s, g)
	if len(machine)+len(s.waiting) == 0 {
		if s.duties.newCard && s.row.Size == 0 {
			s.openLog(g)
		}
		return
	}
	u := store.LogUpdate{Log: s.ownLog(), Base: s.card.Base, From: s.tree.Size(), HashFrom: tlog.StoredCount(s.tree.Size())}
	if s.duties.newCard {
		u.Card = s.cfg.Card
	}
	g.from = s.tree.Size()
	at := s.signedTime()
	for _, p := range machine {
		s.number(g, &u, p, at)
	}
	for len(s.waiting) > 0 && len(u.Entries) < s.cfg.MaxBatch {
		sy := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.numberSay(g, &u, sy, at)
	}
	u.Size, u.Root = s.tree.Size(), s.tree.Root()
	note, err := tlog.SignCheckpoint(tlog.Checkpoint{Origin: s.card.Origin(), Size: u.Size, Root: u.Root}, s.cfg.Signers.Log)
	if err != nil {
		s.stop(err)
		return
	}
	u.Checkpoint = note
	g.own = u.Entries
	g.batch.Logs = append(g.batch.Logs, u)
	g.batch.Next.Generation, g.batch.Next.Size, g.batch.Next.Root = s.card.Generation, u.Size, u.Root
	g.batch.Next.Checkpoint, g.batch.Next.LastSigned = note, at
	s.noteRoot(u.Size, u.Root)
}

// openLog saves the first, empty state of a new generation with its card.
func (s *Station) openLog(g *saving) {
	g.batch.Logs = append(g.batch.Logs, store.LogUpdate{Log: s.ownLog(), Card: s.cfg.Card, Base: s.card.Base, Root: s.tree.Root()})
	g.batch.Next.Generation, g.batch.Next.Size, g.batch.Next.Root = s.card.Generation, 0, s.tree.Root()
	s.duties.newCard = false
}

func (s *Station) numberSay(g *saving, u *store.LogUpdate, sy *say, at record.Stamp) {
	from := s.tree.Size()
	told := Told{Token: sy.token}
	for _, p := range sy.drafts {
		told.Results = append(told.Results, s.number(g, u, p, at))
	}
	g.told = append(g.told, told)
	g.says = append(g.says, sy)
	if sy.token != "" {
		g.batch.Tokens = append(g.batch.Tokens, store.Token{Token: sy.token, Log: u.Log, From: from, Count: len(sy.drafts)})
	}
	if sy.stored {
		g.batch.Unqueue = append(g.batch.Unqueue, sy.token)
		s.queued -= len(sy.drafts)
	}
}

// number gives a prepared draft its place: leaf, leaf hash, tree.
func (s *Station) number(g *saving, u *store.LogUpdate, p *prepared, at record.Stamp) Result {
	leaf := record.Leaf{
		Format: record.FormatVersion, Agreement: p.version, Author: s.me, Generation: s.card.Generation,
		Time: at, About: p.about, Seen: s.seenNow(p.asks), Header: p.digest,
	}
	e := record.Entry{Leaf: leaf.Encode(), Header: p.header, Body: p.body}
	hash := record.LeafHash(e.Leaf)
	index := s.tree.Size()
	u.Hashes = append(u.Hashes, s.tree.Append(hash)...)
	u.Entries = append(u.Entries, e)
	u.About = append(u.About, p.about)
	return Result{Party: s.me, Generation: s.card.Generation, Number: s.card.Base + index, Leaf: hash, Time: at}
}

// seenNow lists each other log as held whole: those that changed since our
// last leaf, or all of them when the record asks for a reply.
func (s *Station) seenNow(all bool) []record.Seen {
	var out []record.Seen
	for _, p := range s.peers {
		gen := p.mirror.Newest()
		if gen == 0 {
			continue
		}
		size, root := p.mirror.Position(gen)
		now := record.Seen{Party: p.no, Generation: gen, Size: size, Root: root}
		if size > 0 && (all || s.seen[p.no] != now) {
			out = append(out, now)
			s.seen[p.no] = now
		}
	}
	return out
}

// gatherReceipts cosigns the newest head of every log that is held whole.
func (s *Station) gatherReceipts(g *saving) {
	for _, p := range s.peers {
		for _, gen := range p.mirror.Generations() {
			c, ok := p.mirror.Cosignable(gen)
			if !ok || !p.known[gen] {
				continue
			}
			s.sign(g, s.cfg.Signers.Cosigner, store.LogID{Party: p.no, Generation: gen}, c, p.no, false)
			p.mirror.Cosigned(gen, c.Size)
			s.duties.pqDirty = true
		}
	}
}

// gatherTimedHead signs, at the agreed interval, where our own log ends.
func (s *Station) gatherTimedHead(g *saving) {
	if !s.duties.timedHeadDue(s) || g.batch.Next.Checkpoint == nil {
		return
	}
	s.sign(g, s.cfg.Signers.Cosigner, s.ownLog(), s.ownHead(g), 0, false)
	s.duties.timedHeadMade(s)
	s.duties.pqOwn = true
}

// gatherPQ makes ML-DSA cosignatures over the newest heads, never over an
// older one with a new time, and never more often than once in a while: they
// are off the critical path.
func (s *Station) gatherPQ(g *saving) {
	if !s.duties.pqDue(s) {
		return
	}
	s.duties.pqMade(s)
	for _, p := range s.peers {
		for _, gen := range p.mirror.Generations() {
			c, _, ok := p.mirror.Head(gen)
			if !ok || c.Size > p.mirror.CosignedSize(gen) || c.Size <= p.pqMade[gen] {
				continue
			}
			s.sign(g, s.cfg.Signers.CosignerPQ, store.LogID{Party: p.no, Generation: gen}, c, p.no, true)
			p.pqMade[gen] = c.Size
		}
	}
	if s.duties.pqOwn && g.batch.Next.Checkpoint != nil {
		s.duties.pqOwn = false
		s.sign(g, s.cfg.Signers.CosignerPQ, s.ownLog(), s.ownHead(g), 0, true)
	}
}

func (s *Station) ownHead(g *saving) tlog.Checkpoint {
	return tlog.Checkpoint{Origin: s.card.Origin(), Size: g.batch.Next.Size, Root: g.batch.Next.Root}
}

func (s *Station) sign(g *saving, key tlog.Cosigner, log store.LogID, c tlog.Checkpoint, to record.PartyNo, pq bool) {
	at := max(s.signedTime(), g.batch.Next.LastSigned)
	stmtLine, err := key.Cosign(c, uint64(at))
	if err != nil {
		s.stop(err)
		return
	}
	g.batch.Next.LastSigned = at
	g.batch.Statements = append(g.batch.Statements, store.Statement{
		Log: log, By: s.ownLog(), Size: c.Size, Root: c.Root, At: at, PQ: pq, Bytes: stmtLine,
	})
	g.stmts = append(g.stmts, outgoing{to, mirror.Statement{
		Log: mirror.LogID(log), By: mirror.LogID(s.ownLog()), Size: c.Size, Line: stmtLine, PQ: pq,
	}})
}

// gatherQueue keeps, while the station does not sign, what people say: words
// are taken, no number is given.
func (s *Station) gatherQueue(g *saving) {
	for _, sy := range s.waiting {
		if sy.stored {
			continue
		}
		sy.stored = true
		s.queued += len(sy.drafts)
		g.batch.Queue = append(g.batch.Queue, store.Queued{Token: sy.token, Bytes: encodeSay(sy)})
		g.told = append(g.told, Told{Token: sy.token, Results: make([]Result, len(sy.drafts))})
	}
}

// releaseQueue checks once more, on the way out of the queue, that what was
// kept may still be said.
func (s *Station) releaseQueue(*saving) {
	kept := s.waiting[:0]
	for _, sy := range s.waiting {
		if !sy.stored || s.stillValid(sy) {
			kept = append(kept, sy)
		}
	}
	s.waiting = kept
}

func (s *Station) stillValid(sy *say) bool {
	for _, p := range sy.drafts {
		if phrase, ok := s.cfg.Catalogue(s.text.Version).Phrase(p.phrase.Code); !ok || phrase.Who == catalogue.Machine {
			return false
		}
		p.version = s.text.Version
	}
	return true
}
