// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"

	"openline/identity"
)

// Keys verify what one generation signs.
type Keys struct {
	Log        note.Verifier
	Cosigner   CosignatureVerifier
	CosignerPQ CosignatureVerifier
}

// KeysOf gives the verifiers of a station card.
func KeysOf(card *identity.StationCard) (Keys, error) {
	for _, k := range [][32]byte{card.Keys.Log, card.Keys.Cosigner} {
		if smallOrder(k) {
			return Keys{}, fmt.Errorf("keys of %s: %w", card.Origin(), errSmallOrder)
		}
	}
	log, err := logVerifier(card.Origin(), card.Keys.Log)
	if err != nil {
		return Keys{}, fmt.Errorf("log key of %s: %w", card.Origin(), err)
	}
	pq, err := mldsa.NewPublicKey(mldsa.MLDSA44(), card.Keys.CosignerPQ[:])
	if err != nil {
		return Keys{}, fmt.Errorf("cosigner key of %s: %w", card.Origin(), err)
	}
	return Keys{
		Log: log, Cosigner: NewCosignatureVerifier(card.CosignerName(), card.Keys.Cosigner[:]),
		CosignerPQ: NewCosignatureVerifierPQ(card.CosignerName(), pq),
	}, nil
}

func logVerifier(origin string, pub [32]byte) (note.Verifier, error) {
	return note.NewVerifier(fmt.Sprintf("%s+%08x+%s", origin, keyHash(origin, typeLog, pub[:]),
		base64.StdEncoding.EncodeToString(append([]byte{typeLog}, pub[:]...))))
}

var errSmallOrder = errors.New("an Ed25519 key is a point of small order: its signatures fit any text and bind nobody")

// smallOrder reports whether an Ed25519 key is one of the points whose order
// divides eight. RFC 8032 verification takes them; under such a key a party
// could disown every statement, since anybody can make one.
func smallOrder(k [32]byte) bool {
	k[31] &= 0x7f // both signs of the other coordinate
	order8a := [32]byte{
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	}
	order8b := [32]byte{
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	}
	if k == order8a || k == order8b {
		return true
	}
	// 0 and 1, -1, and the second spellings of 0 and 1 above the prime.
	low := k[0]
	switch {
	case low <= 1 && filled(k[1:], 0, 0):
		return true
	case low >= 0xec && low <= 0xee && filled(k[1:], 0xff, 0x7f):
		return true
	}
	return false
}

// filled reports whether all bytes are b and the last one is last.
func filled(s []byte, b, last byte) bool {
	for _, x := range s[:len(s)-1] {
		if x != b {
			return false
		}
	}
	return s[len(s)-1] == last
}
