// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"fmt"

	"filippo.io/mldsa"
)

// PartyKey is the public half of a party key.
type PartyKey struct {
	Ed25519 [ed25519.PublicKeySize]byte
	MLDSA   [mldsa.MLDSA44PublicKeySize]byte
}

// String gives the key as text.
func (k PartyKey) String() string { return encodePrefixed(prefixPartyKey, k.Ed25519[:], k.MLDSA[:]) }

// ParsePartyKey reads what String writes.
func ParsePartyKey(text string) (PartyKey, error) {
	b, err := parsePrefixed(text, prefixPartyKey, 32+mldsa.MLDSA44PublicKeySize)
	if err != nil {
		return PartyKey{}, fmt.Errorf("party key: %w", err)
	}
	k := PartyKey{Ed25519: [32]byte(b[:32]), MLDSA: [mldsa.MLDSA44PublicKeySize]byte(b[32:])}
	if err := checkEd25519(k.Ed25519); err != nil {
		return PartyKey{}, fmt.Errorf("party key: the Ed25519 half %w", err)
	}
	if err := checkMLDSA(&k.MLDSA); err != nil {
		return PartyKey{}, fmt.Errorf("party key: the ML-DSA-44 half %w", err)
	}
	return k, nil
}
