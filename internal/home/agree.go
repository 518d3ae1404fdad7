// SPDX-License-Identifier: Apache-2.0

package home

import (
	"openline/agreement"
	"openline/agreement/draft"
	"openline/internal/keys"
)

// Agree carries the cards of some stations to each other, drafts one text with
// all of them as its parties, and has each sign it: what parties do by hand,
// for stations that one program makes and whose keys one lock opens.
func Agree(lock keys.Lock, o draft.Options, homes ...*Home) (bundle []byte, err error) {
	for _, h := range homes {
		note, card, err := h.Card()
		if err != nil {
			return nil, err
		}
		for _, other := range homes {
			if other == h {
				continue
			}
			if _, err := other.ImportCard(note); err != nil {
				return nil, err
			}
		}
		o.Parties = append(o.Parties, agreement.Party{Name: card.Party, Short: card.Party.Short(), Title: card.Title, Key: card.Key})
	}
	text, err := draft.Text(o)
	if err != nil {
		return nil, err
	}
	bundle = []byte(text)
	for _, h := range homes {
		party, err := h.Keys().Party(lock)
		if err != nil {
			return nil, err
		}
		if bundle, _, err = h.SignAgreement(bundle, party); err != nil {
			return nil, err
		}
	}
	return bundle, nil
}
