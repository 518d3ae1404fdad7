// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"filippo.io/mldsa"
)

const (
	stationCardLine = "openline station card 1"
	maxSize         = 1 << 62      // of a log, and so of a record's number
	maxTime         = 253402300799 // the last second of the year 9999
)

// StationCard opens one generation of one party's log on one line.
type StationCard struct {
	Party      Party
	Line       LineID
	Generation uint32 // 1 is the first
	Base       uint64 // number of the first record of this generation
	Issued     uint64 // POSIX seconds
	Previous   *Held  // nil for generation 1, else never nil
	Keys       StationKeys
}

// Held is what a card says its station holds of the generation before.
type Held struct {
	Generation uint32
	Size       uint64
	Root       [32]byte
}

// Origin names the log in checkpoints: <party>/openline/<line>/<generation>.
func (c *StationCard) Origin() string {
	return fmt.Sprintf("%s/openline/%s/%d", c.Party, c.Line, c.Generation)
}

// CosignerName is the key name of cosignatures by this generation.
func (c *StationCard) CosignerName() string { return c.Origin() + "/cosigner" }

// Digest is SHA-256 of the card's text: what KY01 names.
func (c *StationCard) Digest() [32]byte { return sha256.Sum256([]byte(c.Text())) }

// Text is the card as it is signed: one line a field, one spelling.
func (c *StationCard) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nparty %s\nline %s\ngeneration %d\nbase %d\nissued %d\n", stationCardLine, c.Party, c.Line, c.Generation, c.Base, c.Issued)
	if c.Previous != nil {
		fmt.Fprintf(&b, "previous %d %d %s\n", c.Previous.Generation, c.Previous.Size, hex.EncodeToString(c.Previous.Root[:]))
	}
	for _, k := range c.Keys.fields() {
		fmt.Fprintf(&b, "%s %s\n", k.name, base64.StdEncoding.EncodeToString(k.bytes))
	}
	return b.String()
}

// Check reports what would keep the card from being accepted of a party.
func (c *StationCard) Check(party PartyKey) error {
	if _, err := parseStationCard(c.Text()); err != nil {
		return fmt.Errorf("station card: %w", err)
	}
	if err := c.Keys.apartFrom(party); err != nil {
		return fmt.Errorf("station card: %w", err)
	}
	return nil
}

// OpenStationCard reads a station card and verifies it against the party key
// of the agreement.
func OpenStationCard(msg []byte, key PartyKey) (*StationCard, error) {
	c, err := UnsafeParseStationCard(msg)
	if err != nil {
		return nil, err
	}
	if _, err := key.OpenNote(c.Party, msg); err != nil {
		return nil, fmt.Errorf("station card of %s: %w", c.Party, err)
	}
	if err := c.Keys.apartFrom(key); err != nil {
		return nil, fmt.Errorf("station card of %s: %w", c.Party, err)
	}
	return c, nil
}

// UnsafeParseStationCard reads a card without verifying any signature: to
// learn whose it claims to be.
func UnsafeParseStationCard(msg []byte) (*StationCard, error) {
	text, err := unverifiedText(msg)
	if err != nil {
		return nil, fmt.Errorf("station card: %w", err)
	}
	c, err := parseStationCard(text)
	if err != nil {
		return nil, fmt.Errorf("station card: %w", err)
	}
	return c, nil
}

func parseStationCard(text string) (*StationCard, error) {
	l := newLines(text, stationCardLine)
	c := &StationCard{Party: l.party("party"), Line: l.line("line")}
	c.Generation = uint32(l.number("generation", 1, 1<<32-1))
	c.Base = l.number("base", 1, maxSize)
	c.Issued = l.number("issued", 0, maxTime)
	if c.Generation > 1 {
		c.Previous = l.held("previous", c.Generation)
	}
	for _, k := range c.Keys.fields() {
		l.base64(k.name, k.bytes)
	}
	if err := l.done(); err != nil {
		return nil, err
	}
	if err := c.checkBase(); err != nil {
		return nil, err
	}
	return c, c.Keys.check()
}

func (l *lines) line(key string) LineID {
	s := l.value(key)
	if l.err != nil {
		return ""
	}
	id, err := ParseLineID(s)
	l.fault(key, err)
	return id
}

func (l *lines) held(key string, generation uint32) *Held {
	f := strings.Split(l.value(key), " ")
	if l.err != nil {
		return nil
	}
	if len(f) != 3 {
		l.fault(key, errors.New("write generation, size and root"))
		return nil
	}
	gen, err := parseNumber(f[0], 1, uint64(generation)-1)
	l.fault(key, err)
	size, err := parseNumber(f[1], 0, maxSize)
	l.fault(key, err)
	root, err := parseRoot(f[2])
	l.fault(key, err)
	if size == 0 && root != sha256.Sum256(nil) {
		l.fault(key, errors.New("the root of an empty log is SHA-256 of nothing"))
	}
	return &Held{uint32(gen), size, root}
}

// checkBase holds what needs no other card: numbers begin at 1, and what is
// held of the generation before was numbered below this base.
func (c *StationCard) checkBase() error {
	if c.Previous == nil && c.Base != 1 {
		return errors.New("base: the first generation begins at record 1")
	}
	if c.Previous != nil && c.Base <= c.Previous.Size {
		return fmt.Errorf("base: %d does not lie above the %d records it says it holds of generation %d", c.Base, c.Previous.Size, c.Previous.Generation)
	}
	return nil
}

type keyField struct {
	name  string
	bytes []byte
}

func (k *StationKeys) fields() []keyField {
	return []keyField{
		{"log-ed25519", k.Log[:]}, {"cosigner-ed25519", k.Cosigner[:]}, {"cosigner-mldsa44", k.CosignerPQ[:]},
		{"session-ed25519", k.Session[:]}, {"session-mldsa44", k.SessionPQ[:]}, {"seal-mlkem768x25519", k.Seal[:]},
	}
}

// check refuses weak keys and a key in two roles.
func (k *StationKeys) check() error {
	for i, pub := range [][ed25519.PublicKeySize]byte{k.Log, k.Cosigner, k.Session} {
		if err := checkEd25519(pub); err != nil {
			return fmt.Errorf("%s %w", []string{"log-ed25519", "cosigner-ed25519", "session-ed25519"}[i], err)
		}
	}
	for i, pub := range []*[mldsa.MLDSA44PublicKeySize]byte{&k.CosignerPQ, &k.SessionPQ} {
		if err := checkMLDSA(pub); err != nil {
			return fmt.Errorf("%s %w", []string{"cosigner-mldsa44", "session-mldsa44"}[i], err)
		}
	}
	if _, err := hpke.MLKEM768X25519().NewPublicKey(k.Seal[:]); err != nil {
		return errors.New("seal-mlkem768x25519 is not a key")
	}
	if k.Log == k.Cosigner || k.Log == k.Session || k.Cosigner == k.Session || k.CosignerPQ == k.SessionPQ {
		return errKeyTwoRoles
	}
	return nil
}

// apartFrom refuses the party's own key in a role of the station.
func (k *StationKeys) apartFrom(p PartyKey) error {
	if k.Log == p.Ed25519 || k.Cosigner == p.Ed25519 || k.Session == p.Ed25519 || k.CosignerPQ == p.MLDSA || k.SessionPQ == p.MLDSA {
		return errKeyTwoRoles
	}
	return nil
}
