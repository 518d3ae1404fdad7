// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"openline/identity"
	"openline/internal/store"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// own are our older generations. What a restored disk lost of them is taken
// back from the other side's copy, verified like anything that comes from
// there, and named by a record of ours (KY02).
type own struct {
	mirror  *mirror.Mirror
	durable map[uint32]uint64
	named   map[uint32]uint64 // size our newest KY02, or the next card, names
}

func (s *Station) resumeOlder(saved store.Saved) error {
	me, _ := s.cfg.Agreements.Newest().Party(s.me)
	cfg := s.mirrorConfig(me)
	cfg.Own = true
	s.own = own{mirror: mirror.New(cfg), durable: map[uint32]uint64{}, named: map[uint32]uint64{}}
	var states []mirror.State
	for _, l := range saved.Logs {
		if l.Log.Party != s.me || l.Log.Generation >= s.card.Generation {
			continue
		}
		st := mirror.State{Card: l.Card, Size: l.Size, Checkpoint: l.Checkpoint, Pending: l.Pending, Forked: l.Forked}
		var err error
		if st.Edge, err = tlog.EdgeAt(l.Size, s.cfg.Reader.Hashes(l.Log)); err != nil {
			return fmt.Errorf("own log, generation %d: %w", l.Log.Generation, err)
		}
		states = append(states, st)
		s.own.durable[l.Log.Generation] = l.Size
		if n, ok := readUintFact(saved.Facts[factTaken+strconv.FormatUint(uint64(l.Log.Generation), 10)]); ok {
			s.own.named[l.Log.Generation] = n
		}
	}
	if err := s.own.mirror.Resume(states); err != nil {
		return err
	}
	s.namedByCards()
	return nil
}

// namedByCards takes what each card says its station held of the generation
// before.
func (s *Station) namedByCards() {
	cards := []*identity.StationCard{s.card}
	for _, gen := range s.own.mirror.Generations() {
		card, _, _ := s.own.mirror.Card(gen)
		cards = append(cards, card)
	}
	for _, card := range cards {
		if p := card.Previous; p != nil {
			s.own.named[p.Generation] = max(s.own.named[p.Generation], p.Size)
		}
	}
}

// takeBack takes a package of our own log that we lost. It is under our own
// signature, or it is nothing.
func (s *Station) takeBack(b *bearer, p mirror.Package) {
	if p.Log.Generation >= s.card.Generation {
		s.judgeOwnHead(p.Checkpoint)
		return
	}
	t, err := s.own.mirror.Take(p)
	var fork *tlog.ForkError
	switch {
	case err == nil:
		b.refused = 0
		s.intake.add(t)
		s.log("info", "%d records of ours taken back from %s", len(t.Entries), b.peer.party.Name)
	case errors.As(err, &fork):
		s.intake.accusations = append(s.intake.accusations, fork.Accusation.Format())
		s.intake.forked = append(s.intake.forked, store.LogID(p.Log))
		s.log("error", "our own log, generation %d: %v", p.Log.Generation, fork)
	case errors.Is(err, mirror.ErrGap), errors.Is(err, mirror.ErrNothingNew):
		b.session.SendHave([]link.Have{{Party: s.me, Generation: p.Log.Generation, Size: s.own.durable[p.Log.Generation]}})
	case errors.Is(err, mirror.ErrTwoHistories):
	default:
		// Under our own signature, and yet not what we hold: two copies of us
		// signed in that generation. Nobody is hung up on for it.
		s.log("warn", "our own log, generation %d, is not taken back from %s: %v", p.Log.Generation, b.peer.party.Name, err)
	}
}

// offerCards sends a peer the cards of earlier generations, its own and ours,
// that it does not say it knows: a disk older than they are has lost them.
func (s *Station) offerCards(b *bearer, holds []link.Have) {
	offer := func(m *mirror.Mirror, party record.PartyNo) {
		for _, gen := range m.Generations() {
			known := slices.ContainsFunc(holds, func(h link.Have) bool { return h.Party == party && h.Generation == gen })
			if _, note, ok := m.Card(gen); ok && !known {
				b.session.SendCard(note)
			}
		}
	}
	offer(b.peer.mirror, b.peer.no)
	offer(s.own.mirror, s.me)
}

// takeOwnCard takes back the card of an older generation of ours. One of a
// newer generation shows that this copy was replaced.
func (s *Station) takeOwnCard(b *bearer, note []byte) {
	me, _ := s.cfg.Agreements.Newest().Party(s.me)
	card, err := s.cfg.OpenCard(note, me.Key)
	switch {
	case err != nil:
		s.log("warn", "a card said to be ours: %v", err)
		return
	case card.Party != s.cfg.Me || card.Line != s.line || card.Generation == s.card.Generation:
		return
	case card.Generation > s.card.Generation:
		s.stopSigning(HoldOlder)
		return
	}
	if _, _, have := s.own.mirror.Card(card.Generation); have {
		return
	}
	if _, _, err := s.own.mirror.TakeCard(note); err != nil {
		s.log("warn", "card of our generation %d: %v", card.Generation, err)
		return
	}
	s.intake.cards = append(s.intake.cards, store.LogUpdate{
		Log: store.LogID{Party: s.me, Generation: card.Generation}, Card: note, Base: card.Base, Root: tlog.EmptyRoot(),
	})
	s.log("info", "card of our generation %d taken back from %s", card.Generation, b.peer.party.Name)
}

// lost lists the generations whose records were taken back up to a head of
// ours and not yet named by a record.
func (s *Station) lost() []uint32 {
	var out []uint32
	for _, gen := range s.own.mirror.Generations() {
		if _, _, pending := s.own.mirror.Pending(gen); !pending && s.own.durable[gen] > s.own.named[gen] {
			out = append(out, gen)
		}
	}
	return out
}

// takenBack is the record that names what was taken back: from then on both
// sides read it as ours again.
func (s *Station) takenBack(g *saving, gen uint32) (*prepared, error) {
	card, _, _ := s.own.mirror.Card(gen)
	size := s.own.durable[gen]
	p, err := s.prepare(s.machineDraft(codeTakenBack, map[string]record.Value{
		"generation": record.Uint(uint64(gen)), "number": record.Uint(card.Base + size - 1),
	}), false)
	if err != nil {
		return nil, err
	}
	s.own.named[gen] = size
	g.fact(factTaken+strconv.FormatUint(uint64(gen), 10), uintFact(size))
	return p, nil
}

// settleOlder notes what was taken back and is durable. An adoption that was
// lost with it holds again.
func (s *Station) settleOlder(t mirror.Taken) {
	gen := t.Log.Generation
	s.own.durable[gen] = t.Size
	s.own.mirror.Stored(gen, t.Size)
	for _, e := range t.Entries {
		if l, err := record.DecodeLeaf(e.Leaf); err == nil && l.Agreement > s.text.Version {
			if v := s.cfg.Agreements.Version(l.Agreement); v != nil {
				s.text = v
			}
		}
	}
}
