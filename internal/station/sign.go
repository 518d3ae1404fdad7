// SPDX-License-Identifier: Apache-2.0

package station

import (
	"openline/internal/store"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// gatherReceipts cosigns the newest head of every log that is held whole.
// "Before its first receipt for a new generation a party appends a machine
// record naming the card it took (KY01)."
func (s *Station) gatherReceipts(g *saving) {
	for _, p := range s.peers {
		for _, gen := range p.mirror.Generations() {
			c, ok := p.mirror.Cosignable(gen)
			if !ok || !p.known[gen] {
				continue
			}
			s.sign(g, s.cfg.Signers.Cosigner, store.LogID{Party: p.no, Generation: gen}, c, p.no, false)
			p.mirror.Cosigned(gen, c.Size)
			s.duties.wantPQ(s)
		}
	}
}

// gatherTimedHead signs, at the agreed interval, where our own log ends. The
// one before need not be kept.
func (s *Station) gatherTimedHead(g *saving) {
	if !s.duties.timedHeadDue(s) || g.batch.Next.Checkpoint == nil {
		return
	}
	s.dropOwnHead(g, false)
	s.duties.ownHead = s.sign(g, s.cfg.Signers.Cosigner, s.ownLog(), s.ownHead(g), 0, false)
	s.duties.timedHeadMade(s)
	s.duties.wantPQ(s)
	s.duties.pqOwn = true
}

func (s *Station) dropOwnHead(g *saving, pq bool) {
	old := s.duties.ownHead
	if pq {
		old = s.duties.ownHeadPQ
	}
	if old.Bytes != nil {
		g.batch.DropStatements = append(g.batch.DropStatements, old.ID())
	}
}

// gatherPQ makes ML-DSA cosignatures over the newest heads, never over an
// older one with a new time, and never more often than once in a while: they
// are off the critical path, in a batch of their own unless there is no pause
// between others.
func (s *Station) gatherPQ(g *saving) {
	pause := g.empty() || s.now.Mono >= s.duties.pqAt+s.cfg.PQEvery/2
	if !s.duties.pqDue(s) || !pause {
		return
	}
	s.duties.pqMade(s)
	for _, p := range s.peers {
		for _, gen := range p.mirror.Generations() {
			c, _, ok := p.mirror.Head(gen)
			if !ok || p.mirror.Forked(gen) || c.Size > p.mirror.CosignedSize(gen) || c.Size <= p.pqMade[gen] {
				continue
			}
			s.sign(g, s.cfg.Signers.CosignerPQ, store.LogID{Party: p.no, Generation: gen}, c, p.no, true)
			p.pqMade[gen] = c.Size
		}
	}
	own := s.duties.pqOwn
	s.duties.pqOwn = false
	if own && g.batch.Next.Checkpoint != nil {
		s.dropOwnHead(g, true)
		s.duties.ownHeadPQ = s.sign(g, s.cfg.Signers.CosignerPQ, s.ownLog(), s.ownHead(g), 0, true)
	}
}

func (s *Station) ownHead(g *saving) tlog.Checkpoint {
	return tlog.Checkpoint{Origin: s.card.Origin(), Size: g.batch.Next.Size, Root: g.batch.Next.Root}
}

// sign makes a cosignature within a batch. It leaves once the batch is
// durable.
func (s *Station) sign(g *saving, key tlog.Cosigner, log store.LogID, c tlog.Checkpoint, to record.PartyNo, pq bool) store.Statement {
	at := max(s.signedTime(), g.batch.Next.LastSigned)
	line, err := key.Cosign(c, uint64(at))
	if err != nil {
		s.stop(err)
		return store.Statement{}
	}
	g.batch.Next.LastSigned = at
	st := store.Statement{Log: log, By: s.ownLog(), Size: c.Size, Root: c.Root, At: at, PQ: pq, Bytes: line}
	g.batch.Statements = append(g.batch.Statements, st)
	g.stmts = append(g.stmts, outgoing{to, mirror.Statement{
		Log: mirror.LogID(log), By: mirror.LogID(s.ownLog()), Size: c.Size, Line: line, PQ: pq,
	}})
	return st
}
