// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"

	"openline/internal/store"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// intake is what came in and verified, and waits to be saved.
type intake struct {
	taken       []mirror.Taken
	statements  []store.Statement
	cards       []store.LogUpdate
	ahead       []mirror.Ahead
	accusations [][]byte
}

func (in *intake) any() bool {
	return len(in.taken)+len(in.statements)+len(in.cards)+len(in.ahead)+len(in.accusations) > 0
}

// takeCard takes a peer's station card. A new one opens a new generation of
// its log here and is answered by KY01 before its first receipt.
func (s *Station) takeCard(p *peer, note []byte) error {
	card, known, err := p.mirror.TakeCard(note)
	if err != nil || known {
		return err
	}
	s.intake.cards = append(s.intake.cards, store.LogUpdate{
		Log: store.LogID{Party: p.no, Generation: card.Generation}, Card: note, Base: card.Base, Root: tlog.EmptyRoot(),
	})
	s.duties.cardTaken(p.no, card)
	s.log("info", "station card of %s, generation %d, taken", p.party.Name, card.Generation)
	return nil
}

func (s *Station) takePackage(b *bearer, payload []byte) {
	p, err := mirror.DecodePackage(payload)
	if err != nil {
		s.dropBearer(b, &link.Error{Code: link.CodeMalformed, Msg: "package: " + err.Error()})
		return
	}
	from := s.peer(p.Log.Party)
	if from == nil {
		s.refuse(b, fmt.Errorf("package of party %d", p.Log.Party))
		return
	}
	t, err := from.mirror.Take(p)
	var fork *tlog.ForkError
	switch {
	case err == nil:
		b.refused = 0
		from.trouble = ""
		s.intake.taken = append(s.intake.taken, t)
		s.retryTimedHead(from, p.Log.Generation)
	case errors.As(err, &fork):
		s.twoHistories(from, fork)
	case errors.Is(err, mirror.ErrGap), errors.Is(err, mirror.ErrNothingNew):
		b.session.SendHave([]link.Have{{Party: p.Log.Party, Generation: p.Log.Generation, Size: from.durable[p.Log.Generation]}})
	default:
		if errors.Is(err, record.ErrNotWhole) || errors.Is(err, record.ErrTooLarge) {
			s.notReceipted(from, err)
		}
		s.refuse(b, err)
	}
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
	if p.trouble != err.Error() {
		p.trouble = err.Error()
		s.do(Happened{Kind: "alarm", Party: p.no, Text: "not receipted from here on: " + err.Error()})
	}
}

func (s *Station) twoHistories(p *peer, fork *tlog.ForkError) {
	s.keepAccusation(fork.Accusation)
	s.do(Happened{Kind: "accusation", Party: p.no, Text: fork.Error()})
	s.log("error", "%s: %v", p.party.Name, fork)
}

func (s *Station) keepAccusation(a tlog.Accusation) {
	s.intake.accusations = append(s.intake.accusations, a.Format())
}

// takeAhead takes an entry ahead of its place: the watch sees it at once, as
// not yet receipted; it is kept apart until its place comes.
func (s *Station) takeAhead(b *bearer, payload []byte) {
	a, err := mirror.DecodeAhead(payload)
	if err != nil {
		s.dropBearer(b, &link.Error{Code: link.CodeMalformed, Msg: "entry ahead of its place: " + err.Error()})
		return
	}
	from := s.peer(a.Log.Party)
	if from == nil || len(s.intake.ahead) >= maxAheadKept {
		return
	}
	if err := from.mirror.TakeAhead(a); err != nil {
		var fork *tlog.ForkError
		if errors.As(err, &fork) {
			s.twoHistories(from, fork)
		} else if !errors.Is(err, mirror.ErrNothingNew) {
			s.refuse(b, err)
		}
		return
	}
	s.intake.ahead = append(s.intake.ahead, a)
	code := ""
	if d := a.Entry.Decode(); d.Header != nil {
		code = d.Header.Code
	}
	card, _, _ := from.mirror.Card(a.Log.Generation)
	s.do(Happened{Kind: "ahead", Party: from.no, Number: card.Base + a.Index, Code: code, Text: "ahead of its place, not yet receipted"})
}

func (s *Station) takeStatement(b *bearer, payload []byte) {
	st, err := mirror.DecodeStatement(payload)
	if err != nil {
		s.dropBearer(b, &link.Error{Code: link.CodeMalformed, Msg: "statement: " + err.Error()})
		return
	}
	p := s.peer(st.By.Party)
	if p == nil {
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
		s.twoHistories(p, fork)
		return
	case err != nil:
		s.log("warn", "%s: %v", p.party.Name, err)
		return
	}
	if s.alreadyKept(p, st, at) {
		return
	}
	s.intake.statements = append(s.intake.statements, store.Statement{
		Log: store.LogID(st.Log), By: store.LogID(st.By), Size: st.Size, Root: c.Root, At: record.Stamp(at), PQ: st.PQ, Bytes: st.Line,
	})
}

// checkpointFor finds the head a statement is over: ours at a size we
// reached, or theirs at a size we hold. One over more than we hold waits.
func (s *Station) checkpointFor(p *peer, st mirror.Statement) (tlog.Checkpoint, bool) {
	switch {
	case st.Log == mirror.LogID(s.ownLog()):
		root, err := s.rootAt(st.Size)
		return tlog.Checkpoint{Origin: s.card.Origin(), Size: st.Size, Root: root}, err == nil
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

// alreadyKept spares the disk what is repeated at every reconnection.
func (s *Station) alreadyKept(p *peer, st mirror.Statement, at uint64) bool {
	if st.Log.Party == p.no {
		h := p.heads[st.Log.Generation]
		return !st.PQ && h.Bytes != nil && uint64(h.At) >= at && h.Size >= st.Size
	}
	r := p.receipts[s.card.Generation]
	if r == nil {
		return false
	}
	have := r.classical
	if st.PQ {
		have = r.pq
	}
	return have.Bytes != nil && have.Size >= st.Size
}
