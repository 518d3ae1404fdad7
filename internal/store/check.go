// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"openline/tlog"
)

// MaxEntries bounds a log, and MaxNumber a record's number, so that a place
// fits one integer key.
const (
	MaxEntries = 1 << 40
	MaxNumber  = 1 << 47
)

// Check reports whether an update continues a log that holds so much. open
// says whether the log exists. It is for implementations.
func (u *LogUpdate) Check(open bool, size uint64) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: log %d.%d: %s", ErrBatch, u.Log.Party, u.Log.Generation, fmt.Sprintf(format, args...))
	}
	from, n := u.From, uint64(len(u.Entries))
	switch {
	case !open && (len(u.Card) == 0 || u.Base == 0 || u.Base > MaxNumber):
		return bad("it is not open and comes without a card and a base")
	case n == 0 && len(u.Hashes) > 0:
		return bad("hashes without entries")
	case n == 0 && u.Size != size:
		return bad("size %d without entries, held are %d", u.Size, size)
	case n == 0:
		return nil
	case from != size:
		return bad("entries begin at %d, held are %d", from, size)
	case u.Size != from+n:
		return bad("size %d after %d entries from %d", u.Size, n, from)
	case u.Size > MaxEntries:
		return bad("more than %d entries", uint64(MaxEntries))
	case len(u.About) != 0 && len(u.About) != len(u.Entries):
		return bad("%d entries, but %d things", n, len(u.About))
	}
	return checkHashes(u.HashFrom, len(u.Hashes), from, u.Size, bad)
}

func checkHashes(at int64, n int, from, size uint64, bad func(string, ...any) error) error {
	if want := tlog.StoredCount(from); at != want {
		return bad("hashes begin at %d, stored are %d", at, want)
	}
	if want := tlog.StoredCount(size) - tlog.StoredCount(from); int64(n) != want {
		return bad("%d hashes, the tree gains %d", n, want)
	}
	return nil
}

// CheckJournal reports whether the journal entries continue the journal. It
// is for implementations.
func (b *Batch) CheckJournal() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: journal: %s", ErrBatch, fmt.Sprintf(format, args...))
	}
	size := b.Expect.Journal
	if want := size + uint64(len(b.Journal)); b.Next.Journal != want {
		return bad("next size %d, not %d", b.Next.Journal, want)
	}
	for _, e := range b.Journal {
		if err := checkHashes(tlog.StoredCount(size), len(e.Hashes), size, size+1, bad); err != nil {
			return err
		}
		size++
	}
	return nil
}
