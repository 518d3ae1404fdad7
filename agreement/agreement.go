// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"openline/catalogue"
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

// Floor are the classes of traffic that no agreement lets be suspended.
var Floor = []string{"test", "distress", "accident", "resumption"}

// RequiredClauses are the articles every agreement has; the parties word
// them as they like.
var RequiredClauses = []string{"disclosure", "retention", "status", "effect", "ending"}

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
	Attachments      int64         // bytes of one record's attachments together; 0: none are carried
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

// Amends reports whether a is the next version of prev. Its errors are of
// type [*Error].
func (a *Agreement) Amends(prev *Agreement) error {
	bad := func(key, format string, args ...any) error {
		return faultAt(a.text, "", 0, key, fmt.Sprintf(format, args...))
	}
	switch {
	case a.Version != prev.Version+1:
		return bad("version", "is %d, the next version is %d", a.Version, prev.Version+1)
	case a.Line != prev.Line:
		return bad("line", "is %s, an amendment keeps %s", a.Line, prev.Line)
	case a.Previous != prev.Digest():
		return bad("previous", "is not the digest of version %d", prev.Version)
	case a.Standing != prev.Standing:
		return bad("standing", "is %s, it was %s; no amendment changes it", a.Standing, prev.Standing)
	}
	for _, old := range prev.Parties {
		i := slices.IndexFunc(a.Parties, func(p Party) bool { return p.Number == old.Number })
		if i < 0 {
			return &Error{Field: "party", Msg: fmt.Sprintf("%s (number %d) is gone; parties are permanent", old.Name, old.Number)}
		}
		now := a.Parties[i]
		for _, f := range []struct {
			key  string
			same bool
		}{{"name", now.Name == old.Name}, {"short", now.Short == old.Short}, {"key", now.Key == old.Key}} {
			if !f.same {
				return faultAt(a.text, "party", i, f.key, fmt.Sprintf("party %d is %s with another %s; numbers, names and party keys are permanent", old.Number, old.Name, f.key))
			}
		}
	}
	return nil
}

// OpenCatalogue loads the catalogue this agreement names: the base with just
// the extension files it lists, and refuses any other digest.
func (a *Agreement) OpenCatalogue(base *catalogue.Catalogue, extensions map[string][]byte) (*catalogue.Catalogue, error) {
	for _, name := range a.Extensions {
		if _, ok := extensions[name]; !ok {
			return nil, fmt.Errorf("the agreement names the catalogue file %s, which is not at hand", name)
		}
	}
	if len(extensions) != len(a.Extensions) {
		return nil, fmt.Errorf("the agreement names %d catalogue extension files, %d are at hand", len(a.Extensions), len(extensions))
	}
	c, err := catalogue.Extend(base, extensions)
	if err != nil {
		return nil, err
	}
	if got := c.Digest(); got != a.Catalogue {
		return nil, fmt.Errorf("the catalogue at hand is sha256:%x, the agreement names sha256:%x", got, a.Catalogue)
	}
	for _, l := range a.Languages {
		if _, ok := c.Language(l); !ok {
			return nil, fmt.Errorf("the agreement names the language %s, in which the catalogue does not render", l)
		}
	}
	return c, nil
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
