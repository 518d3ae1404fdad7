// SPDX-License-Identifier: Apache-2.0

package host

import (
	"errors"
	"fmt"

	"openline/identity"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
	"openline/tlog/evidence"
)

// Accusation is two statements that cannot both be true, with the card of
// the generation whose keys signed both.
type Accusation struct {
	Party      record.PartyNo
	Generation uint32
	Kind       string
	Bytes      []byte // as spec/log.md writes it
	Card       []byte // station card, a signed note
}

// Accusations lists what is kept of a line, each verified anew.
func (h *Host) Accusations(id identity.LineID) ([]Accusation, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	kept, err := l.read.Accusations()
	if err != nil || len(kept) == 0 {
		return nil, err
	}
	saved, err := h.cfg.Store.Load(id)
	if err != nil {
		return nil, err
	}
	out := make([]Accusation, 0, len(kept))
	for i, b := range kept {
		a, err := evidence.ParseAccusation(b)
		if err != nil {
			return nil, fmt.Errorf("accusation %d of line %s: %w", i+1, id, err)
		}
		found := Accusation{Kind: a.Kind, Bytes: b}
		if err := l.accused(a, saved, &found); err != nil {
			return nil, fmt.Errorf("accusation %d of line %s: %w", i+1, id, err)
		}
		out = append(out, found)
	}
	return out, nil
}

// accused finds the generation whose keys signed both statements.
func (l *line) accused(a tlog.Accusation, saved store.Saved, out *Accusation) error {
	parties := l.cfg.Agreements.Newest()
	for _, s := range saved.Logs {
		p, ok := parties.Party(s.Log.Party)
		if !ok {
			continue
		}
		card, err := identity.OpenStationCard(s.Card, p.Key)
		if err != nil {
			return err
		}
		keys, err := tlog.KeysOf(card)
		if err != nil {
			return err
		}
		if evidence.Verify(a, keys) == nil {
			out.Party, out.Generation, out.Card = p.Number, card.Generation, s.Card
			return nil
		}
	}
	return errors.New("it verifies with no card that is kept")
}
