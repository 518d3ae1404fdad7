// SPDX-License-Identifier: Apache-2.0

package store

import "fmt"

// Bounds of what is kept of attachments.
const (
	MaxBlob  = 64 << 20 // bytes of one
	MaxPiece = 32 << 10 // bytes of one piece of it
)

// Use says what an attachment is kept for.
type Use uint8

// What attachments are kept for. It is raised, never lowered.
const (
	UseAsked  Use = iota // a record of another party names it
	UseUpload            // taken in here; no record names it yet
	UseOwn               // a record of our own names it
)

// Blob is one attachment of a line, kept once under its digest, as far as it
// is held: its first Held bytes.
type Blob struct {
	Digest     [32]byte
	Size, Held uint64
	Use        Use
}

// Whole reports whether all of its bytes are held.
func (b Blob) Whole() bool { return b.Size > 0 && b.Held == b.Size }

// BlobUpdate is what a batch adds to one attachment.
type BlobUpdate struct {
	Digest [32]byte
	Size   uint64
	Use    Use
	From   uint64   // offset of the first of Pieces
	Pieces [][]byte // each of 1 to MaxPiece bytes
	Anew   bool     // what is held is thrown away first
	Drop   bool     // all of it is thrown away
}

// Attached marks a record that names attachments: open while those of
// another party are not complete here.
type Attached struct {
	Log   LogID
	Index uint64
	Open  bool
}

// Check reports whether an update continues what is held. It is for
// implementations.
func (u *BlobUpdate) Check(held Blob, ok bool) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: attachment %x: %s", ErrBatch, u.Digest[:8], fmt.Sprintf(format, args...))
	}
	if u.Drop {
		if len(u.Pieces) > 0 {
			return bad("dropped, and added to")
		}
		return nil
	}
	at := held.Held
	if u.Anew {
		at = 0
	}
	switch {
	case u.Size == 0 || u.Size > MaxBlob:
		return bad("a size of %d bytes", u.Size)
	case ok && !u.Anew && held.Size != u.Size:
		return bad("a size of %d, held is one of %d", u.Size, held.Size)
	case len(u.Pieces) > 0 && u.From != at:
		return bad("bytes begin at %d, held are %d", u.From, at)
	}
	for _, p := range u.Pieces {
		if len(p) == 0 || len(p) > MaxPiece {
			return bad("a piece of %d bytes", len(p))
		}
		at += uint64(len(p))
	}
	if at > u.Size {
		return bad("%d bytes of %d", at, u.Size)
	}
	return nil
}
