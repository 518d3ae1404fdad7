// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"
)

// Answers of OpenNote. Callers may branch on them.
var (
	ErrUnsigned     = errors.New("it is not signed by this party's key")
	ErrOneSignature = errors.New("only one of the party's two signatures is there; both Ed25519 and ML-DSA-44 are needed")
	ErrSignature    = errors.New("a signature of the party does not verify")
)

// typeEd25519 and typeOther are C2SP signature types; C2SP has no plain
// ML-DSA type, so that signature has type 0xff and an identifier of ours.
const (
	typeEd25519 = 0x01
	typeOther   = 0xff
)

// SignNote signs a text as this party, with both keys: a C2SP signed note
// whose key name is the party's name.
func (s *PartySecret) SignNote(name Party, text string) ([]byte, error) {
	if _, err := ParseParty(string(name)); err != nil {
		return nil, err
	}
	if err := checkNoteText(text); err != nil {
		return nil, err
	}
	ed, err := ed25519Signer(string(name), s.ed)
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: text}, ed, partyPQ{name: name, secret: s.ml, pub: s.ml.PublicKey()})
}

// checkNoteText holds what note.Open asks for and note.Sign does not.
func checkNoteText(text string) error {
	if !strings.HasSuffix(text, "\n") || !utf8.ValidString(text) {
		return errors.New("the text of a note is UTF-8 and ends with a line break")
	}
	for _, c := range []byte(text) {
		if c < 0x20 && c != '\n' {
			return fmt.Errorf("the text holds control character 0x%02x", c)
		}
	}
	return nil
}

// OpenNote verifies a note against both keys and gives its text. Both
// signatures must be there and verify; lines of other signers are ignored.
// The error wraps ErrUnsigned, ErrOneSignature or ErrSignature.
func (k PartyKey) OpenNote(name Party, msg []byte) (string, error) {
	pub, err := mldsa.NewPublicKey(mldsa.MLDSA44(), k.MLDSA[:])
	if err != nil {
		return "", fmt.Errorf("party key of %s: %v", name, err)
	}
	ed, err := note.NewVerifier(ed25519VerifierKey(string(name), k.Ed25519[:]))
	if err != nil {
		return "", fmt.Errorf("party key of %s: %v", name, err)
	}
	n, err := note.Open(msg, verifiers{ed, partyPQ{name: name, pub: pub}})
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

// partyPQ signs and verifies notes with ML-DSA-44.
type partyPQ struct {
	name   Party
	secret *mldsa.PrivateKey
	pub    *mldsa.PublicKey
}

func (p partyPQ) Name() string { return string(p.name) }

func (p partyPQ) KeyHash() uint32 {
	return keyHash(string(p.name), append([]byte{typeOther}, append([]byte(tagNote), p.pub.Bytes()...)...))
}

func (p partyPQ) Sign(msg []byte) ([]byte, error) {
	return mldsaSign(p.secret, append([]byte(tagNote+"\n"), msg...)), nil
}

func (p partyPQ) Verify(msg, sig []byte) bool {
	return mldsa.Verify(p.pub, append([]byte(tagNote+"\n"), msg...), sig, nil) == nil
}

// keyHash is the key id of C2SP signed-note.
func keyHash(name string, typed []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
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

func ed25519VerifierKey(name string, pub []byte) string {
	typed := append([]byte{typeEd25519}, pub...)
	return fmt.Sprintf("%s+%08x+%s", name, keyHash(name, typed), base64.StdEncoding.EncodeToString(typed))
}

func ed25519Signer(name string, key ed25519.PrivateKey) (note.Signer, error) {
	typed := append([]byte{typeEd25519}, key.Public().(ed25519.PublicKey)...)
	seed := append([]byte{typeEd25519}, key.Seed()...)
	return note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, keyHash(name, typed), base64.StdEncoding.EncodeToString(seed)))
}
