// SPDX-License-Identifier: Apache-2.0

package record

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// Entry is a record as it is stored, counted and receipted: whole.
type Entry struct{ Leaf, Header, Body []byte }

// Limits bound an entry on receipt. Body is the ceiling of the agreement;
// zero stands for [MaxBody].
type Limits struct{ Body int }

func (l Limits) body() int {
	if l.Body > 0 {
		return l.Body
	}
	return MaxBody
}

// Errors of [Entry.Whole].
var (
	ErrNotWhole = errors.New("the entry is not whole")
	ErrTooLarge = errors.New("the entry is larger than agreed")
)

// Domain tags of the digests between the layers.
const (
	headerTag = "openline/header/v1\n"
	bodyTag   = "openline/body/v1\n"
)

// HeaderDigest is what the leaf holds of the header.
func HeaderDigest(header []byte) [32]byte { return tagged(headerTag, header) }

// BodyDigest is what the header holds of the body.
func BodyDigest(body []byte) [32]byte { return tagged(bodyTag, body) }

func tagged(tag string, b []byte) (d [32]byte) {
	h := sha256.New()
	h.Write([]byte(tag))
	h.Write(b)
	h.Sum(d[:0])
	return d
}

// LeafHash is the log's hash of a leaf: SHA-256(0x00 ‖ leaf), RFC 6962
// section 2.1.
func LeafHash(leaf []byte) (d [32]byte) {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(leaf)
	h.Sum(d[:0])
	return d
}

// Size is how many bytes the entry has.
func (e Entry) Size() int { return len(e.Leaf) + len(e.Header) + len(e.Body) }

// Whole reports whether the digests match layer by layer as far as the
// layers parse: "a leaf that does not parse is an entry of its own with
// nothing beneath", and so a header that does not parse has no body.
func (e Entry) Whole(l Limits) error {
	for _, layer := range []struct {
		name  string
		b     []byte
		bound int
	}{{"leaf", e.Leaf, MaxLeaf}, {"header", e.Header, MaxHeader}, {"body", e.Body, l.body()}} {
		if len(layer.b) > layer.bound {
			return fmt.Errorf("%w: %s of %d bytes, at most %d", ErrTooLarge, layer.name, len(layer.b), layer.bound)
		}
	}
	leaf, err := DecodeLeaf(e.Leaf)
	if err != nil {
		if len(e.Header)+len(e.Body) > 0 {
			return fmt.Errorf("%w: something lies beneath a leaf that does not parse", ErrNotWhole)
		}
		return nil
	}
	if HeaderDigest(e.Header) != leaf.Header {
		return fmt.Errorf("%w: the header is missing or another one", ErrNotWhole)
	}
	h, err := DecodeHeader(e.Header)
	if err != nil {
		if len(e.Body) > 0 {
			return fmt.Errorf("%w: a body lies beneath a header that does not parse", ErrNotWhole)
		}
		return nil
	}
	if BodyDigest(e.Body) != h.Body {
		return fmt.Errorf("%w: the body is missing or another one", ErrNotWhole)
	}
	return nil
}

// AppendEntry writes an entry as it travels and is filed: an array of its
// three layers, an absent one empty.
func AppendEntry(w *Writer, e Entry) {
	w.Array(3)
	w.Bytes(e.Leaf)
	w.Bytes(e.Header)
	w.Bytes(e.Body)
}

// ReadEntry reads what AppendEntry writes, no layer larger than [MaxBody].
// Whether the entry is whole and within what was agreed, [Entry.Whole] says.
// The layers alias the input.
func ReadEntry(r *Reader) (e Entry, err error) {
	if err = r.Tuple(3, "an entry"); err != nil {
		return e, err
	}
	for _, layer := range []*[]byte{&e.Leaf, &e.Header, &e.Body} {
		if *layer, err = r.Bytes(MaxBody); err != nil {
			return Entry{}, err
		}
	}
	return e, nil
}

// Decoded is an entry read as far as it parses. Fault says why it goes no
// further; a nil layer did not parse or lies beneath one that did not.
type Decoded struct {
	Leaf   *Leaf
	Header *Header
	Body   *Body
	Fault  error
}

// Decode reads the layers one after the other.
func (e Entry) Decode() (d Decoded) {
	if d.Leaf, d.Fault = DecodeLeaf(e.Leaf); d.Fault != nil {
		d.Fault = fmt.Errorf("leaf: %w", d.Fault)
		return d
	}
	if d.Header, d.Fault = DecodeHeader(e.Header); d.Fault != nil {
		d.Header, d.Fault = nil, fmt.Errorf("header: %w", d.Fault)
		return d
	}
	if d.Body, d.Fault = DecodeBody(e.Body); d.Fault != nil {
		d.Body, d.Fault = nil, fmt.Errorf("body: %w", d.Fault)
	}
	return d
}
