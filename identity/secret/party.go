// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"crypto/ed25519"
	"fmt"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"

	"openline/identity"
)

// Party is the secret half of a party key. It is kept apart from the
// station and prints as its role only.
type Party struct {
	seed [64]byte
	ed   ed25519.PrivateKey
	ml   *mldsa.PrivateKey
}

// NewParty makes the pair from 64 random bytes: 32 for each key.
func NewParty(seed [64]byte) *Party {
	return &Party{seed: seed, ed: ed25519.NewKeyFromSeed(seed[:32]), ml: mldsaKey(seed[32:])}
}

// String hides the secret.
func (s Party) String() string { return "party secret" }

// Format hides the secret under every verb.
func (s Party) Format(f fmt.State, _ rune) { hide(f, s.String()) }

// Encode gives the secret as text, to be sealed before it is stored. It is
// not called MarshalText, which loggers and encoders call unasked.
func (s *Party) Encode() string { return encode(prefixParty, s.seed[:]) }

// ParseParty reads what Encode writes.
func ParseParty(text string) (*Party, error) {
	b, err := parse(text, prefixParty, 64)
	if err != nil {
		return nil, fmt.Errorf("party secret: %w", err)
	}
	return NewParty([64]byte(b)), nil
}

// Public gives the public half.
func (s *Party) Public() identity.PartyKey {
	return identity.PartyKey{Ed25519: [32]byte(s.ed.Public().(ed25519.PublicKey)), MLDSA: [mldsa.MLDSA44PublicKeySize]byte(s.ml.PublicKey().Bytes())}
}

// SignNote signs a text as this party, with both keys: a C2SP signed note
// whose key name is the party's name.
func (s *Party) SignNote(name identity.Party, text string) ([]byte, error) {
	if _, err := identity.ParseParty(string(name)); err != nil {
		return nil, err
	}
	if err := checkNoteText(text); err != nil {
		return nil, err
	}
	_, pq, err := s.Public().Verifiers(name)
	if err != nil {
		return nil, err
	}
	ed, err := ed25519Signer(string(name), s.ed)
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: text}, ed, pqSigner{pq, s.ml})
}

// SignPartyCard makes the card of a party.
func (s *Party) SignPartyCard(name identity.Party, title string) ([]byte, error) {
	c := &identity.PartyCard{Party: name, Title: title, Key: s.Public()}
	if err := c.Check(); err != nil {
		return nil, err
	}
	return s.SignNote(name, c.Text())
}

// SignStationCard signs a card as its party, with both keys. A card that
// would not be accepted is not signed.
func (s *Party) SignStationCard(c *identity.StationCard) ([]byte, error) {
	if err := c.Check(s.Public()); err != nil {
		return nil, err
	}
	return s.SignNote(c.Party, c.Text())
}
