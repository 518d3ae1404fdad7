// SPDX-License-Identifier: Apache-2.0

package station

import (
	"bytes"
	"errors"

	"openline/internal/store"
)

// Rebuilt is the state of a line folded anew from all its records.
type Rebuilt struct {
	Records uint64
	Things  int // that are found by their phrase
	Digest  [32]byte
	Cached  bool   // something was cached, and could be read
	Same    bool   // it said the same
	State   []byte // to be cached instead
}

// Rebuild folds what is stored anew. It signs nothing and needs no keys.
func Rebuild(cfg Config, saved store.Saved, now Now) (out Rebuilt, err error) {
	cached := saved.Snapshot
	saved.Snapshot = nil
	s, err := New(cfg, saved, nil, now)
	if err != nil {
		return out, err
	}
	if err := s.fold.Err(); err != nil {
		return out, err
	}
	for _, l := range saved.Logs {
		out.Records += l.Size
	}
	for code := range s.shelf.codes {
		out.Things += len(s.shelf.names([]string{code}))
	}
	out.Digest, out.State = s.fold.Digest(), s.cached()
	if len(cached) == 0 {
		return out, nil
	}
	saved.Snapshot = cached
	old, err := New(cfg, saved, nil, now)
	if err != nil {
		return out, err
	}
	if out.Cached = !old.rebuilt; out.Cached {
		out.Same = old.fold.Digest() == out.Digest && bytes.Equal(old.shelf.bytes(), s.shelf.bytes())
	}
	return out, errors.Join(old.fold.Err(), s.fold.Err())
}
