// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"

	"openline/identity"
)

// Text prefixes, one per role: spec/identity.md section 2.
const (
	prefixParty   = "openline-party-secret-1:"
	prefixStation = "openline-station-secret-1:"
	prefixPerson  = "openline-person-secret-1:"
)

func encode(prefix string, seed []byte) string {
	return prefix + base64.StdEncoding.EncodeToString(seed)
}

// parse never repeats what it read: it is a secret.
func parse(text, prefix string, size int) ([]byte, error) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return nil, fmt.Errorf("does not begin with %s", prefix)
	}
	b, ok := identity.DecodeBase64(rest)
	if !ok || len(b) != size {
		return nil, fmt.Errorf("is not %d bytes in base64", size)
	}
	return b, nil
}

// hide writes what a secret prints as. A fmt.State has no way to hand back
// an error of its writer.
func hide(f fmt.State, as string) { _, _ = io.WriteString(f, as) }

// mldsaKey derives an ML-DSA-44 key from a seed of the right length, which
// cannot fail.
func mldsaKey(seed []byte) *mldsa.PrivateKey {
	k, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed)
	if err != nil {
		panic("secret: internal error: " + err.Error())
	}
	return k
}

// mldsaSign signs without a context, deterministically, so that a replay
// makes the same bytes; it cannot fail.
func mldsaSign(k *mldsa.PrivateKey, msg []byte) []byte {
	sig, err := k.SignDeterministic(msg, nil)
	if err != nil {
		panic("secret: internal error: " + err.Error())
	}
	return sig
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

// pqSigner signs notes with ML-DSA-44.
type pqSigner struct {
	note.Verifier
	key *mldsa.PrivateKey
}

func (p pqSigner) Sign(msg []byte) ([]byte, error) {
	return mldsaSign(p.key, identity.NoteMessage(msg)), nil
}

func ed25519Signer(name string, key ed25519.PrivateKey) (note.Signer, error) {
	pub := key.Public().(ed25519.PublicKey)
	seed := append([]byte{identity.TypeEd25519}, key.Seed()...)
	return note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, identity.KeyHash(name, identity.TypeEd25519, pub), base64.StdEncoding.EncodeToString(seed)))
}
