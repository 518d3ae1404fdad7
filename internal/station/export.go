// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"

	"openline/identity"
	"openline/internal/store"
	"openline/line"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// Why an export signs nothing now.
var (
	ErrExportHold    = errors.New("this station does not sign now, so it cannot export")
	ErrExportAhead   = errors.New("a record about this lies ahead of its place; export when the records before it have come")
	ErrExportNothing = errors.New("nothing of theirs is held here, so there is no head to receipt")
)

const actExport = "export"

// PrepareExport gives the act two persons sign before an extract about a
// request is exported.
func (s *Station) PrepareExport(request record.Ref) identity.Act {
	return identity.Act{Party: s.cfg.Me, Line: s.line, Kind: actExport, About: s.refName(request), Cut: s.cutOf(request)}
}

// export checks a request for an export; it is signed in the next batch.
func (s *Station) export(ev Export) {
	if err := s.checkExport(ev); err != nil {
		s.do(Exported{Token: ev.Token, Request: ev.Request, Err: err})
		return
	}
	s.exports = append(s.exports, ev)
}

func (s *Station) checkExport(ev Export) error {
	p := s.peer(ev.Peer)
	switch {
	case p == nil:
		return fmt.Errorf("party %d is not another party of this line", ev.Peer)
	case s.hold != HoldNone:
		return fmt.Errorf("%w: %s", ErrExportHold, s.hold)
	case s.queued > 0 || len(s.exports) >= 16:
		return fmt.Errorf("%w: what was said meanwhile is still waiting", ErrExportHold)
	case s.liesAhead(p, ev.Request):
		return ErrExportAhead
	}
	if _, _, ok := p.mirror.Head(p.mirror.Newest()); !ok {
		return ErrExportNothing
	}
	if _, err := s.earlierEnds(p, ev.Request); err != nil {
		return err
	}
	act := s.PrepareExport(ev.Request)
	if err := s.checkTwoPersons(act, ev.People); err != nil && ev.Cut != act.Cut {
		return ErrChanged
	} else if err != nil {
		return err
	}
	return nil
}

// liesAhead reports whether an entry about the request lies ahead of its
// place.
func (s *Station) liesAhead(p *peer, request record.Ref) bool {
	hash := [32]byte{}
	if e, ok, err := s.entryOf(request); err == nil && ok {
		hash = e.Hash
	}
	for _, m := range p.ahead {
		for _, a := range m {
			l, err := record.DecodeLeaf(a.Entry.Leaf)
			if err == nil && (l.About == request || l.About == record.ByHash(request.Party, hash)) {
				return true
			}
		}
	}
	return false
}

// end is where what is held of one generation ends.
type end struct {
	log  store.LogID
	head tlog.Checkpoint
}

// earlierEnds lists, of a party's generations before its newest, those an
// export about a request receipts anew: from the one the request itself had
// seen records of (docs/decisions/0006). Each is receipted at exactly what is
// held, nothing included, and so all of that must be under signed words.
func (s *Station) earlierEnds(p *peer, request record.Ref) ([]end, error) {
	asked, ok, err := s.entryOf(request)
	if err != nil || !ok {
		return nil, err
	}
	from := uint32(1)
	if asked.Leaf != nil {
		for _, seen := range asked.Leaf.Seen {
			if seen.Party == p.no && seen.Size > 0 {
				from = max(from, seen.Generation)
			}
		}
	}
	var ends []end
	for _, gen := range p.mirror.Generations() {
		if gen < from || gen == p.mirror.Newest() {
			continue
		}
		card, _, _ := p.mirror.Card(gen)
		e := end{log: store.LogID{Party: p.no, Generation: gen}, head: tlog.Checkpoint{Origin: card.Origin()}}
		e.head.Size, e.head.Root = p.mirror.Position(gen)
		switch {
		case p.mirror.Forked(gen):
			return nil, fmt.Errorf("generation %d: %w", gen, mirror.ErrTwoHistories)
		case !s.signedEnd(p, gen, e.head):
			return nil, fmt.Errorf("generation %d: %w", gen, ErrExportAhead)
		}
		ends = append(ends, e)
	}
	return ends, nil
}

// signedEnd reports whether a party signed a head, under its log's own key or
// by a later card. That of an empty log says nothing that needs a signature.
func (s *Station) signedEnd(p *peer, gen uint32, head tlog.Checkpoint) bool {
	if c, _, ok := p.mirror.Head(gen); head.Size == 0 || ok && c == head {
		return true
	}
	for _, later := range p.mirror.Generations() {
		card, _, _ := p.mirror.Card(later)
		if h := card.Previous; h != nil && h.Generation == gen && h.Size == head.Size && h.Root == head.Root {
			return true
		}
	}
	return false
}

