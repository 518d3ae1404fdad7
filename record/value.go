// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"slices"
)

// Kind is the shape of a [Value].
type Kind uint8

// The shapes a parameter can have. The zero value is no value.
const (
	KindNone Kind = iota
	KindUint
	KindInt // negative only: a number has one spelling
	KindText
	KindBytes
	KindBool
	KindArray
)

// Value is a parameter as it is written: a number, text, bytes, truth, or a
// list of these. What it means is the catalogue's.
type Value struct {
	kind Kind
	num  uint64 // for KindInt: -1 - value
	text string
	raw  []byte
	list []Value
}

// Uint makes a number.
func Uint(v uint64) Value { return Value{kind: KindUint, num: v} }

// Int makes a number that may be negative.
func Int(v int64) Value {
	if v >= 0 {
		return Uint(uint64(v))
	}
	return Value{kind: KindInt, num: uint64(-1 - v)}
}

// Text makes a text.
func Text(s string) Value { return Value{kind: KindText, text: s} }

// Bytes makes a byte string.
func Bytes(b []byte) Value { return Value{kind: KindBytes, raw: b} }

// Bool makes a truth value.
func Bool(v bool) Value {
	n := uint64(0)
	if v {
		n = 1
	}
	return Value{kind: KindBool, num: n}
}

// Array makes a list. Elements without a value are left out.
func Array(list ...Value) Value {
	none := func(v Value) bool { return v.kind == KindNone }
	if slices.ContainsFunc(list, none) {
		list = slices.DeleteFunc(slices.Clone(list), none)
	}
	return Value{kind: KindArray, list: list}
}

// Kind tells the shape.
func (v Value) Kind() Kind { return v.kind }

// AsUint gives an unsigned number.
func (v Value) AsUint() (uint64, bool) { return v.num, v.kind == KindUint }

// AsInt gives a number that fits int64.
func (v Value) AsInt() (int64, bool) {
	switch {
	case v.kind == KindUint && v.num <= 1<<63-1:
		return int64(v.num), true
	case v.kind == KindInt:
		return -1 - int64(v.num), true
	}
	return 0, false
}

// AsText gives a text.
func (v Value) AsText() (string, bool) { return v.text, v.kind == KindText }

// AsBytes gives a byte string.
func (v Value) AsBytes() ([]byte, bool) { return v.raw, v.kind == KindBytes }

// AsArray gives a list.
func (v Value) AsArray() ([]Value, bool) { return v.list, v.kind == KindArray }

// Equal compares two values.
func (v Value) Equal(o Value) bool {
	return v.kind == o.kind && v.num == o.num && v.text == o.text && bytes.Equal(v.raw, o.raw) &&
		slices.EqualFunc(v.list, o.list, Value.Equal)
}

func (v Value) encode(w *Writer) {
	switch v.kind {
	case KindUint:
		w.Uint(v.num)
	case KindInt:
		w.Int(-1 - int64(v.num))
	case KindText:
		w.Text(v.text)
	case KindBytes:
		w.Bytes(v.raw)
	case KindBool:
		w.Bool(v.num == 1)
	case KindArray:
		w.Array(len(v.list))
		for _, e := range v.list {
			e.encode(w)
		}
	}
}

// Bounds of the values of one body. A value takes some eighty times the
// memory of its shortest spelling, so their number is bounded as well.
const (
	maxNesting = 5
	maxValues  = 4096
	maxList    = 512
	maxString  = 512 << 10
)

func decodeValue(r *Reader, depth int) (Value, error) {
	major, err := r.peek()
	if err != nil {
		return Value{}, err
	}
	if r.values++; r.values > maxValues {
		return Value{}, r.fail("more than %d values", maxValues)
	}
	switch major {
	case majorUint, majorNint:
		return readNumber(r)
	case majorBytes:
		b, err := r.Bytes(maxString)
		return Bytes(b), err
	case majorText:
		s, err := r.Text(maxString)
		return Text(s), err
	case majorTag, majorOther:
		b, err := r.Bool()
		return Bool(b), err
	case majorArray:
		return decodeList(r, depth)
	}
	return Value{}, r.fail("a value is a number, text, bytes, truth or list, not %s", majorNames[major])
}

func readNumber(r *Reader) (Value, error) {
	major, arg, err := r.head()
	if err != nil {
		return Value{}, err
	}
	if major == majorUint {
		return Uint(arg), nil
	}
	if arg > 1<<63-1 {
		return Value{}, r.fail("negative number beyond 63 bits")
	}
	return Value{kind: KindInt, num: arg}, nil
}

func decodeList(r *Reader, depth int) (Value, error) {
	if depth >= maxNesting {
		return Value{}, r.fail("lists nested deeper than %d", maxNesting)
	}
	n, err := r.ArrayLen(maxList)
	if err != nil {
		return Value{}, err
	}
	list := make([]Value, n)
	for i := range list {
		if list[i], err = decodeValue(r, depth+1); err != nil {
			return Value{}, err
		}
	}
	return Array(list...), nil
}
