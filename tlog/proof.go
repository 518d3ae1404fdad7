// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"errors"
	"fmt"

	merkle "golang.org/x/mod/sumdb/tlog"
)

// ErrProof is a proof that does not hold.
var ErrProof = errors.New("the proof does not hold")

type reader struct{ r HashReader }

func (r reader) ReadHashes(indexes []int64) ([]merkle.Hash, error) {
	h, err := read(r.r, indexes)
	if err != nil {
		return nil, err
	}
	return toMerkle(h), nil
}

func toMerkle(h [][32]byte) []merkle.Hash {
	out := make([]merkle.Hash, len(h))
	for i := range h {
		out[i] = h[i]
	}
	return out
}

func fromMerkle(h []merkle.Hash) [][32]byte {
	out := make([][32]byte, len(h))
	for i := range h {
		out[i] = h[i]
	}
	return out
}

// maxSize keeps every stored-hash index within an int64.
const maxSize = 1 << 62

func inRange(size, n uint64, below bool) error {
	if size > maxSize || n > size || below && n >= size {
		return fmt.Errorf("%w: %d is not within a log of %d", ErrProof, n, size)
	}
	return nil
}

// ProveInclusion proves that the entry at an index is in the log of a size.
func ProveInclusion(size, index uint64, r HashReader) ([][32]byte, error) {
	if err := inRange(size, index, true); err != nil {
		return nil, err
	}
	p, err := merkle.ProveRecord(int64(size), int64(index), reader{r})
	if err != nil {
		return nil, fmt.Errorf("prove entry %d in the log of %d: %w", index, size, err)
	}
	return fromMerkle(p), nil
}

// CheckInclusion checks such a proof.
func CheckInclusion(proof [][32]byte, size uint64, root [32]byte, index uint64, leaf [32]byte) error {
	if err := inRange(size, index, true); err != nil {
		return err
	}
	if err := merkle.CheckRecord(toMerkle(proof), int64(size), root, int64(index), leaf); err != nil {
		return fmt.Errorf("%w: entry %d is not in the log of %d", ErrProof, index, size)
	}
	return nil
}

// ProveConsistency proves that the log of the smaller size is a prefix of
// the log of the larger.
func ProveConsistency(size, old uint64, r HashReader) ([][32]byte, error) {
	if err := inRange(size, old, false); err != nil {
		return nil, err
	}
	if old == 0 || old == size {
		return nil, nil
	}
	p, err := merkle.ProveTree(int64(size), int64(old), reader{r})
	if err != nil {
		return nil, fmt.Errorf("prove that the log of %d extends the one of %d: %w", size, old, err)
	}
	return fromMerkle(p), nil
}

// CheckConsistency checks such a proof. Equal sizes need equal roots and no
// proof; everything extends the empty log.
func CheckConsistency(proof [][32]byte, size uint64, root [32]byte, old uint64, oldRoot [32]byte) error {
	if err := inRange(size, old, false); err != nil {
		return err
	}
	bad := fmt.Errorf("%w: the log of %d does not extend the one of %d", ErrProof, size, old)
	switch {
	case old == size && root != oldRoot, old == 0 && oldRoot != EmptyRoot():
		return bad
	case old == size, old == 0:
		if len(proof) != 0 {
			return bad
		}
		return nil
	}
	if merkle.CheckTree(toMerkle(proof), int64(size), root, int64(old), oldRoot) != nil {
		return bad
	}
	return nil
}
