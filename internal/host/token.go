// SPDX-License-Identifier: Apache-2.0

package host

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// crockford is the alphabet of a ULID.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewToken makes a token for a say: time-ordered text that nobody else makes
// (a ULID: 48 bits of milliseconds, 80 random bits).
func NewToken(at time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(at.UnixMilli())<<16)
	// crypto/rand never gives an error; it ends the program instead.
	_, _ = rand.Read(b[6:])
	// 128 bits in 26 digits of five: two zero bits lead.
	var padded [17]byte
	for i := range 16 {
		padded[i] |= b[i] >> 2
		padded[i+1] |= b[i] << 6
	}
	return crockford.EncodeToString(padded[:])[:26]
}
