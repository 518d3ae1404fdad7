// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"

	"filippo.io/mldsa"
)

// A public key for which anyone can make signatures lets its owner say
// afterwards that it was not they who signed. Such keys are refused.
var (
	errWeakKey     = errors.New("is a weak key, under which anyone could sign")
	errOtherSpell  = errors.New("is not in the one encoding of its key")
	errKeyTwoRoles = errors.New("one key has two roles")
)

// The y coordinates of the Ed25519 points of order 1, 2, 4 and 8, in hex,
// little end first; the sign bit is cleared.
const (
	order1  = "0100000000000000000000000000000000000000000000000000000000000000"
	order2  = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
	order4  = "0000000000000000000000000000000000000000000000000000000000000000"
	order8a = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
	order8b = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
)

// checkEd25519 refuses keys of small order, and y coordinates written beyond
// the field's prime. A key that is no point of the curve verifies nothing
// and harms only its owner.
func checkEd25519(k [ed25519.PublicKeySize]byte) error {
	k[31] &= 0x7f
	switch hex.EncodeToString(k[:]) {
	case order1, order2, order4, order8a, order8b:
		return errWeakKey
	}
	if k[0] < 0xed || k[31] != 0x7f {
		return nil
	}
	for _, b := range k[1:31] {
		if b != 0xff {
			return nil
		}
	}
	return errOtherSpell
}

// checkMLDSA refuses the key whose vector t is zero: a signature under it
// needs no secret. The first 32 bytes are the seed of the matrix.
func checkMLDSA(k *[mldsa.MLDSA44PublicKeySize]byte) error {
	for _, b := range k[32:] {
		if b != 0 {
			return nil
		}
	}
	return errWeakKey
}
