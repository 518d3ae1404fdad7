// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"errors"
	"fmt"

	"openline/record"
)

// Bounds on what one package may hold, checked before anything is allocated.
const (
	MaxEntries    = 4096
	MaxProof      = 64
	MaxCheckpoint = 16 << 10
	MaxIndex      = 1 << 62 // no log is longer
)

// LogID names one generation of one party's log on the line.
type LogID struct {
	Party      record.PartyNo
	Generation uint32
}

// Package is a range of whole entries with the signed head they lead to.
// Proof shows that the tree after the last entry is a prefix of that head;
// it is empty when the range reaches the head itself.
type Package struct {
	Log        LogID
	From       uint64
	Entries    []record.Entry
	Checkpoint []byte
	Proof      [][32]byte
}

// Ahead is one entry ahead of its place: with the head and the inclusion
// proof it needs to be verified alone.
type Ahead struct {
	Log        LogID
	Index      uint64
	Entry      record.Entry
	Checkpoint []byte
	Proof      [][32]byte
}

// Encode writes the package as spec/mirror.md section 2 says.
func (p Package) Encode() []byte {
	w := record.NewWriter()
	w.Array(6)
	w.Uint(uint64(p.Log.Party))
	w.Uint(uint64(p.Log.Generation))
	w.Uint(p.From)
	w.Bytes(p.Checkpoint)
	encodeProof(w, p.Proof)
	w.Array(len(p.Entries))
	for _, e := range p.Entries {
		record.AppendEntry(w, e)
	}
	return w.Finish()
}

// DecodePackage reads a package; the byte slices alias b.
func DecodePackage(b []byte) (p Package, err error) {
	r := record.NewReader(b)
	if err = r.Tuple(6, "a package"); err != nil {
		return p, err
	}
	if p.Log, err = decodeLog(r); err != nil {
		return p, err
	}
	if p.From, err = decodeIndex(r); err != nil {
		return p, err
	}
	if p.Checkpoint, err = r.Bytes(MaxCheckpoint); err != nil {
		return p, err
	}
	if p.Proof, err = decodeProof(r); err != nil {
		return p, err
	}
	n, err := r.ArrayLen(MaxEntries)
	if err != nil {
		return p, err
	}
	p.Entries = make([]record.Entry, n)
	for i := range p.Entries {
		if p.Entries[i], err = record.ReadEntry(r); err != nil {
			return p, fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return p, r.Done()
}

// Encode writes the entry ahead of its place.
func (a Ahead) Encode() []byte {
	w := record.NewWriter()
	w.Array(6)
	w.Uint(uint64(a.Log.Party))
	w.Uint(uint64(a.Log.Generation))
	w.Uint(a.Index)
	w.Bytes(a.Checkpoint)
	encodeProof(w, a.Proof)
	record.AppendEntry(w, a.Entry)
	return w.Finish()
}

// DecodeAhead reads an entry ahead of its place; the slices alias b.
func DecodeAhead(b []byte) (a Ahead, err error) {
	r := record.NewReader(b)
	if err = r.Tuple(6, "an entry ahead of its place"); err != nil {
		return a, err
	}
	if a.Log, err = decodeLog(r); err != nil {
		return a, err
	}
	if a.Index, err = decodeIndex(r); err != nil {
		return a, err
	}
	if a.Checkpoint, err = r.Bytes(MaxCheckpoint); err != nil {
		return a, err
	}
	if a.Proof, err = decodeProof(r); err != nil {
		return a, err
	}
	if a.Entry, err = record.ReadEntry(r); err != nil {
		return a, err
	}
	return a, r.Done()
}

func encodeProof(w *record.Writer, proof [][32]byte) {
	w.Array(len(proof))
	for i := range proof {
		w.Bytes(proof[i][:])
	}
}

func decodeProof(r *record.Reader) ([][32]byte, error) {
	n, err := r.ArrayLen(MaxProof)
	if err != nil || n == 0 {
		return nil, err
	}
	proof := make([][32]byte, n)
	for i := range proof {
		b, err := r.Bytes(32)
		if err != nil {
			return nil, err
		}
		if len(b) != 32 {
			return nil, errors.New("proof holds a hash that is not 32 bytes")
		}
		proof[i] = [32]byte(b)
	}
	return proof, nil
}

func decodeLog(r *record.Reader) (id LogID, err error) {
	party, err := r.Uint()
	if err != nil {
		return id, err
	}
	generation, err := r.Uint()
	if err != nil {
		return id, err
	}
	if party == 0 || party > 1<<16-1 || generation == 0 || generation > 1<<32-1 {
		return id, errors.New("party or generation out of range")
	}
	return LogID{record.PartyNo(party), uint32(generation)}, nil
}

func decodeIndex(r *record.Reader) (uint64, error) {
	n, err := r.Uint()
	if err == nil && n > MaxIndex {
		err = fmt.Errorf("index %d is beyond any log", n)
	}
	return n, err
}
