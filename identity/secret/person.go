// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"crypto/ed25519"
	"fmt"

	"openline/identity"
)

// Person is the signing key of one person of a party. Only their own
// station looks at it: it shows that two persons released an act.
type Person struct{ key ed25519.PrivateKey }

// NewPerson makes a person's key from 32 random bytes.
func NewPerson(seed [32]byte) *Person {
	return &Person{ed25519.NewKeyFromSeed(seed[:])}
}

// String hides the secret.
func (s Person) String() string { return "person secret" }

// Format hides the secret under every verb.
func (s Person) Format(f fmt.State, _ rune) { hide(f, s.String()) }

// Encode gives the secret as text, to be sealed before it is stored.
func (s *Person) Encode() string { return encode(prefixPerson, s.key.Seed()) }

// ParsePerson reads what Encode writes.
func ParsePerson(text string) (*Person, error) {
	b, err := parse(text, prefixPerson, 32)
	if err != nil {
		return nil, fmt.Errorf("person secret: %w", err)
	}
	return NewPerson([32]byte(b)), nil
}

// Public gives the public half.
func (s *Person) Public() identity.PersonKey {
	return identity.PersonKey(s.key.Public().(ed25519.PublicKey))
}

// SignAct signs an act as this person.
func (s *Person) SignAct(a identity.Act) []byte { return ed25519.Sign(s.key, a.Message()) }
