// SPDX-License-Identifier: Apache-2.0

package stationtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"openline/agreement"
	"openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
	"openline/internal/station"
	"openline/record"
	"openline/tlog"
)

// Authority issues station cards and knows their keys.
type Authority struct {
	real  bool
	line  identity.LineID
	cards map[string]*identity.StationCard
}

// NewAuthority makes one with keyed tags, or with real keys.
func NewAuthority(line identity.LineID, real bool) *Authority {
	return &Authority{real: real, line: line, cards: map[string]*identity.StationCard{}}
}

// Issued is a station card as its party holds it.
type Issued struct {
	Card    *identity.StationCard
	Note    []byte
	Signers station.Signers
}

// Issue opens a generation of a party's log.
func (a *Authority) Issue(p Party, generation uint32, base uint64, previous *identity.Held) (Issued, error) {
	c := &identity.StationCard{Party: p.Name, Line: a.line, Generation: generation, Base: base, Previous: previous}
	if a.real {
		return a.issueReal(p, c)
	}
	c.Keys.Log = sha256.Sum256(fmt.Appendf(nil, "key of %s", c.Origin()))
	text := fmt.Sprintf("card of %s from %d after %v\n", c.Origin(), base, previous)
	a.cards[text] = c
	session := func(role byte, exporter []byte) []byte {
		return tag(c, "session", append([]byte{role}, exporter...))
	}
	return Issued{c, []byte(text), station.Signers{
		Log: tagSigner{c}, Cosigner: tagCosigner{c, "ed25519"}, CosignerPQ: tagCosigner{c, "mldsa"}, SignSession: session,
	}}, nil
}

func (a *Authority) issueReal(p Party, c *identity.StationCard) (Issued, error) {
	var seed [secret.StationSeed]byte
	for i := 0; i < len(seed); i += 32 {
		h := sha256.Sum256(fmt.Appendf(nil, "%s/%d", c.Origin(), i))
		copy(seed[i:], h[:])
	}
	secret, err := secret.NewStation(seed)
	if err != nil {
		return Issued{}, err
	}
	c.Keys = secret.Keys()
	n, err := p.Secret.SignStationCard(c)
	if err != nil {
		return Issued{}, err
	}
	log, err := secret.LogSigner(c.Origin())
	if err != nil {
		return Issued{}, err
	}
	ed, pq := secret.Cosigner()
	return Issued{c, n, station.Signers{
		Log: log, Cosigner: tlog.NewCosigner(c.CosignerName(), ed), CosignerPQ: tlog.NewCosignerPQ(c.CosignerName(), pq),
		SignSession: func(role byte, exporter []byte) []byte { return secret.SignSession(a.line, role, exporter) },
	}}, nil
}

// Open reads a station card.
func (a *Authority) Open(msg []byte, key identity.PartyKey) (*identity.StationCard, error) {
	if a.real {
		return identity.OpenStationCard(msg, key)
	}
	if c, ok := a.cards[string(msg)]; ok {
		return c, nil
	}
	return nil, errors.New("no card of this simulation")
}

// KeysOf gives the verifiers of a card.
func (a *Authority) KeysOf(c *identity.StationCard) (tlog.Keys, error) {
	if a.real {
		return tlog.KeysOf(c)
	}
	return tlog.Keys{Log: tagVerifier{c}, Cosigner: tagCosigner{c, "ed25519"}, CosignerPQ: tagCosigner{c, "mldsa"}}, nil
}

// VerifySession checks what Signers.SignSession makes.
func (a *Authority) VerifySession(c *identity.StationCard, role byte, exporter, sig []byte) bool {
	if a.real {
		return c.Keys.VerifySession(a.line, role, exporter, sig)
	}
	return bytes.Equal(sig, tag(c, "session", append([]byte{role}, exporter...)))
}

// tag stands for a signature: a hash over what only this card's signer says.
func tag(c *identity.StationCard, role string, msg []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s %x %s\n", c.Origin(), c.Keys.Log[:8], role)
	h.Write(msg)
	return h.Sum(nil)
}

func keyHash(c *identity.StationCard, role string) uint32 {
	return binary.BigEndian.Uint32(tag(c, "hash of "+role, nil))
}

type tagSigner struct{ c *identity.StationCard }

func (s tagSigner) Name() string                    { return s.c.Origin() }
func (s tagSigner) KeyHash() uint32                 { return keyHash(s.c, "log") }
func (s tagSigner) Sign(msg []byte) ([]byte, error) { return tag(s.c, "log", msg), nil }

type tagVerifier struct{ c *identity.StationCard }

