// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"
)

// StationSeed is how many random bytes a station secret is made from: one
// 32-byte seed for each of its six keys.
const StationSeed = 192

// SealLen is the length of an HPKE ML-KEM-768 + X25519 public key.
const SealLen = 1216

// StationSecret holds the keys of one generation of one party's log.
type StationSecret struct {
	seed       [StationSeed]byte
	log        ed25519.PrivateKey
	cosigner   ed25519.PrivateKey
	cosignerPQ *mldsa.PrivateKey
	session    ed25519.PrivateKey
	sessionPQ  *mldsa.PrivateKey
	seal       hpke.PrivateKey
}

// NewStationSecret derives the keys of a generation from random bytes.
func NewStationSecret(seed [StationSeed]byte) (*StationSecret, error) {
	part := func(i int) []byte { return seed[32*i : 32*i+32] }
	seal, err := hpke.MLKEM768X25519().DeriveKeyPair(part(5))
	if err != nil {
		return nil, fmt.Errorf("derive sealing key: %w", err)
	}
	return &StationSecret{
		seed: seed,
		log:  ed25519.NewKeyFromSeed(part(0)), cosigner: ed25519.NewKeyFromSeed(part(1)), cosignerPQ: mldsaKey(part(2)),
		session: ed25519.NewKeyFromSeed(part(3)), sessionPQ: mldsaKey(part(4)), seal: seal,
	}, nil
}

// String hides the secret.
func (s StationSecret) String() string { return "station secret" }

// Format hides the secret under every verb.
func (s StationSecret) Format(f fmt.State, _ rune) { hide(f, s.String()) }

// Encode gives the secret as text, to be sealed before it is stored.
func (s *StationSecret) Encode() string { return encodePrefixed(prefixStationSecret, s.seed[:]) }

// ParseStationSecret reads what Encode writes.
func ParseStationSecret(text string) (*StationSecret, error) {
	b, err := parsePrefixed(text, prefixStationSecret, StationSeed)
	if err != nil {
		return nil, fmt.Errorf("station secret: %w", err)
	}
	return NewStationSecret([StationSeed]byte(b))
}

// StationKeys are the public halves of a station secret.
type StationKeys struct {
	Log, Cosigner, Session [ed25519.PublicKeySize]byte
	CosignerPQ, SessionPQ  [mldsa.MLDSA44PublicKeySize]byte
	Seal                   [SealLen]byte
}

// Keys gives the public halves.
func (s *StationSecret) Keys() StationKeys {
	pub := func(k ed25519.PrivateKey) [32]byte { return [32]byte(k.Public().(ed25519.PublicKey)) }
	pq := func(k *mldsa.PrivateKey) [mldsa.MLDSA44PublicKeySize]byte {
		return [mldsa.MLDSA44PublicKeySize]byte(k.PublicKey().Bytes())
	}
	return StationKeys{
		Log: pub(s.log), Cosigner: pub(s.cosigner), Session: pub(s.session),
		CosignerPQ: pq(s.cosignerPQ), SessionPQ: pq(s.sessionPQ),
		Seal: [SealLen]byte(s.seal.PublicKey().Bytes()),
	}
}

// LogSigner signs checkpoints under the log's origin.
func (s *StationSecret) LogSigner(origin string) (note.Signer, error) {
	return ed25519Signer(origin, s.log)
}

// Cosigner gives the two cosigner keys, for package tlog.
func (s *StationSecret) Cosigner() (ed25519.PrivateKey, *mldsa.PrivateKey) {
	return s.cosigner, s.cosignerPQ
}

// SessionTLS is the key of the TLS certificate.
func (s *StationSecret) SessionTLS() ed25519.PrivateKey { return s.session }

// SealKey opens what was sealed to this generation.
func (s *StationSecret) SealKey() hpke.PrivateKey { return s.seal }

// SignSession proves the ML-DSA session key over a session's exported keying
// material, bound to line and role.
func (s *StationSecret) SignSession(line LineID, role byte, exporter []byte) []byte {
	return mldsaSign(s.sessionPQ, message(tagSession, []byte(line), []byte{role}, exporter))
}

// VerifySession checks what SignSession makes.
func (k StationKeys) VerifySession(line LineID, role byte, exporter, sig []byte) bool {
	pub, err := mldsa.NewPublicKey(mldsa.MLDSA44(), k.SessionPQ[:])
	return err == nil && mldsa.Verify(pub, message(tagSession, []byte(line), []byte{role}, exporter), sig, nil) == nil
}
