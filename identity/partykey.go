// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"fmt"
	"io"

	"filippo.io/mldsa"
)

// PartySecret is the secret half of a party key. It is kept apart from the
// station and prints as its role only.
type PartySecret struct {
	seed [64]byte
	ed   ed25519.PrivateKey
	ml   *mldsa.PrivateKey
}

// NewPartySecret makes the pair from 64 random bytes: 32 for each key.
func NewPartySecret(seed [64]byte) *PartySecret {
	return &PartySecret{seed: seed, ed: ed25519.NewKeyFromSeed(seed[:32]), ml: mldsaKey(seed[32:])}
}

// mldsaKey derives an ML-DSA-44 key from a seed of the right length, which
// cannot fail.
func mldsaKey(seed []byte) *mldsa.PrivateKey {
	k, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed)
	if err != nil {
		panic("identity: internal error: " + err.Error())
	}
	return k
}

// mldsaSign signs without a context, deterministically, so that a replay
// makes the same bytes; it cannot fail.
func mldsaSign(k *mldsa.PrivateKey, msg []byte) []byte {
	sig, err := k.SignDeterministic(msg, nil)
	if err != nil {
		panic("identity: internal error: " + err.Error())
	}
	return sig
}

// String hides the secret.
func (s PartySecret) String() string { return "party secret" }

// Format hides the secret under every verb.
func (s PartySecret) Format(f fmt.State, _ rune) { hide(f, s.String()) }

// hide writes what a secret prints as. A fmt.State has no way to hand back
// an error of its writer.
func hide(f fmt.State, as string) { _, _ = io.WriteString(f, as) }

// Encode gives the secret as text, to be sealed before it is stored. It is
// not called MarshalText, which loggers and encoders call unasked.
func (s *PartySecret) Encode() string { return encodePrefixed(prefixPartySecret, s.seed[:]) }

// ParsePartySecret reads what Encode writes.
func ParsePartySecret(text string) (*PartySecret, error) {
	b, err := parsePrefixed(text, prefixPartySecret, 64)
	if err != nil {
		return nil, fmt.Errorf("party secret: %w", err)
	}
	return NewPartySecret([64]byte(b)), nil
}

// PartyKey is the public half of a party key.
type PartyKey struct {
	Ed25519 [ed25519.PublicKeySize]byte
	MLDSA   [mldsa.MLDSA44PublicKeySize]byte
}

// Public gives the public half.
func (s *PartySecret) Public() PartyKey {
	return PartyKey{Ed25519: [32]byte(s.ed.Public().(ed25519.PublicKey)), MLDSA: [mldsa.MLDSA44PublicKeySize]byte(s.ml.PublicKey().Bytes())}
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
