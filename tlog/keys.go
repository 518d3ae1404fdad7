// SPDX-License-Identifier: Apache-2.0

package tlog

import (
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
	log, err := identity.Ed25519Verifier(card.Origin(), card.Keys.Log)
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
