// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"
)

// Text prefixes, one per role.
const (
	prefixPartySecret   = "openline-party-secret-1:"
	prefixPartyKey      = "openline-party-1:"
	prefixStationSecret = "openline-station-secret-1:"
	prefixPersonSecret  = "openline-person-secret-1:"
	prefixPersonKey     = "openline-person-1:"
)

// mldsaNote is the identifier of ML-DSA-44 signatures in notes: C2SP has no
// plain ML-DSA note type, so type 0xff with an identifier of our own.
const mldsaNote = "openline.party/mldsa44/v1"

// Errors of notes signed by a party.
var (
	ErrOneSignature = errors.New("only one of the party's two signatures is there; both Ed25519 and ML-DSA-44 are needed")
	ErrSignature    = errors.New("the signature does not verify")
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

// String hides the secret.
func (s *PartySecret) String() string { return "party secret" }

// Encode gives the secret as text, to be sealed before it is stored.
func (s *PartySecret) Encode() string {
	return prefixPartySecret + base64.StdEncoding.EncodeToString(s.seed[:])
}

// ParsePartySecret reads what Encode writes.
func ParsePartySecret(text string) (*PartySecret, error) {
	b, err := parsePrefixed(text, prefixPartySecret, 64)
	if err != nil {
		return nil, fmt.Errorf("party secret: %w", err)
	}
	return NewPartySecret([64]byte(b)), nil
}

// parsePrefixed never repeats what it read: it may be a secret.
func parsePrefixed(text, prefix string, size int) ([]byte, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), prefix)
	if !ok {
		return nil, fmt.Errorf("does not begin with %s", prefix)
	}
	b, err := base64.StdEncoding.Strict().DecodeString(rest)
	if err != nil || len(b) != size {
		return nil, fmt.Errorf("is not %d bytes in base64", size)
	}
	return b, nil
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
func (k PartyKey) String() string {
	return prefixPartyKey + base64.StdEncoding.EncodeToString(append(k.Ed25519[:], k.MLDSA[:]...))
}

// ParsePartyKey reads what String writes.
func ParsePartyKey(text string) (PartyKey, error) {
	b, err := parsePrefixed(text, prefixPartyKey, 32+mldsa.MLDSA44PublicKeySize)
	if err != nil {
		return PartyKey{}, fmt.Errorf("party key %w", err)
	}
	return PartyKey{Ed25519: [32]byte(b[:32]), MLDSA: [mldsa.MLDSA44PublicKeySize]byte(b[32:])}, nil
}

// SignNote signs a text as this party, with both keys.
func (s *PartySecret) SignNote(name Party, text string) ([]byte, error) {
	ed, err := ed25519Signer(string(name), s.ed)
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: text}, ed, partyPQ{name: name, secret: s.ml, pub: s.ml.PublicKey()})
}

// OpenNote verifies a note against both keys and gives its text. Lines of
// other signers are ignored.
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
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrSignature, err)
	}
	if len(n.Sigs) != 2 {
		return "", ErrOneSignature
	}
	return n.Text, nil
}

// partyPQ signs and verifies notes with ML-DSA-44, deterministically.
type partyPQ struct {
	name   Party
	secret *mldsa.PrivateKey
	pub    *mldsa.PublicKey
}

func (p partyPQ) Name() string { return string(p.name) }

func (p partyPQ) KeyHash() uint32 {
	return keyHash(string(p.name), append([]byte("\xff"+mldsaNote), p.pub.Bytes()...))
}

func (p partyPQ) Sign(msg []byte) ([]byte, error) {
	return p.secret.SignDeterministic(append([]byte(mldsaNote+"\n"), msg...), nil)
}

func (p partyPQ) Verify(msg, sig []byte) bool {
	return mldsa.Verify(p.pub, append([]byte(mldsaNote+"\n"), msg...), sig, nil) == nil
}

// keyHash is the C2SP signed-note key id.
func keyHash(name string, typed []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write(typed)
	return binary.BigEndian.Uint32(h.Sum(nil))
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
	typed := append([]byte{1}, pub...)
	return fmt.Sprintf("%s+%08x+%s", name, keyHash(name, typed), base64.StdEncoding.EncodeToString(typed))
}

func ed25519Signer(name string, key ed25519.PrivateKey) (note.Signer, error) {
	typed := append([]byte{1}, key.Public().(ed25519.PublicKey)...)
	seed := append([]byte{1}, key.Seed()...)
	return note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, keyHash(name, typed), base64.StdEncoding.EncodeToString(seed)))
}

// message joins a domain tag and fields, each with its length before it.
func message(tag string, fields ...[]byte) []byte {
	var b bytes.Buffer
	b.WriteString(tag + "\n")
	for _, f := range fields {
		b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(f))))
		b.Write(f)
	}
	return b.Bytes()
}
