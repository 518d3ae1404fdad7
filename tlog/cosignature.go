// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"

	"openline/identity"
)

// Signature types of C2SP signed-note.
const (
	typeCosignature   = 0x04 // timestamped Ed25519 cosignature/v1
	typeCosignaturePQ = 0x06 // timestamped ML-DSA-44 (sub)tree cosignature
	timestampLen      = 8
)

// ErrCosignature is a cosignature that does not verify.
var ErrCosignature = errors.New("the cosignature does not verify")

// Cosigner makes cosignatures with one key under one name.
type Cosigner interface {
	// Cosign gives the signature line of a note, line feed included: "at
	// this time, this is the largest head of that log I know; it is
	// consistent, and its entries are durably stored here".
	Cosign(c Checkpoint, at uint64) ([]byte, error)
}

// CosignatureVerifier checks what a Cosigner makes.
type CosignatureVerifier interface {
	Name() string
	KeyHash() uint32
	Verify(c Checkpoint, line []byte) (at uint64, err error)
}

// key is what both kinds of cosigner key share.
type key struct {
	name    string
	hash    uint32
	message func(c Checkpoint, at uint64) ([]byte, error)
	sign    func(msg []byte) ([]byte, error)
	verify  func(msg, sig []byte) bool
}

func newKey(name string, kind byte, pub []byte) key {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write([]byte{kind})
	h.Write(pub)
	return key{name: name, hash: binary.BigEndian.Uint32(h.Sum(nil))}
}

// NewCosigner cosigns with Ed25519.
func NewCosigner(name string, k ed25519.PrivateKey) Cosigner {
	c := newVerifier(name, k.Public().(ed25519.PublicKey))
	c.sign = func(msg []byte) ([]byte, error) { return ed25519.Sign(k, msg), nil }
	return c
}

// NewCosignatureVerifier verifies Ed25519 cosignatures.
func NewCosignatureVerifier(name string, pub ed25519.PublicKey) CosignatureVerifier {
	return newVerifier(name, pub)
}

func newVerifier(name string, pub ed25519.PublicKey) *key {
	c := newKey(name, typeCosignature, pub)
	c.message = messageEd25519
	c.verify = func(msg, sig []byte) bool { return ed25519.Verify(pub, msg, sig) }
	return &c
}

// NewCosignerPQ cosigns with ML-DSA-44, deterministically.
func NewCosignerPQ(name string, k *mldsa.PrivateKey) Cosigner {
	c := newVerifierPQ(name, k.PublicKey())
	c.sign = func(msg []byte) ([]byte, error) { return k.SignDeterministic(msg, nil) }
	return c
}

// NewCosignatureVerifierPQ verifies ML-DSA-44 cosignatures.
func NewCosignatureVerifierPQ(name string, pub *mldsa.PublicKey) CosignatureVerifier {
	return newVerifierPQ(name, pub)
}

func newVerifierPQ(name string, pub *mldsa.PublicKey) *key {
	c := newKey(name, typeCosignaturePQ, pub.Bytes())
	c.message = func(cp Checkpoint, at uint64) ([]byte, error) { return messagePQ(name, cp, at) }
	c.verify = func(msg, sig []byte) bool { return mldsa.Verify(pub, msg, sig, nil) == nil }
	return &c
}

// messageEd25519 is what cosignature/v1 signs: "cosignature/v1", a time line
// and the checkpoint.
func messageEd25519(c Checkpoint, at uint64) ([]byte, error) {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, c.Text()), nil
}

// messagePQ is the cosigned_message structure of C2SP tlog-cosignature, with
// the whole tree as its subtree.
func messagePQ(name string, c Checkpoint, at uint64) ([]byte, error) {
	if len(name) == 0 || len(name) > 255 || len(c.Origin) == 0 || len(c.Origin) > 255 {
		return nil, errors.New("cosign: a name or origin is empty or longer than 255 bytes")
	}
	b := []byte("subtree/v1\n\x00")
	b = append(append(b, byte(len(name))), name...)
	b = binary.BigEndian.AppendUint64(b, at)
	b = append(append(b, byte(len(c.Origin))), c.Origin...)
	b = binary.BigEndian.AppendUint64(b, 0)
	b = binary.BigEndian.AppendUint64(b, c.Size)
	return append(b, c.Root[:]...), nil
}

// Name is the key name.
func (k *key) Name() string { return k.name }

// KeyHash is the C2SP key id.
func (k *key) KeyHash() uint32 { return k.hash }

// Cosign signs c at a time.
func (k *key) Cosign(c Checkpoint, at uint64) ([]byte, error) {
	msg, err := k.message(c, at)
	if err != nil {
		return nil, err
	}
	sig, err := k.sign(msg)
	if err != nil {
		return nil, fmt.Errorf("cosign %s: %w", c.Origin, err)
	}
	blob := binary.BigEndian.AppendUint32(nil, k.hash)
	blob = append(binary.BigEndian.AppendUint64(blob, at), sig...)
	return []byte("— " + k.name + " " + base64.StdEncoding.EncodeToString(blob) + "\n"), nil
}

// Verify checks a signature line over c and gives its time.
func (k *key) Verify(c Checkpoint, line []byte) (at uint64, err error) {
	blob, err := parseLine(line, k.name)
	if err != nil {
		return 0, err
	}
	if len(blob) < 4+timestampLen || binary.BigEndian.Uint32(blob) != k.hash {
		return 0, fmt.Errorf("%w: it is by another key", ErrCosignature)
	}
	at = binary.BigEndian.Uint64(blob[4:])
	msg, err := k.message(c, at)
	if err != nil {
		return 0, err
	}
	if !k.verify(msg, blob[4+timestampLen:]) {
		return 0, fmt.Errorf("%w: not over this head at this time", ErrCosignature)
	}
	return at, nil
}

func parseLine(line []byte, name string) ([]byte, error) {
	rest, ok := strings.CutPrefix(string(line), "— ")
	if !ok || !strings.HasSuffix(rest, "\n") {
		return nil, fmt.Errorf("%w: not a signature line", ErrCosignature)
	}
	who, b64, ok := strings.Cut(strings.TrimSuffix(rest, "\n"), " ")
	if !ok || who != name {
		return nil, fmt.Errorf("%w: it is by %.80q", ErrCosignature, who)
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(b64)
	if err != nil {
		return nil, fmt.Errorf("%w: not in base64", ErrCosignature)
	}
	return blob, nil
}

// Keys verify what one generation signs.
type Keys struct {
	Log        note.Verifier
	Cosigner   CosignatureVerifier
	CosignerPQ CosignatureVerifier
}

// KeysOf gives the verifiers of a station card.
func KeysOf(card *identity.StationCard) (Keys, error) {
	typed := append([]byte{1}, card.Keys.Log[:]...)
	h := sha256.Sum256(append([]byte(card.Origin()+"\n"), typed...))
	log, err := note.NewVerifier(fmt.Sprintf("%s+%08x+%s", card.Origin(), binary.BigEndian.Uint32(h[:]), base64.StdEncoding.EncodeToString(typed)))
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
