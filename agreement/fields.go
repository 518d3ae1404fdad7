// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openline/catalogue"
	"openline/identity"
	"openline/record"
)

func (r *reader) head() error {
	d, a := r.d, r.a
	if d.Openline != Format {
		return r.bad("", 0, "openline", "is %d, this station reads agreements of format %d", d.Openline, Format)
	}
	if d.Version < 1 || d.Version > 1<<31 {
		return r.bad("", 0, "version", "%d is not a version", d.Version)
	}
	a.Version = uint32(d.Version)
	if err := r.lineAndPrevious(); err != nil {
		return err
	}
	switch d.Standing {
	case "actual":
		a.Standing = record.Actual
	case "exercise":
		a.Standing = record.Exercise
	default:
		return r.bad("", 0, "standing", "is %q; write actual or exercise", d.Standing)
	}
	digest, err := digestOf(d.Catalogue)
	if err != nil {
		return r.bad("", 0, "catalogue", "%v", err)
	}
	a.Catalogue = digest
	if d.Notice < 1 || d.Notice > 3650 {
		return r.bad("", 0, "notice_days", "%d is not between 1 and 3650", d.Notice)
	}
	a.NoticeDays = d.Notice
	return nil
}

// lists reads languages, extensions and what is never suspended.
func (r *reader) lists() error {
	d, a := r.d, r.a
	for _, l := range []struct {
		key  string
		list []string
		most int
		ok   func(string) bool
		what string
	}{
		{"languages", d.Languages, 16, isLanguage, "a language tag like zh or pt-BR"},
		{"extensions", d.Extensions, 64, catalogue.IsFileName, "the name of a catalogue file"},
		{"never_suspended", d.Never, 16, catalogue.IsClass, "a class of traffic"},
	} {
		if len(l.list) > l.most {
			return r.bad("", 0, l.key, "has %d entries, at most %d are allowed", len(l.list), l.most)
		}
		for i, s := range l.list {
			if !l.ok(s) {
				return r.bad("", 0, l.key, "%q is not %s", s, l.what)
			}
			if slices.Contains(l.list[:i], s) {
				return r.bad("", 0, l.key, "%q stands twice", s)
			}
		}
	}
	if len(d.Languages) == 0 {
		return r.bad("", 0, "languages", "name at least one language")
	}
	for _, class := range Floor {
		if !slices.Contains(d.Never, class) {
			return r.bad("", 0, "never_suspended", "%q is missing; no agreement lets it be suspended", class)
		}
	}
	a.Languages, a.Extensions, a.NeverSuspended = d.Languages, d.Extensions, d.Never
	return nil
}

func isLanguage(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if len(part) < 1 || len(part) > 8 || i == 0 && len(part) < 2 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			return false
		}
	}
	return len(s) <= 16
}

func (r *reader) lineAndPrevious() error {
	d, a := r.d, r.a
	if a.Version == 1 {
		a.Line = lineID(d.Line, r.text)
		if d.Previous != "" {
			return r.bad("", 0, "previous", "version 1 follows no other")
		}
		if _, err := identity.ParseLineID(string(a.Line)); err != nil {
			return r.bad("", 0, "line", "%q is not a line's short name: write small letters and digits, a letter first, at most 31", d.Line)
		}
	} else {
		a.Line = identity.LineID(d.Line)
		var err error
		if a.Previous, err = digestOf(d.Previous); err != nil {
			return r.bad("", 0, "previous", "%v", err)
		}
	}
	if _, err := identity.ParseLineID(string(a.Line)); err != nil {
		return r.bad("", 0, "line", "%v", err)
	}
	return nil
}

func digestOf(s string) (d [32]byte, err error) {
	h, ok := strings.CutPrefix(s, "sha256:")
	raw, err := hex.DecodeString(h)
	if !ok || err != nil || len(raw) != 32 || hex.EncodeToString(raw) != h {
		return d, errors.New(`write "sha256:" and 64 lower-case hex digits`)
	}
	return [32]byte(raw), nil
}

func (r *reader) parties() error {
	n := len(r.d.Parties)
	if n < MinParties || n > MaxParties {
		return &Error{Field: "party", Msg: fmt.Sprintf("an agreement has %d to %d parties, this one %d", MinParties, MaxParties, n)}
	}
	for i, p := range r.d.Parties {
		party, err := r.party(i, p)
		if err != nil {
			return err
		}
		r.a.Parties = append(r.a.Parties, party)
	}
	return nil
}

func (r *reader) party(i int, p partyDoc) (Party, error) {
	name, err := identity.ParseParty(p.Name)
	if err != nil {
		return Party{}, r.bad("party", i, "name", "%v", err)
	}
	if p.Number < 1 || p.Number > MaxParties {
		return Party{}, r.bad("party", i, "number", "%d is not between 1 and %d", p.Number, MaxParties)
	}
	if !isShort(p.Short) {
		return Party{}, r.bad("party", i, "short", "%q: lower-case letters and digits, at most 20, a letter first", p.Short)
	}
	if !isLine(p.Title, 200) {
		return Party{}, r.bad("party", i, "title", "name the organisation on one line, in at most 200 bytes")
	}
	for _, q := range r.a.Parties {
		switch {
		case q.Name == name:
			return Party{}, r.bad("party", i, "name", "%s is party %d already", name, q.Number)
		case int64(q.Number) == p.Number:
			return Party{}, r.bad("party", i, "number", "%d is the number of %s", p.Number, q.Name)
		case q.Short == p.Short:
			return Party{}, r.bad("party", i, "short", "%s is the short name of %s", p.Short, q.Name)
		}
	}
	key, err := r.partyKey(i, p, name)
	return Party{Number: record.PartyNo(p.Number), Name: name, Short: p.Short, Title: p.Title, Key: key}, err
}

