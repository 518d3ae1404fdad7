// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The BIP-39 English word list, one word a line, in order.
//
//go:embed words.txt
var wordList string

const (
	fingerprintTag   = "openline/fingerprint/v1"
	fingerprintWords = 12
	bitsPerWord      = 11
)

// Fingerprint is the first 132 bits of the digest of a party's name and
// keys: what two people read to each other.
type Fingerprint [17]byte

// Fingerprint binds the keys to the name they are used under.
func (k PartyKey) Fingerprint(name Party) (f Fingerprint) {
	sum := sha256.Sum256(message(fingerprintTag, []byte(name), k.Ed25519[:], k.MLDSA[:]))
	copy(f[:], sum[:17])
	f[16] &= 0xf0
	return f
}

// String writes the fingerprint as twelve words.
func (f Fingerprint) String() string {
	list := strings.Fields(wordList)
	words := make([]string, fingerprintWords)
	for i := range words {
		words[i] = list[f.bits(i*bitsPerWord)]
	}
	return strings.Join(words, "-")
}

// bits gives the eleven bits from a position on.
func (f Fingerprint) bits(from int) (v int) {
	for i := from; i < from+bitsPerWord; i++ {
		v = v<<1 | int(f[i/8]>>(7-i%8)&1)
	}
	return v
}

// ParseFingerprint reads twelve words, with hyphens or spaces, in any case.
func ParseFingerprint(s string) (f Fingerprint, err error) {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '-' || r == ' ' })
	if len(words) != fingerprintWords {
		return f, fmt.Errorf("a fingerprint has %d words, not %d", fingerprintWords, len(words))
	}
	list := strings.Fields(wordList)
	for i, w := range words {
		v, ok := slices.BinarySearch(list, w)
		if !ok {
			return f, fmt.Errorf("word %d, %q, is not in the list; %s", i+1, w, nearest(list, v))
		}
		for b := range bitsPerWord {
			if v>>(bitsPerWord-1-b)&1 == 1 {
				at := i*bitsPerWord + b
				f[at/8] |= 1 << (7 - at%8)
			}
		}
	}
	return f, nil
}

func nearest(list []string, at int) string {
	near := list[max(0, at-1):min(len(list), at+1)]
	return "perhaps " + strings.Join(near, " or ")
}

var errFingerprint = errors.New("the fingerprint is another one")

// Check reports whether these keys have the fingerprint that was read.
func (f Fingerprint) Check(name Party, k PartyKey) error {
	if k.Fingerprint(name) != f {
		return fmt.Errorf("%s: %w", name, errFingerprint)
	}
	return nil
}
