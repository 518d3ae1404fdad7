// SPDX-License-Identifier: Apache-2.0

package mark

import (
	"errors"
	"fmt"

	"openline/identity"
	"openline/internal/store"
	"openline/record"
)

// Bounds of what is read back.
const (
	maxNote      = 16 << 10
	maxStatement = 8 << 10
	maxReceipts  = 64
)

var errTooLarge = fmt.Errorf("the high-water mark is larger than %d bytes", maxBytes)

func (m Mark) encode() ([]byte, error) {
	w := record.NewWriter()
	w.Array(8)
	w.Text(string(m.Line))
	w.Uint(uint64(m.Row.Generation))
	w.Uint(m.Row.Size)
	w.Bytes(m.Row.Root[:])
	w.Bytes(m.Row.Checkpoint)
	w.Uint(uint64(m.Row.LastSigned))
	w.Uint(m.Row.Journal)
	w.Array(len(m.Receipts))
	for _, r := range m.Receipts {
		w.Array(9)
		for _, id := range []store.LogID{r.Log, r.By} {
			w.Uint(uint64(id.Party))
			w.Uint(uint64(id.Generation))
		}
		w.Uint(r.Size)
		w.Bytes(r.Root[:])
		w.Uint(uint64(r.At))
		w.Bool(r.PQ)
		w.Bytes(r.Bytes)
	}
	b := w.Finish()
	if len(b) > maxBytes {
		return nil, errTooLarge
	}
	if _, err := decode(b); err != nil { // what could not be read back is not written
		return nil, fmt.Errorf("the high-water mark cannot be kept: %w", err)
	}
	return b, nil
}

// fields reads one after the other and keeps the first error.
type fields struct {
	r   *record.Reader
	err error
}

func (f *fields) array(n int) {
	if f.err != nil {
		return
	}
	got, err := f.r.ArrayLen(n)
	if err == nil && got != n {
		err = fmt.Errorf("array of %d elements, expected %d", got, n)
	}
	f.err = err
}

func (f *fields) uint(max uint64) (v uint64) {
	if f.err == nil {
		if v, f.err = f.r.Uint(); f.err == nil && v > max {
			f.err = fmt.Errorf("number %d is larger than %d", v, max)
		}
	}
	return v
}

func (f *fields) bytes(max int) (b []byte) {
	if f.err == nil {
		b, f.err = f.r.Bytes(max)
	}
	return append([]byte(nil), b...)
}

func (f *fields) hash() (h [32]byte) {
	b := f.bytes(32)
	if f.err == nil && len(b) != 32 {
		f.err = errors.New("a root is not 32 bytes")
	}
	copy(h[:], b)
	return h
}

func (f *fields) logID() store.LogID {
	party := f.uint(1<<16 - 1)
	return store.LogID{Party: record.PartyNo(party), Generation: uint32(f.uint(1<<32 - 1))}
}

func decode(b []byte) (m Mark, err error) {
	f := &fields{r: record.NewReader(b)}
	f.array(8)
	if f.err == nil {
		var line string
		line, f.err = f.r.Text(255)
		m.Line = identity.LineID(line)
	}
	m.Row.Generation = uint32(f.uint(1<<32 - 1))
	m.Row.Size = f.uint(1 << 62)
	m.Row.Root = f.hash()
	if m.Row.Checkpoint = f.bytes(maxNote); len(m.Row.Checkpoint) == 0 {
		m.Row.Checkpoint = nil
	}
	m.Row.LastSigned = record.Stamp(f.uint(1 << 62))
	m.Row.Journal = f.uint(1 << 62)
	n := 0
	if f.err == nil {
		n, f.err = f.r.ArrayLen(maxReceipts)
	}
	for range n {
		if f.err != nil {
			break
		}
		m.Receipts = append(m.Receipts, f.receipt())
	}
	if f.err != nil {
		return Mark{}, f.err
	}
	return m, f.r.Done()
}

func (f *fields) receipt() (r store.Statement) {
	f.array(9)
	r.Log, r.By = f.logID(), f.logID()
	r.Size = f.uint(1 << 62)
	r.Root = f.hash()
	r.At = record.Stamp(f.uint(1 << 62))
	if f.err == nil {
		r.PQ, f.err = f.r.Bool()
	}
	r.Bytes = f.bytes(maxStatement)
	return r
}
