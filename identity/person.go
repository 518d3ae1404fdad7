// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"fmt"
)

// PersonSecret is the signing key of one person of a party. Only their own
// station looks at it: it shows that two persons released an act.
type PersonSecret struct{ key ed25519.PrivateKey }

// NewPersonSecret makes a person's key from 32 random bytes.
func NewPersonSecret(seed [32]byte) *PersonSecret {
	return &PersonSecret{ed25519.NewKeyFromSeed(seed[:])}
}

// String hides the secret.
func (s PersonSecret) String() string { return "person secret" }

// Format hides the secret under every verb.
func (s PersonSecret) Format(f fmt.State, _ rune) { hide(f, s.String()) }

// Encode gives the secret as text, to be sealed before it is stored.
func (s *PersonSecret) Encode() string { return encodePrefixed(prefixPersonSecret, s.key.Seed()) }

// ParsePersonSecret reads what Encode writes.
func ParsePersonSecret(text string) (*PersonSecret, error) {
	b, err := parsePrefixed(text, prefixPersonSecret, 32)
	if err != nil {
		return nil, fmt.Errorf("person secret: %w", err)
	}
	return NewPersonSecret([32]byte(b)), nil
}

// PersonKey is the public half.
type PersonKey [ed25519.PublicKeySize]byte

// Public gives the public half.
func (s *PersonSecret) Public() PersonKey { return PersonKey(s.key.Public().(ed25519.PublicKey)) }

// String gives the key as text.
func (k PersonKey) String() string { return encodePrefixed(prefixPersonKey, k[:]) }

// ParsePersonKey reads what String writes.
func ParsePersonKey(text string) (PersonKey, error) {
	b, err := parsePrefixed(text, prefixPersonKey, 32)
	if err != nil {
		return PersonKey{}, fmt.Errorf("person key: %w", err)
	}
	if err := checkEd25519([32]byte(b)); err != nil {
		return PersonKey{}, fmt.Errorf("person key: it %w", err)
	}
	return PersonKey(b), nil
}

// Act is what two persons sign before their station does what needs two:
// the very header, what it is about, and the state they were shown.
type Act struct {
	Line   LineID
	Party  Party
	Kind   string   // a phrase code, or what the station is to do
	Header [32]byte // digest of the header, or of what the act is over
	About  string   // the thing, as it is written
	Cut    [32]byte // digest of the positions the draft was shown at
}

func (a Act) message() []byte {
	return message(tagAct, []byte(a.Line), []byte(a.Party), []byte(a.Kind), a.Header[:], []byte(a.About), a.Cut[:])
}

// SignAct signs an act as this person.
func (s *PersonSecret) SignAct(a Act) []byte { return ed25519.Sign(s.key, a.message()) }

// VerifyAct checks a person's signature over an act.
func (k PersonKey) VerifyAct(a Act, sig []byte) bool {
	return ed25519.Verify(k[:], a.message(), sig)
}
