// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"encoding/base64"
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

// KeysOf gives the verifiers of a station card. Package identity has refused
// weak keys when it read the card.
func KeysOf(card *identity.StationCard) (Keys, error) {
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
