// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"openline/identity"
	"openline/identity/secret"
	"openline/tlog"
)

// signer is everything one generation signs with.
type signer struct {
	card     *identity.StationCard
	keys     tlog.Keys
	log      note.Signer
	cosigner tlog.Cosigner
	pq       tlog.Cosigner
}

// newSigner makes the first generation of a party from a seed of one byte.
func newSigner(t testing.TB, party string, seed byte) *signer {
	t.Helper()
	var s [secret.StationSeed]byte
	for i := range s {
		s[i] = seed
	}
	for i := range s { // six different keys
		s[i] += byte(i / 32)
	}
	secret, err := secret.NewStation(s)
	if err != nil {
		t.Fatal(err)
	}
	g := &signer{card: &identity.StationCard{
		Party: identity.Party(party), Line: "dtl-0a1b2c3d", Generation: 1, Base: 1, Issued: 1621555200, Keys: secret.Keys(),
	}}
	if g.keys, err = tlog.KeysOf(g.card); err != nil {
		t.Fatal(err)
	}
	if g.log, err = secret.LogSigner(g.card.Origin()); err != nil {
		t.Fatal(err)
	}
	ed, pq := secret.Cosigner()
	g.cosigner, g.pq = tlog.NewCosigner(g.card.CosignerName(), ed), tlog.NewCosignerPQ(g.card.CosignerName(), pq)
	return g
}

// head is a head of this generation's own log.
func (g *signer) head(size uint64, root [32]byte) tlog.Checkpoint {
	return tlog.Checkpoint{Origin: g.card.Origin(), Size: size, Root: root}
}

func (g *signer) sign(t testing.TB, c tlog.Checkpoint) []byte {
	t.Helper()
	return must[[]byte](t)(tlog.SignCheckpoint(c, g.log))
}

// cosigned is a note of a head and one cosignature.
func cosigned(t testing.TB, by tlog.Cosigner, c tlog.Checkpoint, at uint64) []byte {
	t.Helper()
	return append([]byte(c.Text()+"\n"), must[[]byte](t)(by.Cosign(c, at))...)
}

// Verifier keys as other tools take them.

func (g *signer) logKey() string {
	return verifierKey(g.card.Origin(), g.keys.Log.KeyHash(), 1, g.card.Keys.Log[:])
}

func (g *signer) cosignerKey() string {
	return verifierKey(g.card.CosignerName(), g.keys.Cosigner.KeyHash(), 4, g.card.Keys.Cosigner[:])
}

func (g *signer) cosignerKeyPQ() string {
	return verifierKey(g.card.CosignerName(), g.keys.CosignerPQ.KeyHash(), 6, g.card.Keys.CosignerPQ[:])
}

func verifierKey(name string, hash uint32, kind byte, pub []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(append([]byte{kind}, pub...)))
}
