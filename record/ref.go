// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// PartyNo is a party's permanent number on a line.
type PartyNo uint16

// Stamp is a time in whole POSIX seconds, the only time a record knows.
type Stamp uint64

// Ref names a record: by its author's number and the record's number, or,
// where Number is 0, by the hash of its leaf. The zero value names nothing.
type Ref struct {
	Party  PartyNo
	Number uint64
	Hash   [32]byte
}

// ByNumber names a record by its number.
func ByNumber(p PartyNo, n uint64) Ref { return Ref{Party: p, Number: n} }

// ByHash names a record by the hash of its leaf.
func ByHash(p PartyNo, h [32]byte) Ref { return Ref{Party: p, Hash: h} }

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

func (r Ref) encode(w *Writer) {
	w.Array(2)
	w.Uint(uint64(r.Party))
	if r.Number > 0 {
		w.Uint(r.Number)
	} else {
		w.Bytes(r.Hash[:])
	}
}

func decodeRef(r *Reader) (ref Ref, err error) {
	if err = r.Tuple(2, "a reference"); err != nil {
		return ref, err
	}
	if ref.Party, err = decodeParty(r); err != nil {
		return ref, err
	}
	major, err := r.peek()
	if err != nil {
		return ref, err
	}
	if major == majorBytes {
		ref.Hash, err = decodeHash(r)
		return ref, err
	}
	if ref.Number, err = r.Uint(); err != nil {
		return ref, err
	}
	if ref.Number == 0 {
		return ref, r.fail("record numbers begin at 1")
	}
	return ref, nil
}

func decodeParty(r *Reader) (PartyNo, error) {
	n, err := r.Uint()
	if err != nil {
		return 0, err
	}
	if n == 0 || n > 1<<16-1 {
		return 0, r.fail("party number %d is not between 1 and 65535", n)
	}
	return PartyNo(n), nil
}

func decodeHash(r *Reader) (h [32]byte, err error) {
	b, err := r.Bytes(32)
	if err != nil {
		return h, err
	}
	if len(b) != 32 {
		return h, r.fail("a hash has 32 bytes, not %d", len(b))
	}
	return [32]byte(b), nil
}

// FormatRef writes a reference as it is read and typed: blue/412, or by hash
// blue/#1f2e…
func FormatRef(r Ref, short func(PartyNo) string) string {
	if r.Number > 0 {
		return short(r.Party) + "/" + strconv.FormatUint(r.Number, 10)
	}
	return short(r.Party) + "/#" + hex.EncodeToString(r.Hash[:])
}

// ParseRef reads what FormatRef writes.
func ParseRef(s string, byName func(string) (PartyNo, bool)) (Ref, error) {
	name, rest, ok := strings.Cut(s, "/")
	if !ok {
		return Ref{}, fmt.Errorf("%q does not name a record; write party/number, like blue/412", s)
	}
	p, ok := byName(name)
	if !ok {
		return Ref{}, fmt.Errorf("%q is not a party of this line", name)
	}
	if h, ok := strings.CutPrefix(rest, "#"); ok {
		b, err := hex.DecodeString(h)
		if err != nil || len(b) != 32 {
			return Ref{}, fmt.Errorf("%q is not a leaf hash of 64 hex digits", h)
		}
		return ByHash(p, [32]byte(b)), nil
	}
	n, err := strconv.ParseUint(rest, 10, 64)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != rest {
		return Ref{}, fmt.Errorf("%q is not a record number", rest)
	}
	return ByNumber(p, n), nil
}

var digitWords = [...]string{
	"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
	"alfa", "bravo", "charlie", "delta", "echo", "foxtrot",
}

// SpokenRef is a record's name as it is said aloud: blue four-one-two. One
// that is known by its hash only is said by the first eight digits: blue
// hash one-foxtrot-….
func SpokenRef(r Ref, short func(PartyNo) string) string {
	name, digits := short(r.Party)+" ", strconv.FormatUint(r.Number, 10)
	if r.Number == 0 {
		name, digits = name+"hash ", hex.EncodeToString(r.Hash[:4])
	}
	var words []string
	for _, d := range digits {
		if d >= 'a' {
			d -= 'a' - '9' - 1
		}
		words = append(words, digitWords[d-'0'])
	}
	return name + strings.Join(words, "-")
}
