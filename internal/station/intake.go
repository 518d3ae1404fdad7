// SPDX-License-Identifier: Apache-2.0

package station

import (
	"bytes"
	"errors"
	"fmt"

	"openline/identity"
	"openline/internal/store"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// intake is what came in and verified, and waits to be saved.
type intake struct {
	taken       []mirror.Taken
	bytes       int // of what was taken
	statements  []store.Statement
	dropped     []store.StatementID
	cards       []store.LogUpdate
	ahead       []mirror.Ahead
	accusations [][]byte
	forked      []store.LogID
	journal     []JournalEntry
}

func (in *intake) any() bool {
	return len(in.taken)+len(in.statements)+len(in.cards)+len(in.ahead)+len(in.accusations)+len(in.journal) > 0
}

func (in *intake) add(t mirror.Taken) {
	in.taken = append(in.taken, t)
	for _, e := range t.Entries {
		in.bytes += e.Size()
	}
}

// takeCard takes a peer's station card. A new one opens a new generation of
// its log here and is answered by KY01 before its first receipt.
func (s *Station) takeCard(p *peer, note []byte) error {
	if _, newest, ok := p.mirror.Card(p.mirror.Newest()); ok && bytes.Equal(note, newest) {
		return nil
	}
	if !p.cards.take(1, s.now.Mono) {
		return fmt.Errorf("%w: more than %d within the hour", mirror.ErrCard, maxCardsAnHour)
	}
	card, known, err := p.mirror.TakeCard(note)
	if err != nil || known {
		return err
	}
	s.intake.cards = append(s.intake.cards, store.LogUpdate{
		Log: store.LogID{Party: p.no, Generation: card.Generation}, Card: note, Base: card.Base, Root: tlog.EmptyRoot(),
	})
	s.duties.cardTaken(p.no, card)
	s.judgeCard(p, card)
	s.log("info", "station card of %s, generation %d, taken", p.party.Name, card.Generation)
	return nil
}

// judgeCard holds what a card says was held of the generation before against
// what is held of it here. Two copies of one station wrote, and the party
// keeps the other: its new generation counts, and what it signed is kept.
func (s *Station) judgeCard(p *peer, card *identity.StationCard) {
	if other, err := p.mirror.Disowned(card); err != nil || !other {
		return
	}
	earlier, _, _ := p.mirror.Card(card.Previous.Generation)
	_, head, _ := p.mirror.Head(card.Previous.Generation)
	_, note, _ := p.mirror.Card(card.Generation)
	s.keepClaim(p, record.ByNumber(p.no, earlier.Base+card.Previous.Size-1), "its new card names another root than the log it continues", note, head)
}

// judgeCards does so for the cards that name what has just come.
func (s *Station) judgeCards(p *peer, t mirror.Taken) {
	for _, gen := range p.mirror.Generations() {
		card, _, _ := p.mirror.Card(gen)
		if h := card.Previous; h != nil && h.Generation == t.Log.Generation && t.From < h.Size && h.Size <= t.Size {
			s.judgeCard(p, card)
		}
	}
}

func (s *Station) takePackage(b *bearer, payload []byte) {
	p, err := mirror.DecodePackage(payload)
	if err != nil {
		s.dropBearer(b, &link.Error{Code: link.CodeMalformed, Msg: "package: " + err.Error()})
		return
	}
	if s.intake.bytes > maxIntakeBytes {
		return // the disk is slower than the line; it is offered again
	}
	if p.Log.Party == s.me {
		s.takeBack(b, p)
		return
	}
	from := s.peer(p.Log.Party)
	switch {
	case from == nil:
		s.refuse(b, fmt.Errorf("package of party %d", p.Log.Party))
	case s.admit(from, p):
		s.takeFrom(b, from, p)
	}
}

func (s *Station) takeFrom(b *bearer, from *peer, p mirror.Package) {
	t, err := from.mirror.Take(p)
	var fork *tlog.ForkError
	switch {
	case err == nil:
		b.refused = 0
		from.trouble = ""
		if t.Stopped != nil {
			s.notReceipted(from, t.Stopped)
		}
		s.intake.add(t)
		s.judgeCards(from, t)
		s.retryTimedHead(from, p.Log.Generation)
	case errors.As(err, &fork):
		s.twoHistories(from, p.Log.Generation, fork)
	case errors.Is(err, mirror.ErrGap), errors.Is(err, mirror.ErrNothingNew):
		b.session.SendHave([]link.Have{{Party: p.Log.Party, Generation: p.Log.Generation, Size: from.durable[p.Log.Generation]}})
	case errors.Is(err, mirror.ErrTwoHistories):
		// It was said when it was found; nothing more is taken or answered.
	case withheld(err):
		s.notReceipted(from, err)
	default:
		s.refuse(b, err)
	}
}

// withheld reports whether an entry lacks its words, or has more than was
// agreed, under leaves that its party signed. That is no garbage: it is said,
// nothing is receipted from there on, and the bearer stays, since what is
// urgent still comes over it ahead of its place.
func withheld(err error) bool {
	return errors.Is(err, record.ErrNotWhole) || errors.Is(err, record.ErrTooLarge)
}

// refuse counts packages that lead nowhere: garbage from one source never
// keeps out the truth from another, but it does not go on for ever.
func (s *Station) refuse(b *bearer, err error) {
	b.refused++
	s.log("warn", "%s: package refused: %v", b.peer.party.Name, err)
	if b.refused >= maxRefused {
		s.dropBearer(b, &link.Error{Code: link.CodeRefused, Msg: err.Error()})
	}
}

func (s *Station) notReceipted(p *peer, err error) {
	if p.trouble == err.Error() {
		return
	}
	p.trouble = err.Error()
	gen := p.mirror.Newest()
	base, _ := s.fold.Base(p.no, gen)
	s.alarm(p.no, fmt.Sprintf("%s is not receipted from %d on: %v", p.party.Short, base+p.durable[gen], err))
}

// twoHistories keeps what accuses a party by itself. One accusation proves;
// a party that goes on contradicting itself adds nothing.
func (s *Station) twoHistories(p *peer, gen uint32, fork *tlog.ForkError) {
	if p.accused[gen]++; p.accused[gen] > maxAccusations {
		return
	}
	s.intake.accusations = append(s.intake.accusations, fork.Accusation.Format())
	if p.mirror.Forked(gen) {
		s.intake.forked = append(s.intake.forked, store.LogID{Party: p.no, Generation: gen})
	}
	s.do(Happened{Kind: "accusation", Party: p.no, Text: fork.Error()})
	s.log("error", "%s: %v", p.party.Name, fork)
}

func (s *Station) takeStatement(b *bearer, payload []byte) {
	st, err := mirror.DecodeStatement(payload)
	if err != nil {
		s.dropBearer(b, &link.Error{Code: link.CodeMalformed, Msg: "statement: " + err.Error()})
		return
	}
	p := s.peer(st.By.Party)
	if p == nil || len(s.intake.statements) >= maxIntake {
		return
	}
	s.judgeStatement(p, st)
}

func (s *Station) judgeStatement(p *peer, st mirror.Statement) {
	c, ok := s.checkpointFor(p, st)
	if !ok {
		return
	}
	at, err := p.mirror.TakeStatement(st, c)
	var fork *tlog.ForkError
	switch {
	case errors.As(err, &fork):
		s.twoHistories(p, st.By.Generation, fork)
		return
	case err != nil:
		s.log("warn", "%s: %v", p.party.Name, err)
		return
	}
	if s.alreadyKept(p, st, at) {
		return
	}
	s.keepStatement(p, store.Statement{
		Log: store.LogID(st.Log), By: store.LogID(st.By), Size: st.Size, Root: c.Root, At: record.Stamp(at), PQ: st.PQ, Bytes: st.Line,
	})
}

// keepStatement puts a verified statement on its way to the disk and lets go
// of the one it makes superfluous: a timed head that ended no clock, or a
// receipt repeated at one size that is neither the first nor the newest.
func (s *Station) keepStatement(p *peer, st store.Statement) {
	old, keep := store.Statement{}, false
	if st.Log == st.By {
		h := p.head(st.Log.Generation, st.PQ)
		old, keep = h.Statement, h.keep
	} else if r := p.receipts[s.card.Generation]; r != nil && st.Log == s.ownLog() {
		old = r.classical
		if st.PQ {
			old = r.pq
		}
		keep = old.Size != st.Size || s.isFirst(old)
	}
	if old.Bytes != nil && !keep {
		s.intake.dropped = append(s.intake.dropped, old.ID())
	}
	for i, o := range s.intake.statements {
		if o.Log == st.Log && o.By == st.By && o.PQ == st.PQ && (o.Size == st.Size || st.Log == st.By) {
			s.intake.statements[i] = st
			return
		}
	}
	s.intake.statements = append(s.intake.statements, st)
}

// isFirst reports whether a statement is the earliest over its size, or
// whether that cannot be told.
func (s *Station) isFirst(st store.Statement) bool {
	first, ok, err := s.cfg.Reader.StatementAt(st.Log, st.By, st.Size, st.PQ)
	return err != nil || !ok || first.ID() == st.ID()
}

func (p *peer) head(gen uint32, pq bool) timedHead {
	if pq {
		return p.headsPQ[gen]
	}
	return p.heads[gen]
}

// checkpointFor finds the head a statement is over: ours at a size we
// reached, or theirs at a size we hold. One over more than we hold waits.
func (s *Station) checkpointFor(p *peer, st mirror.Statement) (tlog.Checkpoint, bool) {
	switch {
	case st.Log == mirror.LogID(s.ownLog()):
		root, err := s.rootAt(st.Size)
		return tlog.Checkpoint{Origin: s.card.Origin(), Size: st.Size, Root: root}, err == nil
	case st.Log.Party == s.me:
		return s.olderHead(st)
	case st.Log.Party == p.no:
		card, _, ok := p.mirror.Card(st.Log.Generation)
		if !ok {
			return tlog.Checkpoint{}, false
		}
		size, root := p.mirror.Position(st.Log.Generation)
		if st.Size > size {
			p.waiting[st.Log.Generation] = st
			return tlog.Checkpoint{}, false
		}
		if st.Size < size {
			if st.Size > p.durable[st.Log.Generation] {
				return tlog.Checkpoint{}, false
			}
			var err error
			if root, err = tlog.RootAt(st.Size, s.cfg.Reader.Hashes(store.LogID(st.Log))); err != nil {
				return tlog.Checkpoint{}, false
			}
		}
		return tlog.Checkpoint{Origin: card.Origin(), Size: st.Size, Root: root}, true
	}
	return tlog.Checkpoint{}, false
}

func (s *Station) retryTimedHead(p *peer, gen uint32) {
	if st, ok := p.waiting[gen]; ok {
		if size, _ := p.mirror.Position(gen); size >= st.Size {
			delete(p.waiting, gen)
			s.judgeStatement(p, st)
		}
	}
}

// olderHead is the head of an older generation of ours a statement is over.
func (s *Station) olderHead(st mirror.Statement) (tlog.Checkpoint, bool) {
	card, _, ok := s.own.mirror.Card(st.Log.Generation)
	if !ok || st.Size > s.own.durable[st.Log.Generation] {
		return tlog.Checkpoint{}, false
	}
	root, err := tlog.RootAt(st.Size, s.cfg.Reader.Hashes(store.LogID(st.Log)))
	return tlog.Checkpoint{Origin: card.Origin(), Size: st.Size, Root: root}, err == nil
}

// alreadyKept spares the disk what is repeated at every reconnection.
func (s *Station) alreadyKept(p *peer, st mirror.Statement, at uint64) bool {
	if st.Log.Party == p.no {
		h := p.head(st.Log.Generation, st.PQ)
		return h.Bytes != nil && uint64(h.At) >= at && h.Size >= st.Size
	}
	have := store.Statement{}
	if r := p.receipts[s.card.Generation]; r != nil && st.Log == mirror.LogID(s.ownLog()) {
		have = r.classical
		if st.PQ {
			have = r.pq
		}
	}
	if have.By != store.LogID(st.By) {
		// Each generation signs for itself: what an older one signed is no
		// reason to leave out the word of the newest.
		var err error
		if have, _, err = s.cfg.Reader.NewestStatement(store.LogID(st.Log), store.LogID(st.By), st.PQ); err != nil {
			return true
		}
	}
	return have.Bytes != nil && (have.Size > st.Size || have.Size == st.Size && uint64(have.At) >= at)
}
