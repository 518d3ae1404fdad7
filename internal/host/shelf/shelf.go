// SPDX-License-Identifier: Apache-2.0

// Package shelf holds what the journal of each line says, folded: contacts,
// deliberations, drafts, the roster and the watch, the mandates and who acted
// by them.
// It reads each entry once, whichever of them it is for, and writes notes.
//
// Invariants:
//
//   - The journal is the truth; a shelf is made anew from it at any time.
//   - What is given out is what is durable. Nothing of it is ever sent.
//   - A note is checked against everything written before it.
//
// Specification: spec/station.md section 4, spec/desk.md.
package shelf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"openline/identity"
	"openline/internal/desk"
	"openline/internal/desk/contact"
	"openline/internal/desk/deliberation"
	"openline/internal/desk/draft"
	"openline/internal/desk/mandate"
	"openline/internal/desk/roster"
	"openline/internal/desk/translation"
	"openline/internal/host"
	"openline/internal/station"
)

// KindContacts is the kind of the journal's entries that hold an import.
const KindContacts = "contacts"

// Shelf holds what the journals of a host say. It is safe for concurrent use.
type Shelf struct {
	host *host.Host

	mu    sync.Mutex
	lines map[identity.LineID]*shelved
}

// New makes a shelf over the journals of a host.
func New(h *host.Host) *Shelf { return &Shelf{host: h, lines: map[identity.LineID]*shelved{}} }

// shelved is one line's journal, folded up to an entry.
type shelved struct {
	next uint64 // entry to go on from

	contacts      contact.Book
	deliberations deliberation.Book
	roster        roster.Book
	drafts        draft.Book
	mandates      *mandate.History
	translations  translation.Book
}

// read takes up what the journal has gained.
func (s *Shelf) read(id identity.LineID) (*shelved, error) {
	l := s.lines[id]
	if l == nil {
		first, err := s.host.FirstMandates(id)
		if err != nil {
			return nil, err
		}
		l = &shelved{mandates: mandate.NewHistory(first)}
		s.lines[id] = l
	}
	const page = 64
	for {
		entries, err := s.host.Journal(id, l.next, page)
		if err != nil || len(entries) == 0 {
			return l, err
		}
		for _, e := range entries {
			if err := l.fold(entryOf(l.next, e)); err != nil {
				return nil, fmt.Errorf("entry %d of the journal of %s, %s, does not read: %w", l.next, id, e.Kind, err)
			}
			l.next++
		}
	}
}

// fold hands an entry to every room; each takes those of its own kinds.
func (l *shelved) fold(e desk.Entry) error {
	switch e.Kind {
	case KindContacts:
		list, err := contact.Parse(e.Bytes)
		if err != nil {
			return err
		}
		for i := range list {
			list[i].Imported = e.At
		}
		l.contacts.Add(list)
		return nil
	case deliberation.Kind:
		return l.deliberations.Fold(e)
	case draft.Kind:
		return l.drafts.Fold(e)
	case translation.Kind:
		return l.translations.Fold(e)
	case roster.KindRoster, roster.KindWatch:
		return l.roster.Fold(e)
	}
	return l.mandates.Fold(e)
}

func entryOf(index uint64, e station.JournalEntry) desk.Entry {
	out := desk.Entry{Index: index, At: time.Unix(int64(e.At), 0).UTC(), Kind: e.Kind, Act: e.Act, About: e.About, Bytes: e.Note(), Record: e.Record, Persons: []desk.Person{}}
	for _, p := range e.People {
		out.Persons = append(out.Persons, desk.Person{Name: p.Person, Signed: len(p.Bytes) > 0})
	}
	return out
}

// look reads a part of what is shelved, as the journal stands now.
func look[T any](s *Shelf, id identity.LineID, part func(*shelved) (T, error)) (out T, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.read(id)
	if err != nil {
		return out, err
	}
	return part(l)
}

// Contacts gives what was imported on a line, in the order of import.
func (s *Shelf) Contacts(id identity.LineID) ([]contact.Contact, error) {
	return look(s, id, func(l *shelved) ([]contact.Contact, error) { return slices.Clone(l.contacts.All()), nil })
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
	fresh := l.contacts.New(list)
	if len(fresh) == 0 {
		return 0, nil
	}
	if err := s.write(ctx, id, KindContacts, contact.FormatCSV(fresh)); err != nil {
		return 0, fmt.Errorf("contacts: %w", err)
	}
	_, err = s.read(id)
	return len(fresh), err
}

// Deliberations gives those of a line, by number.
func (s *Shelf) Deliberations(id identity.LineID) ([]deliberation.Deliberation, error) {
	return look(s, id, func(l *shelved) ([]deliberation.Deliberation, error) { return slices.Clone(l.deliberations.All()), nil })
}

