// SPDX-License-Identifier: Apache-2.0

package briefing

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"openline/identity"
	"openline/internal/desk/contact"
	"openline/internal/host"
)

// KindContacts is the kind of the journal's entries that hold an import.
const KindContacts = "contacts"

// Shelf holds the contacts of each line as its journal has them. The journal
// is the truth; a shelf is made anew from it at any time. It is safe for
// concurrent use.
type Shelf struct {
	host *host.Host

	mu    sync.Mutex
	lines map[identity.LineID]*shelved
}

type shelved struct {
	book contact.Book
	next uint64 // entry of the journal to go on from
}

// NewShelf makes a shelf over the journals of a host.
func NewShelf(h *host.Host) *Shelf { return &Shelf{host: h, lines: map[identity.LineID]*shelved{}} }

// Contacts gives what was imported on a line, in the order of import.
func (s *Shelf) Contacts(id identity.LineID) ([]contact.Contact, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.read(id)
	if err != nil {
		return nil, err
	}
	return slices.Clone(l.book.All()), nil
}

// Import keeps contacts in the journal of a line and tells how many were
// new; it returns when they are durable. Those that are held already change
// nothing.
func (s *Shelf) Import(ctx context.Context, id identity.LineID, list []contact.Contact) (added int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.read(id)
	if err != nil {
		return 0, err
	}
	fresh := l.book.New(list)
	if len(fresh) == 0 {
		return 0, nil
	}
	if err := s.host.Note(ctx, id, KindContacts, contact.FormatCSV(fresh)); err != nil {
		return 0, fmt.Errorf("contacts: %w", err)
	}
	_, err = s.read(id)
	return len(fresh), err
}

// read takes up what the journal has gained.
func (s *Shelf) read(id identity.LineID) (*shelved, error) {
	l := s.lines[id]
	if l == nil {
		l = &shelved{}
		s.lines[id] = l
	}
	const page = 16
	for {
		entries, err := s.host.Journal(id, l.next, page)
		if err != nil || len(entries) == 0 {
			return l, err
		}
		for _, e := range entries {
			if e.Kind == KindContacts {
				list, err := contact.Parse(e.Note())
				if err != nil {
					return nil, fmt.Errorf("entry %d of the journal of %s holds contacts that do not read: %w", l.next, id, err)
				}
				for i := range list {
					list[i].Imported = time.Unix(int64(e.At), 0).UTC()
				}
				l.book.Add(list)
			}
			l.next++
		}
	}
}
