// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"openline/record"
)

// Entry is one entry of the journal as a room folds it: spec/station.md
// section 4.
type Entry struct {
	Index   uint64
	At      time.Time
	Kind    string
	Act     string
	About   string
	Bytes   []byte // of a note, or what an act is over
	Persons []Person
	Record  record.Ref // what an act led to; zero: no record
}

// Person is who is named by an entry: by a signature, or by the desk's word.
type Person struct {
	Name   string `json:"name"`
	Signed bool   `json:"signed" doc:"By a signature of their own; else named by the desk they sat at"`
}

// Version is that of the notes in JSON; spec/desk.md.
const Version = 1

// Read reads a note strictly: a field nobody knows is a fault, and so is
// something behind it.
func Read(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind it")
	}
	return nil
}

// Write writes a note; v is a plain structure.
func Write(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Noted is a note that bears its version and its token.
type Noted interface {
	Head() (version int, token string)
}

// CheckHead holds a note to the version that is read and to a token's bounds.
func CheckHead(n Noted) error {
	v, token := n.Head()
	if v != Version {
		return fmt.Errorf("version %d is not one this station reads", v)
	}
	if token == "" || len(token) > 64 {
		return errors.New("it has no token")
	}
	return nil
}

// Tokens are the notes a book has taken. The zero Tokens are none.
type Tokens struct{ taken map[string]int }

// Taken gives the number of what a note is on, if it was taken already.
func (t *Tokens) Taken(token string) (no int, ok bool) {
	no, ok = t.taken[token]
	return no, ok
}

// Take reads the note of an entry, holds it to the book and has it applied;
// apply gives the number of what it is on. A note that comes a second time
// changes nothing.
func Take[N Noted](t *Tokens, e Entry, check func(N) error, apply func(N) int) error {
	var n N
	if err := Read(e.Bytes, &n); err != nil {
		return err
	}
	_, token := n.Head()
	if _, ok := t.Taken(token); ok {
		return nil
	}
	if err := check(n); err != nil {
		return err
	}
	if t.taken == nil {
		t.taken = map[string]int{}
	}
	t.taken[token] = apply(n)
	return nil
}

// Plain holds a text to what a page and a terminal can show: UTF-8, no
// control character but the end of a line and the tab, no mark that turns the
// direction of what stands beside it, at most so many bytes.
func Plain(what, s string, most int) error {
	switch {
	case len(s) > most:
		return fmt.Errorf("%s has %d bytes; at most %d are kept", what, len(s), most)
	case !utf8.ValidString(s):
		return fmt.Errorf("%s is not UTF-8", what)
	case strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}):
		return fmt.Errorf("%s holds a control character", what)
	}
	return nil
}

// Line is Plain for what stands on one line and may not be empty.
func Line(what, s string, most int) error {
	if strings.TrimSpace(s) == "" {
		return fmt.Errorf("%s is empty", what)
	}
	if strings.ContainsAny(s, "\n\t") {
		return fmt.Errorf("%s takes more than one line", what)
	}
	return Plain(what, s, most)
}
