// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"

	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// maxFlash is how many FLASH records of ours are remembered as not yet
// receipted.
const maxFlash = 64

// noteFlash remembers an own FLASH record until it is receipted.
func (s *Station) noteFlash(index uint64, h *record.Header) {
	if h.Precedence == record.Flash && len(s.flash) < maxFlash {
		s.flash = append(s.flash, index)
	}
}

// forgetFlash drops what every peer has receipted.
func (s *Station) forgetFlash() {
	done := s.receipted()
	kept := s.flash[:0]
	for _, index := range s.flash {
		if index >= done {
			kept = append(kept, index)
		}
	}
	s.flash = kept
}

// pushFlash sends FLASH records ahead of their place where more lies between
// them and the peer than the package that goes next.
func (s *Station) pushFlash(b *bearer) {
	if len(s.flash) == 0 || s.row.Checkpoint == nil {
		return
	}
	has := b.has[mirror.LogID(s.ownLog())]
	for _, index := range s.flash {
		if index < has || index >= s.row.Size || b.ahead[index] {
			continue
		}
		if !b.session.Underway() && s.inNextPackage(b, has, index) {
			continue
		}
		a, err := s.aheadOf(index)
		if errors.Is(err, errRemovedHere) {
			continue
		}
		if err != nil {
			s.log("error", "own record cannot be sent ahead of its place: %v", err)
			continue
		}
		b.session.SendAhead(a.Encode())
		b.ahead[index] = true
	}
}

func (s *Station) inNextPackage(b *bearer, from, index uint64) bool {
	entries, err := s.ownEntries(from, b.packageBytes)
	return err == nil && index < from+uint64(len(entries))
}

func (s *Station) aheadOf(index uint64) (mirror.Ahead, error) {
	entries, err := s.cfg.Reader.Entries(s.ownLog(), index, 1, 1)
	if err != nil {
		return mirror.Ahead{}, err
	}
	if len(entries) == 0 {
		return mirror.Ahead{}, errLogEnds
	}
	if len(wholeOnly(entries)) == 0 {
		return mirror.Ahead{}, errRemovedHere
	}
	proof, err := tlog.ProveInclusion(s.row.Size, index, s.cfg.Reader.Hashes(s.ownLog()))
	return mirror.Ahead{Log: mirror.LogID(s.ownLog()), Index: index, Entry: entries[0], Checkpoint: s.row.Checkpoint, Proof: proof}, err
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
	if from == nil {
		s.refuse(b, mirror.ErrNoCard)
		return
	}
	if _, ok := from.ahead[a.Log][a.Index]; ok {
		return
	}
	if err := from.mirror.TakeAhead(a); err != nil {
		var fork *tlog.ForkError
		if errors.As(err, &fork) {
			s.twoHistories(from, a.Log.Generation, fork)
		} else if !errors.Is(err, mirror.ErrNothingNew) && !withheld(err) {
			s.refuse(b, err)
		}
		return
	}
	if !from.keepAhead(a) {
		s.log("warn", "%s: more entries ahead of their place than are kept", from.party.Name)
		return
	}
	s.intake.ahead = append(s.intake.ahead, a)
}

// keepAhead keeps an entry apart, bounded.
func (p *peer) keepAhead(a mirror.Ahead) bool {
	n := 0
	for _, m := range p.ahead {
		n += len(m)
	}
	if n >= maxAheadKept {
		return false
	}
	if p.ahead[a.Log] == nil {
		p.ahead[a.Log] = map[uint64]mirror.Ahead{}
	}
	p.ahead[a.Log][a.Index] = a
	return true
}

// settleAhead shows what is kept now.
func (s *Station) settleAhead(a mirror.Ahead) {
	p := s.peer(a.Log.Party)
	code := ""
	if d := a.Entry.Decode(); d.Header != nil {
		code = d.Header.Code
	}
	card, _, _ := p.mirror.Card(a.Log.Generation)
	s.do(Happened{Kind: "ahead", Party: p.no, Number: card.Base + a.Index, Code: code, Text: "ahead of its place, not yet receipted"})
}

// filled forgets entries whose place was filled.
func (p *peer) filled(log mirror.LogID, size uint64) {
	for index := range p.ahead[log] {
		if index < size {
			delete(p.ahead[log], index)
		}
	}
}

// aheadThing is what an entry that lies ahead of its place is about, by the
// hash of its leaf.
func (s *Station) aheadThing(ref record.Ref) (record.Ref, bool) {
	p := s.peer(ref.Party)
	if p == nil || ref.Number != 0 {
		return record.Ref{}, false
	}
	for _, m := range p.ahead {
		for _, a := range m {
			if record.LeafHash(a.Entry.Leaf) != ref.Hash {
				continue
			}
			if l, err := record.DecodeLeaf(a.Entry.Leaf); err == nil && !l.About.IsZero() {
				return l.About, true
			}
			return ref, true
		}
	}
	return record.Ref{}, false
}
