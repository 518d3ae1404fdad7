// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"
)

// Answers of OpenNote. Callers may branch on them.
var (
	ErrUnsigned     = errors.New("it is not signed by this party's key")
	ErrOneSignature = errors.New("only one of the party's two signatures is there; both Ed25519 and ML-DSA-44 are needed")
	ErrSignature    = errors.New("a signature of the party does not verify")
)

// C2SP signature types. C2SP has no plain ML-DSA type, so that signature has
// type 0xff and an identifier of ours.
const (
	TypeEd25519 = 0x01
	typeOther   = 0xff
)

// OpenNote verifies a note against both keys and gives its text. Both
// signatures must be there and verify; lines of other signers are ignored.
// The error wraps ErrUnsigned, ErrOneSignature or ErrSignature.
func (k PartyKey) OpenNote(name Party, msg []byte) (string, error) {
	ed, pq, err := k.Verifiers(name)
	if err != nil {
		return "", fmt.Errorf("party key of %s: %v", name, err)
	}
	n, err := note.Open(msg, verifiers{ed, pq})
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unverified):
		return "", ErrUnsigned
	case err != nil:
		return "", fmt.Errorf("%w: %v", ErrSignature, err)
	case len(n.Sigs) != 2:
		return "", ErrOneSignature
	}
	// The decoder of note passes over bits that decode to nothing.
	for _, s := range n.Sigs {
		if _, ok := DecodeBase64(s.Base64); !ok {
			return "", fmt.Errorf("%w: it is not written as it is made", ErrSignature)
		}
	}
	return n.Text, nil
}

// Verifiers give both halves of the key as it signs notes under a name.
func (k PartyKey) Verifiers(name Party) (ed, pq note.Verifier, err error) {
	pub, err := mldsa.NewPublicKey(mldsa.MLDSA44(), k.MLDSA[:])
	if err != nil {
		return nil, nil, err
	}
	ed, err = Ed25519Verifier(string(name), k.Ed25519)
	return ed, partyPQ{name, pub}, err
}

// partyPQ verifies notes with ML-DSA-44.
type partyPQ struct {
	name Party
	pub  *mldsa.PublicKey
}

func (p partyPQ) Name() string { return string(p.name) }

func (p partyPQ) KeyHash() uint32 {
	return KeyHash(string(p.name), typeOther, append([]byte(tagNote), p.pub.Bytes()...))
}

func (p partyPQ) Verify(msg, sig []byte) bool {
	return mldsa.Verify(p.pub, NoteMessage(msg), sig, nil) == nil
}

// NoteMessage is what ML-DSA-44 signs of a note's text.
func NoteMessage(text []byte) []byte { return append([]byte(tagNote+"\n"), text...) }

// KeyHash is the key id of C2SP signed-note for a key of a type.
func KeyHash(name string, kind byte, pub []byte) uint32 {
	sum := sha256.Sum256(append(append([]byte(name+"\n"), kind), pub...))
	return binary.BigEndian.Uint32(sum[:])
}

// verifiers is a note.Verifiers that tells keys of one name apart by hash.
type verifiers []note.Verifier

func (vs verifiers) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, v := range vs {
		if v.Name() == name && v.KeyHash() == hash {
			return v, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// Ed25519Verifier verifies notes signed under a name with an Ed25519 key.
func Ed25519Verifier(name string, pub [ed25519.PublicKeySize]byte) (note.Verifier, error) {
	return note.NewVerifier(fmt.Sprintf("%s+%08x+%s", name, KeyHash(name, TypeEd25519, pub[:]),
		base64.StdEncoding.EncodeToString(append([]byte{TypeEd25519}, pub[:]...))))
}