// gatherExports signs, over exactly the newest head of theirs at its own
// time, then over our own: "an ordinary receipt made at export, saved and
// sent", and a timed head not before it. What is held of their earlier
// generations is receipted in the same second.
func (s *Station) gatherExports(g *saving) {
	for _, ev := range s.exports {
		p := s.peer(ev.Peer)
		gen := p.mirror.Newest()
		c, _, ok := p.mirror.Head(gen)
		if !ok || p.mirror.Forked(gen) || g.batch.Next.Checkpoint == nil {
			g.exported = append(g.exported, Exported{Token: ev.Token, Request: ev.Request, Err: ErrExportNothing})
			continue
		}
		if size, _ := p.mirror.Position(gen); size != c.Size {
			g.exported = append(g.exported, Exported{Token: ev.Token, Request: ev.Request, Err: ErrExportAhead})
			continue
		}
		ends, err := s.earlierEnds(p, ev.Request)
		if err != nil {
			g.exported = append(g.exported, Exported{Token: ev.Token, Request: ev.Request, Err: err})
			continue
		}
		for _, e := range ends {
			s.sign(g, s.cfg.Signers.Cosigner, e.log, e.head, p.no, false)
			s.sign(g, s.cfg.Signers.CosignerPQ, e.log, e.head, p.no, true)
			p.mirror.Cosigned(e.log.Generation, e.head.Size)
			p.pqMade[e.log.Generation] = max(p.pqMade[e.log.Generation], e.head.Size)
		}
		log := store.LogID{Party: p.no, Generation: gen}
		x := Exported{Token: ev.Token, Request: ev.Request}
		x.Receipt = s.sign(g, s.cfg.Signers.Cosigner, log, c, p.no, false)
		x.ReceiptPQ = s.sign(g, s.cfg.Signers.CosignerPQ, log, c, p.no, true)
		x.TimedHead = s.sign(g, s.cfg.Signers.Cosigner, s.ownLog(), s.ownHead(g), 0, false)
		x.TimedHeadPQ = s.sign(g, s.cfg.Signers.CosignerPQ, s.ownLog(), s.ownHead(g), 0, true)
		p.mirror.Cosigned(gen, c.Size)
		p.pqMade[gen] = max(p.pqMade[gen], c.Size)
		s.write(g, actEntry(x.TimedHead.At, s.PrepareExport(ev.Request), ev.People, ev.Request))
		g.exported = append(g.exported, x)
	}
	s.exports = nil
}

// keepClaim keeps in the journal what a party signed that another statement
// of its own denies. It orders nothing and blocks nothing.
func (s *Station) keepClaim(p *peer, about record.Ref, text string, proof ...[]byte) {
	if p.claims++; p.claims > maxClaims {
		return
	}
	s.intake.journal = append(s.intake.journal, JournalEntry{
		At: s.now.stamp(), Kind: journalClaim, Act: text, About: s.refName(about), Record: about, Proof: proof,
	})
	s.do(Happened{Kind: "claim", Party: p.no, Number: about.Number, Text: text})
	s.log("warn", "%s: %s: %s", p.party.Name, s.refName(about), text)
}

// judgeTime holds a leaf against the newest timed head: a record after the
// head's size cannot be older than the head.
func (s *Station) judgeTime(p *peer, e line.Entry, raw record.Entry) {
	h, ok := p.heads[e.Generation]
	if ok && e.Leaf != nil && e.Index >= h.Size && e.Leaf.Time < h.At {
		s.keepClaim(p, e.Ref(), "a leaf time before that of an earlier timed head", raw.Leaf, h.Bytes)
	}
}

// judgeHead holds a timed head against the newest leaf under it.
func (s *Station) judgeHead(p *peer, st store.Statement) {
	if st.Size == 0 {
		return
	}
	entries, err := s.cfg.Reader.Entries(st.Log, st.Size-1, 1, 1)
	if err != nil || len(entries) == 0 {
		return
	}
	l, err := record.DecodeLeaf(entries[0].Leaf)
	if err != nil || l.Time <= st.At {
		return
	}
	base, _ := s.fold.Base(st.Log.Party, st.Log.Generation)
	s.keepClaim(p, record.ByNumber(p.no, base+st.Size-1), "a leaf time after that of a timed head over it", entries[0].Leaf, st.Bytes)
}
