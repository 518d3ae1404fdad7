// SPDX-License-Identifier: Apache-2.0

package record

import (
	"cmp"
	"fmt"
	"math/bits"
)

// FormatVersion is the record format this package writes and reads.
const FormatVersion = 1

// Bounds of the specification (spec/record.md section 4).
const (
	MaxLeaf    = 8 << 10
	MaxHeader  = 4 << 10
	maxSeen    = 256
	maxTo      = 60
	maxRe      = 64
	maxParams  = 32
	maxPost    = 64
	maxCode    = 16
	maxLang    = 16
	maxKey     = 32
	maxTrans   = 16
	maxAttach  = 16
	maxName    = 255
	maxFreeTxt = 512 << 10

	// MaxBody bounds a body where no agreement sets a lower ceiling.
	MaxBody = 1 << 20
)

// Seen says how much of one generation of another party's log the author
// held, durably and whole, when the leaf was numbered.
type Seen struct {
	Party      PartyNo
	Generation uint32
	Size       uint64
	Root       [32]byte
}

// Compare orders by party, then by (generation, size).
func (s Seen) Compare(o Seen) int {
	return cmp.Or(cmp.Compare(s.Party, o.Party), cmp.Compare(s.Generation, o.Generation), cmp.Compare(s.Size, o.Size))
}

// Leaf is what the log hashes: when, about what, knowing what.
type Leaf struct {
	Format     uint64
	Agreement  uint32 // version the author's log has adopted
	Author     PartyNo
	Generation uint32
	Time       Stamp
	About      Ref // the opening record of the thing it concerns; zero: it opens one
	Seen       []Seen
	Header     [32]byte // digest of the header
}

// Keys of the leaf's map.
const (
	leafFormat = iota + 1
	leafAgreement
	leafAuthor
	leafGeneration
	leafTime
	leafAbout
	leafSeen
	leafHeader
)

// Encode writes the leaf. Seen must stand in order.
func (l *Leaf) Encode() []byte {
	w := NewWriter()
	n := 6
	if !l.About.IsZero() {
		n++
	}
	if len(l.Seen) > 0 {
		n++
	}
	w.Map(n)
	for i, v := range []uint64{l.Format, uint64(l.Agreement), uint64(l.Author), uint64(l.Generation), uint64(l.Time)} {
		w.Uint(uint64(i) + leafFormat)
		w.Uint(v)
	}
	if !l.About.IsZero() {
		w.Uint(leafAbout)
		l.About.encode(w)
	}
	if len(l.Seen) > 0 {
		w.Uint(leafSeen)
		w.Array(len(l.Seen))
		for _, s := range l.Seen {
			w.Array(4)
			w.Uint(uint64(s.Party))
			w.Uint(uint64(s.Generation))
			w.Uint(s.Size)
			w.Bytes(s.Root[:])
		}
	}
	w.Uint(leafHeader)
	w.Bytes(l.Header[:])
	return w.Finish()
}

// DecodeLeaf reads a leaf and refuses any other spelling than Encode's.
func DecodeLeaf(b []byte) (*Leaf, error) {
	if len(b) > MaxLeaf {
		return nil, &SyntaxError{0, "leaf is larger than 8 KiB"}
	}
	r := NewReader(b)
	l := &Leaf{}
	err := r.fields(mask(leafFormat, leafAgreement, leafAuthor, leafGeneration, leafTime, leafHeader),
		leafHeader, func(key uint64) error { return l.field(r, key) })
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Leaf) field(r *Reader, key uint64) (err error) {
	switch key {
	case leafFormat:
		if l.Format, err = r.Uint(); err == nil && l.Format != FormatVersion {
			err = r.fail("record format %d, this station reads %d", l.Format, FormatVersion)
		}
	case leafAgreement:
		l.Agreement, err = r.uint32("agreement version")
	case leafAuthor:
		l.Author, err = decodeParty(r)
	case leafGeneration:
		l.Generation, err = r.uint32("generation")
	case leafTime:
		l.Time, err = r.stamp()
	case leafAbout:
		l.About, err = decodeRef(r)
	case leafSeen:
		l.Seen, err = decodeSeen(r)
	case leafHeader:
		l.Header, err = decodeHash(r)
	}
	return err
}

func decodeSeen(r *Reader) ([]Seen, error) {
	var last Seen
	return several(r, maxSeen, "seen logs", func(r *Reader) (Seen, error) {
		at := r.off
		s, err := decodeOneSeen(r)
		if err == nil && (s.Party < last.Party || s.Party == last.Party && s.Generation <= last.Generation) {
			err = &SyntaxError{at, "seen logs are not in order, or one stands twice"}
		}
		last = s
		return s, err
	})
}

func decodeOneSeen(r *Reader) (s Seen, err error) {
	if err = r.Tuple(4, "a seen log"); err != nil {
		return s, err
	}
	if s.Party, err = decodeParty(r); err != nil {
		return s, err
	}
	if s.Generation, err = r.uint32("generation"); err != nil {
		return s, err
	}
	if s.Size, err = r.Uint(); err != nil {
		return s, err
	}
	s.Root, err = decodeHash(r)
	return s, err
}

// fields walks a map with ascending small integer keys, each at most once
// and the required ones all, which is the whole of a layer.
func (r *Reader) fields(required, last uint64, field func(key uint64) error) error {
	n, err := r.MapLen(int(last))
	if err != nil {
		return err
	}
	prev, found := uint64(0), uint64(0)
	for range n {
		key, err := r.Uint()
		if err != nil {
			return err
		}
		switch {
		case key <= prev:
			return r.fail("key %d after key %d", key, prev)
		case key > last:
			return r.fail("unknown key %d", key)
		}
		prev = key
		found |= mask(key)
		if err := field(key); err != nil {
			return err
		}
	}
	if missing := required &^ found; missing != 0 {
		return &SyntaxError{0, fmt.Sprintf("required key %d is missing", bits.TrailingZeros64(missing))}
	}
	return r.Done()
}

// mask is the set of these keys, all below 64.
func mask(keys ...uint64) (m uint64) {
	for _, k := range keys {
		m |= 1 << k
	}
	return m
}

func (r *Reader) uint32(what string) (uint32, error) {
	v, err := r.Uint()
	if err == nil && (v == 0 || v > 1<<32-1) {
		err = r.fail("%s %d is not between 1 and 2^32-1", what, v)
	}
	return uint32(v), err
}

// maxStamp is the end of the year 9999: later times have no agreed spelling.
const maxStamp = 253402300799

func (r *Reader) stamp() (Stamp, error) {
	v, err := r.Uint()
	if err == nil && v > maxStamp {
		err = r.fail("time %d is after the year 9999", v)
	}
	return Stamp(v), err
}