func (v tagVerifier) Name() string                { return v.c.Origin() }
func (v tagVerifier) KeyHash() uint32             { return keyHash(v.c, "log") }
func (v tagVerifier) Verify(msg, sig []byte) bool { return bytes.Equal(sig, tag(v.c, "log", msg)) }

var _ note.Verifier = tagVerifier{}

// tagCosigner cosigns and verifies, in one role.
type tagCosigner struct {
	c    *identity.StationCard
	role string
}

func (t tagCosigner) Name() string    { return t.c.CosignerName() }
func (t tagCosigner) KeyHash() uint32 { return keyHash(t.c, t.role) }

func (t tagCosigner) over(c tlog.Checkpoint, at uint64) []byte {
	return tag(t.c, t.role, fmt.Appendf(nil, "%d\n%s", at, c.Text()))
}

func (t tagCosigner) Cosign(c tlog.Checkpoint, at uint64) ([]byte, error) {
	if at == 0 {
		return nil, errors.New("cosign at time zero")
	}
	b := binary.BigEndian.AppendUint32(nil, t.KeyHash())
	b = append(binary.BigEndian.AppendUint64(b, at), t.over(c, at)...)
	return []byte("— " + t.Name() + " " + base64.StdEncoding.EncodeToString(b) + "\n"), nil
}

func (t tagCosigner) Verify(c tlog.Checkpoint, line []byte) (uint64, error) {
	rest, ok := strings.CutPrefix(string(line), "— "+t.Name()+" ")
	if !ok {
		return 0, tlog.ErrCosignature
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(rest, "\n"))
	if err != nil || len(b) != 4+8+32 || binary.BigEndian.Uint32(b) != t.KeyHash() {
		return 0, tlog.ErrCosignature
	}
	at := binary.BigEndian.Uint64(b[4:])
	if !bytes.Equal(b[12:], t.over(c, at)) {
		return 0, tlog.ErrCosignature
	}
	return at, nil
}

// Party is one of the parties, with its secret.
type Party struct {
	agreement.Party
	Secret *secret.Party
}

// Terms are what tests vary in an agreement.
type Terms struct {
	PerMinute int  // default 600
	Versions  int  // signed versions; default 1
	Affairs   bool // the catalogue has the phrases of the affairs as well
	// Attachments is the ceiling on them; above 0 the phrases of the affairs
	// are there as well.
	Attachments int64
}

// Line is a line of two parties, blue (1) and red (2).
type Line struct {
	Agreements *agreement.History
	Catalogue  *catalogue.Catalogue
	Parties    [2]Party
}

var catalogueOnce = sync.OnceValues(catalogue.Default)

var affairsOnce = sync.OnceValues(func() (*catalogue.Catalogue, error) {
	base, err := catalogueOnce()
	if err != nil {
		return nil, err
	}
	files, err := catalogue.AffairsFiles()
	if err != nil {
		return nil, err
	}
	return catalogue.Extend(base, files)
})

var partiesOnce = sync.OnceValue(func() (out [2]Party) {
	for i, short := range []string{"blue", "red"} {
		var seed [64]byte
		h := sha256.Sum256([]byte(short))
		copy(seed[:], h[:])
		copy(seed[32:], h[:])
		secret := secret.NewParty(seed)
		out[i] = Party{agreement.Party{Number: record.PartyNo(i + 1), Name: identity.Party(short + ".example"), Short: short,
			Title: short, Key: secret.Public()}, secret}
	}
	return out
})

// NewLine drafts an agreement between blue and red.
func NewLine(t Terms) (*Line, error) {
	cat, err := catalogueOnce()
	if t.Affairs || t.Attachments > 0 {
		cat, err = affairsOnce()
	}
	if err != nil {
		return nil, err
	}
	l := &Line{Catalogue: cat, Parties: partiesOnce()}
	o := draft.Options{Slug: "sim", Parties: []agreement.Party{l.Parties[0].Party, l.Parties[1].Party},
		Languages: []string{"en"}, Catalogue: cat.Digest(), PerMinute: t.PerMinute, Attachments: t.Attachments}
	if t.Attachments > 0 {
		files, err := catalogue.AffairsFiles()
		if err != nil {
			return nil, err
		}
		o.Extensions = slices.Sorted(maps.Keys(files))
	}
	var versions []*agreement.Agreement
	for range max(1, t.Versions) {
		text, err := draft.Text(o)
		if err != nil {
			return nil, err
		}
		a, err := agreement.Parse(text)
		if err != nil {
			return nil, err
		}
		versions = append(versions, a)
		o.Amends = a
	}
	l.Agreements, err = agreement.NewHistory(versions[0], versions[1:]...)
	return l, err
}
