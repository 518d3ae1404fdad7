// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	partyCardLine = "openline party card 1"
	maxTitle      = 200
)

// PartyCard carries a party's key by hand before there is an agreement. It
// is signed by itself: trust in it comes from the fingerprint read aloud.
type PartyCard struct {
	Party Party
	Title string
	Key   PartyKey
}

// Text is the card as it is signed: one line a field, one spelling.
func (c *PartyCard) Text() string {
	return fmt.Sprintf("%s\nparty %s\ntitle %s\nkey %s\n", partyCardLine, c.Party, c.Title, c.Key)
}

// Check reports what would keep the card from being accepted.
func (c *PartyCard) Check() error {
	if _, err := parsePartyCard(c.Text()); err != nil {
		return fmt.Errorf("party card: %w", err)
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

func parsePartyCard(text string) (*PartyCard, error) {
	l := newLines(text, partyCardLine)
	c := &PartyCard{Party: l.party("party"), Title: l.value("title")}
	key := l.value("key")
	if err := l.done(); err != nil {
		return nil, err
	}
	if err := checkTitle(c.Title); err != nil {
		return nil, err
	}
	var err error
	c.Key, err = ParsePartyKey(key)
	return c, err
}

// checkTitle refuses what would let a title show as something else.
func checkTitle(title string) error {
	if title == "" || len(title) > maxTitle || strings.TrimSpace(title) != title || !utf8.ValidString(title) {
		return fmt.Errorf("title: write 1 to %d bytes of UTF-8 with no blanks at the ends", maxTitle)
	}
	for _, r := range title {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return fmt.Errorf("title: control character U+%04X is not allowed", r)
		}
	}
	return nil
}
