// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"

	"openline/internal/store"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// saving is the batch on its way to the disk and what follows once it is
// there.
type saving struct {
	id       uint64
	batch    store.Batch
	told     []Told
	own      []record.Entry // numbered in this batch
	from     uint64
	taken    []mirror.Taken
	stmts    []outgoing
	says     []*say
	ahead    []mirror.Ahead
	exported []Exported
	noted    []string // tokens of the notes in it
	mandates bool     // a change of the mandates is in it
	removed  *Remove  // the act of removal in it
	uploaded []*upload
	silent   bool // nothing leaves until it is done
}

// outgoing is a statement of ours and whom it is for; 0 means every peer.
type outgoing struct {
	to record.PartyNo
	s  mirror.Statement
}

func (g *saving) fact(name string, v []byte) {
	if g.batch.Facts == nil {
		g.batch.Facts = map[string][]byte{}
	}
	g.batch.Facts[name] = v
}

// gather puts everything that waits into one batch, numbers and signs it,
// and asks for it to be saved. While one is being saved it does nothing.
func (s *Station) gather() {
	if s.saving != nil || s.marking || s.stopped {
		return
	}
	g := &saving{batch: store.Batch{Line: s.line, Expect: s.expect, Next: s.expect}}
	if s.hold == HoldNone && s.duties.testReady() {
		s.gatherTest(g)
	} else {
		s.gatherFiles(g)
		s.gatherIntake(g)
		s.gatherAttached(g)
		s.gatherNotes(g)
		s.gatherMandates(g)
		s.gatherRemovals(g)
		if s.hold == HoldNone {
			s.gatherSigned(g)
		} else {
			s.gatherQueue(g)
		}
		s.gatherSnapshot(g)
	}
	if s.stopped {
		return
	}
	s.gatherReading(g)
	s.gatherReminded(g)
	if g.empty() {
		s.releaseTold(g)
		return
	}
	s.saveID++
	g.id = s.saveID
	s.saving = g
	if s.faulty(FaultSendBeforeSave) {
		s.row = g.batch.Next
		s.recent.add(g.from, g.own)
		s.release(g)
	} else if s.faulty(FaultReceiptBeforeCommit) {
		s.sendStatements(g.stmts)
		g.stmts = nil
	}
	s.do(Save{ID: g.id, Batch: g.batch})
}

// gatherSigned adds what this station signs: its records first, so that the
// receipts and heads that follow are over them too.
func (s *Station) gatherSigned(g *saving) {
	s.gatherOwn(g)
	s.gatherReceipts(g)
	s.gatherTimedHead(g)
	s.gatherExports(g)
	s.gatherPQ(g)
}

func (g *saving) empty() bool {
	b := &g.batch
	return len(b.Logs)+len(b.Known)+len(b.Forked)+len(b.Statements)+len(b.DropStatements)+len(b.Tokens)+len(b.Journal) == 0 &&
		len(b.Ahead)+len(b.Accusations)+len(b.Queue)+len(b.Unqueue)+len(b.Facts)+len(b.Removals)+len(b.Blobs)+len(b.Attached) == 0 && b.Snapshot == nil
}

// gatherTest numbers the line test in a batch of its own, which takes
// nothing in, so that its digest is that of its own cut.
func (s *Station) gatherTest(g *saving) {
	s.duties.testPending = false
	p, err := s.prepare(s.lineTest(), false)
	if err != nil {
		s.log("error", "line test: %v", err)
		return
	}
	g.fact(factTests, uintFact(s.tests.number))
	s.gatherOwnRecords(g, []*prepared{p}, false)
}

// gatherIntake adds what the mirrors took and the statements that verified.
func (s *Station) gatherIntake(g *saving) {
	in := s.intake
	s.intake = intake{}
	g.taken, g.ahead = in.taken, in.ahead
	g.batch.Logs = append(g.batch.Logs, in.cards...)
	for _, t := range in.taken {
		s.addLog(g, s.updateOf(t))
	}
	g.batch.Statements = append(g.batch.Statements, in.statements...)
	g.batch.DropStatements = append(g.batch.DropStatements, in.dropped...)
	for _, a := range in.ahead {
		g.batch.Ahead = append(g.batch.Ahead, store.Ahead{Log: store.LogID(a.Log), Index: a.Index, Bytes: a.Encode()})
	}
	g.batch.Accusations, g.batch.Forked = in.accusations, in.forked
	for _, j := range in.journal {
		s.write(g, j)
	}
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
		u.Entries = append([]record.Entry(nil), u.Entries...)
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
	if len(machine)+len(s.waiting) > 0 || s.duties.newCard {
		s.gatherOwnRecords(g, machine, true)
	}
}

func (s *Station) gatherOwnRecords(g *saving, machine []*prepared, people bool) {
	u := store.LogUpdate{Log: s.ownLog(), From: s.tree.Size(), HashFrom: tlog.StoredCount(s.tree.Size())}
	if s.duties.newCard {
		u.Card, u.Base = s.cfg.Card, s.card.Base
		g.batch.Next.Generation, g.batch.Next.Size, g.batch.Next.Root, g.batch.Next.Checkpoint = s.card.Generation, 0, s.tree.Root(), nil
	}
	g.from = s.tree.Size()
	at := s.signedTime()
	for _, p := range machine {
		s.number(&u, p, at)
	}
	if people {
		s.numberWaiting(g, &u, at)
	}
	if u.Card == nil && len(u.Entries) == 0 {
		return
	}
	s.duties.newCard = false
	u.Size, u.Root = s.tree.Size(), s.tree.Root()
	if len(u.Entries) > 0 {
		note, err := tlog.SignCheckpoint(tlog.Checkpoint{Origin: s.card.Origin(), Size: u.Size, Root: u.Root}, s.cfg.Signers.Log)
		if err != nil {
			s.stop(err)
			return
		}
		u.Checkpoint = note
		g.batch.Next.Checkpoint, g.batch.Next.LastSigned = note, at
	}
	g.own = u.Entries
	g.batch.Logs = append(g.batch.Logs, u)
	g.batch.Next.Generation, g.batch.Next.Size, g.batch.Next.Root = s.card.Generation, u.Size, u.Root
	s.noteRoot(u.Size, u.Root)
}

