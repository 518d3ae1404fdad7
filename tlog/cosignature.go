// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"filippo.io/mldsa"

	"openline/identity"
)

// Signature types of C2SP signed-note.
const (
	typeCosignature   = 0x04 // timestamped Ed25519 cosignature/v1
	typeCosignaturePQ = 0x06 // timestamped ML-DSA-44 (sub)tree cosignature
	timestampLen      = 8
	maxTime           = 1<<63 - 1
)

// ErrCosignature is a cosignature that does not verify.
var ErrCosignature = errors.New("the cosignature does not verify")

// ErrOtherKey is a cosignature by another key than the one it is held against.
var ErrOtherKey = fmt.Errorf("%w: it is by another key", ErrCosignature)

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
	message func(c Checkpoint, at uint64) []byte
	sign    func(msg []byte) ([]byte, error)
	verify  func(msg, sig []byte) bool
}

func newKey(name string, kind byte, pub []byte) key {
	return key{name: name, hash: identity.KeyHash(name, kind, pub)}
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
	c.verify = func(msg, sig []byte) bool {
		return len(pub) == ed25519.PublicKeySize && ed25519.Verify(pub, msg, sig)
	}
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
	c.message = func(cp Checkpoint, at uint64) []byte { return messagePQ(name, cp, at) }
	c.verify = func(msg, sig []byte) bool { return mldsa.Verify(pub, msg, sig, nil) == nil }
	return &c
}

// messageEd25519 is what cosignature/v1 signs: "cosignature/v1", a time line
// and the checkpoint.
func messageEd25519(c Checkpoint, at uint64) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, c.Text())
}

// messagePQ is the cosigned_message structure of C2SP tlog-cosignature, with
// the whole tree as its subtree.
func messagePQ(name string, c Checkpoint, at uint64) []byte {
	b := []byte("subtree/v1\n\x00")
	b = append(append(b, byte(len(name))), name...)
	b = binary.BigEndian.AppendUint64(b, at)
	b = append(append(b, byte(len(c.Origin))), c.Origin...)
	b = binary.BigEndian.AppendUint64(b, 0)
	b = binary.BigEndian.AppendUint64(b, c.Size)
	return append(b, c.Root[:]...)
}

// check holds name, head and time to what both messages can carry. Time zero
// means in C2SP that nothing is said of the largest head known; here every
// cosignature says it.
func (k *key) check(c Checkpoint, at uint64) error {
	if err := checkName(k.name); err != nil {
		return fmt.Errorf("the cosigner's name %w", err)
	}
	if at == 0 || at > maxTime {
		return fmt.Errorf("the time %d is not between 1 and 2^63-1", at)
	}
	return c.check()
}

// Name is the key name.
func (k *key) Name() string { return k.name }

// KeyHash is the C2SP key id.
func (k *key) KeyHash() uint32 { return k.hash }

// Cosign signs c at a time.
func (k *key) Cosign(c Checkpoint, at uint64) ([]byte, error) {
	if err := k.check(c, at); err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	sig, err := k.sign(k.message(c, at))
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
		return 0, ErrOtherKey
	}
	at = binary.BigEndian.Uint64(blob[4:])
	if err := k.check(c, at); err != nil {
		return 0, fmt.Errorf("%w: %v", ErrCosignature, err)
	}
	if !k.verify(k.message(c, at), blob[4+timestampLen:]) {
		return 0, fmt.Errorf("%w: not over this head at this time", ErrCosignature)
	}
	return at, nil
}

// parseLine takes a signature line apart, in its one spelling.
func parseLine(line []byte, name string) ([]byte, error) {
	rest, dash := strings.CutPrefix(string(line), "— ")
	body, after, end := strings.Cut(rest, "\n")
	if !dash || !end || after != "" {
		return nil, fmt.Errorf("%w: not a signature line", ErrCosignature)
	}
	who, b64, ok := strings.Cut(body, " ")
	if !ok || who != name {
		return nil, ErrOtherKey
	}
	blob, ok := identity.DecodeBase64(b64)
	if !ok {
		return nil, fmt.Errorf("%w: not in base64", ErrCosignature)
	}
	return blob, nil
}

// CosignatureIn finds, among the signature lines of a note over c, the one by
// v's key and gives its time. As C2SP signed-note asks, lines of other keys
// are left aside and a line of this key that does not verify is refused.
func CosignatureIn(msg []byte, c Checkpoint, v CosignatureVerifier) (at uint64, err error) {
	lines, ok := bytes.CutPrefix(msg, []byte(c.Text()+"\n"))
	if !ok || len(msg) > MaxNote {
		return 0, fmt.Errorf("%w: not a note over this head", ErrCosignature)
	}
	for line := range bytes.SplitAfterSeq(lines, []byte("\n")) {
		if at, err = v.Verify(c, line); !errors.Is(err, ErrOtherKey) && len(line) > 0 {
			return at, err
		}
	}
	return 0, ErrOtherKey
}
