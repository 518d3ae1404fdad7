// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// The BIP-39 English word list, one word a line, in order.
//
//go:embed words.txt
var wordList string

const (
	fingerprintWords = 12
	bitsPerWord      = 11
	maxSpoken        = 256 // bytes of text a fingerprint is read from
)

// Fingerprint is the first 132 bits of the digest of a party's name and
// keys: what two people read to each other. The last four bits are zero.
type Fingerprint [17]byte

// Fingerprint binds the keys to the name they are used under.
func (k PartyKey) Fingerprint(name Party) (f Fingerprint) {
	b := []byte(tagFingerprint + "\n" + string(name) + "\x00")
	b = append(append(b, k.Ed25519[:]...), k.MLDSA[:]...)
	sum := sha256.Sum256(b)
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

// ParseFingerprint reads twelve words as people write them: hyphens or
// blanks between, in any case.
func ParseFingerprint(s string) (f Fingerprint, err error) {
	if len(s) > maxSpoken {
		return f, fmt.Errorf("a fingerprint has %d words, not %d bytes", fingerprintWords, len(s))
	}
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '-' || unicode.IsSpace(r) })
	list := strings.Fields(wordList)
	index := make([]int, len(words))
	for i, w := range words {
		v, ok := slices.BinarySearch(list, w)
		if !ok {
			return f, fmt.Errorf("word %d, %q, is not in the list; perhaps %s", i+1, w, nearest(list, w))
		}
		index[i] = v
	}
	if len(words) != fingerprintWords {
		return f, fmt.Errorf("a fingerprint has %d words, not %d", fingerprintWords, len(words))
	}
	for i, v := range index {
		f.setBits(i*bitsPerWord, v)
	}
	return f, nil
}

func (f *Fingerprint) setBits(from, v int) {
	for b := range bitsPerWord {
		if v>>(bitsPerWord-1-b)&1 == 1 {
			f[(from+b)/8] |= 1 << (7 - (from+b)%8)
		}
	}
}

// nearest gives the word of the list that takes the fewest changes.
func nearest(list []string, word string) (best string) {
	least := maxSpoken
	for _, w := range list {
		if d := distance(w, word); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

var errFingerprint = errors.New("the fingerprint is another one")

// Check reports whether these keys have the fingerprint that was read.
func (f Fingerprint) Check(name Party, k PartyKey) error {
	if k.Fingerprint(name) != f {
		return fmt.Errorf("%s: %w", name, errFingerprint)
	}
	return nil
}
