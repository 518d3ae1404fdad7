// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"filippo.io/mldsa"
)

type hexBytes []byte

func (h *hexBytes) UnmarshalText(b []byte) (err error) {
	*h, err = hex.DecodeString(string(b))
	return err
}

type wycheproof struct {
	NumberOfTests int
	TestGroups    []struct {
		PublicKey   json.RawMessage
		PrivateSeed hexBytes
		Tests       []struct {
			TcID     int
			Comment  string
			Msg, Sig hexBytes
			Ctx, Rnd hexBytes
			Mu       hexBytes
			Result   string
		}
	}
}

func readWycheproof(t *testing.T, name string) (w wycheproof) {
	t.Helper()
	b, err := os.ReadFile("../spec/vectors/wycheproof/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &w); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range w.TestGroups {
		n += len(g.Tests)
	}
	if n == 0 || n != w.NumberOfTests {
		t.Fatalf("%s holds %d vectors and says %d", name, n, w.NumberOfTests)
	}
	return w
}

func TestEd25519AgainstWycheproof(t *testing.T) {
	for _, g := range readWycheproof(t, "ed25519_test.json").TestGroups {
		var pub struct{ PK hexBytes }
		if err := json.Unmarshal(g.PublicKey, &pub); err != nil {
			t.Fatal(err)
		}
		for _, v := range g.Tests {
			if got := ed25519.Verify(ed25519.PublicKey(pub.PK), v.Msg, v.Sig); got != (v.Result == "valid") {
				t.Errorf("%d, %s: verifies is %v", v.TcID, v.Comment, got)
			}
		}
	}
}

func TestMLDSAVerificationAgainstWycheproof(t *testing.T) {
	for _, g := range readWycheproof(t, "mldsa_44_verify_test.json").TestGroups {
		var raw hexBytes
		if err := json.Unmarshal(g.PublicKey, &raw); err != nil {
			t.Fatal(err)
		}
		pub, err := mldsa.NewPublicKey(mldsa.MLDSA44(), raw)
		for _, v := range g.Tests {
			got := err == nil && mldsa.Verify(pub, v.Msg, v.Sig, &mldsa.Options{Context: string(v.Ctx)}) == nil
			if got != (v.Result == "valid") {
				t.Errorf("%d, %s: verifies is %v", v.TcID, v.Comment, got)
			}
		}
	}
}

// Lines are sent again and compared, so the signature of one message must be
// the same bytes everywhere.
func TestMLDSADeterministicSigningAgainstWycheproof(t *testing.T) {
	checked := 0
	for _, g := range readWycheproof(t, "mldsa_44_sign_seed_test.json").TestGroups {
		key, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), g.PrivateSeed)
		for _, v := range g.Tests {
			if len(v.Msg) == 0 && len(v.Mu) > 0 || bytes.ContainsFunc(v.Rnd, func(r rune) bool { return r != 0 }) {
				continue // signing a digest, or with randomness: not used here
			}
			var sig []byte
			fail := err
			if fail == nil {
				sig, fail = key.SignDeterministic(v.Msg, &mldsa.Options{Context: string(v.Ctx)})
			}
			if valid := v.Result == "valid"; valid != (fail == nil) || valid && !bytes.Equal(sig, v.Sig) {
				t.Errorf("%d, %s: signing gives other bytes, or %v", v.TcID, v.Comment, fail)
			}
			checked++
		}
	}
	if checked < 40 {
		t.Errorf("only %d vectors were checked", checked)
	}
}
