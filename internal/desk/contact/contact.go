// SPDX-License-Identifier: Apache-2.0

package contact

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The closed sets of the columns kind, level, outcome, attribution and asked.
const (
	KindContact    = "contact"
	KindInvitation = "invitation"
	KindTest       = "test"
	KindMeeting    = "meeting"
	KindVisit      = "visit"
	KindStatement  = "statement"
	KindIncident   = "incident"

	LevelPrincipal = "principal"
	LevelSenior    = "senior"
	LevelWorking   = "working"
	LevelWatch     = "watch"

	OutcomeHeld       = "held"
	OutcomeDelivered  = "delivered"
	OutcomeUnanswered = "unanswered"
	OutcomeDeclined   = "declined"
	OutcomeRedirected = "redirected"
	OutcomeCancelled  = "cancelled"
	OutcomeAnswered   = "answered"
	OutcomeUnknown    = "unknown"

	AskedOurs    = "ours"
	AskedTheirs  = "theirs"
	AskedUnknown = "unknown"
)

// Levels from the highest to the watch, as the brief lists them.
var Levels = []string{LevelPrincipal, LevelSenior, LevelWorking, LevelWatch}

var sets = map[string][]string{
	"kind":        {KindContact, KindInvitation, KindTest, KindMeeting, KindVisit, KindStatement, KindIncident},
	"level":       Levels,
	"outcome":     {OutcomeHeld, OutcomeDelivered, OutcomeUnanswered, OutcomeDeclined, OutcomeRedirected, OutcomeCancelled, OutcomeAnswered, OutcomeUnknown},
	"attribution": {"official", "record", "anonymous", "press"},
	"asked":       {AskedOurs, AskedTheirs, AskedUnknown},
}

// Time is a day or an hour; the zero Time is unknown. A day means the whole
// of it, in UTC.
type Time struct {
	At  time.Time
	Day bool
}

// Known reports whether there is a time at all.
func (t Time) Known() bool { return !t.At.IsZero() }

// Until is the last moment the time may mean: for a day, its end.
func (t Time) Until() time.Time {
	if t.Day {
		return t.At.Add(24*time.Hour - time.Second)
	}
	return t.At
}

// String writes the time as it is imported: a day, an RFC 3339 time, or
// nothing.
func (t Time) String() string {
	switch {
	case !t.Known():
		return ""
	case t.Day:
		return t.At.Format(time.DateOnly)
	}
	return t.At.Format(time.RFC3339)
}

// ParseTime reads a day or an RFC 3339 time.
func ParseTime(s string) (Time, bool) {
	if s == "" {
		return Time{}, true
	}
	if d, err := time.Parse(time.DateOnly, s); err == nil {
		return Time{At: d, Day: true}, true
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return Time{At: t.UTC()}, true
	}
	return Time{}, false
}

// Contact is one row: one account of one event.
type Contact struct {
	Date        Time
	Kind        string
	Level       string
	Ours        string // post of ours
	Theirs      string
	Channel     string
	Outcome     string
	Source      string
	Attribution string
	Note        string

	Asked        string
	Subject      string
	Area         string
	ReportedBy   string
	Published    Time
	Learned      Time
	SourcesCount int // accounts found, at least; 0: not given
	Quote        string
	Record       string // the record on this line that the row tells of, like blue/208

	// Imported is when the row came into the journal; no part of the row.
	Imported time.Time
}

// ID names a contact by its content, so that importing it again changes
// nothing.
func (c Contact) ID() string {
	sum := sha256.Sum256([]byte(strings.Join(c.fields(), "\x1f")))
	return hex.EncodeToString(sum[:8])
}

// KnownBy is when a fact can be known to a brief: when it was learned, else
// when it was published, else when it happened or, if that lies ahead of it,
// when it was imported: a plan is known before its day. An unknown time is
// known from the beginning.
func (c Contact) KnownBy() time.Time {
	for _, t := range []Time{c.Learned, c.Published} {
		if t.Known() {
			return t.At
		}
	}
	if !c.Imported.IsZero() && c.Date.At.After(c.Imported) {
		return c.Imported
	}
	return c.Date.At
}

// Spoke reports whether two posts really spoke.
func (c Contact) Spoke() bool {
	switch c.Kind {
	case KindContact, KindMeeting, KindVisit:
		return c.Outcome == OutcomeHeld
	case KindTest:
		return c.Outcome == OutcomeAnswered
	}
	return false
}

// Columns are the columns of the CSV in their usual order; the first ten are
// required.
var Columns = []string{
	"date", "kind", "level", "ours", "theirs", "channel", "outcome", "source", "attribution", "note",
	"asked", "subject", "area", "reported_by", "published", "learned", "sources_count", "quote", "record",
}

const required = 10

// Values gives what is known of a contact by column, as it is imported.
func (c Contact) Values() map[string]string {
	out := map[string]string{}
	for i, v := range c.fields() {
		if v != "" || i < required {
			out[Columns[i]] = v
		}
	}
	return out
}

func (c Contact) fields() []string {
	count := ""
	if c.SourcesCount > 0 {
		count = strconv.Itoa(c.SourcesCount)
	}
	return []string{
		c.Date.String(), c.Kind, c.Level, c.Ours, c.Theirs, c.Channel, c.Outcome, c.Source, c.Attribution, c.Note,
		c.Asked, c.Subject, c.Area, c.ReportedBy, c.Published.String(), c.Learned.String(), count, c.Quote, c.Record,
	}
}

// Set gives the values that a column may hold; nil: any.
func Set(column string) []string { return slices.Clone(sets[column]) }
