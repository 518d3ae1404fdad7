// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"openline/identity"
	"openline/record"
)

// Bounds of the specification (spec/agreement.md section 3).
const (
	Format     = 1
	MaxText    = 256 << 10
	MinParties = 2
	MaxParties = 60
)

// Error is a fault of an agreement text, at the line where it stands (0 when
// it concerns the text as a whole).
type Error struct {
	Line  int
	Field string
	Msg   string
}

func (e *Error) Error() string {
	switch {
	case e.Line > 0 && e.Field != "":
		return fmt.Sprintf("agreement line %d, %s: %s", e.Line, e.Field, e.Msg)
	case e.Line > 0:
		return fmt.Sprintf("agreement line %d: %s", e.Line, e.Msg)
	case e.Field != "":
		return fmt.Sprintf("agreement, %s: %s", e.Field, e.Msg)
	}
	return "agreement: " + e.Msg
}

// Party is one of the parties, in the order of the agreement. Number is
// permanent on the line.
type Party struct {
	Number record.PartyNo
	Name   identity.Party
	Short  string // how its records are named: "blue" in blue/412
	Title  string
	Key    identity.PartyKey
}

// Tests is the schedule of line tests, in UTC.
type Tests struct {
	Every    time.Duration   // one test each way every so often
	Offset   time.Duration   // after the full interval, counted from midnight UTC
	Answered []time.Duration // hours of the day at which a person answers
}

// Ceilings bound what a party may put on the line.
type Ceilings struct {
	Record           int           // bytes of a record's body
	RecordsPerMinute int           // of one party
	Attachments      int64         // bytes; 0: none
	Clock            time.Duration // the cap on any clock, closed hours included
	ClockDifference  time.Duration // how far the parties' clocks may differ
	TimedHead        time.Duration // interval of timed heads, at most 24 h
}

// Clause is one article of the agreement in words.
type Clause struct {
	ID    string `toml:"id"`
	Title string `toml:"title"`
	Text  string `toml:"text"`
}

// Agreement is one version of the text, parsed. It is not changed after
// Parse.
type Agreement struct {
	Version        uint32
	Line           identity.LineID
	Previous       [32]byte      // digest of the version before; zero for version 1
	Standing       record.Status // Actual or Exercise, for good
	Parties        []Party
	Languages      []string
	Catalogue      [32]byte // digest of the catalogue's manifest
	Extensions     []string // file names of catalogue extensions the manifest covers
	Tests          Tests
	Ceilings       Ceilings
	NeverSuspended []string
	NoticeDays     int
	Clauses        []Clause

	text string
}

// Text is the very text that is signed.
func (a *Agreement) Text() string { return a.text }

// Digest is SHA-256 of the text: what AD01 and the next version name.
func (a *Agreement) Digest() [32]byte { return sha256.Sum256([]byte(a.text)) }

// Party finds a party by its number.
func (a *Agreement) Party(no record.PartyNo) (Party, bool) {
	for _, p := range a.Parties {
		if p.Number == no {
			return p, true
		}
	}
	return Party{}, false
}

// ByName finds a party by its full name.
func (a *Agreement) ByName(name identity.Party) (Party, bool) {
	for _, p := range a.Parties {
		if p.Name == name {
			return p, true
		}
	}
	return Party{}, false
}

// ByShort finds a party by its short name or its full name.
func (a *Agreement) ByShort(name string) (Party, bool) {
	for _, p := range a.Parties {
		if p.Short == name || string(p.Name) == name {
			return p, true
		}
	}
	return Party{}, false
}

// lineID is the agreed slug and eight hex digits of the digest of version
// 1's text: two lines of one name are never confused.
func lineID(slug, text string) identity.LineID {
	sum := sha256.Sum256([]byte(text))
	return identity.LineID(slug + "-" + hex.EncodeToString(sum[:4]))
}

// Amends reports whether a is the next version of prev.
func (a *Agreement) Amends(prev *Agreement) error {
	switch {
	case a.Version != prev.Version+1:
		return &Error{Field: "version", Msg: fmt.Sprintf("is %d, the next version is %d", a.Version, prev.Version+1)}
	case a.Line != prev.Line:
		return &Error{Field: "line", Msg: fmt.Sprintf("is %s, an amendment keeps %s", a.Line, prev.Line)}
	case a.Previous != prev.Digest():
		return &Error{Field: "previous", Msg: "is not the digest of the version before"}
	case a.Standing != prev.Standing:
		return &Error{Field: "standing", Msg: "no amendment changes it"}
	}
	for _, old := range prev.Parties {
		now, ok := a.Party(old.Number)
		switch {
		case !ok:
			return &Error{Field: "party", Msg: fmt.Sprintf("%s (number %d) is gone; parties are permanent", old.Name, old.Number)}
		case now.Name != old.Name || now.Key != old.Key || now.Short != old.Short:
			return &Error{Field: "party", Msg: fmt.Sprintf("number %d was %s with another name or key; numbers and party keys are permanent", old.Number, old.Name)}
		}
	}
	return nil
}

// TestAfter is the first agreed time of a line test after t.
func (a *Agreement) TestAfter(t time.Time) time.Time {
	day := t.UTC().Truncate(24 * time.Hour)
	for next := day.Add(a.Tests.Offset); ; next = next.Add(a.Tests.Every) {
		if next.After(t) {
			return next
		}
	}
}

// AnsweredAfter is the first set time after t at which a person answers a
// test; zero if the agreement sets none.
func (a *Agreement) AnsweredAfter(t time.Time) time.Time {
	var best time.Time
	for _, at := range a.Tests.Answered {
		next := t.UTC().Truncate(24 * time.Hour).Add(at)
		if !next.After(t) {
			next = next.Add(24 * time.Hour)
		}
		if best.IsZero() || next.Before(best) {
			best = next
		}
	}
	return best
}

// History is every signed version of one line's agreement, in order.
type History struct{ versions []*Agreement }

// NewHistory checks that the versions follow each other from version 1.
func NewHistory(v1 *Agreement, later ...*Agreement) (*History, error) {
	if v1.Version != 1 {
		return nil, &Error{Field: "version", Msg: fmt.Sprintf("the first version is 1, not %d", v1.Version)}
	}
	h := &History{versions: []*Agreement{v1}}
	for _, a := range later {
		if err := a.Amends(h.Newest()); err != nil {
			return nil, err
		}
		h.versions = append(h.versions, a)
	}
	return h, nil
}

// Version gives one version, nil if there is none of that number.
func (h *History) Version(n uint32) *Agreement {
	if n < 1 || int(n) > len(h.versions) {
		return nil
	}
	return h.versions[n-1]
}

// All gives every version, oldest first.
func (h *History) All() []*Agreement { return h.versions }

// Newest is the newest version.
func (h *History) Newest() *Agreement { return h.versions[len(h.versions)-1] }

// Line is the id of the line.
func (h *History) Line() identity.LineID { return h.versions[0].Line }
