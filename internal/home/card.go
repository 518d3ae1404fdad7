// SPDX-License-Identifier: Apache-2.0

package home

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"openline/identity"
	"openline/internal/keys"
)

const maxCard = 32 << 10

// Card is this party's own card as it is carried.
func (h *Home) Card() (note []byte, card *identity.PartyCard, err error) {
	return readCard(filepath.Join(h.Dir, "party.card"))
}

func readCard(path string) ([]byte, *identity.PartyCard, error) {
	note, err := readFile(path, maxCard)
	if err != nil {
		return nil, nil, err
	}
	card, err := identity.OpenPartyCard(note)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return note, card, nil
}

// ImportCard takes in the card of another party. It is signed by itself:
// whoever carries it reads its fingerprint to the other side.
func (h *Home) ImportCard(note []byte) (*identity.PartyCard, error) {
	if len(note) > maxCard {
		return nil, fmt.Errorf("the file is larger than any card (%d bytes)", maxCard)
	}
	card, err := identity.OpenPartyCard(note)
	if err != nil {
		return nil, err
	}
	if card.Party == h.Party() {
		return nil, fmt.Errorf("this is the card of %s itself", card.Party)
	}
	return card, addFile(filepath.Join(h.Dir, "cards", string(card.Party)+".card"), note)
}

// CardOf is the card of a party, our own included.
func (h *Home) CardOf(p identity.Party) (*identity.PartyCard, error) {
	_, card, err := h.CardNote(p)
	return card, err
}

// CardNote is CardOf with the signed note that was carried.
func (h *Home) CardNote(p identity.Party) (note []byte, card *identity.PartyCard, err error) {
	if p == h.Party() {
		return h.Card()
	}
	note, card, err = readCard(filepath.Join(h.Dir, "cards", string(p)+".card"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("no card of %s is here; take one in with openline card import", p)
	}
	if err == nil && card.Party != p {
		return nil, nil, fmt.Errorf("cards/%s.card is the card of %s", p, card.Party)
	}
	return note, card, err
}

// Cards lists the cards taken in.
func (h *Home) Cards() ([]*identity.PartyCard, error) {
	list, err := names(filepath.Join(h.Dir, "cards"), "", ".card")
	if err != nil {
		return nil, err
	}
	var out []*identity.PartyCard
	for _, n := range list {
		card, err := h.CardOf(identity.Party(n))
		if err != nil {
			return nil, err
		}
		out = append(out, card)
	}
	return out, nil
}

// AddPerson makes a person's signing key under their own lock. A key that an
// interrupted attempt left without its public half is taken up.
func (h *Home) AddPerson(name string, lock keys.Lock) (identity.PersonKey, error) {
	_, added := h.Person(name)
	secret, err := h.Keys().Person(name, lock)
	if added || err != nil {
		secret = keys.NewPerson()
		if err := h.Keys().AddPerson(name, secret, lock); err != nil {
			return identity.PersonKey{}, err
		}
	}
	key := secret.Public()
	return key, addFile(filepath.Join(h.Dir, "people", name+".pub"), []byte(key.String()+"\n"))
}

// Person finds a person's public key.
func (h *Home) Person(name string) (identity.PersonKey, bool) {
	if _, err := keys.PersonFile(name); err != nil {
		return identity.PersonKey{}, false
	}
	b, err := readFile(filepath.Join(h.Dir, "people", name+".pub"), 4096)
	if err != nil {
		return identity.PersonKey{}, false
	}
	key, err := identity.ParsePersonKey(strings.TrimSuffix(string(b), "\n"))
	return key, err == nil
}

// People lists the persons of this party.
func (h *Home) People() ([]string, error) { return names(filepath.Join(h.Dir, "people"), "", ".pub") }