// numberWaiting numbers what people said, as fast as the agreement lets a
// party speak. FLASH waits for no ceiling.
func (s *Station) numberWaiting(g *saving, u *store.LogUpdate, at record.Stamp) {
	kept := s.waiting[:0]
	for _, sy := range s.waiting {
		if len(u.Entries) < s.cfg.MaxBatch && (s.pace.take(len(sy.drafts), s.now.Mono) || sy.flash()) {
			s.numberSay(g, u, sy, at)
		} else {
			kept = append(kept, sy)
		}
	}
	clear(s.waiting[len(kept):])
	s.waiting = kept
}

// numberSay numbers the drafts of one say, all or none. What two persons
// released is held once more against what it is about: they were shown a
// state, and records may have come since.
func (s *Station) numberSay(g *saving, u *store.LogUpdate, sy *say, at record.Stamp) {
	s.size -= sy.size()
	if sy.stored {
		g.batch.Unqueue = append(g.batch.Unqueue, sy.token)
		s.queued -= len(sy.drafts)
	}
	if err := s.stillSaid(g, sy); err != nil {
		g.told = append(g.told, Told{Token: sy.token, Err: err})
		return
	}
	from := s.tree.Size()
	told := Told{Token: sy.token}
	for _, p := range sy.drafts {
		changed := p.two && s.movedOn(g, p)
		r := s.number(u, p, at)
		r.Changed = changed
		told.Results = append(told.Results, r)
		if p.adopts > 0 {
			g.fact(factAdopted, uintFact(uint64(p.adopts)))
		}
		s.writeSender(g, p, at, r)
		s.nameFiles(g, p)
	}
	g.told = append(g.told, told)
	g.says = append(g.says, sy)
	if sy.token != "" {
		g.batch.Tokens = append(g.batch.Tokens, store.Token{Token: sy.token, Log: u.Log, From: from, Count: len(sy.drafts)})
	}
}

// stillSaid reports why what waited can no longer be said.
func (s *Station) stillSaid(g *saving, sy *say) error {
	if sy.broken != nil {
		return sy.broken
	}
	for _, p := range sy.drafts {
		if err := s.renew(p); err != nil {
			return err
		}
		if err := s.stillAlone(p); err != nil {
			return err
		}
		if p.bound() && s.movedOn(g, p) {
			return ErrChanged
		}
	}
	return nil
}

// movedOn reports whether what a draft is about has changed since it was
// shown, or changes in this batch.
func (s *Station) movedOn(g *saving, p *prepared) bool {
	return p.cut != s.cutOf(p.about) || g.touches(p.about)
}

// touches reports whether the batch takes in a record about a thing.
func (g *saving) touches(thing record.Ref) bool {
	if thing.IsZero() {
		return false
	}
	for _, t := range g.taken {
		for _, e := range t.Entries {
			if aboutOf(e) == thing {
				return true
			}
		}
	}
	return false
}

// gatherQueue keeps, while the station does not sign, what people say: words
// are taken, no number is given.
func (s *Station) gatherQueue(g *saving) {
	for _, sy := range s.waiting {
		if sy.stored {
			continue
		}
		if s.queued+len(sy.drafts) > maxQueue {
			g.told = append(g.told, Told{Token: sy.token, Err: ErrQueueFull})
			sy.broken = ErrQueueFull
			continue
		}
		sy.stored = true
		s.queued += len(sy.drafts)
		g.batch.Queue = append(g.batch.Queue, store.Queued{Token: sy.token, Bytes: encodeSay(sy)})
		g.told = append(g.told, Told{Token: sy.token, Results: make([]Result, len(sy.drafts))})
	}
	s.dropWaiting(func(sy *say) bool { return !sy.stored && errors.Is(sy.broken, ErrQueueFull) })
}

// releaseQueue gives back, on the way out of the queue, what may no longer
// be said.
func (s *Station) releaseQueue(g *saving) {
	s.dropWaiting(func(sy *say) bool {
		if sy.broken == nil || !sy.stored {
			return false
		}
		g.batch.Unqueue = append(g.batch.Unqueue, sy.token)
		g.told = append(g.told, Told{Token: sy.token, Err: sy.broken})
		s.queued -= len(sy.drafts)
		s.log("warn", "what was said while not signing cannot be recorded: %v", sy.broken)
		return true
	})
}

// gatherSnapshot caches the state of the line now and then.
func (s *Station) gatherSnapshot(g *saving) {
	if s.folded >= s.cfg.SnapshotEvery || s.folded >= idleSnapshot && len(g.stmts) > 0 && s.duties.headMadeAt == s.now.Mono {
		g.batch.Snapshot = s.cached()
		s.folded = 0
	}
}
