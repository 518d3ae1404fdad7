// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"

	"filippo.io/mldsa"
)

// SealLen is the length of an HPKE ML-KEM-768 + X25519 public key.
const SealLen = 1216

// StationKeys are the public halves of the keys of one generation.
type StationKeys struct {
	Log, Cosigner, Session [ed25519.PublicKeySize]byte
	CosignerPQ, SessionPQ  [mldsa.MLDSA44PublicKeySize]byte
	Seal                   [SealLen]byte
}

// SessionMessage is what the ML-DSA session key signs of a session's exported
// keying material, bound to line and role.
func SessionMessage(line LineID, role byte, exporter []byte) []byte {
	return message(tagSession, []byte(line), []byte{role}, exporter)
}

// VerifySession checks a signature over a session's message.
func (k StationKeys) VerifySession(line LineID, role byte, exporter, sig []byte) bool {
	pub, err := mldsa.NewPublicKey(mldsa.MLDSA44(), k.SessionPQ[:])
	return err == nil && mldsa.Verify(pub, SessionMessage(line, role, exporter), sig, nil) == nil
}