// Deliberation gives one by its number.
func (s *Shelf) Deliberation(id identity.LineID, no int) (deliberation.Deliberation, error) {
	return look(s, id, func(l *shelved) (deliberation.Deliberation, error) { return l.deliberations.Get(no) })
}

// Deliberate writes a note on a deliberation and gives it as it then stands;
// it returns when the note is durable. A note without token is given one.
func (s *Shelf) Deliberate(ctx context.Context, id identity.LineID, n deliberation.Note) (deliberation.Deliberation, error) {
	n.V = desk.Version
	return note(s, ctx, id, &n.Token, deliberation.Kind, &n,
		func(l *shelved) error { return l.deliberations.Check(n) },
		func(l *shelved) (deliberation.Deliberation, bool, error) { return taken(&l.deliberations, n.Token) })
}

// Enter writes a note on the roster or the watch and gives the number of what
// it made or changed; it returns when the note is durable.
func (s *Shelf) Enter(ctx context.Context, id identity.LineID, n roster.Note) (int, error) {
	n.V = desk.Version
	return note(s, ctx, id, &n.Token, n.Kind(), &n,
		func(l *shelved) error { return l.roster.Check(n) },
		func(l *shelved) (int, bool, error) { no, ok := l.roster.Taken(n.Token); return no, ok, nil })
}

// patience is how long a note may take to become durable. Everybody else who
// reads a shelf waits meanwhile, and a disk may be full for hours.
const patience = 5 * time.Second

// ErrUnwritten is the answer where the journal takes nothing now. The outcome
// is unknown: the same note, by its token, is safe to write again.
var ErrUnwritten = errors.New("the journal takes nothing now; it is not known whether this is written")

func (s *Shelf) write(ctx context.Context, id identity.LineID, kind string, b []byte) error {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.host.Note(wait, id, kind, b)
	if err != nil && ctx.Err() == nil && wait.Err() != nil {
		return ErrUnwritten
	}
	return err
}

// note checks a note against the book, writes it and reads it back. One that
// was taken already, by its token, changes nothing.
func note[T any](s *Shelf, ctx context.Context, id identity.LineID, token *string, kind string, n any,
	check func(*shelved) error, taken func(*shelved) (T, bool, error),
) (out T, err error) {
	if *token == "" {
		*token = host.NewToken(time.Now())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.read(id)
	if err != nil {
		return out, err
	}
	if out, ok, err := taken(l); ok || err != nil {
		return out, err
	}
	if err := check(l); err != nil {
		return out, err
	}
	b, err := desk.Write(n)
	if err != nil {
		return out, err
	}
	if err := s.write(ctx, id, kind, b); err != nil {
		return out, err
	}
	if l, err = s.read(id); err != nil {
		return out, err
	}
	out, _, err = taken(l)
	return out, err
}

// taken gives what a note is on as the book holds it, if the note was taken.
func taken[T any](b interface {
	Taken(token string) (int, bool)
	Get(no int) (T, error)
}, token string,
) (out T, ok bool, err error) {
	no, ok := b.Taken(token)
	if ok {
		out, err = b.Get(no)
	}
	return out, ok, err
}

// Roster is the roster of a line at an hour.
type Roster struct {
	Watch   roster.Watch
	Persons []roster.Person
	Shifts  []roster.Shift // that end after the hour
}

// Roster gives the roster of a line at an hour.
func (s *Shelf) Roster(id identity.LineID, at time.Time) (Roster, error) {
	return look(s, id, func(l *shelved) (Roster, error) {
		return Roster{l.roster.At(at), l.roster.Persons(), l.roster.Shifts(at)}, nil
	})
}

// Handovers gives the hand-overs of the watch, oldest first.
func (s *Shelf) Handovers(id identity.LineID) ([]roster.Handover, error) {
	return look(s, id, func(l *shelved) ([]roster.Handover, error) { return slices.Clone(l.roster.Handovers()), nil })
}

// Alarms gives the newest alarms of the watch, oldest first, and how many
// older ones the journal holds.
func (s *Shelf) Alarms(id identity.LineID) (list []roster.Alarm, left int, err error) {
	list, err = look(s, id, func(l *shelved) ([]roster.Alarm, error) {
		held, n := l.roster.Alarms()
		left = n
		return slices.Clone(held), nil
	})
	return list, left, err
}

// Mandates is what the journal holds of mandates and of who acted by them.
type Mandates struct {
	First   mandate.Standing
	Changes []mandate.Change
	Acted   []mandate.Acted // the newest
	Left    int             // older ones, which are in the journal only
}

// Mandates gives the history of a line's mandates.
func (s *Shelf) Mandates(id identity.LineID) (Mandates, error) {
	return look(s, id, func(l *shelved) (Mandates, error) {
		acted, left := l.mandates.Acted()
		return Mandates{l.mandates.First(), slices.Clone(l.mandates.Changes()), slices.Clone(acted), left}, nil
	})
}
