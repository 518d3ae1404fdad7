// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"

	"openline/identity"
)

// StationSeed is how many random bytes a station secret is made from: one
// 32-byte seed for each of its six keys.
const StationSeed = 192

// Station holds the keys of one generation of one party's log.
type Station struct {
	seed       [StationSeed]byte
	log        ed25519.PrivateKey
	cosigner   ed25519.PrivateKey
	cosignerPQ *mldsa.PrivateKey
	session    ed25519.PrivateKey
	sessionPQ  *mldsa.PrivateKey
	seal       hpke.PrivateKey
}

// NewStation derives the keys of a generation from random bytes.
func NewStation(seed [StationSeed]byte) (*Station, error) {
	part := func(i int) []byte { return seed[32*i : 32*i+32] }
	seal, err := hpke.MLKEM768X25519().DeriveKeyPair(part(5))
	if err != nil {
		return nil, fmt.Errorf("derive sealing key: %w", err)
	}
	return &Station{
		seed: seed,
		log:  ed25519.NewKeyFromSeed(part(0)), cosigner: ed25519.NewKeyFromSeed(part(1)), cosignerPQ: mldsaKey(part(2)),
		session: ed25519.NewKeyFromSeed(part(3)), sessionPQ: mldsaKey(part(4)), seal: seal,
	}, nil
}

// String hides the secret.
func (s Station) String() string { return "station secret" }

// Format hides the secret under every verb.
func (s Station) Format(f fmt.State, _ rune) { hide(f, s.String()) }

// Encode gives the secret as text, to be sealed before it is stored.
func (s *Station) Encode() string { return encode(prefixStation, s.seed[:]) }

// ParseStation reads what Encode writes.
func ParseStation(text string) (*Station, error) {
	b, err := parse(text, prefixStation, StationSeed)
	if err != nil {
		return nil, fmt.Errorf("station secret: %w", err)
	}
	return NewStation([StationSeed]byte(b))
}

// Keys gives the public halves.
func (s *Station) Keys() identity.StationKeys {
	pub := func(k ed25519.PrivateKey) [32]byte { return [32]byte(k.Public().(ed25519.PublicKey)) }
	pq := func(k *mldsa.PrivateKey) [mldsa.MLDSA44PublicKeySize]byte {
		return [mldsa.MLDSA44PublicKeySize]byte(k.PublicKey().Bytes())
	}
	return identity.StationKeys{
		Log: pub(s.log), Cosigner: pub(s.cosigner), Session: pub(s.session),
		CosignerPQ: pq(s.cosignerPQ), SessionPQ: pq(s.sessionPQ),
		Seal: [identity.SealLen]byte(s.seal.PublicKey().Bytes()),
	}
}

// LogSigner signs checkpoints under the log's origin.
func (s *Station) LogSigner(origin string) (note.Signer, error) {
	return ed25519Signer(origin, s.log)
}

// Cosigner gives the two cosigner keys, for package tlog.
func (s *Station) Cosigner() (ed25519.PrivateKey, *mldsa.PrivateKey) {
	return s.cosigner, s.cosignerPQ
}

// SessionTLS is the key of the TLS certificate.
func (s *Station) SessionTLS() ed25519.PrivateKey { return s.session }

// SealKey opens what was sealed to this generation.
func (s *Station) SealKey() hpke.PrivateKey { return s.seal }

// SignSession proves the ML-DSA session key over a session's exported keying
// material, bound to line and role.
func (s *Station) SignSession(line identity.LineID, role byte, exporter []byte) []byte {
	return mldsaSign(s.sessionPQ, identity.SessionMessage(line, role, exporter))
}
