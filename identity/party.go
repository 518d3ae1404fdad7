// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"errors"
	"fmt"
	"strings"
)

// Party is a party's name, like blue.example.
type Party string

// MaxParty is the longest name a party may have, in bytes: with it and the
// longest line id an origin stays within 255 bytes.
const MaxParty = 80

// ParseParty checks a party's name: two or more labels of lower-case
// letters, digits and inner hyphens.
func ParseParty(s string) (Party, error) {
	labels := strings.Split(s, ".")
	if len(s) > MaxParty || len(labels) < 2 {
		return "", fmt.Errorf("%q is not a party's name; write it like blue.example, at most %d bytes", s, MaxParty)
	}
	for _, l := range labels {
		if !isLabel(l) {
			return "", fmt.Errorf("%q is not a party's name: %q is not made of lower-case letters, digits and inner hyphens", s, l)
		}
	}
	return Party(s), nil
}

func isLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for _, c := range l {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Short is the first label of the name.
func (p Party) Short() string {
	s, _, _ := strings.Cut(string(p), ".")
	return s
}

// LineID names a line: the agreed slug and eight hex digits of SHA-256 of
// the first agreement's text.
type LineID string

var errLine = errors.New("write a line's id like dtl-0a1b2c3d: a short name, a hyphen, eight hex digits")

// ParseLineID checks a line id.
func ParseLineID(s string) (LineID, error) {
	i := strings.LastIndexByte(s, '-')
	if i < 1 || i > 31 || len(s)-i != 9 {
		return "", fmt.Errorf("%q: %w", s, errLine)
	}
	for j, c := range s[:i] {
		if !(c >= 'a' && c <= 'z') && (j == 0 || !(c >= '0' && c <= '9')) {
			return "", fmt.Errorf("%q: %w", s, errLine)
		}
	}
	for _, c := range s[i+1:] {
		if !strings.ContainsRune("0123456789abcdef", c) {
			return "", fmt.Errorf("%q: %w", s, errLine)
		}
	}
	return LineID(s), nil
}

// Slug is the agreed short name within the id.
func (l LineID) Slug() string {
	if i := strings.LastIndexByte(string(l), '-'); i > 0 {
		return string(l[:i])
	}
	return string(l)
}
