// SPDX-License-Identifier: Apache-2.0

// Package passkeytest is an authenticator in software, for tests: it makes and
// shows passkeys as a browser hands them on, and can be told to do so wrongly.
//
// Specification: https://www.w3.org/TR/webauthn-3/.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Key is one passkey in an authenticator.
type Key struct {
	Origin  string
	Name    string // the relying party's
	Count   uint32
	Unasked bool // the person is not verified
	id      []byte
	handle  []byte
	key     *ecdsa.PrivateKey
}

// New makes an authenticator that holds nothing yet.
func New(t *testing.T, origin, name string) *Key {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	rand.Read(id)
	return &Key{Origin: origin, Name: name, id: id, key: k}
}

// Copy is a copy of it, as one that was stolen.
func (k *Key) Copy() *Key { c := *k; return &c }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (k *Key) clientData(t *testing.T, kind, challenge string) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.Origin, "crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (k *Key) data(flags byte) []byte {
	h := sha256.Sum256([]byte(k.Name))
	if !k.Unasked {
		flags |= 0x04
	}
	return binary.BigEndian.AppendUint32(append(h[:], flags|0x01), k.Count)
}

// Make answers what a page was asked to have made.
func (k *Key) Make(t *testing.T, options []byte) []byte {
	t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatal(err)
	}
	var err error
	if k.handle, err = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID); err != nil {
		t.Fatal(err)
	}
	pub, err := k.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: pub[1:33], -3: pub[33:]})
	if err != nil {
		t.Fatal(err)
	}
	data := append(k.data(0x40), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(k.id))), k.id...)
	att, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": append(data, cose...)})
	if err != nil {
		t.Fatal(err)
	}
	return k.answer(t, map[string]any{
		"clientDataJSON": b64(k.clientData(t, "webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(att), "transports": []string{"internal"},
	})
}

// Show answers a challenge.
func (k *Key) Show(t *testing.T, options []byte) []byte {
	t.Helper()
	var o struct{ PublicKey struct{ Challenge string } }
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatal(err)
	}
	k.Count++
	client, data := k.clientData(t, "webauthn.get", o.PublicKey.Challenge), k.data(0)
	ch := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte(nil), data...), ch[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return k.answer(t, map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(k.handle)})
}

func (k *Key) answer(t *testing.T, response map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform", "response": response})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
