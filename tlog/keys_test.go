// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"testing"

	"openline/identity"
	"openline/tlog"
)

// Under a key of small order a signature of zeros fits one text in eight, or
// all of them: such a card is refused.
func TestKeysOfSmallOrderAreRefused(t *testing.T) {
	good := newSigner(t, "blue.example", 1).card
	for _, y := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		for _, sign := range []byte{0, 0x80} {
			key := [32]byte(must[[]byte](t)(hex.DecodeString(y)))
			key[31] |= sign
			log, cosigner := *good, *good
			log.Keys.Log, cosigner.Keys.Cosigner = key, key
			for role, card := range map[string]identity.StationCard{"log": log, "cosigner": cosigner} {
				if _, err := tlog.KeysOf(&card); err == nil {
					t.Errorf("%s key %x is taken", role, key)
				}
			}
			if !fitsAnything(key) {
				t.Errorf("%x is listed, but no signature of zeros fits any text", key)
			}
		}
	}
	near := *good
	near.Keys.Log = [32]byte{3}
	if _, err := tlog.KeysOf(&near); err != nil {
		t.Errorf("an honest key near zero is refused: %v", err)
	}
}

// fitsAnything looks for a text that a signature by nobody fits: R the
// neutral point or the key itself, s zero.
func fitsAnything(key [32]byte) bool {
	neutral := make([]byte, 64)
	neutral[0] = 1
	for i := range 100 {
		if ed25519.Verify(key[:], fmt.Append(nil, i), neutral) {
			return true
		}
	}
	// The second spellings of 0 and 1 may not be decoded at all.
	return false
}