func (r *reader) partyKey(i int, p partyDoc, name identity.Party) (identity.PartyKey, error) {
	key, err := identity.ParsePartyKey(p.Key)
	if err != nil {
		return key, r.bad("party", i, "key", "%v", err)
	}
	for _, q := range r.a.Parties {
		if q.Key == key {
			return key, r.bad("party", i, "key", "is the key of %s", q.Name)
		}
	}
	if words := key.Fingerprint(name).String(); p.Fingerprint != words {
		return key, r.bad("party", i, "fingerprint", "is not that of the key, which reads %s", words)
	}
	return key, nil
}

func isShort(s string) bool {
	for i, c := range s {
		if !(c >= 'a' && c <= 'z') && (i == 0 || !(c >= '0' && c <= '9')) {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 20
}

func (r *reader) schedule() error {
	t := &r.a.Tests
	var err error
	if t.Every, err = r.duration("tests", "every", r.d.Tests.Every, 10*time.Minute, 24*time.Hour); err != nil {
		return err
	}
	if (24*time.Hour)%t.Every != 0 {
		return r.bad("tests", 0, "every", "%s does not divide the day", r.d.Tests.Every)
	}
	if t.Offset, err = r.duration("tests", "offset", r.d.Tests.Offset, 0, t.Every-time.Minute); err != nil {
		return err
	}
	if len(r.d.Tests.Answered) > 24 {
		return r.bad("tests", 0, "answered", "names %d hours, at most 24 are allowed", len(r.d.Tests.Answered))
	}
	for i, s := range r.d.Tests.Answered {
		at, err := time.Parse("15:04", s)
		if err != nil || at.Format("15:04") != s || slices.Contains(r.d.Tests.Answered[:i], s) {
			return r.bad("tests", 0, "answered", "%q is not an hour like 09:30, or stands twice", s)
		}
		t.Answered = append(t.Answered, time.Duration(at.Hour())*time.Hour+time.Duration(at.Minute())*time.Minute)
	}
	return nil
}

func (r *reader) duration(table, key, s string, low, high time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, r.bad(table, 0, key, "%q is not a length of time like 10m or 48h", s)
	}
	if d < low || d > high || d%time.Second != 0 {
		return 0, r.bad(table, 0, key, "%s is not between %s and %s in whole seconds", s, Length(low), Length(high))
	}
	return d, nil
}

func (r *reader) ceilings() error {
	c, d := &r.a.Ceilings, r.d.Ceilings
	for _, n := range []struct {
		key       string
		v         int64
		low, high int64
	}{{"record_bytes", d.Record, 4096, 512 << 10}, {"records_per_minute", d.RecordsPerMinute, 10, 10_000_000}, {"attachment_bytes", d.Attachments, 0, MaxAttachments}} {
		if n.v < n.low || n.v > n.high {
			return r.bad("ceilings", 0, n.key, "%d is not between %d and %d", n.v, n.low, n.high)
		}
	}
	c.Record, c.RecordsPerMinute, c.Attachments = int(d.Record), int(d.RecordsPerMinute), d.Attachments
	var err error
	if c.Clock, err = r.duration("ceilings", "clock", d.Clock, time.Hour, 90*24*time.Hour); err != nil {
		return err
	}
	if c.ClockDifference, err = r.duration("ceilings", "clock_difference", d.ClockDifference, 10*time.Second, time.Hour); err != nil {
		return err
	}
	c.TimedHead, err = r.duration("ceilings", "timed_head", d.TimedHead, 10*time.Second, 24*time.Hour)
	return err
}

func (r *reader) clauses() error {
	for i, c := range r.d.Clauses {
		_, hidden := unseen(strings.ReplaceAll(c.Text, "\n", " "))
		switch {
		case !isClauseID(c.ID):
			return r.bad("clause", i, "id", "%q: write small letters, digits and hyphens, at most 32", c.ID)
		case slices.ContainsFunc(r.d.Clauses[:i], func(o Clause) bool { return o.ID == c.ID }):
			return r.bad("clause", i, "id", "%s stands twice", c.ID)
		case !isLine(c.Title, 200):
			return r.bad("clause", i, "title", "write one line of at most 200 bytes")
		case strings.TrimSpace(c.Text) == "" || hidden:
			return r.bad("clause", i, "text", "is empty, or holds characters nobody sees")
		}
	}
	for _, id := range RequiredClauses {
		if !slices.ContainsFunc(r.d.Clauses, func(c Clause) bool { return c.ID == id }) {
			return &Error{Field: "clause", Msg: fmt.Sprintf("the clause %q is missing", id)}
		}
	}
	r.a.Clauses = r.d.Clauses
	return nil
}

func isClauseID(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// Length writes a duration as a person does: 168h, not 168h0m0s.
func Length(d time.Duration) string {
	s := strings.TrimSuffix(d.String(), "m0s")
	if s != d.String() {
		s += "m"
	}
	if h, ok := strings.CutSuffix(s, "h0m"); ok {
		return h + "h"
	}
	return s
}
