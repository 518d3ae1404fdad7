// SPDX-License-Identifier: Apache-2.0

package home

import (
	"fmt"
	"os"
	"path/filepath"

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
	path := filepath.Join(h.Dir, "cards", string(p)+".card")
	if p == h.Party() {
		path = filepath.Join(h.Dir, "party.card")
	}
	_, card, err := readCard(path)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("no card of %s is here; take one in with openline card import", p)
	}
	return card, err
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

// AddPerson makes a person's signing key under their own lock.
func (h *Home) AddPerson(name string, lock keys.Lock) (identity.PersonKey, error) {
	secret := keys.NewPerson()
	if err := h.Keys().AddPerson(name, secret, lock); err != nil {
		return identity.PersonKey{}, err
	}
	key := secret.Public()
	return key, addFile(filepath.Join(h.Dir, "people", name+".pub"), []byte(key.String()+"\n"))
}

// Person finds a person's public key.
func (h *Home) Person(name string) (identity.PersonKey, bool) {
	if name != filepath.Base(name) || name == "." || name == ".." {
		return identity.PersonKey{}, false
	}
	b, err := readFile(filepath.Join(h.Dir, "people", name+".pub"), 4096)
	if err != nil {
		return identity.PersonKey{}, false
	}
	key, err := identity.ParsePersonKey(string(b[:max(0, len(b)-1)]))
	return key, err == nil
}

// People lists the persons of this party.
func (h *Home) People() ([]string, error) { return names(filepath.Join(h.Dir, "people"), "", ".pub") }
