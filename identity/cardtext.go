// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// maxCard bounds a signed card in bytes; a station card has about 9,000.
const maxCard = 32 << 10

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

// lines reads a card's text: a first line, then "key value" lines in their
// one order. The first fault stays; what is read after it is zero.
type lines struct {
	rest []string
	err  error
}

func newLines(text, first string) *lines {
	body, ok := strings.CutSuffix(text, "\n")
	l := &lines{rest: strings.Split(body, "\n")}
	if !ok || l.rest[0] != first {
		l.err = fmt.Errorf("does not begin with the line %q", first)
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

// fault keeps the first fault and names its line.
func (l *lines) fault(key string, err error) {
	if l.err == nil && err != nil {
		l.err = fmt.Errorf("%s: %w", key, err)
	}
}

func (l *lines) party(key string) Party {
	s := l.value(key)
	if l.err != nil {
		return ""
	}
	p, err := ParseParty(s)
	l.fault(key, err)
	return p
}

func (l *lines) number(key string, low, high uint64) uint64 {
	s := l.value(key)
	if l.err != nil {
		return 0
	}
	n, err := parseNumber(s, low, high)
	l.fault(key, err)
	return n
}

func parseNumber(s string, low, high uint64) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("%.24q is not a number", s)
	}
	if n < low || n > high {
		return 0, fmt.Errorf("%d is not between %d and %d", n, low, high)
	}
	return n, nil
}

func parseRoot(s string) (root [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 || hex.EncodeToString(b) != s {
		return root, errors.New("the root is not 64 lower-case hex digits")
	}
	return [32]byte(b), nil
}

func (l *lines) base64(key string, into []byte) {
	s := l.value(key)
	if l.err != nil {
		return
	}
	b, err := decodeBase64(s, len(into))
	l.fault(key, err)
	copy(into, b)
}

func (l *lines) done() error {
	if l.err == nil && len(l.rest) > 0 {
		l.err = fmt.Errorf("unexpected line %.40q", l.rest[0])
	}
	return l.err
}
