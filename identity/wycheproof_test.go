// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"filippo.io/mldsa"

	. "openline/identity"
)

// group is one key of a Wycheproof file with its tests.
type group struct {
	PublicKey   any
	PrivateSeed string
	Tests       []struct {
		TcID         int
		Msg, Mu, Ctx string
		Sig, Result  string
		Flags        []string
	}
}

func wycheproof(t *testing.T, file string) []group {
	t.Helper()
	var v struct{ TestGroups []group }
	readJSON(t, "../spec/vectors/wycheproof/"+file, &v)
	if len(v.TestGroups) == 0 {
		t.Fatal("no vectors")
	}
	return v.TestGroups
}

func TestWycheproofEd25519(t *testing.T) {
	for _, g := range wycheproof(t, "ed25519_test.json") {
		pub := unhex(t, g.PublicKey.(map[string]any)["pk"].(string))
		if err := CheckEd25519([32]byte(pub)); err != nil {
			t.Errorf("an honest key is refused: %v", err)
		}
		for _, c := range g.Tests {
			if got := ed25519.Verify(pub, unhex(t, c.Msg), unhex(t, c.Sig)); got != (c.Result == "valid") {
				t.Errorf("test %d: verifies: %v", c.TcID, got)
			}
		}
	}
}

func TestWycheproofMLDSAVerify(t *testing.T) {
	for _, g := range wycheproof(t, "mldsa_44_verify_test.json") {
		key, err := mldsa.NewPublicKey(mldsa.MLDSA44(), unhex(t, g.PublicKey.(string)))
		for _, c := range g.Tests {
			ok := err == nil && mldsa.Verify(key, unhex(t, c.Msg), unhex(t, c.Sig), &mldsa.Options{Context: string(unhex(t, c.Ctx))}) == nil
			if ok != (c.Result == "valid") {
				t.Errorf("test %d: verifies: %v", c.TcID, ok)
			}
			if slices.Contains(c.Flags, "ZeroPublicKey") {
				pub := [mldsa.MLDSA44PublicKeySize]byte(unhex(t, g.PublicKey.(string)))
				if err := CheckMLDSA(&pub); !errors.Is(err, ErrWeakKey) {
					t.Errorf("test %d: a zero key is not refused: %v", c.TcID, err)
				}
			}
		}
	}
}

func TestWycheproofMLDSASign(t *testing.T) {
	for _, g := range wycheproof(t, "mldsa_44_sign_seed_test.json") {
		key, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), unhex(t, g.PrivateSeed))
		for _, c := range g.Tests {
			if slices.Contains(c.Flags, "Internal") || slices.Contains(c.Flags, "Randomized") {
				continue // over a digest, or not deterministic: neither is used here
			}
			var sig []byte
			signErr := err
			if err == nil {
				sig, signErr = key.SignDeterministic(unhex(t, c.Msg), &mldsa.Options{Context: string(unhex(t, c.Ctx))})
			}
			if valid := c.Result == "valid"; valid != (signErr == nil) || valid && !bytes.Equal(sig, unhex(t, c.Sig)) {
				t.Errorf("test %d (%s): %v", c.TcID, c.Result, signErr)
			}
		}
	}
}
