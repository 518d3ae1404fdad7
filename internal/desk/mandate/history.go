// SPDX-License-Identifier: Apache-2.0

package mandate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"openline/internal/desk"
	"openline/record"
)

// Kinds of the journal's entries: a new table and a change of the alert
// state, by two persons; what was released, and what was sent alone.
const (
	KindTable    = "mandates"
	KindState    = "alert-state"
	KindReleased = "act"
	KindAlone    = "alone"
)

// What two persons sign to change the table, or the alert state.
const (
	ActTable = "mandates"
	ActState = "alert state"
)

// Change is one change of what holds.
type Change struct {
	At      time.Time     `json:"at"`
	Persons []desk.Person `json:"persons"`
	Table   string        `json:"table,omitempty" doc:"Name of the new table; absent: the state changed"`
	Text    string        `json:"text,omitempty"`
	State   string        `json:"state" doc:"In force afterwards"`
	Serial  uint64        `json:"serial"`
}

// Acted is one act of persons: released by two, or sent by the watch alone.
type Acted struct {
	At      time.Time     `json:"at"`
	Act     string        `json:"act" doc:"A phrase, or what the station was to do"`
	About   string        `json:"about,omitempty"`
	Alone   bool          `json:"alone"`
	Under   string        `json:"under,omitempty" doc:"Alert state, table and number of the change in force; absent: before mandates were kept, or no record"`
	Changed bool          `json:"changed,omitempty" doc:"What it is about changed after it was released; FLASH and the safety of life go all the same"`
	Persons []desk.Person `json:"persons"`
	Ref     record.Ref    `json:"-"`
	Record  string        `json:"record,omitempty"`
}

// History is what the journal holds of mandates. The zero History begins at
// the journal's first entry.
type History struct {
	first   Standing
	now     Standing
	changes []Change
	acted   []Acted
	left    int // older acts, which are in the journal only
}

const maxActed = 5000 // acts held

// NewHistory begins with what holds where the journal has no word on it.
func NewHistory(t *Table) *History { return &History{first: First(t), now: First(t)} }

// MarkChanged stands in an entry on a release whose matter changed since.
const MarkChanged = "changed"

// Fold takes up one entry of the journal; those of other kinds are none of
// its business.
func (h *History) Fold(e desk.Entry) error {
	switch e.Kind {
	case KindTable:
		t, err := Parse(e.Bytes)
		if err != nil {
			return err
		}
		if h.now, err = h.now.With(t); err != nil {
			return err
		}
		h.changes = append(h.changes, Change{e.At, e.Persons, t.Name, t.text, h.now.State, h.now.Serial})
	case KindState:
		var err error
		if h.now, err = h.now.In(string(e.Bytes)); err != nil {
			return err
		}
		h.changes = append(h.changes, Change{At: e.At, Persons: e.Persons, State: h.now.State, Serial: h.now.Serial})
	case KindReleased, KindAlone:
		a := Acted{At: e.At, Act: e.Act, About: e.About, Alone: e.Kind == KindAlone, Persons: e.Persons, Ref: e.Record}
		var marked string
		a.Under, marked, _ = strings.Cut(string(e.Bytes), " ")
		if a.Changed = marked == MarkChanged; marked != "" && !a.Changed {
			return fmt.Errorf("an act is marked %.40q, which is not known here", marked)
		}
		if h.acted = append(h.acted, a); len(h.acted) > maxActed {
			h.acted = slices.Clone(h.acted[maxActed/5:])
			h.left += maxActed / 5
		}
	}
	return nil
}

// Now is what holds.
func (h *History) Now() Standing { return h.now }

// First is what held before the first change.
func (h *History) First() Standing { return h.first }

// Changes are all changes, oldest first.
func (h *History) Changes() []Change { return h.changes }

// Acted are the newest acts of persons, oldest first, and how many older ones
// are in the journal only.
func (h *History) Acted() (held []Acted, left int) { return h.acted, h.left }
