// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"strings"
)

// Status says whether a record is meant. On an exercise line every record
// carries Exercise.
type Status uint8

// The statuses; the zero value is unknown.
const (
	Actual Status = iota + 1
	Exercise
	Test
)

var statusNames = [...]string{"unknown", "actual", "exercise", "test"}

func (s Status) String() string { return nameOf(statusNames[:], int(s)) }

// ParseStatus reads a status by its name.
func ParseStatus(s string) (Status, error) {
	i, err := indexOf(statusNames[:], s, "status")
	return Status(i), err
}

// Precedence says how soon a record is to be handled.
type Precedence uint8

// The precedences, most urgent first; the zero value is unknown.
const (
	Flash Precedence = iota + 1
	Immediate
	Priority
	Routine
)

var precedenceNames = [...]string{"unknown", "flash", "immediate", "priority", "routine"}

func (p Precedence) String() string { return nameOf(precedenceNames[:], int(p)) }

// ParsePrecedence reads a precedence by its name, in any case.
func ParsePrecedence(s string) (Precedence, error) {
	i, err := indexOf(precedenceNames[:], strings.ToLower(s), "precedence")
	return Precedence(i), err
}

func nameOf(names []string, i int) string {
	if i >= len(names) {
		return names[0]
	}
	return names[i]
}

func indexOf(names []string, s, what string) (int, error) {
	for i, n := range names[1:] {
		if n == s {
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("%q is not a %s; write one of %s", s, what, strings.Join(names[1:], ", "))
}

// Address is an office of a party.
type Address struct {
	Party PartyNo
	Post  string
}

// Header says what kind a record is, by and to which office, answering what.
type Header struct {
	Code       string
	Status     Status
	Precedence Precedence
	From       string // post of the author
	To         []Address
	Re         []Ref  // the acts it answers or replaces
	Written    Stamp  // hour of writing
	Wished     Stamp  // answer wished by; a courtesy; zero: none
	Clocks     Ref    // the declaration of clocks it relies on; zero: none
	Language   string // of the free text
	Body       [32]byte
}

const (
	headerCode = iota + 1
	headerStatus
	headerPrecedence
	headerFrom
	headerTo
	headerRe
	headerWritten
	headerWished
	headerClocks
	headerLanguage
	headerBody
)

// Encode writes the header.
func (h *Header) Encode() []byte {
	w := NewWriter()
	n := 7
	for _, present := range []bool{len(h.To) > 0, len(h.Re) > 0, h.Wished > 0, !h.Clocks.IsZero()} {
		if present {
			n++
		}
	}
	w.Map(n)
	w.Uint(headerCode)
	w.Text(h.Code)
	w.Uint(headerStatus)
	w.Uint(uint64(h.Status))
	w.Uint(headerPrecedence)
	w.Uint(uint64(h.Precedence))
	w.Uint(headerFrom)
	w.Text(h.From)
	h.encodeLists(w)
	w.Uint(headerWritten)
	w.Uint(uint64(h.Written))
	if h.Wished > 0 {
		w.Uint(headerWished)
		w.Uint(uint64(h.Wished))
	}
	if !h.Clocks.IsZero() {
		w.Uint(headerClocks)
		h.Clocks.encode(w)
	}
	w.Uint(headerLanguage)
	w.Text(h.Language)
	w.Uint(headerBody)
	w.Bytes(h.Body[:])
	return w.Finish()
}

func (h *Header) encodeLists(w *Writer) {
	if len(h.To) > 0 {
		w.Uint(headerTo)
		w.Array(len(h.To))
		for _, a := range h.To {
			w.Array(2)
			w.Uint(uint64(a.Party))
			w.Text(a.Post)
		}
	}
	if len(h.Re) > 0 {
		w.Uint(headerRe)
		w.Array(len(h.Re))
		for _, ref := range h.Re {
			ref.encode(w)
		}
	}
}

// DecodeHeader reads a header and refuses any other spelling than Encode's.
func DecodeHeader(b []byte) (*Header, error) {
	if len(b) > MaxHeader {
		return nil, &SyntaxError{0, "header is larger than 4 KiB"}
	}
	r := NewReader(b)
	h := &Header{}
	err := r.fields(mask(headerCode, headerStatus, headerPrecedence, headerFrom, headerWritten, headerLanguage, headerBody),
		headerBody, func(key uint64) error { return h.field(r, key) })
	if err != nil {
		return nil, err
	}
	return h, nil
}

func (h *Header) field(r *Reader, key uint64) (err error) {
	switch key {
	case headerCode:
		h.Code, err = r.name(maxCode)
	case headerStatus:
		var n uint64
		n, err = r.enum("status", uint64(Test))
		h.Status = Status(n)
	case headerPrecedence:
		var n uint64
		n, err = r.enum("precedence", uint64(Routine))
		h.Precedence = Precedence(n)
	case headerFrom:
		h.From, err = r.name(maxPost)
	case headerTo:
		h.To, err = several(r, maxTo, "addressees", decodeAddress)
	case headerRe:
		h.Re, err = several(r, maxRe, "references", decodeRef)
	case headerWritten:
		h.Written, err = r.stamp()
	case headerWished:
		if h.Wished, err = r.stamp(); err == nil && h.Wished == 0 {
			err = r.fail("no wish is left out, not written as 0")
		}
	case headerClocks:
		h.Clocks, err = decodeRef(r)
	case headerLanguage:
		h.Language, err = r.name(maxLang)
	case headerBody:
		h.Body, err = decodeHash(r)
	}
	return err
}

func (r *Reader) enum(what string, last uint64) (uint64, error) {
	n, err := r.Uint()
	if err == nil && (n == 0 || n > last) {
		err = r.fail("%s %d is not between 1 and %d", what, n, last)
	}
	return n, err
}

// name reads a short text that is not empty and has no line feed.
func (r *Reader) name(max int) (string, error) {
	s, err := r.Text(max)
	if err == nil && (s == "" || strings.Contains(s, "\n")) {
		err = r.fail("a name is empty or has a line feed")
	}
	return s, err
}

func decodeAddress(r *Reader) (a Address, err error) {
	if err = r.Tuple(2, "an address"); err != nil {
		return a, err
	}
	if a.Party, err = decodeParty(r); err != nil {
		return a, err
	}
	a.Post, err = r.name(maxPost)
	return a, err
}
