// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"

	"openline/record"
)

// cachedFormat names what is cached on disk of the state of the line: the
// fold, and which things each phrase opened. It is private to this station
// and may be thrown away.
const cachedFormat = "openline/cached/1"

func (s *Station) cached() []byte {
	w := record.NewWriter()
	w.Array(3)
	w.Text(cachedFormat)
	w.Bytes(s.fold.Snapshot())
	s.shelf.write(w)
	return w.Finish()
}

// restore takes up what was cached. On an error fold and shelf are to be
// thrown away.
func (s *Station) restore(b []byte) error {
	r := record.NewReader(b)
	n, err := r.ArrayLen(3)
	if err != nil {
		return err
	}
	format, err := r.Text(len(cachedFormat))
	if err != nil {
		return err
	}
	if n != 3 || format != cachedFormat {
		return fmt.Errorf("it is of another format than %s", cachedFormat)
	}
	fold, err := r.Bytes(len(b))
	if err != nil {
		return err
	}
	if err := s.fold.Restore(fold); err != nil {
		return err
	}
	if err := s.shelf.read(r); err != nil {
		return err
	}
	return r.Done()
}
