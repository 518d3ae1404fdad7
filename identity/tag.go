// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// Text prefixes, one per role: spec/identity.md section 2.
const (
	prefixPartyKey  = "openline-party-1:"
	prefixPersonKey = "openline-person-1:"
)

// Domain tags: the first line of everything signed or hashed here that is
// not itself a note's text.
const (
	tagNote        = "openline.party/mldsa44/v1"
	tagFingerprint = "openline/fingerprint/v1"
	tagSession     = "openline/session/v1"
	tagAct         = "openline/act/v1"
)

// message joins a domain tag and fields, each with its length before it, so
// that no two lists of fields give the same bytes.
func message(tag string, fields ...[]byte) []byte {
	b := []byte(tag + "\n")
	for _, f := range fields {
		b = binary.BigEndian.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return b
}

// parsePrefixed never repeats what it read: it may be a secret.
func parsePrefixed(text, prefix string, size int) ([]byte, error) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return nil, fmt.Errorf("does not begin with %s", prefix)
	}
	return decodeBase64(rest, size)
}

// DecodeBase64 takes the one spelling of some bytes only: the decoder of the
// library passes over line breaks, strict or not.
func DecodeBase64(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && base64.StdEncoding.EncodedLen(len(b)) == len(s)
}

func decodeBase64(s string, size int) ([]byte, error) {
	b, ok := DecodeBase64(s)
	if !ok || len(b) != size {
		return nil, fmt.Errorf("is not %d bytes in base64", size)
	}
	return b, nil
}

func encodePrefixed(prefix string, b ...[]byte) string {
	var all []byte
	for _, part := range b {
		all = append(all, part...)
	}
	return prefix + base64.StdEncoding.EncodeToString(all)
}
