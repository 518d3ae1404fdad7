// SPDX-License-Identifier: Apache-2.0

package mandate

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"openline/catalogue"
	"openline/internal/desk"
	"openline/record"
)

// Standing is what holds on a line: a table and the alert state.
type Standing struct {
	Table  *Table
	State  string
	Serial uint64 // counts the changes; 0: the line's first table
}

// First is what holds where the journal has no word on it.
func First(t *Table) Standing { return Standing{Table: t, State: t.States[0]} }

// Digest names what holds: what two persons are shown when they change it.
func (s Standing) Digest() [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "openline/mandates/v1\n%d\n%s\n", s.Serial, s.State)
	h.Write([]byte(s.Table.text))
	return [32]byte(h.Sum(nil))
}

// Name says in a few words under what an act was sent: the alert state, the
// table, and how often they were changed.
func (s Standing) Name() string { return fmt.Sprintf("%s/%s/%d", s.State, s.Table.Name, s.Serial) }

// With gives what holds after a new table. The state in force must be one of
// its states.
func (s Standing) With(t *Table) (Standing, error) {
	if !slices.Contains(t.States, s.State) {
		return s, fmt.Errorf("the table has no alert state %s, which is in force; change the state first", s.State)
	}
	return Standing{t, s.State, s.Serial + 1}, nil
}

// In gives what holds in another alert state.
func (s Standing) In(state string) (Standing, error) {
	if !slices.Contains(s.Table.States, state) {
		return s, fmt.Errorf("%.40q is not one of this party's alert states; they are %s", state, strings.Join(s.Table.States, ", "))
	}
	return Standing{s.Table, state, s.Serial + 1}, nil
}

// Question is what someone wants to send.
type Question struct {
	Phrase     catalogue.Phrase
	Precedence record.Precedence
	// Holds finds out a condition; it is asked only where a rule needs it.
	Holds func(where string) bool
}

// Alone reports whether the watch may send it alone.
func (s Standing) Alone(q Question) bool {
	switch q.Phrase.Who {
	case catalogue.Watch, catalogue.Officer, catalogue.Principal:
	default:
		return false
	}
	return slices.ContainsFunc(s.Table.Alone, func(r Rule) bool { return r.gives(s.State, q) })
}

func (r Rule) gives(state string, q Question) bool {
	p := q.Phrase
	if len(r.States) > 0 && !slices.Contains(r.States, state) || slices.Contains(r.Except, p.Code) {
		return false
	}
	if r.Who == WhoWatch && p.Who != catalogue.Watch {
		return false
	}
	if len(r.Codes)+len(r.Classes) > 0 && !slices.Contains(r.Codes, p.Code) && !slices.Contains(r.Classes, p.Class) {
		return false
	}
	if r.UpTo != "" {
		// The higher the precedence, the smaller its number.
		if most, err := record.ParsePrecedence(r.UpTo); err != nil || q.Precedence < most {
			return false
		}
	}
	return r.Where == "" || q.Holds != nil && q.Holds(r.Where)
}

// saved is how what holds is kept as a fact beside the journal.
type saved struct {
	V      int    `json:"v"`
	Table  string `json:"table"`
	State  string `json:"state"`
	Serial uint64 `json:"serial"`
}

// Encode writes what holds, for the fact a station keeps beside the journal.
func (s Standing) Encode() ([]byte, error) {
	return desk.Write(saved{desk.Version, s.Table.text, s.State, s.Serial})
}

// Decode reads what Encode writes.
func Decode(b []byte) (Standing, error) {
	var v saved
	if err := desk.Read(b, &v); err != nil {
		return Standing{}, err
	}
	if v.V != desk.Version {
		return Standing{}, fmt.Errorf("version %d is not one this station reads", v.V)
	}
	t, err := Parse([]byte(v.Table))
	if err != nil {
		return Standing{}, err
	}
	if !slices.Contains(t.States, v.State) {
		return Standing{}, errors.New("the alert state is not one of the table's")
	}
	return Standing{t, v.State, v.Serial}, nil
}
