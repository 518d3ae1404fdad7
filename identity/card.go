// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// First lines of the two kinds of card.
const (
	partyCardLine   = "openline party card 1"
	stationCardLine = "openline station card 1"
	maxCard         = 32 << 10
)

// PartyCard carries a party's key by hand before there is an agreement. It
// is signed by itself: trust in it comes from the fingerprint read aloud.
type PartyCard struct {
	Party Party
	Title string
	Key   PartyKey
}

// SignPartyCard makes the card of a party.
func (s *PartySecret) SignPartyCard(name Party, title string) ([]byte, error) {
	if err := checkTitle(title); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\nparty %s\ntitle %s\nkey %s\n", partyCardLine, name, title, s.Public())
	return s.SignNote(name, text)
}

func checkTitle(title string) error {
	if title == "" || len(title) > 200 || strings.TrimSpace(title) != title {
		return errors.New("a title has 1 to 200 bytes and no blanks at its ends")
	}
	for _, r := range title {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return fmt.Errorf("the title holds control character U+%04X", r)
		}
	}
	return nil
}

// OpenPartyCard reads a party card and checks that it signs itself.
func OpenPartyCard(msg []byte) (*PartyCard, error) {
	text, err := unverifiedText(msg)
	if err != nil {
		return nil, fmt.Errorf("party card: %w", err)
	}
	c, err := parsePartyCard(text)
	if err != nil {
		return nil, fmt.Errorf("party card: %w", err)
	}
	if _, err := c.Key.OpenNote(c.Party, msg); err != nil {
		return nil, fmt.Errorf("party card of %s: %w", c.Party, err)
	}
	return c, nil
}

// unverifiedText is the text of a note whose signatures were not looked at.
func unverifiedText(msg []byte) (string, error) {
	if len(msg) > maxCard {
		return "", fmt.Errorf("is larger than %d bytes", maxCard)
	}
	_, err := note.Open(msg, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return "", errors.New("is not a signed note")
	}
	return unverified.Note.Text, nil
}

// lines reads "key value" lines in a fixed order.
type lines struct {
	rest []string
	err  error
}

func newLines(text, first string) *lines {
	l := &lines{rest: strings.Split(strings.TrimSuffix(text, "\n"), "\n")}
	if !strings.HasSuffix(text, "\n") || l.rest[0] != first {
		l.err = fmt.Errorf("does not begin with %q", first)
		return l
	}
	l.rest = l.rest[1:]
	return l
}

func (l *lines) value(key string) string {
	if l.err != nil {
		return ""
	}
	if len(l.rest) == 0 {
		l.err = fmt.Errorf("the line %q is missing", key)
		return ""
	}
	v, ok := strings.CutPrefix(l.rest[0], key+" ")
	if !ok {
		l.err = fmt.Errorf("expected the line %q, found %.40q", key, l.rest[0])
		return ""
	}
	l.rest = l.rest[1:]
	return v
}

func (l *lines) number(key string, low, high uint64) uint64 {
	s := l.value(key)
	if l.err != nil {
		return 0
	}
	n, err := parseNumber(s, low, high)
	if err != nil {
		l.err = fmt.Errorf("%s: %w", key, err)
	}
	return n
}

func parseNumber(s string, low, high uint64) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("%.20q is not a number", s)
	}
	if n < low || n > high {
		return 0, fmt.Errorf("%d is not between %d and %d", n, low, high)
	}
	return n, nil
}

func (l *lines) base64(key string, into []byte) {
	s := l.value(key)
	if l.err != nil {
		return
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(into) {
		l.err = fmt.Errorf("%s: is not %d bytes in base64", key, len(into))
		return
	}
	copy(into, b)
}

func (l *lines) done() error {
	if l.err == nil && len(l.rest) > 0 {
		l.err = fmt.Errorf("unexpected line %.40q", l.rest[0])
	}
	return l.err
}

func parsePartyCard(text string) (*PartyCard, error) {
	l := newLines(text, partyCardLine)
	name, title, key := l.value("party"), l.value("title"), l.value("key")
	if err := l.done(); err != nil {
		return nil, err
	}
	party, err := ParseParty(name)
	if err != nil {
		return nil, err
	}
	if err := checkTitle(title); err != nil {
		return nil, err
	}
	k, err := ParsePartyKey(key)
	return &PartyCard{party, title, k}, err
}

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

func parseStationCard(text string) (*StationCard, error) {
	c := &StationCard{}
	l := newLines(text, stationCardLine)
	party, line := l.value("party"), l.value("line")
	c.Generation = uint32(l.number("generation", 1, 1<<32-1))
	c.Base = l.number("base", 1, 1<<62)
	c.Issued = l.number("issued", 0, 253402300799)
	if c.Generation > 1 && l.err == nil {
		c.Previous, l.err = parseHeld(l.value("previous"), c.Generation)
	}
	for _, k := range c.Keys.fields() {
		l.base64(k.name, k.bytes)
	}
	if err := l.done(); err != nil {
		return nil, err
	}
	var err error
	if c.Party, err = ParseParty(party); err != nil {
		return nil, err
	}
	if c.Line, err = ParseLineID(line); err != nil {
		return nil, err
	}
	if c.Generation == 1 && c.Base != 1 {
		return nil, errors.New("the first generation begins at record 1")
	}
	return c, nil
}

func parseHeld(s string, generation uint32) (*Held, error) {
	f := strings.Split(s, " ")
	if len(f) != 3 {
		return nil, errors.New("previous: generation, size and root")
	}
	gen, err := parseNumber(f[0], 1, uint64(generation)-1)
	if err != nil {
		return nil, fmt.Errorf("previous: %w", err)
	}
	size, err := parseNumber(f[1], 0, 1<<62)
	if err != nil {
		return nil, fmt.Errorf("previous: %w", err)
	}
	root, err := hex.DecodeString(f[2])
	if err != nil || len(root) != 32 || hex.EncodeToString(root) != f[2] {
		return nil, errors.New("previous: the root is not 64 lower-case hex digits")
	}
	return &Held{uint32(gen), size, [32]byte(root)}, nil
}

// SignStationCard signs a card as its party, with both keys.
func (s *PartySecret) SignStationCard(c *StationCard) ([]byte, error) {
	if _, err := parseStationCard(c.Text()); err != nil {
		return nil, fmt.Errorf("station card: %w", err)
	}
	return s.SignNote(c.Party, c.Text())
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
