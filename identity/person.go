// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"fmt"
)

// PersonKey is the key of one person of a party. Only their own station
// looks at it: it shows that two persons released an act.
type PersonKey [ed25519.PublicKeySize]byte

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

// Message is what a person signs of an act.
func (a Act) Message() []byte {
	return message(tagAct, []byte(a.Line), []byte(a.Party), []byte(a.Kind), a.Header[:], []byte(a.About), a.Cut[:])
}

// VerifyAct checks a person's signature over an act.
func (k PersonKey) VerifyAct(a Act, sig []byte) bool {
	return ed25519.Verify(k[:], a.Message(), sig)
}
