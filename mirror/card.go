// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"openline/identity"
	"openline/tlog"
)

// Resume takes up what was stored, the generations of each log ascending.
// Everything is verified again except the entries themselves; an error means
// the store is not what was saved.
func (m *Mirror) Resume(states []State) error {
	for _, s := range states {
		g, err := m.open(s.Card)
		if err != nil {
			return fmt.Errorf("resume %s: %w", m.cfg.Party, err)
		}
		if last := m.newest(); last != nil && last.id.Generation >= g.id.Generation {
			return fmt.Errorf("resume %s: generation %d is stored after %d", m.cfg.Party, g.id.Generation, last.id.Generation)
		}
		if err := m.resume(g, s); err != nil {
			return fmt.Errorf("resume %s generation %d: %w", m.cfg.Party, g.id.Generation, err)
		}
		m.gens = append(m.gens, g)
	}
	return nil
}

func (m *Mirror) resume(g *generation, s State) (err error) {
	if g.tree, err = tlog.OpenTree(s.Size, s.Edge); err != nil {
		return err
	}
	g.freshFrom = tlog.StoredCount(s.Size)
	g.cosigned, g.forked = s.Cosigned, s.Forked
	if len(s.Checkpoint) > 0 {
		if g.head, err = g.openHead(s.Checkpoint); err != nil {
			return err
		}
	}
	switch {
	case g.head.Size > s.Size || s.Cosigned > g.head.Size:
		return fmt.Errorf("%d entries are stored under a known head of %d, cosigned at %d", s.Size, g.head.Size, s.Cosigned)
	case g.head.note != nil && g.head.Size == s.Size && g.head.Root != g.tree.Root():
		return errors.New("stored hashes do not lead to the stored head")
	}
	if len(s.Pending) > 0 {
		pending, err := g.openHead(s.Pending)
		if err != nil {
			return err
		}
		g.keep(pending)
	}
	for _, sp := range s.Spoken {
		if sp.Log == g.id {
			sp.Checkpoint.Origin = g.card.Origin()
		}
		// Two that contradict each other accuse their signer and never keep this
		// station from starting.
		var fork *tlog.ForkError
		if _, err := g.speak(sp); errors.As(err, &fork) {
			m.found = append(m.found, Found{g.id.Generation, fork})
		} else if err != nil && !errors.Is(err, ErrTwoHistories) {
			return fmt.Errorf("stored cosignature over %d: %w", sp.Checkpoint.Size, err)
		}
	}
	return nil
}

func (m *Mirror) open(note []byte) (*generation, error) {
	card, err := m.cfg.OpenCard(note, m.cfg.PartyKey)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCard, err)
	}
	if card.Party != m.cfg.Party || card.Line != m.cfg.Line {
		return nil, fmt.Errorf("%w: it is of %s on %s", ErrCard, card.Party, card.Line)
	}
	keys, err := m.cfg.KeysOf(card)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCard, err)
	}
	tree, err := tlog.OpenTree(0, nil)
	if err != nil {
		return nil, err
	}
	return &generation{
		card: card, note: note, keys: keys, tree: tree,
		id: LogID{m.cfg.No, card.Generation}, newest: map[LogID]mark{},
	}, nil
}

// TakeCard takes a station card. It must chain to the party's key and open
// numbers above every one held. What it says was held of an earlier generation
// does not keep it out: a new generation is the cure of a fork too
// ([Mirror.Disowned]). The card of the newest generation itself is
// accepted again without effect (known is true then); an earlier one that is
// known is refused, since who shows it speaks with keys that were replaced.
// One of an earlier generation that never came is taken, if its numbers lie
// between those of its neighbours.
func (m *Mirror) TakeCard(note []byte) (card *identity.StationCard, known bool, err error) {
	g, err := m.open(note)
	if err != nil {
		return nil, false, err
	}
	at, have := slices.BinarySearchFunc(m.gens, g, func(a, b *generation) int { return cmp.Compare(a.id.Generation, b.id.Generation) })
	if have {
		switch {
		case m.gens[at].card.Digest() != g.card.Digest():
			return nil, false, fmt.Errorf("%w: another card of generation %d is known", ErrCard, g.card.Generation)
		case at < len(m.gens)-1:
			return nil, false, fmt.Errorf("%w: generation %d was followed by %d", ErrCard, g.card.Generation, m.Newest())
		}
		return m.gens[at].card, true, nil
	}
	if len(m.gens) >= MaxGenerations {
		return nil, false, fmt.Errorf("%w: %d generations are known already", ErrCard, len(m.gens))
	}
	for _, before := range m.gens[:at] {
		if next := before.card.Base + before.tree.Size(); g.card.Base < next {
			return nil, false, fmt.Errorf("%w: its numbers begin at %d, but records up to %d are held", ErrCard, g.card.Base, next-1)
		}
	}
	for _, after := range m.gens[at:] {
		if g.card.Base >= after.card.Base {
			return nil, false, fmt.Errorf("%w: its numbers begin at %d, those of generation %d at %d", ErrCard, g.card.Base, after.card.Generation, after.card.Base)
		}
	}
	m.gens = slices.Insert(m.gens, at, g)
	return g.card, false, nil
}

// Disowned reports whether a card names another root, at a size held here, for
// the generation it continues than that log led to: both are this party's
// words, and cannot both be true.
func (m *Mirror) Disowned(card *identity.StationCard) (bool, error) {
	p := card.Previous
	if p == nil {
		return false, nil
	}
	g := m.find(p.Generation)
	if g == nil || p.Size > g.tree.Size() {
		return false, nil
	}
	root, err := tlog.RootAt(p.Size, m.hashes(g, nil))
	return err == nil && root != p.Root, err
}
